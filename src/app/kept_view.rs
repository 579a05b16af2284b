//! The kept view, held against the entries that it says it is of.
//!
//! In: the file beside a ledger, the ledger's entries and their fold. Out: nothing where it is true,
//! else one remark. A view that is only older, or was written by another version of the program, is
//! no finding: `status` does not use it, and the next command that writes replaces it.

use std::io;

use super::audit::FindingJson;
use crate::governance::audit::entry::Entry;
use crate::governance::audit::kept_view::{self, KeptView, VERSION};
use crate::governance::promotion::state::State;
use crate::governance::promotion::verify::fold_again;
use crate::governance::promotion::view::View;

/// What is to be said about a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// It shows what is not so, or is not this ledger's.
    Untrue(FindingJson),
    /// It could not be held against the entries, or is out of date.
    NotChecked(FindingJson),
}

/// Examines the view `file` of the ledger with `entries` and the fold `state`.
#[must_use]
pub fn examine(
    file: io::Result<Option<Vec<u8>>>,
    entries: &[Entry],
    state: Option<&State>,
) -> Option<Remark> {
    let file = match file {
        Ok(None) => return None,
        Ok(Some(file)) => file,
        Err(error) => return Some(untrue("view-forged", format!("it cannot be read: {error}"))),
    };
    let Some(state) = state else {
        let text = "there is no fold to hold it against".to_owned();
        return Some(not_checked("view-not-checked", text));
    };
    let kept = match kept_view::open(&file, &state.ledger, &state.genesis.log_key) {
        Ok(kept) => kept,
        Err(error) => return Some(untrue("view-forged", error.to_string())),
    };
    if kept.version != VERSION {
        let version = crate::kernel::text::visible(&kept.version, 40);
        let text = format!("version {version} of the program wrote it");
        return Some(not_checked("view-not-checked", text));
    }
    hold(&kept, entries, state)
}

/// Holds a view that the log key signed against the entries.
fn hold(kept: &KeptView, entries: &[Entry], state: &State) -> Option<Remark> {
    let size = kept.head.size;
    let differs = |text: String| Some(untrue("view-differs", text));
    let count = entries.len();
    let Some(first) = usize::try_from(size).ok().and_then(|n| entries.get(..n)) else {
        return differs(format!("it is of {size} entries, the ledger has {count}"));
    };
    let mut frontier = crate::governance::audit::tree::Frontier::default();
    for entry in first {
        frontier.append(entry.leaf_hash);
    }
    if frontier.root() != kept.head.root {
        return differs(format!("it is of {size} other entries"));
    }
    let again = match first.len() == count {
        true => View::of(state),
        false => fold_again(first, state).and_then(|state| View::of(&state)),
    };
    let same = again
        .and_then(|view| view.encode().ok())
        .is_some_and(|bytes| bytes == kept.body);
    if !same {
        return differs(format!("it is not what {size} entries give"));
    }
    (first.len() < count).then(|| {
        let text = format!("it is of the first {size} of {count} entries, and true of them");
        not_checked("view-stale", text)
    })
}

fn untrue(code: &str, text: String) -> Remark {
    Remark::Untrue(about(code, &text, "remove the file, it is a cache"))
}

fn not_checked(code: &str, text: String) -> Remark {
    Remark::NotChecked(about(code, &text, "`status` does not use it"))
}

fn about(code: &str, text: &str, then: &str) -> FindingJson {
    FindingJson {
        seq: None,
        code: code.to_owned(),
        message: format!("kept view: {text}; {then}"),
    }
}
