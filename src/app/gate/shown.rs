//! What `status` and `inbox` stand on: a state that was settled now, and the head that it is of.
//!
//! In: the path of a ledger and the time. Out: the state, from the kept view where it fits the
//! database's signed tip, else from the fold of every entry; both show the same. Nothing is decided
//! on it, so it gives no chain and appends nothing.

use std::collections::BTreeMap;
use std::path::Path;

use super::desk::{Desk, When, moment};
use super::failures;
use crate::adapters::ledger::{Access, Ledger};
use crate::app::failure::Failure;
use crate::governance::audit::entry::Head;
use crate::governance::policy::set::PolicySet;
use crate::governance::promotion::expiry::settle;
use crate::governance::promotion::looks::so_far;
use crate::governance::promotion::state::State;
use crate::governance::promotion::view::View;
use crate::kernel::id::PortfolioId;
use crate::kernel::time::UtcTime;

/// What is shown.
#[derive(Debug)]
pub struct Shown {
    /// The state, with everything that is due by `now`.
    pub state: State,
    /// The head that it is of.
    pub head: Head,
    /// Now.
    pub now: UtcTime,
    /// Looks so far at every portfolio.
    pub looks: BTreeMap<PortfolioId, usize>,
}

impl Shown {
    /// What the ledger at `path` shows.
    ///
    /// # Errors
    /// As [`Desk::read`].
    pub async fn read(path: &Path, when: When) -> Result<Self, Failure> {
        let mut ledger = Ledger::open(path, Access::Read)
            .await
            .map_err(|e| failures::ledger(&e))?;
        if let Some(shown) = kept(&mut ledger, &when).await {
            ledger.close().await.map_err(|e| failures::ledger(&e))?;
            return Ok(shown);
        }
        let desk = Desk::on(ledger, path, when).await?;
        let (state, head, now) = desk.into_shown().await?;
        let looks = so_far(&state);
        Ok(Self {
            state,
            head,
            now,
            looks,
        })
    }
}

/// The kept view as a state; none for whatever reason, and then every entry is folded, which also
/// tells what is wrong.
async fn kept(ledger: &mut Ledger, when: &When) -> Option<Shown> {
    let kept = ledger.kept_view().await?;
    let view = View::decode(&kept.body)?;
    let mut files = BTreeMap::new();
    for file in view.policy_files() {
        let bytes = ledger.blob(&file.sha256).await.ok()??;
        files.insert(file.path.clone(), bytes);
    }
    let set = PolicySet::load(files).ok()?;
    let last = view.last_time();
    let looks = view.looks().clone();
    let mut state = view.into_state(set)?;
    let now = moment(&state, when, last, true).ok()?.now;
    settle(&mut state, now);
    Some(Shown {
        state,
        head: kept.head,
        now,
        looks,
    })
}
