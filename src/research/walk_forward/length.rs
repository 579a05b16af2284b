//! The length of a window as people write it: `90d`, `12w`, `48h`, `2160b`.
//!
//! A whole number above 0 and a unit: hours, days of 24 hours, weeks of 7 days, or bars of the
//! timeframe at hand. It is a stretch of time; that of bars is their number times the timeframe.

use std::fmt;
use std::str::FromStr;

use crate::kernel::text::visible;
use crate::kernel::time::{DAY_MS, HOUR_MS};
use crate::research::market::Timeframe;

/// Longest length, in its unit: beyond any data.
const NUMBER_MAX: u32 = 1_000_000;

/// A length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length {
    number: u32,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Hours,
    Days,
    Weeks,
    Bars,
}

/// A text that is no length.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a length: a whole number from 1 to 1000000 and h, d, w or b (bars) is wanted, such as 90d"
)]
pub struct LengthError(String);

impl Unit {
    const ALL: [(char, Self); 4] = [
        ('h', Self::Hours),
        ('d', Self::Days),
        ('w', Self::Weeks),
        ('b', Self::Bars),
    ];
}

impl Length {
    /// Its milliseconds where a bar is as long as `timeframe`.
    #[must_use]
    pub fn millis(self, timeframe: Timeframe) -> i64 {
        let unit = match self.unit {
            Unit::Hours => HOUR_MS,
            Unit::Days => DAY_MS,
            Unit::Weeks => 7 * DAY_MS,
            Unit::Bars => timeframe.millis(),
        };
        i64::from(self.number) * unit
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = Unit::ALL.iter().find(|(_, unit)| *unit == self.unit);
        f.pad(&format!("{}{}", self.number, letter.map_or('b', |l| l.0)))
    }
}

impl FromStr for Length {
    type Err = LengthError;
    fn from_str(text: &str) -> Result<Self, LengthError> {
        let refuse = || LengthError(visible(text, 40));
        let unit = Unit::ALL
            .into_iter()
            .find_map(|(letter, unit)| Some((text.strip_suffix(letter)?, unit)));
        let (digits, unit) = unit.ok_or_else(refuse)?;
        let number = digits
            .parse()
            .ok()
            .filter(|n| (1..=NUMBER_MAX).contains(n))
            .filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))
            .ok_or_else(refuse)?;
        Ok(Self { number, unit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_read_back_and_have_their_time() {
        let quarter: Timeframe = "15min".parse().unwrap();
        for (text, hours) in [("90d", 2160.0), ("2w", 336.0), ("36h", 36.0), ("10b", 2.5)] {
            let length: Length = text.parse().unwrap();
            assert_eq!(length.to_string(), text);
            let found = length.millis(quarter) as f64 / HOUR_MS as f64;
            assert!((found - hours).abs() < 1e-12, "{text}");
        }
        for text in [
            "", "d", "90", "0d", "-1d", "+1d", "1.5d", "90 d", "90m", "1000001h", "é",
        ] {
            assert!(text.parse::<Length>().is_err(), "{text}");
        }
    }
}
