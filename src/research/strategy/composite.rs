//! Composite: several rules on the same bars, one voice.
//!
//! Every component runs as it would alone, with the shorts that the composite may have, and votes
//! long (1), flat (0) or short (-1). Until all of them are warm the signal is flat.

use super::columns::Columns;
use super::form::{Comparison, Form};
use super::held::while_holding;
use super::kind::{Kind, Spec, Takes, no_stops};
use super::registry::Rule;
use super::values::Values;
use super::{Signal, Strategy};
use crate::research::market::bar::Bar;

/// What `components` may be.
pub(super) const WANTED: &str = "a list of 2 to 16 { kind, weight, parameters }, the weights above 0 and \
                                 at most 1, none of them a composite";

const MODES: &[&str] = &["weighted", "voting", "unanimous", "any_long", "any_short"];

/// `composite`.
pub static KIND: Kind = Kind {
    name: "composite",
    rule: "`weighted`: the mean of the votes, weighted, is above `threshold` (long) or below -`threshold` \
           (short). `voting`: more than half of the components are long, or short. `unanimous`: all of \
           them are. `any_long`: long while at least one is long, never short. `any_short`: short while \
           at least one is short, never long. Otherwise flat. A component is `{ kind, weight, \
           parameters }`; the weights count in `weighted` only.",
    source: "own; the modes of the system that the playbook describes",
    specs: &[
        Spec {
            name: "mode",
            meaning: "how the votes become a signal",
            takes: Takes::Word {
                of: MODES,
                default: "weighted",
            },
        },
        Spec::number(
            "threshold",
            "mean vote that must be exceeded, in `weighted`",
            ("0", "0.99"),
            Some("0.3"),
        ),
        Spec {
            name: "components",
            meaning: "the rules, with weights and parameters",
            takes: Takes::Components,
        },
    ],
    conditions: &[],
    warm_up,
    start: |values, allow_short| Box::new(Composite::new(values, allow_short)),
    signals,
    form,
    stops: no_stops,
};

fn warm_up(values: &Values) -> usize {
    let components = values.components("components");
    components
        .iter()
        .map(|(_, rule)| rule.warm_up())
        .max()
        .unwrap_or(1)
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Mode {
    Weighted { threshold: f64 },
    Voting,
    Unanimous,
    AnyLong,
    AnyShort,
}

/// The count of votes.
#[derive(Debug, Clone, PartialEq)]
struct Decision {
    mode: Mode,
    weights: Vec<f64>,
    allow_short: bool,
}

impl Decision {
    fn new(values: &Values, parts: &[(f64, Rule)], allow_short: bool) -> Self {
        let total: f64 = parts.iter().map(|(weight, _)| weight).sum();
        let mode = match values.word("mode") {
            "voting" => Mode::Voting,
            "unanimous" => Mode::Unanimous,
            "any_long" => Mode::AnyLong,
            "any_short" => Mode::AnyShort,
            _ => Mode::Weighted {
                // Sums of decimals are off by some 1e-16: 0.1 + 0.2 must not exceed 0.3.
                threshold: values.number("threshold") + 1e-9,
            },
        };
        Self {
            mode,
            weights: parts.iter().map(|(weight, _)| weight / total).collect(),
            allow_short,
        }
    }

    fn count(&self, votes: impl Iterator<Item = Signal> + Clone) -> Signal {
        let all = self.weights.len();
        let number = |side: Signal| votes.clone().filter(|vote| *vote == side).count();
        let (longs, shorts) = (number(Signal::Long), number(Signal::Short));
        let (long, short) = match self.mode {
            Mode::Weighted { threshold } => {
                let mean = votes
                    .zip(&self.weights)
                    .fold(0.0, |sum, (vote, weight)| sum + weight * value(vote));
                (mean > threshold, mean < -threshold)
            }
            Mode::Voting => (2 * longs > all, 2 * shorts > all),
            Mode::Unanimous => (longs == all, shorts == all),
            Mode::AnyLong => (longs > 0, false),
            Mode::AnyShort => (false, shorts > 0),
        };
        while_holding(long, short, self.allow_short)
    }
}

fn value(vote: Signal) -> f64 {
    match vote {
        Signal::Long => 1.0,
        Signal::Flat => 0.0,
        Signal::Short => -1.0,
    }
}

fn parts(values: &Values) -> Vec<(f64, Rule)> {
    let components = values.components("components");
    let part = |(weight, rule): (crate::kernel::decimal::Decimal, Rule)| (weight.to_f64(), rule);
    components.into_iter().map(part).collect()
}

struct Composite {
    parts: Vec<Box<dyn Strategy>>,
    votes: Vec<Signal>,
    /// Bars that are still wanted before the first vote is counted.
    wanted: usize,
    decision: Decision,
}

impl Composite {
    fn new(values: &Values, allow_short: bool) -> Self {
        let parts = parts(values);
        Self {
            decision: Decision::new(values, &parts, allow_short),
            votes: Vec::with_capacity(parts.len()),
            wanted: warm_up(values),
            parts: parts
                .iter()
                .map(|(_, rule)| rule.start(allow_short))
                .collect(),
        }
    }
}

impl Strategy for Composite {
    fn on_close(&mut self, bar: &Bar) -> Signal {
        self.votes.clear();
        let votes = self.parts.iter_mut().map(|part| part.on_close(bar));
        self.votes.extend(votes);
        self.wanted = self.wanted.saturating_sub(1);
        if self.wanted > 0 {
            return Signal::Flat;
        }
        self.decision.count(self.votes.iter().copied())
    }
}

fn signals(values: &Values, allow_short: bool, columns: &Columns<'_>) -> Vec<Signal> {
    let parts = parts(values);
    let decision = Decision::new(values, &parts, allow_short);
    let votes: Vec<Vec<Signal>> = parts
        .iter()
        .map(|(_, rule)| rule.signals(allow_short, columns))
        .collect();
    let all = columns.bars.len();
    let early = all.min(warm_up(values) - 1);
    let counted = (early..all)
        .map(|bar| decision.count(votes.iter().filter_map(|own| own.get(bar).copied())));
    std::iter::repeat_n(Signal::Flat, early)
        .chain(counted)
        .collect()
}

/// Rules without shorts, and how their votes are counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Votes<C = Comparison> {
    /// The rules, in their order.
    pub forms: Vec<Form<C>>,
    /// Bars before the first one on which votes are counted.
    pub early: usize,
    decision: Decision,
}

