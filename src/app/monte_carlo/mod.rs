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

use std::path::PathBuf;

use self::compute::{Asked, Method, Outcome};
use self::json::MonteCarloJson;
use crate::app::candidates::{self, Field, Head, Wanted, output};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::report_files::report_files;
use crate::app::workspace::Workspace;
use crate::evidence::manifest::Engine;
use crate::kernel::time::UtcTime;
use crate::metrics::MetricResult;
use crate::render::report::monte_carlo as rendered;
use crate::research::robustness::draws::Draws;
use crate::research::robustness::options::{BlockSize, Format};

/// What is asked for.
pub struct Job<'a> {
    /// Where bars and results are.
    pub workspace: &'a Workspace,
    /// Which candidates.
    pub wanted: Wanted,
    /// What is asked about each.
    pub asked: Asked,
    /// Report files.
    pub format: Format,
    /// Directory of the results; none: below `results/reports/`.
    pub out: Option<PathBuf>,
    /// The present.
    pub now: UtcTime,
    /// This program.
    pub engine: Engine,
    /// The command that repeats it, without machine paths.
    pub command: String,
}

/// How it went.
#[derive(Debug, Clone)]
pub struct Ran {
    /// Where the results are.
    pub path: PathBuf,
    /// What is in `monte_carlo.json`.
    pub json: MonteCarloJson,
}

/// Name of the file for programs.
pub const FILE_NAME: &str = "monte_carlo.json";

/// Looks at the candidates and writes the directory.
///
/// # Errors
/// Exit 3 when there are no candidates, or the bars are none of which a year has a known number; exit
/// 2 for a block that is as long as the series; exit 7 when the directory exists.
pub fn run(job: &Job<'_>) -> Result<Ran, Failure> {
    let field = candidates::field(job.workspace, &job.wanted)?;
    check(field.year, field.series.bars.len(), &job.asked)?;
    let ground = Head::of(&field);
    let asked = job.asked.json(field.candidates.len());
    let run_sha256 = output::run_sha256(json::SCHEMA, &ground, &asked, &job.engine)?;
    let out = job.out.as_deref();
    let path = output::directory(
        job.workspace,
        "montecarlo",
        &ground,
        job.now,
        run_sha256,
        out,
    )?;
    let outcomes: Vec<Outcome> = field
        .candidates
        .iter()
        .map(|candidate| compute::outcome(&field, candidate, &job.asked))
        .collect::<Result<_, _>>()?;
    let document = MonteCarloJson {
        schema: json::SCHEMA,
        candidates: outcomes
            .iter()
            .map(|o| o.json(&job.asked, ground.sharpe_without_skill.as_ref()))
            .collect(),
        ground,
        asked,
        run_sha256,
        engine: job.engine.clone(),
        produced_at: job.now,
        command: job.command.clone(),
        path: None,
    };
    let mut files = vec![(FILE_NAME.to_owned(), output::encoded(&document)?)];
    files.extend(tables(&outcomes)?);
    files.extend(reports(&document, &field, &outcomes, job)?);
    output::write(&path, &files)?;
    Ok(Ran {
        path,
        json: document,
    })
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
        let said = format!(
            "the Sharpe ratio of these bars is undefined ({reason}): they are neither around the clock nor one a day"
        );
        return Err(Failure::new(Exit::Invalid, "sweep.no-year", said)
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
    let refuse = |e: &dyn std::error::Error| {
        let doing = "could not write the draws as CSV";
        Failure::from_error(Exit::Internal, "candidates.write", doing, e)
    };
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::Any(b'\n'))
        .from_writer(Vec::new());
    let names = draws.columns.iter().map(|(drawn, _)| drawn.as_str());
    let header: Vec<&str> = std::iter::once("run").chain(names).collect();
    writer.write_record(header).map_err(|e| refuse(&e))?;
    let rows = draws.columns.first().map_or(0, |(_, values)| values.len());
    let cell = |value: Option<&MetricResult>| match value {
        Some(Ok(x)) => crate::app::sweep::rows::number(*x),
        _ => String::new(),
    };
    for row in 0..rows {
        let cells = draws
            .columns
            .iter()
            .map(|(_, values)| cell(values.get(row)));
        let record: Vec<String> = std::iter::once(row.to_string()).chain(cells).collect();
        writer.write_record(record).map_err(|e| refuse(&e))?;
    }
    writer.into_inner().map_err(|e| refuse(&e))
}

fn reports(
    document: &MonteCarloJson,
    field: &Field,
    outcomes: &[Outcome],
    job: &Job<'_>,
) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let report = report::report(document, field, outcomes, &job.asked);
    report_files(
        job.format,
        || rendered::markdown(&report),
        || rendered::html(&report),
    )
}
