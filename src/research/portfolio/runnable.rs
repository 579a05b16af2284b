//! From the resolved configuration to rules that run.
//!
//! Everything is checked here, also what a recipe has checked before: a rerun starts from a
//! `strategy.json` that somebody else wrote.

use super::configuration::{Configuration, StrategyConfiguration};
use super::recipe::check_sum;
use crate::kernel::decimal::Decimal;
use crate::research::backtest::executor::Stops;
use crate::research::backtest::fill::FillRule;
use crate::research::market::symbol::{Symbol, SymbolError};
use crate::research::market::timeframe::{Timeframe, TimeframeError};
use crate::research::portfolio::account::Costs;
use crate::research::portfolio::terms::{Rebalance, Terms};
use crate::research::strategy::registry::{RegistryError, Rule};

/// Largest yearly borrow rate: what nobody pays is a mistake of units.
pub const BORROW_MAX: f64 = 10.0;

/// A portfolio that can run.
#[derive(Debug, Clone, PartialEq)]
pub struct Runnable {
    /// Equity before the first bar.
    pub capital: f64,
    /// Costs per side; the slippage holds half of the spread.
    pub costs: Costs,
    /// What the account is held to besides.
    pub terms: Terms,
    /// The shortest bar length of any strategy: the bars that are loaded, filled and counted.
    pub timeframe: Timeframe,
    /// The strategies, in the configuration's order.
    pub members: Vec<Member>,
}

/// A strategy that can run.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// What it trades.
    pub symbol: Symbol,
    /// The bars that its rule sees; a multiple of the portfolio's.
    pub timeframe: Timeframe,
    /// Its rule.
    pub rule: Rule,
    /// Its levels.
    pub stops: Stops,
    /// True when it may sell short.
    pub allow_short: bool,
    /// Share of the equity.
    pub weight: f64,
    /// Share of `weight` x equity that one position takes. Sized by risk, it is the share that loses
    /// the risk at the nearest stop, and at most the position fraction.
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
    /// Bars of which the longer do not consist of the shorter.
    #[error("bars of `{1}` cannot be made of bars of `{0}`, the shortest of this portfolio")]
    Mixed(Timeframe, Timeframe),
}

