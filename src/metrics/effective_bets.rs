//! How many independent bets a portfolio is, counted in four ways.
//!
//! # Formula
//! With weights w and covariance S, v^2 = w'Sw:
//! - by weights: 1 / sum(w^2) of the weights' shares w / sum(|w|);
//! - by risk: 1 / sum(p^2), p\[i\] = w\[i\] (Sw)\[i\] / v^2 (in [`super::risk`]);
//! - by rank: exp(-sum(l ln l)) over l\[k\] = eigenvalue k of the correlation matrix over their number,
//!   whatever the weights. Source: Roy and Vetterli 2007;
//! - by entropy of the shares of risk of uncorrelated factors, exp(-sum(p ln p)): principal components
//!   of S, p\[k\] = (e\[k\]'w)^2 l\[k\] / v^2, source: Meucci 2009; or the minimum torsion, the
//!   uncorrelated factors closest to the strategies themselves, source: Meucci, Santangelo and
//!   Deguest 2015. The torsion is t = D(s) x D(s)^-1 with x = D(d) q C^(-1/2), C the correlation
//!   matrix with root c, q = (D(d) C D(d))^(-1/2) D(d) c and d = diag(q c) iterated from d = 1 until it
//!   stands still to 1e-14; p = (t'^-1 w) (t S w) / v^2.
//!
//! # Units
//! Bets, from 1 to the number of strategies (by risk it may be less where a strategy hedges).
//!
//! # Degenerate cases
//! No strategy, other number of weights, fewer than two bars: `too_few_observations`. No weight:
//! `zero_denominator`. No risk, or a strategy that never moves: `zero_variance`, which for the torsion
//! also holds when two strategies are copies of each other (an eigenvalue at most 1e-12).

use super::correlation::covariance;
use super::dispersion::ZERO_SHARE;
use super::symmetric::{Matrix, apply, eigen, product};
use super::{MetricResult, Undefined, defined};

const ROUNDS: usize = 10_000;

/// By weights: inverse Herfindahl index.
///
/// # Errors
/// `too_few_observations` without weights; `zero_denominator`.
pub fn bets_by_weight(weights: &[f64]) -> MetricResult {
    if weights.is_empty() {
        return Err(Undefined::TooFewObservations);
    }
    let sum = weights.iter().fold(0.0, |sum, w| sum + w.abs());
    let squares = weights.iter().fold(0.0, |sum, w| sum + w * w);
    if squares <= 0.0 {
        return Err(Undefined::ZeroDenominator);
    }
    defined(sum * sum / squares)
}

/// By rank of the correlation matrix.
///
/// # Errors
/// As the degenerate cases say.
pub fn bets_by_rank(strategies: &[&[f64]]) -> MetricResult {
    let scene = Scene::new(strategies)?;
    let n = strategies.len() as f64;
    let shares: Vec<f64> = eigen(&scene.correlation)?
        .values
        .iter()
        .map(|l| l / n)
        .collect();
    bets_by_entropy(&shares)
}

/// By principal components.
///
/// # Errors
/// As the degenerate cases say.
pub fn bets_by_components(weights: &[f64], strategies: &[&[f64]]) -> MetricResult {
    let scene = Scene::new(strategies)?;
    let variance = scene.variance(weights)?;
    let parts = eigen(&scene.covariance)?;
    let mut shares = Vec::new();
    for (k, value) in parts.values.iter().enumerate() {
        let rows = parts.vectors.iter().zip(weights);
        let held = rows.fold(0.0, |sum, (row, w)| {
            sum + row.get(k).copied().unwrap_or(0.0) * w
        });
        shares.push(held * held * value / variance);
    }
    bets_by_entropy(&shares)
}

