//! The shipped catalogue, and one mistake at a time.

use super::*;

const SHIPPED: &str = include_str!("../../../../config/portfolio_recipes.toml");

#[test]
fn the_shipped_presets_are_the_playbooks() {
    let catalogue = Catalogue::parse(SHIPPED).unwrap();
    let describe = |p: &Preset| {
        let weights: Vec<String> = p.strategies.iter().map(|s| s.weight.to_string()).collect();
        let first = &p.strategies[0];
        format!(
            "{} {} weights {} stop {} take {} runs {} severity {}",
            p.id,
            p.profile,
            weights.join("/"),
            first.stop.as_ref().unwrap(),
            first.take_profit.as_ref().unwrap(),
            p.monte_carlo.as_ref().unwrap().runs,
            p.stress.as_ref().unwrap().severity
        )
    };
    let seen: Vec<String> = catalogue.presets.values().map(describe).collect();
    assert_eq!(
        seen,
        [
            "aggressive_v11 aggressive weights 0.35/0.3/0.2/0.15 stop 0.04 take 0.12 runs 5000 severity 0.3",
            "conservative_v11 conservative weights 0.3/0.25/0.25/0.2 stop 0.06 take 0.18 runs 2000 severity 0.2",
            "moderate_v11 moderate weights 0.25/0.25/0.25/0.25 stop 0.04 take 0.08 runs 3000 severity 0.25",
            "multi_style_aggressive aggressive weights 0.25/0.25/0.25/0.25 stop 0.03 take 0.06 runs 5000 severity 0.35",
            "multi_style_moderate moderate weights 0.25/0.25/0.25/0.25 stop 0.04 take 0.08 runs 3000 severity 0.25",
            "rsi_reversion_aggressive aggressive weights 0.5/0.5 stop 0.03 take 0.06 runs 3000 severity 0.3",
            "rsi_reversion_balanced moderate weights 0.4/0.3/0.3 stop 0.04 take 0.08 runs 1000 severity 0.2",
            "rsi_reversion_conservative conservative weights 0.6/0.4 stop 0.05 take 0.1 runs 2000 severity 0.2",
            "rsi_reversion_moderate moderate weights 0.5/0.5 stop 0.04 take 0.08 runs 2000 severity 0.25",
        ]
    );
}

#[test]
fn the_shipped_presets_are_long_or_flat_and_smaller_where_careful() {
    let catalogue = Catalogue::parse(SHIPPED).unwrap();
    let rule = WalkForward {
        train_days: 90,
        test_days: 30,
    };
    for preset in catalogue.presets.values() {
        assert!(preset.strategies.iter().all(|s| !s.allow_short));
        assert_eq!(preset.walk_forward, rule);
        // Intraday is 15 and 30 minutes, swing 1 and 4 hours; an hourly rule may stand beside.
        let shortest = if preset.horizon == "intraday" {
            "15min"
        } else {
            "1h"
        };
        let frames = || preset.strategies.iter().map(|s| s.timeframe.as_str());
        assert!(
            frames().any(|timeframe| timeframe == shortest),
            "{}",
            preset.id
        );
        assert_eq!(shortest == "15min", preset.profile.as_str() == "aggressive");
    }
    let fraction = |name: &str| {
        let preset = catalogue.preset(&format!("rsi_reversion_{name}")).unwrap();
        preset.strategies[0].position_fraction.clone()
    };
    assert!(fraction("conservative") < fraction("moderate"));
    assert!(fraction("moderate") < fraction("aggressive"));
}

#[test]
fn an_unknown_preset_lists_the_known_ones_and_is_escaped() {
    let catalogue = Catalogue::parse(SHIPPED).unwrap();
    for bad in ["nope", "../../etc/passwd", "\u{1b}[31mx", ""] {
        let said = catalogue.preset(bad).unwrap_err();
        assert!(said.contains("rsi_reversion_moderate"), "{said}");
        assert!(!said.contains('\u{1b}'), "{said:?}");
    }
}

/// The first mistake in the shipped file after replacing `from` by `to` once, with its token.
fn mistake(from: &str, to: &str) -> (String, String) {
    assert!(SHIPPED.contains(from), "{from}");
    let text = SHIPPED.replacen(from, to, 1);
    let error = Catalogue::parse(&text).unwrap_err().swap_remove(0);
    let token = error.span.map(|span| text.get(span).unwrap().to_owned());
    (error.message, token.unwrap_or_default())
}

