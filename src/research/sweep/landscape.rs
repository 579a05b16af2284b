//! What a figure looks like over the grid of a sweep: how it is distributed, what each value of a
//! parameter does to it, and its table over two parameters.
//!
//! In: where the combinations stand in the grid, their figures, one [`Figure`]. Out: [`Quartiles`],
//! [`Effect`]s, [`Plane`]s. As in [`super::ranking`], a combination without a trade has no figure.
//! Sums run in the order of the grid. Nothing here knows how a table is shown.

use std::collections::{BTreeMap, BTreeSet};

use super::ranking::Figure;
use super::tally::Figures;

/// How values are distributed; quantiles of type 7.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quartiles {
    /// How many values.
    pub count: usize,
    /// Smallest.
    pub min: f64,
    /// A quarter is at most this.
    pub low: f64,
    /// Half is at most this.
    pub median: f64,
    /// Three quarters are at most this.
    pub high: f64,
    /// Largest.
    pub max: f64,
    /// Arithmetic mean.
    pub mean: f64,
}

/// What one axis does to a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// Which axis of the grid, from 0.
    pub axis: usize,
    /// Per value of the axis, the distribution over everything else; none where no combination with
    /// that value has the figure.
    pub values: Vec<Option<Quartiles>>,
    /// Largest mean less smallest mean; 0 where fewer than two values have one.
    pub spread: f64,
    /// True when no combination changes in any figure when only this axis does.
    pub idle: bool,
}

/// What stands in a cell of a [`Plane`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// The mean over the other axes.
    Mean,
    /// The best over the other axes.
    Best,
}

/// A figure over two axes.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// Axis of the columns.
    pub across: usize,
    /// Axis of the rows.
    pub down: usize,
    /// One list per value of `down`, with one cell per value of `across`; none where no combination
    /// has the figure.
    pub cells: Vec<Vec<Option<f64>>>,
}

/// The rows of a sweep, where they stand, and how many values each axis has.
#[derive(Debug, Clone, Copy)]
pub struct Landscape<'a> {
    /// Which value of each axis every combination has.
    pub at: &'a [Vec<usize>],
    /// Their figures, in the same order.
    pub rows: &'a [Figures],
    /// Values of each axis.
    pub sizes: &'a [usize],
}

impl Quartiles {
    /// Of values in any order; none without a finite one.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let values: Vec<f64> = values.into_iter().filter(|x| x.is_finite()).collect();
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        Some(Self {
            count: sorted.len(),
            min: *sorted.first()?,
            low: quantile(&sorted, 1)?,
            median: quantile(&sorted, 2)?,
            high: quantile(&sorted, 3)?,
            max: *sorted.last()?,
            mean: mean(&values)?,
        })
    }
}

/// The quantile of `quarters` / 4 (type 7) of ascending values.
fn quantile(sorted: &[f64], quarters: usize) -> Option<f64> {
    let steps = sorted.len().checked_sub(1)? * quarters;
    let (below, rest) = (steps / 4, steps % 4);
    let low = *sorted.get(below)?;
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    Some(low + rest as f64 / 4.0 * (high - low))
}

fn mean(values: &[f64]) -> Option<f64> {
    let first = *values.first()?;
    let sum: f64 = values.iter().map(|x| x - first).sum();
    Some(first + sum / values.len() as f64)
}

impl<'a> Landscape<'a> {
    /// Place and figure of every combination that has it.
    fn figures(self, figure: Figure) -> impl Iterator<Item = (&'a [usize], f64)> {
        let pairs = self.at.iter().zip(self.rows);
        pairs.filter_map(move |(at, row)| Some((at.as_slice(), figure.ranked(row)?)))
    }

    /// The values of the figure, in the order of the grid.
    #[must_use]
    pub fn values(self, figure: Figure) -> Vec<f64> {
        self.figures(figure).map(|(_, x)| x).collect()
    }

