//! Where everything of a heat map is: cells, labels and heading in the coordinates of the picture.
//!
//! In: a heat map. Out: the size of a cell, where the first one begins, and whether the labels of
//! the columns stand upright. The picture is no wider than [`WIDTH_MAX`], however many columns
//! there are; where cells are too small for a label each, only every so many have one.

use super::Heatmap;
use super::colours::finite;
use super::lettering::{FONT, short, width_of, wrapped};

/// Widest picture.
pub(super) const WIDTH_MAX: f64 = 900.0;
/// Narrowest picture: the scale has to fit.
const WIDTH_MIN: f64 = 340.0;
/// Room for the heading's lines.
pub(super) const HEADING: f64 = 20.0;

/// Where everything is.
pub(super) struct Plane {
    pub(super) heading: Vec<String>,
    pub(super) width: f64,
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) cell_width: f64,
    pub(super) cell_height: f64,
    /// Labels of columns stand upright.
    pub(super) upright: bool,
    /// Every so many columns and rows have a label.
    pub(super) every: [usize; 2],
}

impl Plane {
    pub(super) fn of(map: &Heatmap<'_>) -> Self {
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

    /// The left edge of a column.
    pub(super) fn x(&self, column: usize) -> f64 {
        self.left + column as f64 * self.cell_width
    }

    /// The upper edge of a row.
    pub(super) fn y(&self, row: usize) -> f64 {
        self.top + row as f64 * self.cell_height
    }
}
