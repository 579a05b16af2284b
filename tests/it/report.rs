//! Research reports: a whole one in both formats, hostile texts, size, and what they never say.

use std::path::Path;

use promote::evidence::manifest::OosKind;
use promote::kernel::digest::Digest;
use promote::kernel::time::UtcTime;
use promote::metrics::calendar::by_month;
use promote::metrics::{Metric, MetricKey, Sample, Undefined};
use promote::render::report::robustness::{
    BoundRow, CostRow, CostSection, DataRow, Distribution, Figure, HonestySection, Market,
    MetricRow, MonteCarloSection, PairRow, QuantileRow, RegimeRow, RegimeSection, Reproducibility,
    RiskSection, RobustnessReport, RollingCorrelation, RollingSharpe, StrategyRow, StressRow,
    TrackRow, TradeRow, WalkForwardSection, WindowRow, WorstBar,
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
        (Metric::TotalReturn, Sample::Full, Ok(0.4121)),
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

/// Nearly normal numbers without randomness: sums of twelve of a counter generator.
fn bell(n: usize) -> impl Iterator<Item = f64> {
    let mut state = 3_u64;
    let mut unit = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / 9_007_199_254_740_992.0
    };
    (0..n).map(move |_| (0..12).map(|_| unit()).sum::<f64>() - 6.0)
}

fn years(equity: &[(UtcTime, f64)]) -> Vec<promote::metrics::calendar::Year> {
    let mut before = 10_000.0;
    let returns: Vec<f64> = equity
        .iter()
        .map(|(_, x)| {
            let r = x / before - 1.0;
            before = *x;
            r
        })
        .collect();
    let times: Vec<UtcTime> = equity.iter().map(|p| p.0).collect();
    by_month(&returns, &times).unwrap()
}

fn risk(ids: [&str; 2], equity: &[(UtcTime, f64)]) -> RiskSection {
    let pair = |bars: &str, mean, max| PairRow {
        bars: bars.to_owned(),
        mean,
        max,
    };
    let rolling = |add: f64| {
        let points = equity.iter().step_by(700);
        points
            .map(|(time, x)| (*time, (x / 1500.0).sin() * 0.4 + add))
            .collect()
    };
    RiskSection {
        strategies: ids.map(str::to_owned).into(),
        weights: vec![0.5, 0.5],
        correlation: vec![vec![Ok(1.0), Ok(0.62)], vec![Ok(0.62), Ok(1.0)]],
        contribution: vec![Ok(0.47), Ok(0.53)],
        shortfall: vec![Ok(0.41), Ok(0.59)],
        tail_share: 0.05,
        pairs: vec![
            pair("all bars", Ok(0.62), Ok(0.62)),
            pair(
                "the portfolio's worst 5.00 % of all bars",
                Ok(0.81),
                Ok(0.81),
            ),
            pair(
                "highest of any 90 days",
                Err(Undefined::ZeroVariance),
                Ok(0.9),
            ),
        ],
        rolling: Some(RollingCorrelation {
            days: 90,
            mean: rolling(0.3),
            max: rolling(0.5),
            idle: 2,
        }),
    }
}

fn trade_row(id: &str) -> TradeRow {
    TradeRow {
        strategy: id.to_owned(),
        trades: 617,
        hit_ratio: Ok(0.55),
        profit_factor: Ok(1.21),
        mean_return: Ok(0.0021),
        mean_win: Ok(0.021),
        mean_loss: Ok(-0.019),
        best: Ok(0.112),
        worst: Ok(-0.093),
        mean_hours: Ok(31.5),
        exposure: 0.31,
        turnover: Ok(12.75),
        costs: 1234.5,
        net: 3210.25,
    }
}

