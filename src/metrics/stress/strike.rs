//! Where and how hard a scenario strikes, and what it puts in the place of the returns there.

use crate::metrics::Undefined;
use crate::metrics::returns::check;

/// Severity, window and bar of a scenario.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strike {
    /// Fraction: 0.25 is 25 %.
    pub severity: f64,
    /// Bars, for scenarios that last.
    pub window: usize,
    /// The bar that it strikes.
    pub bar: usize,
}

/// Neighbouring returns that stand in the place of others.
#[derive(Debug, Clone, PartialEq)]
pub struct Replacement {
    /// First bar replaced.
    pub from: usize,
    /// The returns from there on.
    pub returns: Vec<f64>,
}

impl Strike {
    /// Checks the strike itself, and the returns that its window can reach; severities up to `most`.
    /// The rest of the series is left to the figures, so that trying every bar stays quick.
    ///
    /// # Errors
    /// `too_few_observations` without returns or window, `out_of_range` for a severity outside 0 to
    /// `most` or a bar beyond the series; returns there that are no returns.
    pub(super) fn check(&self, returns: &[f64], most: f64) -> Result<(), Undefined> {
        if returns.is_empty() || self.window == 0 {
            return Err(Undefined::TooFewObservations);
        }
        let inside = self.severity >= 0.0 && self.severity <= most && self.severity.is_finite();
        if !inside || self.bar >= returns.len() {
            return Err(Undefined::OutOfRange);
        }
        let from = self.bar.saturating_sub(self.window);
        let end = self.bar.saturating_add(self.window).min(returns.len());
        check(returns.get(from..end).unwrap_or_default())
    }

    /// The returns of the window that begins at the bar, cut at the end of the series.
    pub(super) fn ahead<'a>(&self, returns: &'a [f64]) -> &'a [f64] {
        let end = self.bar.saturating_add(self.window).min(returns.len());
        returns.get(self.bar..end).unwrap_or_default()
    }

    /// First bar and returns of the window around the bar (from half a window before it), cut at
    /// both ends of the series.
    pub(super) fn around<'a>(&self, returns: &'a [f64]) -> (usize, &'a [f64]) {
        let from = self.bar.saturating_sub(self.window / 2);
        let end = from.saturating_add(self.window).min(returns.len());
        (from, returns.get(from..end).unwrap_or_default())
    }
}

impl Replacement {
    /// The series with the replacement in it.
    #[must_use]
    pub fn put_into(&self, returns: &[f64]) -> Vec<f64> {
        let mut stressed = returns.to_vec();
        for (r, new) in stressed.iter_mut().skip(self.from).zip(&self.returns) {
            *r = *new;
        }
        stressed
    }
}
