//! What an act brought about: the state before it against the state after, and the same told by the
//! commands.

use promote::app::exit::Exit;
use promote::governance::promotion::access::acts::Reason;
use promote::governance::promotion::consequences::{
    Consequences, Dead, Ended, Halted, Lowered, Void, consequences,
};
use promote::governance::promotion::safety::halt::{Cause, HaltScope};
use promote::governance::promotion::safety::incident::Severity;
use promote::governance::promotion::state::Status;
use promote::governance::stage::Stage;
use promote::kernel::id::{PersonId, PortfolioId, RequestId};
use promote::render::consequences::text;

use crate::bundles::{Quality, write};
use crate::gate::{approve, request, run, world};
use crate::machine::{Bench, good, promoted};
use crate::safety::{BOTH, scope};
use crate::schemas::fits;
use crate::token::{issue_token, live, revoke};

const OTHERS: [(&str, &str); 2] = [("risk-2", "risk"), ("ops-1", "ops")];

fn of(name: &str) -> PortfolioId {
    PortfolioId::new(name).unwrap()
}

fn id(name: &str) -> RequestId {
    RequestId::new(name).unwrap()
}

/// What `act` brings about on `bench`.
fn brought(bench: &mut Bench, act: impl FnOnce(&mut Bench)) -> Consequences {
    let before = bench.state.clone();
    act(bench);
    consequences(&before, &bench.state, bench.now)
}

fn compromise(bench: &mut Bench, of: &str, from: Option<u64>) {
    revoke(bench, of, Some(Reason::Compromised), from, &OTHERS).unwrap();
}

#[test]
fn a_distrusted_approver_takes_decision_stage_and_tokens_along() {
    let mut bench = live(Bench::new());
    let (claims, _) = issue_token(&mut bench);
    let open = bench.judged("q", "s2", good());
    bench.approve(&open, "risk-1", "risk").unwrap();
    let found = brought(&mut bench, |bench| compromise(bench, "risk-1", Some(1)));
    let seq = (bench.entries.len() - 1) as u64;
    assert_eq!(found.decisions, [id("p-0001")]);
    // The decision for LIVE falls, and with it the stage that it granted.
    assert_eq!(found.lowered.len(), 1);
    assert_eq!(found.lowered[0].from, Stage::Live);
    let halted = Halted {
        seq,
        scope: HaltScope::Portfolio(of("p")),
        cause: Cause::Distrust,
        again: false,
    };
    assert_eq!(found.halts, [halted]);
    let dead = Dead {
        jti: claims.jti,
        portfolio: of("p"),
        reason: "token-key-distrusted",
        running: false,
    };
    assert_eq!(found.tokens, [dead]);
    // The open request goes on without that approval.
    let void = Void {
        request: id(&open),
        person: PersonId::new("risk-1").unwrap(),
        role: promote::governance::policy::roles::Role::Risk,
    };
    assert_eq!((found.approvals.len(), &found.approvals[0]), (1, &void));
    assert_eq!(found.requests, []);
    let told = text(&found);
    for wanted in [
        "brought about: the decision on p-0001 fell\n",
        "brought about: p was lowered from LIVE to ",
        "brought about: approval of q-0001 by risk-1 counts no more: slot risk is open again\n",
        " of p died: token-key-distrusted\n",
        &format!("brought about: halt of portfolio p on entry {seq} (distrust) stands\n"),
    ] {
        assert!(told.contains(wanted), "{wanted}\n{told}");
    }
}

#[test]
fn a_harmless_revocation_brings_nothing_about() {
    let (mut bench, _) = promoted();
    let found = brought(&mut bench, |bench| {
        revoke(bench, "risk-1", Some(Reason::Left), None, &OTHERS).unwrap();
    });
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(text(&found), "");
}

