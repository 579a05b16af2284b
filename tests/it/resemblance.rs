//! Resemblance: what those who approve are shown of earlier requests that got no stage.

use promote::app::exit::Exit;
use promote::governance::promotion::resembling::{ENDED_MAX, earlier};
use promote::kernel::digest::Digest;
use promote::kernel::id::RequestId;

use crate::bundles::{Quality, write, write_returns};
use crate::gate::{approve, request, run, world};
use crate::harness::World;
use crate::ledger_support::{Intruder, block};
use crate::machine::{Bench, facts, good};
use crate::safety::scope;
use crate::schemas::fits;

/// Returns that follow those of the good bundle, but for `noise` of their own.
fn returns(days: usize, noise: f64) -> Vec<f64> {
    (0..days)
        .map(|i| {
            let own = f64::from(u32::try_from(i * 5 % 13).unwrap()) - 6.0;
            let shared = f64::from(u32::try_from(i * 7 % 11).unwrap()) - 5.0;
            -0.001 + 0.01 * (shared + noise * own) / 5.0
        })
        .collect()
}

fn show(world: &mut World, id: &str) -> serde_json::Value {
    let shown = run(world, &["show", id, "--json"])
        .expect(Exit::Done)
        .json();
    fits("request-record.v1.json", &shown);
    shown
}

/// Three that were rejected: close, closer, and too short to be compared; all of other portfolios.
fn rejected(world: &mut World) {
    for (portfolio, first, days, noise) in [
        ("closer", 0, 420, 0.25),
        ("close", 0, 420, 1.0),
        ("short", 370, 50, 0.0),
    ] {
        let dir = write_returns(world, portfolio, portfolio, (first, returns(days, noise)));
        request(world, portfolio, &dir, &[]).expect(Exit::Reject);
    }
}

#[test]
fn the_closest_is_shown_wherever_an_approver_looks() {
    let mut world = world();
    rejected(&mut world);
    let dir = write(&world, "rsi", "one", Quality::Good);
    request(&mut world, "rsi", &dir, &[]).expect(Exit::Pending);

    let found = show(&mut world, "rsi-0001")["resemblance"].clone();
    let closest = &found["closest"];
    assert_eq!(closest["request"], "closer-0001");
    assert_eq!(closest["portfolio"], "closer");
    assert_eq!(closest["requester"], "research-1");
    assert_eq!(closest["verdict"], "REJECT");
    assert_eq!(closest["common_bars"], 420);
    assert_eq!(closest["almost_the_same"], true);
    let correlation: f64 = closest["correlation"].as_str().unwrap().parse().unwrap();
    assert!((0.9..1.0).contains(&correlation), "{correlation}");
    assert_eq!(found["compared"], 2);
    assert_eq!(
        found["not_compared"],
        serde_json::json!([{
            "request": "short-0001", "reason": "too_few_common_bars", "sha256": null, "common_bars": 50,
        }])
    );
    assert_eq!(found["left_out"], 0);
    let remark = "almost the same returns as closer-0001, which was rejected";
    assert_eq!(found["remark"], remark);

    let explained = run(&mut world, &["explain", "rsi-0001", "--json"]).json();
    fits("explanation.v1.json", &explained);
    assert_eq!(explained["resemblance"], found);

    // The same words in all three places, and before the statement where it is signed.
    let wanted = format!(
        "resemblance: closest is closer-0001 (REJECT on 2025-12-10), correlation {correlation:.4} over 420 common bars (2 compared)\nremark: {remark}\n  cannot be compared, fewer than 60 common bars: short-0001 (50)\n"
    );
    for words in [["show", "rsi-0001"], ["explain", "rsi-0001"]] {
        let text = run(&mut world, &words).expect(Exit::Done).out;
        assert!(text.contains(&wanted), "{text}");
    }
    let told = approving(&world);
    let at = |text: &str| told.find(text).unwrap_or_else(|| panic!("{text}\n{told}"));
    assert!(at(&wanted) < at("statement to be signed"));
    let words = ["approve", "rsi-0001", "--role", "risk", "--json"];
    let key = ["--key", "w/keys/risk-1"];
    let decided = run(&mut world, &[&words[..], &key].concat()).expect(Exit::Done);
    fits("request.v1.json", &decided.json());
    assert_eq!(decided.json()["resemblance"], found);
    // It informs those who decide; nothing of it is left afterwards.
    assert!(show(&mut world, "rsi-0001")["resemblance"].is_null());
}

/// What an approver is told, in a copy of this world.
fn approving(world: &World) -> String {
    let answer = approve(&mut world.copy(), "rsi-0001", "risk", "risk-1");
    answer.expect(Exit::Done).err
}

