//! What auditors ask through the commands: a portfolio as it stood at a time, why a verdict is what
//! it is, what a refusal means.

use promote::app::exit::Exit;
use promote::governance::promotion::refusal::Refusal;

use crate::bundles::{Quality, write};
use crate::gate::{approve, request, run, slug, world};
use crate::harness::World;
use crate::schemas::fits;

/// `rsi` asked for SHADOW, was refused one approval, and got it two hours later.
fn decided() -> World {
    let mut world = world();
    let dir = write(&world, "rsi", "one", Quality::Good);
    request(&mut world, "rsi", &dir, &["--now", "2025-12-10T09:00:00Z"]).expect(Exit::Pending);
    let own = [
        "approve",
        "rsi-0001",
        "--role",
        "research",
        "--key",
        "w/keys/research-1",
        "--now",
        "2025-12-10T10:00:00Z",
    ];
    run(&mut world, &own).expect(Exit::NotAuthorised);
    let risk = [
        "approve",
        "rsi-0001",
        "--role",
        "risk",
        "--key",
        "w/keys/risk-1",
        "--now",
        "2025-12-10T11:00:00Z",
    ];
    run(&mut world, &risk).expect(Exit::Done);
    world
}

fn as_of(world: &mut World, time: &str) -> serde_json::Value {
    let args = [
        "--json",
        "as-of",
        time,
        "rsi",
        "--now",
        "2025-12-11T00:00:00Z",
    ];
    let view = run(world, &args).expect(Exit::Done).json();
    fits("as-of.v1.json", &view);
    view
}

#[test]
fn a_portfolio_as_it_stood() {
    let mut world = decided();
    let asked = as_of(&mut world, "2025-12-10T10:30:00Z");
    assert_eq!(asked["portfolio"]["stage"], "RESEARCH");
    assert_eq!(
        asked["portfolio"]["open_request"]["status"],
        "AWAITING_APPROVAL"
    );
    let missing = asked["portfolio"]["missing"].as_array().unwrap();
    assert!(missing.iter().any(|m| m["code"] == "approval"));
    assert_eq!(asked["requests"][0]["approved_by"], serde_json::json!([]));
    let granted = as_of(&mut world, "2025-12-10T11:00:00Z");
    assert_eq!(granted["portfolio"]["stage"], "SHADOW");
    assert_eq!(granted["requests"][0]["approved_by"][0], "risk-1");
    assert!(granted["head"]["size"].as_u64() > asked["head"]["size"].as_u64());
    // The head of then is a prefix of the ledger: the entry after it names its root.
    let size = asked["head"]["size"].as_u64().unwrap().to_string();
    let next = run(&mut world, &["--json", "ledger", "show", &size]).expect(Exit::Done);
    assert!(
        next.out.contains(asked["head"]["root"].as_str().unwrap()),
        "{}",
        next.out
    );
    let roles = granted["persons"].as_array().unwrap();
    let risk = roles.iter().find(|p| p["person"] == "risk-1").unwrap();
    assert_eq!(risk["roles"][0]["role"], "risk");
    let text = run(
        &mut world,
        &[
            "as-of",
            "2025-12-10T11:00:00Z",
            "rsi",
            "--now",
            "2025-12-11T00:00:00Z",
        ],
    )
    .expect(Exit::Done)
    .out;
    for wanted in [
        "SANDBOX ledger ",
        "rsi (conservative, owner research-1): SHADOW since 2025-12-10T11:00:00.000Z\n",
        "certificate: since 2025-12-10T11:00:00.000Z by the grant of the stage, due ",
        "request rsi-0001 for SHADOW: PROMOTED since 2025-12-10T09:00:00.000Z, approved by risk-1\n",
        "risk-1: risk\n",
    ] {
        assert!(text.contains(wanted), "no {wanted:?} in\n{text}");
    }
}

#[test]
fn what_time_alone_does_is_seen_at_its_time_only() {
    let mut world = world();
    let dir = write(&world, "rsi", "one", Quality::Good);
    request(&mut world, "rsi", &dir, &["--now", "2025-12-10T09:00:00Z"]).expect(Exit::Pending);
    let mut status_at = |time: &str| {
        let args = [
            "--json",
            "as-of",
            time,
            "rsi",
            "--now",
            "2026-03-01T00:00:00Z",
        ];
        let view = run(&mut world, &args).expect(Exit::Done).json();
        view["requests"][0]["status"].clone()
    };
    assert_eq!(status_at("2026-01-09T08:59:59.999Z"), "AWAITING_APPROVAL");
    assert_eq!(status_at("2026-01-09T09:00:00Z"), "EXPIRED");
}

