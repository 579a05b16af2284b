//! The invariants of the design, written without asking the functions that they watch over: who is
//! halted, who is an author, what makes a quorum, when a token is dead is said here once more.
//!
//! In: the state before a deed and the one after it. Out: the first invariant that is broken, by
//! its number, with what was seen.

use std::collections::BTreeSet;

use promote::governance::audit::entry::Entry;
use promote::governance::promotion::decide::{Command, decide};
use promote::governance::promotion::event;
use promote::governance::promotion::expiry::settle;
use promote::governance::promotion::safety::halt::HaltScope;
use promote::governance::promotion::state::{RequestRecord, State, Status};
use promote::governance::promotion::statement::{Act, Approval};
use promote::governance::stage::{Stage, Target};
use promote::kernel::id::PortfolioId;
use promote::kernel::time::DAY_MS;

use super::small::{Small, p, q};
use crate::token::Session;

/// A broken invariant: its number, and what was seen.
pub type Broken = (u8, String);

type Kept = Result<(), Broken>;

fn law(number: u8, holds: bool, seen: impl FnOnce() -> String) -> Kept {
    if holds { Ok(()) } else { Err((number, seen())) }
}

/// Everything about one edge.
pub fn edge(before: &Small, after: &Small) -> Kept {
    rises_by_decisions(before, after)?;
    nothing_lives_in_a_halt(after)?;
    quorums(before, after)?;
    authors(after)?;
    ends(before, after)?;
    many_hands(after)
}

fn rank(stage: Stage) -> i8 {
    match stage {
        Stage::Retired => -1,
        Stage::Research => 0,
        Stage::Shadow => 1,
        Stage::Testnet => 2,
        Stage::Live => 3,
    }
}

fn stage(state: &State, id: &PortfolioId) -> Stage {
    state
        .portfolios
        .get(id)
        .map_or(Stage::Research, |held| held.stage)
}

fn covers(scope: &HaltScope, id: &PortfolioId, state: &State) -> bool {
    match scope {
        HaltScope::Global => true,
        HaltScope::Portfolio(named) => named == id,
        HaltScope::Profile(named) => state
            .portfolios
            .get(id)
            .is_some_and(|h| h.profile == *named),
    }
}

fn halted(state: &State, id: &PortfolioId) -> bool {
    let mut halts = state.safety.halts.iter();
    halts.any(|h| h.resumed.is_none() && covers(&h.scope, id, state))
}

/// Entries that the deed appended.
fn new_entries<'s>(before: &Small, after: &'s Small) -> impl Iterator<Item = &'s Entry> {
    after.bench.entries[before.bench.entries.len()..]
        .iter()
        .map(|e| &**e)
}

/// I1: the stage rises only by a decision, by exactly one, never while halted.
fn rises_by_decisions(before: &Small, after: &Small) -> Kept {
    for id in [p(), q()] {
        let (old, new) = (
            stage(&before.bench.state, &id),
            stage(&after.bench.state, &id),
        );
        if rank(new) <= rank(old) {
            continue;
        }
        let seen = || format!("{id} rose from {old} to {new}");
        let kinds: Vec<&str> = new_entries(before, after)
            .map(|e| e.leaf.kind.as_str())
            .collect();
        law(1, kinds == ["decision"], seen)?;
        law(1, rank(new) == rank(old) + 1, seen)?;
        law(
            1,
            !halted(&before.bench.state, &id) && !halted(&after.bench.state, &id),
            seen,
        )?;
    }
    Ok(())
}

/// I2: after a halt nothing in scope awaits approval and no token is valid.
fn nothing_lives_in_a_halt(after: &Small) -> Kept {
    let state = &after.bench.state;
    for record in state.requests.values() {
        let id = &record.request.portfolio;
        let open = matches!(
            record.status,
            Status::Submitted | Status::AwaitingApproval | Status::Approved
        );
        law(2, !(open && halted(state, id)), || {
            format!(
                "{} is {} while halted",
                record.request.request, record.status
            )
        })?;
    }
    for token in state.access.tokens.values() {
        let mut halts = state.safety.halts.iter();
        let stopped = halts.any(|h| h.seq > token.mark.seq && covers(&h.scope, &p(), state));
        if !stopped || token.redeemed.is_some() {
            continue;
        }
        let mut bench = after.bench.clone();
        let proof = Session::new(&bench, "").proof(&mut bench, &token.claims);
        let answer = decide(state, Command::Submit(Box::new(proof)), &bench.moment());
        law(2, answer.is_err(), || "a token outlived a halt".to_owned())?;
    }
    Ok(())
}

/// What the small world's quorums ask for.
fn wanted(target: Target) -> &'static [&'static str] {
    match target {
        Target::Shadow => &["risk"],
        Target::Testnet | Target::Live => &["research", "risk"],
    }
}

/// The approval as it was signed, from the entry at `seq`.
fn signed_approval(s: &Small, seq: u64) -> Option<(Approval, String, String)> {
    let entry = s.bench.entries.get(usize::try_from(seq).ok()?)?;
    let statement = event::read(entry).ok()?.statement;
    let signer = statement.signer;
    match statement.act {
        Act::Approval(act) => Some((*act, signer.person.to_string(), signer.role)),
        _ => None,
    }
}

