//! From a preset, the settings and the flags to everything that a run needs.

use std::path::Path;

use super::account::{AccountOverrides, account};
use crate::app::config::{Config, read_text};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::mistakes;
use crate::app::workspace::Workspace;
use crate::evidence::limits::Limits;
use crate::kernel::decimal::Decimal;
use crate::kernel::id::PortfolioId;
use crate::kernel::text::visible;
use crate::metrics::bootstrap::Method;
use crate::research::portfolio::configuration::{self, Configuration};
use crate::research::portfolio::recipe::{Catalogue, Preset, check_sum};
use crate::research::robustness::options::{
    BlockSize, Format, MonteCarloOptions, Scenario, StressOptions, StruckBar,
};
use crate::research::robustness::outcome::Wanted;

/// The shipped presets.
pub const EMBEDDED: &str = include_str!("../../../config/portfolio_recipes.toml");
/// Where a workspace has them.
pub const PATH: &str = "config/portfolio_recipes.toml";

/// The preset catalogue of `file`, else of the workspace, else the embedded one, with its name.
///
/// # Errors
/// Exit 3 when the file is missing or wrong; every mistake is shown with its place.
pub fn catalogue(
    workspace: Option<&Workspace>,
    file: Option<&Path>,
) -> Result<(Catalogue, String), Failure> {
    let path = match (file, workspace) {
        (Some(file), _) => Some(file.to_owned()),
        (None, Some(workspace)) => Some(workspace.resolve(Path::new(PATH))).filter(|p| p.exists()),
        (None, None) => None,
    };
    let (name, text) = match &path {
        None => (
            "embedded portfolio_recipes.toml".to_owned(),
            EMBEDDED.to_owned(),
        ),
        Some(path) => (visible(&path.display().to_string(), 200), read_text(path)?),
    };
    let catalogue = Catalogue::parse(&text)
        .map_err(|errors| mistakes::failure("recipes.invalid", &name, &text, &errors))?;
    Ok((catalogue, name))
}

/// What flags may change. None leaves the preset's value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Name of the portfolio; the preset's id without.
    pub portfolio: Option<PortfolioId>,
    /// Weights, one per strategy.
    pub weights: Option<Vec<Decimal>>,
    /// Fee per side, fraction.
    pub fee: Option<Decimal>,
    /// Slippage per side, fraction.
    pub slippage: Option<Decimal>,
    /// Fills, spread, borrow rate, least notional, rebalancing.
    pub account: AccountOverrides,
    /// Monte-Carlo on or off.
    pub run_monte_carlo: Option<bool>,
    /// Runs.
    pub mc_runs: Option<i64>,
    /// Method.
    pub mc_method: Option<Method>,
    /// Block length.
    pub mc_block: Option<BlockSize>,
    /// Seed.
    pub mc_seed: Option<i64>,
    /// Stress tests on or off.
    pub run_stress: Option<bool>,
    /// Scenarios; empty leaves the preset's.
    pub scenarios: Vec<Scenario>,
    /// Severity.
    pub severity: Option<Decimal>,
    /// Window.
    pub window: Option<i64>,
    /// Position.
    pub position: Option<StruckBar>,
    /// Seed.
    pub stress_seed: Option<i64>,
    /// Report files.
    pub format: Option<Format>,
}

/// Everything that a run needs but the bars.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// Name of the preset.
    pub preset: PortfolioId,
    /// What is hashed.
    pub configuration: Configuration,
    /// Execution limits of the portfolio.
    pub limits: Limits,
    /// Monte-Carlo and stress tests.
    pub wanted: Wanted,
    /// Report files.
    pub format: Format,
    /// The drawdown that the preset means to stay within, fraction.
    pub max_drawdown_target: Option<Decimal>,
}

