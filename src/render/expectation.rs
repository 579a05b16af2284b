//! The shadow contract for people: what sessions are expected to show, in `show`, in the decision
//! log and beside a `drift_*` criterion in `explain`.
//!
//! In: a judged request of the fold, or a session placed in its range. Out: values for documents,
//! and lines of text. Widths stand with the largest width of the policy in the same rounding.

use serde::Serialize;

use super::amount;
use super::decision_log::Language;
use super::layout::{self, Bears, columns};
use crate::evidence::expectation::{
    ExpectedAfter, ExpectedFigure, ExpectedRange, Placed, expected_after,
};
use crate::governance::promotion::state::{RequestRecord, State};
use crate::governance::promotion::tracks::rise::USUAL_DAYS;
use crate::governance::stage::Stage;
use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;
use crate::kernel::unit::Unit;
use crate::metrics::{Metric, Undefined};

/// The contract of a request for SHADOW.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Contract {
    /// Digest of its canonical bytes: approvals and the decision name it.
    pub contract_sha256: Digest,
    /// What is expected after the least and after the usual number of days in SHADOW.
    pub expected: Vec<ExpectedAfter>,
}

/// The contract that the evaluation of `record` carries.
#[must_use]
pub fn contract(state: &State, record: &RequestRecord) -> Option<Contract> {
    let judged = record.judged.as_ref()?;
    let beside = &judged.evaluation.beside;
    let contract = beside.contract.as_deref()?;
    let set = state.oversight.policy_at(judged.seq);
    let rules = set.map_or(state.rules(), |set| set.rules());
    let usual = USUAL_DAYS
        .iter()
        .filter(|(stage, _)| *stage == Stage::Shadow);
    let mut days: Vec<i64> = std::iter::once(rules.request.shadow_dwell_days)
        .chain(usual.map(|(_, days)| *days))
        .map(i64::from)
        .collect();
    days.sort_unstable();
    days.dedup();
    Some(Contract {
        contract_sha256: beside.contract_sha256()?,
        expected: days
            .into_iter()
            .map(|days| expected_after(contract, days))
            .collect(),
    })
}

/// The contract as text.
#[must_use]
pub fn text(contract: &Contract, width: usize) -> String {
    let columns = columns([
        ("figure", Bears::Text),
        ("expected", Bears::Number),
        ("centre", Bears::Number),
        ("width", Bears::Number),
        ("at most", Bears::Number),
        ("note", Bears::Note),
    ]);
    let mut out = format!("shadow contract: {}\n", contract.contract_sha256);
    for after in &contract.expected {
        let rows: Vec<Vec<String>> = after.figures.iter().map(|f| cells(f).to_vec()).collect();
        out.push_str(&format!(
            "expected after {} days ({} bars):\n",
            after.days, after.bars
        ));
        out.push_str(&layout::table(&columns, &rows, width));
    }
    out
}

fn cells(figure: &ExpectedFigure) -> [String; 6] {
    let name = name(Language::En, figure.metric).to_owned();
    let Some(range) = &figure.range else {
        let empty = String::new;
        let why = none(Language::En, figure);
        return [name, empty(), empty(), empty(), empty(), why];
    };
    let (width, most) = widths(range, figure.unit);
    let note = match range.too_wide {
        true => "too wide to judge by",
        false => "",
    };
    let centre = show(&range.centre, figure.unit);
    let edges = edges(Language::En, range, figure.unit);
    [name, edges, centre, width, most, note.to_owned()]
}

/// One line per length: every range with its width and the largest width allowed.
#[must_use]
pub fn lines(contract: &Contract, language: Language) -> Vec<String> {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let figure = |figure: &ExpectedFigure| {
        let name = name(language, figure.metric);
        let Some(range) = &figure.range else {
            return format!("{name} {}", none(language, figure));
        };
        let (width, most) = widths(range, figure.unit);
        let wide = match range.too_wide {
            true => pick(", zu breit", ", too wide"),
            false => "",
        };
        format!(
            "{name} {} ({} {width}, {} {most}{wide})",
            edges(language, range, figure.unit),
            pick("Breite", "width"),
            pick("höchstens", "at most"),
        )
    };
    let after = |after: &ExpectedAfter| {
        let figures: Vec<String> = after.figures.iter().map(figure).collect();
        format!(
            "{} {} {}: {}",
            pick("Erwartet nach", "Expected after"),
            after.days,
            pick("Tagen", "days"),
            figures.join("; ")
        )
    };
    contract.expected.iter().map(after).collect()
}

/// What a session showed, the range, and the distance of the one from the centre of the other.
#[must_use]
pub fn placed(placed: &Placed, distance: Option<&Decimal>) -> String {
    let figure = &placed.expected;
    let unit = figure.unit;
    let observed = match &placed.observed {
        Some(value) => show(value, unit),
        None => "not known".to_owned(),
    };
    let name = name(Language::En, figure.metric);
    let mut text = format!("{name} {observed} after {} bars", placed.bars);
    let Some(range) = &figure.range else {
        return format!("{text}, {}", none(Language::En, figure));
    };
    text.push_str(&format!(
        ", expected {} around {}",
        edges(Language::En, range, unit),
        show(&range.centre, unit)
    ));
    if range.too_wide {
        let (width, most) = widths(range, unit);
        text.push_str(&format!(", too wide: {width}, at most {most}"));
    }
    match distance {
        Some(distance) => format!("{text}, distance {} half-widths", distance.to_fixed(3)),
        None => format!("{text}, no distance"),
    }
}

