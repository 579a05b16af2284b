//! What a request rests on: bundles joined into references, authors and facts.
//!
//! In: checked bundles (from directories or from the ledger's blobs), the policy, the target, the
//! time. Out: everything that a request and its evaluation say about evidence. `request`, `check`,
//! `approve` and `ledger verify` all derive it here, so what is approved is what was judged.

use crate::evidence::bundle::{CheckedBundle, is_research};
use crate::evidence::contract::ShadowContract;
use crate::evidence::derive::derive_given;
use crate::evidence::facts::{Fact, Facts};
use crate::evidence::finding::Finding;
use crate::evidence::given::Given;
use crate::evidence::kept::{KeptError, open_kept};
use crate::evidence::limits::Limits;
use crate::evidence::settings::Settings;
use crate::governance::policy::model::Policy;
use crate::governance::stage::Target;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId, ProfileId};
use crate::kernel::time::UtcTime;

use super::book;
use super::statement::{Evaluation, EvidenceRef, OosRange, Request};
use super::tracks::beside;
use super::tracks::grounds::{self, Commits, Grounds, NotHeld};
use super::tracks::shown;

/// Bundles that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Basis {
    /// The bundles, sorted by kind.
    pub evidence: Vec<EvidenceRef>,
    /// Persons who signed them, sorted.
    pub producers: Vec<PersonId>,
    /// Portfolio that they are about.
    pub portfolio: PortfolioId,
    /// Its profile.
    pub profile: ProfileId,
    /// Configuration.
    pub strategy_sha256: Digest,
    /// Execution limits.
    pub limits_sha256: Digest,
    /// Range of the out-of-sample data.
    pub oos: Option<OosRange>,
    /// What the bundles rest on beyond their numbers.
    pub grounds: Grounds,
}

