//! Policies that can be trusted: what a change does (`policy diff`), as law and as command.

use std::sync::Arc;

use expect_test::expect_file;
use promote::app::exit::Exit;
use promote::governance::policy::diff::{Overall, diff, diff_policies, overall};
use promote::governance::policy::prove::{Ground, prove};
use promote::governance::policy::set::{PolicySet, embedded_files};
use promote::governance::promotion::access::missing_token::missing_token;
use promote::governance::promotion::expiry::settle;
use promote::governance::promotion::missing::missing;
use promote::governance::promotion::oversight::acts::PolicyPublication;
use promote::governance::promotion::oversight::{publication, recertification_due};
use promote::governance::promotion::safety::missing::flags;
use promote::governance::promotion::state::{RequestRecord, State, Status};
use promote::governance::stage::{Stage, Target};
use promote::kernel::id::{PortfolioId, ProfileId, RequestId};

use crate::bundles::{Quality, write};
use crate::harness::{Answer, World};
use crate::machine::{Bench, good};
use crate::naive_policy;
use crate::schemas::fits;

fn rank(verdict: &str) -> u8 {
    match verdict {
        "REJECT" => 0,
        "REVISE" => 1,
        _ => 2,
    }
}

#[test]
fn a_tightening_makes_no_verdict_better() {
    let (mut tighter, mut worse, mut loosened) = (0, 0, 0);
    for n in 0..6_000 {
        let (mut old, mut new) = naive_policy::changed_case(n);
        let (a, b) = (naive_policy::real(&old).0, naive_policy::real(&new).0);
        let changes = diff_policies(&a, &b);
        let word = overall(&changes);
        for draw in 0..12 {
            naive_policy::other_facts(n * 100 + draw, &mut old, &mut new);
            let before = rank(naive_policy::naive(&old).2);
            let after = rank(naive_policy::naive(&new).2);
            match word {
                Overall::Loosening => loosened += u32::from(after > before),
                Overall::Tightening | Overall::Identical => {
                    assert!(
                        after <= before,
                        "case {n}: {changes:#?}\n{old:#?}\n{new:#?}"
                    );
                    worse += u32::from(after < before);
                }
            }
        }
        tighter += u32::from(word == Overall::Tightening && !changes.is_empty());
    }
    assert!(tighter > 500, "{tighter} tightenings");
    assert!(worse > 200, "{worse} verdicts became worse");
    assert!(loosened > 200, "{loosened} verdicts became better");
}

/// A folder with the shipped set in which texts are replaced: file, before, after.
fn set(world: &World, folder: &str, changes: &[(&str, &str, &str)]) {
    for (name, bytes) in embedded_files() {
        let mut text = String::from_utf8(bytes).unwrap();
        for (file, before, after) in changes.iter().filter(|(file, _, _)| *file == name) {
            assert!(text.contains(before), "{file}: {before}");
            text = text.replacen(before, after, 1);
        }
        world.write(&format!("{folder}/{name}"), text);
    }
}

const TIGHTER: [(&str, &str, &str); 4] = [
    (
        "conservative.toml",
        "floor = 0.8\ntarget = 1.0",
        "floor = 0.9\ntarget = 1.0",
    ),
    ("conservative.toml", "floor = 30\n", "floor = 40\n"),
    ("roles.toml", "cool_off_days = 14", "cool_off_days = 21"),
    (
        "roles.toml",
        "live = { slots = { research = 1, risk = 1 }, persons = 2",
        "live = { slots = { research = 1, risk = 1, ops = 1 }, persons = 3",
    ),
];

const LOOSER: [(&str, &str, &str); 4] = [
    ("moderate.toml", "version = \"1\"", "version = \"2\""),
    (
        "moderate.toml",
        "floor = 1.0\ntarget = 1.3",
        "floor = 1.0\ntarget = 1.4",
    ),
    (
        "moderate.toml",
        "crash_severity = 0.25",
        "crash_severity = 0.20",
    ),
    (
        "roles.toml",
        "one_role_per_person = true",
        "one_role_per_person = false",
    ),
];

