//! `promote halt`: everything in scope stops, whatever the ledger does.

use clap::Args;

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::act::World;
use crate::app::gate::desk::Desk;
use crate::app::gate::halt_dir::HaltDir;
use crate::app::gate::halting::{FlushJson, HaltJson, Host, Outcome, flush, halt};
use crate::app::gate::signing::Made;
use crate::app::runtime::block_on;
use crate::cli::commands::gate::open::when;
use crate::cli::commands::gate::signing::{SigningArgs, shown};
use crate::cli::context::Context;
use crate::governance::promotion::safety::halt::{Halt, HaltScope};
use crate::kernel::id::{PortfolioId, ProfileId};
use crate::kernel::text::visible;

/// Flags of `halt`.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("scope").required(true)))]
pub struct HaltArgs {
    /// One portfolio
    #[arg(long, value_name = "PORTFOLIO", group = "scope")]
    pub portfolio: Option<PortfolioId>,
    /// All portfolios of a risk profile
    #[arg(long, value_name = "PROFILE", group = "scope")]
    pub profile: Option<ProfileId>,
    /// Everything
    #[arg(long, group = "scope")]
    pub global: bool,
    /// Only record what lies in the halt directory and the ledger does not have
    #[arg(long, group = "scope", conflicts_with_all = ["reason", "drill"])]
    pub flush: bool,
    /// Why
    #[arg(long, value_name = "TEXT", required_unless_present = "flush")]
    pub reason: Option<String>,
    /// Practise: everything is signed, written and measured, nothing stops
    #[arg(long)]
    pub drill: bool,
    /// Signature: of ops, risk or the authoriser
    #[command(flatten)]
    pub signing: SigningArgs,
}

impl HaltArgs {
    fn scope(&self) -> HaltScope {
        match (&self.portfolio, &self.profile) {
            (Some(portfolio), _) => HaltScope::Portfolio(portfolio.clone()),
            (None, Some(profile)) => HaltScope::Profile(profile.clone()),
            (None, None) => HaltScope::Global,
        }
    }
}

/// Halts; exit 10 when only the file in the halt directory was written.
///
/// # Errors
/// When the key may not halt, or nothing took the statement.
pub fn run(args: &HaltArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let ledger = context.ledger_path()?;
    let mut when = when(context)?;
    // A file there that cannot be read keeps nobody from halting, so no writer is made to flush it.
    let dir = match when.halts.take() {
        Some(named) => HaltDir::at(&named),
        None => HaltDir::of_host(&ledger),
    };
    if args.flush {
        let flushed = block_on(async {
            let mut desk = Desk::write_without_flush(&ledger, when).await?;
            let flushed = flush(&mut desk, &dir).await?;
            desk.close().await?;
            Ok(flushed)
        })?;
        return told_flush(context, &flushed);
    }
    let reason = args.reason.clone().unwrap_or_default();
    super::words("reason", &reason)?;
    let order = Halt {
        scope: args.scope(),
        reason,
        drill: args.drill,
    };
    let how = args.signing.how(context)?;
    let mut statement = String::new();
    let host = Host {
        ledger: &ledger,
        when,
        dir: &dir,
        clock: context.ports.clock,
    };
    let entropy = &mut *context.ports.entropy;
    let outcome = block_on(async {
        let mut show = |bytes: &str| statement = shown(bytes);
        let show = &mut show;
        halt(&host, &order, &how, World { entropy, show }).await
    });
    if !statement.is_empty() {
        context.say(&statement);
    }
    match outcome? {
        Outcome::Given(receipt) => told(context, &receipt),
        Outcome::Written(Made::Written { file, namespace }) => {
            Ok(super::waits(context, &file, &namespace))
        }
        Outcome::Written(Made::Signed(_)) => Ok(Exit::Done),
    }
}

fn told(context: &mut Context<'_, '_>, receipt: &HaltJson) -> Result<Exit, Failure> {
    for line in &receipt.trouble {
        context.say(&format!("warning: {line}"));
    }
    if context.global.json {
        context.print_json(receipt)?;
    } else {
        context.print(&text(receipt))?;
    }
    Ok(if receipt.recorded {
        Exit::Done
    } else {
        Exit::Unreachable
    })
}

fn text(receipt: &HaltJson) -> String {
    let word = if receipt.drill { "drill" } else { "halt" };
    let mut out = String::new();
    match (receipt.seq, receipt.leaf) {
        (Some(seq), Some(leaf)) => {
            out.push_str(&format!("{word} recorded: seq {seq}, leaf {leaf}\n"));
        }
        _ => out.push_str("halt file only: the next command that writes records it\n"),
    }
    out.push_str(&format!("scope: {}\n", receipt.scope));
    if let Some(file) = &receipt.file {
        let name = visible(&file.display().to_string(), 300);
        out.push_str(&format!("file: {name}\n"));
    }
    for id in &receipt.invalidated {
        out.push_str(&format!("request {id}: INVALIDATED\n"));
    }
    if let (Some(file), Some(entry)) = (receipt.file_ms, receipt.entry_ms) {
        out.push_str(&format!(
            "latency: {file} ms to the durable file, {entry} ms to the committed entry\n"
        ));
    }
    if let Some(note) = &receipt.note {
        out.push_str(&format!("checkpoint:\n{note}"));
    }
    let next = visible(&receipt.next, 400);
    out.push_str(&format!("next: {next}\n"));
    out
}

fn told_flush(context: &mut Context<'_, '_>, flushed: &FlushJson) -> Result<Exit, Failure> {
    if context.global.json {
        context.print_json(flushed)?;
        return Ok(Exit::Done);
    }
    let mut out = String::new();
    for file in &flushed.files {
        let name = visible(&file.file, 120);
        out.push_str(&match (file.seq, &file.refused) {
            (Some(seq), _) => format!("{name}: recorded, seq {seq}\n"),
            (None, why) => format!(
                "{name}: refused, {}\n",
                visible(why.as_deref().unwrap_or(""), 300)
            ),
        });
    }
    if flushed.files.is_empty() {
        out.push_str("the ledger has every halt of the directory\n");
    }
    context.print(&out)?;
    Ok(Exit::Done)
}
