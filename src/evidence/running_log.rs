//! The running digest of a session's log: what its commits hold the session to.
//!
//! In: a session, and how far it had come at each commit. Out: one digest per commit: the SHA-256
//! over the digest before it (64 hexadecimal digits and a line feed; nothing for the first) and
//! three tables with the rows since then: the bars (`time,return` and per strategy
//! `return_ID,weight_ID`, spelled as in `series/full.csv`), `orders.csv` and `events.csv`. Rows that
//! were committed can therefore not be changed later. Trades are not part of it, because an open
//! one changes; the gate reconciles them with bars and orders. Whoever has the tables can compute
//! it with `cat` and `sha256sum`; the gate cuts the joined bundle of a stage into its sessions
//! again and computes it from there.

use super::bundle::CheckedBundle;
use super::orders::{self, Order};
use super::series::{FullSeries, StrategySeries};
use super::session_bundle::SessionPart;
use super::table::{TableError, put_number};
use super::trades::Trade;
use super::{events, events::Event};
use crate::kernel::digest::Digest;
use crate::kernel::time::UtcTime;

/// The table of bars: one row per bar.
///
/// # Errors
/// When a number is beyond the decimal grammar, or a column is shorter than the times.
pub fn bars_table(series: &FullSeries) -> Result<Vec<u8>, TableError> {
    let mut out = String::from("time,return");
    for s in &series.strategies {
        out.push_str(&format!(",return_{0},weight_{0}", s.id));
    }
    out.push('\n');
    let columns = std::iter::once(&series.returns).chain(
        series
            .strategies
            .iter()
            .flat_map(|s| [&s.returns, &s.weights]),
    );
    let columns: Vec<&Vec<f64>> = columns.collect();
    for (i, time) in series.times.iter().enumerate() {
        out.push_str(&time.to_string());
        for column in &columns {
            let short = || TableError::line(i + 2, "a column is shorter than the times");
            out.push(',');
            put_number(&mut out, *column.get(i).ok_or_else(short)?)?;
        }
        out.push('\n');
    }
    Ok(out.into_bytes())
}

/// How far a session had come: counts of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Bars.
    pub bars: usize,
    /// Orders.
    pub orders: usize,
    /// Events.
    pub events: usize,
}

impl Reached {
    /// As far as `session` goes.
    #[must_use]
    pub fn of(session: &SessionPart) -> Self {
        Self {
            bars: session.series.times.len(),
            orders: session.orders.len(),
            events: session.events.len(),
        }
    }
}

/// The running digest at each of `commits`, none of which takes back rows.
///
/// # Errors
/// When a commit goes further than the session, or a row cannot stand in its table.
pub fn log_digests(session: &SessionPart, commits: &[Reached]) -> Result<Vec<Digest>, TableError> {
    let mut digests: Vec<Digest> = Vec::with_capacity(commits.len());
    let mut from = Reached {
        bars: 0,
        orders: 0,
        events: 0,
    };
    for to in commits {
        let beyond = || TableError::line(to.bars + 1, "a commit goes further than the session");
        let bars = rows_of(&session.series, from.bars..to.bars).ok_or_else(beyond)?;
        let orders = session.orders.get(from.orders..to.orders);
        let events = session.events.get(from.events..to.events);
        let mut bytes = match digests.last() {
            Some(before) => format!("{before}\n").into_bytes(),
            None => Vec::new(),
        };
        bytes.extend(bars_table(&bars)?);
        bytes.extend(orders::encode(orders.ok_or_else(beyond)?)?);
        bytes.extend(events::encode(events.ok_or_else(beyond)?)?);
        digests.push(Digest::of(&bytes));
        from = *to;
    }
    Ok(digests)
}

fn rows_of(full: &FullSeries, range: std::ops::Range<usize>) -> Option<FullSeries> {
    let column = |values: &[f64]| values.get(range.clone()).map(<[f64]>::to_vec);
    let strategies = full.strategies.iter().map(|s| {
        Some(StrategySeries {
            id: s.id.clone(),
            returns: column(&s.returns)?,
            weights: column(&s.weights)?,
        })
    });
    Some(FullSeries::new(
        full.times.get(range.clone())?.to_vec(),
        column(&full.returns)?,
        strategies.collect::<Option<Vec<_>>>()?,
    ))
}

