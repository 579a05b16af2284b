//! What stands in the way of a portfolio is one answer: of `status` with the kept view and without
//! it, `inbox`, `as-of`, the inventory, and while it is LIVE of what its token is asked.

use promote::app::exit::Exit;
use promote::app::gate::shown::Shown;
use promote::app::gate::views::{inbox, status, status_text};
use promote::governance::policy::roles::Role;
use promote::governance::promotion::access::acts::Reason;
use promote::governance::promotion::access::missing_token::missing_token;
use promote::governance::promotion::expiry::settle;
use promote::governance::promotion::looks::so_far;
use promote::governance::promotion::missing::{Missing, missing, missing_of};
use promote::governance::promotion::safety::halt::HaltScope;
use promote::governance::promotion::safety::incident::Severity;
use promote::governance::promotion::state::State;
use promote::governance::promotion::statement::Act;
use promote::governance::promotion::tracks::TrackAct;
use promote::governance::promotion::tracks::revocation::EvidenceRevocation;
use promote::governance::promotion::view::View;
use promote::governance::stage::{Stage, Target};
use promote::kernel::digest::Digest;
use promote::kernel::id::PortfolioId;
use promote::kernel::time::UtcTime;
use promote::render::register::inventory::{KeptLimits, PortfolioStanding};
use serde_json::{Value, json, to_value};

use crate::bundles::{Quality, write};
use crate::harness::{Answer, World};
use crate::machine::{Bench, good, promoted};
use crate::safety::{BOTH, halt, portfolio, promoted_by_override, scope};
use crate::token::{live, revoke};

const RISK: &[(&str, &str)] = &[("risk-2", "risk")];
const DAYS: [i64; 5] = [0, 77, 91, 98, 200];

fn shown(bench: &Bench, mut state: State, now: UtcTime) -> Shown {
    settle(&mut state, now);
    Shown {
        state,
        head: bench.head(),
        now,
        looks: so_far(&bench.state),
    }
}

/// What `status` stands on where a view is kept.
fn kept(bench: &Bench, now: UtcTime) -> Shown {
    let bytes = View::of(&bench.state).unwrap().encode().unwrap();
    let view = View::decode(&bytes).unwrap();
    let looks = view.looks().clone();
    let state = view.into_state((*bench.state.policy).clone()).unwrap();
    Shown {
        looks,
        ..shown(bench, state, now)
    }
}

/// Asks everywhere, days from now; what is missing of `p` in the end.
fn asked(bench: &Bench, days: i64) -> Vec<Missing> {
    let now = bench.now.plus_days(days);
    let folded = shown(bench, bench.state.clone(), now);
    let kept = kept(bench, now);
    assert_eq!(
        status_json(&folded),
        status_json(&kept),
        "{days} days later"
    );
    for role in [None, Some("risk"), Some("ops"), Some("research")] {
        let both = [&folded, &kept].map(|shown| to_value(inbox(shown, role)).unwrap());
        assert_eq!(both[0], both[1], "{role:?} {days} days later");
    }
    let (id, state) = (portfolio("p"), &folded.state);
    let held = &state.portfolios[&id];
    let standing = PortfolioStanding::new(state, &id, held, &KeptLimits::new(), now);
    let told = status_json(&folded)["portfolios"][0]["missing"].clone();
    assert_eq!(told, to_value(&standing.missing).unwrap());
    if held.stage == Stage::Live {
        let token = missing_token(state, &id, now);
        let of_request = state.history(&id).last().unwrap();
        let of_request = missing(state, of_request, now);
        let others = standing.missing.iter().filter(|m| !of_request.contains(m));
        let others: Vec<&Missing> = others.collect();
        let wanted = token.iter().filter(|m| !of_request.contains(m));
        assert_eq!(others, wanted.collect::<Vec<_>>());
        assert!(token.iter().all(|m| standing.missing.contains(m)));
    }
    standing.missing
}

