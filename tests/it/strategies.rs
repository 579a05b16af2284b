//! docs/strategies.md carries the reference of kinds and presets as the program declares them, and its
//! example of a composite is one that loads.

use std::path::Path;

use promote::render::strategies::{kinds, presets};
use promote::research::portfolio::recipe::Catalogue;

use crate::harness::golden;

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
