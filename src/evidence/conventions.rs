//! The conventions by which the gate derives metrics: owned by the policy, part of its file.

use serde::{Deserialize, Serialize};

use crate::kernel::decimal::Decimal;

/// `[conventions]` of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GateConventions {
    /// Annual risk-free rate, fraction.
    pub risk_free: Decimal,
    /// Least fee per side, fraction of notional; below it, or unstated: `convention`.
    pub fee_min: Decimal,
    /// Least slippage per side, fraction of price.
    pub slippage_min: Decimal,
    /// Severity of `single_crash_bar` behind `crash_drawdown`, fraction.
    pub crash_severity: Decimal,
    /// Severity of `vol_spike` behind `stress_drawdown_worst`, fraction.
    pub vol_spike_severity: Decimal,
    /// Window of `vol_spike`, bars.
    pub vol_spike_window: u32,
    /// Monte-Carlo method: `simple`, `moving_block` or `stationary`.
    pub mc_method: String,
    /// Monte-Carlo runs.
    pub mc_runs: u32,
    /// Block rule: `cube_root` is the cube root of the number of returns, rounded, at least 1.
    pub mc_block: String,
    /// Sharpe ratio behind `mc_prob_sharpe_above_floor`.
    pub mc_sharpe_floor: Decimal,
    /// Largest widths of a shadow contract; without them no drift can be judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_width_max: Option<WidthMax>,
}

/// How wide the ranges of a shadow contract may be: beyond it, a session inside says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WidthMax {
    /// Growth over the session, fraction per square root of a year.
    pub total_return: Decimal,
    /// Annualised volatility, fraction.
    pub volatility: Decimal,
    /// Maximum drawdown, fraction.
    pub max_drawdown: Decimal,
    /// Positions opened, count.
    pub trades: Decimal,
    /// Slippage per side, fraction of price.
    pub slippage: Decimal,
}
