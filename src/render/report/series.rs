//! The equity series of a report: its drawdown, its years, its two charts.

use super::document::Block;
use super::number::number;
use super::robustness::RobustnessReport;
use crate::kernel::time::UtcTime;
use crate::kernel::unit::Unit;
use crate::render::axis::{Scale, grouped, year_of};
use crate::render::chart::{Chart, Shape};

/// One calendar year (UTC) of an equity series.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Year {
    /// `2019`.
    pub(super) year: String,
    /// Growth from the last point before the year (the first point in the first year).
    pub(super) total_return: f64,
    /// Deepest fall below the highest point so far, positive.
    pub(super) max_drawdown: f64,
    /// Equity at the end.
    pub(super) equity: f64,
}

/// Falls below the highest point so far, positive fractions; zero where equity is not positive
/// before any peak.
pub(super) fn drawdowns(equity: &[(UtcTime, f64)]) -> Vec<(UtcTime, f64)> {
    let mut peak = 0.0_f64;
    equity
        .iter()
        .map(|(time, value)| {
            peak = peak.max(*value);
            let fall = if peak > 0.0 { 1.0 - value / peak } else { 0.0 };
            (*time, fall)
        })
        .collect()
}

/// The series by calendar year.
pub(super) fn by_year(equity: &[(UtcTime, f64)]) -> Vec<Year> {
    let falls = drawdowns(equity);
    let mut years: Vec<Year> = Vec::new();
    let mut base = equity.first().map_or(1.0, |p| p.1);
    let pairs: Vec<_> = equity.iter().zip(&falls).collect();
    for stretch in pairs.chunk_by(|a, b| year_of(a.0.0) == year_of(b.0.0)) {
        let Some(((time, last), _)) = stretch.last() else {
            continue;
        };
        years.push(Year {
            year: year_of(*time).to_string(),
            total_return: last / base - 1.0,
            max_drawdown: stretch
                .iter()
                .fold(0.0, |deepest, (_, fall)| fall.1.max(deepest)),
            equity: *last,
        });
        base = *last;
    }
    years
}

/// The equity chart.
pub(super) fn equity_chart(report: &RobustnessReport) -> Block {
    let title = format!("Equity ({})", report.equity_unit);
    let value = |p: Option<&(UtcTime, f64)>| grouped(p.map_or(f64::NAN, |p| p.1), 2);
    let (first, last) = (value(report.equity.first()), value(report.equity.last()));
    Block::Chart {
        svg: Chart {
            title: &title,
            points: &report.equity,
            shape: Shape::Line,
            scale: Scale::Number,
            limits: &[],
        }
        .svg(),
        words: format!("{title}: from {first} to {last}."),
    }
}

/// The drawdown chart.
pub(super) fn drawdown_chart(report: &RobustnessReport) -> Block {
    let falls = drawdowns(&report.equity);
    let deepest = falls
        .iter()
        .copied()
        .fold(None, |deepest: Option<(UtcTime, f64)>, p| {
            deepest.filter(|d| d.1 >= p.1).or(Some(p))
        });
    let words = deepest.map_or_else(String::new, |(time, fall)| {
        format!(
            "Drawdown: at most {} on {}.",
            number(fall, Unit::Fraction),
            time.date()
        )
    });
    Block::Chart {
        svg: Chart {
            title: "Drawdown (percent below the highest equity so far)",
            points: &falls,
            shape: Shape::Hanging,
            scale: Scale::Percent,
            limits: &report.drawdown_lines,
        }
        .svg(),
        words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_and_drawdowns() {
        let at = |text: &str| UtcTime::parse_loose(text).unwrap();
        let equity = [
            (at("2020-01-01"), 100.0),
            (at("2020-12-31"), 120.0),
            (at("2021-06-01"), 90.0),
            (at("2021-12-31"), 108.0),
        ];
        let falls: Vec<f64> = drawdowns(&equity).into_iter().map(|p| p.1).collect();
        assert_eq!(falls, [0.0, 0.0, 0.25, 1.0 - 108.0 / 120.0]);
        let years = by_year(&equity);
        assert_eq!(years.len(), 2);
        assert_eq!(
            (years[0].year.as_str(), years[0].max_drawdown),
            ("2020", 0.0)
        );
        assert!((years[0].total_return - 0.2).abs() < 1e-12);
        assert!((years[1].total_return + 0.1).abs() < 1e-12);
        assert!((years[1].max_drawdown - 0.25).abs() < 1e-12);
        assert_eq!(by_year(&[]), []);
        assert_eq!(
            drawdowns(&[(at("2020-01-01"), 0.0)]),
            [(at("2020-01-01"), 0.0)]
        );
    }
}
