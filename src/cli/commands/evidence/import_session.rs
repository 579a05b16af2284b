//! `promote evidence import --kind shadow|testnet|live`: one session of another system as a bundle.
//!
//! What ran is taken, byte for byte, from the bundle that was promoted (`--like`), so that both are
//! about the same configuration and limits. The series, orders, trades and events come from files.

use std::path::Path;

use crate::app::evidence::import::basis_points;
use crate::app::evidence::{engine, load_files, policies, refused, write};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::context::Context;
use crate::evidence::bundle::{self, Built};
use crate::evidence::derive::derive;
use crate::evidence::import::Tool;
use crate::evidence::manifest::{Conventions, EvidenceKind, Valuation};
use crate::evidence::series::FullSeries;
use crate::evidence::session_bundle::{self, Frame, SessionError, SessionPart};
use crate::evidence::{events, orders, path, returns_csv, trades};
use crate::kernel::canonical::{self, DOCUMENT_MAX_BYTES};
use crate::kernel::decimal::Decimal;
use crate::metrics::periods::periods_per_year;

use super::import::{ImportArgs, check_ranges, read};

/// Imports one session.
///
/// # Errors
/// When a flag is missing or does not belong here, a file is invalid, the promoted bundle is about
/// another portfolio, or the directory exists.
pub fn run(
    args: &ImportArgs,
    kind: EvidenceKind,
    context: &mut Context<'_, '_>,
) -> Result<Exit, Failure> {
    check_ranges(args)?;
    let (id, like, orders, trades_file) = required(args)?;
    let (files, promoted) = load_files(&context.path(like))?;
    let portfolio = promoted.manifest.portfolio.clone();
    let other = args
        .profile
        .as_ref()
        .is_some_and(|p| *p != portfolio.profile);
    if portfolio.id != args.portfolio || other {
        let message = format!(
            "the bundle `{}` is about `{}` ({})",
            like.display(),
            portfolio.id,
            portfolio.profile
        );
        return Err(Failure::new(
            Exit::Invalid,
            "evidence.other-portfolio",
            message,
        ));
    }
    let workspace = context.workspace_or_defaults()?;
    let gate = policies::conventions(workspace.as_ref(), &portfolio.profile)?;
    let part = SessionPart {
        id,
        series: series(args, context)?,
        trades: read(context, trades_file, trades::decode)?,
        orders: read(context, orders, orders::decode)?,
        events: match &args.events {
            Some(file) => read(context, file, events::decode)?,
            None => Vec::new(),
        },
    };
    let json = |path: &'static str| {
        let bytes = files.get(path).map_or(&[][..], Vec::as_slice);
        canonical::decode(bytes, DOCUMENT_MAX_BYTES)
            .map_err(|e| Failure::from_error(Exit::Invalid, "evidence.malformed", path, &e))
    };
    let frame = Frame {
        kind,
        producer: None,
        portfolio,
        strategy: json(path::STRATEGY)?,
        limits: json(path::LIMITS)?,
        engine: engine(),
        data: Vec::new(),
        conventions: conventions(args, &part.series),
    };
    let now = super::now(context)?;
    let built = session_bundle::build(&frame, &[part], &gate, now).map_err(|e| failure(&e))?;
    finish(args, &built, &gate, context)
}

fn finish(
    args: &ImportArgs,
    built: &Built,
    gate: &crate::evidence::conventions::GateConventions,
    context: &mut Context<'_, '_>,
) -> Result<Exit, Failure> {
    let files = built.files.iter().cloned().collect();
    let checked = bundle::check(&files).map_err(|e| refused(&e))?;
    let derived = derive(&checked, gate, super::now(context)?);
    write(&context.path(&args.out), &built.files)?;
    super::told_bundle(context, &args.out, &checked, &derived)?;
    context.say("written");
    Ok(Exit::Done)
}

/// The flags that a session needs, after those that it cannot have.
fn required(args: &ImportArgs) -> Result<(String, &Path, &Path, &Path), Failure> {
    let usage = |message: String| Failure::new(Exit::Usage, "usage.session", message);
    if args.tool.tool() != Tool::ReturnsCsv {
        return Err(usage(
            "a session is read with --tool returns-csv: dates and returns, orders, trades"
                .to_owned(),
        ));
    }
    let strangers = [
        ("--positions", args.positions.is_some()),
        ("--stats", args.stats.is_some()),
        ("--developed-until", args.developed_until.is_some()),
        ("--config-file", args.config_file.is_some()),
        ("--strategy", args.strategy.is_some()),
        ("--capital", args.capital.is_some()),
        ("--sample", args.sample.is_some()),
    ];
    if let Some((flag, _)) = strangers.iter().find(|(_, given)| *given) {
        let message = format!("{flag} does not belong to a session: the promoted bundle says it");
        return Err(usage(message));
    }
    let wanted = |flag: &str| usage(format!("a session needs {flag}"));
    Ok((
        args.session.clone().ok_or_else(|| wanted("--session ID"))?,
        args.like
            .as_deref()
            .ok_or_else(|| wanted("--like DIR, the bundle that was promoted"))?,
        args.orders
            .as_deref()
            .ok_or_else(|| wanted("--orders FILE"))?,
        args.trades
            .as_deref()
            .ok_or_else(|| wanted("--trades FILE"))?,
    ))
}

/// The session's series: a table in the form of `series/full.csv`, or dates and returns.
fn series(args: &ImportArgs, context: &Context<'_, '_>) -> Result<FullSeries, Failure> {
    read(context, &args.file, |bytes| {
        if bytes.starts_with(b"time,return,equity") {
            return FullSeries::decode(bytes);
        }
        let returns = returns_csv::parse(bytes)?;
        Ok(FullSeries::new(returns.times, returns.returns, Vec::new()))
    })
}

fn conventions(args: &ImportArgs, series: &FullSeries) -> Conventions {
    let looked_up = periods_per_year(&series.times).ok();
    let looked_up = looked_up.and_then(|q| Decimal::from_f64(q).ok());
    let stated = args.periods_per_year.clone();
    Conventions {
        periods_per_year: stated.or(looked_up).unwrap_or_else(Decimal::zero),
        risk_free: Decimal::zero(),
        ddof: 1,
        fill: "unknown".to_owned(),
        fee: basis_points(args.fee_bps.as_ref()),
        slippage: basis_points(args.slippage_bps.as_ref()),
        valuation: Valuation::Market,
    }
}

fn failure(error: &SessionError) -> Failure {
    match error {
        SessionError::Bundle(error) => refused(error),
        other => Failure::from_error(Exit::Invalid, "evidence.session", "", other),
    }
}
