//! Session bundles: one or several sessions of a stage joined into one bundle.
//!
//! In: what the promoted bundle says about the portfolio (configuration and limits, byte for byte,
//! so that all bundles of a request are about the same thing), and every session of the stage in
//! any order. Out: the files of one bundle of kind shadow, testnet or live. Sessions do not overlap;
//! the time between them is simply not covered. The account goes on from session to session: `pnl`
//! is counted in the money of an account that starts with the configuration's `capital` and keeps
//! what earlier sessions made of it. Ids of trades and orders become `SESSION:ID`, so that nothing
//! is lost when two sessions count from one.

use std::collections::BTreeSet;

use super::bundle::{Built, BundleError, CheckedBundle, Further, Parts, build_with, is_research};
use super::conventions::GateConventions;
use super::events::Event;
use super::manifest::{
    Claim, Conventions, DataSource, Engine, EvidenceKind, MonteCarlo, PortfolioRef, Producer,
    Trials,
};
use super::orders::Order;
use super::series::{FullSeries, StrategySeries};
use super::trades::{Trade, word};
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;

/// Name of the claim that says which session a part came from.
pub const SESSION_CLAIM: &str = "session";

/// What all sessions of a stage have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Shadow, testnet or live.
    pub kind: EvidenceKind,
    /// Who will sign the manifest.
    pub producer: Option<Producer>,
    /// What ran.
    pub portfolio: PortfolioRef,
    /// The configuration, as in the promoted bundle.
    pub strategy: serde_json::Value,
    /// The execution limits, as in the promoted bundle.
    pub limits: serde_json::Value,
    /// What put the bundle together.
    pub engine: Engine,
    /// Bars that the sessions saw, where they are known.
    pub data: Vec<DataSource>,
    /// Conventions behind the numbers.
    pub conventions: Conventions,
}

/// One session.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionPart {
    /// Its id: a plain word, unique in the stage.
    pub id: String,
    /// Its series; columns per strategy in all sessions or in none.
    pub series: FullSeries,
    /// Trades, open ones too.
    pub trades: Vec<Trade>,
    /// Every order.
    pub orders: Vec<Order>,
    /// What else happened.
    pub events: Vec<Event>,
}

