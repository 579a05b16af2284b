//! The account: legs of all strategies, sized by weight x equity, on one equity curve.
//!
//! A position takes `weight x fraction x equity` of the last close at its entry, never more than
//! the cash that is free then, and keeps its quantity until its exit, so that nothing is traded for
//! free; the drift between entries is part of the result. So no entry takes borrowed cash; but a short
//! that loses more than its notional before it ends can leave the cash below zero while other
//! positions are held. Such bars are counted in [`Account::overdrawn`]; nothing is charged for them. Under
//! [`Terms::rebalance`] it is brought back to what an entry would take, at the open of the first bar
//! of every period; what that trades pays like every other fill. A position that its own stop ends
//! at that open is not adjusted first.
//!
//! # Shape
//! Per bar t and strategy i: `strategy_returns[i][t]` = profit of i in bar t / (weight_i x
//! equity[t-1]); `returns[t]` = sum of weight_i x `strategy_returns[i][t]` in strategy order;
//! `equity[t] = equity[t-1] x (1 + returns[t])`, with the capital before bar 0. So the sum over t of
//! equity[t-1] x weight_i x `strategy_returns[i][t]` is the sum of the profits of i's trades: this
//! is what `trades.csv` reconciles to.
//!
//! # Costs
//! Slippage moves every fill against us by a fraction of the price; the fee is a fraction of the
//! notional at that fill. A short that is held over from one bar to the next pays
//! [`Terms::borrow_between`] of its notional at the last close. A trade keeps the market prices, and
//! all of this in `costs`: pnl = side x quantity x (exit price - entry price) - costs.
//!
//! # Two sets of books
//! The equity comes from profits against marks; `cash` and `holdings` come from the fills alone.
//! At every close, equity = cash + the sum of holdings x close.

use running::Running;

use super::terms::Terms;
use crate::research::backtest::leg::{Leg, Reason, Side};
use crate::research::market::bar::Bar;

mod desk;
mod running;

/// Costs per side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Costs {
    /// Fraction of notional.
    pub fee: f64,
    /// Fraction of price, half of the spread included.
    pub slippage: f64,
}

/// One strategy on the account.
#[derive(Debug, Clone, Copy)]
pub struct Component<'a> {
    /// Share of the equity, above 0.
    pub weight: f64,
    /// Share of `weight` x equity that one position takes.
    pub fraction: f64,
    /// Its bars; all components have the same times.
    pub bars: &'a [Bar],
    /// Its legs over these bars.
    pub legs: &'a [Leg],
}

/// A closed trade.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trade {
    /// Index of the strategy.
    pub strategy: usize,
    /// Long or short.
    pub side: Side,
    /// Index of the bar of the entry.
    pub entry_bar: usize,
    /// Index of the bar of the exit.
    pub exit_bar: usize,
    /// Units of the base currency; of a position that was rebalanced, all that were entered.
    pub quantity: f64,
    /// Market price at the entry; of a position that was rebalanced, the mean by quantity.
    pub entry_price: f64,
    /// Market price at the exit, or the mean by quantity.
    pub exit_price: f64,
    /// Fees and slippage of all its fills, and what was paid for borrowing, in the quote currency.
    pub costs: f64,
    /// Net profit, in the quote currency.
    pub pnl: f64,
    /// Why it ended.
    pub reason: Reason,
}

/// One fill.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fill {
    /// Index of the strategy.
    pub strategy: usize,
    /// Index of the bar.
    pub bar: usize,
    /// Units: more than 0 bought, less sold.
    pub quantity: f64,
    /// Market price.
    pub price: f64,
    /// Fee and slippage, in the quote currency.
    pub costs: f64,
}

/// What became of the capital.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Account {
    /// Portfolio return per bar, fraction.
    pub returns: Vec<f64>,
    /// Equity at each bar's close.
    pub equity: Vec<f64>,
    /// Per strategy, the return on its share of the equity, per bar.
    pub strategy_returns: Vec<Vec<f64>>,
    /// Closed trades in the order of their exits: by bar, those at the open first.
    pub trades: Vec<Trade>,
    /// Entries that were left out because no cash was free.
    pub unfunded: usize,
    /// Entries that were left out because they were below the least notional.
    pub too_small: usize,
    /// Every fill, in the order in which they happened.
    pub fills: Vec<Fill>,
    /// How many of the fills brought a position back to its share.
    pub adjustments: usize,
    /// What shorts paid for borrowing, in the quote currency.
    pub borrowing: f64,
    /// Bars at whose close the cash was below zero, by more than a billionth of the equity.
    pub overdrawn: usize,
    /// Cash at each bar's close, in the quote currency.
    pub cash: Vec<f64>,
    /// Per strategy, units held at each bar's close, less than 0 when short.
    pub holdings: Vec<Vec<f64>>,
}

/// Why there is no account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// The equity fell to zero or below (only shorts can do that).
    #[error("the equity was used up in bar {0}")]
    Ruin(usize),
    /// Components with different numbers of bars.
    #[error("strategies have different numbers of bars")]
    Uneven,
}

/// Runs all components on one account that starts with `capital`, under the plain terms.
///
/// # Errors
/// When the equity is used up, or the components do not fit together.
pub fn run(
    components: &[Component<'_>],
    capital: f64,
    costs: Costs,
) -> Result<Account, AccountError> {
    run_under(components, capital, costs, &Terms::default())
}

/// As [`run`], under `terms`. The legs must have been filled as these say.
///
/// # Errors
/// When the equity is used up, or the components do not fit together.
pub fn run_under(
    components: &[Component<'_>],
    capital: f64,
    costs: Costs,
    terms: &Terms,
) -> Result<Account, AccountError> {
    let bars = components.first().map_or(0, |c| c.bars.len());
    if components.iter().any(|c| c.bars.len() != bars) {
        return Err(AccountError::Uneven);
    }
    let mut running = Running::new(components, capital, costs, *terms);
    let mut equity = capital;
    for bar in 0..bars {
        running.step(bar, equity);
        let portfolio_return = running.settle(equity);
        equity *= 1.0 + portfolio_return;
        if equity <= 0.0 || !equity.is_finite() {
            return Err(AccountError::Ruin(bar));
        }
        running.account.returns.push(portfolio_return);
        running.account.equity.push(equity);
    }
    Ok(running.account)
}

#[cfg(test)]
mod identities;
#[cfg(test)]
mod tests;
