//! `promote evidence verify`: bytes, signature, and every number derived again.

use std::path::PathBuf;

use clap::Args;

#[cfg(feature = "research")]
use crate::app::evidence::rerun::rerun;
use crate::app::evidence::{load_files, policies, view};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
#[cfg(feature = "research")]
use crate::app::gate::tracking::{RecordedJson, recorded_text};
#[cfg(feature = "research")]
use crate::app::gate::vouching;
#[cfg(not(feature = "research"))]
use crate::cli::commands::absent::run as absent;
#[cfg(feature = "research")]
use crate::cli::commands::gate::{recorded::recorded_by, signing::SigningArgs};
use crate::cli::context::Context;
#[cfg(feature = "research")]
use crate::evidence::bundle::CheckedBundle;
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
    /// Signature of whoever ran it again, outside its authors: recorded when the result is the same
    #[cfg(feature = "research")]
    #[command(flatten)]
    pub signing: SigningArgs,
    /// In the whole build: run it again, and sign that it came out the same
    #[cfg(not(feature = "research"))]
    #[command(flatten)]
    pub again: AbsentRerun,
}

/// The flags of a rerun, known so that a printed command is read, and refused.
#[cfg(not(feature = "research"))]
#[derive(Debug, Args)]
pub struct AbsentRerun {
    /// In the whole build
    #[arg(long, hide = true)]
    pub rerun: bool,
    /// In the whole build
    #[arg(long, hide = true, requires = "rerun")]
    pub data: Option<PathBuf>,
    /// In the whole build
    #[arg(long, hide = true, requires = "rerun")]
    pub key: Vec<PathBuf>,
}

#[cfg(feature = "research")]
impl VerifyArgs {
    /// True when the rerun is to be recorded.
    fn signs(&self) -> bool {
        let signing = &self.signing;
        !signing.key.is_empty() || signing.statement_out.is_some() || !signing.signature.is_empty()
    }

    /// Records the rerun: none while the statement waits for its signature.
    fn record(
        &self,
        bundle: &CheckedBundle,
        context: &mut Context<'_, '_>,
    ) -> Result<Option<RecordedJson>, Failure> {
        let about = bundle.evidence_sha256.to_string();
        recorded_by(context, &self.signing, |_| {
            Ok((about, vouching::rerun(bundle)))
        })
    }
}

/// Verifies a bundle: exit 0, 3 when it contradicts itself or a stated value is off, 9 when its
/// bytes are not those that were stated or signed, or a rerun comes to another result. With a key,
/// a rerun that comes to the same result is recorded in the ledger.
///
/// # Errors
/// When there is no bundle, or not the one that was produced.
pub fn run(args: &VerifyArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    #[cfg(not(feature = "research"))]
    if args.again.rerun {
        return absent("evidence verify --rerun");
    }
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
    let (mut json, mut lines, again) = match args.rerun {
        false => (json, lines, None),
        true => {
            let data = match &args.data {
                Some(data) => context.path(data),
                None => context.workspace()?.resolve("data".as_ref()),
            };
            let again = rerun(&files, &bundle, &gate, &data)?;
            let lines = lines + &again.line();
            (json.with_rerun(again.clone()), lines, Some(again))
        }
    };
    #[cfg(not(feature = "research"))]
    drop(files);
    let exit = json.exit();
    #[cfg(feature = "research")]
    if args.signs() {
        let Some(again) = again else {
            let text = "a signature is for a rerun: say --rerun too";
            return Err(Failure::new(Exit::Usage, "usage.rerun", text));
        };
        if exit == Exit::Done && again.same {
            let Some(recorded) = args.record(&bundle, context)? else {
                return Ok(Exit::Pending);
            };
            lines.push_str(&recorded_text(&recorded));
            json = json.with_recorded(recorded);
        }
    }
    if context.global.json {
        context.print_json(&json)?;
    } else {
        let text = view::text(&args.dir, &bundle, &derived);
        context.print(&format!("{text}\n{lines}"))?;
    }
    Ok(exit)
}
