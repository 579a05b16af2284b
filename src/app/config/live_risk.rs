//! `[live_risk]` and `[live_risk.portfolio.NAME]`: the execution limits, and what a portfolio sets
//! apart.
//!
//! In: the tables of the files, the stronger one first. Out: limits in which every key has a value,
//! and for each portfolio that is named what it says itself. Amounts are above 0; a key that is not
//! written leaves the weaker file's value alone, also within a portfolio.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::file::File;
use super::source::Source;
use crate::app::failure::Failure;
use crate::evidence::limits::{self, Limits};
use crate::kernel::decimal::Decimal;
use crate::kernel::id::PortfolioId;
use crate::kernel::number::Number;

/// One `[live_risk…]` table. Every key may be absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct LiveRisk {
    base_currency: Option<String>,
    amounts: BTreeMap<&'static str, Decimal>,
    max_open_positions: Option<i64>,
    block_on_violation: Option<bool>,
}

macro_rules! live_risk_table {
    ($name:ident $(, $extra:ident: $type:ty)?) => {
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub(super) struct $name {
            base_currency: Option<Spanned<String>>,
            max_order_notional: Option<Spanned<Number>>,
            max_symbol_exposure_notional: Option<Spanned<Number>>,
            max_total_exposure_notional: Option<Spanned<Number>>,
            max_daily_loss_abs: Option<Spanned<Number>>,
            max_daily_loss_pct: Option<Spanned<Number>>,
            max_open_positions: Option<Spanned<i64>>,
            block_on_violation: Option<bool>,
            $($extra: $type,)?
        }

        impl $name {
            fn checked(&self, source: &Source<'_>) -> Result<LiveRisk, Failure> {
                let mut amounts = BTreeMap::new();
                for (name, value) in [
                    ("max_order_notional", &self.max_order_notional),
                    ("max_symbol_exposure_notional", &self.max_symbol_exposure_notional),
                    ("max_total_exposure_notional", &self.max_total_exposure_notional),
                    ("max_daily_loss_abs", &self.max_daily_loss_abs),
                    ("max_daily_loss_pct", &self.max_daily_loss_pct),
                ] {
                    if let Some(value) = value {
                        amounts.insert(name, source.positive(name, value)?);
                    }
                }
                let positions = match &self.max_open_positions {
                    None => None,
                    Some(n) if (1..=1_000_000).contains(n.get_ref()) => Some(*n.get_ref()),
                    Some(n) => {
                        let said = "max_open_positions must be between 1 and 1000000";
                        return Err(source.refuse(n.span(), said));
                    }
                };
                let base_currency = match &self.base_currency {
                    None => None,
                    Some(text) if is_currency(text.get_ref()) => Some(text.get_ref().clone()),
                    Some(text) => {
                        let said = "base_currency must be 2 to 10 of A-Z and 0-9, such as EUR";
                        return Err(source.refuse(text.span(), said));
                    }
                };
                Ok(LiveRisk {
                    base_currency,
                    amounts,
                    max_open_positions: positions,
                    block_on_violation: self.block_on_violation,
                })
            }
        }
    };
}

live_risk_table!(LiveRiskOverride);
live_risk_table!(LiveRiskTable, portfolio: BTreeMap<Spanned<String>, LiveRiskOverride>);

fn is_currency(text: &str) -> bool {
    (2..=10).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// The limits of all files together, and the overrides of each portfolio.
pub(super) fn limits_of(
    layers: &[&(File, Source<'_>)],
) -> Result<(Limits, BTreeMap<PortfolioId, LiveRisk>), Failure> {
    let mut limits = Limits {
        schema: limits::SCHEMA.to_owned(),
        base_currency: String::new(),
        max_order_notional: Decimal::zero(),
        max_symbol_exposure_notional: Decimal::zero(),
        max_total_exposure_notional: Decimal::zero(),
        max_open_positions: 0,
        max_daily_loss_abs: Decimal::zero(),
        max_daily_loss_pct: Decimal::zero(),
        block_on_violation: true,
    };
    let mut overrides: BTreeMap<PortfolioId, LiveRisk> = BTreeMap::new();
    for (file, source) in layers.iter().rev() {
        lay_over(&mut limits, &file.live_risk.checked(source)?);
        for (name, table) in &file.live_risk.portfolio {
            let id = PortfolioId::new(name.get_ref())
                .map_err(|e| source.refuse(name.span(), &e.to_string()))?;
            let own = table.checked(source)?;
            let held = overrides.entry(id).or_default();
            held.base_currency = own.base_currency.or(held.base_currency.take());
            held.amounts.extend(own.amounts);
            held.max_open_positions = own.max_open_positions.or(held.max_open_positions);
            held.block_on_violation = own.block_on_violation.or(held.block_on_violation);
        }
    }
    Ok((limits, overrides))
}

/// Puts what `own` says in the place of what `limits` says.
pub(super) fn lay_over(limits: &mut Limits, own: &LiveRisk) {
    for (name, value) in &own.amounts {
        let place = match *name {
            "max_order_notional" => &mut limits.max_order_notional,
            "max_symbol_exposure_notional" => &mut limits.max_symbol_exposure_notional,
            "max_total_exposure_notional" => &mut limits.max_total_exposure_notional,
            "max_daily_loss_abs" => &mut limits.max_daily_loss_abs,
            _ => &mut limits.max_daily_loss_pct,
        };
        *place = value.clone();
    }
    if let Some(currency) = &own.base_currency {
        limits.base_currency.clone_from(currency);
    }
    if let Some(n) = own.max_open_positions {
        limits.max_open_positions = n;
    }
    if let Some(block) = own.block_on_violation {
        limits.block_on_violation = block;
    }
}
