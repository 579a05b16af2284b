//! What a preset says about its account and its development, beyond strategies and weights.

use super::{RecipeError, RecipeTable, one_of};
use crate::kernel::decimal::Decimal;
use crate::kernel::time::UtcTime;
use crate::research::backtest::fill::FillRule;
use crate::research::portfolio::terms::Rebalance;

/// How the account of a preset is run; what is none is left to the settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountChoice {
    /// When signals are filled.
    pub fill: Option<FillRule>,
    /// How often open positions are brought back to their share.
    pub rebalance: Option<Rebalance>,
    /// Least notional of an entry, in the quote currency; 0 is none.
    pub min_notional: Option<Decimal>,
}

/// How the preset's account is run.
pub(super) fn account(table: &RecipeTable) -> Result<AccountChoice, RecipeError> {
    let mut choice = AccountChoice::default();
    if let Some(text) = &table.fill {
        let name = one_of("fill", text, &FillRule::ALL.map(FillRule::as_str))?;
        choice.fill = FillRule::named(&name);
    }
    if let Some(text) = &table.rebalance {
        let name = one_of("rebalance", text, &Rebalance::ALL.map(Rebalance::as_str))?;
        choice.rebalance = Rebalance::named(&name);
    }
    if let Some(number) = &table.min_notional {
        let value = &number.get_ref().0;
        if value.signum() < 0 {
            let said = "min_notional must be 0 or more";
            return Err(RecipeError::at(number.span(), said));
        }
        choice.min_notional = Some(value.clone());
    }
    Ok(choice)
}

/// Where the preset's development stopped; a plain date counts to its end, as it does where evidence
/// is imported. There are no walk-forward windows then.
pub(super) fn developed_until(table: &RecipeTable) -> Result<Option<UtcTime>, RecipeError> {
    let Some(text) = &table.developed_until else {
        return Ok(None);
    };
    let windows = [
        &table.walk_forward_train_days,
        &table.walk_forward_test_days,
    ];
    if let Some(days) = windows.into_iter().flatten().next() {
        let said = "has no meaning beside developed_until: all that comes after is out of sample";
        return Err(RecipeError::at(days.span(), said));
    }
    let until = UtcTime::parse_loose_end(text.get_ref());
    until.map(Some).map_err(|_| {
        let said = "developed_until is a date such as \"2024-01-01\", or a time";
        RecipeError::at(text.span(), said)
    })
}

/// The drawdown that the preset means to stay within.
pub(super) fn max_drawdown_target(table: &RecipeTable) -> Result<Option<Decimal>, RecipeError> {
    let Some(number) = &table.max_drawdown_target else {
        return Ok(None);
    };
    let value = &number.get_ref().0;
    if value.signum() > 0 && *value < Decimal::from_int(1) {
        return Ok(Some(value.clone()));
    }
    let said = "max_drawdown_target is a fraction above 0 and below 1 (0.15 is 15 %)";
    Err(RecipeError::at(number.span(), said))
}
