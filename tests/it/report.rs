//! Research reports: a whole one in both formats, hostile texts, size, and what they never say.

use std::path::Path;

use promote::evidence::manifest::OosKind;
use promote::kernel::digest::Digest;
use promote::kernel::time::UtcTime;
use promote::metrics::{Metric, MetricKey, Sample, Undefined};
use promote::render::report::robustness::{
    DataRow, MetricRow, MonteCarloSection, QuantileRow, Reproducibility, RiskSection,
    RobustnessReport, StrategyRow, StressRow, TradeRow, WalkForwardSection, WindowRow, WorstBar,
};
use promote::render::report::{html, markdown};

fn at(text: &str) -> UtcTime {
    UtcTime::parse_loose(text).unwrap()
}

/// An equity curve of `n` hours without randomness.
fn equity(n: u32) -> Vec<(UtcTime, f64)> {
    (0..n)
        .map(|i| {
            let x = f64::from(i) / f64::from(n.max(2) - 1);
            let wave = (x * 40.0).sin() * 0.02 + (x * 9.0).sin() * 0.05 + (x * 400.0).sin() * 0.004;
            let fall = if (0.45..0.6).contains(&x) {
                0.12 * (1.0 - ((x - 0.525) / 0.075).abs())
            } else {
                0.0
            };
            let value = 10_000.0 * (1.0 + 0.38 * x + wave - fall);
            (
                at("2018-05-15").plus_millis(i64::from(i) * 3_600_000),
                value,
            )
        })
        .collect()
}

fn headline() -> Vec<MetricRow> {
    [
        (Metric::Cagr, Sample::Full, Ok(0.085)),
        (Metric::Volatility, Sample::Full, Ok(0.112)),
        (Metric::Sharpe, Sample::Full, Ok(1.1)),
        (Metric::Sharpe, Sample::Oos, Ok(0.42)),
        (Metric::MaxDrawdown, Sample::Full, Ok(0.18)),
        (Metric::HitRatio, Sample::Full, Ok(0.55)),
        (
            Metric::ProfitFactor,
            Sample::Full,
            Err(Undefined::ZeroDenominator),
        ),
        (Metric::Trades, Sample::Full, Ok(1234.0)),
        (Metric::HistoryDays, Sample::Full, Ok(1694.75)),
        (Metric::CrashDrawdown, Sample::Stress, Ok(0.2612)),
        (Metric::McSharpeP05, Sample::Mc, Ok(0.31)),
    ]
    .into_iter()
    .map(|(metric, sample, value)| MetricRow {
        key: MetricKey::new(metric, sample),
        value,
    })
    .collect()
}

fn windows() -> Vec<WindowRow> {
    (0..12)
        .map(|i| {
            let first = at("2018-08-13").plus_days(30 * i);
            WindowRow {
                train_first: Some(first.plus_days(-90)),
                test_first: first,
                test_last: first.plus_days(30).plus_millis(-3_600_000),
                total_return: Ok(0.013 * (i as f64 - 5.0)),
                sharpe: if i == 7 {
                    Err(Undefined::ZeroVariance)
                } else {
                    Ok(0.3 * (i as f64 - 4.0))
                },
                max_drawdown: Ok(0.01 * (i as f64 + 1.0)),
                trades: 3 * i as u64,
            }
        })
        .collect()
}

fn strategy(asset: &str) -> StrategyRow {
    let parameters = [
        ("rsi_window", "21"),
        ("lower", "30"),
        ("upper", "70"),
        ("stop_pct", "0.05"),
        ("take_profit_pct", "0.10"),
        ("allow_short", "false"),
    ];
    StrategyRow {
        id: format!("rsi_reversion_{asset}_conservative"),
        kind: "rsi_reversion".to_owned(),
        style: "mean_reversion".to_owned(),
        symbol: format!("{}/EUR", asset.to_uppercase()),
        timeframe: "1h".to_owned(),
        weight: 0.5,
        parameters: parameters.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
    }
}

