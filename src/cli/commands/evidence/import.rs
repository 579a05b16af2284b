//! `promote evidence import`: another tool's series as a bundle of kind `import`, or one session of
//! another system (see [`super::import_session`]).

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::sealing::{SealingArgs, UNSIGNED, told_waiting};
use crate::app::config::Config;
use crate::app::evidence::import::{self, OutOfSample, Statement};
use crate::app::evidence::sealing::Sealed;
use crate::app::evidence::{policies, refused, write};
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::cli::commands::gate::open::moment;
use crate::cli::context::Context;
use crate::cli::pasted::word;
use crate::evidence::bundle::{self, build};
use crate::evidence::derive::derive;
use crate::evidence::manifest::{EvidenceKind, PortfolioRef};
use crate::evidence::table::TableError;
use crate::kernel::decimal::Decimal;
use crate::kernel::id::{PortfolioId, ProfileId};
use crate::kernel::text::visible;

use super::import_inputs::{self, ToolArg};
use super::import_session;

/// Flags of `evidence import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// File that the tool wrote
    pub file: PathBuf,
    /// Tool that wrote it
    #[arg(long)]
    pub tool: ToolArg,
    /// Portfolio that the series belongs to
    #[arg(long, value_name = "NAME")]
    pub portfolio: PortfolioId,
    /// Risk profile [default: that of the portfolio in config/portfolio_recipes.toml]
    #[arg(long, value_name = "NAME")]
    pub profile: Option<ProfileId>,
    /// Configuration that produced the series: TOML, or JSON when the name ends so
    #[arg(long, value_name = "FILE")]
    pub config_file: Option<PathBuf>,
    /// Name of the strategy; where the file holds several, the one that is meant [default: the
    /// portfolio's, or the only one in the file]
    #[arg(long, value_name = "NAME")]
    pub strategy: Option<String>,
    /// What the series is: a backtest, or one session of a stage
    #[arg(long, default_value = "import")]
    pub kind: KindArg,
    /// Id of the session, as its ledger entries name it
    #[arg(long, value_name = "ID")]
    pub session: Option<String>,
    /// Bundle that was promoted: the session ran its configuration under its limits
    #[arg(long, value_name = "DIR")]
    pub like: Option<PathBuf>,
    /// What the file holds: everything, or only out-of-sample results [default: full]
    #[arg(long, conflicts_with = "developed_until")]
    pub sample: Option<SampleArg>,
    /// Last day of development; the rows after it are out of sample too
    #[arg(long, value_name = "DATE")]
    pub developed_until: Option<String>,
    /// Periods per year that the tool used; a claim, the gate looks its own up
    #[arg(long, value_name = "N")]
    pub periods_per_year: Option<Decimal>,
    /// Fee per side that the series contains, basis points [default: 0]
    #[arg(long, value_name = "N")]
    pub fee_bps: Option<Decimal>,
    /// Slippage per side that the series contains, basis points [default: 0]
    #[arg(long, value_name = "N")]
    pub slippage_bps: Option<Decimal>,
    /// Trades: a table of the columns of trades.csv, or the tool's own (backtesting.py, vectorbt)
    #[arg(long, value_name = "FILE")]
    pub trades: Option<PathBuf>,
    /// Positions, as pyfolio takes them or NautilusTrader reports them
    #[arg(long, value_name = "FILE")]
    pub positions: Option<PathBuf>,
    /// Figures that the tool printed (CSV, JSON or text): kept as claimed, compared with the series
    #[arg(long, value_name = "FILE")]
    pub stats: Option<PathBuf>,
    /// Orders of a session, as a table of the columns of orders.csv
    #[arg(long, value_name = "FILE")]
    pub orders: Option<PathBuf>,
    /// Events of a session, as a table of the columns of events.csv [default: none happened]
    #[arg(long, value_name = "FILE")]
    pub events: Option<PathBuf>,
    /// Money with which the account started: what the trades' pnl is measured against [default: what
    /// the file says, or 1]
    #[arg(long, value_name = "N")]
    pub capital: Option<Decimal>,
    /// New directory for the bundle
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Signature
    #[command(flatten)]
    pub sealing: SealingArgs,
}

/// What a series is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KindArg {
    /// Another tool's backtest.
    Import,
    /// A shadow session.
    Shadow,
    /// A testnet session.
    Testnet,
    /// A live session.
    Live,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SampleArg {
    /// The whole backtest.
    Full,
    /// Out-of-sample results only.
    Oos,
}

