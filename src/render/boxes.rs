//! Boxes: how values are distributed in each of a few groups, side by side, as one SVG element in the
//! style of [`super::chart`].
//!
//! In: a label and five numbers per group. Out: for each group a line from the smallest to the largest
//! value, a box over the middle half, a thick line at the median (J. W. Tukey, Exploratory Data
//! Analysis, 1977, with whiskers to the ends). A group without values is named and stays empty.

use std::fmt::Write as _;

use super::axis::{Scale, Tick, number_ticks};
use super::chart::escaped;

const HEIGHT: f64 = 260.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 34.0;
/// Room for labels that lie, and for the name of the groups.
const BOTTOM: f64 = 44.0;
/// Narrowest and widest picture.
const WIDTHS: [f64; 2] = [340.0, 900.0];
/// Wished width of a group.
const GROUP: f64 = 72.0;
/// Width of a letter of a label, about.
const LETTER: f64 = 7.2;

/// One group: smallest, lower quartile, median, upper quartile, largest.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Its label.
    pub label: String,
    /// Ascending; none without values.
    pub numbers: Option<[f64; 5]>,
}

/// A chart of groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Boxes<'a> {
    /// Heading, with the unit.
    pub title: &'a str,
    /// What the groups are.
    pub across: &'a str,
    /// The groups, from the left.
    pub groups: &'a [Group],
    /// How the values are written.
    pub scale: Scale,
}

/// Values and groups to picture coordinates.
struct Plane {
    width: f64,
    group: f64,
    low: f64,
    high: f64,
}

impl Plane {
    fn y(&self, value: f64) -> f64 {
        let share = (value - self.low) / (self.high - self.low);
        TOP + (1.0 - share) * (HEIGHT - TOP - BOTTOM)
    }

    fn x(&self, group: usize) -> f64 {
        LEFT + (group as f64 + 0.5) * self.group
    }
}

impl Boxes<'_> {
    /// The chart as one SVG element, no wider than it has to be.
    #[must_use]
    pub fn svg(&self) -> String {
        let [least, most] = WIDTHS;
        let title_width = self.title.chars().count() as f64 * 8.0 + 8.0;
        let groups = self.groups.len().max(1) as f64;
        let width = LEFT + RIGHT + groups * GROUP;
        let width = width.max(title_width).clamp(least, most);
        let title = escaped(self.title);
        let mut out = format!(
            "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {HEIGHT}\" \
             style=\"max-width:{width:.0}px\" role=\"img\" font-family=\"system-ui,sans-serif\" font-size=\"12\">\
             <title>{title}</title>\
             <text x=\"4\" y=\"18\" font-size=\"14\" font-weight=\"600\" fill=\"currentColor\">{title}</text>"
        );
        let all = self.groups.iter().filter_map(|group| group.numbers);
        let finite = all.flatten().filter(|x| x.is_finite());
        let ends = finite.fold(None, |ends: Option<[f64; 2]>, x| {
            let [low, high] = ends.unwrap_or([x, x]);
            Some([low.min(x), high.max(x)])
        });
        match ends {
            None => {
                let middle = HEIGHT / 2.0;
                let _infallible = write!(
                    out,
                    "<text x=\"{LEFT}\" y=\"{middle}\" fill=\"currentColor\">no values to draw</text>"
                );
            }
            Some([low, high]) => {
                let ticks = number_ticks(low, high, 5, self.scale);
                let plane = Plane {
                    width,
                    group: (width - LEFT - RIGHT) / groups,
                    low: ticks.first().map_or(low, |t| t.at),
                    high: ticks.last().map_or(high, |t| t.at),
                };
                grid(&ticks, &plane, &mut out);
                self.labels(&plane, &mut out);
                for (index, group) in self.groups.iter().enumerate() {
                    if let Some(numbers) = group.numbers {
                        one(numbers, plane.x(index), &plane, &mut out);
                    }
                }
            }
        }
        out.push_str("</svg>");
        out
    }

    fn labels(&self, plane: &Plane, out: &mut String) {
        let longest = self.groups.iter().map(|g| g.label.chars().count()).max();
        let room = longest.unwrap_or(0) as f64 * LETTER + 4.0;
        let mut every = 1;
        while every as f64 * plane.group < room && every < self.groups.len() {
            every += 1;
        }
        let y = HEIGHT - BOTTOM + 16.0;
        for (index, group) in self.groups.iter().enumerate().step_by(every) {
            let (x, label) = (plane.x(index), escaped(&group.label));
            let _infallible = write!(
                out,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\" fill=\"currentColor\">{label}</text>"
            );
        }
        let (x, y) = (LEFT.midpoint(plane.width - RIGHT), HEIGHT - 8.0);
        let across = escaped(self.across);
        let _infallible = write!(
            out,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\" font-style=\"italic\" fill=\"currentColor\">{across}</text>"
        );
    }
}

