//! The book: a candidate among two and three LIVE portfolios. The snapshot follows the ledger, what
//! was judged with another book than the one of now goes nowhere, and the figures follow from the
//! kept blobs alone.

use std::collections::BTreeMap;

use promote::evidence::bundle::{OosPart, Parts, build};
use promote::evidence::derive::fact_of;
use promote::evidence::facts::Fact;
use promote::evidence::manifest::{
    Conventions, Engine, EvidenceKind, MonteCarlo, OosKind, PortfolioRef, Trials,
};
use promote::evidence::series::{FullSeries, OosSeries, StrategySeries};
use promote::governance::policy::set::{PolicySet, embedded_files};
use promote::governance::promotion::basis::{RecheckError, join};
use promote::governance::promotion::book::{Position, SCHEMA, Snapshot, digest, open, snapshot};
use promote::governance::promotion::book::{limits, unchanged, weighs, with_book};
use promote::governance::promotion::decide::Command;
use promote::governance::promotion::missing::missing;
use promote::governance::promotion::state::Status;
use promote::governance::promotion::tracks::beside::Beside;
use promote::governance::stage::{Stage, Target};
use promote::kernel::digest::Digest;
use promote::kernel::id::{PortfolioId, ProfileId, RequestId, StrategyId};
use promote::kernel::time::UtcTime;
use promote::metrics::{Metric, Sample, Undefined};

use crate::machine::{Bench, good, slug};

fn portfolio(name: &str) -> PortfolioId {
    PortfolioId::new(name).unwrap()
}

/// The shipped set with one more criterion of the conservative policy.
pub fn weighing(enforcement: &str) -> BTreeMap<String, Vec<u8>> {
    let mut files = embedded_files();
    let criterion = format!(
        "\n[[criterion]]\nid = \"book_correlation\"\nmetric = \"book_correlation_max\"\nsample = \"full\"\nop = \"le\"\nfloor = 0.7\nunit = \"ratio\"\nenforcement = {enforcement}\nrationale = \"Nothing that moves with what is LIVE.\"\n"
    );
    let file = files.get_mut("conservative.toml").unwrap();
    file.extend_from_slice(criterion.as_bytes());
    files
}

fn among(correlation: &str) -> Vec<Fact> {
    let mut facts = good();
    facts.push(Fact {
        metric: Metric::BookCorrelationMax,
        value: Some(correlation.parse().unwrap()),
        unit: Metric::BookCorrelationMax.unit(),
        ..facts[0].clone()
    });
    facts.last_mut().unwrap().sample = Sample::Full;
    facts
}

impl Bench {
    /// Decides a portfolio for SHADOW, and then takes it for LIVE: the way there is another test's.
    fn live(&mut self, name: &str) {
        let mut request = self.request(name, name);
        let id = request.request.to_string();
        request.evidence[0].result_sha256 = Digest::of(name.as_bytes());
        self.ask(request).unwrap();
        self.evaluate(&id, among("0.1")).unwrap();
        self.approve(&id, "risk-1", "risk").unwrap();
        self.decide(&id).unwrap();
        let record = self.state.requests.get_mut(&RequestId::new(&id).unwrap());
        record.unwrap().request.target = Target::Live;
        self.stands(name, Stage::Live);
    }

    fn stands(&mut self, name: &str, stage: Stage) {
        let held = self.state.portfolios.get_mut(&portfolio(name)).unwrap();
        held.stage = stage;
    }

    fn codes(&self, id: &str) -> Vec<String> {
        let record = &self.state.requests[&RequestId::new(id).unwrap()];
        let lines = missing(&self.state, record, self.now);
        lines.into_iter().map(|line| line.code).collect()
    }
}

#[test]
fn the_snapshot_names_every_other_live_portfolio_and_what_it_stands_on() {
    let mut bench = Bench::new();
    let candidate = portfolio("c");
    assert_eq!(snapshot(&bench.state, &candidate), None);
    assert_eq!(digest(&bench.state, &candidate), None);
    for name in ["b", "a", "d"] {
        bench.live(name);
    }
    let seen = snapshot(&bench.state, &candidate).unwrap();
    let names: Vec<&str> = seen.live.iter().map(|p| p.portfolio.as_str()).collect();
    assert_eq!((seen.schema.as_str(), names), (SCHEMA, vec!["a", "b", "d"]));
    let record = &bench.state.requests[&RequestId::new("a-0001").unwrap()];
    let ended = record.end.as_ref().unwrap().by.as_ref().unwrap();
    assert_eq!(
        seen.live[0],
        Position {
            portfolio: portfolio("a"),
            entry: ended.leaf,
            strategy_sha256: Digest::of(b"a"),
            evidence_sha256: Digest::of(b"a"),
            limits_sha256: Digest::of(b"limits"),
        }
    );
    let bytes = seen.to_bytes().unwrap();
    assert_eq!(digest(&bench.state, &candidate), Some(Digest::of(&bytes)));
    // A portfolio is not its own neighbour, and one that is not LIVE is nobody's.
    let others = snapshot(&bench.state, &portfolio("b")).unwrap();
    assert_eq!(others.live.len(), 2);
    bench.stands("d", Stage::Testnet);
    assert_eq!(snapshot(&bench.state, &candidate).unwrap().live.len(), 2);
}

