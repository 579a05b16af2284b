//! Keys of sandboxes: how they follow from a seed, and how they are known again.
//!
//! In: a seed and a name, a public key, or a key file. Out: the key, or whether a sandbox made it. A
//! seeded key is anybody's who knows the seed, so it must be nobody's key in a real ledger. From the
//! public key alone those of small seeds are known, by making them again; every other one by the
//! comment in its file, as long as nobody changes it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

use ssh_key::PrivateKey;

use super::Identity;
use super::file::read_text;
use crate::kernel::digest::Digest;
use crate::kernel::pubkey::{PublicKey, PublicKeyError};

/// Whose keys a sandbox makes: machines, roots, demo persons.
pub const NAMES: [&str; 14] = [
    "log",
    "engine",
    "token",
    "root-1",
    "root-2",
    "root-3",
    "research-1",
    "research-2",
    "risk-1",
    "risk-2",
    "risk-3",
    "ops-1",
    "ops-2",
    "authoriser-1",
];

/// Seeds from 0 on whose keys are known from their public halves.
pub const SEEDS_KNOWN: u64 = 2048;

/// Begins the comment of every key that a sandbox makes.
const MARK: &str = "promote-sandbox:";

/// The key that `name` has in every sandbox with this seed.
///
/// # Errors
/// When it is weak, which no key is that was ever seen.
pub fn seeded(seed: u64, name: &str) -> Result<Identity, PublicKeyError> {
    let text = format!("promote-sandbox-key/v1\n{seed}\n{name}");
    Identity::from_secret(Digest::of(text.as_bytes()).as_bytes())
}

/// The comment in the file of a sandbox's key.
#[must_use]
pub fn comment(name: &str) -> String {
    format!("{MARK}{name}")
}

/// True when `key` is one that a sandbox with a small seed makes.
#[must_use]
pub fn is_seeded(key: &PublicKey) -> bool {
    static KNOWN: OnceLock<BTreeSet<[u8; 32]>> = OnceLock::new();
    let known = KNOWN.get_or_init(|| {
        let each = (0..SEEDS_KNOWN).flat_map(|seed| NAMES.map(|name| seeded(seed, name)));
        each.flatten().map(|key| *key.public().as_bytes()).collect()
    });
    known.contains(key.as_bytes())
}

/// True when the comment in the key file `path`, public or private, says that a sandbox made it. The
/// comment of an encrypted file cannot be read.
#[must_use]
pub fn is_marked(path: &Path) -> bool {
    let Ok(text) = read_text(path) else {
        return false;
    };
    match PrivateKey::from_openssh(text.as_str()) {
        Ok(key) => key.comment().starts_with(MARK),
        Err(_) => text
            .split_whitespace()
            .nth(2)
            .is_some_and(|word| word.starts_with(MARK)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_small_seeds_are_known_and_no_others() {
        for (seed, name, known) in [
            (0, "log", true),
            (7, "risk-1", true),
            (SEEDS_KNOWN - 1, "authoriser-1", true),
            (SEEDS_KNOWN, "authoriser-1", false),
            (7, "somebody", false),
        ] {
            let key = seeded(seed, name).unwrap().public();
            assert_eq!(is_seeded(&key), known, "{seed} {name}");
        }
    }

    #[test]
    fn a_mark_is_read_from_both_halves_and_from_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let key = seeded(5000, "risk-1").unwrap();
        let mut host = crate::adapters::host::SystemEntropy;
        for (file, comment, marked) in [
            ("a", comment("risk-1"), true),
            ("b", "risk-1".to_owned(), false),
            ("c", format!("x{MARK}"), false),
        ] {
            super::super::write_identity(&at(file), &key, &comment, None, &mut host).unwrap();
            assert_eq!(is_marked(&at(file)), marked, "{file}");
            assert_eq!(is_marked(&at(&format!("{file}.pub"))), marked, "{file}");
        }
        std::fs::write(at("d.pub"), format!("{} \n", key.public())).unwrap();
        assert!(!is_marked(&at("d.pub")));
        assert!(!is_marked(&at("none")));
    }
}
