//! What a group of criteria contributes to the verdict, and how contributions join.
//!
//! The verdict depends on a group only through these few numbers, and joining them does not depend
//! on the order. So a statement about all facts is a statement about all reachable summaries.

use crate::governance::policy::verdict::{Enforcement, Outcome, Verdict, Zone};

/// The contribution of one group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Summary {
    /// Worst outcome, borderline ones aside; none while nothing is counted.
    worst: Option<Outcome>,
    /// Borderline criteria, two standing for more.
    borderline: u8,
    /// Whether the one borderline criterion has passed its extra checks.
    excused: bool,
    /// Applicable hard criteria with two edges, two standing for more.
    banded: u8,
    /// Whether all of these are below their floor.
    below: bool,
}

impl Summary {
    /// Of no criteria at all.
    pub(super) const NOTHING: Self = Self {
        worst: None,
        borderline: 0,
        excused: false,
        banded: 0,
        below: true,
    };

    /// Of the criteria of `verdict`, a verdict over this group alone.
    pub(super) fn of(verdict: &Verdict) -> Self {
        let mut sum = Self::NOTHING;
        let counted = verdict
            .criteria
            .iter()
            .filter(|j| j.enforcement != Enforcement::Advisory);
        for judgement in counted {
            let zone = judgement.zone;
            let one = match zone {
                Zone::Fail => Outcome::Reject,
                Zone::NearMiss | Zone::Missing => Outcome::Revise,
                _ => Outcome::Promote,
            };
            let banded = judgement.enforcement == Enforcement::Hard
                && judgement.target.is_some()
                && zone != Zone::NotApplicable;
            sum = sum.join(Self {
                worst: Some(one),
                borderline: u8::from(zone == Zone::Borderline),
                excused: zone == Zone::Borderline && judgement.passes(),
                banded: u8::from(banded),
                below: !banded || matches!(zone, Zone::NearMiss | Zone::Fail),
            });
        }
        sum
    }

    /// Of both groups together.
    pub(super) fn join(self, other: Self) -> Self {
        let borderline = (self.borderline + other.borderline).min(2);
        Self {
            worst: match (self.worst, other.worst) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
            borderline,
            excused: borderline == 1 && (self.excused || other.excused),
            banded: (self.banded + other.banded).min(2),
            below: self.below && other.below,
        }
    }

    /// The verdict when this is all.
    pub(super) fn outcome(self) -> Outcome {
        if self.banded >= 2 && self.below {
            return Outcome::Reject;
        }
        match self.worst {
            None => Outcome::Revise,
            Some(Outcome::Promote) if self.borderline > 0 && !self.excused => Outcome::Revise,
            Some(worst) => worst,
        }
    }
}
