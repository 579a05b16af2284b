//! Free text from people and files: what may be stored, and how anything may be shown.
//!
//! Stored text carries no control character but line feed, no format character (Unicode Cf, which
//! includes every bidirectional control) and no line or paragraph separator: what a signer reads
//! is what stands in the bytes. Shown text goes through [`visible`], which never lets a byte of
//! hostile input reach a terminal as a control sequence.

use unicode_general_category::{GeneralCategory, get_general_category};

/// Longest free text that a statement may carry, in bytes.
pub const FREE_TEXT_MAX_BYTES: usize = 4096;

/// True when `c` may not stand in stored text.
#[must_use]
pub fn is_forbidden(c: char) -> bool {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator, Surrogate};
    if c.is_ascii() {
        return c.is_ascii_control() && c != '\n';
    }
    matches!(
        get_general_category(c),
        Control | Format | LineSeparator | ParagraphSeparator | Surrogate
    )
}

/// Why a text may not be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// A control, format or separator character.
    #[error("{field} contains the forbidden character U+{code:04X} at byte {at}")]
    Forbidden {
        /// Which text.
        field: String,
        /// Code point.
        code: u32,
        /// Byte offset.
        at: usize,
    },
    /// Too long.
    #[error("{field} is {len} bytes long, the limit is {max}")]
    TooLong {
        /// Which text.
        field: String,
        /// Its length in bytes.
        len: usize,
        /// The limit in bytes.
        max: usize,
    },
}

/// Checks a free text that is to be stored.
///
/// # Errors
/// When the text is longer than [`FREE_TEXT_MAX_BYTES`] or holds a forbidden character.
pub fn check_free_text(field: &str, text: &str) -> Result<(), TextError> {
    if text.len() > FREE_TEXT_MAX_BYTES {
        return Err(TextError::TooLong {
            field: field.to_owned(),
            len: text.len(),
            max: FREE_TEXT_MAX_BYTES,
        });
    }
    match text.char_indices().find(|(_, c)| is_forbidden(*c)) {
        None => Ok(()),
        Some((at, c)) => Err(TextError::Forbidden {
            field: field.to_owned(),
            code: u32::from(c),
            at,
        }),
    }
}

/// `text` on one line, safe for a terminal: forbidden characters and line feeds as `\u{…}`
/// escapes, cut after `max_chars` with an ellipsis.
#[must_use]
pub fn visible(text: &str, max_chars: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(max_chars * 4));
    for (count, c) in text.chars().enumerate() {
        if count == max_chars {
            shown.push('…');
            break;
        }
        if c == '\n' || is_forbidden(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// A count with its noun: `1 trial`, `2 trials`.
#[must_use]
pub fn of(count: u64, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular() {
        let said = [0, 1, 2].map(|count| of(count, "trial"));
        assert_eq!(said, ["0 trials", "1 trial", "2 trials"]);
    }

    #[test]
    fn terminal_and_bidi_controls_are_refused_and_shown_escaped() {
        for bad in [
            "a\u{1b}[31m",
            "a\u{202e}b",
            "a\u{200b}",
            "a\u{2028}b",
            "a\rb",
            "a\u{0}",
            "\u{feff}",
        ] {
            assert!(check_free_text("summary", bad).is_err(), "{bad:?}");
            assert!(!visible(bad, 100).chars().any(is_forbidden));
        }
        assert!(check_free_text("summary", "zwei\nZeilen, ≥ 0.8 ✓").is_ok());
    }
}
