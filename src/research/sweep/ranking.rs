//! The best combinations of a sweep, and whether they stand on a plateau or on a peak.
//!
//! In: the places of combinations in the grid, with their figures. Out: the best by one figure, undefined ones never among them,
//! equal ones in the order of the grid. The plateau of a combination is the mean of that figure over
//! itself and its neighbours (one step along one axis) that ran: a peak that its surroundings do not
//! share is chance more often than merit.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::landscape::bits;
use super::tally::Figures;
use crate::kernel::unit::Unit;

/// A figure that combinations are ranked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// `sharpe`.
    Sharpe,
    /// `sortino`.
    Sortino,
    /// `total_return`.
    TotalReturn,
    /// `max_drawdown`; the smallest is best.
    MaxDrawdown,
    /// `hit_ratio`.
    HitRatio,
    /// `profit_factor`.
    ProfitFactor,
}

/// A combination among the best.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked {
    /// Its position in the plan.
    pub index: usize,
    /// The figure that it is ranked by.
    pub value: f64,
    /// Mean of the figure over itself and its neighbours.
    pub plateau: f64,
    /// Neighbours that ran and have the figure.
    pub neighbours: usize,
}

impl Figure {
    /// Every figure.
    pub const ALL: [Self; 6] = [
        Self::Sharpe,
        Self::Sortino,
        Self::TotalReturn,
        Self::MaxDrawdown,
        Self::HitRatio,
        Self::ProfitFactor,
    ];

    /// Its name, as columns and flags spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sharpe => "sharpe",
            Self::Sortino => "sortino",
            Self::TotalReturn => "total_return",
            Self::MaxDrawdown => "max_drawdown",
            Self::HitRatio => "hit_ratio",
            Self::ProfitFactor => "profit_factor",
        }
    }

    /// The figure of that name; `metric_` before it and `_ratio` behind `sharpe` and `sortino` are
    /// the spelling of older scripts.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = name.strip_prefix("metric_").unwrap_or(name);
        let alias = match name {
            "sharpe_ratio" => "sharpe",
            "sortino_ratio" => "sortino",
            "win_rate" => "hit_ratio",
            other => other,
        };
        Self::ALL
            .into_iter()
            .find(|figure| figure.as_str() == alias)
    }

    /// Its value; none where it is undefined.
    #[must_use]
    pub fn of(self, figures: &Figures) -> Option<f64> {
        match self {
            Self::Sharpe => figures.sharpe,
            Self::Sortino => figures.sortino,
            Self::TotalReturn => Some(figures.total_return),
            Self::MaxDrawdown => Some(figures.max_drawdown),
            Self::HitRatio => figures.hit_ratio,
            Self::ProfitFactor => figures.profit_factor,
        }
    }

    /// Its value for ranking: none where it is undefined, or where nothing was traded.
    #[must_use]
    pub fn ranked(self, figures: &Figures) -> Option<f64> {
        self.of(figures).filter(|_| figures.trades > 0)
    }

    /// What its number counts.
    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Self::Sharpe | Self::Sortino | Self::ProfitFactor => Unit::Ratio,
            Self::TotalReturn | Self::MaxDrawdown | Self::HitRatio => Unit::Fraction,
        }
    }

    /// The better value first.
    pub(super) fn order(self, a: f64, b: f64) -> Ordering {
        match self {
            Self::MaxDrawdown => a.total_cmp(&b),
            _ => b.total_cmp(&a),
        }
    }
}

/// How many different rows of figures there are: fewer than rows when a parameter changes nothing.
#[must_use]
pub fn distinct(rows: &[Figures]) -> usize {
    rows.iter().map(bits).collect::<BTreeSet<_>>().len()
}

