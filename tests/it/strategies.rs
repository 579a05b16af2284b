//! docs/strategies.md carries the reference of kinds and presets as the program declares them, and its
//! example of a composite is one that loads. Every shipped strategy says the same in both forms on
//! real bars.

use std::collections::BTreeMap;
use std::path::Path;

use promote::app::exit::Exit;
use promote::app::market::load_bars;
use promote::app::workspace::Workspace;
use promote::kernel::decimal::Decimal;
use promote::kernel::id::{PortfolioId, ProfileId, StrategyId};
use promote::render::strategies::{kinds, presets};
use promote::research::market::Symbol;
use promote::research::portfolio::configuration::{
    self, AccountTerms, ComponentParameter, Configuration, Parameter, StrategyConfiguration,
    WalkForward,
};
use promote::research::portfolio::recipe::Catalogue;
use promote::research::portfolio::runnable::Runnable;
use promote::research::robustness::backtest::backtest;
use promote::research::strategy::Signal;
use promote::research::strategy::columns::Columns;
use promote::research::strategy::registry::{KINDS, Rule};

use crate::harness::{World, golden, shared_data};
use crate::robustness::workspace;

const DOCUMENT: &str = "docs/strategies.md";

fn document() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCUMENT)).unwrap()
}

fn catalogue() -> Catalogue {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/portfolio_recipes.toml");
    Catalogue::parse(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// `text` with `part` between the marks of `name`.
fn with_part(text: &str, name: &str, part: &str) -> String {
    let (begin, end) = (
        format!("<!-- {name}: begin -->\n"),
        format!("<!-- {name}: end -->\n"),
    );
    let (head, rest) = text.split_once(&begin).unwrap();
    let (_, tail) = rest.split_once(&end).unwrap();
    format!("{head}{begin}\n{part}\n{end}{tail}")
}

#[test]
fn the_reference_is_what_the_program_declares() {
    let now = with_part(&document(), "kinds", &kinds());
    let now = with_part(&now, "presets", &presets(&catalogue()));
    golden(Path::new(DOCUMENT), &now);
}

#[test]
fn the_example_of_a_composite_loads() {
    let text = document();
    let (_, rest) = text.split_once("```toml\n").unwrap();
    let (example, _) = rest.split_once("```\n").unwrap();
    let block = "[strategy.blend]\nkind = \"composite\"\nsymbol = \"BTC/EUR\"\ntimeframe = \"1h\"\n\
                 style = \"blend\"\nposition_fraction = 1\nallow_short = false\n";
    let preset = "[portfolio_recipes.one]\nportfolio_name = \"One\"\ndescription = \"One.\"\n\
                  strategies = [\"blend\"]\nweights = [1]\nrisk_profile = \"moderate\"\n\
                  horizon = \"swing\"\nrun_montecarlo = false\nrun_stress_tests = false\n";
    let catalogue = Catalogue::parse(&format!("{preset}{block}{example}")).unwrap();
    let blend = &catalogue.preset("one").unwrap().strategies[0];
    let shown = blend.parameters["components"].to_string();
    assert!(
        shown.starts_with("0.6 x ma_trend (fast_window = 20"),
        "{shown}"
    );
    assert!(
        shown.contains("0.4 x vol_regime_filter (lookback_percentile = 100"),
        "{shown}"
    );
}

/// A workspace with the real bars of both symbols; none where they are not at hand.
fn real_bars() -> Option<World> {
    let data = shared_data()?;
    let mut world = World::new();
    workspace(&world);
    for (file, symbol) in [
        ("bitstamp_BTCEUR_1h.raw.csv", "BTC/EUR"),
        ("bitstamp_ETHEUR_1h.parquet", "ETH/EUR"),
    ] {
        let path = data.join("crypto").join(file);
        let path = path.to_str().unwrap();
        let import = [
            "data",
            "import",
            path,
            "--symbol",
            symbol,
            "--timeframe",
            "1h",
        ];
        world.run(&import).expect(Exit::Done);
    }
    Some(world)
}

/// One portfolio per kind, on both sides where the kind has two, with parameters that trade often.
fn every_kind() -> Vec<Configuration> {
    let number = |n: i64| Parameter::Number(Decimal::from_int(n));
    let given = |kind: &str| match kind {
        "rsi_reversion" => BTreeMap::from([
            ("rsi_window".to_owned(), number(14)),
            ("lower".to_owned(), number(30)),
            ("upper".to_owned(), number(70)),
        ]),
        "composite" => {
            let part = |kind: &str| ComponentParameter {
                kind: kind.to_owned(),
                weight: Decimal::from_int(1),
                parameters: BTreeMap::new(),
            };
            let parts = ["macd", "momentum", "donchian"].map(part).to_vec();
            BTreeMap::from([("components".to_owned(), Parameter::Components(parts))])
        }
        _ => BTreeMap::new(),
    };
    let one = |kind: &str, fill: &str, account: AccountTerms| {
        let strategy = StrategyConfiguration {
            id: StrategyId::new(kind).unwrap(),
            kind: kind.to_owned(),
            style: "any".to_owned(),
            symbol: "BTC/EUR".to_owned(),
            timeframe: "1h".to_owned(),
            weight: Decimal::from_int(1),
            position_fraction: "0.8".parse().unwrap(),
            risk_per_trade: None,
            stop: "0.05".parse().ok(),
            take_profit: "0.1".parse().ok(),
            allow_short: kind != "vol_regime_filter",
            parameters: Rule::new(kind, &given(kind)).unwrap().parameters(),
        };
        Configuration {
            schema: configuration::SCHEMA.to_owned(),
            portfolio: PortfolioId::new("one").unwrap(),
            profile: ProfileId::new("moderate").unwrap(),
            capital: Decimal::from_int(10_000),
            fee: "0.001".parse().unwrap(),
            slippage: "0.0005".parse().unwrap(),
            fill: fill.to_owned(),
            account,
            walk_forward: WalkForward {
                train_days: 90,
                test_days: 30,
            },
            developed_until: None,
            strategies: vec![strategy],
        }
    };
    let plain = AccountTerms::default();
    let further = AccountTerms {
        spread: "0.0004".parse().ok(),
        borrow_per_year: "0.05".parse().ok(),
        min_notional: "100".parse().ok(),
        rebalance: Some("weekly".to_owned()),
    };
    KINDS
        .iter()
        .flat_map(|kind| {
            [
                one(kind.name, "next_open", plain.clone()),
                one(kind.name, "same_close", further.clone()),
            ]
        })
        .collect()
}

/// For every kind, under both fill rules: what is known at 20 dates drawn at random says the same
/// about the past as what is known at the end.
#[test]
fn nothing_that_comes_later_changes_a_signal_a_fill_or_the_equity_of_real_bars() {
    let Some(world) = real_bars() else { return };
    let place = Workspace {
        root: world.path().to_owned(),
    };
    let symbol: Symbol = "BTC/EUR".parse().unwrap();
    let mut series = load_bars(&place, &symbol, "1h".parse().unwrap())
        .unwrap()
        .series;
    let bars = series.bars.len();
    assert!(bars > 20_000, "{bars}");
    series.bars.drain(..bars - 6000);
    let mut state = 20_u64;
    let mut dates: Vec<usize> = (0..20)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            200 + (state >> 33) as usize % 5799
        })
        .collect();
    dates.sort_unstable();
    for configuration in every_kind() {
        let name = format!(
            "{} {}",
            configuration.strategies[0].kind, configuration.fill
        );
        let portfolio = Runnable::new(&configuration).unwrap();
        let known_to = |end: usize| {
            let mut known = series.clone();
            known.bars.truncate(end);
            let member = &portfolio.members[0];
            let signals = member
                .rule
                .signals(member.allow_short, &Columns::of(&known.bars));
            let map = BTreeMap::from([(symbol.clone(), known)]);
            (signals, backtest(&portfolio, &map).unwrap().account)
        };
        let (signals, all) = known_to(series.bars.len());
        assert!(all.trades.len() > 20, "{name}: {}", all.trades.len());
        for end in &dates {
            let (seen, known) = known_to(*end);
            assert!(seen == signals[..*end], "{name} cut at {end}: signals");
            // What is held is closed in the last bar that is known; all before it is final.
            let last = end - 1;
            assert!(
                known.equity[..last] == all.equity[..last],
                "{name} cut at {end}: equity"
            );
            let fills = all.fills.iter().filter(|fill| fill.bar < last);
            assert!(
                known.fills.iter().filter(|fill| fill.bar < last).eq(fills),
                "{name} cut at {end}: fills"
            );
        }
    }
}

