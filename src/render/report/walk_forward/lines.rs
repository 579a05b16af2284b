//! The first interpretation of a walk-forward: good, warning or bad, and why.
//!
//! Beside the playbook's guide values for returns and Sharpe ratios: an efficiency of one half and
//! more is good (the guide value of Pardo 2008), one below zero bad. A mean rank IC more than two of
//! its standard errors below zero is bad; as far above zero it is good where the test windows gained,
//! for costs and habits rank alike in every window, with a loss too. More than half of the windows
//! positive is good. A choice that changes in more than half of the windows, fewer than ten windows,
//! and windows in cash are warnings.

use super::WalkForwardReport;
use crate::kernel::unit::Unit;
use crate::metrics::{Metric, MetricKey, Sample};
use crate::render::report::interpretation::{Level, Line, first_interpretation};
use crate::render::report::number::{metric, number};
use crate::render::report::robustness::MetricRow;
use crate::research::walk_forward::summary::Summary;

/// Fewest windows that say something.
const WINDOWS_FEW: usize = 10;

/// The lines of the first interpretation.
#[must_use]
pub fn lines(report: &WalkForwardReport<'_>) -> Vec<Line> {
    let summary = &report.summary;
    let mut lines = vec![return_line(report)];
    let sharpe = MetricRow {
        key: MetricKey::new(Metric::Sharpe, Sample::Oos),
        value: report.oos.sharpe,
    };
    lines.extend(first_interpretation("", &[sharpe]));
    lines.push(efficiency_line(summary));
    lines.push(rank_line(report));
    let share = summary.positive as f64 / summary.windows.max(1) as f64;
    let (level, words) = match share {
        x if x > 0.5 => (Level::Good, "more than half"),
        x if x > 0.3 => (Level::Warning, "half or fewer"),
        _ => (Level::Bad, "few"),
    };
    lines.push(Line {
        metric: None,
        value: format!(
            "Positive windows {} of {}",
            summary.positive, summary.windows
        ),
        level,
        words: words.to_owned(),
    });
    lines.extend(unsteady_lines(summary));
    lines
}

fn return_line(report: &WalkForwardReport<'_>) -> Line {
    let (level, words) = match report.oos.total_return {
        Ok(x) if x > 0.0 => (Level::Good, "positive"),
        Ok(x) if x < 0.0 => (Level::Bad, "negative"),
        Ok(_) => (Level::Warning, "nothing won, nothing lost"),
        Err(_) => (Level::Warning, "no value to interpret"),
    };
    Line {
        metric: None,
        value: format!("Return {}", metric(report.oos.total_return, Unit::Fraction)),
        level,
        words: format!(
            "{words}; holding the symbol over the same windows: {}",
            number(report.market_return, Unit::Fraction)
        ),
    }
}

fn efficiency_line(summary: &Summary) -> Line {
    let (level, words) = match summary.efficiency_pooled {
        Ok(x) if x >= 0.5 => (Level::Good, "at least half of the trained return is left"),
        Ok(x) if x >= 0.0 => (
            Level::Warning,
            "less than half of the trained return is left",
        ),
        Ok(_) => (Level::Bad, "what gained in training lost in testing"),
        Err(_) => (Level::Warning, "nothing gained in training"),
    };
    Line {
        metric: None,
        value: format!(
            "Efficiency, all windows {}",
            metric(summary.efficiency_pooled, Unit::Ratio)
        ),
        level,
        words: words.to_owned(),
    }
}

fn rank_line(report: &WalkForwardReport<'_>) -> Line {
    let summary = &report.summary;
    let gained = report.oos.total_return.is_ok_and(|x| x > 0.0);
    let (level, words) = match (summary.rank_ic, summary.rank_ic_error) {
        (Ok(ic), Ok(error)) if ic > 2.0 * error => match gained {
            true => (Level::Good, "ranks last beyond two standard errors"),
            false => (
                Level::Warning,
                "ranks last beyond two standard errors, but with a loss: what trades most pays most in every window",
            ),
        },
        (Ok(ic), Ok(error)) if ic < -2.0 * error => (
            Level::Bad,
            "what ranked high in training ranked low in testing",
        ),
        (Ok(_), Ok(_)) => (Level::Warning, "within two standard errors of none"),
        _ => (Level::Warning, "too few windows to say"),
    };
    Line {
        metric: None,
        value: format!("Rank IC {}", with_error(summary)),
        level,
        words: words.to_owned(),
    }
}

