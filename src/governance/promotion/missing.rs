//! What stands in the way: of a request ([`missing`], the answer of request, approve and decide),
//! and of a portfolio ([`missing_of`], the answer of status, inbox, as-of and the inventory, where
//! a LIVE one is asked what its token is asked).
//!
//! In: a settled state, a request or a portfolio, the time. Out: one line per thing that is
//! missing, with the role that can supply it and the command that does. Nothing is missing from a
//! request that was promoted; what stands in the way of its portfolio is another question.

use crate::governance::policy::roles::Role;
use crate::governance::stage::Stage;
use crate::kernel::id::PortfolioId;
use crate::kernel::time::{HOUR_MS, UtcTime};

use super::access::missing_token::{APPROVER, FINDINGS, HALTED, OVERDUE, missing_token};
use super::guard;
use super::guard::request::further_flags;
use super::quorum::{Tally, tally};
use super::safety::{self, certificate};
use super::state::{RequestRecord, State, Status};

/// One thing that is missing.
#[derive(
    Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
pub struct Missing {
    /// Stable name, such as `approval`.
    pub code: String,
    /// Who can supply it; none when time or nobody can.
    pub role: Option<String>,
    /// In words.
    pub text: String,
    /// The command that supplies it; none when there is none.
    pub command: Option<String>,
}

impl Missing {
    pub(in crate::governance::promotion) fn new(
        code: &str,
        role: Option<&str>,
        text: String,
        command: Option<String>,
    ) -> Self {
        Self {
            code: code.to_owned(),
            role: role.map(str::to_owned),
            text,
            command,
        }
    }
}

/// The count of a request's approvals at `now`.
#[must_use]
pub fn count(state: &State, record: &RequestRecord, now: UtcTime) -> Tally {
    tally(state.quorum(record.request.target), &record.approvals, now)
}

/// What `record` still needs at `now`. Ask a state that was settled at `now`.
#[must_use]
pub fn missing(state: &State, record: &RequestRecord, now: UtcTime) -> Vec<Missing> {
    let mut list = Vec::new();
    if record.status.is_open() {
        findings(state, &mut list);
        list.extend(policy_in_doubt(state));
        safety::missing::lines(state, record, now, &mut list);
    }
    match record.status {
        Status::Submitted => {
            list.extend(super::access::instance_missing(state, &record.request));
            list.push(evaluation(record));
        }
        Status::AwaitingApproval | Status::Approved => {
            list.extend(super::access::instance_missing(state, &record.request));
            super::book::line(state, record, &mut list);
            super::denying::lines(state, record, now, &mut list);
            super::tracks::wanting::lines(state, record, now, &mut list);
            slots(state, record, now, &mut list);
            list.extend(super::oversight::checklist::missing(state, record, now));
        }
        Status::Promoted => {}
        Status::Rejected => list.push(rejected(state, record)),
        Status::Revise => list.push(revise(record)),
        Status::Denied
        | Status::Withdrawn
        | Status::Expired
        | Status::Superseded
        | Status::Invalidated => list.push(ended(record)),
    }
    list
}

/// What stands in the way of `portfolio` at `now`: of a live session while it is LIVE, of any rise
/// below, and of its open request, or else what its last one left to be done. Ask a state that was
/// settled at `now`.
#[must_use]
pub fn missing_of(state: &State, portfolio: &PortfolioId, now: UtcTime) -> Vec<Missing> {
    let mut list = standing_of(state, portfolio, now);
    let last = state.history(portfolio).last();
    let asked = state.open_request(portfolio).or(last);
    for line in asked.map_or_else(Vec::new, |record| missing(state, record, now)) {
        if !list.contains(&line) {
            list.push(line);
        }
    }
    list
}

/// The same without its requests: what is missing whatever is asked for.
#[must_use]
pub fn standing_of(state: &State, portfolio: &PortfolioId, now: UtcTime) -> Vec<Missing> {
    let Some(held) = state.portfolios.get(portfolio) else {
        return Vec::new();
    };
    if held.stage == Stage::Live {
        return missing_token(state, portfolio, now);
    }
    let mut list = Vec::new();
    findings(state, &mut list);
    list.extend(policy_in_doubt(state));
    let standing = safety::missing::standing(state, portfolio, &held.profile, now);
    list.extend(standing);
    list
}

/// The roles that a line about `portfolio` is work for: all that have to sign, where several do.
#[must_use]
pub fn hands(state: &State, portfolio: &PortfolioId, line: &Missing) -> Vec<String> {
    let named = || line.role.iter().cloned().collect();
    match line.code.as_str() {
        HALTED => [Role::Risk, Role::Ops].map(|role| role.to_string()).into(),
        OVERDUE | APPROVER | safety::missing::CERTIFICATE_DUE => {
            let stage = state.portfolios.get(portfolio).map(|held| held.stage);
            let target = stage.and_then(certificate::target_of);
            let quorum = target.and_then(|target| state.quorum(target));
            quorum.map_or_else(named, |quorum| {
                quorum.slots.keys().map(Role::to_string).collect()
            })
        }
        _ => named(),
    }
}

