//! Is the best of many rules better than the benchmark, or only the luckiest? White's reality check
//! and Hansen's test for superior predictive ability.
//!
//! # Formula
//! Per rule k the mean d\[k\] of its advantage over the benchmark, n bars, and its standard error
//! w\[k\] / sqrt(n) with w^2 = g(0) + 2 sum over i of c(i) g(i), g the autocovariance (divided by n) and
//! c(i) = (1 - i/n)(1 - p)^i + (i/n)(1 - p)^(n - i), p = 1/block: the variance that the stationary
//! bootstrap with that mean block has. The statistic is T = max(0, max sqrt(n) d\[k\] / w\[k\]). Its
//! distribution without any advantage comes from the resampled means m\*\[k\]: T\* is the maximum of 0
//! and of sqrt(n) (m\*\[k\] - g(d\[k\])) / w\[k\], and the p-value the share of T\* above T. Three choices
//! of g: `lower` max(d, 0), `consistent` d where d >= -w sqrt(2 ln ln n / n) and 0 below (rules that
//! are clearly bad no longer count), `upper` d. `upper` is the studentised reality check;
//! [`reality_check`] is White's own, without dividing by w. Source: White 2000, Econometrica 68(5);
//! Hansen 2005, Journal of Business and Economic Statistics 23(4).
//!
//! # Units
//! Probabilities: small says that luck alone does not explain the best rule.
//!
//! # Degenerate cases
//! No rule, different lengths, fewer than three bars, or no runs: `too_few_observations`. A rule
//! whose advantage never changes: `zero_variance`.

use super::bootstrap::Resampling;
use super::dispersion::{count_of, spread};
use super::{MetricResult, Undefined};

/// The three p-values of Hansen's test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SuperiorAbility {
    /// Lower bound.
    pub lower: f64,
    /// The test's p-value.
    pub consistent: f64,
    /// Upper bound: the studentised reality check.
    pub upper: f64,
}

/// Hansen's test for `advantages`, per rule its return above the benchmark's in every bar.
///
/// # Errors
/// As the degenerate cases say; NaN and infinities.
pub fn superior_ability(
    advantages: &[&[f64]],
    resampling: &Resampling,
    runs: u32,
) -> Result<SuperiorAbility, Undefined> {
    let rules = Rules::new(advantages, resampling)?;
    if runs == 0 {
        return Err(Undefined::TooFewObservations);
    }
    let root = libm::sqrt(rules.bars);
    let edge = libm::sqrt(2.0 * libm::log(libm::log(rules.bars)) / rules.bars);
    let columns: Vec<Column> = rules
        .means
        .iter()
        .zip(&rules.deviations)
        .map(|(mean, deviation)| Column {
            scale: root / deviation,
            centres: [
                mean.max(0.0),
                if *mean >= -deviation * edge {
                    *mean
                } else {
                    0.0
                },
                *mean,
            ],
        })
        .collect();
    let statistic = rules
        .means
        .iter()
        .zip(&columns)
        .fold(0.0_f64, |most, (mean, column)| {
            most.max(mean * column.scale)
        });
    let mut above = [0_u32; 3];
    let mut resampled = vec![0.0; columns.len()];
    for run in 0..u64::from(runs) {
        rules.resample(resampling, run, &mut resampled);
        let mut most = [0.0_f64; 3];
        for (mean, column) in resampled.iter().zip(&columns) {
            for (most, centre) in most.iter_mut().zip(&column.centres) {
                *most = most.max((mean - centre) * column.scale);
            }
        }
        for (above, most) in above.iter_mut().zip(most) {
            *above += u32::from(most > statistic);
        }
    }
    let [lower, consistent, upper] = above.map(|count| f64::from(count) / f64::from(runs));
    Ok(SuperiorAbility {
        lower,
        consistent,
        upper,
    })
}

/// White's reality check: the share of resamples whose largest centred mean is above the largest
/// mean found.
///
/// # Errors
/// As [`superior_ability`].
pub fn reality_check(advantages: &[&[f64]], resampling: &Resampling, runs: u32) -> MetricResult {
    let rules = Rules::new(advantages, resampling)?;
    if runs == 0 {
        return Err(Undefined::TooFewObservations);
    }
    let largest = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::NEG_INFINITY, f64::max);
    let statistic = largest(&mut rules.means.iter().copied());
    let mut above = 0_u32;
    let mut resampled = vec![0.0; rules.means.len()];
    for run in 0..u64::from(runs) {
        rules.resample(resampling, run, &mut resampled);
        let mut centred = resampled.iter().zip(&rules.means).map(|(m, d)| m - d);
        above += u32::from(largest(&mut centred) > statistic);
    }
    Ok(f64::from(above) / f64::from(runs))
}

struct Column {
    scale: f64,
    centres: [f64; 3],
}

struct Rules {
    bars: f64,
    means: Vec<f64>,
    deviations: Vec<f64>,
    /// Per rule the sums of the first 0, 1, .. n bars.
    prefix: Vec<Vec<f64>>,
}

impl Rules {
    fn new(advantages: &[&[f64]], resampling: &Resampling) -> Result<Self, Undefined> {
        let bars = advantages.first().map_or(0, |a| a.len());
        if bars < 3 || advantages.iter().any(|a| a.len() != bars) {
            return Err(Undefined::TooFewObservations);
        }
        let (mut means, mut deviations, mut prefix) = (Vec::new(), Vec::new(), Vec::new());
        for advantage in advantages {
            let spread = spread(advantage)?;
            if spread.is_zero() {
                return Err(Undefined::ZeroVariance);
            }
            means.push(spread.mean);
            deviations.push(long_run_deviation(
                advantage,
                spread.mean,
                resampling.block,
            )?);
            let mut sum = 0.0;
            let sums = advantage.iter().map(|x| {
                sum += x;
                sum
            });
            prefix.push(std::iter::once(0.0).chain(sums).collect());
        }
        Ok(Self {
            bars: bars as f64,
            means,
            deviations,
            prefix,
        })
    }

