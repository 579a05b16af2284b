//! The review of an override: by somebody else of risk, within days of the decision that uses it.
//!
//! In: overrides that a decision rests on, a signed review, now. Out: what is due, what was missed.
//! A review that is missed costs the version that rests on the override its stage and halts, and
//! nothing is resumed or asked for before it is made. A review by a key that is not believed any
//! more is due again.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::halt::{Cause, stop_portfolio};
use super::overrides::OverrideRecord;
use super::{Checked, Derived, Standing, lowering, one_of, short};
use crate::governance::policy::roles::Role;
use crate::governance::promotion::guard;
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::{Mark, State, Status};
use crate::governance::promotion::versions::drop_climbing;
use crate::governance::stage::Stage;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId};
use crate::kernel::time::UtcTime;

/// An override is reviewed after the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverrideReview {
    /// Leaf hash of the override's entry.
    #[serde(rename = "override")]
    pub reviewed: Digest,
    /// Its portfolio, for the reader.
    pub portfolio: PortfolioId,
    /// What the review found, in words.
    pub finding: String,
}

pub(super) fn check(state: &State, act: &OverrideReview, signers: &[(PersonId, Role)]) -> Checked {
    one_of("override review", signers, &[Role::Risk])?;
    guard::raises_risk(state)?;
    short(&act.finding, "finding")?;
    let waiting = |o: &&OverrideRecord| {
        o.mark.leaf == act.reviewed && o.review_due.is_some() && o.reviewed.is_none()
    };
    let record = state.safety.overrides.iter().find(waiting);
    let record = record.ok_or(Refusal::NoReviewDue)?;
    if record.act.portfolio != act.portfolio {
        return Err(Refusal::StatementDiffers { field: "portfolio" });
    }
    match signers.iter().find(|(p, _)| record.signers.contains(p)) {
        Some((person, _)) => Err(Refusal::ReviewBySigner {
            person: person.clone(),
        }),
        None => Ok(()),
    }
}

pub(super) fn effect(state: &mut State, act: &OverrideReview, mark: Mark) {
    let mut all = state.safety.overrides.iter_mut();
    if let Some(record) = all.find(|o| o.mark.leaf == act.reviewed) {
        record.reviewed = Some((mark, act.finding.clone()));
    }
}

/// When the first review of a portfolio is due, or was missed and never made.
#[must_use]
pub fn review_due(state: &State, portfolio: &PortfolioId) -> Option<UtcTime> {
    reviews_due(state, portfolio).map(|(_, until)| until).min()
}

/// Overrides of a portfolio whose review is due, or was missed and never made, each with its time.
pub fn reviews_due<'s>(
    state: &'s State,
    portfolio: &'s PortfolioId,
) -> impl Iterator<Item = (&'s OverrideRecord, UtcTime)> {
    let all = state.safety.overrides.iter();
    all.filter(|o| o.act.portfolio == *portfolio && o.reviewed.is_none())
        .filter_map(|o| Some((o, o.review_due?)))
}

/// Reviews that are missed by `now`: when, and of which override.
pub(super) fn missed(state: &State, now: UtcTime) -> impl Iterator<Item = (UtcTime, usize)> {
    let all = state.safety.overrides.iter().enumerate();
    all.filter(|(_, o)| o.reviewed.is_none() && o.missed.is_none())
        .filter_map(|(at, o)| Some((o.review_due?, at)))
        .filter(move |(due, _)| now >= *due)
}

/// The first review of a portfolio in service that was missed and is not made yet.
#[must_use]
pub fn unmade<'s>(state: &'s State, portfolio: &PortfolioId) -> Option<&'s OverrideRecord> {
    let held = state.portfolios.get(portfolio)?;
    let mut all = state.safety.overrides.iter();
    let waits = |o: &&OverrideRecord| {
        o.act.portfolio == *portfolio && o.missed.is_some() && o.reviewed.is_none()
    };
    all.find(waits).filter(|_| held.stage != Stage::Retired)
}

/// Refuses while a review of one of `ids` was missed and is not made.
///
/// # Errors
/// `review-missed`.
pub(super) fn none_unmade<'p>(
    state: &State,
    ids: impl IntoIterator<Item = &'p PortfolioId>,
) -> Checked {
    let mut waiting = ids.into_iter().filter_map(|id| unmade(state, id));
    match waiting.next() {
        None => Ok(()),
        Some(record) => Err(Refusal::ReviewMissed {
            portfolio: record.act.portfolio.clone(),
            seq: record.mark.seq,
        }),
    }
}

/// Reviews by a key that is not believed any more are due again, from the revocation at `by` on.
pub(in crate::governance::promotion) fn due_again(state: &mut State, by: &Mark) {
    let days = i64::from(state.rules().overrides.review_days);
    for record in &mut state.safety.overrides {
        let reviewed = record.reviewed.as_ref();
        if reviewed.is_some_and(|(mark, _)| state.access.is_disbelieved(&mark.into())) {
            record.reviewed = None;
            record.review_due = Some(by.time.plus_days(days));
        }
    }
}

/// The versions that were granted a stage on the override at `at`, by their strategies.
fn resting(state: &State, at: usize) -> BTreeSet<Digest> {
    let record = state.safety.overrides.get(at);
    let requests = record.into_iter().flat_map(|record| &record.used_by);
    let records = requests.filter_map(|id| state.requests.get(id));
    records
        .filter(|record| record.status == Status::Promoted)
        .map(|record| record.request.strategy_sha256)
        .collect()
}

/// The version that rests on an override loses its stage, and the portfolio halts, because the
/// review was missed. One that runs is lowered, one that climbs begins anew; where another version
/// has taken its place, that one keeps what it has.
pub(super) fn fall(state: &mut State, at: usize, time: UtcTime) {
    let Some(record) = state.safety.overrides.get_mut(at) else {
        return;
    };
    record.missed = Some(time);
    let id = record.act.portfolio.clone();
    let on = Standing {
        seq: record.mark.seq,
        leaf: record.mark.leaf,
        time,
    };
    let strategies = resting(state, at);
    let Some(held) = state.portfolios.get(&id) else {
        return;
    };
    let from = held.stage;
    if from == Stage::Retired {
        return;
    }
    let runs = strategies.iter().any(|strategy| held.runs(*strategy));
    let climbing: Vec<Stage> = held
        .climbing
        .iter()
        .filter(|(_, version)| strategies.contains(&version.strategy))
        .map(|(stage, _)| *stage)
        .collect();
    for stage in climbing {
        drop_climbing(state, &id, stage, time, None);
    }
    if let Some(to) = lowering::below(from).filter(|_| runs) {
        lowering::lower(state, &id, to, on, None);
        state.safety.derived.push(Derived {
            time,
            portfolio: id.clone(),
            cause: Cause::MissedReview,
            from,
            to,
        });
    }
    let cause = Cause::MissedReview;
    stop_portfolio(state, &id, cause, on, None);
}
