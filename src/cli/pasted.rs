//! Commands that are printed to be pasted: paths as a shell takes them, and the global flags that
//! lead to the same workspace and ledger again.
//!
//! In: a message, the global flags. Out: the message whose commands behind `next:`, `then:` and
//! `hint:` repeat `--root` and `--ledger`. Nothing else is touched: a statement that is shown before
//! it is signed, a document and JSON stay as they are.

use super::args::Global;

/// Beginnings of lines that tell a command.
const TELLING: [&str; 3] = ["next: ", "then: ", "hint: "];

/// `text` as one word of a shell.
#[must_use]
pub fn word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "._-/=:,@+%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// `text` with the flags that were given repeated in its commands.
#[must_use]
pub fn located(text: &str, global: &Global) -> String {
    let mut flags = String::new();
    if let Some(root) = &global.root {
        flags.push_str(&format!(" --root {}", word(&root.display().to_string())));
    }
    if let Some(ledger) = &global.ledger {
        flags.push_str(&format!(" --ledger {}", word(ledger)));
    }
    if flags.is_empty() {
        return text.to_owned();
    }
    let lines = text.split_inclusive('\n');
    lines.map(|line| repeated(line, &flags)).collect()
}

fn repeated(line: &str, flags: &str) -> String {
    let told = line.trim_start();
    let Some(head) = TELLING.iter().find(|head| told.starts_with(**head)) else {
        return line.to_owned();
    };
    let line = line.replace("`promote ", &format!("`promote{flags} "));
    line.replacen(
        &format!("{head}promote "),
        &format!("{head}promote{flags} "),
        1,
    )
}

#[cfg(test)]
mod tests {
    use super::super::args::Cli;
    use super::*;
    use clap::Parser as _;

    fn given(words: &[&str]) -> Global {
        let words = ["promote"].iter().chain(words).chain(&["status"]);
        Cli::try_parse_from(words).unwrap().global
    }

    #[test]
    fn only_commands_that_are_told_repeat_the_flags() {
        let text = "{\"comment\":\"next: promote status\"}\nnext: promote status\n  next: promote inbox\nhint: `promote show a-0001` says how\nand promote x\n";
        assert_eq!(located(text, &given(&[])), text);
        let there = given(&["--root", "my desk", "--ledger", "sqlite:x.db"]);
        assert_eq!(
            located(text, &there),
            "{\"comment\":\"next: promote status\"}\nnext: promote --root 'my desk' --ledger sqlite:x.db status\n  next: promote --root 'my desk' --ledger sqlite:x.db inbox\nhint: `promote --root 'my desk' --ledger sqlite:x.db show a-0001` says how\nand promote x\n"
        );
    }

    #[test]
    fn words_of_a_shell() {
        assert_eq!(word("a/b-c.pub"), "a/b-c.pub");
        assert_eq!(word("it's"), "'it'\\''s'");
        assert_eq!(word(""), "''");
    }
}
