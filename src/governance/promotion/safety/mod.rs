//! Safety: everything that lowers risk, and what brings a portfolio back.
//!
//! One file per family of acts, each with its statements, its guard and its effect; [`Safety`] is
//! their part of the state. In: signed statements by one or several persons. Out: what changed.
//! Keeps: lowering needs one signature and no fresh state, nothing that was ended comes back by a
//! resume, and what only time does is applied in the order of its due times.

pub mod certificate;
pub mod clock_off;
pub mod due;
pub mod halt;
pub mod incident;
pub mod lowering;
pub mod missing;
pub mod overrides;
pub mod present;
pub mod resume;
pub mod review;
pub mod rise;
pub mod unapproval;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::governance::policy::roles::Role;
use crate::governance::stage::Stage;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId, ProfileId};
use crate::kernel::text::FREE_TEXT_MAX_BYTES;
use crate::kernel::time::UtcTime;

use super::decide::Command;
use super::event::Signed;
use super::guard::{self, Moment};
use super::refusal::Refusal;
use super::state::{Mark, Portfolio, State};
use super::statement::{Act, Decision};
use super::versions;

type Checked = Result<(), Refusal>;

/// An act of this family; tagged by its own `type`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum SafetyAct {
    /// Everything in scope stops.
    #[serde(rename = "promote/halt/v1")]
    Halt(halt::Halt),
    /// The engine records how long a drill took.
    #[serde(rename = "promote/drill/v1")]
    Drill(halt::Drill),
    /// A halt is lifted.
    #[serde(rename = "promote/resume/v1")]
    Resume(resume::Resume),
    /// Something went wrong.
    #[serde(rename = "promote/incident-opening/v1")]
    IncidentOpening(incident::IncidentOpening),
    /// It is over.
    #[serde(rename = "promote/incident-closing/v1")]
    IncidentClosing(incident::IncidentClosing),
    /// A stage is taken away.
    #[serde(rename = "promote/demotion/v1")]
    Demotion(lowering::Demotion),
    /// A portfolio is put out of service for good.
    #[serde(rename = "promote/retirement/v1")]
    Retirement(lowering::Retirement),
    /// An approval is taken back.
    #[serde(rename = "promote/unapproval/v1")]
    Unapproval(unapproval::Unapproval),
    /// The present stage is shown again.
    #[serde(rename = "promote/recertification/v1")]
    Recertification(Box<certificate::Recertification>),
    /// A soft criterion may be missed.
    #[serde(rename = "promote/override/v1")]
    Override(overrides::Override),
    /// That is reviewed.
    #[serde(rename = "promote/override-review/v1")]
    OverrideReview(review::OverrideReview),
    /// Risk and ops have looked at a clock that is off.
    #[serde(rename = "promote/clock-acknowledgement/v1")]
    ClockAcknowledgement(clock_off::ClockAcknowledgement),
    /// The engine remarks that an entry was stamped by a clock that is off.
    #[serde(rename = "promote/clock-remark/v1")]
    ClockRemark(clock_off::ClockRemark),
}

/// What these acts add up to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Safety {
    /// Halts of everything so far.
    pub global_epoch: u64,
    /// Halts of a profile so far.
    pub profile_epochs: BTreeMap<ProfileId, u64>,
    /// Halts of a portfolio so far.
    pub portfolio_epochs: BTreeMap<PortfolioId, u64>,
    /// Halts, in order; lifted ones too.
    pub halts: Vec<halt::HaltRecord>,
    /// Certificates, in order.
    pub certificates: Vec<certificate::CertificateRecord>,
    /// Overrides, in order.
    pub overrides: Vec<overrides::OverrideRecord>,
    /// How far behind the last entry the clock may lie, as acknowledged.
    pub clock_behind: Option<clock_off::AcceptedBehind>,
    /// Up to when persons have vouched for the time, by what they signed.
    pub vouched: Option<UtcTime>,
    /// Entries that were stamped by a clock that was off.
    pub clock_remarks: Vec<clock_off::ClockRemark>,
    /// Incidents, in order; closed ones too.
    pub incidents: Vec<incident::IncidentRecord>,
    /// Approvals that the ledger has, by the digest of their statements.
    pub approvals: BTreeMap<Digest, unapproval::Given>,
    /// Approvals that were taken back: statement and person.
    pub voided: BTreeSet<(Digest, PersonId)>,
    /// Drills, in order.
    pub drills: Vec<halt::DrillRecord>,
    /// Evidence (digests of the reproducible part) that does not count again after a lowering.
    pub spent: BTreeMap<PortfolioId, BTreeSet<Digest>>,
    /// What the present stage of a portfolio rests on: the grant, the last certificate, or the
    /// lowering to it.
    pub standing: BTreeMap<PortfolioId, Standing>,
    /// When stages fell due before the last publication of a policy set, at the latest.
    pub falls_by: BTreeMap<PortfolioId, due::Falls>,
    /// Stages that time alone took away, in order.
    pub derived: Vec<Derived>,
}

