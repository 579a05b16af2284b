//! The policy set: every policy, the rules about roles, and one digest over the raw bytes.
//!
//! In: files by name. Out: a set in which everything was checked, or every problem in every file.
//! The raw bytes are kept, because they are what is published in the ledger and hashed: a comment
//! is part of what people agreed to.

use std::collections::BTreeMap;

use serde::Serialize;

use super::checklists::{Checklists, FILE_NAME as CHECKLISTS, load_checklists};
use super::deny::DenyRules;
use super::deny_load::{FILE_NAME as DENY, load_deny};
use super::load::load_policy;
use super::model::Policy;
use super::problem::PolicyError;
use super::roles::Rules;
use super::roles_load::{FILE_NAME as ROLES, load_rules};
use crate::governance::promotion::statement::PolicyFile;
use crate::kernel::canonical::{self, CanonicalError};
use crate::kernel::digest::Digest;
use crate::kernel::id::{ProfileId, is_identifier};
use crate::kernel::text::visible;

/// A checked policy set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySet {
    files: BTreeMap<String, Vec<u8>>,
    policies: BTreeMap<ProfileId, Policy>,
    rules: Rules,
    checklists: Checklists,
    deny: DenyRules,
    digest: Digest,
}

/// The shipped policy set, compiled in.
#[must_use]
pub fn embedded_files() -> BTreeMap<String, Vec<u8>> {
    [
        (
            "conservative.toml",
            include_str!("../../../policies/conservative.toml"),
        ),
        (
            "moderate.toml",
            include_str!("../../../policies/moderate.toml"),
        ),
        (
            "aggressive.toml",
            include_str!("../../../policies/aggressive.toml"),
        ),
        (ROLES, include_str!("../../../policies/roles.toml")),
        (
            CHECKLISTS,
            include_str!("../../../policies/checklists.toml"),
        ),
        (DENY, include_str!("../../../policies/deny.toml")),
    ]
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
    .collect()
}

impl PolicySet {
    /// Reads and checks `files`, keyed by bare names such as `conservative.toml`.
    ///
    /// # Errors
    /// Every problem in every file, in the order of names and lines.
    pub fn load(files: BTreeMap<String, Vec<u8>>) -> Result<Self, Vec<PolicyError>> {
        let mut problems = Vec::new();
        let mut policies = BTreeMap::new();
        let mut rules = None;
        let mut checklists = Checklists::default();
        let mut deny = DenyRules::default();
        for (name, bytes) in &files {
            let stem = name.strip_suffix(".toml").unwrap_or_default();
            if !is_identifier(stem) {
                let message = format!("`{}` is not a policy file", visible(name, 80));
                problems.push(PolicyError::whole(name, "bad-file-name", message).hint(
                    "a set holds PROFILE.toml files, roles.toml, checklists.toml and deny.toml",
                ));
            } else if name == ROLES {
                match load_rules(name, bytes) {
                    Ok(found) => rules = Some(found),
                    Err(found) => problems.extend(found),
                }
            } else if name == CHECKLISTS {
                match load_checklists(name, bytes) {
                    Ok(found) => checklists = found,
                    Err(found) => problems.extend(found),
                }
            } else if name == DENY {
                match load_deny(name, bytes) {
                    Ok(found) => deny = found,
                    Err(found) => problems.extend(found),
                }
            } else {
                match load_policy(name, bytes) {
                    Ok(policy) => {
                        policies.insert(policy.profile.clone(), policy);
                    }
                    Err(found) => problems.extend(found),
                }
            }
        }
        if !files.contains_key(ROLES) {
            problems.push(PolicyError::whole(ROLES, "missing-file", "is missing"));
        }
        if problems.is_empty() {
            problems.extend(rules.as_ref().and_then(|rules| stranger(rules, &policies)));
        }
        if problems.is_empty() && policies.is_empty() {
            let message = "no policy at all: nothing could be judged";
            problems.push(PolicyError::whole(ROLES, "missing-file", message));
        }
        let digest = digest_of(&files);
        match (rules, digest) {
            (Some(rules), Ok(digest)) if problems.is_empty() => Ok(Self {
                files,
                policies,
                rules,
                checklists,
                deny,
                digest,
            }),
            (_, Err(error)) if problems.is_empty() => {
                let message = error.to_string();
                Err(vec![PolicyError::whole(ROLES, "bad-file-name", message)])
            }
            _ => Err(problems),
        }
    }