/// Whether what was signed is about this request as it stands, and the signer's key counted when
/// it was signed and was not compromised before `now`.
fn is_over(s: &Small, record: &RequestRecord, seq: u64) -> Option<(String, String)> {
    let (act, person, role) = signed_approval(s, seq)?;
    let request = &record.request;
    let judged = record.judged.as_ref()?;
    let same = act.request_leaf == record.mark.leaf
        && act.decision_sha256 == judged.evaluation.decision_sha256
        && act.evidence == request.evidence
        && act.strategy_sha256 == request.strategy_sha256
        && act.limits_sha256 == request.limits_sha256
        && act.policy_sha256 == request.policy_sha256
        && act.instance == request.instance;
    same.then_some((person, role))
}

/// I3: every decision has the quorum of valid approvals over the same request.
fn quorums(before: &Small, after: &Small) -> Kept {
    let was = |id| {
        before
            .bench
            .state
            .requests
            .get(id)
            .map(|r: &RequestRecord| r.status)
    };
    for (id, record) in &after.bench.state.requests {
        if record.status != Status::Promoted || was(id) == Some(Status::Promoted) {
            continue;
        }
        let now = after.bench.now;
        let mut slots = BTreeSet::new();
        let mut persons = BTreeSet::new();
        let mut last = record.mark.time;
        for approval in record.approvals.iter().filter(|a| now < a.valid_until) {
            if let Some((person, role)) = is_over(after, record, approval.mark.seq)
                && persons.insert(person)
            {
                slots.insert(role);
                last = last.max(approval.mark.time);
            }
        }
        let target = record.request.target;
        let full = wanted(target).iter().all(|role| slots.contains(*role));
        law(3, full, || {
            format!("{id} was granted with {slots:?} by {persons:?}")
        })?;
        let waited = target != Target::Live || now.millis_since(last) >= DAY_MS;
        law(3, waited, || {
            format!("{id} was granted before its time lock ended")
        })?;
    }
    Ok(())
}

/// I4: nobody in the author set fills the risk or authoriser slot.
fn authors(after: &Small) -> Kept {
    let state = &after.bench.state;
    for record in state.requests.values() {
        let request = &record.request;
        for approval in &record.approvals {
            let person = &approval.mark.person;
            // The proposer of the set that was in force when it was signed.
            let published = state.oversight.history.iter().rev();
            let mut published = published.filter(|set| set.seq < approval.mark.seq);
            let proposed = published
                .next()
                .and_then(|set| set.mark.as_ref())
                .map(|mark| &mark.person)
                == Some(person);
            let author = request.producers.contains(person)
                || record.mark.person == *person
                || state.portfolios[&request.portfolio].owner == *person
                || proposed;
            let watched = matches!(approval.role.as_str(), "risk" | "authoriser");
            law(4, !(author && watched), || {
                format!("{person} filled a {} slot", approval.role)
            })?;
            law(4, record.mark.person != *person, || {
                format!("{person} asked and approved")
            })?;
        }
    }
    Ok(())
}

/// I5: ended requests have no way out. And one request is open per portfolio at most.
fn ends(before: &Small, after: &Small) -> Kept {
    for (id, old) in &before.bench.state.requests {
        if old.status.is_open() {
            continue;
        }
        let same = after.bench.state.requests.get(id) == Some(old);
        law(5, same, || format!("{id} was {} and changed", old.status))?;
    }
    for id in [p(), q()] {
        let open = after
            .bench
            .state
            .history(&id)
            .filter(|r| r.status.is_open());
        law(5, open.count() <= 1, || {
            format!("{id} has two open requests")
        })?;
    }
    Ok(())
}

/// I6: derived state depends only on (events, now). Settling on the way changes nothing, and
/// settling twice neither; where `whole` is asked for, the entries are folded again from the first.
pub fn derived(s: &Small, whole: bool) -> Kept {
    for (first, second) in [(0, 0), (1, 3), (2, 9)] {
        let now = s.bench.now;
        let mut straight = s.bench.state.clone();
        settle(&mut straight, now.plus_days(second));
        let mut on_the_way = s.bench.state.clone();
        settle(&mut on_the_way, now.plus_days(first));
        settle(&mut on_the_way, now.plus_days(second));
        law(6, straight == on_the_way, || {
            format!("settled after {first} days, then {second}")
        })?;
    }
    s.bench.settles_alike();
    if !whole {
        return Ok(());
    }
    let mut again = s.bench.again();
    settle(&mut again, s.bench.now);
    law(6, again == s.bench.state, || {
        "the fold of the entries is another state".to_owned()
    })
}

/// I7, the part that every state shows: what is LIVE was asked for by one person and approved by
/// two others, with as many keys.
fn many_hands(after: &Small) -> Kept {
    let state = &after.bench.state;
    for record in state.requests.values() {
        if record.status != Status::Promoted || record.request.target != Target::Live {
            continue;
        }
        let marks = record
            .approvals
            .iter()
            .map(|a| &a.mark)
            .chain([&record.mark]);
        let persons: BTreeSet<_> = marks.clone().map(|m| &m.person).collect();
        let keys: BTreeSet<_> = marks.map(|m| &m.key).collect();
        law(7, persons.len() >= 3 && keys.len() >= 3, || {
            format!("{} is LIVE by {persons:?}", record.request.request)
        })?;
    }
    Ok(())
}
