//! The guard of what a request or a certificate shows: seals, out of sample, trials, and what it
//! rests on that nobody could run again.

use promote::evidence::manifest::{EvidenceKind, OosKind, Trials};
use promote::governance::promotion::refusal::Refusal;
use promote::governance::promotion::state::Status;
use promote::governance::promotion::statement::{EvidenceRef, OosRange, Request};
use promote::governance::promotion::tracks::TrackAct;
use promote::governance::promotion::tracks::assurance::{is_marked, is_reduced, rests_on_less};
use promote::governance::promotion::tracks::shown::{Shown, check_grounds, check_list};
use promote::governance::promotion::tracks::trial::{TrialKind, TrialStart};
use promote::governance::stage::{Stage, Target};
use promote::kernel::digest::Digest;
use promote::kernel::id::RequestId;
use promote::kernel::time::UtcTime;

use crate::machine::{Bench, promoted, sealed, slug};
use crate::tracks::p;

/// A request for `target` with the session bundle that it wants.
fn above_shadow(bench: &Bench, target: Target) -> Request {
    let mut request = bench.request("p", "s1");
    request.target = target;
    request.evidence.push(EvidenceRef {
        kind: match target {
            Target::Live => EvidenceKind::Testnet,
            _ => EvidenceKind::Shadow,
        },
        evidence_sha256: Digest::of(b"sessions"),
        result_sha256: Digest::of(b"result of sessions"),
    });
    request.grounds = sealed(&["s1", "sessions"], "research-2");
    request
}

fn why(result: Result<(), Refusal>) -> String {
    result.expect_err("a refusal was wanted").to_string()
}

#[test]
fn seals_are_sorted_by_bundle_and_there_is_one_of_each() {
    let bench = Bench::new();
    let list = |change: fn(&mut Request)| {
        let mut request = above_shadow(&bench, Target::Testnet);
        change(&mut request);
        check_list(&bench.state, &Shown::by(&request, 0))
    };
    list(|_| {}).unwrap();
    // A sandbox takes a bundle without a seal, but not two seals of one.
    list(|request| drop(request.grounds.seals.pop())).unwrap();
    let rule = "seals are sorted by bundle, one each";
    let turned = list(|request| request.grounds.seals.reverse());
    assert_eq!(why(turned), rule);
    let twice = list(|request| {
        let first = request.grounds.seals[0].clone();
        request.grounds.seals.insert(0, first);
    });
    assert_eq!(why(twice), rule);
}

#[test]
fn a_claimed_out_of_sample_is_later_than_the_first_naming_of_the_strategy() {
    let mut bench = Bench::new();
    // Others were named before and after; this one once more a day later.
    for (portfolio, strategy) in [("a", "s0"), ("b", "s1"), ("c", "s1"), ("d", "s2")] {
        let request = bench.request(portfolio, strategy);
        bench.ask(request).unwrap();
        bench.days(1);
    }
    let first = RequestId::new("b-0001").unwrap();
    let named = bench.state.requests[&first].mark.time;
    let begins = |kind: OosKind, first: Option<UtcTime>| {
        let mut request = above_shadow(&bench, Target::Testnet);
        request.grounds.oos_kind = Some(kind);
        let last = bench.now;
        request.oos = first.map(|first| OosRange { first, last });
        check_grounds(&bench.state, &Shown::by(&request, 0))
    };
    for kind in [OosKind::DevelopedUntil, OosKind::Declared] {
        for early in [named, named.plus_millis(-1)] {
            let refused = begins(kind, Some(early));
            assert_eq!(
                refused,
                Err(Refusal::OosNotLater {
                    first: early,
                    named
                })
            );
        }
        begins(kind, Some(named.plus_millis(1))).unwrap();
        begins(kind, None).unwrap();
    }
    // What the bundle itself shows may be older.
    for kind in [OosKind::WalkForward, OosKind::FixedParameters] {
        begins(kind, Some(named.plus_days(-300))).unwrap();
    }
}

