//! Periods per year, looked up from the spacing of the bars; never counted, never claimed.
//!
//! # Formula
//! By the median spacing of neighbouring times: 23 to 25 hours: 365 with weekends, 252 without;
//! 6 to 8 days: 52; 28 to 31 days: 12; below 23 hours and around the clock: 8760 hours over the
//! spacing.
//! With weekends means that at least nine in ten of the Saturdays and Sundays (UTC) between the
//! first and the last bar are there; around the clock that nine in ten of all possible bars are.
//! Exchange outages leave more, trading hours of stocks and currencies far fewer, and padding or
//! thinning a series to be looked up elsewhere gains at most a twentieth.
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
    nine_in_ten(times.len(), last.millis_since(*first) / step + 1)
}

fn has_weekends(times: &[UtcTime]) -> bool {
    let (Some(first), Some(last)) = (times.first(), times.last()) else {
        return false;
    };
    let day = |t: &UtcTime| t.millis().div_euclid(DAY_MS);
    // 1970-01-01 was a Thursday: days 2 and 3 of each week from there are Saturday and Sunday.
    let weekend = |day: i64| matches!(day.rem_euclid(7), 2 | 3);
    let (from, to) = (day(first), day(last));
    let weeks = (to - from + 1) / 7;
    let rest = (from + 7 * weeks..=to).filter(|d| weekend(*d)).count();
    let possible = 2 * weeks + i64::try_from(rest).unwrap_or(0);
    let there = times.iter().filter(|t| weekend(day(t))).count();
    possible > 0 && nine_in_ten(there, possible)
}

fn nine_in_ten(there: usize, possible: i64) -> bool {
    let there = i64::try_from(there).unwrap_or(i64::MAX);
    there.saturating_mul(10) >= possible.saturating_mul(9)
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
        // A weekend or two among workdays, or a short series without any, are not seven days a week.
        let mut padded = every(DAY_MS, 400);
        padded
            .retain(|t| !matches!(t.millis() / DAY_MS % 7, 2 | 3) || t.millis() / DAY_MS % 3 == 0);
        assert_eq!(periods_per_year(&padded), Ok(252.0));
        assert_eq!(periods_per_year(&every(DAY_MS, 5)), Ok(252.0));
        assert_eq!(periods_per_year(&every(DAY_MS, 6)), Ok(365.0));
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
        gappy.drain(100..180);
        gappy.drain(800..815);
        assert_eq!(periods_per_year(&gappy), Ok(8760.0));
        let session: Vec<UtcTime> = every(HOUR_MS, 2000)
            .into_iter()
            .filter(|t| t.millis() / HOUR_MS % 24 < 8)
            .collect();
        assert_eq!(periods_per_year(&session), Err(Undefined::Unsupported));
    }
}
