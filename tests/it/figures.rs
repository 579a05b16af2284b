//! The figures that TESTNET and LIVE judge: sessions against their contract, orders against trades,
//! luck after many trials; and the bundles that carry them.

use promote::app::exit::Exit;
use promote::evidence::book::{self, Member};
use promote::evidence::bundle::{
    BundleError, CheckedBundle, Files, Further, OosPart, Parts, build, build_with, check,
};
use promote::evidence::contract::{ShadowContract, shadow_contract};
use promote::evidence::conventions::GateConventions;
use promote::evidence::derive::{Derived, derive, derive_given, fact_of};
use promote::evidence::events::{self, Event, Severity};
use promote::evidence::expectation::{ExpectedAfter, expected_after, placed};
use promote::evidence::facts::Fact;
use promote::evidence::finding::Code;
use promote::evidence::given::Given;
use promote::evidence::limits::Limits;
use promote::evidence::manifest::{
    Conventions, Engine, EvidenceKind, MonteCarlo, OosKind, PortfolioRef, Trials,
};
use promote::evidence::orders::{self, Order, OrderSide, OrderStatus};
use promote::evidence::regimes::RegimeSeries;
use promote::evidence::series::{FullSeries, OosSeries};
use promote::evidence::session_bundle::{self, Frame, SessionError, SessionPart};
use promote::evidence::trades::{self, Side, Trade};
use promote::governance::policy::set::PolicySet;
use promote::kernel::canonical;
use promote::kernel::decimal::Decimal;
use promote::kernel::id::{PortfolioId, ProfileId, StrategyId};
use promote::kernel::time::{HOUR_MS, UtcTime};
use promote::metrics::pbo::blocks_of;
use promote::metrics::regime::{Regime, labels};
use promote::metrics::{Metric, Sample, Undefined};

use crate::harness::World;

const CAPITAL: f64 = 1000.0;
/// Bars of the backtest.
const BARS: usize = 1200;

fn time(hour: usize) -> UtcTime {
    let start = UtcTime::parse_loose("2026-01-01").unwrap();
    start.plus_millis(i64::try_from(hour).unwrap() * HOUR_MS)
}

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub fn gate() -> GateConventions {
    let set = PolicySet::embedded().unwrap();
    let profile = ProfileId::new("moderate").unwrap();
    set.policy(&profile).unwrap().conventions.clone()
}

/// Hourly bars from `from`, `scale` times as wild as usual.
fn series(from: usize, bars: usize, scale: f64) -> FullSeries {
    let wave = |i: usize| ((i * i * 7 + i * 3) % 19) as f64 / 9.0 - 0.96;
    let times = (from..from + bars).map(time).collect();
    let returns = (from..from + bars)
        .map(|i| 0.002 * scale * wave(i))
        .collect();
    FullSeries::new(times, returns, Vec::new())
}

/// A trade every 12 bars, with its two orders, which together make the equity of `full`; the account
/// holds `capital` before its first bar.
fn traded(full: &FullSeries, capital: f64, sample: Sample) -> (Vec<Trade>, Vec<Order>) {
    let (mut trades, mut orders) = (Vec::new(), Vec::new());
    let mut equity = capital;
    let bars: Vec<usize> = (0..full.times.len()).collect();
    for (number, chunk) in bars.chunks(12).enumerate() {
        let before = equity;
        for i in chunk {
            equity *= 1.0 + full.returns[*i];
        }
        let (pnl, quantity, entry, slip, fees) = (equity - before, 5.0, 100.0, 0.0005, 0.4);
        // What is left after slippage on both sides and fees is the change of the equity.
        let exit = (entry + pnl / quantity + slip * entry + fees / quantity) / (1.0 - slip);
        let (first, last) = (full.times[chunk[0]], full.times[chunk[chunk.len() - 1]]);
        trades.push(Trade {
            id: format!("t{number}"),
            strategy: StrategyId::new("rsi").unwrap(),
            symbol: "BTC/EUR".into(),
            side: Side::Long,
            entry_time: first,
            exit_time: Some(last),
            quantity,
            entry_price: entry,
            exit_price: exit,
            costs: quantity * slip * (entry + exit) + fees,
            pnl,
            sample,
        });
        for (side, time, price, sign) in [
            (OrderSide::Buy, first, entry, 1.0),
            (OrderSide::Sell, last, exit, -1.0),
        ] {
            orders.push(Order {
                id: format!("o{number}{}", side.as_str()),
                client_id: format!("c{number}"),
                time,
                symbol: "BTC/EUR".into(),
                side,
                quantity,
                reference_price: price,
                fill_price: Some(price * (1.0 + sign * slip)),
                costs: fees / 2.0,
                status: OrderStatus::Filled,
                reason: String::new(),
            });
        }
    }
    (trades, orders)
}

