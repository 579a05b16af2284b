//! UTC instants with millisecond resolution, written exactly `YYYY-MM-DDTHH:MM:SS.mmmZ`.
//!
//! Nothing here asks what time it is: an instant is an argument everywhere but in
//! `adapters::host`. Years run from 1970 to 9999, so the text form has a fixed width and sorts.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, SecondsFormat, Utc};

/// Milliseconds in one day.
pub const DAY_MS: i64 = 86_400_000;
/// Milliseconds in one hour.
pub const HOUR_MS: i64 = 3_600_000;
/// 9999-12-31T23:59:59.999Z.
const MAX_MS: i64 = 253_402_300_799_999;

/// Milliseconds since 1970-01-01T00:00:00Z, in 1970 to 9999.
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
pub struct UtcTime(i64);

/// Why a text or number is not an instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not the one accepted spelling.
    #[error("`{0}` is not a time: YYYY-MM-DDTHH:MM:SS.mmmZ is wanted")]
    Spelling(String),
    /// Before 1970 or after 9999.
    #[error("time out of range: {0} ms since 1970")]
    Range(i64),
}

impl UtcTime {
    /// 1970-01-01T00:00:00.000Z.
    pub const EPOCH: Self = Self(0);
    /// 9999-12-31T23:59:59.999Z: no instant is later.
    pub const LAST: Self = Self(MAX_MS);

    /// The instant `ms` milliseconds after 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// When it lies before 1970 or after 9999.
    pub fn from_millis(ms: i64) -> Result<Self, TimeError> {
        if (0..=MAX_MS).contains(&ms) {
            Ok(Self(ms))
        } else {
            Err(TimeError::Range(ms))
        }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This instant moved by `ms`, held inside the representable range.
    #[must_use]
    pub fn plus_millis(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms).clamp(0, MAX_MS))
    }

    /// This instant moved by whole days of 24 hours.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        self.plus_millis(days.saturating_mul(DAY_MS))
    }

    /// Milliseconds from `earlier` to this instant; negative when `earlier` is later.
    #[must_use]
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// `YYYY-MM-DD`.
    #[must_use]
    pub fn date(self) -> String {
        self.to_string().chars().take(10).collect()
    }

    /// Calendar year and month (1 to 12), UTC.
    #[must_use]
    pub fn year_month(self) -> (i32, u32) {
        let time = DateTime::<Utc>::from_timestamp_millis(self.0).unwrap_or_default();
        (time.year(), time.month())
    }

    /// Accepts any RFC 3339 spelling, or a plain date (midnight UTC): for what people type.
    ///
    /// # Errors
    /// When the text is neither, or lies outside 1970 to 9999.
    pub fn parse_loose(text: &str) -> Result<Self, TimeError> {
        Self::parse_within_day(text, 0)
    }

    /// As [`UtcTime::parse_loose`], but a plain date is the last millisecond of that day: for what
    /// people type as the end of something.
    ///
    /// # Errors
    /// When the text is neither, or lies outside 1970 to 9999.
    pub fn parse_loose_end(text: &str) -> Result<Self, TimeError> {
        Self::parse_within_day(text, DAY_MS - 1)
    }

    /// A time, or the instant `into_day` milliseconds after the midnight that a plain date begins with.
    fn parse_within_day(text: &str, into_day: i64) -> Result<Self, TimeError> {
        let refuse = || TimeError::Spelling(super::text::visible(text, 40));
        let ms = if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            NaiveDateTime::from(date).and_utc().timestamp_millis() + into_day
        } else {
            DateTime::parse_from_rfc3339(text)
                .map_err(|_| refuse())?
                .timestamp_millis()
        };
        Self::from_millis(ms)
    }
}

impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = DateTime::<Utc>::from_timestamp_millis(self.0).unwrap_or_default();
        f.pad(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl FromStr for UtcTime {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let refuse = || TimeError::Spelling(super::text::visible(text, 40));
        let time = DateTime::parse_from_rfc3339(text).map_err(|_| refuse())?;
        let parsed = Self::from_millis(time.timestamp_millis())?;
        if parsed.to_string() == text {
            Ok(parsed)
        } else {
            Err(refuse())
        }
    }
}

impl TryFrom<String> for UtcTime {
    type Error = TimeError;
    fn try_from(text: String) -> Result<Self, TimeError> {
        text.parse()
    }
}

impl From<UtcTime> for String {
    fn from(time: UtcTime) -> String {
        time.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_only() {
        let good = "2025-12-15T08:00:00.000Z";
        assert_eq!(good.parse::<UtcTime>().unwrap().to_string(), good);
        for bad in [
            "2025-12-15T08:00:00Z",
            "2025-12-15T08:00:00.0000Z",
            "2025-12-15T09:00:00.000+01:00",
            "2025-12-15t08:00:00.000z",
            "2025-12-15 08:00:00.000Z",
            "2016-12-31T23:59:60.000Z",
            "1969-12-31T23:59:59.999Z",
        ] {
            assert!(bad.parse::<UtcTime>().is_err(), "{bad}");
        }
        assert_eq!(
            UtcTime::parse_loose("2025-12-15").unwrap().date(),
            "2025-12-15"
        );
        let end = |text| UtcTime::parse_loose_end(text).unwrap().to_string();
        assert_eq!(end("2024-02-29"), "2024-02-29T23:59:59.999Z");
        assert_eq!(end("9999-12-31"), "9999-12-31T23:59:59.999Z");
        assert_eq!(end("2024-02-29T00:00:00Z"), "2024-02-29T00:00:00.000Z");
        assert!(UtcTime::parse_loose_end("soon").is_err());
        let december = UtcTime::parse_loose("2024-12-31T23:59:59Z").unwrap();
        assert_eq!(december.year_month(), (2024, 12));
        assert_eq!(december.plus_millis(1000).year_month(), (2025, 1));
        assert_eq!(
            UtcTime::from_millis(MAX_MS).unwrap().to_string(),
            "9999-12-31T23:59:59.999Z"
        );
    }
}
