//! Indicators, one value per closed bar, in constant memory.
//!
//! # Formula
//! RSI after Wilder (1978): G and L are the exponentially smoothed gains and losses of the closes,
//! `avg = avg * (1 - 1/n) + x / n`, started with the first change and valid from n changes on
//! (pandas `ewm(alpha=1/n, adjust=False, min_periods=n)`; Wilder's own start, the plain mean of the
//! first n changes, differs during the first few n bars only). RSI = 100 G / (G + L), which equals
//! 100 - 100 / (1 + G / L). The simple form takes the plain means of the last n changes.
//!
//! # Degenerate cases
//! No loss in the memory: 100. No gain: 0. Neither, a flat line: 50.

use std::collections::VecDeque;

/// Relative strength index.
#[derive(Debug, Clone)]
pub struct Rsi {
    window: usize,
    wilder: bool,
    last_close: Option<f64>,
    changes: usize,
    gain: f64,
    loss: f64,
    recent: VecDeque<f64>,
}

impl Rsi {
    /// An RSI over `window` changes; `wilder` smoothing or plain means.
    #[must_use]
    pub fn new(window: usize, wilder: bool) -> Self {
        Self {
            window,
            wilder,
            last_close: None,
            changes: 0,
            gain: 0.0,
            loss: 0.0,
            recent: VecDeque::new(),
        }
    }

    /// Takes a close; none until `window` changes were seen.
    pub fn push(&mut self, close: f64) -> Option<f64> {
        let change = close - self.last_close.replace(close)?;
        self.changes += 1;
        if self.wilder {
            self.smooth(change);
        } else {
            self.average(change);
        }
        (self.changes >= self.window).then(|| strength(self.gain, self.loss))
    }

    fn smooth(&mut self, change: f64) {
        let (gain, loss) = (change.max(0.0), (-change).max(0.0));
        if self.changes == 1 {
            (self.gain, self.loss) = (gain, loss);
            return;
        }
        let alpha = 1.0 / self.window as f64;
        self.gain = self.gain * (1.0 - alpha) + gain * alpha;
        self.loss = self.loss * (1.0 - alpha) + loss * alpha;
    }

    fn average(&mut self, change: f64) {
        self.recent.push_back(change);
        if self.recent.len() > self.window {
            self.recent.pop_front();
        }
        // Summed afresh, so that no rounding is carried from bar to bar. The common factor 1/n
        // cancels in the ratio.
        self.gain = self.recent.iter().map(|c| c.max(0.0)).sum();
        self.loss = self.recent.iter().map(|c| (-c).max(0.0)).sum();
    }
}

fn strength(gain: f64, loss: f64) -> f64 {
    let both = gain + loss;
    if both > 0.0 {
        100.0 * gain / both
    } else {
        50.0
    }
}

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

    /// Takes a value; none until `window` values were seen.
    pub fn push(&mut self, value: f64) -> Option<f64> {
        self.recent.push_back(value);
        if self.recent.len() > self.window {
            self.recent.pop_front();
        }
        (self.recent.len() == self.window)
            .then(|| self.recent.iter().sum::<f64>() / self.window as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The closes of Wilder's own worked example, as commonly reprinted, and the RSI(3) that the
    /// recursion above gives, worked out by hand.
    #[test]
    fn three_changes_by_hand() {
        let mut rsi = Rsi::new(3, true);
        assert_eq!(rsi.push(10.0), None);
        assert_eq!(rsi.push(13.0), None); // G 3, L 0
        assert_eq!(rsi.push(12.0), None); // G 2, L 1/3
        let third = rsi.push(12.0).unwrap(); // G 4/3, L 2/9
        assert!((third - 100.0 * (4.0 / 3.0) / (14.0 / 9.0)).abs() < 1e-12);
        let fourth = rsi.push(9.0).unwrap(); // G 8/9, L 4/27 + 1
        assert!((fourth - 100.0 * (8.0 / 9.0) / (8.0 / 9.0 + 31.0 / 27.0)).abs() < 1e-12);
    }

    #[test]
    fn one_sided_and_flat_windows() {
        for wilder in [true, false] {
            let last = |closes: &[f64]| {
                let mut rsi = Rsi::new(3, wilder);
                closes.iter().map(|c| rsi.push(*c)).last().unwrap()
            };
            assert_eq!(last(&[1.0, 2.0, 3.0, 4.0]), Some(100.0));
            assert_eq!(last(&[4.0, 3.0, 2.0, 1.0]), Some(0.0));
            assert_eq!(last(&[4.0, 4.0, 4.0, 4.0]), Some(50.0));
            assert_eq!(last(&[4.0, 5.0, 4.0]), None);
        }
    }

    #[test]
    fn the_plain_form_forgets_after_n_changes() {
        let mut rsi = Rsi::new(2, false);
        let values: Vec<_> = [1.0, 2.0, 4.0, 3.0].map(|c| rsi.push(c)).to_vec();
        assert_eq!(values, [None, None, Some(100.0), Some(100.0 * 2.0 / 3.0)]);
    }

    #[test]
    fn a_moving_average() {
        let mut sma = Sma::new(2);
        assert_eq!(
            [1.0, 3.0, 7.0].map(|x| sma.push(x)),
            [None, Some(2.0), Some(5.0)]
        );
    }
}