#[test]
fn diff_names_every_change_and_its_direction() {
    let mut world = World::new();
    set(&world, "same", &[]);
    set(&world, "tighter", &TIGHTER);
    set(&world, "looser", &LOOSER);
    let mut told = String::new();
    for (old, new) in [
        ("shipped", "same"),
        ("same", "tighter"),
        ("tighter", "same"),
        ("same", "looser"),
        ("same", "tighter/conservative.toml"),
    ] {
        let answer = world.run(&["policy", "diff", old, new]).expect(Exit::Done);
        told.push_str(&format!(
            "$ promote policy diff {old} {new}\n{}\n",
            answer.out
        ));
    }
    expect_file!["../golden/policy/diff.txt"].assert_eq(&told);
    let json = world
        .run(&["policy", "diff", "same", "tighter", "--json"])
        .expect(Exit::Done)
        .json();
    fits("policy-diff.v1.json", &json);
    assert_eq!(json["overall"], "tightening");
    assert_eq!(json["changes"].as_array().unwrap().len(), 5);
}

#[test]
fn the_shipped_set_is_proved_with_witnesses() {
    let mut world = World::new();
    let answer = world
        .run(&["policy", "prove", "shipped"])
        .expect(Exit::Done);
    let (_, told) = answer.out.split_once('\n').unwrap();
    expect_file!["../golden/policy/prove.txt"].assert_eq(told);
}

/// A criterion as text of a policy file.
fn extra(id: &str, question: &str) -> String {
    format!(
        "[[criterion]]\nid = \"{id}\"\n{question}\nenforcement = \"hard\"\nrationale = \"x\"\n\n[[criterion]]\nid = \"trades_oos\""
    )
}