impl Runnable {
    /// Checks `configuration`.
    ///
    /// # Errors
    /// When a rule, symbol, timeframe, weight or number in it is wrong.
    pub fn new(configuration: &Configuration) -> Result<Self, RunnableError> {
        let wrong = |what: String| RunnableError::Value(what);
        let half: Decimal = "0.5".parse().unwrap_or_else(|_| Decimal::zero());
        for (name, value) in [
            ("fee", &configuration.fee),
            ("slippage", &configuration.slippage),
        ] {
            if value.signum() < 0 || *value > half {
                return Err(wrong(format!("{name} {value} is not from 0 to 0.5")));
            }
        }
        let terms = terms(configuration)?;
        let slippage = configuration.slippage_per_side();
        if slippage > half {
            return Err(wrong(format!(
                "slippage and half of the spread are {slippage}, more than 0.5"
            )));
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
        let members: Vec<Member> = configuration
            .strategies
            .iter()
            .map(member)
            .collect::<Result<_, _>>()?;
        let timeframes = members.iter().map(|member| member.timeframe);
        let shortest = timeframes
            .clone()
            .min()
            .ok_or_else(|| wrong("a portfolio needs at least one strategy".to_owned()))?;
        let whole = |longer: &Timeframe| longer.millis() % shortest.millis() == 0;
        if let Some(other) = timeframes.clone().find(|longer| !whole(longer)) {
            return Err(RunnableError::Mixed(shortest, other));
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
                slippage: slippage.to_f64(),
            },
            terms,
            timeframe: shortest,
            members,
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

/// The terms of `configuration`. What is as on the plain account must be left out, so that one
/// account has one spelling and one digest.
fn terms(configuration: &Configuration) -> Result<Terms, RunnableError> {
    let account = &configuration.account;
    let fill = FillRule::named(&configuration.fill).ok_or_else(|| {
        let known = FillRule::ALL.map(FillRule::as_str);
        unknown("fill", &configuration.fill, &known)
    })?;
    let positive = |name: &str, given: &Option<Decimal>, most: f64| match given {
        None => Ok(0.0),
        Some(value) if value.signum() > 0 && value.to_f64() <= most => Ok(value.to_f64()),
        Some(value) => Err(RunnableError::Value(format!(
            "account.{name} {value} is not above 0 and at most {most}"
        ))),
    };
    positive("spread", &account.spread, 1.0)?;
    Ok(Terms {
        fill,
        borrow_per_year: positive("borrow_per_year", &account.borrow_per_year, BORROW_MAX)?,
        min_notional: positive("min_notional", &account.min_notional, f64::MAX)?,
        rebalance: match &account.rebalance {
            None => Rebalance::None,
            Some(name) => Rebalance::named(name)
                .filter(|rule| *rule != Rebalance::None)
                .ok_or_else(|| {
                    unknown("account.rebalance", name, &["daily", "weekly", "monthly"])
                })?,
        },
    })
}

fn unknown(name: &str, given: &str, known: &[&str]) -> RunnableError {
    let given = crate::kernel::text::visible(given, 40);
    let known = known.join("` or `");
    RunnableError::Value(format!("{name} `{given}` is unknown; `{known}` is wanted"))
}

/// The share of its capital that one position of `strategy` takes.
fn fraction_of(
    share: f64,
    strategy: &StrategyConfiguration,
    stops: Stops,
) -> Result<f64, RunnableError> {
    let Some(risk) = &strategy.risk_per_trade else {
        return Ok(share);
    };
    let refuse = |what: String| {
        Err(RunnableError::Value(format!(
            "strategy `{}`: {what}",
            strategy.id
        )))
    };
    if risk.signum() <= 0 || *risk > Decimal::from_int(1) {
        return refuse(format!(
            "risk_per_trade {risk} is not above 0 and at most 1"
        ));
    }
    match stops.nearest() {
        Some(distance) => Ok(share.min(risk.to_f64() / distance)),
        None => refuse("risk_per_trade needs a stop: without one the loss has no limit".to_owned()),
    }
}

fn member(strategy: &StrategyConfiguration) -> Result<Member, RunnableError> {
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
    let rule = Rule::new(&strategy.kind, &strategy.parameters)
        .and_then(|rule| rule.check_sides(strategy.allow_short).map(|()| rule))
        .map_err(|e| RunnableError::Rule(id(), e))?;
    let levels = Stops {
        stop: distance("stop", &strategy.stop)?,
        take_profit: distance("take_profit", &strategy.take_profit)?,
        trailing: None,
    };
    let stops = levels.and(rule.stops());
    let most = share("position_fraction", &strategy.position_fraction)?;
    Ok(Member {
        symbol: strategy
            .symbol
            .parse()
            .map_err(|e| RunnableError::Symbol(id(), e))?,
        timeframe: strategy
            .timeframe
            .parse()
            .map_err(|e| RunnableError::Timeframe(id(), e))?,
        stops,
        rule,
        allow_short: strategy.allow_short,
        weight: share("weight", &strategy.weight)?,
        fraction: fraction_of(most, strategy, stops)?,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::research::portfolio::configuration::{AccountTerms, WalkForward};
    use crate::research::portfolio::recipe::Catalogue;
    use crate::research::strategy::testing::given;

    fn configuration(timeframes: [&str; 2]) -> Configuration {
        let text = include_str!("../../../config/portfolio_recipes.toml");
        let catalogue = Catalogue::parse(text).unwrap();
        let preset = catalogue.preset("rsi_reversion_moderate").unwrap();
        let mut strategies = preset.strategies.clone();
        for (strategy, timeframe) in strategies.iter_mut().zip(timeframes) {
            strategy.timeframe = timeframe.to_owned();
        }
        Configuration {
            schema: super::super::configuration::SCHEMA.to_owned(),
            portfolio: preset.id.clone(),
            profile: preset.profile.clone(),
            capital: Decimal::from_int(10_000),
            fee: Decimal::zero(),
            slippage: Decimal::zero(),
            fill: "next_open".to_owned(),
            account: AccountTerms::default(),
            walk_forward: WalkForward {
                train_days: 90,
                test_days: 30,
            },
            developed_until: None,
            strategies,
        }
    }

    #[test]
    fn the_shortest_bars_carry_the_portfolio() {
        for (pair, shortest) in [(["1h", "4h"], "1h"), (["30min", "15min"], "15min")] {
            let runnable = Runnable::new(&configuration(pair)).unwrap();
            assert_eq!(runnable.timeframe.as_str(), shortest);
            let own: Vec<&str> = runnable
                .members
                .iter()
                .map(|m| m.timeframe.as_str())
                .collect();
            assert_eq!(own, pair);
        }
        let mixed = Runnable::new(&configuration(["15min", "10min"]));
        assert!(
            matches!(mixed, Err(RunnableError::Mixed(_, _))),
            "{mixed:?}"
        );
    }

    #[test]
    fn the_levels_of_block_and_rule_are_both_watched() {
        let mut configuration = configuration(["1h", "1h"]);
        let first = &mut configuration.strategies[0];
        first.kind = "breakout".to_owned();
        first.parameters = given(&[("stop_loss_pct", "0.02"), ("trailing_stop_pct", "0.03")]);
        let member = &Runnable::new(&configuration).unwrap().members[0];
        let wanted = Stops {
            stop: Some(0.02),
            take_profit: Some(0.08),
            trailing: Some(0.03),
        };
        assert_eq!(member.stops, wanted);
    }

    #[test]
    fn a_rule_that_never_buys_needs_shorts() {
        let mut configuration = configuration(["1h", "1h"]);
        let first = &mut configuration.strategies[0];
        first.kind = "composite".to_owned();
        first.parameters = BTreeMap::from([
            crate::research::strategy::testing::components(&["macd", "momentum"]),
            given(&[("mode", "any_short")]).pop_first().unwrap(),
        ]);
        let refused = Runnable::new(&configuration).unwrap_err();
        assert!(matches!(
            refused,
            RunnableError::Rule(_, RegistryError::OnlyShort)
        ));
        configuration.strategies[0].allow_short = true;
        assert!(Runnable::new(&configuration).is_ok());
    }

    /// A change of the configuration, and what is said about it.
    type Wrong = (fn(&mut Configuration), &'static str);

    #[test]
    fn terms_out_of_range_or_spelt_twice_are_refused() {
        let wrong: [Wrong; 9] = [
            (
                |c| c.fill = "close".to_owned(),
                "`next_open` or `same_close` is wanted",
            ),
            (
                |c| c.account.spread = Some(Decimal::zero()),
                "account.spread 0",
            ),
            (
                |c| c.account.spread = "1.1".parse().ok(),
                "account.spread 1.1",
            ),
            (
                |c| c.account.borrow_per_year = "-0.1".parse().ok(),
                "account.borrow_per_year -0.1",
            ),
            (
                |c| c.account.borrow_per_year = "11".parse().ok(),
                "account.borrow_per_year 11",
            ),
            (
                |c| c.account.min_notional = Some(Decimal::zero()),
                "account.min_notional 0",
            ),
            (
                |c| c.account.rebalance = Some("none".to_owned()),
                "account.rebalance `none`",
            ),
            (
                |c| {
                    c.slippage = "0.4".parse().unwrap();
                    c.account.spread = "0.4".parse().ok();
                },
                "slippage and half of the spread are 0.6",
            ),
            (
                |c| c.strategies[0].risk_per_trade = "1.5".parse().ok(),
                "risk_per_trade 1.5",
            ),
        ];
        for (change, said) in wrong {
            let mut configuration = configuration(["1h", "1h"]);
            change(&mut configuration);
            let refused = Runnable::new(&configuration).unwrap_err().to_string();
            assert!(refused.contains(said), "{refused}");
        }
    }

    #[test]
    fn half_of_the_spread_is_paid_like_slippage() {
        let mut configuration = configuration(["1h", "1h"]);
        configuration.slippage = "0.0005".parse().unwrap();
        configuration.account.spread = "0.0004".parse().ok();
        let costs = Runnable::new(&configuration).unwrap().costs;
        assert!((costs.slippage - 0.0007).abs() < 1e-15);
    }

    /// 1 % of the capital is at risk; the nearest stop is 4 % away, then the rule's own 2 %.
    #[test]
    fn a_position_sized_by_risk_follows_the_nearest_stop_up_to_its_fraction() {
        let mut configuration = configuration(["1h", "1h"]);
        let first = &mut configuration.strategies[0];
        first.risk_per_trade = "0.01".parse().ok();
        first.kind = "breakout".to_owned();
        first.parameters = given(&[("lookback_breakout", "20")]);
        let fraction = |c: &Configuration| Runnable::new(c).map(|r| r.members[0].fraction);
        assert!((fraction(&configuration).unwrap() - 0.25).abs() < 1e-15);
        configuration.strategies[0].parameters = given(&[("trailing_stop_pct", "0.02")]);
        assert!((fraction(&configuration).unwrap() - 0.5).abs() < 1e-15);
        configuration.strategies[0].risk_per_trade = "0.03".parse().ok();
        assert!((fraction(&configuration).unwrap() - 0.9).abs() < 1e-15);
        configuration.strategies[0].stop = None;
        configuration.strategies[0].parameters = given(&[]);
        let refused = fraction(&configuration).unwrap_err().to_string();
        assert!(refused.contains("needs a stop"), "{refused}");
    }
}