/// The best `most` by `figure`; combinations without a trade are none of them. `at` says which
/// value of each axis a combination has.
#[must_use]
pub fn best(at: &[&[usize]], rows: &[Figures], figure: Figure, most: usize) -> Vec<Ranked> {
    let places: BTreeMap<&[usize], usize> = at.iter().copied().zip(0..).collect();
    let value = |index: usize| figure.ranked(rows.get(index)?);
    let mut ranked: Vec<(usize, f64)> = (0..at.len())
        .filter_map(|index| Some((index, value(index)?)))
        .collect();
    ranked.sort_by(|a, b| figure.order(a.1, b.1).then(a.0.cmp(&b.0)));
    ranked.truncate(most);
    let plateau = |(index, own): (usize, f64)| {
        let at = at.get(index).copied().unwrap_or_default();
        let around = neighbours(at)
            .iter()
            .filter_map(|at| value(*places.get(at.as_slice())?))
            .collect::<Vec<f64>>();
        let sum: f64 = around.iter().sum();
        Ranked {
            index,
            value: own,
            plateau: (own + sum) / (1 + around.len()) as f64,
            neighbours: around.len(),
        }
    };
    ranked.into_iter().map(plateau).collect()
}

/// One step along one axis, in both directions.
#[must_use]
pub fn neighbours(at: &[usize]) -> Vec<Vec<usize>> {
    let steps = (0..at.len()).flat_map(|axis| [(axis, true), (axis, false)]);
    steps
        .filter_map(|(axis, up)| {
            let mut other = at.to_vec();
            let index = other.get_mut(axis)?;
            *index = if up {
                *index + 1
            } else {
                index.checked_sub(1)?
            };
            Some(other)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::research::sweep::grid::{Combination, Sweeps};

    const GRID: &str = r#"
[sweep.g]
kind = "rsi_reversion"
description = "Three by two."
[sweep.g.parameters]
rsi_window = [5, 6, 7]
lower = [20, 30]
upper = 70
"#;

    fn row(sharpe: Option<f64>, max_drawdown: f64, trades: u32) -> Figures {
        Figures {
            total_return: 0.0,
            sharpe,
            sortino: None,
            max_drawdown,
            trades,
            hit_ratio: None,
            profit_factor: None,
            costs: 0.0,
        }
    }

    fn plan() -> Vec<Combination> {
        let sweeps = Sweeps::parse(GRID).unwrap();
        sweeps.sweep("g").unwrap().plan(None).unwrap().combinations
    }

    #[test]
    fn the_best_come_first_and_equals_in_the_order_of_the_grid() {
        // The axes are lower, rsi_window, upper: positions 0..3 have lower 20.
        let rows = [
            row(Some(1.0), 0.3, 9),
            row(Some(2.0), 0.1, 9),
            row(None, 0.2, 9),
            row(Some(2.0), 0.3, 9),
            row(Some(9.0), 0.0, 0),
            row(Some(-1.0), 0.2, 9),
        ];
        let plan = plan();
        let at: Vec<&[usize]> = plan.iter().map(|c| c.at.as_slice()).collect();
        assert_eq!((distinct(&rows), distinct(&rows[..2])), (6, 2));
        assert_eq!(distinct(&[rows[1], rows[1]]), 1);
        let found = best(&at, &rows, Figure::Sharpe, 3);
        let order: Vec<usize> = found.iter().map(|r| r.index).collect();
        assert_eq!(order, [1, 3, 0]);
        // Beside 1 stand 0, 2 (undefined) and 4 (no trade).
        assert_eq!((found[0].neighbours, found[0].plateau), (1, 1.5));
        // Beside 0 stand 1 and 3.
        assert_eq!((found[2].neighbours, found[2].plateau), (2, 5.0 / 3.0));
        let found = best(&at, &rows, Figure::MaxDrawdown, 2);
        assert_eq!((found[0].index, found[1].index), (1, 2));
        assert_eq!(best(&at, &rows, Figure::Sortino, 3), []);
    }

    #[test]
    fn figures_have_one_name_and_the_old_ones() {
        for figure in Figure::ALL {
            assert_eq!(Figure::named(figure.as_str()), Some(figure));
        }
        assert_eq!(Figure::named("metric_sharpe_ratio"), Some(Figure::Sharpe));
        assert_eq!(
            Figure::named("metric_total_return"),
            Some(Figure::TotalReturn)
        );
        assert_eq!(Figure::named("metric_win_rate"), Some(Figure::HitRatio));
        assert_eq!(Figure::named("sharp"), None);
    }
}
