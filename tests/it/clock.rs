//! Time in the ledger: which acts raise risk, and that nobody but persons makes time pass.

use promote::governance::policy::roles::Role;
use promote::governance::policy::set::embedded_files;
use promote::governance::promotion::access::acts::KeyRotation;
use promote::governance::promotion::decide::Command;
use promote::governance::promotion::expiry::settle;
use promote::governance::promotion::refusal::Refusal;
use promote::governance::promotion::risk::{self, Risk};
use promote::governance::promotion::safety::SafetyAct;
use promote::governance::promotion::safety::clock_off::{ClockRemark, limits};
use promote::governance::promotion::safety::incident::Severity;
use promote::governance::promotion::statement::{Act, Enrolment, Signer};
use promote::governance::promotion::tracks::TrackAct;
use promote::governance::promotion::tracks::dataset::Dataset;
use promote::governance::promotion::tracks::trial::{TrialKind, TrialStart};
use promote::governance::stage::Stage;
use promote::kernel::digest::Digest;
use promote::kernel::id::PersonId;
use promote::kernel::time::UtcTime;

use crate::machine::{Bench, good, key, promoted, public, sign, slug};
use crate::safety::{BOTH, RISK, act, halt, portfolio, scope};

/// A promoted portfolio in a ledger that is no sandbox any more.
fn real() -> (Bench, String) {
    let (mut bench, id) = promoted();
    bench.state.genesis.sandbox = false;
    (bench, id)
}

/// More than a week later.
fn far(bench: &Bench) -> Bench {
    let mut far = bench.clone();
    far.now = far.now.plus_days(7).plus_millis(1);
    far
}

fn ahead(outcome: Result<(), Refusal>, what: &str) {
    assert_eq!(slug(outcome), "clock-ahead", "{what}");
}

#[test]
fn whatever_raises_risk_waits_for_a_clock_that_is_in_order() {
    let (mut bench, _) = real();
    bench.enrol("risk-4", Role::Risk);
    // A request, an approval and a decision: see `safety`. Here is everything else.
    let mut at = far(&bench);
    let person = Act::Enrolment(Enrolment {
        person: PersonId::new("eve").unwrap(),
        role: Role::Risk,
        public_key: public(&key("eve")),
        verified_by: "passport".into(),
        until: None,
    });
    let statement = at.statement(person, "root", "root", &key("root-1"));
    let keys = [&key("root-1"), &key("root-2"), &key("eve")];
    ahead(at.submit(sign(&statement, &keys)), "enrolment");

    let rotation = Act::KeyRotation(KeyRotation {
        person: PersonId::new("risk-2").unwrap(),
        old: public(&key("risk-2")).fingerprint(),
        new: public(&key("new")),
    });
    let mut statement = at.statement(rotation, "risk-2", "risk", &key("risk-2"));
    statement.cosigners.push(Signer {
        key: public(&key("new")).fingerprint(),
        ..statement.signer.clone()
    });
    let keys = [&key("risk-2"), &key("new")];
    ahead(at.submit(sign(&statement, &keys)), "rotation");

    let certificate = at.certificate("p", good());
    ahead(at.certifies(certificate, RISK), "certificate");
    let data = TrackAct::Dataset(Dataset {
        sha256: Digest::of(b"bars"),
        symbol: "BTC/EUR".into(),
        timeframe: "1h".into(),
        first: at.now.plus_days(-9),
        last: at.now.plus_days(-1),
        rows: 9,
        synthetic: false,
        source: "exchange".into(),
        retrieved_at: at.now,
    });
    let signed = at.signed(Act::Track(Box::new(data)), "ops-1", "ops");
    ahead(at.submit(signed), "dataset");

    let mut halted = bench.clone();
    halted.halts(scope("p"), "ops-1", "ops").unwrap();
    let mut late = far(&halted);
    // After so long it wants a certificate first; within five days nothing but the clock is amiss.
    assert_eq!(slug(late.resumes(BOTH)), "recertification-wanted");
    late.state.genesis.sandbox = true;
    let act = late.certificate("p", good());
    late.certifies(act, RISK).unwrap();
    late.state.genesis.sandbox = false;
    late.state.safety.vouched = Some(late.now.plus_days(-8));
    late.now = late.now.plus_millis(2000);
    ahead(late.resumes(BOTH), "resume");

    bench.incident("p", Severity::Low).unwrap();
    ahead(far(&bench).closes("risk-1", "risk"), "closing");
}

