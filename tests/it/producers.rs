//! Who made the evidence: seals that are kept and checked again, guards that a request and a
//! certificate share, predecessors of one owner.

use std::collections::BTreeMap;

use promote::app::exit::Exit;
use promote::evidence::manifest::{EvidenceKind, Trials};
use promote::governance::audit::entry::Entry;
use promote::governance::policy::diff::{Overall, diff};
use promote::governance::policy::set::{PolicySet, embedded_files};
use promote::governance::promotion::access::acts::Reason;
use promote::governance::promotion::decide::Command;
use promote::governance::promotion::refusal::Refusal;
use promote::governance::promotion::safety::SafetyAct;
use promote::governance::promotion::safety::incident::{IncidentClass, IncidentOpening, Severity};
use promote::governance::promotion::state::Status;
use promote::governance::promotion::statement::{Act, EvidenceRef, Request};
use promote::governance::promotion::tracks::TrackAct;
use promote::governance::promotion::tracks::assurance::EvidenceAttestation;
use promote::governance::promotion::tracks::dataset::Dataset;
use promote::governance::promotion::tracks::grounds::{Grounds, Seal};
use promote::governance::promotion::tracks::rerun::Rerun;
use promote::governance::promotion::tracks::revocation::EvidenceRevocation;
use promote::governance::promotion::tracks::shown::{Shown, check_grounds, check_list};
use promote::governance::promotion::tracks::trial::{self, TrialEnd, TrialKind, TrialStart};
use promote::governance::promotion::tracks::wanting::without_attestation;
use promote::governance::promotion::verify::verify;
use promote::governance::stage::{Stage, Target};
use promote::kernel::digest::Digest;
use promote::kernel::id::{PersonId, PortfolioId, RequestId};
use promote::kernel::time::UtcTime;
use promote::render::decision_log::collect;

use crate::bundles::{Quality, write_by};
use crate::gate::{approve, load, request, run, world};
use crate::machine::{Bench, facts, good, key, promoted, public, sealed, slug};
use crate::token::revoke;

fn person(name: &str) -> PersonId {
    PersonId::new(name).unwrap()
}

fn portfolio(name: &str) -> PortfolioId {
    PortfolioId::new(name).unwrap()
}

fn track(act: TrackAct) -> Act {
    Act::Track(Box::new(act))
}

fn evidence(kind: EvidenceKind, name: &str) -> EvidenceRef {
    EvidenceRef {
        kind,
        evidence_sha256: Digest::of(name.as_bytes()),
        result_sha256: Digest::of(format!("result of {name}").as_bytes()),
    }
}

/// A ledger that is no sandbox.
fn real() -> Bench {
    Bench::with(|genesis| genesis.sandbox = false, embedded_files())
}

/// The shipped set, with reduced assurance allowed.
pub fn reduced() -> BTreeMap<String, Vec<u8>> {
    let mut files = embedded_files();
    let text = String::from_utf8(files["roles.toml"].clone()).unwrap();
    let (off, on) = ("reduced_allowed = false", "reduced_allowed = true");
    assert!(text.contains(off));
    files.insert("roles.toml".to_owned(), text.replace(off, on).into_bytes());
    files
}

impl Bench {
    fn vouched(&mut self, act: TrackAct, who: &str, role: &str) -> Result<(), Refusal> {
        let signed = self.signed(track(act), who, role);
        self.submit(signed)
    }

    fn attests(&mut self, name: &str, who: &str, role: &str) -> Result<(), Refusal> {
        let act = TrackAct::EvidenceAttestation(EvidenceAttestation {
            evidence_sha256: Digest::of(name.as_bytes()),
            result_sha256: Digest::of(format!("result of {name}").as_bytes()),
            method: "statements of the exchange, line by line".into(),
        });
        self.vouched(act, who, role)
    }
}

