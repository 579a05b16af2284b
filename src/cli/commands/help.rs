//! `promote help`: the exit codes, and the help of any command.

use clap::{Args, CommandFactory as _};

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::args::Cli;
use crate::cli::context::Context;

/// Flags of `help`.
#[derive(Debug, Args)]
pub struct HelpArgs {
    /// `exit-codes`, or the words of a command
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
    let mut command = Cli::command();
    command.build();
    let mut current = &mut command;
    for word in &args.topic {
        current = current.find_subcommand_mut(word).ok_or_else(|| {
            Failure::new(
                Exit::Usage,
                "usage",
                format!("no help on `{}`", crate::kernel::text::visible(word, 40)),
            )
            .hint("`promote --help` lists the commands; `promote help exit-codes` the exit codes")
        })?;
    }
    let text = current.render_long_help().to_string();
    context.print(&text)?;
    Ok(Exit::Done)
}
