//! `evidence import`: another tool's series becomes a bundle of kind `import`.
//!
//! One strategy holds the whole portfolio. What the tool's user claims about costs, periods and
//! the split of the sample is recorded as claimed; every number is measured again.

use std::path::Path;

use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::evidence::bundle::{OosPart, Parts};
use crate::evidence::import::{Figure, Imported, Tool, claimed, settle};
use crate::evidence::manifest::{
    Claim, Conventions, EvidenceKind, MonteCarlo, OosKind, PortfolioRef, Trials,
};
use crate::evidence::returns_csv::Returns;
use crate::evidence::series::{FullSeries, OosSeries, StrategySeries};
use crate::evidence::trades::Trade;
use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;
use crate::kernel::id::StrategyId;
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;
use crate::metrics::periods::periods_per_year;

/// Which rows of the file are out of sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutOfSample {
    /// None.
    None,
    /// All of them, as the tool's user says.
    Declared,
    /// Those after this instant, at which development stopped.
    After(UtcTime),
}

/// What the user says about the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Tool that wrote the file.
    pub tool: Tool,
    /// Portfolio and profile.
    pub portfolio: PortfolioRef,
    /// Name of the one strategy.
    pub strategy: StrategyId,
    /// The strategy's own configuration, if there is one.
    pub configuration: serde_json::Value,
    /// Which rows are out of sample.
    pub oos: OutOfSample,
    /// Periods per year that the tool used.
    pub periods_per_year: Option<Decimal>,
    /// Fee per side in basis points; unstated counts as 0. A lower fee in the file holds.
    pub fee_bps: Option<Decimal>,
    /// Slippage per side in basis points; unstated counts as 0.
    pub slippage_bps: Option<Decimal>,
    /// Money with which the account started; what the trades' results are measured against.
    pub capital: Option<Decimal>,
}

/// What was read of a foreign result, ready to become a bundle.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// What the tool's files hold.
    pub read: Imported,
    /// A table in the form of `trades.csv`, which a person made.
    pub own_trades: Option<Vec<Trade>>,
    /// Every file that was read: its name without folders, and its digest.
    pub sources: Vec<(String, Digest)>,
}

impl Given {
    /// The trades that go into the bundle; those of the tool only where they explain the series.
    /// Gives a figure that says so where they do not.
    fn trades(&self, capital: f64, id: &StrategyId) -> (Option<Vec<Trade>>, Option<Figure>) {
        if self.own_trades.is_some() {
            return (self.own_trades.clone(), None);
        }
        let Some(trades) = &self.read.trades else {
            return (None, None);
        };
        match settle(&self.read.series, capital, id, trades) {
            None => (Some(trades.clone()), None),
            Some(why) => {
                let figure = Figure {
                    name: claimed::LEFT_OUT.to_owned(),
                    value: trades.len().to_string(),
                    convention: Some(format!("that do not explain the series: {why}")),
                };
                (None, Some(figure))
            }
        }
    }
}

/// Reads the configuration that produced a foreign series: TOML, or JSON when the name ends so.
/// Floats become decimal strings.
///
/// # Errors
/// Exit 3 when the file is neither.
pub fn configuration(path: &Path) -> Result<serde_json::Value, Failure> {
    let text = std::fs::read_to_string(path).map_err(|e| failure::io("read", path, &e))?;
    let doing = format!("could not read `{}`", path.display());
    let refuse =
        |e: &dyn std::error::Error| Failure::from_error(Exit::Invalid, "config.invalid", &doing, e);
    let json = path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("json"));
    let mut value: serde_json::Value = if json {
        serde_json::from_str(&text).map_err(|e| refuse(&e))?
    } else {
        toml::from_str(&text).map_err(|e| refuse(&e))?
    };
    floats_to_text(&mut value);
    Ok(value)
}

fn floats_to_text(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Number(number) if number.as_i64().is_none() => {
            *value = serde_json::Value::String(number.to_string());
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(floats_to_text),
        serde_json::Value::Object(map) => map.values_mut().for_each(floats_to_text),
        _ => {}
    }
}

