//! Policies that can be trusted: what a change does (`policy diff`), as law and as command.

use expect_test::expect_file;
use promote::app::exit::Exit;
use promote::governance::policy::diff::{Overall, diff_policies, overall};

use crate::harness::World;
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
    for (name, bytes) in promote::governance::policy::set::embedded_files() {
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
