//! The reports of a walk-forward: its value for `render`, and the files.

use super::document::{self, WalkForwardJson};
use super::run::Job;
use crate::app::failure::Failure;
use crate::app::report_files::report_files;
use crate::kernel::decimal::Decimal;
use crate::kernel::time::UtcTime;
use crate::render::report::walk_forward::{self as rendered, WalkForwardReport};
use crate::research::robustness::options::Format;
use crate::research::walk_forward::stitched::{Stitched, market_return};
use crate::research::walk_forward::summary::Summary;
use crate::research::walk_forward::walk::Walked;

/// The value behind the reports.
#[must_use]
pub fn report<'a>(
    job: &Job<'_>,
    document: &WalkForwardJson,
    walked: &'a [Walked],
    stitched: &Stitched,
    equity: &'a [(UtcTime, f64)],
) -> WalkForwardReport<'a> {
    let bars = &job.series.bars;
    let test = |walked: &Walked| {
        let range = &walked.window.test;
        let first = bars.get(range.start)?.time;
        Some((first, bars.get(range.end.checked_sub(1)?)?.time))
    };
    let names = |walked: &Walked| {
        let one = |index: usize| job.run.plan.combinations.get(index).map(|c| words(job, c));
        let all = walked.best.iter().map(|c| one(c.index).unwrap_or_default());
        all.collect::<Vec<String>>()
    };
    let year = document.periods_per_year.as_ref().map(Decimal::to_f64);
    WalkForwardReport {
        title: format!("Walk-forward of {}", document.sweep.name),
        synthetic: document.data.synthetic,
        facts: facts(document),
        figure: job.primary,
        walked,
        tests: walked.iter().filter_map(test).collect(),
        parameters: walked.iter().map(names).collect(),
        market: walked
            .iter()
            .map(|w| market_return(bars, w.window.test.clone()))
            .collect(),
        summary: Summary::of(walked),
        oos: stitched.figures(year),
        trades: stitched.trades,
        market_return: Stitched::market_return(bars, walked),
        equity,
        trials: trials(document),
        reproducibility: reproducibility(document),
    }
}

/// The parameters of a combination that vary, in words.
fn words(job: &Job<'_>, combination: &crate::research::sweep::grid::Combination) -> String {
    let parameters = document::parameters(&job.run.sweep.axes, combination);
    let varied = job
        .run
        .sweep
        .axes
        .iter()
        .filter(|axis| axis.values.len() > 1);
    let one = |name: &String| Some(format!("{name} = {}", parameters.get(name)?));
    let words: Vec<String> = varied.filter_map(|axis| one(&axis.name)).collect();
    match words.is_empty() {
        true => "the only combination".to_owned(),
        false => words.join(", "),
    }
}

/// Minutes, UTC.
fn minutes(time: UtcTime) -> String {
    let text: String = time.to_string().chars().take(16).collect();
    text.replace('T', " ")
}

fn facts(document: &WalkForwardJson) -> Vec<(String, String)> {
    let (data, lengths, counts) = (&document.data, &document.lengths, &document.counts);
    let invented = if data.synthetic { ", SYNTHETIC" } else { "" };
    let left_out = counts.grid - counts.ran;
    let combinations = match left_out {
        0 => counts.ran.to_string(),
        n => format!("{} ({n} of the grid left out)", counts.ran),
    };
    let trained = if lengths.anchored {
        format!("from the first bar on, first {}", lengths.train)
    } else {
        lengths.train.clone()
    };
    let mut facts = vec![
        (
            "Sweep",
            format!("{}: {}", document.sweep.name, document.sweep.description),
        ),
        ("Rule", document.sweep.kind.clone()),
        ("Combinations", combinations),
        (
            "Bars",
            format!(
                "{} {}, {} from {} to {}{invented}",
                data.symbol,
                data.timeframe,
                data.bars,
                minutes(data.first),
                minutes(data.last)
            ),
        ),
        ("Train window", trained),
        (
            "Test window",
            format!("{} every {}", lengths.test, lengths.step),
        ),
    ];
    if lengths.purge > 0 || lengths.embargo > 0 {
        facts.push((
            "Left out of training",
            format!(
                "{} bars before the test window, {} behind each earlier one",
                lengths.purge, lengths.embargo
            ),
        ));
    }
    facts.push((
        "Chosen by",
        format!("{}, else {}", document.metric, document.metric_fallback),
    ));
    facts.push((
        "Costs per side",
        format!(
            "fee {} and slippage {}, fractions",
            document.costs.fee, document.costs.slippage
        ),
    ));
    let owned = |(name, value): (&str, String)| (name.to_owned(), value);
    facts.into_iter().map(owned).collect()
}

/// How many trials are behind the choices.
#[must_use]
pub fn trials(document: &WalkForwardJson) -> String {
    let trials = &document.trials;
    let all = trials.runs.saturating_add(trials.earlier);
    let earlier = match trials.earlier {
        0 => String::new(),
        n => format!(", {n} of them counted earlier"),
    };
    format!(
        "Behind the choices stand {all} trials for {}{earlier}: every window looks at the same {} combinations, so that they count once.",
        trials.portfolio, trials.runs
    )
}

fn reproducibility(document: &WalkForwardJson) -> Vec<(String, String)> {
    let rows = [
        ("Engine", document.engine.to_string()),
        ("Bars, SHA-256", document.data.sha256.to_string()),
        ("Inputs, SHA-256", document.run_sha256.to_string()),
        ("windows.csv, SHA-256", document.windows_sha256.to_string()),
        ("oos.csv, SHA-256", document.oos_sha256.to_string()),
        ("Command", document.command.clone()),
    ];
    let owned = |(name, value): (&str, String)| (name.to_owned(), value);
    rows.into_iter().map(owned).collect()
}

/// The report files.
///
/// # Errors
/// When a template does not fit; a defect of this program.
pub fn files(
    report: &WalkForwardReport<'_>,
    format: Format,
) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    report_files(
        format,
        || rendered::markdown(report),
        || rendered::html(report),
    )
}
