//! What a series gives under the conventions of other tools.
//!
//! Values are fractions, drawdowns positive. Where the versions of a tool differ (whether the first
//! bar counts, how the days of a year are counted) every one of their values is given. Formulas of
//! backtesting.py: g = exp(mean of ln(1 + r)) - 1 per day over all days, annual return
//! (1 + g)^q - 1, volatility sqrt((var + (1 + g)^2)^q - (1 + g)^(2q)), q = 365 where more than
//! 17 % of the days are weekends and 252 elsewhere. Of freqtrade: sum of the trades' profits over
//! starting balance and days, over their deviation (ddof 0), times sqrt(365).

use crate::evidence::trades::Trade;
use crate::kernel::time::{DAY_MS, UtcTime};
use crate::metrics::dispersion::{mean, spread};
use crate::metrics::periods::median_spacing_ms;
use crate::metrics::{
    MetricResult, drawdown, hit_ratio, profit_factor, sharpe, sortino, volatility,
};

/// How many bars make a year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Year {
    /// So many.
    Fixed(f64),
    /// 365 days over the bar length.
    Calendar,
}

/// A quantity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum What {
    TotalReturn,
    Profit,
    StartMoney,
    EndMoney,
    Drawdown,
    Best,
    Worst,
    Sharpe(Year),
    Sortino(Year),
    Volatility(Year),
    Cagr(Year),
    Calmar(Year),
    DayCagr,
    BarCagr,
    GeometricReturn,
    GeometricVolatility,
    GeometricSharpe,
    GeometricSortino,
    GeometricCalmar,
    Trades,
    WinRate,
    ProfitFactor,
    Costs,
    TradeSharpe,
    TradeSortino,
    TradeDrawdown,
    TradeDrawdownMoney,
}

/// The series and what is known beside it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ground<'a> {
    pub times: &'a [UtcTime],
    pub returns: &'a [f64],
    pub trades: Option<&'a [Trade]>,
    pub capital: f64,
    /// Periods per year that a person stated.
    pub periods: Option<f64>,
    pub risk_free: f64,
}

