//! Below the cells: which colour is which number, and what a frame and a cross mean.
//!
//! In: a heat map and where everything is. Out: elements that are added to the picture. A frame and
//! a cross are explained only where the picture has one.

use std::fmt::Write as _;

use super::Heatmap;
use super::colours::written;
use super::lettering::{escaped, wrapped};
use super::plane::Plane;

/// Room for the scale below the cells.
pub(super) const HEIGHT: f64 = 34.0;
/// Steps of the scale.
const STEPS: u32 = 32;

impl Heatmap<'_> {
    /// Colours from one end to the other with three numbers, and what frame and cross mean.
    pub(super) fn legend(&self, plane: &Plane, bottom: f64, out: &mut String) {
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
