//! What a request would trade with: limits, capital, markets, as deny rules ask for them.
//!
//! In: a checked bundle and the limits that would be approved. Out: [`Settings`], logged with the
//! evaluation, so that whoever reads the ledger judges the same values. A setting that nothing is
//! known about has no value.

use serde::{Deserialize, Serialize};

use super::bundle::CheckedBundle;
use super::limits::Limits;
use crate::kernel::decimal::Decimal;

/// One setting that a rule can ask for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// 1 where limits are there in our form, 0 where not.
    LiveRisk,
    /// 1 where a breach blocks the order, 0 where not.
    BlockOnViolation,
    /// Most open positions at once.
    MaxOpenPositions,
    /// Largest sum of all positions over the capital.
    Leverage,
    /// Largest position in one symbol over the capital.
    SymbolShare,
    /// Largest order over the capital.
    OrderShare,
    /// Loss of a day at which trading stops, in percent of the starting cash.
    MaxDailyLossPct,
}

impl Setting {
    /// Every setting with its wire spelling.
    pub const ALL: [(&'static str, Self); 7] = [
        ("live_risk", Self::LiveRisk),
        ("block_on_violation", Self::BlockOnViolation),
        ("max_open_positions", Self::MaxOpenPositions),
        ("leverage", Self::Leverage),
        ("symbol_share", Self::SymbolShare),
        ("order_share", Self::OrderShare),
        ("max_daily_loss_pct", Self::MaxDailyLossPct),
    ];

    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let mut all = Self::ALL.into_iter();
        all.find(|(_, setting)| *setting == self)
            .map_or("", |(name, _)| name)
    }

    /// True for what is 1 or 0.
    #[must_use]
    pub fn is_flag(self) -> bool {
        matches!(self, Self::LiveRisk | Self::BlockOnViolation)
    }
}

/// Everything that is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Money that the account starts with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capital: Option<Decimal>,
    /// Markets, sorted, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub symbols: Vec<String>,
    /// The limits; none where they are not in our form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
}

/// A value as a quotient: compared by cross multiplication, never divided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotient {
    /// Above the line.
    pub above: Decimal,
    /// Below it; above 0.
    pub below: Decimal,
}

impl Settings {
    /// What `bundle` says, traded under `limits`.
    #[must_use]
    pub fn of(bundle: &CheckedBundle, limits: Option<&Limits>) -> Self {
        let configured = bundle.configuration.strategies.iter();
        let mut symbols: Vec<String> = configured.map(|s| s.symbol.clone()).collect();
        symbols.sort();
        symbols.dedup();
        Self {
            capital: bundle.configuration.capital.clone(),
            symbols,
            limits: limits.cloned(),
        }
    }

    /// True when nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The value of a setting; none where it is not known.
    #[must_use]
    pub fn get(&self, setting: Setting) -> Option<Quotient> {
        let one = Decimal::from_int(1);
        let flag = |on: bool| Decimal::from_int(i64::from(on));
        let limits = self.limits.as_ref();
        let capital = self.capital.clone().filter(|c| c.signum() > 0);
        let (above, below) = match setting {
            Setting::LiveRisk => (flag(limits.is_some()), one),
            Setting::BlockOnViolation => (flag(limits?.block_on_violation), one),
            Setting::MaxOpenPositions => (Decimal::from_int(limits?.max_open_positions), one),
            Setting::MaxDailyLossPct => (limits?.max_daily_loss_pct.clone(), one),
            Setting::Leverage => (limits?.max_total_exposure_notional.clone(), capital?),
            Setting::SymbolShare => (limits?.max_symbol_exposure_notional.clone(), capital?),
            Setting::OrderShare => (limits?.max_order_notional.clone(), capital?),
        };
        Some(Quotient { above, below })
    }
}
