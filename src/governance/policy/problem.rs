//! What is wrong with a policy file, and where: file, line, key, and the token to underline.
//!
//! A problem carries its source line, already safe for a terminal, so that whoever shows it needs
//! neither the file nor its name. Problems are collected, never thrown at the first one.

use std::fmt;
use std::ops::Range;

use crate::kernel::text::visible;

/// Longest source line that is shown, in characters.
const LINE_MAX_CHARS: usize = 160;

/// Problems that are collected per file; whoever has so many fixes some and asks again.
pub const PROBLEMS_MAX: usize = 100;

/// One problem in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    /// Stable name such as `unknown-metric`.
    pub code: &'static str,
    /// File of the set.
    pub file: String,
    /// Line, from 1; 0 when the problem has no place in the file.
    pub line: usize,
    /// Dotted key such as `criterion[2].floor`; empty when there is none.
    pub key: String,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// The next step.
    pub hint: Option<String>,
    /// The source line, safe to show.
    pub source_line: String,
    /// The bytes of `source_line` to underline.
    pub underline: Range<usize>,
}

impl PolicyError {
    /// A problem at `span` of `text`.
    #[must_use]
    pub fn at(
        file: &str,
        text: &str,
        span: Range<usize>,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        let start = floor_boundary(text, span.start);
        let end = floor_boundary(text, span.end).max(start);
        let before = text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let rest = text.get(start..).unwrap_or_default();
        let line_end = start + rest.find(['\n', '\r']).unwrap_or(rest.len());
        let end = end.min(line_end);
        let (source_line, underline) = show(
            text.get(line_start..start).unwrap_or_default(),
            text.get(start..end).unwrap_or_default(),
            text.get(end..line_end).unwrap_or_default(),
        );
        Self {
            code,
            file: visible(file, 80),
            line: 1 + before.bytes().filter(|b| *b == b'\n').count(),
            key: String::new(),
            message: message.into(),
            hint: None,
            source_line,
            underline,
        }
    }

    /// A problem with a file as a whole, or with the set.
    #[must_use]
    pub fn whole(file: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            file: visible(file, 80),
            line: 0,
            key: String::new(),
            message: message.into(),
            hint: None,
            source_line: String::new(),
            underline: 0..0,
        }
    }

    /// Names the key.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.key = visible(key, 120);
        self
    }

    /// Adds the next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// `bytes` of `file` as text.
///
/// # Errors
/// When they are not UTF-8; the problem underlines the first bad bytes as escapes.
pub fn utf8<'b>(file: &str, bytes: &'b [u8]) -> Result<&'b str, Box<PolicyError>> {
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let good = bytes.get(..at).unwrap_or_default();
        let before = std::str::from_utf8(good).unwrap_or_default();
        let message = format!("not UTF-8 at byte {at}");
        let mut problem = PolicyError::at(file, before, at..at, "not-utf8", message);
        let bad: String = bytes
            .iter()
            .skip(at)
            .take(error.error_len().unwrap_or(1))
            .map(|b| format!("\\x{b:02x}"))
            .collect();
        let start = problem.source_line.len();
        problem.source_line.push_str(&bad);
        problem.underline = start..problem.source_line.len();
        Box::new(problem)
    })
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.file)?;
        if self.line > 0 {
            write!(f, " line {}", self.line)?;
        }
        if !self.key.is_empty() {
            write!(f, ", key `{}`", self.key)?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for PolicyError {}

/// The line with every part made visible, cut around the token when it is very long.
fn show(before: &str, token: &str, after: &str) -> (String, Range<usize>) {
    let safe = |part: &str, most: usize| visible(&part.replace('\t', " "), most);
    let long = before.chars().count();
    let mut line = if long > LINE_MAX_CHARS / 2 {
        let tail: String = before.chars().skip(long - LINE_MAX_CHARS / 2).collect();
        format!("…{}", safe(&tail, LINE_MAX_CHARS))
    } else {
        safe(before, LINE_MAX_CHARS)
    };
    let start = line.len();
    line.push_str(&safe(token, LINE_MAX_CHARS));
    let end = line.len();
    line.push_str(&safe(after, LINE_MAX_CHARS / 2));
    (line, start..end)
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_again_in_the_shown_line() {
        let text = "a = 1\n\tname = \"x\u{1b}[31m\" # end\n";
        let at = text.find('"').unwrap();
        let problem = PolicyError::at("p.toml", text, at..at + 8, "x", "bad");
        assert_eq!(problem.line, 2);
        assert_eq!(problem.source_line, " name = \"x\\u{1b}[31m\" # end");
        let token = problem.source_line.get(problem.underline);
        assert_eq!(token, Some("\"x\\u{1b}[31m\""));
        assert_eq!(problem.message, "bad");
    }

    #[test]
    fn places_outside_or_inside_a_character_are_moved() {
        let turned_round = std::ops::Range { start: 4, end: 1 };
        for span in [0..99, 50..60, 1..2, turned_round] {
            let _problem = PolicyError::at("p", "€ä\n€", span, "x", "bad");
        }
    }
}