fn status_json(shown: &Shown) -> Value {
    to_value(status(shown, None)).unwrap()
}

/// Asks everywhere at several times; the codes of what is missing now.
fn codes(bench: &Bench) -> Vec<String> {
    for days in DAYS {
        asked(bench, days);
    }
    asked(bench, 0).into_iter().map(|m| m.code).collect()
}

/// Codes and roles of what the inbox shows `role`, days from now.
fn work(bench: &Bench, role: &str, days: i64) -> Vec<String> {
    let now = bench.now.plus_days(days);
    let items = to_value(inbox(&kept(bench, now), Some(role))).unwrap()["items"].clone();
    let items = items.as_array().unwrap().iter();
    items
        .map(|i| i["code"].as_str().unwrap().to_owned())
        .collect()
}

fn lift(bench: &mut Bench, target: Target, stage: Stage) {
    let first = bench.state.requests.values_mut().next().unwrap();
    first.request.target = target;
    bench.place("p", stage);
}

/// A certificate of LIVE, without the reruns and sessions that it would want.
fn certifies_live(bench: &mut Bench) {
    // What granted LIVE is a decision for SHADOW, lifted; so is the certificate.
    lift(bench, Target::Shadow, Stage::Shadow);
    let act = bench.certificate("p", good());
    bench.certifies(act, RISK).unwrap();
    lift(bench, Target::Live, Stage::Live);
    let given = bench.state.safety.certificates.last_mut().unwrap();
    given.act.stage = Stage::Live;
}

fn revokes_evidence(bench: &mut Bench, digest: Digest) {
    let act = TrackAct::EvidenceRevocation(EvidenceRevocation {
        evidence_sha256: digest,
        reason: "bars were shifted".into(),
    });
    let signed = bench.signed(Act::Track(Box::new(act)), "risk-2", "risk");
    bench.submit(signed).unwrap();
}

#[test]
fn every_answer_about_a_live_portfolio_is_its_tokens() {
    let mut bench = live(Bench::new());
    bench.enrol("risk-3", Role::Risk);
    assert_eq!(codes(&bench), [""; 0]);
    assert_eq!(work(&bench, "risk", 0), [""; 0]);
    bench.halts(scope("p"), "ops-1", "ops").unwrap();
    assert_eq!(codes(&bench), ["halted"]);
    assert_eq!(work(&bench, "risk", 0), ["halted"]);
    assert_eq!(work(&bench, "ops", 0), ["halted"]);
    assert_eq!(work(&bench, "research", 0), [""; 0]);
    certifies_live(&mut bench);
    bench.resumes(BOTH).unwrap();
    assert_eq!(codes(&bench), [""; 0]);
    bench.incident("p", Severity::Low).unwrap();
    assert_eq!(codes(&bench), ["incident_open"]);
    assert_eq!(work(&bench, "risk", 0), ["incident_open"]);
    assert_eq!(work(&bench, "ops", 0), [""; 0]);
    bench.closes("risk-1", "risk").unwrap();
    assert_eq!(codes(&bench), [""; 0]);
    // A key that approved it may be somebody else's.
    let by = [("risk-2", "risk"), ("ops-1", "ops")];
    revoke(&mut bench, "risk-1", Some(Reason::Compromised), None, &by).unwrap();
    assert_eq!(codes(&bench), ["approver_key"]);
    assert_eq!(work(&bench, "research", 0), ["approver_key"]);
    assert_eq!(work(&bench, "ops", 0), [""; 0]);
    // A certificate by the quorum makes up for it, the one before did not.
    certifies_live(&mut bench);
    assert_eq!(codes(&bench), [""; 0]);
    // A later one of another stage does not take its place.
    let mut later = bench.clone();
    certifies_live(&mut later);
    let last = later.state.safety.certificates.last_mut().unwrap();
    last.act.stage = Stage::Shadow;
    assert_eq!(codes(&later), [""; 0]);
    // The keys of the certificate are lost as well: the view must not hold on to it.
    let mut lost = bench.clone();
    let by = [("risk-3", "risk"), ("ops-1", "ops")];
    revoke(&mut lost, "risk-2", None, None, &by).unwrap();
    assert_eq!(codes(&lost), ["approver_key"]);
    // So is it when the evidence behind it was made with a key that is distrusted from then on.
    let mut forged = bench.clone();
    let from = bench.state.safety.certificates.last().unwrap().mark.seq;
    revoke(&mut forged, "research-2", None, Some(from), &by).unwrap();
    assert_eq!(codes(&forged), ["approver_key", "certificate_overdue"]);
    // Overdue by time alone.
    assert_eq!(work(&bench, "research", 91), ["certificate_overdue"]);
    assert_eq!(work(&bench, "risk", 91), ["certificate_overdue"]);
    // It rests on evidence that is revoked.
    let last = bench.state.safety.certificates.last().unwrap();
    let evidence = last.act.evidence[0].evidence_sha256;
    revokes_evidence(&mut bench, evidence);
    assert_eq!(codes(&bench), ["halted", "certificate_overdue"]);
}

