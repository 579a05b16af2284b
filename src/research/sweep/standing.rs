//! Where the best combination of a sweep stands: on a plateau or on a peak, inside of the grid or at
//! its edge.
//!
//! # Formula
//! kept = (plateau - median) / (best - median): the share of its lead over the median combination
//! that the best keeps when it is averaged with its neighbours. 1 is a level plateau, 0 a peak that
//! stands in nothing but the middle of the field.
//!
//! # Degenerate cases
//! None without a lead, or with fewer than two neighbours.

use super::grid::Axis;
use super::ranking::Ranked;
use crate::kernel::decimal::Decimal;
use crate::research::portfolio::configuration::Parameter;
use crate::research::strategy::kind::Takes;
use crate::research::strategy::registry::KINDS;

/// Fewest neighbours of which a plateau is said.
pub const NEIGHBOURS_MIN: usize = 2;
/// Fewest values of an axis that has an inside.
const VALUES_MIN: usize = 3;

/// An end of an axis at which a combination stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Which axis of the grid, from 0.
    pub axis: usize,
    /// The smallest value; else the largest.
    pub smallest: bool,
}

/// The share of its lead over `median` that the best keeps among its neighbours.
#[must_use]
pub fn kept(best: &Ranked, median: f64) -> Option<f64> {
    let lead = best.value - median;
    let share = (best.plateau - median) / lead;
    (best.neighbours >= NEIGHBOURS_MIN && share.is_finite()).then_some(share)
}

/// The ends of axes at which the combination `at` of a grid stands, and beyond which the kind still
/// takes values. Axes of words, and those without an inside, have no end.
#[must_use]
pub fn edges(kind: &str, axes: &[Axis], at: &[usize]) -> Vec<Edge> {
    let one = |(index, (axis, at)): (usize, (&Axis, &usize))| {
        let numbers: Vec<&Decimal> = axis.values.iter().filter_map(number).collect();
        if numbers.len() < axis.values.len() || numbers.len() < VALUES_MIN {
            return None;
        }
        let own = *numbers.get(*at)?;
        let smallest = numbers.iter().all(|other| *other >= own);
        let largest = numbers.iter().all(|other| *other <= own);
        let open = (smallest || largest) && !is_last(kind, axis, own);
        open.then_some(Edge {
            axis: index,
            smallest,
        })
    };
    axes.iter().zip(at).enumerate().filter_map(one).collect()
}

fn number(value: &Parameter) -> Option<&Decimal> {
    match value {
        Parameter::Number(number) => Some(number),
        _ => None,
    }
}

/// True when the kind takes nothing beyond `value`.
fn is_last(kind: &str, axis: &Axis, value: &Decimal) -> bool {
    let kind = KINDS.iter().find(|known| known.name == kind);
    let spec = kind.and_then(|kind| kind.specs.iter().find(|spec| spec.name == axis.name));
    let ends = match spec.map(|spec| &spec.takes) {
        _ if axis.exit => None,
        Some(Takes::Whole { from, to, .. }) => Some([from.to_string(), to.to_string()]),
        Some(Takes::Number { from, to, .. }) => Some([(*from).to_owned(), (*to).to_owned()]),
        _ => None,
    };
    let is_value = |end: &String| end.parse::<Decimal>().is_ok_and(|end| end == *value);
    ends.is_some_and(|ends| ends.iter().any(is_value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::research::sweep::grid::Sweeps;

    const GRID: &str = r#"
[sweep.g]
kind = "breakout"
description = "Edges."
take_profit_pct = [0.1, 0.2, 0.3]
[sweep.g.parameters]
lookback_breakout = [30, 10, 20]
stop_loss_pct = [0, 0.02, 0.04]
trailing_stop_pct = [0.02, 0.04]
"#;

    #[test]
    fn an_edge_is_an_end_beyond_which_there_is_more() {
        let sweeps = Sweeps::parse(GRID).unwrap();
        let axes = &sweeps.sweep("g").unwrap().axes;
        let names: Vec<&str> = axes.iter().map(|axis| axis.name.as_str()).collect();
        let wanted = [
            "lookback_breakout",
            "stop_loss_pct",
            "trailing_stop_pct",
            "take_profit_pct",
        ];
        assert_eq!(names, wanted);
        let found = |at: [usize; 4]| -> Vec<(usize, bool)> {
            let edges = edges("breakout", axes, &at);
            edges.iter().map(|e| (e.axis, e.smallest)).collect()
        };
        // Values count, not their order: 30 stands first and is the largest.
        assert_eq!(found([0, 1, 0, 1]), [(0, false)]);
        assert_eq!(found([1, 2, 1, 2]), [(0, true), (1, false), (3, false)]);
        // Below a stop of 0 there is none; two values have no inside.
        assert_eq!(found([2, 0, 0, 1]), []);
    }

    #[test]
    fn a_plateau_keeps_its_lead_and_a_peak_does_not() {
        let best = |value, plateau, neighbours| Ranked {
            index: 0,
            value,
            plateau,
            neighbours,
        };
        assert_eq!(kept(&best(2.0, 1.75, 4), 1.0), Some(0.75));
        assert_eq!(kept(&best(2.0, 0.5, 4), 1.0), Some(-0.5));
        // A drawdown leads downwards.
        assert_eq!(kept(&best(0.125, 0.25, 2), 0.625), Some(0.75));
        assert_eq!(kept(&best(2.0, 1.8, 1), 1.0), None);
        assert_eq!(kept(&best(1.0, 1.0, 4), 1.0), None);
    }
}
