//! `decide`: the only producer of what becomes an entry.
//!
//! In: the state (settled here), the present head and time, a command. Out: one [`Proposal`] or
//! one [`Refusal`]. It signs nothing and appends nothing. `apply` accepts an entry only if `decide`
//! would propose it from the state before it, so an engine signature alone has no force.

use crate::evidence::facts::{Fact, Facts};
use crate::governance::policy::decision::{DecisionInput, decision_sha256};
use crate::governance::policy::evaluate::evaluate_overridden;
use crate::governance::policy::verdict::Verdict;
use crate::kernel::id::RequestId;
use crate::kernel::time::UtcTime;

use super::book;
use super::denying;
use super::enrolling;
use super::event::Signed;
use super::expiry;
use super::guard::{self, Moment};
use super::looks;
use super::missing;
use super::refusal::Refusal;
use super::risk;
use super::safety::clock_off::{self, ClockRemark};
use super::safety::halt::{Drill, measure};
use super::safety::{SafetyAct, overrides};
use super::state::State;
use super::statement::{Act, Decision, Evaluation};
use super::tracks::beside::{self, Beside};
use super::tracks::{TrackAct, trial};
use super::unjudged::{self, EvaluationError};

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A person's signed statement is to be recorded.
    Submit(Box<Signed>),
    /// A request is to be judged on `facts`, with ages taken at `now`.
    Evaluate {
        /// Which request.
        request: RequestId,
        /// Every judged value.
        facts: Vec<Fact>,
        /// What stands beside them.
        beside: Beside,
        /// The time at which ages were taken.
        now: UtcTime,
    },
    /// That a request could not be judged is to be recorded.
    Unjudged(Box<EvaluationError>),
    /// How long a drill took is to be recorded.
    Drill(Drill),
    /// A run of this program starts or ends.
    Trial(Box<TrackAct>),
    /// That an entry was stamped by a clock that is off is to be recorded.
    ClockRemark(ClockRemark),
    /// A request whose slots are filled is to be decided.
    Decide {
        /// Which request.
        request: RequestId,
    },
}

/// What may be appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposal {
    /// The person's statement, as signed.
    Record(Box<Signed>),
    /// An act that the engine has to sign.
    Engine(Box<Act>),
}

/// Decides `command` at `at`.
///
/// # Errors
/// The reason why not.
pub fn decide(state: &State, command: Command, at: &Moment) -> Result<Proposal, Refusal> {
    if expiry::is_settled(state, at.now) {
        return decide_settled(state, command, at);
    }
    let mut present = state.clone();
    let time = match &command {
        Command::Submit(signed) => clock_off::stamp(state, Some(&signed.statement.act), at.now),
        Command::Evaluate { .. }
        | Command::Unjudged(_)
        | Command::Drill(_)
        | Command::ClockRemark(_)
        | Command::Trial(_)
        | Command::Decide { .. } => clock_off::stamp(state, None, at.now),
    };
    expiry::settle(&mut present, time);
    decide_settled(&present, command, at)
}

/// The same on a state that was settled at `at.now`.
///
/// # Errors
/// The reason why not.
pub fn decide_settled(state: &State, command: Command, at: &Moment) -> Result<Proposal, Refusal> {
    match command {
        Command::Submit(signed) => {
            match &signed.statement.act {
                Act::Enrolment(enrolment) => enrolling::check(state, &signed, enrolment, at)?,
                _ => guard::person_act(state, &signed, at)?,
            }
            risk::check(state, &signed.statement.act, at)?;
            Ok(Proposal::Record(signed))
        }
        Command::Evaluate {
            request,
            facts,
            beside,
            now,
        } => {
            let times = (now, at.now);
            let (act, _) = evaluation(state, &request, (facts, beside), times)?;
            engine(state, Act::Evaluation(Box::new(act)), at)
        }
        Command::Unjudged(act) => {
            unjudged::check(state, &act)?;
            engine(state, Act::EvaluationError(act), at)
        }
        Command::Drill(drill) => {
            let act = SafetyAct::Drill(measure(state, drill)?);
            engine(state, Act::Safety(Box::new(act)), at)
        }
        Command::Trial(act) => {
            trial::by_engine(state, &act)?;
            engine(state, Act::Track(act), at)
        }
        // It says something about an entry and changes nothing.
        Command::ClockRemark(remark) => {
            let act = SafetyAct::ClockRemark(remark);
            engine(state, Act::Safety(Box::new(act)), at)
        }
        Command::Decide { request } => {
            let act = Act::Decision(decision(state, &request, at.now)?);
            engine(state, act, at)
        }
    }
}