fn portfolio() -> PortfolioRef {
    PortfolioRef {
        id: PortfolioId::new("demo").unwrap(),
        profile: ProfileId::new("moderate").unwrap(),
    }
}

fn strategy() -> serde_json::Value {
    serde_json::json!({"capital": "1000", "strategies": [
        {"id": "rsi", "style": "mean_reversion", "symbol": "BTC/EUR", "timeframe": "1h", "weight": "1"},
    ]})
}

fn limits() -> serde_json::Value {
    serde_json::json!({
        "schema": "promote/limits/v1", "base_currency": "EUR", "max_order_notional": "1000",
        "max_symbol_exposure_notional": "1000", "max_total_exposure_notional": "2000",
        "max_open_positions": 3, "max_daily_loss_abs": "100", "max_daily_loss_pct": "10",
        "block_on_violation": true,
    })
}

fn engine() -> Engine {
    Engine {
        name: "promote".into(),
        version: "1".into(),
        commit: "unknown".into(),
    }
}

fn conventions() -> Conventions {
    Conventions {
        periods_per_year: dec("8760"),
        risk_free: dec("0"),
        ddof: 1,
        fill: "next_open".into(),
        fee: dec("0.001"),
        slippage: dec("0.0005"),
        valuation: Default::default(),
    }
}

/// A backtest of 50 days, the last 40 of them out of sample.
pub fn research() -> Parts {
    let full = series(0, BARS, 1.0);
    let (trades, _) = traded(&full, CAPITAL, Sample::Full);
    let column = promote::evidence::series::StrategySeries {
        id: StrategyId::new("rsi").unwrap(),
        returns: full.returns.clone(),
        weights: vec![1.0; BARS],
    };
    let full = FullSeries::new(full.times, full.returns, vec![column]);
    let from = 240;
    let oos = OosSeries {
        times: full.times[from..].to_vec(),
        returns: full.returns[from..].to_vec(),
        windows: vec![0; BARS - from],
    };
    Parts {
        kind: EvidenceKind::Robustness,
        producer: None,
        portfolio: portfolio(),
        strategy: strategy(),
        limits: limits(),
        engine: engine(),
        data: Vec::new(),
        seed: 42,
        full,
        oos: Some(OosPart {
            kind: OosKind::FixedParameters,
            series: oos,
        }),
        trades: Some(trades),
        conventions: conventions(),
        stress: Vec::new(),
        mc: MonteCarlo {
            method: "none".into(),
            runs: 0,
            block: 1,
        },
        replicates: Vec::new(),
        trials: Trials {
            count: 1,
            records: Vec::new(),
            unregistered: false,
        },
        claimed: Vec::new(),
        views: Vec::new(),
    }
}

pub fn opened(files: &[(String, Vec<u8>)]) -> CheckedBundle {
    check(&files.iter().cloned().collect()).unwrap()
}

fn promoted() -> CheckedBundle {
    opened(&build(&research(), &gate(), time(BARS)).unwrap().files)
}

pub fn frame() -> Frame {
    Frame {
        kind: EvidenceKind::Shadow,
        producer: None,
        portfolio: portfolio(),
        strategy: strategy(),
        limits: limits(),
        engine: engine(),
        data: Vec::new(),
        conventions: conventions(),
    }
}

/// A session of `bars` hours from `from`, on an account that holds `capital` before it.
pub fn session(id: &str, from: usize, bars: usize, scale: f64, capital: f64) -> SessionPart {
    let series = series(from, bars, scale);
    let (trades, orders) = traded(&series, capital, Sample::Shadow);
    SessionPart {
        id: id.to_owned(),
        series,
        trades,
        orders,
        events: Vec::new(),
    }
}

pub fn later() -> UtcTime {
    time(10_000)
}

fn bundle(sessions: &[SessionPart]) -> CheckedBundle {
    let built = session_bundle::build(&frame(), sessions, &gate(), later()).unwrap();
    opened(&built.files)
}

fn judged(bundle: &CheckedBundle, contract: Option<&ShadowContract>) -> Derived {
    let given = Given {
        contract,
        trials: None,
    };
    derive_given(bundle, &gate(), later(), &given)
}

