//! Documents into Markdown and HTML through embedded templates.
//!
//! HTML is escaped by the template engine; Markdown by the filter `md`, which makes every text
//! inert: no link, no emphasis, no table cell broken, no markup let through.

use tera::{Context, Kwargs, State, Tera};

use super::document::Document;
use crate::kernel::text::visible;

const MARKDOWN: &str = include_str!("../templates/report.md");
const HTML: &str = include_str!("../templates/report.html");

/// A template that cannot be filled; a defect of this program, not of the data.
#[derive(Debug, thiserror::Error)]
#[error("could not fill the report template: {0}")]
pub struct TemplateError(String);

/// The document as Markdown (GitHub's tables).
///
/// # Errors
/// When the template does not fit the document.
pub fn markdown(document: &Document) -> Result<String, TemplateError> {
    fill("report.md", document)
}

/// The document as one HTML file: no script, nothing from outside.
///
/// # Errors
/// When the template does not fit the document.
pub fn html(document: &Document) -> Result<String, TemplateError> {
    fill("report.html", document)
}

fn fill(name: &str, document: &Document) -> Result<String, TemplateError> {
    let refuse = |e: tera::Error| TemplateError(visible(&e.to_string(), 200));
    let mut tera = Tera::default();
    tera.register_filter("md", |text: &str, _: Kwargs, _: &State| inert(text));
    tera.register_filter("plain", |text: &str, _: Kwargs, _: &State| {
        visible(text, MAX)
    });
    tera.add_raw_templates([("report.md", MARKDOWN), ("report.html", HTML)])
        .map_err(refuse)?;
    let context = Context::from_serialize(document).map_err(refuse)?;
    tera.render(name, &context).map_err(refuse)
}

/// Longest text in a report, in characters.
const MAX: usize = 4000;

/// `text` on one line, so that Markdown shows exactly it.
#[must_use]
pub fn inert(text: &str) -> String {
    let text = visible(text, MAX);
    let letters: Vec<char> = text.trim().chars().collect();
    let at = |index: usize| letters.get(index).copied();
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let lead = letters.iter().take_while(|c| c.is_ascii_digit()).count();
    let mut out = String::with_capacity(text.len());
    for (index, c) in letters.iter().copied().enumerate() {
        let before = index.checked_sub(1).and_then(at);
        let escape = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '!' | '$' | '@' => true,
            // Inside a word it is a letter, as in `rsi_reversion`.
            '_' => !(is_word(before) && is_word(at(index + 1))),
            // `https://` would become a link.
            '/' => before == Some(':') || before == Some('/'),
            '#' | '=' => index == 0,
            '+' | '-' => index == 0 && !is_word(at(1)),
            // `1.` would begin a list; `www.` would become a link.
            '.' | ')' => {
                let www = |back: usize| index.checked_sub(back).and_then(at);
                let web = [1, 2, 3].iter().all(|b| matches!(www(*b), Some('w' | 'W')));
                (lead > 0 && index == lead) && at(index + 1).is_none_or(|c| c == ' ') || web
            }
            _ => false,
        };
        if escape {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_is_made_inert() {
        for (text, want) in [
            ("rsi_reversion_conservative", "rsi_reversion_conservative"),
            (
                "2018-05-15 to 2023-01-04, -0.5 %",
                "2018-05-15 to 2023-01-04, -0.5 %",
            ),
            ("a|b\nc", "a\\|b\\u{a}c"),
            ("**x** _y_ `z`", "\\*\\*x\\*\\* \\_y\\_ \\`z\\`"),
            ("[t](http://e.org) <b>", "\\[t\\](http:\\/\\/e.org) \\<b\\>"),
            ("see www.e.org, a@b.c", "see www\\.e.org, a\\@b.c"),
            ("# head", "\\# head"),
            ("1. item", "1\\. item"),
            ("1.5 units", "1.5 units"),
            ("- item", "\\- item"),
            ("---", "\\---"),
            ("-6.50 %", "-6.50 %"),
            ("\u{1b}[31m\u{202e}", "\\\\u{1b}\\[31m\\\\u{202e}"),
        ] {
            assert_eq!(inert(text), want.replace("\\u{a}", "\\\\u{a}"), "{text:?}");
        }
    }
}