    /// What the axes with more than one value do to the figure, in the order of the grid.
    #[must_use]
    pub fn effects(self, figure: Figure) -> Vec<Effect> {
        let varied = self.sizes.iter().enumerate().filter(|(_, size)| **size > 1);
        varied
            .map(|(axis, size)| self.effect(figure, axis, *size))
            .collect()
    }

    fn effect(self, figure: Figure, axis: usize, size: usize) -> Effect {
        let mut by_value: Vec<Vec<f64>> = vec![Vec::new(); size];
        for (at, x) in self.figures(figure) {
            if let Some(list) = at.get(axis).and_then(|index| by_value.get_mut(*index)) {
                list.push(x);
            }
        }
        let values: Vec<Option<Quartiles>> = by_value.into_iter().map(Quartiles::of).collect();
        let means = values.iter().flatten().map(|quartiles| quartiles.mean);
        let range = Quartiles::of(means).map_or(0.0, |means| means.max - means.min);
        Effect {
            axis,
            values,
            spread: range,
            idle: self.is_idle(axis),
        }
    }

    /// True when every combination has the same figures as all that differ from it in `axis` alone,
    /// and there are such.
    fn is_idle(self, axis: usize) -> bool {
        let mut seen: BTreeMap<Vec<usize>, (usize, BTreeSet<Bits>)> = BTreeMap::new();
        for (at, row) in self.at.iter().zip(self.rows) {
            let mut others = at.clone();
            if let Some(own) = others.get_mut(axis) {
                *own = 0;
            }
            let (count, different) = seen.entry(others).or_default();
            *count += 1;
            different.insert(bits(row));
        }
        let compared = seen.values().any(|(count, _)| *count > 1);
        compared && seen.values().all(|(_, different)| different.len() == 1)
    }

    /// The figure over two axes.
    #[must_use]
    pub fn plane(self, figure: Figure, [across, down]: [usize; 2], over: Over) -> Plane {
        let size = |axis: usize| self.sizes.get(axis).copied().unwrap_or(0);
        let mut lists: Vec<Vec<Vec<f64>>> = vec![vec![Vec::new(); size(across)]; size(down)];
        for (at, x) in self.figures(figure) {
            let row = at.get(down).and_then(|index| lists.get_mut(*index));
            let cell = row.and_then(|row| row.get_mut(*at.get(across)?));
            cell.into_iter().for_each(|cell| cell.push(x));
        }
        let one = |list: &Vec<f64>| match over {
            Over::Mean => mean(list),
            Over::Best => list.iter().copied().min_by(|a, b| figure.order(*a, *b)),
        };
        Plane {
            across,
            down,
            cells: lists
                .iter()
                .map(|row| row.iter().map(one).collect())
                .collect(),
        }
    }
}

/// The two axes whose values move the figure most, the stronger one first; equals in the order of
/// the grid. None where fewer than two axes vary.
#[must_use]
pub fn strongest(effects: &[Effect]) -> Option<[usize; 2]> {
    let mut order: Vec<&Effect> = effects.iter().collect();
    order.sort_by(|a, b| b.spread.total_cmp(&a.spread));
    match order.as_slice() {
        [first, second, ..] => Some([first.axis, second.axis]),
        _ => None,
    }
}

/// A row of figures, bit by bit.
type Bits = ([u64; 3], [Option<u64>; 4], u32);