#[track_caller]
fn value(derived: &Derived, metric: Metric, sample: Sample) -> Result<f64, Undefined> {
    let fact = fact_of(&derived.facts, metric, sample).unwrap_or_else(|| panic!("no {metric}"));
    match (&fact.value, fact.undefined) {
        (Some(value), None) => Ok(value.to_f64()),
        (None, Some(reason)) => Err(reason),
        _ => panic!("{metric} has a value and a reason"),
    }
}

const DRIFTS: [Metric; 5] = [
    Metric::DriftReturn,
    Metric::DriftVolatility,
    Metric::DriftDrawdown,
    Metric::DriftTrades,
    Metric::DriftSlippage,
];

#[test]
fn a_session_like_the_backtest_keeps_its_contract() {
    let contract = shadow_contract(&promoted(), &gate()).unwrap();
    let bundle = bundle(&[session("s1", 2000, 24 * 14, 1.0, CAPITAL)]);
    let seen = judged(&bundle, Some(&contract));
    assert!(!seen.has_faults(), "{:?}", seen.findings);
    for metric in DRIFTS {
        let drift = value(&seen, metric, Sample::Shadow).unwrap();
        assert!((0.0..=1.0).contains(&drift), "{metric}: {drift}");
    }
    assert_eq!(value(&seen, Metric::LimitBreaches, Sample::Shadow), Ok(0.0));
    assert_eq!(value(&seen, Metric::OrderSuccess, Sample::Shadow), Ok(1.0));
    assert_eq!(value(&seen, Metric::Trades, Sample::Shadow), Ok(28.0));
    // Nothing is promised without a contract, and nothing is judged.
    let alone = judged(&bundle, None);
    for metric in DRIFTS {
        assert!(fact_of(&alone.facts, metric, Sample::Shadow).is_none());
    }
    assert_eq!(derive(&bundle, &gate(), later()), alone);
}

#[test]
fn what_is_expected_can_be_read_and_a_session_is_placed_in_it() {
    let contract = shadow_contract(&promoted(), &gate()).unwrap();
    let week = expected_after(&contract, 7);
    assert_eq!((week.days, week.bars, week.figures.len()), (7, 168, 5));
    let rung = contract.rungs.iter().find(|rung| rung.bars == 168).unwrap();
    let growth = week.figures[0].range.as_ref().unwrap();
    assert_eq!(growth.low, rung.total_return.low);
    assert_eq!(growth.high, rung.total_return.high);
    assert_eq!(growth.width, growth.high.minus(&growth.low));
    assert!(!growth.too_wide);
    // The width of the return counts per square root of a year: twice the time, 1.41 times as wide.
    let fortnight = expected_after(&contract, 14);
    let most = |after: &ExpectedAfter| after.figures[0].range.as_ref().unwrap().width_max.to_f64();
    assert!((most(&fortnight) / most(&week) - std::f64::consts::SQRT_2).abs() < 1e-6);
    let mut narrow = contract.clone();
    narrow.width_max.volatility = dec("0.000001");
    let figures = expected_after(&narrow, 7).figures;
    assert!(figures[1].range.as_ref().unwrap().too_wide);
    assert!(!figures[2].range.as_ref().unwrap().too_wide);
    // Longer than what it comes from.
    let year = expected_after(&contract, 365);
    assert_eq!(year.figures[0].undefined, Some(Undefined::OutOfRange));
    assert_eq!(year.figures[0].range, None);

    let bundle = bundle(&[session("s1", 2000, 24 * 14, 1.0, CAPITAL)]);
    let seen = judged(&bundle, Some(&contract));
    let all = placed(&contract, &bundle);
    assert_eq!(all.len(), 5);
    for one in &all {
        assert_eq!(one.bars, 24 * 14);
        let range = one.expected.range.as_ref().unwrap();
        let (low, centre, high) = (
            range.low.to_f64(),
            range.centre.to_f64(),
            range.high.to_f64(),
        );
        let observed = one.observed.as_ref().unwrap().to_f64();
        let one_sided = [Metric::DriftDrawdown, Metric::DriftSlippage];
        let metric = one.expected.metric;
        let distance = match observed >= centre {
            true => (observed - centre) / (high - centre),
            false if one_sided.contains(&metric) => 0.0,
            false => (centre - observed) / (centre - low),
        };
        // What is shown leads to what is judged.
        let drift = value(&seen, metric, Sample::Shadow).unwrap();
        assert!(
            (distance - drift).abs() < 1e-4,
            "{metric}: {distance}, {drift}"
        );
    }
    assert_eq!(placed(&contract, &promoted()), []);
}

