//! Flags for how the account of a backtest is run.

use clap::{Args, ValueEnum};

use super::robustness::number;
use crate::app::robustness::account::AccountOverrides;
use crate::kernel::decimal::Decimal;
use crate::research::backtest::fill::FillRule;
use crate::research::portfolio::recipe::AccountChoice;
use crate::research::portfolio::terms::Rebalance;

/// How the account is run. A flag wins over the preset, the preset over the settings.
#[derive(Debug, Args)]
pub(super) struct AccountArgs {
    /// When signals are filled; `same_close` is good for SHADOW at most
    /// [default: the preset's, else research.fill of the settings, shipped next_open]
    #[arg(long, value_name = "WHEN")]
    fill: Option<FillArg>,
    /// Full quoted spread in basis points; a fill pays half of it
    /// [default: costs.spread_bps of the settings, shipped 0]
    #[arg(long, value_name = "N", value_parser = number)]
    spread_bps: Option<Decimal>,
    /// What shorts pay per year for what they borrow, in basis points of their notional
    /// [default: costs.borrow_bps_per_year of the settings, shipped 0]
    #[arg(long, value_name = "N", value_parser = number)]
    borrow_bps_per_year: Option<Decimal>,
    /// Least notional of an entry, in the quote currency; 0 is none
    /// [default: the preset's, else research.min_notional of the settings, shipped 0]
    #[arg(long, value_name = "X", value_parser = number)]
    min_notional: Option<Decimal>,
    /// How often open positions are brought back to their share, at cost
    /// [default: the preset's, else research.rebalance of the settings, shipped none]
    #[arg(long, value_name = "PERIOD")]
    rebalance: Option<RebalanceArg>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FillArg {
    /// At the open of the next bar
    #[value(name = "next_open")]
    NextOpen,
    /// At the close that gave the signal
    #[value(name = "same_close")]
    SameClose,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RebalanceArg {
    /// Never between entry and exit
    None,
    /// At the first bar of every day (UTC)
    Daily,
    /// At the first bar of every week, which begins on Monday
    Weekly,
    /// At the first bar of every month
    Monthly,
}

impl AccountArgs {
    pub(super) fn overrides(&self) -> AccountOverrides {
        AccountOverrides {
            choice: AccountChoice {
                fill: self.fill.map(|fill| match fill {
                    FillArg::NextOpen => FillRule::NextOpen,
                    FillArg::SameClose => FillRule::SameClose,
                }),
                rebalance: self.rebalance.map(|rule| match rule {
                    RebalanceArg::None => Rebalance::None,
                    RebalanceArg::Daily => Rebalance::Daily,
                    RebalanceArg::Weekly => Rebalance::Weekly,
                    RebalanceArg::Monthly => Rebalance::Monthly,
                }),
                min_notional: self.min_notional.clone(),
            },
            spread_bps: self.spread_bps.clone(),
            borrow_bps_per_year: self.borrow_bps_per_year.clone(),
        }
    }
}
