//! Returns by calendar month and year, UTC.
//!
//! # Formula
//! Of the bars that open in a month (or year): product of (1 + r), minus 1. So the months of a year
//! compound to the year, and all months to the total return. The deepest drawdown of a year is that
//! of the whole series up to then, see [`super::drawdown`]: a fall that began earlier counts.
//!
//! # Units
//! Fractions; drawdowns positive.
//!
//! # Degenerate cases
//! Not one time per return: `too_few_observations`. A month without bars is none of the months;
//! nothing is made up for it. No bars: no year.

use super::{Undefined, returns::check};
use crate::kernel::time::UtcTime;

/// One calendar year.
#[derive(Debug, Clone, PartialEq)]
pub struct Year {
    /// `2024`.
    pub year: i32,
    /// Return of each month, January first; none where no bar opens in it.
    pub months: [Option<f64>; 12],
    /// Return of the year's bars.
    pub total: f64,
    /// Deepest fall below the highest value so far, positive.
    pub max_drawdown: f64,
}

/// The years of `returns`, in order; `times` are the bars' opening times, ascending.
///
/// # Errors
/// As the degenerate cases say; returns that are no returns.
pub fn by_month(returns: &[f64], times: &[UtcTime]) -> Result<Vec<Year>, Undefined> {
    check(returns)?;
    if returns.len() != times.len() {
        return Err(Undefined::TooFewObservations);
    }
    let mut years: Vec<Year> = Vec::new();
    let mut below_peak = 1.0_f64;
    let mut month = Span::default();
    for (r, time) in returns.iter().zip(times) {
        if !month.holds(*time) {
            // The growth of the month before stands in its year already.
            month = Span::of(*time);
        }
        month.growth *= 1.0 + r;
        below_peak = (below_peak * (1.0 + r)).min(1.0);
        if years.last().is_none_or(|year| year.year != month.year) {
            years.push(Year {
                year: month.year,
                months: [None; 12],
                total: 0.0,
                max_drawdown: 0.0,
            });
        }
        if let Some(year) = years.last_mut() {
            if let Some(cell) = year.months.get_mut(month.index) {
                *cell = Some(month.growth - 1.0);
            }
            year.max_drawdown = year.max_drawdown.max(1.0 - below_peak);
        }
    }
    for year in &mut years {
        let months = year.months.iter().flatten();
        year.total = months.fold(1.0, |growth, r| growth * (1.0 + r)) - 1.0;
    }
    Ok(years)
}

/// The month that is being added up; its bounds spare a look at the calendar for every bar.
#[derive(Debug, Clone, Copy, Default)]
struct Span {
    year: i32,
    index: usize,
    from_ms: i64,
    to_ms: i64,
    growth: f64,
}

impl Span {
    fn of(time: UtcTime) -> Self {
        let (year, month) = time.year_month();
        // A day that surely lies in the same month on either side is enough: bounds are whole
        // days, and the next bar outside of them looks at the calendar again.
        let day = crate::kernel::time::DAY_MS;
        let from_ms = time.millis().div_euclid(day) * day;
        Self {
            year,
            index: usize::try_from(month.saturating_sub(1)).unwrap_or(0),
            from_ms,
            to_ms: from_ms + day,
            growth: 1.0,
        }
    }

    /// True when `time` lies in the same month; widens the bounds to it.
    fn holds(&mut self, time: UtcTime) -> bool {
        if (self.from_ms..self.to_ms).contains(&time.millis()) {
            return true;
        }
        let other = Self::of(time);
        let same = self.to_ms > 0 && (other.year, other.index) == (self.year, self.index);
        if same {
            (self.from_ms, self.to_ms) = (other.from_ms, other.to_ms);
        }
        same
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::drawdown::max_drawdown;
    use crate::metrics::total_return::total_return;
    use proptest::prelude::*;

    #[test]
    fn by_hand() {
        let at = |text: &str| UtcTime::parse_loose(text).unwrap();
        let times = [
            at("2023-11-30T23:00:00Z"),
            at("2023-12-01"),
            at("2023-12-31T23:00:00Z"),
            at("2024-01-01"),
            at("2024-03-01"),
        ];
        let years = by_month(&[0.1, 0.1, -0.5, 0.2, 0.0], &times).unwrap();
        assert_eq!(years.len(), 2);
        assert_eq!((years[0].year, years[1].year), (2023, 2024));
        let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(near(years[0].months[10].unwrap(), 0.1));
        assert!(near(years[0].months[11].unwrap(), 1.1 * 0.5 - 1.0));
        assert!(near(years[0].total, 1.1 * 1.1 * 0.5 - 1.0));
        assert!(near(years[0].max_drawdown, 0.5));
        // The fall of December is not over in January: 0.5 x 1.2 of the peak.
        assert!(near(years[1].max_drawdown, 0.4));
        assert_eq!(years[1].months[1], None);
        assert_eq!(years[1].months[2], Some(0.0));
        assert_eq!(by_month(&[], &[]), Ok(Vec::new()));
        assert_eq!(by_month(&[0.1], &[]), Err(Undefined::TooFewObservations));
        assert!(by_month(&[f64::NAN], &times[..1]).is_err());
    }

    proptest! {
        #[test]
        fn months_multiply_to_years_and_years_to_the_total_return(
            returns in prop::collection::vec(-0.2_f64..0.25, 1..200), hours in 1_i64..900,
            start in 0_i64..900_000,
        ) {
            let times: Vec<UtcTime> = (0..returns.len())
                .map(|i| UtcTime::EPOCH.plus_millis((start + hours * i64::try_from(i).unwrap()) * 3_600_000))
                .collect();
            let years = by_month(&returns, &times).unwrap();
            let total = total_return(&returns).unwrap();
            let all = years.iter().flat_map(|y| y.months).flatten();
            let by_months = all.fold(1.0, |growth, r| growth * (1.0 + r)) - 1.0;
            prop_assert!((by_months - total).abs() <= 1e-11 * (1.0 + total.abs()));
            let by_years = years.iter().fold(1.0, |growth, y| growth * (1.0 + y.total)) - 1.0;
            prop_assert!((by_years - total).abs() <= 1e-11 * (1.0 + total.abs()));
            let deepest = years.iter().fold(0.0_f64, |most, y| most.max(y.max_drawdown));
            prop_assert!((deepest - max_drawdown(&returns).unwrap()).abs() < 1e-12);
            // Every bar is in the month in which it opens.
            let (year, month) = times[returns.len() - 1].year_month();
            let last = years.last().unwrap();
            prop_assert_eq!(last.year, year);
            prop_assert!(last.months[month as usize - 1].is_some());
            prop_assert!(last.months[month as usize..].iter().all(Option::is_none));
        }
    }
}