#[test]
fn a_wilder_session_breaks_its_contract_and_its_limits() {
    let contract = shadow_contract(&promoted(), &gate()).unwrap();
    let mut wild = session("s1", 2000, 24 * 14, 9.0, CAPITAL);
    let seen = judged(&bundle(&[wild.clone()]), Some(&contract));
    assert!(!seen.has_faults(), "{:?}", seen.findings);
    for metric in [Metric::DriftVolatility, Metric::DriftDrawdown] {
        assert!(
            value(&seen, metric, Sample::Shadow).unwrap() > 1.0,
            "{metric}"
        );
    }
    // 0 for what is better than expected, more than 1 beyond the range: worse fills.
    for order in &mut wild.orders {
        let worse = order.side.sign() * 0.002 * order.reference_price;
        order.fill_price = order.fill_price.map(|price| price + worse);
        order.costs -= 0.1;
    }
    for trade in &mut wild.trades {
        let more = 5.0 * 0.002 * (trade.entry_price + trade.exit_price) - 0.2;
        trade.costs += more;
        trade.pnl -= more;
    }
    // The fills agree with the trades, but the trades no longer with the equity.
    let seen = judged(&bundle(&[wild]), Some(&contract));
    assert!(seen.findings.iter().any(|f| f.code == Code::Trades));
    for metric in [
        Metric::DriftTrades,
        Metric::DriftSlippage,
        Metric::OrderSuccess,
    ] {
        let none = value(&seen, metric, Sample::Shadow);
        assert_eq!(none, Err(Undefined::Unsupported), "{metric}");
    }
}

#[test]
fn breaches_are_counted_and_believed_when_they_are_stated() {
    let of = |change: &dyn Fn(&mut SessionPart)| {
        let mut part = session("s1", 2000, 48, 1.0, CAPITAL);
        change(&mut part);
        let seen = judged(&bundle(&[part]), None);
        value(&seen, Metric::LimitBreaches, Sample::Shadow).unwrap()
    };
    assert_eq!(of(&|_| ()), 0.0);
    let stated = of(&|part| {
        part.events = vec![Event {
            time: time(2001),
            code: events::LIMIT_BREACH.into(),
            severity: Severity::Critical,
        }];
    });
    assert_eq!(stated, 1.0);
    // Twice the units at half the price change: one order is worth more than 1,000 now.
    let counted = of(&|part| {
        for trade in &mut part.trades {
            trade.quantity *= 3.0;
            let gross = trade.pnl + trade.costs;
            trade.exit_price = trade.entry_price + gross / trade.quantity;
        }
        for order in &mut part.orders {
            order.quantity *= 3.0;
        }
        let trades = part.trades.clone();
        for (trade, pair) in trades.iter().zip(part.orders.chunks_mut(2)) {
            for (order, price) in pair.iter_mut().zip([trade.entry_price, trade.exit_price]) {
                order.reference_price = price;
                order.fill_price = Some(price);
                order.costs = trade.costs / 2.0;
            }
        }
    });
    assert!(counted >= 8.0, "{counted}");
}

#[test]
fn orders_that_do_not_make_the_trades_are_found() {
    type Change = fn(&mut Vec<Order>);
    let changes: [(&str, Change); 4] = [
        ("an order left out", |orders| {
            orders.remove(3);
        }),
        ("a better price", |orders| {
            orders[0].fill_price = orders[0].fill_price.map(|p| p - 1.0);
        }),
        ("a fee forgotten", |orders| orders[1].costs = 0.0),
        ("an order of another day", |orders| {
            orders[0].time = time(1);
        }),
    ];
    for (name, change) in changes {
        let mut part = session("s1", 2000, 48, 1.0, CAPITAL);
        change(&mut part.orders);
        let seen = judged(&bundle(&[part]), None);
        let found = seen.findings.iter().any(|f| f.code == Code::Orders);
        assert!(found, "{name}: {:?}", seen.findings);
        for metric in [Metric::LimitBreaches, Metric::OrderSuccess] {
            let none = value(&seen, metric, Sample::Shadow);
            assert_eq!(none, Err(Undefined::Unsupported), "{name}");
        }
    }
    // Failed orders are part of the truth.
    let mut part = session("s1", 2000, 48, 1.0, CAPITAL);
    let lost = Order {
        id: "lost".into(),
        fill_price: None,
        costs: 0.0,
        status: OrderStatus::Rejected,
        reason: "min_notional".into(),
        ..part.orders[0].clone()
    };
    part.orders.insert(1, lost);
    let seen = judged(&bundle(&[part]), None);
    assert!(!seen.has_faults(), "{:?}", seen.findings);
    let success = value(&seen, Metric::OrderSuccess, Sample::Shadow).unwrap();
    assert!((success - 8.0 / 9.0).abs() < 1e-8);
}

