//! Certificates: a stage is kept only by showing again, in time, what it rests on.
//!
//! A recertification is signed by the quorum of the present stage over fresh evidence, judged by
//! the criteria of the present stage, where session criteria read the sample of the running stage,
//! and held to the deny rules of a request for it. Overdue, nothing rises and no token is issued; overdue by the grace, the stage falls by itself,
//! and LIVE halts as well.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::evidence::facts::{Fact, Facts};
use crate::evidence::manifest::EvidenceKind;
use crate::evidence::settings::Settings;
use crate::governance::policy::decision::{DecisionInput, decision_sha256};
use crate::governance::policy::evaluate::evaluate;
use crate::governance::policy::roles::{CertificateRules, Role};
use crate::governance::policy::verdict::{Outcome, Verdict};
use crate::governance::stage::{Stage, Target};
use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId};
use crate::kernel::time::{DAY_MS, UtcTime};

use super::halt::{Cause, HaltRecord, stop_portfolio};
use super::present::{is_young, policy_of_stage};
use super::{Checked, Derived, Standing, due, known, lowering, short};
use crate::governance::promotion::access::fallout::producer_is_disbelieved;
use crate::governance::promotion::basis::{self, RecheckError};
use crate::governance::promotion::book;
use crate::governance::promotion::denying;
use crate::governance::promotion::event::Signed;
use crate::governance::promotion::expiry;
use crate::governance::promotion::guard::{self, Moment};
use crate::governance::promotion::looks::{self, Looked};
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::{Mark, Portfolio, State};
use crate::governance::promotion::statement::{EvidenceRef, OosRange};
use crate::governance::promotion::tracks::grounds::{Grounds, commits_of};
use crate::governance::promotion::tracks::shown::{self, Shown};
use crate::governance::promotion::tracks::{beside, wanting};
use crate::governance::promotion::versions;

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

pub(super) fn check(
    state: &State,
    signed: &Signed,
    act: &Recertification,
    signers: &[(PersonId, Role)],
    at: &Moment,
) -> Checked {
    guard::raises_risk(state)?;
    let held = known(state, &act.portfolio)?;
    let target = target_of(held.stage).filter(|_| act.stage == held.stage);
    let target = target.ok_or(Refusal::NothingToCertify { stage: held.stage })?;
    short(&act.summary, "summary")?;
    let shown = shown_by(held, act, target, signed.statement.head.size);
    check_signers(state, held, &shown, signers)?;
    if held.strategy != Some(act.strategy_sha256) {
        return Err(Refusal::StrategyChanged);
    }
    check_limits(state, act)?;
    if act.policy_sha256 != state.policy.digest() {
        return Err(Refusal::PolicyNotInForce);
    }
    shown::check_list(state, &shown)?;
    check_fresh(state, act)?;
    shown::check_grounds(state, &shown)?;
    wanting::check_now(state, &shown, &partial(state, act, signers))?;
    if act.trials != beside::trials(state, &act.portfolio, &[], u64::MAX) {
        return Err(Refusal::StatementDiffers { field: "trials" });
    }
    if act.guard != looks::guard_running(state, &act.portfolio, act.strategy_sha256) {
        return Err(Refusal::StatementDiffers { field: "guard" });
    }
    if act.book != book::digest(state, &act.portfolio) {
        return Err(Refusal::BookChanged {
            portfolio: act.portfolio.clone(),
        });
    }
    let late = at.now.millis_since(act.now);
    if !(0..=DAY_MS).contains(&late) {
        return Err(Refusal::StatementDiffers { field: "now" });
    }
    denying::kept_settings(state, held, act)?;
    let (verdict, digest) = judge(state, held, act)?;
    if digest != act.decision_sha256 {
        return Err(Refusal::StatementDiffers {
            field: "decision_sha256",
        });
    }
    if verdict.outcome != Outcome::Promote {
        return Err(Refusal::CertificateVerdict {
            outcome: match verdict.outcome {
                Outcome::Reject => "REJECT",
                Outcome::Revise | Outcome::Promote => "REVISE",
            },
        });
    }
    denying::kept_figures(state, held, act)?;
    fresh(state, signed, held, target, at)
}

/// It is over the execution limits that were approved and stand in the token.
fn check_limits(state: &State, act: &Recertification) -> Checked {
    let approved = versions::granted(state, &act.portfolio);
    match approved.map(|record| record.request.limits_sha256) {
        Some(limits) if limits == act.limits_sha256 => Ok(()),
        _ => Err(Refusal::LimitsNotApproved { stage: act.stage }),
    }
}

/// What a certificate shows: the sessions of the stage that runs, in LIVE from its seventh day on.
fn shown_by<'a>(
    held: &Portfolio,
    act: &'a Recertification,
    target: Target,
    seen: u64,
) -> Shown<'a> {
    let sessions = match target {
        Target::Shadow => None,
        Target::Testnet => Some(EvidenceKind::Testnet),
        Target::Live => (!is_young(held, act.now)).then_some(EvidenceKind::Live),
    };
    Shown {
        portfolio: &act.portfolio,
        target,
        sessions,
        evidence: &act.evidence,
        producers: &act.producers,
        strategy_sha256: act.strategy_sha256,
        oos: act.oos,
        grounds: &act.grounds,
        seen,
    }
}

/// Whose word does not count: the authors, and who signs as risk or authoriser.
fn partial(
    state: &State,
    act: &Recertification,
    signers: &[(PersonId, Role)],
) -> BTreeSet<PersonId> {
    let mut partial = state.authors(&act.portfolio, &act.producers);
    let fill = signers.iter().filter(|(_, role)| takes_risk(*role));
    partial.extend(fill.map(|(person, _)| person.clone()));
    partial
}

