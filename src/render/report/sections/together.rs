//! The strategies together: figures of the whole, correlation, shares of risk.

use crate::kernel::unit::Unit;
use crate::metrics::MetricResult;
use crate::render::axis::Scale;
use crate::render::heatmap::{Colours, Heatmap};
use crate::render::lines::{Line, Lines};
use crate::render::report::document::{Block, Section, Table};
use crate::render::report::number::{count, metric, number};
use crate::render::report::robustness::{Figure, RiskSection, RollingCorrelation};
use crate::render::share_bars::{Group, ShareBars};

/// Figures of the whole portfolio.
pub(super) fn level(figures: &[Figure]) -> Section {
    let rows: Vec<[String; 3]> = figures
        .iter()
        .map(|f| [f.name.clone(), f.value.clone(), f.words.clone()])
        .collect();
    let blocks = Block::table_if(["Figure", "#Value", "How to read it"], rows);
    Section::new("Portfolio level", blocks)
}

/// Correlation and shares of risk.
pub(super) fn risk(section: &RiskSection) -> Section {
    let mut blocks = vec![matrix(section)];
    let rows: Vec<[String; 3]> = section
        .pairs
        .iter()
        .map(|row| {
            [
                row.bars.clone(),
                metric(row.mean, Unit::Ratio),
                metric(row.max, Unit::Ratio),
            ]
        })
        .collect();
    let heads = ["Correlation in", "#Mean of all pairs", "#Largest pair"];
    blocks.extend(Block::table_if(heads, rows));
    blocks.extend(section.rolling.iter().flat_map(rolling));
    blocks.push(Block::heading("Who carries the risk"));
    blocks.push(shares(section));
    blocks.push(Block::text(format!(
        "The shares add up to 100 %. A strategy carries the part of the portfolio's volatility that its \
         weight times its covariance with the whole is (Euler); of the expected shortfall, what it lost \
         in the portfolio's worst {} of bars. A negative share gains when the others lose.",
        number(section.tail_share, Unit::Fraction)
    )));
    Section::new("Correlation and risk", blocks)
}

/// Longest name in a picture.
const NAME_MAX: usize = 30;

/// A name without its middle where it is long: the end tells strategies apart as often as the
/// beginning.
fn short(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= NAME_MAX {
        return name.to_owned();
    }
    let half = (NAME_MAX - 1) / 2;
    let (first, last) = (letters.iter().take(half), letters.iter().rev().take(half));
    let last: Vec<&char> = last.collect();
    first.chain([&'…']).chain(last.into_iter().rev()).collect()
}

fn matrix(section: &RiskSection) -> Block {
    let columns: Vec<String> = (1..=section.strategies.len())
        .map(|index| format!("({index})"))
        .collect();
    let rows: Vec<String> = columns
        .iter()
        .zip(&section.strategies)
        .map(|(index, name)| format!("{index} {name}"))
        .collect();
    let shown: Vec<String> = columns
        .iter()
        .zip(&section.strategies)
        .map(|(index, name)| format!("{index} {}", short(name)))
        .collect();
    let cells: Vec<Vec<Option<f64>>> = section
        .correlation
        .iter()
        .map(|row| row.iter().map(|value| value.ok()).collect())
        .collect();
    let svg = Heatmap {
        title: "Correlation of the strategies' returns, all bars",
        across: "",
        down: "",
        columns: &columns,
        rows: &shown,
        cells: &cells,
        scale: Scale::Number,
        decimals: 2,
        colours: Colours::Diverging {
            middle: 0.0,
            reach: 1.0,
        },
        frame: None,
    }
    .svg();
    let heads: Vec<String> = std::iter::once("Correlation".to_owned())
        .chain(columns.iter().map(|index| format!("#{index}")))
        .collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let rows = rows.iter().zip(&section.correlation).map(|(name, values)| {
        let numbers = values.iter().map(|value| metric(*value, Unit::Ratio));
        std::iter::once(name.clone()).chain(numbers).collect()
    });
    Block::Pictured {
        svg,
        table: Table::new(&heads, rows),
    }
}

