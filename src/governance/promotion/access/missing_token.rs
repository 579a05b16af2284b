//! What stands between a portfolio and a live session: the one answer that `token issue`, the
//! redemption and every renewal of a lease ask.
//!
//! In: a settled state, a portfolio. Out: one line per thing that is missing, empty when a session
//! may run.

use crate::governance::stage::{Stage, Target};
use crate::kernel::id::PortfolioId;
use crate::kernel::pubkey::Fingerprint;
use crate::kernel::time::UtcTime;

use super::super::missing::{self, Missing};
use super::super::safety;
use super::super::safety::certificate::{self, CertificateRecord};
use super::super::state::{RequestRecord, State};
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

/// The instance that was approved is not enrolled like that any more.
pub const INSTANCE: &str = "instance";
/// Somebody else may hold the key of an approver.
pub const APPROVER: &str = "approver_key";

/// A key that approved the decision which made `portfolio` LIVE, was revoked since then in a way
/// that kills, and that no certificate of LIVE has made up for.
#[must_use]
pub fn lost_approver<'s>(state: &'s State, portfolio: &PortfolioId) -> Option<&'s Fingerprint> {
    let decided = live_decision(state, portfolio)?;
    let certified = certificate::given(state, portfolio)
        .filter(|c| makes_up(state, c))
        .map(|c| c.mark.seq)
        .max()
        .unwrap_or(0);
    let lost = |key: &Fingerprint, seq: u64| state.access.killed_after(key, seq.max(certified));
    let approvals = state.history(portfolio).flat_map(|r| &r.approvals);
    let mut filling = approvals.filter(|a| decided.approvals.contains(&a.mark.leaf));
    let found = filling.find(|a| lost(&a.mark.key, a.mark.seq));
    found.map(|a| &a.mark.key)
}

/// The decision that made a portfolio LIVE, while it stands.
#[must_use]
pub fn live_decision<'s>(state: &'s State, portfolio: &PortfolioId) -> Option<&'s Decided> {
    let (target, request) = standing_on(state, portfolio).into_iter().next()?;
    let decided = state.access.decisions.get(&request)?;
    (target == Target::Live && decided.fallen.is_none()).then_some(decided)
}

/// A certificate of LIVE that is believed, by keys that nobody else may hold: the last one makes up
/// for an approver's key that was lost before it.
#[must_use]
pub fn makes_up(state: &State, certificate: &CertificateRecord) -> bool {
    certificate.act.stage == Stage::Live && !state.access.is_dead(&certificate.mark)
}

/// What a live session of `portfolio` still needs at `now`. Ask a state that was settled at `now`.
#[must_use]
pub fn missing_token(state: &State, portfolio: &PortfolioId, now: UtcTime) -> Vec<Missing> {
    let mut list = Vec::new();
    missing::findings(state, &mut list);
    list.extend(missing::policy_in_doubt(state));
    let stage = state
        .portfolios
        .get(portfolio)
        .map_or(Stage::Research, |p| p.stage);
    if stage != Stage::Live || live_decision(state, portfolio).is_none() {
        let text = format!("`{portfolio}` is in {stage}: live sessions are for LIVE only");
        let command = Some(format!("promote status {portfolio}"));
        list.push(Missing::new(STAGE, None, text, command));
    }
    approved(state, portfolio, &mut list);
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
        let command = certificate::command(portfolio);
        list.push(Missing::new(OVERDUE, Some("research"), text, Some(command)));
    }
    standing(state, portfolio, now, &mut list);
    list
}

/// Who approved, and the instance that they approved.
fn approved(state: &State, portfolio: &PortfolioId, list: &mut Vec<Missing>) {
    let decided = live_decision(state, portfolio);
    let request = decided.and_then(|decided| {
        let by = |r: &&RequestRecord| r.end.as_ref()?.by.as_ref().map(|m| m.leaf);
        state
            .history(portfolio)
            .find(|r| by(r) == Some(decided.mark.leaf))
    });
    if let Some(record) = request {
        list.extend(super::instance_missing(state, &record.request));
    }
    if let Some(key) = lost_approver(state, portfolio) {
        let text = format!(
            "the key {key} approved it, and somebody else may hold it: the quorum certifies again"
        );
        let command = certificate::command(portfolio);
        list.push(Missing::new(APPROVER, Some("risk"), text, Some(command)));
    }
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
