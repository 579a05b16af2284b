//! `windows.csv` and `oos.csv`: one row per window, and one per test bar.
//!
//! Numbers are the shortest that read back to the same value, empty where undefined; times are UTC.
//! Nothing is rounded, so that every figure can be made again from them.

use super::document::WindowJson;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::sweep::rows::{FIGURES, number};
use crate::app::sweep::summary::FiguresJson;
use crate::kernel::decimal::Decimal;
use crate::render::csv::write_rows;
use crate::research::sweep::grid::Axis;
use crate::research::walk_forward::stitched::Stitched;

/// Name of the file with one row per window.
pub const WINDOWS: &str = "windows.csv";
/// Name of the file with one row per test bar.
pub const OOS: &str = "oos.csv";

fn written(rows: impl Iterator<Item = Vec<String>>) -> Result<Vec<u8>, Failure> {
    write_rows(rows).map_err(|e| {
        let doing = "could not write a table as CSV";
        Failure::from_error(Exit::Internal, "walk-forward.tables", doing, &e)
    })
}

/// `oos.csv`: time of the bar, return of what was chosen, window from 1.
///
/// # Errors
/// Never for what a walk-forward gives.
pub fn oos(stitched: &Stitched) -> Result<Vec<u8>, Failure> {
    let header = ["time", "return", "window"].map(str::to_owned).to_vec();
    let rows = stitched.bars.iter().map(|bar| {
        vec![
            bar.time.to_string(),
            number(bar.r),
            (bar.window + 1).to_string(),
        ]
    });
    written(std::iter::once(header).chain(rows))
}

/// `windows.csv`: the chosen combination of every window on train and test bars.
///
/// # Errors
/// Never for what a walk-forward gives.
pub fn windows(axes: &[Axis], windows: &[WindowJson]) -> Result<Vec<u8>, Failure> {
    written(std::iter::once(header(axes)).chain(windows.iter().map(|window| row(axes, window))))
}

fn header(axes: &[Axis]) -> Vec<String> {
    let parts = ["train", "test"];
    let spans = parts.iter().flat_map(|part| {
        ["first", "last", "bars"]
            .iter()
            .map(move |name| format!("{part}_{name}"))
    });
    let figures = parts
        .iter()
        .flat_map(|part| FIGURES.iter().map(move |name| format!("{part}_{name}")));
    let last = [
        "market_return",
        "efficiency",
        "rank_ic",
        "rank_ic_combinations",
    ];
    std::iter::once("window".to_owned())
        .chain(spans)
        .chain(["cut", "metric", "run"].map(str::to_owned))
        .chain(axes.iter().map(|axis| format!("param_{}", axis.name)))
        .chain(figures)
        .chain(last.map(str::to_owned))
        .collect()
}

fn row(axes: &[Axis], window: &WindowJson) -> Vec<String> {
    let optional = |x: Option<&Decimal>| x.map_or_else(String::new, ToString::to_string);
    let mut cells = vec![window.window.to_string()];
    for span in [window.train.as_ref(), Some(&window.test)] {
        cells.extend(match span {
            None => [String::new(), String::new(), "0".to_owned()],
            Some(span) => [
                span.first.to_string(),
                span.last.to_string(),
                span.bars.to_string(),
            ],
        });
    }
    let chosen = window.best.first();
    cells.push(window.cut.to_string());
    cells.push(window.metric.clone().unwrap_or_default());
    cells.push(chosen.map_or_else(String::new, |c| c.run.to_string()));
    for axis in axes {
        let value = chosen.and_then(|c| c.parameters.get(&axis.name));
        cells.push(value.map_or_else(String::new, ToString::to_string));
    }
    for figures in [
        chosen.map(|c| &c.train),
        chosen.and_then(|c| c.test.as_ref()),
    ] {
        cells.extend(figures_cells(figures));
    }
    cells.push(optional(window.market_return.as_ref()));
    cells.push(optional(window.efficiency.as_ref()));
    cells.push(optional(window.rank_ic.as_ref()));
    cells.push(window.rank_ic_combinations.to_string());
    cells
}

/// In the order of [`FIGURES`].
fn figures_cells(figures: Option<&FiguresJson>) -> Vec<String> {
    let Some(f) = figures else {
        return vec![String::new(); FIGURES.len()];
    };
    let optional = |x: &Option<Decimal>| x.as_ref().map_or_else(String::new, ToString::to_string);
    vec![
        optional(&f.total_return),
        optional(&f.sharpe),
        optional(&f.sortino),
        optional(&f.max_drawdown),
        f.trades.to_string(),
        optional(&f.hit_ratio),
        optional(&f.profit_factor),
        optional(&f.costs),
    ]
}
