//! Mean and standard deviation of a window.
//!
//! # Formula
//! mean m; standard deviation = sqrt(sum (x - m)^2 / (n - d)) in two passes, with d = 0 for
//! the population (Bollinger's bands) and d = 1 for a sample.

use std::collections::VecDeque;

use super::average::{mean, push_bounded, sma, smas};
use super::folded;

/// Which divisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Divisor {
    /// n.
    Population,
    /// n - 1.
    Sample,
}

impl Divisor {
    fn of(self, window: usize) -> f64 {
        match self {
            Self::Population => window as f64,
            Self::Sample => window as f64 - 1.0,
        }
    }
}

/// Mean and standard deviation of the last values.
#[derive(Debug, Clone)]
pub struct Deviation {
    window: usize,
    divisor: Divisor,
    recent: VecDeque<f64>,
}

impl Deviation {
    /// Over `window` values, at least 2.
    #[must_use]
    pub fn new(window: usize, divisor: Divisor) -> Self {
        Self {
            window,
            divisor,
            recent: VecDeque::new(),
        }
    }

    /// Takes a value; gives mean and standard deviation, NaN until `window` values were seen.
    pub fn push(&mut self, value: f64) -> (f64, f64) {
        push_bounded(&mut self.recent, value, self.window);
        if self.recent.len() < self.window {
            return (f64::NAN, f64::NAN);
        }
        let mean = mean(&self.recent);
        let squares = self
            .recent
            .iter()
            .fold(0.0, |sum, x| add_square(mean, sum, *x));
        (mean, (squares / self.divisor.of(self.window)).sqrt())
    }
}

fn add_square(mean: f64, sum: f64, x: f64) -> f64 {
    let off = x - mean;
    sum + off * off
}

/// [`Deviation`] over a column: means and standard deviations.
#[must_use]
pub fn deviations(column: &[f64], window: usize, divisor: Divisor) -> (Vec<f64>, Vec<f64>) {
    let means = sma(column, window);
    let full = means.get(window - 1..).unwrap_or_default();
    let mut deviations = folded(column, window, full, |sum, x, mean| {
        add_square(mean, sum, x)
    });
    for square in &mut deviations {
        *square = (*square / divisor.of(window)).sqrt();
    }
    (means, deviations)
}

/// [`score`] of every value among the last ones of several windows, ascending and each once.
#[must_use]
pub fn scores(column: &[f64], windows: &[usize], divisor: Divisor) -> Vec<Vec<f64>> {
    let mut all = smas(column, windows);
    for (own, window) in all.iter_mut().zip(windows) {
        let full = own.get(window - 1..).unwrap_or_default();
        let squares = folded(column, *window, full, |sum, x, mean| {
            add_square(mean, sum, x)
        });
        for ((mean, square), value) in own.iter_mut().zip(&squares).zip(column) {
            let deviation = (*square / divisor.of(*window)).sqrt();
            *mean = score(*value, *mean, deviation);
        }
    }
    all
}

/// Standard deviations from the mean; NaN stays NaN. Equal values leave a rest of rounding in mean
/// and deviation: that is no distance.
#[must_use]
pub fn score(value: f64, mean: f64, deviation: f64) -> f64 {
    if deviation <= 1e-12 * mean.abs() {
        0.0
    } else {
        (value - mean) / deviation
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{same, wandering};
    use super::*;

    /// 2, 4, 4, 4, 5, 5, 7, 9: mean 5, squares 9 + 1 + 1 + 1 + 0 + 0 + 4 + 16 = 32; population
    /// deviation sqrt(32 / 8) = 2, sample deviation sqrt(32 / 7).
    #[test]
    fn eight_values_by_hand() {
        let values = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0];
        let last = |divisor| {
            let mut deviation = Deviation::new(8, divisor);
            values.map(|x| deviation.push(x))[7]
        };
        assert_eq!(last(Divisor::Population), (5.0, 2.0));
        assert_eq!(last(Divisor::Sample), (5.0, (32.0_f64 / 7.0).sqrt()));
    }

    #[test]
    fn both_forms_agree_and_a_flat_window_is_zero() {
        let column: Vec<f64> = wandering(5, 2500).iter().map(|x| x / 3.0).collect();
        for divisor in [Divisor::Population, Divisor::Sample] {
            for window in [2, 20, 150] {
                let mut one = Deviation::new(window, divisor);
                let (mut means, mut spreads) = (Vec::new(), Vec::new());
                for x in &column {
                    let (mean, spread) = one.push(*x);
                    means.push(mean);
                    spreads.push(spread);
                }
                let (all_means, all_spreads) = deviations(&column, window, divisor);
                assert!(same(&means, &all_means) && same(&spreads, &all_spreads));
                let one_by_one: Vec<f64> = column
                    .iter()
                    .zip(means.iter().zip(&spreads))
                    .map(|(x, (mean, spread))| score(*x, *mean, *spread))
                    .collect();
                let together = scores(&column, &[2, 20, 150, 3000], divisor);
                let own = [2, 20, 150].iter().position(|w| *w == window).unwrap();
                assert!(same(&together[own], &one_by_one));
                assert!(together[3].iter().all(|x| x.is_nan()));
            }
        }
        let (_, spreads) = deviations(&[0.1; 30], 20, Divisor::Population);
        assert!(same(&spreads[19..], &[0.0; 11]));
    }

    #[test]
    fn equal_values_have_no_distance() {
        let scores = [
            score(0.1, 0.100_000_000_000_000_02, 1e-18),
            score(1.0, f64::NAN, f64::NAN),
            score(6.0, 9.0, 2.0),
        ];
        assert!(same(&scores, &[0.0, f64::NAN, -1.5]));
    }
}
