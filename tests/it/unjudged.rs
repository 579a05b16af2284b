//! Requests that could not be judged: what is recorded, by whom and about what, what has to hold
//! before they are judged again, and who is told; over a ledger in memory, and by commands.

use promote::adapters::host::bundle_dir;
use promote::adapters::keys::read_identity;
use promote::app::exit::Exit;
use promote::app::gate::act::{Follow, submit};
use promote::app::gate::desk::{Desk, When};
use promote::evidence::bundle;
use promote::evidence::facts::Fact;
use promote::evidence::kept::blobs_of;
use promote::governance::policy::roles::Role;
use promote::governance::policy::set::embedded_files;
use promote::governance::promotion::access::acts::{Place, Reason, Void};
use promote::governance::promotion::decide::{Command, decide};
use promote::governance::promotion::event::Signed;
use promote::governance::promotion::missing::{Missing, missing};
use promote::governance::promotion::refusal::Refusal;
use promote::governance::promotion::safety::incident::Severity;
use promote::governance::promotion::state::{RequestRecord, Status};
use promote::governance::promotion::statement::Act;
use promote::governance::promotion::tracks::TrackAct;
use promote::governance::promotion::tracks::revocation::EvidenceRevocation;
use promote::governance::promotion::unjudged::{
    ATTEMPTS_PER_DAY, EvaluationError, is_recorded_enough, may_be_judged,
};
use promote::governance::promotion::verify::verify;
use promote::governance::promotion::view::View;
use promote::governance::stage::{Stage, Target};
use promote::kernel::digest::Digest;
use promote::kernel::id::RequestId;
use promote::kernel::time::UtcTime;
use promote::render::decision_log::Language;
use promote::render::export::{Form, Order, What, write as export};
use serde_json::Value;
use sqlx::Row as _;

use crate::bundles::{Quality, write};
use crate::distrust::{by_roots, looser, publishes};
use crate::gate::{approve, request, run, slug as slug_of, world};
use crate::harness::{Answer, World};
use crate::ledger_support::{Intruder, block};
use crate::machine::{Bench, facts, good, promoted, slug};
use crate::safety::scope;
use crate::schemas::fits;
use crate::token::revoke;

const RISK_AND_OPS: [(&str, &str); 2] = [("risk-1", "risk"), ("ops-1", "ops")];

fn id(text: &str) -> RequestId {
    RequestId::new(text).unwrap()
}

impl Bench {
    fn record(&self, of: &str) -> &RequestRecord {
        &self.state.requests[&id(of)]
    }

    /// The engine says that it could not judge.
    fn fails(&mut self, of: &str) -> Result<(), Refusal> {
        let text = "the blob ab is not kept";
        let error = EvaluationError::of(self.record(of), "evidence.differs", text);
        self.engine(Command::Unjudged(Box::new(error)))
    }

    fn lines(&self, of: &str) -> Vec<Missing> {
        missing(&self.state, self.record(of), self.now)
    }

    /// What `decide` and `apply` say about `error`; that they say the same, and that an error without
    /// effect leaves the request as it is.
    fn both(&self, error: &EvaluationError) -> Result<(), &'static str> {
        let command = Command::Unjudged(Box::new(error.clone()));
        let decided = decide(&self.state, command, &self.moment());
        let decided = decided.map(|_| ()).map_err(|refusal| refusal.slug());
        let mut copy = self.clone();
        let act = Act::EvaluationError(Box::new(error.clone()));
        let signed = copy.signed(act, "engine", "engine");
        let applied = match copy.append(&signed) {
            true => Ok(()),
            false => Err(copy.state.findings.last().unwrap().code),
        };
        assert_eq!(decided, applied, "{error:?}");
        let attempts = |bench: &Bench| {
            let all = bench.state.requests.values();
            all.map(|record| record.unjudged.len()).sum::<usize>()
        };
        let more = usize::from(applied.is_ok());
        assert_eq!(attempts(&copy), attempts(self) + more, "{error:?}");
        decided
    }
}

/// A request that is recorded and nothing more.
fn submitted() -> Bench {
    let mut bench = Bench::new();
    let request = bench.request("p", "s1");
    bench.ask(request).unwrap();
    bench
}

