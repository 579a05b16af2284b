//! What a user asks of a robustness run: Monte-Carlo, stress tests, report files.

use crate::kernel::decimal::Decimal;
use crate::metrics::bootstrap::Method;
use crate::metrics::stress::Position;

/// Monte-Carlo as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonteCarloOptions {
    /// Runs.
    pub runs: i64,
    /// How bars are drawn.
    pub method: Method,
    /// Block length in bars; the mean for `stationary`, not used by `simple`.
    pub block: i64,
    /// Seed.
    pub seed: i64,
}

impl Default for MonteCarloOptions {
    fn default() -> Self {
        Self {
            runs: 1000,
            method: Method::Simple,
            block: 20,
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
}

impl Scenario {
    /// Every scenario.
    pub const ALL: [Self; 2] = [Self::SingleCrashBar, Self::VolSpike];

    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SingleCrashBar => "single_crash_bar",
            Self::VolSpike => "vol_spike",
        }
    }

    /// The scenario called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == name)
    }
}

/// Stress tests as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StressOptions {
    /// Scenarios, in order.
    pub scenarios: Vec<Scenario>,
    /// Severity, fraction.
    pub severity: Decimal,
    /// Window of `vol_spike`, bars.
    pub window: i64,
    /// Where it strikes.
    pub position: Position,
    /// Recorded; both scenarios are deterministic.
    pub seed: i64,
}

impl Default for StressOptions {
    fn default() -> Self {
        Self {
            scenarios: Scenario::ALL.to_vec(),
            severity: "0.2".parse().unwrap_or_else(|_| Decimal::zero()),
            window: 5,
            position: Position::Middle,
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