fn report(n: u32) -> RobustnessReport {
    let ids = [
        "rsi_reversion_btc_conservative",
        "rsi_reversion_eth_conservative",
    ];
    let quantile = |metric, low: f64, step: f64| QuantileRow {
        metric,
        p025: Ok(low),
        p05: Ok(low + step),
        p50: Ok(low + 4.0 * step),
        p95: Ok(low + 7.0 * step),
        p975: Ok(low + 8.0 * step),
    };
    let method = |method: &str, block| MonteCarloSection {
        method: method.to_owned(),
        runs: 2000,
        block,
        quantiles: vec![
            quantile(Metric::Sharpe, -0.21, 0.3),
            quantile(Metric::MaxDrawdown, 0.08, 0.03),
            quantile(Metric::TotalReturn, -0.12, 0.11),
        ],
        above_floor: Some((0.8, Ok(0.612))),
    };
    let stress = |scenario: &str, drawdown| StressRow {
        scenario: scenario.to_owned(),
        severity: 0.2,
        window: (scenario == "vol_spike").then_some(240),
        position: "middle".to_owned(),
        max_drawdown: Ok(drawdown),
        total_return: Ok(0.05),
        sharpe: Ok(0.4),
        worst: (scenario != "vol_spike").then_some(WorstBar {
            bar: 611,
            max_drawdown: drawdown + 0.05,
        }),
        helps: scenario == "vol_spike",
    };
    RobustnessReport {
        title: "Robustness of rsi_reversion_conservative".to_owned(),
        portfolio: "rsi_reversion_conservative".to_owned(),
        profile: "conservative".to_owned(),
        synthetic: true,
        data: ["BTC/EUR", "ETH/EUR"]
            .map(|symbol| DataRow {
                symbol: symbol.to_owned(),
                timeframe: "1h".to_owned(),
                first: at("2018-05-15T06:00:00Z"),
                last: at("2023-01-04T00:00:00Z"),
                bars: 40_675,
                sha256: Digest::of(symbol.as_bytes()),
                synthetic: true,
            })
            .into(),
        strategies: vec![strategy("btc"), strategy("eth")],
        conventions: vec![
            ("Fills".to_owned(), "next bar's open".to_owned()),
            ("Costs per side".to_owned(), "fee 26 bp, slippage 5 bp".to_owned()),
            ("Periods per year".to_owned(), "8760".to_owned()),
        ],
        headline: headline(),
        walk_forward: Some(WalkForwardSection {
            kind: OosKind::FixedParameters,
            train: "90d".to_owned(),
            test: "30d".to_owned(),
            windows: windows(),
        }),
        monte_carlo: vec![method("simple", 1), method("stationary", 48)],
        stress: vec![stress("single_crash_bar", 0.2612), stress("vol_spike", 0.19)],
        risk: Some(RiskSection {
            strategies: ids.map(str::to_owned).into(),
            correlation: vec![vec![Ok(1.0), Ok(0.62)], vec![Ok(0.62), Ok(1.0)]],
            contribution: vec![Ok(0.47), Ok(0.53)],
        }),
        trades: ids
            .map(|id| TradeRow {
                strategy: id.to_owned(),
                trades: 617,
                hit_ratio: Ok(0.55),
                profit_factor: Ok(1.21),
                mean_return: Ok(0.0021),
                mean_hours: Ok(31.5),
                costs: Ok(1234.5),
            })
            .into(),
        equity: equity(n),
        equity_unit: "EUR".to_owned(),
        drawdown_lines: vec![("target 15 %".to_owned(), 0.15), ("floor 20 %".to_owned(), 0.20)],
        reproducibility: Reproducibility {
            engine: "promote 0.1.0 (commit unknown)".to_owned(),
            seed: 42,
            rng: "chacha8".to_owned(),
            strategy_sha256: Digest::of(b"strategy"),
            limits_sha256: Some(Digest::of(b"limits")),
            result_sha256: Some(Digest::of(b"result")),
            command: Some(
                "promote robustness --portfolio-preset rsi_reversion_conservative --mc-num-runs 2000"
                    .to_owned(),
            ),
        },
        notes: vec!["The portfolio is long or flat.".to_owned()],
    }
}

#[test]
fn a_whole_report_in_markdown() {
    let text = markdown(&report(40_675)).unwrap();
    crate::harness::golden(Path::new("tests/golden/report.md"), &text);
}

#[test]
fn a_whole_report_in_html_is_self_contained_and_small() {
    let report = report(40_675);
    let text = html(&report).unwrap();
    assert_eq!(text, html(&report).unwrap());
    assert!(text.len() < 200_000, "{} bytes", text.len());
    assert_eq!(text.matches("<svg").count(), 2);
    assert!(text.contains("SYNTHETIC DATA"));
    assert!(!text.contains("<script") && !text.contains("url(") && !text.contains("@import"));
    // The only address is the name of the SVG vocabulary, which nothing fetches.
    let rest = text.replace("http://www.w3.org/2000/svg", "");
    assert!(!rest.contains("http:") && !rest.contains("https:") && !rest.contains("//"));
    if let Some(path) = std::env::var_os("SAMPLE_REPORT") {
        std::fs::write(path, &text).unwrap();
    }
}

#[test]
fn no_word_of_a_verdict() {
    let report = report(1000);
    for text in [markdown(&report).unwrap(), html(&report).unwrap()] {
        let text = text.to_ascii_lowercase();
        for word in ["promote_to", "reject", "revise", "approved", "verdict"] {
            assert!(!text.contains(word), "{word}");
        }
    }
}

#[test]
fn empty_sections_are_left_out_and_hostile_texts_stay_texts() {
    let evil = "<script>alert(1)</script>|x\n# y [l](http://e.org) \u{1b}[31m\u{202e}{{ title }}";
    let mut report = report(0);
    report.synthetic = false;
    report.data.clear();
    report.strategies.truncate(1);
    report.strategies[0].id = evil.to_owned();
    report.strategies[0].parameters = vec![(evil.to_owned(), evil.to_owned())];
    report.walk_forward = None;
    report.monte_carlo.clear();
    report.stress.clear();
    report.risk = None;
    report.trades.clear();
    report.title = evil.to_owned();
    report.notes = vec![evil.to_owned()];
    report.drawdown_lines = vec![(evil.to_owned(), 0.1)];
    let (page, text) = (html(&report).unwrap(), markdown(&report).unwrap());
    assert!(
        !page.contains("<script") && !page.contains("<svg"),
        "{page}"
    );
    for out in [&page, &text] {
        assert!(!out.contains('\u{1b}') && !out.contains('\u{202e}'));
        for absent in [
            "block length",
            "Stressed",
            "Mean result",
            "SYNTHETIC",
            "Training",
        ] {
            assert!(!out.contains(absent), "{absent}");
        }
    }
    assert!(text.contains("\\<script\\>"), "{text}");
    assert!(!text.contains("](http:/"), "{text}");
    // With a curve, the hostile label of a limit is drawn as text.
    report.equity = equity(100);
    let page = html(&report).unwrap();
    assert!(page.contains("<svg") && !page.contains("<script"));
}
