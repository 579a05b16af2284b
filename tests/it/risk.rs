//! The one table of what raises risk, asked of every act beside its own guard; and how far time may
//! pass before a person vouches for it.

use promote::governance::policy::roles::Role;
use promote::governance::policy::set::embedded_files;
use promote::governance::promotion::access::acts::{Place, Void};
use promote::governance::promotion::decide::Command;
use promote::governance::promotion::risk::{Risk, check, of};
use promote::governance::promotion::safety::clock_off::{ClockRemark, limits};
use promote::governance::promotion::statement::{Act, Enrolment, Withdrawal};
use promote::governance::promotion::tracks::TrackAct;
use promote::governance::promotion::tracks::trial::TrialEnd;
use promote::kernel::digest::Digest;
use promote::kernel::id::{PersonId, RequestId};
use promote::kernel::time::HOUR_MS;

use crate::machine::{Bench, key, public};
use crate::safety::{halt, scope};

/// A ledger with one entry without effect.
fn spoilt() -> Bench {
    let mut bench = Bench::founded(|_| {}, embedded_files());
    bench.brief = true;
    let forged = bench.signed(halt(scope("p"), false), "nobody", "ops");
    assert!(!bench.append(&forged));
    bench
}

fn enrolment() -> Act {
    Act::Enrolment(Enrolment {
        person: PersonId::new("eve").unwrap(),
        role: Role::Risk,
        public_key: public(&key("eve")),
        verified_by: "passport".into(),
        until: None,
    })
}

fn trial_end() -> Act {
    Act::Track(Box::new(TrackAct::TrialEnd(TrialEnd {
        record_sha256: Digest::of(b"trial"),
        finished: 1,
        failed: 0,
    })))
}

fn withdrawal() -> Act {
    Act::Withdrawal(Withdrawal {
        request: RequestId::new("p-0001").unwrap(),
        request_leaf: Digest::of(b"request"),
    })
}

#[test]
fn entries_without_effect_stop_what_raises_risk_and_nothing_else() {
    let bench = spoilt();
    let found = bench.state.findings[0].clone();
    let void = Act::Void(Void {
        entries: vec![Place {
            seq: found.seq,
            leaf: found.leaf,
        }],
        reason: "written with a stolen log key".into(),
    });
    let says = |bench: &Bench, act: &Act| {
        let checked = check(&bench.state, act, &bench.moment());
        checked.map_or_else(|refusal| refusal.slug(), |()| "ok")
    };
    // Setting them aside raises risk too, and is the way out.
    for (act, risk, wanted) in [
        (enrolment(), Risk::Raises, "ledger-findings"),
        (void, Risk::Raises, "ok"),
        (trial_end(), Risk::Neutral, "ok"),
        (halt(scope("p"), true), Risk::Neutral, "ok"),
        (halt(scope("p"), false), Risk::Lowers, "ok"),
        (withdrawal(), Risk::Lowers, "ok"),
    ] {
        assert_eq!(of(&act), risk, "{}", act.kind());
        assert_eq!(says(&bench, &act), wanted, "{}", act.kind());
    }
    let clean = Bench::founded(|_| {}, embedded_files());
    assert_eq!(says(&clean, &enrolment()), "ok");
}

#[test]
fn a_time_that_nobody_vouches_for_stops_what_is_neutral_too() {
    let mut bench = Bench::founded(|genesis| genesis.sandbox = false, embedded_files());
    let allowed = limits(&bench.state).ahead_ms;
    let last = bench.state.last_time();
    for (ahead, wanted) in [(allowed, true), (allowed + 1, false)] {
        bench.now = last.plus_millis(ahead);
        let stands = |act: &Act| check(&bench.state, act, &bench.moment()).is_ok();
        assert_eq!(stands(&enrolment()), wanted, "{ahead}");
        assert_eq!(stands(&trial_end()), wanted, "{ahead}");
        assert!(stands(&halt(scope("p"), false)), "{ahead}");
    }
}

#[test]
fn the_genesis_entry_vouches_for_its_time_and_the_engine_for_none() {
    let mut bench = Bench::founded(|genesis| genesis.sandbox = false, embedded_files());
    bench.brief = true;
    let began = bench.state.last_time();
    let allowed = limits(&bench.state).ahead_ms;
    assert_eq!(bench.state.safety.vouched, Some(began));
    bench.now = began.plus_millis(HOUR_MS);
    let remark = ClockRemark {
        entry: bench.entries[0].leaf_hash,
        clock: bench.now,
    };
    bench.engine(Command::ClockRemark(remark)).unwrap();
    // Time went on by an hour and nobody has said so: an hour less is left.
    assert_eq!(bench.state.last_time(), bench.now);
    assert_eq!(limits(&bench.state).ahead_ms, allowed - HOUR_MS);
}
