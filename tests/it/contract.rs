//! The contract of the command line beside single commands: one JSON document that names what was
//! written, the same two sets in the same direction, names that lead nowhere refused.

use promote::app::exit::Exit;
use promote::kernel::digest::Digest;

use crate::bundles::{Quality, write};
use crate::harness::{Answer, World};
use crate::schemas::fits;

/// A seeded sandbox in `my desk` with the portfolio `rsi` in SHADOW.
fn world() -> World {
    let mut world = World::new();
    let now = "2025-12-10T08:00:00Z";
    let init = ["init", "my desk", "--sandbox", "--seed", "7", "--now", now];
    let made = world.run(&init).expect(Exit::Done).out;
    assert!(
        made.contains("\nnext: cd 'my desk'\nthen: promote data import "),
        "{made}"
    );
    let dir = write(&world, "rsi", "one", Quality::Good);
    let key = "my desk/keys/research-1";
    let ask = [
        "request",
        "rsi",
        "--target",
        "shadow",
        "--summary",
        "s",
        "--evidence",
        &dir,
    ];
    run(&mut world, &[&ask[..], &["--key", key]].concat()).expect(Exit::Pending);
    let approve = [
        "approve",
        "rsi-0001",
        "--role",
        "risk",
        "--key",
        "my desk/keys/risk-1",
    ];
    let decided = run(&mut world, &approve).expect(Exit::Done).out;
    let next = "next: promote --root 'my desk' session open rsi --stage shadow ";
    assert!(decided.contains(next), "{decided}");
    world
}

fn run(world: &mut World, args: &[&str]) -> Answer {
    world.run(&[&["--root", "my desk"], args].concat())
}

#[test]
fn one_document_names_what_was_written() {
    let mut world = world();
    let entries = run(&mut world, &["ledger", "show", "--json"])
        .expect(Exit::Done)
        .json();
    fits("ledger-entries.v1.json", &entries);
    assert_eq!(entries["entries"][0]["seq"], 0);
    let export = ["log", "export", "--json", "--out"];
    for (out, file) in [("log.markdown", "log.markdown"), ("logs", "rsi.json")] {
        let told = run(&mut world, &[&export[..], &[out]].concat())
            .expect(Exit::Done)
            .json();
        fits("written.v1.json", &told);
        assert_eq!(
            (&told["path"], &told["files"][0]["path"]),
            (&out.into(), &file.into())
        );
        let there = if out == file {
            out.to_owned()
        } else {
            format!("{out}/{file}")
        };
        let bytes = std::fs::read(world.at(&there)).unwrap();
        assert_eq!(told["files"][0]["sha256"], Digest::of(&bytes).to_string());
    }
    let log = std::fs::read_to_string(world.at("log.markdown")).unwrap();
    assert!(log.starts_with("# Portfolio Decision Log"), "{log}");
    let pack = ["audit", "bundle", "rsi", "--out", "pack", "--json"];
    let told = run(&mut world, &pack).expect(Exit::Done).json();
    fits("written.v1.json", &told);
    let named = told["files"].as_array().unwrap().len();
    assert!(named > 10 && told["fingerprint"].is_string(), "{told}");
}

#[test]
fn a_name_that_looks_like_a_file_of_no_form_is_refused() {
    let mut world = world();
    let export = ["log", "export", "--format", "markdown", "--out", "log.txt"];
    let refused = run(&mut world, &export).expect(Exit::Usage);
    assert!(
        refused.err.contains("hint: end it in .md"),
        "{}",
        refused.err
    );
    assert!(!world.at("log.txt").exists());
    std::fs::create_dir(world.at("log.txt")).unwrap();
    run(&mut world, &export).expect(Exit::Done);
    assert!(world.at("log.txt/rsi.md").is_file());
}

