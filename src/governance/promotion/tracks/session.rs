//! Sessions: opened, committed while they run, closed.
//!
//! In: statements by ops or an instance about a session of a portfolio in its present stage. Out: what the session
//! covers. A commit names the running digest of the log and the bars so far; it covers only bars
//! that are later than the opening and not older than [`LATE_MAX_MS`] when it is recorded, so time
//! that nobody committed while it passed counts for nothing. Nothing that was committed can be
//! taken back, and a failed session stays.

use serde::{Deserialize, Serialize};

use crate::governance::stage::Stage;
use crate::kernel::digest::Digest;
use crate::kernel::id::{IdError, PortfolioId, SessionId};
use crate::kernel::time::{HOUR_MS, UtcTime};

use super::super::guard::{Moment, words};
use super::super::refusal::Refusal;
use super::super::state::{Mark, Portfolio, State};
use super::session_key::{self, By};
use super::{Checked, covered::Interval};

/// A bar counts when it is committed at most this long after it ended.
pub const LATE_MAX_MS: i64 = 26 * HOUR_MS;
/// Shortest and longest bar, in milliseconds: a minute and a day.
const BAR_MS: std::ops::RangeInclusive<i64> = 60_000..=86_400_000;

/// Where a session sends its orders.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The simulated exchange; outside sandboxes its bars are generated.
    Simulated,
    /// An exchange's test network.
    Testnet,
    /// An exchange.
    Production,
}

impl Place {
    /// Every place.
    pub const ALL: [Self; 3] = [Self::Simulated, Self::Testnet, Self::Production];

    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Simulated => "simulated",
            Self::Testnet => "testnet",
            Self::Production => "production",
        }
    }
}

/// A session begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionOpen {
    /// Its id: `PORTFOLIO-s0001` and so on.
    pub session: SessionId,
    /// What runs.
    pub portfolio: PortfolioId,
    /// The stage that it runs in.
    pub stage: Stage,
    /// Digest of the configuration that runs.
    pub strategy_sha256: Digest,
    /// Where orders go.
    pub environment: Place,
    /// The program that runs it, in words.
    pub system: String,
    /// Length of a bar, milliseconds.
    pub bar_ms: i64,
}

/// How far a session has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionCommit {
    /// The session.
    pub session: SessionId,
    /// Number of this commit, from 1.
    pub number: u64,
    /// Digest of the log so far.
    pub log_sha256: Digest,
    /// Bars so far.
    pub bars: i64,
    /// Time of the first bar.
    pub first_bar: UtcTime,
    /// Time of the last bar.
    pub last_bar: UtcTime,
    /// Orders so far.
    pub orders: i64,
    /// Events so far.
    pub events: i64,
}

/// How a session ended.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// As planned.
    Completed,
    /// Stopped by somebody.
    Aborted,
    /// Broken down.
    Failed,
}

impl Ending {
    /// Every ending.
    pub const ALL: [Self; 3] = [Self::Completed, Self::Aborted, Self::Failed];

    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Aborted => "aborted",
            Self::Failed => "failed",
        }
    }
}

/// A session ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionClose {
    /// The session.
    pub session: SessionId,
    /// How.
    pub status: Ending,
    /// A word to the record; may be empty.
    pub comment: String,
}

/// A session as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRecord {
    /// How it began.
    pub open: SessionOpen,
    /// The entry.
    pub mark: Mark,
    /// Its commits, in order, with the time of their entries and positions.
    pub commits: Vec<(Mark, SessionCommit)>,
    /// How it ended.
    pub close: Option<(Mark, SessionClose)>,
    /// What it covers.
    pub covered: Vec<Interval>,
}

impl SessionRecord {
    /// The last commit before position `size`.
    #[must_use]
    pub fn last_before(&self, size: u64) -> Option<&SessionCommit> {
        let before = |entry: &&(Mark, SessionCommit)| entry.0.seq < size;
        self.commits.iter().rfind(before).map(|(_, c)| c)
    }

    /// The last commit.
    #[must_use]
    pub fn last(&self) -> Option<&SessionCommit> {
        self.commits.last().map(|(_, c)| c)
    }