/// `p` in SHADOW, ten days before its certificate is overdue; a changed version waits for its verdict.
fn climbing() -> Bench {
    let (mut bench, _) = promoted();
    bench.days(80);
    bench.enrol("research-4", Role::Research);
    let request = bench.request("p", "s2");
    bench.ask(request).unwrap();
    bench
}

#[test]
fn a_failed_evaluation_is_kept_and_the_request_is_judged_later() {
    let mut bench = submitted();
    assert_eq!(bench.lines("p-0001").len(), 1);
    assert_eq!(
        bench.lines("p-0001")[0].text,
        "the request has not been evaluated"
    );
    let before = bench.state.clone();
    bench.fails("p-0001").unwrap();
    let seq = bench.entries.len() - 1;
    let entry = &bench.entries[seq];
    assert_eq!(entry.leaf.kind, "evaluation-error");
    assert_eq!(entry.leaf.actor.id, "engine");
    // The status is the same, and nothing is touched that anybody signs over.
    assert_eq!(bench.status("p-0001"), Status::Submitted);
    assert_eq!(bench.state.portfolios, before.portfolios);
    let [line] = &bench.lines("p-0001")[..] else {
        panic!("one line is wanted");
    };
    let told = format!(
        "the request could not be evaluated (entry {seq}, evidence.differs: the blob ab is not kept)"
    );
    assert_eq!((line.code.as_str(), &line.text), ("evaluation", &told));
    assert_eq!(line.command.as_deref(), Some("promote evaluate p-0001"));
    // The view shows the same.
    let view = View::of(&bench.state).unwrap().encode().unwrap();
    let set = (*bench.state.policy).clone();
    let shown = View::decode(&view).unwrap().into_state(set).unwrap();
    let again = missing(&shown, &shown.requests[&id("p-0001")], bench.now);
    assert_eq!(again, bench.lines("p-0001"));
    // A second attempt fails, a third one does not.
    bench.days(1);
    bench.fails("p-0001").unwrap();
    assert_eq!(bench.record("p-0001").unjudged.len(), 2);
    assert_eq!(
        slug(bench.approve("p-0001", "risk-1", "risk")),
        "not-evaluated"
    );
    bench.evaluate("p-0001", good()).unwrap();
    assert_eq!(bench.status("p-0001"), Status::AwaitingApproval);
    assert!(bench.lines("p-0001").iter().all(|l| l.code == "approval"));
    bench.approve("p-0001", "risk-1", "risk").unwrap();
    bench.decide("p-0001").unwrap();
    assert_eq!(bench.stage("p"), Stage::Shadow);
    bench.folds_the_same_again();
}

#[test]
fn the_owner_supersedes_over_a_head_before_the_failure() {
    let mut bench = submitted();
    let mut next = bench.request("p", "s2");
    next.supersedes = Some(id("p-0001"));
    let signed = bench.signed(Act::Request(Box::new(next)), "research-1", "research");
    bench.fails("p-0001").unwrap();
    bench.submit(signed).unwrap();
    assert_eq!(bench.status("p-0001"), Status::Superseded);
    assert_eq!(slug(bench.fails("p-0001")), "request-ended");
    // An evaluation in its place would have moved what the owner looked at.
    let mut bench = submitted();
    let mut next = bench.request("p", "s2");
    next.supersedes = Some(id("p-0001"));
    let signed = bench.signed(Act::Request(Box::new(next)), "research-1", "research");
    bench.evaluate("p-0001", good()).unwrap();
    assert_eq!(slug(bench.submit(signed)), "state-moved");
}