/// The entry that a stage rests on, and the time from which certificates are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Position.
    pub seq: u64,
    /// Leaf hash.
    pub leaf: Digest,
    /// Counted from here.
    pub time: UtcTime,
}

impl Standing {
    /// On the entry at `mark`.
    #[must_use]
    pub fn on(mark: &Mark) -> Self {
        Self {
            seq: mark.seq,
            leaf: mark.leaf,
            time: mark.time,
        }
    }
}

/// A stage that time alone took away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Derived {
    /// When it was due.
    pub time: UtcTime,
    /// Whose.
    pub portfolio: PortfolioId,
    /// Why.
    pub cause: halt::Cause,
    /// Before.
    pub from: Stage,
    /// After.
    pub to: Stage,
}

impl SafetyAct {
    /// Entry kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Halt(_) => "halt",
            Self::Drill(_) => "drill",
            Self::Resume(_) => "resume",
            Self::IncidentOpening(_) => "incident-opening",
            Self::IncidentClosing(_) => "incident-closing",
            Self::Demotion(_) => "demotion",
            Self::Retirement(_) => "retirement",
            Self::Unapproval(_) => "unapproval",
            Self::Recertification(_) => "recertification",
            Self::Override(_) => "override",
            Self::OverrideReview(_) => "override-review",
            Self::ClockAcknowledgement(_) => "clock-acknowledgement",
            Self::ClockRemark(_) => "clock-remark",
        }
    }

    /// The command that makes this act, where the engine makes it.
    #[must_use]
    pub fn engine_command(&self) -> Option<Command> {
        match self {
            Self::Drill(drill) => Some(Command::Drill(*drill)),
            Self::ClockRemark(remark) => Some(Command::ClockRemark(*remark)),
            _ => None,
        }
    }
}

/// Everything about a person's act of this family.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(state: &State, signed: &Signed, act: &SafetyAct, at: &Moment) -> Checked {
    let signers = match act {
        SafetyAct::Unapproval(_) => guard::present_or_former_signers(state, signed)?,
        _ => guard::signers(state, signed)?,
    };
    match act {
        // Never refused for what its signer saw or what the clock said.
        SafetyAct::Halt(_) => guard::unique(state, signed)?,
        _ => guard::frame(state, signed, at)?,
    }
    match act {
        SafetyAct::Halt(act) => halt::check(act, &signers),
        SafetyAct::Resume(act) => resume::check(state, signed, act, &signers, at),
        SafetyAct::IncidentOpening(act) => incident::check(state, act, &signers),
        SafetyAct::IncidentClosing(act) => incident::check_closing(state, act, &signers),
        SafetyAct::Demotion(act) => lowering::check_demotion(state, act, &signers),
        SafetyAct::Retirement(act) => lowering::check_retirement(state, act, &signers),
        SafetyAct::Unapproval(act) => unapproval::check(state, act, &signers),
        SafetyAct::Override(act) => overrides::check(state, signed, act, &signers, at),
        SafetyAct::OverrideReview(act) => review::check(state, act, &signers),
        SafetyAct::Recertification(act) => certificate::check(state, signed, act, &signers, at),
        SafetyAct::ClockAcknowledgement(act) => clock_off::check(state, act, &signers, at),
        SafetyAct::Drill(_) | SafetyAct::ClockRemark(_) => {
            Err(Refusal::NotAPersonsAct { act: act.kind() })
        }
    }
}

/// What an accepted act changes.
pub(super) fn effect(state: &mut State, act: &SafetyAct, signed: &Signed, mark: Mark) {
    match act {
        SafetyAct::Halt(act) => halt::effect(state, act, mark),
        SafetyAct::Drill(act) => halt::drilled(state, act),
        SafetyAct::Resume(act) => resume::effect(state, act, mark),
        SafetyAct::IncidentOpening(act) => incident::effect(state, act, mark),
        SafetyAct::IncidentClosing(act) => incident::closed(state, act, mark),
        SafetyAct::Demotion(act) => {
            let on = Standing::on(&mark);
            lowering::lower(state, &act.portfolio, act.to, on, Some(&mark));
        }
        SafetyAct::Retirement(act) => {
            let on = Standing::on(&mark);
            lowering::lower(state, &act.portfolio, Stage::Retired, on, Some(&mark));
        }
        SafetyAct::Unapproval(act) => unapproval::effect(state, act, &mark),
        SafetyAct::Recertification(act) => certificate::effect(state, act, mark),
        SafetyAct::Override(act) => overrides::effect(state, act, signed, mark),
        SafetyAct::OverrideReview(act) => review::effect(state, act, mark),
        SafetyAct::ClockAcknowledgement(act) => clock_off::effect(state, act, &mark),
        SafetyAct::ClockRemark(act) => state.safety.clock_remarks.push(*act),
    }
}

