//! Heat maps: a table of numbers as one SVG element in which colour says how large each number is.
//!
//! In: labels of rows and columns, a number or none for every cell, the range of the colours. Out: an
//! element that is whole on its own, as a [`Chart`](super::chart::Chart) is: deterministic, without
//! script, font or anything else from outside. The number stands in its cell wherever it fits, else
//! a pointer that rests on the cell shows it, so that nothing is said by colour alone. A cell without
//! a number is crossed, never coloured. The colours differ in lightness too: blue and orange, which
//! people with any common colour blindness tell apart, and a black and white print keeps the order
//! of a sequence.

use std::fmt::Write as _;

use super::axis::{Scale, grouped};
use crate::kernel::text::visible;

/// Widest picture.
const WIDTH_MAX: f64 = 900.0;
/// Narrowest picture: the scale has to fit.
const WIDTH_MIN: f64 = 340.0;
/// Room for the heading's lines.
const HEADING: f64 = 20.0;
/// Room for the scale below the cells.
const SCALE_HEIGHT: f64 = 34.0;
/// Longest label, in characters; longer ones end in an ellipsis.
const LABEL_MAX: usize = 36;
/// Steps of the scale.
const STEPS: u32 = 32;
/// Size of the labels.
const FONT: f64 = 12.0;
/// Sizes of a number in its cell, the first that fits.
const FONTS: [f64; 4] = [12.0, 11.0, 10.0, 9.0];
/// Width of a character by the size of its letters, rather too wide.
const LETTER: f64 = 0.6;

/// Red, green and blue, 0 to 255.
type Rgb = [f64; 3];

const PALE: Rgb = [247.0, 248.0, 250.0];
const BLUE: Rgb = [23.0, 78.0, 140.0];
const ORANGE: Rgb = [166.0, 73.0, 8.0];

/// What the colours range over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Colours {
    /// From pale at the first number to dark blue at the second, which may be the smaller.
    Sequential(f64, f64),
    /// Pale in the middle, orange below and blue above, dark at a distance of `reach`.
    Diverging {
        /// Neither good nor bad, such as 0.
        middle: f64,
        /// Distance at which the colours are darkest; positive.
        reach: f64,
    },
}

/// A cell that is framed, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// From 0.
    pub row: usize,
    /// From 0.
    pub column: usize,
    /// Said beside the scale, such as `the best`.
    pub words: &'a str,
}

/// A heat map.
#[derive(Debug, Clone, PartialEq)]
pub struct Heatmap<'a> {
    /// Heading, with the unit.
    pub title: &'a str,
    /// What the columns are; empty: nothing is written.
    pub across: &'a str,
    /// What the rows are; empty: nothing is written.
    pub down: &'a str,
    /// Labels of the columns, from the left.
    pub columns: &'a [String],
    /// Labels of the rows, from the top.
    pub rows: &'a [String],
    /// One list per row with one number per column; what is missing or not finite is undefined.
    pub cells: &'a [Vec<Option<f64>>],
    /// How numbers are written.
    pub scale: Scale,
    /// Decimals of a number; of a percentage where they are percent.
    pub decimals: usize,
    /// What the colours range over.
    pub colours: Colours,
    /// A cell that is framed.
    pub frame: Option<Frame<'a>>,
}

impl Colours {
    /// A sequence from the smallest to the largest number of `cells`.
    #[must_use]
    pub fn fitting(cells: &[Vec<Option<f64>>]) -> Self {
        let (low, high) = finite(cells)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
                (low.min(x), high.max(x))
            });
        if low <= high {
            Self::Sequential(low, high)
        } else {
            Self::Sequential(0.0, 1.0)
        }
    }

    /// Two colours around `middle` that reach as far as the number of `cells` that is farthest from
    /// it.
    #[must_use]
    pub fn around(middle: f64, cells: &[Vec<Option<f64>>]) -> Self {
        let far = finite(cells).fold(0.0_f64, |far, x| far.max((x - middle).abs()));
        let reach = if far > 0.0 { far } else { 1.0 };
        Self::Diverging { middle, reach }
    }

    /// The numbers at the left end, in the middle and at the right end of the scale.
    fn marks(self) -> [f64; 3] {
        match self {
            Self::Sequential(pale, dark) => [pale, f64::midpoint(pale, dark), dark],
            Self::Diverging { middle, reach } => [middle - reach, middle, middle + reach],
        }
    }

    fn of(self, value: f64) -> Rgb {
        match self {
            Self::Sequential(pale, dark) => {
                let width = dark - pale;
                let share = if width.abs() > 0.0 {
                    (value - pale) / width
                } else {
                    0.5
                };
                mixed(PALE, BLUE, share)
            }
            Self::Diverging { middle, reach } => {
                let dark = if value < middle { ORANGE } else { BLUE };
                mixed(PALE, dark, (value - middle).abs() / reach)
            }
        }
    }
}

