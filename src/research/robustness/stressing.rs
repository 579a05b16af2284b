//! The user's own stress tests on the portfolio's returns.
//!
//! Every scenario gives a whole stressed series and its own figures, not differences; the bar at
//! which the scenario would hurt most is looked up besides the one asked for; and a stress that
//! helps says so. What the policy judges is not this, but the gate's own derivation.

use super::options::{Scenario, StressOptions, StruckBar};
use crate::metrics::stress::correlations_to_one::{Composition, correlations_to_one};
use crate::metrics::stress::drawdown_extension::{Episode, drawdown_extension};
use crate::metrics::stress::effect::effect;
use crate::metrics::stress::flash_crash::flash_crash;
use crate::metrics::stress::gap_down_open::gap_down_open;
use crate::metrics::stress::liquidity_gap::liquidity_gap;
use crate::metrics::stress::strike::{Replacement, Strike};
use crate::metrics::stress::trend_reversal::trend_reversal;
use crate::metrics::stress::worst_bar::worst_bar;
use crate::metrics::stress::{Position, crash_at, vol_spike_at};
use crate::metrics::{MetricResult, Undefined, drawdown};

/// One stressed series.
#[derive(Debug, Clone, PartialEq)]
pub struct Stressed {
    /// Which scenario.
    pub scenario: Scenario,
    /// The stressed returns.
    pub returns: Vec<f64>,
    /// Their maximum drawdown; never below that of the series itself.
    pub max_drawdown: MetricResult,
    /// The worst bar it could strike; none for a scenario that finds its own bars.
    pub worst: Option<Worst>,
    /// True when the stressed series falls less deep, or ends higher, than the series itself.
    pub helps: bool,
}

/// Where a scenario hurts most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Worst {
    /// The bar.
    pub bar: usize,
    /// Maximum drawdown of the series stressed there.
    pub max_drawdown: f64,
}

/// Every scenario of `options` on the portfolio's `returns`, whose strategies are `composition`.
///
/// # Errors
/// The reason why a scenario has no series, such as a severity out of range.
pub fn stress_tests(
    returns: &[f64],
    composition: &Composition<'_>,
    options: &StressOptions,
) -> Result<Vec<Stressed>, Undefined> {
    let own = drawdown::max_drawdown(returns)?;
    options
        .scenarios
        .iter()
        .map(|scenario| {
            let (stressed, worst) = stress(*scenario, returns, composition, options)?;
            let effect = effect(returns, &stressed)?;
            Ok(Stressed {
                scenario: *scenario,
                returns: stressed,
                max_drawdown: Ok(effect.max_drawdown.max(own)),
                worst,
                helps: effect.helps,
            })
        })
        .collect()
}

fn stress(
    scenario: Scenario,
    returns: &[f64],
    composition: &Composition<'_>,
    options: &StressOptions,
) -> Result<(Vec<f64>, Option<Worst>), Undefined> {
    let at = |bar: usize| Strike {
        severity: options.severity.to_f64(),
        window: usize::try_from(options.window).unwrap_or(1),
        bar,
    };
    let strike: fn(&[f64], &Strike) -> Result<Replacement, Undefined> = match scenario {
        Scenario::SingleCrashBar => crash_at,
        Scenario::VolSpike => vol_spike_at,
        Scenario::GapDownOpen => gap_down_open,
        Scenario::FlashCrash => flash_crash,
        Scenario::LiquidityGap => liquidity_gap,
        Scenario::TrendReversal => trend_reversal,
        Scenario::DrawdownExtension => {
            // The bar only counts where there is no drawdown at all.
            let middle = at(Position::Middle.index(returns.len()));
            let run = drawdown_extension(returns, &middle, Episode::Deepest)?;
            return Ok((run.put_into(returns), None));
        }
        Scenario::CorrelationsToOne => {
            return Ok((correlations_to_one(returns, composition)?, None));
        }
    };
    let (max_drawdown, bar) = worst_bar(returns, |bar| strike(returns, &at(bar)))?;
    let wanted = match options.position {
        StruckBar::At(position) => position.index(returns.len()),
        StruckBar::Worst => bar,
    };
    let stressed = strike(returns, &at(wanted))?.put_into(returns);
    Ok((stressed, Some(Worst { bar, max_drawdown })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(n: usize, shift: usize) -> Vec<f64> {
        (0..n)
            .map(|i| 0.01 * (((i + shift) * i % 17) as f64 / 8.0 - 1.0))
            .collect()
    }

    #[test]
    fn a_stress_is_absolute_and_never_counts_as_help() {
        let (a, b) = (wave(300, 0), wave(300, 5));
        let returns: Vec<f64> = a.iter().zip(&b).map(|(a, b)| 0.5 * (a + b)).collect();
        let base = drawdown::max_drawdown(&returns).unwrap();
        let composition = Composition {
            weights: &[0.5, 0.5],
            strategies: &[&a, &b],
        };
        for position in StruckBar::ALL {
            let options = StressOptions {
                scenarios: Scenario::ALL.to_vec(),
                position,
                ..StressOptions::default()
            };
            let results = stress_tests(&returns, &composition, &options).unwrap();
            assert_eq!(results.len(), Scenario::ALL.len());
            for stressed in results {
                let dd = stressed.max_drawdown.unwrap();
                assert!(dd >= base, "{:?}", stressed.scenario);
                assert_eq!(stressed.returns.len(), returns.len());
                let placed = stressed.scenario.has_place();
                assert_eq!(stressed.worst.is_some(), placed);
                if let Some(worst) = stressed.worst {
                    let most = dd.max(worst.max_drawdown);
                    assert!(
                        worst.max_drawdown >= most - 1e-12,
                        "{:?}",
                        stressed.scenario
                    );
                    let there = position == StruckBar::Worst;
                    assert!(!there || (dd - worst.max_drawdown).abs() < 1e-12);
                }
            }
        }
    }

    #[test]
    fn a_crash_that_replaces_a_worse_bar_is_flagged() {
        let mut returns = wave(100, 0);
        returns[50] = -0.6;
        let composition = Composition {
            weights: &[1.0],
            strategies: &[&returns.clone()],
        };
        let options = StressOptions::default();
        let results = stress_tests(&returns, &composition, &options).unwrap();
        assert!(results[0].helps && !results[1].helps, "{results:?}");
    }
}
