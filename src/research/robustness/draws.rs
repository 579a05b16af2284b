//! What chance could have made of one run: its returns drawn again, its trades in other orders, or at
//! other costs; as one table per question, with a row per draw.
//!
//! In: the account of a run with a single strategy that takes the whole equity. Out: [`Draws`], whose
//! rows depend on seed and index alone, so that any number of threads gives the same.

use super::options::MonteCarloOptions;
use super::trials::{block_of, monte_carlo};
use crate::metrics::bootstrap::Seed;
use crate::metrics::cost_jitter::CostJitter;
use crate::metrics::dispersion::count_of;
use crate::metrics::distribution::Distribution;
use crate::metrics::quantile::Worst;
use crate::metrics::trade_shuffle::TradeShuffle;
use crate::metrics::{MetricResult, Undefined, defined};
use crate::research::portfolio::account::Trade;

/// A figure that draws have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    /// Annualised Sharpe ratio.
    Sharpe,
    /// Growth over the sample.
    TotalReturn,
    /// Compound annual growth rate.
    Cagr,
    /// Maximum drawdown, positive.
    MaxDrawdown,
    /// Most losing trades in a row.
    LosingStreak,
}

/// Draws: figures, and a value of each per draw.
#[derive(Debug, Clone, PartialEq)]
pub struct Draws {
    /// Block length in bars; none where no bars are drawn.
    pub block: Option<usize>,
    /// Values per figure, in the order of the draws.
    pub columns: Vec<(Drawn, Vec<MetricResult>)>,
}

impl Drawn {
    /// Its name, as columns spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sharpe => "sharpe",
            Self::TotalReturn => "total_return",
            Self::Cagr => "cagr",
            Self::MaxDrawdown => "max_drawdown",
            Self::LosingStreak => "losing_streak",
        }
    }

    /// The end at which a draw without a value counts.
    fn worst(self) -> Worst {
        match self {
            Self::Sharpe | Self::TotalReturn | Self::Cagr => Worst::Lowest,
            Self::MaxDrawdown | Self::LosingStreak => Worst::Highest,
        }
    }
}

impl Draws {
    /// The values of a figure, in the order of the draws.
    #[must_use]
    pub fn values(&self, drawn: Drawn) -> Option<&[MetricResult]> {
        let found = self.columns.iter().find(|(other, _)| *other == drawn);
        found.map(|(_, values)| values.as_slice())
    }

    /// The distribution of a figure.
    #[must_use]
    pub fn distribution(&self, drawn: Drawn) -> Option<Distribution> {
        let values = self.values(drawn)?;
        Some(Distribution::new(values, drawn.worst()))
    }
}

/// The returns of a run, drawn again bar by bar or in blocks.
///
/// # Errors
/// When the series cannot be resampled: no returns.
pub fn of_bars(
    returns: &[f64],
    periods_per_year: f64,
    options: &MonteCarloOptions,
) -> Result<Draws, Undefined> {
    let replicates = monte_carlo(returns, periods_per_year, options)?;
    let years = count_of(returns) / periods_per_year;
    let column = |of: fn(&crate::metrics::monte_carlo::Replicate) -> MetricResult| {
        replicates.iter().map(of).collect::<Vec<_>>()
    };
    let total = column(|r| r.total_return);
    Ok(Draws {
        block: Some(block_of(returns, options)?),
        columns: vec![
            (Drawn::Sharpe, column(|r| r.sharpe)),
            (Drawn::Cagr, per_year(&total, years)),
            (Drawn::TotalReturn, total),
            (Drawn::MaxDrawdown, column(|r| r.max_drawdown)),
        ],
    })
}

/// The trades of a run in other orders.
///
/// # Errors
/// `no_trades`.
pub fn of_trade_orders(trades: &[Trade], runs: u64, seed: Seed) -> Result<Draws, Undefined> {
    let returns: Vec<f64> = relative(trades)?.into_iter().map(|(net, _)| net).collect();
    let shuffle = TradeShuffle::compounded(&returns, seed)?;
    let all: Vec<_> = (0..runs).map(|run| shuffle.run(run)).collect();
    let streaks = all.iter().map(|s| defined(f64::from(s.losing_streak)));
    Ok(Draws {
        block: None,
        columns: vec![
            (
                Drawn::MaxDrawdown,
                all.iter().map(|s| defined(s.max_drawdown)).collect(),
            ),
            (Drawn::LosingStreak, streaks.collect()),
        ],
    })
}

/// The trades of a run at costs from 1 - `spread` to 1 + `spread` times those assumed; `years` is the
/// length of the run, and without it there is no growth per year.
///
/// # Errors
/// `no_trades`; `out_of_range` for a spread above 1.
pub fn of_costs(
    trades: &[Trade],
    spread: f64,
    years: Option<f64>,
    runs: u64,
    seed: Seed,
) -> Result<Draws, Undefined> {
    let trades = relative(trades)?;
    let jitter = CostJitter::compounded(&trades, (1.0 - spread, 1.0 + spread), seed)?;
    let total: Vec<MetricResult> = (0..runs).map(|run| defined(jitter.run(run))).collect();
    let yearly = years.map(|years| (Drawn::Cagr, per_year(&total, years)));
    Ok(Draws {
        block: None,
        columns: yearly
            .into_iter()
            .chain([(Drawn::TotalReturn, total)])
            .collect(),
    })
}

