//! A place in a source text, shown with the value underlined.
//!
//! In: the file's name and text, and the byte range of the wrong token. Out: a block of plain text
//! with the line number, the line, and carets; hostile characters are escaped where it is printed.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// The line of `text` that holds `span`, with the token underlined and `label` beside it.
#[must_use]
pub fn underline(name: &str, text: &str, span: Range<usize>, label: &str) -> String {
    let span = within(text, span);
    let report = [Level::ERROR.no_name().primary_title(label).element(
        Snippet::source(text)
            .path(name)
            .annotation(AnnotationKind::Primary.span(span)),
    )];
    Renderer::plain().render(&report)
}

/// The nearest range inside `text` that lies on character boundaries.
fn within(text: &str, span: Range<usize>) -> Range<usize> {
    let floor = |at: usize| {
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(span.start);
    start..floor(span.end).max(start)
}

/// The line number of byte `at`, from 1.
#[must_use]
pub fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|b| *b == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_underlined() {
        let text = "a = 1\nweights = [0.6, 0.5]\n";
        let at = text.find("0.5").unwrap();
        let shown = underline("recipes.toml", text, at..at + 3, "adds up to 1.1");
        assert!(shown.contains("recipes.toml:2:17"), "{shown}");
        assert!(shown.contains("weights = [0.6, 0.5]"), "{shown}");
        assert!(shown.contains("^^^"), "{shown}");
    }

    #[test]
    fn a_range_outside_or_inside_a_character_is_moved_not_a_panic() {
        let reversed = Range { start: 2, end: 1 };
        for span in [0..99, 1..1, reversed, 50..60] {
            let _shown = underline("x", "ä€\n", span, "here");
        }
    }
}
