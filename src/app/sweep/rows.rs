//! `results.csv`: one row per combination, parameters and figures.
//!
//! Columns: `run` (from 1, the order of the plan), one `param_NAME` per axis of the grid, then the
//! figures; empty where undefined. Numbers are the shortest that read back to the same value, so that
//! what is read again ranks as it did.

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::kernel::text::visible;
use crate::render::csv::write_rows;
use crate::research::sweep::grid::{Axis, Combination};
use crate::research::sweep::tally::Figures;

/// Name of the file.
pub const FILE_NAME: &str = "results.csv";

/// The columns of figures.
pub const FIGURES: [&str; 8] = [
    "total_return",
    "sharpe",
    "sortino",
    "max_drawdown",
    "trades",
    "hit_ratio",
    "profit_factor",
    "costs",
];

/// A number as it is written: the shortest that reads back; a negative zero is none.
#[must_use]
pub fn number(x: f64) -> String {
    format!("{}", x + 0.0)
}

/// The text of axis `index` of a combination.
fn parameter(axis: &Axis, index: usize) -> String {
    axis.values
        .get(index)
        .map_or_else(String::new, ToString::to_string)
}

/// The file.
///
/// # Errors
/// Never for what a sweep gives.
pub fn write(
    axes: &[Axis],
    combinations: &[Combination],
    rows: &[Figures],
) -> Result<Vec<u8>, Failure> {
    let optional = |x: Option<f64>| x.map_or_else(String::new, number);
    let cells = |(run, (combination, row)): (u64, (&Combination, &Figures))| {
        let parameters = axes.iter().zip(&combination.at);
        std::iter::once(run.to_string())
            .chain(parameters.map(|(axis, index)| parameter(axis, *index)))
            .chain([
                number(row.total_return),
                optional(row.sharpe),
                optional(row.sortino),
                number(row.max_drawdown),
                row.trades.to_string(),
                optional(row.hit_ratio),
                optional(row.profit_factor),
                number(row.costs),
            ])
            .collect()
    };
    let rows = (1_u64..).zip(combinations.iter().zip(rows)).map(cells);
    write_rows(std::iter::once(header(axes)).chain(rows)).map_err(|e| {
        let doing = "could not write the results as CSV";
        Failure::from_error(Exit::Internal, "sweep.rows", doing, &e)
    })
}

fn header(axes: &[Axis]) -> Vec<String> {
    let parameters = axes.iter().map(|axis| format!("param_{}", axis.name));
    std::iter::once("run".to_owned())
        .chain(parameters)
        .chain(FIGURES.map(str::to_owned))
        .collect()
}

/// What was written: where each combination stands in the grid, and its figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Which value of each axis.
    pub at: Vec<Vec<usize>>,
    /// Figures, in the same order.
    pub rows: Vec<Figures>,
}

/// Reads the file again.
///
/// # Errors
/// Exit 3 when it is not what [`write()`] gives for these axes.
pub fn read(axes: &[Axis], bytes: &[u8]) -> Result<Table, Failure> {
    let refuse = |said: String| {
        Failure::new(
            Exit::Invalid,
            "sweep.rows",
            format!("`{FILE_NAME}` is not that of a sweep: {said}"),
        )
    };
    let mut reader = csv::Reader::from_reader(bytes);
    let found = reader.headers().map_err(|e| refuse(e.to_string()))?;
    if !found.iter().eq(header(axes)) {
        return Err(refuse("its columns are others".to_owned()));
    }
    let mut table = Table {
        at: Vec::new(),
        rows: Vec::new(),
    };
    for (line, record) in (2_u64..).zip(reader.into_records()) {
        let record = record.map_err(|e| refuse(e.to_string()))?;
        let mut cells = record.iter().skip(1);
        let place = axes.iter().map(|axis| {
            let text = cells.next()?;
            axis.values.iter().position(|v| v.to_string() == text)
        });
        let at: Option<Vec<usize>> = place.collect();
        let (at, row) = at
            .and_then(|at| Some((at, figures(cells)?)))
            .ok_or_else(|| {
                let shown = visible(&record.iter().collect::<Vec<_>>().join(","), 120);
                refuse(format!("line {line}: {shown}"))
            })?;
        table.at.push(at);
        table.rows.push(row);
    }
    Ok(table)
}

