//! Charts of several lines over time in one plane, with a legend: in the style of
//! [`super::chart`], deterministic, without script, font or anything else from outside.
//!
//! Lines differ by their dashes as well as by their colour. Where all values are above 0 and differ
//! by more than [`LOG_FROM`] times, the axis is logarithmic, and the heading says so: a market that
//! rose tenfold must not press everything else flat. A page may override the colours by class
//! (`line`, `other`, `third`, `fourth`).

use std::fmt::Write as _;

use super::axis::{Scale, log_ticks, number_ticks, time_ticks};
use super::chart::{
    LEFT, Plane, RIGHT, TOP, WIDTH, draw_limits, escaped, grid, head, path, thinned, too_few,
};
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;

/// Largest ratio of highest to lowest value that a plain axis shows.
pub const LOG_FROM: f64 = 5.0;
/// Largest ratio that a logarithmic axis shows.
const LOG_TO: f64 = 1e12;
/// Larger magnitudes are not drawn: their differences would outgrow the numbers.
const LARGEST: f64 = 1e100;

/// Class, colour, dashes and width of the lines, in turn.
const LOOKS: [(&str, &str, &str, f64); 4] = [
    ("line", "#1f5fa8", "none", 1.5),
    ("other", "#a4561b", "7 3", 1.2),
    ("third", "#4d7f2c", "2 3", 1.4),
    ("fourth", "#7d4c9e", "9 3 2 3", 1.2),
];
/// Width of a letter of the legend, about.
const LETTER: f64 = 6.5;
/// Height of a row of the legend.
const ROW: f64 = 17.0;
/// Longest name in the legend, in characters.
const NAME_MAX: usize = 60;

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line<'a> {
    /// Name in the legend.
    pub name: &'a str,
    /// Points in order of time; values that are not finite, or beyond 1e100, are left out.
    pub points: &'a [(UtcTime, f64)],
}

/// A chart of several lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Lines<'a> {
    /// Heading, with the unit.
    pub title: &'a str,
    /// The lines; the first is the one that the chart is about.
    pub lines: &'a [Line<'a>],
    /// How the values are written.
    pub scale: Scale,
    /// Horizontal lines with their labels.
    pub limits: &'a [(String, f64)],
}

impl Lines<'_> {
    /// The chart as one SVG element.
    #[must_use]
    pub fn svg(&self) -> String {
        let drawn = |line: &Line<'_>| {
            let mut points = thinned(line.points);
            points.retain(|p| p.1.abs() <= LARGEST);
            points
        };
        let thin: Vec<_> = self.lines.iter().map(drawn).collect();
        let times = || thin.iter().flatten().map(|p| p.0);
        let mut out;
        match (times().min(), times().max()) {
            (Some(first), Some(last)) if first < last => {
                let values = thin.iter().flatten().map(|p| p.1);
                let limits = self
                    .limits
                    .iter()
                    .map(|l| l.1)
                    .filter(|v| v.abs() <= LARGEST);
                let (low, high) = values
                    .chain(limits)
                    .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
                        (low.min(v), high.max(v))
                    });
                let log = low > 0.0 && high > LOG_FROM * low && high / low < LOG_TO;
                let words = if log { ", logarithmic axis" } else { "" };
                out = head(&format!("{}{words}", self.title));
                self.draw(&thin, (first, last), (low, high, log), &mut out);
            }
            _ => {
                out = head(self.title);
                too_few(&mut out);
            }
        }
        out.push_str("</svg>");
        out
    }

    fn draw(
        &self,
        thin: &[Vec<(UtcTime, f64)>],
        (first, last): (UtcTime, UtcTime),
        (low, high, log): (f64, f64, bool),
        out: &mut String,
    ) {
        let ticks = if log {
            log_ticks(low, high, 9, self.scale)
        } else {
            number_ticks(low, high, 5, self.scale)
        };
        let legend = self.legend();
        let plane = Plane {
            top: TOP + legend.height,
            first,
            span_ms: last.millis_since(first) as f64,
            low: ticks.first().map_or(low, |t| t.at),
            high: ticks.last().map_or(high, |t| t.at),
            hanging: false,
            log,
        };
        grid(&ticks, &time_ticks(first, last, 9), &plane, out);
        let drawn: Vec<_> = thin.iter().zip(LOOKS.iter().cycle()).collect();
        // The first line is drawn last, above the others.
        for (points, (class, colour, dashes, width)) in drawn.into_iter().rev() {
            let path = path(points, &plane);
            let _infallible = write!(
                out,
                "<path class=\"{class}\" d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" stroke-dasharray=\"{dashes}\" stroke-linejoin=\"round\"/>"
            );
        }
        draw_limits(self.limits, &plane, out);
        out.push_str(&legend.svg);
    }

    /// Names with a piece of each line, side by side below the heading; nothing for a lone line.
    fn legend(&self) -> Legend {
        let mut svg = String::new();
        if self.lines.len() < 2 {
            return Legend { svg, height: 0.0 };
        }
        let (mut x, mut y) = (LEFT, TOP + 2.0);
        for (line, look) in self.lines.iter().zip(LOOKS.iter().cycle()) {
            let (class, colour, dashes, width) = look;
            let name = visible(line.name, NAME_MAX);
            let wide = 34.0 + name.chars().count() as f64 * LETTER;
            if x + wide > WIDTH - RIGHT && x > LEFT {
                (x, y) = (LEFT, y + ROW);
            }
            let (end, text_x, line_y, name) = (x + 24.0, x + 29.0, y - 4.0, escaped(&name));
            let _infallible = write!(
                svg,
                "<line class=\"{class}\" x1=\"{x:.1}\" x2=\"{end:.1}\" y1=\"{line_y}\" y2=\"{line_y}\" stroke=\"{colour}\" stroke-width=\"{width}\" stroke-dasharray=\"{dashes}\"/>\
                 <text class=\"name\" x=\"{text_x:.1}\" y=\"{y}\" fill=\"currentColor\">{name}</text>"
            );
            x += wide + 14.0;
        }
        let height = y - TOP + ROW / 2.0;
        Legend { svg, height }
    }
}

