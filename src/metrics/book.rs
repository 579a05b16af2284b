//! The book: a candidate together with every portfolio that is already LIVE.
//!
//! # Formula
//! Every portfolio counts with its capital, on the bars that all of them have in common (a later
//! common start than the longest series has is no fault). `book_max_drawdown` is the maximum
//! drawdown of the returns sum(c r) / sum(c); `book_correlation_max` the largest Pearson correlation
//! of the candidate with one of the others; `book_exposure` the sum of what the limits let each of
//! them hold, over the sum of their capital.
//!
//! # Units
//! Fraction, ratio, fraction.
//!
//! # Degenerate cases
//! Alone in the book: the drawdown is its own and the correlation has no value,
//! `too_few_observations`. Fewer than two common bars: `too_few_observations`. No capital:
//! `zero_denominator`; a negative one: `out_of_range`. A portfolio that never moves:
//! `zero_variance`.

use super::correlation::pearson;
use super::drawdown::max_drawdown;
use super::{MetricResult, Undefined, defined};
use crate::kernel::time::UtcTime;

/// One portfolio of the book.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Holding<'a> {
    /// Times of its bars, ascending.
    pub times: &'a [UtcTime],
    /// Returns per bar.
    pub returns: &'a [f64],
    /// Money.
    pub capital: f64,
    /// Largest sum of positions that its limits allow, in money.
    pub exposure_max: f64,
}

/// What the book looks like with the candidate in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Book {
    /// Maximum drawdown of all of them together.
    pub max_drawdown: MetricResult,
    /// Largest correlation of the candidate with one of the others.
    pub correlation_max: MetricResult,
    /// Exposure that the limits allow, over capital.
    pub exposure: MetricResult,
}

/// The figures of `candidate` among `live`.
#[must_use]
pub fn book(candidate: &Holding<'_>, live: &[Holding<'_>]) -> Book {
    let all: Vec<&Holding<'_>> = std::iter::once(candidate).chain(live).collect();
    let common = common(&all);
    Book {
        max_drawdown: common.as_ref().map_err(|e| *e).and_then(|columns| {
            let capital = capital(&all)?;
            let bars = columns.first().map_or(0, Vec::len);
            let together: Vec<f64> = (0..bars)
                .map(|bar| {
                    let rows = all.iter().zip(columns);
                    let sum = rows.fold(0.0, |sum, (holding, column)| {
                        sum + holding.capital * column.get(bar).copied().unwrap_or(f64::NAN)
                    });
                    sum / capital
                })
                .collect();
            max_drawdown(&together)
        }),
        correlation_max: common.and_then(|columns| {
            let own = columns.first().ok_or(Undefined::TooFewObservations)?;
            let mut largest = Err(Undefined::TooFewObservations);
            for other in columns.iter().skip(1) {
                let r = pearson(own, other)?;
                largest = Ok(largest.map_or(r, |most: f64| most.max(r)));
            }
            largest
        }),
        exposure: capital(&all).and_then(|capital| {
            let sum = all.iter().fold(0.0, |sum, h| sum + h.exposure_max);
            defined(sum / capital)
        }),
    }
}

fn capital(all: &[&Holding<'_>]) -> MetricResult {
    if all.iter().any(|h| h.capital < 0.0) {
        return Err(Undefined::OutOfRange);
    }
    let sum = defined(all.iter().fold(0.0, |sum, h| sum + h.capital))?;
    if sum <= 0.0 {
        return Err(Undefined::ZeroDenominator);
    }
    Ok(sum)
}

/// Every portfolio's returns on the bars that all have.
fn common(all: &[&Holding<'_>]) -> Result<Vec<Vec<f64>>, Undefined> {
    let first = all.first().ok_or(Undefined::TooFewObservations)?;
    if all.iter().any(|h| h.times.len() != h.returns.len()) {
        return Err(Undefined::TooFewObservations);
    }
    let at = |holding: &Holding<'_>, time: &UtcTime| {
        let bar = holding.times.binary_search(time).ok()?;
        holding.returns.get(bar).copied()
    };
    let mut columns = vec![Vec::new(); all.len()];
    for time in first.times {
        let row: Option<Vec<f64>> = all.iter().map(|holding| at(holding, time)).collect();
        for (column, r) in columns.iter_mut().zip(row.into_iter().flatten()) {
            column.push(r);
        }
    }
    match columns.first() {
        Some(column) if column.len() >= 2 => Ok(columns),
        _ => Err(Undefined::TooFewObservations),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: i64, n: i64) -> Vec<UtcTime> {
        (from..from + n)
            .map(|d| UtcTime::EPOCH.plus_days(d))
            .collect()
    }

    #[test]
    fn hand_computed() {
        let times = days(0, 4);
        let later = days(1, 4);
        let candidate = Holding {
            times: &times,
            returns: &[9.0, 0.1, -0.2, 0.1],
            capital: 1000.0,
            exposure_max: 500.0,
        };
        let other = Holding {
            times: &later,
            returns: &[0.1, 0.2, -0.1, 9.0],
            capital: 3000.0,
            exposure_max: 3000.0,
        };
        // Common: days 1 to 3. Together 0.1, 0.1, -0.05.
        let both = book(&candidate, &[other]);
        assert!((both.max_drawdown.unwrap() - 0.05).abs() < 1e-12);
        assert!((both.exposure.unwrap() - 0.875).abs() < 1e-12);
        let r = pearson(&[0.1, -0.2, 0.1], &[0.1, 0.2, -0.1]).unwrap();
        assert_eq!(both.correlation_max, Ok(r));
    }

    #[test]
    fn alone_apart_and_flat() {
        let times = days(0, 3);
        let far = days(9, 3);
        let own = Holding {
            times: &times,
            returns: &[0.1, -0.5, 0.1],
            capital: 10.0,
            exposure_max: 5.0,
        };
        let alone = book(&own, &[]);
        assert_eq!(alone.max_drawdown, Ok(0.5));
        assert_eq!(alone.correlation_max, Err(Undefined::TooFewObservations));
        assert_eq!(alone.exposure, Ok(0.5));
        let apart = book(&own, &[Holding { times: &far, ..own }]);
        assert_eq!(apart.max_drawdown, Err(Undefined::TooFewObservations));
        let flat = Holding {
            returns: &[0.0; 3],
            ..own
        };
        let with_flat = book(&own, &[own, flat]);
        assert_eq!(with_flat.correlation_max, Err(Undefined::ZeroVariance));
        let poor = Holding {
            capital: 0.0,
            ..own
        };
        assert_eq!(book(&poor, &[]).exposure, Err(Undefined::ZeroDenominator));
        let owing = Holding {
            capital: -1.0,
            ..own
        };
        assert_eq!(book(&own, &[owing]).exposure, Err(Undefined::OutOfRange));
    }
}