/// What is replaced by what, the token that must be named, and a part of the message.
const MISTAKES: [[&str; 4]; 26] = [
    ["[0.6, 0.4]", "[0.6, 0.5]", "[0.6, 0.5]", "add up to 1.1"],
    ["[0.6, 0.4]", "[0.6, 0.39999]", "[0.6, 0.39999]", "0.99999"],
    ["[0.6, 0.4]", "[1.6, -0.6]", "-0.6", "above 0"],
    ["[0.6, 0.4]", "[1, 0]", "0", "above 0"],
    ["[0.6, 0.4]", "[1]", "[1]", "1 weights for 2"],
    ["[0.6, 0.4]", "[0.6, nan]", "nan", "finite"],
    [
        "horizon = \"swing\"",
        "horizon = \"long\"",
        "\"long\"",
        "one of",
    ],
    [
        "horizon = \"swing\"",
        "horizont = \"swing\"",
        "horizont",
        "unknown field",
    ],
    ["mc_num_runs = 2000", "mc_num_runs = 0", "0", "mc_num_runs"],
    [
        "run_montecarlo = true",
        "run_montecarlo = false",
        "2000",
        "no meaning",
    ],
    ["\"vol_spike\"", "\"meteor\"", "\"meteor\"", "one of"],
    [
        "stress_severity = 0.20",
        "stress_severity = 20",
        "20",
        "fraction",
    ],
    ["format = \"both\"", "format = \"pdf\"", "\"pdf\"", "one of"],
    [
        "kind = \"rsi_reversion\"",
        "kind = \"rsi\"",
        "\"rsi\"",
        "unknown kind",
    ],
    [
        "symbol = \"BTC/EUR\"",
        "symbol = \"../BTC\"",
        "\"../BTC\"",
        "symbol",
    ],
    [
        "timeframe = \"1h\"",
        "timeframe = \"7h\"",
        "\"7h\"",
        "timeframe",
    ],
    ["stop_pct = 0.05", "stop_pct = 5", "5", "fraction"],
    ["stop_pct = 0.05", "stop_pct = 0.0", "0.0", "fraction"],
    [
        "position_fraction = 0.8",
        "position_fraction = 1.2",
        "1.20",
        "fraction",
    ],
    [
        "rsi_window = 21",
        "rsi_period = 21",
        "rsi_period",
        "no parameter",
    ],
    ["rsi_window = 21", "rsi_window = 1", "1", "whole number"],
    ["use_wilder = true", "use_wilder = 1", "1", "true or false"],
    [
        "style = \"mean_reversion\"",
        "style = \"Mean Reversion\"",
        "\"Mean Reversion\"",
        "style",
    ],
    [
        "[\"rsi_reversion_btc_conservative\", ",
        "[\"rsi_reversion_btc\", ",
        "\"rsi_reversion_btc\"",
        "no [strategy.rsi_reversion_btc]",
    ],
    [
        "portfolio_recipes.rsi_reversion_conservative]",
        "portfolio_recipes.\"../x\"]",
        "\"../x\"",
        "portfolio name",
    ],
    [
        "portfolio_name = \"RSI reversion, conservative\"",
        "portfolio_name = \"\\u001B[31m\"",
        "\"\\u001B[31m\"",
        "portfolio_name",
    ],
];

#[test]
fn every_mistake_is_found_at_its_token() {
    for [from, to, token, said] in MISTAKES {
        let (message, found) = mistake(from, to);
        assert!(message.contains(said), "{to}: {message}");
        assert_eq!(found, token, "{to}: {message}");
    }
}

#[test]
fn thirds_may_be_rounded_but_not_more() {
    let third = |digits: usize| {
        format!("0.{}", "3".repeat(digits))
            .parse::<Decimal>()
            .unwrap()
    };
    assert!(check_sum(&[third(10), third(10), third(10)]).is_ok());
    assert!(check_sum(&[third(6), third(6), third(6)]).is_err());
}

#[test]
fn hostile_nesting_is_an_error_not_a_crash() {
    let deep = format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(Catalogue::parse(&deep).is_err());
}
