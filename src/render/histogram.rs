//! Histograms: how many values fall where, as one SVG element in the style of [`super::chart`],
//! deterministic, without script, font or anything else from outside.
//!
//! Colours stand in presentation attributes and go with paper and with a dark page; a page may
//! override them by class (`grid`, `line`, `bar`, `limit`, `mark`, text in `currentColor`). The
//! width of a bar is 2 IQR n^(-1/3) (Freedman and Diaconis 1981), between [`BARS_MIN`] and
//! [`BARS_MAX`] of them. Where a few values lie so far out that the rest would be one bar, the
//! axis ends before them; how many lie beyond it, or have no number, is written.

use std::fmt::Write as _;

use super::axis::{Scale, Tick, grouped, number_ticks};
use super::chart::escaped;

/// Fewest bars, where the values differ.
pub const BARS_MIN: usize = 8;
/// Most bars.
pub const BARS_MAX: usize = 60;

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 16.0;
/// Room for the heading.
const HEAD: f64 = 30.0;
const BOTTOM: f64 = 30.0;
/// Height of one row of labels above the bars.
const ROW: f64 = 15.0;
/// Most rows of labels; what does not fit into them overlaps in the last.
const ROWS_MAX: usize = 6;
/// Width of a letter of a label, about.
const LETTER: f64 = 6.4;
/// Larger magnitudes are not drawn: their differences would outgrow the numbers.
const LARGEST: f64 = 1e100;

/// A histogram.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram<'a> {
    /// Heading, with the unit.
    pub title: &'a str,
    /// Values in any order; those that are not finite are counted and left out.
    pub values: &'a [f64],
    /// How the values are written.
    pub scale: Scale,
    /// Marked places of the distribution, such as its quantiles, with their labels.
    pub marks: &'a [(String, f64)],
    /// Limits and thresholds with their labels. One far from all values is named at the edge.
    pub limits: &'a [(String, f64)],
}

/// The bars: counts of equally wide bins from `low` on.
struct Bins {
    low: f64,
    width: f64,
    counts: Vec<u32>,
    /// Finite values outside of the bins.
    beyond: usize,
}

/// A vertical line with its label.
struct Line<'a> {
    at: f64,
    label: &'a str,
    limit: bool,
}

/// Values and counts to picture coordinates.
struct Plane {
    low: f64,
    high: f64,
    most: f64,
    top: f64,
}

impl Plane {
    fn x(&self, value: f64) -> f64 {
        let share = (value - self.low) / (self.high - self.low);
        LEFT + share.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, count: f64) -> f64 {
        let bottom = HEIGHT - BOTTOM;
        bottom - count / self.most * (bottom - self.top)
    }
}

impl Histogram<'_> {
    /// The histogram as one SVG element.
    #[must_use]
    pub fn svg(&self) -> String {
        let mut sorted: Vec<f64> = self.values.iter().copied().filter(drawable).collect();
        sorted.sort_by(f64::total_cmp);
        let title = escaped(self.title);
        let mut out = format!(
            "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             role=\"img\" font-family=\"system-ui,sans-serif\" font-size=\"12\"><title>{title}</title>\
             <text x=\"{LEFT}\" y=\"18\" font-size=\"14\" font-weight=\"600\" fill=\"currentColor\">{title}</text>"
        );
        match Bins::of(&sorted) {
            Some(bins) => {
                let missing = self.values.len() - sorted.len();
                draw_note(missing, bins.beyond, &mut out);
                self.draw(&bins, &mut out);
            }
            None => {
                let middle = HEIGHT / 2.0;
                let _infallible = write!(
                    out,
                    "<text x=\"{LEFT}\" y=\"{middle}\" fill=\"currentColor\">no values to draw</text>"
                );
            }
        }
        out.push_str("</svg>");
        out
    }

    fn draw(&self, bins: &Bins, out: &mut String) {
        let (low, high) = self.range(bins);
        let ticks = number_ticks(low, high, 8, self.scale);
        let most = bins.counts.iter().copied().max().unwrap_or(1);
        // Below four, the steps of the axis would be parts of a count.
        let counts = number_ticks(0.0, f64::from(most.max(4)), 4, Scale::Number);
        let lines = self.lines();
        let mut plane = Plane {
            low: ticks.first().map_or(low, |t| t.at),
            high: ticks.last().map_or(high, |t| t.at),
            most: counts.last().map_or(f64::from(most), |t| t.at),
            top: HEAD,
        };
        let rows = rows(&lines, &plane);
        let used = rows.iter().max().map_or(0, |last| last + 1);
        plane.top = HEAD + ROW * used as f64;
        grid(&counts, &ticks, &plane, out);
        draw_bars(bins, &plane, out);
        for (line, row) in lines.iter().zip(&rows) {
            line.draw(*row, &plane, out);
        }
    }

    /// The bins, and the limits that lie no farther away than the bins are wide.
    fn range(&self, bins: &Bins) -> (f64, f64) {
        // A single bar has room on both sides.
        let room = if bins.counts.len() == 1 {
            bins.width
        } else {
            0.0
        };
        let (low, high) = (bins.low - room, bins.end() + room);
        let near = (low - (high - low))..=(high + (high - low));
        let limits = self.limits.iter().map(|l| l.1).filter(|v| near.contains(v));
        limits.fold((low, high), |(low, high), v| (low.min(v), high.max(v)))
    }

    /// Marks and limits from left to right.
    fn lines(&self) -> Vec<Line<'_>> {
        let marks = self.marks.iter().map(|(label, at)| Line {
            at: *at,
            label,
            limit: false,
        });
        let limits = self.limits.iter().map(|(label, at)| Line {
            at: *at,
            label,
            limit: true,
        });
        let mut lines: Vec<Line<'_>> = marks.chain(limits).filter(|l| drawable(&l.at)).collect();
        lines.sort_by(|a, b| a.at.total_cmp(&b.at));
        lines
    }
}

