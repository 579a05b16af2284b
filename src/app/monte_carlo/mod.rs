//! Monte-Carlo on the best candidates of a sweep, as a use case: what chance could have made of the
//! series that the sweep chose.
//!
//! In: which candidates, and what is asked. Out: a directory with `monte_carlo.json`, the draws of every
//! candidate as CSV, and the reports. Nothing is chosen here, so no trial is counted; how many trials
//! are behind the candidates stands first in every output.
//!
//! `compute` draws, `json` is what is written for programs, `report` and `printed` are for people.

pub mod compute;
pub mod json;
pub mod printed;
mod report;

use self::compute::{Asked, Method, Outcome};
use self::json::MonteCarloJson;
use crate::app::candidates;
use crate::app::candidates::look::{self, Look, Settled};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::market::year::undefined;
use crate::app::report_files::report_files;
use crate::app::results_folder::{encoded, shown};
use crate::app::sweep::rows::number;
use crate::metrics::MetricResult;
use crate::render::report::monte_carlo as rendered;
use crate::research::robustness::draws::Draws;
use crate::research::robustness::options::BlockSize;

/// What is asked for.
pub type Job<'a> = look::Job<'a, Asked>;

/// Name of the file for programs.
pub const FILE_NAME: &str = "monte_carlo.json";
const LOOK: Look = Look::new(json::SCHEMA, "montecarlo");

/// Looks at the candidates and writes the directory.
///
/// # Errors
/// Exit 3 when there are no candidates, or the bars are none of which a year has a known number; exit
/// 2 for a block that is as long as the series; exit 7 when the directory exists.
pub fn run(job: &Job<'_>) -> Result<MonteCarloJson, Failure> {
    let field = candidates::field(job.workspace, &job.wanted)?;
    check(field.year, field.series.bars.len(), &job.asked)?;
    let asked = job.asked.json(field.candidates.len());
    let Settled { ground, made, path } = job.settle(LOOK, &field, &asked)?;
    let outcomes: Vec<Outcome> = field
        .candidates
        .iter()
        .map(|candidate| compute::outcome(&field, candidate, &job.asked))
        .collect::<Result<_, _>>()?;
    let luck = ground.sharpe_without_skill.as_ref();
    let mut document = MonteCarloJson {
        schema: json::SCHEMA,
        candidates: outcomes.iter().map(|o| o.json(&job.asked, luck)).collect(),
        ground,
        asked,
        made,
    };
    let mut files = vec![(FILE_NAME.to_owned(), encoded(&document)?)];
    files.extend(tables(&outcomes)?);
    let report = report::report(&document, &field, &outcomes, &job.asked);
    files.extend(report_files(
        job.format,
        || rendered::markdown(&report),
        || rendered::html(&report),
    )?);
    LOOK.folder.write(&path, &files)?;
    document.made.path = Some(shown(&path));
    Ok(document)
}

/// Refuses what cannot be drawn from so many `bars` of which a year has `year`.
///
/// # Errors
/// Exit 3 when the bars are none of which a year has a known number; exit 2 for a block that is as
/// long as the series.
pub fn check(year: MetricResult, bars: usize, asked: &Asked) -> Result<(), Failure> {
    let Method::Bars(_) = asked.method else {
        return Ok(());
    };
    if let Err(reason) = year {
        return Err(undefined("sweep.no-year", "the Sharpe ratio", reason)
            .hint("--method trade_shuffle needs no bars per year"));
    }
    match asked.block() {
        Some(BlockSize::Bars(block)) if usize::try_from(block).is_ok_and(|b| b >= bars) => {
            let said =
                format!("--block-size: `{block}` is not below the {bars} bars of the series");
            Err(Failure::new(Exit::Usage, "usage", said)
                .hint("such a block draws the series itself, again and again"))
        }
        _ => Ok(()),
    }
}

/// The draws of every candidate: `candidate_RANK/replicates.csv`, and `costs.csv` beside it.
fn tables(outcomes: &[Outcome]) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let mut files = Vec::new();
    for outcome in outcomes {
        let named = [
            ("replicates", Some(&outcome.draws)),
            ("costs", outcome.costs.as_ref()),
        ];
        for (name, draws) in named {
            if let Some(draws) = draws {
                let path = format!("candidate_{}/{name}.csv", outcome.best.rank);
                files.push((path, table(draws)?));
            }
        }
    }
    Ok(files)
}

/// One row per draw; empty where undefined.
fn table(draws: &Draws) -> Result<Vec<u8>, Failure> {
    let names = draws.columns.iter();
    let names = names.map(|(drawn, _)| drawn.as_str().to_owned());
    let header = std::iter::once("run".to_owned()).chain(names).collect();
    let cell = |value: Option<&MetricResult>| match value {
        Some(Ok(x)) => number(*x),
        _ => String::new(),
    };
    let row = |row: usize| {
        let columns = draws.columns.iter();
        let cells = columns.map(|(_, values)| cell(values.get(row)));
        std::iter::once(row.to_string()).chain(cells).collect()
    };
    let rows = draws.columns.first().map_or(0, |(_, values)| values.len());
    look::table(std::iter::once(header).chain((0..rows).map(row)))
}
