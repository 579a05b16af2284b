//! Auditing a ledger where it lies: structure first, then meaning.
//!
//! Structure: every row of every table. Meaning: signatures, guards and verdicts, from the entries
//! and blobs that the structure check has read. Both end in findings; nothing is repaired.

pub mod assessment;
pub mod in_toto;
pub mod pack;

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

use super::kept_view::{self, Remark};
use crate::adapters::ledger::{Access, Ledger, LedgerError, read_view_file};
use crate::app::failure::Failure;
use crate::app::gate::failures;
use crate::governance::audit::entry::Entry;
use crate::governance::promotion::state::State;
use crate::governance::promotion::verify::{named_blobs, verify};
use crate::governance::stage::Stage;
use crate::kernel::digest::Digest;

/// `promote/ledger-verification/v1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct LedgerVerification {
    schema: &'static str,
    /// True when there is no finding.
    pub ok: bool,
    /// Entries that could be read.
    pub entries: u64,
    /// Root over them.
    pub root: Option<Digest>,
    /// Size of the last checkpoint.
    pub checkpoint_size: u64,
    /// What is wrong.
    pub findings: Vec<FindingJson>,
    /// Entries without effect that the root threshold set aside.
    pub voided: Vec<FindingJson>,
    /// What could not be checked.
    pub not_checked: Vec<FindingJson>,
}

/// A finding as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct FindingJson {
    /// Entry concerned, where it is one.
    pub seq: Option<u64>,
    /// Stable code.
    pub code: String,
    /// In words.
    pub message: String,
}

/// Verifies the ledger at `path`.
///
/// # Errors
/// When there is none or it cannot be read; what is wrong inside is a finding.
pub async fn verify_ledger(path: &Path) -> Result<LedgerVerification, Failure> {
    Ok(examine(path).await?.0)
}

/// The same, and the view that is kept beside it: nothing rests on a view but what `status` and
/// `inbox` show, so this is for whoever asks whether everything is in order.
///
/// # Errors
/// As [`verify_ledger`].
pub async fn verify_ledger_and_view(path: &Path) -> Result<LedgerVerification, Failure> {
    // Read first: a view is written after the entries that it is of.
    let file = read_view_file(path);
    let (mut seen, entries, state) = examine(path).await?;
    match kept_view::examine(file, &entries, state.as_ref()) {
        Some(Remark::Untrue(finding)) => seen.findings.push(finding),
        Some(Remark::NotChecked(remark)) => seen.not_checked.push(remark),
        None => {}
    }
    seen.ok = seen.findings.is_empty();
    Ok(seen)
}

/// What was seen, with the entries that could be read and their fold.
type Examined = (LedgerVerification, Vec<Entry>, Option<State>);

async fn examine(path: &Path) -> Result<Examined, Failure> {
    let mut ledger = match Ledger::open(path, Access::Read).await {
        Ok(ledger) => ledger,
        Err(error @ (LedgerError::Integrity(_) | LedgerError::Setting { .. })) => {
            return Ok((unopened(&error), Vec::new(), None));
        }
        Err(error) => return Err(failures::ledger(&error)),
    };
    let seen = ledger
        .verify(|entries, blob| {
            entries
                .iter()
                .flat_map(|entry| named_blobs(entry, blob))
                .collect::<BTreeSet<_>>()
        })
        .await
        .map_err(|e| failures::ledger(&e))?;
    ledger.close().await.map_err(|e| failures::ledger(&e))?;
    // Entries behind a broken one hang in the air: what the readable ones mean is still judged.
    let meaning = verify(&seen.entries, &|digest| seen.blobs.get(digest).cloned());
    let structural = seen.findings.iter().map(|f| FindingJson {
        seq: f.seq,
        code: f.code.to_owned(),
        message: f.message.clone(),
    });
    let semantic = |list: &[crate::governance::promotion::verify::Finding]| -> Vec<FindingJson> {
        list.iter()
            .map(|f| FindingJson {
                seq: Some(f.seq),
                code: f.code.clone(),
                message: f.message.clone(),
            })
            .collect()
    };
    let mut not_checked = semantic(&meaning.not_checked);
    let unchecked = meaning
        .state
        .as_ref()
        .map(|state| unchecked_behind_live(state, &not_checked))
        .unwrap_or_default();
    let findings: Vec<FindingJson> = structural
        .chain(semantic(&meaning.findings))
        .chain(unchecked)
        .collect();
    if !seen.complete {
        not_checked.push(FindingJson {
            seq: u64::try_from(seen.entries.len()).ok(),
            code: "entries".to_owned(),
            message: "the entries from here on could not be read".to_owned(),
        });
    }
    let verification = LedgerVerification {
        schema: "promote/ledger-verification/v1",
        ok: findings.is_empty(),
        entries: u64::try_from(seen.entries.len()).unwrap_or(u64::MAX),
        root: seen.root,
        checkpoint_size: seen.checkpoint_size,
        findings,
        voided: semantic(&meaning.voided),
        not_checked,
    };
    Ok((verification, seen.entries, meaning.state))
}

/// A decision behind a LIVE stage must be checked: what is missing for it is a finding.
pub(in crate::app) fn unchecked_behind_live(
    state: &State,
    not_checked: &[FindingJson],
) -> Vec<FindingJson> {
    let live = state
        .portfolios
        .iter()
        .filter(|(_, portfolio)| portfolio.stage == Stage::Live);
    let judged = live
        .flat_map(|(id, _)| state.history(id))
        .filter_map(|record| Some(record.judged.as_ref()?.seq));
    judged
        .filter_map(|seq| not_checked.iter().find(|n| n.seq == Some(seq)))
        .map(|missing| FindingJson {
            code: "live-not-checked".to_owned(),
            ..missing.clone()
        })
        .collect()
}

/// A database that is so far from a ledger that nothing in it was read.
fn unopened(error: &LedgerError) -> LedgerVerification {
    let finding = FindingJson {
        seq: None,
        code: "database".to_owned(),
        message: error.to_string(),
    };
    LedgerVerification {
        schema: "promote/ledger-verification/v1",
        ok: false,
        entries: 0,
        root: None,
        checkpoint_size: 0,
        findings: vec![finding],
        voided: Vec::new(),
        not_checked: Vec::new(),
    }
}
