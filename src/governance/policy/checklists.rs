//! `checklists.toml`: what must be confirmed before each transition, by whom.
//!
//! In: the file's bytes. Out: [`Checklists`], or every problem with its place. An `auto` item names
//! what fills it and nobody confirms it; every other item names the role that does, and where it
//! says so a second role, for another person. What a confirmation counts for is the item's digest:
//! a changed text wants to be confirmed again.

use serde::{Deserialize, Serialize};
use toml::de::DeTable;

use super::load::{text_of, top, with_table};
use super::problem::PolicyError;
use super::roles::Role;
use super::source::{Fields, Source};
use crate::governance::stage::Target;
use crate::kernel::canonical;
use crate::kernel::digest::Digest;
use crate::kernel::id::ItemId;

/// Name of the file in a policy set.
pub const FILE_NAME: &str = "checklists.toml";
/// Most items of one transition.
const ITEMS_MAX: usize = 200;

const KINDS: [(&str, Kind); 3] = [
    ("auto", Kind::Auto),
    ("attest", Kind::Attest),
    ("document", Kind::Document),
];
const ROLES: [(&str, Role); 3] = [
    ("research", Role::Research),
    ("risk", Role::Risk),
    ("ops", Role::Ops),
];
const FILLED_BY: [(&str, FilledBy); 6] = [
    ("request", FilledBy::Request),
    ("judged", FilledBy::Judged),
    ("slot_research", FilledBy::SlotResearch),
    ("slot_risk", FilledBy::SlotRisk),
    ("second_person", FilledBy::SecondPerson),
    ("complete", FilledBy::Complete),
];

/// How an item is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// By what the ledger holds.
    Auto,
    /// By a person's word.
    Attest,
    /// By a document that is kept.
    Document,
}

impl Kind {
    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Attest => "attest",
            Self::Document => "document",
        }
    }
}

/// What fills an `auto` item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilledBy {
    /// The owner's request.
    Request,
    /// A verdict that promotes.
    Judged,
    /// The research approval.
    SlotResearch,
    /// The risk approval.
    SlotRisk,
    /// Signatures of two different persons, the requester's among them.
    SecondPerson,
    /// Every item that persons confirm.
    Complete,
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Item {
    /// Name, unique in its transition.
    pub id: ItemId,
    /// How it is confirmed.
    pub kind: Kind,
    /// Role that confirms; none for `auto`.
    pub role: Option<Role>,
    /// Role of the second person, where one is wanted.
    pub second: Option<Role>,
    /// What fills an `auto` item.
    pub source: Option<FilledBy>,
    /// What is confirmed.
    pub text: String,
}

impl Item {
    /// What a confirmation names: every word of the item.
    #[must_use]
    pub fn digest(&self) -> Digest {
        // Texts were checked to be storable when the file was read.
        let bytes = canonical::encode(self).unwrap_or_default();
        Digest::of(&bytes)
    }

    /// The roles that must confirm, in order; none for `auto`.
    pub fn roles(&self) -> impl Iterator<Item = Role> {
        self.role.into_iter().chain(self.second)
    }
}

/// The items of every transition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Checklists {
    /// Version, for people.
    pub version: String,
    /// Before SHADOW.
    pub shadow: Vec<Item>,
    /// Before TESTNET.
    pub testnet: Vec<Item>,
    /// Before LIVE.
    pub live: Vec<Item>,
}

impl Checklists {
    /// The items before `target`, in the order of the file.
    #[must_use]
    pub fn at(&self, target: Target) -> &[Item] {
        match target {
            Target::Shadow => &self.shadow,
            Target::Testnet => &self.testnet,
            Target::Live => &self.live,
        }
    }

    /// The item `id` before `target`.
    #[must_use]
    pub fn item(&self, target: Target, id: &ItemId) -> Option<&Item> {
        self.at(target).iter().find(|item| item.id == *id)
    }
}

/// Reads `checklists.toml`.
///
/// # Errors
/// Every problem in it.
pub fn load_checklists(file: &str, bytes: &[u8]) -> Result<Checklists, Vec<PolicyError>> {
    let text = text_of(file, bytes).map_err(|e| vec![*e])?;
    with_table(file, text, read)
}

