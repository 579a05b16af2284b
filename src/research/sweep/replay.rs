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
    drop_lead(&mut account, lead);
    Ok(account)
}

/// Takes the first `lead` bars, in which nothing was held, off everything that is per bar or counts
/// bars.
fn drop_lead(account: &mut Account, lead: usize) {
    let lead = lead.min(account.returns.len());
    let Account {
        returns,
        equity,
        strategy_returns,
        cash,
        holdings,
        trades,
        fills,
        // Counts and sums, to which bars without a position add nothing.
        unfunded: _,
        too_small: _,
        adjustments: _,
        borrowing: _,
        overdrawn: _,
    } = account;
    let single = [returns, equity, cash].into_iter();
    for series in single.chain(strategy_returns).chain(holdings) {
        series.drain(..lead);
    }
    for trade in trades {
        trade.entry_bar -= lead;
        trade.exit_bar -= lead;
    }
    for fill in fills {
        fill.bar -= lead;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::research::strategy::registry::Rule;
    use crate::research::strategy::testing::{given, walk};

    #[test]
    fn everything_counts_from_the_first_bar_that_is_tested() {
        let bars = walk(5, 300);
        let pairs = [("fast_window", "3"), ("slow_window", "9")];
        let combination = Combination {
            at: Vec::new(),
            rule: Rule::new("ma_trend", &given(&pairs)).unwrap(),
            exits: [None, None],
        };
        let costs = Costs {
            fee: 0.0026,
            slippage: 0.0005,
        };
        for from in [0, 1, 100, 299] {
            let account = replay_from(&combination, &bars, from, costs).unwrap();
            let own = &bars[from..];
            let lengths = [
                account.returns.len(),
                account.equity.len(),
                account.strategy_returns[0].len(),
                account.cash.len(),
                account.holdings[0].len(),
            ];
            assert_eq!(lengths, [own.len(); 5], "{from}");
            // The two sets of books agree bar by bar, and the units are those of the fills so far.
            let mut units = 0.0;
            for (bar, now) in own.iter().enumerate() {
                let fills = account.fills.iter().filter(|fill| fill.bar == bar);
                units += fills.map(|fill| fill.quantity).sum::<f64>();
                let held = account.holdings[0][bar];
                assert!((units - held).abs() < 1e-12, "{from} {bar}");
                let valued = account.cash[bar] + held * now.close;
                assert!((valued - account.equity[bar]).abs() < 1e-9, "{from} {bar}");
            }
            assert_eq!(account.fills.len(), 2 * account.trades.len());
            for trade in &account.trades {
                let entry = |fill: &account::Fill| {
                    fill.bar == trade.entry_bar
                        && fill.price.to_bits() == own[fill.bar].open.to_bits()
                };
                assert!(account.fills.iter().any(entry), "{from} {trade:?}");
            }
            assert!(from > 200 || account.trades.len() > 3);
        }
    }
}
