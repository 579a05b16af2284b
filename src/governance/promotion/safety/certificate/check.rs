//! The guard of a recertification: who signs, over what, judged how.
//!
//! In: the state, a signed recertification, its signers, the present. Out: nothing, or the one
//! reason why not. Nothing that was shown before counts again, limits and strategy are those that
//! the stage was granted for, and the signers saw the present state of the portfolio.

use std::collections::BTreeSet;

use super::{Recertification, judge, target_of};
use crate::evidence::manifest::EvidenceKind;
use crate::governance::policy::roles::Role;
use crate::governance::policy::verdict::Outcome;
use crate::governance::promotion::event::Signed;
use crate::governance::promotion::guard::{self, Moment};
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::safety::present::is_young;
use crate::governance::promotion::safety::{Checked, known, short};
use crate::governance::promotion::state::{Portfolio, State};
use crate::governance::promotion::statement::EvidenceRef;
use crate::governance::promotion::tracks::shown::{self, Shown};
use crate::governance::promotion::tracks::{beside, wanting};
use crate::governance::promotion::{book, denying, expiry, looks, versions};
use crate::governance::stage::Target;
use crate::kernel::digest::Digest;
use crate::kernel::id::PersonId;
use crate::kernel::time::DAY_MS;

pub(in crate::governance::promotion::safety) fn check(
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
