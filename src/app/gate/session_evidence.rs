//! All sessions of a portfolio's present stay in a stage, joined into one bundle.
//!
//! In: the folders with the sessions' logs. Out: the parts of a bundle that the commits in the
//! ledger hold. Configuration and limits come from the evidence that the ledger keeps of the
//! promotion, byte for byte; no session with bars may be left out, failed ones included.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::desk::Desk;
use super::failures;
use super::session_log;
use crate::app::evidence::engine;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::evidence::bundle::{Built, is_research};
use crate::evidence::manifest::{EvidenceKind, Manifest, Producer};
use crate::evidence::running_log::{Reached, log_digests};
use crate::evidence::session_bundle::{Frame, SessionPart, build};
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::{RequestRecord, Status};
use crate::governance::promotion::tracks::grounds::{HeldCommit, reached};
use crate::governance::promotion::tracks::session::{SessionRecord, of_stay};
use crate::governance::stage::Stage;
use crate::kernel::canonical::{self, DOCUMENT_MAX_BYTES};
use crate::kernel::digest::Digest;
use crate::kernel::id::{PortfolioId, SessionId};
use crate::kernel::time::UtcTime;

/// What is to be joined.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Portfolio.
    pub portfolio: PortfolioId,
    /// Its stage.
    pub stage: Stage,
    /// Folder with the log of each session.
    pub logs: BTreeMap<SessionId, PathBuf>,
    /// Who will sign the bundle.
    pub producer: Option<Producer>,
    /// When it is written.
    pub produced_at: UtcTime,
}

/// The joined bundle.
///
/// # Errors
/// Exit 7 when the portfolio is not in that stage; exit 3 when a session's log was not given;
/// exit 9 when a log is not the one that was committed, or the kept evidence is gone.
pub async fn join(desk: &mut Desk, wanted: &Wanted) -> Result<Built, Failure> {
    let held = desk
        .state
        .portfolios
        .get(&wanted.portfolio)
        .ok_or_else(|| {
            failures::refused(&Refusal::UnknownPortfolio {
                portfolio: wanted.portfolio.clone(),
            })
        })?;
    let kind = kind_of(wanted.stage)?;
    let (strategy, _) = held.version_at(wanted.stage).ok_or_else(|| {
        failures::refused(&Refusal::SessionStage {
            stage: wanted.stage,
            held: held.stage,
        })
    })?;
    let granted = granted(desk, &wanted.portfolio, strategy)?.clone();
    let parts = parts(desk, wanted, strategy)?;
    let frame = frame(desk, &granted, wanted, kind).await?;
    let profile = &granted.request.profile;
    let policy = desk.state.policy.policy(profile).ok_or_else(|| {
        failures::refused(&Refusal::NoPolicy {
            profile: profile.clone(),
        })
    })?;
    build(&frame, &parts, &policy.conventions, wanted.produced_at)
        .map_err(|e| Failure::from_error(Exit::Invalid, "session.join", "", &e))
}

fn kind_of(stage: Stage) -> Result<EvidenceKind, Failure> {
    match stage {
        Stage::Shadow => Ok(EvidenceKind::Shadow),
        Stage::Testnet => Ok(EvidenceKind::Testnet),
        Stage::Live => Ok(EvidenceKind::Live),
        Stage::Research | Stage::Retired => Err(Failure::new(
            Exit::Usage,
            "usage.stage",
            "sessions are of SHADOW, TESTNET or LIVE",
        )),
    }
}

/// The promotion whose evidence the ledger keeps for this version.
fn granted<'d>(
    desk: &'d Desk,
    id: &PortfolioId,
    strategy: Digest,
) -> Result<&'d RequestRecord, Failure> {
    let promoted = desk.state.history(id).filter(|record| {
        record.status == Status::Promoted && record.request.strategy_sha256 == strategy
    });
    promoted
        .last()
        .ok_or_else(|| failures::refused(&Refusal::StrategyChanged))
}

/// Every session of the stay that has bars, each held against its last commit.
fn parts(desk: &Desk, wanted: &Wanted, strategy: Digest) -> Result<Vec<SessionPart>, Failure> {
    let sessions: Vec<&SessionRecord> = of_stay(&desk.state, &wanted.portfolio, strategy).collect();
    let known = |id: &SessionId| sessions.iter().any(|s| s.open.session == *id);
    if let Some(stranger) = wanted.logs.keys().find(|id| !known(id)) {
        return Err(failures::refused(&Refusal::UnknownSession {
            session: stranger.clone(),
        }));
    }
    let mut parts = Vec::new();
    for session in sessions {
        let id = &session.open.session;
        if session.commits.is_empty() {
            continue;
        }
        let folder = wanted.logs.get(id).ok_or_else(|| {
            let text = format!("the log of session `{id}` was not given");
            Failure::new(Exit::Invalid, "session.absent", text).hint(format!(
                "every session counts: name it with --import {id}=DIR"
            ))
        })?;
        let part = session_log::read(id, folder)?;
        let commits: Vec<HeldCommit> = session.commits.iter().map(|(_, c)| c.into()).collect();
        let digests = log_digests(&part, &reached(&commits)).unwrap_or_default();
        let as_far = commits.iter().map(|c| c.log_sha256).eq(digests);
        if !as_far || reached(&commits).last() != Some(&Reached::of(&part)) {
            let text = format!("the log of session `{id}` is not the one that was committed last");
            return Err(Failure::new(Exit::Integrity, "session.differs", text)
                .hint("`promote session list` shows how far it was committed"));
        }
        parts.push(part);
    }
    Ok(parts)
}

async fn frame(
    desk: &mut Desk,
    granted: &RequestRecord,
    wanted: &Wanted,
    kind: EvidenceKind,
) -> Result<Frame, Failure> {
    let gone = || {
        let text = "the ledger does not keep the evidence of the promotion any more";
        Failure::new(Exit::Integrity, "evidence.gone", text)
    };
    let kept = desk.kept(&granted.request).await?;
    let research = granted
        .request
        .evidence
        .iter()
        .find(|e| is_research(e.kind))
        .and_then(|e| kept.get(&e.evidence_sha256))
        .ok_or_else(gone)?;
    let invalid =
        |e: &dyn std::error::Error| Failure::from_error(Exit::Integrity, "evidence.differs", "", e);
    let manifest: Manifest =
        canonical::decode(research, DOCUMENT_MAX_BYTES).map_err(|e| invalid(&e))?;
    let json = |digest| -> Result<serde_json::Value, Failure> {
        let bytes = kept.get(&digest).ok_or_else(gone)?;
        serde_json::from_slice(bytes).map_err(|e| invalid(&e))
    };
    Ok(Frame {
        kind,
        producer: wanted.producer.clone(),
        portfolio: manifest.portfolio,
        strategy: json(manifest.strategy_sha256)?,
        limits: json(manifest.limits_sha256)?,
        engine: engine(),
        data: Vec::new(),
        conventions: manifest.conventions,
    })
}
