//! The book: what is LIVE beside a candidate, as the ledger itself knows it.
//!
//! In: the state. Out: a [`Snapshot`] of every other LIVE portfolio, each with the bundle of its last
//! decision or certificate and with the limits of its decision. Its bytes are kept as a blob, its
//! digest stands in the evaluation and in the decision. Keeps: what was judged together with another
//! book than the one of now is neither approved nor decided, wherever the policy weighs the book.

use serde::{Deserialize, Serialize};

use crate::evidence::book::{Member, facts};
use crate::evidence::bundle::{CheckedBundle, is_research};
use crate::evidence::facts::Fact;
use crate::evidence::kept::{KeptError, open_numbers};
use crate::evidence::limits::Limits;
use crate::evidence::manifest::EvidenceKind;
use crate::governance::policy::model::Policy;
use crate::governance::policy::verdict::Enforcement;
use crate::governance::stage::{Stage, Target};
use crate::kernel::canonical::{self, CanonicalError, DOCUMENT_MAX_BYTES};
use crate::kernel::digest::Digest;
use crate::kernel::id::PortfolioId;
use crate::metrics::{Metric, MetricKey, Sample};

use super::basis::RecheckError;
use super::guard::request::further_flags;
use super::missing::Missing;
use super::refusal::Refusal;
use super::state::{Mark, RequestRecord, State, Status};
use super::statement::EvidenceRef;

/// The value of `schema`.
pub const SCHEMA: &str = "promote/book/v1";

/// One LIVE portfolio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Which.
    pub portfolio: PortfolioId,
    /// Leaf hash of the decision or certificate that it stands on.
    pub entry: Digest,
    /// Configuration: its weights and its capital.
    pub strategy_sha256: Digest,
    /// The research bundle behind the entry.
    pub evidence_sha256: Digest,
    /// The limits that its decision approved.
    pub limits_sha256: Digest,
}

/// Every LIVE portfolio but one, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// [`SCHEMA`].
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// At least one.
    pub live: Vec<Position>,
}

impl Snapshot {
    /// What is kept.
    ///
    /// # Errors
    /// Never: identifiers and digests may always be stored.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical::encode(self)
    }
}

/// What is LIVE beside `candidate`; none while nothing else is. A portfolio that is LIVE in an
/// earlier version is not its own neighbour.
#[must_use]
pub fn snapshot(state: &State, candidate: &PortfolioId) -> Option<Snapshot> {
    let live: Vec<Position> = state
        .portfolios
        .iter()
        .filter(|(id, held)| held.stage == Stage::Live && *id != candidate)
        .filter_map(|(id, _)| position(state, id))
        .collect();
    (!live.is_empty()).then(|| Snapshot {
        schema: SCHEMA.to_owned(),
        live,
    })
}

/// The digest of [`snapshot`].
#[must_use]
pub fn digest(state: &State, candidate: &PortfolioId) -> Option<Digest> {
    let bytes = snapshot(state, candidate)?.to_bytes();
    // Identifiers and digests may always be stored.
    Some(Digest::of(&bytes.unwrap_or_default()))
}

fn position(state: &State, id: &PortfolioId) -> Option<Position> {
    let decided =
        |r: &&RequestRecord| r.status == Status::Promoted && r.request.target == Target::Live;
    let granted = state.history(id).filter(decided).last()?;
    let mark = granted.end.as_ref()?.by.as_ref()?;
    let mut shown = state.safety.certificates.iter().rev();
    let shown = shown.find(|c| c.act.portfolio == *id && c.mark.seq > mark.seq);
    let (on, evidence): (&Mark, &[EvidenceRef]) = match shown {
        Some(certificate) => (&certificate.mark, &certificate.act.evidence),
        None => (mark, &granted.request.evidence),
    };
    Some(Position {
        portfolio: id.clone(),
        entry: on.leaf,
        strategy_sha256: granted.request.strategy_sha256,
        evidence_sha256: research(evidence)?,
        limits_sha256: granted.request.limits_sha256,
    })
}

/// The one research bundle of a list.
fn research(evidence: &[EvidenceRef]) -> Option<Digest> {
    let kinds = [EvidenceKind::Robustness, EvidenceKind::Import];
    let found = evidence.iter().find(|e| kinds.contains(&e.kind));
    found.map(|e| e.evidence_sha256)
}