fn drawable(value: &f64) -> bool {
    value.abs() <= LARGEST
}

impl Bins {
    /// Of values in ascending order; none without a value.
    fn of(sorted: &[f64]) -> Option<Self> {
        let (first, last) = (*sorted.first()?, *sorted.last()?);
        let at = |share: usize| {
            let index = (sorted.len() - 1) * share / 1000;
            sorted.get(index).copied().unwrap_or(first)
        };
        let (core_low, core_high) = (at(5), at(995));
        let core = core_high - core_low;
        // A tail that would squeeze the rest is cut off.
        let (low, high) = if core > 0.0 && last - first > 4.0 * core {
            (core_low, core_high)
        } else {
            (first, last)
        };
        if high - low <= high.abs().max(low.abs()) * 1e-9 {
            return Some(Self::single(first, sorted.len()));
        }
        let step = 2.0 * (at(750) - at(250)) / libm::cbrt(sorted.len() as f64);
        let bars = count_of((high - low) / step);
        let width = (high - low) / bars as f64;
        let mut bins = Self {
            low,
            width,
            counts: vec![0; bars],
            beyond: 0,
        };
        for value in sorted {
            if (low..=high).contains(value) {
                let index = floor((value - low) / width).min(bars - 1);
                if let Some(count) = bins.counts.get_mut(index) {
                    *count += 1;
                }
            } else {
                bins.beyond += 1;
            }
        }
        Some(bins)
    }

    /// Equal values: one bar around them.
    fn single(value: f64, count: usize) -> Self {
        let width = (value.abs() * 0.001).max(1e-6);
        Self {
            low: value - width / 2.0,
            width,
            counts: vec![u32::try_from(count).unwrap_or(u32::MAX)],
            beyond: 0,
        }
    }

    fn end(&self) -> f64 {
        self.low + self.width * self.counts.len() as f64
    }
}

/// A number of bars that can be drawn; no spread in the middle half gives the most.
fn count_of(wanted: f64) -> usize {
    if wanted.is_finite() {
        floor(libm::ceil(wanted).min(BARS_MAX as f64)).clamp(BARS_MIN, BARS_MAX)
    } else {
        BARS_MAX
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place among at most a few dozen bars, not negative"
)]
fn floor(x: f64) -> usize {
    libm::floor(x.max(0.0)) as usize
}

