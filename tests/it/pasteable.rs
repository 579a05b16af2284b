//! Printed commands can be pasted: every `promote …` behind `next:`, `hint:`, `see:` and `then:` is
//! read by the command line once its placeholders in capitals are filled in. The harness holds every
//! command of every test to it.

use std::ffi::OsString;

use clap::Parser as _;
use promote::app::gate::failures::next_step;
use promote::cli::args::Cli;
use promote::governance::regulator::controls::{Controls, embedded_files};
use promote::render::refusals;

/// What stands for a placeholder.
fn filled(word: &str) -> String {
    let mut rest = word.chars();
    let named = rest.next().is_some_and(|c| c.is_ascii_uppercase())
        && rest.all(|c| c.is_ascii_uppercase() || "_=".contains(c));
    if !named {
        return word.to_owned();
    }
    let by = match word {
        "KEY" | "RISK" | "OPS" | "ROOT" | "OLD" | "NEW" | "FILE" | "CONFIG" | "DIR" => "x",
        "TEXT" => "some words",
        "CODE" => "overfit",
        "PORTFOLIO" | "PRESET" => "rsi",
        "PERSON" => "risk-1",
        "ROLE" => "risk",
        "TARGET" | "STAGE" => "shadow",
        "ID" => "rsi-0001",
        "SESSION" => "rsi-s0001",
        "SESSION=DIR" => "rsi-s0001=x",
        "SEQ" => "3",
        "JTI" => "0123456789abcdef0123456789abcdef",
        "YEAR" => "2025",
        "N" => "1",
        "NAME" => "box-1",
        "WHERE" => "simulated",
        "WHAT" => "sweep",
        "LENGTH" => "1h",
        "DATE" => "2025-01-01",
        "SYMBOL" => "BTC/EUR",
        other => panic!("`{other}` is no placeholder that a reader knows"),
    };
    by.to_owned()
}

/// Words of a line as a shell takes them apart.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(std::mem::take(&mut word)),
            _ => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// What the command line says against a printed command; nothing when it takes it.
pub fn refused(command: &str) -> Option<String> {
    let words = words(command)
        .iter()
        .map(|word| filled(word))
        .collect::<Vec<_>>();
    let words = words.into_iter().map(OsString::from);
    match Cli::try_parse_from(words) {
        Ok(_) => None,
        Err(e) if e.exit_code() == 0 => None,
        Err(e) => Some(format!("{command}\n{e}")),
    }
}

/// The commands that a text tells its reader to run.
pub fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        let line = line.trim_start();
        let told = ["next: ", "hint: ", "see: ", "then: "];
        let Some(rest) = told.iter().find_map(|word| line.strip_prefix(word)) else {
            continue;
        };
        if rest.starts_with("promote ") {
            found.push(rest.to_owned());
        }
        found.extend(quoted(rest));
    }
    found
}

/// The commands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = String> + '_ {
    let parts = text.split('`').skip(1).step_by(2);
    parts
        .filter(|part| part.starts_with("promote "))
        .map(str::to_owned)
}

/// Panics when the command line does not take a command that `args` printed.
#[track_caller]
pub fn every_command_is_taken(args: &[&str], printed: &[&str]) {
    let told = printed.iter().flat_map(|text| commands(text));
    let faults: Vec<String> = told.filter_map(|command| refused(&command)).collect();
    assert!(faults.is_empty(), "promote {args:?}\n{}", faults.join("\n"));
}

#[test]
fn every_refusal_has_a_next_step_and_its_commands_can_be_pasted() {
    let mut faults = Vec::new();
    for (_, explanation) in refusals::all() {
        let step = next_step(explanation.slug).unwrap();
        assert!(step.len() > 11 && !step.ends_with('.'), "{step}");
        faults.extend(quoted(&step).filter_map(|command| refused(&command)));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_query_of_a_control_can_be_pasted() {
    let controls = Controls::load(embedded_files()).unwrap();
    let all = controls.frameworks().iter().flat_map(|f| &f.controls);
    let queries: Vec<&str> = all.filter_map(|c| c.query.as_deref()).collect();
    let faults: Vec<String> = queries.iter().filter_map(|query| refused(query)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    // Not one of them stands without what it is about.
    assert!(queries.contains(&"promote show ID"), "{queries:?}");
    assert!(refused("promote show").unwrap().contains("<REQUEST>"));
}

#[test]
fn a_command_that_lacks_a_flag_is_found() {
    let text =
        "hint: `promote resume --halt 4` lifts it\nnext: promote status\nand promote nothing";
    let found = commands(text);
    assert_eq!(found, ["promote resume --halt 4", "promote status"]);
    assert!(refused(&found[0]).unwrap().contains("--reason"));
    assert_eq!(refused(&found[1]), None);
}