#[test]
fn a_seal_is_by_a_key_that_is_its_producers_and_counts() {
    let mut bench = Bench::new();
    let with = |bench: &Bench, change: &dyn Fn(&mut Seal)| {
        let mut request = bench.request("p", "s1");
        change(&mut request.grounds.seals[0]);
        request
    };
    let stranger = public(&key("stranger")).fingerprint();
    let unknown = with(&bench, &|seal| seal.key = stranger.clone());
    assert_eq!(slug(bench.ask(unknown)), "unknown-producer");
    // Somebody else's name over one's own key.
    let own = public(&key("risk-1")).fingerprint();
    let borrowed = with(&bench, &|seal| seal.key = own.clone());
    assert_eq!(slug(bench.ask(borrowed)), "wrong-person");
    // The author set is who sealed, and nobody else.
    let mut hidden = bench.request("p", "s1");
    hidden.producers = vec![person("research-3")];
    assert_eq!(slug(bench.ask(hidden)), "evidence-list");
    let mut none = bench.request("p", "s1");
    none.producers.clear();
    assert_eq!(slug(bench.ask(none)), "evidence-list");
    let mut other = bench.request("p", "s1");
    other.grounds = sealed(&["another bundle"], "research-2");
    assert_eq!(slug(bench.ask(other)), "evidence-list");
    // A key that was revoked before the request seals nothing.
    let mut revoked = bench.clone();
    let by = [("risk-1", "risk"), ("ops-1", "ops")];
    revoke(&mut revoked, "research-2", Some(Reason::Left), None, &by).unwrap();
    let request = revoked.request("p", "s1");
    assert_eq!(slug(revoked.ask(request)), "key-revoked");
    let request = bench.request("p", "s1");
    bench.ask(request).unwrap();
    assert_eq!(bench.again(), bench.state);
}

#[test]
fn a_producers_key_that_is_compromised_stops_the_open_request() {
    let mut bench = Bench::new();
    let id = bench.judged("p", "s1", good());
    bench.approve(&id, "risk-1", "risk").unwrap();
    let by = [("risk-2", "risk"), ("ops-1", "ops")];
    revoke(
        &mut bench,
        "research-2",
        Some(Reason::Compromised),
        None,
        &by,
    )
    .unwrap();
    assert_eq!(slug(bench.decide(&id)), "request-ended");
    assert_eq!(bench.status(&id), Status::Invalidated);
    assert_eq!(bench.again(), bench.state);
}

#[test]
fn outside_sandboxes_every_bundle_of_every_kind_is_sealed() {
    let mut bench = real();
    let mut unsigned = bench.request("p", "s1");
    unsigned.grounds = Grounds::default();
    unsigned.producers.clear();
    assert_eq!(slug(bench.ask(unsigned.clone())), "unsigned-evidence");
    let request = bench.request("p", "s1");
    bench.ask(request).unwrap();
    // One signed bundle does not cover the others.
    for (target, kind) in [
        (Target::Testnet, EvidenceKind::Shadow),
        (Target::Live, EvidenceKind::Testnet),
    ] {
        let mut both = bench.request("p", "s1");
        both.target = target;
        both.evidence.push(evidence(kind, "sessions"));
        let list = |request: &Request| check_list(&bench.state, &Shown::by(request, 0));
        assert_eq!(slug(list(&both)), "unsigned-evidence", "{kind:?}");
        both.grounds = sealed(&["s1", "sessions"], "research-2");
        list(&both).unwrap();
    }
    let mut import = unsigned;
    import.evidence = vec![evidence(EvidenceKind::Import, "s1")];
    let shown = Shown::by(&import, 0);
    assert_eq!(slug(check_list(&bench.state, &shown)), "unsigned-evidence");
    // A sandbox takes it.
    let mut sandbox = Bench::new();
    let mut unsigned = sandbox.request("p", "s1");
    unsigned.grounds = Grounds::default();
    unsigned.producers.clear();
    sandbox.ask(unsigned).unwrap();
}

/// A ledger whose request is sealed by `research-2`, with what it keeps.
fn kept() -> (Vec<Entry>, BTreeMap<Digest, Vec<u8>>, Digest) {
    let mut world = world();
    let key = secret(&world, "research-2");
    let dir = write_by(
        &world,
        "rsi",
        "one",
        Quality::Good,
        Some(("research-2", &key)),
    );
    request(&mut world, "rsi", &dir, &[]).expect(Exit::Pending);
    approve(&mut world, "rsi-0001", "risk", "risk-1").expect(Exit::Done);
    let verified = run(&mut world, &["ledger", "verify", "--json"]).expect(Exit::Done);
    assert_eq!(verified.json()["ok"], true);
    let signature = std::fs::read(world.at(&format!("{dir}/evidence.json.sig"))).unwrap();
    let (entries, blobs) = load(&world);
    (entries, blobs, Digest::of(&signature))
}

