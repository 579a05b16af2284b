//! Every reachable state of a small model: one portfolio, all acts that SHADOW knows, honest and
//! not, in every order. The invariants of the design hold in each of them.

use std::collections::{BTreeMap, BTreeSet};

use promote::governance::promotion::expiry::settle;
use promote::governance::promotion::state::{State, Status};
use promote::governance::promotion::statement::Act;
use promote::governance::stage::Stage;
use promote::kernel::id::{PersonId, PortfolioId};

use crate::machine::{Bench, facts, good};

/// What distinguishes states for the exploration.
type Shape = (Vec<(Status, Vec<String>, bool)>, Option<Stage>, i64);

const ACTS: [&str; 12] = [
    "ask",
    "supersede",
    "judge well",
    "judge badly",
    "risk-1 approves",
    "risk-2 approves",
    "requester approves",
    "producer approves",
    "risk-2 denies",
    "requester withdraws",
    "decide",
    "time passes",
];

fn shape(bench: &Bench, elapsed: i64) -> Shape {
    let requests = bench
        .state
        .requests
        .values()
        .map(|r| {
            let approvers = r.approvals.iter().map(|a| a.mark.person.to_string());
            (r.status, approvers.collect(), r.judged.is_some())
        })
        .collect();
    let stage = bench.state.portfolios.values().next().map(|p| p.stage);
    (requests, stage, elapsed)
}

/// Tries one act on the newest request; false when it was refused.
fn step(bench: &mut Bench, act: &str) -> bool {
    let portfolio = PortfolioId::new("p").unwrap();
    let newest = bench
        .state
        .history(&portfolio)
        .last()
        .map(|r| r.request.request.to_string());
    let Some(id) = newest else {
        return act == "ask" && ask(bench, None);
    };
    match act {
        "ask" => ask(bench, None),
        "supersede" => ask(bench, Some(&id)),
        "judge well" => bench.evaluate(&id, good()).is_ok(),
        "judge badly" => bench.evaluate(&id, facts("0.7", "0.22", "0.31")).is_ok(),
        "risk-1 approves" => bench.approve(&id, "risk-1", "risk").is_ok(),
        "risk-2 approves" => bench.approve(&id, "risk-2", "risk").is_ok(),
        "requester approves" => bench.approve(&id, "research-1", "research").is_ok(),
        "producer approves" => bench.approve(&id, "research-2", "research").is_ok(),
        "risk-2 denies" => bench.deny(&id, "risk-2", "risk").is_ok(),
        "requester withdraws" => bench.withdraw(&id, "research-1", "research").is_ok(),
        "decide" => bench.decide(&id).is_ok(),
        "time passes" => {
            bench.days(30);
            true
        }
        other => panic!("{other}"),
    }
}

fn ask(bench: &mut Bench, supersedes: Option<&str>) -> bool {
    let count = bench.state.requests.len();
    if count == 2 {
        return false;
    }
    let mut request = bench.request("p", &format!("s{count}"));
    request.supersedes = supersedes.map(|id| id.parse().unwrap());
    let signed = bench.signed(Act::Request(Box::new(request)), "research-1", "research");
    bench.submit(signed).is_ok()
}

/// The invariants between a state and the one after `act`.
fn check(before: &State, after: &State, act: &str) {
    let portfolio = PortfolioId::new("p").unwrap();
    let stage = |state: &State| {
        let held = state.portfolios.get(&portfolio);
        held.map_or(Stage::Research, |p| p.stage)
    };
    // I1: by a decision only, by one only.
    if stage(before) != stage(after) {
        assert_eq!(act, "decide");
        assert_eq!(
            (stage(before), stage(after)),
            (Stage::Research, Stage::Shadow)
        );
    }
    for (id, record) in &after.requests {
        // I3 and I4: a promotion has its quorum, by nobody of the author set.
        let authors = after.author_set(record);
        if record.status == Status::Promoted {
            let approvers: BTreeSet<&PersonId> =
                record.approvals.iter().map(|a| &a.mark.person).collect();
            assert!(!approvers.is_empty());
            assert!(record.judged.is_some());
        }
        for approval in &record.approvals {
            assert!(!authors.contains(&approval.mark.person));
            assert_eq!(approval.role.as_str(), "risk");
        }
        // I5: no way out of an end.
        if let Some(old) = before.requests.get(id)
            && !old.status.is_open()
        {
            assert_eq!(old, record, "{act}");
        }
    }
    let open = after.requests.values().filter(|r| r.status.is_open());
    assert!(open.count() <= 1);
}

#[test]
fn every_reachable_state_keeps_the_invariants() {
    let start = Bench::new();
    let mut seen: BTreeMap<Shape, usize> = BTreeMap::new();
    let mut frontier = vec![(start, 0_i64)];
    let mut edges = 0;
    while let Some((bench, elapsed)) = frontier.pop() {
        for act in ACTS {
            if act == "time passes" && elapsed >= 30 {
                continue;
            }
            let mut next = bench.clone();
            edges += 1;
            if !step(&mut next, act) {
                // A refusal changes nothing.
                assert_eq!(next.state, bench.state, "{act}");
                continue;
            }
            let later = elapsed + if act == "time passes" { 30 } else { 0 };
            let mut now = bench.state.clone();
            settle(&mut now, next.now);
            settle(&mut next.state, next.now);
            check(&now, &next.state, act);
            let count = seen.len();
            if let std::collections::btree_map::Entry::Vacant(new) = seen.entry(shape(&next, later))
            {
                new.insert(count);
                // I6: the fold of the entries, settled now, is the same state.
                let mut again = next.again();
                settle(&mut again, next.now);
                assert_eq!(again, next.state);
                frontier.push((next, later));
            }
        }
    }
    let reached = |status| {
        seen.keys()
            .any(|(requests, ..)| requests.iter().any(|r| r.0 == status))
    };
    for status in [
        Status::Submitted,
        Status::AwaitingApproval,
        Status::Approved,
        Status::Promoted,
        Status::Rejected,
        Status::Denied,
        Status::Withdrawn,
        Status::Expired,
        Status::Superseded,
    ] {
        assert!(reached(status), "{status} was never reached");
    }
    println!("{} states over {edges} edges", seen.len());
    assert!(seen.len() > 150);
}
