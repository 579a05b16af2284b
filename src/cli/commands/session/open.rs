//! `promote session open`: a session of our own or of an outside system begins.

use clap::{Args, ValueEnum};

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::tracking;
use crate::cli::commands::gate::recorded::carry_out;
use crate::cli::commands::session::by::ByArgs;
use crate::cli::context::Context;
use crate::governance::promotion::tracks::session::Place;
use crate::governance::stage::Target;
use crate::kernel::id::PortfolioId;

/// Flags of `session open`.
#[derive(Debug, Args)]
pub struct OpenArgs {
    /// Portfolio; it runs with the strategy that its stage was granted for
    pub portfolio: PortfolioId,
    /// Stage of the version that runs; wanted while a changed version climbs below the running one
    #[arg(long, value_name = "STAGE")]
    pub stage: Option<Target>,
    /// Where orders go
    #[arg(long, value_name = "WHERE")]
    pub environment: Environment,
    /// Program that runs the session
    #[arg(long, value_name = "TEXT")]
    pub system: String,
    /// Length of a bar, such as 1h or 1d
    #[arg(long, value_name = "LENGTH")]
    pub timeframe: String,
    /// Who signs
    #[command(flatten)]
    pub by: ByArgs,
}

/// Where a session sends its orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Environment {
    /// The simulated exchange; sandboxes only.
    Simulated,
    /// An exchange's test network.
    Testnet,
    /// An exchange.
    Production,
}

/// Opens a session.
///
/// # Errors
/// When it is refused.
pub fn run(args: &OpenArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let bar_ms = tracking::bar_length(&args.timeframe)?;
    let place = match args.environment {
        Environment::Simulated => Place::Simulated,
        Environment::Testnet => Place::Testnet,
        Environment::Production => Place::Production,
    };
    let signing = args.by.signing(context)?;
    let stage = args.stage.map(Target::stage);
    carry_out(context, &signing, |desk| {
        let (id, deed) =
            tracking::open(desk, (&args.portfolio, stage), place, &args.system, bar_ms)?;
        Ok((id.to_string(), deed))
    })
}
