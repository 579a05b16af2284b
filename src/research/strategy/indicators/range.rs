//! True range and its average.
//!
//! # Formula
//! Wilder (1978), chapter 3: the true range is the greatest of high - low, |high - previous close|
//! and |low - previous close|; it exists from the second bar on. ATR(n) is its Wilder smoothing,
//! started with the first true range and defined from n of them on.

use super::average::Smooth;

/// True range of one bar.
#[must_use]
pub fn true_range(high: f64, low: f64, close_before: f64) -> f64 {
    let span = high - low;
    let up = (high - close_before).abs();
    let down = (low - close_before).abs();
    span.max(up).max(down)
}

/// True ranges over columns; the first is NaN.
#[must_use]
pub fn true_ranges(high: &[f64], low: &[f64], close: &[f64]) -> Vec<f64> {
    let later = high.iter().zip(low).skip(1).zip(close);
    let ranges = later.map(|((high, low), before)| true_range(*high, *low, *before));
    let first = (!close.is_empty()).then_some(f64::NAN);
    first.into_iter().chain(ranges).collect()
}

/// Average true range.
#[derive(Debug, Clone)]
pub struct Atr {
    window: usize,
    close: Option<f64>,
    ranges: usize,
    smooth: Smooth,
}

impl Atr {
    /// Over `window` true ranges.
    #[must_use]
    pub fn new(window: usize) -> Self {
        Self {
            window,
            close: None,
            ranges: 0,
            smooth: Smooth::wilder(window),
        }
    }

    /// Takes a bar; NaN until `window` true ranges were seen.
    pub fn push(&mut self, high: f64, low: f64, close: f64) -> f64 {
        let Some(before) = self.close.replace(close) else {
            return f64::NAN;
        };
        self.ranges += 1;
        let average = self.smooth.push(true_range(high, low, before));
        if self.ranges < self.window {
            return f64::NAN;
        }
        average
    }
}

/// [`Atr`] over columns.
#[must_use]
pub fn atr(high: &[f64], low: &[f64], close: &[f64], window: usize) -> Vec<f64> {
    let mut averages = Smooth::wilder(window).column(&true_ranges(high, low, close));
    let early = averages.len().min(window);
    averages.get_mut(..early).unwrap_or_default().fill(f64::NAN);
    averages
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::tests::{same, wandering};
    use super::*;

    /// High, low and close columns around a wandering close.
    pub(crate) fn bars(seed: u64, count: usize) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let close = wandering(seed, count);
        let up = wandering(seed + 1000, count);
        let down = wandering(seed + 2000, count);
        let high = close.iter().zip(&up).map(|(c, x)| c + x % 1.5).collect();
        let low = close.iter().zip(&down).map(|(c, x)| c - x % 1.25).collect();
        (high, low, close)
    }

    /// Bar 2 spans 3; bar 3 gaps up, its high is 5 above the close before; bar 4 gaps down, its low
    /// is 6 below it. With n = 2: -, -, (3 + 5) / 2, (4 + 6) / 2.
    #[test]
    fn four_bars_by_hand() {
        let high = [11.0, 12.0, 15.0, 10.0];
        let low = [9.0, 9.0, 13.0, 8.0];
        let close = [10.0, 10.0, 14.0, 9.0];
        let ranges = true_ranges(&high, &low, &close);
        assert!(same(&ranges, &[f64::NAN, 3.0, 5.0, 6.0]), "{ranges:?}");
        let averages = atr(&high, &low, &close, 2);
        assert!(same(&averages, &[f64::NAN, f64::NAN, 4.0, 5.0]));
    }

    #[test]
    fn both_forms_agree() {
        let (high, low, close) = bars(11, 800);
        for window in [1, 2, 14, 799, 900] {
            let mut one = Atr::new(window);
            let one_by_one: Vec<f64> = (0..close.len())
                .map(|i| one.push(high[i], low[i], close[i]))
                .collect();
            assert!(same(&atr(&high, &low, &close, window), &one_by_one));
        }
    }
}