#[test]
fn every_act_stands_in_the_table_of_risk() {
    let (mut bench, _) = promoted();
    let mut seen = Vec::new();
    bench.halts(scope("p"), "ops-1", "ops").unwrap();
    bench.resumes(BOTH).unwrap();
    bench.incident("p", Severity::Low).unwrap();
    bench.closes("risk-1", "risk").unwrap();
    let act = bench.certificate("p", good());
    bench.certifies(act, RISK).unwrap();
    bench.demotes("p", Stage::Research, "ops-1", "ops").unwrap();
    for entry in &bench.entries[1..] {
        let signed = promote::governance::promotion::event::read(entry).unwrap();
        let act = &signed.statement.act;
        let line = (act.kind(), risk::of(act));
        if !seen.contains(&line) {
            seen.push(line);
        }
    }
    assert_eq!(
        seen,
        [
            ("enrolment", Risk::Raises),
            ("request", Risk::Raises),
            ("evaluation", Risk::Neutral),
            ("approval", Risk::Raises),
            ("decision", Risk::Raises),
            ("halt", Risk::Lowers),
            ("resume", Risk::Raises),
            ("incident-opening", Risk::Lowers),
            ("incident-closing", Risk::Raises),
            ("recertification", Risk::Raises),
            ("demotion", Risk::Lowers),
        ]
    );
    assert_eq!(risk::of(&halt(scope("p"), true)), Risk::Neutral);
    let remark = SafetyAct::ClockRemark(ClockRemark {
        entry: Digest::of(b"x"),
        clock: UtcTime::EPOCH,
    });
    assert_eq!(risk::of(&crate::safety::act(remark)), Risk::Neutral);
}

fn remark(bench: &mut Bench) -> Result<(), Refusal> {
    let entry = bench.entries.last().unwrap().leaf_hash;
    let clock = bench.now;
    bench.engine(Command::ClockRemark(ClockRemark { entry, clock }))
}

#[test]
fn entries_of_the_engine_carry_no_time_however_many_there_are() {
    let (mut bench, _) = real();
    let vouched = bench.now;
    bench.now = vouched.plus_days(6);
    remark(&mut bench).unwrap();
    assert_eq!(bench.state.last_time(), vouched.plus_days(6));
    // A second one that goes on from the first has gone too far.
    bench.now = vouched.plus_days(8);
    ahead(remark(&mut bench), "the second remark");
    // Behind `decide`, by whoever holds the keys of log and engine: a finding, and no time.
    let entry = bench.entries.last().unwrap().leaf_hash;
    let act = act(SafetyAct::ClockRemark(ClockRemark {
        entry,
        clock: bench.now,
    }));
    let forced = bench.signed(act, "engine", "engine");
    let mut pushed = bench.clone();
    assert!(!pushed.append(&forced));
    assert_eq!(pushed.state.findings.last().unwrap().code, "clock-ahead");
    let after = vouched.plus_days(6).plus_millis(1);
    assert_eq!(pushed.state.last_time(), after);
    // Not even a certificate falls due by it.
    let mut far = bench.clone();
    far.now = vouched.plus_days(300);
    assert!(!far.append(&forced));
    assert_eq!(far.stage("p"), Stage::Shadow);
    assert_eq!(far.state.last_time(), after);
    // A person who signs in time vouches for the time; so do risk and ops who acknowledge.
    let trial = TrackAct::TrialStart(TrialStart {
        record_sha256: Digest::of(b"trial"),
        portfolio: portfolio("p"),
        what: TrialKind::Sweep,
        runs: 10,
        strategy_sha256: None,
    });
    bench.now = vouched.plus_days(7);
    let signed = bench.signed(Act::Track(Box::new(trial)), "research-1", "research");
    bench.submit(signed).unwrap();
    assert_eq!(bench.state.safety.vouched, Some(vouched.plus_days(7)));
    bench.now = vouched.plus_days(13);
    remark(&mut bench).unwrap();
}

#[test]
fn a_halt_counts_whatever_its_time_and_makes_none_pass() {
    let (mut bench, _) = real();
    let last = bench.state.last_time();
    bench.now = last.plus_days(400);
    bench.halts(scope("p"), "ops-1", "ops").unwrap();
    let halted = &bench.state.safety.halts[0];
    assert_eq!(halted.time, last.plus_millis(1));
    assert_eq!(bench.state.last_time(), last.plus_millis(1));
    assert_eq!(bench.stage("p"), Stage::Shadow, "no certificate fell due");
    assert_eq!(limits(&bench.state).ahead_ms, 7 * 86_400_000 - 1);
    // The ledger goes on at the time that it is.
    bench.now = last.plus_millis(60_000);
    bench.demotes("p", Stage::Research, "ops-1", "ops").unwrap();
    assert_eq!(bench.state.findings, []);
    // A drill is for the record only, and can wait.
    bench.now = last.plus_days(400);
    let drill = bench.signed(halt(scope("p"), true), "ops-1", "ops");
    ahead(bench.submit(drill), "drill");
}

#[test]
fn garbage_makes_no_time_pass() {
    let mut bench = Bench::with(|genesis| genesis.sandbox = false, embedded_files());
    let id = bench.judged("p", "s1", good());
    let last = bench.state.last_time();
    let unsigned = {
        let act = Act::Approval(Box::new(bench.approval(&id)));
        let mut statement = bench.statement(act, "risk-1", "risk", &key("risk-1"));
        statement.expires_at = last.plus_days(1000);
        sign(&statement, &[&key("eve")])
    };
    bench.now = last.plus_days(40);
    assert!(!bench.append(&unsigned));
    assert_eq!(bench.state.last_time(), last.plus_millis(1));
    let mut later = bench.state.clone();
    settle(&mut later, bench.state.last_time());
    let status = later.requests.values().next().unwrap().status;
    assert!(status.is_open(), "the request did not expire");
    assert!(later.portfolios.contains_key(&portfolio("p")));
}
