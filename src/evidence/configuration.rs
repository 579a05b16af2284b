//! What the gate reads out of `strategy.json`: how many strategies there are, of which style, and
//! with how much capital the account starts.
//!
//! `strategy.json` is canonical JSON and holds the fully resolved configuration; whoever writes it
//! decides what else stands in it. Read here are
//! `{"capital":"10000","strategies":[{"id":…,"style":…,"symbol":…,"timeframe":…,"weight":"0.5"}]}`.

use serde::Deserialize;

use crate::kernel::canonical::{self, CanonicalError, DOCUMENT_MAX_BYTES};
use crate::kernel::decimal::Decimal;
use crate::kernel::id::StrategyId;

/// Most strategies in one portfolio: every pair of them is compared.
pub const STRATEGIES_MAX: usize = 128;

/// The part of the configuration that the gate uses.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Configuration {
    /// Money with which the account starts; what `pnl` is measured against.
    #[serde(default)]
    pub capital: Option<Decimal>,
    /// The strategies, at least one.
    pub strategies: Vec<StrategyRef>,
}

/// One configured strategy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StrategyRef {
    /// Its id; the columns of `series/full.csv` carry it.
    pub id: StrategyId,
    /// Its style, such as `mean_reversion`.
    pub style: String,
    /// Market.
    pub symbol: String,
    /// Bar length.
    pub timeframe: String,
    /// Share of the portfolio, fraction.
    pub weight: Decimal,
}

impl Configuration {
    /// Reads `strategy.json`.
    ///
    /// # Errors
    /// When the bytes are not canonical, or name no strategy, too many, or one twice.
    pub fn decode(bytes: &[u8]) -> Result<Self, CanonicalError> {
        let read: Self = canonical::decode(bytes, DOCUMENT_MAX_BYTES)?;
        let ids: std::collections::BTreeSet<_> = read.strategies.iter().map(|s| &s.id).collect();
        let count = read.strategies.len();
        if count == 0 || count > STRATEGIES_MAX || ids.len() != count {
            return Err(CanonicalError::Shape(format!(
                "`strategies` wants 1 to {STRATEGIES_MAX} strategies, each with its own id"
            )));
        }
        Ok(read)
    }

    /// How many different styles.
    #[must_use]
    pub fn styles(&self) -> usize {
        let styles: std::collections::BTreeSet<_> =
            self.strategies.iter().map(|s| s.style.as_str()).collect();
        styles.len()
    }
}
