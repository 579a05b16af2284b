//! Whether an entry may take effect: `decide` would have proposed it from the state before.
//!
//! In: the state before, a signed statement, the time of its entry. Out: what was derived on the
//! way and the effect needs, or the refusal. Human signatures are checked and counted again, the
//! policy runs again on the logged facts, and what the engine signed is compared with what it would
//! sign.

use crate::governance::promotion::decide::{Command, Proposal, decide_settled, evaluation};
use crate::governance::promotion::event::Signed;
use crate::governance::promotion::guard::{self, Moment};
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::risk;
use crate::governance::promotion::state::State;
use crate::governance::promotion::statement::{Act, Evaluation, SignedBody};
use crate::governance::promotion::tracks::beside::Beside;

/// What checking an entry derived that its effect needs.
#[derive(Debug)]
pub(super) enum Verified {
    Plain,
    Verdict(Box<crate::governance::policy::verdict::Verdict>),
}

/// What the effect of `signed` needs, or why it has none.
pub(super) fn check(state: &State, signed: &Signed, at: &Moment) -> Result<Verified, Refusal> {
    match &signed.statement.act {
        Act::Evaluation(logged) => {
            engine_signed(state, signed, at)?;
            let (wanted, verdict) =
                evaluation(state, &logged.request, judged(logged), (logged.now, at.now))?;
            same(wanted == **logged, "evaluation")?;
            same(ages_are_present(state, logged, at), "now")?;
            Ok(Verified::Verdict(Box::new(verdict)))
        }
        Act::EvaluationError(logged) => {
            let command = Command::Unjudged(logged.clone());
            by_engine(state, signed, (command, "evaluation-error"), at)
        }
        Act::Decision(logged) => {
            let request = logged.request.clone();
            by_engine(state, signed, (Command::Decide { request }, "decision"), at)
        }
        Act::Refusal(logged) => {
            engine_signed(state, signed, at)?;
            let inner = Signed::read(SignedBody {
                statement: logged.statement.clone(),
                signatures: logged.signatures.clone(),
            })?;
            guard::authenticate(state, &inner)?;
            let again = decide_settled(state, Command::Submit(Box::new(inner)), at);
            let reason = again.err().map(|refusal| refusal.slug());
            same(reason == Some(logged.reason.as_str()), "reason")?;
            Ok(Verified::Plain)
        }
        Act::Safety(act) if act.engine_command().is_some() => {
            engine_signed(state, signed, at)?;
            if let Some(command) = act.engine_command() {
                let wanted = decide_settled(state, command, at)?;
                let act = Act::Safety(act.clone());
                same(wanted == Proposal::Engine(Box::new(act)), "drill")?;
            }
            Ok(Verified::Plain)
        }
        Act::Track(act) if signed.statement.signer.role == "engine" => {
            by_engine(state, signed, (Command::Trial(act.clone()), "trial"), at)
        }
        Act::Safety(_)
        | Act::Track(_)
        | Act::Enrolment(_)
        | Act::Request(_)
        | Act::Approval(_)
        | Act::Denial(_)
        | Act::Withdrawal(_)
        | Act::InstanceEnrolment(_)
        | Act::KeyRevocation(_)
        | Act::KeyRotation(_)
        | Act::RootChange(_)
        | Act::Void(_)
        | Act::TokenIssue(_)
        | Act::TokenRedemption(_)
        | Act::TokenRevocation(_)
        | Act::ChecklistItem(_)
        | Act::PolicyPublication(_) => {
            let command = Command::Submit(Box::new(signed.clone()));
            decide_settled(state, command, at).map(|_| Verified::Plain)
        }
    }
}

/// An act of the engine that `decide` proposes for `command`, exactly as it stands in the entry.
fn by_engine(
    state: &State,
    signed: &Signed,
    (command, field): (Command, &'static str),
    at: &Moment,
) -> Result<Verified, Refusal> {
    engine_signed(state, signed, at)?;
    let wanted = decide_settled(state, command, at)?;
    let act = signed.statement.act.clone();
    same(wanted == Proposal::Engine(Box::new(act)), field)?;
    Ok(Verified::Plain)
}

fn judged(logged: &Evaluation) -> (Vec<crate::evidence::facts::Fact>, Beside) {
    (logged.facts.clone(), logged.beside.clone())
}

/// Ages are those of the time of the append, give or take the time it took to get there.
fn ages_are_present(state: &State, logged: &Evaluation, at: &Moment) -> bool {
    let requested = state
        .requests
        .get(&logged.request)
        .map(|record| record.mark.time);
    let late = at.now.millis_since(logged.now);
    (0..=600_000).contains(&late)
        && requested.is_some_and(|time| time.millis_since(logged.now) <= 600_000)
}

fn same(equal: bool, field: &'static str) -> Result<(), Refusal> {
    if equal {
        Ok(())
    } else {
        Err(Refusal::StatementDiffers { field })
    }
}

fn engine_signed(state: &State, signed: &Signed, at: &Moment) -> Result<(), Refusal> {
    let envelope = signed.check_single_signature()?;
    let signer = &signed.statement.signer;
    if envelope.key != state.genesis.engine_key
        || signer.person.as_str() != "engine"
        || signer.role != "engine"
    {
        return Err(Refusal::UnknownKey {
            key: signer.key.clone(),
        });
    }
    guard::frame(state, signed, at)?;
    risk::check(state, &signed.statement.act, at)
}
