//! `promote policy publish`: brings a policy set into force.

use clap::Args;

use super::sets;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::act::World;
use crate::app::gate::desk::Desk;
use crate::app::gate::publish::{publish, text};
use crate::app::gate::signing::Made;
use crate::app::runtime::block_on;
use crate::cli::commands::gate::open;
use crate::cli::commands::gate::signing::{SigningArgs, shown, told};
use crate::cli::context::Context;

/// Whose keys, in which order.
const SIGNERS: &str = "\
Keys, by what `promote policy diff` says of the set:
  tightening   --key of one risk person
  loosening    --key of the proposer, who holds a role of the LIVE quorum; then one --key for every
               other approval of that quorum (`promote policy show` prints it); then as many root
               keys as the ledger's threshold asks for
Nobody signs twice. Keys that lie elsewhere: --statement-out FILE, then --signature FILE for each.";

/// Flags of `policy publish`.
#[derive(Debug, Args)]
#[command(after_help = SIGNERS)]
pub(super) struct PublishArgs {
    /// Set: a folder, one file of a set, `drafts` or `shipped`
    #[arg(default_value = sets::DRAFTS)]
    set: String,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Signatures: the proposer first; for a loosening the LIVE quorum, then the root threshold
    #[command(flatten)]
    signing: SigningArgs,
}

pub(super) fn run(args: &PublishArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let how = args.signing.how(context)?;
    let set = sets::set(&args.set, context)?;
    let path = context.ledger_path()?;
    let when = open::when(context)?;
    let mut statement = String::new();
    let entropy = &mut *context.ports.entropy;
    let outcome = block_on(async {
        let mut desk = Desk::write(&path, when).await?;
        let mut show = |bytes: &str| statement = shown(bytes);
        let show = &mut show;
        publish(&mut desk, set, &args.reason, &how, World { entropy, show }).await
    });
    if !statement.is_empty() {
        context.say(&statement);
    }
    let (made, answer) = outcome?;
    if let Made::Written { .. } = made {
        return told(context, &made, None);
    }
    if context.global.json {
        context.print_json(&answer)?;
    } else {
        let line = sets::from_to(
            (sets::PUBLISHED, &answer.replaces),
            (&args.set, &answer.policy_sha256),
        );
        context.print(&format!("{line}{}", text(&answer)))?;
    }
    Ok(Exit::Done)
}
