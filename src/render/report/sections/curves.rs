//! Curves: equity beside the market, drawdown, the Sharpe ratio over time, and returns by month.

use crate::kernel::time::UtcTime;
use crate::kernel::unit::Unit;
use crate::metrics::{Metric, MetricKey, MetricResult, Sample};
use crate::render::axis::{Scale, grouped};
use crate::render::chart::{Chart, Shape};
use crate::render::lines::{Line, Lines};
use crate::render::report::document::{Block, Section, Table};
use crate::render::report::number::{count, metric, number};
use crate::render::report::robustness::{Market, RobustnessReport, RollingSharpe};

const MONTHS: [&str; 15] = [
    "=Year",
    "#Jan",
    "#Feb",
    "#Mar",
    "#Apr",
    "#May",
    "#Jun",
    "#Jul",
    "#Aug",
    "#Sep",
    "#Oct",
    "#Nov",
    "#Dec",
    "#Year",
    "#Deepest drawdown",
];
/// A month without bars.
const NO_BARS: &str = "·";

/// The section, empty without a curve.
pub(super) fn section(report: &RobustnessReport) -> Section {
    let mut blocks = Vec::new();
    if !report.equity.is_empty() {
        blocks.push(equity_chart(report));
        blocks.extend(report.market.as_ref().map(|m| beside(report, m)));
        blocks.push(drawdown_chart(report));
        blocks.extend(report.rolling_sharpe.iter().flat_map(rolling));
        blocks.extend(months(report));
    }
    Section::new("Equity and drawdown", blocks)
}

/// Falls below the highest point so far, positive fractions; zero where equity is not positive
/// before any peak.
fn drawdowns(equity: &[(UtcTime, f64)]) -> Vec<(UtcTime, f64)> {
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

fn equity_chart(report: &RobustnessReport) -> Block {
    let title = format!("Equity ({})", report.equity_unit);
    let span = |points: &[(UtcTime, f64)]| {
        let value = |p: Option<&(UtcTime, f64)>| grouped(p.map_or(f64::NAN, |p| p.1), 2);
        format!("from {} to {}", value(points.first()), value(points.last()))
    };
    let mut words = format!("{title}: {}", span(&report.equity));
    let mut lines = vec![Line {
        name: &report.portfolio,
        points: &report.equity,
    }];
    if let Some(market) = &report.market {
        words.push_str(&format!("; {}: {}", market.name, span(&market.points)));
        lines.push(Line {
            name: &market.name,
            points: &market.points,
        });
    }
    words.push('.');
    let chart = Lines {
        title: &title,
        lines: &lines,
        scale: Scale::Number,
        limits: &[],
    };
    Block::Chart {
        svg: chart.svg(),
        words,
    }
}

/// The portfolio's figures beside those of the market.
fn beside(report: &RobustnessReport, market: &Market) -> Block {
    let own = |metric: Metric| -> MetricResult {
        let key = MetricKey::new(metric, Sample::Full);
        let found = report.headline.iter().find(|row| row.key == key);
        found.map_or(Err(crate::metrics::Undefined::Unsupported), |row| row.value)
    };
    let row = |name: &str, [total, moved, sharpe, deepest]: [MetricResult; 4]| {
        [
            name.to_owned(),
            metric(total, Unit::Fraction),
            metric(moved, Unit::Fraction),
            metric(sharpe, Unit::Ratio),
            metric(deepest, Unit::Fraction),
        ]
    };
    let keys = [
        Metric::TotalReturn,
        Metric::Volatility,
        Metric::Sharpe,
        Metric::MaxDrawdown,
    ];
    let heads = [
        "Whole period",
        "#Total return",
        "#Volatility per year",
        "#Sharpe ratio",
        "#Max drawdown",
    ];
    let market_row = [
        market.total_return,
        market.volatility,
        market.sharpe,
        market.max_drawdown,
    ];
    let name = format!("{}, before costs", market.name);
    let rows = vec![
        row(&report.portfolio, keys.map(own)),
        row(&name, market_row),
    ];
    Block::table(heads, rows)
}

fn drawdown_chart(report: &RobustnessReport) -> Block {
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

fn rolling(rolling: &RollingSharpe) -> Vec<Block> {
    let RollingSharpe {
        days, bars, step, ..
    } = rolling;
    let idle = match rolling.idle {
        0 => String::new(),
        idle => format!(
            " {} windows have none, because nothing moved in them.",
            count(idle)
        ),
    };
    let said = format!(
        "Sharpe ratio of the last {days} days ({} bars), every {} bars: over so short a time it swings \
         by about {} for luck alone.{idle}",
        count(*bars),
        count(*step),
        grouped(libm::sqrt(365.25 / *days as f64), 1),
    );
    let values = || rolling.points.iter().map(|p| p.1);
    let low = values().fold(f64::INFINITY, f64::min);
    let high = values().fold(f64::NEG_INFINITY, f64::max);
    let title = format!("Sharpe ratio of the last {days} days (per year)");
    let words = if rolling.points.is_empty() {
        format!("{title}: no window has one.")
    } else {
        let shown = |x| number(x, Unit::Ratio);
        format!("{title}: from {} to {}.", shown(low), shown(high))
    };
    let line = Line {
        name: "portfolio",
        points: &rolling.points,
    };
    let chart = Lines {
        title: &title,
        lines: &[line],
        scale: Scale::Number,
        limits: &[(String::new(), 0.0)],
    };
    vec![
        Block::Chart {
            svg: chart.svg(),
            words,
        },
        Block::text(said),
    ]
}

/// Years by months, in percent.
fn months(report: &RobustnessReport) -> Vec<Block> {
    if report.years.is_empty() {
        return Vec::new();
    }
    let percent = |x: f64| match x.is_finite() {
        true => grouped(x * 100.0, 1),
        false => "undefined".to_owned(),
    };
    let mut gaps = false;
    let rows: Vec<Vec<String>> = report
        .years
        .iter()
        .map(|year| {
            let mut cells = vec![year.year.to_string()];
            gaps |= year.months.iter().any(Option::is_none);
            cells.extend(
                year.months
                    .iter()
                    .map(|month| month.map_or_else(|| NO_BARS.to_owned(), percent)),
            );
            cells.extend([percent(year.total), percent(year.max_drawdown)]);
            cells
        })
        .collect();
    let mut words =
        "In percent, by the month (UTC) in which a bar opens; the months of a year compound to its \
         total. The deepest drawdown is below the highest equity so far, that of earlier years \
         included."
            .to_owned();
    if gaps {
        words.push_str(&format!(" A dot ({NO_BARS}) marks a month without bars."));
    }
    vec![
        Block::heading("Returns by month"),
        Block::Table(Table::new(&MONTHS, rows)),
        Block::text(words),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawdowns_from_the_peak() {
        let at = |text: &str| UtcTime::parse_loose(text).unwrap();
        let equity = [
            (at("2020-01-01"), 100.0),
            (at("2020-12-31"), 120.0),
            (at("2021-06-01"), 90.0),
            (at("2021-12-31"), 108.0),
        ];
        let falls: Vec<f64> = drawdowns(&equity).into_iter().map(|p| p.1).collect();
        assert_eq!(falls, [0.0, 0.0, 0.25, 1.0 - 108.0 / 120.0]);
        assert_eq!(
            drawdowns(&[(at("2020-01-01"), 0.0)]),
            [(at("2020-01-01"), 0.0)]
        );
    }
}
