//! The pictures of a sweep's report: heat maps, the distribution, the figure by parameter. Markdown
//! has the same numbers as tables.

use super::tables::in_words;
use super::{EffectRow, Form, PlaneRow, SweepReport, label, shown};
use crate::kernel::unit::Unit;
use crate::render::axis::Scale;
use crate::render::boxes::{Boxes, Group};
use crate::render::heatmap::{Colours, Frame, Heatmap};
use crate::render::histogram::Histogram;
use crate::render::report::document::{Block, Head, Row, Table};
use crate::render::report::number::count;
use crate::research::sweep::landscape::{Over, Quartiles};
use crate::research::sweep::ranking::Figure;

/// Most columns of a heat map as a Markdown table.
const COLUMNS_MAX: usize = 16;
/// Most rows of a heat map as a Markdown table.
const ROWS_MAX: usize = 60;
/// Ranges of a distribution as a Markdown table.
const RANGES: u32 = 8;

fn scale(figure: Figure) -> Scale {
    match figure.unit() {
        Unit::Fraction => Scale::Percent,
        _ => Scale::Number,
    }
}

/// The tables over two parameters.
pub(super) fn heat_maps(report: &SweepReport, form: Form) -> Vec<Block> {
    let Some(first) = report.planes.first() else {
        let words = "Fewer than two parameters vary: there is no table over two of them.";
        return vec![Block::text(words)];
    };
    let over = match first.others {
        true => "A cell is the mean, or where it says so the best, over all other parameters.",
        false => "A cell is one combination: no other parameter varies.",
    };
    let marked = match form {
        Form::Html => "The framed cell",
        Form::Markdown => "The cell that says so",
    };
    let words = format!(
        "{} goes across and {} down. {over} {marked} holds the best combination by {}.",
        first.across.0,
        first.down.0,
        in_words(report.ranked_by)
    );
    let mut blocks = vec![Block::text(words)];
    for plane in &report.planes {
        match form {
            Form::Html => blocks.push(picture(plane)),
            Form::Markdown => blocks.extend(table(plane)),
        }
    }
    blocks
}

fn title(plane: &PlaneRow) -> String {
    let figure = label(plane.figure);
    match (plane.others, plane.over) {
        (false, _) => figure,
        (true, Over::Mean) => format!("{figure}, mean over the others"),
        (true, Over::Best) => format!("{figure}, the best over the others"),
    }
}

/// Colours around what is neither good nor bad, where there is such a number.
fn colours(plane: &PlaneRow) -> Colours {
    match plane.figure {
        Figure::Sharpe | Figure::Sortino | Figure::TotalReturn => {
            Colours::around(0.0, &plane.cells)
        }
        Figure::HitRatio => Colours::around(0.5, &plane.cells),
        Figure::ProfitFactor => Colours::around(1.0, &plane.cells),
        Figure::MaxDrawdown => Colours::fitting(&plane.cells),
    }
}

fn picture(plane: &PlaneRow) -> Block {
    let title = match plane.figure {
        Figure::MaxDrawdown => title(plane) + "; darker is deeper",
        _ => title(plane),
    };
    let frame = plane.best.map(|[row, column]| Frame {
        row,
        column,
        words: "holds the best",
    });
    let map = Heatmap {
        title: &title,
        across: &plane.across.0,
        down: &plane.down.0,
        columns: &plane.across.1,
        rows: &plane.down.1,
        cells: &plane.cells,
        scale: scale(plane.figure),
        decimals: match plane.figure.unit() {
            Unit::Fraction => 1,
            _ => 2,
        },
        colours: colours(plane),
        frame,
    };
    Block::Chart {
        svg: map.svg(),
        words: title,
    }
}

/// The same numbers for Markdown; none where a table would be too large to read.
fn table(plane: &PlaneRow) -> Vec<Block> {
    let (columns, rows) = (&plane.across.1, &plane.down.1);
    let heading = Block::heading(&title(plane));
    if columns.len() > COLUMNS_MAX || rows.len() > ROWS_MAX {
        let words = format!(
            "{} by {} cells: the HTML report shows them.",
            rows.len(),
            columns.len()
        );
        return vec![heading, Block::text(words)];
    }
    let corner = format!("{} (across {})", plane.down.0, plane.across.0);
    let heads =
        std::iter::once(format!("#{corner}")).chain(columns.iter().map(|c| format!("#{c}")));
    let one = |(index, name): (usize, &String)| {
        let numbers = plane.cells.get(index).into_iter().flatten().enumerate();
        let cells = numbers.map(|(column, value)| {
            let mark = if plane.best == Some([index, column]) {
                " (best)"
            } else {
                ""
            };
            format!("{}{mark}", shown(plane.figure, *value))
        });
        Row {
            cells: std::iter::once(name.clone()).chain(cells).collect(),
            level: None,
            at: None,
        }
    };
    let table = Table {
        heads: heads.map(|head| Head::new(&head)).collect(),
        rows: rows.iter().enumerate().map(one).collect(),
    };
    vec![heading, Block::Table(table)]
}

