//! The pack built again from what it holds, and compared byte for byte.
//!
//! In: entries that fold, their state, what does not follow from them. Out: findings. Only the
//! words of another version of this program may differ, and then that is said.

use std::collections::{BTreeMap, BTreeSet};

use super::{Checking, Given};
use crate::app::audit::in_toto::VERSION;
use crate::app::audit::pack::bundle::{ended, named};
use crate::app::audit::pack::{Files, MANIFEST, Manifest, Sorted, Source, TEXTS, build};
use crate::governance::audit::entry::Entry;
use crate::governance::promotion::state::State;
use crate::governance::regulator::controls::Controls;
use crate::governance::regulator::vsa::{PAYLOAD_TYPE, statement};
use crate::kernel::dsse::Envelope;
use crate::kernel::id::RequestId;
use crate::render::decision_log::Language;

impl Checking<'_> {
    /// In-toto statements of decisions against those made again: those of every ended request, or none.
    pub(super) fn in_toto(
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
    pub(super) fn again(
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
