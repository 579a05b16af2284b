//! What all windows together show: how much of the trained return is left, whether ranks last, how
//! often the choice changes.
//!
//! # Formula
//! - Efficiency of a window: (R_test / n_test) / (R_train / n_train), with total returns R of the
//!   chosen combination and numbers of bars n: the return per bar out of sample over that in sample,
//!   which is what annualising both without compounding gives. A short window is not blown up by
//!   compounding it to a year. Source: walk-forward efficiency, Pardo 2008, "The Evaluation and
//!   Optimization of Trading Strategies". The mean is over the windows with a positive trained return;
//!   the pooled figure is the mean return per bar over all test windows over that of all train
//!   windows: one window with hardly any trained return cannot carry it.
//! - Rank IC: see `metrics::spearman`; mean over windows, and its standard error std / sqrt(n), as if
//!   windows were independent. Train windows that overlap are not, so that it is rather too small.
//! - Positive windows: those whose test return is above zero, of all windows. One in cash is not.
//! - Changes: windows whose choice is another than that of the window before, cash being a choice.
//!
//! # Degenerate cases
//! No window with a positive trained return: the efficiency has a `zero_denominator`. No window with
//! a rank IC: `too_few_observations`; one: it has no standard error.

use std::collections::BTreeSet;

use super::walk::{Candidate, Walked};
use crate::metrics::dispersion::{count_of, mean, spread};
use crate::metrics::{MetricResult, Undefined, defined};

/// What all windows show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Windows.
    pub windows: usize,
    /// Windows in which nothing qualified.
    pub cash: usize,
    /// Windows whose test return is above zero.
    pub positive: usize,
    /// Mean efficiency of the windows with a positive trained return.
    pub efficiency: MetricResult,
    /// How many those are.
    pub efficiency_windows: usize,
    /// Efficiency of all windows with a choice together.
    pub efficiency_pooled: MetricResult,
    /// Mean rank IC.
    pub rank_ic: MetricResult,
    /// Its standard error.
    pub rank_ic_error: MetricResult,
    /// Windows that have one.
    pub rank_ic_windows: usize,
    /// Windows whose choice is another than that of the window before.
    pub changes: usize,
    /// Different combinations that were chosen.
    pub distinct: usize,
}

/// Returns per bar of the chosen combination: trained, tested.
fn per_bar(walked: &Walked) -> Option<(f64, f64)> {
    let chosen = walked.chosen()?;
    let (train, test) = (walked.window.train_bars(), walked.window.test.len());
    Some((
        chosen.train.total_return / train as f64,
        chosen.test?.total_return / test as f64,
    ))
}

/// The efficiency of one window.
///
/// # Errors
/// `zero_denominator` where the trained return is not positive or nothing was chosen.
pub fn efficiency(walked: &Walked) -> MetricResult {
    match per_bar(walked) {
        Some((trained, tested)) if trained > 0.0 => defined(tested / trained),
        _ => Err(Undefined::ZeroDenominator),
    }
}

/// The test return of what was chosen; zero in cash.
#[must_use]
pub fn test_return(walked: &Walked) -> f64 {
    let growth = walked.returns.iter().fold(1.0, |e, r| e * (1.0 + r));
    growth - 1.0
}

impl Summary {
    /// Of all windows.
    #[must_use]
    pub fn of(walked: &[Walked]) -> Self {
        let chosen = |w: &Walked| w.chosen().map(|c: &Candidate| c.index);
        let efficiencies: Vec<f64> = walked.iter().filter_map(|w| efficiency(w).ok()).collect();
        let ics: Vec<f64> = walked.iter().filter_map(|w| w.rank_ic.value.ok()).collect();
        let pairs = walked.iter().zip(walked.iter().skip(1));
        let choices: BTreeSet<usize> = walked.iter().filter_map(chosen).collect();
        Self {
            windows: walked.len(),
            cash: walked.iter().filter(|w| w.best.is_empty()).count(),
            positive: walked.iter().filter(|w| test_return(w) > 0.0).count(),
            efficiency: match efficiencies.is_empty() {
                true => Err(Undefined::ZeroDenominator),
                false => mean(&efficiencies),
            },
            efficiency_windows: efficiencies.len(),
            efficiency_pooled: pooled(walked),
            rank_ic: mean(&ics),
            rank_ic_error: spread(&ics).map(|s| s.std / libm::sqrt(count_of(&ics))),
            rank_ic_windows: ics.len(),
            changes: pairs.filter(|(a, b)| chosen(a) != chosen(b)).count(),
            distinct: choices.len(),
        }
    }
}

fn pooled(walked: &[Walked]) -> MetricResult {
    let (mut trained, mut tested) = ((0.0, 0_usize), (0.0, 0_usize));
    for walked in walked {
        let Some(chosen) = walked.chosen() else {
            continue;
        };
        let Some(test) = chosen.test else { continue };
        trained.0 += chosen.train.total_return;
        trained.1 += walked.window.train_bars();
        tested.0 += test.total_return;
        tested.1 += walked.window.test.len();
    }
    if trained.0 <= 0.0 || tested.1 == 0 {
        return Err(Undefined::ZeroDenominator);
    }
    defined((tested.0 / tested.1 as f64) / (trained.0 / trained.1 as f64))
}