fn engine(state: &State, act: Act, at: &Moment) -> Result<Proposal, Refusal> {
    risk::check(state, &act, at)?;
    Ok(Proposal::Engine(Box::new(act)))
}

/// Judges a SUBMITTED request, with ages taken at the first of two times, under the rules as they
/// stand at the second; also gives the verdict behind the recorded digest.
///
/// # Errors
/// When the request is not waiting for an evaluation or could not be submitted any more, or the facts
/// are unusable.
pub fn evaluation(
    state: &State,
    id: &RequestId,
    (facts, beside): (Vec<Fact>, Beside),
    (now, present): (UtcTime, UtcTime),
) -> Result<(Evaluation, Verdict), Refusal> {
    let record = unjudged::may_be_judged(state, id, present)?;
    let request = &record.request;
    beside::check(state, request, &beside)?;
    denying::by_settings(state, request, &beside.settings)?;
    let policy = state
        .policy
        .policy(&request.profile)
        .ok_or_else(|| Refusal::NoPolicy {
            profile: request.profile.clone(),
        })?;
    let unusable = |why: String| Refusal::FactsUnusable { why };
    let table = Facts::new(facts).map_err(|e| unusable(e.to_string()))?;
    let guard = looks::guard(state, request);
    let passed = overrides::in_force(state, &overrides::subject(record));
    let verdict = evaluate_overridden(policy, &table, request.target, guard.as_ref(), &passed);
    let digest = decision_sha256(&DecisionInput {
        portfolio: &request.portfolio,
        strategy_sha256: request.strategy_sha256,
        limits_sha256: request.limits_sha256,
        policy_sha256: request.policy_sha256,
        evidence: &request.evidence,
        now,
        verdict: &verdict,
    })
    .map_err(|e| unusable(e.to_string()))?;
    let evaluation = Evaluation {
        request: id.clone(),
        request_leaf: record.mark.leaf,
        policy_sha256: request.policy_sha256,
        facts: table.iter().cloned().collect(),
        beside,
        guard,
        now,
        outcome: verdict.outcome,
        decision_sha256: digest,
    };
    Ok((evaluation, verdict))
}

/// Grants the stage if nothing is missing now.
fn decision(state: &State, id: &RequestId, now: UtcTime) -> Result<Decision, Refusal> {
    let record = guard::open(state, id)?;
    let judged = record
        .judged
        .as_ref()
        .ok_or_else(|| Refusal::NotEvaluated {
            request: id.clone(),
        })?;
    guard::raises_risk(state)?;
    clock_off::in_order(state, now)?;
    book::unchanged(state, record)?;
    let missing_now = missing::missing(state, record, now);
    let tally = missing::count(state, record, now);
    if !missing_now.is_empty() || !tally.complete {
        return Err(Refusal::Pending {
            missing: missing_now,
        });
    }
    let target = record.request.target;
    Ok(Decision {
        request: id.clone(),
        request_leaf: record.mark.leaf,
        portfolio: record.request.portfolio.clone(),
        from: guard::stage_before(target),
        to: target.stage(),
        decision_sha256: judged.evaluation.decision_sha256,
        book_sha256: judged.evaluation.beside.book,
        contract_sha256: judged.evaluation.beside.contract_sha256(),
        approvals: tally.filling,
    })
}
