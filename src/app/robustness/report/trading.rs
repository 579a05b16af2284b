//! What was traded: statistics per strategy, turnover, and what higher costs would leave.

use super::Material;
use crate::metrics::cost_multiple::at_costs;
use crate::metrics::turnover::{Rebalance, turnover};
use crate::metrics::{
    Metric, MetricResult, Sample, Undefined, drawdown, history_days, hit_ratio, profit_factor,
    sharpe, total_return,
};
use crate::render::report::robustness::{CostRow, CostSection, TradeRow};
use crate::research::backtest::fill::FillRule;
use crate::research::backtest::leg::Reason;
use crate::research::portfolio::account::{Account, Fill, Trade};
use crate::research::robustness::outcome::Outcome;

/// Days in a year.
const YEAR_DAYS: f64 = 365.25;
/// Multiples of the costs that are shown; 1 is as run.
const MULTIPLES: [f64; 4] = [0.0, 1.0, 2.0, 3.0];

/// One row per strategy, and one for all where there are several.
pub(super) fn trades(material: &Material<'_>) -> Vec<TradeRow> {
    let outcome = material.outcome;
    let account = &outcome.backtest.account;
    let all: Vec<&Trade> = account.trades.iter().collect();
    let ids = material.strategy_ids();
    let mut rows: Vec<TradeRow> = ids
        .iter()
        .zip(&outcome.backtest.exposure)
        .enumerate()
        .map(|(index, (id, exposure))| {
            let own: Vec<&Trade> = all
                .iter()
                .copied()
                .filter(|t| t.strategy == index)
                .collect();
            let fills = account.fills.iter().filter(|f| f.strategy == index);
            let turnover = turnover_of(fills, outcome);
            row(id, &own, (*exposure, turnover), outcome)
        })
        .collect();
    if rows.len() > 1 {
        let whole = (held(&all, outcome), turnover_of_all(outcome));
        rows.push(row("all", &all, whole, outcome));
    }
    rows
}

fn row(
    name: &str,
    trades: &[&Trade],
    (exposure, turnover): (f64, MetricResult),
    outcome: &Outcome,
) -> TradeRow {
    let hours = outcome.portfolio.timeframe.millis() as f64 / 3_600_000.0;
    let pnl: Vec<f64> = trades.iter().map(|t| t.pnl).collect();
    let share = |t: &Trade| t.pnl / (t.quantity * t.entry_price);
    let shares: Vec<f64> = trades.iter().map(|t| share(t)).collect();
    let won: Vec<f64> = shares.iter().copied().filter(|r| *r > 0.0).collect();
    let lost: Vec<f64> = shares.iter().copied().filter(|r| *r < 0.0).collect();
    let times: Vec<f64> = trades
        .iter()
        .map(|t| (t.exit_bar - t.entry_bar) as f64 * hours)
        .collect();
    let edge = |better: fn(f64, f64) -> f64| {
        let found = shares.iter().copied().reduce(better);
        found.ok_or(Undefined::NoTrades)
    };
    TradeRow {
        strategy: name.to_owned(),
        trades: trades.len() as u64,
        hit_ratio: hit_ratio::hit_ratio(&pnl),
        profit_factor: profit_factor::profit_factor(&pnl),
        mean_return: mean(&shares),
        mean_win: mean(&won),
        mean_loss: mean(&lost),
        best: edge(f64::max),
        worst: edge(f64::min),
        mean_hours: mean(&times),
        exposure,
        turnover,
        costs: trades.iter().fold(0.0, |sum, t| sum + t.costs),
        net: pnl.iter().fold(0.0, |sum, x| sum + x),
    }
}

/// Mean over trades; none of them is `no_trades`.
fn mean(values: &[f64]) -> MetricResult {
    crate::metrics::dispersion::mean(values).map_err(|_| Undefined::NoTrades)
}

