//! LEAN of QuantConnect: the result JSON of a backtest.
//!
//! The series is `charts["Strategy Equity"].series["Equity"].values`, in both layouts (`{x, y}` and
//! `[x, y]` or `[x, open, high, low, close]`; x in seconds) and both spellings of the keys
//! (camelCase, before about 2022 PascalCase). The first sample is what the account began with.
//! LEAN samples at irregular times of the day, and at midnight of its exchange, which ends a day:
//! so the last value up to noon UTC belongs to the day before, and every day has one value.
//! `statistics` are claimed; a file that has nothing else is refused.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::clock::Clock;
use super::curve::{Value, daily, opening, returns_of};
use super::error::ImportError;
use super::stats::{FIGURES_MAX, Loose, Unique, amount, figure, json_error};
use super::trading::symbol;
use super::{Imported, Inputs};
use crate::evidence::trades::{Side, Trade};
use crate::kernel::text::visible;
use crate::kernel::time::{DAY_MS, UtcTime};
use crate::metrics::Sample;

#[derive(Debug, Deserialize)]
struct Report {
    #[serde(default, alias = "Charts")]
    charts: Charts,
    #[serde(default, alias = "Statistics")]
    statistics: Unique<Loose>,
    #[serde(default, rename = "totalPerformance", alias = "TotalPerformance")]
    performance: Option<Performance>,
}

#[derive(Debug, Default, Deserialize)]
struct Charts {
    #[serde(rename = "Strategy Equity", alias = "strategyEquity")]
    equity: Option<Chart>,
}

#[derive(Debug, Deserialize)]
struct Chart {
    #[serde(alias = "Series")]
    series: Lines,
}

#[derive(Debug, Deserialize)]
struct Lines {
    #[serde(rename = "Equity", alias = "equity")]
    equity: Option<Line>,
}

#[derive(Debug, Deserialize)]
struct Line {
    #[serde(alias = "Values")]
    values: Vec<Point>,
}

#[derive(Debug, Deserialize)]
struct Performance {
    #[serde(default, rename = "closedTrades", alias = "ClosedTrades")]
    closed: Option<Vec<Closed>>,
}

#[derive(Debug, Deserialize)]
struct Closed {
    #[serde(default, alias = "Symbol")]
    symbol: Ticker,
    #[serde(default, alias = "Symbols")]
    symbols: Vec<Ticker>,
    #[serde(rename = "entryTime", alias = "EntryTime")]
    entry_time: String,
    #[serde(rename = "exitTime", alias = "ExitTime")]
    exit_time: String,
    #[serde(rename = "entryPrice", alias = "EntryPrice")]
    entry_price: f64,
    #[serde(rename = "exitPrice", alias = "ExitPrice")]
    exit_price: f64,
    #[serde(alias = "Direction")]
    direction: Loose,
    #[serde(alias = "Quantity")]
    quantity: f64,
    #[serde(rename = "profitLoss", alias = "ProfitLoss")]
    profit: f64,
    #[serde(default, rename = "totalFees", alias = "TotalFees")]
    fees: f64,
}

/// One sample: seconds and the (closing) value.
#[derive(Debug, Clone, Copy)]
struct Point {
    seconds: f64,
    money: Option<f64>,
}

impl<'de> Deserialize<'de> for Point {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(PointVisitor)
    }
}

struct PointVisitor;

