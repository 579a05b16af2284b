//! What safety puts between a request and its stage, as lines of `missing`, and the flags of a
//! portfolio.

use crate::kernel::id::{PortfolioId, ProfileId};
use crate::kernel::time::UtcTime;

use super::{halt, incident};
use crate::governance::promotion::missing::Missing;
use crate::governance::promotion::state::{RequestRecord, State};

/// What stands on top of a portfolio's stage.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
pub struct Flags {
    /// A halt is in force.
    pub halted: bool,
    /// An incident is open.
    pub incident_open: bool,
}

impl Flags {
    /// The flags that are up, in words.
    #[must_use]
    pub fn words(self) -> Vec<String> {
        let all = [
            (self.halted, "halted"),
            (self.incident_open, "incident_open"),
        ];
        let up = all.into_iter().filter(|(up, _)| *up);
        up.map(|(_, word)| word.to_owned()).collect()
    }
}

/// The flags of a registered portfolio.
#[must_use]
pub fn flags(state: &State, id: &PortfolioId, _now: UtcTime) -> Flags {
    let Some(held) = state.portfolios.get(id) else {
        return Flags::default();
    };
    Flags {
        halted: halt::in_force(state, id, &held.profile).is_some(),
        incident_open: incident::worst_open(state, id).is_some(),
    }
}

/// Adds what is missing for an open request.
pub(in crate::governance::promotion) fn lines(
    state: &State,
    record: &RequestRecord,
    now: UtcTime,
    list: &mut Vec<Missing>,
) {
    let request = &record.request;
    list.extend(standing(state, &request.portfolio, &request.profile, now));
}

/// What safety puts between a portfolio and everything that raises risk, live sessions included.
#[must_use]
pub fn standing(
    state: &State,
    portfolio: &PortfolioId,
    profile: &ProfileId,
    _now: UtcTime,
) -> Vec<Missing> {
    let mut list = Vec::new();
    if let Some(halt) = halt::in_force(state, portfolio, profile) {
        let text = format!("halted ({}) since entry {}", halt.scope, halt.seq);
        let command = format!(
            "promote resume --halt {} --reason TEXT --key RISK --key OPS",
            halt.seq
        );
        list.push(Missing::new("halted", Some("risk"), text, Some(command)));
    }
    if let Some(record) = incident::worst_open(state, portfolio) {
        let (seq, severity) = (record.mark.seq, record.opening.severity.as_str());
        let text = format!("an incident of {severity} severity is open since entry {seq}");
        let command = format!("promote incident close {seq} --finding TEXT --key KEY");
        list.push(Missing::new(
            "incident_open",
            Some("risk"),
            text,
            Some(command),
        ));
    }
    list
}
