//! What is signed about checklists and policy sets: bodies of statements (`statement::Act`). Who
//! must sign them stands in the guards beside this file.

use serde::{Deserialize, Serialize};

use super::super::statement::PolicyFile;
use crate::governance::policy::diff::Overall;
use crate::governance::stage::Target;
use crate::kernel::digest::Digest;
use crate::kernel::id::{ItemId, PortfolioId};

/// One item of a checklist is confirmed. Signed by one person in the item's role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistItem {
    /// For which portfolio.
    pub portfolio: PortfolioId,
    /// Before which transition.
    pub target: Target,
    /// Which item.
    pub item: ItemId,
    /// Digest of the item as the person read it.
    pub item_sha256: Digest,
    /// What was found, in words; not empty.
    pub note: String,
    /// Day on which it was found, `YYYY-MM-DD`.
    pub date: String,
    /// Digest of the document, which the ledger keeps.
    pub document: Option<Digest>,
}

/// A policy set comes into force. A tightening is signed by one risk person; everything else by the
/// LIVE quorum and the root threshold together, the proposer first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyPublication {
    /// Digest of the new set.
    pub policy_sha256: Digest,
    /// Its files, kept as blobs.
    pub files: Vec<PolicyFile>,
    /// Digest of the set that it replaces.
    pub replaces: Digest,
    /// Whether it tightens or loosens.
    pub overall: Overall,
    /// Digest of the table of past decisions that would flip, kept as a blob.
    pub flips_sha256: Digest,
    /// Why, in words; not empty.
    pub reason: String,
}
