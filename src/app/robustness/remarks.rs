//! What a report says about how the account was run, where that differs from the plain one, and
//! about the drawdown that a preset means to stay within.

use std::collections::BTreeMap;

use crate::kernel::decimal::Decimal;
use crate::metrics::MetricResult;
use crate::research::backtest::fill::FillRule;
use crate::research::market::Symbol;
use crate::research::portfolio::account::Account;
use crate::research::portfolio::configuration::Configuration;

/// Where fills were made, in words.
#[must_use]
pub fn fills(configuration: &Configuration) -> &'static str {
    match FillRule::named(&configuration.fill) {
        Some(FillRule::SameClose) => "at the close that gave the signal, which nobody can trade",
        Some(FillRule::NextOpen) | None => "at the open of the bar after the signal",
    }
}

/// The terms that differ from the plain account, by name.
#[must_use]
pub fn terms(configuration: &Configuration) -> Vec<(&'static str, String)> {
    let account = &configuration.account;
    let bp = |fraction: &Decimal| format!("{} bp", fraction.times(&Decimal::from_int(10_000)));
    let spread = account.spread.as_ref();
    [
        (
            "quoted spread",
            spread.map(|spread| format!("{}, half of it per side", bp(spread))),
        ),
        (
            "slippage and half spread per side",
            spread.map(|_| bp(&configuration.slippage_per_side())),
        ),
        (
            "borrowing for shorts per year",
            account.borrow_per_year.as_ref().map(bp),
        ),
        (
            "least notional",
            account.min_notional.as_ref().map(ToString::to_string),
        ),
        (
            "rebalancing of open positions",
            account
                .rebalance
                .as_ref()
                .map(|period| format!("{period}, at the first open of the period (UTC)")),
        ),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

/// The remarks on `account`, which ran under `configuration`.
#[must_use]
pub fn remarks(configuration: &Configuration, account: &Account) -> Vec<String> {
    let mut remarks = Vec::new();
    if configuration.fill == FillRule::SameClose.as_str() {
        remarks.push(
            "Signals were filled at the close that gave them: a price that is gone once it is \
             known. The evidence says same_close, and is good for SHADOW at most."
                .to_owned(),
        );
    }
    if account.unfunded > 0 {
        remarks.push(format!(
            "{} entries were left out because no cash was free.",
            account.unfunded
        ));
    }
    remarks.extend(overdrawn(account.overdrawn));
    let terms = &configuration.account;
    if let (Some(least), true) = (&terms.min_notional, account.too_small > 0) {
        remarks.push(format!(
            "{} entries were left out because they were below the least notional of {least}.",
            account.too_small
        ));
    }
    if let Some(period) = &terms.rebalance {
        remarks.push(format!(
            "Open positions were rebalanced {period}: {} adjustments, each at cost. A position is \
             one trade, whose prices are means by quantity.",
            account.adjustments
        ));
    }
    if account.borrowing > 0.0 {
        remarks.push(format!(
            "Shorts paid {:.2} for borrowing.",
            account.borrowing
        ));
    }
    remarks
}

/// What is said about `count` bars that ended with the cash below zero.
fn overdrawn(count: usize) -> Option<String> {
    let bars = if count == 1 { "bar" } else { "bars" };
    (count > 0).then(|| {
        format!(
            "At the close of {count} {bars} the cash was below zero, because a short had lost more than \
             its notional: other positions were held on cash that was not there, at no charge."
        )
    })
}

/// What is said about steps in the bars that splits make.
#[must_use]
pub fn split_suspects(suspects: &BTreeMap<Symbol, usize>) -> Vec<String> {
    let some = suspects.iter().filter(|(_, count)| **count > 0);
    some.map(|(symbol, count)| {
        let steps = if *count == 1 { "step" } else { "steps" };
        format!(
            "{count} {steps} in the bars of {symbol} from a close to the next open look like splits: \
             where the prices are not adjusted for them, every figure here is wrong."
        )
    })
    .collect()
}

/// How `max_drawdown` of the full run stands to the `target` of the preset.
#[must_use]
pub fn against_target(target: &Decimal, max_drawdown: MetricResult) -> String {
    let percent = |fraction: f64| format!("{:.2} %", fraction * 100.0);
    let aim = percent(target.to_f64());
    let head =
        format!("The preset means to stay within a drawdown of {aim}, which is no criterion");
    match max_drawdown {
        Err(reason) => format!("{head}: that of the full run is undefined ({reason})."),
        Ok(value) => {
            let inside = if value <= target.to_f64() {
                "inside"
            } else {
                "beyond it"
            };
            format!("{head}: the full run's was {}, {inside}.", percent(value))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Undefined;

    #[test]
    fn bars_with_the_cash_below_zero_are_told_and_none_is_not() {
        assert_eq!(overdrawn(0), None);
        let said = |count| overdrawn(count).unwrap();
        assert!(said(1).starts_with("At the close of 1 bar the cash was below zero"));
        assert!(said(7).starts_with("At the close of 7 bars the cash"));
    }

    #[test]
    fn a_target_is_compared_and_never_a_verdict() {
        let target: Decimal = "0.1".parse().unwrap();
        let said = |value| against_target(&target, value);
        assert!(said(Ok(0.0999)).ends_with("no criterion: the full run's was 9.99 %, inside."));
        assert!(said(Ok(0.1)).ends_with("10.00 %, inside."));
        assert!(said(Ok(0.2)).ends_with("20.00 %, beyond it."));
        assert!(said(Err(Undefined::TooFewObservations)).contains("undefined"));
    }
}
