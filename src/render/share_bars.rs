//! Shares as horizontal bars in groups, each with its number and its words beside it, as one SVG element in
//! the style of [`super::chart`]: deterministic, without script, font or anything else from outside.
//!
//! What a bar is stands next to it, so nothing is said by colour alone. Bars of negative numbers go
//! to the left of a common zero. A page may override the colours by class (`bar`, `bar other`, `bar
//! third`).

use std::fmt::Write as _;

use super::axis::grouped;
use super::chart::escaped;

const WIDTH: f64 = 900.0;
const HEAD: f64 = 32.0;
/// Room for the names.
const LEFT: f64 = 262.0;
/// Room for number and words behind the longest bar.
const RIGHT: f64 = 190.0;
const BAR: f64 = 13.0;
const STEP: f64 = 16.0;
const GAP: f64 = 12.0;
/// Longest name, in characters; longer ones end in an ellipsis.
const NAME_MAX: usize = 36;
/// Classes and colours of the bars of a group, in turn.
const LOOKS: [(&str, &str); 3] = [
    ("bar other", "#c98a4b"),
    ("bar", "#4f8fd0"),
    ("bar third", "#8fae6b"),
];

/// The bars of one name.
#[derive(Debug, Clone, PartialEq)]
pub struct Group<'a> {
    /// The name.
    pub name: &'a str,
    /// Number and words of each bar; the number is a fraction, or there is none.
    pub bars: Vec<(Option<f64>, &'a str)>,
}

/// A picture of shares.
#[derive(Debug, Clone, PartialEq)]
pub struct ShareBars<'a> {
    /// Heading.
    pub title: &'a str,
    /// From the top.
    pub groups: &'a [Group<'a>],
}

impl ShareBars<'_> {
    /// The shares as one SVG element, written as percent.
    #[must_use]
    pub fn svg(&self) -> String {
        let rows: f64 = self
            .groups
            .iter()
            .map(|g| g.bars.len() as f64 * STEP + GAP)
            .sum();
        let height = HEAD + rows.max(STEP) + 4.0;
        let title = escaped(self.title);
        let mut out = format!(
            "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" \
             role=\"img\" font-family=\"system-ui,sans-serif\" font-size=\"12\"><title>{title}</title>\
             <text x=\"4\" y=\"18\" font-size=\"14\" font-weight=\"600\" fill=\"currentColor\">{title}</text>"
        );
        let values = || self.groups.iter().flat_map(|g| &g.bars);
        let finite = || values().filter_map(|bar| bar.0).filter(|x| x.is_finite());
        let low = finite().fold(0.0_f64, f64::min);
        let high = finite().fold(0.0_f64, f64::max);
        let span = if high > low { high - low } else { 1.0 };
        let x = |value: f64| LEFT + (value - low) / span * (WIDTH - LEFT - RIGHT);
        let mut y = HEAD;
        for group in self.groups {
            let half = group.bars.len() as f64 * STEP / 2.0;
            let (name_x, name_y) = (LEFT - 10.0, y + half + 3.0);
            let name = escaped(&short(group.name));
            let _infallible = write!(
                out,
                "<text x=\"{name_x}\" y=\"{name_y:.1}\" text-anchor=\"end\" fill=\"currentColor\">{name}</text>"
            );
            for ((value, words), (class, colour)) in group.bars.iter().zip(LOOKS.iter().cycle()) {
                let value = value.filter(|x| x.is_finite());
                let (from, to) = (
                    x(value.unwrap_or(0.0).min(0.0)),
                    x(value.unwrap_or(0.0).max(0.0)),
                );
                let (wide, text_x, text_y) = (to - from, to + 6.0, y + BAR - 2.5);
                let number = value.map_or_else(
                    || "undefined".to_owned(),
                    |x| format!("{} %", grouped(x * 100.0, 1)),
                );
                let words = escaped(words);
                let _infallible = write!(
                    out,
                    "<rect class=\"{class}\" x=\"{from:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{BAR}\" fill=\"{colour}\" fill-opacity=\"0.75\"/>\
                     <text x=\"{text_x:.1}\" y=\"{text_y:.1}\" font-size=\"11\" fill=\"currentColor\">{number} {words}</text>"
                );
                y += STEP;
            }
            y += GAP;
        }
        let (zero, end) = (x(0.0), height - GAP);
        let _infallible = write!(
            out,
            "<line class=\"grid\" x1=\"{zero:.1}\" x2=\"{zero:.1}\" y1=\"{HEAD}\" y2=\"{end:.1}\" stroke=\"#8888\" stroke-width=\"1\"/></svg>"
        );
        out
    }
}

fn short(name: &str) -> String {
    if name.chars().count() <= NAME_MAX {
        return name.to_owned();
    }
    name.chars().take(NAME_MAX - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_words_stand_beside_their_bars() {
        let groups = [
            Group {
                name: "a <b>",
                bars: vec![(Some(0.5), "weight"), (Some(-0.25), "of the volatility")],
            },
            Group {
                name: "a_name_that_is_longer_than_any_column_of_names_may_be",
                bars: vec![(None, "weight"), (Some(f64::NAN), "of the volatility")],
            },
        ];
        let svg = ShareBars {
            title: "Shares",
            groups: &groups,
        }
        .svg();
        assert!(svg.contains(">50.0 % weight<") && svg.contains(">-25.0 % of the volatility<"));
        assert!(svg.contains(">undefined weight<") && svg.contains("a &lt;b&gt;"));
        assert!(
            svg.contains("a_name_that_is_longer_than_any_colu…"),
            "{svg}"
        );
        assert!(!svg.contains("NaN") && !svg.contains("width=\"-"));
        let none = ShareBars {
            title: "Shares",
            groups: &[],
        };
        assert!(none.svg().ends_with("</svg>") && !none.svg().contains("NaN"));
    }
}
