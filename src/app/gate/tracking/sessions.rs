//! The list of sessions.
//!
//! In: the desk, perhaps one portfolio. Out: the document and its text, in the order of their
//! opening. A session of an earlier stay in its stage is listed and said not to count.

use serde::Serialize;

use super::portfolio;
use crate::app::failure::Failure;
use crate::app::gate::desk::Desk;
use crate::governance::promotion::tracks::covered::union_ms;
use crate::governance::promotion::tracks::session::{Place, SessionRecord};
use crate::governance::stage::Stage;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId, SessionId};
use crate::kernel::text::visible;
use crate::kernel::time::{HOUR_MS, UtcTime};

/// `promote/sessions/v1`.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct SessionsJson {
    /// Which answer this is.
    pub schema: &'static str,
    /// Sessions, in the order of their opening.
    pub sessions: Vec<SessionLine>,
}

/// One session.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct SessionLine {
    /// The session.
    pub session: SessionId,
    /// Its portfolio.
    pub portfolio: PortfolioId,
    /// Stage that it runs in.
    pub stage: Stage,
    /// Where orders go.
    pub environment: Place,
    /// The program that runs it.
    pub system: String,
    /// Strategy that runs.
    pub strategy_sha256: Digest,
    /// When it was opened, by the ledger.
    pub opened_at: UtcTime,
    /// Who opened it.
    pub opened_by: PersonId,
    /// Commits so far.
    pub commits: u64,
    /// Bars committed.
    pub bars: i64,
    /// Time of the first bar.
    pub first_bar: Option<UtcTime>,
    /// Time of the last bar.
    pub last_bar: Option<UtcTime>,
    /// Orders committed.
    pub orders: i64,
    /// Digest of the log.
    pub log_sha256: Option<Digest>,
    /// Whole hours that it covers.
    pub covered_hours: i64,
    /// `open`, or how it ended.
    pub status: String,
    /// Whether it belongs to the portfolio's present stay in its stage.
    pub counts: bool,
}

/// Every session, or those of one portfolio.
///
/// # Errors
/// When the portfolio is unknown.
pub fn list(desk: &Desk, only: Option<&PortfolioId>) -> Result<SessionsJson, Failure> {
    if let Some(id) = only {
        portfolio(desk, id)?;
    }
    let state = &desk.state;
    let records = state.tracks.order.iter();
    let records = records.filter_map(|id| state.tracks.sessions.get(id));
    let sessions = records
        .filter(|record| only.is_none_or(|id| record.open.portfolio == *id))
        .map(|record| line(desk, record))
        .collect();
    Ok(SessionsJson {
        schema: "promote/sessions/v1",
        sessions,
    })
}

fn line(desk: &Desk, record: &SessionRecord) -> SessionLine {
    let open = &record.open;
    let last = record.last();
    let held = desk.state.portfolios.get(&open.portfolio);
    let ended = record.close.as_ref().map(|(_, close)| close.status);
    SessionLine {
        session: open.session.clone(),
        portfolio: open.portfolio.clone(),
        stage: open.stage,
        environment: open.environment,
        system: open.system.clone(),
        strategy_sha256: open.strategy_sha256,
        opened_at: record.mark.time,
        opened_by: record.mark.person.clone(),
        commits: record.commits.len() as u64,
        bars: last.map_or(0, |c| c.bars),
        first_bar: last.map(|c| c.first_bar),
        last_bar: last.map(|c| c.last_bar),
        orders: last.map_or(0, |c| c.orders),
        log_sha256: last.map(|c| c.log_sha256),
        covered_hours: union_ms(&record.covered) / HOUR_MS,
        status: ended.map_or_else(|| "open".to_owned(), |e| e.as_str().to_owned()),
        counts: held.is_some_and(|held| record.is_of(&open.portfolio, held)),
    }
}

/// The list as text.
#[must_use]
pub fn list_text(list: &SessionsJson) -> String {
    if list.sessions.is_empty() {
        return "no sessions\n".to_owned();
    }
    let mut out = String::new();
    for line in &list.sessions {
        let system = visible(&line.system, 80);
        out.push_str(&format!(
            "{}: {} in {}, {}, by {system}\n",
            line.session,
            line.portfolio,
            line.stage,
            line.environment.as_str()
        ));
        let counts = if line.counts {
            ""
        } else {
            ", of an earlier stay"
        };
        out.push_str(&format!(
            "  {}: {} bars and {} orders in {} commits, {} hours covered{counts}\n",
            line.status, line.bars, line.orders, line.commits, line.covered_hours
        ));
        if let (Some(first), Some(last)) = (line.first_bar, line.last_bar) {
            out.push_str(&format!("  bars from {first} to {last}\n"));
        }
    }
    out
}