#[test]
fn prove_names_each_planted_flaw() {
    let mut world = World::new();
    let before = "[[criterion]]\nid = \"trades_oos\"";
    let unreachable = extra(
        "psr_more",
        "metric = \"psr\"\nsample = \"oos\"\nop = \"gt\"\nfloor = 1\nunit = \"fraction\"",
    );
    let dead = extra(
        "sharpe_low",
        "metric = \"sharpe\"\nsample = \"oos\"\nop = \"ge\"\nfloor = 0.5\nunit = \"ratio\"",
    );
    let both_ways = extra(
        "trades_few",
        "metric = \"trades\"\nsample = \"oos\"\nop = \"le\"\nfloor = 500\nunit = \"count\"",
    );
    let live = "live = { slots = { research = 1, risk = 1 }, persons = 2";
    let risk_only = "live = { slots = { risk = 1 }, persons = 1";
    let research_only = "live = { slots = { research = 1 }, persons = 1";
    let requester = "requester_fills_no_slot = true";
    let aged = "implausible_beyond = 6\nmax_age_days = 10";
    type Plant<'a> = (&'a str, Vec<(&'a str, &'a str, &'a str)>);
    let plants: [Plant<'_>; 6] = [
        (
            "unreachable-verdict",
            vec![("conservative.toml", before, &unreachable)],
        ),
        ("dead-criterion", vec![("conservative.toml", before, &dead)]),
        ("not-monotone", vec![("moderate.toml", before, &both_ways)]),
        (
            "not-monotone",
            vec![("moderate.toml", "implausible_beyond = 6", aged)],
        ),
        ("one-person-quorum", vec![("roles.toml", live, risk_only)]),
        (
            "one-person-live",
            vec![
                ("roles.toml", live, research_only),
                ("roles.toml", requester, "requester_fills_no_slot = false"),
            ],
        ),
    ];
    let mut told = String::new();
    for (at, (code, changes)) in plants.iter().enumerate() {
        let folder = format!("plant-{at}");
        set(&world, &folder, changes);
        let args = ["policy", "prove", folder.as_str()];
        let answer = world.run(&args).expect(Exit::Invalid);
        let (_, flaws) = answer.out.split_once("\nnot proved").unwrap();
        assert!(flaws.contains(&format!("  {code}: ")), "{flaws}");
        let dead = "  dead-criterion";
        let lines: Vec<&str> = flaws
            .lines()
            .filter(|l| *code == "dead-criterion" || !l.starts_with(dead))
            .collect();
        told.push_str(&format!(
            "planted: {code}\nnot proved{}\n\n",
            lines.join("\n")
        ));
    }
    let ground = Ground {
        preset: Some("house".to_owned()),
        ..Ground::default()
    };
    let shipped = PolicySet::embedded().unwrap();
    let proof = prove(&shipped, &ground);
    let flaw = proof.flaws.first().unwrap();
    assert_eq!((flaw.code, proof.ok), ("no-live-quorum", false));
    assert_eq!(flaw.file.as_deref(), Some("roles.toml"));
    // Many criteria that look at one metric: their combinations cannot all be tried.
    let many: String = (0..40)
        .map(|n| format!("[[criterion]]\nid = \"x{n}\"\nmetric = \"trades\"\nsample = \"oos\"\nop = \"ge\"\nfloor = {n}\nunit = \"count\"\nenforcement = \"hard\"\nrationale = \"x\"\napplicable_if = {{ metric = \"strategies\", sample = \"full\", op = \"ge\", value = {n} }}\nmax_age_days = {}\n\n", n + 1))
        .collect();
    let mut files = embedded_files();
    files
        .get_mut("moderate.toml")
        .unwrap()
        .extend_from_slice(format!("\n{many}").as_bytes());
    let proof = prove(&PolicySet::load(files).unwrap(), &Ground::default());
    let large = proof
        .flaws
        .iter()
        .find(|flaw| flaw.code == "too-large")
        .unwrap();
    assert_eq!(large.file.as_deref(), Some("moderate.toml"));
    assert!(large.line.is_some() && large.criterion.is_some());
    let roots = ["policy", "prove", "shipped", "--root-threshold", "1"];
    let json = world.run(&[&roots[..], &["--json"]].concat());
    let json = json.expect(Exit::Invalid).json();
    fits("policy-proof.v1.json", &json);
    assert_eq!(json["reached"].as_array().unwrap().len(), 27);
    assert_eq!(json["ok"], false);
    let answer = world.run(&roots).expect(Exit::Invalid);
    let (_, flaws) = answer.out.split_once("\nnot proved").unwrap();
    assert!(flaws.contains("  one-root-key: roles: "));
    told.push_str(&format!("planted: one-root-key\nnot proved{flaws}"));
    expect_file!["../golden/policy/prove_flaws.txt"].assert_eq(&told);
}

#[test]
fn what_cannot_be_proved_because_it_does_not_load_is_named_with_its_line() {
    let mut world = World::new();
    let live = "live = { slots = { research = 1, risk = 1 }, persons = 2";
    let zero = "live = { slots = { research = 1, risk = 0 }, persons = 2";
    let nobody = "live = { slots = { }, persons = 2";
    let crowd = "live = { slots = { research = 2, risk = 1 }, persons = 2";
    let sharpe = "floor = 0.8\ntarget = 1.0";
    let criterion = "[[criterion]]\nid = \"trades_oos\"";
    let twice = extra(
        "trades_oos",
        "metric = \"trades\"\nsample = \"oos\"\nop = \"ge\"\nfloor = 40\nunit = \"count\"",
    );
    let mut told = String::new();
    for (at, (file, before, after)) in [
        ("roles.toml", live, zero),
        ("roles.toml", live, nobody),
        ("roles.toml", live, crowd),
        ("roles.toml", "[quorum.regulated]", "[quorum.regulate]"),
        ("roles.toml", "live = { days = 90", "alive = { days = 90"),
        ("roles.toml", "[override]", "[certificate.profile.nobody]\nlive = { days = 30, warn_days = 14, grace_days = 7 }\n\n[override]"),
        ("conservative.toml", sharpe, "floor = 0.8\ntarget = 1.0\nguard = 1.5"),
        ("conservative.toml", sharpe, "floor = 1.0\ntarget = 0.8"),
        ("conservative.toml", sharpe, "floor = 1.0\ntarget = 1.0"),
        ("conservative.toml", sharpe, "floor = 0.8\ntarget = 1.0\nreject_margin = -1"),
        ("conservative.toml", "implausible_beyond = 6", "implausible_beyond = 0.9"),
        ("conservative.toml", criterion, &twice),
        ("conservative.toml", "floor = 0.20\ntarget = 0.15", "floor = 20\ntarget = 15"),
    ]
    .into_iter()
    .enumerate()
    {
        let folder = format!("broken-{at}");
        set(&world, &folder, &[(file, before, after)]);
        let answer = world.run(&["policy", "prove", &folder]).expect(Exit::Invalid);
        assert!(answer.err.contains(file), "{}", answer.err);
        told.push_str(&answer.err.replace(&folder, "broken"));
        told.push('\n');
    }
    expect_file!["../golden/policy/prove_broken.txt"].assert_eq(&told);
}

#[test]
fn certificates_fall_due_per_profile_and_stage() {
    let monthly = "[certificate.profile.conservative]\nshadow = { days = 30, warn_days = 14, grace_days = 7 }\n\n[override]";
    let mut files = embedded_files();
    let rules = files.get_mut("roles.toml").unwrap();
    let text = String::from_utf8(rules.clone()).unwrap();
    *rules = text.replacen("[override]", monthly, 1).into_bytes();
    let set = PolicySet::load(files.clone()).unwrap();
    let days = |profile: &str, target| {
        let profile = ProfileId::new(profile).unwrap();
        set.rules().certificate_of(&profile, target).unwrap().days
    };
    assert_eq!(days("conservative", Target::Shadow), 30);
    assert_eq!(days("conservative", Target::Live), 90);
    assert_eq!(days("moderate", Target::Shadow), 90);
    // Two portfolios in SHADOW since the same moment, one of each profile.
    let mut bench = Bench::with(|_| {}, files.clone());
    for (name, profile) in [("c", "conservative"), ("m", "moderate")] {
        let mut request = bench.request(name, name);
        request.profile = ProfileId::new(profile).unwrap();
        request.evidence[0].result_sha256 = promote::kernel::digest::Digest::of(name.as_bytes());
        let id = request.request.to_string();
        bench.ask(request).unwrap();
        bench
            .evaluate(&id, crate::machine::facts("1.4", "0.10", "0.20"))
            .unwrap();
        bench.approve(&id, "risk-1", "risk").unwrap();
        bench.decide(&id).unwrap();
    }
    let since = bench.now;
    let seen = |name: &str, days: i64, more: i64| {
        let (id, now) = (
            PortfolioId::new(name).unwrap(),
            since.plus_days(days).plus_millis(more),
        );
        let mut state = bench.state.clone();
        settle(&mut state, now);
        let flags = flags(&state, &id, now);
        (
            flags.certificate_warning,
            flags.certificate_overdue,
            state.portfolios[&id].stage,
        )
    };
    for (name, due) in [("c", 30), ("m", 90)] {
        assert_eq!(
            seen(name, due - 14, -1),
            (false, false, Stage::Shadow),
            "{name}"
        );
        assert_eq!(
            seen(name, due - 14, 0),
            (true, false, Stage::Shadow),
            "{name}"
        );
        assert_eq!(seen(name, due, -1), (true, false, Stage::Shadow), "{name}");
        assert_eq!(seen(name, due, 0), (false, true, Stage::Shadow), "{name}");
        assert_eq!(seen(name, due + 7, -1).2, Stage::Shadow, "{name}");
        assert_eq!(seen(name, due + 7, 0).2, Stage::Research, "{name}");
    }
    // Rules of its own are compared with those that held for the profile before.
    let shipped = PolicySet::embedded().unwrap();
    let longer = |days: &str| {
        let mut files = files.clone();
        let rules = files.get_mut("roles.toml").unwrap();
        let text = String::from_utf8(rules.clone()).unwrap();
        *rules = text.replacen("days = 30", days, 1).into_bytes();
        PolicySet::load(files).unwrap()
    };
    let word = |a: &PolicySet, b: &PolicySet| diff(a, b).overall;
    assert_eq!(word(&shipped, &set), Overall::Tightening);
    assert_eq!(word(&set, &shipped), Overall::Loosening);
    assert_eq!(word(&shipped, &longer("days = 120")), Overall::Loosening);
    assert_eq!(word(&set, &longer("days = 20")), Overall::Tightening);
    assert_eq!(word(&longer("days = 20"), &set), Overall::Loosening);
    let changes = diff(&shipped, &set).changes;
    assert_eq!(changes.len(), 1, "{changes:#?}");
    assert_eq!(
        changes[0].field,
        "certificate.profile.conservative.shadow.days"
    );
    let told = (changes[0].before.as_deref(), changes[0].after.as_deref());
    assert_eq!(told, (Some("90"), Some("30")));
}

// ---- in a ledger ------------------------------------------------------------------------------

fn desk() -> World {
    let mut world = World::new();
    let now = ["--now", "2025-12-10T08:00:00Z"];
    let init = ["init", "w", "--sandbox", "--seed", "7"];
    world.run(&[&init[..], &now].concat()).expect(Exit::Done);
    world
}

fn run(world: &mut World, args: &[&str]) -> Answer {
    world.run(&[&["--root", "w"], args].concat())
}

/// The slug of a refusal.
fn slug(world: &mut World, args: &[&str], exit: Exit) -> String {
    let answer = run(world, &[args, &["--json"]].concat()).expect(exit);
    let last = answer.err.lines().last().unwrap().to_owned();
    let object: serde_json::Value = serde_json::from_str(&last).unwrap();
    object["slug"].as_str().unwrap().to_owned()
}

fn ask(world: &mut World, portfolio: &str) {
    let dir = write(
        world,
        portfolio,
        &format!("bundle-{portfolio}"),
        Quality::Good,
    );
    let words = [
        "request",
        portfolio,
        "--target",
        "shadow",
        "--evidence",
        &dir,
    ];
    let rest = ["--summary", "stable", "--key", "w/keys/research-1"];
    run(world, &[&words[..], &rest].concat()).expect(Exit::Pending);
}

fn approve(world: &mut World, id: &str, key: &str) -> Answer {
    let key = format!("w/keys/{key}");
    run(world, &["approve", id, "--role", "risk", "--key", &key])
}

fn verifies(world: &mut World) {
    let json = run(world, &["ledger", "verify", "--json"]);
    assert_eq!(json.expect(Exit::Done).json()["ok"], true);
}

fn item<'a>(name: &'a str, role: &'a str, key: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let words = ["checklist", "confirm", "rsi", "--target", "shadow", name];
    let who = ["--role", role, "--key", key, "--note", "42 of 42", "--date"];
    let date = if more.contains(&"--date") {
        &[][..]
    } else {
        &["2025-12-09"]
    };
    let who = if date.is_empty() { &who[..6] } else { &who[..] };
    [&words[..], who, date, more].concat()
}

