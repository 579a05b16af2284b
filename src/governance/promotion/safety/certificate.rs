//! Certificates: a stage is kept only by showing again, in time, what it rests on.
//!
//! A recertification is signed by the quorum of the present stage over fresh evidence, judged by
//! the criteria of the present stage, where session criteria read the sample of the running stage,
//! and held to the deny rules of a request for it. Overdue, nothing rises and no token is issued;
//! overdue by the grace, the stage falls by itself, and LIVE halts as well.
//!
//! What a recertification has to keep stands in `certificate/check.rs`, what it is held against
//! when it is verified in `certificate/recheck.rs`.

use serde::{Deserialize, Serialize};

use super::halt::{Cause, HaltRecord, stop_portfolio};
use super::present::policy_of_stage;
use super::{Derived, Standing, due, lowering};
use crate::evidence::facts::{Fact, Facts};
use crate::evidence::settings::Settings;
use crate::governance::policy::decision::{DecisionInput, decision_sha256};
use crate::governance::policy::evaluate::evaluate;
use crate::governance::policy::roles::CertificateRules;
use crate::governance::policy::verdict::Verdict;
use crate::governance::promotion::access::fallout::producer_is_disbelieved;
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::{Mark, Portfolio, State};
use crate::governance::promotion::statement::{EvidenceRef, OosRange};
use crate::governance::promotion::tracks::grounds::Grounds;
use crate::governance::stage::{Stage, Target};
use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId};
use crate::kernel::time::{DAY_MS, UtcTime};

mod check;
mod recheck;

pub(super) use check::check;
pub use recheck::recheck;

/// The present stage is shown again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recertification {
    /// Whose.
    pub portfolio: PortfolioId,
    /// The stage that is shown.
    pub stage: Stage,
    /// Bundles, sorted, at most one per kind.
    pub evidence: Vec<EvidenceRef>,
    /// Who produced them, as far as they were signed.
    pub producers: Vec<PersonId>,
    /// Configuration; the one that the stage was granted for.
    pub strategy_sha256: Digest,
    /// Range of the out-of-sample data, if there is any.
    pub oos: Option<OosRange>,
    /// Execution limits.
    pub limits_sha256: Digest,
    /// Policy set that judges.
    pub policy_sha256: Digest,
    /// Every judged value.
    pub facts: Vec<Fact>,
    /// The time at which ages were taken.
    pub now: UtcTime,
    /// Digest of the canonical decision record.
    pub decision_sha256: Digest,
    /// What the evidence rests on beyond its numbers.
    pub grounds: Grounds,
    /// Guard in force where it differs from the policy's, because of too many looks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<Decimal>,
    /// Runs of trials that the ledger had counted.
    pub trials: u64,
    /// Digest of the book that it was judged with; none while nothing else was LIVE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub book: Option<Digest>,
    /// What the portfolio would trade with: what deny rules ask for.
    #[serde(default, skip_serializing_if = "Settings::is_empty")]
    pub settings: Box<Settings>,
    /// In words.
    pub summary: String,
}

/// A certificate that was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateRecord {
    /// The entry.
    pub mark: Mark,
    /// What it says.
    pub act: Recertification,
}

/// The target whose criteria and quorum a stage is held to; none for stages without.
#[must_use]
pub fn target_of(stage: Stage) -> Option<Target> {
    match stage {
        Stage::Shadow => Some(Target::Shadow),
        Stage::Testnet => Some(Target::Testnet),
        Stage::Live => Some(Target::Live),
        Stage::Research | Stage::Retired => None,
    }
}

/// The rules for certificates of a portfolio at `stage`.
#[must_use]
pub fn rules(state: &State, id: &PortfolioId, stage: Stage) -> Option<CertificateRules> {
    let profile = &state.portfolios.get(id)?.profile;
    state.rules().certificate_of(profile, target_of(stage)?)
}

/// The command that gives a portfolio its next certificate.
#[must_use]
pub fn command(id: &PortfolioId) -> String {
    format!("promote recertify {id} --evidence DIR --summary TEXT --key KEY")
}

