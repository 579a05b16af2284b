//! What a user asks of a robustness run: Monte-Carlo, stress tests, report files.

use crate::kernel::decimal::Decimal;
use crate::metrics::bootstrap::Method;
use crate::metrics::stress::Position;

/// Block length as asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockSize {
    /// So many bars.
    Bars(i64),
    /// What the autocorrelation of the returns asks for (Politis and White).
    Automatic,
}

impl std::fmt::Display for BlockSize {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bars(bars) => bars.fmt(f),
            Self::Automatic => f.pad("auto"),
        }
    }
}

/// Monte-Carlo as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonteCarloOptions {
    /// Runs.
    pub runs: i64,
    /// How bars are drawn.
    pub method: Method,
    /// Block length in bars; the mean for `stationary`, not used by `simple`.
    pub block: BlockSize,
    /// Seed.
    pub seed: i64,
}

impl Default for MonteCarloOptions {
    fn default() -> Self {
        Self {
            runs: 1000,
            method: Method::Simple,
            block: BlockSize::Bars(20),
            seed: 42,
        }
    }
}

/// A stress scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// One bar loses the severity.
    SingleCrashBar,
    /// A window of bars moves wider about its own mean.
    VolSpike,
    /// The losses of the deepest drawdown are larger.
    DrawdownExtension,
    /// One bar opens lower by the severity.
    GapDownOpen,
    /// One bar falls by the severity, and half of it comes back.
    FlashCrash,
    /// For a window nothing can be traded, and it ends lower by the severity.
    LiquidityGap,
    /// The gains of a window turn into losses.
    TrendReversal,
    /// The strategies always move together.
    CorrelationsToOne,
}

impl Scenario {
    /// Every scenario.
    pub const ALL: [Self; 8] = [
        Self::SingleCrashBar,
        Self::VolSpike,
        Self::DrawdownExtension,
        Self::GapDownOpen,
        Self::FlashCrash,
        Self::LiquidityGap,
        Self::TrendReversal,
        Self::CorrelationsToOne,
    ];

    /// What runs where none are named: the two that policies judge.
    pub const DEFAULT: [Self; 2] = [Self::SingleCrashBar, Self::VolSpike];

    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SingleCrashBar => "single_crash_bar",
            Self::VolSpike => "vol_spike",
            Self::DrawdownExtension => "drawdown_extension",
            Self::GapDownOpen => "gap_down_open",
            Self::FlashCrash => "flash_crash",
            Self::LiquidityGap => "liquidity_gap",
            Self::TrendReversal => "trend_reversal",
            Self::CorrelationsToOne => "correlations_to_one",
        }
    }

    /// True when it lasts for the window asked for.
    #[must_use]
    pub fn has_window(self) -> bool {
        match self {
            Self::VolSpike | Self::FlashCrash | Self::LiquidityGap | Self::TrendReversal => true,
            Self::SingleCrashBar
            | Self::DrawdownExtension
            | Self::GapDownOpen
            | Self::CorrelationsToOne => false,
        }
    }

    /// True when it strikes where it is told to; the others find their own bars.
    #[must_use]
    pub fn has_place(self) -> bool {
        !matches!(self, Self::DrawdownExtension | Self::CorrelationsToOne)
    }

    /// The scenario called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == name)
    }
}

/// Where scenarios strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StruckBar {
    /// At the same bar, all of them.
    At(Position),
    /// Each at the bar where it hurts most.
    Worst,
}

impl StruckBar {
    /// Every place.
    pub const ALL: [Self; 4] = [
        Self::At(Position::Start),
        Self::At(Position::Middle),
        Self::At(Position::End),
        Self::Worst,
    ];

    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::At(position) => position.as_str(),
            Self::Worst => "worst",
        }
    }

    /// The place called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.as_str() == name)
    }
}

/// Stress tests as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StressOptions {
    /// Scenarios, in order.
    pub scenarios: Vec<Scenario>,
    /// Severity, fraction.
    pub severity: Decimal,
    /// Window of the scenarios that last, bars.
    pub window: i64,
    /// Where they strike.
    pub position: StruckBar,
    /// Recorded; every scenario is deterministic.
    pub seed: i64,
}

impl Default for StressOptions {
    fn default() -> Self {
        Self {
            scenarios: Scenario::DEFAULT.to_vec(),
            severity: "0.2".parse().unwrap_or_else(|_| Decimal::zero()),
            window: 5,
            position: StruckBar::At(Position::Middle),
            seed: 42,
        }
    }
}

/// Which report files are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `report.md`.
    Markdown,
    /// `report.html`.
    Html,
    /// Both.
    Both,
}

impl Format {
    /// Names in recipes.
    pub const NAMES: [&str; 4] = ["md", "markdown", "html", "both"];

    /// The format called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "md" | "markdown" => Some(Self::Markdown),
            "html" => Some(Self::Html),
            "both" => Some(Self::Both),
            _ => None,
        }
    }

    /// True when the Markdown report is written.
    #[must_use]
    pub fn markdown(self) -> bool {
        self != Self::Html
    }

    /// True when the HTML report is written.
    #[must_use]
    pub fn html(self) -> bool {
        self != Self::Markdown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_read_back() {
        for scenario in Scenario::ALL {
            assert_eq!(Scenario::named(scenario.as_str()), Some(scenario));
        }
        for place in StruckBar::ALL {
            assert_eq!(StruckBar::named(place.as_str()), Some(place));
        }
        assert_eq!(Scenario::named("crash"), None);
        assert_eq!(StruckBar::named("nowhere"), None);
    }
}