#[test]
fn every_answer_about_a_lower_stage_is_the_same() {
    let (mut bench, _) = promoted();
    assert_eq!(codes(&bench), [""; 0]);
    bench.halts(HaltScope::Global, "ops-1", "ops").unwrap();
    assert_eq!(codes(&bench), ["halted"]);
    assert_eq!(work(&bench, "ops", 0), ["halted"]);
    bench.resumes(BOTH).unwrap();
    bench.incident("p", Severity::Medium).unwrap();
    assert_eq!(codes(&bench), ["halted", "incident_open"]);
    bench.closes("risk-1", "risk").unwrap();
    bench.resumes(BOTH).unwrap();
    assert_eq!(codes(&bench), [""; 0]);
    // SHADOW is certified by risk alone.
    assert_eq!(work(&bench, "risk", 91), ["certificate_overdue"]);
    assert_eq!(work(&bench, "research", 91), [""; 0]);
    revokes_evidence(&mut bench, Digest::of(b"s1"));
    assert_eq!(codes(&bench), ["certificate_overdue"]);
    let act = bench.certificate("p", good());
    bench.certifies(act, RISK).unwrap();
    assert_eq!(codes(&bench), [""; 0]);
    // What the last request left to be done stands beside it.
    bench.judged("p", "s2", crate::machine::facts("0.1", "0.18", "0.26"));
    assert_eq!(codes(&bench), ["cool_off"]);
    bench.halts(scope("p"), "ops-1", "ops").unwrap();
    assert_eq!(codes(&bench), ["halted", "cool_off"]);
    // Entries without effect keep everything from rising; then there is no view.
    let now = bench.now;
    let research = bench.signed(halt(scope("p"), false), "research-1", "research");
    assert!(!bench.append(&research));
    let found = &bench.state;
    let told = missing_of(found, &portfolio("p"), now);
    assert_eq!(told[0].code, "ledger_findings");
    assert!(View::of(found).is_none());
    assert_eq!(
        missing_of(found, &PortfolioId::new("none").unwrap(), now),
        []
    );
}

#[test]
fn an_open_request_is_told_once_beside_what_stands_in_the_way() {
    let mut bench = live(Bench::new());
    bench.judged("p", "s2", good());
    assert_eq!(codes(&bench), ["approval"]);
    bench.incident("p", Severity::Low).unwrap();
    assert_eq!(codes(&bench), ["incident_open", "approval"]);
    // In the inbox the incident is the portfolio's, the approval is the request's.
    let items = to_value(inbox(&kept(&bench, bench.now), None)).unwrap()["items"].clone();
    let about = |at: usize| (items[at]["code"].clone(), items[at]["request"].clone());
    assert_eq!(about(0), (json!("incident_open"), Value::Null));
    assert_eq!(about(1), (json!("approval"), json!("p-0002")));
    assert_eq!(items.as_array().unwrap().len(), 2);
}