#[test]
fn records_of_trials_are_sorted_named_once_and_cover_what_is_stated() {
    let mut bench = Bench::new();
    let mut records = [Digest::of(b"grid"), Digest::of(b"walk")];
    records.sort();
    for record_sha256 in records {
        let start = TrackAct::TrialStart(TrialStart {
            record_sha256,
            portfolio: p(),
            what: TrialKind::Batch,
            runs: 3,
            strategy_sha256: None,
        });
        bench.leaves(start, ("research-1", "research")).unwrap();
    }
    let [a, b] = records;
    let states = |count: i64, records: &[Digest]| {
        let mut request = above_shadow(&bench, Target::Live);
        request.grounds.trials = Some(Trials {
            count,
            records: records.to_vec(),
            unregistered: false,
        });
        check_grounds(&bench.state, &Shown::by(&request, 0))
    };
    states(6, &[a, b]).unwrap();
    states(3, &[b]).unwrap();
    states(0, &[]).unwrap();
    let order = "records are sorted and named once";
    for list in [[b, a], [a, a]] {
        assert!(why(states(6, &list)).contains(order));
    }
    let more = why(states(7, &[a, b]));
    assert!(more.contains("7 are stated, 6 are in entries"), "{more}");
    let unknown = why(states(1, &[Digest::of(b"no entry")]));
    assert!(unknown.contains("is in no entry"), "{unknown}");
    // Below LIVE nobody asks for them.
    let below = above_shadow(&bench, Target::Testnet);
    check_grounds(&bench.state, &Shown::by(&below, 0)).unwrap();
    let silent = above_shadow(&bench, Target::Live);
    let refused = check_grounds(&bench.state, &Shown::by(&silent, 0));
    assert_eq!(slug(refused), "unregistered");
}

/// What is said of the portfolio `p` that stands at `stage` on a bundle of `kind`: by its request,
/// by the portfolio, and in every export.
fn rests(
    (target, stage): (Target, Stage),
    kind: EvidenceKind,
    change: fn(&mut Bench),
) -> (bool, bool, bool) {
    let (mut bench, id) = promoted();
    let id = RequestId::new(&id).unwrap();
    let record = bench.state.requests.get_mut(&id).unwrap();
    record.request.target = target;
    record.request.evidence[0].kind = kind;
    bench.place("p", stage);
    change(&mut bench);
    let state = &bench.state;
    (
        is_reduced(state, &state.requests[&id].request),
        rests_on_less(state, &p()),
        is_marked(state),
    )
}

#[test]
fn what_rests_on_something_that_nobody_can_run_again_is_marked() {
    const SHADOW: (Target, Stage) = (Target::Shadow, Stage::Shadow);
    const TESTNET: (Target, Stage) = (Target::Testnet, Stage::Testnet);
    const LIVE: (Target, Stage) = (Target::Live, Stage::Live);
    let real: fn(&mut Bench) = |bench| bench.state.genesis.sandbox = false;
    let sandbox: fn(&mut Bench) = |_| {};
    let (full, less) = ((false, false, false), (true, true, true));
    for (at, kind, ledger, wanted) in [
        (SHADOW, EvidenceKind::Robustness, sandbox, full),
        (SHADOW, EvidenceKind::Import, sandbox, full),
        (TESTNET, EvidenceKind::Robustness, sandbox, full),
        (TESTNET, EvidenceKind::Import, sandbox, less),
        (LIVE, EvidenceKind::Import, sandbox, less),
        (TESTNET, EvidenceKind::Shadow, real, full),
        (LIVE, EvidenceKind::Testnet, sandbox, full),
        (LIVE, EvidenceKind::Testnet, real, less),
    ] {
        assert_eq!(rests(at, kind, ledger), wanted, "{at:?} {kind:?}");
    }
    // What was asked for and not granted is told of the request alone.
    let asked = rests(TESTNET, EvidenceKind::Import, |bench| {
        let record = bench.state.requests.values_mut().next().unwrap();
        record.status = Status::Withdrawn;
    });
    assert_eq!(asked, (true, false, false));
}
