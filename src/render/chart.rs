//! Charts: a line or an area over time as one SVG element, deterministic, without script, font or
//! anything else from outside.
//!
//! Colours stand in presentation attributes, so the picture is whole on its own; a page may
//! override them by class (`grid`, `line`, `area`, `limit`, text in `currentColor`). Long series
//! are thinned to the lowest and highest value of each of [`BUCKETS`] stretches of time, so no
//! peak is lost and the picture stays small.

use std::fmt::Write as _;

use super::axis::{Scale, Tick, number_ticks, time_ticks};
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;

/// Stretches of time that a series is thinned to; each keeps at most two points.
pub const BUCKETS: usize = 400;

pub(super) const WIDTH: f64 = 900.0;
pub(super) const HEIGHT: f64 = 300.0;
pub(super) const LEFT: f64 = 76.0;
pub(super) const RIGHT: f64 = 16.0;
pub(super) const TOP: f64 = 34.0;
const BOTTOM: f64 = 30.0;
/// Least distance between the labels of two limits.
const LABEL_GAP: f64 = 14.0;

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A line; the axis fits the values.
    Line,
    /// An area that hangs from zero at the top: drawdowns as positive fractions.
    Hanging,
}

/// A chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart<'a> {
    /// Heading, with the unit.
    pub title: &'a str,
    /// Points in order of time; values that are not finite are left out.
    pub points: &'a [(UtcTime, f64)],
    /// Line or area.
    pub shape: Shape,
    /// How the values are written.
    pub scale: Scale,
    /// Horizontal lines with their labels.
    pub limits: &'a [(String, f64)],
}

/// The plane: values and times to picture coordinates.
pub(super) struct Plane {
    /// Where the plane begins, below the heading.
    pub(super) top: f64,
    pub(super) first: UtcTime,
    pub(super) span_ms: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) hanging: bool,
    /// The axis is logarithmic: `low` is above 0.
    pub(super) log: bool,
}

impl Plane {
    pub(super) fn x(&self, at: UtcTime) -> f64 {
        LEFT + at.millis_since(self.first) as f64 / self.span_ms * (WIDTH - LEFT - RIGHT)
    }

    pub(super) fn y(&self, value: f64) -> f64 {
        let share = if self.log {
            // Differences of logarithms: a ratio of the values could outgrow f64.
            let from = libm::log(self.low);
            (libm::log(value) - from) / (libm::log(self.high) - from)
        } else {
            (value - self.low) / (self.high - self.low)
        };
        let down = if self.hanging { share } else { 1.0 - share };
        self.top + down * (HEIGHT - self.top - BOTTOM)
    }
}

impl Chart<'_> {
    /// The chart as one SVG element.
    #[must_use]
    pub fn svg(&self) -> String {
        let points = thinned(self.points);
        let mut out = head(self.title);
        match (points.first(), points.last()) {
            (Some(first), Some(last)) if first.0 < last.0 => {
                self.draw(&points, first.0, last.0, &mut out);
            }
            _ => too_few(&mut out),
        }
        out.push_str("</svg>");
        out
    }

    fn draw(&self, points: &[(UtcTime, f64)], first: UtcTime, last: UtcTime, out: &mut String) {
        let values = points
            .iter()
            .map(|p| p.1)
            .chain(self.limits.iter().map(|l| l.1));
        let values = values.filter(|v| v.is_finite());
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
            (low.min(v), high.max(v))
        });
        let hanging = self.shape == Shape::Hanging;
        let low = if hanging { low.min(0.0) } else { low };
        let ticks = number_ticks(low, high, 5, self.scale);
        let plane = Plane {
            top: TOP,
            first,
            span_ms: last.millis_since(first) as f64,
            low: ticks.first().map_or(low, |t| t.at),
            high: ticks.last().map_or(high, |t| t.at),
            hanging,
            log: false,
        };
        grid(&ticks, &time_ticks(first, last, 9), &plane, out);
        let path = path(points, &plane);
        if hanging {
            let (x0, x1, top) = (plane.x(first), plane.x(last), plane.y(0.0));
            let _infallible = write!(
                out,
                "<path class=\"area\" d=\"M{x0:.1} {top:.1}L{} L{x1:.1} {top:.1}Z\" fill=\"#b3402e\" fill-opacity=\"0.25\" stroke=\"none\"/>",
                path.trim_start_matches('M')
            );
        }
        let (class, colour) = if hanging {
            ("fall", "#b3402e")
        } else {
            ("line", "#1f5fa8")
        };
        let _infallible = write!(
            out,
            "<path class=\"{class}\" d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.3\" stroke-linejoin=\"round\"/>"
        );
        draw_limits(self.limits, &plane, out);
    }
}

