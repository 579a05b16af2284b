//! Judging: a request that stands in the ledger gets its verdict, at once or by `promote evaluate`.
//!
//! In: a desk, a request that is SUBMITTED. Out: the entries of its evaluation. Everything is derived
//! from what the ledger has kept, never from the folders that the requester showed, so that the
//! second attempt judges what the first one would have judged. Where that fails, an
//! `evaluation-error` entry says why and the request stays SUBMITTED; what a rule forbids is no such
//! error and writes nothing.

use super::answer::Made;
use super::book::Book;
use super::desk::Desk;
use super::failures;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::evidence::finding::{Code, Finding};
use crate::governance::audit::entry::Entry;
use crate::governance::promotion::basis::{Known, RecheckError, Reopened, reopen};
use crate::governance::promotion::chain::{Chain, ChainError};
use crate::governance::promotion::decide::Command;
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::RequestRecord;
use crate::governance::promotion::tracks::beside::{Beside, given, trials};
use crate::governance::promotion::tracks::grounds::commits_of;
use crate::governance::promotion::unjudged::{
    EvaluationError, is_recorded_enough, may_be_judged, waiting,
};
use crate::kernel::digest::Digest;
use crate::kernel::id::RequestId;
use crate::kernel::time::UtcTime;

/// How often a request is judged anew because somebody else wrote first.
const TRIES_MAX: usize = 20;

/// Why a request was not judged.
enum Unjudged {
    /// A rule says no.
    Refused(Failure),
    /// It could not be done.
    Failed(Failure),
}

/// Judges a SUBMITTED request on what is in force now. If somebody else writes first, it is judged
/// on what the ledger then holds.
///
/// # Errors
/// When a rule forbids it; or when it cannot be judged, which is recorded first.
pub async fn judge(desk: &mut Desk, id: &RequestId) -> Result<Vec<Entry>, Failure> {
    for _ in 0..TRIES_MAX {
        match attempt(desk, id).await {
            Err(failure) if failure.slug == failures::MOVED => desk.refresh().await?,
            other => return other,
        }
    }
    attempt(desk, id).await
}

/// Judges the request that `submitted` records: the submission stands whatever comes of it.
///
/// # Errors
/// As [`judge`]; the failure tells what was recorded and how to go on.
pub async fn judge_submitted(
    desk: &mut Desk,
    id: &RequestId,
    mut submitted: Vec<Entry>,
) -> Result<Vec<Entry>, Failure> {
    match judge(desk, id).await {
        Ok(judged) => {
            submitted.extend(judged);
            Ok(submitted)
        }
        Err(failure) => {
            let failure = failure.recorded(submitted.iter().map(Made::of));
            Err(match waiting(&desk.state, id) {
                Ok(_) => then_again(failure, id),
                Err(_) => failure,
            })
        }
    }
}

async fn attempt(desk: &mut Desk, id: &RequestId) -> Result<Vec<Entry>, Failure> {
    desk.raises_risk()?;
    let record = may_be_judged(&desk.state, id, desk.now).map_err(|e| failures::refused(&e))?;
    let record = record.clone();
    match verdict(desk, &record).await {
        Ok(written) => Ok(written),
        Err(Unjudged::Refused(failure)) => Err(failure),
        Err(Unjudged::Failed(failure)) => Err(keep(desk, &record, failure).await?),
    }
}

/// Derives, judges and records.
async fn verdict(desk: &mut Desk, record: &RequestRecord) -> Result<Vec<Entry>, Unjudged> {
    let request = &record.request;
    let book = Book::now(desk, &request.portfolio).await;
    let book = book.map_err(Unjudged::Failed)?;
    let declared = &request.grounds.predecessors;
    let trials = trials(&desk.state, &request.portfolio, declared, u64::MAX);
    let known = (desk.now, trials, u64::MAX);
    let reopened = derived(desk, record, known, &book).await;
    let reopened = reopened.map_err(Unjudged::Failed)?;
    let reopened = reopened.map_err(|e| Unjudged::Failed(failures::not_judged(&e)))?;
    if let Some(failure) = contradiction(&reopened.findings) {
        return Err(Unjudged::Failed(failure));
    }
    let command = Command::Evaluate {
        request: request.request.clone(),
        facts: reopened.facts,
        beside: Beside {
            trials,
            contract: reopened.contract,
            book: book.digest,
            settings: Box::new(reopened.settings),
        },
        now: desk.now,
    };
    let chain = chain(desk, command)?;
    let blobs: Vec<Vec<u8>> = book.bytes().into_iter().collect();
    match desk.append(chain, &blobs).await {
        Err(failure) if failure.slug == failures::MOVED => Err(Unjudged::Refused(failure)),
        other => other.map_err(Unjudged::Failed),
    }
}

