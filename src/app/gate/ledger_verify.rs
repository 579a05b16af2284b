//! `ledger verify`: the structure of the database, then the meaning of its entries.
//!
//! In: the path of a ledger. Out: everything that is not as it should be, and what could not be
//! checked. Nothing is repaired, and no finding ends the search for others. A structure that is
//! broken leaves no entries whose meaning could be judged.

use std::path::Path;

use serde::Serialize;

use super::failures;
use crate::adapters::ledger::{Access, Ledger, LedgerError, Verification};
use crate::app::failure::Failure;
use crate::governance::audit::finding::Finding;
use crate::governance::promotion::named::named;
use crate::governance::promotion::state::State;
use crate::governance::promotion::verify;
use crate::governance::stage::Stage;
use crate::kernel::digest::Digest;

/// `promote/ledger-verification/v1`.
#[derive(Debug, Default, Serialize, schemars::JsonSchema)]
pub struct VerificationJson {
    schema: &'static str,
    /// True when there is no finding.
    pub ok: bool,
    /// Entries that could be read.
    pub entries: u64,
    /// Root over them.
    pub root: Option<Digest>,
    /// Size of the last checkpoint.
    pub checkpoint_size: u64,
    /// Everything that is not as it should be.
    pub findings: Vec<Finding>,
    /// What could not be checked, and why.
    pub not_checked: Vec<Finding>,
}

/// Verifies the ledger at `path`.
///
/// # Errors
/// When there is none, or it cannot be read for a reason that says nothing about its content.
pub async fn verify(path: &Path) -> Result<VerificationJson, Failure> {
    let mut ledger = match Ledger::open(path, Access::Read).await {
        Ok(ledger) => ledger,
        Err(error) => return unopened(&error),
    };
    let seen = ledger.verify(named).await;
    let seen = seen.map_err(|e| failures::ledger(&e))?;
    ledger.close().await.map_err(|e| failures::ledger(&e))?;
    Ok(judge(seen))
}

/// A ledger that does not open because of its content is a finding, not a failure.
fn unopened(error: &LedgerError) -> Result<VerificationJson, Failure> {
    let code = match error {
        LedgerError::Integrity(_) => "database",
        LedgerError::Setting { .. } => "setting",
        other => return Err(failures::ledger(other)),
    };
    Ok(VerificationJson {
        findings: vec![Finding::general(code, error.to_string())],
        ..empty()
    })
}

fn empty() -> VerificationJson {
    VerificationJson {
        schema: "promote/ledger-verification/v1",
        ..VerificationJson::default()
    }
}

fn judge(seen: Verification) -> VerificationJson {
    let mut findings = seen.findings;
    let mut not_checked = Vec::new();
    if seen.complete {
        let report = verify::verify(&seen.entries, &|d| seen.blobs.get(d).cloned());
        findings.extend(report.findings.into_iter().map(finding));
        not_checked.extend(report.not_checked.into_iter().map(finding));
        if let Some(state) = &report.state {
            findings.extend(unchecked_behind_live(state, &not_checked));
        }
    } else {
        let at = u64::try_from(seen.entries.len()).unwrap_or(u64::MAX);
        let text = "what the entries mean: the ones from here on could not be read";
        not_checked.push(Finding::at(at, "meaning", text));
    }
    findings.sort();
    VerificationJson {
        ok: findings.is_empty(),
        entries: u64::try_from(seen.entries.len()).unwrap_or(u64::MAX),
        root: seen.root,
        checkpoint_size: seen.checkpoint_size,
        findings,
        not_checked,
        ..empty()
    }
}

fn finding(found: verify::Finding) -> Finding {
    Finding {
        seq: Some(found.seq),
        code: found.code,
        message: found.message,
    }
}

/// A decision behind a LIVE stage must be checked: what is missing for it is a finding.
fn unchecked_behind_live(state: &State, not_checked: &[Finding]) -> Vec<Finding> {
    let live = state
        .portfolios
        .iter()
        .filter(|(_, portfolio)| portfolio.stage == Stage::Live);
    let judged = live
        .flat_map(|(id, _)| state.history(id))
        .filter_map(|record| Some(record.judged.as_ref()?.seq));
    judged
        .filter_map(|seq| not_checked.iter().find(|n| n.seq == Some(seq)))
        .map(|missing| Finding {
            code: "live-not-checked".to_owned(),
            ..missing.clone()
        })
        .collect()
}

/// The report in words.
#[must_use]
pub fn text(report: &VerificationJson) -> String {
    let place = |found: &Finding| {
        found
            .seq
            .map_or_else(|| "ledger".to_owned(), |seq| format!("entry {seq}"))
    };
    let line = |found: &Finding| {
        let message = crate::kernel::text::visible(&found.message, 400);
        format!("{}: {}: {message}\n", place(found), found.code)
    };
    let mut out = String::new();
    for found in &report.findings {
        out.push_str(&line(found));
    }
    for missing in &report.not_checked {
        out.push_str(&format!("not checked: {}", line(missing)));
    }
    let root = report.root.map(|root| root.to_string()).unwrap_or_default();
    let verdict = match report.findings.len() {
        0 => "verifies".to_owned(),
        1 => "does not verify: 1 finding".to_owned(),
        n => format!("does not verify: {n} findings"),
    };
    out.push_str(&format!(
        "the ledger {verdict}\n{} entries, last checkpoint for {}, root {root}\n",
        report.entries, report.checkpoint_size
    ));
    out
}
