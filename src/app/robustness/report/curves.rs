//! The curves of a report: equity, the market beside it, months, the Sharpe ratio over time.

use super::Material;
use crate::kernel::time::{DAY_MS, UtcTime};
use crate::metrics::periods::median_spacing_ms;
use crate::metrics::rolling_sharpe::rolling_sharpe;
use crate::metrics::{calendar, drawdown, sharpe, total_return, volatility};
use crate::render::report::robustness::{Market, RollingSharpe};

/// Length of the moving window: a quarter, as a training window of the walk-forward.
pub(super) const WINDOW_DAYS: i64 = 90;
/// About how many windows a curve has.
const WINDOWS: usize = 400;

/// Equity at the close of each bar.
pub(super) fn equity(material: &Material<'_>) -> Vec<(UtcTime, f64)> {
    let backtest = &material.outcome.backtest;
    let times = backtest.times.iter().copied();
    times.zip(backtest.account.equity.iter().copied()).collect()
}

/// Buy and hold of the market, from the same capital.
pub(super) fn market(material: &Material<'_>) -> Option<Market> {
    let outcome = material.outcome;
    let returns = &outcome.backtest.market;
    if returns.is_empty() {
        return None;
    }
    let symbols: Vec<String> = outcome
        .portfolio
        .symbols()
        .iter()
        .map(|symbol| symbol.to_string())
        .collect();
    let mut value = outcome.portfolio.capital;
    let points = outcome.backtest.times.iter().zip(returns).map(|(time, r)| {
        value *= 1.0 + r;
        (*time, value)
    });
    let per_year = outcome.periods_per_year;
    Some(Market {
        name: match symbols.as_slice() {
            [one] => format!("buy and hold of {one}"),
            several => format!("market of {} in equal parts", several.join(", ")),
        },
        points: points.collect(),
        total_return: total_return::total_return(returns),
        volatility: per_year.and_then(|q| volatility::volatility(returns, q)),
        sharpe: per_year.and_then(|q| sharpe::sharpe(returns, q, material.risk_free())),
        max_drawdown: drawdown::max_drawdown(returns),
    })
}

/// Returns by month.
pub(super) fn years(material: &Material<'_>) -> Vec<calendar::Year> {
    let backtest = &material.outcome.backtest;
    calendar::by_month(&backtest.account.returns, &backtest.times).unwrap_or_default()
}

/// Bars that cover [`WINDOW_DAYS`].
pub(super) fn window_bars(times: &[UtcTime]) -> Option<usize> {
    let spacing = median_spacing_ms(times).filter(|ms| *ms > 0)?;
    usize::try_from(WINDOW_DAYS * DAY_MS / spacing).ok()
}

/// The Sharpe ratio over a moving window.
pub(super) fn rolling(material: &Material<'_>) -> Option<RollingSharpe> {
    let backtest = &material.outcome.backtest;
    let returns = &backtest.account.returns;
    let window = window_bars(&backtest.times)?;
    let step = returns.len().checked_sub(window)?.div_ceil(WINDOWS).max(1);
    let q = material.outcome.periods_per_year.ok()?;
    let found = rolling_sharpe(returns, (window, step), q, material.risk_free()).ok()?;
    let points: Vec<(UtcTime, f64)> = found
        .iter()
        .filter_map(|(bar, value)| Some((*backtest.times.get(*bar)?, value.ok()?)))
        .collect();
    Some(RollingSharpe {
        days: WINDOW_DAYS.unsigned_abs(),
        bars: window as u64,
        step: step as u64,
        idle: (found.len() - points.len()) as u64,
        points,
    })
}
