//! `version`, `help` and usage errors.

use crate::harness::World;
use promote::app::exit::Exit;

#[test]
fn version_as_text_and_json() {
    let mut world = World::new();
    let text = world.run(&["version"]).expect(Exit::Done);
    assert!(text.out.starts_with("promote 0."), "{}", text.out);
    for args in [&["version", "--format", "json"][..], &["version", "--json"]] {
        assert_eq!(
            world.run(args).expect(Exit::Done).json()["schema"],
            "promote/version/v1"
        );
    }
}

#[test]
fn exit_codes_are_listed() {
    let out = World::new()
        .run(&["help", "exit-codes"])
        .expect(Exit::Done)
        .out;
    for (exit, meaning) in Exit::TABLE {
        assert!(
            out.contains(&format!("{:>4}  {meaning}", exit.code())),
            "{out}"
        );
    }
}

#[test]
fn usage_errors_are_2_and_escape_hostile_words() {
    let mut world = World::new();
    let answer = world.run(&["\u{1b}[31mversion"]).expect(Exit::Usage);
    assert!(!answer.err.contains('\u{1b}'), "{:?}", answer.err);
    let answer = world
        .run(&["version", "--json", "--nope"])
        .expect(Exit::Usage);
    let object: serde_json::Value = serde_json::from_str(&answer.err).unwrap();
    assert_eq!(object["exit"], 2);
}

/// The gate's messages name commands that make evidence; where they are not built they say so.
#[cfg(not(feature = "research"))]
#[test]
fn without_research_a_command_of_the_whole_build_says_where_it_runs() {
    let mut world = World::new();
    for args in [
        &["robustness", "--portfolio-preset", "p", "--help"][..],
        &["demo"],
        &["data", "list"],
        &["dataset", "register"],
        &["presets"],
        &["evidence", "verify", "x", "--rerun", "--key", "k"],
    ] {
        let answer = world.run(args).expect(Exit::Usage);
        assert!(
            answer.err.contains("is not in this build"),
            "{}",
            answer.err
        );
        assert!(
            answer.err.contains("whole build, where the bars are"),
            "{}",
            answer.err
        );
    }
}
