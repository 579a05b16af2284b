//! Incidents: ops opens, risk closes.
//!
//! A low incident keeps the portfolio from rising until it is closed; a medium one halts it; a
//! high one halts it and takes it back to SHADOW. Closing lifts neither halt nor demotion.

use serde::{Deserialize, Serialize};

use crate::governance::policy::roles::Role;
use crate::governance::stage::Stage;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId};

use super::halt::{Cause, stop_portfolio};
use super::lowering::lower;
use super::{Checked, Standing, one_of, short};
use crate::governance::promotion::guard;
use crate::governance::promotion::looks::weighs_on;
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::{Mark, State};
use crate::governance::promotion::statement::Request;

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IncidentClass {
    /// Profit and loss differ from what was expected.
    PnlDivergence,
    /// Data were missing.
    DataGap,
    /// A risk limit was broken.
    RiskLimit,
    /// The exchange failed.
    Exchange,
    /// Anything else.
    Other,
}

/// How bad it is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing rises until it is closed.
    Low,
    /// Halts.
    Medium,
    /// Halts, and demotes to SHADOW.
    High,
}

impl IncidentClass {
    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PnlDivergence => "pnl_divergence",
            Self::DataGap => "data_gap",
            Self::RiskLimit => "risk_limit",
            Self::Exchange => "exchange",
            Self::Other => "other",
        }
    }
}

impl Severity {
    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// Not one of the words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown word `{shown}`: one of {wanted} is wanted")]
pub struct UnknownWord {
    shown: String,
    wanted: &'static str,
}

impl std::str::FromStr for IncidentClass {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let all = [
            Self::PnlDivergence,
            Self::DataGap,
            Self::RiskLimit,
            Self::Exchange,
            Self::Other,
        ];
        let found = all.into_iter().find(|class| class.as_str() == text);
        found.ok_or_else(|| UnknownWord {
            shown: crate::kernel::text::visible(text, 40),
            wanted: "pnl_divergence, data_gap, risk_limit, exchange, other",
        })
    }
}

impl std::str::FromStr for Severity {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let all = [Self::Low, Self::Medium, Self::High];
        let found = all.into_iter().find(|severity| severity.as_str() == text);
        found.ok_or_else(|| UnknownWord {
            shown: crate::kernel::text::visible(text, 40),
            wanted: "low, medium, high",
        })
    }
}

/// An incident is opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentOpening {
    /// Whose.
    pub portfolio: PortfolioId,
    /// What.
    pub class: IncidentClass,
    /// How bad.
    pub severity: Severity,
    /// In words.
    pub summary: String,
}

/// An incident is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentClosing {
    /// Leaf hash of the entry that opened it.
    pub incident: Digest,
    /// Its portfolio, for the reader.
    pub portfolio: PortfolioId,
    /// What was found and done, in words.
    pub finding: String,
}

/// An incident, closed or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentRecord {
    /// The entry that opened it.
    pub mark: Mark,
    /// What it says.
    pub opening: IncidentOpening,
    /// The stage that it took away.
    pub lowered_from: Option<Stage>,
    /// The entry that closed it, and what it says.
    pub closed: Option<(Mark, String)>,
}

pub(super) fn check(state: &State, act: &IncidentOpening, signers: &[(PersonId, Role)]) -> Checked {
    one_of("incident", signers, &[Role::Ops])?;
    super::known(state, &act.portfolio)?;
    short(&act.summary, "summary")
}

pub(super) fn check_closing(
    state: &State,
    act: &IncidentClosing,
    signers: &[(PersonId, Role)],
) -> Checked {
    one_of("incident closing", signers, &[Role::Risk])?;
    guard::raises_risk(state)?;
    short(&act.finding, "finding")?;
    let mut incidents = state.safety.incidents.iter();
    let found = incidents.find(|i| i.mark.leaf == act.incident && i.closed.is_none());
    let found = found.ok_or(Refusal::NoSuchIncident)?;
    if found.opening.portfolio == act.portfolio {
        Ok(())
    } else {
        Err(Refusal::StatementDiffers { field: "portfolio" })
    }
}

pub(super) fn effect(state: &mut State, act: &IncidentOpening, mark: Mark) {
    let id = &act.portfolio;
    if let Some(held) = state.portfolios.get_mut(id) {
        held.touched = mark.seq;
    }
    if act.severity >= Severity::Medium {
        let cause = Cause::Incident;
        stop_portfolio(state, id, cause, Standing::on(&mark), Some(&mark));
    }
    let stage = state.portfolios.get(id).map(|held| held.stage);
    let lowered_from = stage
        .filter(|s| act.severity == Severity::High && matches!(s, Stage::Testnet | Stage::Live));
    if lowered_from.is_some() {
        lower(state, id, Stage::Shadow, Standing::on(&mark), Some(&mark));
    }
    state.safety.incidents.push(IncidentRecord {
        mark,
        opening: act.clone(),
        lowered_from,
        closed: None,
    });
}

pub(super) fn closed(state: &mut State, act: &IncidentClosing, mark: Mark) {
    if let Some(held) = state.portfolios.get_mut(&act.portfolio) {
        held.touched = mark.seq;
    }
    let mut incidents = state.safety.incidents.iter_mut();
    if let Some(record) = incidents.find(|i| i.mark.leaf == act.incident) {
        record.closed = Some((mark, act.finding.clone()));
    }
}

/// The worst open incident that weighs on a request: of its portfolio, of one that it continues,
/// or of one with the same strategy.
#[must_use]
pub fn worst_on<'s>(state: &'s State, request: &Request) -> Option<&'s IncidentRecord> {
    let incidents = state.safety.incidents.iter();
    incidents
        .filter(|i| i.closed.is_none() && weighs_on(state, request, &i.opening.portfolio))
        .max_by_key(|i| i.opening.severity)
}

/// Incidents that were closed by a key that is not believed any more are open again, after the
/// revocation at `by`.
pub(in crate::governance::promotion) fn reopen(state: &mut State, by: &Mark) {
    for record in &mut state.safety.incidents {
        let closed = record.closed.as_ref();
        if closed.is_some_and(|(mark, _)| state.access.is_disbelieved(&mark.into())) {
            record.closed = None;
            if let Some(held) = state.portfolios.get_mut(&record.opening.portfolio) {
                held.touched = by.seq;
            }
        }
    }
}

/// The worst open incident of a portfolio.
#[must_use]
pub fn worst_open<'s>(state: &'s State, portfolio: &PortfolioId) -> Option<&'s IncidentRecord> {
    let incidents = state.safety.incidents.iter();
    incidents
        .filter(|i| i.closed.is_none() && i.opening.portfolio == *portfolio)
        .max_by_key(|i| i.opening.severity)
}
