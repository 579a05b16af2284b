//! Cost break-even: how many times the assumed costs the trades could have borne.
//!
//! # Formula
//! (sum(pnl) + sum(costs)) / sum(costs), with pnl net of costs: the multiple of all costs at which
//! the trades together earn nothing, as long as costs do not change what is traded.
//!
//! # Units
//! Ratio; 1 means that the costs assumed use up everything, below it the trades lose.
//!
//! # Degenerate cases
//! No trades: `no_trades`. No costs: `zero_denominator` (nothing says what a multiple of zero is).

use super::{MetricResult, Undefined, defined};

/// Cost break-even of trades, each as (net result, costs), in money.
///
/// # Errors
/// As the degenerate cases say.
pub fn cost_breakeven(trades: &[(f64, f64)]) -> MetricResult {
    if trades.is_empty() {
        return Err(Undefined::NoTrades);
    }
    let (mut net, mut costs) = (0.0, 0.0);
    for (pnl, paid) in trades {
        net += pnl;
        costs += paid;
    }
    if costs <= 0.0 {
        return Err(Undefined::ZeroDenominator);
    }
    defined((net + costs) / costs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hand_computed() {
        // Gross 30 - 5 + 8 = 33 over costs of 11.
        let value = cost_breakeven(&[(28.0, 2.0), (-9.0, 4.0), (3.0, 5.0)]).unwrap();
        assert!((value - 3.0).abs() < 1e-12);
        assert_eq!(cost_breakeven(&[(-2.0, 2.0)]), Ok(0.0));
        assert_eq!(cost_breakeven(&[]), Err(Undefined::NoTrades));
        assert_eq!(
            cost_breakeven(&[(1.0, 0.0)]),
            Err(Undefined::ZeroDenominator)
        );
        assert_eq!(
            cost_breakeven(&[(f64::NAN, 1.0)]),
            Err(Undefined::NotANumber)
        );
    }

    proptest! {
        #[test]
        fn at_that_multiple_nothing_is_left(
            trades in prop::collection::vec((-50.0_f64..60.0, 0.1_f64..5.0), 1..40),
        ) {
            let multiple = cost_breakeven(&trades).unwrap();
            let left: f64 = trades.iter().map(|(pnl, costs)| pnl + costs - multiple * costs).sum();
            prop_assert!(left.abs() < 1e-6);
        }
    }
}
