//! The percentile rank of the newest value in a look-back.
//!
//! # Formula
//! Among the last n values, the newest one included: 100 (below + equal / 2) / n, the mid-rank form
//! (scipy's `percentileofscore(kind="mean")`). The lowest of n different values has 50 / n, the
//! highest 100 - 50 / n, equal values all have 50.

use std::collections::VecDeque;

use super::average::push_bounded;

/// Percentile rank of the newest value.
#[derive(Debug, Clone)]
pub struct Rank {
    window: usize,
    recent: VecDeque<f64>,
}

impl Rank {
    /// Among the last `window` values.
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
        let (older, newer) = self.recent.as_slices();
        let (a, b) = (counts(older, value), counts(newer, value));
        share(a + b, self.window)
    }
}

/// Two for every value below, one for every equal one.
fn counts(values: &[f64], than: f64) -> u32 {
    values
        .iter()
        .map(|x| u32::from(*x < than) + u32::from(*x <= than))
        .sum()
}

fn share(count: u32, window: usize) -> f64 {
    50.0 * f64::from(count) / window as f64
}

/// [`Rank`] over a column. A window that holds a NaN has no rank.
#[must_use]
pub fn ranks(column: &[f64], window: usize) -> Vec<f64> {
    let mut all = Ordered::new(column).ranks(&[window]);
    all.pop().unwrap_or_default()
}

/// A column as places in the order of its values: what is compared when it is ranked, and half as
/// wide as the values.
#[derive(Debug, Clone)]
pub struct Ordered {
    /// Equal values have the same place; none where the value is NaN.
    places: Vec<i32>,
}

/// The place of a NaN.
const NO_PLACE: i32 = -1;

impl Ordered {
    /// Orders `column`.
    #[must_use]
    pub fn new(column: &[f64]) -> Self {
        let mut sorted: Vec<(f64, usize)> = column.iter().copied().zip(0..).collect();
        sorted.retain(|(value, _)| !value.is_nan());
        sorted.sort_unstable_by(|(a, _), (b, _)| a.total_cmp(b));
        let mut places = vec![NO_PLACE; column.len()];
        let (mut place, mut last) = (0, None);
        for (value, index) in sorted {
            if last.is_some_and(|last| last < value) {
                place += 1;
            }
            last = Some(value);
            places.get_mut(index).into_iter().for_each(|p| *p = place);
        }
        Self { places }
    }

    /// The ranks of every value among the last values, for several windows, ascending: the count of a
    /// longer window continues that of a shorter one.
    #[must_use]
    pub fn ranks(&self, windows: &[usize]) -> Vec<Vec<f64>> {
        let mut all = vec![vec![f64::NAN; self.places.len()]; windows.len()];
        let mut undefined = 0;
        for (index, place) in self.places.iter().enumerate() {
            if *place == NO_PLACE {
                undefined = index + 1;
            }
            // What was seen since the last NaN.
            let seen = self.places.get(undefined..=index).unwrap_or_default();
            let (mut older, mut count, mut taken) = (seen, 0, 0);
            for (window, ranks) in windows.iter().zip(&mut all) {
                let Some(rest) = older.len().checked_sub(window - taken) else {
                    break;
                };
                let (before, newer) = older.split_at(rest);
                count += counts_of(newer, *place);
                (older, taken) = (before, *window);
                if let Some(rank) = ranks.get_mut(index) {
                    *rank = share(count, *window);
                }
            }
        }
        all
    }
}

/// As [`counts`], of places; several at once, which checked sums are not. A window has at most 10,000
/// bars.
fn counts_of(places: &[i32], than: i32) -> u32 {
    let both = places.iter().fold(0_i32, |sum, place| {
        let below = i32::from(*place < than);
        sum.wrapping_add(below.wrapping_add(i32::from(*place <= than)))
    });
    both.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{same, wandering};
    use super::*;

    #[test]
    fn four_values_by_hand() {
        // 3: above 1 and 2 and equal to itself, 2.5 of 4; then 9 above three, 3.5 of 4.
        let seen = ranks(&[1.0, 2.0, 7.0, 3.0, 9.0], 4);
        let wanted = [f64::NAN, f64::NAN, f64::NAN, 62.5, 87.5];
        assert!(same(&seen, &wanted), "{seen:?}");
        assert!(same(&ranks(&[4.0; 2], 2), &[f64::NAN, 50.0]));
        let after_nan = ranks(&[f64::NAN, 2.0, 1.0], 2);
        assert!(same(&after_nan, &[f64::NAN, f64::NAN, 25.0]));
    }

    #[test]
    fn both_forms_agree() {
        let column = wandering(17, 900);
        for window in [1, 2, 100, 899] {
            let mut rank = Rank::new(window);
            let one_by_one: Vec<f64> = column.iter().map(|x| rank.push(*x)).collect();
            assert!(same(&ranks(&column, window), &one_by_one));
        }
        let windows = [1, 2, 100, 899, 2000];
        let together = Ordered::new(&column).ranks(&windows);
        for (window, own) in windows.into_iter().zip(&together) {
            assert!(same(&ranks(&column, window), own));
        }
    }
}