/// Joins `preset`, `config` and `flags`.
///
/// # Errors
/// Exit 2 when a flag is out of range or has no meaning here.
pub fn resolve(preset: &Preset, config: &Config, flags: &Overrides) -> Result<Resolved, Failure> {
    let portfolio = flags.portfolio.clone().unwrap_or_else(|| preset.id.clone());
    let mut strategies = preset.strategies.clone();
    if let Some(weights) = &flags.weights {
        if weights.len() != strategies.len() {
            return Err(usage(format!(
                "--weights: {} weights for {} strategies",
                weights.len(),
                strategies.len()
            )));
        }
        if let Some(bad) = weights.iter().find(|w| w.signum() <= 0) {
            return Err(usage(format!("--weights: `{bad}` is not above 0")));
        }
        check_sum(weights).map_err(|said| usage(format!("--weights: {said}")))?;
        for (strategy, weight) in strategies.iter_mut().zip(weights) {
            strategy.weight = weight.clone();
        }
    }
    let (fill, account) = account(&preset.account, config, &flags.account)?;
    let configuration = Configuration {
        schema: configuration::SCHEMA.to_owned(),
        profile: preset.profile.clone(),
        capital: config.capital.clone(),
        fee: flags.fee.clone().unwrap_or_else(|| config.fee.clone()),
        slippage: flags
            .slippage
            .clone()
            .unwrap_or_else(|| config.slippage.clone()),
        fill: fill.as_str().to_owned(),
        account,
        walk_forward: preset.walk_forward,
        developed_until: preset.developed_until,
        strategies,
        portfolio,
    };
    Ok(Resolved {
        preset: preset.id.clone(),
        limits: config.limits(&configuration.portfolio),
        wanted: Wanted {
            monte_carlo: monte_carlo(preset, flags)?,
            stress: stress(preset, flags)?,
        },
        format: flags.format.unwrap_or(preset.format),
        max_drawdown_target: preset.max_drawdown_target.clone(),
        configuration,
    })
}

fn usage(message: impl Into<String>) -> Failure {
    Failure::new(Exit::Usage, "usage", message)
}

fn monte_carlo(preset: &Preset, flags: &Overrides) -> Result<Option<MonteCarloOptions>, Failure> {
    let runs = flags
        .run_monte_carlo
        .unwrap_or(preset.monte_carlo.is_some());
    let any = flags.mc_runs.is_some()
        || flags.mc_method.is_some()
        || flags.mc_block.is_some()
        || flags.mc_seed.is_some();
    if !runs {
        return match any {
            true => Err(
                usage("--mc-… flags have no meaning while Monte-Carlo is off")
                    .hint("add --run-montecarlo"),
            ),
            false => Ok(None),
        };
    }
    let base = preset.monte_carlo.clone().unwrap_or_default();
    Ok(Some(MonteCarloOptions {
        runs: whole("--mc-num-runs", flags.mc_runs, base.runs)?,
        method: flags.mc_method.unwrap_or(base.method),
        block: match flags.mc_block {
            Some(BlockSize::Bars(bars)) => {
                BlockSize::Bars(whole("--mc-block-size", Some(bars), bars)?)
            }
            given => given.unwrap_or(base.block),
        },
        seed: seed("--mc-seed", flags.mc_seed, base.seed)?,
    }))
}

fn stress(preset: &Preset, flags: &Overrides) -> Result<Option<StressOptions>, Failure> {
    let runs = flags.run_stress.unwrap_or(preset.stress.is_some());
    let any = !flags.scenarios.is_empty()
        || flags.severity.is_some()
        || flags.window.is_some()
        || flags.position.is_some()
        || flags.stress_seed.is_some();
    if !runs {
        return match any {
            true => Err(
                usage("--stress-… flags have no meaning while stress tests are off")
                    .hint("add --run-stress-tests"),
            ),
            false => Ok(None),
        };
    }
    let base = preset.stress.clone().unwrap_or_default();
    let severity = flags.severity.clone().unwrap_or(base.severity);
    if severity.signum() <= 0 || severity > Decimal::from_int(1) {
        return Err(usage(format!(
            "--stress-severity: `{severity}` is not a fraction above 0 and at most 1"
        ))
        .hint("25 % is written 0.25"));
    }
    let mut scenarios = Vec::new();
    for scenario in &flags.scenarios {
        if !scenarios.contains(scenario) {
            scenarios.push(*scenario);
        }
    }
    Ok(Some(StressOptions {
        scenarios: if scenarios.is_empty() {
            base.scenarios
        } else {
            scenarios
        },
        severity,
        window: whole("--stress-window", flags.window, base.window)?,
        position: flags.position.unwrap_or(base.position),
        seed: seed("--stress-seed", flags.stress_seed, base.seed)?,
    }))
}