#[test]
fn checklist_items_are_confirmed_by_the_right_role_once() {
    let mut world = desk();
    let early = item("tests_green", "research", "w/keys/research-1", &[]);
    assert_eq!(
        slug(&mut world, &early, Exit::Conflict),
        "unknown-portfolio"
    );
    ask(&mut world, "rsi");
    let show = ["checklist", "show", "rsi", "--target", "shadow", "--json"];
    let list = run(&mut world, &show).expect(Exit::Done).json();
    fits("checklist.v1.json", &list);
    assert_eq!(list["items"].as_array().unwrap().len(), 12);
    // The request was judged PROMOTE, so two items are filled already.
    assert_eq!(
        (&list["open"], &list["binding"]),
        (&10.into(), &false.into())
    );
    let confirm = item("tests_green", "research", "w/keys/research-2", &[]);
    run(&mut world, &confirm).expect(Exit::Done);
    let document = world.write("config.json", "{}").display().to_string();
    let paper = ["--document", document.as_str()];
    let (research, ops) = ("w/keys/research-1", "w/keys/ops-1");
    let tomorrow = ["--date", "2025-12-31"];
    for (args, exit, wanted) in [
        (early.clone(), Exit::Conflict, "item-confirmed"),
        (
            item("logging_active", "risk", "w/keys/risk-1", &[]),
            Exit::NotAuthorised,
            "item-role",
        ),
        (
            item("logging_active", "ops", research, &[]),
            Exit::NotAuthorised,
            "item-role",
        ),
        (
            item("checklist_complete", "ops", ops, &[]),
            Exit::Conflict,
            "item-is-auto",
        ),
        (
            item("nothing_like_it", "ops", ops, &[]),
            Exit::Conflict,
            "unknown-item",
        ),
        (
            item("shadow_config", "research", research, &[]),
            Exit::Conflict,
            "document-wanted",
        ),
        (
            item("runbook_known", "ops", ops, &paper),
            Exit::Conflict,
            "document-wanted",
        ),
        (
            item("runbook_known", "ops", ops, &tomorrow),
            Exit::Conflict,
            "date-malformed",
        ),
    ] {
        assert_eq!(slug(&mut world, &args, exit), wanted, "{args:?}");
    }
    let live = [
        "checklist",
        "confirm",
        "rsi",
        "--target",
        "live",
        "backup",
        "--role",
        "ops",
    ];
    let words = ["--key", ops, "--note", "x", "--date", "2025-12-09"];
    let args = [&live[..], &words, &paper].concat();
    assert_eq!(slug(&mut world, &args, Exit::Conflict), "stage-order");
    let args = item("shadow_config", "research", research, &paper);
    run(&mut world, &args).expect(Exit::Done);
    let list = run(&mut world, &show).expect(Exit::Done).json();
    assert_eq!(list["open"], 8);
    let shown = run(&mut world, &show[..5]).expect(Exit::Done).out;
    assert!(shown.contains("[x] tests_green (attest)"), "{shown}");
    assert!(
        shown.contains("research-2 as research, 2025-12-09: 42 of 42"),
        "{shown}"
    );
    // Ops denies for what ops has to confirm, and for nothing else.
    let deny = [
        "deny", "rsi-0001", "--role", "ops", "--key", ops, "--reason",
    ];
    let args = [&deny[..], &["tests_green"]].concat();
    let refused = run(&mut world, &args).expect(Exit::NotAuthorised).err;
    assert!(
        refused.contains("logging_active, shadow_docs_read, runbook_known"),
        "{refused}"
    );
    let args = [&deny[..], &["runbook_known"]].concat();
    run(&mut world, &args).expect(Exit::Done);
    verifies(&mut world);
}

