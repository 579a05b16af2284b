//! Checking a pack: offline, without a database.
//!
//! In: the files of a pack, the fingerprint that its reader got from elsewhere, checkpoints that
//! the reader holds. Out: findings and what was not checked. Entries are hashed again up to the
//! signed root, folded, and judged again; then the whole pack is built again from them and compared
//! byte for byte. Nothing that the pack says of itself is believed before that.
//!
//! Whether the entries are the whole ledger says `verify/history.rs`; what is built again and
//! compared stands in `verify/again.rs`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Counts, Files, MANIFEST, Manifest, Sorted};
use crate::app::audit::{FindingJson, unchecked_behind_live};
use crate::governance::audit::entry::{Entry, Head};
use crate::governance::promotion::state::State;
use crate::governance::promotion::verify::verify as verify_meaning;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PortfolioId, RequestId};
use crate::kernel::text::visible;

mod again;
mod history;

/// What the reader of a pack brings along.
#[derive(Debug, Clone, Default)]
pub struct Brought {
    /// The ledger's fingerprint, from somewhere other than the pack.
    pub fingerprint: Option<Digest>,
    /// Checkpoints of the ledger that the reader holds, with a name for each.
    pub checkpoints: Vec<(String, Vec<u8>)>,
}

/// `promote/audit-verification/v1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct AuditVerification {
    schema: &'static str,
    /// True when there is no finding.
    pub ok: bool,
    /// True when the fingerprint that the reader brought is the ledger's.
    pub authenticated: bool,
    /// True when nothing about the portfolio was left unchecked.
    pub whole: bool,
    /// The portfolio.
    pub portfolio: Option<PortfolioId>,
    /// Origin of the ledger.
    pub ledger: Option<String>,
    /// Leaf hash of its genesis entry.
    pub fingerprint: Option<Digest>,
    /// Size and root over the entries.
    pub head: Option<Head>,
    /// Entries by whom they concern.
    pub entries: Option<Counts>,
    /// What is wrong.
    pub findings: Vec<FindingJson>,
    /// What could not be checked.
    pub not_checked: Vec<FindingJson>,
}

/// What a pack brings that does not follow from its entries.
struct Given {
    checkpoint: String,
    blobs: BTreeMap<Digest, Vec<u8>>,
    in_toto: BTreeMap<RequestId, Vec<u8>>,
}

/// What nobody expects a pack to show.
const OTHERS: &str = "other-portfolios";

/// A pack that is being checked.
struct Checking<'a> {
    files: &'a Files,
    seen: AuditVerification,
}

/// Checks the files of a pack.
#[must_use]
pub fn verify(files: &Files, brought: &Brought) -> AuditVerification {
    let mut checking = Checking {
        files,
        seen: AuditVerification {
            schema: "promote/audit-verification/v1",
            ok: false,
            authenticated: false,
            whole: false,
            portfolio: None,
            ledger: None,
            fingerprint: None,
            head: None,
            entries: None,
            findings: Vec::new(),
            not_checked: Vec::new(),
        },
    };
    if checking.all(brought).is_none() {
        let text = "what comes after the first thing that could not be read";
        checking.unchecked(None, "rest", text);
    }
    let mut seen = checking.seen;
    seen.ok = seen.findings.is_empty();
    seen.authenticated = seen.authenticated && seen.ok;
    seen.whole = seen.ok && seen.not_checked.iter().all(|f| f.code == OTHERS);
    seen
}

fn line(seq: Option<u64>, code: &str, message: &str) -> FindingJson {
    FindingJson {
        seq,
        code: code.to_owned(),
        message: visible(message, 400),
    }
}

