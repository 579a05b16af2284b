//! What a kind of strategy declares about itself: its rule in words, its parameters with ranges and
//! defaults, conditions between them, the warm-up, and its three forms.
//!
//! From these declarations come the checks, the error texts, the resolved parameters of
//! `strategy.json` and docs/strategies.md; nothing about a parameter is said twice.

use super::columns::Columns;
use super::form::Form;
use super::values::Values;
use super::{Signal, Strategy};
use crate::research::backtest::executor::Stops;

/// A kind of strategy.
#[derive(Debug)]
pub struct Kind {
    /// Name in `kind = …`.
    pub name: &'static str,
    /// The rule, per closed bar, in sentences of Markdown.
    pub rule: &'static str,
    /// Where the formula is from.
    pub source: &'static str,
    /// Parameters, in the order in which they are explained.
    pub specs: &'static [Spec],
    /// What must hold between parameters.
    pub conditions: &'static [Condition],
    /// Bars until all indicators are defined; the signal of the earlier ones is flat.
    pub warm_up: fn(&Values) -> usize,
    /// The incremental form. The flag allows shorts.
    pub start: fn(&Values, bool) -> Box<dyn Strategy>,
    /// The batch form: one signal per bar.
    pub signals: fn(&Values, bool, &Columns<'_>) -> Vec<Signal>,
    /// The rule without shorts, as comparisons of columns.
    pub form: fn(&Values) -> Form,
    /// Levels of its own, where the rule has any.
    pub stops: fn(&Values) -> Stops,
}

/// One parameter.
#[derive(Debug)]
pub struct Spec {
    /// Name.
    pub name: &'static str,
    /// What it means, a part of a sentence.
    pub meaning: &'static str,
    /// What it may be.
    pub takes: Takes,
}

/// What a parameter may be. Numbers are decimals, as they are written; both ends are allowed.
#[derive(Debug)]
pub enum Takes {
    /// `true` or `false`.
    Flag {
        /// Without it.
        default: bool,
    },
    /// A whole number.
    Whole {
        /// Least.
        from: u32,
        /// Greatest.
        to: u32,
        /// Without it; none: must be given.
        default: Option<u32>,
    },
    /// A number.
    Number {
        /// Least.
        from: &'static str,
        /// Greatest.
        to: &'static str,
        /// Without it; none: must be given.
        default: Option<&'static str>,
    },
    /// One of some words.
    Word {
        /// The words.
        of: &'static [&'static str],
        /// Without it.
        default: &'static str,
    },
    /// Other rules with their weights; must be given.
    Components,
}

/// What must hold between parameters.
#[derive(Debug)]
pub struct Condition {
    /// The parameter that is named when it does not.
    pub parameter: &'static str,
    /// The parameter that it is compared with.
    pub other: &'static str,
    /// What it must be, such as "above `lower`".
    pub wanted: &'static str,
    /// True when it holds.
    pub holds: fn(&Values) -> bool,
}

/// Longest look-back of any parameter, bars.
pub const WINDOW_MAX: u32 = 10_000;

impl Spec {
    /// A look-back in bars.
    #[must_use]
    pub const fn window(name: &'static str, meaning: &'static str, default: Option<u32>) -> Self {
        Self {
            name,
            meaning,
            takes: Takes::Whole {
                from: 2,
                to: WINDOW_MAX,
                default,
            },
        }
    }

    /// A number in a range.
    #[must_use]
    pub const fn number(
        name: &'static str,
        meaning: &'static str,
        (from, to): (&'static str, &'static str),
        default: Option<&'static str>,
    ) -> Self {
        Self {
            name,
            meaning,
            takes: Takes::Number { from, to, default },
        }
    }

    /// On or off.
    #[must_use]
    pub const fn flag(name: &'static str, meaning: &'static str, default: bool) -> Self {
        Self {
            name,
            meaning,
            takes: Takes::Flag { default },
        }
    }

    /// What it may be, in words: the end of "must be".
    #[must_use]
    pub fn wanted(&self) -> String {
        match &self.takes {
            Takes::Flag { .. } => "true or false".to_owned(),
            Takes::Whole { from, to, .. } => format!("a whole number from {from} to {to}"),
            Takes::Number { from, to, .. } => format!("a number from {from} to {to}"),
            Takes::Word { of, .. } => format!("one of: {}", of.join(", ")),
            Takes::Components => super::composite::WANTED.to_owned(),
        }
    }

    /// What it is without being given; none where it must be.
    #[must_use]
    pub fn default(&self) -> Option<String> {
        match &self.takes {
            Takes::Flag { default } => Some(default.to_string()),
            Takes::Whole { default, .. } => default.map(|n| n.to_string()),
            Takes::Number { default, .. } => default.map(str::to_owned),
            Takes::Word { default, .. } => Some((*default).to_owned()),
            Takes::Components => None,
        }
    }
}

/// For kinds without levels of their own.
#[must_use]
pub fn no_stops(_: &Values) -> Stops {
    Stops::default()
}