#[test]
fn times_outside_the_ledger_are_refused() {
    let mut world = decided();
    for (time, name, exit, wanted) in [
        (
            "2025-12-10T07:59:59Z",
            "rsi",
            Exit::Conflict,
            "as-of.before-ledger",
        ),
        (
            "2025-12-11T00:00:01Z",
            "rsi",
            Exit::Conflict,
            "as-of.future",
        ),
        (
            "2025-12-10T08:30:00Z",
            "rsi",
            Exit::Conflict,
            "portfolio.unknown",
        ),
        (
            "2025-12-10T08:30:00Z",
            "other",
            Exit::Conflict,
            "portfolio.unknown",
        ),
        ("yesterday", "rsi", Exit::Usage, "usage.time"),
    ] {
        let args = [
            "--json",
            "as-of",
            time,
            name,
            "--now",
            "2025-12-11T00:00:00Z",
        ];
        let answer = run(&mut world, &args).expect(exit);
        assert_eq!(slug(&answer), wanted, "{time}");
    }
}

#[test]
fn every_line_of_a_verdict_says_what_it_rests_on() {
    let mut world = decided();
    let view = run(&mut world, &["explain", "rsi-0001", "--json"])
        .expect(Exit::Done)
        .json();
    fits("explanation.v1.json", &view);
    let (mut passing, mut failing) = (0, 0);
    for line in view["criteria"].as_array().unwrap() {
        let place = line["policy_line"].as_str().unwrap();
        let (file, number) = place.split_once(':').unwrap();
        assert_eq!(file, "conservative.toml");
        // The line is the criterion's own.
        let policy = std::fs::read_to_string(world.at("w/policies/conservative.toml")).unwrap();
        let number: usize = number.parse().unwrap();
        let block: Vec<&str> = policy.lines().skip(number - 1).take(4).collect();
        let id = format!("id = \"{}\"", line["id"].as_str().unwrap());
        assert!(block.iter().any(|l| *l == id), "{place}: {block:?}");
        if line["value"].is_null() {
            assert!(line["margin"].is_null() && line["fails"].is_null());
            assert!(!line["reason"].is_null(), "{line}");
            continue;
        }
        assert!(
            !line["margin"].is_null() && !line["source"].is_null(),
            "{line}"
        );
        if line["zone"] == "not_applicable" {
            continue;
        }
        assert_eq!(
            line["evidence_sha256"],
            view["evidence"][0]["evidence_sha256"]
        );
        assert_ne!(line["flip"].is_null(), line["fails"].is_null(), "{line}");
        match line["flip"].is_null() {
            true => passing += 1,
            false => failing += 1,
        }
    }
    assert!(passing > 5, "{passing} {failing}");
    let text = run(&mut world, &["explain", "rsi-0001"])
        .expect(Exit::Done)
        .out;
    let blocks: Vec<&str> = text.split("\n\n").skip(1).collect();
    for block in &blocks {
        for wanted in [
            "limit ",
            "margin ",
            "\n  evidence: ",
            "\n  policy: conservative.toml:",
        ] {
            assert!(block.contains(wanted), "no {wanted} in\n{block}");
        }
        let flips = ["\n  to pass: ", "\n  to fail: ", "\n  to count: "];
        assert!(flips.iter().any(|f| block.contains(f)), "{block}");
    }
    assert_eq!(blocks.len(), view["criteria"].as_array().unwrap().len());
}

#[test]
fn refusals_explain_themselves_by_slug_and_by_entry() {
    let mut world = decided();
    // Without a workspace too.
    for slug in Refusal::SLUGS {
        let view = world
            .run(&["explain", slug, "--json"])
            .expect(Exit::Done)
            .json();
        fits("refusal-explanation.v1.json", &view);
        assert_eq!(view["explanation"]["slug"], *slug);
    }
    let help = world.run(&["help", "refusals"]).expect(Exit::Done).out;
    assert!(help.contains("requester-fills-slot\n  rule: Who requests does not approve.\n"));
    let entries = run(&mut world, &["--json", "status"])
        .expect(Exit::Done)
        .json();
    let size = entries["head"]["size"].as_u64().unwrap();
    let mut seen = 0;
    for seq in 0..size {
        let seq = seq.to_string();
        let answer = run(&mut world, &["--json", "explain", &seq]);
        if answer.exit != Exit::Done {
            assert_eq!(
                (answer.exit, slug(&answer)),
                (Exit::Conflict, "entry.no-refusal".into())
            );
            continue;
        }
        seen += 1;
        let view = answer.json();
        fits("refusal-explanation.v1.json", &view);
        assert_eq!(view["explanation"]["slug"], "requester-fills-slot");
        assert_eq!(view["entry"]["act"], "approval");
        assert_eq!(view["entry"]["person"], "research-1");
        let text = run(&mut world, &["explain", &seq]).expect(Exit::Done).out;
        assert!(
            text.contains("approval by research-1 (research) was refused: requester-fills-slot\n"),
            "{text}"
        );
    }
    assert_eq!(seen, 1);
    for (what, exit, wanted) in [
        ("10000", Exit::Conflict, "entry.unknown"),
        ("rsi-0009", Exit::Conflict, "unknown-request"),
        ("no such thing", Exit::Usage, "usage"),
    ] {
        let answer = run(&mut world, &["--json", "explain", what]).expect(exit);
        assert_eq!(slug(&answer), wanted, "{what}");
    }
    approve(&mut world, "rsi-0001", "risk", "risk-2").expect(Exit::Conflict);
}
