//! What time alone does and what it does not: each due moment from both sides, who vouches for time,
//! and what a request gave way to.

use promote::governance::policy::roles::Role;
use promote::governance::policy::set::embedded_files;
use promote::governance::promotion::decide::Command;
use promote::governance::promotion::ending::{Ending, ending, halted_by};
use promote::governance::promotion::expiry::{Waiting, is_settled, settle};
use promote::governance::promotion::safety::clock_off::{
    ClockAcknowledgement, ClockRemark, is_acknowledgement,
};
use promote::governance::promotion::safety::halt::{Cause, HaltRecord, HaltScope};
use promote::governance::promotion::safety::{Derived, SafetyAct, Standing};
use promote::governance::promotion::state::{Approved, End, Mark, State, Status};
use promote::governance::stage::{Stage, Target};
use promote::kernel::id::RequestId;
use promote::kernel::time::{HOUR_MS, UtcTime};

use crate::crafted::{asked, bare, digest, mark, portfolio, registers};
use crate::machine::Bench;
use crate::safety::{BOTH, act, halt, scope};

/// A portfolio with a request at this status, asked for now.
fn waiting(status: Status) -> (Bench, RequestId) {
    let mut bench = bare();
    registers(&mut bench, "p", Stage::Research, "s1");
    let id = asked(&mut bench, ("p", "s1"), (Target::Shadow, status), 3);
    bench.state.waiting = Waiting::anything(&bench.state);
    (bench, id)
}

#[test]
fn an_open_request_expires_after_its_days_and_says_when() {
    let (mut bench, id) = waiting(Status::Submitted);
    let ends = bench.now.plus_days(30);
    settle(&mut bench.state, ends.plus_millis(-1));
    let record = &bench.state.requests[&id];
    assert_eq!((record.status, &record.end), (Status::Submitted, &None));
    settle(&mut bench.state, ends.plus_days(1));
    let record = &bench.state.requests[&id];
    let end = End {
        time: ends,
        by: None,
    };
    assert_eq!((record.status, &record.end), (Status::Expired, &Some(end)));
}

#[test]
fn nothing_is_due_from_a_settling_to_the_next_moment_that_something_is() {
    let (mut bench, _) = waiting(Status::Submitted);
    let now = bench.now;
    assert!(!is_settled(&bench.state, now));
    settle(&mut bench.state, now);
    let at = [-1, 0, 30 * 24 * HOUR_MS - 1, 30 * 24 * HOUR_MS];
    let settled = at.map(|ms| is_settled(&bench.state, now.plus_millis(ms)));
    assert_eq!(settled, [false, true, true, false]);
}

#[test]
fn a_slot_opens_when_its_approval_stops_counting_and_ends_nothing() {
    let (mut bench, id) = waiting(Status::AwaitingApproval);
    let until = bench.now.plus_millis(10 * HOUR_MS);
    let approval = Approved {
        mark: mark(4, "risk-1", bench.now),
        role: Role::Risk,
        valid_until: until,
    };
    let record = bench.state.requests.get_mut(&id).unwrap();
    record.approvals.push(approval);
    let mut at = |time: UtcTime| {
        settle(&mut bench.state, time);
        assert!(is_settled(&bench.state, time), "{time}");
        let record = &bench.state.requests[&id];
        assert_eq!(record.end, None);
        record.status
    };
    let (open, filled) = (Status::AwaitingApproval, Status::Approved);
    assert_eq!(at(until.plus_millis(-10 * HOUR_MS)), filled);
    assert_eq!(at(until.plus_millis(-1)), filled);
    assert_eq!(at(until), open);
}

#[test]
fn a_stage_without_a_certificate_falls_at_its_moment() {
    let mut bench = bare();
    registers(&mut bench, "p", Stage::Shadow, "s1");
    let on = Standing::on(&mark(3, "risk-1", bench.now));
    bench.state.safety.standing.insert(portfolio("p"), on);
    let falls = bench.now.plus_days(97);
    let stage = |state: &State| state.portfolios[&portfolio("p")].stage;
    settle(&mut bench.state, falls.plus_millis(-1));
    assert_eq!(stage(&bench.state), Stage::Shadow);
    settle(&mut bench.state, falls);
    assert_eq!(stage(&bench.state), Stage::Research);
}

/// A real ledger: nobody chooses its time.
fn real() -> Bench {
    Bench::founded(|genesis| genesis.sandbox = false, embedded_files())
}