/// True when a figure of the book can change what `policy` says at `target`.
#[must_use]
pub fn weighs(policy: &Policy, target: Target) -> bool {
    let counts = policy
        .criteria
        .iter()
        .filter(|c| c.enforcement.at(target) != Enforcement::Advisory);
    counts.into_iter().any(|c| {
        let condition = c.applicable_if.iter().map(|condition| condition.metric);
        let checks = c.extra_checks.iter().map(|check| check.metric);
        let mut looked_at = condition.chain(checks).chain([c.metric]);
        looked_at.any(is_book)
    })
}

/// True for the figures of the book.
#[must_use]
pub fn is_book(metric: Metric) -> bool {
    matches!(
        metric,
        Metric::BookMaxDrawdown | Metric::BookCorrelationMax | Metric::BookExposure
    )
}

/// Refuses what was judged together with another book than the one of now.
///
/// # Errors
/// `book-changed`.
pub fn unchanged(state: &State, record: &RequestRecord) -> Result<(), Refusal> {
    let request = &record.request;
    let Some(judged) = &record.judged else {
        return Ok(());
    };
    let policy = state.policy.policy(&request.profile);
    let weighed = policy.is_some_and(|policy| weighs(policy, request.target));
    if !weighed || judged.evaluation.beside.book == digest(state, &request.portfolio) {
        return Ok(());
    }
    Err(Refusal::BookChanged {
        portfolio: request.portfolio.clone(),
    })
}

/// The same as a line of what is missing.
pub(super) fn line(state: &State, record: &RequestRecord, list: &mut Vec<Missing>) {
    if let Err(refusal) = unchanged(state, record) {
        let request = &record.request;
        let command = format!(
            "promote request {} --target {} --evidence DIR --summary TEXT{} --supersede {} --key KEY",
            request.portfolio,
            request.target,
            further_flags(request.target),
            request.request
        );
        let text = refusal.to_string();
        list.push(Missing::new(
            "book_changed",
            Some("research"),
            text,
            Some(command),
        ));
    }
}

/// A LIVE portfolio's bundle and limits, opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// The bundle.
    pub bundle: CheckedBundle,
    /// The limits; none where they are not in our form.
    pub limits: Option<Limits>,
}

/// Opens the portfolios of the snapshot whose digest is `book`; none are in none.
///
/// # Errors
/// When a blob is missing or changed, or the snapshot is none.
pub fn open(
    book: Option<Digest>,
    blob: &dyn Fn(&Digest) -> Option<Vec<u8>>,
) -> Result<Vec<Opened>, RecheckError> {
    let Some(book) = book else {
        return Ok(Vec::new());
    };
    let bytes = blob(&book).ok_or(RecheckError::NotKept(book))?;
    let read = canonical::decode::<Snapshot>(&bytes, DOCUMENT_MAX_BYTES);
    let snapshot = match read {
        Ok(snapshot) if Digest::of(&bytes) == book => snapshot,
        _ => return Err(RecheckError::Request("book")),
    };
    let each = snapshot.live.iter().map(|position| {
        let bundle = open_numbers(position.evidence_sha256, blob).map_err(|error| match error {
            KeptError::Gone(digest) => RecheckError::NotKept(digest),
            other => RecheckError::Kept(other),
        })?;
        let limits = limits(position.limits_sha256, blob)?;
        Ok(Opened { bundle, limits })
    });
    each.collect()
}

/// The limits with that digest; none where they are not in our form.
///
/// # Errors
/// When they are not kept.
pub fn limits(
    digest: Digest,
    blob: &dyn Fn(&Digest) -> Option<Vec<u8>>,
) -> Result<Option<Limits>, RecheckError> {
    let bytes = blob(&digest).ok_or(RecheckError::NotKept(digest))?;
    match Digest::of(&bytes) == digest {
        true => Ok(Limits::decode(&bytes).ok()),
        false => Err(RecheckError::Request("limits_sha256")),
    }
}

/// Adds the figures of the book to `facts` of `bundles`, traded under `limits`, among `live`.
#[must_use]
pub fn with_book(
    mut known: Vec<Fact>,
    bundles: &[CheckedBundle],
    limits: Option<&Limits>,
    live: &[Opened],
) -> Vec<Fact> {
    let Some(bundle) = bundles.iter().find(|b| is_research(b.manifest.kind)) else {
        return known;
    };
    let key = MetricKey::new(Metric::MaxDrawdown, Sample::Full);
    let deviates = known.iter().any(|fact| fact.key() == key && fact.deviates);
    let others: Vec<Member<'_>> = live
        .iter()
        .map(|opened| Member {
            bundle: &opened.bundle,
            limits: opened.limits.as_ref(),
        })
        .collect();
    known.retain(|fact| !is_book(fact.metric));
    known.extend(facts(&Member { bundle, limits }, &others, deviates));
    known.sort_by_key(Fact::key);
    known
}