fn secret(world: &crate::harness::World, name: &str) -> ed25519_dalek::SigningKey {
    let text = std::fs::read(world.at(&format!("w/keys/{name}"))).unwrap();
    let key = ssh_key::PrivateKey::from_openssh(text).unwrap();
    let pair = key.key_data().ed25519().unwrap();
    ed25519_dalek::SigningKey::from_bytes(&pair.private.to_bytes())
}

#[test]
fn the_producers_signature_is_kept_and_verified_again() {
    let (entries, blobs, signature) = kept();
    assert!(blobs.contains_key(&signature));
    let report = verify(&entries, &|d| blobs.get(d).cloned());
    assert_eq!((report.findings, report.not_checked), (vec![], vec![]));
    // 6 policy files, manifest, signature and 5 judged files.
    assert_eq!(blobs.len(), 13);
    let without = verify(&entries, &|d| {
        blobs.get(d).filter(|_| *d != signature).cloned()
    });
    assert_eq!(without.not_checked.len(), 1);
    let other = |d: &Digest| {
        let mut bytes = blobs.get(d).cloned()?;
        if *d == signature {
            bytes[60] ^= 1;
        }
        Some(bytes)
    };
    assert_eq!(verify(&entries, &other).findings.len(), 1);
}

#[test]
fn a_manifest_that_names_somebody_else_is_never_believed() {
    let mut world = world();
    let own = secret(&world, "research-1");
    // Signed with one's own key, in somebody else's name.
    let dir = write_by(
        &world,
        "rsi",
        "one",
        Quality::Good,
        Some(("research-2", &own)),
    );
    let answer = request(&mut world, "rsi", &dir, &["--json"]).expect(Exit::NotAuthorised);
    assert!(answer.err.contains("wrong-person"), "{}", answer.err);
    // Somebody else's name and key, with a signature that is not theirs.
    let other = secret(&world, "research-2");
    let dir = write_by(
        &world,
        "rsi",
        "two",
        Quality::Good,
        Some(("research-2", &other)),
    );
    let copy = write_by(
        &world,
        "rsi",
        "three",
        Quality::Good,
        Some(("research-2", &other)),
    );
    std::fs::copy(
        world.at(&format!("{copy}/evidence.json.sig")),
        world.at(&format!("{dir}/evidence.json.sig")),
    )
    .unwrap();
    let answer = request(&mut world, "rsi", &dir, &["--json"]).expect(Exit::Integrity);
    assert!(answer.err.contains("evidence.json.sig"), "{}", answer.err);
}

#[test]
fn predecessors_are_ones_own_and_what_weighs_on_them_follows() {
    let mut bench = Bench::new();
    bench.judged("old", "s1", facts("0.7", "0.22", "0.31"));
    let named = |bench: &Bench, name: &str, strategy: &str| {
        let mut request = bench.request(name, strategy);
        request.grounds.predecessors = vec![portfolio("old")];
        request
    };
    // Somebody else's history is not lent out.
    let theirs = named(&bench, "theirs", "s5");
    let signed = bench.signed(Act::Request(Box::new(theirs)), "research-3", "research");
    let refusal = bench.submit(signed).unwrap_err();
    assert_eq!(refusal.slug(), "predecessor-not-owned");
    // The pause after a REJECT follows the portfolio under its new name.
    let next = named(&bench, "new", "s2");
    assert_eq!(slug(bench.ask(next.clone())), "cool-off");
    let unrelated = bench.request("other", "s3");
    bench.ask(unrelated).unwrap();
    bench.days(15);
    // So does an open incident.
    let opening = Act::Safety(Box::new(SafetyAct::IncidentOpening(IncidentOpening {
        portfolio: portfolio("old"),
        class: IncidentClass::Other,
        severity: Severity::Low,
        summary: "a gap".into(),
    })));
    let signed = bench.signed(opening, "ops-1", "ops");
    bench.submit(signed).unwrap();
    let next = named(&bench, "new", "s2");
    assert_eq!(slug(bench.ask(next)), "incident-open");
    let same = bench.request("third", "s1");
    assert_eq!(slug(bench.ask(same)), "incident-open");
    let unrelated = bench.request("fourth", "s4");
    bench.ask(unrelated).unwrap();
}

#[test]
fn a_request_for_anothers_portfolio_is_refused() {
    let (mut bench, _) = promoted();
    let request = bench.request("p", "s2");
    let signed = bench.signed(Act::Request(Box::new(request)), "research-3", "research");
    assert_eq!(slug(bench.submit(signed)), "not-owner");
}

