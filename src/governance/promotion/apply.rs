//! `apply`: the only consumer of entries.
//!
//! In: the state before, one verified entry. Out: the state after. An entry takes effect only if
//! `decide` would have proposed it from the state before it: human signatures are checked and
//! counted again, the policy runs again on the logged facts, and a refusal must be one that
//! `decide` gives. Anything else has no effect and becomes a finding, which blocks acts that raise
//! risk until it is voided.

use std::collections::BTreeMap;

use crate::governance::audit::entry::{Entry, Head};
use crate::governance::policy::verdict::Outcome;
use crate::governance::stage::Stage;
use crate::kernel::digest::Digest;
use crate::kernel::time::UtcTime;

use super::decide::{Command, Proposal, decide_settled, evaluation};
use super::event::{self, Signed};
use super::expiry;
use super::guard::{self, Moment};
use super::oversight::closed;
use super::refusal::Refusal;
use super::risk::{self, Risk};
use super::safety::{self, clock_off};
use super::state::End;
use super::state::{
    Approved, EnrolledKey, Judged, Mark, NoEffect, Person, Portfolio, RequestRecord, State, Status,
};
use super::statement::{
    Act, Approval, Decision, Enrolment, Evaluation, Request, SignedBody, Signer,
};
use super::tracks::TrackAct;
use super::unjudged;

/// Applies `entry` to `state`. True when it took effect.
pub fn apply(state: &mut State, entry: &Entry) -> bool {
    let at = Moment {
        tip: Head {
            size: state.size(),
            root: entry.leaf.prev_root,
        },
        now: entry.leaf.time,
    };
    let read = check_frame(state, entry).map(|()| event::read(entry));
    let act = match &read {
        Ok(Ok(signed)) => Some(&signed.statement.act),
        _ => None,
    };
    // Time that nobody vouches for does not pass.
    let time = clock_off::stamp(state, act, entry.leaf.time);
    let outcome = read.and_then(|read| {
        expiry::settle(state, time);
        let said = |r: Refusal| (r.slug(), r.to_string());
        let signed = read.map_err(said)?;
        let verified = check(state, &signed, &at).map_err(said)?;
        clock_off::vouch(state, &signed.statement, time);
        effect(state, &signed, (entry, time), verified);
        if moves_what_falls_due(&signed.statement.act) {
            state.waiting.stir();
        }
        expiry::settle(state, time);
        Ok(())
    });
    let time = time.max(state.last_time());
    state.positions.push((entry.leaf.prev_root, time));
    match outcome {
        Ok(()) => true,
        Err((code, message)) => {
            state.findings.push(NoEffect {
                seq: entry.seq,
                leaf: entry.leaf_hash,
                code,
                message,
            });
            false
        }
    }
}

fn check_frame(state: &State, entry: &Entry) -> Result<(), (&'static str, String)> {
    if entry.seq != state.size() || entry.leaf.seq != entry.seq {
        let wanted = state.size();
        return Err(("position", format!("position {wanted} was wanted")));
    }
    if entry.leaf.ledger != state.ledger {
        return Err((
            "foreign-ledger",
            "the entry is of another ledger".to_owned(),
        ));
    }
    if entry.leaf.time < state.last_time() {
        return Err((
            "time-backwards",
            "its time is before the last entry's".to_owned(),
        ));
    }
    if entry.leaf.kind == "genesis" {
        return Err(("second-genesis", "a ledger begins once".to_owned()));
    }
    Ok(())
}

/// What checking an entry derived that its effect needs.
#[derive(Debug)]
enum Verified {
    Plain,
    Verdict(Box<crate::governance::policy::verdict::Verdict>),
}

