//! What an evaluation carries beside the judged values: the trials that the ledger had counted,
//! the book that it was judged with, and for SHADOW the contract that the sessions after it are held to.
//!
//! In: the state before the evaluation, the request, its bundles. Out: values that `apply` holds
//! against the state, and that whoever opens the bundles derives again.

use serde::{Deserialize, Serialize};

use crate::evidence::bundle::{CheckedBundle, is_research};
use crate::evidence::contract::{ShadowContract, shadow_contract};
use crate::evidence::conventions::GateConventions;
use crate::evidence::given::Given;
use crate::evidence::settings::Settings;
use crate::governance::stage::Target;
use crate::kernel::canonical;
use crate::kernel::digest::Digest;
use crate::kernel::id::PortfolioId;

use super::super::book;
use super::super::looks::lineage;
use super::super::refusal::Refusal;
use super::super::state::{State, Status};
use super::super::statement::Request;
use super::{Checked, trial};

/// What stands beside the facts of an evaluation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beside {
    /// Runs of trials that the ledger had counted; a lower bound.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub trials: u64,
    /// What sessions are held to; at SHADOW only, and none where the evidence gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<Box<ShadowContract>>,
    /// Digest of the book that it was judged with; none while nothing else was LIVE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub book: Option<Digest>,
    /// What it would trade with: what deny rules ask for.
    #[serde(default, skip_serializing_if = "Settings::is_empty")]
    pub settings: Box<Settings>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Beside {
    /// True when there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Digest of the contract's canonical bytes: what approvals and the decision for SHADOW name.
    #[must_use]
    pub fn contract_sha256(&self) -> Option<Digest> {
        let contract = self.contract.as_deref()?;
        // What was read from an entry, or derived, can always be written.
        let bytes = canonical::encode(contract).ok()?;
        Some(Digest::of(&bytes))
    }

    /// What the ledger knows now and the bundles give.
    #[must_use]
    pub fn of(
        (trials, book, settings): (u64, Option<Digest>, Settings),
        target: Target,
        bundles: &[CheckedBundle],
        gate: &GateConventions,
    ) -> Self {
        Self {
            trials,
            contract: contract(target, bundles, gate),
            book,
            settings: Box::new(settings),
        }
    }
}

/// The contract that a decision for SHADOW fixes; none for other targets.
#[must_use]
pub fn contract(
    target: Target,
    bundles: &[CheckedBundle],
    gate: &GateConventions,
) -> Option<Box<ShadowContract>> {
    if target != Target::Shadow {
        return None;
    }
    let research = bundles.iter().find(|b| is_research(b.manifest.kind))?;
    shadow_contract(research, gate).ok().map(Box::new)
}

/// Runs of trials for a portfolio and those that it continues, started before position `before`.
#[must_use]
pub fn trials(
    state: &State,
    portfolio: &PortfolioId,
    declared: &[PortfolioId],
    before: u64,
) -> u64 {
    trial::count(state, &lineage(state, portfolio, declared, before), before)
}

/// What the ledger knew about a strategy before position `before`, for the derivation of figures.
#[must_use]
pub fn given<'s>(
    state: &'s State,
    portfolio: &PortfolioId,
    strategy: Digest,
    trials: u64,
    before: u64,
) -> Given<'s> {
    Given {
        contract: fixed(state, portfolio, strategy, before),
        trials: Some(trials),
    }
}

/// The contract of the last decision for SHADOW of this strategy before position `before`.
#[must_use]
pub fn fixed<'s>(
    state: &'s State,
    portfolio: &PortfolioId,
    strategy: Digest,
    before: u64,
) -> Option<&'s ShadowContract> {
    let granted = state.history(portfolio).filter(|record| {
        let end = record.end.as_ref().and_then(|end| end.by.as_ref());
        record.status == Status::Promoted
            && record.request.target == Target::Shadow
            && record.request.strategy_sha256 == strategy
            && end.is_some_and(|mark| mark.seq < before)
    });
    let judged = granted.filter_map(|record| record.judged.as_ref()).last()?;
    judged.evaluation.beside.contract.as_deref()
}

/// Whether what stands beside the facts is what the state says.
///
/// # Errors
/// When trials were started meanwhile, or the contract is about something else.
pub fn check(state: &State, request: &Request, beside: &Beside) -> Checked {
    let unusable = |why: &str| {
        Err(Refusal::FactsUnusable {
            why: why.to_owned(),
        })
    };
    let counted = trials(
        state,
        &request.portfolio,
        &request.grounds.predecessors,
        u64::MAX,
    );
    if beside.trials != counted {
        return unusable("trials were started since it was judged: ask again");
    }
    if beside.book != book::digest(state, &request.portfolio) {
        return Err(Refusal::BookChanged {
            portfolio: request.portfolio.clone(),
        });
    }
    let Some(contract) = &beside.contract else {
        return Ok(());
    };
    let mut evidence = request.evidence.iter();
    let about = evidence.any(|e| e.evidence_sha256 == contract.evidence_sha256);
    if request.target == Target::Shadow && about {
        return Ok(());
    }
    unusable("the contract is not one of this request")
}