#[test]
fn sessions_are_joined_in_any_order_and_only_where_they_belong_together() {
    let first = session("s1", 2000, 48, 1.0, CAPITAL);
    let carried = CAPITAL * first.series.equity[47];
    let second = session("s2", 2100, 48, 1.0, carried);
    let together = bundle(&[first.clone(), second.clone()]);
    assert_eq!(together, bundle(&[second.clone(), first.clone()]));
    let seen = judged(&together, None);
    assert!(!seen.has_faults(), "{:?}", seen.findings);
    assert_eq!(together.full.times.len(), 96);
    assert_eq!(together.trades.as_ref().unwrap()[4].id, "s2:t0");
    assert_eq!(value(&seen, Metric::Trades, Sample::Shadow), Ok(8.0));
    // A bundle of one session is that session again.
    let alone = bundle(std::slice::from_ref(&first));
    assert_eq!(SessionPart::from_bundle(&alone).unwrap(), first);
    let two = SessionPart::from_bundle(&together);
    assert_eq!(two, Err(SessionError::Missing("single session")));
    assert_eq!(
        SessionPart::from_bundle(&promoted()),
        Err(SessionError::Kind("robustness"))
    );
    let join = |frame: &Frame, sessions: &[SessionPart]| {
        session_bundle::build(frame, sessions, &gate(), later()).map(|built| built.manifest)
    };
    let overlapping = session("s2", 2047, 9, 1.0, carried);
    let renamed = SessionPart {
        id: "s1".into(),
        ..second.clone()
    };
    let named = SessionPart {
        id: "a b".into(),
        ..second.clone()
    };
    let empty = SessionPart {
        series: FullSeries::new(Vec::new(), Vec::new(), Vec::new()),
        ..second.clone()
    };
    for (other, wanted) in [
        (overlapping, SessionError::Overlap("s1".into(), "s2".into())),
        (renamed, SessionError::Id("s1".into())),
        (named, SessionError::Id("a b".into())),
        (empty, SessionError::Empty("s2".into())),
    ] {
        assert_eq!(join(&frame(), &[first.clone(), other]), Err(wanted));
    }
    assert_eq!(join(&frame(), &[]), Err(SessionError::Nothing));
    let import = Frame {
        kind: EvidenceKind::Import,
        ..frame()
    };
    assert_eq!(join(&import, &[first]), Err(SessionError::Kind("import")));
}

#[test]
fn a_contract_is_the_same_for_everybody_and_refuses_what_it_cannot_say() {
    let bundle = promoted();
    let contract = shadow_contract(&bundle, &gate()).unwrap();
    let bytes = canonical::encode(&contract).unwrap();
    let again: ShadowContract = canonical::decode(&bytes, 1 << 20).unwrap();
    assert_eq!(again, contract);
    assert_eq!(shadow_contract(&promoted(), &gate()).unwrap(), contract);
    assert_eq!(contract.evidence_sha256, bundle.evidence_sha256);
    assert_eq!(contract.rungs.first().unwrap().bars, 24);
    assert_eq!(contract.rungs.last().unwrap().bars, 960);
    for rung in &contract.rungs {
        for range in [&rung.total_return, &rung.volatility, &rung.max_drawdown] {
            assert!(range.low < range.centre && range.centre < range.high);
        }
    }
    // One bar more out of sample is another seed, and another contract.
    let mut other = research();
    other.oos.as_mut().unwrap().series.times.pop();
    other.oos.as_mut().unwrap().series.returns.pop();
    other.oos.as_mut().unwrap().series.windows.pop();
    let other = opened(&build(&other, &gate(), time(BARS)).unwrap().files);
    assert_ne!(
        shadow_contract(&other, &gate()).unwrap().rungs[3],
        contract.rungs[3]
    );

    let drift = |part: SessionPart, contract: &ShadowContract| {
        let seen = judged(&self::bundle(&[part]), Some(contract));
        value(&seen, Metric::DriftReturn, Sample::Shadow)
    };
    let short = session("s1", 2000, 23, 1.0, CAPITAL);
    assert_eq!(drift(short, &contract), Err(Undefined::TooFewObservations));
    let long = session("s1", 2000, 961, 1.0, CAPITAL);
    assert_eq!(drift(long, &contract), Err(Undefined::OutOfRange));
    let mut slow = session("s1", 2000, 48, 1.0, CAPITAL);
    slow.series.times = (0..48).map(|i| time(2000 + 4 * i)).collect();
    slow.trades.clear();
    slow.orders.clear();
    assert_eq!(drift(slow, &contract), Err(Undefined::Unsupported));
    let mut strict = contract.clone();
    strict.width_max.total_return = dec("0.01");
    let usual = session("s1", 2000, 48, 1.0, CAPITAL);
    assert_eq!(drift(usual.clone(), &strict), Err(Undefined::TooWide));
    assert!(drift(usual, &contract).is_ok());

    let mut silent = gate();
    silent.contract_width_max = None;
    let none = Err(Undefined::Unsupported);
    assert_eq!(shadow_contract(&bundle, &silent), none);
    let mut without = research();
    without.oos = None;
    let without = opened(&build(&without, &gate(), time(BARS)).unwrap().files);
    assert_eq!(shadow_contract(&without, &gate()), none);
}

