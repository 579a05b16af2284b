//! `robustness` and `presets`, end to end, on made-up bars and on real ones.

use std::path::Path;

use promote::adapters::frames::write_bars;
use promote::adapters::host::durable;
use promote::app::exit::Exit;
use promote::app::market::paths;
use promote::app::workspace::Workspace;
use promote::kernel::canonical;
use promote::kernel::digest::Digest;
use promote::kernel::time::{HOUR_MS, UtcTime};
use promote::research::market::manifest::Origin;
use promote::research::market::{Bar, BarSeries, DataManifest};

use crate::harness::{World, shared_data};

/// A workspace with the shipped settings, and no bars.
pub fn workspace(world: &World) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["config/config.toml", "config/portfolio_recipes.toml"] {
        world.write(name, std::fs::read(root.join(name)).unwrap());
    }
    for (name, bytes) in promote::governance::policy::set::embedded_files() {
        world.write(&format!("policies/{name}"), bytes);
    }
}

/// Stores hourly bars in the world's workspace.
pub fn store(world: &World, symbol: &str, bars: Vec<Bar>, synthetic: bool) {
    let series = BarSeries {
        symbol: symbol.parse().unwrap(),
        timeframe: "1h".parse().unwrap(),
        bars,
        synthetic,
    };
    let source = Origin::File {
        name: "test".to_owned(),
        sha256: Digest::of(b"test"),
        layout: "generic".to_owned(),
        rows: i64::try_from(series.bars.len()).unwrap(),
    };
    let place = Workspace {
        root: world.path().to_owned(),
    };
    let (parquet, json) = paths(&place, &series.symbol, series.timeframe);
    std::fs::create_dir_all(parquet.parent().unwrap()).unwrap();
    write_bars(&parquet, &series.bars, synthetic).unwrap();
    let manifest = DataManifest::of(&series, source, Vec::new()).unwrap();
    durable::write_file(&json, &canonical::encode(&manifest).unwrap()).unwrap();
}

/// Hourly bars that swing around a level with noise: RSI reversion likes them.
pub fn swinging(seed: u64, hours: usize) -> Vec<Bar> {
    let start = UtcTime::parse_loose("2023-01-01").unwrap();
    let mut state = seed;
    let mut noise = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as f64 / f64::from(1_u32 << 31)) - 0.5
    };
    let mut gap = 0.0_f64;
    let mut close = 100.0;
    (0..hours)
        .map(|hour| {
            gap = gap * 0.97 + noise() * 0.02;
            let open = close;
            close = 100.0 * gap.exp();
            let (high, low) = (open.max(close) * 1.002, open.min(close) * 0.998);
            Bar {
                time: start.plus_millis(hour as i64 * HOUR_MS),
                open,
                high,
                low,
                close,
                volume: 1.0,
            }
        })
        .collect()
}

/// A world with two swinging symbols.
pub fn world(hours: usize) -> World {
    let world = World::new();
    workspace(&world);
    store(&world, "BTC/EUR", swinging(1, hours), true);
    store(&world, "ETH/EUR", swinging(2, hours), true);
    world
}

const RUN: [&str; 5] = [
    "robustness",
    "--portfolio-preset",
    "rsi_reversion_conservative",
    "--format",
    "json",
];

fn metric(json: &serde_json::Value, metric: &str, sample: &str) -> f64 {
    json["metrics"]
        .as_array()
        .unwrap()
        .iter()
        .find(|m| m["metric"] == metric && m["sample"] == sample)
        .and_then(|m| m["value"].as_str())
        .unwrap_or_else(|| panic!("{metric}:{sample} in {json}"))
        .parse()
        .unwrap()
}

#[test]
fn real_bars_are_honest() {
    let Some(data) = shared_data() else { return };
    let world = World::new();
    workspace(&world);
    let text = std::fs::read_to_string(data.join("crypto/bitstamp_BTCEUR_1h.raw.csv")).unwrap();
    let mut bars: Vec<Bar> = text
        .lines()
        .skip(2)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let x = |i: usize| cells[i].parse::<f64>().unwrap();
            Bar {
                time: UtcTime::from_millis(cells[0].parse::<i64>().unwrap() * 1000).unwrap(),
                open: x(3),
                high: x(4),
                low: x(5),
                close: x(6),
                volume: 1.0,
            }
        })
        .collect();
    bars.reverse();
    store(&world, "BTC/EUR", bars.clone(), false);
    store(&world, "ETH/EUR", bars, false);
    let mut world = world;
    let t = std::time::Instant::now();
    let mut args = RUN.to_vec();
    args.extend(["--fee-bps", "10"]);
    let json = world.run(&args).expect(Exit::Done).json();
    eprintln!("{:?}", t.elapsed());
    eprintln!("{json:#}");
}
