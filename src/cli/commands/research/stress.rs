//! `promote research stress`: the best candidates of a sweep under stress.

use clap::Args;

use super::candidate_args::{CandidateArgs, fraction};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::stress::{self, printed};
use crate::cli::commands::robustness::{StressName, StressPosition};
use crate::cli::context::Context;
use crate::kernel::decimal::Decimal;
use crate::research::robustness::options::{Scenario, StressOptions};

/// Flags of `research stress`.
#[derive(Debug, Args)]
pub struct StressArgs {
    #[command(flatten)]
    pub(super) candidates: CandidateArgs,
    /// How many of the best
    #[arg(short = 'n', long, value_name = "N", default_value_t = 3,
        value_parser = clap::value_parser!(u16).range(1..=100))]
    top_n: u16,
    /// Scenarios [default: all of them]
    #[arg(long, value_name = "NAME", num_args = 1..)]
    scenarios: Vec<StressName>,
    /// Severity, a fraction: 0.25 is 25 %
    #[arg(long, value_name = "X", default_value = "0.2", value_parser = fraction)]
    severity: Decimal,
    /// Window in bars, for scenarios that last
    #[arg(long, value_name = "N", default_value_t = 5,
        value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
    window: i64,
    /// Where the scenarios strike
    #[arg(long, value_name = "WHERE", default_value = "middle")]
    position: StressPosition,
    /// Seed, recorded; every scenario is deterministic
    #[arg(long, value_name = "N", default_value_t = 42, allow_negative_numbers = true,
        value_parser = clap::value_parser!(i64).range(-9_007_199_254_740_991..=9_007_199_254_740_991))]
    seed: i64,
}

/// The scenarios that were named, each once.
pub(super) fn distinct(names: &[StressName]) -> Vec<Scenario> {
    let mut scenarios = Vec::new();
    for name in names {
        let scenario = name.scenario();
        if !scenarios.contains(&scenario) {
            scenarios.push(scenario);
        }
    }
    scenarios
}

impl StressArgs {
    fn options(&self) -> StressOptions {
        let mut scenarios = distinct(&self.scenarios);
        if scenarios.is_empty() {
            scenarios = Scenario::ALL.to_vec();
        }
        StressOptions {
            scenarios,
            severity: self.severity.clone(),
            window: self.window,
            position: self.position.struck(),
            seed: self.seed,
        }
    }

    /// The command that repeats this run, without paths of this machine.
    fn command(&self, options: &StressOptions) -> String {
        let names: Vec<&str> = options.scenarios.iter().map(|s| s.as_str()).collect();
        format!(
            "promote research stress {} --scenarios {} --severity {} --window {} --position {} --seed {}",
            self.candidates.words(self.top_n),
            names.join(" "),
            self.severity,
            self.window,
            options.position.as_str(),
            self.seed
        )
    }
}

/// Puts the best under stress, and writes what came out.
///
/// # Errors
/// Exit 2 for flags, exit 3 without candidates, exit 7 when the directory exists, exit 9 when the
/// results were changed.
pub fn run(args: &StressArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let workspace = context.workspace()?;
    let asked = args.options();
    let asks = (asked.clone(), args.command(&asked));
    let job = args.candidates.job(&workspace, args.top_n, asks, context)?;
    args.candidates
        .tell(&stress::run(&job)?, printed::text, context)
}
