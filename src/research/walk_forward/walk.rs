//! Every window: chosen on its train bars, tried on its test bars, both side by side.
//!
//! In: a search, bars, windows. Out: one [`Walked`] per window, the same for any number of threads.
//! Rows of figures are dropped with their window; only the best, and how all of them ranked, are kept.

use super::fit::{Fitted, Search};
use super::tested::Tested;
use super::windows::Window;
use crate::metrics::spearman::spearman;
use crate::metrics::{MetricResult, Undefined};
use crate::research::market::bar::Bar;
use crate::research::portfolio::account::AccountError;
use crate::research::sweep::ranking::Figure;
use crate::research::sweep::tally::Figures;

/// One of the best combinations of a train window, on both windows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Its position among the combinations.
    pub index: usize,
    /// The figure that it is ranked by, on the train bars.
    pub value: f64,
    /// Mean of that figure over itself and its neighbours in the grid, on the train bars.
    pub plateau: f64,
    /// Figures on the train bars.
    pub train: Figures,
    /// Figures on the test bars; none where they are fewer than two.
    pub test: Option<Figures>,
}

/// How the ranks of all combinations on the train bars compare with those on the test bars.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankIc {
    /// Spearman's rank correlation.
    pub value: MetricResult,
    /// Combinations that have the figure on both.
    pub combinations: usize,
}

/// One window, chosen and tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Walked {
    /// Where it lies.
    pub window: Window,
    /// The figure that decided; none where nothing qualified and the window stayed in cash.
    pub figure: Option<Figure>,
    /// The best of the train window, best first; the first is the chosen one.
    pub best: Vec<Candidate>,
    /// Ranks on both windows, by the figure that decided, else by the search's own.
    pub rank_ic: RankIc,
    /// Return of the chosen one per test bar.
    pub returns: Vec<f64>,
    /// Its closed trades on the test bars.
    pub trades: usize,
}

/// Why a walk did not end.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    /// The system gives no threads.
    #[error("could not start the threads")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// The equity was used up.
    #[error("could not run what was chosen")]
    Account(#[from] AccountError),
}

impl Walked {
    /// The combination that was chosen; none: cash.
    #[must_use]
    pub fn chosen(&self) -> Option<&Candidate> {
        self.best.first()
    }
}

/// As [`walk`], on `workers` threads of its own; none: as many as the machine has.
///
/// # Errors
/// When the system gives no threads, or an equity is used up.
pub fn walk_on(
    workers: Option<usize>,
    search: &Search<'_>,
    bars: &[Bar],
    windows: &[Window],
) -> Result<Vec<Walked>, WalkError> {
    let Some(workers) = workers else {
        return walk(search, bars, windows);
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(workers)
        .build()?;
    pool.install(|| walk(search, bars, windows))
}

/// Walks through the windows in order; the combinations of each run in parallel.
///
/// # Errors
/// When an equity is used up.
pub fn walk(
    search: &Search<'_>,
    bars: &[Bar],
    windows: &[Window],
) -> Result<Vec<Walked>, WalkError> {
    let one = |window: &Window| {
        // INVARIANT: what chooses gets no bar from the test window on; tests/it/honesty.rs.
        let known = window.train.last().map_or(0, |range| range.end);
        let known = bars.get(..known).unwrap_or_default();
        let fitted = search.fit(known, &window.train);
        let chosen = fitted.best.first().map(|best| best.index);
        let seen = bars.get(..window.test.end).unwrap_or_default();
        let tested = search.test(seen, window.test.clone(), chosen)?;
        Ok(walked(search, window, &fitted, tested))
    };
    windows.iter().map(one).collect()
}

fn walked(search: &Search<'_>, window: &Window, fitted: &Fitted, tested: Tested) -> Walked {
    let candidate = |ranked: &crate::research::sweep::ranking::Ranked| {
        Some(Candidate {
            index: ranked.index,
            value: ranked.value,
            plateau: ranked.plateau,
            train: *fitted.rows.get(ranked.index)?,
            test: tested.rows.get(ranked.index).copied(),
        })
    };
    let figure = fitted.figure.unwrap_or(search.primary);
    Walked {
        window: window.clone(),
        figure: fitted.figure,
        best: fitted.best.iter().filter_map(candidate).collect(),
        rank_ic: rank_ic(&fitted.rows, &tested.rows, figure),
        returns: tested.returns,
        trades: tested.trades,
    }
}

/// How two lists of figures of the same combinations rank them, over those that have the figure in
/// both.
#[must_use]
pub fn rank_ic(train: &[Figures], test: &[Figures], figure: Figure) -> RankIc {
    let pairs = train.iter().zip(test);
    let both = pairs.filter_map(|(train, test)| Some((figure.of(train)?, figure.of(test)?)));
    let (before, after): (Vec<f64>, Vec<f64>) = both.unzip();
    RankIc {
        value: match before.len() {
            0 | 1 => Err(Undefined::TooFewObservations),
            _ => spearman(&before, &after),
        },
        combinations: before.len(),
    }
}

#[cfg(test)]
mod tests;