/// The end of development that a person typed: a plain date counts to its end.
///
/// # Errors
/// Exit 2 when it is neither a date nor a time.
pub fn end_of_development(text: &str) -> Result<UtcTime, Failure> {
    UtcTime::parse_loose_end(text).map_err(|e| {
        Failure::from_error(Exit::Usage, "usage.developed-until", "", &e)
            .hint("write --developed-until 2024-06-30")
    })
}

/// Leaves out what lies after `now`: rows, and trades that were opened later; a trade that was
/// closed later is refused, since its result is not known yet. A tool's own figures and trades are
/// about the whole series and go with the first row that is left out. Gives how many rows and
/// trades are gone.
///
/// # Errors
/// Exit 3 when nothing is left, or a trade is closed after now.
pub fn until(now: UtcTime, given: &mut Given) -> Result<usize, Failure> {
    let Given {
        read, own_trades, ..
    } = given;
    let gone = cut(now, &mut read.series, own_trades.as_mut())?;
    if gone > 0 {
        // They are about the whole series.
        read.figures.clear();
        read.trades = None;
    }
    Ok(gone)
}

fn cut(
    now: UtcTime,
    read: &mut Returns,
    trades: Option<&mut Vec<Trade>>,
) -> Result<usize, Failure> {
    let rows = read.times.partition_point(|time| *time <= now);
    let mut gone = read.times.len() - rows;
    if rows == 0 {
        let text = format!("every row lies after {now}, which is now in this ledger");
        return Err(Failure::new(Exit::Invalid, "evidence.future", text)
            .hint("in a sandbox, --now TIME chooses a later time"));
    }
    read.times.truncate(rows);
    read.returns.truncate(rows);
    if let Some(trades) = trades {
        let before = trades.len();
        trades.retain(|trade| trade.entry_time <= now);
        gone += before - trades.len();
        let open = trades.iter().find(|t| t.exit_time.is_some_and(|t| t > now));
        if let Some(open) = open {
            let id = visible(&open.id, 80);
            let text = format!("trade `{id}` is closed after {now}, which is now in this ledger");
            return Err(Failure::new(Exit::Invalid, "evidence.future", text)
                .hint("leave its exit open in the table, or choose a later time with --now TIME"));
        }
    }
    Ok(gone)
}

/// Joins a foreign series and what its user says into the parts of a bundle, with remarks.
///
/// # Errors
/// Exit 3 when no row is out of sample although some should be.
pub fn parts(statement: &Statement, mut given: Given) -> Result<(Parts, Vec<String>), Failure> {
    let oos = out_of_sample(statement.oos, &given.read.series)?;
    let capital = capital_of(statement, &given.read)?;
    let (trades, left_out) = given.trades(capital.to_f64(), &statement.strategy);
    given.read.figures.extend(left_out);
    let claimed = claims(statement, &given);
    let read = given.read;
    let conventions = conventions(statement, &read);
    let strategy = strategy_of(statement, &read, &capital);
    let series = read.series;
    let whole = StrategySeries {
        id: statement.strategy.clone(),
        returns: series.returns.clone(),
        weights: vec![1.0; series.returns.len()],
    };
    let parts = Parts {
        kind: EvidenceKind::Import,
        producer: None,
        portfolio: statement.portfolio.clone(),
        strategy,
        limits: serde_json::json!({}),
        engine: super::engine(),
        data: Vec::new(),
        seed: 0,
        full: FullSeries::new(series.times, series.returns, vec![whole]),
        oos,
        trades,
        conventions,
        stress: Vec::new(),
        mc: MonteCarlo {
            method: "none".to_owned(),
            runs: 0,
            block: 0,
        },
        replicates: Vec::new(),
        trials: Trials {
            count: 1,
            records: Vec::new(),
            unregistered: false,
        },
        claimed,
        views: Vec::new(),
    };
    Ok((parts, read.remarks))
}

/// What the account began with: as a person says, as the file says, or 1.
fn capital_of(statement: &Statement, read: &Imported) -> Result<Decimal, Failure> {
    let of_file = read.capital.map(Decimal::from_f64).transpose();
    let of_file = of_file.map_err(|e| {
        Failure::from_error(Exit::Invalid, "evidence.import", "the starting balance", &e)
    })?;
    let stated = statement.capital.clone().or(of_file);
    Ok(stated.unwrap_or_else(|| Decimal::from_int(1)))
}

