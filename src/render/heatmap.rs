//! Heat maps: a table of numbers as one SVG element in which colour says how large each number is.
//!
//! In: labels of rows and columns, a number or none for every cell, the range of the colours. Out:
//! an element that is whole on its own, as a [`Chart`](super::chart::Chart) is: deterministic,
//! without script, font or anything else from outside. The number stands in its cell wherever it
//! fits, else a pointer that rests on the cell shows it, so that nothing is said by colour alone. A
//! cell without a number is crossed, never coloured.
//!
//! Here stand the cells and what is written beside them; what the colours are says `colours`, where
//! everything goes `plane`, what explains the picture `legend`.

use std::fmt::Write as _;

use super::axis::{Scale, grouped};
use colours::{ink, written};
use lettering::{FONT, escaped, short, width_of};
use plane::{HEADING, Plane};

mod colours;
mod legend;
mod lettering;
mod plane;

pub use colours::Colours;

/// Sizes of a number in its cell, the first that fits.
const FONTS: [f64; 4] = [12.0, 11.0, 10.0, 9.0];

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

impl Heatmap<'_> {
    /// The heat map as one SVG element, no wider than it has to be.
    #[must_use]
    pub fn svg(&self) -> String {
        let plane = Plane::of(self);
        let bottom = plane.y(self.rows.len());
        let (width, height) = (plane.width, bottom + legend::HEIGHT + 18.0);
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
        self.legend(&plane, bottom, &mut out);
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

    /// What columns and rows are called, beside the cells.
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
}

#[cfg(test)]
mod tests;
