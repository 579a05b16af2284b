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
use crate::research::portfolio::account::Trade;
use crate::research::robustness::outcome::Outcome;

/// Days in a year.
const YEAR_DAYS: f64 = 365.25;
/// Multiples of the costs that are shown; 1 is as run.
const MULTIPLES: [f64; 4] = [0.0, 1.0, 2.0, 3.0];

/// One row per strategy, and one for all where there are several.
pub(super) fn trades(material: &Material<'_>) -> Vec<TradeRow> {
    let outcome = material.outcome;
    let all: Vec<&Trade> = outcome.backtest.account.trades.iter().collect();
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
            row(id, &own, *exposure, outcome)
        })
        .collect();
    if rows.len() > 1 {
        rows.push(row("all", &all, held(&all, outcome), outcome));
    }
    rows
}

fn row(name: &str, trades: &[&Trade], exposure: f64, outcome: &Outcome) -> TradeRow {
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
        turnover: turnover_of(trades, outcome),
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

/// Share of the portfolio that `trades` exchanged in a year.
pub(super) fn turnover_of(trades: &[&Trade], outcome: &Outcome) -> MetricResult {
    let times = &outcome.backtest.times;
    let days = history_days::covered_days(times, outcome.portfolio.timeframe.millis())?;
    let fill = |bar: usize, notional: f64| Rebalance {
        before: vec![0.0],
        after: vec![notional / equity_before(outcome, bar)],
    };
    let fills: Vec<Rebalance> = trades
        .iter()
        .flat_map(|t| {
            [
                fill(t.entry_bar, t.quantity * t.entry_price),
                fill(t.exit_bar, t.quantity * t.exit_price),
            ]
        })
        .collect();
    turnover(&fills, days / YEAR_DAYS)
}

/// Turnover of all trades.
pub(super) fn turnover_of_all(outcome: &Outcome) -> MetricResult {
    let all: Vec<&Trade> = outcome.backtest.account.trades.iter().collect();
    turnover_of(&all, outcome)
}

/// Equity before `bar`: the close of the bar before, or the capital.
fn equity_before(outcome: &Outcome, bar: usize) -> f64 {
    let before = bar.checked_sub(1);
    let equity = before.and_then(|bar| outcome.backtest.account.equity.get(bar));
    equity.copied().unwrap_or(outcome.portfolio.capital)
}

/// The series at several multiples of its costs.
pub(super) fn costs(material: &Material<'_>) -> Option<CostSection> {
    let outcome = material.outcome;
    let account = &outcome.backtest.account;
    if account.trades.is_empty() {
        return None;
    }
    let paid = paid(outcome);
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

/// Per bar, what was paid in it as a share of the equity before it. A trade's costs belong to its
/// two fills in proportion to what these moved.
fn paid(outcome: &Outcome) -> Vec<f64> {
    let account = &outcome.backtest.account;
    let mut paid = vec![0.0; account.returns.len()];
    for trade in &account.trades {
        let entry = trade.entry_price / (trade.entry_price + trade.exit_price);
        for (bar, share) in [(trade.entry_bar, entry), (trade.exit_bar, 1.0 - entry)] {
            if let Some(sum) = paid.get_mut(bar) {
                *sum += share * trade.costs / equity_before(outcome, bar);
            }
        }
    }
    paid
}