#[test]
fn a_forged_error_has_no_effect_and_is_found() {
    let bench = submitted();
    let honest = EvaluationError::of(bench.record("p-0001"), "ledger.io", "disk full");
    bench.both(&honest).unwrap();
    type Spoil = fn(&mut EvaluationError);
    let spoilt: [(&str, Spoil); 10] = [
        ("unknown-request", |e| e.request = id("p-0002")),
        ("statement-differs", |e| e.request_leaf = Digest::of(b"x")),
        ("statement-differs", |e| e.policy_sha256 = Digest::of(b"x")),
        ("statement-differs", |e| e.evidence.clear()),
        ("statement-differs", |e| {
            e.evidence[0].evidence_sha256 = Digest::of(b"x");
        }),
        ("statement-differs", |e| e.code.clear()),
        ("statement-differs", |e| e.code = "Ledger.io".into()),
        ("statement-differs", |e| e.code = "x".repeat(65)),
        ("statement-differs", |e| e.text.clear()),
        ("text-too-long", |e| e.text = "x".repeat(4097)),
    ];
    for (wanted, spoil) in spoilt {
        let mut error = honest.clone();
        spoil(&mut error);
        assert_eq!(bench.both(&error), Err(wanted), "{error:?}");
    }
    let edge = EvaluationError {
        code: "x".repeat(64),
        text: "x".repeat(4096),
        ..honest.clone()
    };
    bench.both(&edge).unwrap();
    // What is hostile in a message is escaped before it is recorded, and refused where it is not.
    let hostile = EvaluationError::of(bench.record("p-0001"), "ledger.io", "a\u{202e}b\u{7}\nc");
    assert_eq!(hostile.text, "a\\u{202e}b\\u{7}\\u{a}c");
    bench.both(&hostile).unwrap();
    let mut raw = honest.clone();
    raw.text = "a\u{202e}b".into();
    let command = Command::Unjudged(Box::new(raw));
    let refused = decide(&bench.state, command, &bench.moment());
    assert_eq!(refused.unwrap_err().slug(), "statement-differs");
    // Judged, or ended in whatever way: there is nothing left to fail.
    let mut judged = bench.clone();
    judged.evaluate("p-0001", good()).unwrap();
    assert_eq!(judged.both(&honest), Err("already-evaluated"));
    judged.approve("p-0001", "risk-1", "risk").unwrap();
    judged.decide("p-0001").unwrap();
    assert_eq!(judged.both(&honest), Err("request-ended"));
    let mut rejected = bench.clone();
    rejected
        .evaluate("p-0001", facts("0.7", "0.22", "0.31"))
        .unwrap();
    assert_eq!(rejected.both(&honest), Err("request-ended"));
    let mut taken = bench.clone();
    taken.withdraw("p-0001", "research-1", "research").unwrap();
    assert_eq!(taken.both(&honest), Err("request-ended"));
}

#[test]
fn only_the_engine_says_that_it_failed() {
    let mut bench = submitted();
    let error = EvaluationError::of(bench.record("p-0001"), "ledger.io", "disk full");
    let act = Act::EvaluationError(Box::new(error));
    let by_person = bench.signed(act.clone(), "risk-1", "risk");
    assert_eq!(
        bench.asks(&by_person).unwrap_err().slug(),
        "not-a-persons-act"
    );
    let mut copy = bench.clone();
    assert!(!copy.append(&by_person));
    assert_eq!(copy.state.findings.last().unwrap().code, "unknown-key");
    // In the engine's name, by another key.
    let risk = bench.key_of("risk-1");
    let statement = bench.statement(act, "engine", "engine", &risk);
    let forged = crate::machine::sign(&statement, &[&risk]);
    assert!(!bench.append(&forged));
    assert_eq!(bench.state.findings.last().unwrap().code, "unknown-key");
    assert_eq!(bench.record("p-0001").unjudged, []);
}

#[test]
fn a_ledger_with_it_verifies_and_one_with_a_forged_one_does_not() {
    let files = embedded_files();
    let blob = |digest: &Digest| {
        let mut all = files.values();
        all.find(|bytes| Digest::of(bytes) == *digest).cloned()
    };
    let codes = |bench: &Bench| -> Vec<(u64, String)> {
        let entries: Vec<_> = bench.entries.iter().map(|e| (**e).clone()).collect();
        let found = verify(&entries, &blob).findings;
        found.into_iter().map(|f| (f.seq, f.code)).collect()
    };
    let mut bench = submitted();
    bench.fails("p-0001").unwrap();
    assert_eq!(codes(&bench), []);
    bench.withdraw("p-0001", "research-1", "research").unwrap();
    assert_eq!(codes(&bench), []);
    let error = EvaluationError::of(bench.record("p-0001"), "ledger.io", "disk full");
    for (request, wanted) in [("p-0001", "request-ended"), ("q-0001", "unknown-request")] {
        let mut forged = bench.clone();
        let act = Act::EvaluationError(Box::new(EvaluationError {
            request: id(request),
            ..error.clone()
        }));
        let signed = forged.signed(act, "engine", "engine");
        assert!(!forged.append(&signed));
        let seq = forged.entries.len() as u64 - 1;
        assert_eq!(codes(&forged), [(seq, wanted.to_owned())]);
    }
}

