//! Grounds: what a request's evidence rests on beyond its numbers.
//!
//! In: checked bundles, and for the sessions the ledger's commits. Out: digests of the bars, how
//! the out-of-sample part came about, trials, sessions. The request carries them, so that its
//! guard can hold them against the ledger without opening a bundle; `basis` holds them against the
//! bundles again whenever it opens them.

use serde::{Deserialize, Serialize};

use crate::evidence::bundle::CheckedBundle;
use crate::evidence::manifest::{EvidenceKind, OosKind, Trials};
use crate::evidence::running_log::{Reached, cut, log_digests};
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId, SessionId};
use crate::kernel::pubkey::Fingerprint;
use crate::kernel::time::UtcTime;

use super::session::{SessionCommit, of_stay};
use crate::governance::promotion::state::State;

/// What a request rests on beyond the numbers of its bundles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grounds {
    /// Who sealed which bundle, sorted by bundle; a bundle without a producer has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seals: Vec<Seal>,
    /// Digests of all bars, sorted, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<Digest>,
    /// How the out-of-sample part came about, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oos_kind: Option<OosKind>,
    /// Trials that the research bundle names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trials: Option<Trials>,
    /// Every session of the stage, in the order of opening.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<Held>,
    /// Portfolios that this one continues; their looks count here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub predecessors: Vec<PortfolioId>,
}

/// A producer's signature over a bundle, kept as a blob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// The bundle.
    pub evidence_sha256: Digest,
    /// Digest of its `evidence.json.sig`.
    pub signature_sha256: Digest,
    /// Who signed.
    pub person: PersonId,
    /// With which key.
    pub key: Fingerprint,
}

impl Seal {
    /// The seal of a checked bundle.
    #[must_use]
    pub fn of(bundle: &CheckedBundle) -> Option<Self> {
        let seal = bundle.seal.as_ref()?;
        Some(Self {
            evidence_sha256: bundle.evidence_sha256,
            signature_sha256: seal.signature_sha256,
            person: seal.producer.person.clone(),
            key: seal.producer.key.clone(),
        })
    }
}

/// A session and its last commit when the request was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// The session.
    pub session: SessionId,
    /// Its last commit; none for a session that never had a bar.
    pub commit: Option<HeldCommit>,
}

/// What a commit holds a bundle to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HeldCommit {
    /// Digest of the session's log.
    pub log_sha256: Digest,
    /// Bars.
    pub bars: i64,
    /// Time of the first bar.
    pub first_bar: UtcTime,
    /// Time of the last bar.
    pub last_bar: UtcTime,
    /// Orders.
    pub orders: i64,
    /// Events.
    pub events: i64,
}

impl From<&SessionCommit> for HeldCommit {
    fn from(commit: &SessionCommit) -> Self {
        Self {
            log_sha256: commit.log_sha256,
            bars: commit.bars,
            first_bar: commit.first_bar,
            last_bar: commit.last_bar,
            orders: commit.orders,
            events: commit.events,
        }
    }
}

/// Why a bundle is not held by the commits of its sessions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotHeld {
    /// No session at all.
    #[error("the ledger holds no session with bars for this bundle")]
    NoSession,
    /// Other bars.
    #[error(
        "session `{session}` committed {committed} bars, the bundle has {found} in their place"
    )]
    Bars {
        /// Session.
        session: SessionId,
        /// Bars committed.
        committed: i64,
        /// Bars found.
        found: usize,
    },
    /// Other content.
    #[error("session `{session}`: the bundle's log is not the one that was committed")]
    Log {
        /// Session.
        session: SessionId,
    },
    /// Trades or orders of no session.
    #[error("the bundle has trades or orders that belong to none of its sessions")]
    Stray,
}

impl Grounds {
    /// True when there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What `bundles` say themselves; sessions and predecessors are the requester's to add.
    #[must_use]
    pub fn of(bundles: &[CheckedBundle]) -> Self {
        let mut data: Vec<Digest> = bundles
            .iter()
            .flat_map(|b| b.manifest.data.iter().map(|d| d.sha256))
            .collect();
        data.sort();
        data.dedup();
        let mut seals: Vec<Seal> = bundles.iter().filter_map(Seal::of).collect();
        seals.sort_by_key(|seal| seal.evidence_sha256);
        let research = bundles
            .iter()
            .map(|b| &b.manifest)
            .find(|m| matches!(m.kind, EvidenceKind::Robustness | EvidenceKind::Import));
        Self {
            seals,
            data,
            oos_kind: research.and_then(|m| Some(m.samples.oos.as_ref()?.kind)),
            trials: research.map(|m| m.trials.clone()),
            sessions: Vec::new(),
            predecessors: Vec::new(),
        }
    }

