//! What a sweep's report says in plain words: the first interpretation, line by line, and what to do
//! next.
//!
//! The guide values are ours where the playbook (section 5.2) gives none: a best combination that
//! keeps [`PLATEAU`] of its lead among its neighbours stands on a plateau, one that keeps less than
//! [`PEAK`] on a peak; fewer than [`TRADES_FEW`] trades say little; a grid of which less than half
//! earns anything has no edge of its own. Nothing here is a verdict.

use super::{BestRow, SweepReport, label, metric_of, shown};
use crate::kernel::unit::Unit;
use crate::metrics::{MetricKey, Sample, Undefined};
use crate::render::report::interpretation::{Level, Line, first_interpretation, guide};
use crate::render::report::number::{count, number};
use crate::render::report::robustness::MetricRow;
use crate::research::sweep::ranking::Figure;

/// Share of its lead that a best combination on a plateau keeps, at least.
pub const PLATEAU: f64 = 0.7;
/// Share of its lead below which it stands on a peak.
pub const PEAK: f64 = 0.4;
/// Fewer closed trades than this say little.
pub const TRADES_FEW: u64 = 30;

/// Something to do, with a word for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// `extend`, `peak`, …
    pub code: &'static str,
    /// In words.
    pub text: String,
}

/// The first interpretation of the best combination and of its field.
#[must_use]
pub fn interpretation(report: &SweepReport) -> Vec<Line> {
    let Some(best) = report.best.first() else {
        return vec![Line::about(
            format!("Best by {}", label(report.ranked_by)),
            Level::Bad,
            "no combination traded and has this figure",
        )];
    };
    let mut lines = vec![against_luck(report, best), plateau(report)];
    lines.extend(own_figures(best));
    lines.push(drawdown(best));
    lines.push(trades(best));
    lines.push(field(report));
    lines
}

fn sharpe_of(best: &BestRow) -> Option<f64> {
    value_of(best, Figure::Sharpe)
}

fn value_of(best: &BestRow, figure: Figure) -> Option<f64> {
    let found = best.figures.iter().find(|(own, _)| *own == figure);
    found.and_then(|(_, value)| *value)
}

fn against_luck(report: &SweepReport, best: &BestRow) -> Line {
    let all = report.trials.runs.saturating_add(report.trials.earlier);
    let (sharpe, luck) = (sharpe_of(best), report.trials.luck);
    let value = format!(
        "Sharpe ratio {} against {} without skill",
        shown(Figure::Sharpe, sharpe),
        shown(Figure::Sharpe, luck)
    );
    match (sharpe, luck) {
        (Some(sharpe), Some(luck)) if sharpe > luck => Line::about(
            value,
            Level::Good,
            format!(
                "above what the best of {} worthless trials is expected at",
                count(all)
            ),
        ),
        (Some(_), Some(_)) => Line::about(
            value,
            Level::Bad,
            format!(
                "no more than the best of {} worthless trials is expected at",
                count(all)
            ),
        ),
        _ => Line::about(value, Level::Warning, "cannot be compared"),
    }
}

fn plateau(report: &SweepReport) -> Line {
    let Some(kept) = report.kept else {
        let words = "fewer than two neighbours, or no lead: plateau or peak cannot be told";
        return Line::about("Plateau".to_owned(), Level::Warning, words);
    };
    let value = format!("Plateau {} of the lead", number(kept, Unit::Fraction));
    if kept >= PLATEAU {
        Line::about(value, Level::Good, "its neighbours share it")
    } else if kept >= PEAK {
        Line::about(value, Level::Warning, "its neighbours share it in part")
    } else {
        Line::about(value, Level::Bad, "a peak: its neighbours do not share it")
    }
}

/// Sharpe ratio, hit ratio and profit factor, as the playbook reads them.
fn own_figures(best: &BestRow) -> Vec<Line> {
    let rows: Vec<MetricRow> = [Figure::Sharpe, Figure::HitRatio, Figure::ProfitFactor]
        .into_iter()
        .map(|figure| MetricRow {
            key: MetricKey::new(metric_of(figure), Sample::Full),
            value: value_of(best, figure).ok_or(Undefined::ZeroDenominator),
        })
        .collect();
    // None of these three depends on a profile.
    first_interpretation("none", &rows)
}

