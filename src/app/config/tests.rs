//! The shipped file, a file over it, and what is underlined.

use super::*;

#[test]
fn the_shipped_file_holds_every_default_and_the_playbooks_override() {
    let config = Config::embedded().unwrap();
    assert_eq!(config.capital, Decimal::from_int(10_000));
    assert_eq!(config.fee.to_string(), "0.0026");
    assert_eq!(config.slippage.to_string(), "0.0005");
    let own = config.limits(&PortfolioId::new("rsi_reversion_conservative").unwrap());
    assert_eq!(own.max_order_notional, Decimal::from_int(800));
    assert_eq!(own.max_daily_loss_pct, Decimal::from_int(3));
    assert_eq!(own.max_open_positions, 5);
    let other = config.limits(&PortfolioId::new("another").unwrap());
    assert_eq!(other.max_order_notional, Decimal::from_int(1000));
}

#[test]
fn a_file_lies_over_the_defaults_key_by_key() {
    let text = "[costs]\nfee_bps = 10\n[live_risk.portfolio.rsi_reversion_conservative]\nmax_order_notional = 700\n[identity]\nkey = \"k\"\n";
    let config = Config::parse("config.toml", text).unwrap();
    assert_eq!(config.fee.to_string(), "0.001");
    assert_eq!(config.slippage.to_string(), "0.0005");
    assert_eq!(config.identity_key, Some(PathBuf::from("k")));
    let own = config.limits(&PortfolioId::new("rsi_reversion_conservative").unwrap());
    assert_eq!(own.max_order_notional, Decimal::from_int(700));
    assert_eq!(own.max_daily_loss_abs, Decimal::from_int(300));
}

#[test]
fn the_plain_account_is_the_default_and_every_part_of_it_may_be_set() {
    let plain = Config::embedded().unwrap();
    assert_eq!(
        (plain.fill.as_str(), plain.rebalance.as_str()),
        ("next_open", "none")
    );
    assert!(plain.spread.signum() == 0 && plain.borrow_per_year.signum() == 0);
    assert_eq!(plain.min_notional, Decimal::zero());
    let text = "[research]\nfill = \"same_close\"\nrebalance = \"weekly\"\nmin_notional = 10\n\
                [costs]\nspread_bps = 4\nborrow_bps_per_year = 250\n";
    let own = Config::parse("c.toml", text).unwrap();
    assert_eq!(
        (own.fill.as_str(), own.rebalance.as_str()),
        ("same_close", "weekly")
    );
    assert_eq!(own.spread.to_string(), "0.0004");
    assert_eq!(own.borrow_per_year.to_string(), "0.025");
    assert_eq!(own.min_notional, Decimal::from_int(10));
}

#[cfg(feature = "research")]
#[test]
fn the_words_are_those_of_the_engine() {
    use crate::research::backtest::fill::FillRule;
    use crate::research::portfolio::terms::Rebalance;
    assert_eq!(FILLS, FillRule::ALL.map(FillRule::as_str));
    assert_eq!(REBALANCES, Rebalance::ALL.map(Rebalance::as_str));
}

#[test]
fn wrong_keys_and_values_are_underlined() {
    for (text, token) in [
        ("[research]\nfill = \"close\"\n", "\"close\""),
        ("[research]\nrebalance = \"yearly\"\n", "\"yearly\""),
        ("[research]\nmin_notional = -1\n", "-1"),
        ("[costs]\nspread_bps = 5001\n", "5001"),
        ("[costs]\nborrow_bps_per_year = 100001\n", "100001"),
        ("[costs]\nborrow_bps = 1\n", "borrow_bps"),
        ("[costs]\nfee_bp = 10\n", "fee_bp"),
        ("[costs]\nfee_bps = -1\n", "-1"),
        ("[research]\ncapital = 0\n", "0"),
        ("[live_risk]\nmax_open_positions = 0\n", "0"),
        (
            "[live_risk.portfolio.\"../x\"]\nmax_order_notional = 1\n",
            "../x",
        ),
        ("[live_risk]\nmax_order_notional = nan\n", "nan"),
    ] {
        let failure = Config::parse("c.toml", text).unwrap_err();
        assert_eq!(failure.exit, Exit::Invalid, "{text}");
        let snippet = failure.snippet.unwrap();
        assert!(
            snippet.contains('^') && snippet.contains(token),
            "{snippet}"
        );
    }
}
