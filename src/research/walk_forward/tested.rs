//! Trying: what was chosen, and everything else, on the test bars of one window.
//!
//! In: the history up to the last test bar, and which combination was chosen. Out: the figures of
//! every combination there, and the series of the chosen one by the engine: flat before the window,
//! closed at its last close at cost. Without a choice the window stays in cash.

use std::ops::Range;

use super::fit::Search;
use crate::research::market::bar::Bar;
use crate::research::portfolio::account::AccountError;
use crate::research::sweep::replay::replay_from;
use crate::research::sweep::tally::Figures;

/// What testing came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Tested {
    /// Figures on the test bars, one row per combination; no row where there were too few bars.
    pub rows: Vec<Figures>,
    /// Return of the chosen combination per test bar, fraction.
    pub returns: Vec<f64>,
    /// Its closed trades.
    pub trades: usize,
}

impl Search<'_> {
    /// Tries `chosen`, a position among the combinations, on `test`, with which `history` ends.
    ///
    /// # Errors
    /// When the equity is used up.
    pub fn test(
        &self,
        history: &[Bar],
        test: Range<usize>,
        chosen: Option<usize>,
    ) -> Result<Tested, AccountError> {
        let rows = self.rows(history, std::slice::from_ref(&test));
        let Some(combination) = chosen.and_then(|index| self.combinations.get(index)) else {
            return Ok(Tested {
                rows,
                returns: vec![0.0; test.len()],
                trades: 0,
            });
        };
        let account = replay_from(combination, history, test.start, self.costs)?;
        Ok(Tested {
            rows,
            returns: account.returns,
            trades: account.trades.len(),
        })
    }
}
