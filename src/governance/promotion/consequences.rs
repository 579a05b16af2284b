//! Consequences: what one act brought about, by comparing the state before it with the state after.
//!
//! In: two settled states of one ledger, and the time. Out: requests that ended, approvals that
//! stopped counting, decisions that fell, stages and versions that were lost, halts that stand now,
//! incidents that are open again, certificates that are due, tokens that died. Keeps: it says
//! nothing of what the act itself is, and so serves every act alike; what others wrote between the
//! two states is among it.

use serde::Serialize;

use super::access::Token;
use super::missing;
use super::safety::due;
use super::safety::halt::{Cause, HaltRecord, HaltScope};
use super::state::{RequestRecord, State, Status};
use crate::governance::policy::roles::Role;
use crate::governance::stage::Stage;
use crate::governance::token::refusal::TokenRefusal;
use crate::governance::token::standing;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId, RequestId};
use crate::kernel::time::UtcTime;

/// What an act brought about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Consequences {
    /// Requests that were open and ended.
    pub requests: Vec<Ended>,
    /// Approvals of requests that are still open which count no more.
    pub approvals: Vec<Void>,
    /// Requests whose decision fell below what it stood on.
    pub decisions: Vec<RequestId>,
    /// Portfolios whose stage was lowered.
    pub lowered: Vec<Lowered>,
    /// Climbing versions that begin anew.
    pub versions: Vec<Dropped>,
    /// Halts that stand now and did not before.
    pub halts: Vec<Halted>,
    /// Entries of incidents that were closed and are open again.
    pub incidents: Vec<u64>,
    /// Portfolios whose certificate is overdue now.
    pub certificates: Vec<PortfolioId>,
    /// Tokens that could be redeemed, or let a session go on, and do not any more.
    pub tokens: Vec<Dead>,
}

/// A request that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Ended {
    /// Request.
    pub request: RequestId,
    /// Its portfolio.
    pub portfolio: PortfolioId,
    /// How it ended.
    pub status: Status,
}

/// An approval that counts no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Void {
    /// Request.
    pub request: RequestId,
    /// Who had approved.
    pub person: PersonId,
    /// The slot that is open again.
    pub role: Role,
}

/// A stage that was lowered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Lowered {
    /// Portfolio.
    pub portfolio: PortfolioId,
    /// Stage before.
    pub from: Stage,
    /// Stage now.
    pub to: Stage,
}

/// A climbing version that begins anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Dropped {
    /// Portfolio.
    pub portfolio: PortfolioId,
    /// Stage that it held.
    pub stage: Stage,
    /// Its configuration.
    pub strategy_sha256: Digest,
}

/// A halt that stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Halted {
    /// Position of the entry that it stands on.
    pub seq: u64,
    /// What stopped.
    pub scope: HaltScope,
    /// Why.
    pub cause: Cause,
    /// True for one that had been lifted and stands again.
    pub again: bool,
}

/// A token that died.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Dead {
    /// Its number.
    pub jti: String,
    /// Its portfolio.
    pub portfolio: PortfolioId,
    /// Slug of the reason.
    pub reason: &'static str,
    /// True where a session had begun with it, which ends at the next check of its lease.
    pub running: bool,
}

impl Consequences {
    /// True when nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What changed from `before` to `after`, both settled, at `now`.
#[must_use]
pub fn consequences(before: &State, after: &State, now: UtcTime) -> Consequences {
    Consequences {
        requests: requests(before, after),
        approvals: approvals(before, after, now),
        decisions: decisions(before, after),
        lowered: lowered(before, after),
        versions: versions(before, after),
        halts: halts(before, after),
        incidents: incidents(before, after),
        certificates: certificates(before, after, now),
        tokens: tokens(before, after, now),
    }
}

/// Requests that were open, as they were and as they are.
fn open<'s>(
    before: &'s State,
    after: &'s State,
) -> impl Iterator<Item = (&'s RequestRecord, &'s RequestRecord)> {
    let were = before.requests.values().filter(|r| r.status.is_open());
    were.filter_map(|was| Some((was, after.requests.get(&was.request.request)?)))
}

fn requests(before: &State, after: &State) -> Vec<Ended> {
    open(before, after)
        .filter(|(_, is)| !is.status.is_open())
        .map(|(_, is)| Ended {
            request: is.request.request.clone(),
            portfolio: is.request.portfolio.clone(),
            status: is.status,
        })
        .collect()
}

