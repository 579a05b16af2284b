//! Who signs for a session: ops or an enrolled instance before LIVE, in LIVE the instance alone.
//!
//! In: the state, a signed statement, the stage of the session. Out: who it is, or why not. In LIVE
//! it is the instance that the decision for LIVE named, and what one instance opened nobody else
//! commits or closes: a person's key never speaks for what trades.

use crate::governance::policy::roles::Role;
use crate::governance::stage::Stage;
use crate::kernel::id::{InstanceId, PortfolioId};

use super::super::access::distrust::standing_on;
use super::super::access::issue;
use super::super::event::Signed;
use super::super::guard;
use super::super::refusal::Refusal;
use super::super::state::State;
use super::session::SessionRecord;
use super::{Checked, one_of};

/// Who signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum By {
    /// A person as ops.
    Ops,
    /// An enrolled instance.
    Instance(InstanceId),
}

/// Who signed a session's statement.
///
/// # Errors
/// When it is neither ops nor an enrolled instance whose key counts.
pub(super) fn signer(state: &State, signed: &Signed) -> Result<By, Refusal> {
    let named = &signed.statement.signer;
    if named.role != "instance" {
        let signers = guard::signers(state, signed)?;
        one_of("session", &signers, &[Role::Ops])?;
        return Ok(By::Ops);
    }
    let envelope = signed.check_single_signature()?;
    let unknown = || Refusal::UnknownKey {
        key: named.key.clone(),
    };
    let instances = state.access.instances.values();
    let card = instances
        .map(|instance| &instance.card)
        .find(|card| card.public_key == envelope.key)
        .ok_or_else(unknown)?;
    if card.instance.as_str() != named.person.as_str() {
        return Err(unknown());
    }
    issue::instance(state, &card.instance)?;
    Ok(By::Instance(card.instance.clone()))
}

/// May `by` open a session of this portfolio in this stage?
///
/// # Errors
/// In LIVE, when it is not the instance that the decision named.
pub(super) fn may_open(state: &State, by: &By, portfolio: &PortfolioId, stage: Stage) -> Checked {
    if stage != Stage::Live {
        return Ok(());
    }
    let decided = standing_on(state, portfolio).into_iter().next();
    let record = decided.and_then(|(_, request)| state.requests.get(&request));
    let wanted = record.and_then(|record| record.request.instance.as_ref());
    match (by, wanted) {
        (By::Instance(own), Some(wanted)) if own == wanted => Ok(()),
        (By::Instance(own), _) => Err(Refusal::InstanceUnfit {
            instance: own.clone(),
            why: "the decision for LIVE names another one".to_owned(),
        }),
        (By::Ops, _) => Err(Refusal::LiveSessionByInstance),
    }
}

/// May `by` commit or close this session?
///
/// # Errors
/// In LIVE, and wherever an instance opened it, when it is not that instance.
pub(super) fn may_continue(by: &By, record: &SessionRecord) -> Checked {
    let opener = (record.mark.role == "instance").then_some(record.mark.person.as_str());
    match (by, opener) {
        (By::Instance(own), Some(opener)) if own.as_str() == opener => Ok(()),
        (By::Instance(own), _) => Err(Refusal::InstanceUnfit {
            instance: own.clone(),
            why: "it has not opened this session".to_owned(),
        }),
        (By::Ops, _) if record.open.stage == Stage::Live => Err(Refusal::LiveSessionByInstance),
        (By::Ops, _) => Ok(()),
    }
}
