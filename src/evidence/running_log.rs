//! The running digest of a session's log: what a commit holds the session to.
//!
//! In: a session as far as it has come. Out: the SHA-256 over four tables, one after the other: the
//! bars (`time,return` and per strategy `return_ID,weight_ID`, spelled as in `series/full.csv`),
//! `trades.csv`, `orders.csv`, `events.csv`. Whoever has the tables can compute it with `cat` and
//! `sha256sum`; the gate cuts the joined bundle of a stage into its sessions again and computes it
//! from there.

use super::bundle::CheckedBundle;
use super::orders::{self, Order};
use super::series::{FullSeries, StrategySeries};
use super::session_bundle::SessionPart;
use super::table::{TableError, put_number};
use super::trades::{self, Trade};
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

/// The running digest of a session.
///
/// # Errors
/// When a number or a word cannot stand in its table.
pub fn log_sha256(session: &SessionPart) -> Result<Digest, TableError> {
    let tables = [
        bars_table(&session.series)?,
        trades::encode(&session.trades)?,
        orders::encode(&session.orders)?,
        events::encode(&session.events)?,
    ];
    Ok(Digest::of(&tables.concat()))
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
    fn the_digest_is_that_of_the_tables() {
        let times = vec![UtcTime::EPOCH, UtcTime::EPOCH.plus_days(1)];
        let session = |returns: [f64; 2]| SessionPart {
            id: "s".into(),
            series: FullSeries::new(times.clone(), returns.to_vec(), Vec::new()),
            trades: Vec::new(),
            orders: Vec::new(),
            events: Vec::new(),
        };
        let mut text =
            "time,return\n1970-01-01T00:00:00.000Z,0.01\n1970-01-02T00:00:00.000Z,-0.5\n".to_owned();
        for table in [
            trades::encode(&[]).unwrap(),
            orders::encode(&[]).unwrap(),
            events::encode(&[]).unwrap(),
        ] {
            text.push_str(std::str::from_utf8(&table).unwrap());
        }
        let digest = log_sha256(&session([0.01, -0.5])).unwrap();
        assert_eq!(digest, Digest::of(text.as_bytes()));
        assert_ne!(digest, log_sha256(&session([0.01, -0.4])).unwrap());
        assert!(log_sha256(&session([0.01, f64::NAN])).is_err());
    }
}