/// What happens to `climbing()` after its submission, what its evaluation is then refused with, and
/// what makes it possible again, if anything does.
type Case = (
    &'static str,
    fn(&mut Bench),
    &'static str,
    Option<fn(&mut Bench)>,
);

const CASES: &[Case] = &[
    (
        "an incident",
        |b| b.incident("p", Severity::Low).unwrap(),
        "incident-open",
        Some(|b| b.closes("risk-1", "risk").unwrap()),
    ),
    (
        "a certificate that is overdue",
        |b| b.days(11),
        "certificate-overdue",
        Some(|b| {
            let act = b.certificate("p", good());
            b.certifies(act, &[("risk-1", "risk")]).unwrap();
        }),
    ),
    (
        "an entry without effect",
        |b| {
            let error = EvaluationError::of(b.record("p-0001"), "ledger.io", "disk full");
            let act = Act::EvaluationError(Box::new(error));
            let forged = b.signed(act, "engine", "engine");
            assert!(!b.append(&forged));
        },
        "ledger-findings",
        Some(|b| {
            let found = &b.state.findings[0];
            let (seq, leaf) = (found.seq, found.leaf);
            let act = Act::Void(Void {
                entries: vec![Place { seq, leaf }],
                reason: "forged".into(),
            });
            let signed = by_roots(b, act);
            b.submit(signed).unwrap();
        }),
    ),
    (
        "a key that sealed the bundle",
        |b| revoke(b, "research-2", Some(Reason::Left), None, &RISK_AND_OPS).unwrap(),
        "key-revoked",
        None,
    ),
    (
        "a halt",
        |b| b.halts(scope("p"), "ops-1", "ops").unwrap(),
        "request-ended",
        None,
    ),
    (
        "a halt that was lifted",
        |b| {
            b.halts(scope("p"), "ops-1", "ops").unwrap();
            b.resumes(&RISK_AND_OPS).unwrap();
        },
        "request-ended",
        None,
    ),
    (
        "a demotion",
        |b| b.demotes("p", Stage::Research, "ops-1", "ops").unwrap(),
        "request-ended",
        None,
    ),
    (
        "a retirement",
        |b| b.retires("p").unwrap(),
        "request-ended",
        None,
    ),
    (
        "evidence that is not believed",
        |b| {
            let act = Act::Track(Box::new(TrackAct::EvidenceRevocation(EvidenceRevocation {
                evidence_sha256: Digest::of(b"s2"),
                reason: "made from another data set".into(),
            })));
            let signed = b.signed(act, "risk-1", "risk");
            b.submit(signed).unwrap();
        },
        "request-ended",
        None,
    ),
    (
        "another policy set",
        |b| {
            let people = [("research-3", "research"), ("risk-1", "risk")];
            publishes(b, &looser(), &people).unwrap();
        },
        "request-ended",
        None,
    ),
    (
        "a request in its place",
        |b| {
            let mut next = b.request("p", "s3");
            next.supersedes = Some(id("p-0002"));
            b.ask(next).unwrap();
        },
        "request-ended",
        None,
    ),
    (
        "a veto",
        |b| b.deny("p-0002", "risk-1", "risk").unwrap(),
        "request-ended",
        None,
    ),
    ("a month", |b| b.days(30), "request-ended", None),
];