/// The drawdown of a run's trades in the order that they had, measured from trade to trade as the
/// other orders are, and its longest losing streak.
///
/// # Errors
/// `no_trades`.
pub fn as_traded(trades: &[Trade]) -> Result<(f64, u32), Undefined> {
    let returns: Vec<f64> = relative(trades)?.into_iter().map(|(net, _)| net).collect();
    let own = TradeShuffle::compounded(&returns, Seed::from_int(0))?.as_traded();
    Ok((own.max_drawdown, own.losing_streak))
}

/// Growth over the sample as growth per year, as `metrics::cagr`.
fn per_year(total: &[MetricResult], years: f64) -> Vec<MetricResult> {
    let one = |total: &MetricResult| defined(libm::pow(1.0 + (*total)?, years.recip()) - 1.0);
    total.iter().map(one).collect()
}

/// Net result and costs of every trade, as fractions of the equity before it; the capital is 1 and
/// trades do not overlap.
fn relative(trades: &[Trade]) -> Result<Vec<(f64, f64)>, Undefined> {
    let mut equity = 1.0_f64;
    trades
        .iter()
        .map(|trade| {
            let part = (defined(trade.pnl / equity)?, defined(trade.costs / equity)?);
            equity += trade.pnl;
            Ok(part)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{cagr::cagr, sharpe::sharpe, total_return::total_return};
    use crate::research::backtest::leg::{Reason, Side};

    fn trade(pnl: f64, costs: f64) -> Trade {
        Trade {
            strategy: 0,
            side: Side::Long,
            entry_bar: 0,
            exit_bar: 1,
            quantity: 1.0,
            entry_price: 1.0,
            exit_price: 1.0,
            costs,
            pnl,
            reason: Reason::Signal,
        }
    }

    #[test]
    fn a_single_block_of_the_whole_series_is_the_series() {
        let returns: Vec<f64> = (0..200)
            .map(|i| 0.001 * f64::from(i * i % 17) - 0.007)
            .collect();
        let options = MonteCarloOptions {
            runs: 3,
            method: crate::metrics::bootstrap::Method::MovingBlock,
            block: super::super::options::BlockSize::Bars(200),
            seed: 1,
        };
        let draws = of_bars(&returns, 365.0, &options).unwrap();
        assert_eq!(draws.block, Some(200));
        let near = |drawn, wanted: MetricResult| {
            let found = draws.values(drawn).unwrap()[2].unwrap();
            assert!((found - wanted.unwrap()).abs() < 1e-9, "{drawn:?}");
        };
        near(Drawn::Sharpe, sharpe(&returns, 365.0, 0.0));
        near(Drawn::TotalReturn, total_return(&returns));
        near(Drawn::Cagr, cagr(&returns, 365.0));
    }

    #[test]
    fn trades_count_as_parts_of_the_equity_before_them() {
        // 1 to 1.5 to 1.2 to 1.8.
        let trades = [trade(0.5, 0.1), trade(-0.3, 0.15), trade(0.6, 0.0)];
        let parts = relative(&trades).unwrap();
        let wanted = [(0.5, 0.1), (-0.2, 0.1), (0.5, 0.0)];
        for (found, wanted) in parts.iter().zip(wanted) {
            assert!((found.0 - wanted.0).abs() < 1e-12 && (found.1 - wanted.1).abs() < 1e-12);
        }
        let (deep, streak) = as_traded(&trades).unwrap();
        assert!((deep - 0.2).abs() < 1e-12 && streak == 1);
        let orders = of_trade_orders(&trades, 50, Seed::from_int(1)).unwrap();
        let deepest = orders.values(Drawn::MaxDrawdown).unwrap();
        assert!(deepest.iter().all(|d| (d.unwrap() - 0.2).abs() < 1e-12));
        // Without any spread only the factor of each trade is left to chance.
        let costs = of_costs(&trades, 0.0, Some(1.0), 400, Seed::from_int(1)).unwrap();
        let found = costs.distribution(Drawn::TotalReturn).unwrap();
        assert!((found.quantile(0.5).unwrap() - 0.8).abs() < 0.02);
        assert_eq!(costs.values(Drawn::Cagr), costs.values(Drawn::TotalReturn));
        let none = of_trade_orders(&[], 5, Seed::from_int(1));
        assert_eq!(none, Err(Undefined::NoTrades));
        let wide = of_costs(&trades, 1.5, None, 5, Seed::from_int(1));
        assert_eq!(wide, Err(Undefined::OutOfRange));
    }
}
