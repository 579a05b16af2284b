//! `promote help`: the exit codes, the refusals, and the help of any command.

use clap::{Args, CommandFactory as _};

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::args::Cli;
use crate::cli::context::Context;

/// Flags of `help`.
#[derive(Debug, Args)]
pub struct HelpArgs {
    /// `exit-codes`, `refusals`, or the words of a command
    pub topic: Vec<String>,
}

/// Prints help.
///
/// # Errors
/// Exit 2 when there is no such topic.
pub fn run(args: &HelpArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    if args.topic == ["exit-codes"] {
        let mut text = String::from("Exit codes of every command:\n\n");
        for (exit, meaning) in Exit::TABLE {
            text.push_str(&format!("{:>4}  {meaning}\n", exit.code()));
        }
        context.print(&text)?;
        return Ok(Exit::Done);
    }
    if args.topic == ["refusals"] {
        context.print(&crate::render::refusals::text())?;
        return Ok(Exit::Done);
    }
    let mut root = Cli::command();
    root.build();
    let text = find(&mut root, &args.topic)?.render_long_help().to_string();
    context.print(&text)?;
    Ok(Exit::Done)
}

/// The command that `words` name below `root`.
///
/// # Errors
/// Exit 2 when there is none.
pub(super) fn find<'c>(
    root: &'c mut clap::Command,
    words: &[String],
) -> Result<&'c mut clap::Command, Failure> {
    words.iter().try_fold(root, |command, word| {
        command.find_subcommand_mut(word).ok_or_else(|| {
            let shown = crate::kernel::text::visible(word, 40);
            Failure::new(Exit::Usage, "usage", format!("no help on `{shown}`")).hint(
                "`promote --help` lists the commands; `promote help exit-codes` the exit codes, `promote help refusals` the refusals",
            )
        })
    })
}
