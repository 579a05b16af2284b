//! How numbers are written in reports: with their unit, rounded for reading, and never a number
//! where there is none.

use crate::kernel::unit::Unit;
use crate::metrics::{MetricResult, Undefined};
use crate::render::axis::grouped;

/// A metric's value with its unit, or `undefined` with the reason.
#[must_use]
pub fn metric(value: MetricResult, unit: Unit) -> String {
    match value {
        Ok(x) => number(x, unit),
        Err(reason) => format!("undefined ({})", why(reason)),
    }
}

/// A number with its unit: fractions as percent with two decimals.
#[must_use]
pub fn number(x: f64, unit: Unit) -> String {
    if !x.is_finite() {
        return "undefined".to_owned();
    }
    match unit {
        Unit::Fraction => format!("{} %", grouped(x * 100.0, 2)),
        // A claim of 6.85E+27 is shown as what it is.
        _ if x.abs() >= 1e12 => format!("{x:.3e}"),
        Unit::Ratio => grouped(x, 3),
        Unit::Count => grouped(x, 0),
        Unit::Days => format!("{} d", grouped(x, 1)),
    }
}

/// A count.
#[must_use]
pub fn count(n: u64) -> String {
    grouped(n as f64, 0)
}

/// Why there is no value, in words.
#[must_use]
pub fn why(reason: Undefined) -> &'static str {
    match reason {
        Undefined::ZeroVariance => "the values do not vary",
        Undefined::ZeroDenominator => "nothing to divide by",
        Undefined::TooFewObservations => "too few observations",
        Undefined::NotANumber => "not a number",
        Undefined::Infinite => "infinite",
        Undefined::OutOfRange => "out of range",
        Undefined::NoTrades => "no closed trade",
        Undefined::Unsupported => "cannot be derived",
        Undefined::TooWide => "the expected range is too wide",
        Undefined::Alone => "no other portfolio is LIVE",
    }
}

/// A metric's name for people: `max_drawdown` as `Max drawdown`.
#[must_use]
pub fn label(metric: crate::metrics::Metric) -> String {
    use crate::metrics::Metric as M;
    match metric {
        M::Cagr => "CAGR".to_owned(),
        M::Sharpe => "Sharpe ratio".to_owned(),
        M::Sortino => "Sortino ratio".to_owned(),
        M::Calmar => "Calmar ratio".to_owned(),
        M::Psr | M::Dsr | M::Pbo => metric.as_str().to_ascii_uppercase(),
        M::McRuns => "Monte-Carlo runs".to_owned(),
        M::McSharpeP025 => "Sharpe ratio, 2.5 % quantile".to_owned(),
        M::McSharpeP05 => "Sharpe ratio, 5 % quantile".to_owned(),
        M::McSharpeP50 => "Sharpe ratio, median".to_owned(),
        M::McSharpeP95 => "Sharpe ratio, 95 % quantile".to_owned(),
        M::McSharpeP975 => "Sharpe ratio, 97.5 % quantile".to_owned(),
        M::McMaxDrawdownP95 => "Max drawdown, 95 % quantile".to_owned(),
        M::McProbSharpeAboveFloor => "Share of runs with a Sharpe ratio above the floor".to_owned(),
        other => {
            let words = other.as_str().replace('_', " ");
            let mut letters = words.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_ascii_uppercase().to_string() + letters.as_str()
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_carry_their_unit_or_reason() {
        let cases = [
            (Ok(0.1825), Unit::Fraction, "18.25 %"),
            (Ok(-0.00001), Unit::Fraction, "0.00 %"),
            (Ok(1.0649), Unit::Ratio, "1.065"),
            (Ok(6.85e27), Unit::Ratio, "6.850e27"),
            (Ok(12_345.0), Unit::Count, "12,345"),
            (Ok(900.04), Unit::Days, "900.0 d"),
            (Ok(f64::NAN), Unit::Ratio, "undefined"),
            (
                Err(Undefined::NoTrades),
                Unit::Fraction,
                "undefined (no closed trade)",
            ),
        ];
        for (value, unit, text) in cases {
            assert_eq!(metric(value, unit), text);
        }
        assert_eq!(label(crate::metrics::Metric::MaxDrawdown), "Max drawdown");
    }
}
