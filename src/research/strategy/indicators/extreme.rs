//! The highest and the lowest value of a window.
//!
//! One at a time: a queue of candidates, each better than all that came after it (amortised constant
//! time). Over a column: block-wise running extremes from both sides (van Herk 1992; Gil and Werman
//! 1993), three comparisons per bar whatever the window. Extremes round nothing, so both agree.

use std::collections::VecDeque;

/// Which extreme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Maximum.
    Highest,
    /// Minimum.
    Lowest,
}

impl Side {
    fn beats(self, a: f64, b: f64) -> bool {
        match self {
            Self::Highest => a >= b,
            Self::Lowest => a <= b,
        }
    }
}

/// The extreme of the last values.
#[derive(Debug, Clone)]
pub struct Extreme {
    side: Side,
    window: usize,
    seen: usize,
    candidates: VecDeque<(usize, f64)>,
}

impl Extreme {
    /// Over the last `window` values.
    #[must_use]
    pub fn new(side: Side, window: usize) -> Self {
        Self {
            side,
            window,
            seen: 0,
            candidates: VecDeque::new(),
        }
    }

    /// The extreme of what was pushed so far; NaN until `window` values were seen.
    #[must_use]
    pub fn get(&self) -> f64 {
        match self.candidates.front() {
            Some((_, value)) if self.seen >= self.window => *value,
            _ => f64::NAN,
        }
    }

    /// Takes a value.
    pub fn push(&mut self, value: f64) -> f64 {
        let beaten = |(_, old): &(usize, f64)| self.side.beats(value, *old);
        while self.candidates.back().is_some_and(beaten) {
            self.candidates.pop_back();
        }
        self.candidates.push_back((self.seen, value));
        self.seen += 1;
        let gone = |(index, _): &(usize, f64)| index + self.window < self.seen;
        if self.candidates.front().is_some_and(gone) {
            self.candidates.pop_front();
        }
        self.get()
    }
}

/// [`Extreme`] over a column, one bar later: of the bars before each bar. No value is NaN.
#[must_use]
pub fn extremes_before(column: &[f64], side: Side, window: usize) -> Vec<f64> {
    match side {
        Side::Highest => before(column, window, |a, b| if a > b { a } else { b }),
        Side::Lowest => before(column, window, |a, b| if a < b { a } else { b }),
    }
}

fn before(column: &[f64], window: usize, better: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let window = window.max(1);
    let (mut from_left, mut from_right) = (column.to_vec(), column.to_vec());
    from_left
        .chunks_mut(window)
        .for_each(|block| running(block.iter_mut(), &better));
    from_right
        .chunks_mut(window)
        .for_each(|block| running(block.iter_mut().rev(), &better));
    // A window touches at most two blocks: the end of one and the beginning of the next.
    let full = from_left.get_mut(window - 1..).unwrap_or_default();
    for (left, right) in full.iter_mut().zip(&from_right) {
        *left = better(*left, *right);
    }
    if window < column.len() {
        from_left.copy_within(window - 1..column.len() - 1, window);
    }
    let early = from_left.iter_mut().take(window);
    early.for_each(|value| *value = f64::NAN);
    from_left
}

/// Gives every value the best of those before it as well.
fn running<'v>(values: impl Iterator<Item = &'v mut f64>, better: impl Fn(f64, f64) -> f64) {
    let mut best: Option<f64> = None;
    for value in values {
        *value = best.map_or(*value, |best| better(best, *value));
        best = Some(*value);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{same, wandering};
    use super::*;

    #[test]
    fn three_bars_by_hand() {
        let column = [5.0, 1.0, 3.0, 2.0, 2.0, 9.0, 0.0];
        let none = f64::NAN;
        let high = [none, none, none, 5.0, 3.0, 3.0, 9.0];
        let low = [none, none, none, 1.0, 1.0, 2.0, 2.0];
        assert!(same(&extremes_before(&column, Side::Highest, 3), &high));
        assert!(same(&extremes_before(&column, Side::Lowest, 3), &low));
        assert!(extremes_before(&[], Side::Lowest, 3).is_empty());
    }

    #[test]
    fn both_forms_agree_and_forget() {
        let column = wandering(7, 1200);
        for side in [Side::Highest, Side::Lowest] {
            for window in [1, 2, 3, 20, 55, 1199, 1200, 1201, 5000] {
                let mut extreme = Extreme::new(side, window);
                let before = column.iter().map(|x| {
                    let known = extreme.get();
                    extreme.push(*x);
                    known
                });
                let one_by_one: Vec<f64> = before.collect();
                assert!(same(&extremes_before(&column, side, window), &one_by_one));
                assert!(extreme.candidates.len() <= window);
            }
        }
    }
}
