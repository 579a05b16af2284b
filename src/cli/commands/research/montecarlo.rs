//! `promote research montecarlo`: what chance could have made of the best candidates of a sweep.

use clap::{Args, ValueEnum};

use super::candidate_args::{CandidateArgs, fraction};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::monte_carlo::compute::{Asked, Method};
use crate::app::monte_carlo::{self, printed};
use crate::cli::commands::robustness::{block_size, number};
use crate::cli::context::Context;
use crate::kernel::decimal::Decimal;
use crate::metrics::bootstrap;
use crate::research::robustness::options::{BlockSize, MonteCarloOptions};

/// Flags of `research montecarlo`.
#[derive(Debug, Args)]
pub struct MonteCarloArgs {
    #[command(flatten)]
    pub(super) candidates: CandidateArgs,
    /// How many of the best
    #[arg(short = 'n', long, value_name = "N", default_value_t = 1,
        value_parser = clap::value_parser!(u16).range(1..=100))]
    top_n: u16,
    /// Runs per candidate
    #[arg(long, value_name = "N", default_value_t = 1000,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    num_runs: u32,
    /// What is drawn
    #[arg(long, value_name = "METHOD", default_value = "simple")]
    method: DrawMethod,
    /// Block length in bars, the mean for `stationary`; `auto` takes it from the returns'
    /// autocorrelation
    #[arg(long, value_name = "N", default_value = "20", value_parser = block_length)]
    block_size: BlockSize,
    /// Seed of the draws
    #[arg(long, value_name = "N", default_value_t = 42, allow_negative_numbers = true,
        value_parser = clap::value_parser!(i64).range(-9_007_199_254_740_991..=9_007_199_254_740_991))]
    seed: i64,
    /// The Sharpe ratio that should be exceeded
    #[arg(long, value_name = "X", default_value = "0", value_parser = number, allow_negative_numbers = true)]
    sharpe_floor: Decimal,
    /// The drawdown that should not be reached, a fraction
    #[arg(long, value_name = "X", default_value = "0.3", value_parser = fraction)]
    drawdown_ceiling: Decimal,
    /// The same trades at costs from 1 - X to 1 + X times those assumed
    #[arg(long, value_name = "X", value_parser = fraction)]
    cost_jitter: Option<Decimal>,
    /// The combinations of the sweep one step of one parameter away
    #[arg(long)]
    parameter_jitter: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DrawMethod {
    /// Returns, bar by bar
    #[value(name = "simple")]
    Simple,
    /// Returns, in blocks of fixed length
    #[value(name = "moving_block", alias = "block_bootstrap")]
    MovingBlock,
    /// Returns, in blocks of random length on a circle
    #[value(name = "stationary")]
    Stationary,
    /// The order of the trades
    #[value(name = "trade_shuffle")]
    TradeShuffle,
}

pub(super) fn block_length(text: &str) -> Result<BlockSize, String> {
    match block_size(text)? {
        BlockSize::Bars(bars) if !(1..=1_000_000).contains(&bars) => {
            Err(format!("`{bars}` is not from 1 to 1000000"))
        }
        block => Ok(block),
    }
}

impl DrawMethod {
    /// The method with what it needs.
    pub(super) fn drawn(self, runs: u32, block: BlockSize, seed: i64) -> Method {
        let bars = |method| {
            Method::Bars(MonteCarloOptions {
                runs: i64::from(runs),
                method,
                block,
                seed,
            })
        };
        match self {
            Self::Simple => bars(bootstrap::Method::Simple),
            Self::MovingBlock => bars(bootstrap::Method::MovingBlock),
            Self::Stationary => bars(bootstrap::Method::Stationary),
            Self::TradeShuffle => Method::Trades,
        }
    }
}

impl MonteCarloArgs {
    fn asked(&self) -> Asked {
        let (runs, seed) = (self.num_runs, self.seed);
        Asked {
            method: self.method.drawn(runs, self.block_size, seed),
            runs,
            seed,
            sharpe_floor: self.sharpe_floor.clone(),
            drawdown_ceiling: self.drawdown_ceiling.clone(),
            cost_jitter: self.cost_jitter.clone(),
            parameter_jitter: self.parameter_jitter,
        }
    }

    /// The command that repeats this run, without paths of this machine.
    fn command(&self, asked: &Asked) -> String {
        let mut words = vec![
            "promote research montecarlo".to_owned(),
            self.candidates.words(self.top_n),
            format!(
                "--num-runs {} --method {}",
                self.num_runs,
                asked.method_name()
            ),
        ];
        words.extend(asked.block().map(|block| format!("--block-size {block}")));
        words.push(format!(
            "--seed {} --sharpe-floor {} --drawdown-ceiling {}",
            self.seed, self.sharpe_floor, self.drawdown_ceiling
        ));
        let spread = self.cost_jitter.as_ref();
        words.extend(spread.map(|spread| format!("--cost-jitter {spread}")));
        if self.parameter_jitter {
            words.push("--parameter-jitter".to_owned());
        }
        words.join(" ")
    }
}

/// Draws, and writes what came out.
///
/// # Errors
/// Exit 2 for flags, exit 3 without candidates, exit 7 when the directory exists, exit 9 when the
/// results were changed.
pub fn run(args: &MonteCarloArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let workspace = context.workspace()?;
    let asked = args.asked();
    let asks = (asked.clone(), args.command(&asked));
    let job = args.candidates.job(&workspace, args.top_n, asks, context)?;
    args.candidates
        .tell(&monte_carlo::run(&job)?, printed::text, context)
}
