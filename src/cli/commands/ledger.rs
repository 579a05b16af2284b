//! `promote ledger`: verify it, show its entries, set aside what has no effect.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::adapters::host::durable;
use crate::adapters::ledger::{Access, Ledger};
use crate::app::audit::{LedgerVerification, verify_ledger_and_view};
use crate::app::entries::{EntriesJson, EntryJson};
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::gate::failures;
use crate::app::runtime::block_on;
use crate::cli::commands::gate::Format;
use crate::cli::context::Context;
use crate::governance::audit::entry::Entry;
use crate::governance::promotion::event::Signed;
use crate::governance::promotion::statement::SignedBody;
use crate::kernel::text::visible;
use crate::render::layout::{self, Bears, Column};

/// Subcommands of `ledger`.
#[derive(Debug, Args)]
pub struct LedgerArgs {
    #[command(subcommand)]
    command: LedgerCommand,
}

#[derive(Debug, Subcommand)]
enum LedgerCommand {
    /// Check every row, signature and verdict; exit 9 when anything is wrong
    Verify(VerifyArgs),
    /// List the entries, or show one
    Show(ShowArgs),
    /// Set entries aside that have no effect and block what raises risk; signed by the root threshold
    Void(super::ledger_void::VoidArgs),
}

#[derive(Debug, Args)]
struct VerifyArgs {
    /// Output format
    #[arg(long, default_value = "table")]
    format: Format,
}

#[derive(Debug, Args)]
struct ShowArgs {
    /// Position of one entry
    seq: Option<u64>,
    /// Print the entry's stored bytes and nothing else: SHA-256 of a zero byte and these is its
    /// leaf hash
    #[arg(long, requires = "seq", conflicts_with_all = ["statement_out", "signature_out"])]
    raw: bool,
    /// Write the entry's signed statement to this new file, byte for byte
    #[arg(long, value_name = "FILE", requires = "seq")]
    statement_out: Option<PathBuf>,
    /// Write its signature to this new file, as `ssh-keygen -Y verify` takes it
    #[arg(long, value_name = "FILE", requires = "seq")]
    signature_out: Option<PathBuf>,
}

impl LedgerArgs {
    pub(super) fn wants_json(&self) -> bool {
        matches!(&self.command, LedgerCommand::Verify(args) if args.format == Format::Json)
    }
}

/// Runs `ledger`.
///
/// # Errors
/// When there is no ledger or it cannot be read.
pub fn run(args: &LedgerArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match &args.command {
        LedgerCommand::Verify(args) => verify(context, args.format == Format::Json),
        LedgerCommand::Show(show_args) => show(show_args, context),
        LedgerCommand::Void(args) => super::ledger_void::run(args, context),
    }
}

fn verify(context: &mut Context<'_, '_>, json: bool) -> Result<Exit, Failure> {
    let path = context.ledger_path()?;
    let seen = block_on(verify_ledger_and_view(&path))?;
    if context.global.json || json {
        context.print_json(&seen)?;
    } else {
        print_verification(&seen, context)?;
    }
    Ok(if seen.ok { Exit::Done } else { Exit::Integrity })
}

fn print_verification(
    seen: &LedgerVerification,
    context: &mut Context<'_, '_>,
) -> Result<(), Failure> {
    let root = seen.root.map(|r| r.to_string()).unwrap_or_default();
    context.print(&format!("{} entries, root {root}\n", seen.entries))?;
    for (what, list) in [
        ("finding", &seen.findings),
        ("voided", &seen.voided),
        ("not checked", &seen.not_checked),
    ] {
        for finding in list {
            let place = finding
                .seq
                .map(|seq| format!(" at entry {seq}"))
                .unwrap_or_default();
            let message = visible(&finding.message, 400);
            context.print(&format!("{what}{place}: {} ({})\n", message, finding.code))?;
        }
    }
    context.print(if seen.ok {
        "every row, signature and verdict checked: nothing is wrong\n"
    } else {
        "this ledger is not as it was written\n"
    })
}

