//! Commands of the whole build in the build without `research`: the gate's own messages name them,
//! for the evidence is made elsewhere, so each is known here and says where it runs.

use std::ffi::OsString;

use clap::Args;

use crate::app::exit::Exit;
use crate::app::failure::Failure;

/// Whatever follows the command; the whole build reads it.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub struct AbsentArgs {
    /// Words and flags of the whole build
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    pub rest: Vec<OsString>,
}

/// Says that this build judges evidence and does not make it.
///
/// # Errors
/// Always.
pub fn run(command: &str) -> Result<Exit, Failure> {
    let text = format!("`promote {command}` is not in this build, which is without `research`");
    Err(Failure::new(Exit::Usage, "usage.research", text)
        .hint("run it with the whole build, where the bars are, and bring the evidence here"))
}