fn takes_risk(role: Role) -> bool {
    matches!(role, Role::Risk | Role::Authoriser)
}

/// The quorum of the stage, by persons outside the author set who vouched for nothing of it.
fn check_signers(
    state: &State,
    held: &Portfolio,
    shown: &Shown<'_>,
    signers: &[(PersonId, Role)],
) -> Checked {
    let target = shown.target;
    let quorum = state.quorum(target).ok_or_else(|| Refusal::NoQuorum {
        preset: state.genesis.preset.clone(),
        target,
    })?;
    if quorum.witnesses > 0 {
        return Err(Refusal::WitnessesWanted {
            count: quorum.witnesses,
        });
    }
    let wanted = || Refusal::SignersWanted {
        act: "recertification",
        wanted: format!("the quorum of {}: {}", held.stage, quorum.words()),
    };
    if signers
        .iter()
        .any(|(_, role)| !quorum.slots.contains_key(role))
    {
        return Err(wanted());
    }
    for (role, count) in &quorum.slots {
        let have = signers.iter().filter(|(_, held)| held == role).count();
        if u32::try_from(have).map_or(true, |have| have < *count) {
            return Err(wanted());
        }
    }
    if u32::try_from(signers.len()).map_or(true, |persons| persons < quorum.persons) {
        return Err(wanted());
    }
    let authors = state.authors(shown.portfolio, shown.producers);
    for (person, role) in signers {
        if state.rules().separation.requester_fills_no_slot && *person == held.owner {
            return Err(Refusal::RequesterFillsSlot {
                person: person.clone(),
            });
        }
        if takes_risk(*role) && authors.contains(person) {
            return Err(Refusal::AuthorFillsSlot {
                person: person.clone(),
                role: role.to_string(),
            });
        }
        wanting::may_fill(state, shown, person, *role)?;
    }
    Ok(())
}

/// Nothing in it was shown before.
fn check_fresh(state: &State, act: &Recertification) -> Checked {
    let requested = state.history(&act.portfolio);
    let mut before: Vec<Digest> = requested
        .flat_map(|r| r.request.evidence.iter())
        .map(|e| e.result_sha256)
        .collect();
    let certified = state.safety.certificates.iter();
    before.extend(
        certified
            .flat_map(|c| c.act.evidence.iter())
            .map(|e| e.result_sha256),
    );
    let again = |e: &&EvidenceRef| before.contains(&e.result_sha256);
    match act.evidence.iter().find(again) {
        Some(evidence) => Err(Refusal::EvidenceNotFresh {
            kind: evidence.kind.as_str(),
        }),
        None => Ok(()),
    }
}

fn fresh(state: &State, signed: &Signed, held: &Portfolio, target: Target, at: &Moment) -> Checked {
    let head = &signed.statement.head;
    let rules = state.rules().approval.get(&target).copied();
    let rules = rules.ok_or(Refusal::StaleHead { hours_max: 0 })?;
    if !expiry::head_is_fresh(state, &rules, head, at.now) {
        return Err(Refusal::StaleHead {
            hours_max: rules.head_age_hours_max,
        });
    }
    match held.touched.max(state.policy_touched) {
        seq if seq >= head.size => Err(Refusal::StateMoved { seq }),
        _ => Ok(()),
    }
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

/// Derives the facts of `act` again from kept bundles, with what the ledger held before position
/// `before`, and compares.
///
/// # Errors
/// When a blob is missing or changed, or something differs.
pub fn recheck(
    state: &State,
    act: &Recertification,
    before: u64,
    blob: &dyn Fn(&Digest) -> Option<Vec<u8>>,
) -> Result<(), RecheckError> {
    let bundles = basis::open_all(&act.evidence, &act.grounds, blob)?;
    let basis = basis::join(&bundles)?;
    for (equal, field) in [
        (basis.evidence == act.evidence, "evidence"),
        (basis.producers == act.producers, "producers"),
        (basis.portfolio == act.portfolio, "portfolio"),
        (
            basis.strategy_sha256 == act.strategy_sha256,
            "strategy_sha256",
        ),
        (basis.oos == act.oos, "oos"),
        (basis.grounds.says_the_same(&act.grounds), "grounds"),
    ] {
        if !equal {
            return Err(RecheckError::Request(field));
        }
    }
    let set = state.oversight.policy_at(before);
    let policy = set.and_then(|set| set.policy(&basis.profile));
    let target = target_of(act.stage);
    let (Some(policy), Some(target)) = (policy, target) else {
        return Err(RecheckError::Request("stage"));
    };
    let of = Looked::running(&act.portfolio, act.strategy_sha256);
    let counted = set.and_then(|set| looks::grown(set, looks::count_at(state, &of, before)));
    if counted != act.guard {
        return Err(RecheckError::Guard);
    }
    basis::hold(&bundles, &commits_of(state, &act.grounds.sessions))?;
    let strategy = act.strategy_sha256;
    let given = beside::given(state, &act.portfolio, strategy, act.trials, before);
    let (facts, _) = basis::facts_given(&bundles, policy, target, act.now, &given)?;
    let limits = book::limits(act.limits_sha256, blob)?;
    let live = book::open(act.book, blob)?;
    let facts = book::with_book(facts, &bundles, limits.as_ref(), &live);
    if *act.settings != basis::settings(&bundles, limits.as_ref()) {
        return Err(RecheckError::Settings);
    }
    basis::compare_facts(&act.facts, &facts)
}
