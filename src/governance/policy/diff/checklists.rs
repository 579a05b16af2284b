//! Changes in the checklists: an item more, a second person or a document more is stricter; an item
//! gone or with other words is not shown to be stricter.

use std::collections::BTreeSet;

use super::{Change, Direction};
use crate::governance::policy::checklists::{Checklists, Item, Kind};
use crate::governance::stage::Target;
use crate::kernel::id::ItemId;
use crate::kernel::text::visible;

/// What changed in the checklists.
pub(super) fn changes(old: &Checklists, new: &Checklists) -> Vec<Change> {
    let mut changes = Vec::new();
    for target in Target::ALL {
        let both = old.at(target).iter().chain(new.at(target));
        let ids: BTreeSet<&ItemId> = both.map(|item| &item.id).collect();
        for id in ids {
            let (a, b) = (old.item(target, id), new.item(target, id));
            if a == b {
                continue;
            }
            let place = format!("checklist {target} {id}");
            let direction = match (a, b) {
                (None, Some(_)) => Direction::Tightens,
                (Some(a), Some(b)) if stricter(a, b) => Direction::Tightens,
                _ => Direction::Loosens,
            };
            changes.push(Change::new(
                &place,
                "",
                (a.map(words), b.map(words)),
                direction,
            ));
        }
    }
    changes
}

/// The same item with a second person or a document where there was none.
fn stricter(a: &Item, b: &Item) -> bool {
    let second = a.second == b.second || a.second.is_none();
    let kind = a.kind == b.kind || (a.kind == Kind::Attest && b.kind == Kind::Document);
    second && kind && a.role == b.role && a.source == b.source && a.text == b.text
}

fn words(item: &Item) -> String {
    let roles: Vec<&str> = item.roles().map(|role| role.as_str()).collect();
    let by = if roles.is_empty() {
        String::new()
    } else {
        format!(" by {}", roles.join(" and "))
    };
    format!("{}{by}: {}", item.kind.as_str(), visible(&item.text, 160))
}