#[test]
fn an_attestation_stands_in_only_where_the_set_allows_it() {
    let mut bench = Bench::new();
    assert_eq!(
        slug(bench.attests("s1", "ops-1", "ops")),
        "reduced-not-allowed"
    );
    let mut import = bench.request("p", "s1");
    import.target = Target::Testnet;
    import.evidence = vec![
        evidence(EvidenceKind::Shadow, "sessions"),
        evidence(EvidenceKind::Import, "s1"),
    ];
    import.grounds = sealed(&["s1", "sessions"], "research-2");
    let refused = check_grounds(&bench.state, &Shown::by(&import, 0));
    assert_eq!(slug(refused), "import-above-shadow");
    let bench = &mut Bench::with(|_| {}, reduced());
    let shown = Shown::by(&import, 0);
    check_grounds(&bench.state, &shown).unwrap();
    let wanting = |bench: &Bench, partial: &[&str]| {
        let partial = partial.iter().map(|name| person(name)).collect();
        without_attestation(&bench.state, &shown, &partial).len()
    };
    assert_eq!(wanting(bench, &[]), 1);
    bench.attests("s1", "ops-1", "ops").unwrap();
    assert_eq!(
        slug(bench.attests("s1", "ops-1", "ops")),
        "already-attested"
    );
    assert_eq!((wanting(bench, &[]), wanting(bench, &["ops-1"])), (0, 1));
}

#[test]
fn who_attested_fills_no_risk_slot_and_an_author_attests_nothing() {
    let mut bench = Bench::with(|_| {}, reduced());
    let id = bench.judged("p", "s1", good());
    assert_eq!(
        slug(bench.attests("s1", "research-2", "research")),
        "author-reruns"
    );
    bench.attests("s1", "risk-1", "risk").unwrap();
    assert_eq!(
        slug(bench.approve(&id, "risk-1", "risk")),
        "voucher-fills-slot"
    );
    bench.approve(&id, "risk-2", "risk").unwrap();
    assert_eq!(bench.again(), bench.state);
}

#[test]
fn live_takes_sessions_without_replay_only_with_reduced_assurance() {
    let at_live = |bench: &Bench| {
        let mut request = bench.request("p", "s1");
        request.target = Target::Live;
        request
            .evidence
            .push(evidence(EvidenceKind::Testnet, "sessions"));
        request.grounds = sealed(&["s1", "sessions"], "research-2");
        request.grounds.trials = Some(Trials {
            count: 0,
            records: Vec::new(),
            unregistered: false,
        });
        request
    };
    let strict = real();
    let request = at_live(&strict);
    let refused = check_grounds(&strict.state, &Shown::by(&request, 0));
    assert_eq!(slug(refused), "signals-not-replayed");
    let mut allowed = Bench::with(|genesis| genesis.sandbox = false, reduced());
    let request = at_live(&allowed);
    let shown = Shown::by(&request, 0);
    check_grounds(&allowed.state, &shown).unwrap();
    let none = Default::default();
    assert_eq!(without_attestation(&allowed.state, &shown, &none).len(), 1);
    allowed.attests("sessions", "ops-1", "ops").unwrap();
    assert_eq!(without_attestation(&allowed.state, &shown, &none).len(), 0);
    // A sandbox shows the whole road with an outside system.
    let sandbox = Bench::new();
    check_grounds(&sandbox.state, &Shown::by(&request, 0)).unwrap();
}

#[test]
fn trials_of_another_portfolio_register_nothing() {
    let mut bench = Bench::new();
    let record = Digest::of(b"grid");
    let start = |name: &str| {
        TrackAct::TrialStart(TrialStart {
            record_sha256: record,
            portfolio: portfolio(name),
            what: TrialKind::Sweep,
            runs: 3,
            strategy_sha256: None,
        })
    };
    bench.vouched(start("q"), "research-1", "research").unwrap();
    let mut request = bench.request("p", "s1");
    request.target = Target::Live;
    request
        .evidence
        .push(evidence(EvidenceKind::Testnet, "sessions"));
    request.grounds = sealed(&["s1", "sessions"], "research-2");
    request.grounds.trials = Some(Trials {
        count: 3,
        records: vec![record],
        unregistered: false,
    });
    let refused = check_grounds(&bench.state, &Shown::by(&request, 0));
    assert_eq!(slug(refused), "unregistered");
    request.portfolio = portfolio("q");
    check_grounds(&bench.state, &Shown::by(&request, 0)).unwrap();
}

