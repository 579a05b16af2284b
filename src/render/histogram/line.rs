//! Vertical lines with labels: limits, and marked places of a distribution.
//!
//! In: a value with its label, where values lie in the picture. Out: elements that are added to it.
//! No label covers another and no line crosses one, as long as [`ROWS_MAX`] rows are enough; a line
//! beyond the axis stands at its end, with an arrow.

use std::fmt::Write as _;

use super::{BOTTOM, HEIGHT, Plane, WIDTH};
use crate::render::chart::escaped;

/// Height of one row of labels above the bars.
pub(super) const ROW: f64 = 15.0;
/// Most rows of labels; what does not fit into them overlaps in the last.
const ROWS_MAX: usize = 6;
/// Width of a letter of a label, about.
const LETTER: f64 = 6.4;

/// A vertical line with its label.
pub(super) struct Line<'a> {
    pub(super) at: f64,
    pub(super) label: &'a str,
    pub(super) limit: bool,
}

/// In which row above the bars each label stands, from 0 just above them: no label covers another,
/// and no line crosses one. `lines` go from left to right.
pub(super) fn rows(lines: &[Line<'_>], plane: &Plane) -> Vec<usize> {
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

    /// The line from its label down to the axis.
    pub(super) fn draw(&self, row: usize, plane: &Plane, out: &mut String) {
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
