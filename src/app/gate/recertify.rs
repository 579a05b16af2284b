//! Recertification: fresh bundles, judged by the criteria of the present stage.
//!
//! In: a portfolio, bundle directories. Out: the act that the quorum signs, with every judged
//! value in it, and what the ledger keeps. A verdict other than PROMOTE ends here, with what fails.

use std::path::PathBuf;

use super::book::Book;
use super::desk::{Desk, Kept};
use super::failures;
use super::request::{Presented, Shown, present};
use super::signing::{How, Made, read_back};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::governance::policy::roles::Role;
use crate::governance::policy::verdict::{Outcome, Verdict};
use crate::governance::promotion::denying;
use crate::governance::promotion::looks;
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::safety::certificate::{self, Recertification, target_of};
use crate::governance::promotion::safety::{self, SafetyAct};
use crate::governance::promotion::state::Portfolio;
use crate::governance::stage::Target;
use crate::kernel::digest::Digest;
use crate::kernel::id::PortfolioId;

/// A recertification as its signers word it.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Portfolio.
    pub portfolio: PortfolioId,
    /// Bundle directories.
    pub evidence: Vec<PathBuf>,
    /// Execution limits instead of the bundle's.
    pub limits: Option<PathBuf>,
    /// In words.
    pub summary: String,
}

/// What will be signed, by whom, and what the ledger keeps of it.
#[derive(Debug)]
pub struct Word {
    /// The act.
    pub act: Recertification,
    /// Roles of the quorum, a role per slot.
    pub roles: Vec<Role>,
    /// Manifests and judged files.
    pub blobs: Vec<Vec<u8>>,
}

/// Derives everything, and words the act; a statement that comes back is checked against the
/// bundles instead.
///
/// # Errors
/// Exit 5 and 6 when the criteria say REJECT or REVISE; else as a request.
pub fn word(desk: &Desk, ask: &Ask, how: &How, live: &Book) -> Result<Word, Failure> {
    let held = held(desk, &ask.portfolio)?;
    let stage = held.stage;
    let target =
        target_of(stage).ok_or_else(|| failures::refused(&Refusal::NothingToCertify { stage }))?;
    let shown = Shown {
        portfolio: &ask.portfolio,
        target,
        dirs: &ask.evidence,
        predecessors: &[],
        limits: ask.limits.as_ref(),
    };
    let Presented {
        basis,
        facts,
        blobs,
        beside,
        ..
    } = present(desk, &shown, live)?;
    let roles = quorum_roles(desk, target)?;
    if let How::Back { .. } = how {
        let act = brought(desk, how, &blobs, live)?;
        return Ok(Word { act, roles, blobs });
    }
    let mut act = Recertification {
        portfolio: ask.portfolio.clone(),
        stage,
        evidence: basis.evidence,
        producers: basis.producers,
        strategy_sha256: basis.strategy_sha256,
        oos: basis.oos,
        limits_sha256: basis.limits_sha256,
        policy_sha256: desk.state.policy.digest(),
        facts,
        now: desk.now,
        decision_sha256: Digest::of(b""),
        grounds: basis.grounds,
        guard: looks::guard_running(&desk.state, &ask.portfolio, basis.strategy_sha256),
        trials: beside.trials,
        book: beside.book,
        settings: beside.settings,
        summary: ask.summary.clone(),
    };
    denying::kept_settings(&desk.state, held, &act).map_err(|e| failures::refused(&e))?;
    let judged = certificate::judge(&desk.state, held, &act);
    let (verdict, digest) = judged.map_err(|e| failures::refused(&e))?;
    act.decision_sha256 = digest;
    match verdict.outcome {
        Outcome::Promote => {
            let kept = denying::kept_figures(&desk.state, held, &act);
            kept.map_err(|e| failures::refused(&e))?;
            Ok(Word { act, roles, blobs })
        }
        Outcome::Revise => Err(fails(&verdict, Exit::Revise, "REVISE")),
        Outcome::Reject => Err(fails(&verdict, Exit::Reject, "REJECT")),
    }
}

fn held<'d>(desk: &'d Desk, id: &PortfolioId) -> Result<&'d Portfolio, Failure> {
    let portfolio = id.clone();
    let held = desk.state.portfolios.get(id);
    held.ok_or_else(|| failures::refused(&Refusal::UnknownPortfolio { portfolio }))
}

fn quorum_roles(desk: &Desk, target: Target) -> Result<Vec<Role>, Failure> {
    let quorum = desk.state.quorum(target).ok_or_else(|| {
        failures::refused(&Refusal::NoQuorum {
            preset: desk.state.genesis.preset.clone(),
            target,
        })
    })?;
    let slots = quorum.slots.iter();
    let each = slots.flat_map(|(role, count)| (0..*count).map(|_| *role));
    Ok(each.collect())
}

fn fails(verdict: &Verdict, exit: Exit, word: &str) -> Failure {
    let failing = verdict.criteria.iter().filter(|j| !j.passes());
    let lines: Vec<String> = failing
        .map(|j| {
            let value = j
                .value
                .as_ref()
                .map_or("none".to_owned(), ToString::to_string);
            format!("{}: {} ({value})", j.id, j.zone.as_str())
        })
        .collect();
    let text = format!("the criteria of the present stage say {word}: no certificate");
    Failure::new(exit, "certificate-verdict", text)
        .snippet(lines.join("\n"))
        .hint("the stage stays until the grace is over; `promote status` says when")
}

/// The act of a statement that was signed elsewhere, after deriving it again.
fn brought(
    desk: &Desk,
    how: &How,
    blobs: &[Vec<u8>],
    live: &Book,
) -> Result<Recertification, Failure> {
    let other = || {
        let text = "the statement is no recertification over this evidence";
        Failure::new(Exit::Usage, "statement.other", text)
    };
    let Made::Signed(signed) = read_back(how)? else {
        return Err(other());
    };
    let Some(SafetyAct::Recertification(act)) = safety::of(&signed.statement.act) else {
        return Err(other());
    };
    let mut kept: Kept = blobs.iter().map(|b| (Digest::of(b), b.clone())).collect();
    kept.extend(live.kept.clone());
    certificate::recheck(&desk.state, act, u64::MAX, &|digest| {
        kept.get(digest).cloned()
    })
    .map_err(|e| failures::recheck(&e))?;
    Ok((**act).clone())
}
