//! Words in a picture: how wide they are, how they are shortened and broken, and what SVG takes.
//!
//! In: a text and the size of its letters. Out: a width that is rather too large, for no font is
//! known here, and lines that fit.

use crate::kernel::text::visible;

/// Size of the labels.
pub(super) const FONT: f64 = 12.0;
/// Longest label, in characters; longer ones end in an ellipsis.
const LABEL_MAX: usize = 36;
/// Width of a character by the size of its letters, rather too wide.
const LETTER: f64 = 0.6;

/// How wide `text` is at most.
pub(super) fn width_of(text: &str, size: f64) -> f64 {
    text.chars().count() as f64 * size * LETTER
}

/// A label that is not too long.
pub(super) fn short(label: &str) -> String {
    let mut letters = label.chars();
    let kept: String = letters.by_ref().take(LABEL_MAX).collect();
    match letters.next() {
        None => kept,
        Some(_) => kept.chars().take(LABEL_MAX - 1).chain(['…']).collect(),
    }
}

/// `text` in lines that fit into `width`, broken at blanks.
pub(super) fn wrapped(text: &str, width: f64, size: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width_of(line, size) + width_of(word, size) + size <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// `text` on one line with everything that XML reads as markup escaped.
pub(super) fn escaped(text: &str) -> String {
    visible(text, 160)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
