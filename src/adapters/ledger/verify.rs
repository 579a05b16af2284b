//! Verification of the structure: every row of every table, collected into findings.
//!
//! The rows of each table must be exactly those that the entries imply: a surplus row, a missing
//! node or a changed byte in any column is a finding. All of it is read in one transaction, so a
//! writer beside it does not matter. Whether the entries make sense (signatures, guards, verdicts)
//! is for `governance::promotion` to say; nothing is ever repaired.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::Row as _;

use super::blob;
use super::connection::Ledger;
use super::error::LedgerError;
use super::load::{check_row, genesis};
use crate::governance::audit::checkpoint;
use crate::governance::audit::entry::Entry;
use crate::governance::audit::finding::Finding;
use crate::governance::audit::tree::Frontier;
use crate::governance::promotion::statement::Genesis;
use crate::kernel::digest::Digest;

/// Gives the bytes of a kept blob.
pub type Blobs<'a> = &'a dyn Fn(&Digest) -> Option<Vec<u8>>;

/// What verification saw.
#[derive(Debug, Clone, Default)]
pub struct Verification {
    /// Entries that could be read, in order; up to the first that could not.
    pub entries: Vec<Entry>,
    /// True when these are all there are.
    pub complete: bool,
    /// Root over them.
    pub root: Option<Digest>,
    /// Size of the last checkpoint row.
    pub checkpoint_size: u64,
    /// Everything that is not as it should be.
    pub findings: Vec<Finding>,
    /// Blobs whose bytes fit their names.
    pub blobs: BTreeMap<Digest, Vec<u8>>,
}

/// Roots by tree size, and the inner nodes, as the entries imply them.
#[derive(Default)]
struct Implied {
    roots: BTreeMap<u64, Digest>,
    nodes: BTreeMap<(i64, i64), Digest>,
}

