//! The binomial distribution: how often something of probability p happens in n tries.
//!
//! # Formula
//! P(B = k) = C(n, k) p^k (1 - p)^(n - k), through logarithms of the gamma function (libm); P(B <= k)
//! is the sum from the smaller side of the distribution.
//!
//! # Degenerate cases
//! p of 0 or 1: everything at 0 or n. At most k with k >= n: 1.

/// Probability of exactly `k` in `n`.
#[must_use]
pub fn exactly(n: u32, k: u32, p: f64) -> f64 {
    if k > n {
        return 0.0;
    }
    let (n, k) = (f64::from(n), f64::from(k));
    let log_of = |count: f64, x: f64| if count > 0.0 { count * x } else { 0.0 };
    let choices = libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
    libm::exp(choices + log_of(k, libm::log(p)) + log_of(n - k, libm::log1p(-p)))
}

/// Probability of at most `k` in `n`.
#[must_use]
pub fn at_most(n: u32, k: u32, p: f64) -> f64 {
    if k >= n {
        return 1.0;
    }
    // The side of fewer terms that matter: below the mean from k down, above it from k + 1 up.
    if f64::from(k) <= p * f64::from(n) {
        sum_outwards((0..=k).rev(), n, p)
    } else {
        1.0 - sum_outwards(k + 1..=n, n, p)
    }
}

/// Adds terms that only become smaller, until they no longer count.
fn sum_outwards(order: impl Iterator<Item = u32>, n: u32, p: f64) -> f64 {
    let mut sum = 0.0;
    for k in order {
        let term = exactly(n, k, p);
        sum += term;
        if term <= sum * 1e-18 {
            break;
        }
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn by_hand() {
        // Four coins: 1, 4, 6, 4, 1 of 16.
        for (k, wanted) in [(0, 1.0), (1, 5.0), (2, 11.0), (3, 15.0), (4, 16.0)] {
            assert!((at_most(4, k, 0.5) - wanted / 16.0).abs() < 1e-14, "{k}");
        }
        assert!((exactly(10, 3, 0.2) - 0.201_326_592).abs() < 1e-12);
        assert!((exactly(5, 0, 0.0) - 1.0).abs() < 1e-15);
        assert!((exactly(5, 5, 1.0) - 1.0).abs() < 1e-15);
        assert!(exactly(5, 6, 0.5).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn both_sides_agree(n in 1_u32..400, share in 0_u32..1000, p in 0.01_f64..0.99) {
            let k = share * n / 1000;
            let plain: f64 = (0..=k).map(|k| exactly(n, k, p)).sum();
            prop_assert!((at_most(n, k, p) - plain.min(1.0)).abs() < 1e-10);
            if k < n {
                let mirrored = 1.0 - at_most(n, n - k - 1, 1.0 - p);
                prop_assert!((at_most(n, k, p) - mirrored).abs() < 1e-10);
            }
        }
    }
}
