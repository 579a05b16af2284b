//! docs/strategies.md carries the reference of kinds and presets as the program declares them, and its
//! example of a composite is one that loads. Every shipped strategy says the same in both forms on
//! real bars.

use std::collections::BTreeMap;
use std::path::Path;

use promote::app::exit::Exit;
use promote::app::market::load_bars;
use promote::app::workspace::Workspace;
use promote::render::strategies::{kinds, presets};
use promote::research::portfolio::recipe::Catalogue;
use promote::research::strategy::Signal;
use promote::research::strategy::columns::Columns;
use promote::research::strategy::registry::Rule;

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

#[test]
fn both_forms_agree_on_real_bars_and_the_future_changes_nothing() {
    let Some(data) = shared_data() else { return };
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
