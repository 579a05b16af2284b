//! The report of a sweep: results that were written earlier in, `report.md` and `report.html` out.
//!
//! Everything is worked out again from the rows, which must be those that the summary names. The same
//! results and the same wishes give the same bytes, and nothing else is overwritten. `value` makes the
//! report's value; `json` is what programs get of it.

pub mod json;
pub mod printed;
mod value;

use std::path::Path;

use self::json::SweepReportJson;
use super::files::{self, Wanted};
use super::results::Results;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::kernel::text::visible;
use crate::render::report::sweep as rendered;
use crate::research::robustness::options::Format;
use crate::research::sweep::grid::Axis;
use crate::research::sweep::ranking::Figure;

/// How many of the best a report shows where nobody says it.
pub const TOP: usize = 20;
/// Folder of the pictures beside the reports.
const PLOTS: &str = "plots";

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Job<'a> {
    /// The results.
    pub results: &'a Results,
    /// What the combinations are ranked by; none: what the sweep was ranked by.
    pub figure: Option<Figure>,
    /// What distribution, heat maps and parameter pictures show; none: the same.
    pub plotted: Option<Figure>,
    /// How many of the best.
    pub top: usize,
    /// Parameters of the heat maps, across and down; none: the two that move the figure most.
    pub heat: Option<[String; 2]>,
    /// Which files.
    pub format: Format,
    /// Writes every picture as a file of its own too.
    pub plots: bool,
    /// Folder of the files; none: beside the results.
    pub out: Option<&'a Path>,
}

/// Makes the report and writes it.
///
/// # Errors
/// Exit 2 for parameters that no heat map can have, exit 9 when the rows were changed, exit 7 when
/// another report is in the way.
pub fn run(job: &Job<'_>) -> Result<SweepReportJson, Failure> {
    let results = job.results;
    let table = results.table()?;
    let axes = &results.summary.sweep.axes;
    let heat = match &job.heat {
        Some([across, down]) => Some([varied(axes, across)?, varied(axes, down)?]),
        None => None,
    };
    if let Some([across, down]) = heat
        && across == down
    {
        let said = "a heat map has two different parameters".to_owned();
        return Err(Failure::new(Exit::Usage, "sweep.heatmap", said));
    }
    let made = value::report(job, &table, heat)?;
    let folder = job.out.unwrap_or(&results.dir);
    let mut wanted = Vec::new();
    let mut want = |name: &str, text: String| {
        wanted.push(Wanted {
            path: folder.join(name),
            bytes: text.into_bytes(),
        });
    };
    if job.format.markdown() {
        want(
            "report.md",
            rendered::markdown(&made.report).map_err(unfilled)?,
        );
    }
    if job.format.html() {
        want(
            "report.html",
            rendered::html(&made.report).map_err(unfilled)?,
        );
    }
    if job.plots {
        for (name, svg) in rendered::plots(&made.report) {
            want(&format!("{PLOTS}/{name}"), svg);
        }
    }
    let hint = "nothing is overwritten: name another folder with --output-dir";
    let written = files::keep(&wanted, hint)?;
    Ok(json::of(job, made, written))
}

/// The axis called `name`, which must have more than one value.
fn varied(axes: &[Axis], name: &str) -> Result<usize, Failure> {
    let found = axes.iter().position(|axis| axis.name == name);
    let varies = |index: &usize| axes.get(*index).is_some_and(|axis| axis.values.len() > 1);
    found.filter(varies).ok_or_else(|| {
        let known: Vec<&str> = axes
            .iter()
            .filter(|axis| axis.values.len() > 1)
            .map(|axis| axis.name.as_str())
            .collect();
        let said = format!(
            "`{}` is no parameter that varies in this sweep; there are: {}",
            visible(name, 64),
            known.join(", ")
        );
        Failure::new(Exit::Usage, "sweep.heatmap", said)
    })
}

fn unfilled(e: crate::render::report::TemplateError) -> Failure {
    let doing = "could not write the report of the sweep";
    Failure::from_error(Exit::Internal, "sweep.report", doing, &e)
}
