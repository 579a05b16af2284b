//! Terms: what an account is held to besides fee and slippage.
//!
//! When signals are filled, what a short position pays for what it borrows, the smallest position
//! that is worth entering, and how often open positions are brought back to their share. The
//! default is the plain account: next open, nothing borrowed at a cost, any size, never rebalanced.

use crate::kernel::time::{DAY_MS, UtcTime};
use crate::research::backtest::fill::FillRule;

/// Milliseconds in the year of a borrow rate: 365 days.
const YEAR_MS: f64 = 365.0 * DAY_MS as f64;

/// Terms of an account.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Terms {
    /// When signals are filled.
    pub fill: FillRule,
    /// What a short pays per year, fraction of its marked notional.
    pub borrow_per_year: f64,
    /// Least notional of an entry or an adjustment, in the quote currency; 0 is none.
    pub min_notional: f64,
    /// How often open positions are brought back to their share.
    pub rebalance: Rebalance,
}

impl Terms {
    /// The share of its marked notional that a short pays for being held from the opening of one
    /// bar to that of the next: rate x time between / 365 days.
    #[must_use]
    pub fn borrow_between(&self, before: UtcTime, now: UtcTime) -> f64 {
        self.borrow_per_year * (now.millis_since(before) as f64 / YEAR_MS)
    }
}

/// How often open positions are brought back to their share of the equity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Rebalance {
    /// Never between entry and exit.
    #[default]
    None,
    /// Every day.
    Daily,
    /// Every week, which begins on Monday.
    Weekly,
    /// Every month.
    Monthly,
}

impl Rebalance {
    /// Every rule.
    pub const ALL: [Self; 4] = [Self::None, Self::Daily, Self::Weekly, Self::Monthly];

    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }

    /// The rule called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == name)
    }

    /// True when a bar that opens at `now` is the first of its period (UTC), after one that opened
    /// at `before`.
    #[must_use]
    pub fn begins(self, before: UtcTime, now: UtcTime) -> bool {
        let day = |time: UtcTime| time.millis().div_euclid(DAY_MS);
        match self {
            Self::None => false,
            Self::Daily => day(before) != day(now),
            // 1970-01-01 was a Thursday, three days after a Monday.
            Self::Weekly => (day(before) + 3).div_euclid(7) != (day(now) + 3).div_euclid(7),
            Self::Monthly => day(before) != day(now) && month(before) != month(now),
        }
    }
}

/// The month of `time`, as `YYYY-MM`.
fn month(time: UtcTime) -> String {
    // `YYYY-MM-DD` has a fixed width.
    time.date().chars().take(7).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::time::HOUR_MS;

    fn at(text: &str) -> UtcTime {
        UtcTime::parse_loose(text).unwrap()
    }

    #[test]
    fn spellings_read_back() {
        for rule in Rebalance::ALL {
            assert_eq!(Rebalance::named(rule.as_str()), Some(rule));
        }
        assert_eq!(Rebalance::named("yearly"), None);
    }

    /// In 90 days from 2023-12-15 there are 90 midnights, 13 Mondays and 3 firsts of a month.
    #[test]
    fn periods_begin_at_midnight_on_mondays_and_on_the_first() {
        let start = at("2023-12-15");
        let begun = |rule: Rebalance| -> Vec<String> {
            let hours = (1..=90 * 24).map(|h| start.plus_millis(h * HOUR_MS));
            let firsts = hours.filter(|now| rule.begins(now.plus_millis(-HOUR_MS), *now));
            firsts.map(|time| time.to_string()).collect()
        };
        assert!(begun(Rebalance::None).is_empty());
        assert_eq!(begun(Rebalance::Daily).len(), 90);
        let weeks = begun(Rebalance::Weekly);
        assert_eq!(weeks.len(), 13);
        assert_eq!(weeks[0], "2023-12-18T00:00:00.000Z");
        assert_eq!(
            begun(Rebalance::Monthly),
            [
                "2024-01-01T00:00:00.000Z",
                "2024-02-01T00:00:00.000Z",
                "2024-03-01T00:00:00.000Z"
            ]
        );
    }

    #[test]
    fn a_gap_over_a_boundary_begins_the_period_with_its_first_bar() {
        let (friday, wednesday) = (at("2024-01-26T20:00:00Z"), at("2024-01-31T05:00:00Z"));
        assert!(Rebalance::Weekly.begins(friday, wednesday));
        assert!(!Rebalance::Monthly.begins(friday, wednesday));
        // The same month of another year is another month.
        assert!(Rebalance::Monthly.begins(at("2023-01-05"), at("2024-01-05")));
    }

    #[test]
    fn borrowing_is_paid_by_the_time() {
        let terms = Terms {
            borrow_per_year: 0.0365,
            ..Terms::default()
        };
        let paid = terms.borrow_between(at("2024-01-01"), at("2024-01-02"));
        assert!((paid - 0.0001).abs() < 1e-16, "{paid}");
    }
}