#[test]
fn what_held_at_the_submission_is_asked_again() {
    let mut open = climbing();
    open.days(9);
    open.evaluate("p-0002", good()).unwrap();
    assert_eq!(open.status("p-0002"), Status::AwaitingApproval);
    for (what, happens, wanted, undo) in CASES {
        let mut bench = climbing();
        bench.fails("p-0002").unwrap();
        happens(&mut bench);
        assert_eq!(slug(bench.evaluate("p-0002", good())), *wanted, "{what}");
        // Only an open request can fail, and an error forgets no rule.
        let error = EvaluationError::of(bench.record("p-0002"), "ledger.io", "disk full");
        let failed = bench.both(&error);
        let ended = *wanted == "request-ended";
        assert_eq!(failed, if ended { Err(*wanted) } else { Ok(()) }, "{what}");
        if let Some(undo) = undo {
            undo(&mut bench);
            bench.evaluate("p-0002", good()).unwrap();
            assert_eq!(bench.status("p-0002"), Status::AwaitingApproval, "{what}");
        }
        assert_eq!(bench.again(), bench.state, "{what}");
    }
}

#[test]
fn apply_gives_an_evaluation_no_effect_that_decide_would_refuse() {
    // The engine's key judges while an incident is open: the verdict itself is honest.
    let bench = climbing();
    let command = Command::Evaluate {
        request: id("p-0002"),
        facts: good(),
        beside: Default::default(),
        now: bench.now,
    };
    let Ok(promote::governance::promotion::decide::Proposal::Engine(act)) =
        decide(&bench.state, command, &bench.moment())
    else {
        panic!("an evaluation was wanted");
    };
    let judges = |mut bench: Bench| {
        let signed = bench.signed((*act).clone(), "engine", "engine");
        let effect = bench.append(&signed);
        (effect, bench.status("p-0002"))
    };
    assert_eq!(judges(bench.clone()), (true, Status::AwaitingApproval));
    let mut open = bench.clone();
    open.incident("p", Severity::Low).unwrap();
    assert_eq!(judges(open), (false, Status::Submitted));
}

#[test]
fn a_rejection_under_another_name_counts_before_the_verdict() {
    let with = |other: Vec<Fact>| {
        let mut bench = submitted();
        bench.judged("q", "s1", other);
        bench
    };
    // Rejected elsewhere since: the same pause, and the same wish for something new.
    let mut bench = with(facts("0.7", "0.22", "0.31"));
    assert_eq!(slug(bench.evaluate("p-0001", good())), "cool-off");
    bench.days(14);
    assert_eq!(slug(bench.evaluate("p-0001", good())), "nothing-new");
    let mut bench = with(good());
    bench.evaluate("p-0001", good()).unwrap();
}

#[test]
fn a_policy_set_in_doubt_judges_nothing() {
    let mut bench = Bench::new();
    bench.enrol("research-4", Role::Research);
    let published = bench.entries.len() as u64;
    let people = [("research-3", "research"), ("risk-1", "risk")];
    publishes(&mut bench, &looser(), &people).unwrap();
    let request = bench.request("p", "s1");
    bench.ask(request).unwrap();
    let mut believed = bench.clone();
    believed.compromised("risk-1", Some(published + 1)).unwrap();
    believed.evaluate("p-0001", good()).unwrap();
    bench.compromised("risk-1", Some(published)).unwrap();
    assert_eq!(slug(bench.evaluate("p-0001", good())), "policy-in-doubt");
    let codes: Vec<String> = bench.lines("p-0001").into_iter().map(|l| l.code).collect();
    assert_eq!(codes, ["policy_in_doubt", "evaluation"]);
}

#[test]
fn a_request_for_live_is_judged_for_an_instance_that_is_there() {
    let mut bench = submitted();
    bench.place("p", Stage::Testnet);
    let held = bench.state.portfolios.values_mut().next().unwrap();
    held.strategy = Some(Digest::of(b"s1"));
    let record = bench.state.requests.get_mut(&id("p-0001")).unwrap();
    record.request.target = Target::Live;
    let asked = |bench: &Bench| may_be_judged(&bench.state, &id("p-0001"), bench.now).map(|_| ());
    assert_eq!(slug(asked(&bench)), "instance-wanted");
    let told = bench.lines("p-0001");
    assert!(told.len() > 1 && told.last().unwrap().code == "evaluation");
    let mut bench = crate::token::with_instance(bench);
    let name = "live-1".parse().unwrap();
    let card = bench.state.access.instances[&name].card.digest();
    let record = bench.state.requests.get_mut(&id("p-0001")).unwrap();
    record.request.instance = Some(name);
    record.request.instance_card = card;
    asked(&bench).unwrap();
    assert_eq!(bench.lines("p-0001").len(), 1);
}

