//! Paired bars: two values side by side for each of a row of things, as one SVG element,
//! deterministic, without script, font or anything else from outside.
//!
//! The first value of a pair is an outline and the second is filled, so that they are told apart
//! without colour and on paper. Bars stand on the line of zero; a value that is missing leaves its
//! place empty. Of more than [`PAIRS_MAX`] pairs, neighbours are drawn as their mean, and the picture
//! says so.

use std::fmt::Write as _;

use super::axis::{Scale, Tick, number_ticks};
use super::chart::escaped;

/// Most pairs that are drawn one by one.
pub const PAIRS_MAX: usize = 120;

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 50.0;
const BOTTOM: f64 = 30.0;
/// Most labels below the axis.
const LABELS_MAX: usize = 10;
/// Share of its place that a pair takes.
const FILLED: f64 = 0.76;
const COLOUR: &str = "#3f7fc1";

/// Two values of one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// What it is, below the axis.
    pub label: String,
    /// The values; none, and those that are not finite, are not drawn.
    pub values: [Option<f64>; 2],
}

/// A chart of paired bars.
#[derive(Debug, Clone, PartialEq)]
pub struct PairedBars<'a> {
    /// Heading, with the unit.
    pub title: &'a str,
    /// What the first and what the second value is.
    pub names: [&'a str; 2],
    /// The pairs, in their order.
    pub pairs: &'a [Pair],
    /// How the values are written.
    pub scale: Scale,
}

/// Values to picture coordinates.
struct Plane {
    low: f64,
    high: f64,
    /// Width of the place of one pair.
    place: f64,
}

impl Plane {
    fn y(&self, value: f64) -> f64 {
        let share = (value - self.low) / (self.high - self.low);
        TOP + (1.0 - share) * (HEIGHT - TOP - BOTTOM)
    }

    fn left(&self, index: usize) -> f64 {
        LEFT + index as f64 * self.place
    }
}

impl PairedBars<'_> {
    /// The chart as one SVG element.
    #[must_use]
    pub fn svg(&self) -> String {
        let (pairs, each) = grouped(self.pairs);
        let title = match each {
            1 => escaped(self.title),
            _ => format!("{}, means of {each} each", escaped(self.title)),
        };
        let mut out = format!(
            "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             role=\"img\" font-family=\"system-ui,sans-serif\" font-size=\"12\"><title>{title}</title>\
             <text x=\"{LEFT}\" y=\"18\" font-size=\"14\" font-weight=\"600\" fill=\"currentColor\">{title}</text>"
        );
        self.legend(&mut out);
        let values = pairs.iter().flat_map(|pair| pair.values).flatten();
        // Bars stand on zero, which is always in the picture.
        let (low, high, any) = values.fold((0.0_f64, 0.0_f64, false), |(low, high, _), v| {
            (low.min(v), high.max(v), true)
        });
        if any {
            draw(&pairs, &number_ticks(low, high, 5, self.scale), &mut out);
        } else {
            let middle = HEIGHT / 2.0;
            let _infallible = write!(
                out,
                "<text x=\"{LEFT}\" y=\"{middle}\" fill=\"currentColor\">no values to draw</text>"
            );
        }
        out.push_str("</svg>");
        out
    }

    fn legend(&self, out: &mut String) {
        for (index, name) in self.names.iter().enumerate() {
            let x = LEFT + index as f64 * 170.0;
            let (style, text_x) = (style(index), x + 18.0);
            let _infallible = write!(
                out,
                "<rect x=\"{x}\" y=\"28\" width=\"11\" height=\"11\" {style}/>\
                 <text x=\"{text_x}\" y=\"38\" fill=\"currentColor\">{}</text>",
                escaped(name)
            );
        }
    }
}

/// An outline, or filled.
fn style(index: usize) -> String {
    match index {
        0 => {
            "class=\"first\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"0.9\"".to_owned()
        }
        _ => format!("class=\"second\" fill=\"{COLOUR}\" stroke=\"{COLOUR}\" stroke-width=\"0.9\""),
    }
}

