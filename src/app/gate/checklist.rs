//! The checklist of a portfolio: how it stands, and confirming an item.

use std::path::Path;

use serde::Serialize;

use super::act::{Follow, World};
use super::desk::Desk;
use super::failures;
use super::person::{Deed, record};
use super::signing::{How, Made};
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::governance::audit::entry::Entry;
use crate::governance::policy::checklists::Kind;
use crate::governance::policy::roles::Role;
use crate::governance::promotion::missing;
use crate::governance::promotion::oversight::acts::ChecklistItem;
use crate::governance::promotion::oversight::checklist::{
    Standing, command, is_binding, standings,
};
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::statement::Act;
use crate::governance::stage::Target;
use crate::kernel::canonical::DOCUMENT_MAX_BYTES;
use crate::kernel::digest::Digest;
use crate::kernel::id::{ItemId, PersonId, PortfolioId};
use crate::kernel::text::visible;

/// `promote/checklist/v1`.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct ChecklistJson {
    /// `promote/checklist/v1`.
    #[schemars(extend("const" = "promote/checklist/v1"))]
    pub schema: &'static str,
    /// The portfolio.
    pub portfolio: PortfolioId,
    /// The transition.
    pub target: Target,
    /// False where open items do not stand in the way: before SHADOW.
    pub binding: bool,
    /// Items that are not done.
    pub open: usize,
    /// Every item, in the order of the policy set.
    pub items: Vec<ItemJson>,
}

/// One item.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct ItemJson {
    /// Its name.
    pub id: ItemId,
    /// How it is confirmed.
    pub kind: Kind,
    /// What is confirmed.
    pub text: String,
    /// True when nothing is missing.
    pub done: bool,
    /// Roles that still have to confirm.
    pub open: Vec<Role>,
    /// Who confirmed it.
    pub confirmed: Vec<ConfirmedJson>,
    /// The command that confirms it; null when nobody has to.
    pub command: Option<String>,
}

/// One confirmation.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct ConfirmedJson {
    /// Who.
    pub person: PersonId,
    /// Role acted in.
    pub role: String,
    /// Day on which it was found.
    pub date: String,
    /// What was found.
    pub note: String,
    /// Digest of the document.
    pub document: Option<Digest>,
    /// Position.
    pub seq: u64,
}

/// How the checklist of `portfolio` before `target` stands.
#[must_use]
pub fn show(desk: &Desk, portfolio: &PortfolioId, target: Target) -> ChecklistJson {
    let state = &desk.state;
    let open = state
        .open_request(portfolio)
        .filter(|record| record.request.target == target);
    let counted = open.map(|record| (record, missing::count(state, record, desk.now)));
    let request = counted.as_ref().map(|(record, tally)| (*record, tally));
    let items: Vec<ItemJson> = standings(state, portfolio, target, request)
        .iter()
        .map(|standing| item(portfolio, target, standing))
        .collect();
    ChecklistJson {
        schema: "promote/checklist/v1",
        portfolio: portfolio.clone(),
        target,
        binding: is_binding(&desk.state, target),
        open: items.iter().filter(|i| !i.done).count(),
        items,
    }
}

fn item(portfolio: &PortfolioId, target: Target, standing: &Standing<'_>) -> ItemJson {
    let item = standing.item;
    let first = standing.open.first();
    ItemJson {
        id: item.id.clone(),
        kind: item.kind,
        text: item.text.clone(),
        done: standing.done,
        open: standing.open.clone(),
        confirmed: standing
            .confirmed
            .iter()
            .map(|c| ConfirmedJson {
                person: c.mark.person.clone(),
                role: c.mark.role.clone(),
                date: c.date.clone(),
                note: c.mark.comment.clone(),
                document: c.document,
                seq: c.mark.seq,
            })
            .collect(),
        command: first.map(|role| command(portfolio, target, item, *role)),
    }
}

/// The checklist for people: one line per item, what confirmed it, what is open.
#[must_use]
pub fn text(list: &ChecklistJson) -> String {
    let mut out = format!(
        "checklist of {} before {}: {} of {} items open{}\n",
        list.portfolio,
        list.target,
        list.open,
        list.items.len(),
        if list.binding {
            ""
        } else {
            " (advisory: nothing waits for them)"
        }
    );
    for item in &list.items {
        let mark = if item.done { "x" } else { " " };
        out.push_str(&format!(
            "[{mark}] {} ({}): {}\n",
            item.id,
            item.kind.as_str(),
            visible(&item.text, 400)
        ));
        for confirmed in &item.confirmed {
            out.push_str(&format!(
                "    {} as {}, {}: {}\n",
                confirmed.person,
                confirmed.role,
                confirmed.date,
                visible(&confirmed.note, 400)
            ));
        }
        if !item.open.is_empty() {
            let roles: Vec<&str> = item.open.iter().map(|role| role.as_str()).collect();
            out.push_str(&format!("    open: {}\n", roles.join(" and ")));
        }
    }
    out
}

/// A confirmation as a person words it.
#[derive(Debug, Clone)]
pub struct Confirmation {
    /// Portfolio.
    pub portfolio: PortfolioId,
    /// Transition.
    pub target: Target,
    /// Item.
    pub item: ItemId,
    /// Role acted in.
    pub role: Role,
    /// What was found.
    pub note: String,
    /// Day on which it was found.
    pub date: String,
}

/// Records a confirmation, and the decision if it was the last thing missing.
///
/// # Errors
/// When it is refused, or the document cannot be read.
pub async fn confirm(
    desk: &mut Desk,
    wish: &Confirmation,
    document: Option<&Path>,
    how: &How,
    world: World<'_>,
) -> Result<(Made, Vec<Entry>), Failure> {
    desk.raises_risk()?;
    crate::kernel::text::check_free_text("note", &wish.note)
        .map_err(|e| Failure::from_error(Exit::Invalid, "text.unstorable", "", &e))?;
    let items = desk.state.policy.checklists();
    let Some(item) = items.item(wish.target, &wish.item) else {
        return Err(failures::refused(&Refusal::UnknownItem {
            item: wish.item.clone(),
            target: wish.target,
        }));
    };
    let blobs: Vec<Vec<u8>> = document.map(read).transpose()?.into_iter().collect();
    let act = ChecklistItem {
        portfolio: wish.portfolio.clone(),
        target: wish.target,
        item: wish.item.clone(),
        item_sha256: item.digest(),
        note: wish.note.clone(),
        date: wish.date.clone(),
        document: blobs.first().map(|bytes| Digest::of(bytes)),
    };
    let deed = Deed {
        act: Act::ChecklistItem(act),
        roles: vec![wish.role],
        follow: Follow::Nothing,
        blobs,
    };
    record(desk, deed, how, world).await
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = std::fs::read(path).map_err(|e| failure::io("read", path, &e))?;
    if bytes.len() <= DOCUMENT_MAX_BYTES {
        return Ok(bytes);
    }
    let text = format!("`{}` is too large", path.display());
    Err(Failure::new(Exit::Invalid, "document.too-large", text))
}
