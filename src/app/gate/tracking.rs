//! Sessions, datasets, reruns and trials as commands see them: what a person says becomes an act,
//! what the ledger holds becomes a list.

use std::path::Path;

use serde::Serialize;

use super::desk::Desk;
use super::failures;
use super::person::Deed;
use super::session_log;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::evidence::running_log::{Reached, log_digests};
use crate::evidence::table::TableError;
use crate::governance::audit::entry::Entry;
use crate::governance::policy::roles::Role;
use crate::governance::promotion::consequences::Consequences;
use crate::governance::promotion::event;
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::Portfolio;
use crate::governance::promotion::statement::Act;
use crate::governance::promotion::tracks::TrackAct;
use crate::governance::promotion::tracks::covered::union_ms;
use crate::governance::promotion::tracks::grounds::{HeldCommit, reached};
use crate::governance::promotion::tracks::revocation::Hits;
use crate::governance::promotion::tracks::session::{
    Ending, Place, SessionClose, SessionCommit, SessionOpen, SessionRecord, next_id,
};
use crate::governance::stage::Stage;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId, SessionId};
use crate::kernel::text::visible;
use crate::kernel::time::{HOUR_MS, UtcTime};

/// `promote/recorded/v1`: what a command of this family left in the ledger.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct RecordedJson {
    /// Which answer this is.
    pub schema: &'static str,
    /// Kind of the first entry.
    pub kind: String,
    /// What it is about: a session, a bundle, bars, a trial.
    pub about: String,
    /// Position of the first entry.
    pub seq: u64,
    /// Its leaf hash.
    pub leaf: Digest,
    /// Every entry that was made, each with what it is about.
    pub entries: Vec<RecordedEntry>,
    /// The next possible command.
    pub next: String,
}

/// One entry that was made.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct RecordedEntry {
    /// Kind of the entry.
    pub kind: String,
    /// What it is about.
    pub about: String,
    /// Position.
    pub seq: u64,
    /// Leaf hash.
    pub leaf: Digest,
}

/// `promote/evidence-revocation/v1`: what rested on a revoked bundle.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct RevocationJson {
    /// Which answer this is.
    pub schema: &'static str,
    /// The bundle.
    pub evidence_sha256: Digest,
    /// What was hit, as it stands after the revocation.
    pub hits: Hits,
    /// What the revocation brought about.
    pub consequences: Consequences,
    /// What was recorded.
    pub recorded: RecordedJson,
}

/// The entries of `written`, all about `about`.
#[must_use]
pub fn entries(written: &[Entry], about: &str) -> Vec<RecordedEntry> {
    let entries = written.iter().map(|entry| RecordedEntry {
        kind: entry.leaf.kind.clone(),
        about: decided(entry).unwrap_or_else(|| about.to_owned()),
        seq: entry.seq,
        leaf: entry.leaf_hash,
    });
    entries.collect()
}

/// What a command recorded, with what is next; none when it recorded nothing.
#[must_use]
pub fn recorded(entries: Vec<RecordedEntry>, next: String) -> Option<RecordedJson> {
    let first = entries.first()?.clone();
    Some(RecordedJson {
        schema: "promote/recorded/v1",
        kind: first.kind,
        about: first.about,
        seq: first.seq,
        leaf: first.leaf,
        entries,
        next,
    })
}

/// The entries as text, without what is next.
#[must_use]
pub fn entries_text(recorded: &RecordedJson) -> String {
    let line = |entry: &RecordedEntry| {
        format!(
            "{} of {} recorded: seq {}, leaf {}\n",
            entry.kind, entry.about, entry.seq, entry.leaf
        )
    };
    recorded.entries.iter().map(line).collect()
}

/// The request that an entry decides, if it is a decision that the act brought about.
fn decided(entry: &Entry) -> Option<String> {
    match event::read(entry).ok()?.statement.act {
        Act::Decision(decision) => Some(decision.request.to_string()),
        _ => None,
    }
}

/// The same as text.
#[must_use]
pub fn recorded_text(recorded: &RecordedJson) -> String {
    let next = visible(&recorded.next, 400);
    format!("{}next: {next}\n", entries_text(recorded))
}

fn deed(act: TrackAct, roles: &[Role]) -> Deed {
    Deed::plain(Act::Track(Box::new(act)), roles)
}

fn portfolio<'d>(desk: &'d Desk, id: &PortfolioId) -> Result<&'d Portfolio, Failure> {
    desk.state.portfolios.get(id).ok_or_else(|| {
        failures::refused(&Refusal::UnknownPortfolio {
            portfolio: id.clone(),
        })
    })
}

fn session<'d>(desk: &'d Desk, id: &SessionId) -> Result<&'d SessionRecord, Failure> {
    desk.state.tracks.sessions.get(id).ok_or_else(|| {
        failures::refused(&Refusal::UnknownSession {
            session: id.clone(),
        })
    })
}

