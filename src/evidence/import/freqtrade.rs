//! freqtrade: the JSON of a backtest, alone or inside the zip that newer versions write.
//!
//! The series is the profit per day (`daily_profit`) on the starting balance, from the first to the
//! last day of the backtest; days without an entry earned nothing. It counts closed trades only:
//! what open positions lose meanwhile is not in it, so it is marked as realised. The wallet feather
//! inside the zip is not read.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::archive::Archive;
use super::clock::Clock;
use super::curve::{Value, is_same, returns_of};
use super::error::ImportError;
use super::opened::refuse_foreign;
use super::stats::{Loose, Unique, figure, json_error};
use super::trading::symbol;
use super::{Figure, Imported, Inputs};
use crate::evidence::manifest::Valuation;
use crate::evidence::trades::{Side, Trade};
use crate::kernel::text::visible;
use crate::kernel::time::{DAY_MS, UtcTime};
use crate::metrics::Sample;

/// Most days of a backtest.
const DAYS_MAX: i64 = 40_000;

#[derive(Debug, Deserialize)]
struct Report {
    strategy: Unique<Stats>,
}

/// One trade; an open one has no close.
#[derive(Debug, Deserialize)]
struct Closed {
    pair: String,
    amount: f64,
    open_date: String,
    close_date: Option<String>,
    open_rate: f64,
    close_rate: Option<f64>,
    fee_open: f64,
    fee_close: Option<f64>,
    profit_abs: Option<f64>,
    #[serde(default)]
    is_open: bool,
    #[serde(default)]
    is_short: bool,
}

pub(super) fn read(bytes: &[u8], inputs: &Inputs<'_>) -> Result<Imported, ImportError> {
    let unpacked;
    let json = if bytes.starts_with(b"PK") {
        unpacked = result_in(bytes)?;
        &unpacked
    } else {
        bytes
    };
    if json
        .windows(18)
        .take(64)
        .any(|w| w == b"\"latest_backtest\":")
    {
        return Err(ImportError::NoSeries(
            "this file only names the latest backtest: import the file that it names".into(),
        ));
    }
    let report: Report = serde_json::from_slice(json).map_err(|e| json_error(&e))?;
    let (name, stats) = chosen(report, inputs.strategy)?;
    let mut read = Imported::plain(series(&stats, inputs)?);
    read.capital = Some(stats.starting_balance);
    read.valuation = Valuation::Realised;
    let fees = stats
        .trades
        .iter()
        .flat_map(|t| [Some(t.fee_open), t.fee_close]);
    read.fee = fees.flatten().reduce(f64::min);
    read.trades = Some(trades(&stats.trades, inputs)?);
    read.figures = stats.figures();
    read.strategy = Some(name);
    read.remarks.push(
        "freqtrade: the series holds the profit of closed trades per day; losses of open \
         positions are not in it"
            .into(),
    );
    Ok(read)
}

/// The result inside the archive: the JSON with the shortest name, beside which stand the
/// configuration and the parameters.
fn result_in(bytes: &[u8]) -> Result<Vec<u8>, ImportError> {
    let mut archive = Archive::open(bytes)?;
    let is_json = |name: &str| name.ends_with(".json") && !name.ends_with(".meta.json");
    let jsons = archive.names.iter().filter(|name| is_json(name));
    match jsons.min_by_key(|name| (name.len(), *name)).cloned() {
        Some(name) => {
            let json = archive.read(&name)?;
            refuse_foreign(&json)?;
            Ok(json)
        }
        None => Err(ImportError::Archive("no JSON inside".into())),
    }
}

fn chosen(report: Report, wanted: Option<&str>) -> Result<(String, Stats), ImportError> {
    let names: Vec<&str> = report.strategy.0.keys().map(String::as_str).collect();
    let names = visible(&names.join(", "), 400);
    let refuse = |message: String| {
        Err(ImportError::Strategy {
            message,
            names: names.clone(),
        })
    };
    let mut all = report.strategy.0;
    match wanted {
        Some(name) => match all.remove_entry(name) {
            Some(found) => Ok(found),
            None => refuse(format!("no strategy `{}`", visible(name, 80))),
        },
        None if all.len() > 1 => refuse("several strategies: name one with --strategy".into()),
        None => match all.pop_first() {
            Some(found) => Ok(found),
            None => Err(ImportError::NoSeries("no strategy in the file".into())),
        },
    }
}

