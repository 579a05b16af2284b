//! Relative strength index.
//!
//! # Formula
//! Wilder (1978), chapter 6: G and L are the smoothed gains and losses of the closes, started with the
//! first change and defined from n changes on (pandas `ewm(alpha=1/n, adjust=False, min_periods=n)`;
//! Wilder's own start, the plain mean of the first n changes, differs during the first few n bars
//! only). RSI = 100 G / (G + L), which equals 100 - 100 / (1 + G / L). The simple form takes the plain
//! means of the last n changes.
//!
//! # Degenerate cases
//! No loss in the memory: 100. No gain: 0. Neither, a flat line: 50.

use std::collections::VecDeque;

use super::average::{Smooth, push_bounded};
use super::window_sums;

/// Relative strength index.
#[derive(Debug, Clone)]
pub struct Rsi {
    window: usize,
    close: Option<f64>,
    changes: usize,
    memory: Memory,
}

#[derive(Debug, Clone)]
enum Memory {
    Wilder { gain: Smooth, loss: Smooth },
    Plain(VecDeque<f64>),
}

impl Rsi {
    /// An RSI over `window` changes; `wilder` smoothing or plain means.
    #[must_use]
    pub fn new(window: usize, wilder: bool) -> Self {
        let memory = if wilder {
            Memory::Wilder {
                gain: Smooth::wilder(window),
                loss: Smooth::wilder(window),
            }
        } else {
            Memory::Plain(VecDeque::new())
        };
        Self {
            window,
            close: None,
            changes: 0,
            memory,
        }
    }

    /// Takes a close; NaN until `window` changes were seen.
    pub fn push(&mut self, close: f64) -> f64 {
        let Some(before) = self.close.replace(close) else {
            return f64::NAN;
        };
        let change = close - before;
        self.changes += 1;
        let (gain, loss) = match &mut self.memory {
            Memory::Wilder { gain, loss } => {
                (gain.push(gain_of(change)), loss.push(gain_of(-change)))
            }
            Memory::Plain(recent) => {
                push_bounded(recent, change, self.window);
                // The common factor 1/n cancels in the ratio.
                let sum = |sign: f64| recent.iter().fold(0.0, |sum, c| sum + gain_of(sign * c));
                (sum(1.0), sum(-1.0))
            }
        };
        if self.changes < self.window {
            return f64::NAN;
        }
        strength(gain, loss)
    }
}

fn gain_of(change: f64) -> f64 {
    change.max(0.0)
}

fn strength(gain: f64, loss: f64) -> f64 {
    let both = gain + loss;
    if both > 0.0 {
        100.0 * gain / both
    } else {
        50.0
    }
}

/// [`Rsi`] over a column.
#[must_use]
pub fn rsi(close: &[f64], window: usize, wilder: bool) -> Vec<f64> {
    let changes = || {
        close
            .iter()
            .skip(1)
            .zip(close)
            .map(|(now, before)| now - before)
    };
    let undefined = std::iter::repeat_n(f64::NAN, close.len().min(window));
    if wilder {
        // Two recursions in one pass: each waits for itself only.
        let (mut gain, mut loss) = (Smooth::wilder(window), Smooth::wilder(window));
        let strengths = changes().map(|c| strength(gain.push(gain_of(c)), loss.push(gain_of(-c))));
        return undefined.chain(strengths.skip(window - 1)).collect();
    }
    let gains: Vec<f64> = changes().map(gain_of).collect();
    let losses: Vec<f64> = changes().map(|c| gain_of(-c)).collect();
    let (gains, losses) = (window_sums(&gains, window), window_sums(&losses, window));
    let strengths = gains.iter().zip(&losses).map(|(g, l)| strength(*g, *l));
    undefined.chain(strengths.skip(window - 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{same, wandering};
    use super::*;

    /// Five closes and the RSI(3) that the recursion gives, worked out by hand.
    #[test]
    fn three_changes_by_hand() {
        let mut rsi = Rsi::new(3, true);
        assert!(rsi.push(10.0).is_nan());
        assert!(rsi.push(13.0).is_nan()); // G 3, L 0
        assert!(rsi.push(12.0).is_nan()); // G 2, L 1/3
        let third = rsi.push(12.0); // G 4/3, L 2/9
        assert!((third - 100.0 * (4.0 / 3.0) / (14.0 / 9.0)).abs() < 1e-12);
        let fourth = rsi.push(9.0); // G 8/9, L 4/27 + 1
        assert!((fourth - 100.0 * (8.0 / 9.0) / (8.0 / 9.0 + 31.0 / 27.0)).abs() < 1e-12);
    }

    #[test]
    fn one_sided_and_flat_windows() {
        for wilder in [true, false] {
            let last = |closes: &[f64]| *rsi(closes, 3, wilder).last().unwrap();
            let seen = [
                last(&[1.0, 2.0, 3.0, 4.0]),
                last(&[4.0, 3.0, 2.0, 1.0]),
                last(&[4.0, 4.0, 4.0, 4.0]),
                last(&[4.0, 5.0, 4.0]),
            ];
            assert!(same(&seen, &[100.0, 0.0, 50.0, f64::NAN]), "{seen:?}");
        }
    }

    #[test]
    fn the_plain_form_forgets_after_n_changes() {
        let values = rsi(&[1.0, 2.0, 4.0, 3.0], 2, false);
        let wanted = [f64::NAN, f64::NAN, 100.0, 100.0 * 2.0 / 3.0];
        assert!(same(&values, &wanted), "{values:?}");
    }

    #[test]
    fn both_forms_agree() {
        let close = wandering(19, 1500);
        for wilder in [true, false] {
            for window in [1, 2, 14, 200, 1499, 1500, 1600] {
                let mut one = Rsi::new(window, wilder);
                let one_by_one: Vec<f64> = close.iter().map(|c| one.push(*c)).collect();
                assert!(same(&rsi(&close, window, wilder), &one_by_one), "{window}");
            }
        }
        assert!(rsi(&[], 3, true).is_empty());
    }
}