/// Share of the bars in which any of `trades` was held.
fn held(trades: &[&Trade], outcome: &Outcome) -> f64 {
    let mut bars = vec![false; outcome.backtest.times.len()];
    for trade in trades {
        // Filled on a signal at the open, or at any close, it was not held after that.
        let next_open = outcome.portfolio.terms.fill == FillRule::NextOpen;
        let inside = next_open && trade.reason != Reason::Signal;
        let end = trade.exit_bar + usize::from(inside);
        if let Some(part) = bars.get_mut(trade.entry_bar..end) {
            part.fill(true);
        }
    }
    let held = bars.iter().filter(|held| **held).count();
    held as f64 / bars.len().max(1) as f64
}

/// Share of the portfolio that `fills` exchanged in a year.
fn turnover_of<'a>(fills: impl Iterator<Item = &'a Fill>, outcome: &Outcome) -> MetricResult {
    let times = &outcome.backtest.times;
    let days = history_days::covered_days(times, outcome.portfolio.timeframe.millis())?;
    let (account, capital) = (&outcome.backtest.account, outcome.portfolio.capital);
    turnover(&exchanges(fills, account, capital), days / YEAR_DAYS)
}

/// What each of `fills` exchanged, as a share of the equity before its bar.
fn exchanges<'a>(
    fills: impl Iterator<Item = &'a Fill>,
    account: &Account,
    capital: f64,
) -> Vec<Rebalance> {
    fills
        .map(|fill| Rebalance {
            before: vec![0.0],
            after: vec![fill.quantity * fill.price / equity_before(account, capital, fill.bar)],
        })
        .collect()
}

/// Turnover of all fills.
pub(super) fn turnover_of_all(outcome: &Outcome) -> MetricResult {
    turnover_of(outcome.backtest.account.fills.iter(), outcome)
}

/// Equity before `bar`: the close of the bar before, or the capital.
fn equity_before(account: &Account, capital: f64, bar: usize) -> f64 {
    let before = bar.checked_sub(1);
    let equity = before.and_then(|bar| account.equity.get(bar));
    equity.copied().unwrap_or(capital)
}

/// The series at several multiples of its costs.
pub(super) fn costs(material: &Material<'_>) -> Option<CostSection> {
    let outcome = material.outcome;
    let account = &outcome.backtest.account;
    if account.trades.is_empty() {
        return None;
    }
    let paid = paid(account, outcome.portfolio.capital);
    let row = |multiple: f64| {
        let series = at_costs(&account.returns, &paid, multiple);
        let of = |figure: &dyn Fn(&[f64]) -> MetricResult| match &series {
            Ok(series) => figure(series),
            Err(reason) => Err(*reason),
        };
        CostRow {
            multiple,
            total_return: of(&total_return::total_return),
            sharpe: outcome
                .periods_per_year
                .and_then(|q| of(&|series| sharpe::sharpe(series, q, material.risk_free()))),
            max_drawdown: of(&drawdown::max_drawdown),
        }
    };
    Some(CostSection {
        breakeven: material.stated(Metric::CostBreakeven, Sample::Full),
        rows: MULTIPLES.into_iter().map(row).collect(),
    })
}

