//! Asking for a promotion, and asking what the answer would be.
//!
//! Bundles are read and checked, every number derived again, the published policy set judges. A
//! request is signed and recorded, keeps what it rests on as blobs, and is judged on these
//! ([`super::judging`]).

use std::path::PathBuf;

use super::act::{Follow, submit};
use super::book::Book;
use super::desk::Desk;
use super::failures;
use super::judging::{contradiction, judge_submitted};
use super::signing::{How, Made, compose, make, public_of};
use crate::adapters::host::{Entropy, bundle_dir};
use crate::app::evidence as bundles;
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::evidence::bundle::{self, CheckedBundle, Files, is_research};
use crate::evidence::facts::{Fact, Facts};
use crate::evidence::finding::Finding;
use crate::evidence::kept::blobs_of;
use crate::evidence::limits::Limits;
use crate::governance::audit::entry::Entry;
use crate::governance::policy::decision::{DecisionInput, decision_sha256};
use crate::governance::policy::evaluate::evaluate_overridden;
use crate::governance::policy::verdict::Verdict;
use crate::governance::promotion::access::only_instance;
use crate::governance::promotion::basis::{self, Basis};
use crate::governance::promotion::book;
use crate::governance::promotion::guard::request::check_order;
use crate::governance::promotion::looks::{Looked, Looks};
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::safety::overrides;
use crate::governance::promotion::statement::{Act, Request, WorkspaceState};
use crate::governance::promotion::tracks::beside::{self, Beside};
use crate::governance::promotion::tracks::grounds::{Grounds, commits_of, sessions_before};
use crate::governance::promotion::tracks::shown;
use crate::governance::stage::Target;
use crate::kernel::canonical::{self, DOCUMENT_MAX_BYTES};
use crate::kernel::digest::Digest;
use crate::kernel::id::{InstanceId, PortfolioId, RequestId};

/// Bundles with everything that the gate derived from them.
#[derive(Debug)]
pub struct Presented {
    /// What they are about.
    pub basis: Basis,
    /// Every judged value.
    pub facts: Vec<Fact>,
    /// What was seen on the way.
    pub findings: Vec<Finding>,
    /// What stands beside the values in an evaluation.
    pub beside: Beside,
    /// What the ledger keeps of them.
    pub blobs: Vec<Vec<u8>>,
}

/// A request as a person words it.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Portfolio.
    pub portfolio: PortfolioId,
    /// Stage wanted.
    pub target: Target,
    /// Bundle directories.
    pub evidence: Vec<PathBuf>,
    /// Execution limits instead of the bundle's.
    pub limits: Option<PathBuf>,
    /// Why.
    pub summary: String,
    /// `material` or `immaterial`.
    pub materiality: String,
    /// What happens if it goes wrong; LIVE is refused without.
    pub fallback: String,
    /// Next steps.
    pub next: Vec<String>,
    /// Report folders.
    pub reports: Vec<String>,
    /// Revises this request.
    pub revises: Option<RequestId>,
    /// Supersedes this request.
    pub supersedes: Option<RequestId>,
    /// Instance that will run it; LIVE only, the only enrolled one by default.
    pub instance: Option<InstanceId>,
    /// Portfolios that this one continues.
    pub predecessors: Vec<PortfolioId>,
    /// State of the workspace.
    pub workspace: WorkspaceState,
}

/// What is shown to the gate.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// Portfolio.
    pub portfolio: &'a PortfolioId,
    /// Stage wanted.
    pub target: Target,
    /// Bundle directories.
    pub dirs: &'a [PathBuf],
    /// Portfolios that it continues.
    pub predecessors: &'a [PortfolioId],
    /// Execution limits instead of the bundle's.
    pub limits: Option<&'a PathBuf>,
}

/// Reads bundles and derives what they give for `portfolio` at `target`, among what is LIVE.
///
/// # Errors
/// Exit 9 when bytes differ from what was stated or signed; exit 3 when they are malformed,
/// contradict themselves, lie in the future or are about something else; exit 4 when a signature
/// is by somebody who is not enrolled.
pub fn present(desk: &Desk, shown: &Shown<'_>, live: &Book) -> Result<Presented, Failure> {
    let (portfolio, target, predecessors) = (shown.portfolio, shown.target, shown.predecessors);
    let (checked, basis, mut blobs) = gather(desk, shown)?;
    let policy = desk.state.policy.policy(&basis.profile).ok_or_else(|| {
        failures::refused(&Refusal::NoPolicy {
            profile: basis.profile.clone(),
        })
    })?;
    let (state, strategy) = (&desk.state, basis.strategy_sha256);
    let trials = beside::trials(state, portfolio, predecessors, u64::MAX);
    let given = beside::given(state, portfolio, strategy, trials, u64::MAX);
    let (facts, findings) = basis::facts_given(&checked, policy, target, desk.now, &given)
        .map_err(|e| failures::basis(&e))?;
    if let Some(failure) = contradiction(&findings) {
        return Err(failure);
    }
    let limits = match shown.limits {
        Some(_) => blobs.last().and_then(|bytes| Limits::decode(bytes).ok()),
        None => checked.first().and_then(|bundle| bundle.limits.clone()),
    };
    let facts = book::with_book(facts, &checked, limits.as_ref(), &live.open()?);
    blobs.extend(live.bytes());
    let settings = basis::settings(&checked, limits.as_ref());
    let knows = (trials, live.digest, settings);
    Ok(Presented {
        beside: Beside::of(knows, target, &checked, &policy.conventions),
        basis,
        facts,
        findings,
        blobs,
    })
}