#[test]
fn every_flag_comes_with_the_command_that_removes_it() {
    // The warning of a certificate begins 14 days before it is due.
    let (bench, _) = promoted();
    let due = |days: i64| {
        let shown = kept(&bench, bench.now.plus_days(days));
        let json = status_json(&shown)["portfolios"][0]["due"].clone();
        (json, status_text(&status(&shown, None)))
    };
    assert_eq!(due(75).0, json!([]));
    let (list, text) = due(77);
    assert_eq!(list[0]["code"], "certificate_due");
    assert_eq!(list.as_array().unwrap().len(), 1);
    let next = "  next: promote recertify p --evidence DIR --summary TEXT --key KEY";
    assert!(text.contains(next), "{text}");
    assert_eq!(work(&bench, "risk", 77), ["certificate_due"]);
    assert_eq!(work(&bench, "research", 77), [""; 0]);
    // Overdue, it is missing and due no more.
    let (list, text) = due(91);
    assert_eq!(list, json!([]));
    assert!(text.contains(next), "{text}");

    // The review of an override: to be made, then missed.
    let mut bench = promoted_by_override();
    let seq = bench.state.safety.overrides[0].mark.seq;
    let told = |bench: &Bench, days: i64| {
        let shown = kept(bench, bench.now.plus_days(days));
        status_text(&status(&shown, None))
    };
    let next = format!("  next: promote override review {seq} --finding TEXT --key KEY");
    let now = told(&bench, 0);
    assert!(now.contains("flag: post_review_due"), "{now}");
    assert!(
        now.contains("` is to be reviewed before ") && now.contains(&next),
        "{now}"
    );
    let late = told(&bench, 8);
    assert!(
        late.contains("` was to be reviewed before ") && late.contains(&next),
        "{late}"
    );
    assert!(late.contains("  next: promote resume --halt "), "{late}");
    assert_eq!(work(&bench, "risk", 0), ["post_review_due"]);
    bench.reviews("risk-3").unwrap();
    assert_eq!(work(&bench, "risk", 0), [""; 0]);
}

#[test]
fn a_halt_of_everything_is_work_once() {
    let (mut bench, _) = promoted();
    let id = bench.judged("q", "s2", good());
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.decide(&id).unwrap();
    bench.halts(HaltScope::Global, "ops-1", "ops").unwrap();
    assert_eq!(work(&bench, "ops", 0), ["halted"]);
    bench.halts(scope("q"), "ops-1", "ops").unwrap();
    assert_eq!(
        work(&bench, "ops", 0),
        ["halted"],
        "the first is lifted first"
    );
    bench.now = bench.now.plus_days(91);
    bench.halts(scope("q"), "risk-1", "risk").unwrap();
    let twice = ["halted", "certificate_overdue", "certificate_overdue"];
    assert_eq!(
        work(&bench, "risk", 0),
        twice,
        "each portfolio is certified"
    );
}

#[test]
fn a_certificate_is_work_for_the_quorum_of_the_stage() {
    let (bench, _) = promoted();
    // The quorum of the stage says who certifies.
    for (stage, roles) in [
        (Stage::Shadow, vec![Role::Risk]),
        (Stage::Live, vec![Role::Research, Role::Risk]),
    ] {
        let mut bench = bench.clone();
        bench.place("p", stage);
        let now = bench.now.plus_days(91);
        let kept = shown(&bench, bench.state.clone(), now);
        let items = to_value(inbox(&kept, None)).unwrap()["items"].clone();
        let overdue = items.as_array().unwrap().iter();
        let mut overdue = overdue.filter(|i| i["code"] == "certificate_overdue");
        let names: Vec<String> = roles.iter().map(Role::to_string).collect();
        assert_eq!(overdue.next().unwrap()["roles"], json!(names), "{stage}");
    }
}

