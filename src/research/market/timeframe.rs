//! The length of a bar: a closed set from one minute to one day, with one spelling table.
//!
//! `1min` is the canonical spelling of a minute, `1m` is read too (what exchanges write).

use std::fmt;
use std::str::FromStr;

use crate::kernel::text::visible;
use crate::kernel::time::{DAY_MS, HOUR_MS};

/// Milliseconds in one minute.
const MINUTE_MS: i64 = 60_000;

/// The length of a bar.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Timeframe(usize);

/// One line of the spelling table: canonical spelling, what else is read, milliseconds.
type Line = (&'static str, &'static [&'static str], i64);

/// Every timeframe, shortest first.
const TABLE: [Line; 14] = [
    ("1min", &["1m"], MINUTE_MS),
    ("3min", &["3m"], 3 * MINUTE_MS),
    ("5min", &["5m"], 5 * MINUTE_MS),
    ("10min", &["10m"], 10 * MINUTE_MS),
    ("15min", &["15m"], 15 * MINUTE_MS),
    ("30min", &["30m"], 30 * MINUTE_MS),
    ("1h", &["60min", "60m"], HOUR_MS),
    ("2h", &["120min", "120m"], 2 * HOUR_MS),
    ("3h", &["180min", "180m"], 3 * HOUR_MS),
    ("4h", &["240min", "240m"], 4 * HOUR_MS),
    ("6h", &["360min", "360m"], 6 * HOUR_MS),
    ("8h", &["480min", "480m"], 8 * HOUR_MS),
    ("12h", &["720min", "720m"], 12 * HOUR_MS),
    ("1d", &["24h", "1440min", "1440m"], DAY_MS),
];

/// A text that is no timeframe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a timeframe: one of 1min, 3min, 5min, 10min, 15min, 30min, 1h, 2h, 3h, 4h, 6h, 8h, 12h, 1d is wanted"
)]
pub struct TimeframeError(String);

impl Timeframe {
    /// Every timeframe, shortest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..TABLE.len()).map(Self)
    }

    /// The timeframe of exactly `ms` milliseconds.
    #[must_use]
    pub fn from_millis(ms: i64) -> Option<Self> {
        TABLE.iter().position(|line| line.2 == ms).map(Self)
    }

    /// Its length in milliseconds.
    #[must_use]
    pub fn millis(self) -> i64 {
        TABLE.get(self.0).map_or(HOUR_MS, |line| line.2)
    }

    /// The canonical spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        TABLE.get(self.0).map_or("1h", |line| line.0)
    }
}

impl fmt::Display for Timeframe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Timeframe {
    type Err = TimeframeError;
    fn from_str(text: &str) -> Result<Self, TimeframeError> {
        TABLE
            .iter()
            .position(|line| line.0 == text || line.1.contains(&text))
            .map(Self)
            .ok_or_else(|| TimeframeError(visible(text, 40)))
    }
}

impl TryFrom<String> for Timeframe {
    type Error = TimeframeError;
    fn try_from(text: String) -> Result<Self, TimeframeError> {
        text.parse()
    }
}

impl From<Timeframe> for String {
    fn from(timeframe: Timeframe) -> String {
        timeframe.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_reads_back_and_says_its_length() {
        let mut seen = Vec::new();
        for (index, (name, others, ms)) in TABLE.iter().enumerate() {
            for spelling in others.iter().chain([name]) {
                let read: Timeframe = spelling.parse().unwrap();
                assert_eq!((read.0, read.millis(), read.as_str()), (index, *ms, *name));
                assert!(!seen.contains(spelling), "{spelling} twice");
                seen.push(*spelling);
            }
            assert_eq!(Timeframe::from_millis(*ms), Some(Timeframe(index)));
        }
        assert!(TABLE.is_sorted_by_key(|line| line.2));
        for bad in ["", "1H", "1 h", "h", "0h", "7h", "1w", "1h\n", "-1h", "60"] {
            assert!(bad.parse::<Timeframe>().is_err(), "{bad}");
        }
    }
}
