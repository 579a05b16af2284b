//! `policy lint|show|evaluate|test`: answers, formats, and what is said about bad files.

use std::path::Path;

use expect_test::expect_file;
use serde_json::Value;

use crate::harness::{Answer, World};
use crate::schemas;
use promote::app::exit::Exit;
use promote::metrics::Metric;

const ROW: &str = r#"{"metric":"METRIC","sample":"SAMPLE","value":"VALUE","unit":"UNIT"}"#;

fn metrics(sharpe: &str, drawdown: &str, crash: &str) -> String {
    let rows: Vec<String> = [
        ("sharpe", "oos", sharpe, "ratio"),
        ("max_drawdown", "full", drawdown, "fraction"),
        ("crash_drawdown", "stress", crash, "fraction"),
        ("trades", "oos", "120", "count"),
        ("history_days", "full", "900", "days"),
    ]
    .iter()
    .map(|(metric, sample, value, unit)| {
        ROW.replace("METRIC", metric)
            .replace("SAMPLE", sample)
            .replace("VALUE", value)
            .replace("UNIT", unit)
    })
    .collect();
    format!("[{}]\n", rows.join(",\n "))
}

fn shipped(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("policies")
        .join(file);
    std::fs::read_to_string(path).unwrap()
}

fn cases() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/tests");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().to_str().unwrap().to_owned())
        .filter(|path| path.ends_with(".toml"))
        .collect();
    files.sort();
    files
}

fn evaluate(world: &mut World, file: &str, more: &[&str]) -> Answer {
    let mut args = vec![
        "policy",
        "evaluate",
        "--profile",
        "conservative",
        "--target",
        "shadow",
        "--metrics",
        file,
    ];
    args.extend(more);
    world.run(&args)
}

#[test]
fn all_fixtures_of_the_design_hold() {
    let mut world = World::new();
    let files = cases();
    let mut args = vec!["policy", "test"];
    args.extend(files.iter().map(String::as_str));
    let answer = world.run(&args).expect(Exit::Done);
    assert!(
        answer.out.ends_with(" passed, 0 failed\n"),
        "{}",
        answer.out
    );
    assert!(answer.out.lines().count() > 50, "{}", answer.out);
    assert!(answer.err.contains("embedded defaults"), "{}", answer.err);
    args.push("--json");
    let json = world.run(&args).expect(Exit::Done).json();
    schemas::fits("policy-test.v1.json", &json);
    assert_eq!(json["failed"], 0);
}

#[test]
fn evaluate_has_one_exit_code_per_verdict() {
    let mut world = World::new();
    for (sharpe, drawdown, crash, exit, verdict) in [
        ("1.0", "0.18", "0.26", Exit::Done, "PROMOTE_TO_SHADOW"),
        ("0.79", "0.18", "0.26", Exit::Revise, "REVISE"),
        ("1.05", "0.18", "0.36", Exit::Reject, "REJECT"),
    ] {
        world.write("m.json", metrics(sharpe, drawdown, crash));
        let json = evaluate(&mut world, "m.json", &["--format", "json"])
            .expect(exit)
            .json();
        schemas::fits("verdict.v1.json", &json);
        assert_eq!(json["verdict"], verdict);
        assert_eq!(json["portfolio"], Value::Null);
    }
    assert!(
        std::fs::read_dir(world.path()).unwrap().count() == 1,
        "something was written"
    );
}

#[test]
fn evaluate_as_table_json_and_explained() {
    let mut world = World::new();
    world.write("m.json", metrics("0.7999", "0.18", "0.26"));
    let table = evaluate(&mut world, "m.json", &[]).expect(Exit::Revise).out;
    expect_file!["../golden/policy/evaluate.txt"].assert_eq(&table);
    let long = evaluate(&mut world, "m.json", &["--explain"])
        .expect(Exit::Revise)
        .out;
    expect_file!["../golden/policy/explain.txt"].assert_eq(&long);
    let json = evaluate(&mut world, "m.json", &["--json"])
        .expect(Exit::Revise)
        .out;
    expect_file!["../golden/policy/evaluate.json"].assert_eq(&json);
}