impl Checking<'_> {
    fn find(&mut self, seq: Option<u64>, code: &str, message: impl AsRef<str>) {
        self.seen.findings.push(line(seq, code, message.as_ref()));
    }

    fn unchecked(&mut self, seq: Option<u64>, code: &str, message: &str) {
        self.seen.not_checked.push(line(seq, code, message));
    }

    /// The whole check; none where it cannot go on.
    fn all(&mut self, brought: &Brought) -> Option<()> {
        let manifest = self.manifest()?;
        self.listed(&manifest);
        if !self.seen.findings.is_empty() {
            // Damaged files: what they would mean is nobody's word.
            return None;
        }
        let entries = self.entries()?;
        let genesis = self.tree(&entries, brought)?;
        let note = self.checkpoint(&entries, &genesis, brought)?;
        let blobs = self.blobs();
        let state = self.meaning(&entries, &blobs, &manifest)?;
        let in_toto = self.in_toto(&entries, &state, &manifest);
        let given = Given {
            checkpoint: note,
            blobs,
            in_toto,
        };
        self.again(&manifest, &entries, &state, &given)
    }

    fn manifest(&mut self) -> Option<Manifest> {
        let Some(bytes) = self.files.get(MANIFEST) else {
            self.find(
                None,
                "manifest",
                format!("there is no {MANIFEST}: this is no pack"),
            );
            return None;
        };
        match serde_json::from_slice::<Manifest>(bytes) {
            Ok(manifest) if manifest.schema == "promote/audit-pack/v1" => {
                self.seen.portfolio = Some(manifest.portfolio.clone());
                Some(manifest)
            }
            Ok(_) => {
                self.find(None, "manifest", "the manifest is of an unknown format");
                None
            }
            Err(error) => {
                self.find(
                    None,
                    "manifest",
                    format!("the manifest cannot be read: {error}"),
                );
                None
            }
        }
    }

    /// Files against the list in the manifest.
    fn listed(&mut self, manifest: &Manifest) {
        let mut left: BTreeSet<&str> = self.files.keys().map(String::as_str).collect();
        left.remove(MANIFEST);
        for listed in &manifest.files {
            left.remove(listed.path.as_str());
            match self.files.get(&listed.path) {
                None => self.find(None, "file", format!("`{}` is missing", listed.path)),
                Some(bytes) if Digest::of(bytes) != listed.sha256 => {
                    self.find(None, "file", format!("`{}` has other bytes", listed.path));
                }
                Some(_) => {}
            }
        }
        for path in left {
            self.find(None, "file", format!("`{path}` is not listed"));
        }
    }

    fn blobs(&mut self) -> BTreeMap<Digest, Vec<u8>> {
        let mut blobs = BTreeMap::new();
        for (path, bytes) in self.files {
            let Some(name) = path.strip_prefix("blobs/") else {
                continue;
            };
            match name.parse::<Digest>() {
                Ok(digest) if Digest::of(bytes) == digest => {
                    drop(blobs.insert(digest, bytes.clone()))
                }
                _ => self.find(
                    None,
                    "blob",
                    format!("`{path}` has another content than its name"),
                ),
            }
        }
        blobs
    }

    /// Signatures, guards and verdicts: everything derived again.
    fn meaning(
        &mut self,
        entries: &[Entry],
        blobs: &BTreeMap<Digest, Vec<u8>>,
        manifest: &Manifest,
    ) -> Option<State> {
        let report = verify_meaning(entries, &|digest| blobs.get(digest).cloned());
        for finding in &report.findings {
            self.find(Some(finding.seq), &finding.code, &finding.message);
        }
        let sorted = Sorted::new(entries, &manifest.portfolio);
        let others: BTreeSet<u64> = sorted.others.iter().map(|e| e.seq).collect();
        let (foreign, own): (Vec<_>, Vec<_>) = report
            .not_checked
            .iter()
            .partition(|f| others.contains(&f.seq));
        if !foreign.is_empty() {
            let text = format!(
                "{} verdicts about other portfolios: their evidence is not in this pack",
                foreign.len()
            );
            self.unchecked(None, OTHERS, &text);
        }
        let own: Vec<FindingJson> = own
            .into_iter()
            .map(|f| line(Some(f.seq), &f.code, &f.message))
            .collect();
        let Some(state) = report.state else {
            self.seen.not_checked.extend(own);
            self.find(None, "state", "the entries cannot be folded");
            return None;
        };
        let behind_live = unchecked_behind_live(&state, &own);
        self.seen.findings.extend(behind_live);
        self.seen.not_checked.extend(own);
        Some(state)
    }
}
