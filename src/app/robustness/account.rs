//! How the account of a run is run: a flag wins over the preset, the preset over the settings.

use crate::app::config::{Config, basis_points, yearly_basis_points};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::kernel::decimal::Decimal;
use crate::research::backtest::fill::FillRule;
use crate::research::portfolio::configuration::AccountTerms;
use crate::research::portfolio::recipe::AccountChoice;
use crate::research::portfolio::terms::Rebalance;

/// What flags may change. None leaves what preset or settings say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountOverrides {
    /// Fills, rebalancing and least notional.
    pub choice: AccountChoice,
    /// Full quoted spread in basis points.
    pub spread_bps: Option<Decimal>,
    /// What a short pays per year, in basis points.
    pub borrow_bps_per_year: Option<Decimal>,
}

/// The fill rule and the further terms of a configuration. What is as on the plain account is left
/// out.
///
/// # Errors
/// Exit 2 when a flag is out of range.
pub fn account(
    preset: &AccountChoice,
    config: &Config,
    flags: &AccountOverrides,
) -> Result<(FillRule, AccountTerms), Failure> {
    let usage = |said: String| Failure::new(Exit::Usage, "usage", said);
    let asked = |value: Decimal| Some(value).filter(|value| value.signum() > 0);
    let spread = match &flags.spread_bps {
        None => config.spread.clone(),
        Some(bps) => basis_points(bps)
            .ok_or_else(|| usage(format!("--spread-bps: `{bps}` is not from 0 to 5000")))?,
    };
    let borrow_per_year = match &flags.borrow_bps_per_year {
        None => config.borrow_per_year.clone(),
        Some(bps) => yearly_basis_points(bps).ok_or_else(|| {
            usage(format!(
                "--borrow-bps-per-year: `{bps}` is not from 0 to 100000"
            ))
        })?,
    };
    let min_notional = match &flags.choice.min_notional {
        Some(below) if below.signum() < 0 => {
            return Err(usage(format!("--min-notional: `{below}` is below 0")));
        }
        given => given.as_ref().or(preset.min_notional.as_ref()),
    };
    let fill = flags.choice.fill.or(preset.fill);
    let rebalance = flags.choice.rebalance.or(preset.rebalance);
    let rebalance = rebalance.or_else(|| Rebalance::named(&config.rebalance));
    let terms = AccountTerms {
        spread: asked(spread),
        borrow_per_year: asked(borrow_per_year),
        min_notional: asked(min_notional.unwrap_or(&config.min_notional).clone()),
        rebalance: rebalance
            .filter(|rule| *rule != Rebalance::None)
            .map(|rule| rule.as_str().to_owned()),
    };
    let fill = fill.or_else(|| FillRule::named(&config.fill));
    Ok((fill.unwrap_or_default(), terms))
}

/// The flags that repeat what differs from the plain account.
#[must_use]
pub fn repeated(fill: &str, terms: &AccountTerms) -> Vec<String> {
    let ten_thousand = Decimal::from_int(10_000);
    let bps = |value: &Decimal| value.times(&ten_thousand).to_string();
    let plain = fill == FillRule::NextOpen.as_str();
    let flags = [
        ("--fill", (!plain).then(|| fill.to_owned())),
        ("--spread-bps", terms.spread.as_ref().map(bps)),
        (
            "--borrow-bps-per-year",
            terms.borrow_per_year.as_ref().map(bps),
        ),
        (
            "--min-notional",
            terms.min_notional.as_ref().map(ToString::to_string),
        ),
        ("--rebalance", terms.rebalance.clone()),
    ];
    flags
        .into_iter()
        .filter_map(|(flag, value)| Some(format!("{flag} {}", value?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        Config::parse("c.toml", text).unwrap()
    }

    const SETTINGS: &str = "[research]\nfill = \"same_close\"\nrebalance = \"weekly\"\nmin_notional = 10\n\
                            [costs]\nspread_bps = 4\nborrow_bps_per_year = 250\n";

    #[test]
    fn a_flag_wins_over_the_preset_and_the_preset_over_the_settings() {
        let (none, choose) = (AccountOverrides::default(), AccountChoice::default());
        let plain = account(&choose, &config(""), &none).unwrap();
        assert_eq!(plain, (FillRule::NextOpen, AccountTerms::default()));
        let (fill, terms) = account(&choose, &config(SETTINGS), &none).unwrap();
        assert_eq!(
            repeated(fill.as_str(), &terms),
            [
                "--fill same_close",
                "--spread-bps 4",
                "--borrow-bps-per-year 250",
                "--min-notional 10",
                "--rebalance weekly"
            ]
        );
        // A preset may say that it wants the plain account.
        let preset = AccountChoice {
            fill: Some(FillRule::NextOpen),
            rebalance: Some(Rebalance::None),
            min_notional: Some(Decimal::zero()),
        };
        let (fill, terms) = account(&preset, &config(SETTINGS), &none).unwrap();
        assert_eq!(
            repeated(fill.as_str(), &terms),
            ["--spread-bps 4", "--borrow-bps-per-year 250"]
        );
        let flags = AccountOverrides {
            choice: AccountChoice {
                rebalance: Some(Rebalance::Daily),
                ..AccountChoice::default()
            },
            spread_bps: Some(Decimal::zero()),
            borrow_bps_per_year: Some(Decimal::zero()),
        };
        let (fill, terms) = account(&preset, &config(SETTINGS), &flags).unwrap();
        assert_eq!(repeated(fill.as_str(), &terms), ["--rebalance daily"]);
    }

    #[test]
    fn flags_out_of_range_are_usage_errors() {
        let number = |text: &str| Some(text.parse::<Decimal>().unwrap());
        for flags in [
            AccountOverrides {
                spread_bps: number("-1"),
                ..AccountOverrides::default()
            },
            AccountOverrides {
                borrow_bps_per_year: number("100001"),
                ..AccountOverrides::default()
            },
            AccountOverrides {
                choice: AccountChoice {
                    min_notional: number("-0.1"),
                    ..AccountChoice::default()
                },
                ..AccountOverrides::default()
            },
        ] {
            let failure = account(&AccountChoice::default(), &config(""), &flags).unwrap_err();
            assert_eq!(failure.exit, Exit::Usage, "{flags:?}");
        }
    }
}
