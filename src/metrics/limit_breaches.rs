//! Limit breaches: how often a session went beyond its execution limits.
//!
//! # Formula
//! Counted are: every fill whose value is above the limit for one order; every fill after which the
//! position in its symbol, the sum of all positions (both at the last price at which each symbol was
//! filled), or the number of open positions is above its limit; every UTC day that lost more than
//! the limit in money, or in percent of the starting capital, counted from the equity before the
//! day's first bar. A fill that does not enlarge the position it belongs to breaches no position
//! limit: reducing is always allowed.
//!
//! # Units
//! Count.
//!
//! # Degenerate cases
//! As many times as returns are wanted: otherwise `too_few_observations`. A limit or amount that is
//! no number counts as breached; it cannot be shown to hold.

use std::collections::BTreeMap;

use super::{MetricResult, Undefined, returns::check};
use crate::kernel::time::{DAY_MS, UtcTime};

/// Limits in money of the account, unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExecutionLimits {
    /// Largest single order.
    pub order: f64,
    /// Largest position in one symbol.
    pub symbol: f64,
    /// Largest sum of all positions.
    pub total: f64,
    /// Most open positions.
    pub positions: f64,
    /// Largest loss of a day.
    pub daily_loss: f64,
    /// The same in percent of the starting capital.
    pub daily_loss_percent: f64,
}

/// A fill of one symbol.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SymbolFill<'a> {
    /// Symbol.
    pub symbol: &'a str,
    /// Units, positive for a purchase, negative for a sale.
    pub units: f64,
    /// Price.
    pub price: f64,
}

/// Smallest share of a fill that is still a position and not a rounding rest.
const REST: f64 = 1e-9;

/// Breaches by fills, in their order.
#[must_use]
pub fn fill_breaches(fills: &[SymbolFill<'_>], limits: &ExecutionLimits) -> u32 {
    // Per symbol: units held, and the last price.
    let mut held: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    let beyond = |x: f64, limit: f64| u32::from(x.is_nan() || limit.is_nan() || x > limit);
    let mut breaches = 0;
    for fill in fills {
        let (before, _) = held.get(fill.symbol).copied().unwrap_or_default();
        let mut after = before + fill.units;
        if after.abs() <= REST * fill.units.abs() {
            after = 0.0;
        }
        held.insert(fill.symbol, (after, fill.price));
        breaches += beyond((fill.units * fill.price).abs(), limits.order);
        let grows = after.is_nan() || after.abs() > before.abs() || after * before < 0.0;
        if !grows {
            continue;
        }
        let (mut total, mut open) = (0.0, 0.0);
        for (units, price) in held.values() {
            total += (units * price).abs();
            open += if units.abs() > 0.0 { 1.0 } else { 0.0 };
        }
        breaches += beyond((after * fill.price).abs(), limits.symbol);
        breaches += beyond(total, limits.total);
        breaches += beyond(open, limits.positions);
    }
    breaches
}

/// Days that lost more than they may; `capital` is the money at the start.
///
/// # Errors
/// `too_few_observations` for another number of times than returns; returns that are none.
pub fn day_breaches(
    times: &[UtcTime],
    returns: &[f64],
    capital: f64,
    limits: &ExecutionLimits,
) -> Result<u32, Undefined> {
    check(returns)?;
    if times.len() != returns.len() {
        return Err(Undefined::TooFewObservations);
    }
    let day = |t: &UtcTime| t.millis().div_euclid(DAY_MS);
    let allowed = limits
        .daily_loss
        .min(limits.daily_loss_percent / 100.0 * capital);
    let bars: Vec<(i64, f64)> = times.iter().map(day).zip(returns.iter().copied()).collect();
    let (mut equity, mut breaches) = (capital, 0);
    for one in bars.chunk_by(|a, b| a.0 == b.0) {
        let morning = equity;
        let mut lowest = equity;
        for (_, r) in one {
            equity *= 1.0 + r;
            lowest = lowest.min(equity);
        }
        let lost = morning - lowest;
        breaches += u32::from(lost.is_nan() || allowed.is_nan() || lost > allowed);
    }
    Ok(breaches)
}

/// All breaches together.
///
/// # Errors
/// As [`day_breaches`].
pub fn limit_breaches(
    fills: &[SymbolFill<'_>],
    (times, returns): (&[UtcTime], &[f64]),
    capital: f64,
    limits: &ExecutionLimits,
) -> MetricResult {
    let days = day_breaches(times, returns, capital, limits)?;
    Ok(f64::from(fill_breaches(fills, limits).saturating_add(days)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: ExecutionLimits = ExecutionLimits {
        order: 1000.0,
        symbol: 1500.0,
        total: 2000.0,
        positions: 2.0,
        daily_loss: 100.0,
        daily_loss_percent: 5.0,
    };

    fn fill(symbol: &str, units: f64) -> SymbolFill<'_> {
        SymbolFill {
            symbol,
            units,
            price: 100.0,
        }
    }

    #[test]
    fn each_limit_on_its_own() {
        let count = |fills: &[SymbolFill<'_>]| fill_breaches(fills, &LIMITS);
        assert_eq!(count(&[]), 0);
        assert_eq!(count(&[fill("A", 10.0), fill("B", -10.0)]), 0);
        assert_eq!(count(&[fill("A", 10.1)]), 1);
        assert_eq!(count(&[fill("A", 8.0), fill("A", 8.0)]), 1);
        assert_eq!(
            count(&[fill("A", 10.0), fill("B", 10.0), fill("B", 1.0)]),
            1
        );
        assert_eq!(count(&[fill("A", 1.0), fill("B", 1.0), fill("C", 1.0)]), 1);
        // Closing is always allowed, and what is closed is no open position.
        let closed = [
            fill("A", 8.0),
            fill("A", 7.0),
            fill("A", -7.5),
            fill("A", -7.5),
            fill("B", 1.0),
            fill("C", 1.0),
        ];
        assert_eq!(count(&closed), 0);
        // Turning round is a new position.
        let turned = [fill("A", 8.0), fill("A", -10.0), fill("A", -10.0)];
        assert_eq!(count(&turned), 0);
        assert_eq!(count(&[&turned[..], &[fill("A", -4.0)]].concat()), 1);
        let odd = SymbolFill {
            price: f64::NAN,
            ..fill("A", 1.0)
        };
        assert!(count(&[odd]) > 0);
    }

    #[test]
    fn a_day_is_counted_once_from_its_morning() {
        let hour = |h: i64| UtcTime::EPOCH.plus_millis(h * 3_600_000);
        // 10,000: -0.6 % and -0.6 % on one day is over 100; the same over midnight is not.
        let returns = [-0.006, -0.006];
        let count = |times: &[UtcTime]| day_breaches(times, &returns, 10_000.0, &LIMITS);
        assert_eq!(count(&[hour(1), hour(2)]), Ok(1));
        assert_eq!(count(&[hour(23), hour(24)]), Ok(0));
        assert_eq!(count(&[hour(1)]), Err(Undefined::TooFewObservations));
        // 5 % of 1,000 is the smaller limit.
        assert_eq!(day_breaches(&[hour(1)], &[-0.06], 1000.0, &LIMITS), Ok(1));
        // Won back by the evening: the loss was there all the same.
        assert_eq!(
            day_breaches(&[hour(1), hour(2)], &[-0.02, 0.03], 10_000.0, &LIMITS),
            Ok(1)
        );
    }
}
