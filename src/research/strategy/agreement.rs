//! Every kind, both forms: they agree bar by bar, the past does not change when the future is cut
//! off, nothing is held before the warm-up, shorts need leave, and nobody earns on a random walk.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::columns::Columns;
use super::kind::{Kind, Takes};
use super::registry::{KINDS, Rule};
use super::testing::{components, drawn, given, gridded, walk};
use super::{Signal, bollinger, composite};
use crate::kernel::decimal::Decimal;
use crate::research::market::bar::Bar;
use crate::research::portfolio::configuration::Parameter;

/// What a kind needs and has no default.
fn needed(kind: &Kind) -> BTreeMap<String, Parameter> {
    match kind.name {
        "rsi_reversion" => given(&[("rsi_window", "14"), ("lower", "30"), ("upper", "70")]),
        "composite" => BTreeMap::from([components(&["ma_trend", "donchian", "momentum"])]),
        _ => BTreeMap::new(),
    }
}

/// Several rules of every kind: the defaults, and others that reach each branch.
fn rules() -> Vec<Rule> {
    let mut rules: Vec<Rule> = KINDS
        .iter()
        .map(|kind| Rule::new(kind.name, &needed(kind)).unwrap())
        .collect();
    let mut add = |kind: &str, pairs: &[(&str, &str)]| {
        let declared = KINDS.iter().find(|known| known.name == kind).unwrap();
        let mut parameters = needed(declared);
        parameters.extend(given(pairs));
        rules.push(Rule::new(kind, &parameters).unwrap());
    };
    let plain = [("rsi_window", "5"), ("use_wilder", "false")];
    add("rsi_reversion", &plain);
    add(
        "rsi_reversion",
        &[
            ("use_trend_filter", "true"),
            ("lower", "45"),
            ("upper", "55"),
            ("exit_lower", "60"),
        ],
    );
    add("ma_trend", &[("fast_window", "3"), ("slow_window", "4")]);
    add(
        "trend_following",
        &[("use_ma_filter", "false"), ("adx_period", "5")],
    );
    add(
        "momentum",
        &[("lookback_period", "3"), ("entry_threshold", "0")],
    );
    add(
        "macd",
        &[("fast_ema", "2"), ("slow_ema", "3"), ("signal_ema", "2")],
    );
    add("bollinger", &[("bb_period", "5"), ("bb_std", "0.8")]);
    add(
        "mean_reversion",
        &[("lookback", "7"), ("entry_threshold", "-1")],
    );
    add("donchian", &[("lookback", "5"), ("exit_lookback", "5")]);
    add(
        "breakout",
        &[("lookback_breakout", "5"), ("trailing_stop_pct", "0.03")],
    );
    let levels = [("stop_loss_pct", "0.02"), ("take_profit_pct", "0.03")];
    add("breakout", &levels);
    for method in ["std", "realized"] {
        add(
            "vol_regime_filter",
            &[("vol_method", method), ("vol_window", "5")],
        );
    }
    for mode in ["voting", "unanimous", "any_long", "any_short"] {
        add("composite", &[("mode", mode)]);
    }
    rules
}

fn incremental(rule: &Rule, short: bool, bars: &[Bar]) -> Vec<Signal> {
    let mut running = rule.start(short);
    bars.iter().map(|bar| running.on_close(bar)).collect()
}

/// The batch signals, after all laws were held to them.
fn lawful(rule: &Rule, short: bool, bars: &[Bar], cuts: &[usize]) -> Vec<Signal> {
    let all = rule.signals(short, &Columns::of(bars));
    assert_eq!(all, incremental(rule, short, bars), "{rule:?}");
    let early = all.len().min(rule.warm_up() - 1);
    assert!(all[..early].iter().all(|s| *s == Signal::Flat), "{rule:?}");
    assert!(short || !all.contains(&Signal::Short), "{rule:?}");
    for cut in cuts {
        let known = rule.signals(short, &Columns::of(&bars[..*cut]));
        assert_eq!(known, all[..*cut], "{rule:?} cut at {cut}");
    }
    all
}

#[test]
fn both_forms_agree_on_random_walks_and_no_future_changes_the_past() {
    for rule in rules() {
        let (mut longs, mut shorts) = (0, 0);
        for seed in 0..6_u32 {
            let bars = walk(u64::from(seed), 700);
            let cuts: Vec<usize> = (0..20)
                .map(|n| (n * 37 + seed as usize * 5) % 700)
                .collect();
            let signals = lawful(&rule, true, &bars, &cuts);
            longs += signals.iter().filter(|s| **s == Signal::Long).count();
            shorts += signals.iter().filter(|s| **s == Signal::Short).count();
            lawful(&rule, false, &bars, &cuts[..4]);
        }
        // Agreement of rules that never do anything would show nothing.
        let one_sided = rule.kind() == "vol_regime_filter"
            || rule.kind() == "composite" && rule.parameters()["mode"].to_string() == "any_long";
        let only_short = rule.check_sides(false).is_err();
        assert!(longs >= 10 || only_short, "{rule:?}: {longs} bars long");
        assert!(shorts >= 10 || one_sided, "{rule:?}: {shorts} bars short");
    }
}

