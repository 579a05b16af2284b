//! The user's own Monte-Carlo and stress runs on the portfolio's returns.
//!
//! The portfolio's series is resampled after weighting, which keeps how the strategies move
//! together. Replicates are computed in parallel; each depends on its index alone, and they are
//! collected in order, so the result is the same for any number of threads. What the policy judges
//! is not this, but the gate's own derivation.

use rayon::prelude::*;

use super::options::{MonteCarloOptions, Scenario, StressOptions};
use crate::metrics::bootstrap::{Resampling, Seed};
use crate::metrics::monte_carlo::{MonteCarlo, Replicate};
use crate::metrics::{MetricResult, Undefined, stress};

/// The replicates of `options`, in the order of their index.
///
/// # Errors
/// When the series cannot be resampled: no returns.
pub fn monte_carlo(
    returns: &[f64],
    periods_per_year: f64,
    options: &MonteCarloOptions,
) -> Result<Vec<Replicate>, Undefined> {
    let resampling = Resampling {
        method: options.method,
        block: usize::try_from(options.block).unwrap_or(1),
        seed: Seed::from_int(options.seed),
    };
    let ready = MonteCarlo::new(returns, periods_per_year, 0.0, resampling)?;
    let runs = u64::try_from(options.runs).unwrap_or(0);
    Ok((0..runs)
        .into_par_iter()
        .map(|index| ready.replicate(index))
        .collect())
}

/// One stressed series.
#[derive(Debug, Clone, PartialEq)]
pub struct Stressed {
    /// Which scenario.
    pub scenario: Scenario,
    /// The stressed returns.
    pub returns: Vec<f64>,
    /// Their maximum drawdown; never below that of the series itself.
    pub max_drawdown: MetricResult,
}

/// Every scenario of `options` on `returns`.
///
/// # Errors
/// The reason why a scenario has no series, such as a severity out of range.
pub fn stress_tests(returns: &[f64], options: &StressOptions) -> Result<Vec<Stressed>, Undefined> {
    let severity = options.severity.to_f64();
    let window = usize::try_from(options.window).unwrap_or(1);
    let position = options.position;
    options
        .scenarios
        .iter()
        .map(|scenario| {
            let (stressed, max_drawdown) = match scenario {
                Scenario::SingleCrashBar => (
                    stress::single_crash_bar(returns, severity, position)?,
                    stress::crash_drawdown(returns, severity, position),
                ),
                Scenario::VolSpike => (
                    stress::vol_spike(returns, severity, window, position)?,
                    stress::vol_spike_drawdown(returns, severity, window, position),
                ),
            };
            Ok(Stressed {
                scenario: *scenario,
                returns: stressed,
                max_drawdown,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::bootstrap::Method;

    fn wave(n: usize) -> Vec<f64> {
        (0..n)
            .map(|i| 0.01 * ((i * i % 17) as f64 / 8.0 - 1.0))
            .collect()
    }

    #[test]
    fn any_number_of_threads_gives_the_same_replicates() {
        let returns = wave(500);
        for method in Method::ALL {
            let options = MonteCarloOptions {
                runs: 97,
                method,
                ..MonteCarloOptions::default()
            };
            let all: Vec<Vec<Replicate>> = [1, 2, 3, 16]
                .into_iter()
                .map(|threads| {
                    rayon::ThreadPoolBuilder::new()
                        .num_threads(threads)
                        .build()
                        .unwrap()
                        .install(|| monte_carlo(&returns, 8760.0, &options).unwrap())
                })
                .collect();
            assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "{method:?}");
            assert_eq!(all[0].len(), 97);
        }
    }

    #[test]
    fn a_stress_is_absolute_and_never_helps() {
        let returns = wave(300);
        let base = crate::metrics::drawdown::max_drawdown(&returns).unwrap();
        let results = stress_tests(&returns, &StressOptions::default()).unwrap();
        assert_eq!(results.len(), 2);
        for stressed in results {
            assert!(
                stressed.max_drawdown.unwrap() >= base,
                "{:?}",
                stressed.scenario
            );
            assert_eq!(stressed.returns.len(), returns.len());
        }
    }
}
