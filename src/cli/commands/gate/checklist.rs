//! `promote checklist show|confirm`: what must be confirmed before a transition.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Format;
use super::signing::{SigningArgs, shown, told};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::act::World;
use crate::app::gate::checklist::{Confirmation, confirm, show, text};
use crate::app::gate::desk::Desk;
use crate::app::gate::next::after;
use crate::app::gate::signing::Made;
use crate::app::runtime::block_on;
use crate::cli::context::Context;
use crate::governance::policy::roles::Role;
use crate::governance::stage::Target;
use crate::kernel::id::{ItemId, PortfolioId};
use crate::kernel::text::visible;

/// Flags of `checklist`.
#[derive(Debug, Args)]
pub struct ChecklistArgs {
    #[command(subcommand)]
    verb: ChecklistVerb,
}

#[derive(Debug, Subcommand)]
enum ChecklistVerb {
    /// Every item, who confirmed it, what is open
    Show(ShowArgs),
    /// Confirm an item
    Confirm(Box<ConfirmArgs>),
}

/// Flags of `checklist show`.
#[derive(Debug, Args)]
struct ShowArgs {
    /// Portfolio
    portfolio: PortfolioId,
    /// `shadow`, `testnet` or `live`
    #[arg(long, value_name = "TARGET")]
    target: Target,
    /// Output format
    #[arg(long, default_value = "table")]
    format: Format,
}

/// Flags of `checklist confirm`.
#[derive(Debug, Args)]
struct ConfirmArgs {
    /// Portfolio
    portfolio: PortfolioId,
    /// Item
    item: ItemId,
    /// `shadow`, `testnet` or `live`
    #[arg(long, value_name = "TARGET")]
    target: Target,
    /// Role that confirms: `research`, `risk` or `ops`
    #[arg(long, value_name = "ROLE")]
    role: Role,
    /// What was found
    #[arg(long, value_name = "TEXT")]
    note: String,
    /// Day on which it was found, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    date: String,
    /// The document, for items of kind `document`; the ledger keeps it
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    /// Signature
    #[command(flatten)]
    signing: SigningArgs,
}

impl ChecklistArgs {
    pub(in crate::cli) fn wants_json(&self) -> bool {
        matches!(&self.verb, ChecklistVerb::Show(args) if args.format == Format::Json)
    }
}

/// Runs `checklist`.
///
/// # Errors
/// When there is no ledger, or the confirmation is refused.
pub fn run(args: &ChecklistArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match &args.verb {
        ChecklistVerb::Show(args) => shows(args, context),
        ChecklistVerb::Confirm(args) => confirms(args, context),
    }
}

fn shows(args: &ShowArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let desk = super::open::read(context)?;
    let list = show(&desk, &args.portfolio, args.target);
    if context.global.json || args.format == Format::Json {
        context.print_json(&list)?;
    } else {
        context.print(&text(&list))?;
    }
    Ok(Exit::Done)
}

fn confirms(args: &ConfirmArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let how = args.signing.how(context)?;
    let path = context.ledger_path()?;
    let when = super::open::when(context)?;
    let wish = Confirmation {
        portfolio: args.portfolio.clone(),
        target: args.target,
        item: args.item.clone(),
        role: args.role,
        note: args.note.clone(),
        date: args.date.clone(),
    };
    let document = args.document.as_ref().map(|path| context.path(path));
    let mut statement = String::new();
    let entropy = &mut *context.ports.entropy;
    let outcome = block_on(async {
        let mut desk = Desk::write(&path, when).await?;
        let mut show_bytes = |bytes: &str| statement = shown(bytes);
        let world = World {
            entropy,
            show: &mut show_bytes,
        };
        let (made, written) = confirm(&mut desk, &wish, document.as_deref(), &how, world).await?;
        let list = show(&desk, &wish.portfolio, wish.target);
        let next = after(&desk, &written);
        Ok((made, written, (list, next)))
    });
    if !statement.is_empty() {
        context.say(&statement);
    }
    let (made, written, (list, next)) = outcome?;
    if let Made::Written { .. } = made {
        return told(context, &made, None);
    }
    for entry in &written {
        let kind = &entry.leaf.kind;
        context.say(&format!(
            "{kind} recorded: seq {}, leaf {}",
            entry.seq, entry.leaf_hash
        ));
    }
    if context.global.json {
        context.print_json(&list)?;
    } else {
        let word = if list.open == 1 { "item" } else { "items" };
        context.print(&format!(
            "{} confirmed; {} {word} open before {}\n",
            wish.item, list.open, list.target
        ))?;
    }
    context.say(&format!("next: {}", visible(&next, 400)));
    Ok(Exit::Done)
}