/// How the figure of the pictures is distributed.
pub(super) fn distribution(report: &SweepReport, form: Form) -> Vec<Block> {
    let figure = report.plotted;
    let Some(quartiles) = Quartiles::of(report.values.iter().copied()) else {
        let words = format!("No combination traded and has a {}.", in_words(figure));
        return vec![Block::text(words)];
    };
    if form == Form::Markdown {
        return vec![ranges(figure, &report.values, &quartiles)];
    }
    let marks = [("median".to_owned(), quartiles.median)];
    let mut limits = Vec::new();
    if figure == report.ranked_by {
        limits.extend(
            report
                .best
                .first()
                .map(|best| ("best".to_owned(), best.value)),
        );
    }
    if figure == Figure::Sharpe {
        let luck = report.trials.luck;
        limits.extend(luck.map(|luck| ("best expected without skill".to_owned(), luck)));
    }
    let title = format!(
        "{} of {} combinations",
        label(figure),
        count(quartiles.count as u64)
    );
    let histogram = Histogram {
        title: &title,
        values: &report.values,
        scale: scale(figure),
        marks: &marks,
        limits: &limits,
    };
    let words = title.clone();
    vec![Block::Chart {
        svg: histogram.svg(),
        words,
    }]
}

/// Equally wide ranges and how many combinations are in each.
fn ranges(figure: Figure, values: &[f64], quartiles: &Quartiles) -> Block {
    let width = (quartiles.max - quartiles.min) / f64::from(RANGES);
    let ends: Vec<f64> = (0..=RANGES)
        .map(|index| quartiles.min + width * f64::from(index))
        .collect();
    let last = ends.len().saturating_sub(2);
    let rows = ends.windows(2).enumerate().filter_map(|(index, pair)| {
        let [from, to] = pair else { return None };
        let inside = |x: &&f64| match index == last {
            true => **x >= *from,
            false => **x >= *from && **x < *to,
        };
        Some([
            shown(figure, Some(*from)),
            shown(figure, Some(*to)),
            count(values.iter().filter(inside).count() as u64),
        ])
    });
    let rows = match width > 0.0 {
        true => rows.collect(),
        false => vec![[
            shown(figure, Some(quartiles.min)),
            shown(figure, Some(quartiles.max)),
            count(values.len() as u64),
        ]],
    };
    let from = format!("#{} from", label(figure));
    Block::table([&from, "#below", "#Combinations"], rows)
}

/// The figure of the pictures by each parameter.
pub(super) fn parameters(report: &SweepReport, form: Form) -> Vec<Block> {
    if report.plotted_effects.is_empty() {
        return Vec::new();
    }
    let figure = report.plotted;
    let words = "For every value: a line from the smallest to the largest figure over all other parameters, a box around the middle half, a thick line at the median. Boxes that do not move say that the parameter hardly matters.";
    match form {
        Form::Html => std::iter::once(Block::text(words))
            .chain(report.plotted_effects.iter().map(|e| boxes(figure, e)))
            .collect(),
        // The table of the parameters says the same where the figure is the same.
        Form::Markdown if figure == report.ranked_by => Vec::new(),
        Form::Markdown => {
            let effects = report.plotted_effects.iter();
            let lines = effects.flat_map(|effect| quartile_rows(figure, effect));
            let median = format!("#Median {}", in_words(figure));
            vec![Block::table(
                [
                    "Parameter",
                    "#Value",
                    "#Lower quartile",
                    &median,
                    "#Upper quartile",
                ],
                lines.collect(),
            )]
        }
    }
}

fn quartile_rows(figure: Figure, effect: &EffectRow) -> Vec<[String; 5]> {
    let one = |(value, quartiles): &(String, Option<Quartiles>)| {
        let of = |x: fn(&Quartiles) -> f64| shown(figure, quartiles.as_ref().map(x));
        [
            effect.name.clone(),
            value.clone(),
            of(|q| q.low),
            of(|q| q.median),
            of(|q| q.high),
        ]
    };
    effect.values.iter().map(one).collect()
}

fn boxes(figure: Figure, effect: &EffectRow) -> Block {
    let title = format!("{} by {}", label(figure), effect.name);
    let groups: Vec<Group> = effect
        .values
        .iter()
        .map(|(label, quartiles)| Group {
            label: label.clone(),
            numbers: quartiles.map(|q| [q.min, q.low, q.median, q.high, q.max]),
        })
        .collect();
    let chart = Boxes {
        title: &title,
        across: &effect.name,
        groups: &groups,
        scale: scale(figure),
    };
    Block::Chart {
        svg: chart.svg(),
        words: title,
    }
}
