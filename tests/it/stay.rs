//! The sessions that a request above SHADOW rests on: all of the stay, as the ledger stands when the
//! request comes, whatever head its signer names.

use std::collections::BTreeMap;

use promote::evidence::manifest::EvidenceKind;
use promote::governance::audit::entry::Head;
use promote::governance::policy::set::embedded_files;
use promote::governance::promotion::refusal::Refusal;
use promote::governance::promotion::safety::SafetyAct;
use promote::governance::promotion::statement::{Act, EvidenceRef, Request, Signer};
use promote::governance::promotion::tracks::TrackAct;
use promote::governance::promotion::tracks::grounds::{Held, sessions_before};
use promote::governance::promotion::tracks::session::{
    Ending, Place, SessionClose, SessionCommit, SessionOpen,
};
use promote::governance::stage::{Stage, Target};
use promote::kernel::digest::Digest;
use promote::kernel::id::PersonId;
use promote::kernel::time::UtcTime;

use crate::machine::{Bench, good, key, promoted, public, sealed, seals, sign, slug};
use crate::safety::portfolio;

const HOUR_MS: i64 = 3_600_000;

/// `p` in SHADOW, with a first session that is open; SHADOW has no least length here.
fn in_shadow() -> Bench {
    let mut files: BTreeMap<String, Vec<u8>> = embedded_files();
    let roles = String::from_utf8(files["roles.toml"].clone()).unwrap();
    let short = roles.replace("shadow_dwell_days = 7", "shadow_dwell_days = 0");
    assert_ne!(roles, short);
    files.insert("roles.toml".into(), short.into_bytes());
    let mut bench = Bench::with(|_| {}, files);
    let id = bench.judged("p", "s1", good());
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.decide(&id).unwrap();
    opens(&mut bench, 1, Stage::Shadow);
    bench
}

fn by_ops(bench: &mut Bench, act: TrackAct) {
    let signed = bench.signed(Act::Track(Box::new(act)), "ops-1", "ops");
    bench.submit(signed).unwrap();
}

pub fn opens(bench: &mut Bench, number: u32, stage: Stage) {
    let open = SessionOpen {
        session: format!("p-s{number:04}").parse().unwrap(),
        portfolio: portfolio("p"),
        stage,
        strategy_sha256: Digest::of(b"s1"),
        environment: Place::Simulated,
        system: "own".into(),
        bar_ms: HOUR_MS,
    };
    by_ops(bench, TrackAct::SessionOpen(open));
}

/// Commits the `bars` bars of the first session that began at `first_bar`.
fn commits(bench: &mut Bench, number: u64, first_bar: UtcTime, bars: i64) {
    bench.now = first_bar.plus_millis(bars * HOUR_MS);
    let commit = SessionCommit {
        session: "p-s0001".parse().unwrap(),
        number,
        log_sha256: Digest::of(b"log"),
        bars,
        first_bar,
        last_bar: first_bar.plus_millis((bars - 1) * HOUR_MS),
        orders: 0,
        events: 0,
    };
    by_ops(bench, TrackAct::SessionCommit(commit));
}

fn closes(bench: &mut Bench) {
    let close = SessionClose {
        session: "p-s0001".parse().unwrap(),
        status: Ending::Failed,
        comment: String::new(),
    };
    by_ops(bench, TrackAct::SessionClose(close));
}

fn listed(bench: &Bench) -> Vec<Held> {
    let version = (&portfolio("p"), Digest::of(b"s1"));
    sessions_before(&bench.state, version, u64::MAX)
}

/// Asks for TESTNET over `head`, with `sessions`.
fn asks(bench: &Bench, head: Head, sessions: Vec<Held>) -> Result<(), Refusal> {
    let mut bench = bench.clone();
    let mut request: Request = bench.request("p", "s1");
    request.target = Target::Testnet;
    let shown = Digest::of(b"sessions");
    request.evidence.push(EvidenceRef {
        kind: EvidenceKind::Shadow,
        evidence_sha256: shown,
        result_sha256: shown,
    });
    request.grounds = sealed(&["s1", "sessions"], "research-2");
    request.grounds.sessions = sessions;
    let signer = key("research-1");
    let act = Act::Request(Box::new(request));
    let mut statement = bench.statement(act, "research-1", "research", &signer);
    statement.head = head;
    bench.submit(sign(&statement, &[&signer]))
}