#[test]
fn show_and_lint_of_the_shipped_set() {
    let mut world = World::new();
    let shown = world
        .run(&["policy", "show", "--profile", "aggressive"])
        .expect(Exit::Done);
    let without_digest: String = shown
        .out
        .lines()
        .skip(1)
        .map(|l| format!("{l}\n"))
        .collect();
    expect_file!["../golden/policy/show.txt"].assert_eq(&without_digest);
    let json = world
        .run(&["policy", "show", "--json"])
        .expect(Exit::Done)
        .json();
    schemas::fits("policy.v1.json", &json);
    assert_eq!(json["profiles"].as_array().unwrap().len(), 3);
    let linted = world
        .run(&["policy", "lint", "--json"])
        .expect(Exit::Done)
        .json();
    schemas::fits("policy-lint.v1.json", &linted);
    assert_eq!(linted["ok"], true);
    let answer = world
        .run(&["policy", "show", "--profile", "reckless"])
        .expect(Exit::Invalid);
    assert!(
        answer
            .err
            .contains("it has aggressive, conservative, moderate"),
        "{}",
        answer.err
    );
}

#[test]
fn the_workspace_set_is_read_and_only_its_toml_files() {
    let mut world = World::new();
    world.write("config/config.toml", "");
    for file in ["conservative.toml", "roles.toml"] {
        world.write(&format!("policies/{file}"), shipped(file));
    }
    world.write("policies/README.md", "not a policy");
    world.write("policies/tests/x.toml", "not a policy");
    let answer = world.run(&["policy", "lint"]).expect(Exit::Done);
    assert!(
        answer.out.contains("no problem in 2 files"),
        "{}",
        answer.out
    );
    assert!(answer.err.is_empty(), "{}", answer.err);
    world.write("policies/conservative.toml", "profile = 1\n");
    let answer = world.run(&["policy", "lint"]).expect(Exit::Invalid);
    assert!(
        answer.err.contains("conservative.toml:1:11"),
        "{}",
        answer.err
    );
}

/// Name of the case, shipped file, what stands there, what stands there instead.
const SPOILT: [(&str, &str, &str, &str); 16] = [
    (
        "unknown-key",
        "conservative.toml",
        "rationale = \"Below",
        "raitonale = \"Below",
    ),
    (
        "unknown-metric",
        "conservative.toml",
        "metric = \"trades\"",
        "metric = \"tradess\"",
    ),
    (
        "unknown-sample",
        "conservative.toml",
        "sample = \"stress\"\nop",
        "sample = \"stres\"\nop",
    ),
    (
        "no-such-sample",
        "conservative.toml",
        "sample = \"stress\"\nop",
        "sample = \"full\"\nop",
    ),
    (
        "wrong-unit",
        "conservative.toml",
        "unit = \"count\"",
        "unit = \"days\"",
    ),
    (
        "swapped",
        "conservative.toml",
        "floor = 0.8\ntarget = 1.0",
        "floor = 1.0\ntarget = 0.8",
    ),
    (
        "empty-band",
        "conservative.toml",
        "target = 1.0",
        "target = 0.80",
    ),
    (
        "percent",
        "conservative.toml",
        "floor = 0.20\ntarget = 0.15",
        "floor = 20\ntarget = 15",
    ),
    (
        "guard",
        "conservative.toml",
        "implausible_beyond = 6",
        "guard = 1.5",
    ),
    (
        "number",
        "conservative.toml",
        "implausible_beyond = 6",
        "implausible_beyond = 1e3",
    ),
    (
        "duplicate-id",
        "conservative.toml",
        "id = \"trades_oos\"",
        "id = \"sharpe_oos\"",
    ),
    (
        "missing-target",
        "conservative.toml",
        ", live = \"hard\" }",
        " }",
    ),
    (
        "not-toml",
        "conservative.toml",
        "[conventions]",
        "[conventions",
    ),
    (
        "hostile-name",
        "conservative.toml",
        "id = \"trades_oos\"",
        r#"id = "a\u001b[31mb\u202e""#,
    ),
    (
        "quorum-zero",
        "roles.toml",
        "slots = { risk = 1 }",
        "slots = { risk = 0 }",
    ),
    ("quorum-missing", "roles.toml", "slots = { risk = 1 }, ", ""),
];

