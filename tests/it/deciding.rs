//! Decisions that come about by whatever is written: the last slot, the last rerun, a time lock that
//! ended. Nothing that may not be decided is, and it keeps nothing from being written.

use ed25519_dalek::Signer as _;
use promote::governance::audit::tree::Frontier;
use promote::governance::promotion::chain::Chain;
use promote::governance::promotion::statement::Act;
use promote::governance::promotion::tracks::TrackAct;
use promote::governance::stage::Stage;
use promote::kernel::sshsig::{Envelope, signed_bytes};

use crate::distrust::{dataset, rerun, vouched};
use crate::edges::with_shadow_quorum;
use crate::machine::{Bench, good, key, public};
use crate::safety::{halt, portfolio, scope};

/// Writes `act`, and lets the engine decide what is ready; the kinds of the entries, and the stage of
/// `p` after them.
fn writes(bench: &Bench, act: Act, who: &str, role: &str) -> (Vec<String>, Stage) {
    let mut bench = bench.clone();
    let signed = bench.signed(act, who, role);
    let mut frontier = Frontier::default();
    for entry in &bench.entries {
        frontier.append(entry.leaf_hash);
    }
    let mut chain = Chain::new(bench.state.clone(), frontier, bench.now);
    chain.submit(signed).unwrap();
    let engine = key("engine");
    let seal = |namespace: &str, message: &[u8]| Envelope {
        key: public(&engine),
        namespace: namespace.to_owned(),
        signature: engine.sign(&signed_bytes(namespace, message)).to_bytes(),
    };
    chain.decide_ready(public(&engine), &seal).unwrap();
    assert_eq!(chain.state.findings, bench.state.findings);
    let kinds = chain.drafts.iter().map(|draft| draft.kind.clone());
    (
        kinds.collect(),
        chain.state.portfolios[&portfolio("p")].stage,
    )
}

fn track(act: TrackAct) -> Act {
    Act::Track(Box::new(act))
}

#[test]
fn the_last_thing_that_was_missing_brings_the_decision_about() {
    let mut bench = vouched();
    let id = bench.judged("p", "s1", good());
    let approval = Act::Approval(Box::new(bench.approval(&id)));
    // A slot is filled and the rerun is wanted: whatever is written, nothing is decided.
    let first = writes(&bench, approval.clone(), "risk-1", "risk");
    assert_eq!(first, (vec!["approval".to_owned()], Stage::Research));
    let mut rerun_last = bench.clone();
    rerun_last.approve(&id, "risk-1", "risk").unwrap();
    let data = track(dataset(&bench));
    let unrelated = writes(&rerun_last, data.clone(), "ops-1", "ops");
    assert_eq!(unrelated, (vec!["dataset".to_owned()], Stage::Research));
    let both = |kind: &str| (vec![kind.to_owned(), "decision".to_owned()], Stage::Shadow);
    let last = writes(&rerun_last, track(rerun()), "ops-1", "ops");
    assert_eq!(last, both("rerun"));
    // The other way round, the slot is the last thing.
    let signed = bench.signed(track(rerun()), "ops-1", "ops");
    bench.submit(signed).unwrap();
    assert_eq!(writes(&bench, data, "ops-1", "ops").1, Stage::Research);
    assert_eq!(writes(&bench, approval, "risk-1", "risk"), both("approval"));
}

#[test]
fn a_time_lock_that_ended_is_noticed_by_any_later_write() {
    let mut bench = with_shadow_quorum(
        "slots = { risk = 1 }, persons = 1, time_lock_hours = 12, witnesses = 0",
    );
    let id = bench.judged("p", "s1", good());
    // A second portfolio waits too, and a third one for its approval.
    let other = bench.judged("q", "s2", good());
    bench.judged("r", "s3", good());
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.approve(&other, "risk-1", "risk").unwrap();
    let ends = bench.now.plus_millis(12 * 3_600_000);
    bench.now = ends.plus_millis(-1);
    let data = track(dataset(&bench));
    let kinds = |list: &[&str]| list.iter().map(|k| (*k).to_owned()).collect::<Vec<_>>();
    let early = writes(&bench, data.clone(), "ops-1", "ops");
    assert_eq!(early, (kinds(&["dataset"]), Stage::Research));
    bench.now = ends;
    let late = writes(&bench, data, "ops-1", "ops");
    let both = kinds(&["dataset", "decision", "decision"]);
    assert_eq!(late, (both, Stage::Shadow));
    // What stops one of them at that moment stops its decision, and not the other's.
    let halted = writes(&bench, halt(scope("p"), false), "ops-1", "ops");
    assert_eq!(halted, (kinds(&["halt", "decision"]), Stage::Research));
}

#[test]
fn a_ledger_with_findings_decides_nothing_and_still_takes_what_lowers_risk() {
    let mut bench = with_shadow_quorum(
        "slots = { risk = 1 }, persons = 1, time_lock_hours = 12, witnesses = 0",
    );
    let id = bench.judged("p", "s1", good());
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.days(1);
    let forged = bench.signed(halt(scope("q"), false), "research-1", "research");
    assert!(!bench.append(&forged));
    let written = writes(&bench, halt(scope("q"), false), "ops-1", "ops");
    assert_eq!(written, (vec!["halt".to_owned()], Stage::Research));
}
