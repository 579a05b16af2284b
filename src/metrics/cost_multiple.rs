//! A series at another multiple of its costs.
//!
//! # Formula
//! r\[t\] - (multiple - 1) c\[t\], with c\[t\] what was paid in bar t as a share of the equity before it.
//! At 0 the costs are gone, at 1 the series is what it was. It holds as long as costs change neither
//! what is traded nor its size as a share of the equity, which is true of rules that do not look at
//! their own costs.
//!
//! # Units
//! Fractions per period; the multiple is a ratio.
//!
//! # Degenerate cases
//! Not one cost per return: `too_few_observations`. A negative multiple: `out_of_range`. A bar that
//! would lose more than everything loses everything (-1).

use super::{Undefined, defined, returns::check};

/// `returns` had costs been `multiple` times the `costs` of each bar.
///
/// # Errors
/// As the degenerate cases say; NaN and infinities.
pub fn at_costs(returns: &[f64], costs: &[f64], multiple: f64) -> Result<Vec<f64>, Undefined> {
    check(returns)?;
    if returns.len() != costs.len() {
        return Err(Undefined::TooFewObservations);
    }
    if defined(multiple)? < 0.0 {
        return Err(Undefined::OutOfRange);
    }
    let pairs = returns.iter().zip(costs);
    pairs
        .map(|(r, c)| Ok(defined(r - (multiple - 1.0) * c)?.max(-1.0)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let (returns, costs) = ([0.01, -0.02, 0.0], [0.002, 0.0, 0.001]);
        let near = |found: Vec<f64>, wanted: [f64; 3]| {
            let mut pairs = found.iter().zip(&wanted);
            pairs.all(|(a, b)| (a - b).abs() < 1e-15)
        };
        assert_eq!(at_costs(&returns, &costs, 1.0).unwrap(), returns);
        let none = at_costs(&returns, &costs, 0.0).unwrap();
        assert!(near(none, [0.012, -0.02, 0.001]));
        let triple = at_costs(&returns, &costs, 3.0).unwrap();
        assert!(near(triple, [0.006, -0.02, -0.002]));
        assert_eq!(at_costs(&[-0.5], &[0.4], 3.0), Ok(vec![-1.0]));
        let few = Err(Undefined::TooFewObservations);
        assert_eq!(at_costs(&returns, &costs[..1], 1.0), few);
        let below = at_costs(&returns, &costs, -1.0);
        assert_eq!(below, Err(Undefined::OutOfRange));
        assert!(at_costs(&returns, &[f64::NAN; 3], 2.0).is_err());
    }
}
