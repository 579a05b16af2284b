//! Failures: how every error and refusal reaches the user.
//!
//! A failure carries the exit code, a stable slug for scripts, a message that names the object and
//! the value, the causes below it, and a hint with the next step. Rooms have their own error
//! types; they become failures at the app border, nowhere deeper.

use std::error::Error;

use super::exit::Exit;
use super::gate::answer::Made;
use crate::governance::promotion::missing::Missing;

/// Something that ended a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Exit code.
    pub exit: Exit,
    /// Stable name such as `policy.unknown-metric`.
    pub slug: &'static str,
    /// What went wrong with which object: lower case, no full stop, one line.
    pub message: String,
    /// Causes, outermost first.
    pub causes: Vec<String>,
    /// A source snippet with the value underlined, or any other block to show as is.
    pub snippet: Option<String>,
    /// The snippet shows every cause in its place, so text leaves the list out; JSON keeps it.
    pub causes_in_snippet: bool,
    /// Entries that were made all the same.
    pub recorded: Vec<Made>,
    /// The next step.
    pub hint: Option<String>,
    /// What is missing, where the failure is that something is; text shows a line of each.
    pub missing: Vec<Missing>,
}

impl Failure {
    /// A failure without causes.
    #[must_use]
    pub fn new(exit: Exit, slug: &'static str, message: impl Into<String>) -> Self {
        Self {
            exit,
            slug,
            message: message.into(),
            causes: Vec::new(),
            snippet: None,
            causes_in_snippet: false,
            recorded: Vec::new(),
            hint: None,
            missing: Vec::new(),
        }
    }

    /// A failure from an error: its text is the message unless `doing` is given, its sources are
    /// the causes.
    #[must_use]
    pub fn from_error(exit: Exit, slug: &'static str, doing: &str, error: &dyn Error) -> Self {
        let mut texts = Vec::new();
        let mut next = Some(error);
        while let Some(current) = next {
            texts.push(current.to_string());
            next = current.source();
        }
        let mut failure = Self::new(exit, slug, doing);
        failure.causes = texts;
        if doing.is_empty() && !failure.causes.is_empty() {
            failure.message = failure.causes.remove(0);
        }
        failure
    }

    /// Adds the next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds entries that were made all the same, before those that it names already.
    #[must_use]
    pub fn recorded(mut self, made: impl IntoIterator<Item = Made>) -> Self {
        self.recorded.splice(0..0, made);
        self
    }

    /// Adds what is missing.
    #[must_use]
    pub fn missing(mut self, missing: &[Missing]) -> Self {
        self.missing = missing.to_vec();
        self
    }

    /// Adds a block that is shown as it is.
    #[must_use]
    pub fn snippet(mut self, snippet: impl Into<String>) -> Self {
        self.snippet = Some(snippet.into());
        self
    }
}

/// Slug of an I/O error.
pub const IO: &str = "io";

/// An I/O error on a named path as a failure with exit 1; a missing file is exit 3.
#[must_use]
pub fn io(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Failure {
    let shown = crate::kernel::text::visible(&path.display().to_string(), 200);
    let exit = match error.kind() {
        std::io::ErrorKind::NotFound
        | std::io::ErrorKind::IsADirectory
        | std::io::ErrorKind::NotADirectory
        | std::io::ErrorKind::InvalidData => Exit::Invalid,
        _ => Exit::Internal,
    };
    Failure::from_error(exit, IO, &format!("could not {doing} `{shown}`"), error)
}
