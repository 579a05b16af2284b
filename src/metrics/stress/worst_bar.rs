//! The bar at which a scenario hurts most.
//!
//! # Formula
//! Every bar is tried. With c and l the equity over its peak, and the lowest such ratio, before the
//! replaced bars (one pass), and h and k the lowest equity over the close before, and the lowest ratio
//! to a later peak, after them (one pass backwards), a try walks through the replaced bars only: the
//! lowest ratio is min(l, those inside, c' h, k) with c' the ratio after them. So n tries cost
//! O(n x window), and give the drawdown of the whole stressed series.
//!
//! # Units
//! Drawdowns are positive fractions.
//!
//! # Degenerate cases
//! No returns: `too_few_observations`. The first of equally bad bars counts.

use super::strike::Replacement;
use crate::metrics::{Undefined, returns::check};

/// Largest drawdown over all bars that a scenario may strike, and the first such bar. `scenario`
/// gives the replacement for a bar.
///
/// # Errors
/// `too_few_observations`; what `scenario` refuses.
pub fn worst_bar(
    returns: &[f64],
    scenario: impl Fn(usize) -> Result<Replacement, Undefined>,
) -> Result<(f64, usize), Undefined> {
    check(returns)?;
    if returns.is_empty() {
        return Err(Undefined::TooFewObservations);
    }
    // before[i]: ratio to the peak and lowest ratio ahead of bar i; after[i]: from bar i on.
    let (mut current, mut lowest) = (1.0_f64, 1.0_f64);
    let mut before = vec![(1.0, 1.0)];
    for r in returns {
        current = (current * (1.0 + r)).min(1.0);
        lowest = lowest.min(current);
        before.push((current, lowest));
    }
    let (mut low, mut ratio) = (1.0_f64, 1.0_f64);
    let mut after = vec![(1.0, 1.0)];
    for r in returns.iter().rev() {
        low = ((1.0 + r) * low).min(1.0);
        ratio = ratio.min(low);
        after.push((low, ratio));
    }
    after.reverse();
    let (mut worst, mut worst_at) = (f64::INFINITY, 0);
    for bar in 0..returns.len() {
        let replaced = scenario(bar)?;
        check(&replaced.returns)?;
        let none = (1.0, 1.0);
        let (mut current, mut lowest) = before.get(replaced.from).copied().unwrap_or(none);
        for r in &replaced.returns {
            current = (current * (1.0 + r)).min(1.0);
            lowest = lowest.min(current);
        }
        let end = replaced.from + replaced.returns.len();
        let (low, ratio) = after.get(end).copied().unwrap_or(none);
        let here = lowest.min(current * low).min(ratio);
        if here < worst {
            (worst, worst_at) = (here, bar);
        }
    }
    Ok((1.0 - worst, worst_at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::drawdown::max_drawdown;
    use crate::metrics::stress::crash_drawdown_worst;
    use crate::metrics::stress::flash_crash::flash_crash;
    use crate::metrics::stress::gap_down_open::gap_down_open;
    use crate::metrics::stress::liquidity_gap::liquidity_gap;
    use crate::metrics::stress::strike::Strike;
    use crate::metrics::stress::trend_reversal::trend_reversal;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn trying_every_bar_on_the_whole_series_gives_the_same(
            r in prop::collection::vec(-0.2_f64..0.2, 1..50), severity in 0.0_f64..1.0,
            window in 1_usize..9,
        ) {
            let scenarios = [flash_crash, gap_down_open, liquidity_gap, trend_reversal];
            for scenario in scenarios {
                let at = |bar| scenario(&r, &Strike { severity, window, bar });
                let naive = (0..r.len())
                    .map(|bar| max_drawdown(&at(bar).unwrap().put_into(&r)).unwrap())
                    .fold(0.0, f64::max);
                let (worst, bar) = worst_bar(&r, at).unwrap();
                prop_assert!((worst - naive).abs() < 1e-12);
                let again = max_drawdown(&at(bar).unwrap().put_into(&r)).unwrap();
                prop_assert!((again - worst).abs() < 1e-12);
            }
            let crash = |bar| Ok(Replacement { from: bar, returns: vec![-severity] });
            let found = worst_bar(&r, crash).unwrap();
            let judged = crash_drawdown_worst(&r, severity).unwrap();
            prop_assert!((found.0 - judged.0).abs() < 1e-12);
        }
    }

    #[test]
    fn no_value() {
        let none = |_| Err(Undefined::OutOfRange);
        assert_eq!(worst_bar(&[], none), Err(Undefined::TooFewObservations));
        assert_eq!(worst_bar(&[0.1], none), Err(Undefined::OutOfRange));
    }
}
