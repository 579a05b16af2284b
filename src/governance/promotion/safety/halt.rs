//! Halt and drill.
//!
//! A halt is one signature by ops, risk or the authoriser, whatever its signer saw: it ends open
//! requests in its scope and raises the scope's epoch, so that every approval and token that names
//! the old epoch is dead. A drill changes nothing but the record of its latency. What lifts a
//! halt stands in [`super::resume`]; a resume by a key that is not believed any more has lifted
//! nothing.

use serde::{Deserialize, Serialize};

use super::incident::Severity;
use super::{Checked, Standing, lowering, one_of, overrides, short};
use crate::governance::policy::roles::Role;
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::{Mark, Portfolio, State};
use crate::governance::promotion::statement::HaltEpochs;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId, ProfileId};
use crate::kernel::time::UtcTime;

/// What a halt stops.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum HaltScope {
    /// Everything.
    Global,
    /// All portfolios of a profile.
    Profile(ProfileId),
    /// One portfolio.
    Portfolio(PortfolioId),
}

impl HaltScope {
    /// True when a portfolio of `profile` lies in it.
    #[must_use]
    pub fn covers(&self, portfolio: &PortfolioId, profile: &ProfileId) -> bool {
        match self {
            Self::Global => true,
            Self::Profile(named) => named == profile,
            Self::Portfolio(named) => named == portfolio,
        }
    }
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 6] = [
        Self::Person,
        Self::Incident,
        Self::Distrust,
        Self::Evidence,
        Self::MissedReview,
        Self::Certificate,
    ];

    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Incident => "incident",
            Self::Distrust => "distrust",
            Self::Evidence => "evidence",
            Self::MissedReview => "missed_review",
            Self::Certificate => "certificate",
        }
    }
}

impl std::fmt::Display for HaltScope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Global => f.write_str("global"),
            Self::Profile(profile) => write!(f, "profile {profile}"),
            Self::Portfolio(portfolio) => write!(f, "portfolio {portfolio}"),
        }
    }
}

/// Everything in scope stops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Halt {
    /// What.
    pub scope: HaltScope,
    /// Why, in words.
    pub reason: String,
    /// A drill: everything is done and measured, nothing stops.
    pub drill: bool,
}

/// How long a drill took, measured on its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drill {
    /// Leaf hash of the drill's halt entry.
    pub halt: Digest,
    /// Milliseconds from the signature until the statement lay in the halt directory.
    pub file_ms: u64,
    /// Milliseconds from the signature until the entry was committed.
    pub entry_ms: u64,
}

/// Why something stopped or was taken away.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A person halted.
    Person,
    /// An incident of medium or high severity.
    Incident,
    /// Approvals behind the stage are not believed any more.
    Distrust,
    /// The evidence behind the stage was revoked.
    Evidence,
    /// The review of an override was missed.
    MissedReview,
    /// The certificate of a LIVE portfolio was overdue for too long.
    Certificate,
}

/// A halt, lifted or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HaltRecord {
    /// Position of the entry that it stands on.
    pub seq: u64,
    /// Its leaf hash.
    pub leaf: Digest,
    /// What stopped.
    pub scope: HaltScope,
    /// Why.
    pub cause: Cause,
    /// In the words of who halted; none where the engine did: then the cause says it all.
    pub reason: Option<String>,
    /// When.
    pub time: UtcTime,
    /// The act; none where time alone did it.
    pub by: Option<Mark>,
    /// The act that lifted it.
    pub resumed: Option<Mark>,
}

/// A drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillRecord {
    /// The act.
    pub mark: Mark,
    /// Scope that was practised.
    pub scope: HaltScope,
    /// In words.
    pub reason: String,
    /// What was measured, once it is recorded.
    pub measured: Option<Drill>,
}

pub(super) fn check(halt: &Halt, signers: &[(PersonId, Role)]) -> Checked {
    one_of("halt", signers, &[Role::Ops, Role::Risk, Role::Authoriser])?;
    short(&halt.reason, "reason")
}

pub(super) fn effect(state: &mut State, halt: &Halt, mark: Mark) {
    if halt.drill {
        state.safety.drills.push(DrillRecord {
            mark,
            scope: halt.scope.clone(),
            reason: halt.reason.clone(),
            measured: None,
        });
        return;
    }
    stop(
        state,
        HaltRecord {
            seq: mark.seq,
            leaf: mark.leaf,
            scope: halt.scope.clone(),
            cause: Cause::Person,
            reason: Some(halt.reason.clone()),
            time: mark.time,
            by: Some(mark),
            resumed: None,
        },
    );
}

/// Stops what `record` says.
fn stop(state: &mut State, record: HaltRecord) {
    end_in_scope(state, &record.scope, record.time, record.by.as_ref());
    state.safety.halts.push(record);
}