/// Why sessions cannot be joined.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// A kind without sessions.
    #[error("a bundle of kind `{0}` has no sessions")]
    Kind(&'static str),
    /// None at all.
    #[error("no session was given")]
    Nothing,
    /// An id that is no plain word, or there twice.
    #[error("session `{0}`: an id is a plain word and there once")]
    Id(String),
    /// A session without bars.
    #[error("session `{0}` has no bars")]
    Empty(String),
    /// Two sessions at the same time.
    #[error("sessions `{0}` and `{1}` overlap")]
    Overlap(String, String),
    /// Different columns per strategy.
    #[error("session `{0}` has columns of other strategies than the first one")]
    Columns(String),
    /// A bundle that holds no session.
    #[error("the bundle has no `{0}`: it is no session bundle")]
    Missing(&'static str),
    /// The joined bundle cannot be written.
    #[error("could not build the bundle")]
    Bundle(#[from] BundleError),
}

impl SessionPart {
    /// The session that a bundle of its own holds. Its id is the one that the bundle claims, and
    /// the ids of its trades and orders lose it as prefix again.
    ///
    /// # Errors
    /// When the bundle is not one of a single session.
    pub fn from_bundle(bundle: &CheckedBundle) -> Result<Self, SessionError> {
        let kind = bundle.manifest.kind;
        if is_research(kind) {
            return Err(SessionError::Kind(kind.as_str()));
        }
        let mut claims = bundle
            .manifest
            .claimed
            .iter()
            .filter(|claim| claim.name == SESSION_CLAIM);
        let id = match (claims.next(), claims.next()) {
            (Some(claim), None) => claim.value.clone(),
            _ => return Err(SessionError::Missing("single session")),
        };
        let own = |full: &str| {
            let bare = full.strip_prefix(id.as_str());
            let bare = bare.and_then(|rest| rest.strip_prefix(':'));
            bare.unwrap_or(full).to_owned()
        };
        let trades = bundle.trades.as_ref();
        let orders = bundle.further.orders.as_ref();
        let trade = |t: &Trade| Trade {
            id: own(&t.id),
            ..t.clone()
        };
        let order = |o: &Order| Order {
            id: own(&o.id),
            ..o.clone()
        };
        Ok(Self {
            series: bundle.full.clone(),
            trades: trades
                .ok_or(SessionError::Missing("trades.csv"))?
                .iter()
                .map(trade)
                .collect(),
            orders: orders
                .ok_or(SessionError::Missing("orders.csv"))?
                .iter()
                .map(order)
                .collect(),
            events: bundle.further.events.clone().unwrap_or_default(),
            id,
        })
    }
}

/// Joins `sessions` into one bundle; metrics are under the conventions of `gate`.
///
/// # Errors
/// When the sessions do not belong together, or the bundle cannot be written.
pub fn build(
    frame: &Frame,
    sessions: &[SessionPart],
    gate: &GateConventions,
    produced_at: UtcTime,
) -> Result<Built, SessionError> {
    if is_research(frame.kind) {
        return Err(SessionError::Kind(frame.kind.as_str()));
    }
    let ordered = ordered(sessions)?;
    let mut trades: Vec<Trade> = Vec::new();
    let mut further = Further {
        orders: Some(Vec::new()),
        events: Some(Vec::new()),
        ..Further::default()
    };
    for session in &ordered {
        let named = |id: &str| format!("{}:{id}", session.id);
        trades.extend(session.trades.iter().map(|t| Trade {
            id: named(&t.id),
            ..t.clone()
        }));
        let orders = session.orders.iter().map(|o| Order {
            id: named(&o.id),
            ..o.clone()
        });
        further.orders.get_or_insert_default().extend(orders);
        let events = session.events.iter().cloned();
        further.events.get_or_insert_default().extend(events);
    }
    // An order or event may carry the time of the next session's first bar.
    further
        .orders
        .get_or_insert_default()
        .sort_by_key(|o| o.time);
    further
        .events
        .get_or_insert_default()
        .sort_by_key(|e| e.time);
    let parts = parts(frame, &ordered, trades)?;
    Ok(build_with(&parts, &further, gate, produced_at)?)
}

fn parts(
    frame: &Frame,
    sessions: &[&SessionPart],
    trades: Vec<Trade>,
) -> Result<Parts, SessionError> {
    let claims = sessions.iter().map(|session| Claim {
        tool: "session".to_owned(),
        name: SESSION_CLAIM.to_owned(),
        value: session.id.clone(),
        convention: "id of its ledger entries".to_owned(),
    });
    Ok(Parts {
        kind: frame.kind,
        producer: frame.producer.clone(),
        portfolio: frame.portfolio.clone(),
        strategy: frame.strategy.clone(),
        limits: frame.limits.clone(),
        engine: frame.engine.clone(),
        data: frame.data.clone(),
        seed: 0,
        full: joined(sessions)?,
        oos: None,
        trades: Some(trades),
        conventions: frame.conventions.clone(),
        stress: Vec::new(),
        mc: MonteCarlo {
            method: "none".to_owned(),
            runs: 0,
            block: 0,
        },
        replicates: Vec::new(),
        trials: Trials {
            count: 0,
            records: Vec::new(),
            unregistered: false,
        },
        claimed: claims.collect(),
        views: Vec::new(),
    })
}

/// The sessions by their time, checked against each other.
fn ordered(sessions: &[SessionPart]) -> Result<Vec<&SessionPart>, SessionError> {
    let mut ids = BTreeSet::new();
    let mut spans = Vec::new();
    for session in sessions {
        let shown = || visible(&session.id, 40);
        if word(&session.id).is_err() || !ids.insert(session.id.as_str()) {
            return Err(SessionError::Id(shown()));
        }
        let times = &session.series.times;
        match (times.first(), times.last()) {
            (Some(first), Some(last)) => spans.push((*first, *last, session)),
            _ => return Err(SessionError::Empty(shown())),
        }
    }
    spans.sort_by_key(|(first, _, _)| *first);
    for ((_, last, a), (first, _, b)) in spans.iter().zip(spans.iter().skip(1)) {
        if first <= last {
            return Err(SessionError::Overlap(a.id.clone(), b.id.clone()));
        }
    }
    if spans.is_empty() {
        return Err(SessionError::Nothing);
    }
    Ok(spans.into_iter().map(|(_, _, session)| session).collect())
}

/// One series out of many; equity counts on.
fn joined(sessions: &[&SessionPart]) -> Result<FullSeries, SessionError> {
    let first = sessions.first().ok_or(SessionError::Nothing)?;
    let mut strategies: Vec<StrategySeries> = first
        .series
        .strategies
        .iter()
        .map(|s| StrategySeries {
            id: s.id.clone(),
            returns: Vec::new(),
            weights: Vec::new(),
        })
        .collect();
    let (mut times, mut returns) = (Vec::new(), Vec::new());
    for session in sessions {
        let series = &session.series;
        times.extend_from_slice(&series.times);
        returns.extend_from_slice(&series.returns);
        if series.strategies.len() != strategies.len() {
            return Err(SessionError::Columns(session.id.clone()));
        }
        for (all, own) in strategies.iter_mut().zip(&series.strategies) {
            if all.id != own.id {
                return Err(SessionError::Columns(session.id.clone()));
            }
            all.returns.extend_from_slice(&own.returns);
            all.weights.extend_from_slice(&own.weights);
        }
    }
    Ok(FullSeries::new(times, returns, strategies))
}
