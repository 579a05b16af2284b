//! What distinguishes two states for the exploration.
//!
//! Two states of one shape answer every deed alike, up to names: ids, digests and positions differ,
//! what they stand for does not. Kept is whatever a guard or a derived transition reads:
//!
//! - the stage of both portfolios, since when, and how much of it sessions cover;
//! - the open request: target, status, verdict, age, who approved and for how long it still counts,
//!   whether it brings what was overridden, what is missing; of ended requests only a REJECT that
//!   still cools off;
//! - halts in force with scope, cause and age, and whether a certificate was given since; open
//!   incidents; the age of the certificate and whether risk-1 signed it; overrides that may still
//!   be used or reviewed;
//! - which policy set is in force and who proposed it; which revocations stand; who approved the
//!   decisions that the stage rests on; the last token while it lives; findings;
//! - the approval that was kept: for what, how old, whether something it saw has moved.
//!
//! Forgotten is what no ordinary act reads again: ended requests, lifted halts, closed incidents,
//! used up overrides, sessions before this stay, the number of entries. Distrust does read who
//! lifted and closed; what it makes of them the walks ask. Ages stop counting where the last
//! boundary lies behind them, so that there are finitely many shapes. Evidence is always new, so
//! what was spent is not part of a shape. The model chooses its bounds, all of them data of the
//! deeds: one open incident at a time, one halt per scope, one approval that is kept, two policy
//! sets, and so many disturbances on one path.

use std::fmt::Write as _;

use promote::governance::promotion::access::distrust::standing_on;
use promote::governance::promotion::missing::missing;
use promote::governance::promotion::safety::certificate::{after, given};
use promote::governance::promotion::state::{RequestRecord, State, Status};
use promote::governance::promotion::statement::Act;
use promote::governance::promotion::tracks::session::of_stay;
use promote::governance::stage::{Stage, Target};
use promote::kernel::id::PortfolioId;
use promote::kernel::time::{HOUR_MS, UtcTime};

use super::small::{Small, p, q, strategy};
use crate::machine::{key, public};

/// The shape of a state, as a line that can be read.
pub fn shape(s: &Small) -> String {
    let (state, now) = (&s.bench.state, s.bench.now);
    let mut line = String::new();
    for id in [p(), q()] {
        portfolio(state, &id, now, &mut line);
    }
    standing(state, now, &mut line);
    kept(s, &mut line);
    let findings = !state.findings.is_empty();
    write!(line, "| findings {findings}").unwrap();
    line
}

/// The same without its ages: who may do what does not hang on them.
pub fn ageless(shape: &str) -> String {
    shape.chars().filter(|c| !c.is_ascii_digit()).collect()
}

fn hours(now: UtcTime, then: UtcTime) -> i64 {
    now.millis_since(then) / HOUR_MS
}

fn portfolio(state: &State, id: &PortfolioId, now: UtcTime, line: &mut String) {
    let Some(held) = state.portfolios.get(id) else {
        line.push_str("unknown ");
        return;
    };
    let since = held.since.map(|since| hours(now, since).min(24));
    let version = held.strategy.unwrap_or_else(strategy);
    let covered: i64 = of_stay(state, id, version)
        .flat_map(|s| s.covered.iter())
        .map(|c| hours(c.to, c.from))
        .sum();
    write!(line, "{:?} {since:?} {} ", held.stage, covered.min(24)).unwrap();
    if let Some(open) = state.open_request(id) {
        request(state, open, now, line);
    }
    let rejected = state.history(id).filter(|r| r.status == Status::Rejected);
    let ended = rejected
        .filter_map(|r| r.end.as_ref())
        .map(|e| hours(now, e.time));
    write!(line, "cool {:?} ", ended.filter(|h| *h < 48).min()).unwrap();
    // The certificate is overdue after two days and the stage falls after three.
    let age = state.safety.standing.get(id).map(|s| hours(now, s.time));
    let failing = state.oversight.failing.contains_key(id);
    let signed = given(state, id).last();
    let signed = signed.filter(|c| {
        state
            .safety
            .standing
            .get(id)
            .is_some_and(|s| s.seq == c.mark.seq)
    });
    let by_risk_1 = signed.is_some_and(|c| {
        let cosigned = state.access.cosigned.get(&c.mark.seq);
        let mut keys = cosigned.into_iter().flatten().chain([&c.mark.key]);
        keys.any(|held| *held == public(&key("risk-1")).fingerprint())
    });
    write!(line, "certificate {age:?} {failing} {by_risk_1} ").unwrap();
    for (target, request) in standing_on(state, id) {
        let record = &state.requests[&request];
        let by_risk_1 = record
            .approvals
            .iter()
            .any(|a| a.mark.person.as_str() == "risk-1");
        let fallen = state.access.decisions[&request].fallen.is_some();
        write!(line, "{target} {by_risk_1} {fallen} ").unwrap();
    }
}

