//! The pack for supervisors: everything that a ledger holds about one portfolio, with the proof
//! that nothing about it was left out.
//!
//! In: entries, the fold, the signed checkpoint, kept blobs, control mappings, in-toto statements. Out:
//! files by path, a pure function of these: [`verify`] builds them again from what a pack holds and
//! compares every byte. Complete is a pack because it holds the data of every leaf under the signed
//! root; whose entry concerns whom follows from the entries and is built again too.

pub mod bundle;
mod signed;
pub mod verify;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::log::decisions;
use crate::governance::audit::entry::{Entry, Head};
use crate::governance::audit::proof::{Levels, tlog_proof};
use crate::governance::promotion::state::State;
use crate::governance::regulator::concern::{Concern, of_all};
use crate::governance::regulator::controls::Controls;
use crate::governance::regulator::marks;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PortfolioId, RequestId};
use crate::render::decision_log::Language;
use crate::render::regulator::verify_md;

/// Files by path.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The manifest of a pack.
pub const MANIFEST: &str = "pack.json";
/// The signed checkpoint.
pub const CHECKPOINT: &str = "checkpoint";
/// Leaf data, a line per entry: about the portfolio, about everybody, about others.
pub const ENTRIES: [&str; 3] = [
    "entries/portfolio.jsonl",
    "entries/common.jsonl",
    "entries/others.jsonl",
];
/// Words that a later version of the program may say differently.
pub const TEXTS: [&str; 2] = [VERIFY, LOG];
const VERIFY: &str = "VERIFY.md";
const LOG: &str = "decision_log.md";

/// Everything that a pack is made of.
pub struct Source<'a> {
    /// Every entry of the ledger.
    pub entries: &'a [Entry],
    /// Their fold.
    pub state: &'a State,
    /// The signed checkpoint over them.
    pub checkpoint: &'a str,
    /// Blobs that entries about the portfolio or everybody name, as far as they are kept.
    pub blobs: &'a BTreeMap<Digest, Vec<u8>>,
    /// Envelopes by request; all of the portfolio's ended requests, or none.
    pub in_toto: &'a BTreeMap<RequestId, Vec<u8>>,
    /// The mappings.
    pub controls: &'a Controls,
    /// The portfolio.
    pub portfolio: &'a PortfolioId,
    /// Language of the words.
    pub language: Language,
    /// Version of the program that made it.
    pub version: &'a str,
}

/// `promote/audit-pack/v1`: what a pack holds.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Format.
    pub schema: String,
    /// Version of the program that made it.
    pub version: String,
    /// Language of its words: `de` or `en`.
    pub lang: String,
    /// How completeness is proven: `whole_ledger`, the data of every leaf.
    pub proof: String,
    /// The portfolio.
    pub portfolio: PortfolioId,
    /// Origin of the ledger.
    pub ledger: String,
    /// Leaf hash of its genesis entry, as this pack claims it.
    pub fingerprint: Digest,
    /// The head.
    pub head: Head,
    /// What every reader has to know first.
    pub marks: Vec<String>,
    /// Digest of the control mappings.
    pub controls_sha256: Digest,
    /// How many entries are about the portfolio, about everybody, about others.
    pub entries: Counts,
    /// Positions of the entries about the portfolio.
    pub portfolio_seqs: Vec<u64>,
    /// What a reader might look for and does not find, and why.
    pub not_included: Vec<String>,
    /// Every other file.
    pub files: Vec<Listed>,
}

/// Entries by whom they concern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// The portfolio.
    pub portfolio: u64,
    /// Everybody.
    pub common: u64,
    /// Others only.
    pub others: u64,
}

/// A file of a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Path inside the pack.
    pub path: String,
    /// Digest of its bytes.
    pub sha256: Digest,
    /// Its length.
    pub bytes: u64,
}

/// The three piles of entries.
pub struct Sorted<'a> {
    /// About the portfolio.
    pub portfolio: Vec<&'a Entry>,
    /// About everybody.
    pub common: Vec<&'a Entry>,
    /// About others only.
    pub others: Vec<&'a Entry>,
}

impl<'a> Sorted<'a> {
    /// Sorts `entries` for `portfolio`.
    #[must_use]
    pub fn new(entries: &'a [Entry], portfolio: &PortfolioId) -> Self {
        let mut sorted = Self {
            portfolio: Vec::new(),
            common: Vec::new(),
            others: Vec::new(),
        };
        for (entry, concern) in entries.iter().zip(of_all(entries)) {
            if concern.is_about(portfolio) {
                sorted.portfolio.push(entry);
            } else if concern == Concern::Common {
                sorted.common.push(entry);
            } else {
                sorted.others.push(entry);
            }
        }
        sorted
    }