impl Ledger {
    /// Checks every row of every table. `named` gives the blobs that entries name, in their bodies
    /// or in blobs named there; any other blob is a finding. A named blob that is not there is
    /// none: only the meaning of its entry cannot be checked then.
    ///
    /// # Errors
    /// When the database cannot be read at all.
    pub async fn verify(
        &mut self,
        named: impl Fn(&[Entry], Blobs<'_>) -> BTreeSet<Digest>,
    ) -> Result<Verification, LedgerError> {
        self.roll_back_leftover().await?;
        self.in_transaction = true;
        let mut seen = Verification::default();
        let outcome = self.verify_tables(&mut seen).await;
        self.roll_back_leftover().await?;
        match outcome {
            Ok(()) => {}
            // Pages that contradict each other: what was read until then still counts.
            Err(LedgerError::Integrity(message)) => {
                seen.findings.push(Finding::general("database", message));
            }
            Err(other) => return Err(other),
        }
        if seen.complete {
            let named = named(&seen.entries, &|digest| seen.blobs.get(digest).cloned());
            for digest in seen.blobs.keys().filter(|d| !named.contains(*d)) {
                let message = format!("blob {digest} is named by no entry");
                seen.findings.push(Finding::general("blob", message));
            }
        }
        Ok(seen)
    }

    async fn verify_tables(&mut self, seen: &mut Verification) -> Result<(), LedgerError> {
        self.fetch("BEGIN").await?;
        self.verify_pages(seen).await?;
        let implied = self.verify_entries(seen).await?;
        self.verify_nodes(&implied, seen).await?;
        self.verify_checkpoints(&implied, seen).await?;
        self.verify_blobs(seen).await
    }

    /// The database's own check of its pages.
    async fn verify_pages(&mut self, seen: &mut Verification) -> Result<(), LedgerError> {
        for row in self.fetch("PRAGMA integrity_check").await? {
            let text: String = row
                .try_get_unchecked(0)
                .map_err(LedgerError::database("read the ledger"))?;
            if text != "ok" {
                let text = crate::kernel::text::visible(&text, 300);
                seen.findings.push(Finding::general("database", text));
            }
        }
        Ok(())
    }

    async fn verify_entries(&mut self, seen: &mut Verification) -> Result<Implied, LedgerError> {
        let mut implied = Implied::default();
        let mut frontier = Frontier::default();
        seen.complete = true;
        for row in self
            .fetch("SELECT seq, leaf_hash, data FROM entry ORDER BY seq")
            .await?
        {
            let (seq, leaf_hash, data): (i64, &[u8], &[u8]) =
                (|| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)))()
                    .map_err(LedgerError::database("read the entries"))?;
            match check_row(seq, leaf_hash, data, &frontier) {
                Ok(entry) => {
                    for node in frontier.append(entry.leaf_hash) {
                        let index = i64::try_from(node.index).unwrap_or(i64::MAX);
                        let place = (i64::from(node.level), index);
                        implied.nodes.insert(place, node.hash);
                    }
                    implied.roots.insert(frontier.size(), frontier.root());
                    seen.entries.push(entry);
                }
                Err(message) => {
                    // Everything after a broken entry hangs in the air: name the first, and stop.
                    let finding = Finding::at(frontier.size(), "entry", message);
                    seen.findings.push(finding);
                    seen.complete = false;
                    break;
                }
            }
        }
        seen.root = Some(frontier.root());
        let mut origins = seen.entries.iter().map(|e| &e.leaf.ledger);
        let first = origins.next();
        if origins.any(|origin| Some(origin) != first) {
            let finding = Finding::general("origin", "entries of different ledgers");
            seen.findings.push(finding);
        }
        Ok(implied)
    }

    async fn verify_nodes(
        &mut self,
        implied: &Implied,
        seen: &mut Verification,
    ) -> Result<(), LedgerError> {
        let mut wanted = implied.nodes.clone();
        for row in self.fetch("SELECT level, idx, hash FROM hash_node").await? {
            let (level, index, hash): (i64, i64, &[u8]) =
                (|| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)))()
                    .map_err(LedgerError::database("read the nodes"))?;
            match wanted.remove(&(level, index)) {
                Some(digest) if digest.as_bytes().as_slice() == hash => {}
                _ => seen.findings.push(Finding::general(
                    "node",
                    format!("tree node {level}/{index} is not what the entries give"),
                )),
            }
        }
        for (level, index) in wanted.keys() {
            let message = format!("tree node {level}/{index} is missing");
            seen.findings.push(Finding::general("node", message));
        }
        Ok(())
    }

    async fn verify_checkpoints(
        &mut self,
        implied: &Implied,
        seen: &mut Verification,
    ) -> Result<(), LedgerError> {
        let genesis = self.verify_genesis(seen);
        for row in self
            .fetch("SELECT size, root, note FROM checkpoint ORDER BY size")
            .await?
        {
            let (size, root, note): (i64, &[u8], &[u8]) =
                (|| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)))()
                    .map_err(LedgerError::database("read the checkpoints"))?;
            let size = u64::try_from(size).unwrap_or_default();
            seen.checkpoint_size = seen.checkpoint_size.max(size);
            let wanted = implied.roots.get(&size);
            if let Err(wrong) = check_checkpoint(size, root, note, wanted, genesis.as_ref()) {
                let message = format!("checkpoint of size {size}: {wrong}");
                seen.findings.push(Finding::general("checkpoint", message));
            }
        }
        let have = u64::try_from(seen.entries.len()).unwrap_or_default();
        if seen.checkpoint_size != have {
            let message = format!(
                "the last checkpoint is for {} entries, {have} could be read",
                seen.checkpoint_size
            );
            seen.findings.push(Finding::general("checkpoint", message));
        }
        Ok(())
    }

    /// The origin and body of the genesis, if it can be read.
    fn verify_genesis(&self, seen: &mut Verification) -> Option<(String, Genesis)> {
        let Some(first) = seen.entries.first() else {
            let finding = Finding::general("genesis", "there is no genesis");
            seen.findings.push(finding);
            return None;
        };
        match genesis(first) {
            Ok(genesis) => {
                if genesis.schema_sha256 != self.schema_sha256 {
                    let message = "the database schema is not the one that the genesis names";
                    seen.findings.push(Finding::at(0, "schema", message));
                }
                Some((first.leaf.ledger.clone(), genesis))
            }
            Err(message) => {
                seen.findings.push(Finding::at(0, "genesis", message));
                None
            }
        }
    }

    async fn verify_blobs(&mut self, seen: &mut Verification) -> Result<(), LedgerError> {
        for row in self
            .fetch("SELECT sha256, stored_sha256, stored FROM blob ORDER BY sha256")
            .await?
        {
            let (sha256, stored_sha256, stored): (&[u8], &[u8], &[u8]) =
                (|| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)))()
                    .map_err(LedgerError::database("read the blobs"))?;
            let checked = Digest::try_from(sha256)
                .map_err(|e| e.to_string())
                .and_then(|digest| Ok((digest, blob::check(&digest, stored_sha256, stored)?)));
            match checked {
                Ok((digest, bytes)) => {
                    seen.blobs.insert(digest, bytes);
                }
                Err(message) => seen.findings.push(Finding::general("blob", message)),
            }
        }
        Ok(())
    }
}

/// Checks a checkpoint row against the root that the entries give.
fn check_checkpoint(
    size: u64,
    root: &[u8],
    note: &[u8],
    wanted: Option<&Digest>,
    genesis: Option<&(String, Genesis)>,
) -> Result<(), String> {
    let wanted = wanted.ok_or("it is for entries that are not there")?;
    if wanted.as_bytes().as_slice() != root {
        return Err("it has another root than the entries".to_owned());
    }
    // Without a genesis there is no key to check by, and a finding stands already.
    let Some((origin, genesis)) = genesis else {
        return Ok(());
    };
    let head = checkpoint::open(note, origin, &genesis.log_key).map_err(|e| e.to_string())?;
    if head.size == size && head.root == *wanted {
        Ok(())
    } else {
        Err("its note is for another head".to_owned())
    }
}
