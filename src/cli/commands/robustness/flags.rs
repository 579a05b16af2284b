//! Flags of Monte-Carlo and stress tests, and the words that they take.

use clap::{Args, ValueEnum};

use crate::kernel::decimal::Decimal;
use crate::metrics::stress::Position;
use crate::research::robustness::options::{BlockSize, Scenario, StruckBar};

#[derive(Debug, Args)]
pub(super) struct MonteCarloArgs {
    /// Resample the returns [default: the preset's]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(super) run_montecarlo: Option<bool>,
    /// Runs [default: the preset's, else 1000]
    #[arg(long, value_name = "N")]
    pub(super) mc_num_runs: Option<i64>,
    /// How bars are drawn [default: the preset's, else simple]
    #[arg(long, value_name = "METHOD")]
    pub(super) mc_method: Option<McMethod>,
    /// Block length in bars, the mean for `stationary`; `auto` takes it from the returns'
    /// autocorrelation [default: the preset's, else 20]
    #[arg(long, value_name = "N", value_parser = block_size)]
    pub(super) mc_block_size: Option<BlockSize>,
    /// Seed [default: 42]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(super) mc_seed: Option<i64>,
}

#[derive(Debug, Args)]
pub(super) struct StressArgs {
    /// Run the stress scenarios [default: the preset's]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(super) run_stress_tests: Option<bool>,
    /// Scenarios [default: the preset's, else single_crash_bar and vol_spike]
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub(super) stress_scenarios: Vec<StressName>,
    /// Severity, a fraction: 0.25 is 25 % [default: the preset's, else 0.2]
    #[arg(long, value_name = "X", value_parser = number)]
    pub(super) stress_severity: Option<Decimal>,
    /// Window in bars, for scenarios that last [default: the preset's, else 5]
    #[arg(long, value_name = "N")]
    pub(super) stress_window: Option<i64>,
    /// Where the scenarios strike [default: the preset's, else middle]
    #[arg(long, value_name = "WHERE")]
    pub(super) stress_position: Option<StressPosition>,
    /// Seed, recorded; every scenario is deterministic [default: 42]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(super) stress_seed: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum McMethod {
    /// Bar by bar
    #[value(name = "simple")]
    Simple,
    /// Blocks of fixed length
    #[value(name = "moving_block", alias = "block_bootstrap")]
    MovingBlock,
    /// Blocks of random length on a circle
    #[value(name = "stationary")]
    Stationary,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli::commands) enum StressName {
    /// One bar loses the severity
    #[value(name = "single_crash_bar")]
    SingleCrashBar,
    /// A window of bars moves wider about its own mean
    #[value(name = "vol_spike")]
    VolSpike,
    /// The losses of the deepest drawdown are larger
    #[value(name = "drawdown_extension")]
    DrawdownExtension,
    /// One bar opens lower by the severity
    #[value(name = "gap_down_open")]
    GapDownOpen,
    /// One bar falls by the severity, half of it comes back in the window
    #[value(name = "flash_crash")]
    FlashCrash,
    /// No trading in the window, which ends lower by the severity
    #[value(name = "liquidity_gap")]
    LiquidityGap,
    /// The gains of a window turn into losses
    #[value(name = "trend_reversal")]
    TrendReversal,
    /// The strategies always move together
    #[value(name = "correlations_to_one")]
    CorrelationsToOne,
}

impl StressName {
    pub(in crate::cli::commands) fn scenario(self) -> Scenario {
        match self {
            Self::SingleCrashBar => Scenario::SingleCrashBar,
            Self::VolSpike => Scenario::VolSpike,
            Self::DrawdownExtension => Scenario::DrawdownExtension,
            Self::GapDownOpen => Scenario::GapDownOpen,
            Self::FlashCrash => Scenario::FlashCrash,
            Self::LiquidityGap => Scenario::LiquidityGap,
            Self::TrendReversal => Scenario::TrendReversal,
            Self::CorrelationsToOne => Scenario::CorrelationsToOne,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli::commands) enum StressPosition {
    /// First bar
    Start,
    /// Bar n / 2
    Middle,
    /// Last bar
    End,
    /// Each scenario where it hurts most
    Worst,
}

impl StressPosition {
    pub(in crate::cli::commands) fn struck(self) -> StruckBar {
        match self {
            Self::Start => StruckBar::At(Position::Start),
            Self::Middle => StruckBar::At(Position::Middle),
            Self::End => StruckBar::At(Position::End),
            Self::Worst => StruckBar::Worst,
        }
    }
}

pub(in crate::cli::commands) fn number(text: &str) -> Result<Decimal, String> {
    text.parse()
        .map_err(|e: crate::kernel::decimal::DecimalError| e.to_string())
}

pub(in crate::cli::commands) fn block_size(text: &str) -> Result<BlockSize, String> {
    if text == "auto" {
        return Ok(BlockSize::Automatic);
    }
    let bars = text.parse().map(BlockSize::Bars);
    bars.map_err(|_| "neither a number of bars nor `auto`".to_owned())
}