impl Votes {
    /// The same with something in the place of every comparison.
    pub(super) fn map<C>(&self, of: &mut impl FnMut(Comparison) -> C) -> Votes<C> {
        Votes {
            forms: self.forms.iter().map(|form| form.map(of)).collect(),
            early: self.early,
            decision: self.decision.clone(),
        }
    }
}

impl<C> Votes<C> {
    /// True when these votes, in the order of the rules, come to long.
    #[must_use]
    pub fn long(&self, votes: impl Iterator<Item = bool> + Clone) -> bool {
        let signal = |long| if long { Signal::Long } else { Signal::Flat };
        self.decision.count(votes.map(signal)) == Signal::Long
    }
}

fn form(values: &Values) -> Form {
    let parts = parts(values);
    Form::Votes(Votes {
        decision: Decision::new(values, &parts, false),
        early: warm_up(values) - 1,
        forms: parts.iter().map(|(_, rule)| rule.form()).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::component;
    use super::*;
    use crate::research::portfolio::configuration::{Parameter, Word};
    use std::collections::BTreeMap;

    fn decision(mode: &str, threshold: &str, weights: &[&str]) -> Decision {
        let parts: Vec<_> = weights
            .iter()
            .map(|w| component("donchian", w, &[]))
            .collect();
        let parameters = BTreeMap::from([
            ("mode".to_owned(), Parameter::Word(Word::new(mode).unwrap())),
            (
                "threshold".to_owned(),
                Parameter::Number(threshold.parse().unwrap()),
            ),
            ("components".to_owned(), Parameter::Components(parts)),
        ]);
        let values = Values::resolve(&KIND, &parameters).unwrap();
        Decision::new(&values, &super::parts(&values), true)
    }

    fn count(decision: &Decision, votes: &[i8]) -> i8 {
        let vote = |v: &i8| match v {
            1 => Signal::Long,
            0 => Signal::Flat,
            _ => Signal::Short,
        };
        match decision.count(votes.iter().map(vote)) {
            Signal::Long => 1,
            Signal::Flat => 0,
            Signal::Short => -1,
        }
    }

    /// A mode, with votes of three components and the answer to each.
    type Case = (&'static str, &'static [([i8; 3], i8)]);

    #[test]
    fn every_mode_by_hand() {
        let table: [Case; 5] = [
            // Weights 0.5, 0.3, 0.2 and the threshold 0.3.
            (
                "weighted",
                &[
                    ([1, 0, 0], 1),
                    ([0, 1, 0], 0),
                    ([1, 0, -1], 0),
                    ([-1, 0, 0], -1),
                    ([1, -1, -1], 0),
                ],
            ),
            (
                "voting",
                &[([1, 1, -1], 1), ([1, 0, 0], 0), ([0, -1, -1], -1)],
            ),
            (
                "unanimous",
                &[([1, 1, 1], 1), ([1, 1, 0], 0), ([-1, -1, -1], -1)],
            ),
            ("any_long", &[([-1, -1, 1], 1), ([-1, 0, 0], 0)]),
            ("any_short", &[([1, 1, -1], -1), ([1, 0, 0], 0)]),
        ];
        for (mode, cases) in table {
            let decision = decision(mode, "0.3", &["0.5", "0.3", "0.2"]);
            for (votes, wanted) in cases {
                assert_eq!(count(&decision, votes), *wanted, "{mode} {votes:?}");
            }
        }
    }

    #[test]
    fn rounding_does_not_exceed_a_threshold() {
        // 0.1 + 0.2 is above 0.3 in binary.
        let decision = decision("weighted", "0.3", &["0.1", "0.2", "0.7"]);
        assert_eq!(count(&decision, &[1, 1, 0]), 0);
        assert_eq!(count(&decision, &[0, 0, 1]), 1);
    }

    #[test]
    fn weights_are_shares() {
        let decision = decision("weighted", "0.3", &["1", "1", "1"]);
        assert_eq!(count(&decision, &[1, 0, 0]), 1);
    }
}
