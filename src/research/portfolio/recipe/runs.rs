//! What a preset runs besides its backtest: Monte-Carlo and stress tests.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use toml::Spanned;

use super::{RecipeError, RecipeTable, one_of};
use crate::kernel::decimal::Decimal;
use crate::metrics::bootstrap::Method;
use crate::research::robustness::options::{
    BlockSize, MonteCarloOptions, Scenario, StressOptions, StruckBar,
};

/// `mc_block_size`: a number of bars, or `auto`.
#[derive(Debug)]
pub(super) struct Block(BlockSize);

impl<'de> Deserialize<'de> for Block {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BlockVisitor)
    }
}

struct BlockVisitor;

impl Visitor<'_> for BlockVisitor {
    type Value = Block;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of bars or \"auto\"")
    }

    fn visit_i64<E: de::Error>(self, bars: i64) -> Result<Block, E> {
        Ok(Block(BlockSize::Bars(bars)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Block, E> {
        match text {
            "auto" => Ok(Block(BlockSize::Automatic)),
            _ => Err(E::custom("mc_block_size is a number of bars or \"auto\"")),
        }
    }
}

/// Monte-Carlo, if the preset runs it.
pub(super) fn monte_carlo(table: &RecipeTable) -> Result<Option<MonteCarloOptions>, RecipeError> {
    if !table.run_montecarlo {
        let spans = [
            table.mc_num_runs.as_ref().map(Spanned::span),
            table.mc_method.as_ref().map(Spanned::span),
            table.mc_block_size.as_ref().map(Spanned::span),
        ];
        return match spans.into_iter().flatten().next() {
            Some(span) => Err(RecipeError::at(
                span,
                "has no meaning while run_montecarlo is false",
            )),
            None => Ok(None),
        };
    }
    let default = MonteCarloOptions::default();
    let method = match &table.mc_method {
        None => default.method,
        Some(text) => one_of("mc_method", text, &Method::ALL.map(Method::as_str))?
            .parse()
            .unwrap_or(default.method),
    };
    Ok(Some(MonteCarloOptions {
        runs: whole("mc_num_runs", &table.mc_num_runs, default.runs)?,
        method,
        block: match &table.mc_block_size {
            None => default.block,
            Some(block) => match block.get_ref().0 {
                BlockSize::Bars(bars) => {
                    let given = Spanned::new(block.span(), bars);
                    BlockSize::Bars(whole("mc_block_size", &Some(given), 1)?)
                }
                BlockSize::Automatic => BlockSize::Automatic,
            },
        },
        seed: default.seed,
    }))
}

/// Stress tests, if the preset runs them.
pub(super) fn stress(table: &RecipeTable) -> Result<Option<StressOptions>, RecipeError> {
    if !table.run_stress_tests {
        let spans = [
            table.stress_scenarios.as_ref().map(Spanned::span),
            table.stress_severity.as_ref().map(Spanned::span),
            table.stress_window.as_ref().map(Spanned::span),
            table.stress_position.as_ref().map(Spanned::span),
        ];
        return match spans.into_iter().flatten().next() {
            Some(span) => Err(RecipeError::at(
                span,
                "has no meaning while run_stress_tests is false",
            )),
            None => Ok(None),
        };
    }
    let default = StressOptions::default();
    let mut scenarios = Vec::new();
    for text in table.stress_scenarios.iter().flat_map(|s| s.get_ref()) {
        let name = one_of(
            "stress_scenarios",
            text,
            &Scenario::ALL.map(Scenario::as_str),
        )?;
        scenarios.extend(Scenario::named(&name).filter(|s| !scenarios.contains(s)));
    }
    let severity = match &table.stress_severity {
        None => default.severity,
        Some(n) if n.get_ref().0.signum() > 0 && n.get_ref().0 <= Decimal::from_int(1) => {
            n.get_ref().0.clone()
        }
        Some(n) => {
            let said = "stress_severity is a fraction above 0 and at most 1 (0.25 is 25 %)";
            return Err(RecipeError::at(n.span(), said));
        }
    };
    let position = match &table.stress_position {
        None => default.position,
        Some(text) => {
            let name = one_of(
                "stress_position",
                text,
                &StruckBar::ALL.map(StruckBar::as_str),
            )?;
            StruckBar::named(&name).unwrap_or(default.position)
        }
    };
    Ok(Some(StressOptions {
        scenarios: if scenarios.is_empty() {
            default.scenarios
        } else {
            scenarios
        },
        severity,
        window: whole("stress_window", &table.stress_window, default.window)?,
        position,
        seed: default.seed,
    }))
}

/// A whole number from 1 to 1000000.
pub(super) fn whole(
    name: &str,
    given: &Option<Spanned<i64>>,
    default: i64,
) -> Result<i64, RecipeError> {
    match given {
        None => Ok(default),
        Some(n) if (1..=1_000_000).contains(n.get_ref()) => Ok(*n.get_ref()),
        Some(n) => {
            let said = format!("{name} must be a whole number from 1 to 1000000");
            Err(RecipeError::at(n.span(), said))
        }
    }
}