fn figures<'c>(mut cells: impl Iterator<Item = &'c str>) -> Option<Figures> {
    let finite = |text: &str| text.parse::<f64>().ok().filter(|x| x.is_finite());
    let optional = |text: &str| match text {
        "" => Some(None),
        text => finite(text).map(Some),
    };
    Some(Figures {
        total_return: finite(cells.next()?)?,
        sharpe: optional(cells.next()?)?,
        sortino: optional(cells.next()?)?,
        max_drawdown: finite(cells.next()?)?,
        trades: cells.next()?.parse().ok()?,
        hit_ratio: optional(cells.next()?)?,
        profit_factor: optional(cells.next()?)?,
        costs: finite(cells.next()?)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::research::sweep::grid::Sweeps;

    #[test]
    fn what_is_written_reads_back_to_the_same() {
        let text = "[sweep.s]\nkind = \"vol_regime_filter\"\ndescription = \"Words.\"\n\
                    stop_pct = [0.05, 0.1]\n\
                    [sweep.s.parameters]\nvol_method = [\"atr\", \"std\"]\nvol_percentile_low = 2.5\n";
        let sweeps = Sweeps::parse(text).unwrap();
        let sweep = sweeps.sweep("s").unwrap();
        let plan = sweep.plan(None).unwrap();
        let rows: Vec<Figures> = (0..4_u32)
            .map(|n| Figures {
                total_return: -1.0 / 3.0 * f64::from(n),
                sharpe: (n > 0).then(|| 0.1 + f64::from(n) * 1e-17),
                sortino: None,
                max_drawdown: 1e-12,
                trades: n,
                hit_ratio: Some(0.5),
                profit_factor: (n > 2).then_some(1e9 / 7.0),
                costs: 0.0,
            })
            .collect();
        let bytes = write(&sweep.axes, &plan.combinations, &rows).unwrap();
        let first = String::from_utf8(bytes.clone()).unwrap();
        let lines: Vec<&str> = first.lines().collect();
        assert_eq!(
            lines[0],
            "run,param_vol_method,param_vol_percentile_low,param_stop_pct,total_return,sharpe,\
             sortino,max_drawdown,trades,hit_ratio,profit_factor,costs"
        );
        assert_eq!(lines[1], "1,atr,2.5,0.05,0,,,0.000000000001,0,0.5,,0");
        let table = read(&sweep.axes, &bytes).unwrap();
        assert_eq!(table.rows, rows);
        let at: Vec<_> = plan.combinations.iter().map(|c| c.at.clone()).collect();
        assert_eq!(table.at, at);
    }

    #[test]
    fn another_table_is_refused() {
        let axes = [Axis {
            name: "n".to_owned(),
            exit: false,
            values: vec![
                "1".parse()
                    .map(crate::research::portfolio::configuration::Parameter::Number)
                    .unwrap(),
            ],
        }];
        let header = header(&axes).join(",");
        for (text, said) in [
            ("run,x\n".to_owned(), "columns"),
            (format!("{header}\n1,2,0,,,0,0,,,0\n"), "line 2"),
            (format!("{header}\n1,1,inf,,,0,0,,,0\n"), "line 2"),
            (format!("{header}\n1,1,0,,,0,0.5,,,0\n"), "line 2"),
            (format!("{header}\n1,1,0\n"), "found record"),
        ] {
            let failure = read(&axes, text.as_bytes()).unwrap_err();
            assert!(failure.message.contains(said), "{}", failure.message);
        }
        let whole = format!("{header}\n1,1,0,,,0,0,,,0\n");
        assert_eq!(read(&axes, whole.as_bytes()).unwrap().at, [[0]]);
    }
}