/// Per bar, what its fills cost as a share of the equity before it. What shorts paid for borrowing
/// is not in it: that is no price of trading, and stays what it is.
fn paid(account: &Account, capital: f64) -> Vec<f64> {
    let mut paid = vec![0.0; account.returns.len()];
    for fill in &account.fills {
        if let Some(sum) = paid.get_mut(fill.bar) {
            *sum += fill.costs / equity_before(account, capital, fill.bar);
        }
    }
    paid
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::time::{HOUR_MS, UtcTime};
    use crate::research::backtest::leg::{Exit, Leg, Side};
    use crate::research::market::bar::Bar;
    use crate::research::portfolio::account::{Component, Costs, run_under};
    use crate::research::portfolio::terms::{self, Terms};

    const CAPITAL: f64 = 1000.0;
    const CLOSES: [f64; 7] = [100.0, 140.0, 150.0, 90.0, 80.0, 120.0, 110.0];

    /// Bars of twelve hours, the third and the fifth of which begin a day: a position of half the
    /// equity through all of them, rebalanced daily.
    fn rebalanced(side: Side, borrow_per_year: f64) -> Account {
        let bars: Vec<Bar> = CLOSES
            .iter()
            .enumerate()
            .map(|(index, close)| {
                let open = if index == 0 { 100.0 } else { CLOSES[index - 1] };
                Bar {
                    time: UtcTime::EPOCH.plus_millis(index as i64 * 12 * HOUR_MS),
                    open,
                    high: open.max(*close),
                    low: open.min(*close),
                    close: *close,
                    volume: 1.0,
                }
            })
            .collect();
        let legs = [Leg {
            side,
            entry_bar: 1,
            entry_price: 100.0,
            exit_bar: 6,
            exit: Exit {
                price: 110.0,
                reason: Reason::EndOfData,
            },
        }];
        let component = Component {
            weight: 1.0,
            fraction: 0.5,
            bars: &bars,
            legs: &legs,
        };
        let costs = Costs {
            fee: 0.01,
            slippage: 0.005,
        };
        let terms = Terms {
            borrow_per_year,
            rebalance: terms::Rebalance::Daily,
            ..Terms::default()
        };
        run_under(&[component], CAPITAL, costs, &terms).unwrap()
    }

    #[test]
    fn without_its_costs_a_bar_earned_what_its_units_and_fills_did() {
        for side in [Side::Long, Side::Short] {
            let account = rebalanced(side, 0.0);
            assert_eq!(account.adjustments, 3);
            let free = at_costs(&account.returns, &paid(&account, CAPITAL), 0.0).unwrap();
            let (mut before, mut units) = (CAPITAL, 0.0);
            for (bar, close) in CLOSES.into_iter().enumerate() {
                let last = if bar == 0 { 100.0 } else { CLOSES[bar - 1] };
                let fills = account.fills.iter().filter(|fill| fill.bar == bar);
                let own: f64 = fills.map(|f| f.quantity * (close - f.price)).sum();
                let earned = (units * (close - last) + own) / before;
                assert!((free[bar] - earned).abs() < 1e-12, "{side:?} {bar}");
                (before, units) = (account.equity[bar], account.holdings[0][bar]);
            }
        }
    }

    #[test]
    fn borrowing_is_no_cost_that_is_multiplied() {
        let account = rebalanced(Side::Short, 0.5);
        assert!(account.borrowing > 0.0);
        let mut sum = 0.0;
        for (bar, share) in paid(&account, CAPITAL).into_iter().enumerate() {
            sum += share * equity_before(&account, CAPITAL, bar);
        }
        let costs: f64 = account.trades.iter().map(|t| t.costs).sum();
        assert!((sum - (costs - account.borrowing)).abs() < 1e-9);
    }

    #[test]
    fn turnover_takes_every_fill_at_the_equity_of_its_own_bar() {
        let account = rebalanced(Side::Long, 0.0);
        let found = exchanges(account.fills.iter(), &account, CAPITAL);
        let bars: Vec<usize> = account.fills.iter().map(|fill| fill.bar).collect();
        assert_eq!(bars, [1, 2, 4, 6, 6]);
        let wanted = account.fills.iter().fold(0.0, |sum, fill| {
            sum + (fill.quantity * fill.price).abs() / account.equity[fill.bar - 1]
        });
        assert!((turnover(&found, 1.0).unwrap() - wanted / 2.0).abs() < 1e-12);
        // The entry takes half of the capital; what the adjustments exchange is a share of what it is
        // by then.
        assert!((found[0].after[0] - 0.5 / 1.005).abs() < 1e-12);
    }
}
