//! `evidence import`: another tool's series becomes a bundle of kind `import`.
//!
//! One strategy holds the whole portfolio. What the tool's user claims about costs, periods and
//! the split of the sample is recorded as claimed; every number is measured again.

use std::path::Path;

use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::evidence::bundle::{OosPart, Parts};
use crate::evidence::manifest::{
    Claim, Conventions, EvidenceKind, MonteCarlo, OosKind, PortfolioRef, Trials,
};
use crate::evidence::returns_csv::Returns;
use crate::evidence::series::{FullSeries, OosSeries, StrategySeries};
use crate::evidence::trades::Trade;
use crate::kernel::decimal::Decimal;
use crate::kernel::id::StrategyId;
use crate::kernel::text::visible;
use crate::kernel::time::{DAY_MS, UtcTime};
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
    pub tool: &'static str,
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
    /// Fee per side in basis points; unstated counts as 0.
    pub fee_bps: Option<Decimal>,
    /// Slippage per side in basis points; unstated counts as 0.
    pub slippage_bps: Option<Decimal>,
    /// Money with which the account started; what the trades' results are measured against.
    pub capital: Decimal,
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
    let time = UtcTime::parse_loose(text).map_err(|e| {
        Failure::from_error(Exit::Usage, "usage.developed-until", "", &e)
            .hint("write --developed-until 2024-06-30")
    })?;
    let is_date = text.len() == 10;
    Ok(if is_date {
        time.plus_millis(DAY_MS - 1)
    } else {
        time
    })
}

/// Leaves out what lies after `now`: rows, and trades that were opened later; a trade that was
/// closed later is refused, since its result is not known yet. Gives how many rows and trades are
/// gone.
///
/// # Errors
/// Exit 3 when nothing is left, or a trade is closed after now.
pub fn until(
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

/// Joins a foreign series and what its user says into the parts of a bundle.
///
/// # Errors
/// Exit 3 when no row is out of sample although some should be.
pub fn parts(
    statement: &Statement,
    read: Returns,
    trades: Option<Vec<Trade>>,
) -> Result<Parts, Failure> {
    let oos = out_of_sample(statement.oos, &read)?;
    let looked_up = periods_per_year(&read.times).ok();
    let looked_up = looked_up.and_then(|q| Decimal::from_f64(q).ok());
    let stated = statement.periods_per_year.clone();
    let conventions = Conventions {
        periods_per_year: stated.or(looked_up).unwrap_or_else(Decimal::zero),
        risk_free: Decimal::zero(),
        ddof: 1,
        fill: "unknown".to_owned(),
        fee: basis_points(statement.fee_bps.as_ref()),
        slippage: basis_points(statement.slippage_bps.as_ref()),
    };
    let whole = StrategySeries {
        id: statement.strategy.clone(),
        returns: read.returns.clone(),
        weights: vec![1.0; read.returns.len()],
    };
    Ok(Parts {
        kind: EvidenceKind::Import,
        producer: None,
        portfolio: statement.portfolio.clone(),
        strategy: strategy_of(statement),
        limits: serde_json::json!({}),
        engine: super::engine(),
        data: Vec::new(),
        seed: 0,
        full: FullSeries::new(read.times, read.returns, vec![whole]),
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
        claimed: claims(statement),
        views: Vec::new(),
    })
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

fn strategy_of(statement: &Statement) -> serde_json::Value {
    serde_json::json!({
        "schema": "promote/imported-strategy/v1",
        "tool": statement.tool,
        "capital": statement.capital,
        "strategies": [{
            "id": statement.strategy,
            "style": "imported",
            "symbol": "unknown",
            "timeframe": "unknown",
            "weight": "1",
        }],
        "configuration": statement.configuration,
    })
}

fn claims(statement: &Statement) -> Vec<Claim> {
    let claim = |name: &str, value: &Option<Decimal>, convention: &str| {
        value.as_ref().map(|value| Claim {
            tool: statement.tool.to_owned(),
            name: name.to_owned(),
            value: value.to_string(),
            convention: convention.to_owned(),
        })
    };
    [
        claim(
            "periods_per_year",
            &statement.periods_per_year,
            "as stated at the import",
        ),
        claim(
            "fee_bps",
            &statement.fee_bps,
            "per side, as stated at the import",
        ),
        claim(
            "slippage_bps",
            &statement.slippage_bps,
            "per side, as stated at the import",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}
