//! The user's own Monte-Carlo runs on the portfolio's returns.
//!
//! The portfolio's series is resampled after weighting, which keeps how the strategies move
//! together. Replicates are computed in parallel, those in blocks the quick way; each depends on
//! its index alone, and they are collected in order, so the result is the same for any number of
//! threads. What the policy judges is not this, but the gate's own derivation.

use rayon::prelude::*;

use super::options::{BlockSize, MonteCarloOptions};
use crate::metrics::Undefined;
use crate::metrics::block_length::block_automatic;
use crate::metrics::bootstrap::{Resampling, Seed};
use crate::metrics::monte_carlo::{MonteCarlo, Replicate};
use crate::metrics::quick_replicates::QuickReplicates;

/// The block length that `options` means for `returns`, in bars.
///
/// # Errors
/// When the series cannot be resampled: no returns.
pub fn block_of(returns: &[f64], options: &MonteCarloOptions) -> Result<usize, Undefined> {
    match options.block {
        BlockSize::Bars(bars) => Ok(usize::try_from(bars).unwrap_or(1)),
        BlockSize::Automatic => block_automatic(returns, options.method),
    }
}

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
        block: block_of(returns, options)?,
        seed: Seed::from_int(options.seed),
    };
    let plain = MonteCarlo::new(returns, periods_per_year, 0.0, resampling)?;
    let ready = QuickReplicates::new(plain);
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

    #[test]
    fn an_automatic_block_is_the_one_that_can_be_stated() {
        let returns = wave(500);
        let automatic = MonteCarloOptions {
            runs: 20,
            method: Method::Stationary,
            block: BlockSize::Automatic,
            ..MonteCarloOptions::default()
        };
        let block = block_of(&returns, &automatic).unwrap();
        let stated = MonteCarloOptions {
            block: BlockSize::Bars(i64::try_from(block).unwrap()),
            ..automatic.clone()
        };
        let of = |options| monte_carlo(&returns, 8760.0, options).unwrap();
        assert_eq!(of(&automatic), of(&stated));
    }
}