fn grid(ticks: &[Tick<f64>], plane: &Plane, out: &mut String) {
    let (right, x) = (plane.width - RIGHT, LEFT - 8.0);
    for tick in ticks {
        let y = plane.y(tick.at);
        let text_y = y + 4.0;
        let _infallible = write!(
            out,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{right:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#8888\" stroke-width=\"0.6\"/>\
             <text x=\"{x}\" y=\"{text_y:.1}\" text-anchor=\"end\" fill=\"currentColor\">{}</text>",
            tick.label
        );
    }
}

fn one([min, low, median, high, max]: [f64; 5], x: f64, plane: &Plane, out: &mut String) {
    let half = (plane.group * 0.28).min(22.0);
    let (left, right) = (x - half, x + half);
    let [min, low, median, high, max] = [min, low, median, high, max].map(|value| plane.y(value));
    let tall = (low - high).max(0.8);
    let _infallible = write!(
        out,
        "<path class=\"line\" d=\"M{x:.1} {max:.1}V{high:.1}M{x:.1} {low:.1}V{min:.1}M{left:.1} {max:.1}H{right:.1}M{left:.1} {min:.1}H{right:.1}\" fill=\"none\" stroke=\"#1f5fa8\" stroke-width=\"1.2\"/>\
         <rect class=\"line\" x=\"{left:.1}\" y=\"{high:.1}\" width=\"{:.1}\" height=\"{tall:.1}\" fill=\"#1f5fa8\" fill-opacity=\"0.18\" stroke=\"#1f5fa8\" stroke-width=\"1.2\"/>\
         <line class=\"line\" x1=\"{left:.1}\" x2=\"{right:.1}\" y1=\"{median:.1}\" y2=\"{median:.1}\" stroke=\"#1f5fa8\" stroke-width=\"2.6\"/>",
        right - left
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(groups: &[Group]) -> String {
        let chart = Boxes {
            title: "Sharpe ratio by a < b",
            across: "a & b",
            groups,
            scale: Scale::Number,
        };
        assert_eq!(chart.svg(), chart.svg());
        chart.svg()
    }

    #[test]
    fn any_groups_give_a_picture() {
        let group = |label: usize, numbers| Group {
            label: label.to_string(),
            numbers,
        };
        let some = [
            group(7, Some([-1.0, 0.0, 0.5, 1.0, 3.0])),
            group(14, None),
            group(21, Some([2.0; 5])),
        ];
        let svg = chart(&some);
        assert_eq!(svg.matches("stroke-width=\"2.6\"").count(), 2);
        assert!(svg.contains(">14<") && svg.contains("a &amp; b"));
        assert!(chart(&some[1..2]).contains("no values to draw"));
        let many: Vec<Group> = (0..200)
            .map(|n| group(n * 1000, Some([n as f64; 5])))
            .collect();
        for groups in [&many[..], &[]] {
            let svg = chart(groups);
            assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"));
            assert!(!svg.contains("NaN") && !svg.contains("inf"));
            assert!(svg.len() < 200_000, "{}", svg.len());
        }
    }
}