#[test]
fn persons_vouch_for_time_and_neither_the_engine_nor_a_halt_does() {
    let mut bench = real();
    bench.days(1);
    bench.enrol("ops-1", Role::Ops);
    let vouched = Some(bench.now);
    assert_eq!(bench.state.safety.vouched, vouched);
    bench.days(1);
    let remark = ClockRemark {
        entry: bench.entries[1].leaf_hash,
        clock: bench.now,
    };
    bench.engine(Command::ClockRemark(remark)).unwrap();
    assert_eq!(bench.state.safety.vouched, vouched);
    bench.days(1);
    bench.halts(scope("p"), "ops-1", "ops").unwrap();
    assert_eq!(bench.state.safety.vouched, vouched);
    bench.enrol("risk-1", Role::Risk);
    assert_eq!(bench.state.safety.vouched, Some(bench.now));
}

#[test]
fn an_acknowledgement_carries_its_own_time_into_the_ledger() {
    let mut bench = real();
    bench.enrol("risk-1", Role::Risk);
    bench.enrol("ops-1", Role::Ops);
    let last = bench.state.last_time();
    bench.days(8);
    let mut other = bench.clone();
    other.halts(scope("p"), "ops-1", "ops").unwrap();
    assert_eq!(other.state.last_time(), last.plus_millis(1));
    let clock = bench.now;
    bench.acknowledges(clock, BOTH).unwrap();
    assert_eq!(bench.state.last_time(), clock);
    let word = act(SafetyAct::ClockAcknowledgement(ClockAcknowledgement {
        clock,
        last,
        reason: "the host was off".into(),
    }));
    assert!(is_acknowledgement(&word) && !is_acknowledgement(&halt(scope("p"), false)));
}

/// A request that became INVALIDATED now, by `by` or by time alone.
fn invalidated(by: Option<Mark>) -> (Bench, RequestId) {
    let (mut bench, id) = waiting(Status::Invalidated);
    let time = bench.now;
    bench.state.requests.get_mut(&id).unwrap().end = Some(End { time, by });
    (bench, id)
}

fn halted(scope: HaltScope, seq: u64, time: UtcTime) -> HaltRecord {
    HaltRecord {
        seq,
        leaf: digest("halt"),
        scope,
        cause: Cause::Person,
        reason: None,
        time,
        by: None,
        resumed: None,
    }
}

#[test]
fn the_halt_that_ended_a_request_covers_it_at_that_moment_and_is_that_entry() {
    let (mut by_time, id) = invalidated(None);
    let now = by_time.now;
    let (mut by_entry, _) = invalidated(Some(mark(7, "ops-1", now)));
    let mut found = |scope: HaltScope, seq: u64, ms: i64| {
        let record = halted(scope, seq, now.plus_millis(ms));
        [&mut by_time, &mut by_entry].map(|bench| {
            bench.state.safety.halts = vec![record.clone()];
            halted_by(&bench.state, &bench.state.requests[&id]).is_some()
        })
    };
    assert_eq!(found(scope("p"), 7, 0), [true, true]);
    assert_eq!(found(HaltScope::Global, 7, 0), [true, true]);
    assert_eq!(found(scope("q"), 7, 0), [false, false]);
    assert_eq!(found(scope("p"), 7, 1), [false, false]);
    assert_eq!(found(scope("p"), 7, -1), [false, false]);
    // Another entry of the same moment is not the one that ended it.
    assert_eq!(found(scope("p"), 8, 0), [true, false]);
}

#[test]
fn a_fall_ended_a_request_that_was_its_own_at_that_moment() {
    let (bench, id) = invalidated(None);
    let told = |name: &str, ms: i64, cause: Cause| {
        let mut state = bench.state.clone();
        state.safety.derived.push(Derived {
            time: bench.now.plus_millis(ms),
            portfolio: portfolio(name),
            cause,
            from: Stage::Testnet,
            to: Stage::Shadow,
        });
        ending(&state, &state.requests[&id])
    };
    let missed = Cause::MissedReview;
    assert_eq!(told("p", 0, missed), Some(Ending::ReviewMissed));
    let overdue = told("p", 0, Cause::Certificate);
    assert_eq!(overdue, Some(Ending::CertificateOverdue));
    for (name, ms) in [("q", 0), ("p", 1), ("p", -1)] {
        let other = told(name, ms, missed);
        assert_eq!(other, Some(Ending::ClimbedTooLong), "{name} {ms}");
    }
}