/// Epochs rise; open requests and overrides in scope end.
fn end_in_scope(state: &mut State, scope: &HaltScope, time: UtcTime, by: Option<&Mark>) {
    let safety = &mut state.safety;
    match scope {
        HaltScope::Global => safety.global_epoch += 1,
        HaltScope::Profile(id) => *safety.profile_epochs.entry(id.clone()).or_default() += 1,
        HaltScope::Portfolio(id) => *safety.portfolio_epochs.entry(id.clone()).or_default() += 1,
    }
    overrides::end_in_scope(state, scope, time);
    for id in &in_scope(state, scope) {
        lowering::invalidate(state, id, time, by);
        if let (Some(held), Some(by)) = (state.portfolios.get_mut(id), by) {
            held.touched = by.seq;
        }
    }
}

/// Halts that were lifted by a key that is not believed any more stand again, after the revocation
/// at `by`.
pub(in crate::governance::promotion) fn reinstate(state: &mut State, by: &Mark) {
    let access = &state.access;
    let lost = |halt: &HaltRecord| {
        let resumed = halt.resumed.as_ref();
        resumed.is_some_and(|mark| access.is_disbelieved(&mark.into()))
    };
    let halts = state.safety.halts.iter();
    let again: Vec<bool> = halts.map(lost).collect();
    let mut scopes = Vec::new();
    for (halt, again) in state.safety.halts.iter_mut().zip(again) {
        if again {
            halt.resumed = None;
            scopes.push(halt.scope.clone());
        }
    }
    for scope in scopes {
        end_in_scope(state, &scope, by.time, Some(by));
    }
}

/// Stops a portfolio for `cause`, standing on `on`; `by` an act, or by time alone.
pub(in crate::governance::promotion) fn stop_portfolio(
    state: &mut State,
    id: &PortfolioId,
    cause: Cause,
    on: Standing,
    by: Option<&Mark>,
) {
    let record = HaltRecord {
        seq: on.seq,
        leaf: on.leaf,
        scope: HaltScope::Portfolio(id.clone()),
        cause,
        reason: None,
        time: on.time,
        by: by.cloned(),
        resumed: None,
    };
    stop(state, record);
}

/// Registered portfolios in `scope`.
pub(super) fn in_scope(state: &State, scope: &HaltScope) -> Vec<PortfolioId> {
    let inside = |(id, held): &(&PortfolioId, &Portfolio)| scope.covers(id, &held.profile);
    let all = state.portfolios.iter();
    all.filter(inside).map(|(id, _)| id.clone()).collect()
}

/// The measurement of a drill that has none yet.
///
/// # Errors
/// When there is no such drill, or it has been measured.
pub fn measure(state: &State, drill: Drill) -> Result<Drill, Refusal> {
    let waiting = |d: &&DrillRecord| d.mark.leaf == drill.halt && d.measured.is_none();
    let known = state.safety.drills.iter().find(waiting);
    known.map(|_| drill).ok_or(Refusal::NoSuchDrill)
}

pub(super) fn drilled(state: &mut State, drill: &Drill) {
    let mut drills = state.safety.drills.iter_mut();
    if let Some(record) = drills.find(|d| d.mark.leaf == drill.halt) {
        record.measured = Some(*drill);
    }
}

/// The halt of `scope` that stands on the entry with this leaf hash and was not lifted.
#[must_use]
pub fn standing<'s>(state: &'s State, leaf: &Digest, scope: &HaltScope) -> Option<&'s HaltRecord> {
    let mut halts = state.safety.halts.iter();
    halts.find(|h| stands(h, leaf, scope))
}

pub(super) fn stands(record: &HaltRecord, leaf: &Digest, scope: &HaltScope) -> bool {
    record.leaf == *leaf && record.scope == *scope && record.resumed.is_none()
}

/// The first halt in force for a portfolio of `profile`.
#[must_use]
pub fn in_force<'s>(
    state: &'s State,
    portfolio: &PortfolioId,
    profile: &ProfileId,
) -> Option<&'s HaltRecord> {
    let mut halts = state.safety.halts.iter();
    halts.find(|h| h.resumed.is_none() && h.scope.covers(portfolio, profile))
}

/// Epochs in force for a portfolio.
#[must_use]
pub fn epochs(state: &State, portfolio: &PortfolioId) -> HaltEpochs {
    let safety = &state.safety;
    let profile = state.portfolios.get(portfolio).map(|p| &p.profile);
    let of = |profile| safety.profile_epochs.get(profile).copied();
    let own = safety.portfolio_epochs.get(portfolio).copied();
    HaltEpochs {
        global: safety.global_epoch,
        profile: profile.and_then(of).unwrap_or(0),
        portfolio: own.unwrap_or(0),
    }
}

/// How bad the incident was that halted; none for every other cause.
#[must_use]
pub fn severity(state: &State, halt: &HaltRecord) -> Option<Severity> {
    let mut incidents = state.safety.incidents.iter();
    let opened = incidents.find(|i| halt.cause == Cause::Incident && i.mark.seq == halt.seq);
    opened.map(|incident| incident.opening.severity)
}
