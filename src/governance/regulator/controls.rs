//! Control mappings: what laws, supervisors and house rules ask for, and what here answers it.
//!
//! In: the files of `policies/controls`, one per framework. Out: [`Controls`], or every problem
//! with its place. They are descriptive: no verdict reads them, so they are no part of the policy
//! set and its digest; a digest of their own stands in every export that shows them. What was not
//! read in its source is marked so and never shown as verified.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::governance::policy::problem::PolicyError;
use crate::governance::policy::set::digest_of;
use crate::kernel::digest::Digest;
use checking::framework;

mod checking;

/// Most bytes of one file.
const FILE_MAX_BYTES: usize = 256 * 1024;

/// Folder of the files, below `policies`.
pub const FOLDER: &str = "controls";

/// Every kind of entry that a control may name.
pub const EVENTS: [&str; 41] = [
    "approval",
    "checklist-item",
    "clock-acknowledgement",
    "clock-remark",
    "dataset",
    "decision",
    "demotion",
    "denial",
    "drill",
    "enrolment",
    "evaluation",
    "evaluation-error",
    "evidence-revocation",
    "genesis",
    "halt",
    "incident-closing",
    "incident-opening",
    "instance-enrolment",
    "key-revocation",
    "key-rotation",
    "override",
    "override-review",
    "policy-publication",
    "recertification",
    "refusal",
    "request",
    "rerun",
    "resume",
    "retirement",
    "root-change",
    "session-close",
    "session-commit",
    "session-open",
    "token-issue",
    "token-redemption",
    "token-revocation",
    "trial-end",
    "trial-start",
    "unapproval",
    "void",
    "withdrawal",
];

/// How far the engine answers a control.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// Wholly, as far as a program can.
    Covered,
    /// In part; the gap is named.
    Partial,
    /// Not at all.
    NotCovered,
}

/// Where the words of a control come from.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The source was read.
    Read,
    /// General knowledge: nobody has checked it against the source.
    OwnKnowledge,
}

/// A text in both languages of the exports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// German.
    pub de: String,
    /// English.
    pub en: String,
}

/// One thing that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Control {
    /// Article, paragraph or name, unique in its framework.
    pub id: String,
    /// What is asked, in our own words.
    pub title: Words,
    /// Where these words come from.
    pub source: Origin,
    /// How far it is answered.
    pub status: Coverage,
    /// Criteria of the policies that answer it.
    pub criteria: Vec<String>,
    /// Kinds of entries that show it at work.
    pub events: Vec<String>,
    /// Command that shows the evidence.
    pub query: Option<String>,
    /// What is missing.
    pub gap: Option<Words>,
}

/// One law, notice or rule book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Framework {
    /// Short name; the file is called after it.
    pub framework: String,
    /// Version of this mapping.
    pub version: String,
    /// Full name.
    pub name: Words,
    /// Where it applies.
    pub jurisdiction: String,
    /// First day of its validity, where it is known.
    pub valid_from: Option<String>,
    /// Day from which it is not in force any more.
    pub valid_to: Option<String>,
    /// What it asks for, in the order of the file.
    pub controls: Vec<Control>,
}

/// Every mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Controls {
    files: BTreeMap<String, Vec<u8>>,
    frameworks: Vec<Framework>,
    digest: Digest,
}

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        [$((
            concat!($name, ".toml"),
            include_str!(concat!("../../../policies/controls/", $name, ".toml")),
        )),*]
    };
}

/// The shipped mappings, compiled in.
#[must_use]
pub fn embedded_files() -> BTreeMap<String, Vec<u8>> {
    shipped![
        "dora",
        "esma-2026",
        "eu-ai-act",
        "fca-2025",
        "finra-15-09",
        "iso27001",
        "marisk",
        "mifid2",
        "playbook",
        "pra-ss1-23",
        "rts6",
        "sec-15c3-5",
        "sec-17a-4",
        "sr-11-7",
        "sr-26-2",
    ]
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
    .collect()
}

impl Controls {
    /// Reads and checks `files`, keyed by bare names such as `rts6.toml`.
    ///
    /// # Errors
    /// Every problem in every file, in the order of names.
    pub fn load(files: BTreeMap<String, Vec<u8>>) -> Result<Self, Vec<PolicyError>> {
        let mut problems = Vec::new();
        let mut frameworks = Vec::new();
        for (name, bytes) in &files {
            match framework(&format!("{FOLDER}/{name}"), name, bytes) {
                Ok(found) => frameworks.push(found),
                Err(found) => problems.extend(found),
            }
        }
        match digest_of(&files) {
            Ok(digest) if problems.is_empty() => Ok(Self {
                files,
                frameworks,
                digest,
            }),
            Ok(_) => Err(problems),
            Err(error) => {
                problems.push(PolicyError::whole(
                    FOLDER,
                    "bad-file-name",
                    error.to_string(),
                ));
                Err(problems)
            }
        }
    }