#[test]
fn an_evaluation_names_the_book_of_now() {
    let mut bench = Bench::with(|_| {}, weighing("\"hard\""));
    bench.live("a");
    bench.live("b");
    let request = bench.request("c", "c");
    let id = request.request.clone();
    bench.ask(request).unwrap();
    let wrong = |book| {
        let beside = Beside {
            settings: Box::new(crate::machine::settings()),
            book,
            ..Beside::default()
        };
        Command::Evaluate {
            request: id.clone(),
            facts: among("0.2"),
            beside,
            now: bench.now,
        }
    };
    let (none, other) = (wrong(None), wrong(Some(Digest::of(b"another book"))));
    for command in [none, other] {
        assert_eq!(slug(bench.engine(command)), "book-changed");
    }
    bench.evaluate(id.as_str(), among("0.2")).unwrap();
    assert_eq!(bench.status(id.as_str()), Status::AwaitingApproval);
    bench.approve(id.as_str(), "risk-1", "risk").unwrap();
    bench.decide(id.as_str()).unwrap();
    let text = String::from_utf8(bench.entries.last().unwrap().data.clone()).unwrap();
    let book = digest(&bench.state, &portfolio("c")).unwrap();
    assert!(
        text.contains(&format!("book_sha256\\\":\\\"{book}")),
        "{text}"
    );
}

#[test]
fn another_book_is_neither_approved_nor_decided() {
    for live in [1, 2, 3] {
        let mut bench = Bench::with(|_| {}, weighing("\"hard\""));
        for name in ["a", "b", "d"].iter().take(live) {
            bench.live(name);
        }
        let id = bench.judged("c", "c", among("0.2"));
        // One more, one less, or on another entry.
        let mut more = bench.clone();
        more.live("e");
        let mut less = bench.clone();
        less.stands("a", Stage::Testnet);
        let mut moved = bench.clone();
        let held = moved
            .state
            .requests
            .get_mut(&RequestId::new("a-0001").unwrap());
        let end = held.unwrap().end.as_mut().unwrap();
        end.by.as_mut().unwrap().leaf = Digest::of(b"recertified");
        for other in [&mut more, &mut less, &mut moved] {
            assert_eq!(slug(other.approve(&id, "risk-1", "risk")), "book-changed");
            assert!(other.codes(&id).contains(&"book_changed".to_owned()));
        }
        // Also after the last approval.
        bench.approve(&id, "risk-1", "risk").unwrap();
        assert_eq!(bench.codes(&id), Vec::<String>::new());
        bench.stands("a", Stage::Testnet);
        assert_eq!(slug(bench.decide(&id)), "book-changed");
        let record = &bench.state.requests[&RequestId::new(&id).unwrap()];
        assert_eq!(bench.codes(&id), ["book_changed"]);
        assert_eq!(bench.status(&id), Status::Approved);
        assert!(unchanged(&bench.state, record).is_err());
        // The owner asks again, and is judged with the book of now.
        let mut again = bench.request("c", "c");
        again.supersedes = Some(RequestId::new(&id).unwrap());
        let next = again.request.to_string();
        bench.ask(again).unwrap();
        bench.evaluate(&next, among("0.2")).unwrap();
        bench.approve(&next, "risk-1", "risk").unwrap();
        bench.decide(&next).unwrap();
    }
}

#[test]
fn a_book_without_weight_stops_nobody() {
    let conservative = ProfileId::new("conservative").unwrap();
    for (files, wanted) in [
        (embedded_files(), false),
        (weighing("\"advisory\""), false),
        (
            weighing("{ shadow = \"advisory\", testnet = \"hard\", live = \"hard\" }"),
            false,
        ),
        (weighing("\"soft\""), true),
    ] {
        let set = PolicySet::load(files.clone()).unwrap();
        let policy = set.policy(&conservative).unwrap();
        assert_eq!(weighs(policy, Target::Shadow), wanted);
        let mut bench = Bench::with(|_| {}, files);
        bench.live("a");
        let id = bench.judged("c", "c", among("0.2"));
        bench.stands("a", Stage::Testnet);
        assert_eq!(bench.approve(&id, "risk-1", "risk").is_err(), wanted);
    }
}