fn run(world: &mut World, line: &str) -> Answer {
    let words: Vec<&str> = ["--root", "w"].into_iter().chain(line.split(' ')).collect();
    world.run(&words)
}

/// What `status`, `as-of` and the inventory say is missing of `rsi`; they say the same.
fn told(world: &mut World) -> Vec<String> {
    let of = |world: &mut World, line: &str| run(world, line).expect(Exit::Done).json();
    let json = of(world, "status rsi --json");
    let now = json["now"].as_str().unwrap().to_owned();
    let status = json["portfolios"][0]["missing"].clone();
    let as_of = of(world, &format!("as-of {now} rsi --json"));
    assert_eq!(status, as_of["portfolio"]["missing"]);
    let inventory = of(world, "log export --what inventory --format json");
    assert_eq!(status, inventory["portfolios"][0]["missing"]);
    let lines = status.as_array().unwrap().iter();
    lines
        .map(|m| m["code"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_commands_tell_the_same_and_name_the_command() {
    let mut world = World::new();
    let now = "2025-12-10T08:00:00Z";
    world
        .run(&["init", "w", "--sandbox", "--seed", "7", "--now", now])
        .expect(Exit::Done);
    let dir = write(&world, "rsi", "one", Quality::Good);
    let ask = format!(
        "request rsi --target shadow --evidence {dir} --summary stable --key w/keys/research-1"
    );
    run(&mut world, &ask).expect(Exit::Pending);
    assert_eq!(told(&mut world), ["approval"]);
    let approve = "approve rsi-0001 --role risk --key w/keys/risk-1";
    run(&mut world, approve).expect(Exit::Done);
    assert_eq!(told(&mut world), [""; 0]);
    let halt = "halt --portfolio rsi --reason spread --key w/keys/ops-1";
    run(&mut world, halt).expect(Exit::Done);
    assert_eq!(told(&mut world), ["halted"]);
    let text = run(&mut world, "status").expect(Exit::Done).out;
    let next = "  next: promote --root w resume --halt ";
    assert!(text.contains("flag: halted since entry "), "{text}");
    assert!(text.contains(next), "{text}");
    let text = run(&mut world, "inbox --role ops").expect(Exit::Done).out;
    assert!(
        text.contains("rsi (SHADOW): halted (portfolio rsi)"),
        "{text}"
    );
    assert!(text.contains(next), "{text}");
    let text = run(&mut world, "inbox --role research")
        .expect(Exit::Done)
        .out;
    assert_eq!(text, "nothing to do\n");
    let opened = "incident open rsi --class other --severity low --summary gap --key w/keys/ops-1";
    run(&mut world, opened).expect(Exit::Done);
    assert_eq!(told(&mut world), ["halted", "incident_open"]);
    let text = run(&mut world, "inbox --role risk").expect(Exit::Done).out;
    assert!(
        text.contains("  next: promote --root w incident close "),
        "{text}"
    );
    let json = run(&mut world, "inbox --json").expect(Exit::Done).json();
    crate::schemas::fits("inbox.v1.json", &json);
    assert_eq!(json["items"][0]["roles"], json!(["risk", "ops"]));
    let json = run(&mut world, "status --json").expect(Exit::Done).json();
    crate::schemas::fits("status.v1.json", &json);
    let revoked = json_digest(&mut world);
    let line = format!("evidence revoke {revoked} --reason shifted --key w/keys/risk-1");
    run(&mut world, &line).expect(Exit::Done);
    let wanted = ["halted", "incident_open", "certificate_overdue"];
    assert_eq!(told(&mut world), wanted);
}

fn json_digest(world: &mut World) -> String {
    let json = run(world, "show rsi-0001 --json").expect(Exit::Done).json();
    json["evidence"][0]["evidence_sha256"]
        .as_str()
        .unwrap()
        .to_owned()
}