#[test]
fn a_tightening_wants_one_risk_signature_and_voids_what_is_open() {
    let mut world = desk();
    set(&world, "tighter", &TIGHTER);
    set(
        &world,
        "crowd",
        &[(
            "roles.toml",
            "shadow = { slots = { risk = 1 }, persons = 1",
            "shadow = { slots = { risk = 9 }, persons = 9",
        )],
    );
    let profiles = ["conservative.toml", "moderate.toml", "aggressive.toml"];
    let stricter = profiles.map(|file| (file, "floor = 30\n", "floor = 100000\n"));
    set(&world, "strict", &stricter);
    ask(&mut world, "rsi");
    let table = run(&mut world, &["policy", "replay", "strict", "--json"])
        .expect(Exit::Done)
        .json();
    fits("flip-table.v1.json", &table);
    assert_eq!(table["judged"], 1);
    assert_eq!(table["flips"][0]["request"], "rsi-0001");
    assert_eq!(table["flips"][0]["before"], "PROMOTE_TO_SHADOW");
    assert_ne!(table["flips"][0]["after"], "PROMOTE_TO_SHADOW");
    let publish = [
        "policy", "publish", "tighter", "--reason", "lessons", "--key",
    ];
    let by = |key: &'static str| [&publish[..], &[key]].concat();
    let research = by("w/keys/research-1");
    assert_eq!(
        slug(&mut world, &research, Exit::NotAuthorised),
        "signers-wanted"
    );
    let crowd = [
        "policy",
        "publish",
        "crowd",
        "--reason",
        "x",
        "--key",
        "w/keys/risk-1",
    ];
    assert_eq!(
        slug(&mut world, &crowd, Exit::Conflict),
        "quorum-unreachable"
    );
    let risk = by("w/keys/risk-1");
    let done = run(&mut world, &[&risk[..], &["--json"]].concat())
        .expect(Exit::Done)
        .json();
    fits("policy-publication.v1.json", &done);
    assert_eq!(done["overall"], "tightening");
    assert_eq!(done["invalidated"], serde_json::json!(["rsi-0001"]));
    assert_eq!(slug(&mut world, &risk, Exit::Conflict), "policy-unchanged");
    let diff = run(&mut world, &["policy", "diff", "published", "tighter"]).expect(Exit::Done);
    assert!(diff.out.contains("\nidentical: "), "{}", diff.out);
    // The files at hand are drafts now, and whoever asks is told.
    let dir = write(&world, "other", "bundle-other", Quality::Good);
    let check = ["check", "other", "--target", "shadow", "--evidence", &dir];
    let told = run(&mut world, &check).expect(Exit::Done).err;
    assert!(told.contains("differ from the published set"), "{told}");
    // Who proposed the set in force approves nothing under it.
    ask(&mut world, "rsi");
    let refused = approve(&mut world, "rsi-0002", "risk-1").expect(Exit::NotAuthorised);
    assert!(refused.err.contains("risk-1"), "{}", refused.err);
    approve(&mut world, "rsi-0002", "risk-2").expect(Exit::Done);
    verifies(&mut world);
}

