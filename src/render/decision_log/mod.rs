//! The decision log: every ended request of a ledger, in the playbook's template.
//!
//! In: the fold of a ledger, its head, a language and perhaps one portfolio. Out: Markdown in the
//! playbook's form (section 8), the same as a page, a sheet or JSON. It depends on the entries up
//! to the head and on nothing else, so the same head gives the same bytes. Free text goes through
//! `render::markdown`.

pub mod checklist;
mod lines;
pub mod metric_names;
mod page;
mod record;
mod text;
pub mod words;

use serde::Serialize;

use super::register::About;
use crate::governance::audit::entry::Head;
use crate::governance::promotion::state::State;
use crate::kernel::id::PortfolioId;

pub use page::{COLUMNS, document, sheet};
pub use record::{CriterionLine, DecisionEntry, SignerLine, decisions, signers, status};
pub use text::render;
pub use words::Language;

/// `promote/decision-log/v1`.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct DecisionLog {
    /// Format.
    pub schema: &'static str,
    /// Where it comes from.
    #[serde(flatten)]
    pub about: About,
    /// Every ended request, in the order of their ends.
    pub decisions: Vec<DecisionEntry>,
}

/// The log of `state`, whose head is `head`, of one portfolio or all.
#[must_use]
pub fn collect(state: &State, head: Head, portfolio: Option<&PortfolioId>) -> DecisionLog {
    DecisionLog {
        schema: "promote/decision-log/v1",
        about: About::new(state, head, portfolio),
        decisions: decisions(state, portfolio),
    }
}
