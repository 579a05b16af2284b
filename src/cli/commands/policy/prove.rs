//! `promote policy prove`: what a policy set guarantees, with witnesses. Exit 3 when a proof fails.

use clap::Args;

use super::{TableOrJson, json, sets};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::policy;
use crate::cli::commands::gate::open;
use crate::cli::context::Context;
use crate::governance::policy::prove::{Ground, prove};
use crate::governance::policy::set::PolicySet;
use crate::render::policy::proof::{ProofJson, text};

/// Flags of `policy prove`.
#[derive(Debug, Args)]
pub(super) struct ProveArgs {
    /// Set: a folder, one file of a set, `published`, `drafts` or `shipped` [default: the published
    /// set of the workspace's ledger, else the files at hand]
    set: Option<String>,
    /// Quorum preset to prove [default: the ledger's, else all of them]
    #[arg(long, value_name = "PRESET")]
    preset: Option<String>,
    /// How many root keys must sign an enrolment [default: the ledger's, else 2]
    #[arg(long, value_name = "K")]
    root_threshold: Option<u32>,
    /// Output format
    #[arg(long, default_value = "table")]
    pub(super) format: TableOrJson,
}

pub(super) fn run(args: &ProveArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let (set, mut ground) = chosen(args, context)?;
    if let Some(preset) = &args.preset {
        ground.preset = Some(preset.clone());
    }
    if let Some(threshold) = args.root_threshold {
        ground.root_threshold = threshold;
    }
    let proof = prove(&set, &ground);
    let ok = proof.ok;
    if json(args.format, context) {
        context.print_json(&ProofJson::new(proof))?;
    } else {
        context.print(&text(&proof, context.width()))?;
    }
    Ok(if ok { Exit::Done } else { Exit::Invalid })
}

/// The set, and what its ledger says about presets and roots where there is one.
fn chosen(args: &ProveArgs, context: &mut Context<'_, '_>) -> Result<(PolicySet, Ground), Failure> {
    let published = args.set.as_deref() == Some(sets::PUBLISHED)
        || (args.set.is_none() && context.ledger_path().is_ok_and(|path| path.is_file()));
    if published {
        let state = open::read(context)?.state;
        let ground = Ground {
            preset: Some(state.genesis.preset.clone()),
            root_threshold: state.access.roots.threshold,
        };
        return Ok(((*state.policy).clone(), ground));
    }
    let set = match &args.set {
        Some(word) => sets::set(word, context)?,
        None => {
            let workspace = context.workspace_or_defaults()?;
            policy::load(workspace.as_ref())?
        }
    };
    Ok((set, Ground::default()))
}