fn regimes() -> RegimeSection {
    let row = |name: &str, bars: u64, total: f64| RegimeRow {
        name: name.to_owned(),
        bars,
        share: bars as f64 / 40_675.0,
        total_return: Ok(total),
        market_return: Ok(2.0 * total),
        sharpe: if bars == 0 {
            Err(Undefined::TooFewObservations)
        } else {
            Ok(8.0 * total)
        },
        max_drawdown: Ok(0.1),
    };
    RegimeSection {
        days: 30,
        bars: 720,
        phases: vec![
            row("volatile", 14_000, 0.2),
            row("ranging", 19_235, 0.11),
            row("trending", 6_000, -0.03),
            row("warm_up", 1_440, 0.01),
        ],
        regimes: vec![row("wild_down", 7_000, -0.08), row("calm_up", 0, 0.0)],
    }
}

fn honesty() -> HonestySection {
    let track = |benchmark, words: &str, bars| TrackRow {
        benchmark,
        words: words.to_owned(),
        bars,
        days: bars.map(|bars: f64| bars / 24.0),
    };
    let bound = |metric, sample, [value, low, high]: [f64; 3], how: &str| BoundRow {
        key: MetricKey::new(metric, sample),
        value: Ok(value),
        low: Ok(low),
        high: Ok(high),
        how: how.to_owned(),
    };
    let moments = "standard error from skewness and kurtosis of the returns";
    HonestySection {
        trials: 12,
        unregistered: true,
        psr: Ok(0.93),
        dsr: Ok(0.41),
        pbo: Err(Undefined::Unsupported),
        track_bars: 8640,
        track_days: Ok(360.0),
        tracks: vec![
            track(0.0, "any skill at all", Ok(20_000.4)),
            track(1.0, "the profile's floor", Err(Undefined::Infinite)),
        ],
        bounds: vec![
            bound(Metric::Sharpe, Sample::Full, [1.1, 0.2, 2.0], moments),
            bound(Metric::Sharpe, Sample::Oos, [0.42, -1.5, 2.3], moments),
            bound(
                Metric::HitRatio,
                Sample::Full,
                [0.55, 0.52, 0.58],
                "Clopper and Pearson, of winning among decided trades",
            ),
        ],
    }
}

fn report(n: u32) -> RobustnessReport {
    let ids = [
        "rsi_reversion_btc_conservative",
        "rsi_reversion_eth_conservative",
    ];
    let equity = equity(n);
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
        distributions: vec![
            Distribution {
                metric: Metric::Sharpe,
                values: bell(2000).map(|x| 1.0 + 0.7 * x).collect(),
                limits: vec![("floor 0.8".to_owned(), 0.8), ("target 1".to_owned(), 1.0)],
            },
            Distribution {
                metric: Metric::MaxDrawdown,
                values: bell(2000).map(|x| 0.15 + 0.04 * x).collect(),
                limits: vec![
                    ("target 15 %".to_owned(), 0.15),
                    ("floor 20 %".to_owned(), 0.20),
                ],
            },
        ],
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
        portfolio_level: vec![
            Figure {
                name: "Diversification ratio".to_owned(),
                value: "1.110".to_owned(),
                words: "weighted mean volatility over the portfolio's: 1 means nothing is spread"
                    .to_owned(),
            },
            Figure {
                name: "Largest correlation".to_owned(),
                value: "undefined (too few observations)".to_owned(),
                words: "between strategies of different style".to_owned(),
            },
        ],
        risk: Some(risk(ids, &equity)),
        trades: ids.into_iter().chain(["all"]).map(trade_row).collect(),
        costs: Some(CostSection {
            breakeven: Ok(2.31),
            rows: [0.0, 1.0, 2.0, 3.0]
                .map(|multiple| CostRow {
                    multiple,
                    total_return: Ok(0.6 - 0.22 * multiple),
                    sharpe: Ok(1.6 - 0.5 * multiple),
                    max_drawdown: Ok(0.16 + 0.02 * multiple),
                })
                .into(),
        }),
        regimes: Some(regimes()),
        honesty: Some(honesty()),
        market: Some(Market {
            name: "market of BTC/EUR, ETH/EUR in equal parts".to_owned(),
            points: equity
                .iter()
                .map(|(time, x)| (*time, 10_000.0 * (x / 10_000.0).powi(5)))
                .collect(),
            total_return: Ok(4.0),
            volatility: Ok(0.71),
            sharpe: Ok(0.83),
            max_drawdown: Ok(0.68),
        }),
        years: years(&equity),
        rolling_sharpe: Some(RollingSharpe {
            days: 90,
            bars: 2160,
            step: 97,
            points: equity
                .iter()
                .step_by(97)
                .map(|(time, x)| (*time, (x / 700.0).sin() * 2.0 + 0.6))
                .collect(),
            idle: 3,
        }),
        equity,
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
    assert!(text.len() < 300_000, "{} bytes", text.len());
    assert_eq!(text.matches("<svg").count(), 10);
    assert!(text.contains("SYNTHETIC DATA"));
    assert!(!text.contains("<script") && !text.contains("url(") && !text.contains("@import"));
    // The only address is the name of the SVG vocabulary, which nothing fetches.
    let rest = text.replace("http://www.w3.org/2000/svg", "");
    assert!(!rest.contains("http:") && !rest.contains("https:") && !rest.contains("//"));
    if let Some(path) = std::env::var_os("SAMPLE_REPORT") {
        std::fs::write(path, &text).unwrap();
    }
}

