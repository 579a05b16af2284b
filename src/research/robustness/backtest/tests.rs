//! Every shipped preset runs, and what it did does not depend on what came after.

use super::*;
use crate::kernel::decimal::Decimal;
use crate::research::market::synth::{self, SynthPlan};
use crate::research::portfolio::configuration::{AccountTerms, Configuration, SCHEMA};
use crate::research::portfolio::recipe::{Catalogue, Preset};

fn catalogue() -> Catalogue {
    Catalogue::parse(include_str!("../../../../config/portfolio_recipes.toml")).unwrap()
}

fn runnable(preset: &Preset) -> Runnable {
    let configuration = Configuration {
        schema: SCHEMA.to_owned(),
        portfolio: preset.id.clone(),
        profile: preset.profile.clone(),
        capital: Decimal::from_int(10_000),
        fee: "0.0026".parse().unwrap(),
        slippage: "0.0005".parse().unwrap(),
        fill: "next_open".to_owned(),
        account: AccountTerms::default(),
        walk_forward: preset.walk_forward,
        developed_until: None,
        strategies: preset.strategies.clone(),
    };
    Runnable::new(&configuration).unwrap()
}

/// Made-up bars for every symbol of `portfolio`, with gaps, as short as it wants them.
fn series(portfolio: &Runnable, bars: u32) -> BTreeMap<Symbol, BarSeries> {
    let symbols = portfolio.symbols().into_iter().cloned();
    symbols
        .map(|symbol| {
            let plan = SynthPlan {
                symbol: symbol.clone(),
                timeframe: portfolio.timeframe,
                start: UtcTime::parse_loose("2023-01-01").unwrap(),
                bars,
                seed: 5,
                price: 20_000.0,
                volatility: 0.9,
                drift: 0.0,
                reversion: 0.01,
                gaps: 0.002,
            };
            (symbol, synth::generate(&plan).unwrap())
        })
        .collect()
}

#[test]
fn every_strategy_of_every_shipped_preset_trades() {
    for preset in catalogue().presets.values() {
        let portfolio = runnable(preset);
        let ran = backtest(&portfolio, &series(&portfolio, 6000)).unwrap();
        for (strategy, exposure) in preset.strategies.iter().zip(&ran.exposure) {
            assert!(
                *exposure > 0.0,
                "{}: {} never traded",
                preset.id,
                strategy.id
            );
        }
    }
}

#[test]
fn cutting_off_the_future_changes_no_past_equity() {
    for name in [
        "multi_style_aggressive",
        "aggressive_v11",
        "conservative_v11",
    ] {
        let portfolio = runnable(catalogue().preset(name).unwrap());
        let whole = series(&portfolio, 3000);
        let all = backtest(&portfolio, &whole).unwrap();
        for cut in [700, 1501, 2222, 2803] {
            let end = all.times[cut];
            let known = whole
                .iter()
                .map(|(symbol, series)| (symbol.clone(), series.between(None, Some(end))))
                .collect();
            let again = backtest(&portfolio, &known).unwrap();
            // The last bar is closed out where the data ends: all before it must be the same.
            let bars = again.times.len() - 1;
            assert_eq!(again.times[..bars], all.times[..bars]);
            assert_eq!(
                again.account.equity[..bars],
                all.account.equity[..bars],
                "{name}"
            );
        }
    }
}

#[test]
fn bars_that_no_market_gives_are_refused() {
    let portfolio = runnable(catalogue().preset("rsi_reversion_moderate").unwrap());
    let good = series(&portfolio, 200);
    let spoil: [fn(&mut Vec<Bar>); 4] = [
        |bars| bars[70].close = f64::NAN,
        |bars| bars[70].low = 0.0,
        |bars| bars[70].high = f64::INFINITY,
        |bars| bars.swap(70, 71),
    ];
    for spoil in spoil {
        let mut bad = good.clone();
        let first = bad.values_mut().next().unwrap();
        spoil(&mut first.bars);
        let refused = backtest(&portfolio, &bad).unwrap_err();
        assert!(matches!(refused, BacktestError::Bars(_, _)), "{refused:?}");
    }
}

/// One bar, and bars that never move: nothing is traded, and no figure is made up.
#[test]
fn one_bar_and_constant_prices_earn_nothing() {
    for preset in catalogue().presets.values() {
        let portfolio = runnable(preset);
        for bars in [1, 400] {
            let mut flat = series(&portfolio, bars);
            for bar in flat.values_mut().flat_map(|series| &mut series.bars) {
                (bar.open, bar.high, bar.low, bar.close) = (100.0, 100.0, 100.0, 100.0);
            }
            let ran = backtest(&portfolio, &flat).unwrap();
            let costs: f64 = ran.account.trades.iter().map(|t| t.costs).sum();
            let end = ran.account.equity.last().unwrap();
            assert!((end - (10_000.0 - costs)).abs() < 1e-6, "{}", preset.id);
            assert!(
                ran.account
                    .returns
                    .iter()
                    .all(|r| r.is_finite() && *r <= 0.0)
            );
        }
    }
}