#[test]
fn a_loosening_wants_the_live_quorum_and_the_root_threshold() {
    let mut world = desk();
    set(&world, "looser", &LOOSER);
    set(&world, "shipped", &[]);
    ask(&mut world, "rsi");
    approve(&mut world, "rsi-0001", "risk-1").expect(Exit::Done);
    let publish = |folder: &'static str, keys: &[&'static str]| {
        let mut args = vec!["policy", "publish", folder, "--reason", "tried"];
        for key in keys {
            args.extend(["--key", *key]);
        }
        args
    };
    let (research, risk) = ("w/keys/research-1", "w/keys/risk-1");
    let (one, two) = ("w/keys/root-1", "w/keys/root-2");
    for (keys, wanted) in [
        (&[risk][..], "signers-wanted"),
        (&[one, two], "signers-wanted"),
        (&[research, risk, one], "root-threshold"),
        (&[research, one, two], "signers-wanted"),
        (
            &[research, risk, "w/keys/ops-1", one, two],
            "signers-wanted",
        ),
    ] {
        let args = publish("looser", keys);
        assert_eq!(
            slug(&mut world, &args, Exit::NotAuthorised),
            wanted,
            "{keys:?}"
        );
    }
    let all = [research, risk, one, two];
    let args = publish("looser", &all);
    let told = run(&mut world, &args).expect(Exit::Done).out;
    assert!(told.contains("(loosening)"), "{told}");
    // An older set again is loosening too, although it is stricter.
    let args = publish("shipped", &[risk]);
    assert_eq!(
        slug(&mut world, &args, Exit::NotAuthorised),
        "signers-wanted"
    );
    run(&mut world, &publish("shipped", &all)).expect(Exit::Done);
    // What was decided before still says by which set.
    let shown = run(&mut world, &["explain", "rsi-0001", "--json"])
        .expect(Exit::Done)
        .json();
    assert_eq!(shown["verdict"], "PROMOTE_TO_SHADOW");
    let log = run(&mut world, &["log", "export", "--out", "copy.md"]);
    log.expect(Exit::Done);
    run(&mut world, &["log", "verify", "copy.md"]).expect(Exit::Done);
    verifies(&mut world);
}