#[test]
fn the_forms_agree_on_no_bars_on_few_and_on_a_flat_line() {
    let flat = super::testing::closes(&[0.1; 400]);
    for rule in rules() {
        for count in [0, 1, 2, 3, 30] {
            lawful(&rule, true, &walk(9, count), &[0, count / 2]);
        }
        let signals = lawful(&rule, true, &flat, &[]);
        // Nothing moves: no rule sees a direction. The RSI of a flat line is its middle.
        let directed = rule.kind() != "vol_regime_filter" && rule.kind() != "rsi_reversion";
        assert!(
            !directed || signals.iter().all(|s| *s == Signal::Flat),
            "{rule:?}"
        );
    }
}

/// The position from a close on earns the move to the next close: on a walk whose expected step is
/// zero, whatever the past, so is what a rule earns, or it has seen the future. Over 200 walks, the mean
/// return per bar and the rank correlation of position and move are within 3 standard errors of 0.
/// Both have the expectation zero exactly: signs are fair, whatever the sizes of the moves. (The
/// mean of the 200 Sharpe ratios has not: a rule that holds its winners longer varies more when it wins.)
#[test]
fn nobody_earns_on_a_random_walk() {
    for rule in rules() {
        let (mut means, mut ranks) = (Vec::new(), Vec::new());
        for seed in 0..200 {
            let bars = walk(1000 + seed, 500);
            let signals = rule.signals(true, &Columns::of(&bars));
            let pairs: Vec<(f64, f64)> = signals
                .iter()
                .zip(bars.windows(2))
                .skip(rule.warm_up())
                .map(|(signal, pair)| {
                    // Without the last digits: equal sizes have equal ranks.
                    let step = pair[1].close / pair[0].close - 1.0;
                    (position(*signal), (step * 1e9).round() / 1e9)
                })
                .collect();
            let earned: f64 = pairs.iter().map(|(held, step)| held * step).sum();
            means.push(earned / pairs.len() as f64);
            ranks.push(rank_correlation(&pairs));
        }
        for (name, values) in [("mean return", &means), ("rank IC", &ranks)] {
            let errors = standard_errors(values);
            assert!(
                errors.abs() < 3.0,
                "{rule:?}: {name} {errors:.2} standard errors from 0"
            );
        }
    }
}

/// How many of its standard errors the mean is away from 0.
fn standard_errors(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    assert!(variance > 0.0, "nothing was held");
    mean / (variance / n).sqrt()
}

fn position(signal: Signal) -> f64 {
    match signal {
        Signal::Long => 1.0,
        Signal::Flat => 0.0,
        Signal::Short => -1.0,
    }
}

/// Mean product of position and signed rank of the move, scaled to -1 to 1. The rank is that of
/// the size of the move, ties have their mean rank.
fn rank_correlation(pairs: &[(f64, f64)]) -> f64 {
    let mut sizes: Vec<f64> = pairs.iter().map(|(_, step)| step.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let signed_rank = |step: f64| {
        let below = sizes.partition_point(|size| *size < step.abs());
        let through = sizes.partition_point(|size| *size <= step.abs());
        let rank = (below + through) as f64 / 2.0;
        if step > 0.0 { rank } else { -rank }
    };
    let moves = pairs.iter().filter(|(_, step)| *step != 0.0);
    let products = moves.map(|(held, step)| held * signed_rank(*step));
    products.sum::<f64>() / (pairs.len() as f64).powi(2)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_rule_on_any_bars_is_lawful(
        kind in 0..KINDS.len(),
        draws in prop::collection::vec(any::<u32>(), 8),
        steps in prop::collection::vec(any::<(u8, u8, u8)>(), 0..160),
        cut in any::<prop::sample::Index>(),
        short in any::<bool>(),
    ) {
        // Conditions between parameters may fail; the tests above show that rules exist.
        let Ok(rule) = Rule::new(KINDS[kind].name, &drawn(KINDS[kind], &draws)) else {
            return Ok(());
        };
        let bars = gridded(&steps);
        let cuts: Vec<usize> = (!bars.is_empty()).then(|| cut.index(bars.len())).into_iter().collect();
        lawful(&rule, short, &bars, &cuts);
    }
}

#[test]
fn kinds_declare_what_they_read() {
    for kind in KINDS {
        let rule = Rule::new(kind.name, &needed(kind)).unwrap();
        assert_eq!(rule.parameters().len(), kind.specs.len(), "{}", kind.name);
        assert_eq!(Rule::new(kind.name, &rule.parameters()).unwrap(), rule);
        assert!(rule.warm_up() >= 1);
        for condition in kind.conditions {
            let named = kind
                .specs
                .iter()
                .any(|spec| spec.name == condition.parameter);
            assert!(named, "{}: {}", kind.name, condition.parameter);
        }
        for spec in kind.specs {
            if let Takes::Number { from, to, default } = &spec.takes {
                let [from, to] = [from, to].map(|text| text.parse::<Decimal>().unwrap());
                assert!(from < to, "{}", spec.name);
                if let Some(default) = default {
                    let default: Decimal = default.parse().unwrap();
                    assert!(from <= default && default <= to, "{}", spec.name);
                }
            }
        }
        // Every text in quotes is a parameter, a mode or a measure.
        for quoted in kind.rule.split('`').skip(1).step_by(2) {
            let word = quoted.trim_start_matches('-');
            let known = kind.specs.iter().any(|spec| match &spec.takes {
                Takes::Word { of, .. } if of.contains(&word) => true,
                _ => spec.name == word,
            });
            assert!(known || word.contains(' '), "{}: {quoted}", kind.name);
        }
    }
    assert_eq!(
        (bollinger::KIND.name, composite::KIND.name),
        ("bollinger", "composite")
    );
}