fn request(state: &State, record: &RequestRecord, now: UtcTime, line: &mut String) {
    let request = &record.request;
    let (target, status) = (request.target, record.status);
    let age = hours(now, record.mark.time);
    write!(line, "{target} {status} {age} ").unwrap();
    for approval in &record.approvals {
        let left = hours(approval.valid_until, now);
        if left > 0 {
            let age = hours(now, approval.mark.time).min(24);
            write!(line, "{}:{left}:{age} ", approval.mark.person).unwrap();
        }
    }
    let overridden = state
        .safety
        .overrides
        .iter()
        .any(|o| o.used_by.contains(&request.request));
    // Whether an override that was there before it is about what it brings.
    let brings = state.safety.overrides.iter().any(|o| {
        o.mark.seq < record.mark.seq && o.act.evidence_sha256 == request.evidence[0].evidence_sha256
    });
    let mut codes: Vec<String> = missing(state, record, now)
        .into_iter()
        .map(|m| m.code)
        .collect();
    codes.sort();
    write!(line, "{overridden} {brings} {codes:?} ").unwrap();
}

fn standing(state: &State, now: UtcTime, line: &mut String) {
    let mut halts: Vec<String> = Vec::new();
    for halt in state.safety.halts.iter().filter(|h| h.resumed.is_none()) {
        let late = hours(now, halt.time) > 120;
        let certified = after(state, &p(), halt);
        halts.push(format!(
            "{} {:?} {late} {certified}",
            halt.scope, halt.cause
        ));
    }
    halts.sort();
    halts.dedup();
    let open = state.safety.incidents.iter().filter(|i| i.closed.is_none());
    let open: Vec<_> = open.map(|i| i.opening.severity).collect();
    write!(line, "| {halts:?} {open:?} ").unwrap();
    for word in &state.safety.overrides {
        let until = hours(word.act.until, now);
        let due = word.review_due.map(|due| hours(due, now));
        let usable = until > 0 && word.used_by.is_empty() && word.ended.is_none();
        let open = word
            .used_by
            .iter()
            .any(|id| state.requests[id].status.is_open());
        if usable || open || (due.is_some() && word.reviewed.is_none()) {
            let due = due.map(|d| d.max(0));
            write!(line, "o {} {usable} {open} {due:?} ", word.act.target).unwrap();
        }
    }
    let sets = state.oversight.history.len();
    let proposer: Vec<_> = state.oversight.proposers().collect();
    let revoked: Vec<_> = state.access.revoked.values().flatten().collect();
    let revoked: Vec<_> = revoked
        .iter()
        .map(|r| (r.kills(), r.distrust_from.is_some()))
        .collect();
    write!(line, "| set {} {proposer:?} {revoked:?} ", sets.min(3)).unwrap();
    let confirmed = state.oversight.confirmed.get(&(p(), Target::Live));
    let since = state.portfolios.get(&p()).and_then(|held| held.since);
    let confirmed = confirmed
        .into_iter()
        .flatten()
        .filter(|c| Some(c.mark.time) >= since);
    write!(line, "{} ", confirmed.count().min(1)).unwrap();
    if let Some(token) = state.access.tokens.values().max_by_key(|t| t.mark.seq) {
        let redeemed = token.redeemed.is_some();
        let alive = now < token.claims.exp && token.revoked.is_none();
        let same = token.claims.halt_epochs == state.halt_epochs(&p())
            && token.claims.policy_sha256 == state.policy.digest();
        let stage = state.portfolios[&p()].stage == Stage::Live;
        if alive && same && stage {
            write!(line, "token {redeemed} ").unwrap();
        }
    }
}

fn kept(s: &Small, line: &mut String) {
    let Some(kept) = &s.kept else { return };
    let (state, now) = (&s.bench.state, s.bench.now);
    let Act::Approval(act) = &kept.statement.act else {
        return;
    };
    let size = kept.statement.head.size;
    let replaced = state.replaced_at(size).map(|at| hours(now, at).min(48));
    let age = hours(now, kept.statement.issued_at).min(48);
    let record = &state.requests[&act.request];
    let person = &kept.statement.signer.person;
    let moved = [
        state.portfolios[&p()].touched,
        state.persons[person].touched,
        state.policy_touched,
    ];
    let moved = moved.into_iter().any(|touched| touched >= size);
    let voided = state
        .safety
        .voided
        .iter()
        .any(|(digest, _)| *digest == kept.digest);
    let open = record.status.is_open();
    write!(line, "| kept {open} {replaced:?} {age} {moved} {voided} ").unwrap();
}