/// A shipped file with one thing replaced, and what lint says about it.
#[test]
fn bad_policies_are_refused_with_the_token_underlined() {
    let mut world = World::new();
    let mut all = String::new();
    for (name, file, good, bad) in SPOILT {
        let text = shipped(file);
        assert!(text.contains(good), "{file} has no `{good}`");
        world.write(file, text.replacen(good, bad, 1));
        let answer = world.run(&["policy", "lint", file]).expect(Exit::Invalid);
        assert!(answer.out.is_empty(), "{}", answer.out);
        all.push_str(&format!("== {name}\n{}\n", answer.err));
    }
    expect_file!["../golden/policy/bad_policies.txt"].assert_eq(&all);
    assert!(!all.contains(['\u{1b}', '\u{202e}']), "{all:?}");
}

#[test]
fn all_problems_come_at_once_and_as_json_too() {
    let mut world = World::new();
    let text = shipped("conservative.toml")
        .replace("floor = 0.20\ntarget = 0.15", "floor = 20\ntarget = 15")
        .replace("metric = \"trades\"", "metric = \"tradess\"");
    world.write("conservative.toml", &text);
    let answer = world
        .run(&["policy", "lint", "conservative.toml"])
        .expect(Exit::Invalid);
    assert!(answer.err.contains("3 problems"), "{}", answer.err);
    let json = world
        .run(&["policy", "lint", "conservative.toml", "--json"])
        .expect(Exit::Invalid)
        .json();
    schemas::fits("policy-lint.v1.json", &json);
    assert_eq!(json["problems"].as_array().unwrap().len(), 3);
    assert_eq!(json["problems"][0]["code"], "percent");

    world.write("config/config.toml", "");
    world.write("policies/conservative.toml", &text);
    world.write("policies/roles.toml", shipped("roles.toml"));
    let answer = world
        .run(&["policy", "show", "--json"])
        .expect(Exit::Invalid);
    let error: Value = serde_json::from_str(&answer.err).unwrap();
    schemas::fits("error.v1.json", &error);
    assert_eq!(error["causes"].as_array().unwrap().len(), 3);
}

