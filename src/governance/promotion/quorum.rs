//! The one function that counts approvals.
//!
//! An approval counts when it is still valid, fills a slot of its role that is open, and neither
//! its person nor its key has filled one before. A quorum that is missing, empty or zero is never
//! complete: it must not fail open. How many different persons all slots together need is a
//! condition of its own, not an alternative.

use std::collections::{BTreeMap, BTreeSet};

use crate::governance::policy::roles::{Quorum, Role};
use crate::kernel::digest::Digest;
use crate::kernel::id::PersonId;
use crate::kernel::pubkey::Fingerprint;
use crate::kernel::time::UtcTime;

use super::state::Approved;

/// What the count gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Open slots per role; roles that are filled do not appear.
    pub open: BTreeMap<Role, u32>,
    /// Persons still missing beyond the slots.
    pub persons_missing: u32,
    /// Leaf hashes of the approvals that fill slots, in ledger order.
    pub filling: Vec<Digest>,
    /// Time of the last approval that fills a slot.
    pub last: Option<UtcTime>,
    /// True when every slot is filled by enough different persons.
    pub complete: bool,
}

/// Counts `approvals` (in ledger order) for `quorum` at `now`.
#[must_use]
pub fn tally(quorum: Option<&Quorum>, approvals: &[Approved], now: UtcTime) -> Tally {
    let slots = quorum.map(|q| q.slots.clone()).unwrap_or_default();
    let mut open = slots.clone();
    let mut persons: BTreeSet<&PersonId> = BTreeSet::new();
    let mut keys: BTreeSet<&Fingerprint> = BTreeSet::new();
    let mut filling = Vec::new();
    let mut last = None;
    for approval in approvals.iter().filter(|a| now < a.valid_until) {
        let mark = &approval.mark;
        let Some(left) = open.get_mut(&approval.role).filter(|left| **left > 0) else {
            continue;
        };
        if persons.contains(&mark.person) || keys.contains(&mark.key) {
            continue;
        }
        *left -= 1;
        persons.insert(&mark.person);
        keys.insert(&mark.key);
        filling.push(mark.leaf);
        last = Some(mark.time);
    }
    open.retain(|_, left| *left > 0);
    let wanted = quorum.map_or(0, |q| q.persons);
    let have = u32::try_from(persons.len()).unwrap_or(u32::MAX);
    let usable = wanted > 0 && !slots.is_empty() && slots.values().all(|count| *count > 0);
    Tally {
        complete: usable && open.is_empty() && have >= wanted,
        persons_missing: wanted.saturating_sub(have),
        open,
        filling,
        last,
    }
}

#[cfg(test)]
mod tests {
    use super::super::state::Mark;
    use super::*;

    fn approval(person: &str, role: Role, key: &str, hours: i64) -> Approved {
        let time = UtcTime::EPOCH.plus_days(1);
        Approved {
            mark: Mark {
                seq: 1,
                leaf: Digest::of(person.as_bytes()),
                time,
                person: PersonId::new(person).unwrap(),
                role: role.to_string(),
                key: serde_json::from_value(key.into()).unwrap(),
                reason: String::new(),
                comment: String::new(),
            },
            role,
            valid_until: time.plus_millis(hours * 3_600_000),
        }
    }

    fn quorum(slots: &[(Role, u32)], persons: u32) -> Quorum {
        Quorum {
            slots: slots.iter().copied().collect(),
            persons,
            time_lock_hours: 0,
            witnesses: 0,
        }
    }

    fn complete(quorum: &Quorum, approvals: &[Approved]) -> bool {
        tally(Some(quorum), approvals, UtcTime::EPOCH.plus_days(2)).complete
    }

    #[test]
    fn distinct_persons_keys_and_roles_are_all_needed() {
        use Role::{Ops, Research, Risk};
        let two = quorum(&[(Research, 1), (Risk, 1)], 2);
        let ann = approval("ann", Research, "a", 48);
        let bob = approval("bob", Risk, "b", 48);
        assert!(complete(&two, &[ann.clone(), bob.clone()]));
        assert!(complete(&two, &[bob.clone(), ann.clone()]));
        assert!(!complete(&two, &[bob.clone(), bob.clone()]));
        // One person in two roles; one key under two names; another role.
        assert!(!complete(
            &two,
            &[ann.clone(), approval("ann", Risk, "c", 48)]
        ));
        assert!(!complete(
            &two,
            &[ann.clone(), approval("bob", Risk, "a", 48)]
        ));
        assert!(!complete(
            &two,
            &[ann.clone(), approval("bob", Ops, "b", 48)]
        ));
        // Two of one role do not stand in for the other.
        let second = approval("eve", Research, "e", 48);
        assert!(!complete(&two, &[ann.clone(), second]));
        // An approval that expired does not count.
        assert!(!complete(
            &two,
            &[ann.clone(), approval("bob", Risk, "b", 24)]
        ));
    }

    #[test]
    fn a_quorum_of_zero_or_none_is_never_complete() {
        let now = UtcTime::EPOCH.plus_days(2);
        let many: Vec<Approved> = Role::ALL
            .into_iter()
            .map(|r| approval(r.as_str(), r, r.as_str(), 48))
            .collect();
        assert!(!tally(None, &many, now).complete);
        assert!(!complete(&quorum(&[], 0), &many));
        assert!(!complete(&quorum(&[], 1), &many));
        assert!(!complete(&quorum(&[(Role::Risk, 0)], 0), &many));
        assert!(!complete(&quorum(&[(Role::Risk, 0)], 1), &many));
        assert!(!complete(
            &quorum(&[(Role::Risk, 0), (Role::Ops, 1)], 1),
            &many
        ));
        assert!(!complete(&quorum(&[(Role::Risk, 1)], 0), &many));
        assert!(!complete(&quorum(&[(Role::Risk, 1)], 2), &many));
    }
}
