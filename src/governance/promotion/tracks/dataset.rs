//! Registered data: who fetched which bars from where.
//!
//! In: a statement that names bars by the digest that evidence names them by. Out: for that digest
//! the persons who vouch for it. Whoever belongs to the authors of a request does not count there.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::governance::policy::roles::Role;
use crate::kernel::digest::Digest;
use crate::kernel::id::PersonId;
use crate::kernel::time::UtcTime;

use super::super::guard::{Moment, words};
use super::super::refusal::Refusal;
use super::super::state::{Mark, State};
use super::{Checked, one_of};

/// Bars, and where they come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dataset {
    /// Digest of the bars' canonical rows.
    pub sha256: Digest,
    /// Such as `BTC/EUR`.
    pub symbol: String,
    /// Such as `1h`.
    pub timeframe: String,
    /// Opening of the first bar.
    pub first: UtcTime,
    /// Opening of the last bar.
    pub last: UtcTime,
    /// Bars.
    pub rows: i64,
    /// True when they were generated.
    pub synthetic: bool,
    /// Where they were fetched from, in words.
    pub source: String,
    /// When they were fetched.
    pub retrieved_at: UtcTime,
}

/// One registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetRecord {
    /// The entry.
    pub mark: Mark,
    /// What was registered.
    pub dataset: Dataset,
}

/// May this be registered?
///
/// # Errors
/// The first rule that it breaks.
pub(super) fn check(
    state: &State,
    act: &Dataset,
    signers: &[(PersonId, Role)],
    at: &Moment,
) -> Checked {
    one_of("dataset", signers, &Role::ALL)?;
    words(&act.source, "source")?;
    let refuse = |why: &'static str| Err(Refusal::DatasetRefused { why });
    if act.rows < 1 || act.first > act.last || act.last > at.now || act.retrieved_at > at.now {
        return refuse("its range is not one of bars that could have been fetched by now");
    }
    if act.symbol.is_empty() || act.symbol.len() > 64 || act.timeframe.len() > 16 {
        return refuse("it does not say which bars it is about");
    }
    let person = signers.first().map(|(person, _)| person);
    let again = registrations(state, &act.sha256).any(|r| Some(&r.mark.person) == person);
    if again {
        return refuse("the same person registered these bars already");
    }
    Ok(())
}

/// Remembers a registration.
pub(super) fn effect(state: &mut State, act: &Dataset, mark: Mark) {
    let list = state.tracks.datasets.entry(act.sha256).or_default();
    list.push(DatasetRecord {
        mark,
        dataset: act.clone(),
    });
}

/// Every registration of these bars.
pub fn registrations<'s>(
    state: &'s State,
    sha256: &Digest,
) -> impl Iterator<Item = &'s DatasetRecord> {
    state.tracks.datasets.get(sha256).into_iter().flatten()
}

/// Persons who registered any of `data`.
#[must_use]
pub fn fetchers(state: &State, data: &[Digest]) -> BTreeSet<PersonId> {
    data.iter()
        .flat_map(|sha256| registrations(state, sha256))
        .map(|record| record.mark.person.clone())
        .collect()
}