fn series(
    stats: &Stats,
    inputs: &Inputs<'_>,
) -> Result<crate::evidence::returns_csv::Returns, ImportError> {
    let start = stats.starting_balance;
    if inputs.capital.is_some_and(|stated| !is_same(stated, start)) {
        return Err(ImportError::Content(format!(
            "--capital differs from the starting balance {start} of the file"
        )));
    }
    let mut profits = BTreeMap::new();
    let mut clock = Clock::default();
    for (i, (date, profit)) in stats.daily_profit.iter().enumerate() {
        let time = clock
            .next(date, i + 1)
            .map_err(|e| named("daily_profit", &e))?;
        profits.insert(day_of(time), *profit);
    }
    if stats.daily_profit.is_empty() {
        for trade in stats.trades.iter().filter(|t| !t.is_open) {
            let day = day_of(time(trade.close_date.as_deref().unwrap_or_default())?);
            *profits.entry(day).or_insert(0.0) += trade.profit_abs.unwrap_or(0.0);
        }
    }
    let (from, to) = (
        day_of(time(&stats.backtest_start)?),
        day_of(time(&stats.backtest_end)?),
    );
    let from = profits.keys().next().map_or(from, |first| from.min(*first));
    let to = profits.keys().next_back().map_or(to, |last| to.max(*last));
    if from > to || to - from > DAYS_MAX {
        return Err(ImportError::NoSeries(
            "the backtest ends before it begins, or lasts a century".into(),
        ));
    }
    let mut money = start;
    let mut values = Vec::new();
    for (line, day) in (from..=to).enumerate() {
        money += profits.get(&day).copied().unwrap_or(0.0);
        values.push(Value {
            time: UtcTime::EPOCH.plus_days(day),
            money,
            line: line + 1,
        });
    }
    returns_of(&values, Some(start)).map_err(|e| ImportError::Content(format!("daily_profit: {e}")))
}

fn day_of(time: UtcTime) -> i64 {
    time.millis().div_euclid(DAY_MS)
}

fn time(text: &str) -> Result<UtcTime, ImportError> {
    let read = Clock::default().read(text, 0);
    read.map_err(|_| ImportError::Content(format!("`{}` is not a time", visible(text, 40))))
}

fn named(part: &str, error: &crate::evidence::table::TableError) -> ImportError {
    ImportError::Content(format!(
        "{part}: {}",
        error.to_string().replace("line", "entry")
    ))
}

fn trades(all: &[Closed], inputs: &Inputs<'_>) -> Result<Vec<Trade>, ImportError> {
    let one = |(i, t): (usize, &Closed)| {
        let closed = t.close_date.as_deref().filter(|_| !t.is_open);
        let close_rate = t.close_rate.unwrap_or(t.open_rate);
        let fees = t.fee_open * t.open_rate + t.fee_close.unwrap_or(0.0) * close_rate;
        let (entry_time, exit_time) = (time(&t.open_date)?, closed.map(time).transpose()?);
        if exit_time.is_some_and(|exit| exit < entry_time) {
            return Err(ImportError::Content(format!(
                "trade {i} is closed before it was opened"
            )));
        }
        Ok(Trade {
            id: format!("t{i}"),
            strategy: inputs.id.clone(),
            symbol: symbol(&t.pair),
            side: if t.is_short { Side::Short } else { Side::Long },
            entry_time,
            exit_time,
            quantity: t.amount.abs(),
            entry_price: t.open_rate,
            exit_price: close_rate,
            costs: (fees * t.amount).max(0.0),
            pnl: t.profit_abs.unwrap_or(0.0),
            sample: Sample::Full,
        })
    };
    all.iter().enumerate().map(one).collect()
}

macro_rules! stats {
    ($($name:ident)*) => {
        /// One strategy of the report, with the figures that are kept as claimed.
        #[derive(Debug, Deserialize)]
        struct Stats {
            trades: Vec<Closed>,
            #[serde(default)]
            daily_profit: Vec<(String, f64)>,
            starting_balance: f64,
            backtest_start: String,
            backtest_end: String,
            $(#[serde(default)] $name: Loose,)*
            #[serde(default)]
            wallet_stats: Unique<Loose>,
        }

        impl Stats {
            fn figures(&self) -> Vec<Figure> {
                let own = [$((stringify!($name).to_owned(), &self.$name)),*];
                let wallet = self.wallet_stats.0.iter().take(40);
                let wallet = wallet.map(|(name, x)| (format!("wallet_stats.{name}"), x));
                let all = own.into_iter().chain(wallet);
                all.filter_map(|(name, x)| figure(&name, x.0.as_deref()?)).collect()
            }
        }
    };
}

stats! {
    profit_total profit_total_abs final_balance cagr sharpe sortino calmar sqn p_value expectancy
    profit_factor max_drawdown_account max_relative_drawdown max_drawdown_abs winrate total_trades
    trades_per_day backtest_days market_change profit_mean profit_median
}