/// The finite numbers of a table.
fn finite(cells: &[Vec<Option<f64>>]) -> impl Iterator<Item = f64> + '_ {
    let all = cells.iter().flatten().copied().flatten();
    all.filter(|x| x.is_finite())
}

/// `share` of the way from one colour to another; beyond an end, or nowhere, it is that end.
fn mixed(from: Rgb, to: Rgb, share: f64) -> Rgb {
    let share = if share > 0.0 { share.min(1.0) } else { 0.0 };
    let mut out = from;
    for (part, to) in out.iter_mut().zip(to) {
        *part += (to - *part) * share;
    }
    out
}

fn written([red, green, blue]: Rgb) -> String {
    format!("rgb({red:.0},{green:.0},{blue:.0})")
}

/// Ink that can be read on `ground`.
fn ink([red, green, blue]: Rgb) -> &'static str {
    if 0.299 * red + 0.587 * green + 0.114 * blue > 140.0 {
        "#1c2430"
    } else {
        "#ffffff"
    }
}

/// Where everything is.
struct Plane {
    heading: Vec<String>,
    width: f64,
    left: f64,
    top: f64,
    cell_width: f64,
    cell_height: f64,
    /// Labels of columns stand upright.
    upright: bool,
    /// Every so many columns and rows have a label.
    every: [usize; 2],
}

impl Plane {
    fn of(map: &Heatmap<'_>) -> Self {
        let (columns, rows) = (map.columns.len().max(1), map.rows.len().max(1));
        let longest = |labels: &[String]| {
            let widths = labels.iter().map(|label| width_of(&short(label), FONT));
            widths.fold(0.0, f64::max)
        };
        let (across, down) = (longest(map.columns), longest(map.rows));
        let named = if map.down.is_empty() { 0.0 } else { 18.0 };
        let left = down + named + 14.0;
        let numbers = finite(map.cells).map(|x| width_of(&map.number(x), FONT));
        let wanted = numbers.fold(0.0, f64::max).max(across.min(70.0)) + 12.0;
        let room = WIDTH_MAX - left - 8.0;
        let cell_width = wanted.clamp(44.0, 96.0).min(room / columns as f64);
        let width = (left + cell_width * columns as f64 + 8.0).max(WIDTH_MIN);
        let upright = across + 6.0 > cell_width && columns > 1;
        let heading = wrapped(map.title, width - 8.0, 14.0);
        let named = if map.across.is_empty() { 0.0 } else { 18.0 };
        let labels = if upright { across + 10.0 } else { 20.0 };
        let cell_height = (560.0 / rows as f64).clamp(5.0, 30.0);
        let every = |cell: f64| {
            let mut every = 1;
            while every as f64 * cell < 13.0 && every < columns.max(rows) {
                every += 1;
            }
            every
        };
        Self {
            top: heading.len() as f64 * HEADING + named + labels + 4.0,
            every: [
                if upright { every(cell_width) } else { 1 },
                every(cell_height),
            ],
            heading,
            width,
            left,
            cell_width,
            cell_height,
            upright,
        }
    }

    fn x(&self, column: usize) -> f64 {
        self.left + column as f64 * self.cell_width
    }

    fn y(&self, row: usize) -> f64 {
        self.top + row as f64 * self.cell_height
    }
}