/// In which row above the bars each label stands, from 0 just above them: no label covers another,
/// and no line crosses one. `lines` go from left to right.
fn rows(lines: &[Line<'_>], plane: &Plane) -> Vec<usize> {
    let mut taken: Vec<(f64, f64, usize)> = Vec::new();
    for line in lines.iter().rev() {
        let (from, to) = line.label_at(plane);
        // A label runs to the right, over the lines that begin below it.
        let under = taken
            .iter()
            .filter(|(start, end, _)| *start < to && from < *end);
        let row = under.map(|(_, _, row)| row + 1).max().unwrap_or(0);
        taken.push((from, to, row.min(ROWS_MAX - 1)));
    }
    taken.iter().rev().map(|(_, _, row)| *row).collect()
}

impl Line<'_> {
    /// What is written: beyond the axis, an arrow says so.
    fn words(&self, plane: &Plane) -> String {
        if self.at < plane.low {
            format!("← {}", self.label)
        } else if self.at > plane.high {
            format!("{} →", self.label)
        } else {
            self.label.to_owned()
        }
    }

    /// Where the label begins and ends: it stands to the right of its line, inside the picture.
    fn label_at(&self, plane: &Plane) -> (f64, f64) {
        let letters = self.words(plane).chars().count().min(60);
        let width = letters as f64 * LETTER;
        let from = (plane.x(self.at) - 2.0).min(WIDTH - 2.0 - width);
        (from, from + width + LETTER)
    }

    fn draw(&self, row: usize, plane: &Plane, out: &mut String) {
        let (x, bottom) = (plane.x(self.at), HEIGHT - BOTTOM);
        let text_y = plane.top - ROW * row as f64 - 5.0;
        let words = self.words(plane);
        let label = escaped(&words);
        // At the right edge the label ends there, above its line.
        let (from, _) = self.label_at(plane);
        let ends = from < x - 3.0;
        let (text_x, anchor) = if ends {
            (WIDTH - 4.0, "end")
        } else {
            (x + 4.0, "start")
        };
        let y = if ends { text_y + 4.0 } else { text_y - 9.0 };
        let _infallible = if self.limit {
            write!(
                out,
                "<line class=\"limit\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{y:.1}\" y2=\"{bottom}\" stroke=\"#8a6d1d\" stroke-width=\"1.6\" stroke-dasharray=\"6 4\"/>\
                 <text class=\"limit-label\" x=\"{text_x:.1}\" y=\"{text_y:.1}\" text-anchor=\"{anchor}\" font-weight=\"600\" fill=\"#8a6d1d\">{label}</text>"
            )
        } else {
            write!(
                out,
                "<line class=\"mark\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{y:.1}\" y2=\"{bottom}\" stroke=\"currentColor\" stroke-width=\"0.9\"/>\
                 <text class=\"mark-label\" x=\"{text_x:.1}\" y=\"{text_y:.1}\" text-anchor=\"{anchor}\" fill=\"currentColor\">{label}</text>"
            )
        };
    }
}

fn grid(counts: &[Tick<f64>], values: &[Tick<f64>], plane: &Plane, out: &mut String) {
    let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
    let whole = |tick: &&Tick<f64>| (tick.at - libm::round(tick.at)).abs() < 1e-9;
    for tick in counts.iter().filter(whole) {
        let (y, x) = (plane.y(tick.at), LEFT - 8.0);
        let text_y = y + 4.0;
        let _infallible = write!(
            out,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#8888\" stroke-width=\"0.6\"/>\
             <text x=\"{x}\" y=\"{text_y:.1}\" text-anchor=\"end\" fill=\"currentColor\">{}</text>",
            grouped(tick.at, 0)
        );
    }
    for tick in values {
        let (x, text_y) = (plane.x(tick.at), bottom + 18.0);
        let end = bottom + 4.0;
        let _infallible = write!(
            out,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{bottom}\" y2=\"{end}\" stroke=\"#8888\" stroke-width=\"0.6\"/>\
             <text x=\"{x:.1}\" y=\"{text_y}\" text-anchor=\"middle\" fill=\"currentColor\">{}</text>",
            tick.label
        );
    }
}

/// The bars as one outline: neighbours share an edge.
fn draw_bars(bins: &Bins, plane: &Plane, out: &mut String) {
    let base = plane.y(0.0);
    let mut path = format!("M{:.1} {base:.1}", plane.x(bins.low));
    for (index, count) in bins.counts.iter().enumerate() {
        let from = plane.x(bins.low + bins.width * index as f64);
        let to = plane.x(bins.low + bins.width * (index + 1) as f64);
        let y = plane.y(f64::from(*count));
        let _infallible = write!(path, "L{from:.1} {y:.1}L{to:.1} {y:.1}L{to:.1} {base:.1}");
    }
    let _infallible = write!(
        out,
        "<path class=\"bar\" d=\"{path}Z\" fill=\"#4f8fd0\" fill-opacity=\"0.45\" stroke=\"none\"/>\
         <path class=\"line\" d=\"{path}\" fill=\"none\" stroke=\"#1f5fa8\" stroke-width=\"1\" stroke-linejoin=\"round\"/>"
    );
}

