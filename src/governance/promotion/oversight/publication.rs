//! Publication of a policy set: the guard, and what it changes.
//!
//! A tightening wants one risk signature. Everything else, an older set again included, raises
//! risk: the LIVE quorum and the root threshold sign together, over the digest of the table of past
//! decisions that would flip. What was judged under the old set and is not decided yet is void, and
//! every LIVE portfolio is judged again on its last evidence.

use std::collections::BTreeMap;

use super::super::access;
use super::super::denying::hits;
use super::super::event::Signed;
use super::super::expiry;
use super::super::guard::{self, Moment};
use super::super::looks::{self, Looked};
use super::super::quorum::tally;
use super::super::refusal::Refusal;
use super::super::safety::present::{deny_of_stage, policy_of_stage};
use super::super::safety::{certificate, due};
use super::super::state::{Approved, End, Mark, State, Status};
use super::super::statement::Signer;
use super::super::versions::granted;
use super::acts::PolicyPublication;
use super::replay::{again, replay};
use super::{Published, eligible, recertification_due};
use crate::evidence::facts::{Fact, Facts};
use crate::evidence::settings::Settings;
use crate::governance::policy::deny::DenyRules;
use crate::governance::policy::diff::{Overall, diff};
use crate::governance::policy::evaluate::evaluate;
use crate::governance::policy::roles::{Role, Rules};
use crate::governance::policy::set::PolicySet;
use crate::governance::policy::verdict::Outcome;
use crate::governance::stage::{Stage, Target};
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId};
use crate::kernel::sshsig::Envelope;

const ACT: &str = "policy-publication";

/// What publishing `set` now would be: an older set again is loosening, whatever it says, and so is
/// everything while the set in force is in doubt.
#[must_use]
pub fn overall(state: &State, set: &PolicySet) -> Overall {
    if access::fallout::policy_in_doubt(state).is_some() {
        return Overall::Loosening;
    }
    let seen = |p: &Published| p.set.digest() == set.digest();
    match diff(&state.policy, set).overall {
        Overall::Tightening if state.oversight.history.iter().any(seen) => Overall::Loosening,
        other => other,
    }
}

/// Checks the publication inside `signed`.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(
    state: &State,
    signed: &Signed,
    act: &PolicyPublication,
    at: &Moment,
) -> Result<(), Refusal> {
    let signers = signers(state, signed)?;
    guard::frame(state, signed, at)?;
    let differs = |field| Refusal::StatementDiffers { field };
    guard::words(&act.reason, "reason")?;
    if act.replaces != state.policy.digest() {
        return Err(differs("replaces"));
    }
    let Some(set) = state.oversight.known.get(&act.policy_sha256) else {
        return Err(Refusal::PolicyNotKept {
            policy: act.policy_sha256,
        });
    };
    if act.files != set.file_refs() {
        return Err(differs("files"));
    }
    let overall = overall(state, set);
    if overall == Overall::Identical {
        return Err(Refusal::PolicyUnchanged);
    }
    if act.overall != overall {
        return Err(differs("overall"));
    }
    eligible::check(state, set.rules()).map_err(|why| Refusal::QuorumUnreachable { why })?;
    match overall {
        Overall::Loosening => check_loosening(state, signed, &signers, at)?,
        Overall::Tightening | Overall::Identical => check_tightening(&signers)?,
    }
    let flips = replay(state, set).digest();
    if flips.is_ok_and(|digest| digest == act.flips_sha256) {
        Ok(())
    } else {
        Err(differs("flips_sha256"))
    }
}

/// A person in a role, or a root key.
enum By {
    Person(PersonId, Role),
    Root,
}

/// Who signed, in the order of the signatures.
fn signers<'e>(state: &State, signed: &'e Signed) -> Result<Vec<(By, &'e Envelope)>, Refusal> {
    let envelopes = signed.check_signatures()?;
    let statement = &signed.statement;
    let named = std::iter::once(&statement.signer).chain(&statement.cosigners);
    let mut list: Vec<(By, &Envelope)> = Vec::new();
    for (signer, envelope) in named.zip(envelopes) {
        let by = if signer.role == "root" {
            root(state, signer, envelope)?
        } else {
            person(state, signer, envelope)?
        };
        let twice = |(other, _): &(By, &Envelope)| match (other, &by) {
            (By::Person(a, _), By::Person(b, _)) => a == b,
            _ => false,
        };
        if list.iter().any(twice) {
            return Err(Refusal::SignsTwice {
                person: signer.person.clone(),
            });
        }
        list.push((by, envelope));
    }
    Ok(list)
}

