//! Sessions, datasets, reruns and trials as commands see them: what a person says becomes an act,
//! what the ledger holds becomes a list.

use std::path::Path;

use serde::Serialize;

use super::desk::Desk;
use super::person::Deed;
use super::{failures, session_log};
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
use crate::governance::promotion::tracks::grounds::{HeldCommit, reached};
use crate::governance::promotion::tracks::revocation::Hits;
use crate::governance::promotion::tracks::session::{
    Ending, Place, SessionClose, SessionCommit, SessionOpen, SessionRecord, next_id,
};
use crate::governance::stage::Stage;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PortfolioId, SessionId};
use crate::kernel::text::visible;
use crate::kernel::time::HOUR_MS;

mod sessions;

pub use sessions::{SessionLine, SessionsJson, list, list_text};

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
