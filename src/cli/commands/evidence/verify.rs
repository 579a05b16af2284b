//! `promote evidence verify`: bytes, signature, and every number derived again.

use std::path::PathBuf;

use clap::Args;

#[cfg(feature = "research")]
use crate::app::evidence::rerun::rerun;
use crate::app::evidence::{load_files, policies, view};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::context::Context;
use crate::evidence::derive::derive;

/// Flags of `evidence verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Directory of the bundle
    pub dir: PathBuf,
    /// Run it again on your own bars: the same result must come out
    #[cfg(feature = "research")]
    #[arg(long)]
    pub rerun: bool,
    /// Folder with the bars for --rerun [default: data/ of the workspace]
    #[cfg(feature = "research")]
    #[arg(long, value_name = "DIR", requires = "rerun")]
    pub data: Option<PathBuf>,
}

/// Verifies a bundle: exit 0, 3 when it contradicts itself or a stated value is off, 9 when its
/// bytes are not those that were stated or signed, or a rerun comes to another result.
///
/// # Errors
/// When there is no bundle, or not the one that was produced.
pub fn run(args: &VerifyArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let (files, bundle) = load_files(&context.path(&args.dir))?;
    let workspace = context.workspace_or_defaults()?;
    let profile = &bundle.manifest.portfolio.profile;
    let gate = policies::conventions(workspace.as_ref(), profile)?;
    let derived = derive(&bundle, &gate, super::now(context)?);
    let json = view::verification_json(&args.dir, &bundle, &derived);
    let verdict = if derived.has_faults() {
        "not consistent: what a fault touches is not judged\n"
    } else {
        "consistent: every stated value was derived again\n"
    };
    let lines = view::findings_text(&derived.findings) + verdict;
    #[cfg(feature = "research")]
    let (json, lines) = match args.rerun {
        false => (json, lines),
        true => {
            let data = match &args.data {
                Some(data) => context.path(data),
                None => context.workspace()?.resolve("data".as_ref()),
            };
            let again = rerun(&files, &bundle, &gate, &data)?;
            let lines = lines + &again.line();
            (json.with_rerun(again), lines)
        }
    };
    #[cfg(not(feature = "research"))]
    drop(files);
    let exit = json.exit();
    if context.global.json {
        context.print_json(&json)?;
    } else {
        let text = view::text(&args.dir, &bundle, &derived);
        context.print(&format!("{text}\n{lines}"))?;
    }
    Ok(exit)
}