    /// True when it belongs to the present stay of a version of `held` in its stage.
    #[must_use]
    pub fn is_of(&self, id: &PortfolioId, held: &Portfolio) -> bool {
        let stay = held.version_at(self.open.stage);
        self.open.portfolio == *id
            && stay.is_some_and(|(strategy, since)| {
                self.open.strategy_sha256 == strategy && self.mark.time >= since
            })
    }
}

/// The sessions of a version's present stay in its stage, in the order of their opening.
pub fn of_stay<'s>(
    state: &'s State,
    id: &'s PortfolioId,
    strategy: Digest,
) -> impl Iterator<Item = &'s SessionRecord> {
    let held = state.portfolios.get(id);
    let all = state.tracks.order.iter();
    all.filter_map(|session| state.tracks.sessions.get(session))
        .filter(move |record| record.open.strategy_sha256 == strategy)
        .filter(move |record| held.is_some_and(|held| record.is_of(id, held)))
}

/// The id of the portfolio's next session.
///
/// # Errors
/// When the portfolio's name is too long to be followed by a number.
pub fn next_id(state: &State, portfolio: &PortfolioId) -> Result<SessionId, IdError> {
    let all = state.tracks.sessions.values();
    let count = all.filter(|s| s.open.portfolio == *portfolio).count();
    SessionId::new(&format!("{portfolio}-s{:04}", count + 1))
}

/// May this session begin?
///
/// # Errors
/// The first rule that it breaks.
pub(super) fn check_open(state: &State, act: &SessionOpen, by: &By) -> Checked {
    words(&act.system, "system")?;
    let refuse = |why: &str| {
        Err(Refusal::SessionRefused {
            why: why.to_owned(),
        })
    };
    let Some(held) = state.portfolios.get(&act.portfolio) else {
        return Err(Refusal::UnknownPortfolio {
            portfolio: act.portfolio.clone(),
        });
    };
    let version = match act.stage {
        Stage::Shadow | Stage::Testnet | Stage::Live => held.version_at(act.stage),
        Stage::Research | Stage::Retired => None,
    };
    let Some((strategy, _)) = version else {
        return Err(Refusal::SessionStage {
            stage: act.stage,
            held: held.stage,
        });
    };
    session_key::may_open(state, by, &act.portfolio, act.stage)?;
    if strategy != act.strategy_sha256 {
        return Err(Refusal::StrategyChanged);
    }
    if !fits(act.stage, act.environment, state.genesis.sandbox) {
        return Err(Refusal::SessionPlace {
            stage: act.stage,
            place: act.environment.as_str(),
        });
    }
    if !BAR_MS.contains(&act.bar_ms) {
        return refuse("a bar lasts between a minute and a day");
    }
    if next_id(state, &act.portfolio).ok().as_ref() != Some(&act.session) {
        return refuse("its id is not the next one of this portfolio");
    }
    let running = of_stay(state, &act.portfolio, strategy).find(|s| s.close.is_none());
    match running {
        Some(running) => Err(Refusal::SessionRunning {
            session: running.open.session.clone(),
        }),
        None => Ok(()),
    }
}

/// Shadow sessions send no orders and may listen anywhere; a testnet session runs on a testnet, a
/// live one on an exchange. In a sandbox everything may be simulated, elsewhere nothing.
#[must_use]
pub fn fits(stage: Stage, place: Place, sandbox: bool) -> bool {
    match (stage, place) {
        (_, Place::Simulated) => sandbox,
        (Stage::Shadow, _) => true,
        (Stage::Testnet, Place::Testnet) => true,
        (Stage::Live, Place::Production) => !sandbox,
        _ => false,
    }
}

/// A session that is still open.
fn running<'s>(state: &'s State, id: &SessionId) -> Result<&'s SessionRecord, Refusal> {
    let record = state
        .tracks
        .sessions
        .get(id)
        .ok_or_else(|| Refusal::UnknownSession {
            session: id.clone(),
        })?;
    match &record.close {
        None => Ok(record),
        Some(_) => Err(Refusal::SessionClosed {
            session: id.clone(),
        }),
    }
}