/// By minimum torsion.
///
/// # Errors
/// As the degenerate cases say.
pub fn bets_by_torsion(weights: &[f64], strategies: &[&[f64]]) -> MetricResult {
    let scene = Scene::new(strategies)?;
    let variance = scene.variance(weights)?;
    let (x, inverse) = torsion(&scene.correlation)?;
    // t = D(s) x D(s)^-1, so t S w = D(s) x C D(s) w and t'^-1 w = D(s)^-1 x'^-1 D(s) w: the outer
    // scales cancel in the product, and what is left works on D(s) w.
    let scaled: Matrix = weights
        .iter()
        .zip(&scene.deviations)
        .map(|(w, s)| vec![w * s])
        .collect();
    let moved = product(&x, &product(&scene.correlation, &scaled));
    let transposed: Matrix = (0..inverse.len())
        .map(|j| {
            inverse
                .iter()
                .filter_map(|row| row.get(j))
                .copied()
                .collect()
        })
        .collect();
    let held = product(&transposed, &scaled);
    let pairs = held.iter().flatten().zip(moved.iter().flatten());
    let shares: Vec<f64> = pairs.map(|(a, b)| a * b / variance).collect();
    bets_by_entropy(&shares)
}

/// exp(-sum(p ln p)); shares of 0 add nothing, and neither does the rounding below it.
fn bets_by_entropy(shares: &[f64]) -> MetricResult {
    let positive = shares.iter().filter(|p| **p > 0.0);
    defined(libm::exp(
        -positive.fold(0.0, |sum, p| sum + p * libm::log(*p)),
    ))
}

/// The minimum torsion of the correlation matrix, and its inverse.
fn torsion(correlation: &[Vec<f64>]) -> Result<(Matrix, Matrix), Undefined> {
    let parts = eigen(correlation)?;
    if parts.values.iter().any(|l| *l <= ZERO_SHARE) {
        return Err(Undefined::ZeroVariance);
    }
    let root = apply(&parts, libm::sqrt);
    let inverse_root = apply(&parts, |l| 1.0 / libm::sqrt(l));
    let n = correlation.len();
    let mut d = vec![1.0; n];
    let mut q: Matrix = Vec::new();
    for _ in 0..ROUNDS {
        let inner: Matrix = correlation
            .iter()
            .zip(&d)
            .map(|(row, a)| row.iter().zip(&d).map(|(c, b)| a * c * b).collect())
            .collect();
        let scaled: Matrix = root
            .iter()
            .zip(&d)
            .map(|(row, a)| row.iter().map(|c| a * c).collect())
            .collect();
        q = product(&apply(&eigen(&inner)?, |l| 1.0 / libm::sqrt(l)), &scaled);
        let next = product(&q, &root);
        let next: Vec<f64> = (0..n)
            .filter_map(|i| next.get(i).and_then(|row| row.get(i)).copied())
            .collect();
        let moved = next
            .iter()
            .zip(&d)
            .fold(0.0_f64, |most, (a, b)| most.max((a - b).abs()));
        if moved < 1e-14 {
            break;
        }
        d = next;
    }
    let scale = |rows: &[Vec<f64>]| -> Matrix {
        let rows = rows.iter().zip(&d);
        rows.map(|(row, a)| row.iter().map(|x| a * x).collect())
            .collect()
    };
    let x = product(&scale(&q), &inverse_root);
    // x^-1 = c q' D(d)^-1, q being a rotation.
    let turned: Matrix = (0..n)
        .map(|j| {
            let column = q.iter().zip(&d);
            column
                .map(|(row, a)| row.get(j).copied().unwrap_or(0.0) / a)
                .collect()
        })
        .collect();
    Ok((x, product(&root, &turned)))
}

/// Covariance and correlation of aligned strategies.
struct Scene {
    covariance: Matrix,
    correlation: Matrix,
    deviations: Vec<f64>,
}

impl Scene {
    fn new(strategies: &[&[f64]]) -> Result<Self, Undefined> {
        if strategies.is_empty() {
            return Err(Undefined::TooFewObservations);
        }
        let mut table: Matrix = Vec::new();
        for a in strategies {
            let row: Result<Vec<f64>, Undefined> =
                strategies.iter().map(|b| covariance(a, b)).collect();
            table.push(row?);
        }
        let mut deviations = Vec::new();
        for a in strategies {
            let spread = super::dispersion::spread(a)?;
            if spread.is_zero() {
                return Err(Undefined::ZeroVariance);
            }
            deviations.push(spread.std);
        }
        let correlation = table
            .iter()
            .zip(&deviations)
            .map(|(row, a)| {
                row.iter()
                    .zip(&deviations)
                    .map(|(c, b)| c / a / b)
                    .collect()
            })
            .collect();
        Ok(Self {
            covariance: table,
            correlation,
            deviations,
        })
    }

