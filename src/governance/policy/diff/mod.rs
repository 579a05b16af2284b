//! What changed between two policy sets, and whether it tightens or loosens.
//!
//! In: two checked sets. Out: one [`Change`] per field, each with its direction, and one word over
//! all of them. Keeps: a set that is called a tightening gives no verdict that is better than the
//! old one's, whatever the facts, and asks for no smaller quorum. Whatever cannot be shown to be
//! stricter counts as loosening.

mod checklists;
mod criterion;
mod deny;
mod rules;

use std::collections::BTreeSet;

use serde::Serialize;

pub use criterion::policies as diff_policies;

use super::set::PolicySet;
use crate::kernel::digest::Digest;
use crate::kernel::id::ProfileId;

/// What one change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Words only: no verdict and no rule changes.
    Wording,
    /// Stricter.
    Tightens,
    /// Looser, or not shown to be stricter.
    Loosens,
}

impl Direction {
    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wording => "wording",
            Self::Tightens => "tightens",
            Self::Loosens => "loosens",
        }
    }
}

/// What all changes together are.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Overall {
    /// The same bytes.
    Identical,
    /// Stricter or the same everywhere: one risk signature publishes it.
    Tightening,
    /// Everything else: the LIVE quorum and the root threshold publish it.
    Loosening,
}

impl Overall {
    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::Tightening => "tightening",
            Self::Loosening => "loosening",
        }
    }
}

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Change {
    /// Where: `conservative sharpe_oos`, `roles`, …
    pub place: String,
    /// Which field; empty when the whole thing is new or gone.
    pub field: String,
    /// Before; none when it was not there.
    pub before: Option<String>,
    /// After; none when it is not there any more.
    pub after: Option<String>,
    /// What that does.
    pub direction: Direction,
    /// Why, where the direction does not speak for itself.
    pub why: Option<String>,
}

impl Change {
    pub(crate) fn new(
        place: &str,
        field: &str,
        (before, after): (Option<String>, Option<String>),
        direction: Direction,
    ) -> Self {
        Self {
            place: place.to_owned(),
            field: field.to_owned(),
            before,
            after,
            direction,
            why: None,
        }
    }

    pub(crate) fn because(mut self, why: &str) -> Self {
        self.why = Some(why.to_owned());
        self
    }
}

/// Everything that differs between two sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Diff {
    /// Digest of the old set.
    pub before: Digest,
    /// Digest of the new set.
    pub after: Digest,
    /// What all changes together are.
    pub overall: Overall,
    /// Every change, by place.
    pub changes: Vec<Change>,
}

/// The word over `changes` of sets whose bytes differ.
#[must_use]
pub fn overall(changes: &[Change]) -> Overall {
    if changes.iter().any(|c| c.direction == Direction::Loosens) {
        Overall::Loosening
    } else {
        Overall::Tightening
    }
}

/// What changes from `old` to `new`.
#[must_use]
pub fn diff(old: &PolicySet, new: &PolicySet) -> Diff {
    let mut changes = Vec::new();
    let profiles: BTreeSet<&ProfileId> = old.profiles().chain(new.profiles()).collect();
    for profile in profiles {
        let place = format!("{profile}");
        match (old.policy(profile), new.policy(profile)) {
            (Some(old), Some(new)) => changes.extend(diff_policies(old, new)),
            (None, Some(new)) => changes.push(
                Change::new(
                    &place,
                    "",
                    (None, Some(new.file.clone())),
                    Direction::Loosens,
                )
                .because("a new profile opens a way that was not there"),
            ),
            (Some(old), None) => changes.push(
                Change::new(
                    &place,
                    "",
                    (Some(old.file.clone()), None),
                    Direction::Loosens,
                )
                .because("portfolios of this profile could not be judged any more"),
            ),
            (None, None) => {}
        }
    }
    changes.extend(rules::changes(old.rules(), new.rules()));
    changes.extend(checklists::changes(old.checklists(), new.checklists()));
    changes.extend(deny::changes(old.deny(), new.deny()));
    let overall = if old.digest() == new.digest() {
        Overall::Identical
    } else {
        overall(&changes)
    };
    Diff {
        before: old.digest(),
        after: new.digest(),
        overall,
        changes,
    }
}
