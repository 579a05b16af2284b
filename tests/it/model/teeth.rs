//! The laws bite: a guard is taken away, by forging the state that its absence would leave, and
//! the exploration finds the law that the guard stood for. And no single key raises anything.

use promote::governance::promotion::safety::halt::{Cause, HaltRecord, HaltScope};
use promote::governance::promotion::state::Status;
use promote::governance::stage::{Stage, Target};
use promote::kernel::digest::Digest;
use promote::kernel::id::PersonId;

use super::small::{Small, p};
use super::{Exploration, HONEST, Sabotage};

const TO_SHADOW: [&str; 4] = [
    "the owner asks for the next stage",
    "the engine judges it good",
    "risk-1 approves",
    "the engine decides",
];
const TO_TESTNET: [&str; 6] = [
    "a session runs for a day",
    "the owner asks for the next stage",
    "the engine judges it good",
    "research-2 approves",
    "risk-1 approves",
    "the engine decides",
];
const ASKED_FOR_LIVE: [&str; 3] = [
    "a session runs for a day",
    "the owner asks for the next stage",
    "the engine judges it good",
];
const TO_LIVE: [&str; 7] = [
    "ops vouches for data, rerun and checklist",
    "research-2 approves",
    "risk-1 approves",
    "the quorum of the stage certifies it",
    "a day passes",
    "the engine decides",
    "ops issues a token",
];

fn walked(left: u8, parts: &[&[&str]]) -> Small {
    Small::walked(left, &parts.concat())
}

/// A stage that nothing decided.
fn risen(before: &Small, after: &mut Small) {
    let state = &mut after.bench.state;
    if let Some(held) = state.portfolios.get_mut(&p())
        && before.bench.state.portfolios.contains_key(&p())
        && held.stage == Stage::Research
    {
        held.stage = Stage::Shadow;
    }
}

/// A decision for the stage after the next.
fn two_at_once(before: &Small, after: &mut Small) {
    if before.stage() == Stage::Research && after.stage() == Stage::Shadow {
        after.bench.state.portfolios.get_mut(&p()).unwrap().stage = Stage::Testnet;
    }
}

/// A decision that no halt stopped.
fn halted_and_decided(before: &Small, after: &mut Small) {
    if before.stage() == Stage::Research && after.stage() == Stage::Shadow {
        let record = HaltRecord {
            seq: 1,
            leaf: Digest::of(b"halt"),
            scope: HaltScope::Portfolio(p()),
            cause: Cause::Person,
            reason: Some("drawdown".into()),
            time: after.bench.now,
            by: None,
            resumed: None,
        };
        after.bench.state.safety.halts.push(record);
    }
}

/// A halt that ends no request.
fn requests_live_on(before: &Small, after: &mut Small) {
    if after.is_halted() && !before.is_halted() {
        after.bench.state.requests = before.bench.state.requests.clone();
    }
}

/// A halt that raises no epoch and stops no session.
fn tokens_live_on(before: &Small, after: &mut Small) {
    if after.is_halted() && !before.is_halted() {
        let safety = &mut after.bench.state.safety;
        safety.portfolio_epochs.clear();
        safety.profile_epochs.clear();
        safety.global_epoch = 0;
        let mark = after
            .bench
            .state
            .requests
            .values()
            .next()
            .unwrap()
            .mark
            .clone();
        for halt in &mut safety.halts {
            halt.resumed = Some(mark.clone());
        }
    }
}

/// A grant without a quorum.
fn granted_to_nobody(_: &Small, after: &mut Small) {
    for record in after.bench.state.requests.values_mut() {
        if record.status == Status::AwaitingApproval && record.request.portfolio == p() {
            record.status = Status::Promoted;
        }
    }
}

/// A grant by approvals of another verdict.
fn granted_over_another(before: &Small, after: &mut Small) {
    if before.stage() == Stage::Research && after.stage() == Stage::Shadow {
        for record in after.bench.state.requests.values_mut() {
            if let Some(judged) = &mut record.judged {
                judged.evaluation.decision_sha256 = Digest::of(b"another");
            }
        }
    }
}

/// The producer's approval counts.
fn by_its_producer(_: &Small, after: &mut Small) {
    for record in after.bench.state.requests.values_mut() {
        for approval in &mut record.approvals {
            approval.mark.person = PersonId::new("risk-2").unwrap();
        }
    }
}

