//! What must never be accepted, in one table: the bugs that other systems had and the bad input
//! that people try, each through the command line, with its reason, its exit code, and what it left
//! in the ledger. `tests/golden/refused.txt` is the table.
//!
//! Of the list of bugs two stand elsewhere, because they need a portfolio in LIVE: tokens that are
//! replayed or belong to something else (road.rs, token.rs). What every step of the way up asks for
//! stands in road.rs as well.

use std::path::Path;

use promote::app::exit::Exit;
use serde_json::Value;

use crate::bundles::{Quality, write};
use crate::gate::load;
use crate::harness::{Answer, World, golden};

/// One line of the table: the lines before the last one succeed, the last one is refused.
struct Case {
    name: &'static str,
    lines: &'static [&'static str],
}

const fn case(name: &'static str, lines: &'static [&'static str]) -> Case {
    Case { name, lines }
}

const ASK: &str = "request rsi --target shadow --evidence evidence/rsi-one-Good --summary steady --key w/keys/research-1";
const APPROVE: &str = "approve rsi-0001 --role risk --key w/keys/risk-1";
/// The statement of that approval, written out and signed by its own person.
const WRITE_OUT: &str = "approve rsi-0001 --role risk --key w/keys/risk-1.pub --statement-out s";
const SIGN: &str = "!sign s w/keys/risk-1 approval-v1@promote";
const BRING: &str = "approve rsi-0001 --role risk --statement s --signature s.sig";
const HALT: &str = "halt --portfolio rsi --reason drawdown --key w/keys/ops-1";
const LATE: &str = "2026-01-10T08:00:00Z";

const BAD_INPUT: &[Case] = &[
    case(
        "approving one's own request",
        &[
            ASK,
            "approve rsi-0001 --role research --key w/keys/research-1",
        ],
    ),
    case(
        "a second slot by the same person under another key",
        &[
            "!risk-slots 2 two",
            "policy publish two --reason stricter --key w/keys/risk-3",
            ASK,
            APPROVE,
            "key generate --out second",
            "key enrol --person risk-1 --role risk --public-key second.pub --verified-by passport --key w/keys/root-1 --key w/keys/root-2 --possession second",
            "approve rsi-0001 --role risk --key second",
        ],
    ),
    case(
        "a key revoked in between",
        &[
            ASK,
            WRITE_OUT,
            SIGN,
            "key revoke risk-1 --reason left --key w/keys/risk-1",
            BRING,
        ],
    ),
    case(
        "an approval over a changed request",
        &[
            ASK,
            WRITE_OUT,
            SIGN,
            "request rsi --target shadow --evidence evidence/rsi-two-Good --summary changed --supersede rsi-0001 --key w/keys/research-1",
            BRING,
        ],
    ),
    case(
        "a statement replayed after a later halt",
        &[ASK, WRITE_OUT, SIGN, BRING, HALT, BRING],
    ),
    case(
        "a withheld approval after a later halt",
        &[
            ASK,
            WRITE_OUT,
            SIGN,
            HALT,
            "resume --halt 11 --reason over --key w/keys/risk-1 --key w/keys/ops-1",
            BRING,
        ],
    ),
    case(
        "a withheld approval brought in too late",
        &[
            ASK,
            WRITE_OUT,
            SIGN,
            "request other --target shadow --evidence evidence/other-one-Good --summary steady --key w/keys/research-1",
            "approve rsi-0001 --role risk --statement s --signature s.sig --now 2025-12-11T09:00:00Z",
        ],
    ),
    case(
        "a clock that jumps back",
        &[
            ASK,
            "approve rsi-0001 --role risk --key w/keys/risk-1 --now 2025-12-09T08:00:00Z",
        ],
    ),
    case(
        "a quorum that cannot be met",
        &[
            "!risk-slots 9 nine",
            "policy publish nine --reason stricter --key w/keys/risk-3",
        ],
    ),
    case(
        "an expired role",
        &[
            "key generate --out eve",
            "key enrol --person eve --role risk --until 2025-12-11T00:00:00.000Z --public-key eve.pub --verified-by passport --key w/keys/root-1 --key w/keys/root-2 --possession eve",
            ASK,
            "approve rsi-0001 --role risk --key eve --now 2025-12-11T00:00:00Z",
        ],
    ),
    case(
        "a skipped stage",
        &[
            "request rsi --target testnet --evidence evidence/rsi-one-Good --summary steady --key w/keys/research-1",
        ],
    ),
    case(
        "an override on a hard criterion",
        &[
            "override record rsi --target shadow --criterion sharpe_oos --evidence evidence/rsi-one-Good --reason known --key w/keys/risk-1 --key w/keys/risk-2",
        ],
    ),
    case(
        "a second bundle of one kind",
        &[
            "request rsi --target shadow --evidence evidence/rsi-one-Good --evidence evidence/rsi-two-Good --summary steady --key w/keys/research-1",
        ],
    ),
    case(
        "a request for another's portfolio",
        &[
            ASK,
            "withdraw rsi-0001 --key w/keys/research-1",
            "request rsi --target shadow --evidence evidence/rsi-one-Good --summary steady --key w/keys/research-2",
        ],
    ),
];

const BUGS: &[Case] = &[
    case(
        "quorum 0 fails open",
        &[
            "!risk-slots 0 zero",
            "policy publish zero --reason easier --key w/keys/risk-3",
        ],
    ),
    case(
        "a missing quorum fails open",
        &[
            "!risk-slots gone gone",
            "policy publish gone --reason easier --key w/keys/risk-3",
        ],
    ),
    case(
        "the same group name elsewhere authorises",
        &[
            ASK,
            "!elsewhere",
            "approve rsi-0001 --role risk --key elsewhere/keys/risk-1",
        ],
    ),
    case(
        "expiry is not checked when approving",
        &[
            ASK,
            "!late approve rsi-0001 --role risk --key w/keys/risk-1",
        ],
    ),
    case(
        "expiry is not checked when a statement is brought",
        &[
            ASK,
            WRITE_OUT,
            SIGN,
            "!late approve rsi-0001 --role risk --statement s --signature s.sig",
        ],
    ),
    case(
        "expiry is not checked when denying",
        &[
            ASK,
            "!late deny rsi-0001 --role risk --reason overfit --key w/keys/risk-1",
        ],
    ),
    case(
        "expiry is not checked when withdrawing",
        &[ASK, "!late withdraw rsi-0001 --key w/keys/research-1"],
    ),
    case(
        "expiry is not checked when deciding",
        &[ASK, "!late decide rsi-0001"],
    ),
    case(
        "expiry is not checked when evaluating",
        &[ASK, "!late evaluate rsi-0001"],
    ),
    case(
        "expiry is not checked when superseding",
        &[
            ASK,
            "!late request rsi --target shadow --evidence evidence/rsi-one-Good --summary steady --supersede rsi-0001 --key w/keys/research-1",
        ],
    ),
    case(
        "soak time is not checked at the request",
        &[
            ASK,
            APPROVE,
            "request rsi --target testnet --evidence evidence/rsi-one-Good --summary steady --key w/keys/research-1",
        ],
    ),
    case(
        "an approval is an unconditional grant",
        &[
            "!fails request rsi --target shadow --evidence evidence/rsi-one-Bad --summary hope --key w/keys/research-1",
            APPROVE,
        ],
    ),
    case(
        "denial is still possible after activation",
        &[
            ASK,
            APPROVE,
            "deny rsi-0001 --role risk --reason overfit --key w/keys/risk-2",
        ],
    ),
    case(
        "OR of thresholds where AND was meant",
        &[
            "request rsi --target shadow --evidence evidence/rsi-one-FewTrades --summary most --key w/keys/research-1",
        ],
    ),
    case(
        "all thresholds failed",
        &[
            "request rsi --target shadow --evidence evidence/rsi-one-Bad --summary hope --key w/keys/research-1",
        ],
    ),
    case(
        "could not evaluate looks like failed",
        &[
            "!spoil",
            "request rsi --target shadow --evidence evidence/rsi-one-Good --summary steady --key w/keys/research-1",
        ],
    ),
    case(
        "the signer was shown something else",
        &[
            ASK,
            WRITE_OUT,
            SIGN,
            "!replace s \"comment\":\"\" \"comment\":\"seen\"",
            BRING,
        ],
    ),
    case(
        "a cancelled item is approved later",
        &[ASK, "withdraw rsi-0001 --key w/keys/research-1", APPROVE],
    ),
    case(
        "a cancelled item is executed later",
        &[
            ASK,
            "withdraw rsi-0001 --key w/keys/research-1",
            "decide rsi-0001",
        ],
    ),
    case(
        "the requester approves in another role",
        &[ASK, "approve rsi-0001 --role risk --key w/keys/research-1"],
    ),
];

/// A seeded sandbox, and every bundle that a case names.
fn world() -> World {
    let mut world = World::new();
    let words = [
        "init",
        "w",
        "--sandbox",
        "--seed",
        "7",
        "--now",
        "2025-12-10T08:00:00Z",
    ];
    world.run(&words).expect(Exit::Done);
    for (portfolio, name, quality) in [
        ("rsi", "one", Quality::Good),
        ("rsi", "two", Quality::Good),
        ("rsi", "one", Quality::FewTrades),
        ("rsi", "one", Quality::Bad),
        ("other", "one", Quality::Good),
    ] {
        write(&world, portfolio, name, quality);
    }
    world
}

fn run(world: &mut World, line: &str) -> Answer {
    let words = ["--json", "--root", "w"].into_iter().chain(line.split(' '));
    world.run(&words.collect::<Vec<_>>())
}

/// A line that must succeed, or something that the world does.
fn prepare(world: &mut World, line: &str) {
    let words: Vec<&str> = line.split(' ').collect();
    match words.as_slice() {
        ["!sign", file, key, namespace] => {
            let identity = promote::adapters::keys::read_identity(&world.at(key), None).unwrap();
            let bytes = std::fs::read(world.at(file)).unwrap();
            world.write(
                &format!("{file}.sig"),
                identity.sign(namespace, &bytes).to_armor(),
            );
        }
        ["!risk-slots", count, folder] => other_policies(world, count, folder),
        ["!elsewhere"] => {
            let words = ["init", "elsewhere", "--sandbox", "--seed", "8"];
            world.run(&words).expect(Exit::Done);
        }
        ["!spoil"] => {
            let path = world.at("evidence/rsi-one-Good/series/full.csv");
            let text = std::fs::read_to_string(&path).unwrap();
            let spoiled = text.replacen('7', "8", 1);
            assert_ne!(text, spoiled);
            std::fs::write(path, spoiled).unwrap();
        }
        ["!replace", file, from, to] => {
            let text = std::fs::read_to_string(world.at(file)).unwrap();
            let changed = text.replacen(from, to, 1);
            assert_ne!(text, changed);
            world.write(file, changed);
        }
        ["!fails", ..] => {
            let line = line.strip_prefix("!fails ").unwrap();
            run(world, line).expect(Exit::Reject);
        }
        _ => {
            let answer = run(world, line);
            let fine = matches!(answer.exit, Exit::Done | Exit::Pending);
            assert!(fine, "{line}: {answer:?}");
        }
    }
}

/// The policies of the workspace with another number of risk slots for SHADOW.
fn other_policies(world: &World, count: &str, folder: &str) {
    for entry in std::fs::read_dir(world.at("w/policies")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_file() {
            world.write(
                &format!("{folder}/{name}"),
                std::fs::read(entry.path()).unwrap(),
            );
        }
    }
    let path = world.at(&format!("{folder}/roles.toml"));
    let text = std::fs::read_to_string(&path).unwrap();
    let whole =
        "shadow = { slots = { risk = 1 }, persons = 1, time_lock_hours = 0, witnesses = 0 }\n";
    let new = match count {
        "gone" => String::new(),
        "0" => whole.replacen("risk = 1", "risk = 0", 1),
        count => whole
            .replacen("risk = 1", &format!("risk = {count}"), 1)
            .replacen("persons = 1", &format!("persons = {count}"), 1),
    };
    let changed = text.replacen(whole, &new, 1);
    assert_ne!(text, changed);
    std::fs::write(path, changed).unwrap();
}

/// The reason of a refusal; a verdict has none.
fn reason(answer: &Answer) -> String {
    let last = answer.err.lines().last().unwrap_or_default();
    let slug = serde_json::from_str::<Value>(last).ok();
    let slug = slug.and_then(|object| object["slug"].as_str().map(str::to_owned));
    slug.unwrap_or_else(|| {
        let verdict = serde_json::from_str::<Value>(&answer.out).unwrap_or_default();
        verdict["status"].as_str().unwrap_or("?").to_owned()
    })
}

/// Runs a case in a copy of `from`; its line of the table.
fn row(from: &World, case: &Case) -> String {
    let mut world = from.copy();
    let (last, before) = case.lines.split_last().unwrap();
    for line in before {
        prepare(&mut world, line);
    }
    let known = load(&world).0.len();
    let last = match last.strip_prefix("!late ") {
        Some(line) => format!("{line} --now {LATE}"),
        None => (*last).to_owned(),
    };
    let answer = run(&mut world, &last);
    let entries = load(&world).0;
    let kinds: Vec<&str> = entries[known..]
        .iter()
        .map(|e| e.leaf.kind.as_str())
        .collect();
    let verified = run(&mut world, "ledger verify");
    assert_eq!(verified.exit, Exit::Done, "{}: {}", case.name, verified.out);
    assert_ne!(answer.exit.code(), 0, "{}: {answer:?}", case.name);
    let left = if kinds.is_empty() {
        "nothing".to_owned()
    } else {
        kinds.join(", ")
    };
    format!(
        "{:<54}{:<24}exit {}  {left}\n",
        case.name,
        reason(&answer),
        answer.exit.code()
    )
}

#[test]
fn each_is_refused_for_its_own_reason_and_leaves_nothing_but_that() {
    let world = world();
    let mut table = String::new();
    for (title, cases) in [("Bad input", BAD_INPUT), ("Bugs of other systems", BUGS)] {
        table.push_str(&format!(
            "{title}: what, why refused, exit code, entries written\n\n"
        ));
        for case in cases {
            table.push_str(&row(&world, case));
        }
        table.push('\n');
    }
    golden(Path::new("tests/golden/refused.txt"), &table);
}

#[test]
fn history_outlives_expiry() {
    let mut world = world();
    prepare(&mut world, ASK);
    prepare(&mut world, "status rsi --now 2026-01-10T08:00:00Z");
    let known = load(&world).0;
    let shown = run(&mut world, "show rsi-0001 --now 2026-01-10T08:00:00Z");
    assert!(shown.out.contains("\"EXPIRED\""), "{shown:?}");
    let shown = shown.json();
    assert!(shown.to_string().contains("decision_sha256"), "{shown}");
    // Nothing was written for it, and nothing is gone.
    assert_eq!(load(&world).0, known);
    let kinds: Vec<&str> = known
        .iter()
        .rev()
        .take(2)
        .map(|e| e.leaf.kind.as_str())
        .collect();
    assert_eq!(kinds, ["evaluation", "request"]);
}