/// As the edges are shown, or with so many decimals that two different widths look different.
fn widths(range: &ExpectedRange, unit: Unit) -> (String, String) {
    let (width, most) = (show(&range.width, unit), show(&range.width_max, unit));
    if width != most || range.width == range.width_max {
        return (width, most);
    }
    let (width, most) = amount::show_all(&range.width, &[&range.width_max], unit);
    (width, most.concat())
}

fn edges(language: Language, range: &ExpectedRange, unit: Unit) -> String {
    let to = language.pick("bis", "to");
    format!(
        "{} {to} {}",
        show(&range.low, unit),
        show(&range.high, unit)
    )
}

fn none(language: Language, figure: &ExpectedFigure) -> String {
    let why = figure.undefined.map_or("", Undefined::as_str);
    let text = language.pick("ohne Erwartung", "without a range");
    format!("{text} ({why})")
}

/// Percentages to a hundredth, counts to a tenth: a quantile of counts may lie between two.
fn show(value: &Decimal, unit: Unit) -> String {
    match unit {
        Unit::Fraction => format!("{}%", value.times(&Decimal::from_int(100)).to_fixed(2)),
        Unit::Ratio | Unit::Count | Unit::Days => {
            let places = u32::from(value.round(0) != *value);
            value.to_fixed(places)
        }
    }
}

fn name(language: Language, metric: Metric) -> &'static str {
    let (de, en) = match metric {
        Metric::DriftReturn => ("Rendite", "return"),
        Metric::DriftVolatility => ("Volatilität", "volatility"),
        Metric::DriftDrawdown => ("Max Drawdown", "max drawdown"),
        Metric::DriftTrades => ("Trades", "trades"),
        Metric::DriftSlippage => ("Slippage", "slippage"),
        other => (other.as_str(), other.as_str()),
    };
    language.pick(de, en)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(numbers: [&str; 5]) -> ExpectedRange {
        let [low, centre, high, width, width_max] = numbers.map(|n| n.parse::<Decimal>().unwrap());
        ExpectedRange {
            too_wide: width > width_max,
            low,
            centre,
            high,
            width,
            width_max,
        }
    }

    fn figure(metric: Metric, unit: Unit, range: Option<ExpectedRange>) -> ExpectedFigure {
        ExpectedFigure {
            figure: "x",
            metric,
            unit,
            undefined: range.is_none().then_some(Undefined::TooFewObservations),
            range,
        }
    }

    #[test]
    fn a_range_stands_with_its_width_and_the_widest_allowed() {
        let narrow = range(["-0.02", "0.01", "0.05", "0.07", "0.0704"]);
        let close = range(["0", "1", "4.01", "4.01", "4.04"]);
        assert_eq!(widths(&close, Unit::Count), ("4.01".into(), "4.04".into()));
        let wide = range(["0", "4", "9.5", "9.5", "9"]);
        let contract = Contract {
            contract_sha256: Digest::of(b"contract"),
            expected: vec![ExpectedAfter {
                days: 7,
                bars: 168,
                figures: vec![
                    figure(Metric::DriftReturn, Unit::Fraction, Some(narrow)),
                    figure(Metric::DriftTrades, Unit::Count, Some(wide)),
                    figure(Metric::DriftVolatility, Unit::Fraction, None),
                ],
            }],
        };
        assert_eq!(
            lines(&contract, Language::En),
            [concat!(
                "Expected after 7 days: return -2.00% to 5.00% (width 7.00%, at most 7.04%); ",
                "trades 0 to 9.5 (width 9.5, at most 9, too wide); ",
                "volatility without a range (too_few_observations)"
            )]
        );
        let text = text(&contract, 80);
        assert!(text.contains("expected after 7 days (168 bars):"), "{text}");
        assert!(text.contains("too wide to judge by"), "{text}");
    }

    #[test]
    fn a_session_is_placed_in_its_range() {
        let narrow = range(["-0.02", "0.01", "0.05", "0.07", "0.08"]);
        let seen = |observed: Option<&str>, range| Placed {
            bars: 336,
            expected: figure(Metric::DriftReturn, Unit::Fraction, range),
            observed: observed.map(|o| o.parse().unwrap()),
        };
        let distance = "0.5".parse().unwrap();
        assert_eq!(
            placed(&seen(Some("0.03"), Some(narrow.clone())), Some(&distance)),
            "return 3.00% after 336 bars, expected -2.00% to 5.00% around 1.00%, distance 0.500 half-widths"
        );
        let wide = ExpectedRange {
            too_wide: true,
            ..narrow
        };
        assert_eq!(
            placed(&seen(None, Some(wide)), None),
            "return not known after 336 bars, expected -2.00% to 5.00% around 1.00%, too wide: 7.00%, at most 8.00%, no distance"
        );
        assert_eq!(
            placed(&seen(Some("0.03"), None), None),
            "return 3.00% after 336 bars, without a range (too_few_observations)"
        );
    }
}
