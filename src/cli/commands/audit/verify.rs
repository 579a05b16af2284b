//! `promote audit verify`: a pack, checked without a ledger.

use std::path::PathBuf;

use clap::Args;

use crate::adapters::host::bundle_dir;
use crate::app::audit::FindingJson;
use crate::app::audit::pack::verify::{AuditVerification, Brought, verify};
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::cli::commands::gate::Format;
use crate::cli::context::Context;
use crate::governance::audit::checkpoint::NOTE_MAX_BYTES;
use crate::kernel::digest::Digest;
use crate::kernel::text::visible;

/// Most files of a pack.
const FILES_MAX: usize = 500_000;
/// Most bytes of a pack.
const BYTES_MAX: usize = 1024 * 1024 * 1024;

/// Flags of `audit verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Folder of the pack
    pub dir: PathBuf,
    /// The ledger's fingerprint, from somewhere other than the pack; without it the pack is not
    /// authenticated (exit 8)
    #[arg(long, value_name = "HEX")]
    pub fingerprint: Option<Digest>,
    /// A checkpoint of this ledger that you hold; repeated
    #[arg(long, value_name = "NOTE")]
    pub also: Vec<PathBuf>,
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: Format,
}

pub(super) fn run(args: &VerifyArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let dir = context.path(&args.dir);
    let files = bundle_dir::read_within(&dir, FILES_MAX, BYTES_MAX).map_err(|e| {
        Failure::from_error(Exit::Invalid, "pack.unread", "the pack cannot be read", &e)
            .hint("`promote audit bundle PORTFOLIO --out DIR` makes one")
    })?;
    let mut checkpoints = Vec::new();
    for note in &args.also {
        let path = context.path(note);
        let size = std::fs::metadata(&path)
            .map_err(|e| failure::io("read", &path, &e))?
            .len();
        if usize::try_from(size).is_ok_and(|size| size > NOTE_MAX_BYTES) {
            let text = format!("`{}` is too large for a checkpoint", path.display());
            return Err(Failure::new(
                Exit::Invalid,
                "pack.note",
                visible(&text, 300),
            ));
        }
        let bytes = std::fs::read(&path).map_err(|e| failure::io("read", &path, &e))?;
        checkpoints.push((visible(&note.display().to_string(), 200), bytes));
    }
    let seen = verify(
        &files,
        &Brought {
            fingerprint: args.fingerprint,
            checkpoints,
        },
    );
    if context.global.json || args.format == Format::Json {
        context.print_json(&seen)?;
    } else {
        context.print(&text(&seen))?;
    }
    Ok(match (seen.ok, seen.authenticated && seen.whole) {
        (false, _) => Exit::Integrity,
        (true, false) => Exit::Pending,
        (true, true) => Exit::Done,
    })
}

fn text(seen: &AuditVerification) -> String {
    let mut out = String::new();
    if let (Some(head), Some(ledger)) = (&seen.head, &seen.ledger) {
        let ledger = visible(ledger, 200);
        out.push_str(&format!(
            "ledger {ledger}, {} entries, root {}\n",
            head.size, head.root
        ));
    }
    if let (Some(portfolio), Some(counts)) = (&seen.portfolio, &seen.entries) {
        out.push_str(&format!(
            "{portfolio}: {} entries about it, {} about everybody, {} about others only\n",
            counts.portfolio, counts.common, counts.others
        ));
    }
    let lists = [
        ("finding", &seen.findings),
        ("not checked", &seen.not_checked),
    ];
    for (what, list) in lists {
        for FindingJson { seq, code, message } in list {
            let place = seq.map_or_else(String::new, |seq| format!(" at entry {seq}"));
            out.push_str(&format!("{what}{place}: {message} ({code})\n"));
        }
    }
    out.push_str(match (seen.ok, seen.authenticated, seen.whole) {
        (false, _, _) => "this pack is not what a ledger gives\n",
        (true, false, _) => {
            "self-consistent, not authenticated: bring the ledger's fingerprint from elsewhere with --fingerprint\n"
        }
        (true, true, false) => "the ledger is authentic; what stands above was not checked\n",
        (true, true, true) => "authentic and complete up to this head: nothing is wrong\n",
    });
    out
}
