//! A portfolio of the best of a sweep, as a preset that nobody wrote down.
//!
//! In: the best of a sweep, run again. Out: a [`Preset`] with one strategy for each, with equal
//! weights. It was developed on the bars of the sweep, so its out-of-sample part is what comes after
//! them, and there is none where nothing does. It is called as the portfolio for which the runs of the
//! sweep count, so that its evidence is deflated by them.

use crate::app::candidates::{Candidate, Field};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::kernel::decimal::Decimal;
use crate::kernel::id::{PortfolioId, ProfileId, StrategyId};
use crate::research::portfolio::configuration::{StrategyConfiguration, WalkForward};
use crate::research::portfolio::recipe::{AccountChoice, Preset};
use crate::research::robustness::options::Format;

/// Weights have so many decimals.
const DECIMALS: usize = 9;

/// The preset of the best in `field`, for the risk profile `profile`.
///
/// # Errors
/// Exit 3 where candidates on invented bars are asked for, or names get too long.
pub fn preset(field: &Field, profile: ProfileId) -> Result<Preset, Failure> {
    let Some(portfolio) = field.behind.portfolio.clone() else {
        let said = "the best of a sweep on invented bars make no portfolio";
        return Err(Failure::new(Exit::Invalid, "sweep.invented", said));
    };
    let weights = equal_weights(field.candidates.len());
    let strategies = field.candidates.iter().zip(weights);
    let best = strategies.map(|(candidate, weight)| strategy(field, candidate, weight));
    Ok(Preset {
        id: portfolio,
        name: format!("The best of {}", field.grid.name),
        description: format!(
            "The best {} of the sweep {} by {}.",
            field.candidates.len(),
            field.grid.name,
            field.figure.as_str()
        ),
        profile,
        horizon: "swing".to_owned(),
        tags: vec!["sweep".to_owned()],
        strategies: best.collect::<Result<_, _>>()?,
        monte_carlo: None,
        stress: None,
        format: Format::Both,
        walk_forward: WalkForward {
            train_days: 90,
            test_days: 30,
        },
        developed_until: Some(field.data.last),
        max_drawdown_target: None,
        account: AccountChoice::default(),
    })
}

/// Refuses a name for which the runs of the sweep do not count.
///
/// # Errors
/// Exit 2 when `name` is another than that of the preset.
pub fn check_name(preset: &Preset, name: Option<&PortfolioId>) -> Result<(), Failure> {
    match name {
        Some(name) if *name != preset.id => {
            let said = format!(
                "--portfolio-name: the runs of this sweep count for `{}`, not for `{name}`",
                preset.id
            );
            Err(Failure::new(Exit::Usage, "usage", said).hint(format!(
                "sweep again with `--portfolio {name}`: what was tried for a portfolio is counted for it"
            )))
        }
        _ => Ok(()),
    }
}

fn strategy(
    field: &Field,
    candidate: &Candidate,
    weight: Decimal,
) -> Result<StrategyConfiguration, Failure> {
    let id = StrategyId::new(&format!("{}_{}", field.grid.name, candidate.best.run))
        .map_err(|e| Failure::from_error(Exit::Invalid, "sweep.name", "", &e))?;
    let combination = &candidate.combination;
    let [stop, take_profit] = combination.exits.clone();
    Ok(StrategyConfiguration {
        id,
        kind: combination.rule.kind().to_owned(),
        style: combination.rule.kind().to_owned(),
        symbol: field.data.symbol.clone(),
        timeframe: field.data.timeframe.clone(),
        weight,
        position_fraction: Decimal::from_int(1),
        risk_per_trade: None,
        stop,
        take_profit,
        allow_short: false,
        parameters: combination.rule.parameters(),
    })
}

/// `count` weights that add up to exactly 1; what does not divide goes to the first.
fn equal_weights(count: usize) -> Vec<Decimal> {
    let one = Decimal::from_int(1);
    let whole = 10_usize.pow(u32::try_from(DECIMALS).unwrap_or(0));
    let share = whole / count.max(1);
    let each: Decimal = match share == whole {
        true => one.clone(),
        false => format!("0.{share:0DECIMALS$}")
            .parse()
            .unwrap_or_else(|_| Decimal::zero()),
    };
    let mut weights = vec![each; count];
    let sum = weights.iter().fold(Decimal::zero(), |sum, w| sum.plus(w));
    if let Some(first) = weights.first_mut() {
        *first = first.plus(&one.minus(&sum));
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::research::portfolio::recipe::check_sum;

    #[test]
    fn equal_weights_add_up_to_one() {
        for count in 1..50 {
            let weights = equal_weights(count);
            assert_eq!(weights.len(), count);
            check_sum(&weights).unwrap();
            let sum = weights.iter().fold(Decimal::zero(), |sum, w| sum.plus(w));
            assert_eq!(sum, Decimal::from_int(1), "{count}");
        }
        let three: Vec<String> = equal_weights(3).iter().map(ToString::to_string).collect();
        assert_eq!(three, ["0.333333334", "0.333333333", "0.333333333"]);
    }
}