/// A session of a portfolio's version at `stage`, or of the only one that it has.
///
/// # Errors
/// When there is no such portfolio, nothing was granted to it, or it has several versions and no
/// stage is named.
pub fn open(
    desk: &Desk,
    (id, stage): (&PortfolioId, Option<Stage>),
    environment: Place,
    system: &str,
    bar_ms: i64,
) -> Result<(SessionId, Deed), Failure> {
    let held = portfolio(desk, id)?;
    if stage.is_none() && !held.climbing.is_empty() {
        let text = format!("`{id}` has several versions, in different stages");
        return Err(Failure::new(Exit::Usage, "usage.stage", text)
            .hint("name the one that this session runs with --stage"));
    }
    let stage = stage.unwrap_or(held.stage);
    let (strategy_sha256, _) = held.version_at(stage).ok_or_else(|| {
        failures::refused(&Refusal::SessionStage {
            stage: stage.max(Stage::Shadow),
            held: held.stage,
        })
    })?;
    crate::kernel::text::check_free_text("system", system)
        .map_err(|e| Failure::from_error(Exit::Invalid, "text.unstorable", "", &e))?;
    let session = next_id(&desk.state, id)
        .map_err(|e| Failure::from_error(Exit::Invalid, "session.id", "", &e))?;
    let act = TrackAct::SessionOpen(SessionOpen {
        session: session.clone(),
        portfolio: id.clone(),
        stage,
        strategy_sha256,
        environment,
        system: system.to_owned(),
        bar_ms,
    });
    Ok((session, deed(act, &[Role::Ops])))
}

/// What commits a session's log as far as its folder goes.
///
/// # Errors
/// When there is no such session, or a file is not what it should be.
pub fn commit(desk: &Desk, id: &SessionId, folder: &Path) -> Result<Deed, Failure> {
    let record = session(desk, id)?;
    let part = session_log::read(id, folder)?;
    let times = &part.series.times;
    let (Some(first), Some(last)) = (times.first(), times.last()) else {
        return Err(session_log::malformed(folder, &TableError::Empty));
    };
    if let Some(event) = part.events.iter().find(|event| event.time < *first) {
        let text = format!("an event at {} lies before the first bar", event.time);
        return Err(Failure::new(Exit::Invalid, "session.log", text));
    }
    let before: Vec<HeldCommit> = record.commits.iter().map(|(_, c)| c.into()).collect();
    let mut steps = reached(&before);
    steps.push(Reached::of(&part));
    let mut digests = log_digests(&part, &steps).map_err(|e| session_log::malformed(folder, &e))?;
    let log_sha256 = digests
        .pop()
        .ok_or_else(|| session_log::malformed(folder, &TableError::Empty))?;
    if !before.iter().map(|c| c.log_sha256).eq(digests) {
        let text = "the log is not a continuation of what was committed before";
        return Err(Failure::new(Exit::Integrity, "session.changed", text)
            .hint("rows that were committed stay as they are; new ones follow them"));
    }
    let act = TrackAct::SessionCommit(SessionCommit {
        session: id.clone(),
        number: record.commits.len() as u64 + 1,
        log_sha256,
        bars: i64::try_from(times.len()).unwrap_or(i64::MAX),
        first_bar: *first,
        last_bar: *last,
        orders: i64::try_from(part.orders.len()).unwrap_or(i64::MAX),
        events: i64::try_from(part.events.len()).unwrap_or(i64::MAX),
    });
    Ok(deed(act, &[Role::Ops]))
}

/// What ends a session.
///
/// # Errors
/// When there is no such session.
pub fn close(desk: &Desk, id: &SessionId, status: Ending, comment: &str) -> Result<Deed, Failure> {
    session(desk, id)?;
    crate::kernel::text::check_free_text("comment", comment)
        .map_err(|e| Failure::from_error(Exit::Invalid, "text.unstorable", "", &e))?;
    let act = TrackAct::SessionClose(SessionClose {
        session: id.clone(),
        status,
        comment: comment.to_owned(),
    });
    Ok(deed(act, &[Role::Ops]))
}

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

/// A length of a bar such as `1h`, in milliseconds.
///
/// # Errors
/// Exit 2 when it is none.
pub fn bar_length(text: &str) -> Result<i64, Failure> {
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let number = text.get(..digits).and_then(|d| d.parse::<i64>().ok());
    let unit = match text.get(digits..) {
        Some("m" | "min") => Some(60_000),
        Some("h") => Some(HOUR_MS),
        Some("d") => Some(24 * HOUR_MS),
        _ => None,
    };
    number
        .zip(unit)
        .and_then(|(number, unit)| number.checked_mul(unit))
        .filter(|ms| *ms > 0)
        .ok_or_else(|| {
            let text = format!("`{}` is no length of a bar", visible(text, 40));
            Failure::new(Exit::Usage, "usage.timeframe", text).hint("such as 1h, 15min or 1d")
        })
}
