//! Verification of the structure: every row of every table, collected into findings.
//!
//! The rows of each table must be exactly those that the entries imply: a surplus row, a missing
//! row or a changed byte in any column is a finding. Whether the entries make sense (signatures,
//! guards, verdicts) is for `governance::promotion` to say; nothing is ever repaired.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::blob;
use super::connection::Ledger;
use super::error::LedgerError;
use super::load::{check_row, genesis};
use crate::governance::audit::checkpoint;
use crate::governance::audit::entry::Entry;
use crate::governance::audit::finding::Finding;
use crate::governance::audit::tree::Frontier;
use crate::kernel::digest::Digest;

/// What verification saw.
#[derive(Debug, Clone, Default)]
pub struct Verification {
    /// Entries that could be read, in order; up to the first that could not.
    pub entries: Vec<Entry>,
    /// Root over them.
    pub root: Option<Digest>,
    /// Size of the last checkpoint row.
    pub checkpoint_size: u64,
    /// Everything that is not as it should be.
    pub findings: Vec<Finding>,
    /// Blobs that are there and whose bytes fit.
    pub blobs: BTreeSet<Digest>,
}

/// Roots by tree size, and the inner nodes, as the entries imply them.
#[derive(Default)]
struct Implied {
    roots: BTreeMap<u64, Digest>,
    nodes: BTreeMap<(i64, i64), Digest>,
}

impl Ledger {
    /// Checks every row of every table. `referenced` gives the blobs that an entry names; a blob
    /// that no entry names is a finding.
    ///
    /// # Errors
    /// When the database cannot be read at all.
    pub async fn verify(
        &mut self,
        referenced: impl Fn(&Entry) -> Vec<Digest>,
    ) -> Result<Verification, LedgerError> {
        let mut seen = Verification::default();
        let implied = self.verify_entries(&mut seen).await?;
        self.verify_nodes(&implied, &mut seen).await?;
        self.verify_checkpoints(&implied, &mut seen).await?;
        let named = seen.entries.iter().flat_map(referenced).collect();
        self.verify_blobs(&named, &mut seen).await?;
        Ok(seen)
    }

    async fn rows(&mut self, sql: &'static str) -> Result<Vec<SqliteRow>, LedgerError> {
        sqlx::query(sql)
            .fetch_all(&mut self.connection)
            .await
            .map_err(LedgerError::database("read the ledger"))
    }

    async fn verify_entries(&mut self, seen: &mut Verification) -> Result<Implied, LedgerError> {
        let mut implied = Implied::default();
        let mut frontier = Frontier::default();
        for row in self
            .rows("SELECT seq, leaf_hash, data FROM entry ORDER BY seq")
            .await?
        {
            let (seq, leaf_hash, data): (i64, &[u8], &[u8]) =
                (|| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)))()
                    .map_err(LedgerError::database("read the entries"))?;
            match check_row(seq, leaf_hash, data, &frontier) {
                Ok(entry) => {
                    for node in frontier.append(entry.leaf_hash) {
                        let index = i64::try_from(node.index).unwrap_or(i64::MAX);
                        implied
                            .nodes
                            .insert((i64::from(node.level), index), node.hash);
                    }
                    implied.roots.insert(frontier.size(), frontier.root());
                    seen.entries.push(entry);
                }
                Err(message) => {
                    // Everything after a broken entry hangs in the air: name the first, and stop.
                    let at = u64::try_from(seq).unwrap_or(frontier.size());
                    seen.findings.push(Finding::at(at, "entry", message));
                    break;
                }
            }
        }
        seen.root = Some(frontier.root());
        let origins: BTreeSet<&str> = seen
            .entries
            .iter()
            .map(|e| e.leaf.ledger.as_str())
            .collect();
        if origins.len() > 1 {
            seen.findings
                .push(Finding::general("origin", "entries of different ledgers"));
        }
        Ok(implied)
    }

    async fn verify_nodes(
        &mut self,
        implied: &Implied,
        seen: &mut Verification,
    ) -> Result<(), LedgerError> {
        let mut wanted = implied.nodes.clone();
        for row in self.rows("SELECT level, idx, hash FROM hash_node").await? {
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
        let key = match seen
            .entries
            .first()
            .ok_or_else(|| "there is no genesis".to_owned())
            .and_then(genesis)
        {
            Ok(genesis) => {
                if genesis.schema_sha256 != self.schema_sha256 {
                    let message = "the database schema is not the one that the genesis names";
                    seen.findings.push(Finding::general("schema", message));
                }
                Some(genesis.log_key)
            }
            Err(message) => {
                seen.findings.push(Finding::general("genesis", message));
                None
            }
        };
        let origin = seen
            .entries
            .first()
            .map(|e| e.leaf.ledger.clone())
            .unwrap_or_default();
        for row in self
            .rows("SELECT size, root, note FROM checkpoint ORDER BY size")
            .await?
        {
            let (size, root, note): (i64, &[u8], &[u8]) =
                (|| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)))()
                    .map_err(LedgerError::database("read the checkpoints"))?;
            let size = u64::try_from(size).unwrap_or_default();
            seen.checkpoint_size = seen.checkpoint_size.max(size);
            let wrong = match (key, implied.roots.get(&size)) {
                (_, None) => Some("is for entries that are not there".to_owned()),
                (_, Some(wanted)) if wanted.as_bytes().as_slice() != root => {
                    Some("has another root than the entries".to_owned())
                }
                (None, _) => None,
                (Some(key), Some(wanted)) => match checkpoint::open(note, &origin, &key) {
                    Err(error) => Some(error.to_string()),
                    Ok(head) if head.size != size || head.root != *wanted => {
                        Some("its note is for another head".to_owned())
                    }
                    Ok(_) => None,
                },
            };
            if let Some(wrong) = wrong {
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

    async fn verify_blobs(
        &mut self,
        named: &BTreeSet<Digest>,
        seen: &mut Verification,
    ) -> Result<(), LedgerError> {
        for row in self
            .rows("SELECT sha256, stored_sha256, stored FROM blob ORDER BY sha256")
            .await?
        {
            let (sha256, stored_sha256, stored): (&[u8], &[u8], &[u8]) =
                (|| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)))()
                    .map_err(LedgerError::database("read the blobs"))?;
            let Ok(digest) = Digest::try_from(sha256) else {
                seen.findings
                    .push(Finding::general("blob", "a blob has a malformed name"));
                continue;
            };
            if let Err(message) = blob::check(&digest, stored_sha256, stored) {
                seen.findings.push(Finding::general("blob", message));
            } else if named.contains(&digest) {
                seen.blobs.insert(digest);
            } else {
                let message = format!("blob {digest} is named by no entry");
                seen.findings.push(Finding::general("blob", message));
            }
        }
        Ok(())
    }
}
