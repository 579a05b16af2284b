//! How failures and usage errors are shown: text for people, JSON where JSON was asked for.

use std::ffi::OsString;

use clap::error::ErrorKind;
use serde::Serialize;

use super::args::Global;
use super::context::Ports;
use super::pasted::located;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::answer::{Made, missing_text};
use crate::governance::promotion::missing::Missing;
use crate::kernel::text::visible;
use crate::render::refusals;

/// `promote/error/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct ErrorJson<'a> {
    schema: &'static str,
    code: u8,
    slug: &'a str,
    exit: u8,
    message: &'a str,
    causes: &'a [String],
    hint: Option<&'a str>,
    /// Entries that were made all the same; left out where there are none.
    #[serde(skip_serializing_if = "<[Made]>::is_empty")]
    recorded: &'a [Made],
    /// What is missing; left out where the failure is another.
    #[serde(skip_serializing_if = "<[Missing]>::is_empty")]
    missing: &'a [Missing],
}

/// Shows a failure on stderr and gives its exit code.
pub fn failure(
    failure: &Failure,
    json: bool,
    global: Option<&Global>,
    ports: &mut Ports<'_>,
) -> Exit {
    let at = |text: &str| global.map_or_else(|| text.to_owned(), |global| located(text, global));
    let exit = failure.exit;
    if json {
        let object = ErrorJson {
            schema: "promote/error/v1",
            code: exit.code(),
            slug: failure.slug,
            exit: exit.code(),
            message: &failure.message,
            causes: &failure.causes,
            hint: failure.hint.as_deref(),
            recorded: &failure.recorded,
            missing: &failure.missing,
        };
        let text = serde_json::to_string(&object).unwrap_or_default();
        let _written = writeln!(ports.err, "{text}");
        return exit;
    }
    let mut text = format!("error: {}\n", visible(&failure.message, 2000));
    let listed = !failure.causes_in_snippet;
    for cause in failure.causes.iter().filter(|_| listed) {
        text.push_str(&format!("  because: {}\n", visible(cause, 2000)));
    }
    if let Some(snippet) = &failure.snippet {
        for line in snippet.lines() {
            text.push_str(&visible(line, 400));
            text.push('\n');
        }
    }
    for made in &failure.recorded {
        text.push_str(&made.text());
    }
    text.push_str(&at(&missing_text(&failure.missing)));
    // What is missing says its commands itself.
    let hint = failure.hint.as_ref();
    if let Some(hint) = hint.filter(|_| failure.missing.is_empty()) {
        text.push_str(&at(&format!("hint: {}\n", visible(hint, 2000))));
    }
    // The name leads on only where something is known under it.
    if refusals::find(failure.slug).is_some() {
        text.push_str(&format!("see: promote explain {}\n", failure.slug));
    }
    let _written = ports.err.write_all(text.as_bytes());
    exit
}

/// Shows what clap has to say: help and version go to stdout with exit 0, errors to stderr with 2.
pub fn usage(error: &clap::Error, args: &[OsString], ports: &mut Ports<'_>) -> Exit {
    let text = error.render().to_string();
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        let _written = ports.out.write_all(text.as_bytes());
        return Exit::Done;
    }
    if args.iter().any(|a| a == "--json") {
        let message = text
            .lines()
            .next()
            .unwrap_or("usage")
            .trim_start_matches("error: ");
        return failure(
            &Failure::new(Exit::Usage, "usage", message),
            true,
            None,
            ports,
        );
    }
    let safe: String = text
        .lines()
        .map(|line| format!("{}\n", visible(line, 2000)))
        .collect();
    let _written = ports.err.write_all(safe.as_bytes());
    Exit::Usage
}
