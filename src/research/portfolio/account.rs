//! The account: legs of all strategies, sized by weight x equity, on one equity curve.
//!
//! A position takes `weight x fraction x equity` of the last close at its entry, never more than
//! the cash that is free then (so nothing is borrowed), and keeps its quantity until its exit.
//! Nothing is rebalanced in between, so nothing is traded for free; the drift between entries is
//! part of the result.
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
//! notional at that fill. A trade keeps the market prices, and both costs in `costs`:
//! pnl = side x quantity x (exit price - entry price) - costs.

use crate::research::backtest::leg::{Exit, Leg, Reason, Side};
use crate::research::market::bar::Bar;

/// Costs per side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Costs {
    /// Fraction of notional.
    pub fee: f64,
    /// Fraction of price.
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
    /// Units of the base currency.
    pub quantity: f64,
    /// Market price at the entry.
    pub entry_price: f64,
    /// Market price at the exit.
    pub exit_price: f64,
    /// Fees and slippage of both sides, in the quote currency.
    pub costs: f64,
    /// Net profit, in the quote currency.
    pub pnl: f64,
    /// Why it ended.
    pub reason: Reason,
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

#[derive(Debug, Clone, Copy)]
struct Holding {
    leg: usize,
    quantity: f64,
    mark: f64,
    costs: f64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Desk {
    next_leg: usize,
    held: Option<Holding>,
    profit: f64,
}

/// Runs all components on one account that starts with `capital`.
///
/// # Errors
/// When the equity is used up, or the components do not fit together.
pub fn run(
    components: &[Component<'_>],
    capital: f64,
    costs: Costs,
) -> Result<Account, AccountError> {
    let bars = components.first().map_or(0, |c| c.bars.len());
    if components.iter().any(|c| c.bars.len() != bars) {
        return Err(AccountError::Uneven);
    }
    let mut account = Account {
        returns: Vec::with_capacity(bars),
        equity: Vec::with_capacity(bars),
        strategy_returns: vec![Vec::with_capacity(bars); components.len()],
        ..Account::default()
    };
    let mut desks = vec![Desk::default(); components.len()];
    let mut equity = capital;
    for bar in 0..bars {
        step(bar, equity, components, costs, &mut desks, &mut account);
        let mut portfolio_return = 0.0;
        for ((component, desk), series) in components
            .iter()
            .zip(&mut desks)
            .zip(&mut account.strategy_returns)
        {
            let own = std::mem::take(&mut desk.profit) / (component.weight * equity);
            series.push(own);
            portfolio_return += component.weight * own;
        }
        equity *= 1.0 + portfolio_return;
        if equity <= 0.0 || !equity.is_finite() {
            return Err(AccountError::Ruin(bar));
        }
        account.returns.push(portfolio_return);
        account.equity.push(equity);
    }
    Ok(account)
}

/// One bar: exits at the open, entries at the open, exits inside or at the end, marks.
fn step(
    bar: usize,
    equity: f64,
    components: &[Component<'_>],
    costs: Costs,
    desks: &mut [Desk],
    account: &mut Account,
) {
    let mut free = equity;
    for (strategy, (component, desk)) in components.iter().zip(desks.iter_mut()).enumerate() {
        if let Some(leg) = desk.ending(component, bar).filter(|leg| leg.exit.at_open()) {
            account.trades.extend(desk.close(strategy, leg, costs));
        }
        free += desk.profit - desk.held.map_or(0.0, |h| h.quantity * h.mark);
    }
    for (component, desk) in components.iter().zip(desks.iter_mut()) {
        let Some(leg) = desk.starting(component, bar) else {
            continue;
        };
        let wanted = component.weight * component.fraction * equity;
        let notional = wanted.min(free / (1.0 + costs.fee));
        if notional > 0.0 {
            free -= desk.open(leg, notional, costs);
        } else {
            desk.next_leg += 1;
            account.unfunded += 1;
        }
    }
    for (strategy, (component, desk)) in components.iter().zip(desks.iter_mut()).enumerate() {
        if let Some(leg) = desk.ending(component, bar) {
            account.trades.extend(desk.close(strategy, leg, costs));
        } else if let (Some(held), Some(now)) = (&mut desk.held, component.bars.get(bar)) {
            let sign = component.legs.get(held.leg).map_or(0.0, |l| l.side.sign());
            desk.profit += sign * held.quantity * (now.close - held.mark);
            held.mark = now.close;
        }
    }
}

impl Desk {
    /// The held leg, if it ends in `bar`.
    fn ending(&self, component: &Component<'_>, bar: usize) -> Option<Leg> {
        let leg = component.legs.get(self.held?.leg)?;
        (leg.exit_bar == bar).then_some(*leg)
    }

    /// The next leg, if nothing is held and it starts in `bar`.
    fn starting(&self, component: &Component<'_>, bar: usize) -> Option<Leg> {
        let leg = component.legs.get(self.next_leg)?;
        (self.held.is_none() && leg.entry_bar == bar).then_some(*leg)
    }

    /// Enters `leg` for `notional` at its fill, and returns the cash that this takes.
    fn open(&mut self, leg: Leg, notional: f64, costs: Costs) -> f64 {
        let direction = leg.side.sign();
        let quantity = notional / (leg.entry_price * (1.0 + direction * costs.slippage));
        let paid = side_costs(quantity, leg.entry_price, direction, costs);
        self.profit -= paid;
        self.held = Some(Holding {
            leg: self.next_leg,
            quantity,
            mark: leg.entry_price,
            costs: paid,
        });
        self.next_leg += 1;
        quantity * leg.entry_price + paid
    }

    /// Ends the held leg, books its last profit, and gives the trade.
    fn close(&mut self, strategy: usize, leg: Leg, costs: Costs) -> Option<Trade> {
        let held = self.held.take()?;
        let sign = leg.side.sign();
        let Exit { price, reason } = leg.exit;
        let paid = side_costs(held.quantity, price, -sign, costs);
        self.profit += sign * held.quantity * (price - held.mark) - paid;
        let costs = held.costs + paid;
        Some(Trade {
            strategy,
            side: leg.side,
            entry_bar: leg.entry_bar,
            exit_bar: leg.exit_bar,
            quantity: held.quantity,
            entry_price: leg.entry_price,
            exit_price: price,
            costs,
            pnl: sign * held.quantity * (price - leg.entry_price) - costs,
            reason,
        })
    }
}

/// Fee and slippage of buying (`direction` 1) or selling (-1) `quantity` at market price `price`.
fn side_costs(quantity: f64, price: f64, direction: f64, costs: Costs) -> f64 {
    let notional = quantity * price;
    notional * costs.slippage + notional * (1.0 + direction * costs.slippage) * costs.fee
}

#[cfg(test)]
mod tests;