impl Ground<'_> {
    /// Every value of `what` that a version of the tool may have printed; none where the series
    /// gives none.
    pub fn values(&self, what: What) -> Vec<f64> {
        let all = match what {
            What::TotalReturn => vec![self.growth() - 1.0],
            What::Profit => vec![self.capital * (self.growth() - 1.0)],
            What::StartMoney => vec![self.capital],
            What::EndMoney => vec![self.capital * self.growth()],
            What::Drawdown => self.both(drawdown::max_drawdown),
            What::Best => self
                .returns
                .iter()
                .copied()
                .reduce(f64::max)
                .into_iter()
                .collect(),
            What::Worst => self
                .returns
                .iter()
                .copied()
                .reduce(f64::min)
                .into_iter()
                .collect(),
            What::Sharpe(year) => {
                let q = self.q(year);
                self.both(|r| sharpe::sharpe(r, q, self.risk_free))
            }
            What::Sortino(year) => {
                let q = self.q(year);
                self.both(|r| sortino::sortino(r, q))
            }
            What::Volatility(year) => {
                let q = self.q(year);
                self.both(|r| volatility::volatility(r, q))
            }
            What::Cagr(year) => self.cagr(year),
            What::Calmar(year) => over(&self.cagr(year), &self.both(drawdown::max_drawdown)),
            What::DayCagr => self.day_cagr(),
            What::BarCagr => self.bar_cagr(),
            What::GeometricReturn
            | What::GeometricVolatility
            | What::GeometricSharpe
            | What::GeometricSortino
            | What::GeometricCalmar => self.geometric(what).into_iter().collect(),
            What::Trades => self.of_trades(|t| Some(t.len() as f64)),
            What::WinRate => self.of_trades(|t| hit_ratio::hit_ratio(&pnl(t)).ok()),
            What::ProfitFactor => self.of_trades(|t| profit_factor::profit_factor(&pnl(t)).ok()),
            What::Costs => self.of_trades(|t| Some(t.iter().fold(0.0, |sum, t| sum + t.costs))),
            What::TradeSharpe => self.per_trade(false),
            What::TradeSortino => self.per_trade(true),
            What::TradeDrawdown => self.trade_drawdowns().map_or(Vec::new(), |(r, _)| r),
            What::TradeDrawdownMoney => self.trade_drawdowns().map_or(Vec::new(), |(_, m)| m),
        };
        all.into_iter().filter(|x| x.is_finite()).collect()
    }

    fn growth(&self) -> f64 {
        self.returns
            .iter()
            .fold(1.0, |equity, r| equity * (1.0 + r))
    }

    /// With and without the first bar, whose return some versions do not have.
    fn both(&self, f: impl Fn(&[f64]) -> MetricResult) -> Vec<f64> {
        let rest = self.returns.get(1..).unwrap_or_default();
        [f(self.returns), f(rest)]
            .into_iter()
            .filter_map(Result::ok)
            .collect()
    }

    fn q(&self, year: Year) -> f64 {
        let table = match year {
            Year::Fixed(q) => q,
            Year::Calendar => {
                let step = median_spacing_ms(self.times).unwrap_or(DAY_MS).max(1);
                365.0 * DAY_MS as f64 / step as f64
            }
        };
        self.periods.unwrap_or(table)
    }

    /// Calendar days from the first to the last bar.
    fn days(&self) -> f64 {
        let ends = self.times.first().zip(self.times.last());
        ends.map_or(0.0, |(first, last)| {
            last.millis_since(*first) as f64 / DAY_MS as f64
        })
    }

    fn cagr(&self, year: Year) -> Vec<f64> {
        let (n, q) = (self.returns.len() as f64, self.q(year));
        let years = [
            n / q,
            (n - 1.0) / q,
            self.days() / 365.25,
            self.days() / 365.0,
        ];
        self.compounded(&years)
    }

    fn compounded(&self, years: &[f64]) -> Vec<f64> {
        let growth = self.growth();
        let positive = years.iter().filter(|y| **y > 0.0);
        positive.map(|y| libm::pow(growth, 1.0 / y) - 1.0).collect()
    }

    /// By 365 calendar days; the time of day at both ends leaves open which day counts.
    fn day_cagr(&self) -> Vec<f64> {
        let years = self.around().map(|days| days / 365.0);
        self.compounded(&years)
    }

    fn around(&self) -> [f64; 4] {
        [0.0, -1.0, 1.0, 2.0].map(|shift| self.days() + shift)
    }

    /// As backtesting.py: calendar days over the trading days of a year.
    fn bar_cagr(&self) -> Vec<f64> {
        self.compounded(&[self.days() / self.trading_days()])
    }

    fn trading_days(&self) -> f64 {
        let weekend = |t: &&UtcTime| matches!(t.millis().div_euclid(DAY_MS).rem_euclid(7), 2 | 3);
        let there = self.times.iter().filter(weekend).count() as f64;
        let many = there > self.times.len() as f64 * 2.0 / 7.0 * 0.6;
        if many { 365.0 } else { 252.0 }
    }

    /// Only for daily bars: backtesting.py turns others into days first.
    fn geometric(&self, what: What) -> Option<f64> {
        let step = median_spacing_ms(self.times)? as f64 / DAY_MS as f64;
        let rest = self.returns.get(1..)?;
        if !(0.9..1.1).contains(&step) {
            return None;
        }
        let (n, q) = (self.returns.len() as f64, self.trading_days());
        let g = libm::pow(self.growth(), 1.0 / n) - 1.0;
        let annual = libm::pow(1.0 + g, q) - 1.0;
        let spread = spread(rest).ok()?;
        let second = (1.0 + g) * (1.0 + g);
        let grown = libm::pow(spread.std * spread.std + second, q) - libm::pow(second, q);
        let volatility = libm::sqrt(grown);
        let downside = || sortino::downside_deviation(rest).ok();
        Some(match what {
            What::GeometricReturn => annual,
            What::GeometricVolatility => volatility,
            What::GeometricSharpe => annual / volatility,
            What::GeometricSortino => annual / (downside()? * libm::sqrt(q)),
            What::GeometricCalmar => annual / drawdown::max_drawdown(self.returns).ok()?,
            _ => return None,
        })
    }

    /// Of the closed trades.
    fn of_trades(&self, f: impl Fn(&[&Trade]) -> Option<f64>) -> Vec<f64> {
        let value = self.closed().and_then(|closed| f(&closed));
        value.into_iter().collect()
    }

    /// Closed trades in the order in which they were closed.
    fn closed(&self) -> Option<Vec<&Trade>> {
        let trades = self.trades?.iter();
        let mut closed: Vec<&Trade> = trades.filter(|t| t.exit_time.is_some()).collect();
        closed.sort_by_key(|t| t.exit_time);
        Some(closed)
    }

    fn per_trade(&self, losses: bool) -> Vec<f64> {
        let Some(closed) = self.closed() else {
            return Vec::new();
        };
        let shares: Vec<f64> = pnl(&closed).iter().map(|p| p / self.capital).collect();
        let of: Vec<f64> = shares
            .iter()
            .copied()
            .filter(|x| !losses || *x < 0.0)
            .collect();
        let Some(deviation) = deviation(&of).filter(|d| *d > 0.0) else {
            return Vec::new();
        };
        let sum = shares.iter().fold(0.0, |sum, x| sum + x);
        let ratio = |days: f64| sum / days.max(1.0) / deviation * libm::sqrt(365.0);
        self.around().map(ratio).into_iter().collect()
    }

    /// Relative and absolute, with and without the starting balance as the first peak, in every
    /// order of trades that were closed at one instant: as listed, gains first, losses first.
    fn trade_drawdowns(&self) -> Option<(Vec<f64>, Vec<f64>)> {
        let listed = self.closed()?;
        let (mut gains, mut losses) = (listed.clone(), listed.clone());
        gains.sort_by(|a, b| {
            let time = a.exit_time.cmp(&b.exit_time);
            time.then(b.pnl.total_cmp(&a.pnl))
        });
        losses.sort_by(|a, b| {
            let time = a.exit_time.cmp(&b.exit_time);
            time.then(a.pnl.total_cmp(&b.pnl))
        });
        let (mut relative, mut money) = (Vec::new(), Vec::new());
        for order in [listed, gains, losses] {
            for peak in [0.0, f64::NEG_INFINITY] {
                let [worst, at_deepest, deepest] = falls(&order, self.capital, peak);
                relative.extend([worst, at_deepest]);
                money.push(deepest);
            }
        }
        Some((relative, money))
    }
}

/// Largest relative fall, the relative one at the largest in money, and that one in money.
fn falls(closed: &[&Trade], capital: f64, mut high: f64) -> [f64; 3] {
    let (mut sum, mut worst, mut at_deepest, mut deepest) = (0.0, 0.0_f64, 0.0, 0.0);
    for trade in closed {
        sum += trade.pnl;
        high = high.max(sum);
        let (down, share) = (high - sum, (high - sum) / (capital + high));
        worst = worst.max(share);
        if down > deepest {
            (deepest, at_deepest) = (down, share);
        }
    }
    [worst, at_deepest, deepest]
}

fn pnl(trades: &[&Trade]) -> Vec<f64> {
    trades.iter().map(|t| t.pnl).collect()
}

/// Deviation of the whole population (ddof 0).
fn deviation(all: &[f64]) -> Option<f64> {
    let mean = mean(all).ok()?;
    let squares = all.iter().fold(0.0, |sum, x| sum + (x - mean) * (x - mean));
    Some(libm::sqrt(squares / all.len() as f64))
}

/// Every quotient.
fn over(above: &[f64], below: &[f64]) -> Vec<f64> {
    let pairs = above.iter().flat_map(|a| below.iter().map(move |b| a / b));
    pairs.collect()
}
