//! The export of the best combinations of a sweep: `NAME_top_candidates.toml`.
//!
//! In: the directory of a sweep, or its name for the newest. Out: the best by any figure, ranked
//! again from the rows, as TOML. An export is no promotion and says so. The same results give the same
//! bytes; a file that says something else is not overwritten.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::files::{Wanted, keep};
use super::results::results;
use super::summary::{self, Best, Summary};
use crate::app::failure::Failure;
use crate::app::results_folder::shown;
use crate::app::workspace::Workspace;
use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;
use crate::kernel::id::StrategyId;
use crate::kernel::text::visible;
use crate::research::portfolio::configuration::Parameter;
use crate::research::strategy::registry::Rule;
use crate::research::sweep::ranking::{self, Figure};

/// `promote/sweep-candidates/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct CandidatesJson {
    schema: &'static str,
    /// The file.
    pub path: String,
    /// The sweep.
    pub sweep: StrategyId,
    /// What they are ranked by.
    pub metric: &'static str,
    /// SHA-256 of the rows that they come from.
    pub results_sha256: Digest,
    /// Best first.
    pub candidates: Vec<Best>,
}

/// What was exported.
#[derive(Debug)]
pub struct Exported {
    /// The file.
    pub path: PathBuf,
    /// False when the same file was there already.
    pub written: bool,
    /// For programs.
    pub json: CandidatesJson,
}

/// Exports the best `top` of the sweep `name`, ranked by the first figure, or by the second where no
/// combination has the first: from the directory `from`, else from its newest results; into the folder
/// `out`, else beside the results.
///
/// # Errors
/// Exit 3 when there are no such results, exit 9 when the rows are not those that the summary names,
/// exit 7 when another export is in the way.
pub fn export(
    workspace: &Workspace,
    name: &StrategyId,
    from: Option<&Path>,
    [figure, fallback]: [Figure; 2],
    top: usize,
    out: Option<&Path>,
) -> Result<Exported, Failure> {
    let results = results(workspace, name, from)?;
    let summary = &results.summary;
    let axes = &summary.sweep.axes;
    let table = results.table()?;
    let at: Vec<&[usize]> = table.at.iter().map(Vec::as_slice).collect();
    let has = |figure: Figure| table.rows.iter().any(|row| figure.ranked(row).is_some());
    let figure = if has(figure) || !has(fallback) {
        figure
    } else {
        fallback
    };
    let ranked = ranking::best(&at, &table.rows, figure, top);
    let candidates = summary::best(axes, &at, &table.rows, &ranked);
    let text = toml(summary, figure, top, &candidates);
    let folder = out.unwrap_or(&results.dir);
    let path = folder.join(format!("{name}_top_candidates.toml"));
    let wanted = Wanted {
        path: path.clone(),
        bytes: text.into_bytes(),
    };
    let hint = "nothing is overwritten: name another folder with --output";
    let written = keep(&[wanted], hint)?.iter().all(|file| file.written);
    Ok(Exported {
        written,
        json: CandidatesJson {
            schema: "promote/sweep-candidates/v1",
            path: shown(&path),
            sweep: name.clone(),
            metric: figure.as_str(),
            results_sha256: summary.results_sha256,
            candidates,
        },
        path,
    })
}

fn toml(summary: &Summary, figure: Figure, top: usize, candidates: &[Best]) -> String {
    let sweep = &summary.sweep;
    let mut text = "# The best combinations of a sweep, exported. This is no promotion: a stage is reached through\n\
                    # `promote request` alone, on evidence of its own.\n\n[meta]\n"
        .to_owned();
    let trials = summary.trials.runs.saturating_add(summary.trials.earlier);
    let pairs = [
        ("sweep_name", quoted(sweep.name.as_str())),
        ("kind", quoted(&sweep.kind)),
        ("symbol", quoted(&summary.data.symbol)),
        ("timeframe", quoted(&summary.data.timeframe)),
        ("metric_used", quoted(figure.as_str())),
        ("top_n", top.to_string()),
        ("trials", trials.to_string()),
        ("generated_at", quoted(&summary.produced_at.to_string())),
        (
            "results_sha256",
            quoted(&summary.results_sha256.to_string()),
        ),
    ];
    for (name, value) in pairs {
        let _infallible = writeln!(text, "{name} = {value}");
    }
    for candidate in candidates {
        one(&mut text, summary, candidate);
    }
    text
}

/// One `[[candidates]]`. The parameters are all of the rule's, also those that were defaults.
fn one(text: &mut String, summary: &Summary, candidate: &Best) {
    let figures = &candidate.figures;
    let _infallible = write!(
        text,
        "\n[[candidates]]\nrank = {}\nrun = {}\n",
        candidate.rank, candidate.run
    );
    let numbers = [
        ("plateau", &candidate.plateau),
        ("sharpe", &figures.sharpe),
        ("sortino", &figures.sortino),
        ("total_return", &figures.total_return),
        ("max_drawdown", &figures.max_drawdown),
        ("hit_ratio", &figures.hit_ratio),
        ("profit_factor", &figures.profit_factor),
        ("costs", &figures.costs),
    ];
    for (name, value) in numbers {
        if let Some(value) = value {
            let _infallible = writeln!(text, "{name} = {}", float(value));
        }
    }
    let _infallible = writeln!(
        text,
        "trades = {}\nneighbours = {}",
        figures.trades, candidate.neighbours
    );
    let is_exit = |name: &String| {
        let mut axes = summary.sweep.axes.iter();
        axes.any(|axis| axis.exit && axis.name == *name)
    };
    let (exits, own): (BTreeMap<_, _>, BTreeMap<_, _>) = candidate
        .parameters
        .clone()
        .into_iter()
        .partition(|(name, _)| is_exit(name));
    for (name, value) in &exits {
        let _infallible = writeln!(text, "{name} = {}", value_text(value));
    }
    let all = Rule::new(&summary.sweep.kind, &own).map_or(own, |rule| rule.parameters());
    text.push_str("\n[candidates.parameters]\n");
    for (name, value) in &all {
        let _infallible = writeln!(text, "{name} = {}", value_text(value));
    }
}

/// A TOML float: it has a point.
fn float(value: &Decimal) -> String {
    let text = value.to_string();
    if text.contains('.') {
        text
    } else {
        text + ".0"
    }
}

/// Identifiers, times and digests hold nothing that TOML would escape; anything else is made visible.
fn quoted(text: &str) -> String {
    format!(
        "\"{}\"",
        visible(text, 200)
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
    )
}

fn value_text(value: &Parameter) -> String {
    match value {
        Parameter::Flag(flag) => flag.to_string(),
        Parameter::Number(number) => number.to_string(),
        Parameter::Word(word) => quoted(word.as_str()),
        Parameter::Components(parts) => {
            let part = |part: &crate::research::portfolio::configuration::ComponentParameter| {
                let inner: Vec<String> = part
                    .parameters
                    .iter()
                    .map(|(name, value)| format!("{name} = {}", value_text(value)))
                    .collect();
                format!(
                    "{{ kind = {}, weight = {}, parameters = {{ {} }} }}",
                    quoted(&part.kind),
                    part.weight,
                    inner.join(", ")
                )
            };
            let parts: Vec<String> = parts.iter().map(part).collect();
            format!("[{}]", parts.join(", "))
        }
    }
}