#[test]
fn so_many_attempts_are_recorded_in_a_day() {
    let mut bench = submitted();
    for n in 0..ATTEMPTS_PER_DAY {
        assert!(!is_recorded_enough(bench.record("p-0001"), bench.now));
        bench.fails("p-0001").unwrap();
        assert_eq!(bench.record("p-0001").unjudged.len(), n + 1);
    }
    let enough = |bench: &Bench, now: UtcTime| is_recorded_enough(bench.record("p-0001"), now);
    assert!(enough(&bench, bench.now));
    let day = bench.now.plus_days(1);
    assert!(enough(&bench, day.plus_millis(-1)));
    assert!(!enough(&bench, day));
}

#[test]
fn every_export_tells_it_in_its_language() {
    let mut bench = submitted();
    bench.fails("p-0001").unwrap();
    let seq = bench.entries.len() - 1;
    bench.days(30);
    let request = bench.request("p", "s1");
    bench.ask(request).unwrap();
    assert_eq!(bench.status("p-0001"), Status::Expired);
    let log = |form, language| {
        let order = Order {
            what: What::Decisions,
            form,
            language,
            portfolio: None,
        };
        export(&bench.state, &Default::default(), bench.head(), &order).unwrap()
    };
    for (language, line, proof) in [
        (
            Language::De,
            format!("Bewertung fehlgeschlagen (Eintrag {seq}, `evidence.differs`), the blob ab"),
            format!("Eintrag {seq}: Bewertung fehlgeschlagen durch engine (engine)"),
        ),
        (
            Language::En,
            format!("Evaluation failed (entry {seq}, `evidence.differs`), the blob ab"),
            format!("Entry {seq}: failed evaluation by engine (engine)"),
        ),
    ] {
        let text = log(Form::Markdown, language).replace('\\', "");
        assert!(text.contains(&format!("- {line}")), "{line}\n{text}");
        assert!(text.contains(&proof), "{proof}\n{text}");
    }
    // Time ended it: no entry did, an error least of all.
    let sheet = log(Form::Csv, Language::En);
    let column = |line: &str, at: usize| line.split(',').nth(at).unwrap().to_owned();
    let mut lines = sheet.lines();
    let at = lines
        .next()
        .unwrap()
        .split(',')
        .position(|c| c == "end_seq");
    let row = lines.find(|l| l.starts_with("p-0001,")).unwrap();
    assert_eq!(column(row, at.unwrap()), "", "{row}");
}

// ----- by commands -----

fn json(world: &mut World, args: &[&str]) -> Value {
    let all = [args, &["--json"]].concat();
    run(world, &all).expect(Exit::Done).json()
}

fn kinds(world: &World) -> Vec<String> {
    let (entries, _) = crate::gate::load(world);
    entries.into_iter().map(|e| e.leaf.kind).collect()
}

fn evaluate(world: &mut World, id: &str) -> Answer {
    run(world, &["evaluate", id, "--json"])
}

/// Exit 0 of `ledger verify`, and of `audit verify` over a bundle of the same ledger.
fn verifies(world: &mut World) {
    assert_eq!(json(world, &["ledger", "verify"])["ok"], true);
}