/// The position that a refusal says the state moved at.
fn moved(result: Result<(), Refusal>) -> u64 {
    match result {
        Err(Refusal::StateMoved { seq }) => seq,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_older_head_leaves_no_commit_out() {
    let mut bench = in_shadow();
    let first_bar = bench.now;
    commits(&mut bench, 1, first_bar, 1);
    let (seen, sessions) = (bench.head(), listed(&bench));
    asks(&bench, seen, sessions.clone()).unwrap();
    // What is unrelated moves nothing.
    bench.judged("q", "s9", good());
    asks(&bench, seen, sessions.clone()).unwrap();
    let at = bench.head().size;
    commits(&mut bench, 2, first_bar, 23);
    assert_eq!(moved(asks(&bench, seen, sessions.clone())), at);
    // Named, the later commit is not hidden; the present head with a list that is old is.
    asks(&bench, seen, listed(&bench)).unwrap();
    let refused = asks(&bench, bench.head(), sessions);
    assert_eq!(slug(refused), "sessions-differ");
}

#[test]
fn an_older_head_leaves_no_opening_and_no_ending_out() {
    let mut bench = in_shadow();
    let first_bar = bench.now;
    commits(&mut bench, 1, first_bar, 1);
    let (running, sessions) = (bench.head(), listed(&bench));
    let at = running.size;
    closes(&mut bench);
    assert_eq!(moved(asks(&bench, running, sessions.clone())), at);
    let (closed, same) = (bench.head(), listed(&bench));
    assert_eq!(same, sessions);
    asks(&bench, closed, same.clone()).unwrap();
    opens(&mut bench, 2, Stage::Shadow);
    assert_eq!(moved(asks(&bench, closed, same)), at + 1);
    asks(&bench, bench.head(), listed(&bench)).unwrap();
}

/// Certifies TESTNET over `head`, with `sessions`: the reason why not.
fn certifies(bench: &Bench, head: Head, sessions: Vec<Held>) -> &'static str {
    let mut bench = bench.clone();
    let mut act = bench.certificate("p", good());
    act.evidence.push(EvidenceRef {
        kind: EvidenceKind::Testnet,
        evidence_sha256: Digest::of(b"sessions"),
        result_sha256: Digest::of(b"sessions"),
    });
    let bundles = act.evidence.iter().map(|e| e.evidence_sha256);
    act.grounds.seals = seals(bundles, "research-2");
    act.grounds.sessions = sessions;
    let act = Act::Safety(Box::new(SafetyAct::Recertification(Box::new(act))));
    let (research, risk) = (key("research-3"), key("risk-1"));
    let mut statement = bench.statement(act, "research-3", "research", &research);
    statement.head = head;
    statement.cosigners.push(Signer {
        person: PersonId::new("risk-1").unwrap(),
        role: "risk".into(),
        key: public(&risk).fingerprint(),
    });
    slug(bench.submit(sign(&statement, &[&research, &risk])))
}

#[test]
fn a_certificate_over_an_older_head_leaves_no_commit_out_either() {
    let (mut bench, _) = promoted();
    bench.place("p", Stage::Testnet);
    opens(&mut bench, 1, Stage::Testnet);
    let first_bar = bench.now;
    commits(&mut bench, 1, first_bar, 1);
    let (seen, sessions) = (bench.head(), listed(&bench));
    // Nothing is wrong with the sessions; what is asked next is the rerun.
    assert_eq!(certifies(&bench, seen, sessions.clone()), "rerun-wanted");
    assert_eq!(certifies(&bench, seen, Vec::new()), "sessions-differ");
    commits(&mut bench, 2, first_bar, 23);
    assert_eq!(certifies(&bench, seen, sessions), "state-moved");
    assert_eq!(
        certifies(&bench, bench.head(), listed(&bench)),
        "rerun-wanted"
    );
}

#[test]
fn a_request_for_shadow_names_no_session() {
    let mut bench = in_shadow();
    let sessions = listed(&bench);
    let mut request = bench.request("q", "s9");
    bench.clone().ask(request.clone()).unwrap();
    request.grounds.sessions = sessions;
    assert_eq!(slug(bench.ask(request)), "sessions-differ");
}
