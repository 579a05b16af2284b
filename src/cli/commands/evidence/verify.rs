//! `promote evidence verify`: bytes, signature, and every number derived again.

use std::path::PathBuf;

use clap::Args;

use crate::app::evidence::{load, policies, view};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::context::Context;
use crate::evidence::derive::derive;

/// Flags of `evidence verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Directory of the bundle
    pub dir: PathBuf,
}

/// Verifies a bundle: exit 0, 3 when it contradicts itself or a stated value is off, 9 when its
/// bytes are not those that were stated or signed.
///
/// # Errors
/// When there is no bundle, or not the one that was produced.
pub fn run(args: &VerifyArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let bundle = load(&context.path(&args.dir))?;
    let workspace = context.workspace_or_defaults()?;
    let profile = &bundle.manifest.portfolio.profile;
    let gate = policies::conventions(workspace.as_ref(), profile)?;
    let derived = derive(&bundle, &gate, super::now(context)?);
    if context.global.json {
        context.print_json(&view::verification_json(&args.dir, &bundle, &derived))?;
    } else {
        context.print(&view::text(&args.dir, &bundle, &derived))?;
        context.print(&format!("\n{}", view::findings_text(&derived.findings)))?;
        context.print(if derived.has_faults() {
            "not consistent: what a fault touches is not judged\n"
        } else {
            "consistent: every stated value was derived again\n"
        })?;
    }
    Ok(if derived.has_faults() {
        Exit::Invalid
    } else {
        Exit::Done
    })
}
