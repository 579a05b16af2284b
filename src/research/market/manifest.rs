//! The manifest of stored bars: `data/BTC-EUR_1h.json` beside `data/BTC-EUR_1h.parquet`.
//!
//! Canonical JSON. It says where the bars come from, what was wrong with the source and what was
//! accepted, and it holds the digests of bars and file, which are checked on every load. Whether bars
//! were invented stands here for ever.

use serde::{Deserialize, Serialize};

use super::bar::BarSeries;
use super::fault::FaultRecord;
use super::symbol::Symbol;
use super::timeframe::Timeframe;
use crate::kernel::digest::Digest;
use crate::kernel::time::UtcTime;

/// Schema name.
pub const SCHEMA: &str = "promote/data-manifest/v1";

/// What stored bars are and where they come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataManifest {
    /// [`SCHEMA`].
    pub schema: String,
    /// What was traded.
    pub symbol: Symbol,
    /// Length of a bar.
    pub timeframe: Timeframe,
    /// Bars stored.
    pub rows: i64,
    /// Time of the first bar.
    pub first: UtcTime,
    /// Time of the last bar.
    pub last: UtcTime,
    /// SHA-256 of the canonical rows; see `research::market::bar`.
    pub bars_sha256: Digest,
    /// SHA-256 of the Parquet file, checked before a byte of it is decoded.
    pub file_sha256: Digest,
    /// Invented, not traded.
    pub synthetic: bool,
    /// Where the bars come from.
    pub source: Origin,
    /// What was wrong with the source, with what was accepted.
    pub faults: Vec<FaultRecord>,
}

/// Where bars come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "snake_case")]
pub enum Origin {
    /// A file.
    File {
        /// Its name, without folder.
        name: String,
        /// SHA-256 of its bytes.
        sha256: Digest,
        /// Layout as which it was read.
        layout: String,
        /// Rows for the symbol.
        rows: i64,
    },
    /// The generator of this program; the same parameters give the same bars.
    Generator {
        /// Seed.
        seed: i64,
        /// Every other parameter, as `data synth` takes it.
        parameters: std::collections::BTreeMap<String, String>,
    },
}

impl DataManifest {
    /// The manifest of `series` in a Parquet file with the digest `file_sha256`; none when it
    /// holds no bar.
    #[must_use]
    pub fn of(
        series: &BarSeries,
        file_sha256: Digest,
        source: Origin,
        faults: Vec<FaultRecord>,
    ) -> Option<Self> {
        let (first, last) = series.span()?;
        Some(Self {
            schema: SCHEMA.to_owned(),
            symbol: series.symbol.clone(),
            timeframe: series.timeframe,
            rows: i64::try_from(series.bars.len()).ok()?,
            first,
            last,
            bars_sha256: series.sha256(),
            file_sha256,
            synthetic: series.synthetic,
            source,
            faults,
        })
    }
}
