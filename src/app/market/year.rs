//! How many bars a year has, and what is said where no number is known.

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::metrics::periods::periods_per_year;
use crate::metrics::{MetricResult, Undefined};
use crate::research::market::BarSeries;

/// Bars in a year, by their spacing.
///
/// # Errors
/// When they are neither around the clock nor one a day.
pub fn year(series: &BarSeries) -> MetricResult {
    periods_per_year(&series.times())
}

/// That the `figure` of such bars is undefined.
#[must_use]
pub fn undefined(slug: &'static str, figure: &str, reason: Undefined) -> Failure {
    let said = format!(
        "{figure} of these bars is undefined ({reason}): they are neither around the clock nor one a day"
    );
    Failure::new(Exit::Invalid, slug, said)
}