#[test]
fn a_kill_between_submission_and_verdict_leaves_a_request_that_evaluate_finishes() {
    let mut world = world();
    let dir = write(&world, "rsi", "one", Quality::Good);
    let words = [
        "request",
        "rsi",
        "--target",
        "shadow",
        "--evidence",
        &dir,
        "--summary",
        "stable",
        "--key",
        "w/keys/research-1.pub",
        "--statement-out",
        "s",
    ];
    run(&mut world, &words).expect(Exit::Pending);
    // All that `promote request` does until the submission is acknowledged, and nothing after it.
    let bytes = std::fs::read(world.at("s")).unwrap();
    let key = read_identity(&world.at("w/keys/research-1"), None).unwrap();
    let envelope = key.sign("request-v1@promote", &bytes);
    let signed = Signed::join(&bytes, &[envelope]).unwrap();
    let files = bundle_dir::read(&world.at(&dir)).unwrap();
    let blobs = blobs_of(&bundle::check(&files).unwrap(), &files);
    block(async {
        let when = When {
            clock: UtcTime::parse_loose("2025-12-15T08:00:00Z").unwrap(),
            chosen: None,
            halts: None,
        };
        let path = world.at("w/ledger/ledger.db");
        let mut desk = Desk::write(&path, when).await.unwrap();
        let written = submit(&mut desk, &signed, Follow::Nothing, &blobs).await;
        assert_eq!(written.unwrap().len(), 1);
        desk.close().await.unwrap();
    });
    // Its portfolio, its requester and the inbox know what it waits for.
    let status = json(&mut world, &["status", "rsi"])["portfolios"][0].clone();
    assert_eq!(status["request_status"], "SUBMITTED");
    assert_eq!(status["missing"][0]["code"], "evaluation");
    assert_eq!(status["missing"][0]["command"], "promote evaluate rsi-0001");
    let inbox = json(&mut world, &["inbox"])["items"][0].clone();
    assert_eq!(inbox["command"], "promote evaluate rsi-0001");
    let early = approve(&mut world, "rsi-0001", "risk", "risk-1").expect(Exit::Conflict);
    assert!(early.err.contains("evaluate rsi-0001`"), "{}", early.err);
    verifies(&mut world);
    // The bundle's folder is not asked for: what the ledger kept is judged.
    std::fs::remove_dir_all(world.at(&dir)).unwrap();
    let judged = evaluate(&mut world, "rsi-0001")
        .expect(Exit::Pending)
        .json();
    assert_eq!(judged["status"], "AWAITING_APPROVAL");
    assert_eq!(judged["verdict"], "PROMOTE_TO_SHADOW");
    assert_eq!(judged["entries"][0]["kind"], "evaluation");
    let twice = evaluate(&mut world, "rsi-0001").expect(Exit::Conflict);
    assert_eq!(slug_of(&twice), "already-evaluated");
    let unknown = evaluate(&mut world, "rsi-0002").expect(Exit::Conflict);
    assert_eq!(slug_of(&unknown), "unknown-request");
    approve(&mut world, "rsi-0001", "risk", "risk-1").expect(Exit::Done);
    let ended = evaluate(&mut world, "rsi-0001").expect(Exit::Conflict);
    assert_eq!(slug_of(&ended), "request-ended");
    verifies(&mut world);
}

/// Puts other bytes, in hexadecimal digits, in the place of a stored blob; the ones that were there.
fn swap(world: &World, digest: &str, bytes: &str) -> String {
    block(async {
        let mut intruder = Intruder::enter(&world.at("w/ledger/ledger.db")).await;
        let stored = format!("SELECT hex(stored) FROM blob WHERE sha256 = x'{digest}'");
        let rows = intruder.run(&stored).await.unwrap();
        let before: String = rows[0].get(0);
        let sql = format!("UPDATE blob SET stored = x'{bytes}' WHERE sha256 = x'{digest}'");
        intruder.behind_triggers("blob", &sql).await.unwrap();
        intruder.leave().await;
        before
    })
}

