//! Small bundles on disk for tests of the gate: daily returns of one strategy, 40 trades.

use std::path::PathBuf;

use ed25519_dalek::{Signer as _, SigningKey};
use promote::evidence::bundle::{Further, NAMESPACE, OosPart, Parts, build, build_with};
use promote::evidence::manifest::{
    Conventions, DataSource, Engine, EvidenceKind, MonteCarlo, OosKind, PortfolioRef, Producer,
    Trials,
};
use promote::evidence::regimes::RegimeSeries;
use promote::evidence::series::{FullSeries, OosSeries, StrategySeries};
use promote::evidence::trades::{Side, Trade};
use promote::governance::policy::set::PolicySet;
use promote::kernel::digest::Digest;
use promote::kernel::id::{PersonId, PortfolioId, ProfileId, StrategyId};
use promote::kernel::pubkey::PublicKey;
use promote::kernel::sshsig::{Envelope, signed_bytes};
use promote::kernel::time::UtcTime;
use promote::metrics::Sample;
use promote::metrics::regime::Regime;

use crate::harness::World;

/// How good a bundle is.
#[derive(Debug, Clone, Copy)]
pub enum Quality {
    /// PROMOTE at SHADOW, every main criterion clear.
    Good,
    /// Too few trades: REVISE.
    FewTrades,
    /// Everything below its floor: REJECT.
    Bad,
}

fn day(n: usize) -> UtcTime {
    UtcTime::parse_loose("2024-10-01")
        .unwrap()
        .plus_days(i64::try_from(n).unwrap())
}

fn parts(portfolio: &str, strategy: &str, quality: Quality) -> Parts {
    let n = 420;
    // Mean and swing per day; the pattern has no trend of its own.
    let (mean, swing) = match quality {
        Quality::Good | Quality::FewTrades => (0.0006, 0.004),
        Quality::Bad => (-0.001, 0.01),
    };
    let returns: Vec<f64> = (0..n)
        .map(|i| mean + swing * (f64::from(i * 7 % 11) - 5.0) / 5.0)
        .collect();
    let length = if matches!(quality, Quality::FewTrades) {
        20
    } else {
        10
    };
    parts_of(portfolio, strategy, (0, returns), length)
}

/// The same with any returns, from a day on, and a trade every `length` days.
fn parts_of(
    portfolio: &str,
    strategy: &str,
    (first, returns): (usize, Vec<f64>),
    length: usize,
) -> Parts {
    let column = StrategySeries {
        id: StrategyId::new("rsi").unwrap(),
        returns: returns.clone(),
        weights: vec![1.0; returns.len()],
    };
    let times: Vec<UtcTime> = (0..returns.len()).map(|n| day(first + n)).collect();
    let full = FullSeries::new(times, returns, vec![column]);
    let from = 20;
    let oos = OosSeries {
        times: full.times[from..].to_vec(),
        returns: full.returns[from..].to_vec(),
        windows: vec![0; full.times.len() - from],
    };
    let trades = trades(&full, length);
    let dec = |text: &str| text.parse().unwrap();
    Parts {
        kind: EvidenceKind::Robustness,
        producer: None,
        portfolio: PortfolioRef {
            id: PortfolioId::new(portfolio).unwrap(),
            profile: ProfileId::new("conservative").unwrap(),
        },
        strategy: serde_json::json!({"capital": "1000", "name": strategy, "strategies": [
            {"id": "rsi", "style": "mean_reversion", "symbol": "BTC/EUR", "timeframe": "1d", "weight": "1"},
        ]}),
        limits: serde_json::json!({"max_order_notional": "1000"}),
        engine: Engine {
            name: "promote".into(),
            version: "1".into(),
            commit: "unknown".into(),
        },
        data: vec![DataSource {
            symbol: "BTC/EUR".into(),
            timeframe: "1d".into(),
            first: full.times[0],
            last: *full.times.last().unwrap(),
            rows: i64::try_from(full.times.len()).unwrap(),
            sha256: Digest::of(b"bars"),
            synthetic: true,
            registered: false,
        }],
        seed: 42,
        full,
        oos: Some(OosPart {
            kind: OosKind::FixedParameters,
            series: oos,
        }),
        trades: Some(trades),
        conventions: Conventions {
            periods_per_year: dec("365"),
            risk_free: dec("0"),
            ddof: 1,
            fill: "next_open".into(),
            fee: dec("0.0026"),
            slippage: dec("0.0005"),
            valuation: Default::default(),
        },
        stress: Vec::new(),
        mc: MonteCarlo {
            method: "stationary".into(),
            runs: 1000,
            block: 7,
        },
        replicates: Vec::new(),
        trials: Trials {
            count: 1,
            records: Vec::new(),
            unregistered: false,
        },
        claimed: Vec::new(),
        views: vec![("report.md".into(), b"# Report\n".to_vec())],
    }
}