#[test]
fn a_quiet_session_without_trades_is_ordinary() {
    // The backtest trades once in 200 bars: a day without a trade is what one expects.
    let mut parts = research();
    let times = parts.full.times.clone();
    let mut kept: Vec<Trade> = Vec::new();
    let mut equity = CAPITAL;
    for (number, chunk) in (0..BARS).collect::<Vec<_>>().chunks(200).enumerate() {
        let before = equity;
        for i in chunk {
            equity *= 1.0 + parts.full.returns[*i];
        }
        let first = parts.trades.as_ref().unwrap()[0].clone();
        let pnl = equity - before;
        kept.push(Trade {
            id: format!("q{number}"),
            entry_time: times[chunk[0]],
            exit_time: Some(times[chunk[199]]),
            exit_price: first.entry_price + (pnl + first.costs) / first.quantity,
            pnl,
            ..first
        });
    }
    parts.trades = Some(kept);
    let quiet = opened(&build(&parts, &gate(), time(BARS)).unwrap().files);
    let contract = shadow_contract(&quiet, &gate()).unwrap();
    let mut part = session("s1", 2000, 24, 0.0, CAPITAL);
    part.trades.clear();
    part.orders.clear();
    let seen = judged(&bundle(&[part]), Some(&contract));
    assert_eq!(value(&seen, Metric::DriftTrades, Sample::Shadow), Ok(0.0));
    assert_eq!(value(&seen, Metric::DriftSlippage, Sample::Shadow), Ok(0.0));
    let success = value(&seen, Metric::OrderSuccess, Sample::Shadow);
    assert_eq!(success, Err(Undefined::TooFewObservations));
}

#[test]
fn luck_is_paid_for_by_the_number_of_trials() {
    let full = research().full;
    let market: Vec<f64> = full.returns.iter().map(|r| -r).collect();
    let regimes = RegimeSeries {
        times: full.times.clone(),
        labels: labels(&market, 100),
    };
    let trial = |k: usize| -> Vec<f64> {
        let bars = full.returns.iter().enumerate();
        bars.map(|(i, r)| r + 0.001 * ((i * k % 5) as f64 - 2.0))
            .collect()
    };
    let blocks = (1..6).map(|k| blocks_of(&trial(k)).unwrap()).collect();
    let further = Further {
        regimes: Some(regimes),
        blocks: Some(blocks),
        ..Further::default()
    };
    let with = opened(
        &build_with(&research(), &further, &gate(), time(BARS))
            .unwrap()
            .files,
    );
    assert_eq!(with.further, further);
    let at = |bundle: &CheckedBundle, trials| {
        let given = Given {
            contract: None,
            trials,
        };
        derive_given(bundle, &gate(), time(BARS), &given)
    };
    let one = at(&with, None);
    assert!(!one.has_faults(), "{:?}", one.findings);
    let psr = value(&one, Metric::Psr, Sample::Oos).unwrap();
    assert_eq!(value(&one, Metric::Dsr, Sample::Oos), Ok(psr));
    assert_eq!(value(&one, Metric::Trials, Sample::Full), Ok(1.0));
    let five = at(&with, Some(5));
    assert!(value(&five, Metric::Dsr, Sample::Oos).unwrap() < psr);
    assert_eq!(value(&five, Metric::Psr, Sample::Oos), Ok(psr));
    assert_eq!(value(&five, Metric::Trials, Sample::Full), Ok(5.0));
    assert!((0.0..=1.0).contains(&value(&five, Metric::Pbo, Sample::Oos).unwrap()));
    assert!(value(&five, Metric::RegimeSharpeMin, Sample::Full).is_ok());
    // Gross over costs, by hand.
    let trades = research().trades.unwrap();
    let costs: f64 = trades.iter().map(|t| t.costs).sum();
    let net: f64 = trades.iter().map(|t| t.pnl).sum();
    let wanted = (net + costs) / costs;
    assert!((value(&one, Metric::CostBreakeven, Sample::Full).unwrap() - wanted).abs() < 1e-8);
    // Without the tables, what rests on them has no value.
    let plain = at(&promoted(), Some(5));
    for (metric, sample) in [
        (Metric::Dsr, Sample::Oos),
        (Metric::Pbo, Sample::Oos),
        (Metric::RegimeSharpeMin, Sample::Full),
    ] {
        assert_eq!(value(&plain, metric, sample), Err(Undefined::Unsupported));
    }
    // The result does not depend on what only the gate knows.
    let manifest = build(&research(), &gate(), time(BARS + 9))
        .unwrap()
        .manifest;
    assert_eq!(manifest.result_sha256, promoted().manifest.result_sha256);
}

