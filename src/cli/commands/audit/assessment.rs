//! `promote audit self-assessment`: one year of the ledger, control by control.

use std::path::PathBuf;

use clap::Args;

use super::DocumentFormat;
use crate::app::audit::assessment::of_year;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::policy;
use crate::cli::commands::gate::open;
use crate::cli::context::Context;
use crate::render::regulator::assessment::render;

/// Flags of `audit self-assessment`.
#[derive(Debug, Args)]
pub struct AssessmentArgs {
    /// Year, UTC
    #[arg(long, value_parser = clap::value_parser!(u16).range(1970..=9998))]
    pub year: u16,
    /// Output format
    #[arg(long, default_value = "markdown")]
    pub format: DocumentFormat,
    /// File for the document [default: stdout]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

pub(super) fn run(args: &AssessmentArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let workspace = context.workspace().ok();
    let controls = policy::controls(workspace.as_ref())?;
    let desk = open::read(context)?;
    let assessment = of_year(&desk, args.year, &controls)?;
    let text = if context.global.json || args.format == DocumentFormat::Json {
        let text = serde_json::to_string_pretty(&assessment)
            .map_err(|e| Failure::from_error(Exit::Internal, "json", "could not write JSON", &e))?;
        format!("{text}\n")
    } else {
        render(&assessment, super::language(context))
    };
    context.print_or_write(args.out.as_deref(), &text)?;
    Ok(Exit::Done)
}
