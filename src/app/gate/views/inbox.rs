//! What waits for somebody: requests that want a hand, and what falls due.
//!
//! In: what is shown of a ledger, perhaps a role. Out: the document of `inbox` and its text.

use serde::Serialize;

use crate::app::gate::shown::Shown;
use crate::governance::promotion::missing::{Missing, hands, missing, standing_of};
use crate::governance::promotion::safety::missing::due;
use crate::governance::promotion::state::{RequestRecord, Status};
use crate::governance::stage::{Stage, Target};
use crate::kernel::id::{PortfolioId, RequestId};
use crate::kernel::text::visible;

/// `promote/inbox/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct InboxJson {
    schema: &'static str,
    items: Vec<InboxItem>,
}

/// One thing that somebody can do.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct InboxItem {
    /// The request; null where it is about the portfolio, whatever is asked for.
    request: Option<RequestId>,
    portfolio: PortfolioId,
    stage: Stage,
    target: Option<Target>,
    status: Option<Status>,
    code: String,
    /// Who begins.
    role: Option<String>,
    /// Every role that it is work for: all that have to sign, where several do.
    roles: Vec<String>,
    text: String,
    command: Option<String>,
}

/// What can be done, for one role or all: about portfolios first, then about open requests.
#[must_use]
pub fn inbox(shown: &Shown, role: Option<&str>) -> InboxJson {
    let state = &shown.state;
    let mut items: Vec<InboxItem> = Vec::new();
    for (id, held) in &state.portfolios {
        let mut lines = standing_of(state, id, shown.now);
        lines.extend(due(state, id, shown.now));
        for line in lines {
            // What stands in the way of several portfolios at once, as a global halt, is done once.
            let same = |item: &InboxItem| item.text == line.text && item.command == line.command;
            if !items.iter().any(same) {
                items.push(item(shown, id, held.stage, None, line));
            }
        }
    }
    for record in state.requests.values().filter(|r| r.status.is_open()) {
        let id = &record.request.portfolio;
        let held = state.portfolios.get(id);
        let stage = held.map_or(Stage::Research, |held| held.stage);
        let known = standing_of(state, id, shown.now);
        let lines = missing(state, record, shown.now).into_iter();
        let lines = lines.filter(|line| !known.contains(line));
        items.extend(lines.map(|line| item(shown, id, stage, Some(record), line)));
    }
    let wanted = |item: &InboxItem| role.is_none_or(|role| item.roles.iter().any(|r| r == role));
    items.retain(wanted);
    InboxJson {
        schema: "promote/inbox/v1",
        items,
    }
}

fn item(
    shown: &Shown,
    id: &PortfolioId,
    stage: Stage,
    record: Option<&RequestRecord>,
    line: Missing,
) -> InboxItem {
    InboxItem {
        request: record.map(|r| r.request.request.clone()),
        portfolio: id.clone(),
        stage,
        target: record.map(|r| r.request.target),
        status: record.map(|r| r.status),
        roles: hands(&shown.state, id, &line),
        code: line.code,
        role: line.role,
        text: line.text,
        command: line.command,
    }
}

/// The inbox as text.
#[must_use]
pub fn inbox_text(inbox: &InboxJson) -> String {
    if inbox.items.is_empty() {
        return "nothing to do\n".to_owned();
    }
    let mut out = String::new();
    for item in &inbox.items {
        let about = match (&item.request, item.target) {
            (Some(request), Some(target)) => format!("{request} ({target} for {})", item.portfolio),
            _ => format!("{} ({})", item.portfolio, item.stage),
        };
        out.push_str(&format!("{about}: {}\n", visible(&item.text, 400)));
        if let Some(command) = &item.command {
            out.push_str(&format!("  next: {}\n", visible(command, 400)));
        }
    }
    out
}
