//! `limits.json`: the execution limits that a portfolio would trade under, in canonical bytes.
//!
//! They come from `[live_risk]` with the portfolio's own overrides. Their digest `limits_sha256` is
//! apart from `strategy_sha256`: tightening a limit does not make another strategy.

use serde::{Deserialize, Serialize};

use crate::kernel::canonical::{self, CanonicalError};
use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;

/// The value of `schema`.
pub const SCHEMA: &str = "promote/limits/v1";
/// Name of the file inside a bundle.
pub const FILE_NAME: &str = "limits.json";

/// Execution limits. Amounts are in `base_currency`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// [`SCHEMA`].
    pub schema: String,
    /// Currency of all amounts.
    pub base_currency: String,
    /// Largest single order.
    pub max_order_notional: Decimal,
    /// Largest position in one symbol.
    pub max_symbol_exposure_notional: Decimal,
    /// Largest sum of all positions.
    pub max_total_exposure_notional: Decimal,
    /// Most open positions at once.
    pub max_open_positions: i64,
    /// Loss of a day at which trading stops.
    pub max_daily_loss_abs: Decimal,
    /// The same in percent of the starting cash.
    pub max_daily_loss_pct: Decimal,
    /// True when a breach blocks the order.
    pub block_on_violation: bool,
}

impl Limits {
    /// Canonical bytes: the content of `limits.json`.
    ///
    /// # Errors
    /// When a text in it cannot stand in canonical bytes.
    pub fn encode(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical::encode(self)
    }

    /// Reads `limits.json`.
    ///
    /// # Errors
    /// When the bytes are not canonical, of another schema, or not of this shape.
    pub fn decode(bytes: &[u8]) -> Result<Self, CanonicalError> {
        let read: Self = canonical::decode(bytes, canonical::ENTRY_MAX_BYTES)?;
        if read.schema == SCHEMA {
            return Ok(read);
        }
        let shown = crate::kernel::text::visible(&read.schema, 80);
        Err(CanonicalError::Shape(format!(
            "schema `{shown}`, `{SCHEMA}` is wanted"
        )))
    }

    /// `limits_sha256`.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn digest(&self) -> Result<Digest, CanonicalError> {
        Ok(Digest::of(&self.encode()?))
    }
}