impl<'de> Visitor<'de> for PointVisitor {
    type Value = Point;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("{x, y}, [x, y] or [x, open, high, low, close]")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Point, A::Error> {
        let short = || A::Error::custom("a sample without values");
        let seconds = all.next_element::<f64>()?.ok_or_else(short)?;
        let mut money = all.next_element::<Option<f64>>()?.ok_or_else(short)?;
        let mut further = 0;
        while let Some(next) = all.next_element::<Option<f64>>()? {
            (money, further) = (next, further + 1);
        }
        match further {
            0 | 3 => Ok(Point { seconds, money }),
            _ => Err(A::Error::custom("a sample has two or five numbers")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<Point, A::Error> {
        let (mut seconds, mut money) = (None, None);
        while let Some(key) = all.next_key::<String>()? {
            match key.as_str() {
                "x" | "X" => seconds = Some(all.next_value::<f64>()?),
                "y" | "Y" | "close" | "Close" => money = all.next_value::<Option<f64>>()?,
                _ => {
                    all.next_value::<IgnoredAny>()?;
                }
            }
        }
        let seconds = seconds.ok_or_else(|| A::Error::custom("a sample without x"))?;
        Ok(Point { seconds, money })
    }
}

/// A symbol: a text, or an object with `value`.
#[derive(Debug, Default)]
struct Ticker(String);

impl<'de> Deserialize<'de> for Ticker {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(TickerVisitor)
    }
}

struct TickerVisitor;

impl<'de> Visitor<'de> for TickerVisitor {
    type Value = Ticker;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a symbol")
    }

    fn visit_str<E>(self, text: &str) -> Result<Ticker, E> {
        Ok(Ticker(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Ticker, E> {
        Ok(Ticker::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<Ticker, A::Error> {
        let mut name = String::new();
        while let Some((key, value)) = all.next_entry::<String, Loose>()? {
            if key.eq_ignore_ascii_case("value") {
                name = value.0.unwrap_or_default();
            }
        }
        Ok(Ticker(name))
    }
}

pub(super) fn read(bytes: &[u8], inputs: &Inputs<'_>) -> Result<Imported, ImportError> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let report = Report::deserialize(&mut json).map_err(|e| json_error(&e))?;
    let line = report.charts.equity.and_then(|chart| chart.series.equity);
    let Some(line) = line.filter(|line| !line.values.is_empty()) else {
        return Err(ImportError::NoSeries(
            "there is no charts[\"Strategy Equity\"].series[\"Equity\"], and statistics alone \
             cannot be computed again: import the result JSON that LEAN writes for the backtest"
                .into(),
        ));
    };
    json.end().map_err(|e| json_error(&e))?;
    let values = samples(&line.values)?;
    let stated = report.statistics.0.get("Start Equity");
    let stated = stated
        .and_then(|text| amount(text.0.as_deref()?))
        .map(|a| a.value);
    opening(&values, stated, "Start Equity")?;
    let start = opening(&values, inputs.capital, "--capital")?;
    let mut days = daily(&values, DAY_MS / 2);
    // The opening value alone is no day of trading.
    let alone = days.first().map(|d| d.line) == values.first().map(|v| v.line);
    if alone && days.len() > 1 {
        days.remove(0);
    }
    let mut read = Imported::plain(returns_of(&days, start)?);
    read.capital = start;
    if values.len() > days.len() + 1 {
        read.remarks.push(format!(
            "LEAN: {} samples of the equity became {} days",
            values.len(),
            days.len()
        ));
    }
    let printed = report.statistics.0.iter().take(FIGURES_MAX);
    let figures = printed.filter_map(|(name, value)| figure(name, value.0.as_deref()?));
    read.figures = figures.collect();
    if let Some(closed) = report.performance.and_then(|p| p.closed) {
        read.trades = Some(trades(&closed, inputs)?);
    }
    Ok(read)
}

fn samples(points: &[Point]) -> Result<Vec<Value>, ImportError> {
    let mut values: Vec<Value> = Vec::new();
    for (i, point) in points.iter().enumerate() {
        let refuse = |what: &str| {
            let what = format!("sample {} of the equity {what}", i + 1);
            Err(ImportError::Content(what))
        };
        let Some(time) = seconds(point.seconds) else {
            return refuse("has no time between 1970 and 9999");
        };
        let Some(money) = point.money else {
            return refuse("has no value");
        };
        match values.last() {
            Some(last) if last.time > time => return refuse("is earlier than the one before"),
            // A second sample of one instant: the later one holds.
            Some(last) if last.time == time => {
                values.pop();
            }
            _ => {}
        }
        let line = i + 1;
        values.push(Value { time, money, line });
    }
    Ok(values)
}

fn seconds(x: f64) -> Option<UtcTime> {
    let whole = format!("{:.0}", x * 1000.0).parse::<i64>().ok()?;
    UtcTime::from_millis(whole).ok()
}

fn trades(all: &[Closed], inputs: &Inputs<'_>) -> Result<Vec<Trade>, ImportError> {
    let one = |(i, t): (usize, &Closed)| {
        let refuse = |what: String| ImportError::Content(format!("closed trade {}: {what}", i + 1));
        let time = |text: &str| {
            let read = Clock::default().read(text, 0);
            read.map_err(|_| refuse(format!("`{}` is not a time", visible(text, 40))))
        };
        let side = match t.direction.0.as_deref() {
            Some("0" | "Long" | "long") => Side::Long,
            Some("1" | "Short" | "short") => Side::Short,
            _ => return Err(refuse("its direction is neither long nor short".into())),
        };
        let (entry_time, exit_time) = (time(&t.entry_time)?, time(&t.exit_time)?);
        if exit_time < entry_time {
            return Err(refuse("it is closed before it was opened".into()));
        }
        let ticker = t.symbols.first().map_or(&t.symbol.0, |s| &s.0);
        Ok(Trade {
            id: format!("t{i}"),
            strategy: inputs.id.clone(),
            symbol: symbol(ticker),
            side,
            entry_time,
            exit_time: Some(exit_time),
            quantity: t.quantity.abs(),
            entry_price: t.entry_price,
            exit_price: t.exit_price,
            costs: t.fees.max(0.0),
            pnl: t.profit - t.fees,
            sample: Sample::Full,
        })
    };
    all.iter().enumerate().map(one).collect()
}
