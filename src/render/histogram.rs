//! Histograms: how many values fall where, as one SVG element in the style of [`super::chart`],
//! deterministic, without script, font or anything else from outside.
//!
//! Colours stand in presentation attributes and go with paper and with a dark page; a page may
//! override them by class (`grid`, `line`, `bar`, `limit`, `mark`, text in `currentColor`).
//! There are between [`BARS_MIN`] and [`BARS_MAX`] bars. How many values lie beyond the axis, or
//! have no number, is written.
//!
//! Here stand the plane, its axes and the bars as they are drawn; which value falls into which bar
//! says `bins`, where limits and marks have their labels `line`.

use std::fmt::Write as _;

use super::axis::{Scale, Tick, grouped, number_ticks};
use super::chart::escaped;
use bins::{Bins, drawable};
use line::{Line, ROW, rows};

mod bins;
mod line;

pub use bins::{BARS_MAX, BARS_MIN};

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 16.0;
/// Room for the heading.
const HEAD: f64 = 30.0;
const BOTTOM: f64 = 30.0;

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
mod tests;
