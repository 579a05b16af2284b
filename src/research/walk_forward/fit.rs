//! Choosing: every combination on the train bars of one window, and the best of them.
//!
//! In: a search, and the history up to the last train bar. Out: one row of figures per combination,
//! and the best by the search's figure, else by its fallback. The history ends where training does,
//! so that nothing later can be chosen on.

use std::ops::Range;

use crate::research::market::bar::Bar;
use crate::research::portfolio::account::Costs;
use crate::research::sweep::grid::Combination;
use crate::research::sweep::ground::Ground;
use crate::research::sweep::ranking::{self, Figure, Ranked};
use crate::research::sweep::run::run;
use crate::research::sweep::tally::Figures;

/// What is searched, and by what.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Search<'a> {
    /// The combinations.
    pub combinations: &'a [Combination],
    /// What trades pay.
    pub costs: Costs,
    /// Bars in a year; none where the bars have no such number: Sharpe and Sortino ratios are
    /// undefined then.
    pub periods_per_year: Option<f64>,
    /// The figure that decides.
    pub primary: Figure,
    /// The figure that decides where no combination has the primary one.
    pub fallback: Figure,
    /// How many of the best are kept.
    pub top: usize,
}

/// What training came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// Figures on the train bars, one row per combination; no row where there were too few bars.
    pub rows: Vec<Figures>,
    /// The figure that decided; none where no combination qualified.
    pub figure: Option<Figure>,
    /// The best, best first; none where no combination traded and has either figure.
    pub best: Vec<Ranked>,
}

impl Search<'_> {
    /// The figures of every combination on `ranges` of `history`; none on fewer than two bars.
    #[must_use]
    pub fn rows(&self, history: &[Bar], ranges: &[Range<usize>]) -> Vec<Figures> {
        if ranges.iter().map(Range::len).sum::<usize>() < 2 {
            return Vec::new();
        }
        let ground = Ground::within(history, ranges, self.costs);
        let year = self.periods_per_year.unwrap_or(1.0);
        let mut rows = run(self.combinations, &ground, year);
        if self.periods_per_year.is_none() {
            for row in &mut rows {
                (row.sharpe, row.sortino) = (None, None);
            }
        }
        rows
    }

    /// Chooses on `train`, ranges of `history`, which ends with the last of them.
    #[must_use]
    pub fn fit(&self, history: &[Bar], train: &[Range<usize>]) -> Fitted {
        let rows = self.rows(history, train);
        let at: Vec<&[usize]> = self.combinations.iter().map(|c| c.at.as_slice()).collect();
        for figure in [self.primary, self.fallback] {
            let best = ranking::best(&at, &rows, figure, self.top.max(1));
            if !best.is_empty() {
                return Fitted {
                    rows,
                    figure: Some(figure),
                    best,
                };
            }
        }
        Fitted {
            rows,
            figure: None,
            best: Vec::new(),
        }
    }
}
