//! The checklist of a decision: every item of the transition, and what it rested on.
//!
//! In: the items as they stood when the request was decided. Out: values for JSON, and a few lines:
//! the count, each item that a person confirmed, then the others by what they have in common.

use serde::Serialize;

use super::lines::Ink;
use super::words::Language;
use crate::governance::policy::checklists::{Item, Kind};
use crate::governance::policy::roles::Role;
use crate::governance::promotion::oversight::checklist::{Confirmed, is_binding};
use crate::governance::promotion::oversight::closed::{Closed, closed};
use crate::governance::promotion::state::{RequestRecord, State};
use crate::governance::stage::Target;
use crate::kernel::digest::Digest;
use crate::kernel::id::{ItemId, PersonId};
use crate::kernel::time::UtcTime;

/// The checklist of a transition as it stood at the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct ChecklistLines {
    /// The transition.
    pub target: Target,
    /// False where open items are advice: before SHADOW in a sandbox.
    pub binding: bool,
    /// Every item, in the order of the policy set.
    pub items: Vec<ItemLine>,
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct ItemLine {
    /// Its name.
    pub id: ItemId,
    /// How it is confirmed.
    pub kind: Kind,
    /// What is confirmed, in the words of the policy set.
    pub text: String,
    /// True when nothing was missing.
    pub done: bool,
    /// Who confirmed it.
    pub confirmed: Vec<ConfirmedLine>,
    /// Roles that had not confirmed.
    pub open: Vec<Role>,
}

/// One confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct ConfirmedLine {
    /// Who.
    pub person: PersonId,
    /// Role acted in.
    pub role: String,
    /// Time of the entry.
    pub at: UtcTime,
    /// Day on which it was found.
    pub date: String,
    /// What was found.
    pub note: String,
    /// Digest of the document.
    pub document: Option<Digest>,
    /// Position.
    pub seq: u64,
}

/// The checklist of a request that was decided; none for every other end.
#[must_use]
pub fn checklist(state: &State, record: &RequestRecord) -> Option<ChecklistLines> {
    let request = &record.request;
    let items = closed(state, &request.request)?;
    Some(ChecklistLines {
        target: request.target,
        binding: is_binding(state, request.target),
        items: items.into_iter().map(item_line).collect(),
    })
}

fn item_line((item, closed): (&Item, &Closed)) -> ItemLine {
    ItemLine {
        id: item.id.clone(),
        kind: item.kind,
        text: item.text.clone(),
        done: closed.done,
        confirmed: closed.confirmed.iter().map(confirmed_line).collect(),
        open: closed.open.clone(),
    }
}

fn confirmed_line(confirmed: &Confirmed) -> ConfirmedLine {
    let mark = &confirmed.mark;
    ConfirmedLine {
        person: mark.person.clone(),
        role: mark.role.clone(),
        at: mark.time,
        date: confirmed.date.clone(),
        note: mark.comment.clone(),
        document: confirmed.document,
        seq: mark.seq,
    }
}

/// The checklist as lines; none where there is none.
#[must_use]
pub fn lines(list: Option<&ChecklistLines>, language: Language, ink: Ink) -> Vec<String> {
    let Some(list) = list.filter(|list| !list.items.is_empty()) else {
        return Vec::new();
    };
    let mut lines = vec![count(list, language)];
    let (by_persons, rest): (Vec<&ItemLine>, Vec<&ItemLine>) = list
        .items
        .iter()
        .partition(|item| !item.confirmed.is_empty());
    lines.extend(by_persons.iter().map(|item| by(item, language, ink)));
    let advice = match list.binding {
        true => "",
        false => language.pick(" (nur Hinweis)", " (advisory)"),
    };
    let groups = [
        (true, true, ("automatisch erfüllt", "filled automatically")),
        (
            true,
            false,
            ("automatisch, nicht erfüllt", "automatic, not filled"),
        ),
        (false, false, ("nicht bestätigt", "not confirmed")),
    ];
    for (auto, done, (de, en)) in groups {
        let here = |item: &&&ItemLine| (item.kind == Kind::Auto) == auto && item.done == done;
        let names: Vec<String> = rest
            .iter()
            .filter(here)
            .map(|item| ink.code(item.id.as_str()))
            .collect();
        if !names.is_empty() {
            let advice = if done { "" } else { advice };
            let text = language.pick(de, en);
            lines.push(format!("{text}{advice}: {}", names.join(", ")));
        }
    }
    lines
}

fn count(list: &ChecklistLines, language: Language) -> String {
    let done = list.items.iter().filter(|item| item.done).count();
    let (all, target) = (list.items.len(), list.target.stage());
    let advice = match list.binding {
        true => "",
        false => language.pick(
            "; in einer Sandbox vor SHADOW nur Hinweise, die Entscheidung wartet nicht auf sie",
            "; advisory before SHADOW in a sandbox, the decision waits for none of them",
        ),
    };
    match language {
        Language::De => format!("Vor {target}: {done} von {all} Punkten erfüllt{advice}"),
        Language::En => format!("Before {target}: {done} of {all} items done{advice}"),
    }
}

/// An item that persons confirmed: who, when, and who still had to.
fn by(item: &ItemLine, language: Language, ink: Ink) -> String {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let each: Vec<String> = item
        .confirmed
        .iter()
        .map(|c| {
            format!(
                "{} ({}) {} {}, {} {}",
                c.person,
                ink.text(&c.role),
                pick("am", "on"),
                c.at.date(),
                pick("Eintrag", "entry"),
                c.seq
            )
        })
        .collect();
    let open: Vec<&str> = item.open.iter().map(|role| role.as_str()).collect();
    let open = match open.is_empty() {
        true => String::new(),
        false => format!("; {} {}", pick("es fehlt", "missing"), open.join(", ")),
    };
    format!(
        "{}: {} {}{open}",
        ink.code(item.id.as_str()),
        pick("bestätigt durch", "confirmed by"),
        each.join(pick(" und ", " and ")),
    )
}