/// Something that only time does, due at `time`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Due {
    /// When.
    pub time: UtcTime,
    what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// A certificate was overdue for too long.
    Certificate(PortfolioId),
    /// The review of an override, by its place in the list, was missed.
    Review(usize),
    /// A climbing version has not risen in its time.
    Climbing(PortfolioId, Stage),
}

/// The earliest thing that is due by `now`.
pub(super) fn next_due(state: &State, now: UtcTime) -> Option<Due> {
    let certificates = state.safety.standing.keys().filter_map(|id| {
        let time = due::times(state, id)?.falls;
        let what = What::Certificate(id.clone());
        (now >= time).then_some(Due { time, what })
    });
    let reviews = review::missed(state, now).map(|(time, at)| Due {
        time,
        what: What::Review(at),
    });
    let climbing = versions::ends(state).filter(|(time, ..)| now >= *time);
    let climbing = climbing.map(|(time, id, stage)| Due {
        time,
        what: What::Climbing(id.clone(), stage),
    });
    certificates.chain(reviews).chain(climbing).min()
}

/// Does what is due.
pub(super) fn fall_due(state: &mut State, due: Due) {
    match due.what {
        What::Certificate(id) => certificate::fall(state, &id, due.time),
        What::Review(at) => review::fall(state, at, due.time),
        What::Climbing(id, stage) => versions::drop_climbing(state, &id, stage, due.time, None),
    }
}

/// The signer of an act that one person signs in one of `roles`.
fn one_of(act: &'static str, signers: &[(PersonId, Role)], roles: &[Role]) -> Checked {
    match signers {
        [(_, role)] if roles.contains(role) => Ok(()),
        [(_, role)] => Err(Refusal::ActNotForRole {
            act,
            role: role.to_string(),
        }),
        more => Err(Refusal::BadSignature {
            why: format!("one signature is wanted, {} found", more.len()),
        }),
    }
}

/// Exactly these roles sign, one person each, in any order.
fn exactly(
    act: &'static str,
    signers: &[(PersonId, Role)],
    roles: &[Role],
    wanted: &str,
) -> Checked {
    let mut have: Vec<Role> = signers.iter().map(|(_, role)| *role).collect();
    let mut sorted = roles.to_vec();
    have.sort();
    sorted.sort();
    if have == sorted {
        return Ok(());
    }
    Err(Refusal::SignersWanted {
        act,
        wanted: wanted.to_owned(),
    })
}

fn known<'s>(state: &'s State, id: &PortfolioId) -> Result<&'s Portfolio, Refusal> {
    let unknown = || Refusal::UnknownPortfolio {
        portfolio: id.clone(),
    };
    state.portfolios.get(id).ok_or_else(unknown)
}

fn short(text: &str, field: &'static str) -> Checked {
    if text.is_empty() {
        return Err(Refusal::TextWanted { field });
    }
    if text.len() > FREE_TEXT_MAX_BYTES {
        return Err(Refusal::TextTooLong { field });
    }
    Ok(())
}

/// The act inside a statement, if it is one of this family.
#[must_use]
pub fn of(act: &Act) -> Option<&SafetyAct> {
    match act {
        Act::Safety(act) => Some(act),
        _ => None,
    }
}

/// Whether an approval may count at all: not while halted, not after it was taken back.
///
/// # Errors
/// `halted`, `approval-voided`.
pub fn approval_may_count(
    state: &State,
    signed: &Signed,
    approval: &super::statement::Approval,
) -> Checked {
    unapproval::not_voided(state, signed)?;
    match state.portfolios.get(&approval.portfolio) {
        Some(held) => rise::not_halted(state, &approval.portfolio, &held.profile),
        None => Ok(()),
    }
}

/// A stage was granted by the decision at `mark`, to the version that `runs` now or to one that
/// climbs below it.
pub(super) fn granted(state: &mut State, act: &Decision, runs: bool, mark: &Mark) {
    let portfolio = &act.portfolio;
    overrides::granted(state, &act.request, mark);
    if runs {
        // It was judged by the set in force.
        due::stand(state, portfolio, Some(Standing::on(mark)));
    }
}
