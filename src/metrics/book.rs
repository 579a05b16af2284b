//! The book: a candidate together with every portfolio that is already LIVE.
//!
//! # Formula
//! Every portfolio counts with its capital. A common time is one at which all of them have a bar;
//! between two common times next to each other each portfolio made what its bars in between
//! compound to, so bars of different length and bars that one of them lacks lose nothing.
//! `book_max_drawdown` is the maximum drawdown of the returns sum(c r) / sum(c);
//! `book_correlation_max` the largest Pearson correlation of the candidate with one of the others;
//! `book_exposure` the sum of what the limits let each of them hold, over the sum of their capital.
//!
//! # Units
//! Fraction, ratio, fraction.
//!
//! # Degenerate cases
//! Alone in the book: the drawdown is its own, and the correlation has no value, `alone`. Fewer than
//! 30 common returns: `too_few_observations`. No capital: `zero_denominator`; a negative one:
//! `out_of_range`. A portfolio that never moves: `zero_variance`.

use super::correlation::pearson;
use super::drawdown::max_drawdown;
use super::{MetricResult, Undefined, defined};
use crate::kernel::time::UtcTime;

/// Fewest returns that all portfolios have in common: a shorter overlap shows no drawdown, and a
/// correlation over it is luck.
const COMMON_MIN: usize = 30;

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
            let mut largest = Err(Undefined::Alone);
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

/// Every portfolio's returns between the common times; alone, its own.
fn common(all: &[&Holding<'_>]) -> Result<Vec<Vec<f64>>, Undefined> {
    let few = Undefined::TooFewObservations;
    let first = all.first().ok_or(few)?;
    if all.iter().any(|h| h.times.len() != h.returns.len()) {
        return Err(few);
    }
    if all.len() == 1 {
        return Ok(vec![first.returns.to_vec()]);
    }
    let shared = |time: &&UtcTime| {
        let mut all = all.iter();
        all.all(|holding| holding.times.binary_search(time).is_ok())
    };
    let times: Vec<UtcTime> = first.times.iter().filter(shared).copied().collect();
    if times.len() <= COMMON_MIN {
        return Err(few);
    }
    Ok(all.iter().map(|holding| between(holding, &times)).collect())
}

/// What the bars of `holding` compound to from each of `times` to the next.
fn between(holding: &Holding<'_>, times: &[UtcTime]) -> Vec<f64> {
    let place = |time: &UtcTime| match holding.times.binary_search(time) {
        Ok(at) | Err(at) => at,
    };
    let pairs = times.iter().zip(times.iter().skip(1));
    pairs
        .map(|(from, to)| {
            let bars = place(from) + 1..=place(to);
            match holding.returns.get(bars).unwrap_or_default() {
                // As it stands: compounding would round it.
                [one] => *one,
                many => many.iter().fold(1.0, |growth, r| growth * (1.0 + r)) - 1.0,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::time::HOUR_MS;

    fn days(from: i64, n: i64) -> Vec<UtcTime> {
        (from..from + n)
            .map(|d| UtcTime::EPOCH.plus_days(d))
            .collect()
    }

    /// `few`, and nothing on the days before.
    fn ending(days: usize, few: &[f64]) -> Vec<f64> {
        let mut returns = vec![0.0; days - few.len()];
        returns.extend_from_slice(few);
        returns
    }

    #[test]
    fn hand_computed() {
        let (times, later) = (days(0, 34), days(1, 34));
        // Days 0 to 33, and days 1 to 34: common are 1 to 33, and the returns of 2 to 33.
        let own = ending(34, &[0.1, -0.2, 0.1]);
        let others = ending(34, &[0.1, 0.2, -0.1, 9.0]);
        let candidate = Holding {
            times: &times,
            returns: &own,
            capital: 1000.0,
            exposure_max: 500.0,
        };
        let other = Holding {
            times: &later,
            returns: &others,
            capital: 3000.0,
            exposure_max: 3000.0,
        };
        // Together 0.1, 0.1 and -0.05 at the end.
        let both = book(&candidate, &[other]);
        assert!((both.max_drawdown.unwrap() - 0.05).abs() < 1e-12);
        assert!((both.exposure.unwrap() - 0.875).abs() < 1e-12);
        let r = pearson(
            &ending(32, &[0.1, -0.2, 0.1]),
            &ending(32, &[0.1, 0.2, -0.1]),
        );
        assert_eq!(both.correlation_max, r);
        // A third one: (0.1 + 3 x 0.1 + 2 x -0.3) / 6, then (-0.2 + 3 x 0.2 + 0) / 6,
        // then (0.1 - 3 x 0.1 + 2 x 0.1) / 6: -1/30, 1/15, 0.
        let thirds = ending(34, &[-0.3, 0.0, 0.1]);
        let third = Holding {
            returns: &thirds,
            capital: 2000.0,
            exposure_max: 100.0,
            ..candidate
        };
        let three = book(&candidate, &[other, third]);
        assert!((three.max_drawdown.unwrap() - 1.0 / 30.0).abs() < 1e-12);
        assert!((three.exposure.unwrap() - 0.6).abs() < 1e-12);
        let s = pearson(
            &ending(32, &[0.1, -0.2, 0.1]),
            &ending(32, &[-0.3, 0.0, 0.1]),
        );
        let larger = r.and_then(|r| s.map(|s| r.max(s)));
        assert_eq!(three.correlation_max, larger);
    }

    #[test]
    fn bars_of_other_length_and_missing_bars_lose_nothing() {
        let daily = days(0, 32);
        let hours: Vec<UtcTime> = (0..32 * 24)
            .map(|h| UtcTime::EPOCH.plus_millis(h * HOUR_MS))
            .collect();
        // Between the last two midnights the hourly one loses a tenth twice, the daily one nothing.
        let mut hourly = vec![0.0; hours.len()];
        for (at, r) in [(30 * 24 + 12, -0.1), (31 * 24, -0.1)] {
            *hourly.get_mut(at).unwrap() = r;
        }
        let flat = vec![0.0; 32];
        let slow = Holding {
            times: &daily,
            returns: &flat,
            capital: 1.0,
            exposure_max: 0.0,
        };
        let fast = Holding {
            times: &hours,
            returns: &hourly,
            ..slow
        };
        for (candidate, live) in [(fast, slow), (slow, fast)] {
            let together = book(&candidate, &[live]);
            assert!((together.max_drawdown.unwrap() - 0.095).abs() < 1e-12);
        }
    }

    #[test]
    fn alone_apart_and_flat() {
        let (times, far) = (days(0, 40), days(10, 40));
        let returns = ending(40, &[0.1, -0.5, 0.1]);
        let own = Holding {
            times: &times,
            returns: &returns,
            capital: 10.0,
            exposure_max: 5.0,
        };
        let alone = book(&own, &[]);
        assert_eq!(alone.max_drawdown, Ok(0.5));
        assert_eq!(alone.correlation_max, Err(Undefined::Alone));
        assert_eq!(alone.exposure, Ok(0.5));
        // Thirty common days have 29 returns between them.
        let apart = book(&own, &[Holding { times: &far, ..own }]);
        assert_eq!(apart.max_drawdown, Err(Undefined::TooFewObservations));
        assert_eq!(apart.correlation_max, Err(Undefined::TooFewObservations));
        let flat = Holding {
            returns: &[0.0; 40],
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
