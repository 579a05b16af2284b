//! Registers: what auditors ask of a whole ledger beside its decisions.
//!
//! In: the fold of a ledger's entries, its head. Out: one value per register (overrides, incidents,
//! inventory, reviews), which is the JSON document, and from which the page and the CSV sheet are
//! made. Everything that depends on a time is taken at the time of the last entry, so the same
//! head gives the same bytes.

pub mod causes;
pub mod declared;
pub mod holders;
mod holders_page;
pub mod incidents;
pub mod incidents_page;
pub mod inventory;
pub mod inventory_page;
pub mod overrides;
pub mod reviews;

use serde::Serialize;

use super::decision_log::Language;
use super::regulator::words;
use crate::governance::audit::entry::Head;
use crate::governance::promotion::state::State;
use crate::governance::regulator::marks;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId};
use crate::kernel::time::UtcTime;

/// What every export says about where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct About {
    /// Origin of the ledger.
    pub ledger: String,
    /// Leaf hash of its genesis entry.
    pub fingerprint: Digest,
    /// Head that the document covers.
    pub head: Head,
    /// Time of the last entry: everything stands as it stood then.
    pub as_of: UtcTime,
    /// True for sandboxes.
    pub sandbox: bool,
    /// What every reader has to know: `SANDBOX`, `REDUCED INDEPENDENCE`, `REDUCED ASSURANCE`,
    /// `SMALL TEAM`, `LOCAL MODE`.
    pub marks: Vec<&'static str>,
    /// Digest of the policy set in force.
    pub policy_sha256: Digest,
    /// The one portfolio that was asked for; null for all.
    pub portfolio: Option<PortfolioId>,
}

impl About {
    /// About the ledger that `state` is the fold of.
    #[must_use]
    pub fn new(state: &State, head: Head, portfolio: Option<&PortfolioId>) -> Self {
        Self {
            ledger: state.ledger.clone(),
            fingerprint: state.fingerprint,
            head,
            as_of: state.last_time(),
            sandbox: state.genesis.sandbox,
            marks: marks::all(state),
            policy_sha256: state.policy.digest(),
            portfolio: portfolio.cloned(),
        }
    }

    /// True when `portfolio` was asked for.
    #[must_use]
    pub fn wants(&self, portfolio: &PortfolioId) -> bool {
        self.portfolio.as_ref().is_none_or(|only| only == portfolio)
    }

    /// Names and values for the top of a page.
    #[must_use]
    pub fn facts(&self, language: Language) -> Vec<(String, String)> {
        let line = |de, en, value: String| (language.pick(de, en).to_owned(), value);
        let mut facts = vec![
            line("Ledger", "Ledger", self.ledger.clone()),
            line("Fingerabdruck", "Fingerprint", self.fingerprint.to_string()),
            line(
                "Policy-Set in Kraft",
                "Policy set in force",
                self.policy_sha256.to_string(),
            ),
            line(
                "Stand",
                "As of",
                format!("{}, {} {}", self.as_of, self.head.size, {
                    language.pick("Einträge; alle Zeiten UTC", "entries; all times UTC")
                }),
            ),
        ];
        if let Some(portfolio) = &self.portfolio {
            facts.push(line(
                "Nur Portfolio",
                "Only portfolio",
                portfolio.to_string(),
            ));
        }
        facts
    }

    /// The marks in one line, in words.
    #[must_use]
    pub fn banner(&self, language: Language) -> Option<String> {
        let words: Vec<String> = self
            .marks
            .iter()
            .map(|mark| format!("{mark}: {}", words::mark(mark, language)))
            .collect();
        (!words.is_empty()).then(|| words.join(" "))
    }
}

/// A length of time in its two largest units: `3 d 4 h`, `12 min 5 s`, `0 s`.
#[must_use]
pub fn span(language: Language, ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    let units = [
        (86_400, language.pick("Tg.", "d")),
        (3600, language.pick("Std.", "h")),
        (60, "min"),
        (1, "s"),
    ];
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (size, name) in units {
        let count = rest / size;
        rest %= size;
        if count > 0 {
            parts.push(format!("{count} {name}"));
        } else if !parts.is_empty() {
            break;
        }
        if parts.len() == 2 {
            break;
        }
    }
    if parts.is_empty() {
        return "0 s".to_owned();
    }
    parts.join(" ")
}

/// A time for a table: `2025-12-01 09:30`, UTC. The exact one stands beside it or in JSON.
fn minute(time: UtcTime) -> String {
    let text = time.to_string();
    let day: String = text.chars().take(10).collect();
    let clock: String = text.chars().skip(11).take(5).collect();
    format!("{day} {clock}")
}

/// `yes` or `no`.
fn yes(language: Language, holds: bool) -> &'static str {
    if holds {
        language.pick("ja", "yes")
    } else {
        language.pick("nein", "no")
    }
}

/// Names with "and" between them.
pub(super) fn join_names(language: Language, names: &[PersonId]) -> String {
    let names: Vec<&str> = names.iter().map(PersonId::as_str).collect();
    names.join(language.pick(" und ", " and "))
}

/// An optional value for a cell of a sheet.
fn cell<T: ToString>(value: Option<&T>) -> String {
    value.map(T::to_string).unwrap_or_default()
}

/// An optional value for a cell of a page.
fn dash<T: ToString>(value: Option<&T>) -> String {
    value.map_or_else(|| "–".to_owned(), T::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_their_two_largest_units() {
        for (ms, text) in [
            (-5, "0 s"),
            (999, "0 s"),
            (61_000, "1 min 1 s"),
            (3_600_000, "1 h"),
            (90_061_000, "1 d 1 h"),
            (86_400_000 + 61_000, "1 d"),
        ] {
            assert_eq!(span(Language::En, ms), text);
        }
        assert_eq!(span(Language::De, 90_061_000), "1 Tg. 1 Std.");
    }
}