fn show(args: &ShowArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let path = context.ledger_path()?;
    let entries = block_on(async {
        let mut ledger = Ledger::open(&path, Access::Read)
            .await
            .map_err(|e| failures::ledger(&e))?;
        let entries = ledger.entries().await.map_err(|e| failures::ledger(&e))?;
        ledger.close().await.map_err(|e| failures::ledger(&e))?;
        Ok(entries)
    })?;
    let Some(seq) = args.seq else {
        if context.global.json {
            context.print_json(&EntriesJson::new(&entries))?;
        } else {
            let rows: Vec<Vec<String>> = entries.iter().map(row).collect();
            context.print(&layout::table(&ENTRY, &rows, context.width()))?;
        }
        return Ok(Exit::Done);
    };
    let entry = entries.iter().find(|e| e.seq == seq).ok_or_else(|| {
        let message = format!(
            "there is no entry {seq}; the last is {}",
            entries.len().saturating_sub(1)
        );
        Failure::new(Exit::Usage, "ledger.seq", message)
    })?;
    if args.raw {
        // Canonical bytes are UTF-8 without control and format characters.
        context.print_exactly(&String::from_utf8_lossy(&entry.data))?;
        return Ok(Exit::Done);
    }
    context.print_json(&EntryJson::new(entry))?;
    if args.statement_out.is_some() || args.signature_out.is_some() {
        write_out(entry, args, context)?;
    }
    Ok(Exit::Done)
}

/// Columns of `ledger show`.
const ENTRY: [Column; 5] = [
    Column {
        name: "seq",
        bears: Bears::Number,
    },
    Column {
        name: "time",
        bears: Bears::Text,
    },
    Column {
        name: "kind",
        bears: Bears::Text,
    },
    Column {
        name: "by",
        bears: Bears::Text,
    },
    Column {
        name: "leaf",
        bears: Bears::Text,
    },
];

fn row(entry: &Entry) -> Vec<String> {
    let leaf = &entry.leaf;
    let role = match leaf.actor.role.as_str() {
        // Machine keys are called after their role.
        role if role == leaf.actor.id => String::new(),
        role => format!(" ({role})"),
    };
    vec![
        entry.seq.to_string(),
        leaf.time.to_string(),
        visible(&leaf.kind, 40),
        visible(&format!("{}{role}", leaf.actor.id), 60),
        entry.leaf_hash.short(),
    ]
}

fn write_out(entry: &Entry, args: &ShowArgs, context: &mut Context<'_, '_>) -> Result<(), Failure> {
    let unsigned = || {
        let message = format!("entry {} holds no signed statement", entry.seq);
        Failure::new(Exit::Usage, "ledger.unsigned", message)
    };
    let body: SignedBody =
        serde_json::from_value(entry.leaf.body.clone()).map_err(|_| unsigned())?;
    let signed = Signed::read(body).map_err(|_| unsigned())?;
    let first = signed.envelopes.first().ok_or_else(unsigned)?;
    let statement = (&args.statement_out, signed.body.statement.clone());
    let signature = (&args.signature_out, first.to_armor());
    for (file, text) in [statement, signature] {
        let Some(file) = file else { continue };
        let path = context.path(file);
        if path.symlink_metadata().is_ok() {
            let shown = visible(&file.display().to_string(), 200);
            return Err(Failure::new(
                Exit::Conflict,
                "file.exists",
                format!("`{shown}` exists already"),
            ));
        }
        durable::write_file(&path, text.as_bytes()).map_err(|e| failure::io("write", &path, &e))?;
    }
    let namespace = signed.statement.act.namespace();
    context.say(&format!(
        "check: ssh-keygen -Y verify -f ALLOWED_SIGNERS -I {} -n {namespace} -s SIGNATURE < STATEMENT",
        signed.statement.signer.person
    ));
    Ok(())
}
