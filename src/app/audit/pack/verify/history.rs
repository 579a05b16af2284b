//! Whether the entries of a pack are the whole ledger that its checkpoint and its reader know.
//!
//! In: the entries as the files hold them, the signed checkpoint, what the reader brought. Out: the
//! entries in order, the genesis, the checkpoint; findings where a position, a root, the origin,
//! the fingerprint or a checkpoint does not fit.

use super::{Brought, Checking};
use crate::app::audit::pack::{CHECKPOINT, ENTRIES};
use crate::governance::audit::checkpoint;
use crate::governance::audit::entry::{Entry, Head};
use crate::governance::audit::tree::Frontier;
use crate::governance::promotion::statement::Genesis;
use crate::kernel::digest::Digest;

impl Checking<'_> {
    /// Every entry of all piles, in the order of positions.
    pub(super) fn entries(&mut self) -> Option<Vec<Entry>> {
        let mut all = Vec::new();
        for path in ENTRIES {
            let bytes = self.files.get(path).map(Vec::as_slice).unwrap_or_default();
            let body = bytes.strip_suffix(b"\n").unwrap_or(bytes);
            let lines = body.split(|b| *b == b'\n').filter(|_| !bytes.is_empty());
            for (at, data) in lines.enumerate() {
                match Entry::read(data.to_vec()) {
                    Ok(entry) => all.push(entry),
                    Err(error) => {
                        let place = at + 1;
                        self.find(None, "entry", format!("`{path}` line {place}: {error}"));
                        return None;
                    }
                }
            }
        }
        all.sort_by_key(|entry| entry.seq);
        Some(all)
    }

    /// Positions without gap, roots before each entry, one ledger, the fingerprint.
    pub(super) fn tree(&mut self, entries: &[Entry], brought: &Brought) -> Option<Genesis> {
        let mut frontier = Frontier::default();
        for entry in entries {
            let wanted = frontier.size();
            if entry.seq != wanted {
                let text =
                    format!("position {wanted} is wanted here: an entry is missing or double");
                self.find(Some(entry.seq), "position", text);
                return None;
            }
            if entry.leaf.prev_root != frontier.root() {
                let text = "prev_root is not the root of the entries before it";
                self.find(Some(entry.seq), "prev-root", text);
                return None;
            }
            frontier.append(entry.leaf_hash);
        }
        let Some(first) = entries.first() else {
            self.find(None, "entries", "there is no entry at all");
            return None;
        };
        if entries.iter().any(|e| e.leaf.ledger != first.leaf.ledger) {
            self.find(None, "origin", "entries of different ledgers");
        }
        self.seen.ledger = Some(first.leaf.ledger.clone());
        self.seen.fingerprint = Some(first.leaf_hash);
        self.seen.head = Some(Head {
            size: frontier.size(),
            root: frontier.root(),
        });
        match brought.fingerprint {
            Some(wanted) if wanted == first.leaf_hash => self.seen.authenticated = true,
            Some(wanted) => {
                let text = format!(
                    "the fingerprint of this ledger is {}, not {wanted}: another ledger",
                    first.leaf_hash
                );
                self.find(Some(0), "fingerprint", text);
            }
            None => {}
        }
        match serde_json::from_value(first.leaf.body.clone()) {
            Ok(genesis) if first.leaf.kind == "genesis" => Some(genesis),
            _ => {
                self.find(Some(0), "genesis", "entry 0 is no genesis");
                None
            }
        }
    }

    /// The signed checkpoint, and those that the reader holds.
    pub(super) fn checkpoint(
        &mut self,
        entries: &[Entry],
        genesis: &Genesis,
        brought: &Brought,
    ) -> Option<String> {
        let (origin, head) = (self.seen.ledger.clone()?, self.seen.head?);
        let bytes = self.files.get(CHECKPOINT).cloned().unwrap_or_default();
        match checkpoint::open(&bytes, &origin, &genesis.log_key) {
            Ok(signed) if signed == head => {}
            Ok(signed) => {
                let text = format!(
                    "the checkpoint is for {} entries with root {}, the pack gives {} with root {}",
                    signed.size, signed.root, head.size, head.root
                );
                self.find(None, "checkpoint", text);
            }
            Err(error) => self.find(None, "checkpoint", error.to_string()),
        }
        for (name, note) in &brought.checkpoints {
            match checkpoint::open(note, &origin, &genesis.log_key) {
                Err(error) => self.find(None, "also", format!("`{name}`: {error}")),
                Ok(seen) if seen.size > head.size => {
                    let text = format!(
                        "`{name}` has seen {} entries: {} of them are withheld",
                        seen.size,
                        seen.size - head.size
                    );
                    self.find(None, "withheld", text);
                }
                Ok(seen) if root_at(entries, seen.size, &head) != Some(seen.root) => {
                    let text =
                        format!("`{name}` has seen another history of {} entries", seen.size);
                    self.find(None, "fork", text);
                }
                Ok(_) => {}
            }
        }
        String::from_utf8(bytes).ok()
    }
}

/// Root over the first `size` of `entries`, whose head is `head`.
fn root_at(entries: &[Entry], size: u64, head: &Head) -> Option<Digest> {
    if size == head.size {
        return Some(head.root);
    }
    let next = entries.get(usize::try_from(size).ok()?)?;
    Some(next.leaf.prev_root)
}