#[test]
fn a_candidate_is_judged_with_what_is_live() {
    let candidate = promoted();
    let own = Member {
        bundle: &candidate,
        limits: candidate.limits.as_ref(),
    };
    let of = |facts: &[Fact], metric| {
        let fact = fact_of(facts, metric, Sample::Full).unwrap();
        (fact.value.clone().map(|v| v.to_f64()), fact.undefined)
    };
    let alone = book::facts(&own, &[], false);
    let plain = judged(&candidate, None);
    let drawdown = value(&plain, Metric::MaxDrawdown, Sample::Full).unwrap();
    assert_eq!(of(&alone, Metric::BookMaxDrawdown), (Some(drawdown), None));
    let nobody = (None, Some(Undefined::Alone));
    assert_eq!(of(&alone, Metric::BookCorrelationMax), nobody);
    // 2,000 of exposure on 1,000 of capital.
    assert_eq!(of(&alone, Metric::BookExposure), (Some(2.0), None));
    let twice = book::facts(&own, &[own], false);
    let seen = of(&twice, Metric::BookMaxDrawdown).0.unwrap();
    assert!((seen - drawdown).abs() < 1e-3, "{seen} {drawdown}");
    assert_eq!(of(&twice, Metric::BookCorrelationMax), (Some(1.0), None));
    // Kinder costs flatter the returns, not the limits.
    let marked = book::facts(&own, &[own], true);
    let marks: Vec<bool> = marked.iter().map(|fact| fact.deviates).collect();
    assert_eq!(marks, [true, true, false]);
    // Limits that were approved instead of the bundle's: 2,000 and 500 on 2,000.
    let tighter = Limits {
        max_total_exposure_notional: dec("500"),
        ..candidate.limits.clone().unwrap()
    };
    let other = Member {
        limits: Some(&tighter),
        ..own
    };
    let both = book::facts(&own, &[other], false);
    assert_eq!(of(&both, Metric::BookExposure), (Some(1.25), None));
    // A LIVE portfolio that cannot be read, or counts in other money, leaves no book.
    let foreign = Limits {
        base_currency: "USD".into(),
        ..tighter.clone()
    };
    let none = (None, Some(Undefined::Unsupported));
    for limits in [None, Some(&foreign)] {
        let other = Member { limits, ..own };
        for metric in [Metric::BookMaxDrawdown, Metric::BookExposure] {
            assert_eq!(of(&book::facts(&own, &[other], false), metric), none);
        }
    }
}

#[test]
fn tables_stand_in_the_right_bundles_only() {
    let orders = Further {
        orders: Some(Vec::new()),
        ..Further::default()
    };
    let stated = |result: Result<_, BundleError>| {
        assert!(matches!(result, Err(BundleError::Stated(_))));
    };
    stated(build_with(&research(), &orders, &gate(), time(BARS)).map(|_| ()));
    let full = series(0, 48, 1.0);
    let regimes = Further {
        regimes: Some(RegimeSeries {
            times: full.times.clone(),
            labels: vec![Regime::WarmUp; 48],
        }),
        ..Further::default()
    };
    let shadow = Parts {
        kind: EvidenceKind::Shadow,
        full,
        oos: None,
        trades: None,
        ..research()
    };
    stated(build_with(&shadow, &regimes, &gate(), time(BARS)).map(|_| ()));
    // Labels of other bars are a contradiction.
    let mut shifted = regimes;
    let further = shifted.regimes.as_mut().unwrap();
    further.times = (1..=BARS).map(time).collect();
    further.labels = vec![Regime::CalmUp; BARS];
    let built = build_with(&research(), &shifted, &gate(), time(BARS)).unwrap();
    let seen = derive(&opened(&built.files), &gate(), time(BARS));
    assert!(seen.findings.iter().any(|f| f.code == Code::Regimes));
    let none = value(&seen, Metric::RegimeSharpeMin, Sample::Full);
    assert_eq!(none, Err(Undefined::Unsupported));
}