/// Cuts a session bundle into its sessions: `starts` are their ids and first bars, in order. Bars
/// and events belong to the last session that began before them (or to the first), trades and
/// orders to the session whose id they carry.
#[must_use]
pub fn cut(bundle: &CheckedBundle, starts: &[(&str, UtcTime)]) -> Vec<SessionPart> {
    let full = &bundle.full;
    let of = |time: &UtcTime| {
        let begun = starts.iter().rposition(|(_, first)| first <= time);
        begun.unwrap_or(0)
    };
    let owners: Vec<usize> = full.times.iter().map(of).collect();
    starts
        .iter()
        .enumerate()
        .map(|(index, (id, _))| SessionPart {
            id: (*id).to_owned(),
            series: rows(full, &owners, index),
            trades: own(bundle.trades.as_deref(), id, |t: &Trade| &t.id)
                .map(|(t, id)| Trade { id, ..t.clone() })
                .collect(),
            orders: own(bundle.further.orders.as_deref(), id, |o: &Order| &o.id)
                .map(|(o, id)| Order { id, ..o.clone() })
                .collect(),
            events: bundle
                .further
                .events
                .iter()
                .flatten()
                .filter(|event: &&Event| of(&event.time) == index)
                .cloned()
                .collect(),
        })
        .collect()
}

/// Rows whose id begins with `session:`, with the rest of the id.
fn own<'a, T>(
    rows: Option<&'a [T]>,
    session: &str,
    id: impl Fn(&T) -> &String + 'a,
) -> impl Iterator<Item = (&'a T, String)> {
    let prefix = format!("{session}:");
    rows.into_iter().flatten().filter_map(move |row| {
        let bare = id(row).strip_prefix(prefix.as_str())?.to_owned();
        Some((row, bare))
    })
}

/// The rows of `full` that belong to the session `index`.
fn rows(full: &FullSeries, owners: &[usize], index: usize) -> FullSeries {
    let pick = |column: &[f64]| -> Vec<f64> {
        let mine = column.iter().zip(owners).filter(|(_, o)| **o == index);
        mine.map(|(x, _)| *x).collect()
    };
    let times = full.times.iter().zip(owners).filter(|(_, o)| **o == index);
    let strategies = full.strategies.iter().map(|s| StrategySeries {
        id: s.id.clone(),
        returns: pick(&s.returns),
        weights: pick(&s.weights),
    });
    FullSeries::new(
        times.map(|(time, _)| *time).collect(),
        pick(&full.returns),
        strategies.collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_the_tables_and_of_the_one_before() {
        let times = vec![UtcTime::EPOCH, UtcTime::EPOCH.plus_days(1)];
        let session = |returns: [f64; 2]| SessionPart {
            id: "s".into(),
            series: FullSeries::new(times.clone(), returns.to_vec(), Vec::new()),
            trades: Vec::new(),
            orders: Vec::new(),
            events: Vec::new(),
        };
        let tables = |bars: &str| {
            let mut text = format!("time,return\n{bars}").into_bytes();
            text.extend(orders::encode(&[]).unwrap());
            text.extend(events::encode(&[]).unwrap());
            text
        };
        let at = |bars| Reached {
            bars,
            orders: 0,
            events: 0,
        };
        let found = log_digests(&session([0.01, -0.5]), &[at(1), at(2)]).unwrap();
        let first = Digest::of(&tables("1970-01-01T00:00:00.000Z,0.01\n"));
        let mut second = format!("{first}\n").into_bytes();
        second.extend(tables("1970-01-02T00:00:00.000Z,-0.5\n"));
        assert_eq!(found, [first, Digest::of(&second)]);
        // A bar that was committed cannot change; how it was committed is part of the digest.
        let changed = log_digests(&session([0.02, -0.5]), &[at(1), at(2)]).unwrap();
        assert!(changed[0] != found[0] && changed[1] != found[1]);
        let at_once = log_digests(&session([0.01, -0.5]), &[at(2)]).unwrap();
        assert_ne!(at_once[0], found[1]);
        assert!(log_digests(&session([0.01, f64::NAN]), &[at(2)]).is_err());
        assert!(log_digests(&session([0.01, 0.0]), &[at(3)]).is_err());
        assert!(log_digests(&session([0.01, 0.0]), &[at(2), at(1)]).is_err());
    }
}