    /// Entries about the portfolio or everybody, in the order of the ledger.
    #[must_use]
    pub fn related(&self) -> Vec<&'a Entry> {
        let mut all: Vec<&Entry> = self.portfolio.iter().chain(&self.common).copied().collect();
        all.sort_by_key(|entry| entry.seq);
        all
    }

    fn counts(&self) -> Counts {
        let count = |list: &[&Entry]| list.len() as u64;
        Counts {
            portfolio: count(&self.portfolio),
            common: count(&self.common),
            others: count(&self.others),
        }
    }
}

/// Every file of the pack.
///
/// # Errors
/// When a template does not render or JSON cannot be written, which tests exclude.
pub fn build(source: &Source<'_>) -> Result<Files, Failure> {
    let sorted = Sorted::new(source.entries, source.portfolio);
    let head = head_of(source.entries);
    let mut files = Files::new();
    let piles = [&sorted.portfolio, &sorted.common, &sorted.others];
    for (path, pile) in ENTRIES.into_iter().zip(piles) {
        files.insert(path.to_owned(), lines(pile));
    }
    files.insert(CHECKPOINT.to_owned(), source.checkpoint.as_bytes().to_vec());
    proofs(source, &sorted, &mut files);
    signed::add(source, &sorted, &mut files);
    for (digest, bytes) in source.blobs {
        files.insert(format!("blobs/{digest}"), bytes.clone());
    }
    for (request, envelope) in source.in_toto {
        files.insert(format!("attestations/{request}.json"), envelope.clone());
    }
    for (name, bytes) in source.controls.files() {
        files.insert(format!("controls/{name}"), bytes.clone());
    }
    let log = decisions(source.state, head, source.language, source.portfolio)?;
    files.insert(LOG.to_owned(), log.into_bytes());
    let words = verify_md::Words {
        portfolio: source.portfolio.as_str(),
        ledger: &source.state.ledger,
        head,
        version: source.version,
        marks: &marks::all(source.state),
        log_key: &crate::governance::audit::checkpoint::verifier_key(
            &source.state.ledger,
            &source.state.genesis.log_key,
        ),
    };
    let text = verify_md::render(&words, source.language);
    files.insert(VERIFY.to_owned(), text.into_bytes());
    let manifest = manifest(source, &sorted, head, &files);
    files.insert(MANIFEST.to_owned(), manifest.to_bytes()?);
    Ok(files)
}

impl Manifest {
    /// Its one spelling.
    ///
    /// # Errors
    /// When JSON cannot be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Failure> {
        let text = serde_json::to_string_pretty(self)
            .map_err(|e| Failure::from_error(Exit::Internal, "json", "could not write JSON", &e))?;
        Ok(format!("{text}\n").into_bytes())
    }
}

fn lines(pile: &[&Entry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in pile {
        // Canonical bytes hold no line feed of their own.
        bytes.extend_from_slice(&entry.data);
        bytes.push(b'\n');
    }
    bytes
}

/// Size and root over `entries`.
#[must_use]
pub fn head_of(entries: &[Entry]) -> Head {
    let mut frontier = crate::governance::audit::tree::Frontier::default();
    for entry in entries {
        frontier.append(entry.leaf_hash);
    }
    Head {
        size: frontier.size(),
        root: frontier.root(),
    }
}

fn proofs(source: &Source<'_>, sorted: &Sorted<'_>, files: &mut Files) {
    let levels = Levels::new(source.entries.iter().map(|e| e.leaf_hash).collect());
    for entry in &sorted.portfolio {
        let index = usize::try_from(entry.seq).ok();
        if let Some(path) = index.and_then(|index| levels.path(index)) {
            let text = tlog_proof(entry.seq, &path, source.checkpoint);
            files.insert(
                format!("proofs/{}.tlog-proof", entry.seq),
                text.into_bytes(),
            );
        }
    }
}

fn manifest(source: &Source<'_>, sorted: &Sorted<'_>, head: Head, files: &Files) -> Manifest {
    let listed = files.iter().map(|(path, bytes)| Listed {
        path: path.clone(),
        sha256: Digest::of(bytes),
        bytes: bytes.len() as u64,
    });
    Manifest {
        schema: "promote/audit-pack/v1".to_owned(),
        version: source.version.to_owned(),
        lang: source.language.as_str().to_owned(),
        proof: "whole_ledger".to_owned(),
        portfolio: source.portfolio.clone(),
        ledger: source.state.ledger.clone(),
        fingerprint: source.state.fingerprint,
        head,
        marks: marks::all(source.state)
            .into_iter()
            .map(str::to_owned)
            .collect(),
        controls_sha256: source.controls.digest(),
        entries: sorted.counts(),
        portfolio_seqs: sorted.portfolio.iter().map(|e| e.seq).collect(),
        not_included: bundle::not_included(source, sorted),
        files: listed.collect(),
    }
}
