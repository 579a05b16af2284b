//! Making a pack from an open ledger.
//!
//! In: a desk, a portfolio, control mappings. Out: the files of the pack. Blobs come with the
//! entries that name them; where one is not kept any more, or the engine's key is not at hand, the
//! manifest says so.

use std::collections::{BTreeMap, BTreeSet};

use super::{Files, Sorted, Source, build};
use crate::app::audit::in_toto::{VERSION, seal};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::desk::{Desk, Kept};
use crate::governance::audit::entry::Entry;
use crate::governance::promotion::state::State;
use crate::governance::promotion::verify::named_blobs;
use crate::governance::regulator::controls::Controls;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PortfolioId, RequestId};
use crate::render::decision_log::Language;

/// The pack of `portfolio` at the present head.
///
/// # Errors
/// Exit 7 when nobody has registered the portfolio; when a blob cannot be read.
pub async fn of_portfolio(
    desk: &mut Desk,
    portfolio: &PortfolioId,
    controls: &Controls,
    language: Language,
) -> Result<Files, Failure> {
    if !desk.folded.portfolios.contains_key(portfolio) {
        let text = format!("`{portfolio}` is not registered: no request has named it yet");
        return Err(Failure::new(Exit::Conflict, "portfolio.unknown", text)
            .hint("`promote status` lists the portfolios"));
    }
    let entries = desk.entries.clone();
    let blobs = related_blobs(desk, &Sorted::new(&entries, portfolio).related()).await?;
    let mut in_toto = BTreeMap::new();
    // An auditor's copy of a ledger has no engine key beside it; the pack then has no in-toto statements.
    if desk.engine().is_ok() {
        for request in ended(&desk.folded, portfolio) {
            let envelope = seal(desk, &request)?.encode().into_bytes();
            in_toto.insert(request, envelope);
        }
    }
    build(&Source {
        entries: &entries,
        state: &desk.folded,
        checkpoint: &desk.checkpoint_note()?,
        blobs: &blobs,
        in_toto: &in_toto,
        controls,
        portfolio,
        language,
        version: VERSION,
    })
}

/// Blobs that `related` entries name, also through manifests, as far as they are kept.
async fn related_blobs(desk: &mut Desk, related: &[&Entry]) -> Result<Kept, Failure> {
    let mut kept = Kept::new();
    let mut gone = BTreeSet::new();
    loop {
        let wanted: Vec<Digest> = named(related, &kept)
            .into_keys()
            .filter(|digest| !kept.contains_key(digest) && !gone.contains(digest))
            .collect();
        if wanted.is_empty() {
            return Ok(kept);
        }
        for digest in wanted {
            match desk.blob(&digest).await? {
                Some(bytes) => drop(kept.insert(digest, bytes)),
                None => drop(gone.insert(digest)),
            }
        }
    }
}

/// Every blob that `related` entries name, with the first entry that does.
pub(super) fn named(related: &[&Entry], kept: &Kept) -> BTreeMap<Digest, u64> {
    let mut all = BTreeMap::new();
    for entry in related {
        for digest in named_blobs(entry, &|digest| kept.get(digest).cloned()) {
            all.entry(digest).or_insert(entry.seq);
        }
    }
    all
}

/// The portfolio's requests that an entry has ended or time has by the last entry.
#[must_use]
pub fn ended(state: &State, portfolio: &PortfolioId) -> Vec<RequestId> {
    let ended = state.history(portfolio).filter(|r| r.end.is_some());
    ended.map(|record| record.request.request.clone()).collect()
}

/// What a reader might look for and does not find.
pub(super) fn not_included(source: &Source<'_>, sorted: &Sorted<'_>) -> Vec<String> {
    let mut list = Vec::new();
    for (digest, seq) in named(&sorted.related(), source.blobs) {
        if !source.blobs.contains_key(&digest) {
            list.push(format!("blob {digest}, named by entry {seq}: not kept"));
        }
    }
    if source.in_toto.is_empty() && !ended(source.state, source.portfolio).is_empty() {
        list.push("in-toto statements of decisions: the engine's key was not at hand".to_owned());
    }
    if !sorted.others.is_empty() {
        let text = "blobs of entries that concern other portfolios only: their verdicts cannot be \
                    derived again from this pack";
        list.push(text.to_owned());
    }
    list.push("texts that commitments stand for, and reports: kept outside the ledger".to_owned());
    list
}