#[test]
fn halts_and_incidents_that_stand_again_say_so() {
    let (mut bench, _) = promoted();
    bench.halts(HaltScope::Global, "risk-2", "risk").unwrap();
    let halt = (bench.entries.len() - 1) as u64;
    let lifted = bench.entries.len() as u64;
    bench.resumes(BOTH).unwrap();
    bench.incident("p", Severity::Low).unwrap();
    let incident = (bench.entries.len() - 1) as u64;
    bench.closes("risk-1", "risk").unwrap();
    let open = bench.judged("q", "s2", good());
    let found = brought(&mut bench, |bench| {
        compromise(bench, "risk-1", Some(lifted));
    });
    let again = Halted {
        seq: halt,
        scope: HaltScope::Global,
        cause: Cause::Person,
        again: true,
    };
    assert_eq!(found.halts, [again]);
    assert_eq!(found.incidents, [incident]);
    let ended = Ended {
        request: id(&open),
        portfolio: of("q"),
        status: Status::Invalidated,
    };
    assert_eq!(found.requests, [ended]);
    let told = text(&found);
    let wanted = format!(
        "halt of global on entry {halt} (person) stands again, as if nobody had lifted it\n"
    );
    assert!(told.contains(&wanted), "{told}");
    assert!(told.contains(&format!("incident {incident} is open again\n")));
}

#[test]
fn other_acts_are_told_by_the_same_function() {
    let (mut bench, _) = promoted();
    bench.place("p", Stage::Testnet);
    let mut high = bench.clone();
    let found = brought(&mut high, |bench| {
        bench.incident("p", Severity::High).unwrap();
    });
    let lowered = Lowered {
        portfolio: of("p"),
        from: Stage::Testnet,
        to: Stage::Shadow,
    };
    assert_eq!(found.lowered, [lowered]);
    assert_eq!(found.halts.len(), 1);
    assert_eq!(found.halts[0].cause, Cause::Incident);
    let found = brought(&mut bench, |bench| {
        let demoted = bench.demotes("p", Stage::Research, "risk-1", "risk");
        demoted.unwrap();
    });
    assert_eq!(found.lowered[0].to, Stage::Research);
    assert_eq!(found.halts, []);
    // Raising is no loss, and a halt that is lifted does not stand.
    let (mut bench, _) = promoted();
    bench.halts(scope("p"), "ops-1", "ops").unwrap();
    let found = brought(&mut bench, |bench| bench.resumes(BOTH).unwrap());
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn the_commands_tell_what_they_brought_about() {
    let mut world = world();
    let dir = write(&world, "rsi", "one", Quality::Good);
    request(&mut world, "rsi", &dir, &[]).expect(Exit::Pending);
    approve(&mut world, "rsi-0001", "risk", "risk-1").expect(Exit::Done);
    let dir = write(&world, "macd", "two", Quality::Good);
    request(&mut world, "macd", &dir, &[]).expect(Exit::Pending);
    let two = ["--key", "w/keys/risk-2", "--key", "w/keys/ops-1"];
    let words = ["key", "revoke", "risk-1", "--distrust-from-seq", "1"];
    let words = [&words[..], &two].concat();

    let told = run(&mut world.copy(), &words).expect(Exit::Done).out;
    assert!(
        told.contains("brought about: rsi was lowered from SHADOW to RESEARCH\n"),
        "{told}"
    );
    let json = [&words[..], &["--json"]].concat();
    let json = run(&mut world.copy(), &json).expect(Exit::Done).json();
    fits("access.v1.json", &json);
    assert_eq!(json["lowered"], serde_json::json!(["rsi"]));
    let found = &json["consequences"];
    assert_eq!(found["decisions"], serde_json::json!(["rsi-0001"]));
    assert_eq!(found["halts"][0]["cause"], "distrust");

    let words = ["key", "revoke", "risk-3", "--reason", "left"];
    let told = run(&mut world.copy(), &[&words[..], &two].concat()).expect(Exit::Done);
    assert!(
        told.out
            .contains("nothing that is open or granted rests on it\n"),
        "{}",
        told.out
    );

    let words = [
        "--json",
        "incident",
        "open",
        "macd",
        "--class",
        "risk_limit",
        "--severity",
        "medium",
        "--summary",
        "limit broken",
        "--key",
        "w/keys/ops-1",
    ];
    let deed = run(&mut world, &words).expect(Exit::Done).json();
    fits("deed.v1.json", &deed);
    let found = &deed["consequences"];
    assert_eq!(found["requests"][0]["request"], "macd-0001");
    assert_eq!(found["requests"][0]["status"], "INVALIDATED");
    assert_eq!(found["halts"][0]["again"], false);
}
