//! Averages: the plain mean of a window, and exponential smoothing.
//!
//! # Formula
//! Simple moving average: the mean of the last n values, defined from n values on. Exponential
//! smoothing: `s = s + (x - s) alpha`, started with the first value; `alpha = 2 / (n + 1)` for the exponential moving average, `alpha = 1 / n` after Wilder (1978), who started with
//! the plain mean of the first n values instead, which differs during the first few n bars only.
//! This is pandas' `ewm(alpha, adjust=False)`.

use std::collections::VecDeque;

use super::window_means;

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