impl Heatmap<'_> {
    /// The heat map as one SVG element, no wider than it has to be.
    #[must_use]
    pub fn svg(&self) -> String {
        let plane = Plane::of(self);
        let bottom = plane.y(self.rows.len());
        let (width, height) = (plane.width, bottom + SCALE_HEIGHT + 18.0);
        let title = escaped(self.title);
        let mut out = format!(
            "<svg class=\"chart heat\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
             style=\"max-width:{width:.0}px\" role=\"img\" font-family=\"system-ui,sans-serif\" font-size=\"{FONT}\">\
             <title>{title}</title>"
        );
        for (line, y) in plane.heading.iter().zip(1_u32..) {
            let y = f64::from(y) * HEADING - 4.0;
            let line = escaped(line);
            let _infallible = write!(
                out,
                "<text x=\"4\" y=\"{y}\" font-size=\"14\" font-weight=\"600\" fill=\"currentColor\">{line}</text>"
            );
        }
        self.labels(&plane, &mut out);
        // Numbers stand above all grounds.
        let mut numbers = String::new();
        out.push_str("<g stroke=\"#888888\" stroke-width=\"0.5\">");
        for row in 0..self.rows.len() {
            for column in 0..self.columns.len() {
                self.cell(row, column, &plane, [&mut out, &mut numbers]);
            }
        }
        let _infallible = write!(out, "</g><g text-anchor=\"middle\">{numbers}</g>");
        if let Some(frame) = self.frame {
            let (x, y) = (plane.x(frame.column) + 1.0, plane.y(frame.row) + 1.0);
            let (w, h) = (plane.cell_width - 2.0, plane.cell_height - 2.0);
            let _infallible = write!(
                out,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" fill=\"none\" stroke=\"#000000\" stroke-width=\"3.5\"/>\
                 <rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" fill=\"none\" stroke=\"#ffffff\" stroke-width=\"1.2\"/>"
            );
        }
        self.scale_below(&plane, bottom, &mut out);
        out.push_str("</svg>");
        out
    }

    /// A number as it stands in a cell.
    fn number(&self, value: f64) -> String {
        match self.scale {
            Scale::Number => grouped(value, self.decimals),
            Scale::Percent => format!("{} %", grouped(value * 100.0, self.decimals)),
        }
    }

    fn value(&self, row: usize, column: usize) -> Option<f64> {
        let cell = self.cells.get(row).and_then(|cells| cells.get(column));
        cell.copied().flatten().filter(|x| x.is_finite())
    }

    fn labels(&self, plane: &Plane, out: &mut String) {
        let [every_column, every_row] = plane.every;
        for (column, label) in self.columns.iter().enumerate().step_by(every_column) {
            let (x, y) = (plane.x(column) + plane.cell_width / 2.0, plane.top - 8.0);
            let label = escaped(&short(label));
            let _infallible = match plane.upright {
                true => write!(
                    out,
                    "<text transform=\"translate({:.1} {y:.1}) rotate(-90)\" fill=\"currentColor\">{label}</text>",
                    x + 4.0
                ),
                false => write!(
                    out,
                    "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\" fill=\"currentColor\">{label}</text>"
                ),
            };
        }
        for (row, label) in self.rows.iter().enumerate().step_by(every_row) {
            let (x, y) = (
                plane.left - 8.0,
                plane.y(row) + plane.cell_height / 2.0 + 4.0,
            );
            let label = escaped(&short(label));
            let _infallible = write!(
                out,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"end\" fill=\"currentColor\">{label}</text>"
            );
        }
        if !self.across.is_empty() {
            let y = plane.heading.len() as f64 * HEADING + 14.0;
            let (x, words) = (plane.left, escaped(self.across));
            let _infallible = write!(
                out,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" font-style=\"italic\" fill=\"currentColor\">{words} &#8594;</text>"
            );
        }
        if !self.down.is_empty() {
            let (y, words) = (plane.top, escaped(self.down));
            let _infallible = write!(
                out,
                "<text transform=\"translate(16 {y:.1}) rotate(-90)\" text-anchor=\"end\" font-style=\"italic\" fill=\"currentColor\">&#8592; {words}</text>"
            );
        }
    }

    /// One cell: its ground, and its number above all grounds.
    fn cell(&self, row: usize, column: usize, plane: &Plane, [grounds, numbers]: [&mut String; 2]) {
        let (x, y) = (plane.x(column), plane.y(row));
        let (w, h) = (plane.cell_width, plane.cell_height);
        let Some(value) = self.value(row, column) else {
            let (right, bottom) = (x + w, y + h);
            let _infallible = write!(
                grounds,
                "<path class=\"undefined\" d=\"M{x:.1} {y:.1}H{right:.1}V{bottom:.1}H{x:.1}ZL{right:.1} {bottom:.1}M{right:.1} {y:.1}L{x:.1} {bottom:.1}\" fill=\"none\"/>"
            );
            return;
        };
        let (ground, number) = (self.colours.of(value), self.number(value));
        let fits = |size: &&f64| width_of(&number, **size) + 4.0 <= w && **size + 2.0 <= h;
        let size = FONTS.iter().find(fits);
        let _infallible = write!(
            grounds,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" fill=\"{}\"",
            written(ground)
        );
        let Some(size) = size else {
            let _infallible = write!(grounds, "><title>{number}</title></rect>");
            return;
        };
        grounds.push_str("/>");
        let (x, y) = (x + w / 2.0, y + h / 2.0 + size * 0.35);
        let _infallible = write!(
            numbers,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" fill=\"{}\">{number}</text>",
            ink(ground)
        );
    }

    /// Colours from one end to the other with three numbers, and what frame and cross mean.
    fn scale_below(&self, plane: &Plane, bottom: f64, out: &mut String) {
        let (left, y) = (8.0, bottom + 14.0);
        let width = 150.0;
        let [low, middle, high] = self.colours.marks();
        let step = width / f64::from(STEPS);
        for index in 0..STEPS {
            let share = (f64::from(index) + 0.5) / f64::from(STEPS);
            let _infallible = write!(
                out,
                "<rect x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"10\" fill=\"{}\"/>",
                left + f64::from(index) * step,
                step + 0.3,
                written(self.colours.of(low + (high - low) * share))
            );
        }
        let marks = [
            (low, left, "start"),
            (middle, left + width / 2.0, "middle"),
            (high, left + width, "end"),
        ];
        for (value, x, anchor) in marks {
            let (number, y) = (self.number(value), y + 24.0);
            let _infallible = write!(
                out,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"11\" text-anchor=\"{anchor}\" fill=\"currentColor\">{number}</text>"
            );
        }
        let all = self.rows.len() * self.columns.len();
        let crossed = (0..all).any(|cell| {
            let columns = self.columns.len();
            self.value(cell / columns, cell % columns).is_none()
        });
        let framed = self.frame.map(|frame| format!("framed: {}", frame.words));
        let words = framed
            .into_iter()
            .chain(crossed.then(|| "crossed: undefined".to_owned()));
        for (words, line) in words.zip(0_u32..) {
            let (x, y) = (left + width + 20.0, y + 9.0 + f64::from(line) * 15.0);
            let room = plane.width - x;
            let lines = wrapped(&words, room, 11.0);
            let words = escaped(lines.first().map_or("", String::as_str));
            let _infallible = write!(
                out,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"11\" fill=\"currentColor\">{words}</text>"
            );
        }
    }
}

