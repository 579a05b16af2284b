//! What an act brought about: the state before it against the state after, and the same told by the
//! commands.

use promote::app::exit::Exit;
use promote::governance::promotion::access::acts::Reason;
use promote::governance::promotion::consequences::{
    Consequences, Dead, Dropped, Ended, Halted, Lowered, Void, consequences,
};
use promote::governance::promotion::safety::halt::{Cause, HaltScope};
use promote::governance::promotion::safety::incident::Severity;
use promote::governance::promotion::state::{State, Status};
use promote::governance::stage::Stage;
use promote::kernel::digest::Digest;
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
fn only_approvals_that_counted_and_count_no_more_are_told() {
    let mut bench = Bench::new();
    bench.brief = true;
    let open = bench.judged("q", "s2", good());
    bench.approve(&open, "risk-1", "risk").unwrap();
    let found = brought(&mut bench, |bench| {
        bench.halts(scope("other"), "ops-1", "ops").unwrap();
    });
    assert_eq!(found.approvals, []);
    let found = brought(&mut bench, |bench| compromise(bench, "risk-1", None));
    assert_eq!(found.approvals.len(), 1);
    // Gone already: nothing more is lost.
    let found = brought(&mut bench, |bench| {
        bench.halts(scope("third"), "ops-1", "ops").unwrap();
    });
    assert_eq!(found.approvals, []);
}

#[test]
fn a_stage_that_is_given_is_no_loss_and_retirement_is_one() {
    let mut bench = Bench::new();
    bench.brief = true;
    let id = bench.judged("p", "s1", good());
    bench.approve(&id, "risk-1", "risk").unwrap();
    let found = brought(&mut bench, |bench| bench.decide(&id).unwrap());
    assert_eq!(bench.stage("p"), Stage::Shadow);
    assert_eq!(found.lowered, []);
    let found = brought(&mut bench, |bench| bench.retires("p").unwrap());
    let retired = Lowered {
        portfolio: of("p"),
        from: Stage::Shadow,
        to: Stage::Retired,
    };
    assert_eq!(found.lowered, [retired]);
    let found = brought(&mut bench, |bench| {
        bench.halts(scope("q"), "ops-1", "ops").unwrap();
    });
    assert_eq!(found.lowered, []);
}

#[test]
fn a_climbing_version_that_begins_anew_is_told_with_the_stage_that_it_held() {
    let (mut bench, _) = promoted();
    bench.brief = true;
    bench.place("p", Stage::Live);
    let id = bench.judged("p", "s2", good());
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.decide(&id).unwrap();
    let mut rises = bench.clone();
    let found = brought(&mut rises, |bench| {
        let held = bench.state.portfolios.get_mut(&of("p")).unwrap();
        held.arrive(Stage::Testnet, Digest::of(b"s2"), bench.now);
    });
    assert_eq!(found.versions, []);
    let found = brought(&mut bench, |bench| {
        bench.demotes("p", Stage::Shadow, "risk-1", "risk").unwrap();
    });
    let dropped = Dropped {
        portfolio: of("p"),
        stage: Stage::Shadow,
        strategy_sha256: Digest::of(b"s2"),
    };
    assert_eq!(found.versions, [dropped]);
}

#[test]
fn a_halt_of_what_was_halted_before_is_a_halt_of_its_own() {
    let (mut bench, _) = promoted();
    bench.brief = true;
    let halted = |bench: &mut Bench| {
        let seq = bench.entries.len() as u64;
        let found = brought(bench, |bench| {
            bench.halts(scope("p"), "ops-1", "ops").unwrap();
        });
        let told = found.halts.iter().map(|h| (h.seq, h.again));
        assert_eq!(told.collect::<Vec<_>>(), [(seq, false)]);
    };
    halted(&mut bench);
    halted(&mut bench);
    bench.resumes(BOTH).unwrap();
    halted(&mut bench);
    // What stands on is not told again.
    let found = brought(&mut bench, |bench| {
        bench.halts(scope("q"), "ops-1", "ops").unwrap();
    });
    assert_eq!(found.halts.len(), 1);
}

#[test]
fn an_incident_that_is_opened_was_not_closed_before() {
    let (mut bench, _) = promoted();
    bench.brief = true;
    bench.incident("p", Severity::Low).unwrap();
    bench.closes("risk-1", "risk").unwrap();
    for _ in 0..2 {
        let found = brought(&mut bench, |bench| {
            bench.incident("p", Severity::Low).unwrap();
        });
        assert!(found.incidents.is_empty());
    }
}

#[test]
fn a_certificate_that_falls_due_is_told_once() {
    let (mut bench, _) = promoted();
    bench.brief = true;
    bench.days(80);
    let certified = bench.entries.len() as u64;
    let act = bench.certificate("p", good());
    let found = brought(&mut bench, |bench| {
        bench.certifies(act, &[("risk-1", "risk")]).unwrap();
    });
    assert_eq!(found.certificates, []);
    let found = brought(&mut bench, |bench| {
        compromise(bench, "risk-1", Some(certified));
    });
    assert_eq!(found.certificates, [of("p")]);
    let found = brought(&mut bench, |bench| {
        bench.halts(scope("q"), "ops-1", "ops").unwrap();
    });
    assert_eq!(found.certificates, []);
}

#[test]
fn a_token_dies_once_and_only_while_it_was_of_use() {
    let mut bench = live(Bench::new());
    bench.brief = true;
    let (claims, _) = issue_token(&mut bench);
    let issued = bench.state.clone();
    bench.halts(scope("p"), "ops-1", "ops").unwrap();
    let used = |mut state: State| {
        let token = state.access.tokens.get_mut(&claims.jti).unwrap();
        token.redeemed = Some(token.mark.clone());
        state
    };
    let opened = issued.access.tokens[&claims.jti].mark.time;
    let longest = opened.plus_millis(claims.session_max_seconds * 1000);
    let dead = |before: &_, after: &_, now| {
        let found = consequences(before, after, now);
        found.tokens.iter().map(|t| t.running).collect::<Vec<_>>()
    };
    let halted = bench.state.clone();
    // Until it may not be redeemed any more.
    let last = claims.exp.plus_millis(-1);
    assert_eq!(dead(&issued, &halted, last), [false]);
    assert_eq!(dead(&issued, &halted, claims.exp), [false; 0]);
    // Redeemed, until its longest session would be over.
    let (running, ended) = (used(issued), used(halted.clone()));
    assert_eq!(dead(&running, &ended, claims.exp), [true]);
    assert_eq!(dead(&running, &ended, longest.plus_millis(-1)), [true]);
    assert_eq!(dead(&running, &ended, longest), [false; 0]);
    // What was dead before did not die of this.
    bench.halts(scope("p"), "risk-1", "risk").unwrap();
    assert_eq!(dead(&halted, &bench.state, last), [false; 0]);
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