/// The names of the lines, and the room that they take.
struct Legend {
    svg: String,
    height: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(n: i64, from: f64, to: f64) -> Vec<(UtcTime, f64)> {
        (0..n)
            .map(|i| {
                let share = i as f64 / (n - 1).max(1) as f64;
                let wave = ((i * 7919) % 100) as f64 / 1000.0;
                let value = (from + (to - from) * share) * (1.0 + wave);
                (UtcTime::EPOCH.plus_millis(i * 3_600_000), value)
            })
            .collect()
    }

    fn lines<'a>(all: &'a [Line<'a>], limits: &'a [(String, f64)]) -> Lines<'a> {
        Lines {
            title: "Equity <EUR>",
            lines: all,
            scale: Scale::Number,
            limits,
        }
    }

    #[test]
    fn every_line_has_its_own_look_and_its_name() {
        let (a, b) = (wave(5000, 100.0, 130.0), wave(4000, 100.0, 160.0));
        let all = [
            Line {
                name: "portfolio",
                points: &a,
            },
            Line {
                name: "buy & hold",
                points: &b,
            },
        ];
        let svg = lines(&all, &[]).svg();
        assert!(svg.contains(">portfolio<") && svg.contains(">buy &amp; hold<"));
        // Twice each: the line and its sample in the legend.
        assert_eq!(svg.matches("class=\"line\"").count(), 2);
        assert_eq!(svg.matches("class=\"other\"").count(), 2);
        assert_eq!(svg.matches("<path").count(), 2);
        assert!(!svg.contains("logarithmic"));
        assert!(svg.len() < 40_000, "{}", svg.len());
        assert_eq!(svg, lines(&all, &[]).svg());
        // One line needs no legend.
        let svg = lines(&all[..1], &[]).svg();
        assert!(!svg.contains(">portfolio<"), "{svg}");
    }

    #[test]
    fn a_wide_range_is_logarithmic_and_a_sign_is_not() {
        let (a, b) = (wave(500, 100.0, 130.0), wave(500, 100.0, 900.0));
        let all = [a, b].map(|points| points.clone());
        let of = |points: &[Vec<(UtcTime, f64)>]| {
            let all: Vec<Line<'_>> = points
                .iter()
                .map(|points| Line {
                    name: "x",
                    points: points.as_slice(),
                })
                .collect();
            lines(&all, &[]).svg()
        };
        let svg = of(&all);
        assert!(svg.contains("logarithmic") && svg.contains(">200<") && svg.contains(">500<"));
        let below = wave(500, -100.0, 900.0);
        let svg = of(&[all[0].clone(), below]);
        assert!(!svg.contains("logarithmic") && !svg.contains("NaN"));
    }

    #[test]
    fn any_input_gives_a_picture_inside_its_frame() {
        let limits = [("a <b>".to_owned(), 0.2), ("nan".to_owned(), f64::NAN)];
        let long =
            "a_name_that_is_longer_than_anything_that_fits_into_a_legend_of_a_chart".repeat(3);
        let nan: Vec<_> = wave(9, 1.0, 2.0).iter().map(|p| (p.0, f64::NAN)).collect();
        for points in [
            &[][..],
            &wave(1, 1.0, 1.0),
            &wave(9, 0.0, 0.0),
            &nan,
            &wave(9, 1e-300, 1e300),
        ] {
            let one = Line {
                name: &long,
                points,
            };
            let svg = lines(&vec![one; 8], &limits).svg();
            assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"));
            assert!(
                !svg.contains("NaN") && !svg.contains("inf") && !svg.contains("<b>"),
                "{svg}"
            );
        }
        assert!(lines(&[], &[]).svg().contains("too few points"));
    }
}