#[test]
fn both_forms_agree_on_real_bars_and_the_future_changes_nothing() {
    let Some(world) = real_bars() else { return };
    let place = Workspace {
        root: world.path().to_owned(),
    };
    let catalogue = catalogue();
    let strategies: BTreeMap<_, _> = catalogue
        .presets
        .values()
        .flat_map(|preset| &preset.strategies)
        .map(|strategy| (&strategy.id, strategy))
        .collect();
    assert!(strategies.len() > 15, "{}", strategies.len());
    for (id, strategy) in strategies {
        let symbol = strategy.symbol.parse().unwrap();
        let stored = load_bars(&place, &symbol, "1h".parse().unwrap()).unwrap();
        let bars = stored.series.bars;
        let rule = Rule::new(&strategy.kind, &strategy.parameters).unwrap();
        let all = rule.signals(true, &Columns::of(&bars));
        let mut running = rule.start(true);
        let one_by_one: Vec<Signal> = bars.iter().map(|bar| running.on_close(bar)).collect();
        assert!(all == one_by_one, "{id}");
        assert!(all.contains(&Signal::Long), "{id}");
        for part in 1..20 {
            let cut = part * bars.len() / 20;
            let known = rule.signals(true, &Columns::of(&bars[..cut]));
            assert!(known == all[..cut], "{id} cut at {cut}");
        }
    }
}
