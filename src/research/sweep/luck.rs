//! What the best of many runs would show without any skill: how far its Sharpe ratio has to be
//! deflated.
//!
//! In: the runs' figures, and how many trials are behind the best of them. Out: the Sharpe ratio per
//! year that the best of so many is expected at when all are worth nothing, from the spread of the
//! runs' own ratios. Formula and source: `metrics::dsr`. Runs that resemble each other are fewer
//! trials than they count as, so that it is rather too high than too low.

use super::tally::Figures;
use crate::metrics::dispersion::spread;
use crate::metrics::dsr::expected_best;

/// The expected best Sharpe ratio per year of `trials` without skill; none when fewer than two runs
/// have one.
#[must_use]
pub fn best_without_skill(rows: &[Figures], trials: u64) -> Option<f64> {
    let ratios: Vec<f64> = rows.iter().filter_map(|row| row.sharpe).collect();
    let spread = spread(&ratios).ok()?;
    expected_best(trials, spread.std * spread.std).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(ratios: &[Option<f64>]) -> Vec<Figures> {
        let row = |sharpe: &Option<f64>| Figures {
            total_return: 0.0,
            sharpe: *sharpe,
            sortino: None,
            max_drawdown: 0.0,
            trades: 1,
            hit_ratio: None,
            profit_factor: None,
            costs: 0.0,
        };
        ratios.iter().map(row).collect()
    }

    #[test]
    fn more_trials_and_a_wider_spread_expect_more() {
        let narrow = rows(&[Some(0.0), Some(1.0), None]);
        let wide = rows(&[Some(0.0), Some(2.0)]);
        // The variance of 0 and 1 is 1/2.
        let by_hand = expected_best(10, 0.5).unwrap();
        let found = best_without_skill(&narrow, 10).unwrap();
        assert!((found - by_hand).abs() < 1e-12, "{found}");
        assert!(best_without_skill(&narrow, 11) > Some(found));
        assert!(best_without_skill(&wide, 10) > Some(found));
        assert_eq!(best_without_skill(&rows(&[Some(1.0), None]), 2), None);
    }
}
