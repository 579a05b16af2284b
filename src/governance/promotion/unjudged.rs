//! Requests that wait for their verdict: what has to hold before one is judged, and what is recorded
//! when judging fails.
//!
//! In: the state, a request, what the engine says about its attempt. Out: nothing, or the one reason
//! why not. That a request could not be judged is an error, not a status: the entry keeps it, the
//! request stays SUBMITTED and touches nothing, so that it can be judged again. Nobody can derive
//! again that a disk or a blob failed; therefore the entry gives no right and takes none, and all
//! that is believed is that the engine tried.

use serde::{Deserialize, Serialize};

use crate::kernel::digest::Digest;
use crate::kernel::id::RequestId;
use crate::kernel::text::{FREE_TEXT_MAX_BYTES, check_free_text, visible};
use crate::kernel::time::UtcTime;

use super::guard::{self, request};
use super::refusal::Refusal;
use super::state::{Mark, RequestRecord, State, Status};
use super::statement::EvidenceRef;

/// Most failed attempts that are recorded per request and day.
pub const ATTEMPTS_PER_DAY: usize = 20;

/// Longest code, in bytes.
const CODE_MAX_BYTES: usize = 64;

/// Longest text that [`EvaluationError::of`] makes, in characters before escaping.
const TEXT_MAX_CHARS: usize = 400;

/// The engine could not judge a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvaluationError {
    /// The request.
    pub request: RequestId,
    /// Leaf hash of the request's entry.
    pub request_leaf: Digest,
    /// The policy set that was to judge.
    pub policy_sha256: Digest,
    /// The bundles that were to be judged.
    pub evidence: Vec<EvidenceRef>,
    /// Stable name of the error, such as `evidence.differs`.
    pub code: String,
    /// What went wrong, on one line.
    pub text: String,
}

impl EvaluationError {
    /// What is recorded about a failed attempt at `record`.
    #[must_use]
    pub fn of(record: &RequestRecord, code: &str, text: &str) -> Self {
        let request = &record.request;
        Self {
            request: request.request.clone(),
            request_leaf: record.mark.leaf,
            policy_sha256: request.policy_sha256,
            evidence: request.evidence.clone(),
            code: code.to_owned(),
            text: visible(text, TEXT_MAX_CHARS),
        }
    }
}

/// A request that is recorded and not judged.
///
/// # Errors
/// `unknown-request`, `request-ended`, `already-evaluated`.
pub fn waiting<'s>(state: &'s State, id: &RequestId) -> Result<&'s RequestRecord, Refusal> {
    let record = guard::open(state, id)?;
    match record.status {
        Status::Submitted => Ok(record),
        _ => Err(Refusal::AlreadyEvaluated {
            request: id.clone(),
        }),
    }
}

/// A request that may be judged at `now`: what held when it was submitted holds still.
///
/// # Errors
/// As [`waiting`], and the first rule that it would break if it were submitted now.
pub fn may_be_judged<'s>(
    state: &'s State,
    id: &RequestId,
    now: UtcTime,
) -> Result<&'s RequestRecord, Refusal> {
    let record = waiting(state, id)?;
    request::check_again(state, record, now)?;
    Ok(record)
}

/// Whether a failed attempt may be recorded.
///
/// # Errors
/// As [`waiting`]; `statement-differs`, `text-too-long`.
pub(super) fn check(state: &State, act: &EvaluationError) -> Result<(), Refusal> {
    let record = waiting(state, &act.request)?;
    let request = &record.request;
    for (equal, field) in [
        (act.request_leaf == record.mark.leaf, "request_leaf"),
        (act.policy_sha256 == request.policy_sha256, "policy_sha256"),
        (act.evidence == request.evidence, "evidence"),
        (is_code(&act.code), "code"),
        (!act.text.is_empty(), "text"),
    ] {
        if !equal {
            return Err(Refusal::StatementDiffers { field });
        }
    }
    if act.text.len() > FREE_TEXT_MAX_BYTES {
        return Err(Refusal::TextTooLong { field: "text" });
    }
    check_free_text("text", &act.text).map_err(|_| Refusal::StatementDiffers { field: "text" })
}

/// Slugs and dots: `ledger.integrity`, `facts-unusable`.
fn is_code(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    (1..=CODE_MAX_BYTES).contains(&text.len()) && text.bytes().all(word)
}

/// Keeps the attempt with its request. The portfolio is not touched: nothing that anybody has
/// signed was about it.
pub(super) fn effect(state: &mut State, act: &EvaluationError, mark: Mark) {
    if let Some(record) = state.requests.get_mut(&act.request) {
        record.unjudged.push(mark);
    }
}

/// True when no more attempts are recorded today: whoever tries again and again fills no ledger.
#[must_use]
pub fn is_recorded_enough(record: &RequestRecord, now: UtcTime) -> bool {
    let day = now.plus_days(-1);
    let recent = record.unjudged.iter().filter(|mark| mark.time > day);
    recent.count() >= ATTEMPTS_PER_DAY
}