/// The entry of the engine for `command`, on the present head.
fn chain(desk: &Desk, command: Command) -> Result<Chain, Unjudged> {
    let engine = desk.engine().map_err(Unjudged::Failed)?;
    let sign = |namespace: &str, bytes: &[u8]| engine.sign(namespace, bytes);
    let mut chain = desk.chain();
    let made = chain.engine(command, engine.public(), &sign);
    made.map_err(|error| {
        let failure = failures::chain(&error);
        match error {
            // Values that cannot be used are an error, whatever type says so.
            ChainError::Refused(Refusal::FactsUnusable { .. })
            | ChainError::Canonical(_)
            | ChainError::Contradiction { .. } => Unjudged::Failed(failure),
            ChainError::Refused(_) => Unjudged::Refused(failure),
        }
    })?;
    Ok(chain)
}

/// Records that `record` could not be judged. Gives the failure with what was recorded, or why
/// nothing was.
///
/// # Errors
/// When somebody else wrote first: then it is judged anew.
async fn keep(
    desk: &mut Desk,
    record: &RequestRecord,
    failure: Failure,
) -> Result<Failure, Failure> {
    let id = &record.request.request;
    let failure = then_again(failure, id);
    if is_recorded_enough(record, desk.now) {
        let note = "evaluation-error not recorded: today's attempts that failed are recorded";
        return Ok(failure.snippet(note));
    }
    let text = std::iter::once(&failure.message).chain(&failure.causes);
    let text: Vec<&str> = text.map(String::as_str).collect();
    let error = EvaluationError::of(record, failure.slug, &text.join(": "));
    let written = match chain(desk, Command::Unjudged(Box::new(error))) {
        Ok(chain) => desk.append(chain, &[]).await,
        Err(Unjudged::Refused(failure) | Unjudged::Failed(failure)) => Err(failure),
    };
    match written {
        Ok(written) => Ok(failure.recorded(written.iter().map(Made::of))),
        Err(other) if other.slug == failures::MOVED => Err(other),
        Err(other) => {
            let note = format!("evaluation-error not recorded: {}", other.message);
            Ok(failure.snippet(note))
        }
    }
}

/// What the kept evidence gives among the LIVE portfolios of a book, with ages at a time, that many
/// trials counted, and what the ledger knew before a position.
///
/// # Errors
/// When the database cannot be read or a blob does not fit its name; inside, when a blob is missing or
/// the bundles do not give what the request says.
pub(super) async fn derived(
    desk: &mut Desk,
    record: &RequestRecord,
    (now, trials, before): (UtcTime, u64, u64),
    among: &Book,
) -> Result<Result<Reopened, RecheckError>, Failure> {
    let mut kept = desk.kept(&record.request).await?;
    kept.extend(among.kept.clone());
    let judged = record.judged.as_ref();
    let set = judged.and_then(|j| desk.state.oversight.policy_at(j.seq));
    let policy = set
        .unwrap_or(&desk.state.policy)
        .policy(&record.request.profile);
    let policy = policy.ok_or_else(|| {
        failures::refused(&Refusal::NoPolicy {
            profile: record.request.profile.clone(),
        })
    })?;
    let blob = |digest: &Digest| kept.get(digest).cloned();
    let request = &record.request;
    let strategy = request.strategy_sha256;
    let given = given(&desk.state, &request.portfolio, strategy, trials, before);
    let commits = &commits_of(&desk.state, &request.grounds.sessions);
    let known = Known {
        given,
        book: among.digest,
        commits,
    };
    Ok(reopen(request, policy, now, &known, &blob))
}

/// The failure of evidence that contradicts itself. A claim that is off is a finding, and only the
/// derived value is judged; any other fault means that nothing in the bundle can be relied on.
#[must_use]
pub(super) fn contradiction(findings: &[Finding]) -> Option<Failure> {
    let fault = |f: &&Finding| f.is_fault() && f.code != Code::Claim;
    let fault = findings.iter().find(fault)?;
    let text = format!("the evidence contradicts itself: {}", fault.message);
    let failure = Failure::new(Exit::Invalid, "evidence.contradicts", text);
    Some(failure.hint("`promote evidence verify DIR` shows everything"))
}

/// `failure` with the command that judges the request again as its last step.
fn then_again(failure: Failure, id: &RequestId) -> Failure {
    let again = format!("`promote evaluate {id}` judges the request again");
    match failure.hint.clone() {
        Some(hint) if hint.contains(&again) => failure,
        Some(hint) => failure.hint(format!("{hint}; then {again}")),
        None => failure.hint(again),
    }
}
