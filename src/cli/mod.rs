//! The command line: words in, exit code out. One file per command.
//!
//! Data goes to stdout, everything else to stderr. Commands run in process through [`run`] with
//! the world handed in as [`Ports`], so tests drive them with a fixed clock and no environment.

pub mod args;
mod confirm;
pub mod context;
pub mod pasted;
pub mod progress;
pub mod report;

mod commands;

use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use crate::adapters::host::machine::ThisMachine;
use crate::adapters::host::terminal::width;
use crate::adapters::host::{SystemClock, SystemEntropy};
use crate::app::exit::Exit;
use args::Cli;
use context::{Context, Ports};

/// Runs the binary: real arguments, clock, randomness and standard streams.
#[must_use]
pub fn main() -> ExitCode {
    let terminal = io::stdout().is_terminal() && io::stdin().is_terminal();
    let mut out = io::BufWriter::new(io::stdout());
    let mut err = io::stderr();
    let mut input = io::stdin();
    let mut entropy = SystemEntropy;
    let mut ports = Ports {
        out: &mut out,
        err: &mut err,
        input: &mut input,
        clock: &SystemClock,
        entropy: &mut entropy,
        machine: &ThisMachine,
        cwd: std::env::current_dir().unwrap_or_default(),
        environment: std::env::vars_os()
            .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
            .collect(),
        terminal,
        width: terminal.then(width).flatten(),
    };
    let exit = run(std::env::args_os(), &mut ports);
    let _flushed = out.flush();
    ExitCode::from(exit.code())
}

/// Runs one command line (`args` with the program name first) against `ports`.
pub fn run(args: impl IntoIterator<Item = OsString>, ports: &mut Ports<'_>) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) => return report::usage(&error, &args, ports),
    };
    let json = cli.wants_json();
    let mut context = Context::new(&cli.global, ports);
    match commands::dispatch(&cli.command, &mut context) {
        Ok(exit) => exit,
        Err(failure) => report::failure(&failure, json, Some(&cli.global), context.ports),
    }
}