    /// The shipped set.
    ///
    /// # Errors
    /// Never in a tested build: the shipped files are loaded by a test.
    pub fn embedded() -> Result<Self, Vec<PolicyError>> {
        Self::load(embedded_files())
    }

    /// SHA-256 of canonical `{"files":[{"path","sha256"}…]}`, sorted by path.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The raw files.
    #[must_use]
    pub fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }

    /// Names and digests, sorted by name.
    #[must_use]
    pub fn file_refs(&self) -> Vec<PolicyFile> {
        refs(&self.files)
    }

    /// Roles, quorums, lives.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Checklists; empty where the set has none.
    #[must_use]
    pub fn checklists(&self) -> &Checklists {
        &self.checklists
    }

    /// Deny rules; none where the set has no such file.
    #[must_use]
    pub fn deny(&self) -> &DenyRules {
        &self.deny
    }

    /// The policy of `profile`.
    #[must_use]
    pub fn policy(&self, profile: &ProfileId) -> Option<&Policy> {
        self.policies.get(profile)
    }

    /// Every policy, by profile.
    pub fn policies(&self) -> impl Iterator<Item = &Policy> {
        self.policies.values()
    }

    /// Every profile, sorted.
    pub fn profiles(&self) -> impl Iterator<Item = &ProfileId> {
        self.policies.keys()
    }
}

/// Certificates of a profile that the set does not have.
fn stranger(rules: &Rules, policies: &BTreeMap<ProfileId, Policy>) -> Option<PolicyError> {
    let mut named = rules.certificate_profile.keys();
    let profile = named.find(|profile| !policies.contains_key(*profile))?;
    let message = format!("certificates of `{profile}`: the set has no such profile");
    let key = format!("certificate.profile.{profile}");
    Some(PolicyError::whole(ROLES, "unknown-profile", message).key(&key))
}

#[derive(Serialize)]
struct Listing {
    files: Vec<PolicyFile>,
}

fn refs(files: &BTreeMap<String, Vec<u8>>) -> Vec<PolicyFile> {
    files
        .iter()
        .map(|(path, bytes)| PolicyFile {
            path: path.clone(),
            sha256: Digest::of(bytes),
        })
        .collect()
}

/// Digest of a set of files: SHA-256 of canonical `{"files":[{"path","sha256"}…]}`.
///
/// # Errors
/// When a name may not be stored.
pub fn digest_of(files: &BTreeMap<String, Vec<u8>>) -> Result<Digest, CanonicalError> {
    canonical::encode(&Listing { files: refs(files) }).map(|bytes| Digest::of(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_set_is_sound() {
        let set = PolicySet::embedded().unwrap_or_else(|problems| {
            panic!(
                "{}",
                problems
                    .iter()
                    .map(|p| format!("{p}\n"))
                    .collect::<String>()
            )
        });
        let profiles: Vec<&str> = set.profiles().map(ProfileId::as_str).collect();
        assert_eq!(profiles, ["aggressive", "conservative", "moderate"]);
        assert_eq!(set.file_refs().len(), 6);
    }

    #[test]
    fn the_digest_is_over_raw_bytes_of_sorted_names() {
        let set = PolicySet::embedded().unwrap();
        let listed: Vec<String> = set
            .files()
            .iter()
            .map(|(name, bytes)| format!(r#"{{"path":"{name}","sha256":"{}"}}"#, Digest::of(bytes)))
            .collect();
        let text = format!(r#"{{"files":[{}]}}"#, listed.join(","));
        assert_eq!(set.digest(), Digest::of(text.as_bytes()));
        let mut files = embedded_files();
        if let Some(bytes) = files.get_mut("moderate.toml") {
            bytes.extend_from_slice(b"# a word\n");
        }
        assert_ne!(PolicySet::load(files).unwrap().digest(), set.digest());
    }

    #[test]
    fn every_problem_of_every_file_is_reported_at_once() {
        let mut files = embedded_files();
        files.insert("moderate.toml".to_owned(), b"profile = 1\nx = 2\n".to_vec());
        files.insert("../x".to_owned(), Vec::new());
        files.remove("roles.toml");
        let problems = PolicySet::load(files).unwrap_err();
        let codes: Vec<&str> = problems.iter().map(|p| p.code).collect();
        for code in [
            "bad-file-name",
            "wrong-type",
            "unknown-key",
            "missing-key",
            "missing-file",
        ] {
            assert!(codes.contains(&code), "{codes:?}");
        }
    }
}