/// How wide `text` is at most.
fn width_of(text: &str, size: f64) -> f64 {
    text.chars().count() as f64 * size * LETTER
}

/// A label that is not too long.
fn short(label: &str) -> String {
    let mut letters = label.chars();
    let kept: String = letters.by_ref().take(LABEL_MAX).collect();
    match letters.next() {
        None => kept,
        Some(_) => kept.chars().take(LABEL_MAX - 1).chain(['…']).collect(),
    }
}

/// `text` in lines that fit into `width`, broken at blanks.
fn wrapped(text: &str, width: f64, size: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width_of(line, size) + width_of(word, size) + size <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// `text` on one line with everything that XML reads as markup escaped.
fn escaped(text: &str) -> String {
    visible(text, 160)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(n: usize, before: &str) -> Vec<String> {
        (0..n).map(|i| format!("{before}{i}")).collect()
    }

    fn map<'a>(
        columns: &'a [String],
        rows: &'a [String],
        cells: &'a [Vec<Option<f64>>],
        colours: Colours,
    ) -> Heatmap<'a> {
        Heatmap {
            title: "Values of a < b & \"c\"",
            across: "a",
            down: "b",
            columns,
            rows,
            cells,
            scale: Scale::Number,
            decimals: 2,
            colours,
            frame: None,
        }
    }

    #[test]
    fn the_ends_are_dark_and_the_middle_is_pale() {
        let diverging = Colours::Diverging {
            middle: 0.0,
            reach: 2.0,
        };
        for (value, colour) in [(-2.0, ORANGE), (0.0, PALE), (2.0, BLUE), (9.0, BLUE)] {
            assert_eq!(written(diverging.of(value)), written(colour), "{value}");
        }
        assert_eq!(diverging.marks().to_vec(), vec![-2.0, 0.0, 2.0]);
        let falling = Colours::Sequential(0.4, 0.1);
        assert_eq!(written(falling.of(0.1)), written(BLUE));
        assert_eq!(written(falling.of(0.5)), written(PALE));
        assert_eq!(
            (ink(PALE), ink(BLUE), ink(ORANGE)),
            ("#1c2430", "#ffffff", "#ffffff")
        );
        // A range without width is no division by zero.
        let flat = Colours::Sequential(1.0, 1.0).of(1.0);
        assert_eq!(written(flat), written(mixed(PALE, BLUE, 0.5)));
        let cells = [vec![Some(-3.0), None], vec![Some(f64::NAN), Some(1.0)]];
        assert_eq!(Colours::fitting(&cells), Colours::Sequential(-3.0, 1.0));
        assert_eq!(
            Colours::around(0.0, &cells).marks().to_vec(),
            vec![-3.0, 0.0, 3.0]
        );
        assert_eq!(Colours::fitting(&[]), Colours::Sequential(0.0, 1.0));
        assert_eq!(
            Colours::around(1.0, &[]).marks().to_vec(),
            vec![0.0, 1.0, 2.0]
        );
    }

    #[test]
    fn numbers_stand_in_their_cells_and_undefined_ones_are_crossed() {
        let (columns, rows) = (names(3, "x"), names(2, "y"));
        let cells = [
            vec![Some(1.234), None, Some(-0.5)],
            // Too short: the last cell is undefined.
            vec![Some(f64::INFINITY), Some(2.0)],
        ];
        let mut heat = map(&columns, &rows, &cells, Colours::around(0.0, &cells));
        heat.frame = Some(Frame {
            row: 1,
            column: 1,
            words: "the <best>",
        });
        let svg = heat.svg();
        for number in [">1.23<", ">-0.50<", ">2.00<"] {
            assert!(svg.contains(number), "{number}: {svg}");
        }
        assert_eq!(svg.matches("class=\"undefined\"").count(), 3);
        assert!(svg.contains("crossed: undefined") && svg.contains("framed: the &lt;best&gt;"));
        assert!(svg.contains("a &lt; b &amp; &quot;c&quot;") && !svg.contains("inf"));
        heat.scale = Scale::Percent;
        heat.decimals = 1;
        assert!(heat.svg().contains(">123.4 %<"));
        assert_eq!(heat.svg(), heat.svg());
    }

    #[test]
    fn any_size_gives_a_picture_that_fits() {
        for (across, down) in [(0, 0), (1, 1), (2, 40), (150, 70), (12, 12)] {
            let (columns, rows) = (
                names(across, "a_rather_long_name_of_a_column_"),
                names(down, "r"),
            );
            let cells = vec![vec![Some(0.123_456); across]; down];
            let svg = map(&columns, &rows, &cells, Colours::fitting(&cells)).svg();
            assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"));
            assert!(!svg.contains("NaN") && !svg.contains("inf"));
            let size = svg.split("viewBox=\"0 0 ").nth(1).unwrap();
            let size: Vec<f64> = size
                .split('"')
                .next()
                .unwrap()
                .split(' ')
                .map(|n| n.parse().unwrap())
                .collect();
            assert!(size[0] <= WIDTH_MAX + 1.0 && size[1] <= 1000.0, "{size:?}");
            let shown = svg.matches("<title>0.12</title>").count();
            assert_eq!(shown, if across == 150 { across * down } else { 0 });
        }
    }
}
