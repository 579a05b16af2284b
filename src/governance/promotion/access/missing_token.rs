//! What stands between a portfolio and a live session: the one answer that `token issue`, the
//! redemption and every renewal of a lease ask.
//!
//! In: a settled state, a portfolio. Out: one line per thing that is missing, empty when a session
//! may run.

use crate::governance::stage::{Stage, Target};
use crate::kernel::id::PortfolioId;
use crate::kernel::time::UtcTime;

use super::super::missing::Missing;
use super::super::safety;
use super::super::state::State;
use super::Decided;
use super::distrust::standing_on;

/// Entries without effect in the ledger.
pub const FINDINGS: &str = "ledger_findings";
/// A halt stands in scope.
pub const HALTED: &str = "halted";
/// The certificate is overdue.
pub const OVERDUE: &str = "certificate_overdue";
/// The portfolio is not LIVE.
pub const STAGE: &str = "stage";
/// The quorum preset wants a service that keeps the machine keys apart.
pub const SERVICE_MODE: &str = "service_mode";

/// The decision that made a portfolio LIVE, while it stands.
#[must_use]
pub fn live_decision<'s>(state: &'s State, portfolio: &PortfolioId) -> Option<&'s Decided> {
    let (target, request) = standing_on(state, portfolio).into_iter().next()?;
    let decided = state.access.decisions.get(&request)?;
    (target == Target::Live && decided.fallen.is_none()).then_some(decided)
}

/// What a live session of `portfolio` still needs at `now`. Ask a state that was settled at `now`.
#[must_use]
pub fn missing_token(state: &State, portfolio: &PortfolioId, now: UtcTime) -> Vec<Missing> {
    let mut list = Vec::new();
    if let Some(first) = state.findings.first() {
        let count = state.findings.len();
        let text = format!("the ledger holds {count} entries without effect");
        let text = format!("{text} (first: seq {}, {})", first.seq, first.code);
        let command = Some("promote ledger verify".to_owned());
        list.push(Missing::new(FINDINGS, Some("root"), text, command));
    }
    let stage = state
        .portfolios
        .get(portfolio)
        .map_or(Stage::Research, |p| p.stage);
    if stage != Stage::Live || live_decision(state, portfolio).is_none() {
        let text = format!("`{portfolio}` is in {stage}: live sessions are for LIVE only");
        let command = Some(format!("promote status {portfolio}"));
        list.push(Missing::new(STAGE, None, text, command));
    }
    if state.genesis.preset == "regulated" {
        let text = "the preset `regulated` wants the machine keys kept by a service; this ledger \
                    is in local mode";
        list.push(Missing::new(SERVICE_MODE, None, text.to_owned(), None));
    }
    let witnesses = state.quorum(Target::Live).map_or(0, |q| q.witnesses);
    if witnesses > 0 {
        let text = format!("{witnesses} witnesses are wanted; this version records none");
        list.push(Missing::new("witnesses", None, text, None));
    }
    if let Some(mark) = super::super::oversight::recertification_due(state, portfolio) {
        let text = format!(
            "its last evidence does not pass the policy set published at seq {}: recertification is due",
            mark.seq
        );
        list.push(Missing::new(OVERDUE, Some("research"), text, None));
    }
    standing(state, portfolio, now, &mut list);
    list
}

/// Halts, incidents and certificates.
fn standing(state: &State, portfolio: &PortfolioId, now: UtcTime, list: &mut Vec<Missing>) {
    if let Some(held) = state.portfolios.get(portfolio) {
        list.extend(safety::missing::standing(
            state,
            portfolio,
            &held.profile,
            now,
        ));
    }
}