#[test]
fn the_decision_for_testnet_waits_for_the_checklist() {
    let mut bench = Bench::new();
    let id = bench.judged("p", "s", good());
    let mut record = bench.state.requests[&id.parse().unwrap()].clone();
    let codes = |bench: &Bench, record: &RequestRecord| {
        let list = missing(&bench.state, record, bench.now);
        list.into_iter().filter(|m| m.code == "checklist").count()
    };
    assert_eq!(codes(&bench, &record), 0);
    record.request.target = Target::Testnet;
    // Twelve items are confirmed by persons, one of them by two; two fill themselves.
    assert_eq!(codes(&bench, &record), 13);
}

#[test]
fn a_live_portfolio_that_fails_the_new_set_is_due_for_recertification() {
    let mut bench = Bench::new();
    let id: RequestId = bench.judged("p", "s", good()).parse().unwrap();
    let portfolio = PortfolioId::new("p").unwrap();
    let mut state = bench.state.clone();
    let record = state.requests.get_mut(&id).unwrap();
    // As if it had been granted LIVE on this evidence.
    record.status = Status::Promoted;
    record.request.target = Target::Live;
    let (mark, strategy) = (record.mark.clone(), record.request.strategy_sha256);
    let held = state.portfolios.get_mut(&portfolio).unwrap();
    (held.stage, held.strategy) = (Stage::Live, Some(strategy));
    // Its facts are those of SHADOW, so under no set do they suffice for LIVE; with the session and
    // Monte-Carlo criteria advisory they do.
    let mut kind = embedded_files();
    for bytes in kind.values_mut() {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let text = text.replace("live = \"hard\" }", "live = \"advisory\" }");
        *bytes = text.into_bytes();
    }
    let publish = |state: &mut State, files| {
        let set = Arc::new(PolicySet::load(files).unwrap());
        state.oversight.known.insert(set.digest(), Arc::clone(&set));
        let act = PolicyPublication {
            policy_sha256: set.digest(),
            files: set.file_refs(),
            replaces: state.policy.digest(),
            overall: Overall::Loosening,
            flips_sha256: set.digest(),
            reason: "x".into(),
        };
        publication::effect(state, &act, &mark);
    };
    publish(&mut state, kind);
    assert!(recertification_due(&state, &portfolio).is_none());
    publish(&mut state, embedded_files());
    assert!(recertification_due(&state, &portfolio).is_some());
    let codes: Vec<String> = missing_token(&state, &portfolio, bench.now)
        .into_iter()
        .map(|m| m.code)
        .collect();
    assert!(
        codes.iter().any(|c| c == "certificate_overdue"),
        "{codes:?}"
    );
    bench.days(1);
}

