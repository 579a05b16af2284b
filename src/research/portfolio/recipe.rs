//! Recipes: the preset catalogue, `config/portfolio_recipes.toml`.
//!
//! In: the file's text. Out: a [`Catalogue`] of checked [`Preset`]s, or every mistake in it with the
//! byte range of the wrong token. Unknown keys, kinds and parameters are mistakes; weights must add
//! up to 1 within 1e-9; nothing is dropped, renormalised or guessed.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::strategy_table::{StrategyTable, strategy};
use crate::kernel::decimal::Decimal;
use crate::kernel::id::{PortfolioId, ProfileId, StrategyId};
use crate::kernel::number::Number;
use crate::kernel::text::{check_free_text, visible};
use crate::kernel::time::UtcTime;
use crate::research::portfolio::configuration::{StrategyConfiguration, WalkForward};
use crate::research::robustness::options::{Format, MonteCarloOptions, StressOptions};

mod choices;
mod runs;

pub use choices::AccountChoice;

/// The presets of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    /// By name.
    pub presets: BTreeMap<PortfolioId, Preset>,
}

/// One checked preset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preset {
    /// Name.
    pub id: PortfolioId,
    /// Name for people.
    pub name: String,
    /// One or two sentences.
    pub description: String,
    /// Risk profile.
    pub profile: ProfileId,
    /// `intraday`, `swing` or `position`.
    pub horizon: String,
    /// Free labels.
    pub tags: Vec<String>,
    /// Strategies with their weights.
    pub strategies: Vec<StrategyConfiguration>,
    /// Monte-Carlo, if the preset runs it.
    pub monte_carlo: Option<MonteCarloOptions>,
    /// Stress tests, if the preset runs them.
    pub stress: Option<StressOptions>,
    /// Report files.
    pub format: Format,
    /// Windows of the out-of-sample part.
    pub walk_forward: WalkForward,
    /// Where its development stopped: its out-of-sample part is everything after.
    pub developed_until: Option<UtcTime>,
    /// The drawdown that its author means to stay within, fraction; told, never judged.
    pub max_drawdown_target: Option<Decimal>,
    /// How the account is run, where the preset says so.
    pub account: AccountChoice,
}

/// One mistake in a recipes file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RecipeError {
    /// What is wrong.
    pub message: String,
    /// Byte range of the token; none where something is missing as a whole.
    pub span: Option<Range<usize>>,
}

