//! `promote completions SHELL` and `promote man`: generated from the same definition that parses.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::args::Cli;
use crate::cli::context::Context;

/// Flags of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Shell to complete for
    pub shell: Shell,
}

/// Flags of `man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The words of a command; none for `promote` itself
    pub command: Vec<String>,
}

/// Prints a completion script.
///
/// # Errors
/// When stdout is broken.
pub fn run(args: &CompletionsArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "promote", &mut script);
    context.print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}

/// Prints a manual page in roff.
///
/// # Errors
/// Exit 2 when there is no such command.
pub fn man(args: &ManArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let mut root = Cli::command();
    root.build();
    let command = super::help::find(&mut root, &args.command)?.clone();
    let mut page = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut page)
        .map_err(|e| Failure::from_error(Exit::Internal, "io", "could not render the page", &e))?;
    context.print(&String::from_utf8_lossy(&page))?;
    Ok(Exit::Done)
}
