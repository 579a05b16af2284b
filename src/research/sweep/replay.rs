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
    replay_from(combination, bars, 0, costs)
}

/// What became of a capital of 1 in `combination` over the bars of `history` from `from` on, which
/// the indices of its trades count from. The bars before it give signals and are not held: as
/// [`super::ground::Ground::within`] has it, flat before, entered at the first open where the signal
/// of the close before wants it.
///
/// # Errors
/// When the equity is used up.
pub fn replay_from(
    combination: &Combination,
    history: &[Bar],
    from: usize,
    costs: Costs,
) -> Result<Account, AccountError> {
    let signals = combination.rule.signals(false, &Columns::of(history));
    // The bar before is there for its signal alone: nothing is entered on the first bar of a run.
    let lead = usize::from(from > 0);
    let bars = history.get(from - lead..).unwrap_or_default();
    let signals = signals.get(from - lead..).unwrap_or_default();
    let legs = run::legs(signals, combination.stops(), bars);
    let component = Component {
        weight: 1.0,
        fraction: 1.0,
        bars,
        legs: &legs,
    };
    let mut account = account::run(&[component], 1.0, costs)?;
    let lead = lead.min(account.returns.len());
    account.returns.drain(..lead);
    account.equity.drain(..lead);
    for series in &mut account.strategy_returns {
        series.drain(..lead);
    }
    for trade in &mut account.trades {
        trade.entry_bar -= lead;
        trade.exit_bar -= lead;
    }
    Ok(account)
}