/// Bundles that belong together, what they are about, and what the ledger keeps of them; limits
/// that were given come last.
type Gathered = (Vec<CheckedBundle>, Basis, Vec<Vec<u8>>);

/// Reads bundles and holds them against the ledger.
///
/// # Errors
/// As [`present`].
pub fn gather(desk: &Desk, shown: &Shown<'_>) -> Result<Gathered, Failure> {
    let portfolio = shown.portfolio;
    let mut checked: Vec<CheckedBundle> = Vec::new();
    let mut blobs = Vec::new();
    for dir in shown.dirs {
        let files: Files = bundle_dir::read(dir)
            .map_err(|e| Failure::from_error(Exit::Invalid, "evidence.unreadable", "", &e))?;
        let bundle = bundle::check(&files).map_err(|e| bundles::refused(&e))?;
        blobs.extend(blobs_of(&bundle, &files));
        checked.push(bundle);
    }
    let mut basis = basis::join(&checked).map_err(|e| failures::basis(&e))?;
    if basis.portfolio != *portfolio {
        let text = format!(
            "the evidence is about `{}`, not `{portfolio}`",
            basis.portfolio
        );
        return Err(Failure::new(
            Exit::Invalid,
            "evidence.other-portfolio",
            text,
        ));
    }
    shown::check_seals(&desk.state, &basis.evidence, &basis.grounds.seals)
        .map_err(|e| failures::refused(&e))?;
    if checked.iter().any(|b| !is_research(b.manifest.kind)) {
        // Sessions of a stage that was left belong to no stay, and are none the worse for it.
        let held = desk.state.portfolios.get(portfolio);
        check_order(held, basis.strategy_sha256, shown.target)
            .map_err(|e| failures::refused(&e))?;
        basis.grounds.sessions =
            sessions_before(&desk.state, (portfolio, basis.strategy_sha256), u64::MAX);
    }
    let commits = commits_of(&desk.state, &basis.grounds.sessions);
    basis::hold(&checked, &commits).map_err(|e| failures::not_held(&e))?;
    if let Some(path) = shown.limits {
        let bytes = limits(path)?;
        basis.limits_sha256 = Digest::of(&bytes);
        blobs.push(bytes);
    }
    Ok((checked, basis, blobs))
}

/// What the published policy set says about presented bundles; nothing is written.
///
/// # Errors
/// When the facts are unusable.
pub fn verdict(
    desk: &Desk,
    target: Target,
    presented: &Presented,
    predecessors: &[PortfolioId],
) -> Result<(Verdict, Digest, Looks), Failure> {
    let Basis {
        portfolio,
        profile,
        strategy_sha256,
        limits_sha256,
        oos,
        evidence,
        ..
    } = &presented.basis;
    let state = &desk.state;
    let no_policy = || {
        failures::refused(&Refusal::NoPolicy {
            profile: profile.clone(),
        })
    };
    let policy = state.policy.policy(profile).ok_or_else(no_policy)?;
    let unusable = |why: String| failures::refused(&Refusal::FactsUnusable { why });
    let facts = Facts::new(presented.facts.clone()).map_err(|e| unusable(e.to_string()))?;
    let of = Looked {
        portfolio,
        declared: predecessors,
        strategy: *strategy_sha256,
    };
    let looks = Looks::before(state, &of, target, *oos);
    let passed = overrides::in_force(
        state,
        &overrides::Subject {
            portfolio,
            target,
            evidence,
            policy_sha256: state.policy.digest(),
            seq: state.size(),
            time: desk.now,
        },
    );
    let verdict = evaluate_overridden(policy, &facts, target, looks.guard.as_ref(), &passed);
    let digest = decision_sha256(&DecisionInput {
        portfolio,
        strategy_sha256: *strategy_sha256,
        limits_sha256: *limits_sha256,
        policy_sha256: state.policy.digest(),
        evidence,
        now: desk.now,
        verdict: &verdict,
    })
    .map_err(|e| unusable(e.to_string()))?;
    Ok((verdict, digest, looks))
}

/// A request as it was made.
#[derive(Debug)]
pub struct Asked {
    /// What came of its statement.
    pub made: Made,
    /// Its id.
    pub id: RequestId,
    /// The looks before it.
    pub looks: Looks,
    /// What was recorded.
    pub written: Vec<Entry>,
}

