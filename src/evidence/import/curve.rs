//! From values of an account to returns.
//!
//! A value stands at the end of its bar: the return of the first bar is measured against what the
//! account began with, or is 0 where that is not known. Values that are not above 0 give no
//! return: an account may end at exactly 0 and stays there; below it nothing can be computed. What
//! a person states as the beginning must be the first value of a file that holds it.

use super::error::ImportError;
use crate::evidence::returns_csv::Returns;
use crate::kernel::time::{DAY_MS, UtcTime};

/// Largest return of one bar that is believed: a million times the money.
const RETURN_MAX: f64 = 1e6;

/// A value of the account and where it stood.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Value {
    /// When it was taken.
    pub time: UtcTime,
    /// Money.
    pub money: f64,
    /// Line of the table, or number of the value.
    pub line: usize,
}

/// Largest relative difference of two amounts that are the same.
const SAME: f64 = 1e-9;

/// True when both are one amount of money, up to rounding of `of_file`.
pub(super) fn is_same(stated: f64, of_file: f64) -> bool {
    (stated - of_file).abs() <= SAME * of_file.abs()
}

/// What the account began with: the first value, which `stated` (called `name`) may not contradict.
///
/// # Errors
/// When it does.
pub(super) fn opening(
    values: &[Value],
    stated: Option<f64>,
    name: &str,
) -> Result<Option<f64>, ImportError> {
    let first = values.first().map(|v| v.money);
    match (stated, first) {
        (Some(stated), Some(first)) if !is_same(stated, first) => Err(ImportError::Content(
            format!("{name} is {stated}, but the account begins with {first}"),
        )),
        _ => Ok(first),
    }
}

/// Returns of an account that began with `start`, or with the first value.
///
/// # Errors
/// With the line of a value that is negative, or from which no return follows.
pub(super) fn returns_of(values: &[Value], start: Option<f64>) -> Result<Returns, ImportError> {
    let Some(first) = values.first() else {
        return Err(ImportError::NoSeries("not one value".into()));
    };
    let mut before = start.unwrap_or(first.money);
    if before <= 0.0 {
        let what = format!("the account begins with {before}: no return can be computed");
        return Err(ImportError::line(first.line, what));
    }
    let mut read = Returns {
        times: Vec::new(),
        returns: Vec::new(),
    };
    for value in values {
        let ruined = before <= 0.0 && value.money.abs() <= 0.0;
        let r = if ruined {
            0.0
        } else {
            value.money / before - 1.0
        };
        if value.money < 0.0 || !r.is_finite() {
            let what = format!(
                "the account goes from {before} to {}: no return can be computed",
                value.money
            );
            return Err(ImportError::line(value.line, what));
        }
        read.returns.push(check(r, value.line)?);
        read.times.push(value.time);
        before = value.money;
    }
    Ok(read)
}

/// A return that can be one: at least -1, and not beyond belief.
///
/// # Errors
/// With its line.
pub(super) fn check(r: f64, line: usize) -> Result<f64, ImportError> {
    if (-1.0..=RETURN_MAX).contains(&r) {
        return Ok(r);
    }
    let what = format!(
        "return {r} is not between -1 and {RETURN_MAX}: fractions are wanted, 0.01 for one percent"
    );
    Err(ImportError::line(line, what))
}

/// The last value of every day, under that day; `shift_ms` later than midnight UTC a day begins.
pub(super) fn daily(values: &[Value], shift_ms: i64) -> Vec<Value> {
    let day = |v: &Value| (v.time.millis() - shift_ms).div_euclid(DAY_MS);
    values
        .chunk_by(|a, b| day(a) == day(b))
        .filter_map(|all| {
            let last = all.last()?;
            let time = UtcTime::from_millis(day(last) * DAY_MS).ok()?;
            Some(Value { time, ..*last })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(money: &[f64]) -> Vec<Value> {
        let start = UtcTime::parse_loose("2024-01-01").unwrap();
        let all = money.iter().enumerate();
        all.map(|(i, m)| Value {
            time: start.plus_millis(i64::try_from(i).unwrap() * DAY_MS / 2),
            money: *m,
            line: i + 2,
        })
        .collect()
    }

    #[test]
    fn returns_against_the_start() {
        let read = returns_of(&values(&[110.0, 99.0]), Some(100.0)).unwrap();
        assert!((read.returns[0] - 0.1).abs() < 1e-15 && (read.returns[1] + 0.1).abs() < 1e-15);
        assert_eq!(
            returns_of(&values(&[110.0, 55.0]), None).unwrap().returns,
            [0.0, -0.5]
        );
        assert_eq!(
            returns_of(&values(&[10.0, 0.0, 0.0]), None)
                .unwrap()
                .returns,
            [0.0, -1.0, 0.0]
        );
        for (bad, line) in [
            (vec![10.0, -1.0], "line 3"),
            (vec![10.0, 0.0, 1.0], "line 4"),
            (vec![0.0, 1.0], "line 2"),
            (vec![1e-300, 1e300], "line 3"),
        ] {
            let error = returns_of(&values(&bad), None).unwrap_err().to_string();
            assert!(error.contains(line), "{error}");
        }
        assert!(returns_of(&[], None).is_err());
    }

    #[test]
    fn a_stated_beginning_is_the_first_value() {
        let all = values(&[100.0, 110.0]);
        for stated in [None, Some(100.0), Some(100.0 + 5e-8)] {
            assert_eq!(opening(&all, stated, "--capital"), Ok(Some(100.0)));
        }
        for stated in [50.0, 100.001, 0.0, f64::NAN] {
            let error = opening(&all, Some(stated), "--capital").unwrap_err();
            assert!(error.to_string().contains("begins with 100"), "{error}");
        }
        assert_eq!(opening(&[], Some(1.0), "--capital"), Ok(None));
    }

    #[test]
    fn days_end_where_they_are_told() {
        let all = values(&[1.0, 2.0, 3.0, 4.0, 5.0]);
        let money = |v: Vec<Value>| v.iter().map(|v| v.money).collect::<Vec<_>>();
        assert_eq!(money(daily(&all, 0)), [2.0, 4.0, 5.0]);
        let shifted = daily(&all, DAY_MS / 2);
        assert_eq!(shifted[0].time.date(), "2023-12-31");
        assert_eq!(money(shifted), [1.0, 3.0, 5.0]);
    }
}