    /// SHA-256 over names and digests of the files, formed as the policy set's.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The raw files.
    #[must_use]
    pub fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }

    /// Every framework, by name.
    #[must_use]
    pub fn frameworks(&self) -> &[Framework] {
        &self.frameworks
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::governance::policy::set::PolicySet;

    const GOOD: &str = "framework = \"house\"\nversion = \"1\"\nname = { de = \"Haus\", en = \"House\" }\njurisdiction = \"x\"\n\
        [[control]]\nid = \"4.2\"\ntitle = { de = \"A\", en = \"B\" }\nsource = \"read\"\n\
        status = \"covered\"\nevents = [\"decision\"]\n";

    fn problems(text: &str) -> Vec<&'static str> {
        let files = BTreeMap::from([("house.toml".to_owned(), text.as_bytes().to_vec())]);
        match Controls::load(files) {
            Ok(_) => Vec::new(),
            Err(found) => found.iter().map(|p| p.code).collect(),
        }
    }

    #[test]
    fn the_shipped_mappings_are_sound_and_answer_every_reference() {
        let controls = Controls::load(embedded_files()).unwrap_or_else(|problems| {
            panic!(
                "{}",
                problems
                    .iter()
                    .map(|p| format!("{p}\n"))
                    .collect::<String>()
            )
        });
        assert_eq!(controls.frameworks().len(), 15);
        let set = PolicySet::embedded().unwrap();
        assert_eq!(controls.unknown_references(&set), Vec::new());
        let known: BTreeSet<&str> = set
            .policies()
            .flat_map(|p| p.criteria.iter().map(|c| c.id.as_str()))
            .collect();
        for framework in controls.frameworks() {
            for control in &framework.controls {
                for criterion in &control.criteria {
                    assert!(known.contains(criterion.as_str()), "{criterion}");
                }
            }
        }
    }

    #[test]
    fn each_flaw_has_its_own_code() {
        assert!(problems(GOOD).is_empty());
        for (from, to, code) in [
            ("\"house\"", "\"other\"", "bad-id"),
            ("id = \"4.2\"", "id = \"4 2\"", "bad-id"),
            ("\"decision\"", "\"decisoin\"", "unknown-event"),
            ("events = [\"decision\"]", "", "no-evidence"),
            ("\"covered\"", "\"partial\"", "gap"),
            ("\"covered\"", "\"verified\"", "bad-controls"),
            ("\"read\"", "\"heard\"", "bad-controls"),
            ("en = \"B\"", "", "bad-controls"),
            ("de = \"A\"", "de = \"\"", "bad-text"),
            ("en = \"House\"", "en = \"\"", "bad-text"),
            (", en = \"House\"", "", "bad-controls"),
            ("version", "vresion", "bad-controls"),
            (
                "[[control]]",
                "valid_to = \"soon\"\n[[control]]",
                "bad-date",
            ),
            ("events =", "query = \"rm -rf\"\nevents =", "bad-query"),
            ("events =", "criteria = [\"A B\"]\nevents =", "bad-id"),
        ] {
            let text = GOOD.replacen(from, to, 1);
            assert_ne!(text, GOOD);
            assert_eq!(problems(&text), [code], "{text}");
        }
        let block = GOOD.split_once("[[control]]").unwrap().1;
        assert_eq!(
            problems(&format!("{GOOD}[[control]]{block}")),
            ["duplicate-id"]
        );
        let head = GOOD.split_once("[[control]]").unwrap().0;
        assert_eq!(problems(head), ["no-controls"]);
    }

    #[test]
    fn the_files_are_no_part_of_the_policy_set() {
        let set = PolicySet::embedded().unwrap();
        let names: BTreeSet<&String> = set.files().keys().collect();
        assert!(embedded_files().keys().all(|name| !names.contains(name)));
        let mut files = embedded_files();
        let before = Controls::load(files.clone()).unwrap().digest();
        files
            .get_mut("rts6.toml")
            .unwrap()
            .extend_from_slice(b"# a word\n");
        assert_ne!(Controls::load(files).unwrap().digest(), before);
    }
}