/// What the criteria of the present stage say about the facts of `act`.
///
/// # Errors
/// When there is no policy, or the facts are unusable.
pub fn judge(
    state: &State,
    held: &Portfolio,
    act: &Recertification,
) -> Result<(Verdict, Digest), Refusal> {
    let unusable = |why: String| Refusal::FactsUnusable { why };
    let target = target_of(held.stage).ok_or(Refusal::NothingToCertify { stage: held.stage })?;
    let policy = state.policy.policy(&held.profile);
    let policy = policy.ok_or_else(|| Refusal::NoPolicy {
        profile: held.profile.clone(),
    })?;
    let policy = policy_of_stage(policy, held, act.now);
    let facts = Facts::new(act.facts.clone()).map_err(|e| unusable(e.to_string()))?;
    let verdict = evaluate(&policy, &facts, target, act.guard.as_ref());
    let digest = decision_sha256(&DecisionInput {
        portfolio: &act.portfolio,
        strategy_sha256: act.strategy_sha256,
        limits_sha256: act.limits_sha256,
        policy_sha256: act.policy_sha256,
        evidence: &act.evidence,
        now: act.now,
        verdict: &verdict,
    })
    .map_err(|e| unusable(e.to_string()))?;
    Ok((verdict, digest))
}

pub(super) fn effect(state: &mut State, act: &Recertification, mark: Mark) {
    due::stand(state, &act.portfolio, Some(Standing::on(&mark)));
    if let Some(held) = state.portfolios.get_mut(&act.portfolio) {
        held.touched = mark.seq;
    }
    state.safety.certificates.push(CertificateRecord {
        mark,
        act: act.clone(),
    });
}

/// The certificates of a portfolio that are believed, in ledger order.
pub fn given<'s>(
    state: &'s State,
    id: &'s PortfolioId,
) -> impl DoubleEndedIterator<Item = &'s CertificateRecord> {
    let all = state.safety.certificates.iter();
    all.filter(|c| c.act.portfolio == *id && !is_disbelieved(state, c))
}

/// True when a key that signed a certificate, or the evidence behind it, is not believed any more.
fn is_disbelieved(state: &State, record: &CertificateRecord) -> bool {
    let CertificateRecord { mark, act } = record;
    state.access.is_disbelieved(&mark.into())
        || producer_is_disbelieved(state, &act.producers, mark.seq)
}

/// True when a certificate was given after the halt.
#[must_use]
pub fn after(state: &State, id: &PortfolioId, halt: &HaltRecord) -> bool {
    given(state, id).any(|c| c.mark.seq > halt.seq && c.mark.time >= halt.time)
}

/// The certificate of a portfolio does not count any more: it is due again at once, and the stage
/// keeps its grace.
pub(in crate::governance::promotion) fn due_again(state: &mut State, id: &PortfolioId, by: &Mark) {
    let stage = state.portfolios.get(id).map(|held| held.stage);
    let days = stage.and_then(|stage| rules(state, id, stage));
    let days = days.map_or(0, |rules| i64::from(rules.days));
    if let Some(held) = state.portfolios.get_mut(id) {
        held.touched = by.seq;
    }
    if let Some(standing) = state.safety.standing.get_mut(id) {
        let due = by.time.plus_millis(-days.saturating_mul(DAY_MS));
        standing.time = standing.time.min(due);
    }
}

/// Stages that rest on a certificate by a key that is not believed any more want another, after the
/// revocation at `by`.
pub(in crate::governance::promotion) fn disbelieve(state: &mut State, by: &Mark) {
    let rests = |id: &&PortfolioId| {
        let standing = state.safety.standing.get(*id);
        let all = state.safety.certificates.iter();
        all.filter(|c| standing.is_some_and(|s| s.seq == c.mark.seq) && c.act.portfolio == **id)
            .any(|c| is_disbelieved(state, c))
    };
    let ids: Vec<PortfolioId> = state.portfolios.keys().filter(rests).cloned().collect();
    for id in ids {
        due_again(state, &id, by);
    }
}

/// The stage falls because its certificate was overdue for too long.
pub(super) fn fall(state: &mut State, id: &PortfolioId, time: UtcTime) {
    let stage = state.portfolios.get(id).map(|held| held.stage);
    let base = state.safety.standing.get(id).copied();
    let (Some(from), Some(base)) = (stage, base) else {
        return;
    };
    let Some(to) = lowering::below(from) else {
        return;
    };
    lowering::lower(state, id, to, Standing { time, ..base }, None);
    state.safety.derived.push(Derived {
        time,
        portfolio: id.clone(),
        cause: Cause::Certificate,
        from,
        to,
    });
    if from == Stage::Live {
        let cause = Cause::Certificate;
        stop_portfolio(state, id, cause, Standing { time, ..base }, None);
    }
}
