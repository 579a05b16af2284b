//! What each step of a pipeline is asked.

use clap::Args;

use super::super::candidate_args::fraction;
use super::super::montecarlo::{DrawMethod, block_length};
use super::super::stress::distinct;
use crate::app::monte_carlo::compute::Asked;
use crate::app::pipeline::Step;
use crate::app::walk_forward::run::Timing;
use crate::cli::commands::robustness::{StressName, StressPosition, number};
use crate::kernel::decimal::Decimal;
use crate::research::robustness::options::{BlockSize, Scenario, StressOptions};
use crate::research::walk_forward::length::Length;

/// The walk-forward.
#[derive(Debug, Args)]
pub(super) struct WalkForwardFlags {
    /// Choose on one window and try on the next, again and again
    #[arg(long, requires_all = ["walkforward_train_window", "walkforward_test_window"])]
    run_walkforward: bool,
    /// Length of a train window, such as 90d
    #[arg(long, value_name = "LENGTH", requires = "run_walkforward")]
    walkforward_train_window: Option<Length>,
    /// Length of a test window, such as 30d
    #[arg(long, value_name = "LENGTH", requires = "run_walkforward")]
    walkforward_test_window: Option<Length>,
    /// From one test window's start to the next one's [default: the test window]
    #[arg(long, value_name = "LENGTH", requires = "run_walkforward")]
    walkforward_step_size: Option<Length>,
    /// Walk over invented bars, marked SYNTHETIC
    #[arg(long, requires = "run_walkforward")]
    walkforward_use_dummy_data: bool,
    /// How many invented bars
    #[arg(long, requires = "walkforward_use_dummy_data", value_name = "N", default_value_t = 1000,
        value_parser = clap::value_parser!(u32).range(2..=5_000_000))]
    walkforward_dummy_bars: u32,
}

/// Monte-Carlo.
#[derive(Debug, Args)]
pub(super) struct MonteCarloFlags {
    /// Draw the returns of the best again
    #[arg(long)]
    run_montecarlo: bool,
    /// Runs per candidate
    #[arg(long, requires = "run_montecarlo", value_name = "N", default_value_t = 1000,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(super) mc_num_runs: u32,
    /// What is drawn
    #[arg(
        long,
        requires = "run_montecarlo",
        value_name = "METHOD",
        default_value = "simple"
    )]
    mc_method: DrawMethod,
    /// Block length in bars, the mean for `stationary`, or `auto`
    #[arg(long, requires = "run_montecarlo", value_name = "N", default_value = "20", value_parser = block_length)]
    pub(super) mc_block_size: BlockSize,
    /// Seed of the draws
    #[arg(long, requires = "run_montecarlo", value_name = "N", default_value_t = 42, allow_negative_numbers = true,
        value_parser = clap::value_parser!(i64).range(-9_007_199_254_740_991..=9_007_199_254_740_991))]
    pub(super) mc_seed: i64,
    /// The Sharpe ratio that should be exceeded
    #[arg(long, requires = "run_montecarlo", value_name = "X", default_value = "0", value_parser = number, allow_negative_numbers = true)]
    pub(super) mc_sharpe_floor: Decimal,
    /// The drawdown that should not be reached, a fraction
    #[arg(long, requires = "run_montecarlo", value_name = "X", default_value = "0.3", value_parser = fraction)]
    pub(super) mc_drawdown_ceiling: Decimal,
    /// Draw from the best of the same grid on invented bars, marked SYNTHETIC
    #[arg(long, requires = "run_montecarlo")]
    mc_use_dummy_data: bool,
    /// How many invented bars
    #[arg(long, requires = "mc_use_dummy_data", value_name = "N", default_value_t = 500,
        value_parser = clap::value_parser!(u32).range(1..=5_000_000))]
    mc_dummy_bars: u32,
}

/// Stress tests.
#[derive(Debug, Args)]
pub(super) struct StressFlags {
    /// Put the best under stress
    #[arg(long)]
    run_stress_tests: bool,
    /// Scenarios [default: single_crash_bar and vol_spike]
    #[arg(long, requires = "run_stress_tests", value_name = "NAME", num_args = 1..)]
    stress_scenarios: Vec<StressName>,
    /// Severity, a fraction: 0.25 is 25 %
    #[arg(long, requires = "run_stress_tests", value_name = "X", default_value = "0.2", value_parser = fraction)]
    stress_severity: Decimal,
    /// Window in bars, for scenarios that last
    #[arg(long, requires = "run_stress_tests", value_name = "N", default_value_t = 5,
        value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
    stress_window: i64,
    /// Where the scenarios strike
    #[arg(
        long,
        requires = "run_stress_tests",
        value_name = "WHERE",
        default_value = "middle"
    )]
    stress_position: StressPosition,
    /// Seed, recorded; every scenario is deterministic
    #[arg(long, requires = "run_stress_tests", value_name = "N", default_value_t = 42, allow_negative_numbers = true,
        value_parser = clap::value_parser!(i64).range(-9_007_199_254_740_991..=9_007_199_254_740_991))]
    stress_seed: i64,
    /// Stress the best of the same grid on invented bars, marked SYNTHETIC
    #[arg(long, requires = "run_stress_tests")]
    stress_use_dummy_data: bool,
    /// How many invented bars
    #[arg(long, requires = "stress_use_dummy_data", value_name = "N", default_value_t = 500,
        value_parser = clap::value_parser!(u32).range(1..=5_000_000))]
    stress_dummy_bars: u32,
}

impl WalkForwardFlags {
    pub(super) fn step(&self) -> Option<Step<Timing>> {
        let (true, Some(train), Some(test)) = (
            self.run_walkforward,
            self.walkforward_train_window,
            self.walkforward_test_window,
        ) else {
            return None;
        };
        Some(Step {
            asked: Timing {
                train,
                test,
                step: self.walkforward_step_size,
                anchored: false,
                purge: 0,
                embargo: 0,
            },
            invented: self
                .walkforward_use_dummy_data
                .then_some(self.walkforward_dummy_bars),
        })
    }
}

impl MonteCarloFlags {
    pub(super) fn step(&self) -> Option<Step<Asked>> {
        self.run_montecarlo.then(|| Step {
            asked: Asked {
                method: self
                    .mc_method
                    .drawn(self.mc_num_runs, self.mc_block_size, self.mc_seed),
                runs: self.mc_num_runs,
                seed: self.mc_seed,
                sharpe_floor: self.mc_sharpe_floor.clone(),
                drawdown_ceiling: self.mc_drawdown_ceiling.clone(),
                cost_jitter: None,
                parameter_jitter: true,
            },
            invented: self.mc_use_dummy_data.then_some(self.mc_dummy_bars),
        })
    }
}

impl StressFlags {
    pub(super) fn step(&self) -> Option<Step<StressOptions>> {
        self.run_stress_tests.then(|| {
            let named = distinct(&self.stress_scenarios);
            Step {
                asked: StressOptions {
                    scenarios: match named.is_empty() {
                        true => Scenario::DEFAULT.to_vec(),
                        false => named,
                    },
                    severity: self.stress_severity.clone(),
                    window: self.stress_window,
                    position: self.stress_position.struck(),
                    seed: self.stress_seed,
                },
                invented: self.stress_use_dummy_data.then_some(self.stress_dummy_bars),
            }
        })
    }
}
