//! The user's own Monte-Carlo runs on the portfolio's returns.
//!
//! The portfolio's series is resampled after weighting, which keeps how the strategies move
//! together. Replicates are computed in parallel; each depends on its index alone, and they are
//! collected in order, so the result is the same for any number of threads. What the policy judges
//! is not this, but the gate's own derivation.

use rayon::prelude::*;

use super::options::MonteCarloOptions;
use crate::metrics::Undefined;
use crate::metrics::bootstrap::{Resampling, Seed};
use crate::metrics::monte_carlo::{MonteCarlo, Replicate};

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
}