fn check(state: &State, signed: &Signed, at: &Moment) -> Result<Verified, Refusal> {
    match &signed.statement.act {
        Act::Evaluation(logged) => {
            engine_signed(state, signed, at)?;
            let (wanted, verdict) =
                evaluation(state, &logged.request, judged(logged), (logged.now, at.now))?;
            same(wanted == **logged, "evaluation")?;
            same(ages_are_present(state, logged, at), "now")?;
            Ok(Verified::Verdict(Box::new(verdict)))
        }
        Act::EvaluationError(logged) => {
            let command = Command::Unjudged(logged.clone());
            by_engine(state, signed, (command, "evaluation-error"), at)
        }
        Act::Decision(logged) => {
            let request = logged.request.clone();
            by_engine(state, signed, (Command::Decide { request }, "decision"), at)
        }
        Act::Refusal(logged) => {
            engine_signed(state, signed, at)?;
            let inner = Signed::read(SignedBody {
                statement: logged.statement.clone(),
                signatures: logged.signatures.clone(),
            })?;
            guard::authenticate(state, &inner)?;
            let again = decide_settled(state, Command::Submit(Box::new(inner)), at);
            let reason = again.err().map(|refusal| refusal.slug());
            same(reason == Some(logged.reason.as_str()), "reason")?;
            Ok(Verified::Plain)
        }
        Act::Safety(act) if act.engine_command().is_some() => {
            engine_signed(state, signed, at)?;
            if let Some(command) = act.engine_command() {
                let wanted = decide_settled(state, command, at)?;
                let act = Act::Safety(act.clone());
                same(wanted == Proposal::Engine(Box::new(act)), "drill")?;
            }
            Ok(Verified::Plain)
        }
        Act::Track(act) if signed.statement.signer.role == "engine" => {
            by_engine(state, signed, (Command::Trial(act.clone()), "trial"), at)
        }
        Act::Safety(_)
        | Act::Track(_)
        | Act::Enrolment(_)
        | Act::Request(_)
        | Act::Approval(_)
        | Act::Denial(_)
        | Act::Withdrawal(_)
        | Act::InstanceEnrolment(_)
        | Act::KeyRevocation(_)
        | Act::KeyRotation(_)
        | Act::RootChange(_)
        | Act::Void(_)
        | Act::TokenIssue(_)
        | Act::TokenRedemption(_)
        | Act::TokenRevocation(_)
        | Act::ChecklistItem(_)
        | Act::PolicyPublication(_) => {
            let command = Command::Submit(Box::new(signed.clone()));
            decide_settled(state, command, at).map(|_| Verified::Plain)
        }
    }
}

