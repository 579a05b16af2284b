//! The playbook's first interpretation (section 5.2): one line per metric, good, warning or bad.
//!
//! It gives a rough feeling and decides nothing. Guide values: CAGR above 0; Sharpe above 0.5 good,
//! above 1 very good; hit ratio above 50 %; profit factor above 1.2; drawdown and volatility by
//! risk profile. The playbook gives the drawdown's edges (below 20 % conservative, below 40 %
//! aggressive; 30 % for moderate is the loose edge of its section 7); a drawdown in the upper part
//! of the range is `somewhat high`, as in its example of 18 %. For volatility it says low for
//! conservative and higher for aggressive, without numbers: 20, 40 and 60 % a year are ours. The
//! last line says, as the playbook's example does, whether the portfolio is worth further tests.

use super::number;
use super::robustness::MetricRow;
use crate::metrics::{Metric, MetricKey, Sample};

/// How a value looks at first sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// As wished for.
    Good,
    /// To be looked at.
    Warning,
    /// Against it.
    Bad,
}

impl Level {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Bad => "bad",
        }
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Which metric; none for what only one report looks at.
    pub metric: Option<Metric>,
    /// Metric and value.
    pub value: String,
    /// Level.
    pub level: Level,
    /// Why.
    pub words: String,
}

/// Guide values of a risk profile: drawdown strict and loose, volatility.
pub(super) fn guide(profile: &str) -> Option<(f64, f64, f64)> {
    match profile {
        "conservative" => Some((0.15, 0.20, 0.20)),
        "moderate" => Some((0.25, 0.30, 0.40)),
        "aggressive" => Some((0.35, 0.40, 0.60)),
        _ => None,
    }
}

/// The lines for those of the playbook's metrics that `rows` holds, in the playbook's order.
#[must_use]
pub fn first_interpretation(profile: &str, rows: &[MetricRow]) -> Vec<Line> {
    let keys = [
        (Metric::Cagr, Sample::Full),
        (Metric::Volatility, Sample::Full),
        (Metric::Sharpe, Sample::Full),
        (Metric::Sharpe, Sample::Oos),
        (Metric::MaxDrawdown, Sample::Full),
        (Metric::HitRatio, Sample::Full),
        (Metric::ProfitFactor, Sample::Full),
    ];
    keys.into_iter()
        .filter_map(|(metric, sample)| {
            let key = MetricKey::new(metric, sample);
            rows.iter().find(|row| row.key == key)
        })
        .map(|row| line(profile, row))
        .collect()
}

fn line(profile: &str, row: &MetricRow) -> Line {
    let metric = row.key.metric;
    let (level, words) = match row.value {
        Err(_) => (Level::Warning, "no value to interpret".to_owned()),
        Ok(x) => match metric {
            Metric::Volatility | Metric::MaxDrawdown => by_profile(profile, metric, x),
            _ => {
                let (level, words) = plain(metric, x);
                (level, words.to_owned())
            }
        },
    };
    let sample = if row.key.sample == Sample::Oos {
        " (out of sample)"
    } else {
        ""
    };
    let value = number::metric(row.value, metric.unit());
    Line {
        metric: Some(metric),
        value: format!("{}{sample} {value}", number::label(metric)),
        level,
        words,
    }
}

impl Line {
    /// A line about something that is no metric of the gate.
    #[must_use]
    pub fn about(value: String, level: Level, words: impl Into<String>) -> Self {
        Self {
            metric: None,
            value,
            level,
            words: words.into(),
        }
    }

    /// What the metric is.
    #[must_use]
    pub fn meaning(&self) -> &'static str {
        self.metric.map_or("", meaning)
    }
}

fn meaning(metric: Metric) -> &'static str {
    match metric {
        Metric::Cagr => "return per year, compounded",
        Metric::Volatility => "standard deviation of the returns, per year",
        Metric::Sharpe => "return per unit of risk, per year",
        Metric::MaxDrawdown => "largest loss from a peak",
        Metric::HitRatio => "share of profitable trades",
        Metric::ProfitFactor => "sum of gains over sum of losses",
        _ => "",
    }
}

/// What the lines come to: a candidate for further tests, or not; never a decision.
#[must_use]
pub fn closing(lines: &[Line]) -> &'static str {
    let any = |level: Level| lines.iter().any(|line| line.level == level);
    // A portfolio that stands still has a fine drawdown: only what it earns speaks for it.
    let mut earns = lines.iter().filter(|line| line.level == Level::Good);
    let earns = earns.any(|line| matches!(line.metric, Some(Metric::Cagr | Metric::Sharpe)));
    if any(Level::Bad) {
        "Something speaks against the portfolio (bad): it wants to be understood before further \
         robustness tests say much."
    } else if !earns {
        "Nothing speaks for the portfolio yet: neither its return nor its Sharpe ratio is good."
    } else if any(Level::Warning) {
        "The portfolio is a candidate for further robustness tests; the warnings want a look."
    } else {
        "The portfolio is a candidate for further robustness tests."
    }
}

