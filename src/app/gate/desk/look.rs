//! One reading of the ledger: every entry verified and folded, at an acceptable time.
//!
//! In: an open ledger, the host's clock, perhaps a chosen time. Out: entries, both folds, now, how
//! the clock is off. Nothing is written, and a ledger that does not fold gives no state.

use super::{Kept, When};
use crate::adapters::ledger::Ledger;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::failures;
use crate::governance::audit::entry::Entry;
use crate::governance::audit::tree::Frontier;
use crate::governance::promotion::apply::apply;
use crate::governance::promotion::clock::{Off, Present, present};
use crate::governance::promotion::expiry::settle;
use crate::governance::promotion::oversight;
use crate::governance::promotion::safety::clock_off;
use crate::governance::promotion::state::State;
use crate::governance::promotion::statement::Genesis;
use crate::governance::promotion::verify::published_policy;
use crate::kernel::time::UtcTime;

/// What one reading of the ledger gives.
pub(super) struct Seen {
    pub(super) entries: Vec<Entry>,
    pub(super) folded: State,
    pub(super) state: State,
    pub(super) now: UtcTime,
    pub(super) off: Option<Off>,
    pub(super) frontier: Frontier,
}

/// Every entry verified and folded, and what is due by now.
/// `as_it_is` takes a clock that lies ahead as it is: reading raises nothing.
pub(super) async fn look(
    ledger: &mut Ledger,
    when: &When,
    as_it_is: bool,
) -> Result<Seen, Failure> {
    let entries = ledger.entries().await.map_err(|e| failures::ledger(&e))?;
    let empty = || Failure::new(Exit::Integrity, "ledger.empty", "the ledger is empty");
    let first = entries.first().ok_or_else(empty)?;
    let kept = policy_blobs(ledger, &entries).await?;
    let broken =
        |e: &dyn std::error::Error| Failure::from_error(Exit::Integrity, "ledger.genesis", "", e);
    let policy = published_policy(first, &|d| kept.get(d).cloned()).map_err(|e| broken(&e))?;
    let later = oversight::later_sets(&entries, &|d| kept.get(d).cloned());
    let mut folded = State::begin(first, policy)
        .map_err(|e| broken(&e))?
        .knowing(later);
    let mut frontier = Frontier::default();
    for entry in &entries {
        frontier.append(entry.leaf_hash);
        if entry.seq > 0 {
            apply(&mut folded, entry);
        }
    }
    let at = moment(&folded, when, folded.last_time(), as_it_is)?;
    let mut state = folded.clone();
    settle(&mut state, at.now);
    Ok(Seen {
        entries,
        folded,
        state,
        now: at.now,
        off: at.off,
        frontier,
    })
}

/// The time to act at, on a fold whose last entry was written at `last`.
/// `as_it_is` takes a clock that lies ahead as it is.
pub(in crate::app::gate) fn moment(
    folded: &State,
    when: &When,
    last: UtcTime,
    as_it_is: bool,
) -> Result<Present, Failure> {
    let limits = clock_off::limits(folded);
    let sandbox = folded.genesis.sandbox;
    let mut at =
        present(sandbox, when.chosen, when.clock, last, limits).map_err(|e| failures::clock(&e))?;
    if as_it_is && matches!(at.off, Some(Off::Ahead(_))) {
        at.now = when.clock;
    }
    Ok(at)
}

/// The files of every policy set that the ledger publishes.
async fn policy_blobs(ledger: &mut Ledger, entries: &[Entry]) -> Result<Kept, Failure> {
    let mut kept = Kept::new();
    let genesis: Option<Genesis> = entries
        .first()
        .and_then(|first| serde_json::from_value(first.leaf.body.clone()).ok());
    let later = entries.iter().filter_map(oversight::published_files);
    let files = genesis.map(|g| g.policy_files).unwrap_or_default();
    for file in files.into_iter().chain(later.flatten()) {
        if kept.contains_key(&file.sha256) {
            continue;
        }
        let blob = ledger.blob(&file.sha256).await;
        if let Some(bytes) = blob.map_err(|e| failures::ledger(&e))? {
            kept.insert(file.sha256, bytes);
        }
    }
    Ok(kept)
}
