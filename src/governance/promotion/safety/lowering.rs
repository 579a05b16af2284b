//! Lowering: a stage taken away at once, and what that ends.
//!
//! Whoever takes a stage away (a person, an incident, time), the same happens here: the stage
//! falls, dwell begins anew, open requests of the portfolio end, and the evidence that it rested
//! on does not count again.

use serde::{Deserialize, Serialize};

use crate::governance::policy::roles::Role;
use crate::governance::stage::Stage;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId};
use crate::kernel::time::UtcTime;

use super::{Checked, Standing, due, known, one_of, short};
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::{End, Mark, State, Status};

/// A person takes a stage away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demotion {
    /// Whose.
    pub portfolio: PortfolioId,
    /// The lower stage.
    pub to: Stage,
    /// Why, in words.
    pub reason: String,
}

/// A portfolio is put out of service for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retirement {
    /// Which.
    pub portfolio: PortfolioId,
    /// Why, in words.
    pub reason: String,
}

pub(super) fn check_demotion(
    state: &State,
    act: &Demotion,
    signers: &[(PersonId, Role)],
) -> Checked {
    one_of("demotion", signers, &[Role::Ops, Role::Risk])?;
    short(&act.reason, "reason")?;
    let stage = in_service(state, &act.portfolio)?;
    if act.to < stage {
        Ok(())
    } else {
        Err(Refusal::NotLower { stage, to: act.to })
    }
}

pub(super) fn check_retirement(
    state: &State,
    act: &Retirement,
    signers: &[(PersonId, Role)],
) -> Checked {
    one_of("retirement", signers, &[Role::Ops, Role::Risk])?;
    short(&act.reason, "reason")?;
    in_service(state, &act.portfolio).map(|_| ())
}

fn in_service(state: &State, id: &PortfolioId) -> Result<Stage, Refusal> {
    match known(state, id)?.stage {
        Stage::Retired => Err(Refusal::Retired {
            portfolio: id.clone(),
        }),
        stage => Ok(stage),
    }
}

/// Ends the open request of a portfolio.
pub(in crate::governance::promotion) fn invalidate(
    state: &mut State,
    id: &PortfolioId,
    time: UtcTime,
    by: Option<&Mark>,
) {
    let open = state.open_request(id).map(|r| r.request.request.clone());
    let record = open.and_then(|open| state.requests.get_mut(&open));
    if let Some(record) = record {
        record.status = Status::Invalidated;
        record.end = Some(End {
            time,
            by: by.cloned(),
        });
    }
}

/// Lowers a portfolio to `to`. `on` is the entry that the new stage stands on.
pub(in crate::governance::promotion) fn lower(
    state: &mut State,
    id: &PortfolioId,
    to: Stage,
    on: Standing,
    by: Option<&Mark>,
) {
    invalidate(state, id, on.time, by);
    // What holds the stage where it lands, or climbs above it, gives way.
    if let Some(held) = state.portfolios.get_mut(id) {
        held.keep_below(to);
    }
    let climbing: Vec<Digest> = state
        .portfolios
        .get(id)
        .into_iter()
        .flat_map(|held| held.climbing.values().map(|version| version.strategy))
        .collect();
    // Evidence and checklists start anew, also what certificates rested on; those of a version
    // that goes on climbing below are its own.
    let requested = state
        .history(id)
        .filter(|r| !climbing.contains(&r.request.strategy_sha256))
        .flat_map(|r| r.request.evidence.iter());
    let certified = state.safety.certificates.iter();
    let certified = certified.filter(|c| c.act.portfolio == *id);
    let used: Vec<_> = requested
        .chain(certified.flat_map(|c| c.act.evidence.iter()))
        .map(|evidence| evidence.result_sha256)
        .collect();
    let stays = |version: Option<Digest>| version.is_some_and(|v| climbing.contains(&v));
    for ((of, _), confirmed) in &mut state.oversight.confirmed {
        confirmed.retain(|c| of != id || stays(c.version));
    }
    state
        .safety
        .spent
        .entry(id.clone())
        .or_default()
        .extend(used);
    let Some(held) = state.portfolios.get_mut(id) else {
        return;
    };
    held.stage = to;
    held.since = (to != Stage::Research).then_some(on.time);
    if to == Stage::Research {
        held.strategy = None;
    }
    if let Some(by) = by {
        held.touched = by.seq;
    }
    let stands = matches!(to, Stage::Shadow | Stage::Testnet | Stage::Live);
    due::stand(state, id, stands.then_some(on));
}

/// The stage below; none below RESEARCH and for retired portfolios.
#[must_use]
pub fn below(stage: Stage) -> Option<Stage> {
    match stage {
        Stage::Live => Some(Stage::Testnet),
        Stage::Testnet => Some(Stage::Shadow),
        Stage::Shadow => Some(Stage::Research),
        Stage::Research | Stage::Retired => None,
    }
}
