//! The signed statements of a pack, in the forms that `ssh-keygen -Y verify` takes.
//!
//! In: the entries about the portfolio or everybody. Out: each statement byte for byte, its
//! signatures, whose keys there are, which of them were revoked, and a table of all signatures.

use std::collections::BTreeMap;

use super::{Files, Sorted, Source};
use crate::governance::promotion::access::acts::Reason;
use crate::governance::promotion::event;
use crate::governance::promotion::state::State;
use crate::governance::promotion::statement::Act;
use crate::kernel::pubkey::{Fingerprint, PublicKey};

/// Everybody whose signature may stand in the ledger, by key.
struct Signers {
    known: BTreeMap<Fingerprint, (String, PublicKey)>,
}

impl Signers {
    fn new(source: &Source<'_>) -> Self {
        let state = source.state;
        let mut known = BTreeMap::new();
        let mut add = |who: String, key: PublicKey| {
            known.entry(key.fingerprint()).or_insert((who, key));
        };
        add("engine".to_owned(), state.genesis.engine_key);
        for root in &state.genesis.roots {
            add("root".to_owned(), *root);
        }
        for held in state.keys.values() {
            add(held.person.to_string(), held.key);
        }
        for (name, instance) in &state.access.instances {
            add(name.to_string(), instance.card.public_key);
        }
        // Keys that came and went: roots, rotated keys and enrolments say so themselves.
        for signed in source.entries.iter().filter_map(|e| event::read(e).ok()) {
            match &signed.statement.act {
                Act::RootChange(act) => {
                    for root in &act.roots {
                        add("root".to_owned(), *root);
                    }
                }
                Act::KeyRotation(act) => add(act.person.to_string(), act.new),
                Act::Enrolment(act) => add(act.person.to_string(), act.public_key),
                _ => {}
            }
        }
        Self { known }
    }

    fn allowed(&self) -> String {
        let mut lines: Vec<String> = self
            .known
            .values()
            .map(|(who, key)| format!("{who} {key}\n"))
            .collect();
        lines.sort();
        lines.concat()
    }

    fn revoked(&self, state: &State) -> String {
        let mut text = String::new();
        for (fingerprint, list) in &state.access.revoked {
            let Some((who, key)) = self.known.get(fingerprint) else {
                continue;
            };
            for revoked in list {
                let reason = revoked.reason.map_or("none", Reason::as_str);
                let from = revoked
                    .distrust_from
                    .map_or_else(String::new, |seq| format!(", distrusted from entry {seq}"));
                let seq = revoked.mark.seq;
                text.push_str(&format!(
                    "# {who}: revoked by entry {seq}, reason {reason}{from}\n"
                ));
            }
            text.push_str(&format!("{key}\n"));
        }
        text
    }
}

/// Adds statements, signatures, keys and the table of signatures.
pub(super) fn add(source: &Source<'_>, sorted: &Sorted<'_>, files: &mut Files) {
    let signers = Signers::new(source);
    let mut table = String::from("statement\tsignature\tsigner\tnamespace\n");
    for entry in sorted.related() {
        let Ok(signed) = event::read(entry) else {
            continue;
        };
        let name = format!("{}-{}.json", entry.seq, entry.leaf.kind);
        let namespace = signed.statement.act.namespace();
        files.insert(
            format!("statements/{name}"),
            signed.body.statement.as_bytes().to_vec(),
        );
        for (at, envelope) in signed.envelopes.iter().enumerate() {
            let file = format!("{name}.{at}.sig");
            files.insert(
                format!("statements/{file}"),
                envelope.to_armor().into_bytes(),
            );
            if let Some((who, _)) = signers.known.get(&envelope.key.fingerprint()) {
                table.push_str(&format!("{name}\t{file}\t{who}\t{namespace}\n"));
            }
        }
    }
    files.insert("signatures.tsv".to_owned(), table.into_bytes());
    files.insert("allowed_signers".to_owned(), signers.allowed().into_bytes());
    let revoked = signers.revoked(source.state);
    files.insert("revoked_keys".to_owned(), revoked.into_bytes());
    let engine = source.state.genesis.engine_key.to_pem();
    files.insert("engine.pem".to_owned(), engine.into_bytes());
}
