//! Stress tests on the best candidates of a sweep, as a use case: what one bad bar, or one wild stretch,
//! would have made of the series that the sweep chose.
//!
//! In: which candidates, and which scenarios. Out: a directory with `stress.json`, the stressed equity of
//! every candidate as CSV, and the reports. Nothing is chosen here, so no trial is counted. A candidate
//! is one strategy: `correlations_to_one` has no effect on it, and is answered in words instead of
//! figures that would look like a test.

pub mod compute;
pub mod json;
pub mod printed;
mod report;

use self::compute::Outcome;
use self::json::{AskedJson, StressJson};
use crate::app::candidates::look::{self, Look, Settled};
use crate::app::candidates::{self, Field};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::report_files::report_files;
use crate::app::results_folder::{encoded, shown};
use crate::app::sweep::rows::number;
use crate::render::report::stress as rendered;
use crate::research::market::Bar;
use crate::research::robustness::options::{Scenario, StressOptions};

/// What is asked for.
pub type Job<'a> = look::Job<'a, StressOptions>;

/// Name of the file for programs.
pub const FILE_NAME: &str = "stress.json";
const LOOK: Look = Look::new(json::SCHEMA, "stress");

/// Puts the candidates under stress and writes the directory.
///
/// # Errors
/// Exit 2 when no scenario is left that has an effect on a single strategy, exit 3 when there are no
/// candidates, exit 7 when the directory exists.
pub fn run(job: &Job<'_>) -> Result<StressJson, Failure> {
    check(&job.asked)?;
    let field = candidates::field(job.workspace, &job.wanted)?;
    let asked = AskedJson::of(&job.asked, field.candidates.len());
    let Settled { ground, made, path } = job.settle(LOOK, &field, &asked)?;
    let outcomes: Vec<Outcome> = field
        .candidates
        .iter()
        .map(|candidate| compute::outcome(&field, candidate, &job.asked))
        .collect::<Result<_, _>>()?;
    let mut document = StressJson {
        schema: json::SCHEMA,
        candidates: outcomes.iter().map(|o| o.json(&field)).collect(),
        ground,
        asked,
        made,
    };
    let mut files = vec![(FILE_NAME.to_owned(), encoded(&document)?)];
    for outcome in &outcomes {
        let name = format!("candidate_{}/equity.csv", outcome.best.rank);
        files.push((name, table(&field, outcome)?));
    }
    let report = report::report(&document, &field, &outcomes);
    files.extend(report_files(
        job.format,
        || rendered::markdown(&report),
        || rendered::html(&report),
    )?);
    LOOK.folder.write(&path, &files)?;
    document.made.path = Some(shown(&path));
    Ok(document)
}

/// Refuses options that leave a single strategy as it is.
///
/// # Errors
/// Exit 2 when no scenario has an effect.
pub fn check(options: &StressOptions) -> Result<(), Failure> {
    if !options.scenarios.iter().any(|s| compute::has_effect(*s)) {
        let name = Scenario::CorrelationsToOne.as_str();
        let said = format!("{name} has no effect on a single strategy, and nothing else is asked");
        return Err(Failure::new(Exit::Usage, "stress.no-effect", said)
            .hint("name another scenario with --scenarios; a portfolio's correlations are tested by `promote robustness --portfolio-preset NAME`"));
    }
    Ok(())
}

/// Equity after each bar, 1 before the first: of the run itself, and under each scenario.
fn table(field: &Field, outcome: &Outcome) -> Result<Vec<u8>, Failure> {
    let names = outcome.curves.iter().map(|(name, _)| (*name).to_owned());
    let header = std::iter::once("time".to_owned()).chain(names).collect();
    let row = |(index, bar): (usize, &Bar)| {
        let cells = outcome.curves.iter().map(|(_, equity)| {
            let value = equity.get(index).copied();
            value.map_or_else(String::new, number)
        });
        std::iter::once(bar.time.to_string()).chain(cells).collect()
    };
    let rows = field.series.bars.iter().enumerate().map(row);
    look::table(std::iter::once(header).chain(rows))
}