#[test]
fn alone_there_is_nothing_to_move_with_and_what_is_not_known_does_not_pass() {
    let verdict = |fact: Option<Undefined>| {
        let mut bench = Bench::with(|_| {}, weighing("\"hard\""));
        let mut facts = among("0.2");
        match fact {
            Some(reason) => {
                let last = facts.last_mut().unwrap();
                (last.value, last.undefined) = (None, Some(reason));
            }
            None => facts.truncate(facts.len() - 1),
        }
        let id = bench.judged("c", "c", facts);
        bench.status(&id)
    };
    assert_eq!(verdict(Some(Undefined::Alone)), Status::AwaitingApproval);
    assert_eq!(verdict(Some(Undefined::TooFewObservations)), Status::Revise);
    assert_eq!(verdict(Some(Undefined::ZeroVariance)), Status::Revise);
    assert_eq!(verdict(None), Status::Revise);
}

// ---- from kept blobs --------------------------------------------------------------------------

const DAYS: usize = 60;

/// A bundle of daily returns that are nothing but on its last three days.
pub fn parts(name: &str, last: [f64; 3], (capital, exposure): (&str, &str)) -> Parts {
    let start = UtcTime::parse_loose("2025-01-01").unwrap();
    let day = |n: usize| start.plus_days(i64::try_from(n).unwrap());
    let times: Vec<UtcTime> = (0..DAYS).map(day).collect();
    let mut returns = vec![0.0; DAYS - 3];
    returns.extend(last);
    let column = StrategySeries {
        id: StrategyId::new("s").unwrap(),
        returns: returns.clone(),
        weights: vec![1.0; DAYS],
    };
    let full = FullSeries::new(times, returns, vec![column]);
    let oos = OosSeries {
        times: full.times[30..].to_vec(),
        returns: full.returns[30..].to_vec(),
        windows: vec![0; DAYS - 30],
    };
    let dec = |text: &str| text.parse().unwrap();
    Parts {
        kind: EvidenceKind::Robustness,
        producer: None,
        portfolio: PortfolioRef {
            id: portfolio(name),
            profile: ProfileId::new("conservative").unwrap(),
        },
        strategy: serde_json::json!({"capital": capital, "strategies": [
            {"id": "s", "style": "trend", "symbol": "BTC/EUR", "timeframe": "1d", "weight": "1"},
        ]}),
        limits: serde_json::json!({
            "schema": "promote/limits/v1", "base_currency": "EUR", "max_order_notional": "1000",
            "max_symbol_exposure_notional": "1000", "max_total_exposure_notional": exposure,
            "max_open_positions": 3, "max_daily_loss_abs": "100", "max_daily_loss_pct": "10",
            "block_on_violation": true,
        }),
        engine: Engine {
            name: "promote".into(),
            version: "1".into(),
            commit: "unknown".into(),
        },
        data: Vec::new(),
        seed: 1,
        full,
        oos: Some(OosPart {
            kind: OosKind::FixedParameters,
            series: oos,
        }),
        trades: None,
        conventions: Conventions {
            periods_per_year: dec("365"),
            risk_free: dec("0"),
            ddof: 1,
            fill: "next_open".into(),
            fee: dec("0.001"),
            slippage: dec("0.0005"),
            valuation: Default::default(),
        },
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

/// Blobs as a ledger keeps them.
#[derive(Default)]
struct Blobs(BTreeMap<Digest, Vec<u8>>);

impl Blobs {
    fn keep(&mut self, bytes: &[u8]) -> Digest {
        let digest = Digest::of(bytes);
        self.0.insert(digest, bytes.to_vec());
        digest
    }

    fn position(&mut self, parts: &Parts) -> Position {
        let set = PolicySet::embedded().unwrap();
        let gate = &set.policy(&parts.portfolio.profile).unwrap().conventions;
        let at = UtcTime::parse_loose("2025-06-01").unwrap();
        let built = build(parts, gate, at).unwrap();
        for (_, bytes) in &built.files {
            self.keep(bytes);
        }
        Position {
            portfolio: parts.portfolio.id.clone(),
            entry: Digest::of(b"entry"),
            strategy_sha256: built.manifest.strategy_sha256,
            evidence_sha256: Digest::of(built.manifest_bytes()),
            limits_sha256: built.manifest.limits_sha256,
        }
    }

    fn book(&mut self, live: Vec<Position>) -> Digest {
        let schema = SCHEMA.to_owned();
        let bytes = Snapshot { schema, live }.to_bytes().unwrap();
        self.keep(&bytes)
    }

    /// The three figures of the first of `book` among the rest.
    fn figures(&self, book: Digest) -> Vec<Result<f64, Undefined>> {
        let blob = |digest: &Digest| self.0.get(digest).cloned();
        let mut all = open(Some(book), &blob).unwrap();
        let own = all.remove(0);
        let bundles = vec![own.bundle];
        join(&bundles).unwrap();
        let facts = with_book(Vec::new(), &bundles, own.limits.as_ref(), &all);
        [
            Metric::BookMaxDrawdown,
            Metric::BookCorrelationMax,
            Metric::BookExposure,
        ]
        .into_iter()
        .map(|metric| {
            let fact = fact_of(&facts, metric, Sample::Full).unwrap();
            let value = fact.value.as_ref().map(|v| v.to_f64());
            value.ok_or_else(|| fact.undefined.unwrap())
        })
        .collect()
    }
}

#[test]
fn two_and_three_portfolios_give_the_figures_computed_by_hand() {
    let mut blobs = Blobs::default();
    let c = blobs.position(&parts("c", [0.1, -0.2, 0.1], ("1000", "500")));
    let a = blobs.position(&parts("a", [0.1, 0.2, -0.1], ("3000", "3000")));
    let b = blobs.position(&parts("b", [-0.3, 0.0, 0.1], ("2000", "100")));
    // Alone: a fall of a fifth, and 500 on 1,000.
    let alone = blobs.book(vec![c.clone()]);
    assert_eq!(
        blobs.figures(alone),
        [Ok(0.2), Err(Undefined::Alone), Ok(0.5)]
    );
    // With `a`, weights 1 : 3, the last days make 0.1, 0.1 and -0.05; 3,500 on 4,000. Over the 59
    // days that have a day before them both sum to s, with squares q and products p, and the
    // correlation is (p - s t / n) / sqrt((q - s s / n) (r - t t / n)):
    // s = 0, q = 0.06, t = 0.2, r = 0.06, p = 0.01 - 0.04 - 0.01 = -0.04.
    let n = 59.0;
    let with_a = (-0.04) / f64::sqrt(0.06 * (0.06 - 0.04 / n));
    let two = blobs.book(vec![c.clone(), a.clone()]);
    let near = |seen: &[Result<f64, Undefined>], wanted: [f64; 3]| {
        for (seen, wanted) in seen.iter().zip(wanted) {
            assert!((seen.unwrap() - wanted).abs() < 1e-8, "{seen:?} {wanted}");
        }
    };
    near(&blobs.figures(two), [0.05, with_a, 0.875]);
    // With `b` too, weights 1 : 3 : 2: -0.2 / 6, 0.4 / 6 and 0; 3,600 on 6,000. The larger
    // correlation counts: t = -0.2, r = 0.1, p = -0.03 + 0 + 0.01 = -0.02.
    let with_b = (-0.02) / f64::sqrt(0.06 * (0.1 - 0.04 / n));
    assert!(with_b > with_a);
    let three = blobs.book(vec![c.clone(), a.clone(), b.clone()]);
    near(&blobs.figures(three), [1.0 / 30.0, with_b, 0.6]);
    // The order of the others does not matter.
    let turned = blobs.book(vec![c, b, a]);
    assert_eq!(blobs.figures(turned), blobs.figures(three));
}

#[test]
fn a_book_with_a_hole_opens_for_nobody() {
    let mut blobs = Blobs::default();
    let c = blobs.position(&parts("c", [0.1, -0.2, 0.1], ("1000", "500")));
    let book = blobs.book(vec![c.clone()]);
    let open_without = |gone: Digest| {
        let blob = |digest: &Digest| blobs.0.get(digest).filter(|_| *digest != gone).cloned();
        open(Some(book), &blob).unwrap_err()
    };
    for digest in [book, c.evidence_sha256, c.limits_sha256] {
        assert_eq!(open_without(digest), RecheckError::NotKept(digest));
    }
    let wrong = |_: &Digest| Some(b"{}".to_vec());
    assert_eq!(
        open(Some(book), &wrong).unwrap_err(),
        RecheckError::Request("book")
    );
    assert_eq!(
        limits(c.limits_sha256, &wrong).unwrap_err(),
        RecheckError::Request("limits_sha256")
    );
    assert_eq!(open(None, &wrong).unwrap(), []);
}
