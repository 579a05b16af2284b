//! Times as files of bars spell them: epoch numbers and dates, always UTC.
//!
//! An epoch number's unit follows from its size (seconds below 1e11, milliseconds below 1e14,
//! microseconds below 1e17, else nanoseconds); these ranges do not overlap between 1973 and 5138.
//! A file that mixes units is refused by its reader, which compares [`Unit`]. Dates are
//! `2019-10-17`, alone or with a time of day: `09:00`, `09:00:00`, `09:00:00.5`, the
//! `09-AM` of CryptoDataDownload's Coinbase files; `T` or a space between; `Z`, `UTC` or an offset
//! such as `+01:00` behind. Without an offset a date is UTC. Dates with slashes are refused: their
//! order of day and month is a guess.

use chrono::{NaiveDate, NaiveTime, Timelike as _};

use crate::kernel::time::UtcTime;

/// How a time was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Millis,
    /// Microseconds since 1970.
    Micros,
    /// Nanoseconds since 1970.
    Nanos,
    /// A date.
    Date,
}

impl Unit {
    /// The unit in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Seconds => "seconds since 1970",
            Self::Millis => "milliseconds since 1970",
            Self::Micros => "microseconds since 1970",
            Self::Nanos => "nanoseconds since 1970",
            Self::Date => "dates",
        }
    }
}

/// Reads a time; none when `text` is none.
#[must_use]
pub fn parse(text: &str) -> Option<(UtcTime, Unit)> {
    let text = text.trim();
    let integer = text.split_once('.').map_or(text, |(integer, fraction)| {
        // pandas writes an integer column with a hole as floats: `1586995200.0`.
        let zeros = !fraction.is_empty() && fraction.bytes().all(|b| b == b'0');
        if zeros { integer } else { text }
    });
    if !integer.is_empty() && integer.bytes().all(|b| b.is_ascii_digit()) {
        return from_integer(integer.parse().ok()?);
    }
    Some((date(text)?, Unit::Date))
}

/// Reads an epoch number; none before 1970 and after 9999.
#[must_use]
pub fn from_integer(value: i64) -> Option<(UtcTime, Unit)> {
    let (ms, unit) = match value {
        ..0 => return None,
        0..100_000_000_000 => (value.checked_mul(1000)?, Unit::Seconds),
        100_000_000_000..100_000_000_000_000 => (value, Unit::Millis),
        100_000_000_000_000..100_000_000_000_000_000 => (value / 1000, Unit::Micros),
        _ => (value / 1_000_000, Unit::Nanos),
    };
    Some((UtcTime::from_millis(ms).ok()?, unit))
}

fn date(text: &str) -> Option<UtcTime> {
    let (day, time) = match text.split_once(['T', ' ']) {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    let mut parts = day.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    let year = i32::try_from(digits(year)?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, two(month)?, two(day)?)?;
    let (time, offset_ms) = match time {
        None => (NaiveTime::MIN, 0),
        Some(text) => time_of_day(text)?,
    };
    let ms = date.and_time(time).and_utc().timestamp_millis();
    UtcTime::from_millis(ms.checked_sub(offset_ms)?).ok()
}

/// A time of day and its offset from UTC in milliseconds.
fn time_of_day(text: &str) -> Option<(NaiveTime, i64)> {
    if let Some((hour, half)) = text.split_once('-')
        && matches!(half, "AM" | "PM")
    {
        let hour = two(hour).filter(|h| (1..=12).contains(h))? % 12;
        let afternoon = if half == "PM" { 12 } else { 0 };
        return Some((NaiveTime::from_hms_opt(hour + afternoon, 0, 0)?, 0));
    }
    let (clock, offset_ms) = split_offset(text)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = clock.split(':');
    let (hour, minute) = (two(parts.next()?)?, two(parts.next()?)?);
    let second = parts.next().map_or(Some(0), two)?;
    if parts.next().is_some() {
        return None;
    }
    let time = NaiveTime::from_hms_opt(hour, minute, second)?;
    let ms = match fraction.len() {
        0 => 0,
        1..=9 => digits(&format!("{fraction:0<9}"))? / 1_000_000,
        _ => return None,
    };
    Some((time.with_nanosecond(ms * 1_000_000)?, offset_ms))
}

fn split_offset(text: &str) -> Option<(&str, i64)> {
    for suffix in ["Z", " UTC"] {
        if let Some(clock) = text.strip_suffix(suffix) {
            return Some((clock, 0));
        }
    }
    for (sign, factor) in [('+', 1), ('-', -1)] {
        if let Some((clock, offset)) = text.rsplit_once(sign) {
            let (hours, minutes) = match offset.split_once(':') {
                Some(parts) => parts,
                None if offset.len() == 4 => offset.split_at_checked(2)?,
                None => (offset, "00"),
            };
            let minutes = i64::from(two(hours)? * 60 + two(minutes)?);
            return Some((clock.trim_end(), factor * minutes * 60_000));
        }
    }
    Some((text, 0))
}

fn two(text: &str) -> Option<u32> {
    digits(text).filter(|_| text.len() == 2)
}

fn digits(text: &str) -> Option<u32> {
    let all = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if all { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_one_instant() {
        let want = UtcTime::parse_loose("2019-10-17T09:00:00Z").unwrap();
        for (text, unit) in [
            ("1571302800", Unit::Seconds),
            ("1571302800.0", Unit::Seconds),
            ("1571302800000", Unit::Millis),
            ("1571302800000000", Unit::Micros),
            ("1571302800000000000", Unit::Nanos),
            ("2019-10-17 09-AM", Unit::Date),
            ("2019-10-17 09:00", Unit::Date),
            ("2019-10-17 09:00:00", Unit::Date),
            ("2019-10-17T09:00:00Z", Unit::Date),
            ("2019-10-17T09:00:00.000Z", Unit::Date),
            ("2019-10-17 11:00:00+02:00", Unit::Date),
            ("2019-10-17T04:00:00-0500", Unit::Date),
            ("2019-10-17 10:00:00+01", Unit::Date),
            ("2019-10-17 09:00:00 UTC", Unit::Date),
        ] {
            assert_eq!(parse(text), Some((want, unit)), "{text}");
        }
        let hour = |text: &str| parse(text).unwrap().0.to_string();
        assert_eq!(hour("2019-10-17 12-AM"), "2019-10-17T00:00:00.000Z");
        assert_eq!(hour("2019-10-17 12-PM"), "2019-10-17T12:00:00.000Z");
        assert_eq!(hour("2019-10-17 11-PM"), "2019-10-17T23:00:00.000Z");
        assert_eq!(hour("2014-09-17"), "2014-09-17T00:00:00.000Z");
    }

    #[test]
    fn what_is_no_time() {
        for bad in [
            "",
            "-1",
            "1.5",
            "1e9",
            "abc",
            "NaN",
            "17/10/2019",
            "2019-02-30",
            "2019-1-1",
            "19-10-17",
            "1969-12-31",
            "2019-10-17 13-PM",
            "2019-10-17 00-AM",
            "2019-10-17 24:00:00",
            "2019-10-17 09:00:61",
            "2019-10-17 9:00",
            "2019-10-17T",
            "99999999999999999999",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
