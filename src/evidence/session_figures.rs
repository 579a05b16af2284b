//! Figures of sessions: limit breaches, order success, and the drift from the shadow contract.
//!
//! Breaches are counted from `orders.csv`, `series/full.csv` and `limits.json`, and from the events
//! that say `limit_breach`: the larger of both counts. Order success and slippage come from
//! `orders.csv`, the number of positions opened from `trades.csv`. Without a contract there is no
//! drift to speak of. What rests on a part that contradicts itself, or is not there, is
//! `unsupported`.

use super::bundle::CheckedBundle;
use super::consistency::Trust;
use super::contract::Observed;
use super::events::LIMIT_BREACH;
use super::given::Given;
use super::measure::Measured;
use super::orders::Order;
use super::path;
use crate::metrics::limit_breaches::{ExecutionLimits, SymbolFill, limit_breaches};
use crate::metrics::slippage::{Fill, slippage};
use crate::metrics::{Metric, MetricKey, MetricResult, Sample, Undefined, order_success};

/// Measures all of them on `sample`.
#[must_use]
pub fn measure(
    bundle: &CheckedBundle,
    trust: Trust,
    sample: Sample,
    given: &Given<'_>,
) -> Vec<Measured> {
    let orders = bundle.further.orders.as_deref().filter(|_| trust.orders);
    let orders = orders.ok_or(Undefined::Unsupported);
    let row = |metric, result, source: &str| Measured {
        key: MetricKey::new(metric, sample),
        result,
        source: source.to_owned(),
    };
    let succeeded = orders.and_then(|orders| {
        order_success::order_success(orders.iter().map(|o| o.status.succeeded()))
    });
    let breaches = orders.and_then(|orders| breaches(bundle, trust, orders));
    let judged = format!("{}, {}, {}", path::ORDERS, path::EVENTS, path::LIMITS);
    let mut rows = vec![
        row(Metric::LimitBreaches, breaches, &judged),
        row(Metric::OrderSuccess, succeeded, path::ORDERS),
    ];
    let Some(contract) = given.contract else {
        return rows;
    };
    for (metric, result) in contract.drifts(&observed(bundle, trust)) {
        let source = match metric {
            Metric::DriftTrades => path::TRADES,
            Metric::DriftSlippage => path::ORDERS,
            _ => path::FULL,
        };
        let result = match trust.full {
            true => result,
            false => Err(Undefined::Unsupported),
        };
        rows.push(row(
            metric,
            result,
            &format!("{source} against the shadow contract"),
        ));
    }
    rows
}

/// What a session showed that a contract speaks about.
pub(super) fn observed(bundle: &CheckedBundle, trust: Trust) -> Observed<'_> {
    let orders = bundle.further.orders.as_deref().filter(|_| trust.orders);
    let orders = orders.ok_or(Undefined::Unsupported);
    Observed {
        times: &bundle.full.times,
        returns: &bundle.full.returns,
        entries: match (&bundle.trades, trust.trades) {
            (Some(trades), true) => Ok(trades.len() as f64),
            _ => Err(Undefined::Unsupported),
        },
        slippage: orders.and_then(|orders| slippage(&fills(orders))),
    }
}

fn fills(orders: &[Order]) -> Vec<Fill> {
    let fill = |o: &Order| {
        Some(Fill {
            units: o.side.sign() * o.quantity,
            reference: o.reference_price,
            price: o.fill_price?,
        })
    };
    orders.iter().filter_map(fill).collect()
}

fn breaches(bundle: &CheckedBundle, trust: Trust, orders: &[Order]) -> MetricResult {
    let limits = bundle.limits.as_ref().ok_or(Undefined::Unsupported)?;
    let capital = bundle.configuration.capital.as_ref();
    let capital = capital.ok_or(Undefined::Unsupported)?.to_f64();
    let events = bundle.further.events.as_deref();
    let events = events.ok_or(Undefined::Unsupported)?;
    if !trust.full {
        return Err(Undefined::Unsupported);
    }
    let fills: Vec<SymbolFill<'_>> = orders
        .iter()
        .filter_map(|o| {
            Some(SymbolFill {
                symbol: &o.symbol,
                units: o.side.sign() * o.quantity,
                price: o.fill_price?,
            })
        })
        .collect();
    let limits = ExecutionLimits {
        order: limits.max_order_notional.to_f64(),
        symbol: limits.max_symbol_exposure_notional.to_f64(),
        total: limits.max_total_exposure_notional.to_f64(),
        positions: limits.max_open_positions as f64,
        daily_loss: limits.max_daily_loss_abs.to_f64(),
        daily_loss_percent: limits.max_daily_loss_pct.to_f64(),
    };
    let series = (&bundle.full.times[..], &bundle.full.returns[..]);
    let counted = limit_breaches(&fills, series, capital, &limits)?;
    let stated = events.iter().filter(|e| e.code == LIMIT_BREACH).count();
    Ok(counted.max(stated as f64))
}
