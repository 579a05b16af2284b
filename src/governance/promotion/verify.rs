//! The semantic part of `ledger verify`: does every entry follow from the ones before it, and
//! every verdict from the kept evidence?
//!
//! In: verified entries and an accessor to blobs. Out: findings, and what could not be checked.
//! Every signature is checked and every approval counted again by the fold; facts are derived
//! again from the evidence blobs, and the policy runs again on them: `decision_sha256` must come
//! out bit for bit. A blob that is not there is reported, never skipped silently.

use std::collections::BTreeMap;

use crate::evidence::bundle::is_judged;
use crate::evidence::manifest::Manifest;
use crate::governance::audit::entry::Entry;
use crate::governance::policy::set::PolicySet;
use crate::kernel::canonical::{self, DOCUMENT_MAX_BYTES};
use crate::kernel::digest::Digest;

use super::apply::apply;
use super::basis::{self, Known, RecheckError};
use super::event;
use super::oversight;
use super::safety::{self, SafetyAct, certificate};
use super::state::{NoEffect, RequestRecord, State};
use super::statement::{Act, Genesis};
use super::tracks::beside::given;
use super::tracks::grounds::commits_of;

/// Gives the bytes of a kept blob.
pub type Blobs<'a> = &'a dyn Fn(&Digest) -> Option<Vec<u8>>;

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Position.
    pub seq: u64,
    /// Stable name.
    pub code: String,
    /// In words.
    pub message: String,
}

/// What verification saw.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// What is wrong, in ledger order.
    pub findings: Vec<Finding>,
    /// Entries without effect that the root threshold set aside.
    pub voided: Vec<Finding>,
    /// Positions that could not be checked, and why.
    pub not_checked: Vec<Finding>,
    /// The fold, if there is one.
    pub state: Option<State>,
}

/// Why the published policy set cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyBlobError {
    /// The genesis body is malformed.
    #[error("the genesis entry is malformed: {0}")]
    Genesis(String),
    /// A file of the set is not kept.
    #[error("the policy file `{path}` is not kept")]
    Gone {
        /// File.
        path: String,
    },
    /// A file has other bytes, or the set another digest.
    #[error("`{0}` has other bytes than the genesis entry says")]
    Differs(String),
    /// The files are no policy set.
    #[error("the kept files are no policy set: {0}")]
    Set(String),
}

/// The policy set that the genesis entry publishes, from the blobs.
///
/// # Errors
/// When a file is missing or changed, or the files are no policy set.
pub fn published_policy(genesis: &Entry, blob: Blobs<'_>) -> Result<PolicySet, PolicyBlobError> {
    let genesis: Genesis = serde_json::from_value(genesis.leaf.body.clone())
        .map_err(|e| PolicyBlobError::Genesis(crate::kernel::text::visible(&e.to_string(), 200)))?;
    let mut files = BTreeMap::new();
    for file in &genesis.policy_files {
        let path = crate::kernel::text::visible(&file.path, 100);
        let bytes = blob(&file.sha256).ok_or(PolicyBlobError::Gone { path: path.clone() })?;
        if Digest::of(&bytes) != file.sha256 {
            return Err(PolicyBlobError::Differs(path));
        }
        files.insert(file.path.clone(), bytes);
    }
    let set = PolicySet::load(files).map_err(|errors| {
        PolicyBlobError::Set(errors.first().map(ToString::to_string).unwrap_or_default())
    })?;
    if set.digest() == genesis.policy_sha256 {
        Ok(set)
    } else {
        Err(PolicyBlobError::Differs("policy set".to_owned()))
    }
}

/// The blobs that an entry names, also through a manifest: policy files of the genesis, and of a
/// request its manifests, their signatures, their judged files and its limits. A blob that no entry names does not
/// belong into the ledger.
#[must_use]
pub fn named_blobs(entry: &Entry, blob: Blobs<'_>) -> Vec<Digest> {
    if entry.leaf.kind == "genesis" {
        let genesis: Option<Genesis> = serde_json::from_value(entry.leaf.body.clone()).ok();
        let files = genesis.map(|g| g.policy_files).unwrap_or_default();
        return files.into_iter().map(|f| f.sha256).collect();
    }
    let Ok(signed) = event::read(entry) else {
        return Vec::new();
    };
    let (limits, evidence, grounds) = match &signed.statement.act {
        Act::Evaluation(act) => return act.beside.book.into_iter().collect(),
        Act::Request(act) => (act.limits_sha256, &act.evidence, &act.grounds),
        Act::PolicyPublication(act) => {
            let files = act.files.iter().map(|file| file.sha256);
            return files.chain([act.flips_sha256]).collect();
        }
        Act::ChecklistItem(act) => return act.document.into_iter().collect(),
        act => match safety::of(act) {
            Some(SafetyAct::Recertification(act)) => {
                (act.limits_sha256, &act.evidence, &act.grounds)
            }
            _ => return Vec::new(),
        },
    };
    let mut named = vec![limits];
    if let Some(SafetyAct::Recertification(act)) = safety::of(&signed.statement.act) {
        named.extend(act.book);
    }
    for evidence in evidence {
        named.push(evidence.evidence_sha256);
        named.extend(grounds.signature_of(&evidence.evidence_sha256));
        let manifest = blob(&evidence.evidence_sha256)
            .and_then(|b| canonical::decode::<Manifest>(&b, DOCUMENT_MAX_BYTES).ok());
        let files = manifest.map(|m| m.files).unwrap_or_default();
        named.extend(files.iter().filter(|f| is_judged(f)).map(|f| f.sha256));
    }
    named
}