/// Why bundles do not belong together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BasisError {
    /// None at all.
    #[error("no evidence was given")]
    Nothing,
    /// Two of one kind.
    #[error("two bundles of kind `{0}`: all criteria of a kind are judged on one bundle")]
    SameKind(&'static str),
    /// They disagree.
    #[error("the bundles name different values for `{0}`")]
    Differ(&'static str),
    /// Two bundles give the same fact.
    #[error("two bundles give the same value: {0}")]
    Facts(String),
}

/// Joins `bundles`.
///
/// # Errors
/// When there is none, two are of one kind, or they are about different things.
pub fn join(bundles: &[CheckedBundle]) -> Result<Basis, BasisError> {
    let first = bundles.first().ok_or(BasisError::Nothing)?;
    let mut evidence: Vec<EvidenceRef> = bundles
        .iter()
        .map(|bundle| EvidenceRef {
            kind: bundle.manifest.kind,
            evidence_sha256: bundle.evidence_sha256,
            result_sha256: bundle.manifest.result_sha256,
        })
        .collect();
    evidence.sort();
    for (a, b) in evidence.iter().zip(evidence.iter().skip(1)) {
        if a.kind == b.kind {
            return Err(BasisError::SameKind(a.kind.as_str()));
        }
    }
    let manifest = &first.manifest;
    for other in bundles.iter().map(|b| &b.manifest) {
        for (equal, field) in [
            (manifest.portfolio == other.portfolio, "portfolio"),
            (
                manifest.strategy_sha256 == other.strategy_sha256,
                "strategy_sha256",
            ),
            (
                manifest.limits_sha256 == other.limits_sha256,
                "limits_sha256",
            ),
        ] {
            if !equal {
                return Err(BasisError::Differ(field));
            }
        }
    }
    let grounds = Grounds::of(bundles);
    Ok(Basis {
        evidence,
        producers: shown::persons(&grounds.seals).into_iter().collect(),
        portfolio: manifest.portfolio.id.clone(),
        profile: manifest.portfolio.profile.clone(),
        strategy_sha256: manifest.strategy_sha256,
        limits_sha256: manifest.limits_sha256,
        oos: bundles.iter().find_map(oos_of),
        grounds,
    })
}

fn oos_of(bundle: &CheckedBundle) -> Option<OosRange> {
    let windows = &bundle.manifest.samples.oos.as_ref()?.windows;
    Some(OosRange {
        first: windows.first()?.first,
        last: windows.last()?.last,
    })
}

/// Every judged value of `bundles` under `policy`, and what was seen on the way. `given` is what the
/// ledger knows: the shadow contract and the number of trials.
///
/// # Errors
/// When two bundles give the same value.
pub fn facts_given(
    bundles: &[CheckedBundle],
    policy: &Policy,
    target: Target,
    now: UtcTime,
    given: &Given<'_>,
) -> Result<(Vec<Fact>, Vec<Finding>), BasisError> {
    let mut facts = Vec::new();
    let mut findings = Vec::new();
    for bundle in bundles {
        let derived = derive_given(bundle, &policy.conventions, now, given);
        facts.extend(derived.facts_for(target != Target::Shadow));
        findings.extend(derived.findings);
    }
    let table = Facts::new(facts).map_err(|e| BasisError::Facts(e.to_string()))?;
    Ok((table.iter().cloned().collect(), findings))
}

/// Why what is logged about a request is not what its evidence gives.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecheckError {
    /// A blob is missing: nothing can be said.
    #[error("the blob {0} is not kept")]
    NotKept(Digest),
    /// The blobs are not what they should be.
    #[error("the kept evidence does not open")]
    Kept(#[source] KeptError),
    /// The bundles do not belong together.
    #[error("the kept evidence does not belong together")]
    Basis(#[from] BasisError),
    /// The request says something else than its bundles.
    #[error("`{0}` of the request is not what its evidence says")]
    Request(&'static str),
    /// The session bundle is not held by the commits.
    #[error("the session evidence is not held by the commits of its sessions")]
    NotHeld(#[from] NotHeld),
    /// The shadow contract is another one.
    #[error("the shadow contract is not the one that the evidence gives")]
    Contract,
    /// The settings are others.
    #[error("the logged settings are not those of the evidence and its limits")]
    Settings,
    /// The guard is another one.
    #[error("the logged guard is not the one that the looks bring")]
    Guard,
    /// The logged facts are others.
    #[error("the logged fact `{0}` is not what the evidence gives")]
    Fact(String),
}

/// What the ledger knows about a request's evidence.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Contract and trials.
    pub given: Given<'a>,
    /// The book that was judged with it.
    pub book: Option<Digest>,
    /// Commits of its sessions.
    pub commits: &'a Commits,
}

/// What kept bundles give.
#[derive(Debug, Clone, PartialEq)]
pub struct Reopened {
    /// Every judged value.
    pub facts: Vec<Fact>,
    /// The contract, at SHADOW.
    pub contract: Option<Box<ShadowContract>>,
    /// What it would trade with.
    pub settings: Settings,
    /// What was seen on the way.
    pub findings: Vec<Finding>,
}

/// Opens the bundles of `request` from the ledger's blobs and derives its facts again.
///
/// # Errors
/// When a blob is missing or changed, or the request says something else than its bundles.
pub fn reopen(
    request: &Request,
    policy: &Policy,
    now: UtcTime,
    known: &Known<'_>,
    blob: &dyn Fn(&Digest) -> Option<Vec<u8>>,
) -> Result<Reopened, RecheckError> {
    let bundles = open_all(&request.evidence, &request.grounds, blob)?;
    let basis = join(&bundles)?;
    for (equal, field) in [
        (basis.evidence == request.evidence, "evidence"),
        (basis.producers == request.producers, "producers"),
        (basis.portfolio == request.portfolio, "portfolio"),
        (basis.profile == request.profile, "profile"),
        (
            basis.strategy_sha256 == request.strategy_sha256,
            "strategy_sha256",
        ),
        (basis.oos == request.oos, "oos"),
        (basis.grounds.says_the_same(&request.grounds), "grounds"),
    ] {
        if !equal {
            return Err(RecheckError::Request(field));
        }
    }
    hold(&bundles, known.commits)?;
    let (facts, findings) = facts_given(&bundles, policy, request.target, now, &known.given)?;
    let limits = book::limits(request.limits_sha256, blob)?;
    let live = book::open(known.book, blob)?;
    let facts = book::with_book(facts, &bundles, limits.as_ref(), &live);
    Ok(Reopened {
        settings: settings(&bundles, limits.as_ref()),
        facts,
        contract: beside::contract(request.target, &bundles, &policy.conventions),
        findings,
    })
}

/// Opens `evidence` from the ledger's blobs, each bundle with the signature that `grounds` names
/// for it: whoever the manifest names as producer has signed it, with the key that it names.
///
/// # Errors
/// When a blob is missing or changed, or a signature is not the producer's.
pub fn open_all(
    evidence: &[EvidenceRef],
    grounds: &Grounds,
    blob: &dyn Fn(&Digest) -> Option<Vec<u8>>,
) -> Result<Vec<CheckedBundle>, RecheckError> {
    let open = |evidence: &EvidenceRef| {
        let name = evidence.evidence_sha256;
        open_kept(name, grounds.signature_of(&name), blob).map_err(|error| match error {
            KeptError::Gone(digest) => RecheckError::NotKept(digest),
            other => RecheckError::Kept(other),
        })
    };
    evidence.iter().map(open).collect()
}

/// What the research bundle among `bundles` would trade with under `limits`.
#[must_use]
pub fn settings(bundles: &[CheckedBundle], limits: Option<&Limits>) -> Settings {
    let research = bundles.iter().find(|b| is_research(b.manifest.kind));
    research.map_or_else(Settings::default, |bundle| Settings::of(bundle, limits))
}

/// Holds every session bundle against the commits of its sessions.
///
/// # Errors
/// When a row or a session is not held.
pub fn hold(bundles: &[CheckedBundle], commits: &Commits) -> Result<(), NotHeld> {
    bundles
        .iter()
        .filter(|bundle| !is_research(bundle.manifest.kind))
        .try_for_each(|bundle| grounds::hold(bundle, commits))
}

/// Compares what an evaluation says with what the evidence gives.
///
/// # Errors
/// Names the first one that differs.
pub fn compare(evaluation: &Evaluation, reopened: &Reopened) -> Result<(), RecheckError> {
    if evaluation.beside.contract != reopened.contract {
        return Err(RecheckError::Contract);
    }
    if *evaluation.beside.settings != reopened.settings {
        return Err(RecheckError::Settings);
    }
    compare_facts(&evaluation.facts, &reopened.facts)
}

/// Compares logged facts with what the evidence gives.
///
/// # Errors
/// Names the first one that differs.
pub fn compare_facts(logged: &[Fact], derived: &[Fact]) -> Result<(), RecheckError> {
    if logged == derived {
        return Ok(());
    }
    let differs = logged
        .iter()
        .find(|fact| !derived.contains(fact))
        .or_else(|| derived.iter().find(|fact| !logged.contains(fact)));
    let name = differs.map_or_else(|| "order".to_owned(), |fact| fact.key().to_string());
    Err(RecheckError::Fact(name))
}
