//! Which blobs the entries name: directly, or in an evidence manifest that a request names.
//!
//! In: the entries and an accessor to the kept blobs. Out: every digest that a ledger may keep
//! bytes for. Any other blob has no place in it.

use std::collections::BTreeSet;

use super::statement::{Act, Genesis, SignedBody, Statement};
use super::verify::Blobs;
use crate::evidence::bundle::is_judged;
use crate::evidence::manifest::Manifest;
use crate::governance::audit::entry::Entry;
use crate::kernel::canonical::{self, DOCUMENT_MAX_BYTES};
use crate::kernel::digest::Digest;

/// Every blob that `entries` name.
#[must_use]
pub fn named(entries: &[Entry], blob: Blobs<'_>) -> BTreeSet<Digest> {
    let mut named = BTreeSet::new();
    for entry in entries {
        if entry.seq == 0 {
            let genesis: Option<Genesis> = serde_json::from_value(entry.leaf.body.clone()).ok();
            let files = genesis.map(|g| g.policy_files).unwrap_or_default();
            named.extend(files.into_iter().map(|file| file.sha256));
            continue;
        }
        for manifest in evidence_of(entry) {
            named.insert(manifest);
            let manifest = blob(&manifest)
                .and_then(|b| canonical::decode::<Manifest>(&b, DOCUMENT_MAX_BYTES).ok());
            let files = manifest.map(|m| m.files).unwrap_or_default();
            named.extend(files.iter().filter(|f| is_judged(f)).map(|f| f.sha256));
        }
    }
    named
}

/// Digests of the manifests that a request rests on.
fn evidence_of(entry: &Entry) -> Vec<Digest> {
    let statement = serde_json::from_value::<SignedBody>(entry.leaf.body.clone())
        .ok()
        .and_then(|body| Statement::from_bytes(body.statement.as_bytes()).ok());
    match statement.map(|s| s.act) {
        Some(Act::Request(request)) => {
            let bundles = request.evidence.iter();
            bundles.map(|bundle| bundle.evidence_sha256).collect()
        }
        _ => Vec::new(),
    }
}
