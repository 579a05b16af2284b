//! The mistakes of a catalogue file as one failure: the first in its message, each with the token
//! underlined.

use super::exit::Exit;
use super::failure::Failure;
use super::snippet;
use crate::research::portfolio::recipe::RecipeError;

/// Exit 3 for `errors` in the file `name` with that `text`.
#[must_use]
pub fn failure(slug: &'static str, name: &str, text: &str, errors: &[RecipeError]) -> Failure {
    let blocks: Vec<String> = errors
        .iter()
        .map(|error| match &error.span {
            None => error.to_string(),
            Some(span) => snippet::underline(name, text, span.clone(), &error.message),
        })
        .collect();
    let first = errors.first().map(|error| {
        let line = error
            .span
            .as_ref()
            .map_or(1, |s| snippet::line_of(text, s.start));
        format!("`{name}` line {line}: {error}")
    });
    let more = match errors.len() {
        0 | 1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    Failure::new(Exit::Invalid, slug, first.unwrap_or_default() + &more).snippet(blocks.join("\n"))
}