/// Imports a series.
///
/// # Errors
/// When a file is invalid, the profile is unknown, or the directory exists.
pub fn run(args: &ImportArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match args.kind {
        KindArg::Import => {}
        KindArg::Shadow => return import_session::run(args, EvidenceKind::Shadow, context),
        KindArg::Testnet => return import_session::run(args, EvidenceKind::Testnet, context),
        KindArg::Live => return import_session::run(args, EvidenceKind::Live, context),
    }
    not_of_a_session(args)?;
    let workspace = context.workspace_or_defaults()?;
    let profile = match (&args.profile, &workspace) {
        (Some(profile), _) => Some(profile.clone()),
        (None, Some(workspace)) => policies::profile_of(workspace, &args.portfolio)?,
        (None, None) => None,
    };
    let profile = profile.ok_or_else(|| {
        let message = format!("the risk profile of `{}` is not known", args.portfolio);
        Failure::new(Exit::Usage, "usage.profile", message)
            .hint("name it with --profile conservative, moderate or aggressive")
    })?;
    let gate = policies::conventions(workspace.as_ref(), &profile)?;
    let statement = statement(args, profile, context)?;
    let moment = moment(context)?;
    let mut given = import_inputs::read_given(args, &statement.strategy, context)?;
    if moment.ends_here {
        let gone = import::until(moment.now, &mut given)?;
        if gone > 0 {
            let now = moment.now;
            context.say(&format!(
                "note: {gone} rows lie after {now}, which is now, and were left out"
            ));
        }
    }
    let configured = match &workspace {
        Some(workspace) => Config::load(Some(workspace), None)?
            .identity_key
            .map(|key| workspace.resolve(&key)),
        None => None,
    };
    let sealing = args.sealing.sealing(configured, context)?;
    let (mut parts, remarks) = import::parts(&statement, given)?;
    parts.producer = sealing.producer();
    let now = sealing.produced_at(moment.now);
    let built = build(&parts, &gate, now).map_err(|e| refused(&e))?;
    let (sealed, signed) = match sealing.seal(&built)? {
        Sealed::Files { files, signed } => (files, signed),
        Sealed::Waiting(file) => return Ok(told_waiting(context, &file)),
    };
    let files = sealed.iter().cloned().collect();
    let checked = bundle::check(&files).map_err(|e| refused(&e))?;
    let derived = derive(&checked, &gate, now);
    write(&context.path(&args.out), &sealed)?;
    super::told_bundle(context, &args.out, &checked, &derived)?;
    for remark in &remarks {
        context.say(&format!("note: {}", visible(remark, 400)));
    }
    if !signed {
        context.say(UNSIGNED);
    }
    context.say(&format!(
        "written\nnext: promote check {} --target shadow --evidence {}",
        args.portfolio,
        word(&visible(&args.out.display().to_string(), 400))
    ));
    Ok(Exit::Done)
}

fn not_of_a_session(args: &ImportArgs) -> Result<(), Failure> {
    let given = [
        ("--session", args.session.is_some()),
        ("--like", args.like.is_some()),
        ("--orders", args.orders.is_some()),
        ("--events", args.events.is_some()),
    ];
    match given.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((flag, _)) => {
            let message = format!("{flag} belongs to a session");
            Err(Failure::new(Exit::Usage, "usage.session", message)
                .hint("name its stage with --kind shadow, testnet or live"))
        }
    }
}

/// Refuses numbers that make no sense.
pub(super) fn check_ranges(args: &ImportArgs) -> Result<(), Failure> {
    for (flag, value) in [
        ("--periods-per-year", &args.periods_per_year),
        ("--fee-bps", &args.fee_bps),
        ("--slippage-bps", &args.slippage_bps),
        ("--capital", &args.capital),
    ] {
        let (lowest, wanted) = if flag.ends_with("bps") {
            (0, "at least 0")
        } else {
            (1, "above 0")
        };
        if value.as_ref().is_some_and(|v| v.signum() < lowest) {
            let message = format!("{flag} must be {wanted}");
            return Err(Failure::new(Exit::Usage, "usage.range", message));
        }
    }
    Ok(())
}

fn statement(
    args: &ImportArgs,
    profile: ProfileId,
    context: &Context<'_, '_>,
) -> Result<Statement, Failure> {
    check_ranges(args)?;
    let oos = match (args.sample, &args.developed_until) {
        (Some(SampleArg::Oos), _) => OutOfSample::Declared,
        (_, Some(text)) => OutOfSample::After(import::end_of_development(text)?),
        (_, None) => OutOfSample::None,
    };
    Ok(Statement {
        tool: args.tool.tool(),
        portfolio: PortfolioRef {
            id: args.portfolio.clone(),
            profile,
        },
        strategy: import_inputs::strategy_id(args)?,
        configuration: match &args.config_file {
            Some(file) => import::configuration(&context.path(file))?,
            None => serde_json::Value::Null,
        },
        oos,
        periods_per_year: args.periods_per_year.clone(),
        fee_bps: args.fee_bps.clone(),
        slippage_bps: args.slippage_bps.clone(),
        capital: args.capital.clone(),
    })
}

/// Reads a file that a person named.
pub(super) fn read<T>(
    context: &Context<'_, '_>,
    file: &Path,
    parse: impl FnOnce(&[u8]) -> Result<T, TableError>,
) -> Result<T, Failure> {
    let path = context.path(file);
    let bytes = std::fs::read(&path).map_err(|e| failure::io("read", &path, &e))?;
    parse(&bytes).map_err(|e| {
        let doing = format!("could not import `{}`", file.display());
        Failure::from_error(Exit::Invalid, "evidence.import", &doing, &e)
    })
}