fn read<'t>(source: &mut Source<'t>, root: &DeTable<'t>) -> Option<Checklists> {
    let mut fields = source.fields(top(source.text), root);
    let version = fields
        .required(source, "version")
        .and_then(|e| source.string(&e));
    let shadow = read_list(source, &mut fields, "shadow");
    let testnet = read_list(source, &mut fields, "testnet");
    let live = read_list(source, &mut fields, "live");
    source.finish(fields);
    Some(Checklists {
        version: version?.value,
        shadow: shadow?,
        testnet: testnet?,
        live: live?,
    })
}

fn read_list<'t>(
    source: &mut Source<'t>,
    fields: &mut Fields<'_, 't>,
    name: &'static str,
) -> Option<Vec<Item>> {
    let entry = fields.required(source, name)?;
    let tables = source.array(&entry)?;
    if tables.len() > ITEMS_MAX {
        let message = format!("{} items, the limit is {ITEMS_MAX}", tables.len());
        source.report(&entry.place, "too-large", message);
        return None;
    }
    let mut items: Vec<Item> = Vec::new();
    for entry in tables {
        let place = entry.place.clone();
        let Some(item) = source.table(entry).and_then(|t| read_item(source, t)) else {
            continue;
        };
        if items.iter().any(|other| other.id == item.id) {
            let message = format!("`{}` stands there twice", item.id);
            source.report(&place, "duplicate-id", message);
        }
        items.push(item);
    }
    Some(items)
}

fn read_item<'t>(source: &mut Source<'t>, mut table: Fields<'_, 't>) -> Option<Item> {
    let id = table
        .required(source, "id")
        .and_then(|e| source.parsed::<ItemId>(&e, "bad-id", ""));
    let kind = table
        .required(source, "kind")
        .and_then(|e| source.word(&e, "unknown-kind", &KINDS));
    let text = table
        .required(source, "text")
        .and_then(|e| source.string(&e));
    let place = table.place.clone();
    let mut role = |source: &mut Source<'t>, name| {
        let entry = table.optional(name)?;
        source.word(&entry, "unknown-role", &ROLES)
    };
    let (first, second) = (role(source, "role"), role(source, "second"));
    let filled = table
        .optional("source")
        .and_then(|e| source.word(&e, "unknown-source", &FILLED_BY));
    source.finish(table);
    let kind = kind?;
    let automatic = kind == Kind::Auto;
    if automatic != filled.is_some() {
        let message = "an `auto` item names its `source`, no other does".to_owned();
        source.report(&place, "source", message);
    }
    if automatic != first.is_none() || (automatic && second.is_some()) {
        let message = "an `auto` item has no role, every other has one".to_owned();
        source.report(&place, "role", message);
    }
    Some(Item {
        id: id?.value,
        kind,
        role: first,
        second,
        source: filled,
        text: text?.value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::policy::set::PolicySet;

    #[test]
    fn the_shipped_lists_have_twelve_fourteen_and_twenty_four_items() {
        let set = PolicySet::embedded().unwrap();
        let counts = Target::ALL.map(|target| set.checklists().at(target).len());
        assert_eq!(counts, [12, 14, 24]);
        for target in Target::ALL {
            for item in set.checklists().at(target) {
                assert_eq!(item.kind == Kind::Auto, item.roles().next().is_none());
            }
        }
    }

    #[test]
    fn an_item_that_nobody_could_confirm_is_refused_with_its_place() {
        let text = "version = \"1\"\ntestnet = []\nlive = []\n\n[[shadow]]\nid = \"a\"\nkind = \"attest\"\ntext = \"x\"\n\n[[shadow]]\nid = \"a\"\nkind = \"auto\"\nrole = \"risk\"\ntext = \"x\"\n";
        let problems = load_checklists(FILE_NAME, text.as_bytes()).unwrap_err();
        let codes: Vec<&str> = problems.iter().map(|p| p.code).collect();
        for code in ["role", "source", "duplicate-id"] {
            assert!(codes.contains(&code), "{codes:?}");
        }
        assert!(problems.iter().all(|p| p.line >= 4), "{problems:?}");
    }
}