/// Records a request, then judges it. With a statement to be signed elsewhere nothing is recorded
/// yet, and the file is given.
///
/// # Errors
/// When the bundles are not acceptable, or the request is refused: then nothing is recorded. When it
/// could not be judged: then it is recorded, and the failure says so.
pub async fn request(
    desk: &mut Desk,
    ask: &Ask,
    how: &How,
    entropy: &mut dyn Entropy,
    show: &mut dyn FnMut(&str),
) -> Result<Asked, Failure> {
    let live = Book::now(desk, &ask.portfolio).await?;
    let shown = Shown {
        portfolio: &ask.portfolio,
        target: ask.target,
        dirs: &ask.evidence,
        predecessors: &ask.predecessors,
        limits: ask.limits.as_ref(),
    };
    let presented = present(desk, &shown, &live)?;
    desk.raises_risk()?;
    let request = word(desk, ask, &presented.basis)?;
    let id = request.request.clone();
    let looks = Looks::before(&desk.state, &Looked::at(&request), ask.target, request.oos);
    let made = match public_of(how)? {
        Some(key) => {
            let act = Act::Request(Box::new(request));
            let signers = [(key, "research".to_owned())];
            let statement = compose(desk, act, &signers, entropy)?;
            make(&statement, how, show)?
        }
        None => super::signing::read_back(how)?,
    };
    let Made::Signed(signed) = &made else {
        return Ok(Asked {
            made,
            id,
            looks,
            written: Vec::new(),
        });
    };
    let asked = match &signed.statement.act {
        Act::Request(brought) if brought.evidence == presented.basis.evidence => brought.clone(),
        _ => {
            let field = "evidence";
            return Err(failures::refused(&Refusal::StatementDiffers { field }));
        }
    };
    let id = asked.request.clone();
    let follow = Follow::Judging {
        request: asked,
        settings: presented.beside.settings,
    };
    // The book is the evaluation's: it names it, and keeps the one that it was judged with.
    let book = live.bytes();
    let own = presented.blobs.into_iter();
    let own: Vec<Vec<u8>> = own.filter(|blob| Some(blob) != book.as_ref()).collect();
    let submitted = submit(desk, signed, follow, &own).await?;
    let written = judge_submitted(desk, &id, submitted).await?;
    Ok(Asked {
        made,
        id,
        looks,
        written,
    })
}

fn word(desk: &Desk, ask: &Ask, basis: &Basis) -> Result<Request, Failure> {
    let state = &desk.state;
    let request = state
        .next_request_id(&ask.portfolio)
        .map_err(|e| Failure::from_error(Exit::Invalid, "request.id", "", &e))?;
    for (field, text) in [("summary", &ask.summary), ("fallback", &ask.fallback)]
        .into_iter()
        .chain(ask.next.iter().map(|t| ("next", t)))
        .chain(ask.reports.iter().map(|t| ("report", t)))
    {
        crate::kernel::text::check_free_text(field, text)
            .map_err(|e| Failure::from_error(Exit::Invalid, "text.unstorable", "", &e))?;
    }
    let instance = match ask.target {
        Target::Live => ask.instance.clone().or_else(|| only_instance(state)),
        Target::Shadow | Target::Testnet => ask.instance.clone(),
    };
    let enrolled = instance
        .as_ref()
        .and_then(|i| state.access.instances.get(i));
    let instance_card = match ask.target {
        Target::Live => enrolled.and_then(|held| held.card.digest()),
        Target::Shadow | Target::Testnet => None,
    };
    Ok(Request {
        request,
        portfolio: ask.portfolio.clone(),
        profile: basis.profile.clone(),
        target: ask.target,
        evidence: basis.evidence.clone(),
        producers: basis.producers.clone(),
        oos: basis.oos,
        strategy_sha256: basis.strategy_sha256,
        limits_sha256: basis.limits_sha256,
        policy_sha256: state.policy.digest(),
        summary: ask.summary.clone(),
        materiality: ask.materiality.clone(),
        fallback: ask.fallback.clone(),
        next: ask.next.clone(),
        reports: ask.reports.clone(),
        revises: ask.revises.clone(),
        supersedes: ask.supersedes.clone(),
        instance,
        instance_card,
        grounds: Grounds {
            predecessors: ask.predecessors.clone(),
            ..basis.grounds.clone()
        },
        workspace: ask.workspace.clone(),
    })
}

/// Execution limits from a JSON file, in canonical bytes.
fn limits(path: &std::path::Path) -> Result<Vec<u8>, Failure> {
    let bytes = std::fs::read(path).map_err(|e| failure::io("read", path, &e))?;
    if bytes.len() > DOCUMENT_MAX_BYTES {
        return Err(Failure::new(
            Exit::Invalid,
            "limits.invalid",
            "the limits file is too large",
        ));
    }
    let invalid = |e: &dyn std::error::Error| {
        let doing = format!("`{}` is no file of execution limits", path.display());
        Failure::from_error(Exit::Invalid, "limits.invalid", &doing, e).hint(
            "a JSON object is wanted, decimals as strings: the form of limits.json in a bundle",
        )
    };
    let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(|e| invalid(&e))?;
    canonical::encode(&value).map_err(|e| invalid(&e))
}
