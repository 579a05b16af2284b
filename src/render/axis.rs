//! Axes: sensible ticks for numbers and for time, and how their labels are written.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

use crate::kernel::time::{DAY_MS, HOUR_MS, UtcTime};

/// One tick: where, and what is written there.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick<T> {
    /// Position on the axis.
    pub at: T,
    /// Label.
    pub label: String,
}

/// How numbers are written on an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// As they are, with thousands grouped.
    Number,
    /// Fractions as percent.
    Percent,
}

/// Ticks that enclose `low..=high`, about `wanted` of them, at 1, 2, 2.5 or 5 times a power of
/// ten. The range is widened when it has no width.
#[must_use]
pub fn number_ticks(low: f64, high: f64, wanted: u32, scale: Scale) -> Vec<Tick<f64>> {
    let (low, high) = if high - low > low.abs().max(high.abs()) * 1e-9 {
        (low, high)
    } else {
        let pad = if low.abs() > 0.0 {
            low.abs() * 0.01
        } else {
            0.01
        };
        (low - pad, high + pad)
    };
    let rough = (high - low) / f64::from(wanted.max(1));
    let exponent = libm::floor(libm::log10(rough));
    let power = libm::pow(10.0, exponent);
    let factors = [1.0, 2.0, 2.5, 5.0, 10.0];
    let near = |factor: &&f64| **factor * power >= rough * 0.999;
    let step = factors.iter().find(near).copied().unwrap_or(10.0) * power;
    let first = libm::floor(low / step + 1e-9);
    let mut ticks = Vec::new();
    // At most a few more than wanted; the bound holds for any input.
    for index in 0..wanted.saturating_mul(4) {
        let at = (first + f64::from(index)) * step;
        ticks.push(Tick {
            at,
            label: number_label(at, step, scale),
        });
        if at >= high - step * 1e-9 {
            break;
        }
    }
    ticks
}

/// Ticks that enclose `low..=high`, both above 0, for a logarithmic axis: 1, 2 and 5 times powers of
/// ten; powers of ten alone where that would be more than `most`.
#[must_use]
pub fn log_ticks(low: f64, high: f64, most: usize, scale: Scale) -> Vec<Tick<f64>> {
    let exponent = |x: f64| libm::floor(libm::log10(x) + 1e-12);
    for factors in [&[1.0, 2.0, 5.0][..], &[1.0]] {
        let (mut ticks, mut power) = (Vec::new(), exponent(low));
        // The bound holds for any input: f64 knows 616 powers of ten.
        while power <= exponent(high) + 1.0 && ticks.len() < 2_000 {
            let unit = libm::pow(10.0, power);
            ticks.extend(factors.iter().map(|factor| factor * unit));
            power += 1.0;
        }
        let from = ticks.iter().rposition(|at| *at <= low * (1.0 + 1e-9));
        let to = ticks.iter().position(|at| *at >= high * (1.0 - 1e-9));
        let (from, to) = (
            from.unwrap_or(0),
            to.unwrap_or(ticks.len().saturating_sub(1)),
        );
        let kept = ticks.get(from..=to).unwrap_or_default();
        if kept.len() <= most || factors.len() == 1 {
            let tick = |at: &f64| Tick {
                at: *at,
                label: number_label(*at, at.min(1.0), scale),
            };
            return kept.iter().map(tick).collect();
        }
    }
    Vec::new()
}

fn number_label(value: f64, step: f64, scale: Scale) -> String {
    match scale {
        Scale::Number => grouped(value, decimals_of(step)),
        Scale::Percent => format!("{} %", grouped(value * 100.0, decimals_of(step * 100.0))),
    }
}

/// Decimals that tell multiples of `step` apart, at most 9.
fn decimals_of(step: f64) -> usize {
    (0..9)
        .find(|decimals| {
            let scaled = step * libm::pow(10.0, f64::from(*decimals));
            (scaled - libm::round(scaled)).abs() < 1e-6 * scaled.max(1.0)
        })
        .and_then(|d| usize::try_from(d).ok())
        .unwrap_or(9)
}