fn rolling(rolling: &RollingCorrelation) -> Vec<Block> {
    let title = format!(
        "Correlation of the strategies over the last {} days",
        rolling.days
    );
    let several = Line {
        name: "mean of all pairs",
        points: &rolling.mean,
    };
    let largest = Line {
        name: "largest pair",
        points: &rolling.max,
    };
    // Of two strategies there is one pair.
    let lines = match rolling.mean == rolling.max {
        true => vec![several],
        false => vec![several, largest],
    };
    // The line at zero keeps the axis plain: of correlations only differences mean something.
    let svg = Lines {
        title: &title,
        lines: &lines,
        scale: Scale::Number,
        limits: &[("uncorrelated".to_owned(), 0.0)],
    }
    .svg();
    let means = || rolling.mean.iter().map(|p| p.1);
    let words = if rolling.mean.is_empty() {
        format!("{title}: no window has one.")
    } else {
        let (low, high) = (
            means().fold(f64::INFINITY, f64::min),
            means().fold(f64::NEG_INFINITY, f64::max),
        );
        let shown = |x| number(x, Unit::Ratio);
        format!(
            "{title}, mean of all pairs: from {} to {}.",
            shown(low),
            shown(high)
        )
    };
    let mut blocks = vec![Block::Chart { svg, words }];
    if rolling.idle > 0 {
        blocks.push(Block::text(format!(
            "{} windows have no correlation, because a strategy did not move in them.",
            count(rolling.idle)
        )));
    }
    blocks
}

/// Weights and shares of risk, with their sum.
fn shares(section: &RiskSection) -> Block {
    let volatility = "of the volatility";
    let shortfall = "of the expected shortfall";
    let rows = || {
        let pairs = section.contribution.iter().zip(&section.shortfall);
        section.strategies.iter().zip(&section.weights).zip(pairs)
    };
    let names: Vec<String> = (1..)
        .zip(&section.strategies)
        .map(|(index, name): (usize, &String)| format!("({index}) {}", short(name)))
        .collect();
    let groups: Vec<Group<'_>> = rows()
        .zip(&names)
        .map(
            |(((_, weight), (by_volatility, by_shortfall)), name)| Group {
                name,
                bars: vec![
                    (Some(*weight), "of the weight"),
                    (by_volatility.ok(), volatility),
                    (by_shortfall.ok(), shortfall),
                ],
            },
        )
        .collect();
    let shown = |value: MetricResult| metric(value, Unit::Fraction);
    let sum = |values: &[MetricResult]| {
        let sum = values
            .iter()
            .try_fold(0.0, |sum, value| Ok(sum + (*value)?));
        shown(sum)
    };
    let weights: f64 = section.weights.iter().sum();
    let last = vec![
        "all".to_owned(),
        number(weights, Unit::Fraction),
        sum(&section.contribution),
        sum(&section.shortfall),
    ];
    let rows = rows().map(|((name, weight), (by_volatility, by_shortfall))| {
        vec![
            name.clone(),
            number(*weight, Unit::Fraction),
            shown(*by_volatility),
            shown(*by_shortfall),
        ]
    });
    let heads = [
        "Strategy",
        "#Weight",
        "#Share of the volatility",
        "#Share of the expected shortfall",
    ];
    Block::Pictured {
        svg: ShareBars {
            title: "Shares of weight and risk",
            groups: &groups,
        }
        .svg(),
        table: Table::new(&heads, rows.chain([last])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_both_its_ends() {
        assert_eq!(
            short("rsi_reversion_btc_moderate"),
            "rsi_reversion_btc_moderate"
        );
        let long = short("strategy_number_1_with_a_rather_long_name_on_eth_hourly");
        assert_eq!(long, "strategy_numbe…_on_eth_hourly");
        assert!(long.chars().count() <= NAME_MAX);
    }
}
