//! Markdown: the one writer through which foreign text enters a Markdown document.
//!
//! [`escape`] gives text that reads the same and means nothing: no HTML, link, image, heading,
//! list, table, code or autolink. [`code`] gives a code span that cannot be left. Both put
//! everything on one line.

use crate::kernel::text::is_forbidden;

/// `text` as inline Markdown without any meaning, on one line.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for word in one_line(text).split(' ') {
        if !out.is_empty() {
            out.push(' ');
        }
        let www = word
            .get(..4)
            .is_some_and(|w| w.eq_ignore_ascii_case("www."));
        for (at, c) in word.char_indices() {
            let rest = word.get(at..).unwrap_or_default();
            let scheme = c == ':' && rest.starts_with("://");
            let special = "\\`*_[]<>#|~&!$@".contains(c);
            // The first characters of a line could begin a list or a rule.
            let leading = out.chars().all(|o| o.is_ascii_digit()) && "-+=.)".contains(c);
            if special || scheme || leading || (www && c == '.') {
                out.push('\\');
            }
            out.push(c);
        }
    }
    out
}

/// `text` as a code span.
#[must_use]
pub fn code(text: &str) -> String {
    let text = one_line(text);
    let longest = text
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Line feeds and runs of space as one space; characters that may not be stored as `\u{…}`.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut out = String::with_capacity(text.len());
    for c in words.join(" ").chars() {
        if is_forbidden(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_means_nothing() {
        for (text, wanted) in [
            (
                "<script>alert(1)</script>",
                r"\<script\>alert(1)\</script\>",
            ),
            ("[x](http://a.b)", r"\[x\](http\://a.b)"),
            ("![x](y)", r"\!\[x\](y)"),
            ("a\n# b\n| c |", r"a \# b \| c \|"),
            ("- a", r"\- a"),
            ("12. a", r"12\. a"),
            (
                "2025-12-15 is fine - really",
                "2025\\-12-15 is fine - really",
            ),
            ("www.evil.example", r"www\.evil\.example"),
            ("a@b.example", r"a\@b.example"),
            ("&lt;b&gt;", r"\&lt;b\&gt;"),
            ("a\u{1b}[31m", r"a\\u{1b}\[31m"),
            ("`x` *y* _z_ ~~q~~", r"\`x\` \*y\* \_z\_ \~\~q\~\~"),
            ("Sharpe ≥ 0.8 (18 % < 20 %)", r"Sharpe ≥ 0.8 (18 % \< 20 %)"),
        ] {
            assert_eq!(escape(text), wanted, "{text}");
        }
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code("results/x\n# y"), "`results/x # y`");
    }
}
