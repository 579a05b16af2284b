//! One combination of a sweep, run again by the engine: its whole series instead of its figures.
//!
//! A sweep keeps one row of figures per combination and no series. What looks at a candidate more
//! closely (walk-forward, Monte-Carlo, stress) runs it here, long or flat with the whole equity in
//! each position, so that its figures are those of the sweep to within rounding.

use super::grid::Combination;
use crate::research::backtest::run;
use crate::research::market::bar::Bar;
use crate::research::portfolio::account::{self, Account, AccountError, Component, Costs};
use crate::research::strategy::columns::Columns;

/// What became of a capital of 1 in `combination` over `bars`.
///
/// # Errors
/// When the equity is used up.
pub fn replay(
    combination: &Combination,
    bars: &[Bar],
    costs: Costs,
) -> Result<Account, AccountError> {
    let signals = combination.rule.signals(false, &Columns::of(bars));
    let legs = run::legs(&signals, combination.stops(), bars);
    let component = Component {
        weight: 1.0,
        fraction: 1.0,
        bars,
        legs: &legs,
    };
    account::run(&[component], 1.0, costs)
}