/// The cells of the first row below `heading` that begins with `name`.
#[cfg(feature = "research")]
fn cells(text: &str, heading: &str, name: &str) -> Vec<String> {
    let mut lines = text.lines().skip_while(|line| !line.contains(heading));
    let row = lines.find(|line| line.starts_with(&format!("| {name} |")));
    let row = row.unwrap_or_else(|| panic!("no {name} below {heading}: {text}"));
    let cells = row.trim_matches('|').split('|');
    cells.map(|cell| cell.trim().to_owned()).collect()
}

#[cfg(feature = "research")]
fn percent(cell: &str) -> f64 {
    let number = cell.trim_end_matches('%').trim().replace(',', "");
    let number = number.parse::<f64>();
    number.unwrap_or_else(|_| panic!("{cell}")) / 100.0
}

#[cfg(feature = "research")]
#[test]
fn a_written_report_agrees_with_itself_and_with_the_evidence() {
    let mut world = crate::robustness::world(24 * 300);
    let json = world
        .run(&[
            "robustness",
            "--portfolio-preset",
            "rsi_reversion_conservative",
            "--json",
        ])
        .expect(promote::app::exit::Exit::Done)
        .json();
    let path = Path::new(json["evidence"].as_str().unwrap()).join("report.md");
    let text = std::fs::read_to_string(path).unwrap();
    let stated = |metric: &str| -> f64 {
        let mut all = json["metrics"].as_array().unwrap().iter();
        let found = all.find(|m| m["metric"] == metric && m["sample"] == "full");
        found.unwrap()["value"].as_str().unwrap().parse().unwrap()
    };
    let near = |a: f64, b: f64, within: f64| assert!((a - b).abs() <= within, "{a} {b}: {text}");
    // The months compound to the year, which is all there is: rounded to 0.1 %.
    let total = stated("total_return");
    let row = cells(&text, "Returns by month", "2023");
    let months = row[1..13].iter().filter(|cell| *cell != "·");
    let grown = months.fold(1.0, |grown, cell| grown * (1.0 + percent(cell)));
    near(grown - 1.0, percent(&row[13]), 0.01);
    near(percent(&row[13]), total, 0.0006);
    // What was run is the row of one time the costs; without costs more is left.
    let as_run = cells(&text, "## Costs", "1 x (as run)");
    near(percent(&as_run[1]), total, 0.000_051);
    let sharpe: f64 = as_run[2].parse().unwrap();
    near(sharpe, stated("sharpe"), 0.000_51);
    near(percent(&as_run[3]), stated("max_drawdown"), 0.000_051);
    let free = cells(&text, "## Costs", "0 x (none)");
    let triple = cells(&text, "## Costs", "3 x");
    assert!(percent(&free[1]) > total && percent(&triple[1]) < total);
    // Euler: shares of weight, volatility and expected shortfall.
    let all = cells(&text, "Who carries the risk", "all");
    assert_eq!(all[1..], ["100.00 %", "100.00 %", "100.00 %"]);
    let strategies = ["btc", "eth"].map(|asset| format!("rsi_reversion_{asset}_conservative"));
    let largest = strategies
        .iter()
        .map(|name| percent(&cells(&text, "Who carries the risk", name)[2]))
        .fold(f64::NEG_INFINITY, f64::max);
    near(largest, stated("risk_contribution_max"), 0.000_051);
    // Trades of all are those of each, and those of the evidence.
    let trades = |name: &str| -> f64 { cells(&text, "## Trades", name)[1].parse().unwrap() };
    let sum: f64 = strategies.iter().map(|name| trades(name)).sum();
    near(sum, trades("all"), 0.0);
    near(sum, stated("trades"), 0.0);
    near(
        percent(&cells(&text, "## Trades", "all")[2]),
        stated("hit_ratio"),
        0.000_051,
    );
    // Every bar is in one regime, by either rule, and the worst Sharpe ratio is the policy's.
    let phases = ["trending", "ranging", "volatile", "warm up"];
    let count = |cell: &str| -> f64 { cell.replace(',', "").parse().unwrap() };
    let bars = |name: &&str| count(&cells(&text, "## Market regimes", name)[1]);
    near(phases.iter().map(bars).sum(), 7200.0, 0.0);
    let labels = ["calm up", "calm down", "wild up", "wild down", "warm up"];
    let row = |name: &&str| cells(&text, "regime_sharpe_min", name);
    near(
        labels.iter().map(|name| count(&row(name)[1])).sum(),
        7200.0,
        0.0,
    );
    let worst = labels[..4]
        .iter()
        .filter_map(|name| row(name)[5].parse::<f64>().ok())
        .fold(f64::INFINITY, f64::min);
    near(worst, stated("regime_sharpe_min"), 0.000_51);
    // A bound lies on either side of its figure.
    for name in [
        "Sharpe ratio",
        "Volatility",
        "Hit ratio",
        "Profit factor",
        "CAGR",
    ] {
        let row = cells(&text, "Bounds at 95 %", name);
        let number = |cell: &String| percent(cell);
        assert!(
            number(&row[2]) <= number(&row[1]) && number(&row[1]) <= number(&row[3]),
            "{row:?}"
        );
    }
}

#[test]
fn the_shares_in_the_report_add_up() {
    let text = markdown(&report(1000)).unwrap();
    let mut rows = text
        .lines()
        .skip_while(|line| !line.starts_with("### Who carries"));
    let last = rows.find(|line| line.starts_with("| all |")).unwrap();
    assert_eq!(last, "| all | 100.00 % | 100.00 % | 100.00 % |");
}

#[test]
fn runs_that_do_not_differ_are_told_in_words() {
    let mut report = report(1000);
    for section in &mut report.monte_carlo {
        for distribution in &mut section.distributions {
            let none = distribution.metric == Metric::Sharpe;
            distribution.values.fill(if none { f64::NAN } else { 0.0 });
        }
    }
    let text = markdown(&report).unwrap();
    assert!(text.contains("Sharpe ratio: no run has one"), "{text}");
    assert!(text.contains("Max drawdown: 0.00 % in every run"), "{text}");
    // Equity, drawdown, two curves, correlation and shares of risk are left.
    assert_eq!(html(&report).unwrap().matches("<svg").count(), 6);
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
    report.portfolio_level.clear();
    report.costs = None;
    report.regimes = None;
    report.honesty = None;
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
            "Expectancy",
            "Bounds at 95",
            "Market regimes",
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