/// A portfolio in TESTNET, without the way there, and a certificate for it.
fn in_testnet() -> Bench {
    let (mut bench, _) = promoted();
    let held = bench.state.portfolios.get_mut(&portfolio("p")).unwrap();
    held.stage = Stage::Testnet;
    held.since = Some(bench.now);
    bench.days(80);
    bench
}

#[test]
fn a_certificate_keeps_the_guards_of_a_request() {
    let mut bench = in_testnet();
    let signers = [("research-3", "research"), ("risk-1", "risk")];
    let act = bench.certificate("p", good());
    let name = format!("result {}", bench.entries.len());
    let certify = |bench: &mut Bench, change: &dyn Fn(&mut Bench, &mut _)| {
        let mut act = act.clone();
        change(bench, &mut act);
        slug(bench.certifies(act, &signers))
    };
    type Act = promote::governance::promotion::safety::certificate::Recertification;
    // Two of one kind, an import, no sessions: as a request would be refused.
    let twice = certify(&mut bench, &|_, act: &mut Act| {
        act.evidence.push(act.evidence[0].clone());
    });
    assert_eq!(twice, "evidence-list");
    let import = certify(&mut bench, &|_, act: &mut Act| {
        act.evidence[0].kind = EvidenceKind::Import;
    });
    assert_eq!(import, "import-above-shadow");
    let alone = certify(&mut bench, &|_, _: &mut Act| {});
    assert_eq!(alone, "session-evidence-wanted");
    let with_sessions = |act: &mut Act| {
        act.evidence
            .push(evidence(EvidenceKind::Testnet, "sessions"));
        act.grounds = sealed(&[&name, "sessions"], "research-2");
        act.evidence[1].result_sha256 = Digest::of(b"sessions' result");
    };
    let strangers = certify(&mut bench, &|_, act: &mut Act| {
        with_sessions(act);
        act.grounds.seals[0].key = public(&key("stranger")).fingerprint();
    });
    assert_eq!(strangers, "unknown-producer");
    // Nobody has run it again.
    let unrun = certify(&mut bench, &|_, act: &mut Act| with_sessions(act));
    assert_eq!(unrun, "rerun-wanted");
    let result = act.evidence[0].result_sha256;
    let rerun = |bench: &mut Bench, who: &str, role: &str| {
        let act = TrackAct::Rerun(Rerun {
            evidence_sha256: Digest::of(name.as_bytes()),
            result_sha256: result,
            data: Vec::new(),
            version: "1".into(),
            commit: String::new(),
        });
        bench.vouched(act, who, role).unwrap();
    };
    // Whoever ran it again signs for no risk.
    let mut own = bench.clone();
    rerun(&mut own, "risk-1", "risk");
    let signed = certify(&mut own, &|_, act: &mut Act| with_sessions(act));
    assert_eq!(signed, "voucher-fills-slot");
    rerun(&mut bench, "ops-1", "ops");
    let judged = certify(&mut bench, &|_, act: &mut Act| with_sessions(act));
    assert_ne!(judged, "rerun-wanted");
}

#[test]
fn a_proposer_and_a_fetcher_sign_no_certificate_as_risk() {
    let (mut bench, _) = promoted();
    bench.days(80);
    let mut act = bench.certificate("p", good());
    let data = Digest::of(b"bars");
    act.grounds.data = vec![data];
    let risk = [("risk-1", "risk")];
    let mut fetched = bench.clone();
    let now = fetched.now;
    let dataset = TrackAct::Dataset(Dataset {
        sha256: data,
        symbol: "BTC/EUR".into(),
        timeframe: "1d".into(),
        first: UtcTime::parse_loose("2024-01-01").unwrap(),
        last: UtcTime::parse_loose("2024-12-01").unwrap(),
        rows: 10,
        synthetic: false,
        source: "the exchange".into(),
        retrieved_at: now,
    });
    fetched.vouched(dataset, "risk-1", "risk").unwrap();
    assert_eq!(
        slug(fetched.certifies(act.clone(), &risk)),
        "voucher-fills-slot"
    );
    let mut mark = bench.state.requests.values().next().unwrap().mark.clone();
    mark.person = person("risk-1");
    let history = &mut bench.state.oversight.history;
    history.last_mut().unwrap().mark = Some(mark);
    assert_eq!(slug(bench.certifies(act, &risk)), "author-fills-slot");
}