fn draw(pairs: &[Pair], ticks: &[Tick<f64>], out: &mut String) {
    let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
    let plane = Plane {
        low: ticks.first().map_or(0.0, |t| t.at),
        high: ticks.last().map_or(1.0, |t| t.at),
        place: (right - LEFT) / pairs.len().max(1) as f64,
    };
    for tick in ticks {
        let (y, x) = (plane.y(tick.at), LEFT - 8.0);
        let text_y = y + 4.0;
        let _infallible = write!(
            out,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#8888\" stroke-width=\"0.6\"/>\
             <text x=\"{x}\" y=\"{text_y:.1}\" text-anchor=\"end\" fill=\"currentColor\">{}</text>",
            tick.label
        );
    }
    let zero = plane.y(0.0);
    let width = plane.place * FILLED / 2.0;
    for (index, pair) in pairs.iter().enumerate() {
        let from = plane.left(index) + plane.place * (1.0 - FILLED) / 2.0;
        for (which, value) in pair.values.iter().enumerate() {
            let Some(value) = value else { continue };
            let (x, y) = (from + which as f64 * width, plane.y(*value));
            let (top, height) = (y.min(zero), (y - zero).abs());
            let _infallible = write!(
                out,
                "<rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{height:.1}\" {}/>",
                width * 0.92,
                style(which)
            );
        }
    }
    let _infallible = write!(
        out,
        "<line x1=\"{LEFT}\" x2=\"{right}\" y1=\"{zero:.1}\" y2=\"{zero:.1}\" stroke=\"currentColor\" stroke-width=\"1\"/>"
    );
    let every = pairs.len().div_ceil(LABELS_MAX).max(1);
    for (index, pair) in pairs.iter().enumerate().step_by(every) {
        let (x, y) = (plane.left(index) + plane.place / 2.0, bottom + 18.0);
        let _infallible = write!(
            out,
            "<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\" fill=\"currentColor\">{}</text>",
            escaped(&pair.label)
        );
    }
}

/// The pairs to draw, and of how many each is the mean.
fn grouped(pairs: &[Pair]) -> (Vec<Pair>, usize) {
    let each = pairs.len().div_ceil(PAIRS_MAX).max(1);
    let mean = |group: &[Pair], which: usize| {
        let values: Vec<f64> = group
            .iter()
            .filter_map(|pair| pair.values.get(which).copied().flatten())
            .filter(|v| v.is_finite())
            .collect();
        let count = values.len() as f64;
        (!values.is_empty()).then(|| values.iter().fold(0.0, |sum, v| sum + v / count))
    };
    let one = |group: &[Pair]| Pair {
        label: group.first().map_or_else(String::new, |p| p.label.clone()),
        values: [mean(group, 0), mean(group, 1)],
    };
    (pairs.chunks(each).map(one).collect(), each)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(n: usize) -> Vec<Pair> {
        let pair = |i: usize| Pair {
            label: format!("{i}"),
            values: [
                (i % 7 != 3).then_some(i as f64 * 0.1),
                Some(1.0 - i as f64 * 0.05),
            ],
        };
        (0..n).map(pair).collect()
    }

    fn svg(pairs: &[Pair]) -> String {
        let chart = PairedBars {
            title: "a < b",
            names: ["train & all", "test"],
            pairs,
            scale: Scale::Number,
        };
        assert_eq!(chart.svg(), chart.svg());
        chart.svg()
    }

    #[test]
    fn every_defined_value_is_a_bar() {
        let text = svg(&pairs(12));
        // Twelve and twelve without numbers 3 and 10, and two in the legend.
        assert_eq!(text.matches("<rect").count(), 12 + 10 + 2);
        assert!(text.contains("a &lt; b") && text.contains("train &amp; all"));
        assert!(!text.contains("means of"));
        let many = svg(&pairs(1000));
        assert!(many.contains("means of 9 each"), "{many}");
        assert!(many.matches("<rect").count() <= 2 * PAIRS_MAX + 2);
        assert!(many.len() < 60_000, "{}", many.len());
    }

    #[test]
    fn any_input_gives_a_picture() {
        let odd = |a, b| Pair {
            label: "<x>\u{1b}".to_owned(),
            values: [a, b],
        };
        let zeros = [odd(Some(0.0), Some(0.0))];
        let broken = [
            odd(Some(f64::NAN), Some(f64::INFINITY)),
            odd(None, Some(-3.0)),
        ];
        for pairs in [&[][..], &zeros, &broken, &[odd(None, None)], &pairs(1)] {
            let text = svg(pairs);
            assert!(text.starts_with("<svg") && text.ends_with("</svg>"));
            assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
            assert!(!text.contains('\u{1b}') && !text.contains("<x>"));
        }
        assert!(svg(&[]).contains("no values to draw"));
        assert_eq!(svg(&broken).matches("<rect").count(), 1 + 2);
    }

    #[test]
    fn negative_bars_hang_below_zero() {
        let pair = Pair {
            label: "1".to_owned(),
            values: [Some(-1.0), Some(1.0)],
        };
        let text = svg(&[pair]);
        let tops: Vec<f64> = text
            .split("<rect ")
            .skip(3)
            .map(|rect| {
                let y = rect.split("y=\"").nth(1).unwrap();
                y.split('"').next().unwrap().parse().unwrap()
            })
            .collect();
        assert!(tops[0] > tops[1], "{tops:?}");
    }
}
