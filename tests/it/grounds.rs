//! Session bundles are held to what their sessions committed; what a request's evidence rests on is
//! compared part by part.

use promote::evidence::bundle::CheckedBundle;
use promote::evidence::conventions::GateConventions;
use promote::evidence::events::{Event, Severity};
use promote::evidence::manifest::{OosKind, Trials};
use promote::evidence::running_log::{Reached, log_digests};
use promote::evidence::session_bundle::{self, SessionPart};
use promote::governance::promotion::statement::Request;
use promote::governance::promotion::tracks::grounds::{
    Commits, Grounds, Held, HeldCommit, NotHeld, commits_of, hold,
};
use promote::kernel::digest::Digest;
use promote::kernel::id::SessionId;

use crate::figures::{frame, gate, later, opened, session as part_of};
use crate::machine::{Bench, sealed, seals};
use crate::tracks::{OPS, commit, p, running, session};

/// The first session: 60 bars, an event.
fn first() -> SessionPart {
    let mut part = part_of("p-s0001", 0, 60, 1.0, 1000.0);
    part.events.push(Event {
        time: part.series.times[7],
        code: "restart".into(),
        severity: Severity::Warning,
    });
    part
}

/// The second one, after a pause.
fn second() -> SessionPart {
    part_of("p-s0002", 100, 48, 1.0, 1000.0)
}

/// The bundle of both.
fn bundle() -> CheckedBundle {
    let gate = GateConventions {
        mc_runs: 10,
        ..gate()
    };
    let built = session_bundle::build(&frame(), &[first(), second()], &gate, later());
    opened(&built.unwrap().files)
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap()
}

/// The commits that a session left on its way, with honest digests.
fn left(part: &SessionPart, reached: &[Reached]) -> (SessionId, Vec<HeldCommit>) {
    let digests = log_digests(part, reached).unwrap();
    let times = &part.series.times;
    let commits = reached
        .iter()
        .zip(digests)
        .map(|(to, log_sha256)| HeldCommit {
            log_sha256,
            bars: count(to.bars),
            first_bar: times[0],
            last_bar: times[to.bars - 1],
            orders: count(to.orders),
            events: count(to.events),
        });
    (SessionId::new(&part.id).unwrap(), commits.collect())
}

fn half() -> Reached {
    Reached {
        bars: 30,
        orders: 4,
        events: 1,
    }
}

/// What both sessions committed, half way and at their end.
fn commits() -> Commits {
    let of = |part: SessionPart, events| {
        let half = Reached { events, ..half() };
        left(&part, &[half, Reached::of(&part)])
    };
    vec![of(first(), 1), of(second(), 0)]
}

/// What is said of the bundle when the commits of the first session are others.
fn held(change: impl FnOnce(&mut Vec<HeldCommit>)) -> Result<(), NotHeld> {
    let mut commits = commits();
    change(&mut commits[0].1);
    hold(&bundle(), &commits)
}

fn log_of(number: u32) -> Result<(), NotHeld> {
    Err(NotHeld::Log {
        session: session(number),
    })
}

fn bars_of(committed: i64) -> Result<(), NotHeld> {
    Err(NotHeld::Bars {
        session: session(1),
        committed,
        found: 60,
    })
}

#[test]
fn a_bundle_is_held_by_the_commits_of_its_sessions() {
    assert_eq!(held(|_| {}), Ok(()));
    // Without any, and without those of one, it is held by nobody.
    let none: [Commits; 3] = [Vec::new(), commits(), commits()];
    for (number, mut commits) in none.into_iter().enumerate() {
        if let Some((_, list)) = number.checked_sub(1).map(|at| &mut commits[at]) {
            list.clear();
        }
        assert_eq!(hold(&bundle(), &commits), Err(NotHeld::NoSession));
    }
}

#[test]
fn its_bars_are_those_of_the_last_commit() {
    assert_eq!(held(|c| c[1].bars = 59), bars_of(59));
    assert_eq!(held(|c| c[1].bars = 61), bars_of(61));
    // As many of them, but not from the first one to the last.
    let later = |c: &mut Vec<HeldCommit>| {
        for commit in c {
            commit.first_bar = commit.first_bar.plus_millis(1);
        }
    };
    assert_eq!(held(later), bars_of(60));
    let shifted = |c: &mut Vec<HeldCommit>| c[1].last_bar = c[1].last_bar.plus_millis(1);
    assert_eq!(held(shifted), bars_of(60));
}

#[test]
fn its_rows_give_the_digest_of_every_commit() {
    assert_eq!(
        held(|c| c[0].log_sha256 = Digest::of(b"another log")),
        log_of(1)
    );
    assert_eq!(
        held(|c| c[1].log_sha256 = Digest::of(b"another log")),
        log_of(1)
    );
    // A return that was changed after it was committed, in the second session.
    let mut bundle = bundle();
    bundle.full.returns[70] += 0.001;
    assert_eq!(hold(&bundle, &commits()), log_of(2));
}