fn root(state: &State, signer: &Signer, envelope: &Envelope) -> Result<By, Refusal> {
    if signer.person.as_str() == "root" && state.access.roots.hold(&envelope.key) {
        return Ok(By::Root);
    }
    Err(Refusal::UnknownKey {
        key: signer.key.clone(),
    })
}

fn person(state: &State, signer: &Signer, envelope: &Envelope) -> Result<By, Refusal> {
    let held = state
        .keys
        .get(&signer.key)
        .filter(|held| held.key == envelope.key)
        .ok_or_else(|| Refusal::UnknownKey {
            key: signer.key.clone(),
        })?;
    if held.person != signer.person {
        return Err(Refusal::WrongPerson {
            named: signer.person.clone(),
            owner: held.person.clone(),
        });
    }
    access::not_revoked(state, &signer.key)?;
    let role = guard::role_of(state, signer)?;
    Ok(By::Person(signer.person.clone(), role))
}

fn check_tightening(signers: &[(By, &Envelope)]) -> Result<(), Refusal> {
    match signers {
        [(By::Person(_, Role::Risk), _)] => Ok(()),
        _ => Err(Refusal::SignersWanted {
            act: ACT,
            wanted: "one risk person: it tightens".to_owned(),
        }),
    }
}

/// Who signs a set that loosens, the proposer first: which roles, how many roots.
#[must_use]
pub(in crate::governance::promotion) fn loosening_signers(state: &State) -> String {
    let quorum = state.quorum(Target::Live);
    let quorum = quorum.map_or_else(|| "the LIVE quorum".to_owned(), |q| q.words());
    let roots = state.access.roots.threshold;
    let keys = if roots == 1 { "key" } else { "keys" };
    format!("{quorum}, the proposer first, then {roots} root {keys}")
}

fn check_loosening(
    state: &State,
    signed: &Signed,
    signers: &[(By, &Envelope)],
    at: &Moment,
) -> Result<(), Refusal> {
    guard::raises_risk(state)?;
    let refuse = || Refusal::SignersWanted {
        act: ACT,
        wanted: format!("{}: it loosens", loosening_signers(state)),
    };
    // Who proposes is a person, and belongs to the authors of what is judged by the set.
    if matches!(signers.first(), None | Some((By::Root, _))) {
        return Err(refuse());
    }
    let statement = &signed.statement;
    let mut approvals = Vec::new();
    let mut roots = 0_u32;
    for (by, envelope) in signers {
        match by {
            By::Root => roots += 1,
            By::Person(person, role) => approvals.push(Approved {
                mark: Mark {
                    seq: at.tip.size,
                    leaf: Digest::of(person.as_str().as_bytes()),
                    time: at.now,
                    person: person.clone(),
                    role: role.to_string(),
                    key: envelope.key.fingerprint(),
                    reason: String::new(),
                    comment: String::new(),
                },
                role: *role,
                valid_until: statement.expires_at,
            }),
        }
    }
    let tally = tally(state.quorum(Target::Live), &approvals, at.now);
    // Nobody signs who fills no slot.
    if !tally.complete || tally.filling.len() != approvals.len() {
        return Err(refuse());
    }
    let wanted = state.access.roots.threshold;
    if roots < wanted || wanted == 0 {
        return Err(Refusal::RootThreshold {
            have: roots,
            wanted,
        });
    }
    fresh(state, signed, at)
}

/// The head is young enough, and neither the policy set nor a signer has changed since.
fn fresh(state: &State, signed: &Signed, at: &Moment) -> Result<(), Refusal> {
    let statement = &signed.statement;
    let rules = state.rules().approval.get(&Target::Live).copied();
    let rules = rules.ok_or(Refusal::StaleHead { hours_max: 0 })?;
    if !expiry::head_is_fresh(state, &rules, &statement.head, at.now) {
        return Err(Refusal::StaleHead {
            hours_max: rules.head_age_hours_max,
        });
    }
    let touched = std::iter::once(&statement.signer)
        .chain(&statement.cosigners)
        .filter_map(|signer| state.persons.get(&signer.person))
        .map(|person| person.touched)
        .chain([state.policy_touched])
        .max();
    match touched {
        Some(seq) if seq >= statement.head.size => Err(Refusal::StateMoved { seq }),
        _ => Ok(()),
    }
}

