//! The backtest of a portfolio: align, run every strategy, keep one account.
//!
//! A strategy on longer bars than the portfolio's sees them made of the portfolio's; its fills and
//! levels are those of the portfolio's bars. Strategies run in parallel; each one's legs depend on
//! its own bars only, and the account adds them up in the configuration's order, so the result is
//! the same for any number of threads.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::kernel::time::UtcTime;
use crate::research::backtest::fill::FillRule;
use crate::research::backtest::leg::Leg;
use crate::research::backtest::run;
use crate::research::market::bar::{Bar, BarSeries, SeriesError};
use crate::research::market::quality::split_suspects;
use crate::research::market::symbol::Symbol;
use crate::research::portfolio::account::{self, Account, AccountError, Component};
use crate::research::portfolio::align::{AlignError, align};
use crate::research::portfolio::runnable::Runnable;
use crate::research::strategy::columns::Columns;
use crate::research::strategy::resampled;

/// The result over the whole common range.
#[derive(Debug, Clone, PartialEq)]
pub struct Backtest {
    /// Open times of the bars.
    pub times: Vec<UtcTime>,
    /// What became of the capital.
    pub account: Account,
    /// Per symbol, bars inside the common range that were dropped because another symbol has none
    /// at that time.
    pub dropped: BTreeMap<Symbol, usize>,
    /// Per symbol, steps from a close to the next open that splits make.
    pub split_suspects: BTreeMap<Symbol, usize>,
    /// Per strategy, the share of bars in which it held a position.
    pub exposure: Vec<f64>,
    /// Return of the market per bar: the mean over the symbols, each from close to close.
    pub market: Vec<f64>,
}

/// Why there is no backtest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BacktestError {
    /// No bars for a symbol of the portfolio.
    #[error("no bars for `{0}`")]
    Missing(Symbol),
    /// Bars that nothing can be computed from: not in order, or with a value such as NaN.
    #[error("the bars of `{0}` are unusable")]
    Bars(Symbol, #[source] SeriesError),
    /// No common time line.
    #[error("could not align the bars")]
    Align(#[source] AlignError),
    /// No account.
    #[error("could not keep the account")]
    Account(#[source] AccountError),
}

/// Runs `portfolio` over `series`, one per symbol.
///
/// # Errors
/// When bars are missing or broken, do not fit together, or the equity is used up.
pub fn backtest(
    portfolio: &Runnable,
    series: &BTreeMap<Symbol, BarSeries>,
) -> Result<Backtest, BacktestError> {
    let symbols = portfolio.symbols();
    let raw: Vec<&[Bar]> = symbols
        .iter()
        .map(|symbol| {
            let absent = || BacktestError::Missing((*symbol).clone());
            let found = series.get(*symbol).ok_or_else(absent)?;
            let broken = |e| BacktestError::Bars((*symbol).clone(), e);
            found.check().map_err(broken)?;
            Ok(found.bars.as_slice())
        })
        .collect::<Result<_, _>>()?;
    let aligned = align(&raw).map_err(BacktestError::Align)?;
    let bars: BTreeMap<&Symbol, &[Bar]> = symbols
        .iter()
        .copied()
        .zip(aligned.bars.iter().map(Vec::as_slice))
        .collect();
    let own = |symbol: &Symbol| bars.get(symbol).copied().unwrap_or_default();
    let legs: Vec<Vec<Leg>> = portfolio
        .members
        .par_iter()
        .map(|member| {
            let bars = own(&member.symbol);
            let signals = if member.timeframe == portfolio.timeframe {
                let columns = Columns::of(bars);
                member.rule.signals(member.allow_short, &columns)
            } else {
                let frames = (portfolio.timeframe, member.timeframe);
                resampled::signals(&member.rule, member.allow_short, bars, frames)
            };
            run::legs_filled(&signals, member.stops, bars, portfolio.terms.fill)
        })
        .collect();
    let components: Vec<Component<'_>> = portfolio
        .members
        .iter()
        .zip(&legs)
        .map(|(member, legs)| Component {
            weight: member.weight,
            fraction: member.fraction,
            bars: own(&member.symbol),
            legs,
        })
        .collect();
    let (capital, costs) = (portfolio.capital, portfolio.costs);
    let account = account::run_under(&components, capital, costs, &portfolio.terms)
        .map_err(BacktestError::Account)?;
    let dropped = symbols
        .iter()
        .map(|symbol| (*symbol).clone())
        .zip(aligned.dropped)
        .collect();
    let split_suspects = symbols
        .iter()
        .zip(&raw)
        .map(|(symbol, bars)| ((*symbol).clone(), split_suspects(bars)))
        .collect();
    let exposure = legs
        .iter()
        .map(|legs| exposure(legs, portfolio.terms.fill, aligned.times.len()))
        .collect();
    Ok(Backtest {
        times: aligned.times,
        market: market(&aligned.bars),
        account,
        dropped,
        split_suspects,
        exposure,
    })
}

/// Mean return of all symbols per bar; the first bar counts from its opening.
fn market(symbols: &[Vec<Bar>]) -> Vec<f64> {
    let bars = symbols.first().map_or(0, Vec::len);
    let mut sums = vec![0.0; bars];
    for symbol in symbols {
        let mut before = symbol.first().map_or(1.0, |bar| bar.open);
        for (sum, bar) in sums.iter_mut().zip(symbol) {
            *sum += bar.close / before - 1.0;
            before = bar.close;
        }
    }
    let count = symbols.len().max(1) as f64;
    sums.into_iter().map(|sum| sum / count).collect()
}

fn exposure(legs: &[Leg], rule: FillRule, bars: usize) -> f64 {
    let held: usize = legs.iter().map(|leg| leg.bars_held(rule)).sum();
    held as f64 / bars.max(1) as f64
}

#[cfg(test)]
mod tests;