    /// True when the parts that bundles say themselves are equal.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.seals == other.seals
            && self.data == other.data
            && self.oos_kind == other.oos_kind
            && self.trials == other.trials
    }

    /// The signature that seals a bundle, if one does.
    #[must_use]
    pub fn signature_of(&self, evidence_sha256: &Digest) -> Option<Digest> {
        let mut seals = self.seals.iter();
        let seal = seals.find(|seal| seal.evidence_sha256 == *evidence_sha256);
        seal.map(|seal| seal.signature_sha256)
    }
}

/// Every session of the portfolio's present stay, with its last commit before position `size`.
#[must_use]
pub fn sessions_before(
    state: &State,
    (portfolio, strategy): (&PortfolioId, Digest),
    size: u64,
) -> Vec<Held> {
    of_stay(state, portfolio, strategy)
        .filter(|record| record.mark.seq < size)
        .map(|record| Held {
            session: record.open.session.clone(),
            commit: record.last_before(size).map(HeldCommit::from),
        })
        .collect()
}

/// The commits of each session of a request, up to the one that it names.
pub type Commits = Vec<(SessionId, Vec<HeldCommit>)>;

/// The commits behind `sessions`, from the ledger.
#[must_use]
pub fn commits_of(state: &State, sessions: &[Held]) -> Commits {
    let of = |held: &Held| {
        let record = state.tracks.sessions.get(&held.session)?;
        let all = record.commits.iter().map(|(_, c)| HeldCommit::from(c));
        let mut commits = Vec::new();
        for commit in all {
            let last = Some(&commit) == held.commit.as_ref();
            commits.push(commit);
            if last {
                break;
            }
        }
        Some((held.session.clone(), commits))
    };
    let with_bars = sessions.iter().filter(|held| held.commit.is_some());
    with_bars.filter_map(of).collect()
}

/// How far a session had come at each of its commits.
#[must_use]
pub fn reached(commits: &[HeldCommit]) -> Vec<Reached> {
    let count = |n: i64| usize::try_from(n).unwrap_or(usize::MAX);
    let of = |c: &HeldCommit| Reached {
        bars: count(c.bars),
        orders: count(c.orders),
        events: count(c.events),
    };
    commits.iter().map(of).collect()
}

/// Holds a session bundle against the commits of its sessions: every row belongs to one of them,
/// and at every commit the session's rows give the digest that was committed.
///
/// # Errors
/// The first session whose rows do not.
pub fn hold(bundle: &CheckedBundle, sessions: &Commits) -> Result<(), NotHeld> {
    let starts: Vec<(&str, UtcTime)> = sessions
        .iter()
        .filter_map(|(id, commits)| Some((id.as_str(), commits.first()?.first_bar)))
        .collect();
    if starts.is_empty() || starts.len() != sessions.len() {
        return Err(NotHeld::NoSession);
    }
    let parts = cut(bundle, &starts);
    for ((session, commits), part) in sessions.iter().zip(&parts) {
        let Some(last) = commits.last() else {
            continue;
        };
        let times = &part.series.times;
        let edges = times.first() == Some(&last.first_bar) && times.last() == Some(&last.last_bar);
        if i64::try_from(times.len()) != Ok(last.bars) || !edges {
            return Err(NotHeld::Bars {
                session: session.clone(),
                committed: last.bars,
                found: times.len(),
            });
        }
        let reached = reached(commits);
        let digests = log_digests(part, &reached).unwrap_or_default();
        let wanted = commits.iter().map(|c| c.log_sha256);
        if !wanted.eq(digests) || reached.last() != Some(&Reached::of(part)) {
            return Err(NotHeld::Log {
                session: session.clone(),
            });
        }
    }
    let kept = |rows: usize, all: Option<usize>| rows == all.unwrap_or(0);
    let trades = parts.iter().map(|p| p.trades.len()).sum();
    let orders = parts.iter().map(|p| p.orders.len()).sum();
    let all_orders = bundle.further.orders.as_ref().map(Vec::len);
    match kept(trades, bundle.trades.as_ref().map(Vec::len)) && kept(orders, all_orders) {
        true => Ok(()),
        false => Err(NotHeld::Stray),
    }
}
