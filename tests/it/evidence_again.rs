//! A policy set that comes into force judges every LIVE portfolio again: on which evidence, and by
//! what of the set.

use promote::evidence::facts::Fact;
use promote::governance::policy::set::PolicySet;
use promote::governance::promotion::oversight::recertification_due;
use promote::governance::promotion::safety::certificate::CertificateRecord;
use promote::governance::promotion::state::{Mark, RequestRecord};
use promote::governance::stage::{Stage, Target};
use promote::kernel::id::RequestId;

use crate::footing::{lenient, publishes};
use crate::machine::{Bench, facts, good};
use crate::safety::portfolio;

/// Passes with room.
fn strong() -> Vec<Fact> {
    facts("1.4", "0.10", "0.20")
}

/// The deepest drawdown of the profile, so low that `good` does not pass it and `strong` does.
const SHALLOWER: (&str, &str, &str) = (
    "conservative.toml",
    "floor = 0.20\ntarget = 0.15",
    "floor = 0.16\ntarget = 0.15",
);

/// A set by which logged facts of a request for SHADOW suffice for LIVE.
fn eased(changes: &[(&str, &str, &str)]) -> PolicySet {
    lenient("3", changes)
}

/// The portfolio `p`: granted on these facts, and lifted to LIVE.
fn live(facts: Vec<Fact>) -> Bench {
    let mut bench = Bench::new();
    let id = bench.judged("p", "s1", facts);
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.decide(&id).unwrap();
    bench.place("p", Stage::Live);
    let id = RequestId::new(&id).unwrap();
    let record = bench.state.requests.get_mut(&id).unwrap();
    record.request.target = Target::Live;
    bench
}

fn granted(bench: &Bench) -> &RequestRecord {
    &bench.state.requests[&RequestId::new("p-0001").unwrap()]
}

/// Whether `p` is due again after `set` was published.
fn is_due(bench: &Bench, set: &PolicySet) -> bool {
    let mut state = bench.state.clone();
    let mark = Mark {
        seq: state.size() + 10,
        ..granted(bench).mark.clone()
    };
    publishes(&mut state, set, &mark);
    let due = recertification_due(&state, &portfolio("p"));
    due.is_some_and(|since| *since == mark)
}

#[test]
fn the_grant_of_the_running_version_is_judged_and_not_that_of_one_that_climbs() {
    for (running, climbing, wanted) in [(strong(), good(), false), (good(), strong(), true)] {
        let mut bench = live(running);
        let id = bench.judged("p", "s2", climbing);
        bench.approve(&id, "risk-1", "risk").unwrap();
        bench.decide(&id).unwrap();
        assert_eq!(bench.stage("p"), Stage::Live);
        assert!(!is_due(&bench, &eased(&[])));
        assert_eq!(is_due(&bench, &eased(&[SHALLOWER])), wanted);
    }
}

#[test]
fn what_is_lowered_and_what_stands_below_live_is_not_due() {
    let strict = eased(&[SHALLOWER]);
    for stage in [
        Stage::Research,
        Stage::Shadow,
        Stage::Testnet,
        Stage::Retired,
    ] {
        let mut bench = live(good());
        bench.place("p", stage);
        assert!(!is_due(&bench, &strict), "{stage}");
    }
    let mut bench = live(good());
    assert!(is_due(&bench, &strict));
    let mark = granted(&bench).mark.clone();
    publishes(&mut bench.state, &strict, &mark);
    assert!(recertification_due(&bench.state, &portfolio("p")).is_some());
    bench
        .demotes("p", Stage::Testnet, "risk-1", "risk")
        .unwrap();
    assert!(recertification_due(&bench.state, &portfolio("p")).is_none());
}

#[test]
fn the_last_certificate_after_the_grant_is_judged_and_none_before_it() {
    let strict = eased(&[SHALLOWER]);
    for (granted_on, shown, after, wanted) in [
        (strong(), good(), false, false),
        (strong(), good(), true, true),
        (good(), strong(), false, true),
        (good(), strong(), true, false),
    ] {
        let mut bench = live(granted_on);
        let mut act = bench.certificate("p", shown);
        act.stage = Stage::Live;
        let end = granted(&bench).end.clone().unwrap();
        let decided = end.by.unwrap();
        let seq = if after {
            decided.seq + 1
        } else {
            decided.seq - 1
        };
        let mark = Mark { seq, ..decided };
        let certificates = &mut bench.state.safety.certificates;
        certificates.push(CertificateRecord { mark, act });
        assert!(!is_due(&bench, &eased(&[])));
        assert_eq!(is_due(&bench, &strict), wanted, "after {after}");
    }
}

#[test]
fn another_computation_and_a_red_line_are_failures_whatever_the_verdict() {
    let rule = |value: &str| {
        format!(
            "version = \"1\"\n\n[[deny]]\nid = \"shorter\"\ntargets = [\"live\"]\nwhen = {{ metric = \"history_days\", sample = \"full\", op = \"lt\", value = {value} }}\nmessage = \"x\"\nremedy = \"y\"\n"
        )
    };
    let (hit, missed) = (rule("901"), rule("900"));
    for (change, wanted) in [
        (None, false),
        (
            Some(("conservative.toml", "fee_min = 0.0010", "fee_min = 0.0020")),
            true,
        ),
        // What another profile is computed by is nothing to this one.
        (
            Some(("moderate.toml", "version = \"1\"", "version = \"2\"")),
            false,
        ),
        (Some(("deny.toml", "version = \"1\"\n", hit.as_str())), true),
        (
            Some(("deny.toml", "version = \"1\"\n", missed.as_str())),
            false,
        ),
    ] {
        let changes: Vec<_> = change.into_iter().collect();
        let set = eased(&changes);
        assert_eq!(is_due(&live(strong()), &set), wanted, "{change:?}");
        // So is what a certificate showed.
        let mut bench = live(strong());
        let mut act = bench.certificate("p", strong());
        act.stage = Stage::Live;
        let mark = Mark {
            seq: bench.state.size(),
            ..granted(&bench).mark.clone()
        };
        let certificates = &mut bench.state.safety.certificates;
        certificates.push(CertificateRecord { mark, act });
        assert_eq!(is_due(&bench, &set), wanted, "{change:?}");
    }
}
