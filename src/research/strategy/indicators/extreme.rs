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
    fn better(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Highest => a.max(b),
            Self::Lowest => a.min(b),
        }
    }

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

/// [`Extreme`] over a column.
#[must_use]
pub fn extremes(column: &[f64], side: Side, window: usize) -> Vec<f64> {
    let window = window.max(1);
    let mut from_left = column.to_vec();
    let mut from_right = column.to_vec();
    for block in from_left.chunks_mut(window) {
        let mut best = None;
        for value in block {
            let own = best.map_or(*value, |best| side.better(best, *value));
            *value = own;
            best = Some(own);
        }
    }
    for block in from_right.chunks_mut(window) {
        let mut best = None;
        for value in block.iter_mut().rev() {
            let own = best.map_or(*value, |best| side.better(best, *value));
            *value = own;
            best = Some(own);
        }
    }
    // A window touches at most two blocks: the end of one and the beginning of the next.
    let full = from_left.iter().skip(window - 1).zip(&from_right);
    let undefined = std::iter::repeat_n(f64::NAN, column.len().min(window - 1));
    undefined
        .chain(full.map(|(left, right)| side.better(*left, *right)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{same, wandering};
    use super::*;

    #[test]
    fn three_bars_by_hand() {
        let column = [5.0, 1.0, 3.0, 2.0, 2.0, 9.0];
        let high = [f64::NAN, f64::NAN, 5.0, 3.0, 3.0, 9.0];
        let low = [f64::NAN, f64::NAN, 1.0, 1.0, 2.0, 2.0];
        assert!(same(&extremes(&column, Side::Highest, 3), &high));
        assert!(same(&extremes(&column, Side::Lowest, 3), &low));
    }

    #[test]
    fn both_forms_agree_and_forget() {
        let column = wandering(7, 1200);
        for side in [Side::Highest, Side::Lowest] {
            for window in [1, 2, 3, 20, 55, 1199, 1200, 1201] {
                let mut extreme = Extreme::new(side, window);
                let one_by_one: Vec<f64> = column.iter().map(|x| extreme.push(*x)).collect();
                assert!(same(&extremes(&column, side, window), &one_by_one));
                assert!(extreme.candidates.len() <= window);
            }
        }
    }
}
