//! The tables of a sweep's report: the best, the figures, the parameters.

use super::{BestRow, EffectRow, StatisticsRow, SweepReport, label, shown};
use crate::kernel::unit::Unit;
use crate::render::axis::grouped;
use crate::render::report::document::{Block, Head, Row, Section, Table};
use crate::render::report::number::{count, number};
use crate::research::sweep::landscape::Quartiles;
use crate::research::sweep::ranking::Figure;

/// Figures beside the one that is ranked by.
const TOLD: [Figure; 5] = [
    Figure::Sharpe,
    Figure::TotalReturn,
    Figure::MaxDrawdown,
    Figure::HitRatio,
    Figure::ProfitFactor,
];
/// Most values of one parameter in a table; the picture shows all.
const VALUES_MAX: usize = 40;

/// Costs as a share of the capital, and as money where there is a capital.
pub(super) fn costs(report: &SweepReport, costs: f64) -> String {
    let share = number(costs, Unit::Fraction);
    match &report.capital {
        Some((capital, currency)) => {
            format!("{} {currency} ({share})", grouped(costs * capital, 2))
        }
        None => share,
    }
}

fn row(cells: Vec<String>) -> Row {
    Row {
        cells,
        level: None,
        at: None,
    }
}

/// The best, with what surrounds them.
pub(super) fn top(report: &SweepReport) -> Section {
    if report.best.is_empty() {
        return Section::new("The best", Vec::new());
    }
    let others = TOLD.into_iter().filter(|f| *f != report.ranked_by);
    let others: Vec<Figure> = others.collect();
    let metric = label(report.ranked_by);
    let mut heads = vec!["#Rank".to_owned(), "Parameters".to_owned()];
    heads.extend([format!("#{metric}"), "#Plateau".to_owned()]);
    heads.extend(others.iter().map(|figure| format!("#{}", label(*figure))));
    heads.extend(["#Trades", "#Costs"].map(str::to_owned));
    let one = |best: &BestRow| {
        let mut cells = vec![
            best.rank.to_string(),
            varied(report, best),
            shown(report.ranked_by, Some(best.value)),
            shown(report.ranked_by, Some(best.plateau)),
        ];
        cells.extend(others.iter().map(|figure| {
            let own = best.figures.iter().find(|(own, _)| own == figure);
            shown(*figure, own.and_then(|(_, value)| *value))
        }));
        cells.push(count(best.trades));
        cells.push(number(best.costs, Unit::Fraction));
        row(cells)
    };
    let table = Table {
        heads: heads.iter().map(|head| Head::new(head)).collect(),
        rows: report.best.iter().map(one).collect(),
    };
    let words = format!(
        "Plateau is the mean of the {} over a combination and its neighbours, one step along one parameter, that ran: where it falls far below the figure itself, the combination is a peak. Costs are a share of the capital. Combinations without a trade, or without this figure, are never among the best; equal ones come in the order of the grid.",
        in_words(report.ranked_by)
    );
    let title = match report.best.len() {
        1 => "The best".to_owned(),
        n => format!("The best {n}"),
    };
    Section::new(&title, vec![Block::Table(table), Block::text(words)])
}

/// A figure inside of a sentence.
pub(super) fn in_words(figure: Figure) -> String {
    let label = label(figure);
    match figure {
        Figure::Sharpe | Figure::Sortino => label,
        _ => label.to_lowercase(),
    }
}

/// The parameters that vary, with their values.
fn varied(report: &SweepReport, best: &BestRow) -> String {
    let varies = |name: &String| {
        let mut axes = report.axes.iter();
        axes.any(|(axis, values)| axis == name && values.len() > 1)
    };
    let pairs = best.parameters.iter().filter(|(name, _)| varies(name));
    let texts: Vec<String> = pairs
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    if texts.is_empty() {
        return "all fixed".to_owned();
    }
    texts.join(", ")
}

/// How every figure is distributed.
pub(super) fn statistics(report: &SweepReport) -> Section {
    let one = |row: &StatisticsRow| {
        let of = |value: fn(&Quartiles) -> f64| match &row.quartiles {
            Some(quartiles) => number(value(quartiles), row.unit),
            None => "undefined".to_owned(),
        };
        [
            row.label.clone(),
            of(|q| q.min),
            of(|q| q.low),
            of(|q| q.median),
            of(|q| q.high),
            of(|q| q.max),
            count(row.undefined),
        ]
    };
    let heads = [
        "Figure",
        "#Smallest",
        "#Lower quartile",
        "#Median",
        "#Upper quartile",
        "#Largest",
        "#Undefined",
    ];
    let rows = report.statistics.iter().map(one).collect();
    let words =
        "Over all combinations that traded; those without a trade are counted as undefined.";
    Section::new(
        "Figures of all combinations",
        vec![Block::table(heads, rows), Block::text(words)],
    )
}

/// What each value of each parameter does to the figure that is ranked by.
pub(super) fn parameters(report: &SweepReport) -> Section {
    let figure = report.ranked_by;
    let title = format!("{} by parameter", label(figure));
    if report.effects.is_empty() {
        let words = "Nothing varies: every parameter has one value.";
        return Section::new(&title, vec![Block::text(words)]);
    }
    let mut order: Vec<&EffectRow> = report.effects.iter().collect();
    order.sort_by(|a, b| b.spread.total_cmp(&a.spread));
    let strengths: Vec<String> = order
        .iter()
        .map(|effect| {
            let said = if effect.idle { ", changes nothing" } else { "" };
            format!(
                "{} {}{said}",
                effect.name,
                shown(figure, Some(effect.spread))
            )
        })
        .collect();
    let mut blocks = vec![Block::text(format!(
        "Every value over all combinations that have it. Largest less smallest mean, the strongest parameter first: {}.",
        strengths.join("; ")
    ))];
    blocks.push(Block::table(
        [
            "Parameter",
            "#Value",
            "#Combinations",
            "#Smallest",
            "#Median",
            "#Mean",
            "#Largest",
        ],
        report
            .effects
            .iter()
            .flat_map(|e| values(figure, e))
            .collect(),
    ));
    Section::new(&title, blocks)
}

fn values(figure: Figure, effect: &EffectRow) -> Vec<[String; 7]> {
    let one = |(value, quartiles): &(String, Option<Quartiles>)| {
        let of = |x: fn(&Quartiles) -> f64| shown(figure, quartiles.as_ref().map(x));
        [
            effect.name.clone(),
            value.clone(),
            count(quartiles.map_or(0, |q| q.count) as u64),
            of(|q| q.min),
            of(|q| q.median),
            of(|q| q.mean),
            of(|q| q.max),
        ]
    };
    let mut rows: Vec<[String; 7]> = effect.values.iter().take(VALUES_MAX).map(one).collect();
    let more = effect.values.len().saturating_sub(VALUES_MAX);
    if more > 0 {
        let [name, value] = [
            effect.name.clone(),
            format!("and {} more", count(more as u64)),
        ];
        let [a, b, c, d, e] = [const { String::new() }; 5];
        let cells = [name, value, a, b, c, d, e];
        rows.push(cells);
    }
    rows
}
