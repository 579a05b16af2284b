//! The console blocks of README.md and docs/playbook.md are run, in order, in one fresh world per
//! file, and their output compared.
//!
//! A block begins with ```` ```console ````. `$ promote …` runs a command (a trailing `\` goes on
//! in the next line), `$ cd DIR` moves, what follows is the expected output: first stdout, then
//! stderr. A line `…` stands for any number of lines; `[exit 6]` names an exit code other than 0.
//! `UPDATE=1` writes what was seen, except where a block uses `…`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::{Answer, World};

/// One command with the lines that are expected of it.
struct Step {
    command: String,
    typed: Vec<String>,
    expected: Vec<String>,
}

/// Splits words as a shell would, single and double quotes only.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut open) = (Vec::new(), String::new(), None, false);
    for c in command.chars() {
        match (quote, c) {
            (Some(q), _) if c == q => quote = None,
            (Some(_), _) => word.push(c),
            (None, '\'' | '"') => (quote, open) = (Some(c), true),
            (None, ' ') if word.is_empty() && !open => {}
            (None, ' ') => {
                words.push(std::mem::take(&mut word));
                open = false;
            }
            (None, _) => word.push(c),
        }
    }
    if !word.is_empty() || open {
        words.push(word);
    }
    words
}

fn steps(block: &[String]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut more = false;
    for line in block {
        if more || line.starts_with("$ ") {
            let text = line.trim_start_matches("$ ").trim();
            let (text, goes_on) = match text.strip_suffix('\\') {
                Some(cut) => (cut.trim(), true),
                None => (text, false),
            };
            if more {
                let step = steps.last_mut().unwrap();
                step.command.push(' ');
                step.command.push_str(text);
                step.typed.push(line.clone());
            } else {
                steps.push(Step {
                    command: text.to_owned(),
                    typed: vec![line.clone()],
                    expected: Vec::new(),
                });
            }
            more = goes_on;
        } else {
            steps
                .last_mut()
                .expect("a block begins with a command")
                .expected
                .push(line.clone());
        }
    }
    steps
}

fn shown(answer: &Answer) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    lines.extend(answer.out.lines().map(|l| l.trim_end().to_owned()));
    lines.extend(answer.err.lines().map(|l| l.trim_end().to_owned()));
    if answer.exit.code() != 0 {
        lines.push(format!("[exit {}]", answer.exit.code()));
    }
    lines
}

/// True when `actual` fits `expected`, where `…` stands for any lines.
fn fits(expected: &[String], actual: &[String]) -> bool {
    match expected.split_first() {
        None => actual.is_empty(),
        Some((first, rest)) if first == "…" => {
            (0..=actual.len()).any(|n| fits(rest, &actual[n..]))
        }
        Some((first, rest)) => actual.first() == Some(first) && fits(rest, &actual[1..]),
    }
}

/// Runs the blocks of one document; gives the document with the output that was seen.
fn run_document(name: &str, text: &str) -> String {
    let mut world = World::new();
    let mut cwd: PathBuf = world.path().to_owned();
    let mut out: Vec<String> = Vec::new();
    let mut block: Option<Vec<String>> = None;
    for line in text.lines() {
        if line == "```" && block.is_some() {
            for step in steps(&block.take().unwrap()) {
                out.extend(step.typed.iter().cloned());
                let args = words(&step.command);
                if args[0] == "cd" {
                    cwd = cwd.join(&args[1]);
                    continue;
                }
                assert_eq!(
                    args[0], "promote",
                    "{name}: only promote and cd: {}",
                    step.command
                );
                let args: Vec<&str> = args[1..].iter().map(String::as_str).collect();
                let actual = shown(&world.run_in(&cwd, &args, ""));
                let open = step.expected.iter().any(|l| l == "…");
                let update = std::env::var_os("UPDATE").is_some() && !open;
                assert!(
                    update || fits(&step.expected, &actual),
                    "{name}: `{}` answered\n{}\n--- wanted\n{}",
                    step.command,
                    actual.join("\n"),
                    step.expected.join("\n")
                );
                out.extend(if open { step.expected } else { actual });
            }
        } else if let Some(lines) = &mut block {
            lines.push(line.to_owned());
            continue;
        } else if line == "```console" {
            block = Some(Vec::new());
        }
        out.push(line.to_owned());
    }
    out.join("\n") + "\n"
}

fn check(relative: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(relative);
    let text = fs::read_to_string(&path).unwrap();
    let now = run_document(relative, &text);
    crate::harness::golden(Path::new(relative), &now);
}

#[test]
fn readme_commands_answer_as_printed() {
    check("README.md");
}

#[test]
fn playbook_commands_answer_as_printed() {
    check("docs/playbook.md");
}