/// The mean rank IC with its standard error.
pub(super) fn with_error(summary: &Summary) -> String {
    let mean = metric(summary.rank_ic, Unit::Ratio);
    match summary.rank_ic_error {
        Ok(error) => format!("{mean} ± {}", number(error, Unit::Ratio)),
        Err(_) => mean,
    }
}

/// What makes the other lines doubtful.
fn unsteady_lines(summary: &Summary) -> Vec<Line> {
    let mut lines = Vec::new();
    let steps = summary.windows.saturating_sub(1);
    if steps > 0 {
        let often = summary.changes * 2 > steps;
        lines.push(Line {
            metric: None,
            value: format!("Choice changed {} of {steps} times", summary.changes),
            level: if often { Level::Warning } else { Level::Good },
            words: match often {
                true => "in more than half of the windows: no combination stands out",
                false => "in half of the windows or fewer",
            }
            .to_owned(),
        });
    }
    if summary.windows < WINDOWS_FEW {
        lines.push(Line {
            metric: None,
            value: format!("Windows {}", summary.windows),
            level: Level::Warning,
            words: format!("fewer than {WINDOWS_FEW}: hardly more than an anecdote"),
        });
    }
    if summary.cash > 0 {
        lines.push(Line {
            metric: None,
            value: format!("In cash {} of {} windows", summary.cash, summary.windows),
            level: Level::Warning,
            words: "no combination traded in training".to_owned(),
        });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{MetricResult, Undefined};
    use crate::research::sweep::ranking::Figure;
    use crate::research::walk_forward::stitched::OosFigures;

    const FEW: MetricResult = Err(Undefined::TooFewObservations);

    fn summary() -> Summary {
        Summary {
            windows: 20,
            cash: 0,
            positive: 11,
            efficiency: Ok(0.7),
            efficiency_windows: 20,
            efficiency_pooled: Ok(0.6),
            rank_ic: Ok(0.2),
            rank_ic_error: Ok(0.05),
            rank_ic_windows: 20,
            changes: 4,
            distinct: 3,
        }
    }

    /// Levels in order: return, Sharpe, efficiency, rank IC, positive windows, then what is doubtful.
    fn levels(total_return: f64, summary: Summary) -> Vec<&'static str> {
        let oos = OosFigures {
            total_return: Ok(total_return),
            cagr: FEW,
            volatility: FEW,
            sharpe: Ok(1.2),
            sortino: FEW,
            max_drawdown: Ok(0.1),
        };
        let report = WalkForwardReport {
            title: String::new(),
            synthetic: false,
            facts: Vec::new(),
            figure: Figure::Sharpe,
            walked: &[],
            tests: Vec::new(),
            parameters: Vec::new(),
            market: Vec::new(),
            summary,
            oos,
            trades: 0,
            market_return: 0.0,
            equity: &[],
            trials: String::new(),
            reproducibility: Vec::new(),
        };
        lines(&report).iter().map(|l| l.level.as_str()).collect()
    }

    #[test]
    fn what_lasts_is_good_and_a_loss_is_not() {
        let good = ["good"; 6];
        assert_eq!(levels(0.1, summary()), good);
        // Ranks that last with a loss are those of costs and habits.
        let lost = levels(-0.1, summary());
        assert_eq!(lost[..4], ["bad", "good", "good", "warning"]);
        assert_eq!(levels(0.0, summary())[0], "warning");
    }

    #[test]
    fn edges() {
        let with = |change: fn(&mut Summary)| {
            let mut summary = summary();
            change(&mut summary);
            levels(0.1, summary)
        };
        assert_eq!(with(|s| s.efficiency_pooled = Ok(0.5))[2], "good");
        assert_eq!(with(|s| s.efficiency_pooled = Ok(0.49))[2], "warning");
        assert_eq!(with(|s| s.efficiency_pooled = Ok(-0.01))[2], "bad");
        assert_eq!(with(|s| s.efficiency_pooled = FEW)[2], "warning");
        assert_eq!(with(|s| s.rank_ic = Ok(0.1))[3], "warning");
        assert_eq!(with(|s| s.rank_ic = Ok(-0.11))[3], "bad");
        assert_eq!(with(|s| s.rank_ic_error = FEW)[3], "warning");
        assert_eq!(with(|s| s.positive = 10)[4], "warning");
        assert_eq!(with(|s| s.positive = 6)[4], "bad");
        assert_eq!(with(|s| s.changes = 10)[5], "warning");
        // Few windows and cash are said besides.
        assert_eq!(with(|s| s.windows = 9).len(), 7);
        assert_eq!(with(|s| s.cash = 1).len(), 7);
    }
}