fn plain(metric: Metric, x: f64) -> (Level, &'static str) {
    match metric {
        Metric::Cagr if x > 0.0 => (Level::Good, "positive"),
        Metric::Cagr if x < 0.0 => (Level::Bad, "negative"),
        Metric::Cagr => (Level::Warning, "no growth"),
        Metric::Sharpe if x > 6.0 => (Level::Warning, "implausibly high, look for an error"),
        Metric::Sharpe if x > 1.0 => (Level::Good, "very good (above 1.0)"),
        Metric::Sharpe if x > 0.5 => (Level::Good, "good (above 0.5)"),
        Metric::Sharpe if x >= 0.0 => (Level::Warning, "low (0.5 or less)"),
        Metric::Sharpe => (Level::Bad, "negative"),
        Metric::HitRatio if x > 0.5 => (Level::Good, "above 50 %"),
        Metric::HitRatio => (Level::Warning, "50 % or less: the winners must be larger"),
        Metric::ProfitFactor if x > 1.2 => (Level::Good, "above 1.2"),
        Metric::ProfitFactor if x >= 1.0 => (Level::Warning, "thin (1.2 or less)"),
        Metric::ProfitFactor => (Level::Bad, "losses exceed gains"),
        _ => (Level::Warning, "no guide value"),
    }
}

fn by_profile(profile: &str, metric: Metric, x: f64) -> (Level, String) {
    let Some((strict, loose, volatility)) = guide(profile) else {
        let words = format!("no guide value for the profile {profile}");
        return (Level::Warning, words);
    };
    let edge = |x: f64| number::number(x, metric.unit());
    if metric == Metric::Volatility {
        return if x <= volatility {
            (
                Level::Good,
                format!("fits {profile} (up to {})", edge(volatility)),
            )
        } else {
            (
                Level::Warning,
                format!("high for {profile} (above {})", edge(volatility)),
            )
        };
    }
    if x <= strict {
        (
            Level::Good,
            format!("fits {profile} (up to {})", edge(strict)),
        )
    } else if x < loose {
        (
            Level::Warning,
            format!("somewhat high for {profile} (above {})", edge(strict)),
        )
    } else {
        (
            Level::Bad,
            format!("too high for {profile} (not below {})", edge(loose)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Undefined;

    fn level(profile: &str, metric: Metric, value: f64) -> &'static str {
        let row = MetricRow {
            key: MetricKey::new(metric, Sample::Full),
            value: Ok(value),
        };
        first_interpretation(profile, &[row])[0].level.as_str()
    }

    #[test]
    fn the_playbooks_example() {
        assert_eq!(level("conservative", Metric::Cagr, 0.085), "good");
        assert_eq!(level("conservative", Metric::Sharpe, 1.1), "good");
        assert_eq!(level("conservative", Metric::MaxDrawdown, 0.18), "warning");
        assert_eq!(level("conservative", Metric::HitRatio, 0.55), "good");
    }

    #[test]
    fn the_last_line_follows_the_worst_of_the_others() {
        let closing = |values: &[(Metric, f64)]| {
            let rows: Vec<MetricRow> = values
                .iter()
                .map(|(metric, value)| MetricRow {
                    key: MetricKey::new(*metric, Sample::Full),
                    value: Ok(*value),
                })
                .collect();
            super::closing(&first_interpretation("conservative", &rows))
        };
        let good = (Metric::Sharpe, 1.1);
        assert!(closing(&[good]).starts_with("The portfolio is a candidate"));
        let somewhat = closing(&[good, (Metric::MaxDrawdown, 0.18)]);
        assert!(somewhat.contains("candidate") && somewhat.contains("warnings"));
        let bad = closing(&[good, (Metric::MaxDrawdown, 0.2)]);
        assert!(bad.contains("speaks against"));
        let still = closing(&[(Metric::Cagr, 0.0), (Metric::MaxDrawdown, 0.0)]);
        assert!(still.contains("Nothing speaks for"));
    }

    #[test]
    fn edges() {
        for (metric, value, want) in [
            (Metric::Cagr, 0.0, "warning"),
            (Metric::Cagr, -0.01, "bad"),
            (Metric::Sharpe, 0.5, "warning"),
            (Metric::Sharpe, 0.51, "good"),
            (Metric::Sharpe, -0.1, "bad"),
            (Metric::Sharpe, 6.85e27, "warning"),
            (Metric::MaxDrawdown, 0.25, "good"),
            (Metric::MaxDrawdown, 0.2999, "warning"),
            (Metric::MaxDrawdown, 0.30, "bad"),
            (Metric::Volatility, 0.5, "warning"),
            (Metric::HitRatio, 0.5, "warning"),
            (Metric::ProfitFactor, 1.2, "warning"),
            (Metric::ProfitFactor, 0.9, "bad"),
        ] {
            assert_eq!(level("moderate", metric, value), want, "{metric} {value}");
        }
        assert_eq!(level("my_own", Metric::MaxDrawdown, 0.01), "warning");
        let row = MetricRow {
            key: MetricKey::new(Metric::Sharpe, Sample::Oos),
            value: Err(Undefined::ZeroVariance),
        };
        let lines = first_interpretation("moderate", &[row]);
        assert_eq!(lines[0].level, Level::Warning);
        assert_eq!(
            lines[0].value,
            "Sharpe ratio (out of sample) undefined (the values do not vary)"
        );
    }
}