#[test]
fn a_request_that_cannot_be_judged_is_recorded_told_and_finished() {
    let mut world = world();
    let dir = write(&world, "rsi", "one", Quality::Good);
    request(&mut world, "rsi", &dir, &[]).expect(Exit::Pending);
    let withdraw = ["withdraw", "rsi-0001", "--key", "w/keys/research-1"];
    run(&mut world, &withdraw).expect(Exit::Done);
    // The folder is whole, and what the ledger keeps of the same bundle is not.
    let manifest = json(&mut world, &["show", "rsi-0001"])["evidence"][0].clone();
    let manifest = manifest["evidence_sha256"].as_str().unwrap().to_owned();
    let stored = swap(&world, &manifest, "00");
    let asked = request(&mut world, "rsi", &dir, &[]).expect(Exit::Integrity);
    let err = &asked.err;
    assert!(err.contains("request recorded: seq "), "{err}");
    assert!(err.contains("evaluation-error recorded: seq "), "{err}");
    assert!(
        err.contains("evaluate rsi-0002` judges the request again"),
        "{err}"
    );
    assert_eq!(
        kinds_after(&world, "withdrawal"),
        ["request", "evaluation-error"]
    );
    let status = json(&mut world, &["status", "rsi"])["portfolios"][0].clone();
    assert_eq!(status["request_status"], "SUBMITTED");
    let text = status["missing"][0]["text"].as_str().unwrap();
    assert!(text.contains("could not be evaluated"), "{text}");
    assert!(text.contains("ledger.integrity"), "{text}");
    assert_eq!(status["missing"][0]["command"], "promote evaluate rsi-0002");
    // It is there once, whoever asks again.
    let again = request(&mut world, "rsi", &dir, &["--json"]).expect(Exit::Conflict);
    assert_eq!(slug_of(&again), "open-request");
    // Trying again fails in the same way as long as nothing is mended, and is recorded too.
    let failed = evaluate(&mut world, "rsi-0002").expect(Exit::Integrity);
    let object: Value = serde_json::from_str(failed.err.lines().last().unwrap()).unwrap();
    assert_eq!(object["slug"], "ledger.integrity");
    assert_eq!(object["exit"], 9);
    assert_eq!(object["recorded"][0]["kind"], "evaluation-error");
    fits("error.v1.json", &object);
    let hint = object["hint"].as_str().unwrap();
    assert!(hint.contains("`promote evaluate rsi-0002`"), "{hint}");
    let shown = json(&mut world, &["show", "rsi-0002"]);
    let signers = shown["signers"].as_array().unwrap();
    let acts: Vec<&str> = signers.iter().map(|s| s["act"].as_str().unwrap()).collect();
    assert!(
        acts.starts_with(&["request", "evaluation-error"]),
        "{acts:?}"
    );
    let attempts = acts.iter().filter(|act| **act == "evaluation-error");
    assert_eq!(attempts.count(), 2, "{acts:?}");
    assert!(signers[1]["reason"] == "ledger.integrity", "{signers:?}");
    swap(&world, &manifest, &stored);
    let judged = evaluate(&mut world, "rsi-0002")
        .expect(Exit::Pending)
        .json();
    assert_eq!(judged["status"], "AWAITING_APPROVAL");
    approve(&mut world, "rsi-0002", "risk", "risk-1").expect(Exit::Done);
    verifies(&mut world);
    let log = run(&mut world, &["log", "export", "--portfolio", "rsi"]).expect(Exit::Done);
    assert_eq!(
        log.out.matches("Bewertung fehlgeschlagen (Eintrag").count(),
        2
    );
}

/// Kinds of the entries after the last one of a kind.
fn kinds_after(world: &World, kind: &str) -> Vec<String> {
    let path = world.at("w/ledger/ledger.db");
    let all: Vec<String> = block(async {
        use promote::adapters::ledger::{Access, Ledger};
        let mut ledger = Ledger::open(&path, Access::Read).await.unwrap();
        let entries = ledger.entries().await.unwrap();
        ledger.close().await.unwrap();
        entries.into_iter().map(|e| e.leaf.kind).collect()
    });
    let at = all.iter().rposition(|k| k == kind).unwrap();
    all[at + 1..].to_vec()
}

#[test]
fn the_submission_comes_before_the_verdict_with_a_checkpoint_between() {
    let mut world = world();
    let before = kinds(&world).len() as u64;
    let dir = write(&world, "rsi", "one", Quality::Good);
    let asked = request(&mut world, "rsi", &dir, &["--json"]).expect(Exit::Pending);
    let entries = asked.json()["entries"].clone();
    assert_eq!(entries[0]["kind"], "request");
    assert_eq!(entries[1]["kind"], "evaluation");
    // The engine signs over the head that the submission made.
    let (entries, _) = crate::gate::load(&world);
    let verdict = promote::governance::promotion::event::read(entries.last().unwrap()).unwrap();
    assert_eq!(verdict.statement.head.size, before + 1);
}