fn whole(name: &str, given: Option<i64>, base: i64) -> Result<i64, Failure> {
    match given {
        None => Ok(base),
        Some(n) if (1..=1_000_000).contains(&n) => Ok(n),
        Some(n) => Err(usage(format!("{name}: `{n}` is not from 1 to 1000000"))),
    }
}

fn seed(name: &str, given: Option<i64>, base: i64) -> Result<i64, Failure> {
    match given {
        None => Ok(base),
        Some(n) if n.unsigned_abs() <= 9_007_199_254_740_991 => Ok(n),
        Some(n) => Err(usage(format!("{name}: `{n}` is beyond 2^53 - 1"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preset() -> Preset {
        let (catalogue, _) = catalogue(None, None).unwrap();
        catalogue.preset("rsi_reversion_moderate").unwrap().clone()
    }

    fn resolved(flags: Overrides) -> Result<Resolved, Failure> {
        resolve(&preset(), &Config::embedded().unwrap(), &flags)
    }

    #[test]
    fn an_explicit_flag_wins_even_with_its_default_value() {
        let by_preset = resolved(Overrides::default()).unwrap();
        assert_eq!(by_preset.wanted.monte_carlo.as_ref().unwrap().runs, 2000);
        assert_eq!(
            by_preset
                .wanted
                .stress
                .as_ref()
                .unwrap()
                .severity
                .to_string(),
            "0.25"
        );
        let flags = Overrides {
            mc_runs: Some(1000),
            severity: Some("0.2".parse().unwrap()),
            ..Overrides::default()
        };
        let by_flag = resolved(flags).unwrap();
        assert_eq!(by_flag.wanted.monte_carlo.as_ref().unwrap().runs, 1000);
        assert_eq!(
            by_flag.wanted.stress.as_ref().unwrap().severity.to_string(),
            "0.2"
        );
        // Neither is part of what was tested.
        assert_eq!(
            by_preset.configuration.digest().unwrap(),
            by_flag.configuration.digest().unwrap()
        );
    }

    #[test]
    fn what_is_tested_changes_the_digest() {
        let base = resolved(Overrides::default())
            .unwrap()
            .configuration
            .digest()
            .unwrap();
        for flags in [
            Overrides {
                fee: Some("0.001".parse().unwrap()),
                ..Overrides::default()
            },
            Overrides {
                weights: Some(vec!["0.6".parse().unwrap(), "0.4".parse().unwrap()]),
                ..Overrides::default()
            },
        ] {
            assert_ne!(
                resolved(flags).unwrap().configuration.digest().unwrap(),
                base
            );
        }
    }

    #[test]
    fn flags_out_of_range_or_without_meaning_are_usage_errors() {
        let d = |text: &str| text.parse::<Decimal>().unwrap();
        for flags in [
            Overrides {
                weights: Some(vec![d("1")]),
                ..Overrides::default()
            },
            Overrides {
                weights: Some(vec![d("0.6"), d("0.6")]),
                ..Overrides::default()
            },
            Overrides {
                weights: Some(vec![d("1.6"), d("-0.6")]),
                ..Overrides::default()
            },
            Overrides {
                severity: Some(d("25")),
                ..Overrides::default()
            },
            Overrides {
                severity: Some(d("0")),
                ..Overrides::default()
            },
            Overrides {
                mc_runs: Some(0),
                ..Overrides::default()
            },
            Overrides {
                mc_seed: Some(i64::MAX),
                ..Overrides::default()
            },
            Overrides {
                run_monte_carlo: Some(false),
                mc_runs: Some(5),
                ..Overrides::default()
            },
            Overrides {
                run_stress: Some(false),
                window: Some(5),
                ..Overrides::default()
            },
        ] {
            let failure = resolved(flags.clone()).unwrap_err();
            assert_eq!(failure.exit, Exit::Usage, "{flags:?}");
        }
        let off = Overrides {
            run_monte_carlo: Some(false),
            run_stress: Some(false),
            ..Overrides::default()
        };
        assert_eq!(resolved(off).unwrap().wanted, Wanted::default());
    }
}