/// Writes the promoted bundle and the files of one session of another system.
fn foreign(world: &World) {
    let built = build(&research(), &gate(), time(BARS)).unwrap();
    for (path, bytes) in &built.files {
        let path = world.path().join("promoted").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let part = session("s1", 2000, 24 * 7, 1.0, CAPITAL);
    let mut csv = String::from("date,return\n");
    for (time, r) in part.series.times.iter().zip(&part.series.returns) {
        csv.push_str(&format!("{time},{r}\n"));
    }
    let write = |name: &str, bytes: &[u8]| std::fs::write(world.path().join(name), bytes).unwrap();
    write("returns.csv", csv.as_bytes());
    write("trades.csv", &trades::encode(&part.trades).unwrap());
    write("orders.csv", &orders::encode(&part.orders).unwrap());
    write("events.csv", &events::encode(&part.events).unwrap());
}

#[test]
fn a_session_of_another_system_is_imported() {
    let mut world = World::new();
    foreign(&world);
    let base = [
        "evidence",
        "import",
        "returns.csv",
        "--tool",
        "returns-csv",
        "--portfolio",
        "demo",
        "--out",
        "session",
    ];
    let of_session = [
        "--kind",
        "shadow",
        "--session",
        "s1",
        "--like",
        "promoted",
        "--orders",
        "orders.csv",
        "--trades",
        "trades.csv",
        "--events",
        "events.csv",
        "--fee-bps",
        "10",
        "--slippage-bps",
        "5",
    ];
    let now = ["--now", "2026-06-01T00:00:00Z"];
    let json = ["--json"];
    let all = |extra: &[&'static str]| {
        let mut args: Vec<&str> = base.to_vec();
        args.extend(of_session);
        args.extend(now);
        args.extend(extra);
        args
    };
    let seen = world.run(&all(&json)).expect(Exit::Done).json();
    assert_eq!(seen["kind"], "shadow");
    let metric = |name: &str| {
        let all = seen["metrics"].as_array().unwrap();
        all.iter().find(|m| m["metric"] == name).unwrap().clone()
    };
    assert_eq!(metric("limit_breaches")["value"], "0");
    assert_eq!(metric("order_success")["value"], "1");
    assert_eq!(metric("trades")["value"], "14");
    let mut verify = vec!["evidence", "verify", "session"];
    verify.extend(now);
    world.run(&verify).expect(Exit::Done);
    // Nothing is written twice, and flags that do not fit are refused.
    world.run(&all(&[])).expect(Exit::Conflict);
    for extra in [
        &["--capital", "1000"][..],
        &["--developed-until", "2026-01-01"],
        &["--config-file", "x.toml"],
    ] {
        let mut args: Vec<&str> = all(&[]);
        args.extend(extra);
        world.run(&args).expect(Exit::Usage);
    }
    for missing in ["--session", "--like", "--orders", "--trades"] {
        let mut args = all(&[]);
        let at = args.iter().position(|a| *a == missing).unwrap();
        args.drain(at..at + 2);
        let answer = world.run(&args).expect(Exit::Usage);
        assert!(answer.err.contains(missing), "{}", answer.err);
    }
    let mut other = all(&[]);
    let at = other.iter().position(|a| *a == "demo").unwrap();
    other[at] = "other";
    world.run(&other).expect(Exit::Invalid);
    // Session flags without a stage.
    let mut plain: Vec<&str> = base.to_vec();
    plain.extend(["--profile", "moderate", "--session", "s1"]);
    world.run(&plain).expect(Exit::Usage);
}

#[test]
fn a_bundle_with_orders_changes_with_any_of_them() {
    let part = session("s1", 2000, 48, 1.0, CAPITAL);
    let built = session_bundle::build(&frame(), &[part], &gate(), later()).unwrap();
    let files: Files = built.files.iter().cloned().collect();
    for path in ["orders.csv", "events.csv", "trades.csv"] {
        let mut changed = files.clone();
        changed.get_mut(path).unwrap().push(b'\n');
        assert_eq!(check(&changed), Err(BundleError::Differs(path.to_owned())));
    }
}