impl RecipeError {
    pub(in crate::research) fn at(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            span: Some(span),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    portfolio_recipes: BTreeMap<Spanned<String>, RecipeTable>,
    #[serde(default)]
    strategy: BTreeMap<Spanned<String>, StrategyTable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecipeTable {
    portfolio_name: Spanned<String>,
    description: Spanned<String>,
    strategies: Spanned<Vec<Spanned<String>>>,
    weights: Spanned<Vec<Spanned<Number>>>,
    risk_profile: Spanned<String>,
    horizon: Spanned<String>,
    #[serde(default)]
    tags: Vec<Spanned<String>>,
    run_montecarlo: bool,
    mc_num_runs: Option<Spanned<i64>>,
    mc_method: Option<Spanned<String>>,
    mc_block_size: Option<Spanned<runs::Block>>,
    run_stress_tests: bool,
    stress_scenarios: Option<Spanned<Vec<Spanned<String>>>>,
    stress_severity: Option<Spanned<Number>>,
    stress_window: Option<Spanned<i64>>,
    stress_position: Option<Spanned<String>>,
    format: Option<Spanned<String>>,
    walk_forward_train_days: Option<Spanned<i64>>,
    walk_forward_test_days: Option<Spanned<i64>>,
    developed_until: Option<Spanned<String>>,
    max_drawdown_target: Option<Spanned<Number>>,
    fill: Option<Spanned<String>>,
    rebalance: Option<Spanned<String>>,
    min_notional: Option<Spanned<Number>>,
}

const HORIZONS: [&str; 3] = ["intraday", "swing", "position"];

impl Catalogue {
    /// Reads a recipes file.
    ///
    /// # Errors
    /// Every mistake that was found; at least one.
    pub fn parse(text: &str) -> Result<Self, Vec<RecipeError>> {
        let file: File = toml::from_str(text).map_err(|e| {
            vec![RecipeError {
                message: e.message().to_owned(),
                span: e.span(),
            }]
        })?;
        let mut errors = Vec::new();
        let mut strategies = BTreeMap::new();
        for (name, table) in &file.strategy {
            match strategy(name, table) {
                Ok(strategy) => {
                    strategies.insert(strategy.id.clone(), strategy);
                }
                Err(error) => errors.push(error),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut presets = BTreeMap::new();
        for (name, table) in &file.portfolio_recipes {
            match preset(name, table, &strategies) {
                Ok(preset) => {
                    presets.insert(preset.id.clone(), preset);
                }
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() {
            Ok(Self { presets })
        } else {
            Err(errors)
        }
    }

    /// The preset `name`, or the names that there are.
    ///
    /// # Errors
    /// A sentence that lists the presets.
    pub fn preset(&self, name: &str) -> Result<&Preset, String> {
        PortfolioId::new(name)
            .ok()
            .and_then(|id| self.presets.get(&id))
            .ok_or_else(|| {
                let known: Vec<&str> = self.presets.keys().map(PortfolioId::as_str).collect();
                format!(
                    "unknown preset `{}`; there are: {}",
                    visible(name, 64),
                    known.join(", ")
                )
            })
    }
}

fn preset(
    name: &Spanned<String>,
    table: &RecipeTable,
    known: &BTreeMap<StrategyId, StrategyConfiguration>,
) -> Result<Preset, RecipeError> {
    let id = PortfolioId::new(name.get_ref())
        .map_err(|e| RecipeError::at(name.span(), e.to_string()))?;
    let profile = ProfileId::new(table.risk_profile.get_ref())
        .map_err(|e| RecipeError::at(table.risk_profile.span(), e.to_string()))?;
    let horizon = one_of("horizon", &table.horizon, &HORIZONS)?;
    let format = match &table.format {
        None => Format::Both,
        Some(text) => one_of("format", text, &Format::NAMES)
            .map(|name| Format::named(&name).unwrap_or(Format::Both))?,
    };
    Ok(Preset {
        id,
        name: prose("portfolio_name", &table.portfolio_name)?,
        description: prose("description", &table.description)?,
        profile,
        horizon,
        tags: table
            .tags
            .iter()
            .map(|tag| prose("tags", tag))
            .collect::<Result<_, _>>()?,
        strategies: members(table, known)?,
        monte_carlo: runs::monte_carlo(table)?,
        stress: runs::stress(table)?,
        format,
        walk_forward: WalkForward {
            train_days: runs::whole(
                "walk_forward_train_days",
                &table.walk_forward_train_days,
                90,
            )?,
            test_days: runs::whole("walk_forward_test_days", &table.walk_forward_test_days, 30)?,
        },
        developed_until: choices::developed_until(table)?,
        max_drawdown_target: choices::max_drawdown_target(table)?,
        account: choices::account(table)?,
    })
}

/// The strategies of a recipe with their weights.
fn members(
    table: &RecipeTable,
    known: &BTreeMap<StrategyId, StrategyConfiguration>,
) -> Result<Vec<StrategyConfiguration>, RecipeError> {
    let names = table.strategies.get_ref();
    let weights = table.weights.get_ref();
    if names.is_empty() {
        let said = "a portfolio needs at least one strategy";
        return Err(RecipeError::at(table.strategies.span(), said));
    }
    if names.len() != weights.len() {
        let said = format!("{} weights for {} strategies", weights.len(), names.len());
        return Err(RecipeError::at(table.weights.span(), said));
    }
    let mut members: Vec<StrategyConfiguration> = Vec::with_capacity(names.len());
    for (name, weight) in names.iter().zip(weights) {
        let found = StrategyId::new(name.get_ref())
            .ok()
            .and_then(|id| known.get(&id))
            .ok_or_else(|| {
                let known: Vec<&str> = known.keys().map(StrategyId::as_str).collect();
                let shown = visible(name.get_ref(), 64);
                let said = format!(
                    "no [strategy.{shown}] in this file; there are: {}",
                    known.join(", ")
                );
                RecipeError::at(name.span(), said)
            })?;
        if members.iter().any(|m| m.id == found.id) {
            return Err(RecipeError::at(name.span(), "named twice"));
        }
        let own = &weight.get_ref().0;
        if own.signum() <= 0 {
            let said = "a weight must be above 0; leave the strategy out instead";
            return Err(RecipeError::at(weight.span(), said));
        }
        members.push(StrategyConfiguration {
            weight: own.clone(),
            ..found.clone()
        });
    }
    let all: Vec<Decimal> = members.iter().map(|m| m.weight.clone()).collect();
    check_sum(&all).map_err(|said| RecipeError::at(table.weights.span(), said))?;
    Ok(members)
}

/// Checks that weights add up to 1 within 1e-9.
///
/// # Errors
/// A sentence with the sum.
pub fn check_sum(weights: &[Decimal]) -> Result<(), String> {
    let sum = weights
        .iter()
        .fold(Decimal::zero(), |sum, weight| sum.plus(weight));
    let off = sum.minus(&Decimal::from_int(1));
    let size = if off.signum() < 0 { off.negated() } else { off };
    let tolerance: Decimal = "0.000000001".parse().unwrap_or_else(|_| Decimal::zero());
    if size <= tolerance {
        Ok(())
    } else {
        Err(format!(
            "the weights add up to {sum}, they must add up to 1"
        ))
    }
}

pub(super) fn one_of(
    name: &str,
    given: &Spanned<String>,
    allowed: &[&str],
) -> Result<String, RecipeError> {
    if allowed.contains(&given.get_ref().as_str()) {
        return Ok(given.get_ref().clone());
    }
    let said = format!("{name} must be one of: {}", allowed.join(", "));
    Err(RecipeError::at(given.span(), said))
}

fn prose(name: &str, given: &Spanned<String>) -> Result<String, RecipeError> {
    let text = given.get_ref();
    check_free_text(name, text).map_err(|e| RecipeError::at(given.span(), e.to_string()))?;
    if text.contains('\n') || text.chars().count() > 400 {
        let said = format!("{name} must be one line of at most 400 characters");
        return Err(RecipeError::at(given.span(), said));
    }
    Ok(text.clone())
}

#[cfg(test)]
mod tests;