#[test]
fn bad_metrics_are_refused_and_escaped() {
    let good = metrics("1.0", "0.18", "0.26");
    let hostile: [(&str, Vec<u8>); 9] = [
        ("100,000 brackets", "[".repeat(100_000).into_bytes()),
        (
            "100,000 closed brackets",
            [vec![b'['; 50_000], vec![b']'; 50_000]].concat(),
        ),
        ("deep object", r#"[{"metric":"#.repeat(50_000).into_bytes()),
        ("invalid UTF-8", b"[{\"metric\":\"sh\xff\xfe\"}]".to_vec()),
        (
            "unknown metric",
            good.replace("\"sharpe\"", "\"shape\"").into_bytes(),
        ),
        (
            "hostile name",
            good.replace("\"sharpe\"", r#""\u001b[31m\u202e\u0000""#)
                .into_bytes(),
        ),
        (
            "number, not text",
            good.replace("\"1.0\"", "1.0").into_bytes(),
        ),
        ("NaN", good.replace("\"1.0\"", "\"NaN\"").into_bytes()),
        ("empty", Vec::new()),
    ];
    let mut world = World::new();
    let mut all = String::new();
    for (name, bytes) in hostile {
        world.write("m.json", bytes);
        let answer = evaluate(&mut world, "m.json", &[]).expect(Exit::Invalid);
        assert!(answer.out.is_empty(), "{}", answer.out);
        all.push_str(&format!("== {name}\n{}\n", answer.err));
        let answer = evaluate(&mut world, "m.json", &["--json"]).expect(Exit::Invalid);
        let line = answer.err.lines().last().unwrap();
        schemas::fits("error.v1.json", &serde_json::from_str(line).unwrap());
    }
    expect_file!["../golden/policy/bad_metrics.txt"].assert_eq(&all);
    assert!(!all.contains(['\u{1b}', '\u{202e}', '\u{0}']), "{all:?}");
}

#[test]
fn hostile_toml_neither_hangs_nor_overflows_the_stack() {
    let mut world = World::new();
    let deep = [
        format!("a = {}", "[".repeat(100_000)),
        format!("a = {}", "{a=".repeat(100_000)),
        format!("{}a = 1", "a.".repeat(100_000)),
        format!("[{}a]\nb = 1", "a.".repeat(100_000)),
        "[[criterion]]\n".repeat(20_000),
        "\u{feff}".repeat(10),
        "x".repeat(2_000_000),
    ];
    for text in deep {
        world.write("conservative.toml", &text);
        let answer = world
            .run(&["policy", "lint", "conservative.toml"])
            .expect(Exit::Invalid);
        assert!(answer.err.len() < 60_000, "{} bytes", answer.err.len());
    }
    world.write("conservative.toml", b"profile = \"\xff\"\n");
    let answer = world
        .run(&["policy", "lint", "conservative.toml"])
        .expect(Exit::Invalid);
    assert!(
        answer.err.contains("not UTF-8 at byte 11"),
        "{}",
        answer.err
    );
}

const FAILING: &str = r#"
[[case]]
name = "a <b> & \"c\" that fails"
profile = "conservative"
target = "shadow"
metrics = { "sharpe:oos" = 0.5 }
expect = { verdict = "PROMOTE_TO_SHADOW", zones = { sharpe_oos = "clear", nothing = "clear" }, scores = { sharpe_oos = 1.00 } }

[[case]]
name = "one that passes"
profile = "conservative"
target = "shadow"
metrics = { "sharpe:oos" = 0.5 }
expect = { verdict = "REJECT" }
"#;

#[test]
fn failing_cases_in_every_format() {
    let mut world = World::new();
    world.write("cases of mine.toml", FAILING);
    let mut run = |format: &str| {
        world
            .run(&["policy", "test", "cases of mine.toml", "--format", format])
            .expect(Exit::Invalid)
    };
    expect_file!["../golden/policy/test.txt"].assert_eq(&run("table").out);
    expect_file!["../golden/policy/test.junit.xml"].assert_eq(&run("junit").out);
    let sarif = run("sarif");
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    let stable = sarif.out.replace(&version, "\"version\": \"X\"");
    expect_file!["../golden/policy/test.sarif.json"].assert_eq(&stable);
    assert_eq!(
        sarif.json()["runs"][0]["results"].as_array().unwrap().len(),
        1
    );
    let json = run("json").json();
    schemas::fits("policy-test.v1.json", &json);
    assert_eq!(
        (json["passed"].as_u64(), json["failed"].as_u64()),
        (Some(1), Some(1))
    );
}

#[test]
fn bad_case_files_are_refused_with_their_places() {
    let mut world = World::new();
    let text = FAILING
        .replacen("\"sharpe:oos\" = 0.5", "\"shape:oos\" = 0.5", 1)
        .replacen("\"REJECT\"", "\"REJECT\", zone = 1", 1)
        .replacen("one that passes", "a <b> & \\\"c\\\" that fails", 1);
    world.write("cases.toml", text);
    let answer = world
        .run(&["policy", "test", "cases.toml"])
        .expect(Exit::Invalid);
    expect_file!["../golden/policy/bad_cases.txt"].assert_eq(&answer.err);
}

/// The fenced blocks of docs/policies.md by the file name after the language.
fn documented(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/policies.md");
    let text = std::fs::read_to_string(path).unwrap();
    let fence = format!(" {name}\n");
    let (_, block) = text.split_once(&fence).unwrap();
    block.split_once("```").unwrap().0.to_owned()
}

#[test]
fn the_examples_of_the_documentation_are_true() {
    let mut world = World::new();
    world.write("config/config.toml", "");
    world.write("policies/roles.toml", shipped("roles.toml"));
    world.write("policies/endowment.toml", documented("endowment.toml"));
    world.write("policies/deny.toml", documented("deny.toml"));
    world.write("m.json", documented("metrics.json"));
    world.write("cases.toml", documented("cases.toml"));
    let _linted = world.run(&["policy", "lint"]).expect(Exit::Done);
    let args = [
        "--profile",
        "endowment",
        "--target",
        "shadow",
        "--metrics",
        "m.json",
    ];
    let _judged = world
        .run(&[&["policy", "evaluate"][..], &args].concat())
        .expect(Exit::Done);
    let tested = world
        .run(&["policy", "test", "cases.toml"])
        .expect(Exit::Done);
    assert!(
        tested.out.ends_with("2 passed, 0 failed\n"),
        "{}",
        tested.out
    );
}

#[test]
fn the_documentation_lists_every_metric_with_samples_and_unit() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/policies.md");
    let text = std::fs::read_to_string(path).unwrap();
    for metric in Metric::ALL {
        let samples: Vec<&str> = metric.samples().iter().map(|s| s.as_str()).collect();
        let row = format!(
            "| `{metric}` | {} | {} |",
            samples.join(", "),
            metric.unit().as_str()
        );
        assert!(text.contains(&row), "docs/policies.md has no row {row}");
    }
}
