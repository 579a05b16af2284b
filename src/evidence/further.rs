//! The further judged tables of a bundle: regimes and trial blocks of research, orders and events of
//! sessions.
//!
//! Each is optional; which kind of bundle may hold which is checked here.

use super::blocks;
use super::bundle::{BundleError, Files, is_research};
use super::events::{self, Event};
use super::manifest::EvidenceKind;
use super::orders::{self, Order};
use super::path;
use super::regimes::RegimeSeries;
use crate::metrics::pbo::TrialBlocks;

/// Further tables.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Further {
    /// `series/regime.csv`, research only.
    pub regimes: Option<RegimeSeries>,
    /// `trials/blocks.csv`, research only.
    pub blocks: Option<Vec<TrialBlocks>>,
    /// `orders.csv`, sessions only.
    pub orders: Option<Vec<Order>>,
    /// `events.csv`, sessions only.
    pub events: Option<Vec<Event>>,
}

impl Further {
    /// The files of the tables that are there.
    ///
    /// # Errors
    /// When a table cannot be written.
    pub(super) fn files(&self) -> Result<Vec<(&'static str, Vec<u8>)>, BundleError> {
        let table = |path| move |error| BundleError::Table { path, error };
        let mut files = Vec::new();
        if let Some(regimes) = &self.regimes {
            let bytes = regimes.encode().map_err(table(path::REGIME))?;
            files.push((path::REGIME, bytes));
        }
        if let Some(trials) = &self.blocks {
            let bytes = blocks::encode(trials).map_err(table(path::BLOCKS))?;
            files.push((path::BLOCKS, bytes));
        }
        if let Some(orders) = &self.orders {
            let bytes = orders::encode(orders).map_err(table(path::ORDERS))?;
            files.push((path::ORDERS, bytes));
        }
        if let Some(events) = &self.events {
            let bytes = events::encode(events).map_err(table(path::EVENTS))?;
            files.push((path::EVENTS, bytes));
        }
        Ok(files)
    }

    /// Reads the tables of a bundle of `kind`.
    ///
    /// # Errors
    /// When a table is malformed, or does not belong into a bundle of this kind.
    pub(super) fn open(kind: EvidenceKind, files: &Files) -> Result<Self, BundleError> {
        let strangers: &[&str] = match is_research(kind) {
            true => &[path::ORDERS, path::EVENTS],
            false => &[path::REGIME, path::BLOCKS],
        };
        if let Some(path) = strangers.iter().find(|path| files.contains_key(**path)) {
            let kind = kind.as_str();
            let what = format!("a bundle of kind `{kind}` has no file `{path}`");
            return Err(BundleError::Stated(what));
        }
        Ok(Self {
            regimes: read(files, path::REGIME, RegimeSeries::decode)?,
            blocks: read(files, path::BLOCKS, blocks::decode)?,
            orders: read(files, path::ORDERS, orders::decode)?,
            events: read(files, path::EVENTS, events::decode)?,
        })
    }
}

fn read<T>(
    files: &Files,
    path: &'static str,
    decode: impl Fn(&[u8]) -> Result<T, super::table::TableError>,
) -> Result<Option<T>, BundleError> {
    let bytes = files.get(path);
    let read = bytes.map(|bytes| decode(bytes)).transpose();
    read.map_err(|error| BundleError::Table { path, error })
}