/// The opening of a picture: its vocabulary, its name and its heading.
pub(super) fn head(title: &str) -> String {
    let title = escaped(title);
    format!(
        "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         role=\"img\" font-family=\"system-ui,sans-serif\" font-size=\"12\"><title>{title}</title>\
         <text x=\"{LEFT}\" y=\"18\" font-size=\"14\" font-weight=\"600\" fill=\"currentColor\">{title}</text>"
    )
}

/// What stands where there is nothing to draw.
pub(super) fn too_few(out: &mut String) {
    let middle = HEIGHT / 2.0;
    let _infallible = write!(
        out,
        "<text x=\"{LEFT}\" y=\"{middle}\" fill=\"currentColor\">too few points to draw</text>"
    );
}

/// Horizontal lines with their labels, none on top of another.
pub(super) fn draw_limits(limits: &[(String, f64)], plane: &Plane, out: &mut String) {
    let mut limits: Vec<(f64, &str)> = limits
        .iter()
        .filter(|(_, value)| value.is_finite())
        .map(|(label, value)| (plane.y(*value), label.as_str()))
        .collect();
    limits.sort_by(|a, b| a.0.total_cmp(&b.0));
    // What is taken: the line and the label before, from above.
    let (mut line_before, mut free_from) = (f64::NEG_INFINITY, plane.top);
    for (y, label) in limits {
        // Just above its line where that leaves the line before alone, else below it.
        let above = y - 4.0;
        let text_y = if above - LABEL_GAP + 2.0 < line_before || above < free_from {
            (y + LABEL_GAP - 2.0).max(free_from)
        } else {
            above
        };
        line_before = y;
        free_from = text_y + LABEL_GAP;
        let (right, label) = (WIDTH - RIGHT, escaped(label));
        let text_x = right - 4.0;
        let _infallible = write!(
            out,
            "<line class=\"limit\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#8a6d1d\" stroke-width=\"1.2\" stroke-dasharray=\"6 4\"/>\
             <text class=\"limit-label\" x=\"{text_x}\" y=\"{text_y:.1}\" text-anchor=\"end\" fill=\"#8a6d1d\">{label}</text>"
        );
    }
}

pub(super) fn grid(values: &[Tick<f64>], times: &[Tick<UtcTime>], plane: &Plane, out: &mut String) {
    let (right, bottom, top) = (WIDTH - RIGHT, HEIGHT - BOTTOM, plane.top);
    for tick in values {
        let (y, x) = (plane.y(tick.at), LEFT - 8.0);
        let text_y = y + 4.0;
        let _infallible = write!(
            out,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#8888\" stroke-width=\"0.6\"/>\
             <text x=\"{x}\" y=\"{text_y:.1}\" text-anchor=\"end\" fill=\"currentColor\">{}</text>",
            tick.label
        );
    }
    for tick in times {
        let (x, text_y) = (plane.x(tick.at), bottom + 18.0);
        let end = bottom + 4.0;
        // Half of the widest label, `2024-01`.
        let (text_x, anchor) = if x > WIDTH - 24.0 {
            (WIDTH - 2.0, "end")
        } else {
            (x, "middle")
        };
        let _infallible = write!(
            out,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top}\" y2=\"{end}\" stroke=\"#8888\" stroke-width=\"0.6\"/>\
             <text x=\"{text_x:.1}\" y=\"{text_y}\" text-anchor=\"{anchor}\" fill=\"currentColor\">{}</text>",
            tick.label
        );
    }
}

pub(super) fn path(points: &[(UtcTime, f64)], plane: &Plane) -> String {
    let mut path = String::new();
    for (index, (time, value)) in points.iter().enumerate() {
        let letter = if index == 0 { 'M' } else { 'L' };
        let _infallible = write!(path, "{letter}{:.1} {:.1}", plane.x(*time), plane.y(*value));
    }
    path
}