fn approvals(before: &State, after: &State, now: UtcTime) -> Vec<Void> {
    let mut list = Vec::new();
    for (was, is) in open(before, after).filter(|(_, is)| is.status.is_open()) {
        let counted = missing::count(before, was, now).filling;
        let counts = missing::count(after, is, now).filling;
        let lost = |leaf: &Digest| counted.contains(leaf) && !counts.contains(leaf);
        let void = was.approvals.iter().filter(|a| lost(&a.mark.leaf));
        list.extend(void.map(|approved| Void {
            request: was.request.request.clone(),
            person: approved.mark.person.clone(),
            role: approved.role,
        }));
    }
    list
}

fn decisions(before: &State, after: &State) -> Vec<RequestId> {
    let stood = |id: &RequestId| {
        let decided = before.access.decisions.get(id);
        decided.is_some_and(|decided| decided.fallen.is_none())
    };
    let fallen = after.access.decisions.iter().filter(|(id, decided)| {
        let fell = decided.fallen.is_some();
        fell && stood(id)
    });
    fallen.map(|(id, _)| id.clone()).collect()
}

fn lowered(before: &State, after: &State) -> Vec<Lowered> {
    let each = before.portfolios.iter();
    each.filter_map(|(id, was)| {
        let is = after.portfolios.get(id)?;
        let fell = is.stage < was.stage || (is.stage != was.stage && is.stage == Stage::Retired);
        fell.then(|| Lowered {
            portfolio: id.clone(),
            from: was.stage,
            to: is.stage,
        })
    })
    .collect()
}

fn versions(before: &State, after: &State) -> Vec<Dropped> {
    let mut list = Vec::new();
    for (id, was) in &before.portfolios {
        let Some(is) = after.portfolios.get(id) else {
            continue;
        };
        let gone = was
            .climbing
            .iter()
            .filter(|(_, version)| is.stage_of(version.strategy) == Stage::Research);
        list.extend(gone.map(|(stage, version)| Dropped {
            portfolio: id.clone(),
            stage: *stage,
            strategy_sha256: version.strategy,
        }));
    }
    list
}

fn halts(before: &State, after: &State) -> Vec<Halted> {
    let same = |a: &HaltRecord, b: &HaltRecord| a.seq == b.seq && a.scope == b.scope;
    let known = |halt: &HaltRecord| {
        let mut halts = before.safety.halts.iter();
        halts.find(|was| same(was, halt))
    };
    let standing = after.safety.halts.iter().filter(|h| h.resumed.is_none());
    let each = standing.map(|halt| (halt, known(halt)));
    each.filter(|(_, was)| was.is_none_or(|was| was.resumed.is_some()))
        .map(|(halt, was)| Halted {
            seq: halt.seq,
            scope: halt.scope.clone(),
            cause: halt.cause,
            again: was.is_some(),
        })
        .collect()
}

fn incidents(before: &State, after: &State) -> Vec<u64> {
    let was_closed = |seq: u64| {
        let mut incidents = before.safety.incidents.iter();
        incidents.any(|i| i.mark.seq == seq && i.closed.is_some())
    };
    let open = after.safety.incidents.iter().filter(|i| i.closed.is_none());
    let again = open.map(|incident| incident.mark.seq);
    again.filter(|seq| was_closed(*seq)).collect()
}

fn certificates(before: &State, after: &State, now: UtcTime) -> Vec<PortfolioId> {
    let overdue = |state: &State, id: &PortfolioId| due::overdue(state, id, now).is_some();
    let each = after.portfolios.keys();
    each.filter(|id| overdue(after, id) && !overdue(before, id))
        .cloned()
        .collect()
}

fn tokens(before: &State, after: &State, now: UtcTime) -> Vec<Dead> {
    let alive = |token: &&Token| last(token) > now && fault(before, token, now).is_none();
    let were = before.access.tokens.values().filter(alive);
    were.filter_map(|was| {
        let token = after.access.tokens.get(&was.claims.jti)?;
        let reason = fault(after, token, now)?;
        Some(Dead {
            jti: token.claims.jti.clone(),
            portfolio: token.claims.portfolio.clone(),
            reason: reason.slug(),
            running: token.redeemed.is_some(),
        })
    })
    .collect()
}

/// When a token is of no use any more, whatever happens: the end of the time to redeem it, or of the
/// longest session that it let begin.
fn last(token: &Token) -> UtcTime {
    let claims = &token.claims;
    match &token.redeemed {
        None => claims.exp,
        Some(mark) => mark
            .time
            .plus_millis(claims.session_max_seconds.saturating_mul(1000)),
    }
}

/// Why a token is dead.
fn fault(state: &State, token: &Token, now: UtcTime) -> Option<TokenRefusal> {
    if token.revoked.is_some() {
        return Some(TokenRefusal::Revoked);
    }
    standing::rests(state, token, now).err()
}