/// One trade after the other, each `length` days, with what the equity changed by.
fn trades(full: &FullSeries, length: usize) -> Vec<Trade> {
    let strategy = &full.strategies[0];
    (0..full.times.len())
        .step_by(length)
        .map(|start| {
            let end = (start + length).min(full.times.len());
            let pnl: f64 = (start..end)
                .map(|t| {
                    let before = if t == 0 { 1.0 } else { full.equity[t - 1] };
                    1000.0 * before * strategy.returns[t]
                })
                .sum();
            Trade {
                id: format!("{start:04}"),
                strategy: strategy.id.clone(),
                symbol: "BTC/EUR".into(),
                side: Side::Long,
                entry_time: full.times[start],
                exit_time: Some(full.times[end - 1]),
                quantity: 2.0,
                entry_price: 100.0,
                exit_price: 100.0 + (pnl + 0.5) / 2.0,
                costs: 0.5,
                pnl,
                sample: Sample::Full,
            }
        })
        .collect()
}

/// Writes a bundle below the world's folder; its path relative to it.
pub fn write(world: &World, portfolio: &str, strategy: &str, quality: Quality) -> String {
    write_by(world, portfolio, strategy, quality, None)
}

/// The same, signed by `producer` with a key.
pub fn write_by(
    world: &World,
    portfolio: &str,
    strategy: &str,
    quality: Quality,
    producer: Option<(&str, &SigningKey)>,
) -> String {
    let dir = format!("evidence/{portfolio}-{strategy}-{quality:?}");
    put(world, parts(portfolio, strategy, quality), dir, producer)
}

/// The same as another run of the same strategy would give it: another seed, another result.
pub fn write_again(world: &World, portfolio: &str, strategy: &str, quality: Quality) -> String {
    let mut parts = parts(portfolio, strategy, quality);
    parts.seed += 1;
    let dir = format!("evidence/{portfolio}-{strategy}-{quality:?}-again");
    put(world, parts, dir, None)
}

/// A bundle with these returns, one a day from the `first` day on.
pub fn write_returns(
    world: &World,
    portfolio: &str,
    strategy: &str,
    (first, returns): (usize, Vec<f64>),
) -> String {
    let dir = format!("evidence/{portfolio}-{strategy}-own");
    let parts = parts_of(portfolio, strategy, (first, returns), 10);
    put(world, parts, dir, None)
}

fn put(
    world: &World,
    mut parts: Parts,
    dir: String,
    producer: Option<(&str, &SigningKey)>,
) -> String {
    parts.producer = producer.map(|(person, key)| Producer {
        person: PersonId::new(person).unwrap(),
        key: public(key).fingerprint(),
    });
    let set = PolicySet::embedded().unwrap();
    let profile = ProfileId::new("conservative").unwrap();
    let gate = &set.policy(&profile).unwrap().conventions;
    let built = build(&parts, gate, day(430)).unwrap();
    for (path, bytes) in &built.files {
        world.write(&format!("{dir}/{path}"), bytes);
    }
    if let Some((_, key)) = producer {
        let message = signed_bytes(NAMESPACE, built.manifest_bytes());
        let envelope = Envelope {
            key: public(key),
            namespace: NAMESPACE.to_owned(),
            signature: key.sign(&message).to_bytes(),
        };
        world.write(&format!("{dir}/evidence.json.sig"), envelope.to_armor());
    }
    let path: PathBuf = world.at(&dir);
    assert!(path.is_dir());
    dir
}

/// A bundle whose every figure of TESTNET is there: market regimes, and limits that keep every red
/// line.
pub fn write_whole(world: &World, portfolio: &str, strategy: &str) -> String {
    write_limited(world, (portfolio, strategy), "1000", 42)
}

/// The same with another total of all positions, from another run.
pub fn write_limited(
    world: &World,
    (portfolio, strategy): (&str, &str),
    total: &str,
    seed: i64,
) -> String {
    let mut parts = parts(portfolio, strategy, Quality::Good);
    parts.seed = seed;
    parts.limits = serde_json::json!({
        "base_currency": "EUR", "block_on_violation": true, "max_daily_loss_abs": "100",
        "max_daily_loss_pct": "10", "max_open_positions": 3, "max_order_notional": "100",
        "max_symbol_exposure_notional": "250", "max_total_exposure_notional": total,
        "schema": "promote/limits/v1",
    });
    let further = Further {
        regimes: Some(RegimeSeries {
            times: parts.full.times.clone(),
            labels: vec![Regime::CalmUp; parts.full.times.len()],
        }),
        ..Further::default()
    };
    let set = PolicySet::embedded().unwrap();
    let profile = ProfileId::new("conservative").unwrap();
    let gate = &set.policy(&profile).unwrap().conventions;
    let built = build_with(&parts, &further, gate, day(430)).unwrap();
    let dir = format!("evidence/{portfolio}-{strategy}-whole-{total}-{seed}");
    for (path, bytes) in &built.files {
        world.write(&format!("{dir}/{path}"), bytes);
    }
    dir
}

fn public(key: &SigningKey) -> PublicKey {
    PublicKey::from_bytes(key.verifying_key().to_bytes()).unwrap()
}
