//! Do the orders of a session agree with its trades, and so with its equity?
//!
//! Trades reconcile with the equity (see [`super::consistency`]); fills reconcile with trades, per
//! symbol: what was bought less what was sold is what the open trades hold, within 1e-6 of the units
//! that moved; and over all symbols: what was received less what was paid, less costs, plus the open
//! trades at their valuation, is the sum of the trades' results, within 1e-6 of the money that moved.

use std::collections::BTreeMap;

use super::bundle::CheckedBundle;
use super::finding::{Code, Finding};
use super::orders::Order;
use super::trades::Trade;
use crate::metrics::periods::median_spacing_ms;

const TOLERANCE: f64 = 1e-6;

/// The first contradiction between `orders` and the bundle's trades and series.
#[must_use]
pub fn examine(bundle: &CheckedBundle, orders: &[Order]) -> Option<Finding> {
    let found = |message: String| {
        let message = format!("orders.csv: {message}");
        Some(Finding::new(Code::Orders, message))
    };
    let times = &bundle.full.times;
    let bar_ms = median_spacing_ms(times).unwrap_or(0);
    let ends = times.first().zip(times.last());
    let inside = |order: &&Order| {
        ends.is_some_and(|(first, last)| {
            order.time >= *first && order.time <= last.plus_millis(bar_ms)
        })
    };
    if let Some(order) = orders.iter().find(|order| !inside(order)) {
        return found(format!("order `{}` lies outside the series", order.id));
    }
    let Some(trades) = &bundle.trades else {
        return found("there are orders, but no trades.csv to reconcile them with".to_owned());
    };
    if let Some((symbol, bought, open)) = units(orders, trades) {
        return found(format!(
            "fills of `{symbol}` leave {bought} units, the open trades hold {open}"
        ));
    }
    let (flow, moved) = orders.iter().fold((0.0, 0.0), |(flow, moved), order| {
        let value = order.quantity * order.fill_price.unwrap_or(0.0);
        let received = -order.side.sign() * value - order.costs;
        (flow + received, moved + value)
    });
    let open: f64 = open_trades(trades)
        .map(|t| t.side.sign() * t.quantity * t.exit_price)
        .sum();
    let results: f64 = trades.iter().map(|t| t.pnl).sum();
    // Written so that a NaN counts as a difference.
    let close = (flow + open - results).abs() <= TOLERANCE * moved;
    if close {
        return None;
    }
    let fills = flow + open;
    found(format!(
        "fills and open positions come to {fills}, the trades to {results}"
    ))
}

fn open_trades(trades: &[Trade]) -> impl Iterator<Item = &Trade> {
    trades.iter().filter(|t| t.exit_time.is_none())
}

/// The first symbol whose fills and open trades differ, with both numbers of units.
fn units<'a>(orders: &'a [Order], trades: &'a [Trade]) -> Option<(&'a str, f64, f64)> {
    // Per symbol: left over from fills, held by open trades, units that moved.
    let mut symbols: BTreeMap<&str, (f64, f64, f64)> = BTreeMap::new();
    for order in orders.iter().filter(|o| o.fill_price.is_some()) {
        let (left, _, moved) = symbols.entry(&order.symbol).or_default();
        *left += order.side.sign() * order.quantity;
        *moved += order.quantity;
    }
    for trade in trades {
        let (_, held, moved) = symbols.entry(&trade.symbol).or_default();
        *moved += trade.quantity;
        if trade.exit_time.is_none() {
            *held += trade.side.sign() * trade.quantity;
        }
    }
    symbols
        .into_iter()
        .find(|(_, (left, held, moved))| {
            let close = (left - held).abs() <= TOLERANCE * moved;
            !close
        })
        .map(|(symbol, (left, held, _))| (symbol, left, held))
}