/// The bits by which rows are told apart.
pub(super) fn bits(row: &Figures) -> Bits {
    let some = |x: Option<f64>| x.map(f64::to_bits);
    let plain = [row.total_return, row.max_drawdown, row.costs].map(f64::to_bits);
    let ratios = [row.sharpe, row.sortino, row.hit_ratio, row.profit_factor].map(some);
    (plain, ratios, row.trades)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sharpe: Option<f64>, trades: u32) -> Figures {
        Figures {
            total_return: 0.0,
            sharpe,
            sortino: None,
            max_drawdown: 0.1,
            trades,
            hit_ratio: None,
            profit_factor: None,
            costs: 0.0,
        }
    }

    /// Three by two by two; the last axis changes nothing, the place 1, 1 broke a constraint.
    fn grid() -> (Vec<Vec<usize>>, Vec<Figures>) {
        let mut at = Vec::new();
        for first in 0..3 {
            for second in 0..2 {
                for third in 0..2 {
                    if (first, second) != (1, 1) {
                        at.push(vec![first, second, third]);
                    }
                }
            }
        }
        let sharpe = |at: &Vec<usize>| [1.0, 3.0, 2.0][at[0]] - [0.0, 0.5][at[1]];
        let mut rows: Vec<Figures> = at.iter().map(|at| row(Some(sharpe(at)), 5)).collect();
        // 2, 1: no trade, so no figure.
        for (at, row) in at.iter().zip(&mut rows) {
            if at[..2] == [2, 1] {
                row.trades = 0;
            }
        }
        (at, rows)
    }

    #[test]
    fn quartiles_are_those_of_type_seven() {
        let found = Quartiles::of([4.0, 1.0, f64::NAN, 3.0, 2.0]).unwrap();
        assert_eq!((found.count, found.min, found.max), (4, 1.0, 4.0));
        assert_eq!((found.low, found.median, found.high), (1.75, 2.5, 3.25));
        assert_eq!(found.mean.to_bits(), 2.5_f64.to_bits());
        let one = Quartiles::of([7.0]).unwrap();
        assert_eq!(
            (one.min, one.low, one.median, one.max),
            (7.0, 7.0, 7.0, 7.0)
        );
        assert_eq!(Quartiles::of([f64::INFINITY]), None);
    }

    #[test]
    fn effects_say_what_each_value_does() {
        let (at, rows) = grid();
        let landscape = Landscape {
            at: &at,
            rows: &rows,
            sizes: &[3, 2, 2],
        };
        assert_eq!(landscape.values(Figure::Sharpe).len(), 8);
        let effects = landscape.effects(Figure::Sharpe);
        let means: Vec<Option<f64>> = effects[0]
            .values
            .iter()
            .map(|v| v.map(|quartiles| quartiles.mean))
            .collect();
        // 0: 1, 1, 0.5, 0.5; 1: 3, 3; 2: 2, 2.
        assert_eq!(means, [Some(0.75), Some(3.0), Some(2.0)]);
        let spreads: Vec<f64> = effects.iter().map(|e| e.spread).collect();
        // Axis 1: 1, 1, 3, 3, 2, 2 against 0.5, 0.5.
        assert_eq!(spreads, vec![2.25, 1.5, 0.0]);
        assert_eq!(effects[0].values[1].unwrap().count, 2);
        let idle: Vec<bool> = effects.iter().map(|e| e.idle).collect();
        assert_eq!(idle, [false, false, true]);
        assert_eq!(strongest(&effects), Some([0, 1]));
        assert_eq!(strongest(&effects[..1]), None);
        // One value is no axis.
        let fixed = Landscape {
            sizes: &[3, 2, 1],
            ..landscape
        };
        assert_eq!(fixed.effects(Figure::Sharpe).len(), 2);
    }

    #[test]
    fn planes_are_means_or_the_best_of_what_there_is() {
        let (at, mut rows) = grid();
        rows[0].sharpe = Some(2.0);
        rows[0].max_drawdown = 0.3;
        let landscape = Landscape {
            at: &at,
            rows: &rows,
            sizes: &[3, 2, 2],
        };
        let mean = landscape.plane(Figure::Sharpe, [0, 1], Over::Mean);
        assert_eq!(
            mean.cells,
            [
                vec![Some(1.5), Some(3.0), Some(2.0)],
                vec![Some(0.5), None, None]
            ]
        );
        let best = landscape.plane(Figure::Sharpe, [1, 0], Over::Best);
        assert_eq!(best.cells[0], [Some(2.0), Some(0.5)]);
        // The smallest drawdown is best.
        let best = landscape.plane(Figure::MaxDrawdown, [0, 1], Over::Best);
        assert_eq!(best.cells[0][0], Some(0.1));
    }
}
