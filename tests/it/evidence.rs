//! Bundles: building, checking, deriving; every change of a byte, a file or a number.

use std::collections::BTreeMap;

use ed25519_dalek::{Signer as _, SigningKey};
use promote::evidence::bundle::{self, BundleError, Files, OosPart, Parts, build, check};
use promote::evidence::conventions::GateConventions;
use promote::evidence::derive::{Derived, derive, fact_of};
use promote::evidence::finding::Code;
use promote::evidence::manifest::{
    Conventions, DataSource, Engine, EvidenceKind, Manifest, MonteCarlo, OosKind, PortfolioRef,
    Producer, StressRun, Trials,
};
use promote::evidence::result_digest::result_sha256;
use promote::evidence::series::{FullSeries, OosSeries, StrategySeries};
use promote::evidence::trades::{Side, Trade};
use promote::governance::policy::set::PolicySet;
use promote::kernel::canonical;
use promote::kernel::decimal::Decimal;
use promote::kernel::digest::Digest;
use promote::kernel::id::{PersonId, PortfolioId, ProfileId, StrategyId};
use promote::kernel::pubkey::PublicKey;
use promote::kernel::sshsig::{Envelope, signed_bytes};
use promote::kernel::time::{HOUR_MS, UtcTime};
use promote::metrics::{Metric, Sample, Undefined};

