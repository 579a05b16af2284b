//! A workspace to run the whole command in, in process: invented hourly bars of two symbols.

use std::ffi::OsString;
use std::path::Path;

use promote::adapters::host::{SystemClock, SystemEntropy, durable};
use promote::app::exit::Exit;
use promote::app::workspace::Workspace;
use promote::cli::context::Ports;
use promote::kernel::digest::Digest;
use promote::kernel::time::{HOUR_MS, UtcTime};
use promote::research::market::manifest::Origin;
use promote::research::market::{Bar, BarSeries};

/// `count` hourly bars of a walk.
pub fn bars(seed: u64, count: usize) -> Vec<Bar> {
    let start = UtcTime::parse_loose("2019-01-01").unwrap();
    let mut state = seed;
    let mut close = 100.0_f64;
    (0..count)
        .map(|hour| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let open = close;
            let noise = (state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5;
            close = open * (1.0 + noise * 0.03);
            Bar {
                time: start.plus_millis(hour as i64 * HOUR_MS),
                open,
                high: open.max(close) * 1.002,
                low: open.min(close) * 0.998,
                close,
                volume: 1.0,
            }
        })
        .collect()
}

/// Writes configuration, policies and `count` bars of each symbol.
pub fn prepare(root: &Path, count: usize) {
    for (name, text) in [
        ("config/config.toml", promote::app::config::EMBEDDED),
        (
            "config/portfolio_recipes.toml",
            promote::app::robustness::resolve::EMBEDDED,
        ),
    ] {
        durable::write_file(&root.join(name), text.as_bytes()).unwrap();
    }
    for (name, bytes) in promote::governance::policy::set::embedded_files() {
        durable::write_file(&root.join("policies").join(name), &bytes).unwrap();
    }
    let workspace = Workspace {
        root: root.to_owned(),
    };
    for (symbol, seed) in [("BTC/EUR", 1), ("ETH/EUR", 2)] {
        let series = BarSeries {
            symbol: symbol.parse().unwrap(),
            timeframe: "1h".parse().unwrap(),
            bars: bars(seed, count),
            synthetic: true,
        };
        let source = Origin::File {
            name: "bench".to_owned(),
            sha256: Digest::of(b"bench"),
            layout: "generic".to_owned(),
            rows: count as i64,
        };
        promote::app::market::store::save(&workspace, &series, source, Vec::new()).unwrap();
    }
}

/// `robustness` with a preset and so many Monte-Carlo runs, reports included.
pub fn robustness(root: &Path, preset: &str, runs: i64, out: &str) -> Exit {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut entropy = SystemEntropy;
    let mut ports = Ports {
        out: &mut stdout,
        err: &mut stderr,
        input: &mut std::io::empty(),
        clock: &SystemClock,
        entropy: &mut entropy,
        machine: &promote::adapters::host::machine::ThisMachine,
        cwd: root.to_owned(),
        environment: Default::default(),
        terminal: false,
        width: None,
    };
    let runs = runs.to_string();
    let words = [
        "promote",
        "robustness",
        "--portfolio-preset",
        preset,
        "--mc-num-runs",
        &runs,
        "--out",
        out,
    ];
    promote::cli::run(words.map(OsString::from), &mut ports)
}
