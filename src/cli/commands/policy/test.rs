//! `promote policy test`: cases that say what a policy must answer. Exit 3 when one differs.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::policy;
use crate::cli::context::Context;
use crate::governance::policy::cases::{Case, CaseResult, load_cases, run_case};
use crate::kernel::text::visible;
use crate::render::policy::cases::{junit, lines, sarif};
use crate::render::policy::json::TestJson;

/// Flags of `policy test`.
#[derive(Debug, Args)]
pub(super) struct TestArgs {
    /// Files with test cases
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Output format
    #[arg(long, default_value = "table")]
    pub(super) format: TestFormat,
}

/// Formats of `policy test`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TestFormat {
    /// One line per case.
    Table,
    /// `promote/policy-test/v1`.
    Json,
    /// JUnit XML.
    Junit,
    /// SARIF 2.1.0.
    Sarif,
}

pub(super) fn run(args: &TestArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let workspace = context.workspace_or_defaults()?;
    let set = policy::load(workspace.as_ref())?;
    let mut problems = Vec::new();
    let mut cases = Vec::new();
    for path in &args.files {
        let bytes = policy::read(&context.path(path))?;
        match load_cases(&visible(&path.display().to_string(), 200), &bytes) {
            Ok(found) => cases.extend(found),
            Err(found) => problems.extend(found),
        }
    }
    if !problems.is_empty() {
        return Err(policy::failure_of(&problems));
    }
    let runs: Vec<(Case, CaseResult)> = cases
        .into_iter()
        .map(|case| {
            let result = run_case(&set, &case);
            (case, result)
        })
        .collect();
    let format = if context.global.json {
        TestFormat::Json
    } else {
        args.format
    };
    match format {
        TestFormat::Table => context.print(&lines(&runs))?,
        TestFormat::Json => context.print_json(&TestJson::new(&set, &runs))?,
        TestFormat::Junit => context.print(&junit(&runs))?,
        TestFormat::Sarif => {
            let text = sarif(&runs).map_err(|e| {
                Failure::from_error(Exit::Internal, "json", "could not write JSON", &e)
            })?;
            context.print(&text)?;
        }
    }
    let passed = runs.iter().all(|(_, result)| result.passed());
    Ok(if passed { Exit::Done } else { Exit::Invalid })
}