#[test]
fn a_missing_blob_is_named_and_hinders_nobody() {
    let mut world = world();
    rejected(&mut world);
    let series = |world: &World, dir: &str| {
        let bytes = std::fs::read(world.at(&format!("{dir}/series/full.csv"))).unwrap();
        Digest::of(&bytes)
    };
    let gone = series(&world, "evidence/closer-closer-own");
    let dir = write(&world, "rsi", "one", Quality::Good);
    request(&mut world, "rsi", &dir, &[]).expect(Exit::Pending);
    take_away(&world, gone);
    let found = show(&mut world, "rsi-0001")["resemblance"].clone();
    assert_eq!(found["closest"]["request"], "close-0001");
    assert_eq!(found["remark"], serde_json::Value::Null);
    let wanted = serde_json::json!({
        "request": "closer-0001", "reason": "blob_missing", "sha256": gone.to_string(),
        "common_bars": null,
    });
    assert_eq!(found["not_compared"][1], wanted);
    let text = run(&mut world, &["show", "rsi-0001"])
        .expect(Exit::Done)
        .out;
    let line = format!("cannot be compared, closer-0001: the blob {gone} is not kept as it was\n");
    assert!(text.contains(&line), "{text}");
    approving(&world);
    // Its own returns: then there is nothing to compare with.
    let own = series(&world, &dir);
    take_away(&world, own);
    let found = show(&mut world, "rsi-0001")["resemblance"].clone();
    assert_eq!(found["closest"], serde_json::Value::Null);
    assert_eq!(found["not_compared"][0]["request"], "rsi-0001");
    assert_eq!(found["not_compared"][0]["sha256"], own.to_string());
}

fn take_away(world: &World, blob: Digest) {
    let path = world.at("w/ledger/ledger.db");
    block(async {
        let mut intruder = Intruder::enter(&path).await;
        let sql = format!("DELETE FROM blob WHERE sha256 = x'{blob}'");
        intruder.behind_triggers("blob", &sql).await.unwrap();
        intruder.leave().await;
    });
}

#[test]
fn only_the_newest_are_compared_and_the_rest_is_counted() {
    let mut bench = Bench::new();
    let bad = || facts("0.7", "0.22", "0.31");
    for n in 0..ENDED_MAX + 2 {
        let name = format!("weak{n}");
        bench.judged(&name, &name, bad());
    }
    bench.judged("nearly", "nearly", facts("0.7999", "0.18", "0.26"));
    let denied = bench.judged("vetoed", "vetoed", good());
    bench.deny(&denied, "risk-2", "risk").unwrap();
    let taken = bench.judged("taken", "taken", good());
    bench.withdraw(&taken, "research-1", "research").unwrap();
    bench.judged("twin", "own", facts("0.7999", "0.18", "0.26"));
    let id = bench.judged("p", "own", good());
    bench.judged("later", "later", bad());
    let record = &bench.state.requests[&RequestId::new(&id).unwrap()];
    let found = earlier(&bench.state, record);
    let names: Vec<&str> = found
        .newest
        .iter()
        .map(|r| r.request.request.as_str())
        .collect();
    // Not the one with the same strategy, not the one that was taken back, not the one after it.
    assert_eq!(names[..3], ["vetoed-0001", "nearly-0001", "weak201-0001"]);
    assert_eq!((names.len(), found.left_out), (ENDED_MAX, 4));
}

#[test]
fn whom_nobody_turned_down_is_not_compared() {
    let mut bench = Bench::new();
    bench.brief = true;
    bench.judged("weak", "a", facts("0.7", "0.22", "0.31"));
    bench.judged("nearly", "b", facts("0.7999", "0.18", "0.26"));
    let denied = bench.judged("vetoed", "c", good());
    bench.deny(&denied, "risk-2", "risk").unwrap();
    // Granted, taken back, ended by a halt, not decided yet.
    let granted = bench.judged("granted", "d", good());
    bench.approve(&granted, "risk-1", "risk").unwrap();
    bench.decide(&granted).unwrap();
    let taken = bench.judged("taken", "e", good());
    bench.withdraw(&taken, "research-1", "research").unwrap();
    bench.judged("halted", "f", good());
    bench.halts(scope("halted"), "ops-1", "ops").unwrap();
    bench.judged("waits", "g", good());
    let id = bench.judged("p", "own", good());
    let record = &bench.state.requests[&RequestId::new(&id).unwrap()];
    let found = earlier(&bench.state, record);
    let names = found.newest.iter().map(|r| r.request.request.as_str());
    let names: Vec<&str> = names.collect();
    assert_eq!(names, ["vetoed-0001", "nearly-0001", "weak-0001"]);
    assert_eq!(found.left_out, 0);
}