/// The points to draw: first, last, and the lowest and highest of each stretch of time.
#[must_use]
pub fn thinned(points: &[(UtcTime, f64)]) -> Vec<(UtcTime, f64)> {
    let finite: Vec<(UtcTime, f64)> = points.iter().copied().filter(|p| p.1.is_finite()).collect();
    let (Some(first), Some(last)) = (finite.first().copied(), finite.last().copied()) else {
        return Vec::new();
    };
    if finite.len() <= 2 * BUCKETS {
        return finite;
    }
    let span = i128::from(last.0.millis_since(first.0).max(1));
    let bucket = |p: &(UtcTime, f64)| {
        i128::from(p.0.millis_since(first.0)) * i128::try_from(BUCKETS).unwrap_or(1) / (span + 1)
    };
    let mut kept = vec![first];
    for stretch in finite.chunk_by(|a, b| bucket(a) == bucket(b)) {
        let low = stretch.iter().min_by(|a, b| a.1.total_cmp(&b.1));
        let high = stretch.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        let mut pair: Vec<(UtcTime, f64)> = low.into_iter().chain(high).copied().collect();
        pair.sort_by_key(|p| p.0);
        kept.extend(pair);
    }
    kept.push(last);
    kept.dedup_by_key(|p| p.0);
    kept
}

/// `text` on one line with everything that XML reads as markup escaped.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in visible(text, 120).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(n: i64) -> Vec<(UtcTime, f64)> {
        (0..n)
            .map(|i| {
                let time = UtcTime::EPOCH.plus_millis(i * 3_600_000);
                (time, 100.0 + ((i * 7919) % 1000) as f64 / 10.0)
            })
            .collect()
    }

    #[test]
    fn thinning_keeps_ends_and_extremes_and_is_small() {
        let mut points = series(100_000);
        points[54_321].1 = 9999.0;
        points[54_322].1 = -9999.0;
        let thin = thinned(&points);
        assert!(thin.len() <= 2 * BUCKETS + 2, "{}", thin.len());
        assert!(thin.is_sorted_by_key(|p| p.0));
        for kept in [points[0], points[54_321], points[54_322], points[99_999]] {
            assert!(thin.contains(&kept), "{kept:?}");
        }
        let short = series(800);
        assert_eq!(thinned(&short), short);
    }

    #[test]
    fn close_limits_have_their_labels_apart() {
        let limits = [
            ("a".to_owned(), 0.15),
            ("b".to_owned(), 0.2),
            ("c".to_owned(), 0.9),
        ];
        let points: Vec<_> = series(10).iter().map(|p| (p.0, 0.8)).collect();
        let svg = Chart {
            title: "x",
            points: &points,
            shape: Shape::Hanging,
            scale: Scale::Percent,
            limits: &limits,
        }
        .svg();
        let places = |from: &str, field: &str| -> Vec<f64> {
            let parts = svg.split(from).skip(1);
            let number = |part: &str| part.split(field).nth(1)?.split('"').next()?.parse().ok();
            parts.filter_map(number).collect()
        };
        let lines = places("<line class=\"limit\"", "y1=\"");
        let labels = places("<text class=\"limit-label\"", " y=\"");
        assert_eq!((lines.len(), labels.len()), (3, 3), "{svg}");
        // No label is crossed by a line, and none covers another.
        for label in &labels {
            assert!(
                lines
                    .iter()
                    .all(|y| !(label - 9.0..label + 1.0).contains(y)),
                "{svg}"
            );
        }
        assert!(labels.windows(2).all(|pair| pair[1] - pair[0] >= 10.0));
    }

    #[test]
    fn the_last_label_stays_inside_the_picture() {
        let points: Vec<_> = ["2021-01-15", "2022-01-01"]
            .map(|t| (UtcTime::parse_loose(t).unwrap(), 1.0))
            .into();
        let svg = Chart {
            title: "x",
            points: &points,
            shape: Shape::Line,
            scale: Scale::Number,
            limits: &[],
        }
        .svg();
        assert!(
            svg.contains("text-anchor=\"end\" fill=\"currentColor\">2022-01<"),
            "{svg}"
        );
    }

    #[test]
    fn any_input_gives_a_picture() {
        let limits = [
            ("a <b> & \"c\"\u{1b}".to_owned(), 0.2),
            ("nan".to_owned(), f64::NAN),
        ];
        let flat: Vec<_> = series(10).into_iter().map(|p| (p.0, 5.0)).collect();
        let nan: Vec<_> = series(10).into_iter().map(|p| (p.0, f64::NAN)).collect();
        for points in [&[][..], &series(1), &series(2), &flat, &nan, &series(5000)] {
            for shape in [Shape::Line, Shape::Hanging] {
                let chart = Chart {
                    title: "x < y",
                    points,
                    shape,
                    scale: Scale::Percent,
                    limits: &limits,
                };
                let svg = chart.svg();
                assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"));
                assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
                assert!(!svg.contains('\u{1b}') && !svg.contains("<b>"));
                assert_eq!(svg, chart.svg());
                assert!(svg.len() < 30_000, "{}", svg.len());
            }
        }
    }
}