pub(in crate::governance::promotion) fn findings(state: &State, list: &mut Vec<Missing>) {
    if let Some(first) = state.findings.first() {
        let text = format!(
            "the ledger holds {} entries without effect (first: seq {}, {})",
            state.findings.len(),
            first.seq,
            first.code
        );
        let command = Some("promote ledger verify".to_owned());
        list.push(Missing::new(FINDINGS, Some("root"), text, command));
    }
}

/// The policy set in force rests on a key that is not believed any more.
pub(in crate::governance::promotion) fn policy_in_doubt(state: &State) -> Option<Missing> {
    let seq = super::access::fallout::policy_in_doubt(state)?;
    let refusal = super::risk::in_doubt(state, seq);
    let command = "promote policy publish DIR --reason TEXT --key KEY".to_owned();
    let text = refusal.to_string();
    Some(Missing::new(
        "policy_in_doubt",
        Some("root"),
        text,
        Some(command),
    ))
}

fn evaluation(record: &RequestRecord) -> Missing {
    let command = format!("promote evaluate {}", record.request.request);
    let text = match record.unjudged.last() {
        None => "the request has not been evaluated".to_owned(),
        Some(failed) => format!(
            "the request could not be evaluated (entry {}, {}: {})",
            failed.seq, failed.reason, failed.comment
        ),
    };
    Missing::new("evaluation", None, text, Some(command))
}

fn slots(state: &State, record: &RequestRecord, now: UtcTime, list: &mut Vec<Missing>) {
    let request = &record.request;
    let Some(quorum) = state.quorum(request.target) else {
        let text = format!(
            "the policy set has no usable quorum `{}` for {}",
            state.genesis.preset, request.target
        );
        list.push(Missing::new("quorum_missing", None, text, None));
        return;
    };
    let tally = count(state, record, now);
    for (role, open) in &tally.open {
        let free = candidates(state, record, *role, now);
        if free < *open as usize {
            let text = format!(
                "{open} {role} approvals are wanted, only {free} enrolled persons may give one"
            );
            list.push(Missing::new("quorum_unreachable", Some("root"), text, None));
        }
        for _ in 0..*open {
            let text = format!("approval by a person with the role {role}");
            let command = format!(
                "promote approve {} --role {role} --key KEY",
                request.request
            );
            list.push(Missing::new(
                "approval",
                Some(role.as_str()),
                text,
                Some(command),
            ));
        }
    }
    if tally.open.is_empty() && tally.persons_missing > 0 {
        let text = format!("{} more persons are wanted", tally.persons_missing);
        list.push(Missing::new("persons", None, text, None));
    }
    if quorum.witnesses > 0 {
        let text = format!(
            "{} witnesses are wanted; this version records none",
            quorum.witnesses
        );
        list.push(Missing::new("witnesses", None, text, None));
    }
    if tally.complete {
        let lock = i64::from(quorum.time_lock_hours).saturating_mul(HOUR_MS);
        let until = tally.last.unwrap_or(now).plus_millis(lock);
        if now < until {
            let command = format!("promote decide {}", request.request);
            let text = format!("the time lock ends at {until}");
            list.push(Missing::new("time_lock", None, text, Some(command)));
        }
    }
}

/// Enrolled persons who may still fill a `role` slot.
fn candidates(state: &State, record: &RequestRecord, role: Role, now: UtcTime) -> usize {
    let filled = |person: &crate::kernel::id::PersonId| {
        record
            .approvals
            .iter()
            .any(|a| now < a.valid_until && a.mark.person == *person)
    };
    state
        .persons
        .iter()
        .filter(|(id, person)| {
            person.roles.contains(&role)
                && guard::eligible(state, record, id, role).is_ok()
                && !filled(id)
                && super::access::can_sign(state, id)
        })
        .count()
}

fn rejected(state: &State, record: &RequestRecord) -> Missing {
    let days = state.rules().request.cool_off_days;
    let ended = record.end.as_ref().map_or(record.mark.time, |e| e.time);
    let until = ended.plus_days(i64::from(days));
    let text = format!(
        "rejected: ask again from {until} on, with a new strategy or out-of-sample data longer by {days} days"
    );
    Missing::new("cool_off", Some("research"), text, None)
}

fn revise(record: &RequestRecord) -> Missing {
    let request = &record.request;
    let command = format!(
        "promote request {} --target {} --evidence DIR --summary TEXT{} --revises {} --key KEY",
        request.portfolio,
        request.target,
        further_flags(request.target),
        request.request
    );
    let text = "some criteria are not met: revise the portfolio and ask again".to_owned();
    Missing::new("revision", Some("research"), text, Some(command))
}

fn ended(record: &RequestRecord) -> Missing {
    let request = &record.request;
    let command = format!(
        "promote request {} --target {} --evidence DIR --summary TEXT{} --key KEY",
        request.portfolio,
        request.target,
        further_flags(request.target)
    );
    let text = format!("the request ended: {}", record.status);
    Missing::new("new_request", Some("research"), text, Some(command))
}
