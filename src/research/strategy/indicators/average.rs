//! Averages: the plain mean of a window, and exponential smoothing.
//!
//! # Formula
//! Simple moving average: the mean of the last n values, defined from n values on. Exponential
//! smoothing: `s = s + (x - s) alpha`, started with the first value; `alpha = 2 / (n + 1)` for the
//! exponential moving average, `alpha = 1 / n` after Wilder (1978), who started with the plain mean of the first n values instead, which differs during the first few n bars only.
//! This is pandas' `ewm(alpha, adjust=False)`.

use std::collections::VecDeque;

use super::{TOGETHER, window_means};

/// Simple moving average.
#[derive(Debug, Clone)]
pub struct Sma {
    window: usize,
    recent: VecDeque<f64>,
}

impl Sma {
    /// The mean of the last `window` values.
    #[must_use]
    pub fn new(window: usize) -> Self {
        Self {
            window,
            recent: VecDeque::new(),
        }
    }

    /// Takes a value; NaN until `window` values were seen.
    pub fn push(&mut self, value: f64) -> f64 {
        push_bounded(&mut self.recent, value, self.window);
        if self.recent.len() < self.window {
            return f64::NAN;
        }
        mean(&self.recent)
    }
}

/// [`Sma`] over a column.
#[must_use]
pub fn sma(column: &[f64], window: usize) -> Vec<f64> {
    window_means(column, window)
}

/// [`sma`] for several windows, ascending and each once.
///
/// Every mean is summed from its oldest value on, so that a longer window continues the sum of a
/// shorter one that begins at the same bar: all of them together cost what the longest costs.
#[must_use]
pub fn smas(column: &[f64], windows: &[usize]) -> Vec<Vec<f64>> {
    let mut all = vec![vec![f64::NAN; column.len()]; windows.len()];
    // What lies beyond the end is summed where the last windows do not fill a group, and not kept.
    let beyond = std::iter::repeat_n(f64::NAN, TOGETHER);
    let padded: Vec<f64> = column.iter().copied().chain(beyond).collect();
    let from = |bar: usize| padded.get(bar..)?.first_chunk::<TOGETHER>();
    for first in (0..column.len()).step_by(TOGETHER) {
        let Some(oldest) = from(first) else { break };
        let (mut sums, mut taken) = ([0.0; TOGETHER], 0);
        for (window, means) in windows.iter().zip(&mut all) {
            let Some(means) = means.get_mut(first + window - 1..) else {
                break;
            };
            while taken < *window
                && let Some(values) = from(first + taken)
            {
                for ((sum, value), oldest) in sums.iter_mut().zip(values).zip(oldest) {
                    *sum += value - oldest;
                }
                taken += 1;
            }
            for ((mean, sum), oldest) in means.iter_mut().zip(&sums).zip(oldest) {
                *mean = oldest + sum / *window as f64;
            }
        }
    }
    all
}

/// The mean, as a distance from the oldest value; see [`window_means`].
pub(super) fn mean(recent: &VecDeque<f64>) -> f64 {
    let oldest = recent.front().copied().unwrap_or(f64::NAN);
    let sum = recent.iter().fold(0.0, |sum, x| sum + (x - oldest));
    oldest + sum / recent.len() as f64
}

/// Appends `value` and keeps the last `window`.
pub(in crate::research::strategy) fn push_bounded(
    recent: &mut VecDeque<f64>,
    value: f64,
    window: usize,
) {
    recent.push_back(value);
    if recent.len() > window {
        recent.pop_front();
    }
}

/// Exponential smoothing.
#[derive(Debug, Clone)]
pub struct Smooth {
    alpha: f64,
    value: Option<f64>,
}

impl Smooth {
    /// Wilder's smoothing over `window` values.
    #[must_use]
    pub fn wilder(window: usize) -> Self {
        Self {
            alpha: 1.0 / window as f64,
            value: None,
        }
    }

    /// The exponential moving average with span `window`.
    #[must_use]
    pub fn ema(window: usize) -> Self {
        Self {
            alpha: 2.0 / (window as f64 + 1.0),
            value: None,
        }
    }

    /// The share of the distance to a new value that is gone.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// Takes a value.
    pub fn push(&mut self, x: f64) -> f64 {
        let next = match self.value {
            None => x,
            // Equal values give that value, to the last bit.
            Some(value) => value + (x - value) * self.alpha,
        };
        self.value = Some(next);
        next
    }

    /// Smooths a column with a fresh copy. A NaN at the beginning is passed on and not taken up.
    #[must_use]
    pub fn column(mut self, column: &[f64]) -> Vec<f64> {
        let step = |x: &f64| {
            if x.is_nan() { f64::NAN } else { self.push(*x) }
        };
        column.iter().map(step).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{same, wandering};
    use super::*;

    #[test]
    fn by_hand() {
        let mut sma = Sma::new(2);
        let seen = [1.0, 3.0, 7.0].map(|x| sma.push(x));
        assert!(same(&seen, &[f64::NAN, 2.0, 5.0]));
        // alpha = 2 / (3 + 1): 1, (1 + 3) / 2, (2 + 7) / 2
        let mut ema = Smooth::ema(3);
        assert!(same(
            &[1.0, 3.0, 7.0].map(|x| ema.push(x)),
            &[1.0, 2.0, 4.5]
        ));
        // alpha = 1 / 4: 8, 8 - 4 / 4, 7
        let mut wilder = Smooth::wilder(4);
        assert!(same(
            &[8.0, 4.0, 7.0].map(|x| wilder.push(x)),
            &[8.0, 7.0, 7.0]
        ));
    }

    #[test]
    fn both_forms_agree() {
        let column = wandering(3, 2500);
        for window in [1, 2, 17, 300] {
            let mut average = Sma::new(window);
            let one_by_one: Vec<f64> = column.iter().map(|x| average.push(*x)).collect();
            assert!(same(&sma(&column, window), &one_by_one), "{window}");
            let mut ema = Smooth::ema(window);
            let one_by_one: Vec<f64> = column.iter().map(|x| ema.push(*x)).collect();
            assert!(same(&Smooth::ema(window).column(&column), &one_by_one));
        }
    }

    #[test]
    fn many_at_once_are_the_same_as_one_by_one() {
        for bars in [0, 1, 2, 15, 16, 17, 63, 64, 65, 700] {
            let column: Vec<f64> = wandering(29, bars).iter().map(|x| x / 3.0).collect();
            let windows = [2, 3, 7, 16, 17, 64, 100, 699, 700, 701];
            let means = smas(&column, &windows);
            assert_eq!(means.len(), windows.len());
            for (window, means) in windows.into_iter().zip(&means) {
                assert!(same(means, &sma(&column, window)), "{bars} {window}");
            }
        }
        assert!(smas(&[1.0, 2.0], &[]).is_empty());
    }

    #[test]
    fn equal_values_have_that_mean_to_the_last_bit() {
        for x in [0.1, 1.0 / 3.0, 12_345.678_9] {
            let column = [x; 70];
            assert!(same(&sma(&column, 60)[59..], &[x; 11]));
            assert!(same(&Smooth::ema(12).column(&column), &column));
        }
    }

    #[test]
    fn smoothing_begins_with_the_first_number() {
        let column = Smooth::ema(3).column(&[f64::NAN, 1.0, 3.0]);
        assert!(same(&column, &[f64::NAN, 1.0, 2.0]));
    }
}
