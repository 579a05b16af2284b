//! Periods per year, looked up from the spacing of the bars; never counted, never claimed.
//!
//! # Formula
//! By the median spacing of neighbouring times: 23 to 25 hours: 365 with weekends, 252 without;
//! 6 to 8 days: 52; 28 to 31 days: 12; below 23 hours and around the clock: 8760 hours over the
//! spacing.
//! With weekends means that more than one bar in ten falls on a Saturday or Sunday (UTC). Around
//! the clock means that at least four in five of the bars between the first and the last one are
//! there: exchange outages leave far more, trading hours of stocks and currencies far fewer.
//!
//! # Units
//! Periods per year.
//!
//! # Degenerate cases
//! Fewer than two bars: `too_few_observations`. Any other spacing, and intraday bars that are not
//! around the clock, have no entry in the table: `unsupported`.

use super::{MetricResult, Undefined};
use crate::kernel::time::{DAY_MS, HOUR_MS, UtcTime};

/// Lower median of the spacings between neighbouring times, in milliseconds; none for fewer than
/// two times.
#[must_use]
pub fn median_spacing_ms(times: &[UtcTime]) -> Option<i64> {
    let mut steps: Vec<i64> = times
        .iter()
        .zip(times.iter().skip(1))
        .map(|(a, b)| b.millis_since(*a))
        .collect();
    let middle = steps.len().checked_sub(1)? / 2;
    let (_, median, _) = steps.select_nth_unstable(middle);
    Some(*median)
}

/// Periods per year of bars at `times`, ascending.
///
/// # Errors
/// `too_few_observations`, or `unsupported` when the table has no entry for the spacing.
pub fn periods_per_year(times: &[UtcTime]) -> MetricResult {
    let step = median_spacing_ms(times).ok_or(Undefined::TooFewObservations)?;
    if step <= 0 {
        return Err(Undefined::Unsupported);
    }
    if step < 23 * HOUR_MS {
        return if is_around_the_clock(times, step) {
            Ok(8760.0 * HOUR_MS as f64 / step as f64)
        } else {
            Err(Undefined::Unsupported)
        };
    }
    match step {
        s if s <= 25 * HOUR_MS => Ok(if has_weekends(times) { 365.0 } else { 252.0 }),
        s if (6 * DAY_MS..=8 * DAY_MS).contains(&s) => Ok(52.0),
        s if (28 * DAY_MS..=31 * DAY_MS).contains(&s) => Ok(12.0),
        _ => Err(Undefined::Unsupported),
    }
}

fn is_around_the_clock(times: &[UtcTime], step: i64) -> bool {
    let (Some(first), Some(last)) = (times.first(), times.last()) else {
        return false;
    };
    let possible = last.millis_since(*first) / step + 1;
    i64::try_from(times.len())
        .unwrap_or(i64::MAX)
        .saturating_mul(5)
        >= possible.saturating_mul(4)
}

fn has_weekends(times: &[UtcTime]) -> bool {
    // 1970-01-01 was a Thursday: days 2 and 3 of each week from there are Saturday and Sunday.
    let weekend = times
        .iter()
        .filter(|t| matches!(t.millis().div_euclid(DAY_MS).rem_euclid(7), 2 | 3))
        .count();
    weekend * 10 > times.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(step_ms: i64, n: i64) -> Vec<UtcTime> {
        let start = UtcTime::parse_loose("2024-01-01").unwrap();
        (0..n).map(|i| start.plus_millis(i * step_ms)).collect()
    }

    #[test]
    fn the_table() {
        for (hours, wanted) in [
            (1, 8760.0),
            (4, 2190.0),
            (12, 730.0),
            (24, 365.0),
            (168, 52.0),
        ] {
            assert_eq!(periods_per_year(&every(hours * HOUR_MS, 400)), Ok(wanted));
        }
        assert_eq!(periods_per_year(&every(30 * DAY_MS, 40)), Ok(12.0));
        assert_eq!(periods_per_year(&every(HOUR_MS / 4, 40)), Ok(35_040.0));
        let workdays: Vec<UtcTime> = every(DAY_MS, 400)
            .into_iter()
            .filter(|t| !matches!(t.millis() / DAY_MS % 7, 2 | 3))
            .collect();
        assert_eq!(periods_per_year(&workdays), Ok(252.0));
        assert_eq!(
            periods_per_year(&every(3 * DAY_MS, 40)),
            Err(Undefined::Unsupported)
        );
        assert_eq!(
            periods_per_year(&every(DAY_MS, 1)),
            Err(Undefined::TooFewObservations)
        );
    }

    #[test]
    fn gaps_do_not_change_it_but_trading_hours_have_no_entry() {
        let mut gappy = every(HOUR_MS, 1000);
        gappy.drain(100..250);
        assert_eq!(periods_per_year(&gappy), Ok(8760.0));
        let session: Vec<UtcTime> = every(HOUR_MS, 2000)
            .into_iter()
            .filter(|t| t.millis() / HOUR_MS % 24 < 8)
            .collect();
        assert_eq!(periods_per_year(&session), Err(Undefined::Unsupported));
    }
}