#[test]
fn it_has_no_orders_and_events_that_were_not_committed() {
    let part = first();
    let whole = Reached::of(&part);
    assert!(whole.orders > 0 && whole.events > 0);
    for short in [
        Reached {
            orders: whole.orders - 1,
            ..whole
        },
        Reached { events: 0, ..whole },
    ] {
        let honest = left(&part, &[short]).1;
        assert_eq!(held(|c| *c = honest), log_of(1), "{short:?}");
    }
    // More than there are cannot be committed.
    assert_eq!(held(|c| c[1].orders += 1), log_of(1));
    assert_eq!(held(|c| c[1].events += 1), log_of(1));
}

#[test]
fn trades_and_orders_of_no_session_are_strays() {
    let commits = commits();
    let mut traded = bundle();
    let trades = traded.trades.as_mut().unwrap();
    trades[0].id = "p-s0003:t0".into();
    assert_eq!(hold(&traded, &commits), Err(NotHeld::Stray));
    let mut ordered = bundle();
    let orders = ordered.further.orders.as_mut().unwrap();
    let mut stray = orders[0].clone();
    stray.id = "p-s0003:o0".into();
    orders.push(stray);
    assert_eq!(hold(&ordered, &commits), Err(NotHeld::Stray));
}

#[test]
fn a_request_is_held_to_the_commits_up_to_the_one_that_it_names() {
    let (mut bench, begin) = running();
    let acts: Vec<_> = (1..=3)
        .map(|number| commit(number, 2 * i64::try_from(number).unwrap(), begin))
        .collect();
    for act in &acts {
        bench.commits(act.clone(), OPS).unwrap();
    }
    let all: Vec<HeldCommit> = acts.iter().map(HeldCommit::from).collect();
    let named = |number: u32, commit: Option<&HeldCommit>| Held {
        session: session(number),
        commit: commit.cloned(),
    };
    let of = |held: Held| commits_of(&bench.state, &[held]);
    for last in 0..3 {
        let found = of(named(1, Some(&all[last])));
        assert_eq!(found, [(session(1), all[..=last].to_vec())], "{last}");
    }
    // One without bars holds nothing, and neither does one that there is not.
    assert_eq!(of(named(1, None)), []);
    assert_eq!(of(named(2, Some(&all[0]))), []);
}

/// Grounds in which every part says something.
fn full() -> Grounds {
    Grounds {
        data: vec![Digest::of(b"bars")],
        oos_kind: Some(OosKind::FixedParameters),
        trials: Some(Trials {
            count: 1,
            records: Vec::new(),
            unregistered: false,
        }),
        sessions: vec![Held {
            session: session(1),
            commit: None,
        }],
        predecessors: vec![p()],
        ..sealed(&["s1"], "research-2")
    }
}

type Change = fn(&mut Grounds);

/// What bundles say themselves.
const THEIRS: [Change; 4] = [
    |g| g.seals.clear(),
    |g| g.data.clear(),
    |g| g.oos_kind = None,
    |g| g.trials = None,
];
/// What the requester adds.
const ADDED: [Change; 2] = [|g| g.sessions.clear(), |g| g.predecessors.clear()];

#[test]
fn what_bundles_say_themselves_is_the_same_in_every_part_or_not_the_same() {
    let whole = full();
    assert!(whole.says_the_same(&whole));
    let changed = |change: &Change| {
        let mut other = full();
        change(&mut other);
        other
    };
    for other in THEIRS.iter().map(changed) {
        assert!(!whole.says_the_same(&other), "{other:?}");
        assert!(!other.says_the_same(&whole), "{other:?}");
    }
    for other in ADDED.iter().map(changed) {
        assert!(whole.says_the_same(&other), "{other:?}");
    }
}

#[test]
fn grounds_that_say_nothing_are_not_written() {
    let bench = Bench::new();
    let mut request = bench.request("p", "s1");
    assert!(!request.grounds.is_empty());
    let written = |request: &Request| serde_json::to_value(request).unwrap();
    assert!(written(&request)["grounds"]["seals"].is_array());
    request.grounds = Grounds::default();
    assert!(request.grounds.is_empty());
    assert_eq!(written(&request).get("grounds"), None);
    // Each part alone is something.
    for kept in 0..6 {
        let mut grounds = full();
        let all = THEIRS.iter().chain(&ADDED).enumerate();
        all.filter(|(at, _)| *at != kept)
            .for_each(|(_, change)| change(&mut grounds));
        assert!(!grounds.is_empty(), "{grounds:?}");
    }
}

#[test]
fn a_bundle_has_the_signature_of_its_own_seal() {
    let bundles = ["s1", "sessions"].map(|name| Digest::of(name.as_bytes()));
    let mut grounds = Grounds {
        seals: seals(bundles.into_iter(), "research-2"),
        ..Grounds::default()
    };
    for seal in &mut grounds.seals {
        seal.signature_sha256 = Digest::of(seal.evidence_sha256.as_bytes());
    }
    for bundle in bundles {
        let own = Digest::of(bundle.as_bytes());
        assert_eq!(grounds.signature_of(&bundle), Some(own));
    }
    assert_eq!(grounds.signature_of(&Digest::of(b"unsealed")), None);
}
