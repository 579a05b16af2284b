//! Acts of the root keys on the ledger itself: other root keys, and entries that are set aside.

use std::path::PathBuf;

use super::signing::record;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::act::World;
use crate::app::gate::desk::Desk;
use crate::app::gate::sandbox_keys;
use crate::app::gate::signing::{How, Made};
use crate::governance::audit::entry::Entry;
use crate::governance::promotion::access::acts::{Place, RootChange, Void};
use crate::governance::promotion::state::State;
use crate::governance::promotion::statement::{Act, Signer};
use crate::kernel::id::PersonId;
use crate::kernel::pubkey::PublicKey;

/// Puts the root keys of `change`, which were read from `files`, in force.
///
/// # Errors
/// When it is refused.
pub async fn change(
    desk: &mut Desk,
    (change, files): (&RootChange, &[PathBuf]),
    how: &How,
    world: World<'_>,
) -> Result<(Made, Vec<Entry>), Failure> {
    text("reason", &change.reason)?;
    desk.raises_risk()?;
    if !desk.state.genesis.sandbox {
        for (file, key) in files.iter().zip(&change.roots) {
            sandbox_keys::check_file(file, key)?;
        }
    }
    let act = Act::RootChange(change.clone());
    record(desk, act, as_root, how, world).await
}

/// Sets the entries at `positions` aside, which have no effect.
///
/// # Errors
/// Exit 2 when one of them is none without effect; also when it is refused.
pub async fn void(
    desk: &mut Desk,
    (positions, reason): (&[u64], &str),
    how: &How,
    world: World<'_>,
) -> Result<(Made, Vec<Entry>), Failure> {
    text("reason", reason)?;
    let mut entries: Vec<Place> = Vec::new();
    for seq in positions {
        let found = desk.state.findings.iter().find(|f| f.seq == *seq);
        let found = found.ok_or_else(|| {
            let text = format!("entry {seq} is none without effect");
            Failure::new(Exit::Usage, "void.effect", text)
                .hint("`promote ledger verify` names the entries without effect")
        })?;
        entries.push(Place {
            seq: found.seq,
            leaf: found.leaf,
        });
    }
    let act = Act::Void(Void {
        entries,
        reason: reason.to_owned(),
    });
    record(desk, act, as_root, how, world).await
}

fn text(field: &'static str, value: &str) -> Result<(), Failure> {
    crate::kernel::text::check_free_text(field, value)
        .map_err(|e| Failure::from_error(Exit::Usage, "usage.text", "", &e))
}

/// Every key signs as `root`: the guard knows which of them may.
fn as_root(_: &State, keys: &[PublicKey]) -> Result<Vec<Signer>, Failure> {
    let person =
        PersonId::new("root").map_err(|e| Failure::from_error(Exit::Internal, "signer", "", &e))?;
    let named = keys.iter().map(|key| Signer {
        person: person.clone(),
        role: "root".to_owned(),
        key: key.fingerprint(),
    });
    Ok(named.collect())
}