/// The fold of `entries`, the first ones of the ledger that `whole` is the fold of.
#[must_use]
pub fn fold_again(entries: &[Entry], whole: &State) -> Option<State> {
    let (first, rest) = entries.split_first()?;
    let genesis = whole.oversight.policy_at(0)?;
    let known = whole.oversight.known.values().cloned();
    let mut state = State::begin(first, (**genesis).clone())
        .ok()?
        .knowing(known);
    for entry in rest {
        apply(&mut state, entry);
    }
    Some(state)
}

/// Verifies what `entries` mean.
#[must_use]
pub fn verify(entries: &[Entry], blob: Blobs<'_>) -> Report {
    let mut report = Report::default();
    let finding = |seq, code: &str, message: String| Finding {
        seq,
        code: code.to_owned(),
        message,
    };
    let Some((first, rest)) = entries.split_first() else {
        return report;
    };
    let policy = match published_policy(first, blob) {
        Ok(policy) => policy,
        Err(error @ PolicyBlobError::Gone { .. }) => {
            let gone = finding(0, "policy-not-kept", error.to_string());
            report.not_checked.push(gone);
            return report;
        }
        Err(error) => {
            report
                .findings
                .push(finding(0, "policy", error.to_string()));
            return report;
        }
    };
    let mut state = match State::begin(first, policy) {
        Ok(state) => state.knowing(oversight::later_sets(rest, blob)),
        Err(error) => {
            report
                .findings
                .push(finding(0, "genesis", error.to_string()));
            return report;
        }
    };
    for entry in rest {
        apply(&mut state, entry);
    }
    let told = |list: &[NoEffect]| -> Vec<Finding> {
        list.iter()
            .map(|f| finding(f.seq, f.code, f.message.clone()))
            .collect()
    };
    report.findings.extend(told(&state.findings));
    report.voided = told(&state.voided);
    for record in state.requests.values() {
        recheck(&state, record, blob, &mut report);
    }
    for record in &state.safety.certificates {
        let derived = certificate::recheck(&state, &record.act, record.mark.seq, blob);
        tell(record.mark.seq, derived, &mut report);
    }
    report.findings.sort_by_key(|f| f.seq);
    report.not_checked.sort_by_key(|f| f.seq);
    report.state = Some(state);
    report
}

fn recheck(state: &State, record: &RequestRecord, blob: Blobs<'_>, report: &mut Report) {
    let Some(judged) = &record.judged else {
        return;
    };
    let held = state.oversight.policy_at(judged.seq);
    let Some(policy) = held.and_then(|set| set.policy(&record.request.profile)) else {
        return;
    };
    let evaluation = &judged.evaluation;
    let request = &record.request;
    let (trials, strategy) = (evaluation.beside.trials, request.strategy_sha256);
    let given = given(state, &request.portfolio, strategy, trials, judged.seq);
    let commits = &commits_of(state, &request.grounds.sessions);
    let book = evaluation.beside.book;
    let known = Known {
        given,
        book,
        commits,
    };
    let derived = basis::reopen(request, policy, evaluation.now, &known, blob)
        .and_then(|reopened| basis::compare(evaluation, &reopened));
    tell(judged.seq, derived, report);
}

fn tell(seq: u64, derived: Result<(), RecheckError>, report: &mut Report) {
    let finding = |code: &str, error: &RecheckError| {
        let mut message = error.to_string();
        let mut cause = std::error::Error::source(error);
        while let Some(next) = cause {
            message.push_str(": ");
            message.push_str(&next.to_string());
            cause = next.source();
        }
        Finding {
            seq,
            code: code.to_owned(),
            message: crate::kernel::text::visible(&message, 400),
        }
    };
    match derived {
        Ok(()) => {}
        Err(error @ RecheckError::NotKept(_)) => {
            report
                .not_checked
                .push(finding("evidence-not-kept", &error));
        }
        Err(error) => report.findings.push(finding("evidence", &error)),
    }
}
