//! Entries as they are shown: a list, or one of them with everything in it.

use serde::Serialize;
use serde_json::Value;

use super::desk::Desk;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::governance::audit::entry::Entry;
use crate::governance::promotion::statement::SignedBody;
use crate::kernel::digest::Digest;
use crate::kernel::time::UtcTime;

/// `promote/ledger/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct LedgerJson {
    schema: &'static str,
    /// Origin.
    ledger: String,
    /// Leaf hash of the genesis: what names this ledger everywhere.
    fingerprint: Digest,
    /// Number of entries.
    size: u64,
    /// Root over them.
    root: Digest,
    /// The signed checkpoint.
    checkpoint: String,
    /// The entries asked for.
    entries: Vec<EntryJson>,
}

/// One entry.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct EntryJson {
    /// Position.
    seq: u64,
    /// Leaf hash.
    leaf: Digest,
    /// Time of the append.
    time: UtcTime,
    /// Kind.
    kind: String,
    /// Who.
    actor: String,
    /// Acting as.
    role: String,
    /// True when it has an effect; false for what a fold finds fault with.
    effect: bool,
    /// What it says: the statement, or the genesis body.
    content: Value,
}

/// The entries, or only the one at `seq`.
///
/// # Errors
/// Exit 7 when there is no such entry.
pub fn ledger_json(desk: &Desk, seq: Option<u64>) -> Result<LedgerJson, Failure> {
    let chosen: Vec<&Entry> = match seq {
        None => desk.entries.iter().collect(),
        Some(seq) => vec![entry(desk, seq)?],
    };
    let head = desk.head();
    Ok(LedgerJson {
        schema: "promote/ledger/v1",
        ledger: desk.state.ledger.clone(),
        fingerprint: desk.state.fingerprint,
        size: head.size,
        root: head.root,
        checkpoint: desk.checkpoint_note()?,
        entries: chosen
            .into_iter()
            .map(|entry| entry_json(desk, entry))
            .collect(),
    })
}

/// The entry at `seq`.
///
/// # Errors
/// Exit 7 when there is none.
pub fn entry(desk: &Desk, seq: u64) -> Result<&Entry, Failure> {
    desk.entries.iter().find(|e| e.seq == seq).ok_or_else(|| {
        let last = desk.head().size.saturating_sub(1);
        let text = format!("there is no entry {seq}");
        Failure::new(Exit::Conflict, "ledger.no-entry", text)
            .hint(format!("entries run from 0 to {last}"))
    })
}

fn entry_json(desk: &Desk, entry: &Entry) -> EntryJson {
    let leaf = &entry.leaf;
    let signed: Option<SignedBody> = serde_json::from_value(leaf.body.clone()).ok();
    let content = signed
        .and_then(|body| serde_json::from_str(&body.statement).ok())
        .unwrap_or_else(|| leaf.body.clone());
    EntryJson {
        seq: entry.seq,
        leaf: entry.leaf_hash,
        time: leaf.time,
        kind: leaf.kind.clone(),
        actor: leaf.actor.id.clone(),
        role: leaf.actor.role.clone(),
        effect: desk.folded.findings.iter().all(|f| f.seq != entry.seq),
        content,
    }
}

/// A table of the entries, or all of one entry.
#[must_use]
pub fn ledger_text(view: &LedgerJson, whole: bool) -> String {
    let mut out = String::new();
    for entry in &view.entries {
        let mark = if entry.effect { "" } else { "  no effect" };
        let who = format!("{} ({})", entry.actor, entry.role);
        out.push_str(&format!(
            "{:>6}  {}  {:<11}  {who:<28}  {}{mark}\n",
            entry.seq,
            entry.time,
            entry.kind,
            entry.leaf.short()
        ));
        if whole {
            let content = serde_json::to_string_pretty(&entry.content).unwrap_or_default();
            out.push_str(&format!("leaf hash {}\n{content}\n", entry.leaf));
        }
    }
    out.push_str(&format!(
        "{} entries, root {}\nledger {}, fingerprint {}\n",
        view.size, view.root, view.ledger, view.fingerprint
    ));
    out
}