#[test]
fn every_proposer_since_the_last_loosening_is_an_author() {
    let mut bench = Bench::new();
    let id = bench.judged("p", "s1", good());
    let shipped = bench.state.oversight.history[0].clone();
    let mark = bench.state.requests.values().next().unwrap().mark.clone();
    let mut publish = |loosening: bool, proposer: &str| {
        let mut mark = mark.clone();
        mark.person = person(proposer);
        let published = promote::governance::promotion::oversight::Published {
            seq: 1,
            loosening,
            mark: Some(mark),
            ..shipped.clone()
        };
        bench.state.oversight.history.push(published);
        let record = &bench.state.requests[&RequestId::new(&id).unwrap()];
        let all = bench.state.author_set(record);
        let named = ["risk-1", "risk-2", "risk-3", "research-3"];
        let named = named.into_iter().filter(|name| all.contains(&person(name)));
        named.collect::<Vec<_>>()
    };
    assert_eq!(publish(false, "risk-1"), ["risk-1"]);
    // A tightening by somebody else does not clear who proposed before.
    assert_eq!(publish(false, "risk-2"), ["risk-1", "risk-2"]);
    assert_eq!(publish(true, "research-3"), ["research-3"]);
    assert_eq!(publish(false, "risk-3"), ["risk-3", "research-3"]);
}

#[test]
fn the_engine_counts_its_own_runs_and_nothing_else() {
    let mut bench = Bench::new();
    let record = Digest::of(b"run");
    let start = |strategy: Option<Digest>| {
        TrackAct::TrialStart(TrialStart {
            record_sha256: record,
            portfolio: portfolio("p"),
            what: TrialKind::Walkforward,
            runs: 1,
            strategy_sha256: strategy,
        })
    };
    // Nobody else says that a configuration was fixed: such a run is no choice among several.
    let fixed = start(Some(Digest::of(b"s1")));
    let own = bench.vouched(fixed.clone(), "research-1", "research");
    assert_eq!(slug(own), "trial-refused");
    bench
        .engine(Command::Trial(Box::new(fixed.clone())))
        .unwrap();
    let again = bench.engine(Command::Trial(Box::new(fixed)));
    assert_eq!(slug(again), "trial-refused");
    let end = TrackAct::TrialEnd(TrialEnd {
        record_sha256: record,
        finished: 0,
        failed: 1,
    });
    bench.engine(Command::Trial(Box::new(end))).unwrap();
    let other = TrackAct::EvidenceRevocation(EvidenceRevocation {
        evidence_sha256: record,
        reason: "no".into(),
    });
    let other = bench.engine(Command::Trial(Box::new(other)));
    assert_eq!(slug(other), "not-a-persons-act");
    // A person with the engine's name and another key counts nothing.
    let mut copy = bench.clone();
    let signed = copy.signed(track(start(None)), "research-1", "engine");
    assert!(!copy.append(&signed));
    let lineage = [portfolio("p")].into();
    assert_eq!(trial::count(&bench.state, &lineage, u64::MAX), 0);
    assert_eq!(bench.again(), bench.state);
}

#[test]
fn unregistered_trials_are_refused_at_live() {
    let bench = Bench::new();
    let mut request = bench.request("p", "s1");
    request.target = Target::Live;
    request
        .evidence
        .push(evidence(EvidenceKind::Testnet, "sessions"));
    request.grounds = sealed(&["s1", "sessions"], "research-2");
    for (count, unregistered) in [(1, false), (0, true)] {
        request.grounds.trials = Some(Trials {
            count,
            records: Vec::new(),
            unregistered,
        });
        let refused = check_grounds(&bench.state, &Shown::by(&request, 0));
        assert_eq!(slug(refused), "unregistered", "{count} {unregistered}");
    }
}

#[test]
fn allowing_reduced_assurance_loosens_and_every_export_says_so() {
    let (full, less) = (
        PolicySet::load(embedded_files()).unwrap(),
        PolicySet::load(reduced()).unwrap(),
    );
    assert_eq!(diff(&full, &less).overall, Overall::Loosening);
    assert_eq!(diff(&less, &full).overall, Overall::Tightening);
    let marks = |files| {
        let bench = Bench::with(|_| {}, files);
        collect(&bench.state, bench.head(), None).about.marks
    };
    assert!(!marks(embedded_files()).contains(&"REDUCED ASSURANCE"));
    assert!(marks(reduced()).contains(&"REDUCED ASSURANCE"));
}