/// What the bars do not show.
fn draw_note(missing: usize, beyond: usize, out: &mut String) {
    let parts = [(missing, "without a number"), (beyond, "beyond the axis")];
    let said: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", grouped(count as f64, 0)))
        .collect();
    if !said.is_empty() {
        let (x, words) = (WIDTH - RIGHT, said.join(", "));
        let _infallible = write!(
            out,
            "<text x=\"{x}\" y=\"18\" text-anchor=\"end\" fill=\"currentColor\">{words}</text>"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums of twelve numbers of a counter generator: nearly normal.
    fn bell(n: usize) -> Vec<f64> {
        let mut state = 3_u64;
        let mut unit = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / 9_007_199_254_740_992.0
        };
        (0..n)
            .map(|_| (0..12).map(|_| unit()).sum::<f64>() - 6.0)
            .collect()
    }

    fn bins(values: &[f64]) -> Bins {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        Bins::of(&sorted).unwrap()
    }

    #[test]
    fn every_value_is_in_one_bar_or_counted_as_beyond() {
        for n in [2, 3, 50, 3000] {
            let found = bins(&bell(n));
            let inside: u32 = found.counts.iter().sum();
            assert_eq!(inside as usize + found.beyond, n);
            assert!((BARS_MIN..=BARS_MAX).contains(&found.counts.len()));
            assert_eq!(found.beyond, 0, "{n}");
        }
        // 2 IQR n^(-1/3) = 2 x 1.349 / 14.4: about 37 bars over 7 standard deviations.
        assert!((30..=45).contains(&bins(&bell(3000)).counts.len()));
        let mut tail = bell(3000);
        tail.extend([1e4, 1e5, -1e6]);
        let found = bins(&tail);
        let inside: u32 = found.counts.iter().sum();
        assert!(found.beyond >= 3 && inside as usize + found.beyond == 3003);
        assert!(found.end() < 10.0);
        // By hand: eight bars of half a unit, the upper edge in the last.
        let found = bins(&[0.0, 0.4, 1.0, 4.0]);
        assert_eq!(found.counts.iter().sum::<u32>(), 4);
        assert_eq!((found.counts[0], found.counts.last()), (2, Some(&1)));
    }

    #[test]
    fn labels_do_not_cover_each_other() {
        let plane = Plane {
            low: 0.0,
            high: 1.0,
            most: 1.0,
            top: HEAD,
        };
        let line = |at: f64| Line {
            at,
            label: "quantile 0.123",
            limit: false,
        };
        let lines = [0.0, 0.01, 0.02, 0.5, 0.51, 1.0].map(line);
        assert_eq!(rows(&lines, &plane), [2, 1, 0, 1, 0, 0]);
    }

    #[test]
    fn any_input_gives_a_picture() {
        let limits = [
            ("a <b> & \"c\"\u{1b}".to_owned(), 0.2),
            ("nan".to_owned(), f64::NAN),
            ("far".to_owned(), 1e9),
        ];
        let marks = [("5 %".to_owned(), -1.5), ("50 %".to_owned(), 0.0)];
        let holes = [f64::NAN, 1.0, f64::INFINITY, 2.0];
        let large = [-1e308, 1e308, 1e300];
        for values in [
            &[][..],
            &[1.0],
            &[5.0; 9],
            &[0.0; 4],
            &holes,
            &large,
            &bell(900),
        ] {
            for scale in [Scale::Number, Scale::Percent] {
                let histogram = Histogram {
                    title: "x < y",
                    values,
                    scale,
                    marks: &marks,
                    limits: &limits,
                };
                let svg = histogram.svg();
                assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"));
                assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
                assert!(!svg.contains('\u{1b}') && !svg.contains("<b>"));
                assert_eq!(svg, histogram.svg());
                assert!(svg.len() < 12_000, "{}", svg.len());
            }
        }
        let holed = Histogram {
            title: "t",
            values: &holes,
            scale: Scale::Number,
            marks: &[],
            limits: &limits,
        };
        let svg = holed.svg();
        assert!(svg.contains("2 without a number") && svg.contains("far →"));
    }
}
