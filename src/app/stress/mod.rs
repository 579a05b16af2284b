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

use std::path::PathBuf;

use self::compute::Outcome;
use self::json::{AskedJson, StressJson};
use crate::app::candidates::{self, Field, Head, Wanted, output};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::report_files::report_files;
use crate::app::sweep::rows::number;
use crate::app::workspace::Workspace;
use crate::evidence::manifest::Engine;
use crate::kernel::time::UtcTime;
use crate::render::report::stress as rendered;
use crate::research::robustness::options::{Format, Scenario, StressOptions};

/// What is asked for.
pub struct Job<'a> {
    /// Where bars and results are.
    pub workspace: &'a Workspace,
    /// Which candidates.
    pub wanted: Wanted,
    /// Scenarios, severity, window and place.
    pub options: StressOptions,
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
    /// What is in `stress.json`.
    pub json: StressJson,
}

/// Name of the file for programs.
pub const FILE_NAME: &str = "stress.json";

/// Puts the candidates under stress and writes the directory.
///
/// # Errors
/// Exit 2 when no scenario is left that has an effect on a single strategy, exit 3 when there are no
/// candidates, exit 7 when the directory exists.
pub fn run(job: &Job<'_>) -> Result<Ran, Failure> {
    check(&job.options)?;
    let field = candidates::field(job.workspace, &job.wanted)?;
    let ground = Head::of(&field);
    let asked = AskedJson::of(&job.options, field.candidates.len());
    let run_sha256 = output::run_sha256(json::SCHEMA, &ground, &asked, &job.engine)?;
    let out = job.out.as_deref();
    let path = output::directory(job.workspace, "stress", &ground, job.now, run_sha256, out)?;
    let outcomes: Vec<Outcome> = field
        .candidates
        .iter()
        .map(|candidate| compute::outcome(&field, candidate, &job.options))
        .collect::<Result<_, _>>()?;
    let document = StressJson {
        schema: json::SCHEMA,
        candidates: outcomes.iter().map(|o| o.json(&field)).collect(),
        ground,
        asked,
        run_sha256,
        engine: job.engine.clone(),
        produced_at: job.now,
        command: job.command.clone(),
        path: None,
    };
    let mut files = vec![(FILE_NAME.to_owned(), output::encoded(&document)?)];
    for outcome in &outcomes {
        let name = format!("candidate_{}/equity.csv", outcome.best.rank);
        files.push((name, table(&field, outcome)?));
    }
    files.extend(reports(&document, &field, &outcomes, job)?);
    output::write(&path, &files)?;
    Ok(Ran {
        path,
        json: document,
    })
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
    let refuse = |e: &dyn std::error::Error| {
        let doing = "could not write the equity as CSV";
        Failure::from_error(Exit::Internal, "candidates.write", doing, e)
    };
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::Any(b'\n'))
        .from_writer(Vec::new());
    let names = outcome.curves.iter().map(|(name, _)| *name);
    let header: Vec<&str> = std::iter::once("time").chain(names).collect();
    writer.write_record(header).map_err(|e| refuse(&e))?;
    for (index, bar) in field.series.bars.iter().enumerate() {
        let cells = outcome.curves.iter().map(|(_, equity)| {
            let value = equity.get(index).copied();
            value.map_or_else(String::new, number)
        });
        let record: Vec<String> = std::iter::once(bar.time.to_string()).chain(cells).collect();
        writer.write_record(record).map_err(|e| refuse(&e))?;
    }
    writer.into_inner().map_err(|e| refuse(&e))
}

fn reports(
    document: &StressJson,
    field: &Field,
    outcomes: &[Outcome],
    job: &Job<'_>,
) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let report = report::report(document, field, outcomes);
    report_files(
        job.format,
        || rendered::markdown(&report),
        || rendered::html(&report),
    )
}
