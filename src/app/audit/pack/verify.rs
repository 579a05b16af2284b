//! Checking a pack: offline, without a database.
//!
//! In: the files of a pack, the fingerprint that its reader got from elsewhere, checkpoints that the
//! reader holds. Out: findings and what was not checked. Entries are hashed again up to the signed
//! root, folded, and judged again; then the whole pack is built again from them and compared byte
//! for byte. Nothing that the pack says of itself is believed before that.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::bundle::{ended, named};
use super::{CHECKPOINT, Counts, ENTRIES, Files, MANIFEST, Manifest, Sorted, Source, TEXTS, build};
use crate::app::audit::in_toto::VERSION;
use crate::app::audit::{FindingJson, unchecked_behind_live};
use crate::governance::audit::checkpoint;
use crate::governance::audit::entry::{Entry, Head};
use crate::governance::audit::tree::Frontier;
use crate::governance::promotion::state::State;
use crate::governance::promotion::statement::Genesis;
use crate::governance::promotion::verify::verify as verify_meaning;
use crate::governance::regulator::controls::Controls;
use crate::governance::regulator::vsa::{PAYLOAD_TYPE, statement};
use crate::kernel::digest::Digest;
use crate::kernel::dsse::Envelope;
use crate::kernel::id::{PortfolioId, RequestId};
use crate::kernel::text::visible;
use crate::render::decision_log::Language;

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

    /// Every entry of all piles, in the order of positions.
    fn entries(&mut self) -> Option<Vec<Entry>> {
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
    fn tree(&mut self, entries: &[Entry], brought: &Brought) -> Option<Genesis> {
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
    fn checkpoint(
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

    /// In-toto statements of decisions against those made again: those of every ended request, or none.
    fn in_toto(
        &mut self,
        entries: &[Entry],
        state: &State,
        manifest: &Manifest,
    ) -> BTreeMap<RequestId, Vec<u8>> {
        let mut found = BTreeMap::new();
        let Some(head) = self.seen.head else {
            return found;
        };
        for request in ended(state, &manifest.portfolio) {
            let path = format!("attestations/{request}.json");
            let Some(bytes) = self.files.get(&path) else {
                continue;
            };
            let record = state.requests.get(&request);
            let made = record
                .and_then(|record| statement(state, entries, head, record, &manifest.version).ok());
            let envelope = Envelope::decode(bytes).ok();
            let key = &state.genesis.engine_key;
            let said = envelope
                .as_ref()
                .and_then(|e| e.open(PAYLOAD_TYPE, key).ok());
            // The name of the key is not signed; here it must be the right one all the same.
            let named = |e: &Envelope| {
                let signatures = e.signatures.iter();
                signatures
                    .map(|s| s.keyid.as_str())
                    .eq([key.fingerprint().as_str()])
            };
            if said.is_none() || said != made.as_deref() || !envelope.as_ref().is_some_and(named) {
                let text = format!("`{path}` is not what the ledger says, signed by its engine");
                self.find(None, "attestation", text);
            }
            found.insert(request, bytes.clone());
        }
        found
    }

    /// The pack built again, compared byte for byte.
    fn again(
        &mut self,
        manifest: &Manifest,
        entries: &[Entry],
        state: &State,
        given: &Given,
    ) -> Option<()> {
        let Some(language) = Language::parse(&manifest.lang) else {
            self.find(None, "manifest", "the manifest names an unknown language");
            return None;
        };
        let controls = self.controls()?;
        let source = Source {
            entries,
            state,
            checkpoint: &given.checkpoint,
            blobs: &given.blobs,
            in_toto: &given.in_toto,
            controls: &controls,
            portfolio: &manifest.portfolio,
            language,
            version: &manifest.version,
        };
        let built = match build(&source) {
            Ok(built) => built,
            Err(failure) => {
                self.find(None, "pack", failure.message);
                return None;
            }
        };
        let sorted = Sorted::new(entries, &manifest.portfolio);
        self.seen.entries = Some(sorted.counts());
        let named = named(&sorted.related(), &given.blobs);
        for digest in given
            .blobs
            .keys()
            .filter(|digest| !named.contains_key(digest))
        {
            self.find(
                None,
                "blob",
                format!("`blobs/{digest}` is named by no entry"),
            );
        }
        if !state.portfolios.contains_key(&manifest.portfolio) {
            self.find(None, "portfolio", "the ledger knows no such portfolio");
        }
        self.compare(manifest, &built);
        Some(())
    }

    fn compare(&mut self, manifest: &Manifest, built: &Files) {
        let same_version = manifest.version == VERSION;
        let text_differs = TEXTS.iter().any(|p| self.files.get(*p) != built.get(*p));
        let paths: BTreeSet<&String> = self.files.keys().chain(built.keys()).collect();
        for path in paths {
            let is_text = TEXTS.contains(&path.as_str());
            // The manifest lists the texts by digest.
            let other =
                |path: &str| path == MANIFEST && same_but_texts(manifest, self.files, built);
            let follows = !same_version && (is_text || other(path));
            if self.files.get(path) == built.get(path) || follows {
                continue;
            }
            let text = match (self.files.contains_key(path), built.contains_key(path)) {
                (true, false) => format!("`{path}` does not follow from the ledger"),
                (false, true) => format!("`{path}` is missing"),
                _ => format!("`{path}` is not what the ledger gives"),
            };
            self.find(None, "differs", text);
        }
        if !same_version && text_differs {
            let text = format!(
                "the words of {} are those of promote {}; this is {VERSION}",
                TEXTS.join(" and "),
                manifest.version
            );
            self.unchecked(None, "texts", &text);
        }
        // Which version wrote it stands in two places, so that no one byte changes it.
        let named = format!("promote {}\n", manifest.version);
        let says = self.files.get(TEXTS[0]).cloned().unwrap_or_default();
        if !String::from_utf8_lossy(&says).contains(&named) {
            self.find(
                None,
                "manifest",
                "VERIFY.md names another version than the manifest",
            );
        }
    }

    fn controls(&mut self) -> Option<Controls> {
        let mut files = BTreeMap::new();
        for (path, bytes) in self.files {
            if let Some(name) = path.strip_prefix("controls/") {
                files.insert(name.to_owned(), bytes.clone());
            }
        }
        match Controls::load(files) {
            Ok(controls) => Some(controls),
            Err(problems) => {
                for problem in problems {
                    self.find(None, "controls", problem.to_string());
                }
                None
            }
        }
    }
}

/// True when the manifest is spelled as one and says the same as the one built again, but for the
/// digests of the words.
fn same_but_texts(manifest: &Manifest, files: &Files, built: &Files) -> bool {
    let again: Option<Manifest> = built
        .get(MANIFEST)
        .and_then(|bytes| serde_json::from_slice(bytes).ok());
    let Some(mut again) = again else {
        return false;
    };
    let words = |path: &str| manifest.files.iter().find(|l| l.path == path).cloned();
    for listed in again
        .files
        .iter_mut()
        .filter(|l| TEXTS.contains(&l.path.as_str()))
    {
        if let Some(said) = words(&listed.path) {
            *listed = said;
        }
    }
    again.to_bytes().ok().as_ref() == files.get(MANIFEST)
}

/// Root over the first `size` of `entries`, whose head is `head`.
fn root_at(entries: &[Entry], size: u64, head: &Head) -> Option<Digest> {
    if size == head.size {
        return Some(head.root);
    }
    let next = entries.get(usize::try_from(size).ok()?)?;
    Some(next.leaf.prev_root)
}
