//! From the resolved configuration to rules that run.
//!
//! Everything is checked here, also what a recipe has checked before: a rerun starts from a
//! `strategy.json` that somebody else wrote.

use super::configuration::{Configuration, StrategyConfiguration};
use super::recipe::check_sum;
use crate::kernel::decimal::Decimal;
use crate::research::backtest::executor::Stops;
use crate::research::market::symbol::{Symbol, SymbolError};
use crate::research::market::timeframe::{Timeframe, TimeframeError};
use crate::research::portfolio::account::Costs;
use crate::research::strategy::registry::{RegistryError, Rule};

/// A portfolio that can run.
#[derive(Debug, Clone, PartialEq)]
pub struct Runnable {
    /// Equity before the first bar.
    pub capital: f64,
    /// Costs per side.
    pub costs: Costs,
    /// Bar length of all strategies.
    pub timeframe: Timeframe,
    /// The strategies, in the configuration's order.
    pub members: Vec<Member>,
}

/// A strategy that can run.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// What it trades.
    pub symbol: Symbol,
    /// Its rule.
    pub rule: Rule,
    /// Its levels.
    pub stops: Stops,
    /// True when it may sell short.
    pub allow_short: bool,
    /// Share of the equity.
    pub weight: f64,
    /// Share of `weight` x equity that one position takes.
    pub fraction: f64,
}

/// Why a configuration cannot run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunnableError {
    /// Rule or parameter.
    #[error("strategy `{0}`")]
    Rule(String, #[source] RegistryError),
    /// Symbol.
    #[error("strategy `{0}`")]
    Symbol(String, #[source] SymbolError),
    /// Timeframe.
    #[error("strategy `{0}`")]
    Timeframe(String, #[source] TimeframeError),
    /// A number out of range.
    #[error("{0}")]
    Value(String),
    /// Bars of different length.
    #[error("strategies of one portfolio trade bars of one length; here are `{0}` and `{1}`")]
    Mixed(Timeframe, Timeframe),
}

impl Runnable {
    /// Checks `configuration`.
    ///
    /// # Errors
    /// When a rule, symbol, timeframe, weight or number in it is wrong.
    pub fn new(configuration: &Configuration) -> Result<Self, RunnableError> {
        let wrong = |what: String| RunnableError::Value(what);
        if configuration.fill != "next_open" {
            return Err(wrong(format!(
                "fill `{}` is unknown; `next_open` is wanted",
                crate::kernel::text::visible(&configuration.fill, 40)
            )));
        }
        let half: Decimal = "0.5".parse().unwrap_or_else(|_| Decimal::zero());
        for (name, value) in [
            ("fee", &configuration.fee),
            ("slippage", &configuration.slippage),
        ] {
            if value.signum() < 0 || *value > half {
                return Err(wrong(format!("{name} {value} is not from 0 to 0.5")));
            }
        }
        if configuration.capital.signum() <= 0 {
            return Err(wrong(format!(
                "capital {} is not above 0",
                configuration.capital
            )));
        }
        let windows = configuration.walk_forward;
        if windows.train_days < 1 || windows.test_days < 1 {
            return Err(wrong(
                "walk-forward windows need at least one day".to_owned(),
            ));
        }
        let members: Vec<(Member, Timeframe)> = configuration
            .strategies
            .iter()
            .map(member)
            .collect::<Result<_, _>>()?;
        let first = members
            .first()
            .map(|(_, timeframe)| *timeframe)
            .ok_or_else(|| wrong("a portfolio needs at least one strategy".to_owned()))?;
        if let Some((_, other)) = members.iter().find(|(_, timeframe)| *timeframe != first) {
            return Err(RunnableError::Mixed(first, *other));
        }
        let weights: Vec<Decimal> = configuration
            .strategies
            .iter()
            .map(|s| s.weight.clone())
            .collect();
        check_sum(&weights).map_err(wrong)?;
        Ok(Self {
            capital: configuration.capital.to_f64(),
            costs: Costs {
                fee: configuration.fee.to_f64(),
                slippage: configuration.slippage.to_f64(),
            },
            timeframe: first,
            members: members.into_iter().map(|(member, _)| member).collect(),
        })
    }

    /// The different symbols, sorted.
    #[must_use]
    pub fn symbols(&self) -> Vec<&Symbol> {
        let mut symbols: Vec<&Symbol> = self.members.iter().map(|m| &m.symbol).collect();
        symbols.sort_unstable();
        symbols.dedup();
        symbols
    }
}

fn member(strategy: &StrategyConfiguration) -> Result<(Member, Timeframe), RunnableError> {
    let id = || strategy.id.to_string();
    let one = Decimal::from_int(1);
    let share = |name: &str, value: &Decimal| {
        if value.signum() > 0 && *value <= one {
            Ok(value.to_f64())
        } else {
            let said = format!(
                "strategy `{}`: {name} {value} is not above 0 and at most 1",
                id()
            );
            Err(RunnableError::Value(said))
        }
    };
    let distance = |name: &str, value: &Option<Decimal>| match value {
        None => Ok(None),
        Some(value) if *value < one => share(name, value).map(Some),
        Some(value) => Err(RunnableError::Value(format!(
            "strategy `{}`: {name} {value} is not below 1",
            id()
        ))),
    };
    let member = Member {
        symbol: strategy
            .symbol
            .parse()
            .map_err(|e| RunnableError::Symbol(id(), e))?,
        rule: Rule::new(&strategy.kind, &strategy.parameters)
            .map_err(|e| RunnableError::Rule(id(), e))?,
        stops: Stops {
            stop: distance("stop", &strategy.stop)?,
            take_profit: distance("take_profit", &strategy.take_profit)?,
        },
        allow_short: strategy.allow_short,
        weight: share("weight", &strategy.weight)?,
        fraction: share("position_fraction", &strategy.position_fraction)?,
    };
    let timeframe = strategy
        .timeframe
        .parse()
        .map_err(|e| RunnableError::Timeframe(id(), e))?;
    Ok((member, timeframe))
}
