//! The `promote` binary: hands the real world to [`promote::cli::run`].

use std::process::ExitCode;

fn main() -> ExitCode {
    promote::cli::main()
}