/// What was denied waits again.
fn revived(before: &Small, after: &mut Small) {
    for (id, old) in &before.bench.state.requests {
        if old.status == Status::Denied {
            let record = after.bench.state.requests.get_mut(id).unwrap();
            record.status = Status::AwaitingApproval;
        }
    }
}

/// Something that no entry says.
fn out_of_nowhere(_: &Small, after: &mut Small) {
    after.bench.state.refusals.clear();
    after.bench.state.policy_touched = 1;
}

/// A derived change that was made too early and stays.
fn expired_too_early(_: &Small, after: &mut Small) {
    for record in after.bench.state.requests.values_mut() {
        if record.status == Status::Submitted {
            record.status = Status::Expired;
        }
    }
}

/// One person behind every slot of LIVE.
fn one_person(_: &Small, after: &mut Small) {
    for record in after.bench.state.requests.values_mut() {
        if record.request.target == Target::Live {
            for approval in &mut record.approvals {
                approval.mark.person = PersonId::new("research-2").unwrap();
            }
        }
    }
}

#[test]
fn every_law_is_found_broken_where_its_guard_is_gone() {
    let asked: &[&[&str]] = &[&TO_SHADOW[..2]];
    let approved: &[&[&str]] = &[&TO_SHADOW[..3]];
    let denied: &[&[&str]] = &[&TO_SHADOW[..2], &["risk-3 denies"]];
    let live: &[&[&str]] = &[&TO_SHADOW, &TO_TESTNET, &ASKED_FOR_LIVE, &TO_LIVE];
    let before_live: &[&[&str]] = &[&TO_SHADOW, &TO_TESTNET, &ASKED_FOR_LIVE, &TO_LIVE[..5]];
    let cases: [(u8, &str, Sabotage, &[&[&str]]); 12] = [
        (1, "risen", risen, asked),
        (1, "two at once", two_at_once, asked),
        (1, "halted and decided", halted_and_decided, asked),
        (2, "requests live on", requests_live_on, asked),
        (2, "tokens live on", tokens_live_on, live),
        (
            3,
            "granted to nobody",
            granted_to_nobody,
            &[&TO_SHADOW[..1]],
        ),
        (3, "granted over another", granted_over_another, approved),
        (4, "by its producer", by_its_producer, asked),
        (5, "revived", revived, denied),
        (6, "out of nowhere", out_of_nowhere, asked),
        (6, "expired too early", expired_too_early, &[]),
        (7, "one person", one_person, before_live),
    ];
    for (law, name, sabotage, start) in cases {
        let exploration = Exploration {
            sabotage: Some(sabotage),
            fold_every: 1,
            states_max: 400,
        };
        match exploration.run(vec![walked(1, start)]) {
            Ok(seen) => panic!("{name}: nothing was found in {} states", seen.shapes.len()),
            Err(((found, what), deed)) => {
                assert_eq!(found, law, "{name}: after `{deed}`: {what}");
                println!("I{law} {name}: found after `{deed}`: {what}");
            }
        }
    }
}

/// I7, the other part: whoever has one key, and signs with it in everybody's name, raises nothing.
#[test]
fn no_single_key_raises_a_stage() {
    let hands = [
        "root-1",
        "research-1",
        "research-2",
        "risk-1",
        "ops-1",
        "authoriser-1",
        "engine",
        "log",
        "token",
        "live-1",
    ];
    let testnet: &[&[&str]] = &[&TO_SHADOW, &TO_TESTNET];
    let asked: &[&[&str]] = &[&TO_SHADOW, &TO_TESTNET, &ASKED_FOR_LIVE];
    let (mut states, mut edges) = (0, 0);
    for start in [&[][..], testnet, asked] {
        for hand in hands {
            let mut alone = walked(1, start);
            alone.bench.hand = Some(hand);
            let wanted = alone.stage();
            let exploration = Exploration {
                sabotage: Some(|before, after| {
                    let (old, new) = (before.stage(), after.stage());
                    assert!(new <= old || new == Stage::Retired, "{old} became {new}");
                }),
                ..HONEST
            };
            let seen = exploration.run(vec![alone]).unwrap();
            assert!(!seen.stages.contains("LIVE"), "{hand} from {wanted}");
            states += seen.shapes.len();
            edges += seen.edges;
        }
    }
    println!("{states} states over {edges} edges by one key");
}
