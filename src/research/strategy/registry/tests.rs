//! One mistake at a time, and what is made of it.

use super::*;
use crate::research::strategy::testing::{component, given};

const RSI: [(&str, &str); 3] = [("rsi_window", "14"), ("lower", "30"), ("upper", "70")];

#[test]
fn defaults_are_resolved_and_read_back() {
    let rule = Rule::new("rsi_reversion", &given(&RSI)).unwrap();
    let all = rule.parameters();
    let shown: Vec<String> = all.iter().map(|(n, v)| format!("{n} {v}")).collect();
    assert_eq!(
        shown,
        [
            "exit_lower 50",
            "exit_upper 50",
            "lower 30",
            "rsi_window 14",
            "trend_ma_window 50",
            "upper 70",
            "use_trend_filter false",
            "use_wilder true"
        ]
    );
    assert_eq!(Rule::new(rule.kind(), &all).unwrap(), rule);
    assert_eq!(rule.warm_up(), 15);
}

/// The kind, the parameter that is put in, its value, the parameter that is named, and the message.
const MISTAKES: &[[&str; 5]] = &[
    [
        "rsi_reversion",
        "rsi_period",
        "14",
        "rsi_period",
        "has no parameter `rsi_period`; known: rsi_window, lower",
    ],
    [
        "rsi_reversion",
        "oversold_level",
        "30",
        "oversold_level",
        "kind `rsi_reversion` has no parameter",
    ],
    [
        "rsi_reversion",
        "exit_lower",
        "101",
        "exit_lower",
        "must be a number from 0 to 100",
    ],
    [
        "rsi_reversion",
        "exit_lower",
        "20",
        "exit_lower",
        "must be at least `lower`",
    ],
    [
        "rsi_reversion",
        "exit_upper",
        "71",
        "exit_upper",
        "must be at most `upper`",
    ],
    [
        "rsi_reversion",
        "trend_ma_window",
        "1",
        "trend_ma_window",
        "must be a whole number from 2 to 10000",
    ],
    [
        "rsi_reversion",
        "trend_ma_window",
        "10001",
        "trend_ma_window",
        "a whole number",
    ],
    [
        "rsi_reversion",
        "use_wilder",
        "1",
        "use_wilder",
        "must be true or false",
    ],
    [
        "rsi_reversion",
        "rsi_window",
        "14.5",
        "rsi_window",
        "a whole number",
    ],
    [
        "rsi_reversion",
        "rsi_window",
        "true",
        "rsi_window",
        "a whole number",
    ],
    [
        "rsi_reversion",
        "lower",
        "low",
        "lower",
        "a number from 0 to 100",
    ],
    [
        "ma_trend",
        "fast_window",
        "50",
        "fast_window",
        "must be below `slow_window`",
    ],
    [
        "ma_crossover",
        "fast",
        "5",
        "fast",
        "kind `ma_crossover` has no parameter `fast`",
    ],
    [
        "trend_following",
        "exit_threshold",
        "30",
        "exit_threshold",
        "must be at most `adx_threshold`",
    ],
    [
        "momentum",
        "exit_threshold",
        "0.5",
        "exit_threshold",
        "must be at most `entry_threshold`",
    ],
    [
        "macd",
        "fast_ema",
        "26",
        "fast_ema",
        "must be below `slow_ema`",
    ],
    [
        "bollinger",
        "bb_std",
        "0",
        "bb_std",
        "must be a number from 0.1 to 10",
    ],
    [
        "mean_reversion",
        "entry_threshold",
        "2",
        "entry_threshold",
        "must be a number from -10 to 0",
    ],
    [
        "mean_reversion",
        "exit_threshold",
        "-2",
        "exit_threshold",
        "must be above `entry_threshold`",
    ],
    [
        "breakout",
        "stop_loss_pct",
        "3",
        "stop_loss_pct",
        "must be a number from 0 to 0.99",
    ],
    [
        "donchian",
        "exit_lookback",
        "21",
        "exit_lookback",
        "must be at most `lookback`",
    ],
    [
        "vol_regime_filter",
        "vol_method",
        "range",
        "vol_method",
        "must be one of: atr, std, realized",
    ],
    [
        "vol_regime_filter",
        "vol_percentile_low",
        "75",
        "vol_percentile_high",
        "above `vol_percentile_low`",
    ],
    [
        "composite",
        "mode",
        "majority",
        "mode",
        "must be one of: weighted, voting, unanimous",
    ],
    [
        "composite",
        "components",
        "1",
        "components",
        "must be a list of 2 to 16",
    ],
];

#[test]
fn every_mistake_names_its_parameter() {
    for [kind, name, value, named, said] in MISTAKES {
        let mut parameters = if *kind == "rsi_reversion" {
            given(&RSI)
        } else {
            given(&[])
        };
        if *kind == "composite" {
            parameters.extend([crate::research::strategy::testing::components(&[
                "macd", "macd",
            ])]);
        }
        parameters.extend(given(&[(name, value)]));
        let error = Rule::new(kind, &parameters).unwrap_err();
        assert_eq!(error.parameter(), Some(*named), "{error}");
        assert!(error.to_string().contains(said), "{error}");
    }
}

#[test]
fn what_has_no_default_must_be_given() {
    let missing = Rule::new("rsi_reversion", &given(&RSI[1..])).unwrap_err();
    assert_eq!(
        missing.to_string(),
        "kind `rsi_reversion` needs the parameter `rsi_window`"
    );
    let missing = Rule::new("composite", &given(&[])).unwrap_err();
    assert_eq!(
        missing.to_string(),
        "kind `composite` needs the parameter `components`"
    );
}

#[test]
fn an_unknown_kind_lists_the_known_ones_and_is_escaped() {
    let said = Rule::new("ma_trend\u{1b}[31m", &given(&[]))
        .unwrap_err()
        .to_string();
    assert!(
        said.contains("known: rsi_reversion, ma_crossover, ma_trend"),
        "{said}"
    );
    assert!(!said.contains('\u{1b}'), "{said:?}");
}

#[test]
fn components_are_checked_like_rules_and_do_not_nest() {
    let with = |parts: Vec<_>| {
        let parameters = BTreeMap::from([("components".to_owned(), Parameter::Components(parts))]);
        Rule::new("composite", &parameters)
    };
    let macd = || component("macd", "0.5", &[]);
    let wrong = with(vec![macd(), component("macd", "0.5", &[("fast", "3")])]).unwrap_err();
    let said = "component 2 of `components`: kind `macd` has no parameter `fast`; known: fast_ema";
    assert!(wrong.to_string().starts_with(said), "{wrong}");
    for bad in [
        vec![macd()],
        vec![macd(); 17],
        vec![macd(), component("macd", "0", &[])],
        vec![macd(), component("macd", "1.5", &[])],
        vec![macd(), component("composite", "1", &[])],
    ] {
        assert!(matches!(with(bad), Err(RegistryError::Value { .. })));
    }
    // Defaults of components are resolved too: the configuration hides nothing.
    let rule = with(vec![macd(), component("donchian", "0.5", &[])]).unwrap();
    let shown = rule.parameters()["components"].to_string();
    assert_eq!(
        shown,
        "0.5 x macd (fast_ema = 12, signal_ema = 9, slow_ema = 26), 0.5 x donchian (exit_lookback = 10, \
         lookback = 20)"
    );
}