/// `value` with `decimals` places and a comma between groups of three digits; never `-0`.
#[must_use]
pub fn grouped(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) if rest.bytes().any(|b| (b'1'..=b'9').contains(&b)) => ("-", rest),
        Some(rest) => ("", rest),
        None => ("", text.as_str()),
    };
    let (integer, fraction) = match digits.split_once('.') {
        Some((integer, fraction)) => (integer, format!(".{fraction}")),
        None => (digits, String::new()),
    };
    let mut out = String::from(sign);
    let count = integer.len();
    for (index, digit) in integer.chars().enumerate() {
        if index > 0 && (count - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out.push_str(&fraction);
    out
}

/// A step of the time axis.
#[derive(Debug, Clone, Copy)]
enum Step {
    Hours(i64),
    Days(i64),
    Months(u32),
    Years(i32),
}

const STEPS: [Step; 17] = [
    Step::Hours(1),
    Step::Hours(3),
    Step::Hours(6),
    Step::Hours(12),
    Step::Days(1),
    Step::Days(2),
    Step::Days(7),
    Step::Days(14),
    Step::Months(1),
    Step::Months(2),
    Step::Months(3),
    Step::Months(6),
    Step::Years(1),
    Step::Years(2),
    Step::Years(5),
    Step::Years(10),
    Step::Years(25),
];

/// Ticks within `first..=last`, at most `most`, at whole hours, days, months or years.
#[must_use]
pub fn time_ticks(first: UtcTime, last: UtcTime, most: usize) -> Vec<Tick<UtcTime>> {
    let span = last.millis_since(first).max(0);
    for step in STEPS {
        let rough = match step {
            Step::Hours(n) => n * HOUR_MS,
            Step::Days(n) => n * DAY_MS,
            Step::Months(n) => i64::from(n) * 30 * DAY_MS,
            Step::Years(n) => i64::from(n) * 365 * DAY_MS,
        };
        if usize::try_from(span / rough).is_ok_and(|n| n <= most) {
            let mut ticks = ticks_of(step, first, last);
            if ticks.len() <= most {
                // Labels of hours name the day once; a lone tick would not say which.
                if ticks.is_empty() {
                    ticks.push(Tick {
                        at: first,
                        label: label(step, first),
                    });
                }
                return ticks;
            }
        }
    }
    vec![Tick {
        at: first,
        label: first.date(),
    }]
}

fn ticks_of(step: Step, first: UtcTime, last: UtcTime) -> Vec<Tick<UtcTime>> {
    let times: Vec<UtcTime> = match step {
        Step::Hours(n) => multiples(n * HOUR_MS, first, last),
        Step::Days(n) => multiples(n * DAY_MS, first, last),
        Step::Months(n) => month_starts(n, first, last),
        Step::Years(n) => year_starts(n, first, last),
    };
    times
        .into_iter()
        .map(|at| Tick {
            at,
            label: label(step, at),
        })
        .collect()
}

fn multiples(step: i64, first: UtcTime, last: UtcTime) -> Vec<UtcTime> {
    let start = first.millis().div_euclid(step) + i64::from(first.millis().rem_euclid(step) != 0);
    (start..=last.millis().div_euclid(step))
        .map(|n| UtcTime::EPOCH.plus_millis(n * step))
        .collect()
}

fn month_starts(step: u32, first: UtcTime, last: UtcTime) -> Vec<UtcTime> {
    let (from, to) = (date_of(first), date_of(last));
    let mut found = Vec::new();
    for year in from.year()..=to.year() {
        let months = (1..=12_u32).filter(|m| (m - 1) % step == 0);
        found.extend(months.filter_map(|month| start_of(year, month)));
    }
    found.retain(|at| (first..=last).contains(at));
    found
}

fn year_starts(step: i32, first: UtcTime, last: UtcTime) -> Vec<UtcTime> {
    let (from, to) = (date_of(first), date_of(last));
    let years = (from.year()..=to.year()).filter(|year| year.rem_euclid(step) == 0);
    years
        .filter_map(|year| start_of(year, 1))
        .filter(|at| (first..=last).contains(at))
        .collect()
}

fn start_of(year: i32, month: u32) -> Option<UtcTime> {
    let date = NaiveDate::from_ymd_opt(year, month, 1)?;
    UtcTime::from_millis(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis()).ok()
}

/// The calendar year (UTC) in which `time` lies.
#[must_use]
pub fn year_of(time: UtcTime) -> i32 {
    date_of(time).year()
}

fn date_of(time: UtcTime) -> NaiveDate {
    DateTime::<Utc>::from_timestamp_millis(time.millis())
        .unwrap_or_default()
        .date_naive()
}

fn label(step: Step, at: UtcTime) -> String {
    let full = at.to_string();
    let chars =
        |from: usize, to: usize| -> String { full.chars().skip(from).take(to - from).collect() };
    match step {
        Step::Hours(_) if at.millis() % DAY_MS != 0 => chars(11, 16),
        Step::Hours(_) | Step::Days(_) => chars(5, 10),
        Step::Months(_) => chars(0, 7),
        Step::Years(_) => chars(0, 4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, scale: Scale) -> Vec<String> {
        number_ticks(low, high, 5, scale)
            .into_iter()
            .map(|t| t.label)
            .collect()
    }

    #[test]
    fn numbers() {
        assert_eq!(
            labels(9_820.0, 12_400.0, Scale::Number),
            ["9,000", "10,000", "11,000", "12,000", "13,000"]
        );
        assert_eq!(
            labels(0.0, 0.187, Scale::Percent),
            ["0 %", "5 %", "10 %", "15 %", "20 %"]
        );
        assert_eq!(
            labels(1.0, 1.0, Scale::Number),
            ["0.990", "0.995", "1.000", "1.005", "1.010"]
        );
        assert_eq!(
            labels(-0.5, 0.5, Scale::Number),
            ["-0.6", "-0.4", "-0.2", "0.0", "0.2", "0.4", "0.6"]
        );
        for (low, high) in [(0.0, 0.0), (-1e300, 1e300), (1e-12, 2e-12), (5.0, 4.0)] {
            let ticks = number_ticks(low, high, 5, Scale::Number);
            assert!(
                (2..=20).contains(&ticks.len()),
                "{low} {high} {}",
                ticks.len()
            );
        }
        assert_eq!(grouped(-1_234_567.891, 2), "-1,234,567.89");
        assert_eq!(grouped(-0.001, 2), "0.00");
        assert_eq!(grouped(999.0, 0), "999");
    }

    #[test]
    fn logarithms() {
        let labels = |low: f64, high: f64| -> Vec<String> {
            let ticks = log_ticks(low, high, 8, Scale::Number);
            ticks.into_iter().map(|t| t.label).collect()
        };
        assert_eq!(
            labels(9_000.0, 61_000.0),
            ["5,000", "10,000", "20,000", "50,000", "100,000"]
        );
        assert_eq!(labels(0.3, 2.0), ["0.2", "0.5", "1", "2"]);
        assert_eq!(labels(1.0, 1.0), ["1"]);
        assert_eq!(labels(1.0, 9e5).len(), 7);
        assert!(labels(1e-300, 1e300).len() < 2_000);
    }

    #[test]
    fn times() {
        let at = |text: &str| UtcTime::parse_loose(text).unwrap();
        let labels = |first: &str, last: &str| {
            let ticks = time_ticks(at(first), at(last), 9);
            ticks.into_iter().map(|t| t.label).collect::<Vec<_>>()
        };
        assert_eq!(
            labels("2018-05-15", "2023-01-04"),
            ["2019", "2020", "2021", "2022", "2023"]
        );
        assert_eq!(
            labels("2024-01-01", "2024-01-08"),
            [
                "01-01", "01-02", "01-03", "01-04", "01-05", "01-06", "01-07", "01-08"
            ]
        );
        assert_eq!(
            labels("2024-01-01T20:00:00Z", "2024-01-02T04:00:00Z"),
            [
                "20:00", "21:00", "22:00", "23:00", "01-02", "01:00", "02:00", "03:00", "04:00"
            ]
        );
        assert_eq!(labels("1971-01-01", "9999-12-31").len(), 1);
        assert_eq!(labels("2024-01-01", "2024-01-01"), ["01-01"]);
    }
}
