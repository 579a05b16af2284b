//! `promote session evidence`: all sessions of a stage as one bundle.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use crate::app::config::Config;
use crate::app::evidence::sealing::Sealed;
use crate::app::evidence::{refused, write};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::desk::Desk;
use crate::app::gate::failures;
use crate::app::gate::session_evidence::{Wanted, join};
use crate::app::runtime::block_on;
use crate::cli::commands::evidence::sealing::{SealingArgs, UNSIGNED, told_waiting};
use crate::cli::commands::evidence::told_bundle;
use crate::cli::commands::gate::open::when;
use crate::cli::context::Context;
use crate::cli::pasted::word;
use crate::evidence::bundle;
use crate::evidence::derive::derive_given;
use crate::governance::promotion::next::request_above;
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::tracks::beside::given;
use crate::governance::stage::Target;
use crate::kernel::id::{PortfolioId, SessionId};
use crate::kernel::text::visible;

/// Flags of `session evidence`.
#[derive(Debug, Args)]
pub struct EvidenceArgs {
    /// Portfolio
    pub portfolio: PortfolioId,
    /// `shadow`, `testnet` or `live`: the stage that it is in
    #[arg(long, value_name = "STAGE")]
    pub stage: Target,
    /// Folder with the log of a session; every session with bars is wanted, failed ones too
    #[arg(long, value_name = "SESSION=DIR")]
    pub import: Vec<String>,
    /// Directory for the bundle; it may not exist
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Signature of the bundle
    #[command(flatten)]
    pub sealing: SealingArgs,
}

/// Joins the sessions of a stage into a bundle.
///
/// # Errors
/// When a log is missing or not the one that was committed.
pub fn run(args: &EvidenceArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let mut logs = BTreeMap::new();
    for import in &args.import {
        let (session, folder) = named(import)?;
        logs.insert(session, context.path(&folder));
    }
    let path = context.ledger_path()?;
    let when = when(context)?;
    let workspace = context.workspace()?;
    let configured = Config::load(Some(&workspace), None)?
        .identity_key
        .map(|key| workspace.resolve(&key));
    let sealing = args.sealing.sealing(configured, context)?;
    let (desk, built) = block_on(async {
        let mut desk = Desk::read(&path, when).await?;
        let wanted = Wanted {
            portfolio: args.portfolio.clone(),
            stage: args.stage.stage(),
            logs,
            producer: sealing.producer(),
            produced_at: sealing.produced_at(desk.now),
        };
        let built = join(&mut desk, &wanted).await?;
        Ok((desk, built))
    })?;
    let (sealed, signed) = match sealing.seal(&built)? {
        Sealed::Files { files, signed } => (files, signed),
        Sealed::Waiting(file) => return Ok(told_waiting(context, &file)),
    };
    let files = sealed.iter().cloned().collect();
    let checked = bundle::check(&files).map_err(|e| refused(&e))?;
    let profile = &checked.manifest.portfolio.profile;
    let policy = desk.state.policy.policy(profile).ok_or_else(|| {
        failures::refused(&Refusal::NoPolicy {
            profile: profile.clone(),
        })
    })?;
    let strategy = checked.manifest.strategy_sha256;
    let known = given(&desk.state, &args.portfolio, strategy, 0, u64::MAX);
    let derived = derive_given(&checked, &policy.conventions, desk.now, &known);
    write(&context.path(&args.out), &sealed)?;
    told_bundle(context, &args.out, &checked, &derived)?;
    if !signed {
        context.say(UNSIGNED);
    }
    let out = word(&visible(&args.out.display().to_string(), 400));
    let next = request_above(&args.portfolio, args.stage.stage(), &out);
    context.say(&format!("next: {next}"));
    Ok(Exit::Done)
}

fn named(import: &str) -> Result<(SessionId, PathBuf), Failure> {
    let wrong = || {
        let text = format!("`{}` is not SESSION=DIR", visible(import, 120));
        Failure::new(Exit::Usage, "usage.import", text)
            .hint("`promote session list` shows the sessions")
    };
    let (session, folder) = import.split_once('=').ok_or_else(wrong)?;
    let session = SessionId::new(session).map_err(|_| wrong())?;
    Ok((session, PathBuf::from(folder)))
}