    /// w'Sw.
    fn variance(&self, weights: &[f64]) -> MetricResult {
        if weights.len() != self.covariance.len() {
            return Err(Undefined::TooFewObservations);
        }
        let rows = self.covariance.iter().zip(weights);
        let variance = rows.fold(0.0, |sum, (row, w)| {
            sum + w * row.iter().zip(weights).fold(0.0, |sum, (c, v)| sum + c * v)
        });
        let largest = weights.iter().zip(&self.deviations);
        let largest = largest.fold(0.0_f64, |most, (w, s)| most.max((w * s).abs()));
        if defined(variance)? <= ZERO_SHARE * largest * largest {
            return Err(Undefined::ZeroVariance);
        }
        Ok(variance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Two unrelated series of the same size, and a copy of the first.
    const X: [f64; 4] = [0.01, -0.01, 0.01, -0.01];
    const Y: [f64; 4] = [0.01, 0.01, -0.01, -0.01];

    #[test]
    fn two_unrelated_equal_strategies_are_two_bets() {
        let (w, s): (_, [&[f64]; 2]) = ([0.5, 0.5], [&X, &Y]);
        assert!((bets_by_weight(&w).unwrap() - 2.0).abs() < 1e-15);
        for found in [
            bets_by_rank(&s),
            bets_by_components(&w, &s),
            bets_by_torsion(&w, &s),
        ] {
            assert!((found.unwrap() - 2.0).abs() < 1e-12, "{found:?}");
        }
    }

    #[test]
    fn by_hand() {
        // 0.6 and 0.4: 1 / 0.52. Unrelated: shares of risk 0.36 and 0.16 over 0.52.
        let w = [0.6, 0.4];
        assert!((bets_by_weight(&w).unwrap() - 1.0 / 0.52).abs() < 1e-12);
        let (a, b) = (0.36_f64 / 0.52, 0.16_f64 / 0.52);
        let wanted = (-(a * a.ln() + b * b.ln())).exp();
        let found = bets_by_torsion(&w, &[&X, &Y]).unwrap();
        assert!((found - wanted).abs() < 1e-12, "{found}");
        // A copy: rank one, and no torsion.
        let one = bets_by_rank(&[&X, &X]).unwrap();
        assert!((one - 1.0).abs() < 1e-7, "{one}");
        let copies = bets_by_torsion(&w, &[&X, &X]);
        assert_eq!(copies, Err(Undefined::ZeroVariance));
    }

    #[test]
    fn no_value() {
        let few = Err(Undefined::TooFewObservations);
        assert_eq!(bets_by_weight(&[]), few);
        assert_eq!(bets_by_rank(&[]), few);
        assert_eq!(bets_by_torsion(&[1.0], &[&X, &Y]), few);
        assert_eq!(bets_by_weight(&[0.0]), Err(Undefined::ZeroDenominator));
        let flat = Err(Undefined::ZeroVariance);
        assert_eq!(bets_by_rank(&[&X, &[0.1; 4]]), flat);
        // Long and short of the same: no risk is left.
        assert_eq!(bets_by_components(&[0.5, -0.5], &[&X, &X]), flat);
    }

    proptest! {
        #[test]
        fn never_more_bets_than_strategies(
            rows in prop::collection::vec(prop::collection::vec(-0.05_f64..0.05, 30), 2..5),
            weights in prop::collection::vec(0.05_f64..1.0, 5),
        ) {
            let series: Vec<&[f64]> = rows.iter().map(|r| &r[..]).collect();
            let weights = &weights[..rows.len()];
            let most = rows.len() as f64 + 1e-9;
            for bets in [
                bets_by_weight(weights),
                bets_by_rank(&series),
                bets_by_components(weights, &series),
            ] {
                let bets = bets.unwrap();
                prop_assert!((1.0 - 1e-9..=most).contains(&bets), "{bets}");
            }
            // The factors of the torsion are uncorrelated and their shares of risk add up, so that the
            // count is the same at any leverage.
            let plain = bets_by_torsion(weights, &series).unwrap();
            let doubled: Vec<f64> = weights.iter().map(|w| 2.0 * w).collect();
            let leveraged = bets_by_torsion(&doubled, &series).unwrap();
            prop_assert!((plain - leveraged).abs() < 1e-9);
        }
    }
}