    /// The means of one resample, the same bars for every rule.
    fn resample(&self, resampling: &Resampling, run: u64, means: &mut [f64]) {
        let bars = self.prefix.first().map_or(0, |p| p.len() - 1);
        let runs: Vec<(usize, usize)> = resampling
            .runs(bars, run)
            .map(|run| (run.start, run.start + run.len))
            .collect();
        for (mean, prefix) in means.iter_mut().zip(&self.prefix) {
            let at = |i: usize| prefix.get(i).copied().unwrap_or(f64::NAN);
            let sum = runs
                .iter()
                .fold(0.0, |sum, (from, to)| sum + (at(*to) - at(*from)));
            *mean = sum / self.bars;
        }
    }
}

/// Square root of the long-run variance with the stationary bootstrap's weights.
fn long_run_deviation(values: &[f64], mean: f64, block: usize) -> MetricResult {
    let n = count_of(values);
    let stay = 1.0 - 1.0 / block.max(1) as f64;
    let covariance = |lag: usize| {
        let pairs = values.iter().zip(values.iter().skip(lag));
        pairs.fold(0.0, |sum, (a, b)| sum + (a - mean) * (b - mean)) / n
    };
    let mut variance = covariance(0);
    for lag in 1..values.len() {
        let i = lag as f64;
        let weight = (1.0 - i / n) * libm::pow(stay, i) + i / n * libm::pow(stay, n - i);
        // Between both ends of the circle the weights vanish.
        if weight > 1e-18 {
            variance += 2.0 * weight * covariance(lag);
        }
    }
    if variance <= 0.0 {
        return Err(Undefined::ZeroVariance);
    }
    Ok(libm::sqrt(variance))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::bootstrap::{Method, Seed};

    const RESAMPLING: Resampling = Resampling {
        method: Method::Stationary,
        block: 5,
        seed: Seed::from_key([7; 32]),
    };

    /// Independent noise of a counter generator, shifted by `drift` standard deviations.
    fn noise(seed: u64, n: usize, drift: f64) -> Vec<f64> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        (0..n)
            .map(|_| {
                let mut sum = 0.0;
                for _ in 0..12 {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    sum += (state >> 11) as f64 / 9_007_199_254_740_992.0;
                }
                0.01 * (sum - 6.0 + drift)
            })
            .collect()
    }

    #[test]
    fn skill_stands_out_and_luck_does_not() {
        let lucky: Vec<Vec<f64>> = (0..40).map(|i| noise(i + 1, 300, 0.0)).collect();
        let mut series: Vec<&[f64]> = lucky.iter().map(|r| &r[..]).collect();
        let none = superior_ability(&series, &RESAMPLING, 500).unwrap();
        assert!(none.consistent > 0.05, "{none:?}");
        assert!(reality_check(&series, &RESAMPLING, 500).unwrap() > 0.05);
        let able = noise(99, 300, 0.4);
        series.push(&able);
        let found = superior_ability(&series, &RESAMPLING, 500).unwrap();
        assert!(found.upper < 0.01, "{found:?}");
        assert!(reality_check(&series, &RESAMPLING, 500).unwrap() < 0.01);
        for p in [none, found] {
            assert!(p.lower <= p.consistent && p.consistent <= p.upper, "{p:?}");
        }
    }

    #[test]
    fn hopeless_rules_weaken_the_reality_check_and_not_the_consistent_test() {
        let good = noise(3, 400, 0.11);
        let bad: Vec<Vec<f64>> = (0..60).map(|i| noise(i + 200, 400, -1.5)).collect();
        let alone = superior_ability(&[&good], &RESAMPLING, 2000).unwrap();
        let mut series: Vec<&[f64]> = bad.iter().map(|r| &r[..]).collect();
        series.push(&good);
        let among = superior_ability(&series, &RESAMPLING, 2000).unwrap();
        assert!(
            (among.lower - alone.lower).abs() < 0.02,
            "{alone:?} {among:?}"
        );
        assert!(among.upper > alone.upper + 0.05, "{alone:?} {among:?}");
    }

    #[test]
    fn the_long_run_variance_by_hand() {
        // 1, -1, 1, -1, p = 1/2: g = 1, -3/4, 1/2, -1/4; c(1) = 3/8 + 1/32, c(2) = 1/4, c(3) = c(1).
        let c = 3.0 / 8.0 + 1.0 / 32.0;
        let wanted = 1.0 + 2.0 * (c * -0.75 + 0.25 * 0.5 + c * -0.25);
        let found = long_run_deviation(&[1.0, -1.0, 1.0, -1.0], 0.0, 2).unwrap();
        assert!((found * found - wanted).abs() < 1e-12);
    }

    #[test]
    fn no_value() {
        let few = Err(Undefined::TooFewObservations);
        assert_eq!(superior_ability(&[], &RESAMPLING, 9), few);
        let r = noise(1, 50, 0.0);
        assert_eq!(superior_ability(&[&r], &RESAMPLING, 0), few);
        assert_eq!(superior_ability(&[&r, &r[1..]], &RESAMPLING, 9), few);
        assert_eq!(
            reality_check(&[&[0.1; 9]], &RESAMPLING, 9),
            Err(Undefined::ZeroVariance)
        );
    }
}