#[test]
fn the_log_keeps_the_checklist_as_it_stood_at_the_decision() {
    let mut world = desk();
    ask(&mut world, "rsi");
    let confirm = item("tests_green", "research", "w/keys/research-2", &[]);
    run(&mut world, &confirm).expect(Exit::Done);
    approve(&mut world, "rsi-0001", "risk-1").expect(Exit::Done);
    let export = ["--json", "log", "export"];
    let held = |world: &mut World| {
        let log = run(world, &export).expect(Exit::Done).json();
        fits("decision-log.v1.json", &log);
        log["decisions"][0]["checklist"].clone()
    };
    let list = held(&mut world);
    assert_eq!(
        (&list["target"], &list["binding"]),
        (&"shadow".into(), &false.into())
    );
    assert_eq!(list["items"].as_array().unwrap().len(), 12);
    let green = &list["items"][0];
    assert_eq!(green["id"], "tests_green");
    assert_eq!(green["done"], true);
    assert_eq!(green["confirmed"][0]["person"], "research-2");
    assert_eq!(green["confirmed"][0]["note"], "42 of 42");
    assert_eq!(list["items"][1]["open"], serde_json::json!(["research"]));
    let seq = green["confirmed"][0]["seq"].as_u64().unwrap();
    for (language, wanted) in [
        (
            "de",
            format!(
                "### Checkliste\n- Vor SHADOW: 3 von 12 Punkten erfüllt; in einer Sandbox vor SHADOW nur Hinweise, die Entscheidung wartet nicht auf sie\n- `tests_green`: bestätigt durch research-2 (research) am 2025-12-10, Eintrag {seq}\n"
            ),
        ),
        (
            "en",
            format!(
                "- `tests_green`: confirmed by research-2 (research) on 2025-12-10, entry {seq}\n"
            ),
        ),
    ] {
        let log = run(&mut world, &["--lang", language, "log", "export"]).out;
        assert!(log.contains(&wanted), "{log}");
    }
    // What takes the confirmation away later changes nothing of what was decided.
    let demote = [
        "demote",
        "rsi",
        "--to",
        "research",
        "--reason",
        "x",
        "--key",
        "w/keys/risk-1",
    ];
    run(&mut world, &demote).expect(Exit::Done);
    let show = ["checklist", "show", "rsi", "--target", "shadow", "--json"];
    let now = run(&mut world, &show).expect(Exit::Done).json();
    assert_eq!(now["items"][0]["done"], false);
    assert_eq!(held(&mut world), list);
    verifies(&mut world);
}