/// The strictest risk profile that the drawdown fits: a sweep has none of its own.
fn drawdown(best: &BestRow) -> Line {
    let value = value_of(best, Figure::MaxDrawdown);
    let text = format!(
        "{} {}",
        label(Figure::MaxDrawdown),
        shown(Figure::MaxDrawdown, value)
    );
    let profiles = ["conservative", "moderate", "aggressive"];
    let fits = profiles.into_iter().find_map(|profile| {
        let (strict, loose, _) = guide(profile)?;
        let value = value?;
        (value <= loose).then_some((profile, value <= strict))
    });
    match fits {
        Some((profile, true)) => {
            Line::about(text, Level::Good, format!("fits the profile {profile}"))
        }
        Some((profile, false)) => {
            let words = format!("somewhat high for the profile {profile}");
            Line::about(text, Level::Warning, words)
        }
        None => Line::about(text, Level::Bad, "too high for every shipped profile"),
    }
}

fn trades(best: &BestRow) -> Line {
    let value = format!("{} closed trades", count(best.trades));
    if best.trades < TRADES_FEW {
        Line::about(
            value,
            Level::Warning,
            format!("fewer than {TRADES_FEW} say little"),
        )
    } else {
        Line::about(value, Level::Good, "enough to look at")
    }
}

fn field(report: &SweepReport) -> Line {
    let counts = &report.counts;
    let value = format!(
        "{} of {} combinations earn something",
        count(counts.earning),
        count(counts.ran)
    );
    if counts.earning == 0 {
        Line::about(
            value,
            Level::Bad,
            "the rule loses on these bars, whatever its parameters",
        )
    } else if counts.earning * 2 < counts.ran {
        Line::about(
            value,
            Level::Warning,
            "less than half of the grid: the best is an exception",
        )
    } else {
        Line::about(value, Level::Good, "the rule does not hang on one choice")
    }
}

/// What to do next, the most urgent first.
#[must_use]
pub fn recommendations(report: &SweepReport) -> Vec<Advice> {
    let mut found = Vec::new();
    let mut say = |code, text: String| found.push(Advice { code, text });
    let Some(best) = report.best.first() else {
        say(
            "nothing",
            "Nothing to go on with: no combination traded and has this figure. Take more bars, or another rule.".to_owned(),
        );
        return found;
    };
    let pair = sharpe_of(best).zip(report.trials.luck);
    let chance = pair.is_some_and(|(sharpe, luck)| sharpe <= luck);
    if chance {
        say(
            "luck",
            "Do not go on with this best: it shows no more than chance would give the best of so many trials.".to_owned(),
        );
    }
    match report.kept {
        Some(kept) if kept < PEAK => say(
            "peak",
            "The best is a peak: a small change of its parameters loses most of its lead. Take a combination from the middle of a level area of the heat map instead.".to_owned(),
        ),
        Some(kept) if kept >= PLATEAU => say(
            "plateau",
            "The best stands on a plateau: its neighbours are about as good, so that little hangs on the exact parameters.".to_owned(),
        ),
        _ => {}
    }
    if !report.edges.is_empty() {
        say("extend", extend(&report.edges));
    }
    for effect in report.effects.iter().filter(|effect| effect.idle) {
        let name = &effect.name;
        say(
            "idle",
            format!(
                "{name} changes nothing on these bars: give it one value, for each of its values counts as trials and finds nothing."
            ),
        );
    }
    if best.trades < TRADES_FEW {
        say(
            "few_trades",
            format!(
                "The best closed {} trades only: take more bars, or a rule that trades more, before you compare figures.",
                count(best.trades)
            ),
        );
    }
    if !chance {
        say(
            "next",
            format!(
                "Look at the best out of sample before anything else: promote research walkforward --sweep-name {} --train-window 90d --test-window 30d. Then put one candidate into a preset and make evidence of it with promote robustness.",
                report.name
            ),
        );
    }
    found
}

fn extend(edges: &[(String, bool)]) -> String {
    let one = |(name, smallest): &(String, bool)| {
        let end = if *smallest { "smallest" } else { "largest" };
        format!("{name} has its {end} value")
    };
    let ends: Vec<String> = edges.iter().map(one).collect();
    let axes = if ends.len() == 1 {
        "this axis"
    } else {
        "these axes"
    };
    format!(
        "The best lies on the edge of the grid: {}. Extend {axes} beyond it before you believe the best; the new runs count as trials too.",
        ends.join(", ")
    )
}

/// What the figures of the best are worth.
#[must_use]
pub fn selection(report: &SweepReport) -> String {
    let trials = &report.trials;
    let all = trials.runs.saturating_add(trials.earlier);
    let luck = match trials.luck {
        Some(luck) => format!(
            "without any skill the best of them is expected at a Sharpe ratio of {}",
            shown(Figure::Sharpe, Some(luck))
        ),
        None => "what the best of them would show without skill cannot be told".to_owned(),
    };
    format!(
        "The best of many is good by selection: {} trials for {} are behind it, and {luck}. Its figures are in sample and no evidence; evidence of this portfolio deflates its Sharpe ratio by all of these trials.",
        count(all),
        trials.portfolio
    )
}