fn conventions(statement: &Statement, read: &Imported) -> Conventions {
    let looked_up = periods_per_year(&read.series.times).ok();
    let looked_up = looked_up.and_then(|q| Decimal::from_f64(q).ok());
    let stated = statement.periods_per_year.clone();
    let fee_of_file = read.fee.and_then(|fee| Decimal::from_f64(fee).ok());
    let stated_fee = statement
        .fee_bps
        .as_ref()
        .map(|bps| basis_points(Some(bps)));
    // A person cannot say that more was paid than the file shows.
    let fee = stated_fee.into_iter().chain(fee_of_file).min();
    let fee = fee.unwrap_or_else(Decimal::zero);
    Conventions {
        periods_per_year: stated.or(looked_up).unwrap_or_else(Decimal::zero),
        risk_free: Decimal::zero(),
        ddof: 1,
        fill: "unknown".to_owned(),
        fee,
        slippage: basis_points(statement.slippage_bps.as_ref()),
        valuation: read.valuation,
    }
}

/// Basis points as a fraction; unstated counts as 0.
#[must_use]
pub fn basis_points(bps: Option<&Decimal>) -> Decimal {
    let point = "0.0001".parse().unwrap_or_else(|_| Decimal::zero());
    bps.map_or_else(Decimal::zero, |bps| bps.times(&point))
}

fn out_of_sample(which: OutOfSample, read: &Returns) -> Result<Option<OosPart>, Failure> {
    let (kind, from) = match which {
        OutOfSample::None => return Ok(None),
        OutOfSample::Declared => (OosKind::Declared, 0),
        OutOfSample::After(end) => (
            OosKind::DevelopedUntil,
            read.times.partition_point(|t| *t <= end),
        ),
    };
    let times: Vec<UtcTime> = read.times.iter().skip(from).copied().collect();
    if times.is_empty() {
        return Err(Failure::new(
            Exit::Invalid,
            "evidence.no-oos",
            "no row lies after --developed-until: there is nothing out of sample",
        ));
    }
    let series = OosSeries {
        returns: read.returns.iter().skip(from).copied().collect(),
        windows: vec![0; times.len()],
        times,
    };
    Ok(Some(OosPart { kind, series }))
}

fn strategy_of(statement: &Statement, read: &Imported, capital: &Decimal) -> serde_json::Value {
    let mut strategy = serde_json::json!({
        "schema": "promote/imported-strategy/v1",
        "tool": statement.tool.as_str(),
        "capital": capital,
        "strategies": [{
            "id": statement.strategy,
            "style": "imported",
            "symbol": "unknown",
            "timeframe": "unknown",
            "weight": "1",
        }],
        "configuration": statement.configuration,
    });
    if let (Some(name), Some(map)) = (&read.strategy, strategy.as_object_mut()) {
        map.insert("tool_strategy".to_owned(), visible(name, 80).into());
    }
    strategy
}

fn claims(statement: &Statement, given: &Given) -> Vec<Claim> {
    let read = &given.read;
    let tool = statement.tool.as_str();
    let claim = |name: &str, value: String, convention: String| Claim {
        tool: tool.to_owned(),
        name: name.to_owned(),
        value,
        convention,
    };
    let stated = [
        (claimed::PERIODS, &statement.periods_per_year, ""),
        ("fee_bps", &statement.fee_bps, "per side, "),
        ("slippage_bps", &statement.slippage_bps, "per side, "),
    ];
    let stated = stated.into_iter().filter_map(|(name, value, unit)| {
        let convention = format!("{unit}as stated at the import");
        Some(claim(name, value.as_ref()?.to_string(), convention))
    });
    let fee = read.fee.map(|fee| {
        let convention = "lowest fee per side in the file, fraction".to_owned();
        claim("fee", fee.to_string(), convention)
    });
    let printed = read.figures.iter().map(|figure: &Figure| {
        let known = || claimed::convention(statement.tool, &figure.name);
        let convention = figure.convention.clone().unwrap_or_else(known);
        claim(&figure.name, figure.value.clone(), convention)
    });
    let sources = given.sources.iter();
    let sources = sources.map(|(name, d)| claim(claimed::SOURCE, d.to_string(), visible(name, 80)));
    stated.chain(fee).chain(printed).chain(sources).collect()
}
