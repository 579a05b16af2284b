//! What safety puts between a request and its stage, as lines of `missing`, and the flags of a
//! portfolio.

use crate::kernel::id::PortfolioId;
use crate::kernel::time::UtcTime;

use super::halt;
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
}

impl Flags {
    /// The flags that are up, in words.
    #[must_use]
    pub fn words(self) -> Vec<String> {
        let all = [(self.halted, "halted")];
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
    }
}

/// Adds what is missing for an open request.
pub(in crate::governance::promotion) fn lines(
    state: &State,
    record: &RequestRecord,
    _now: UtcTime,
    list: &mut Vec<Missing>,
) {
    let request = &record.request;
    if let Some(halt) = halt::in_force(state, &request.portfolio, &request.profile) {
        let text = format!("halted ({}) since entry {}", halt.scope, halt.seq);
        let command = format!(
            "promote resume --halt {} --reason TEXT --key RISK --key OPS",
            halt.seq
        );
        list.push(Missing::new("halted", Some("risk"), text, Some(command)));
    }
}
