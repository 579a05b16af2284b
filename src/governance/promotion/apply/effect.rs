//! What an entry changes, act by act, once it may take effect.
//!
//! In: the state before, a statement that was checked, its entry. Out: the state after. Nothing is
//! asked here any more; what has its own room (safety, tracks, access, oversight) changes its own.

use std::collections::BTreeMap;

use super::check::Verified;
use crate::governance::audit::entry::Entry;
use crate::governance::policy::verdict::Outcome;
use crate::governance::promotion::event::Signed;
use crate::governance::promotion::oversight::closed;
use crate::governance::promotion::risk::{self, Risk};
use crate::governance::promotion::state::{
    Approved, End, EnrolledKey, Judged, Mark, Person, Portfolio, RequestRecord, State, Status,
};
use crate::governance::promotion::statement::{
    Act, Approval, Decision, Enrolment, Evaluation, Request, Signer, Statement,
};
use crate::governance::promotion::{access, expiry, oversight, safety, tracks, unjudged};
use crate::governance::stage::Stage;
use crate::kernel::digest::Digest;
use crate::kernel::time::UtcTime;

/// Brings about what `signed` says.
pub(super) fn effect(
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
        (Act::Track(act), _) => tracks::effect(state, act, mark),
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
        ) => access::effect(state, signed, mark),
        (Act::ChecklistItem(_) | Act::PolicyPublication(_), _) => {
            oversight::effect(state, signed, mark);
        }
        // Unreachable by construction: `check` gives a verdict for every evaluation.
        (Act::Evaluation(_), Verified::Plain) => {}
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
    access::decided(state, act, &mark);
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
    let Ok(inner) = Statement::from_bytes(statement.as_bytes()) else {
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