/// May this commit stand?
///
/// # Errors
/// The first rule that it breaks.
pub(super) fn check_commit(state: &State, act: &SessionCommit, by: &By, at: &Moment) -> Checked {
    let record = running(state, &act.session)?;
    session_key::may_continue(by, record)?;
    let refuse = |why: &'static str| Err(Refusal::CommitRefused { why });
    if act.number != record.commits.len() as u64 + 1 {
        return refuse("its number is not the next one of the session");
    }
    if act.bars < 1 || act.orders < 0 || act.events < 0 {
        return refuse("it has one bar at least, and no fewer than no orders");
    }
    if act.last_bar > at.now {
        return refuse("its last bar lies in the future");
    }
    let bar_ms = record.open.bar_ms;
    let room = |from: UtcTime| act.last_bar.millis_since(from) / bar_ms.max(1);
    match record.last() {
        Some(before) => {
            let more = act.bars - before.bars;
            if act.first_bar != before.first_bar {
                return refuse("its first bar is not that of the commits before");
            }
            if more < 0
                || act.orders < before.orders
                || act.events < before.events
                || act.last_bar < before.last_bar
            {
                return refuse("it takes back what was committed");
            }
            if (more == 0) != (act.last_bar == before.last_bar) || more > room(before.last_bar) {
                return refuse("so many bars do not fit between its last bar and the one before");
            }
        }
        None => {
            if act.last_bar < act.first_bar || act.bars - 1 > room(act.first_bar) {
                return refuse("so many bars do not fit between its first and its last bar");
            }
            if act.first_bar.plus_millis(bar_ms) < record.mark.time {
                return refuse("its first bar ended before the session was opened");
            }
            if ends_of_earlier(state, record).is_some_and(|end| act.first_bar <= end) {
                return refuse("its first bar is one of an earlier session");
            }
        }
    }
    Ok(())
}

/// The last bar of the other sessions in the same stay: `record` has none yet, and none is opened
/// while it runs.
fn ends_of_earlier(state: &State, record: &SessionRecord) -> Option<UtcTime> {
    of_stay(state, &record.open.portfolio, record.open.strategy_sha256)
        .filter_map(|other| other.last().map(|c| c.last_bar))
        .max()
}

/// May this session end?
///
/// # Errors
/// The first rule that it breaks.
pub(super) fn check_close(state: &State, act: &SessionClose, by: &By) -> Checked {
    session_key::may_continue(by, running(state, &act.session)?)?;
    if act.comment.is_empty() {
        return Ok(());
    }
    words(&act.comment, "comment")
}

/// The session exists.
pub(super) fn opened(state: &mut State, act: &SessionOpen, mark: Mark) {
    state.tracks.order.push(act.session.clone());
    let record = SessionRecord {
        open: act.clone(),
        mark,
        commits: Vec::new(),
        close: None,
        covered: Vec::new(),
    };
    state.tracks.sessions.insert(act.session.clone(), record);
}

/// The session has come further.
pub(super) fn committed(state: &mut State, act: &SessionCommit, mark: Mark) {
    if let Some(record) = state.tracks.sessions.get_mut(&act.session) {
        if let Some(interval) = covers(record, act, mark.time) {
            record.covered.push(interval);
        }
        record.commits.push((mark, act.clone()));
    }
}

/// What a commit covers beyond the one before: as many bars as it adds, the latest ones, none
/// older than allowed when it is recorded at `now`.
fn covers(record: &SessionRecord, act: &SessionCommit, now: UtcTime) -> Option<Interval> {
    let bar_ms = record.open.bar_ms;
    let (bars, from) = match record.last() {
        Some(before) => (act.bars - before.bars, before.last_bar.plus_millis(bar_ms)),
        None => (act.bars, act.first_bar.max(record.mark.time)),
    };
    let to = act.last_bar.plus_millis(bar_ms).min(now);
    let length = bars.saturating_mul(bar_ms);
    let from = from
        .max(act.last_bar.plus_millis(bar_ms).plus_millis(-length))
        .max(now.plus_millis(-LATE_MAX_MS).plus_millis(-bar_ms));
    (from < to).then_some(Interval { from, to })
}

/// The session ended.
pub(super) fn closed(state: &mut State, act: &SessionClose, mark: Mark) {
    if let Some(record) = state.tracks.sessions.get_mut(&act.session) {
        record.close = Some((mark, act.clone()));
    }
}
