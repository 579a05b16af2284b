//! Small symmetric matrices: eigenvalues and eigenvectors, and functions of a matrix through them.
//!
//! # Formula
//! Cyclic Jacobi rotations, row by row in a fixed order, until the off-diagonal squares are below
//! 1e-32 of all squares (at most 100 sweeps). Slow for hundreds of rows, exact for the handful of
//! strategies that a portfolio has, and the same on every machine. Source: Golub and Van Loan 2013,
//! Matrix Computations, 8.5.
//!
//! # Degenerate cases
//! A matrix that is not square, or holds a NaN or an infinity: a reason. Symmetry is the caller's
//! promise: only what stands on both sides is rotated away.

use super::{Undefined, defined};

/// A square matrix, row by row.
pub type Matrix = Vec<Vec<f64>>;

/// Eigenvalues with their eigenvectors, in the order the rotations leave them.
#[derive(Debug, Clone, PartialEq)]
pub struct Eigen {
    /// Eigenvalues.
    pub values: Vec<f64>,
    /// `vectors[i][k]` is component i of the vector of eigenvalue k.
    pub vectors: Matrix,
}

const SWEEPS: usize = 100;

/// Decomposes a symmetric matrix.
///
/// # Errors
/// `too_few_observations` for no matrix or one that is not square; NaN and infinities.
pub fn eigen(matrix: &[Vec<f64>]) -> Result<Eigen, Undefined> {
    let n = matrix.len();
    if n == 0 || matrix.iter().any(|row| row.len() != n) {
        return Err(Undefined::TooFewObservations);
    }
    let mut a: Matrix = matrix.to_vec();
    let mut all = 0.0;
    for x in a.iter().flatten() {
        all += defined(*x)? * x;
    }
    let mut vectors = identity(n);
    for _ in 0..SWEEPS {
        let mut off = 0.0;
        for (i, row) in a.iter().enumerate() {
            off += row.iter().skip(i + 1).fold(0.0, |sum, x| sum + x * x);
        }
        if off <= 1e-32 * all {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut vectors, p, q);
            }
        }
    }
    let values = (0..n).map(|i| at(&a, i, i)).collect();
    Ok(Eigen { values, vectors })
}

/// The unit matrix.
#[must_use]
pub fn identity(n: usize) -> Matrix {
    let row = |i: usize| (0..n).map(|j| if i == j { 1.0 } else { 0.0 }).collect();
    (0..n).map(row).collect()
}

/// The product of two matrices.
#[must_use]
pub fn product(a: &[Vec<f64>], b: &[Vec<f64>]) -> Matrix {
    let columns = b.first().map_or(0, Vec::len);
    let cell = |row: &[f64], j: usize| {
        let column = b.iter().map(|other| other.get(j).copied().unwrap_or(0.0));
        row.iter().zip(column).fold(0.0, |sum, (x, y)| sum + x * y)
    };
    a.iter()
        .map(|row| (0..columns).map(|j| cell(row, j)).collect())
        .collect()
}

/// V f(D) V' for the eigenvalues D and eigenvectors V of a symmetric matrix.
#[must_use]
pub fn apply(eigen: &Eigen, f: impl Fn(f64) -> f64) -> Matrix {
    let scaled: Matrix = eigen
        .vectors
        .iter()
        .map(|row| {
            row.iter()
                .zip(&eigen.values)
                .map(|(v, d)| v * f(*d))
                .collect()
        })
        .collect();
    let cell = |a: &[f64], b: &[f64]| a.iter().zip(b).fold(0.0, |sum, (x, y)| sum + x * y);
    scaled
        .iter()
        .map(|a| eigen.vectors.iter().map(|b| cell(a, b)).collect())
        .collect()
}

fn at(matrix: &[Vec<f64>], i: usize, j: usize) -> f64 {
    matrix
        .get(i)
        .and_then(|row| row.get(j))
        .copied()
        .unwrap_or(0.0)
}

/// Turns rows and columns p and q so that the element between them becomes 0.
fn rotate(a: &mut Matrix, vectors: &mut Matrix, p: usize, q: usize) {
    let between = at(a, p, q);
    if between.abs() <= 0.0 {
        return;
    }
    let theta = (at(a, q, q) - at(a, p, p)) / (2.0 * between);
    let sign = if theta < 0.0 { -1.0 } else { 1.0 };
    let t = sign / (theta.abs() + libm::sqrt(theta * theta + 1.0));
    let c = 1.0 / libm::sqrt(t * t + 1.0);
    let s = t * c;
    for rows in [&mut *a, vectors] {
        for row in rows.iter_mut() {
            turn(row, p, q, c, s);
        }
    }
    let (Some(upper), Some(lower)) = (a.get(p).cloned(), a.get(q).cloned()) else {
        return;
    };
    if let Some(row) = a.get_mut(p) {
        *row = upper
            .iter()
            .zip(&lower)
            .map(|(x, y)| c * x - s * y)
            .collect();
    }
    if let Some(row) = a.get_mut(q) {
        *row = upper
            .iter()
            .zip(&lower)
            .map(|(x, y)| s * x + c * y)
            .collect();
    }
}

fn turn(row: &mut [f64], p: usize, q: usize, c: f64, s: f64) {
    if let (Some(x), Some(y)) = (row.get(p).copied(), row.get(q).copied()) {
        if let Some(cell) = row.get_mut(p) {
            *cell = c * x - s * y;
        }
        if let Some(cell) = row.get_mut(q) {
            *cell = s * x + c * y;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn by_hand() {
        // 2 1 / 1 2: eigenvalues 1 and 3.
        let found = eigen(&[vec![2.0, 1.0], vec![1.0, 2.0]]).unwrap();
        let mut values = found.values.clone();
        values.sort_by(f64::total_cmp);
        assert!((values[0] - 1.0).abs() < 1e-14 && (values[1] - 3.0).abs() < 1e-14);
        // Its square root: (1 + sqrt 3) / 2 and (sqrt 3 - 1) / 2.
        let root = apply(&found, f64::sqrt);
        let three = 3.0_f64.sqrt();
        assert!((root[0][0] - (1.0 + three) / 2.0).abs() < 1e-14);
        assert!((root[0][1] - (three - 1.0) / 2.0).abs() < 1e-14);
        assert_eq!(eigen(&[vec![5.0]]).unwrap().values, [5.0]);
    }

    #[test]
    fn no_value() {
        assert_eq!(eigen(&[]), Err(Undefined::TooFewObservations));
        let odd = [vec![1.0, 0.0]];
        assert_eq!(eigen(&odd), Err(Undefined::TooFewObservations));
        assert_eq!(eigen(&[vec![f64::NAN]]), Err(Undefined::NotANumber));
    }

    proptest! {
        #[test]
        fn the_parts_make_the_whole(cells in prop::collection::vec(-1.0_f64..1.0, 36), n in 1_usize..7) {
            let matrix: Matrix = (0..n)
                .map(|i| (0..n).map(|j| cells[i.min(j) * 6 + i.max(j)]).collect())
                .collect();
            let found = eigen(&matrix).unwrap();
            let again = apply(&found, |d| d);
            let columns: Matrix = (0..n).map(|k| found.vectors.iter().map(|r| r[k]).collect()).collect();
            let unit = product(&columns, &found.vectors);
            for i in 0..n {
                for j in 0..n {
                    prop_assert!((again[i][j] - matrix[i][j]).abs() < 1e-12);
                    prop_assert!((unit[i][j] - identity(n)[i][j]).abs() < 1e-12);
                }
            }
        }
    }
}