/// An act of the engine that `decide` proposes for `command`, exactly as it stands in the entry.
fn by_engine(
    state: &State,
    signed: &Signed,
    (command, field): (Command, &'static str),
    at: &Moment,
) -> Result<Verified, Refusal> {
    engine_signed(state, signed, at)?;
    let wanted = decide_settled(state, command, at)?;
    let act = signed.statement.act.clone();
    same(wanted == Proposal::Engine(Box::new(act)), field)?;
    Ok(Verified::Plain)
}

fn judged(
    logged: &Evaluation,
) -> (
    Vec<crate::evidence::facts::Fact>,
    super::tracks::beside::Beside,
) {
    (logged.facts.clone(), logged.beside.clone())
}

/// Ages are those of the time of the append, give or take the time it took to get there.
fn ages_are_present(state: &State, logged: &Evaluation, at: &Moment) -> bool {
    let requested = state
        .requests
        .get(&logged.request)
        .map(|record| record.mark.time);
    let late = at.now.millis_since(logged.now);
    (0..=600_000).contains(&late)
        && requested.is_some_and(|time| time.millis_since(logged.now) <= 600_000)
}

fn same(equal: bool, field: &'static str) -> Result<(), Refusal> {
    if equal {
        Ok(())
    } else {
        Err(Refusal::StatementDiffers { field })
    }
}

fn engine_signed(state: &State, signed: &Signed, at: &Moment) -> Result<(), Refusal> {
    let envelope = signed.check_single_signature()?;
    let signer = &signed.statement.signer;
    if envelope.key != state.genesis.engine_key
        || signer.person.as_str() != "engine"
        || signer.role != "engine"
    {
        return Err(Refusal::UnknownKey {
            key: signer.key.clone(),
        });
    }
    guard::frame(state, signed, at)?;
    risk::check(state, &signed.statement.act, at)
}

fn effect(
    state: &mut State,
    signed: &Signed,
    (entry, time): (&Entry, UtcTime),
    verified: Verified,
) {
    let Signer { key, .. } = &signed.statement.signer;
    let used = state.nonces.entry(key.clone()).or_default();
    used.insert(signed.statement.nonce.clone());
    state.statements.insert(signed.digest);
    state.access.note(signed, entry.seq);
    let mark = mark(signed, entry, time);
    match (&signed.statement.act, verified) {
        (Act::Enrolment(act), _) => enrol(state, act, entry.seq),
        (Act::Request(act), _) => request(state, act, mark),
        (Act::Evaluation(act), Verified::Verdict(verdict)) => {
            judge(state, act, mark, *verdict);
        }
        (Act::EvaluationError(act), _) => unjudged::effect(state, act, mark),
        (Act::Approval(act), _) => approve(state, act, signed, mark),
        (Act::Denial(act), _) => {
            closed::close(state, &act.request, time);
            end(state, &act.request, Status::Denied, mark);
        }
        (Act::Withdrawal(act), _) => end(state, &act.request, Status::Withdrawn, mark),
        (Act::Decision(act), _) => promote(state, act, mark),
        (Act::Refusal(act), _) => refused(state, &act.statement, time),
        (Act::Safety(act), _) => safety::effect(state, act, signed, mark),
        (Act::Track(act), _) => super::tracks::effect(state, act, mark),
        (
            Act::InstanceEnrolment(_)
            | Act::KeyRevocation(_)
            | Act::KeyRotation(_)
            | Act::RootChange(_)
            | Act::Void(_)
            | Act::TokenIssue(_)
            | Act::TokenRedemption(_)
            | Act::TokenRevocation(_),
            _,
        ) => super::access::effect(state, signed, mark),
        (Act::ChecklistItem(_) | Act::PolicyPublication(_), _) => {
            super::oversight::effect(state, signed, mark);
        }
        // Unreachable by construction: `check` gives a verdict for every evaluation.
        (Act::Evaluation(_), Verified::Plain) => {}
    }
}

/// False for acts that touch no request, no approval, no stage, no certificate, no override and no
/// rule. Hourly commits are most of a ledger, and leave nothing to settle.
fn moves_what_falls_due(act: &Act) -> bool {
    match act {
        Act::Refusal(_) | Act::EvaluationError(_) | Act::ChecklistItem(_) => false,
        Act::Track(act) => match act.as_ref() {
            TrackAct::SessionOpen(_)
            | TrackAct::SessionCommit(_)
            | TrackAct::SessionClose(_)
            | TrackAct::Dataset(_)
            | TrackAct::Rerun(_)
            | TrackAct::EvidenceAttestation(_)
            | TrackAct::TrialStart(_)
            | TrackAct::TrialEnd(_) => false,
            TrackAct::EvidenceRevocation(_) => true,
        },
        Act::Enrolment(_)
        | Act::Request(_)
        | Act::Evaluation(_)
        | Act::Approval(_)
        | Act::Denial(_)
        | Act::Withdrawal(_)
        | Act::Decision(_)
        | Act::InstanceEnrolment(_)
        | Act::KeyRevocation(_)
        | Act::KeyRotation(_)
        | Act::RootChange(_)
        | Act::Void(_)
        | Act::TokenIssue(_)
        | Act::TokenRedemption(_)
        | Act::TokenRevocation(_)
        | Act::PolicyPublication(_)
        | Act::Safety(_) => true,
    }
}

fn mark(signed: &Signed, entry: &Entry, time: UtcTime) -> Mark {
    let signer = &signed.statement.signer;
    let (reason, comment) = match &signed.statement.act {
        Act::Denial(denial) => (denial.reason.clone(), denial.comment.clone()),
        Act::Approval(approval) => (String::new(), approval.comment.clone()),
        Act::EvaluationError(error) => (error.code.clone(), error.text.clone()),
        _ => (String::new(), String::new()),
    };
    Mark {
        seq: entry.seq,
        leaf: entry.leaf_hash,
        time,
        person: signer.person.clone(),
        role: signer.role.clone(),
        key: signer.key.clone(),
        reason,
        comment,
    }
}

fn enrol(state: &mut State, act: &Enrolment, seq: u64) {
    let fingerprint = act.public_key.fingerprint();
    let person = state
        .persons
        .entry(act.person.clone())
        .or_insert_with(|| Person {
            roles: std::collections::BTreeSet::new(),
            until: BTreeMap::new(),
            ended: BTreeMap::new(),
            keys: Vec::new(),
            touched: seq,
        });
    person.roles.insert(act.role);
    person.ended.remove(&act.role);
    match act.until {
        Some(until) => person.until.insert(act.role, until),
        None => person.until.remove(&act.role),
    };
    person.touched = seq;
    if !person.keys.contains(&fingerprint) {
        person.keys.push(fingerprint.clone());
    }
    if let Some(until) = act.until {
        cap_open_slots(state, act, until);
    }
    state.keys.entry(fingerprint).or_insert(EnrolledKey {
        key: act.public_key,
        person: act.person.clone(),
        since: seq,
    });
}

/// Nobody fills a slot longer than they hold its role, also when its end is set afterwards.
fn cap_open_slots(state: &mut State, act: &Enrolment, until: UtcTime) {
    let open = state.requests.values_mut().filter(|r| r.status.is_open());
    let approvals = open.flat_map(|record| &mut record.approvals);
    for approval in approvals.filter(|a| a.mark.person == act.person && a.role == act.role) {
        approval.valid_until = approval.valid_until.min(until);
    }
}

fn request(state: &mut State, act: &Request, mark: Mark) {
    if let Some(old) = act.supersedes.as_ref()
        && let Some(record) = state.requests.get_mut(old)
    {
        record.status = Status::Superseded;
        record.superseded_by = Some(act.request.clone());
        record.end = Some(End {
            time: mark.time,
            by: Some(mark.clone()),
        });
    }
    let portfolio = state
        .portfolios
        .entry(act.portfolio.clone())
        .or_insert_with(|| Portfolio {
            owner: mark.person.clone(),
            profile: act.profile.clone(),
            stage: Stage::Research,
            since: None,
            strategy: None,
            climbing: BTreeMap::new(),
            requests: Vec::new(),
            touched: mark.seq,
        });
    portfolio.requests.push(act.request.clone());
    let asked = state.by_strategy.entry(act.strategy_sha256).or_default();
    asked.push(act.request.clone());
    portfolio.touched = mark.seq;
    let record = RequestRecord {
        mark,
        request: act.clone(),
        status: Status::Submitted,
        unjudged: Vec::new(),
        judged: None,
        approvals: Vec::new(),
        superseded_by: None,
        end: None,
    };
    state.waiting.note(&act.request);
    state.requests.insert(act.request.clone(), record);
}

fn judge(
    state: &mut State,
    act: &Evaluation,
    mark: Mark,
    verdict: crate::governance::policy::verdict::Verdict,
) {
    touch(state, &act.request, mark.seq);
    safety::overrides::judged(state, &act.request, &verdict);
    let Some(record) = state.requests.get_mut(&act.request) else {
        return;
    };
    record.status = match act.outcome {
        Outcome::Promote => Status::AwaitingApproval,
        Outcome::Revise => Status::Revise,
        Outcome::Reject => Status::Rejected,
    };
    record.judged = Some(Judged {
        seq: mark.seq,
        leaf: mark.leaf,
        time: mark.time,
        evaluation: act.clone(),
        verdict,
    });
    if !record.status.is_open() {
        record.end = Some(End {
            time: mark.time,
            by: Some(mark),
        });
    }
}

fn approve(state: &mut State, act: &Approval, signed: &Signed, mark: Mark) {
    let statement = &signed.statement;
    let Ok(role) = statement.signer.role.parse() else {
        return;
    };
    let Some(target) = state.requests.get(&act.request).map(|r| r.request.target) else {
        return;
    };
    let Some(rules) = state.rules().approval.get(&target).copied() else {
        return;
    };
    safety::unapproval::given(state, signed, &act.request, &mark);
    let valid_until = expiry::approval_until(state, &rules, statement.issued_at, &statement.head);
    // Nobody fills a slot longer than they hold its role.
    let held = state.persons.get(&mark.person);
    let role_until = held.and_then(|held| held.until.get(&role)).copied();
    let valid_until = role_until.map_or(valid_until, |end| end.min(valid_until));
    if let Some(record) = state.requests.get_mut(&act.request) {
        record.approvals.push(Approved {
            mark,
            role,
            valid_until,
        });
    }
}

fn end(state: &mut State, id: &crate::kernel::id::RequestId, status: Status, mark: Mark) {
    touch(state, id, mark.seq);
    if let Some(record) = state.requests.get_mut(id) {
        record.status = status;
        record.end = Some(End {
            time: mark.time,
            by: Some(mark),
        });
    }
}

fn promote(state: &mut State, act: &Decision, mark: Mark) {
    closed::close(state, &act.request, mark.time);
    super::access::decided(state, act, &mark);
    let strategy = state
        .requests
        .get(&act.request)
        .map(|record| record.request.strategy_sha256);
    let held = state.portfolios.get_mut(&act.portfolio);
    if let (Some(held), Some(strategy)) = (held, strategy) {
        held.arrive(act.to, strategy, mark.time);
        let runs = held.runs(strategy);
        safety::granted(state, act, runs, &mark);
    }
    end(state, &act.request, Status::Promoted, mark);
}

fn refused(state: &mut State, statement: &str, time: UtcTime) {
    let Ok(inner) = super::statement::Statement::from_bytes(statement.as_bytes()) else {
        return;
    };
    // What was refused once is not kept until it fits. What lowers risk may come again.
    if risk::of(&inner.act) == Risk::Raises {
        state.statements.insert(Digest::of(statement.as_bytes()));
    }
    let held = state.keys.get(&inner.signer.key);
    let owner = held.map(|held| held.person.clone());
    if let Some(owner) = owner {
        let times = state.refusals.entry(owner).or_default();
        times.push(time);
    }
}

fn touch(state: &mut State, id: &crate::kernel::id::RequestId, seq: u64) {
    let portfolio = state
        .requests
        .get(id)
        .map(|record| record.request.portfolio.clone());
    if let Some(portfolio) = portfolio.and_then(|id| state.portfolios.get_mut(&id)) {
        portfolio.touched = seq;
    }
}
