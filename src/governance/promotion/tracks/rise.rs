//! What a request for TESTNET or LIVE has to bring, checked when it is made.
//!
//! Dwell counts by the smaller of entry time and of what sessions cover; the session bundle is
//! there and names every session of the stage with its last commit; out of sample is later than
//! the strategy; LIVE rests on registered trials. A dwell below the usual length is no refusal:
//! see [`remark`].

use crate::evidence::manifest::{EvidenceKind, OosKind};
use crate::governance::stage::{Stage, Target};
use crate::kernel::time::{DAY_MS, HOUR_MS, UtcTime};

use super::super::refusal::Refusal;
use super::super::state::{Portfolio, State};
use super::super::statement::Request;
use super::Checked;
use super::covered::{Interval, union_ms};
use super::grounds::{Held, sessions_before};
use super::revocation::not_revoked;
use super::session::of_stay;

/// Usual length of SHADOW and of TESTNET in days; shorter ones are remarked.
pub const USUAL_DAYS: [(Stage, u32); 2] = [(Stage::Shadow, 14), (Stage::Testnet, 28)];

/// Everything that a request has to keep beyond order and evidence list.
///
/// # Errors
/// The first rule that it breaks.
pub fn check_request(state: &State, request: &Request, size: u64, now: UtcTime) -> Checked {
    check_predecessors(state, request)?;
    for evidence in &request.evidence {
        not_revoked(state, &evidence.evidence_sha256)?;
    }
    let held = state.portfolios.get(&request.portfolio);
    match (request.target, held) {
        (Target::Testnet | Target::Live, Some(held)) => {
            check_dwell(state, request, held, now)?;
            check_kinds(request)?;
            if request.grounds.sessions != sessions_of(state, request, size) {
                return Err(Refusal::SessionsDiffer);
            }
            check_later(state, request)?;
            check_trials(state, request)
        }
        _ if request.grounds.sessions.is_empty() => Ok(()),
        _ => Err(Refusal::SessionsDiffer),
    }
}

fn sessions_of(state: &State, request: &Request, size: u64) -> Vec<Held> {
    sessions_before(state, (&request.portfolio, request.strategy_sha256), size)
}

/// Milliseconds that the sessions of the portfolio's present stay cover.
#[must_use]
pub fn covered_ms(state: &State, request: &Request) -> i64 {
    let sessions = of_stay(state, &request.portfolio, request.strategy_sha256);
    let all: Vec<Interval> = sessions.flat_map(|s| s.covered.iter().copied()).collect();
    union_ms(&all)
}

fn check_dwell(state: &State, request: &Request, held: &Portfolio, now: UtcTime) -> Checked {
    let rules = &state.rules().request;
    let stage = held.stage_of(request.strategy_sha256);
    let since = held.since_of(request.strategy_sha256);
    let days = match stage {
        Stage::Shadow => rules.shadow_dwell_days,
        _ => rules.testnet_dwell_days,
    };
    let until = since.unwrap_or(now).plus_days(i64::from(days));
    if now < until {
        return Err(Refusal::DwellNotOver { stage, days, until });
    }
    let covered = covered_ms(state, request);
    if covered < i64::from(days).saturating_mul(DAY_MS) {
        let covered = covered / HOUR_MS;
        return Err(Refusal::SessionTimeShort {
            stage,
            days,
            covered,
        });
    }
    Ok(())
}

fn check_kinds(request: &Request) -> Checked {
    let kinds: Vec<EvidenceKind> = request.evidence.iter().map(|e| e.kind).collect();
    if kinds.contains(&EvidenceKind::Import) {
        return Err(Refusal::ImportAboveShadow {
            target: request.target,
        });
    }
    let session = match request.target {
        Target::Live => EvidenceKind::Testnet,
        _ => EvidenceKind::Shadow,
    };
    if kinds == [EvidenceKind::Robustness, session] {
        return Ok(());
    }
    Err(Refusal::SessionEvidenceWanted {
        target: request.target,
        kind: session.as_str(),
    })
}

/// `developed_until` and `declared` are claims: of them only bars count that are later than the
/// entry that first named the strategy.
fn check_later(state: &State, request: &Request) -> Checked {
    let claimed = matches!(
        request.grounds.oos_kind,
        Some(OosKind::DevelopedUntil | OosKind::Declared)
    );
    let named = state
        .requests
        .values()
        .filter(|r| r.request.strategy_sha256 == request.strategy_sha256)
        .map(|r| r.mark.time)
        .min();
    match (request.oos, named) {
        (Some(oos), Some(named)) if claimed && oos.first <= named => Err(Refusal::OosNotLater {
            first: oos.first,
            named,
        }),
        _ => Ok(()),
    }
}

/// LIVE rests on trials that the ledger counted: each record is an entry, and there are no more
/// trials than one run and the runs of those entries.
fn check_trials(state: &State, request: &Request) -> Checked {
    if request.target != Target::Live {
        return Ok(());
    }
    let refuse = |why: String| Err(Refusal::Unregistered { why });
    let Some(trials) = &request.grounds.trials else {
        return refuse("the evidence does not count them".to_owned());
    };
    if !trials.records.is_sorted_by(|a, b| a < b) {
        return refuse("records are sorted and named once".to_owned());
    }
    let mut registered = 0_u64;
    for record in &trials.records {
        match state.tracks.trials.get(record) {
            Some(trial) => registered = registered.saturating_add(trial.start.runs),
            None => return refuse(format!("the record {record} is in no entry")),
        }
    }
    let count = u64::try_from(trials.count).unwrap_or(0);
    if count > registered.saturating_add(1) {
        return refuse(format!("{count} are stated, {registered} are in entries"));
    }
    Ok(())
}

/// Predecessors are other portfolios of the same owner, sorted, each once.
fn check_predecessors(state: &State, request: &Request) -> Checked {
    let refuse = |why| Err(Refusal::PredecessorsRefused { why });
    let named = &request.grounds.predecessors;
    if !named.is_sorted_by(|a, b| a < b) {
        return refuse("they are sorted and named once");
    }
    if named.contains(&request.portfolio) {
        return refuse("a portfolio does not precede itself");
    }
    if named.iter().any(|id| !state.portfolios.contains_key(id)) {
        return refuse("one of them is no portfolio of this ledger");
    }
    Ok(())
}

/// A remark on a stay that was shorter than usual; none when it was not.
#[must_use]
pub fn remark(state: &State, request: &Request, now: UtcTime) -> Option<String> {
    if request.target == Target::Shadow {
        return None;
    }
    let held = state.portfolios.get(&request.portfolio)?;
    let stage = held.stage_of(request.strategy_sha256);
    let (stage, usual) = USUAL_DAYS.into_iter().find(|(s, _)| *s == stage)?;
    let entry = now.millis_since(held.since_of(request.strategy_sha256)?);
    let dwell = entry.min(covered_ms(state, request));
    (dwell < i64::from(usual) * DAY_MS).then(|| {
        let days = dwell / DAY_MS;
        format!("{stage} lasted {days} days, {usual} are usual")
    })
}