/// Brings the set into force.
pub fn effect(state: &mut State, act: &PolicyPublication, mark: &Mark) {
    let Some(set) = state.oversight.known.get(&act.policy_sha256).cloned() else {
        return;
    };
    // One that failed before and still does is due since then.
    let since = |id: &PortfolioId| recertification_due(state, id).unwrap_or(mark).clone();
    let failing: BTreeMap<PortfolioId, Mark> = state
        .portfolios
        .iter()
        .filter(|(id, portfolio)| portfolio.stage == Stage::Live && fails(state, id, &set))
        .map(|(id, _)| (id.clone(), since(id)))
        .collect();
    due::keep(state);
    let certificates =
        |rules: &Rules| (rules.certificate.clone(), rules.certificate_profile.clone());
    if certificates(state.rules()) != certificates(set.rules()) {
        state.oversight.certificates_since = Some(mark.time);
    }
    state.oversight.failing = failing;
    state.oversight.history.push(Published {
        seq: mark.seq,
        set: std::sync::Arc::clone(&set),
        mark: Some(mark.clone()),
        loosening: act.overall != Overall::Tightening,
    });
    state.policy = set;
    state.policy_touched = mark.seq;
    let open = state.requests.values_mut().filter(|r| r.status.is_open());
    for record in open {
        record.status = Status::Invalidated;
        record.end = Some(End {
            time: mark.time,
            by: Some(mark.clone()),
        });
        if let Some(portfolio) = state.portfolios.get_mut(&record.request.portfolio) {
            portfolio.touched = mark.seq;
        }
    }
}

/// True when the last evidence of a LIVE portfolio, of its decision or its last certificate, does not
/// pass `set`; also when its numbers would have to be computed in another way, which the logged ones
/// cannot show.
fn fails(state: &State, portfolio: &PortfolioId, set: &PolicySet) -> bool {
    let Some(held) = state.portfolios.get(portfolio) else {
        return true;
    };
    let Some(record) = granted(state, portfolio) else {
        return true;
    };
    let Some(new) = set.policy(&held.profile) else {
        return true;
    };
    let same = |seq: u64| {
        let old = state.oversight.policy_at(seq);
        let old = old.and_then(|set| set.policy(&held.profile));
        old.is_some_and(|old| old.conventions == new.conventions)
    };
    let evaluation = record.judged.as_ref().map(|judged| &judged.evaluation);
    let settings = evaluation.map(|e| &*e.beside.settings);
    let denied = |deny: &DenyRules, settings: Option<&Settings>, facts: &[Fact]| {
        let unknown = Settings::default();
        let settings = settings.unwrap_or(&unknown);
        !hits(deny, Target::Live, settings, facts).is_empty()
    };
    let decided = record.end.as_ref().and_then(|end| end.by.as_ref());
    let decided = decided.map_or(0, |mark| mark.seq);
    let mut certificates = certificate::given(state, portfolio).rev();
    let last = certificates.find(|c| c.act.stage == Stage::Live && c.mark.seq > decided);
    if let Some(last) = last {
        let policy = policy_of_stage(new, held, last.act.now);
        let facts = Facts::new(last.act.facts.iter().cloned());
        let of = Looked::running(portfolio, last.act.strategy_sha256);
        let recorded = (last.mark.seq, last.act.guard.as_ref());
        let guard = looks::guard_again(state, &of, recorded, set);
        let promotes = facts.is_ok_and(|facts| {
            let verdict = evaluate(&policy, &facts, Target::Live, guard.as_ref());
            verdict.outcome == Outcome::Promote
        });
        let deny = deny_of_stage(set.deny(), held, last.act.now);
        let shown = [settings, Some(&*last.act.settings)];
        let denied = shown.into_iter().any(|s| denied(&deny, s, &last.act.facts));
        return !same(last.mark.seq) || !promotes || denied;
    }
    let judged = record.judged.as_ref().map_or(0, |judged| judged.seq);
    let verdict = again(state, record, set);
    let facts = evaluation.map_or(&[][..], |e| &e.facts);
    !same(judged)
        || denied(set.deny(), settings, facts)
        || verdict.is_none_or(|v| v.outcome != Outcome::Promote)
}