#[test]
fn diff_and_publish_name_both_sets_in_the_same_direction() {
    let mut world = world();
    let file = world.at("my desk/policies/moderate.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(
        &file,
        text.replace("crash_severity = 0.25", "crash_severity = 0.20"),
    )
    .unwrap();
    let loose = ["policy", "publish", "drafts", "--reason", "tried"];
    let keys = ["--key", "my desk/keys/risk-1"];
    let refused = run(&mut world, &[&loose[..], &keys].concat()).expect(Exit::NotAuthorised);
    // Which roles, and how many.
    assert!(
        refused.err.contains("1 research and 1 risk (2 persons)"),
        "{}",
        refused.err
    );
    assert!(refused.err.contains("then 2 root keys"), "{}", refused.err);
    assert!(
        refused
            .err
            .contains("see: promote explain signers-wanted\n"),
        "{}",
        refused.err
    );
    let keys = ["risk-1", "research-1", "root-1", "root-2"].map(|k| format!("my desk/keys/{k}"));
    let keys = keys.iter().flat_map(|k| ["--key", k.as_str()]);
    let all: Vec<&str> = loose.into_iter().chain(keys).collect();
    let published = run(&mut world, &all).expect(Exit::Done).out;
    let first = published.lines().next().unwrap();
    assert!(
        first.starts_with("from published (") && first.contains(") to drafts ("),
        "{first}"
    );
    let diff = run(&mut world, &["policy", "diff", "shipped"])
        .expect(Exit::Done)
        .out;
    let first = diff.lines().next().unwrap();
    assert!(
        first.starts_with("from published (") && first.contains(") to shipped ("),
        "{first}"
    );
    let help = run(&mut world, &["policy", "publish", "--help"])
        .expect(Exit::Done)
        .out;
    assert!(
        help.contains("loosening    --key of the proposer"),
        "{help}"
    );
}

#[test]
fn a_workspace_has_the_cases_of_its_policies_and_a_folder_is_linted_whole() {
    let mut world = world();
    let cases = ["edges", "fixtures", "testnet_live"];
    let cases = cases.map(|name| format!("my desk/policies/tests/{name}.toml"));
    let cases = cases.iter().map(String::as_str);
    let words: Vec<&str> = ["policy", "test"].into_iter().chain(cases).collect();
    run(&mut world, &words).expect(Exit::Done);
    let lint = run(&mut world, &["policy", "lint", "my desk/policies"])
        .expect(Exit::Done)
        .out;
    assert!(lint.contains("ok  my desk/policies/roles.toml"), "{lint}");
    world.write("bad/roles.toml", "version = 3\n");
    let bad = run(&mut world, &["policy", "lint", "bad"]).expect(Exit::Invalid);
    assert!(bad.err.contains("bad/roles.toml"), "{}", bad.err);
}

#[test]
fn printed_lines_lead_to_the_folder_that_was_named() {
    let mut world = world();
    let show = ["show", "rsi-0001", "--statements-out", "signed acts"];
    let shown = run(&mut world, &show).expect(Exit::Done).err;
    assert!(
        shown.starts_with("cd 'signed acts'\nssh-keygen -Y verify "),
        "{shown}"
    );
    let url = format!("sqlite:{}", world.at("my desk/ledger/ledger.db").display());
    let elsewhere = world.run(&[
        "--ledger",
        &url,
        "approve",
        "rsi-0001",
        "--role",
        "risk",
        "--key",
        "my desk/keys/risk-2",
    ]);
    let elsewhere = elsewhere.expect(Exit::Conflict).err;
    let hint = format!("hint: `promote --ledger '{url}' show rsi-0001` says how\n");
    assert!(elsewhere.contains(&hint), "{elsewhere}");
}

#[test]
fn small_answers_help() {
    let mut world = world();
    let when = run(&mut world, &["as-of", "tomorrow", "rsi"])
        .expect(Exit::Usage)
        .err;
    assert!(when.contains("hint: a date works too"), "{when}");
    let words = [
        "token",
        "revoke",
        "x",
        "--reason",
        "y",
        "--key",
        "my desk/keys/ops-1",
    ];
    let revoked = run(&mut world, &words);
    assert!(revoked.exit != Exit::Usage, "{}", revoked.err);
    let usage = run(&mut world, &["token", "revoke", "x", "--raeson", "y"])
        .expect(Exit::Usage)
        .err;
    assert!(!usage.contains("--version"), "{usage}");
}

#[cfg(feature = "research")]
#[test]
fn the_demo_leaves_one_document_on_stdout() {
    let mut world = World::new();
    let told = world.run(&["demo", "--json"]).expect(Exit::Done);
    let json = told.json();
    fits("demo.v1.json", &json);
    assert!(json["kept"].is_null() && told.err.contains("$ promote ledger verify"));
}