fn time(hour: i64) -> UtcTime {
    UtcTime::parse_loose("2025-01-01")
        .unwrap()
        .plus_millis(hour * HOUR_MS)
}

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn gate() -> GateConventions {
    let set = PolicySet::embedded().unwrap();
    let profile = ProfileId::new("conservative").unwrap();
    set.policy(&profile).unwrap().conventions.clone()
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn public() -> PublicKey {
    PublicKey::from_bytes(key().verifying_key().to_bytes()).unwrap()
}

fn sign(files: &mut Files, manifest: &[u8]) {
    let message = signed_bytes(bundle::NAMESPACE, manifest);
    let envelope = Envelope {
        key: public(),
        namespace: bundle::NAMESPACE.to_owned(),
        signature: key().sign(&message).to_bytes(),
    };
    files.insert("evidence.json.sig".into(), envelope.to_armor().into_bytes());
}

/// Two strategies over `n` hourly bars, with trades that reconcile.
fn parts(n: u32) -> Parts {
    let wave = |i: u32, step: u32| (f64::from(i * step % 11) - 4.8) / 1000.0;
    let column = |id: &str, weight: f64, step: u32| StrategySeries {
        id: StrategyId::new(id).unwrap(),
        returns: (0..n).map(|i| wave(i, step)).collect(),
        weights: vec![weight; n as usize],
    };
    let strategies = vec![column("a", 0.6, 3), column("b", 0.4, 7)];
    let returns: Vec<f64> = (0..n as usize)
        .map(|i| strategies.iter().map(|s| s.weights[i] * s.returns[i]).sum())
        .collect();
    let times: Vec<UtcTime> = (0..i64::from(n)).map(time).collect();
    let full = FullSeries::new(times, returns, strategies);
    let from = n as usize / 2;
    let oos = OosSeries {
        times: full.times[from..].to_vec(),
        returns: full.returns[from..].to_vec(),
        windows: (from..n as usize)
            .map(|i| u32::from(i >= from + 2))
            .collect(),
    };
    let trades = trades(&full);
    Parts {
        kind: EvidenceKind::Robustness,
        producer: Some(Producer {
            person: PersonId::new("research-1").unwrap(),
            key: public().fingerprint(),
        }),
        portfolio: PortfolioRef {
            id: PortfolioId::new("demo").unwrap(),
            profile: ProfileId::new("conservative").unwrap(),
        },
        strategy: serde_json::json!({"capital": "1000", "strategies": [
            {"id": "a", "style": "mean_reversion", "symbol": "BTC/EUR", "timeframe": "1h", "weight": "0.6"},
            {"id": "b", "style": "trend", "symbol": "ETH/EUR", "timeframe": "1h", "weight": "0.4"},
        ]}),
        limits: serde_json::json!({"max_order_notional": "1000"}),
        engine: Engine {
            name: "promote".into(),
            version: "1".into(),
            commit: "unknown".into(),
        },
        data: vec![DataSource {
            symbol: "BTC/EUR".into(),
            timeframe: "1h".into(),
            first: time(0),
            last: time(i64::from(n) - 1),
            rows: i64::from(n),
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
            periods_per_year: dec("8760"),
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
            runs: 2000,
            block: 3,
        },
        replicates: Vec::new(),
        trials: Trials {
            count: 3,
            records: Vec::new(),
            unregistered: false,
        },
        claimed: Vec::new(),
        views: vec![("report.md".into(), b"# Report\n".to_vec())],
    }
}

fn trades(full: &FullSeries) -> Vec<Trade> {
    let trade = |id: &str, s: &StrategySeries, bars: std::ops::Range<usize>| {
        let mut pnl = 0.0;
        for t in bars.clone() {
            let before = if t == 0 { 1.0 } else { full.equity[t - 1] };
            pnl += 1000.0 * before * s.weights[t] * s.returns[t];
        }
        Trade {
            id: id.to_owned(),
            strategy: s.id.clone(),
            symbol: "BTC/EUR".into(),
            side: Side::Long,
            entry_time: full.times[bars.start],
            exit_time: Some(full.times[bars.end - 1]),
            quantity: 2.0,
            entry_price: 100.0,
            exit_price: 100.0 + (pnl + 0.5) / 2.0,
            costs: 0.5,
            pnl,
            sample: Sample::Full,
        }
    };
    let n = full.times.len();
    let (a, b) = (&full.strategies[0], &full.strategies[1]);
    let mut open = trade("4", b, n - 1..n);
    open.exit_time = None;
    vec![
        trade("1", a, 0..n / 2),
        trade("2", a, n / 2..n),
        trade("3", b, 0..n - 1),
        open,
    ]
}

fn now() -> UtcTime {
    time(24 * 10)
}

/// A signed bundle of `parts`.
fn files_of(parts: &Parts) -> Files {
    let built = build(parts, &gate(), now()).unwrap();
    let mut files: Files = built.files.iter().cloned().collect();
    if parts.producer.is_some() {
        sign(&mut files, built.manifest_bytes());
    }
    files
}

fn derived(files: &Files) -> Derived {
    derive(&check(files).unwrap(), &gate(), now())
}

fn manifest_of(files: &Files) -> Manifest {
    canonical::decode(&files["evidence.json"], 1 << 20).unwrap()
}

/// Puts `manifest` into `files` the way a dishonest producer would: digests made right, signed.
fn reseal(files: &mut Files, mut manifest: Manifest) {
    for record in &mut manifest.files {
        if let Some(bytes) = files.get(&record.path) {
            record.size = bytes.len() as i64;
            record.sha256 = Digest::of(bytes);
        }
    }
    manifest.result_sha256 = result_sha256(&manifest).unwrap();
    let bytes = canonical::encode(&manifest).unwrap();
    sign(files, &bytes);
    files.insert("evidence.json".into(), bytes);
}

fn value(derived: &Derived, metric: Metric, sample: Sample) -> Result<String, Undefined> {
    let fact = fact_of(&derived.facts, metric, sample).unwrap();
    match (&fact.value, fact.undefined) {
        (Some(value), None) => Ok(value.to_string()),
        (None, Some(reason)) => Err(reason),
        other => panic!("{other:?}"),
    }
}

fn codes(derived: &Derived) -> Vec<Code> {
    derived
        .findings
        .iter()
        .filter(|f| f.is_fault())
        .map(|f| f.code)
        .collect()
}

#[test]
fn what_is_built_is_accepted_and_derives_to_the_same_values() {
    let files = files_of(&parts(60));
    let bundle = check(&files).unwrap();
    assert!(bundle.seal.is_some());
    let derived = derive(&bundle, &gate(), now());
    assert_eq!(codes(&derived), [], "{:?}", derived.findings);
    let stated = &bundle.manifest.metrics;
    let judged = derived.facts.iter().filter(|f| f.metric != Metric::Trials);
    assert_eq!(stated.len(), derived.facts.len() - 1);
    for (record, fact) in stated.iter().zip(judged) {
        assert_eq!((record.metric, record.sample), (fact.metric, fact.sample));
        assert_eq!(record.value.as_ref().map(Decimal::judged), fact.value);
        assert_eq!(record.undefined, fact.undefined, "{:?}", fact);
    }
    let of = |metric, sample| value(&derived, metric, sample);
    assert_eq!(of(Metric::Trades, Sample::Full), Ok("3".into()));
    assert_eq!(of(Metric::Trades, Sample::Oos), Ok("2".into()));
    assert_eq!(of(Metric::HistoryDays, Sample::Full), Ok("2.5".into()));
    assert_eq!(of(Metric::HistoryDays, Sample::Oos), Ok("1.25".into()));
    assert_eq!(
        of(Metric::DataAgeDays, Sample::Full),
        Ok("7.541666667".into())
    );
    assert_eq!(of(Metric::Strategies, Sample::Full), Ok("2".into()));
    assert_eq!(of(Metric::Styles, Sample::Full), Ok("2".into()));
    assert_eq!(of(Metric::Trials, Sample::Full), Ok("3".into()));
    assert_eq!(of(Metric::McRuns, Sample::Mc), Ok("2000".into()));
    for (metric, sample) in [
        (Metric::Sharpe, Sample::Oos),
        (Metric::MaxDrawdown, Sample::Full),
        (Metric::CrashDrawdown, Sample::Stress),
        (Metric::StressDrawdownWorst, Sample::Stress),
        (Metric::McSharpeP05, Sample::Mc),
        (Metric::McMaxDrawdownP95, Sample::Mc),
        (Metric::CorrelationMax, Sample::Full),
        (Metric::EffectiveBets, Sample::Full),
        (Metric::ProfitFactor, Sample::Full),
    ] {
        assert!(of(metric, sample).is_ok(), "{metric}:{sample}");
    }
    // A wilder crash is never milder.
    let dd = |m| dec(&of(m, Sample::Stress).unwrap());
    assert!(dd(Metric::CrashDrawdownWorst) >= dd(Metric::CrashDrawdown));
    assert!(derived.facts.iter().all(|f| !f.deviates));
    assert!(derived.synthetic && !derived.same_close);
}

#[test]
fn every_changed_byte_is_refused() {
    let mut small = parts(6);
    small.views = vec![("tables/x.csv".into(), b"x\n".to_vec())];
    let files = files_of(&small);
    check(&files).unwrap();
    let mut changed = files.clone();
    for (path, bytes) in &files {
        for i in 0..bytes.len() {
            let mask = u8::try_from(1 + i * 7 % 255).unwrap();
            changed.get_mut(path).unwrap()[i] ^= mask;
            let result = check(&changed);
            assert!(result.is_err(), "{path} byte {i} xor {mask}");
            changed.get_mut(path).unwrap()[i] ^= mask;
        }
        let mut longer = files.clone();
        longer.get_mut(path).unwrap().push(b'\n');
        assert!(check(&longer).is_err(), "{path} with one byte more");
        let mut shorter = files.clone();
        shorter.get_mut(path).unwrap().pop();
        assert!(check(&shorter).is_err(), "{path} with one byte less");
    }
    assert_eq!(changed, files);
}

#[test]
fn every_file_removed_added_or_renamed_is_refused() {
    let files = files_of(&parts(6));
    for path in files.keys() {
        let mut without = files.clone();
        let bytes = without.remove(path).unwrap();
        assert!(check(&without).is_err(), "without {path}");
        without.insert(format!("{path}x"), bytes.clone());
        assert!(check(&without).is_err(), "{path} renamed");
        let mut twice = files.clone();
        twice.insert(format!("tables/{}.csv", path.len()), bytes);
        assert!(
            matches!(check(&twice), Err(BundleError::Unlisted(_))),
            "{path} copied"
        );
    }
    for path in ["series/full.csv", "evidence.json.sig", "report.md"] {
        let mut without = files.clone();
        without.remove(path);
        assert!(check(&without).unwrap_err().is_integrity(), "{path}");
    }
}

#[test]
fn an_unsigned_bundle_still_holds_its_result() {
    let mut unsigned = parts(6);
    unsigned.producer = None;
    let files = files_of(&unsigned);
    assert!(check(&files).unwrap().seal.is_none());
    let mut with_sig = files.clone();
    sign(&mut with_sig, &files["evidence.json"]);
    assert!(check(&with_sig).is_err());
    let mut other = files.clone();
    let text = String::from_utf8(files["evidence.json"].clone()).unwrap();
    let fee = text.replace("\"fee\":\"0.0026\"", "\"fee\":\"0.0099\"");
    assert_ne!(fee, text);
    other.insert("evidence.json".into(), fee.into_bytes());
    assert_eq!(check(&other), Err(BundleError::Result));
}

#[test]
fn a_signature_by_another_key_or_for_another_purpose_is_refused() {
    let files = files_of(&parts(6));
    let stranger = SigningKey::from_bytes(&[9; 32]);
    let public = PublicKey::from_bytes(stranger.verifying_key().to_bytes()).unwrap();
    let manifest = &files["evidence.json"];
    for (namespace, signer) in [
        (bundle::NAMESPACE, &stranger),
        ("approval-v1@promote", &key()),
    ] {
        let envelope = Envelope {
            key: if namespace == bundle::NAMESPACE {
                public
            } else {
                self::public()
            },
            namespace: namespace.to_owned(),
            signature: signer.sign(&signed_bytes(namespace, manifest)).to_bytes(),
        };
        let mut forged = files.clone();
        forged.insert("evidence.json.sig".into(), envelope.to_armor().into_bytes());
        assert!(
            matches!(check(&forged), Err(BundleError::Signature(_))),
            "{namespace}"
        );
    }
}

#[test]
fn hostile_manifests_are_refused() {
    let files = files_of(&parts(6));
    let with = |bytes: Vec<u8>| {
        let mut files = files.clone();
        files.insert("evidence.json".into(), bytes);
        check(&files).unwrap_err()
    };
    for bytes in [
        "[".repeat(100_000).into_bytes(),
        "{\"a\":".repeat(100_000).into_bytes(),
        b"\xff\xfe".to_vec(),
        Vec::new(),
        b"{}".to_vec(),
        b"null".to_vec(),
    ] {
        assert!(matches!(with(bytes), BundleError::Manifest(_)));
    }
    let good = manifest_of(&files);
    let resealed = |change: &dyn Fn(&mut Manifest)| {
        let (mut files, mut manifest) = (files.clone(), good.clone());
        change(&mut manifest);
        reseal(&mut files, manifest);
        check(&files).unwrap_err()
    };
    for path in [
        "../x.csv",
        "/etc/passwd",
        "tables/../../x.csv",
        "zz.csv",
        "tables/.x.csv",
    ] {
        let error = resealed(&|m| m.files[0].path = path.to_owned());
        assert!(
            matches!(error, BundleError::Path(_) | BundleError::Stated(_)),
            "{path}: {error}"
        );
    }
    type Change = fn(&mut Manifest);
    let changes: [Change; 9] = [
        |m| m.files.reverse(),
        |m| m.files.push(m.files[0].clone()),
        |m| m.files[0].role = promote::evidence::manifest::FileRole::View,
        |m| m.metrics.reverse(),
        |m| m.metrics[0].unit = None,
        |m| m.metrics[0].sample = Sample::Mc,
        |m| m.metrics[0].unit = Some(promote::kernel::unit::Unit::Count),
        |m| m.schema = "promote/evidence-bundle/v2".into(),
        |m| m.mc.runs = -1,
    ];
    for change in changes {
        assert!(matches!(resealed(&change), BundleError::Stated(_)));
    }
    assert!(resealed(&|m| m.strategy_sha256 = Digest::of(b"x")).is_integrity());
    assert!(resealed(&|m| m.limits_sha256 = Digest::of(b"x")).is_integrity());
    let error = resealed(&|m| m.producer.as_mut().unwrap().key = "\"x\"".parse_key());
    assert!(matches!(error, BundleError::Signature(_)));
}

trait ParseKey {
    fn parse_key(&self) -> promote::kernel::pubkey::Fingerprint;
}

impl ParseKey for str {
    fn parse_key(&self) -> promote::kernel::pubkey::Fingerprint {
        serde_json::from_str(self).unwrap()
    }
}

#[test]
fn malformed_tables_are_refused_with_their_line() {
    let files = files_of(&parts(6));
    let manifest = manifest_of(&files);
    let with = |path: &str, from: &str, to: &str| {
        let mut files = files.clone();
        let text = String::from_utf8(files[path].clone()).unwrap();
        let changed = text.replacen(from, to, 1);
        assert_ne!(text, changed, "{path}: {from}");
        files.insert(path.to_owned(), changed.into_bytes());
        reseal(&mut files, manifest.clone());
        check(&files).unwrap_err()
    };
    let full = |from: &str, to: &str| with("series/full.csv", from, to);
    for (from, to, wanted) in [
        ("2025-01-01T01", "2025-01-01T00", "line 3"),
        ("2025-01-01T01", "2025-01-01 01", "line 3"),
        (
            "2025-01-01T02:00:00.000Z,",
            "2025-01-01T02:00:00.000Z,NaN,",
            "line 4",
        ),
        (
            "2025-01-01T02:00:00.000Z,",
            "2025-01-01T02:00:00.000Z,-1.5,",
            "line 4",
        ),
        (
            "2025-01-01T02:00:00.000Z,",
            "2025-01-01T02:00:00.000Z,1e5,",
            "line 4",
        ),
        ("\n2025-01-01T03", "\n\n2025-01-01T03", "line 5"),
        ("weight_b", "weight_c", "line 1"),
        ("time,", "Time,", "line 1"),
        ("return_b,weight_b", "return_a,weight_a", "line 1"),
    ] {
        let error = full(from, to);
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(
            !error.is_integrity() && cause.contains(wanted),
            "{from}: {error}: {cause}"
        );
    }
    let trades = |from: &str, to: &str| with("trades.csv", from, to);
    for (from, to) in [
        ("long", "up"),
        ("\n2,", "\n1,"),
        (",0.5,", ",-0.5,"),
        ("1,a", "=1,a"),
    ] {
        assert!(
            matches!(trades(from, to), BundleError::Table { .. }),
            "{from}"
        );
    }
    assert!(matches!(
        with("series/oos.csv", ",0\n", ",1\n"),
        BundleError::Table { .. }
    ));
}

#[test]
fn claims_are_found_from_1e_8_on() {
    let files = files_of(&parts(60));
    let manifest = manifest_of(&files);
    let at = |m: &Manifest| {
        m.metrics
            .iter()
            .position(|r| (r.metric, r.sample) == (Metric::MaxDrawdown, Sample::Full))
            .unwrap()
    };
    let honest = derived(&files);
    for (off, found) in [
        ("0.0000001", true),
        ("-0.0000001", true),
        ("0.000000011", true),
        ("0.000000009", false),
        ("0.000000001", false),
    ] {
        let (mut files, mut manifest) = (files.clone(), manifest.clone());
        let i = at(&manifest);
        let stated = manifest.metrics[i].value.clone().unwrap();
        manifest.metrics[i].value = Some(stated.plus(&dec(off)));
        reseal(&mut files, manifest);
        let derived = derived(&files);
        assert_eq!(codes(&derived) == [Code::Claim], found, "{off}");
        // Only the derived value is judged.
        assert_eq!(derived.facts, honest.facts);
    }
    // A reason instead of a value, and a metric that nothing in the bundle supports.
    let (mut files, mut manifest) = (files.clone(), manifest.clone());
    let i = at(&manifest);
    manifest.metrics[i].value = None;
    manifest.metrics[i].unit = None;
    manifest.metrics[i].undefined = Some(Undefined::ZeroVariance);
    let mut orders = manifest.metrics[i].clone();
    (orders.metric, orders.sample) = (Metric::OrderSuccess, Sample::Shadow);
    (orders.value, orders.undefined) = (Some(dec("0.99")), None);
    orders.unit = Some(Metric::OrderSuccess.unit());
    manifest.metrics.push(orders);
    manifest.metrics.sort_by_key(|m| (m.metric, m.sample));
    reseal(&mut files, manifest);
    let derived = derived(&files);
    assert_eq!(codes(&derived), [Code::Claim]);
    assert_eq!(
        value(&derived, Metric::OrderSuccess, Sample::Shadow),
        Err(Undefined::Unsupported)
    );
}

/// Changes the parts, builds honestly around them, and gives what the gate makes of it.
fn after(change: impl FnOnce(&mut Parts)) -> Derived {
    let mut changed = parts(60);
    change(&mut changed);
    derived(&files_of(&changed))
}

#[test]
fn contradictions_are_found_and_not_judged() {
    let unsupported = Err(Undefined::Unsupported);
    let equity = after(|p| p.full.equity[30] *= 1.000_001);
    assert_eq!(codes(&equity), [Code::Equity]);
    let weights = after(|p| p.full.strategies[0].returns[20] += 1e-6);
    assert!(codes(&weights).contains(&Code::Weights));
    for derived in [&equity, &weights] {
        for (metric, sample) in [
            (Metric::Sharpe, Sample::Full),
            (Metric::Sharpe, Sample::Oos),
            (Metric::MaxDrawdown, Sample::Full),
            (Metric::CrashDrawdown, Sample::Stress),
            (Metric::McSharpeP05, Sample::Mc),
            (Metric::Trades, Sample::Oos),
            (Metric::CorrelationMax, Sample::Full),
        ] {
            assert_eq!(
                value(derived, metric, sample),
                unsupported,
                "{metric}:{sample}"
            );
        }
    }
    let oos = after(|p| p.oos.as_mut().unwrap().series.returns[3] += 1e-12);
    assert_eq!(codes(&oos), [Code::Oos]);
    assert_eq!(value(&oos, Metric::Sharpe, Sample::Oos), unsupported);
    assert_eq!(value(&oos, Metric::Trades, Sample::Oos), unsupported);
    assert!(value(&oos, Metric::Sharpe, Sample::Full).is_ok());
    let refitted = after(|p| {
        let oos = p.oos.as_mut().unwrap();
        oos.kind = OosKind::WalkForward;
        oos.series.returns[3] += 1e-4;
    });
    assert_eq!(codes(&refitted), []);
    assert!(value(&refitted, Metric::Sharpe, Sample::Oos).is_ok());
}

#[test]
fn trades_that_do_not_reconcile_are_not_judged() {
    let trade = |change: fn(&mut Trade)| after(|p| change(&mut p.trades.as_mut().unwrap()[0]));
    for (name, derived) in [
        (
            "pnl",
            trade(|t| {
                t.pnl += 0.01;
                t.exit_price += 0.005;
            }),
        ),
        ("price", trade(|t| t.exit_price += 0.01)),
        ("time", trade(|t| t.entry_time = time(-1))),
        (
            "strategy",
            trade(|t| t.strategy = StrategyId::new("c").unwrap()),
        ),
        (
            "other",
            trade(|t| t.strategy = StrategyId::new("b").unwrap()),
        ),
        (
            "missing",
            after(|p| drop(p.trades.as_mut().unwrap().remove(0))),
        ),
        ("capital", after(|p| p.strategy["capital"] = "1001".into())),
    ] {
        assert_eq!(codes(&derived), [Code::Trades], "{name}");
        for metric in [Metric::Trades, Metric::HitRatio, Metric::ProfitFactor] {
            assert_eq!(
                value(&derived, metric, Sample::Full),
                Err(Undefined::Unsupported)
            );
        }
        assert!(
            value(&derived, Metric::Sharpe, Sample::Full).is_ok(),
            "{name}"
        );
    }
    // A trade's sample is counted, not believed.
    let files = files_of(&parts(60));
    let (mut forged, manifest) = (files.clone(), manifest_of(&files));
    let text = String::from_utf8(files["trades.csv"].clone()).unwrap();
    forged.insert(
        "trades.csv".into(),
        text.replacen(",full\n", ",oos\n", 1).into_bytes(),
    );
    reseal(&mut forged, manifest);
    assert!(codes(&derived(&forged)).contains(&Code::Trades));
}

#[test]
fn stated_ranges_are_counted() {
    let files = files_of(&parts(60));
    let (mut forged, mut manifest) = (files.clone(), manifest_of(&files));
    manifest.samples.full.rows += 1;
    reseal(&mut forged, manifest);
    let derived = derived(&forged);
    assert_eq!(codes(&derived)[0], Code::Samples);
    assert_eq!(
        value(&derived, Metric::Sharpe, Sample::Full),
        Err(Undefined::Unsupported)
    );
}

#[test]
fn conventions_mark_what_they_flatter() {
    let marks = |derived: &Derived, metric, sample| {
        let at = |facts: &[_]| fact_of(facts, metric, sample).unwrap().deviates;
        (at(&derived.facts_for(false)), at(&derived.facts_for(true)))
    };
    let cheap = after(|p| p.conventions.fee = dec("0.0009"));
    assert_eq!(marks(&cheap, Metric::Sharpe, Sample::Oos), (true, true));
    assert_eq!(
        marks(&cheap, Metric::HistoryDays, Sample::Full),
        (false, false)
    );
    let slipless = after(|p| p.conventions.slippage = dec("0"));
    assert_eq!(
        marks(&slipless, Metric::CrashDrawdown, Sample::Stress),
        (true, true)
    );
    for fill in ["same_close", "unknown"] {
        let eager = after(|p| p.conventions.fill = fill.into());
        assert_eq!(marks(&eager, Metric::Sharpe, Sample::Oos), (false, true));
        assert_eq!(marks(&eager, Metric::Trades, Sample::Oos), (false, false));
    }
    let exact = after(|p| p.conventions.fee = dec("0.001"));
    assert_eq!(marks(&exact, Metric::Sharpe, Sample::Oos), (false, false));
}

#[test]
fn data_from_the_future_has_no_age() {
    let files = files_of(&parts(60));
    let derived = derive(&check(&files).unwrap(), &gate(), time(10));
    assert!(codes(&derived).contains(&Code::Future));
    assert_eq!(
        value(&derived, Metric::DataAgeDays, Sample::Full),
        Err(Undefined::OutOfRange)
    );
}

#[test]
fn degenerate_series_have_reasons_and_not_numbers() {
    let flat = |constant: f64| {
        after(move |p| {
            for s in &mut p.full.strategies {
                s.returns.fill(constant);
            }
            let returns = vec![0.6 * constant + 0.4 * constant; 60];
            let (times, strategies) = (p.full.times.clone(), p.full.strategies.clone());
            p.full = FullSeries::new(times, returns, strategies);
            p.oos.as_mut().unwrap().series.returns = p.full.returns[30..].to_vec();
            p.trades = Some(trades(&p.full));
        })
    };
    for constant in [0.0, 0.001] {
        let derived = flat(constant);
        assert_eq!(codes(&derived), [], "{:?}", derived.findings);
        let of = |metric, sample| value(&derived, metric, sample);
        assert_eq!(
            of(Metric::Sharpe, Sample::Full),
            Err(Undefined::ZeroVariance)
        );
        assert_eq!(
            of(Metric::Sortino, Sample::Full),
            Err(Undefined::ZeroVariance)
        );
        assert_eq!(
            of(Metric::Calmar, Sample::Full),
            Err(Undefined::ZeroDenominator)
        );
        assert_eq!(
            of(Metric::McSharpeP50, Sample::Mc),
            Err(Undefined::ZeroVariance)
        );
        assert_eq!(
            of(Metric::McProbSharpeAboveFloor, Sample::Mc),
            Ok("0".into())
        );
        assert_eq!(
            of(Metric::CorrelationMax, Sample::Full),
            Err(Undefined::ZeroVariance)
        );
        assert_eq!(
            of(Metric::RiskContributionMax, Sample::Full),
            Err(Undefined::ZeroVariance)
        );
        assert_eq!(of(Metric::MaxDrawdown, Sample::Full), Ok("0".into()));
        assert_eq!(of(Metric::Volatility, Sample::Full), Ok("0".into()));
    }
    let bare = after(|p| {
        p.oos = None;
        p.trades = None;
        p.full.strategies.clear();
    });
    assert_eq!(codes(&bare), []);
    for (metric, sample) in [
        (Metric::Sharpe, Sample::Oos),
        (Metric::Trades, Sample::Oos),
        (Metric::Trades, Sample::Full),
        (Metric::CorrelationMean, Sample::Full),
    ] {
        assert_eq!(
            value(&bare, metric, sample),
            Err(Undefined::Unsupported),
            "{metric}:{sample}"
        );
    }
}

#[test]
fn the_result_does_not_depend_on_views_time_engine_or_producer() {
    let base = parts(60);
    let result = |parts: &Parts, at| build(parts, &gate(), at).unwrap().manifest.result_sha256;
    let wanted = result(&base, now());
    let mut other = base.clone();
    other.views.push(("report.html".into(), b"<p>".to_vec()));
    other.producer = None;
    other.engine.version = "2".into();
    other.trials.count = 9;
    other.data[0].registered = true;
    assert_eq!(result(&other, time(24 * 30)), wanted);
    type Change = fn(&mut Parts);
    let changes: [Change; 6] = [
        |p| p.seed = 43,
        |p| p.mc.runs = 1,
        |p| p.conventions.fee = dec("0.01"),
        |p| p.limits["x"] = "1".into(),
        |p| p.data[0].synthetic = false,
        |p| {
            let run = StressRun {
                name: "vol_spike".into(),
                severity: dec("0.2"),
                window: 5,
                position: "middle".into(),
                seed: 1,
            };
            p.stress.push((run, vec![0.0; 60]));
        },
    ];
    for (i, change) in changes.into_iter().enumerate() {
        let mut other = base.clone();
        change(&mut other);
        assert_ne!(result(&other, now()), wanted, "change {i}");
    }
}

/// Pins the derivation: the same bundle must give these decimals on every machine, for years.
#[test]
fn golden_values() {
    let derived = derived(&files_of(&parts(60)));
    let lines: BTreeMap<String, String> = derived
        .facts
        .iter()
        .map(|f| {
            let shown = match (&f.value, f.undefined) {
                (Some(value), _) => value.to_string(),
                (None, reason) => format!("{reason:?}"),
            };
            (
                f.key().to_string(),
                format!("{shown} {} <- {}", f.unit.as_str(), f.source),
            )
        })
        .collect();
    let text: String = lines
        .iter()
        .map(|(key, line)| format!("{key} {line}\n"))
        .collect();
    expect_test::expect_file!["../golden/evidence_facts.txt"].assert_eq(&text);
}
