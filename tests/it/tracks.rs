//! What sessions, trials, registrations and reruns leave behind: every limit from both sides, over
//! a ledger in memory.

use std::sync::LazyLock;

use promote::governance::promotion::expiry::settle;
use promote::governance::promotion::refusal::Refusal;
use promote::governance::promotion::statement::Act;
use promote::governance::promotion::tracks::TrackAct;
use promote::governance::promotion::tracks::covered::union_ms;
use promote::governance::promotion::tracks::dataset::Dataset;
use promote::governance::promotion::tracks::grounds::{HeldCommit, sessions_before};
use promote::governance::promotion::tracks::rerun::Rerun;
use promote::governance::promotion::tracks::rise::remark;
use promote::governance::promotion::tracks::session::{
    Ending, Place, SessionClose, SessionCommit, SessionOpen,
};
use promote::governance::promotion::tracks::trial::{TrialEnd, TrialKind, TrialStart, count};
use promote::governance::stage::{Stage, Target};
use promote::kernel::digest::Digest;
use promote::kernel::id::{PersonId, PortfolioId, SessionId};
use promote::kernel::time::{HOUR_MS, UtcTime};

use crate::machine::{Bench, promoted, slug};
use crate::token::{live, with_instance};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * HOUR_MS;

pub fn p() -> PortfolioId {
    PortfolioId::new("p").unwrap()
}

pub fn session(number: u32) -> SessionId {
    SessionId::new(&format!("p-s{number:04}")).unwrap()
}

/// The words of a refusal.
fn why(result: Result<(), Refusal>) -> String {
    result.expect_err("a refusal was wanted").to_string()
}

impl Bench {
    pub fn leaves(&mut self, act: TrackAct, (person, role): (&str, &str)) -> Result<(), Refusal> {
        let signed = self.signed(Act::Track(Box::new(act)), person, role);
        self.submit(signed)
    }

    pub fn opens(&mut self, act: SessionOpen, by: (&str, &str)) -> Result<(), Refusal> {
        self.leaves(TrackAct::SessionOpen(act), by)
    }

    pub fn commits(&mut self, act: SessionCommit, by: (&str, &str)) -> Result<(), Refusal> {
        self.leaves(TrackAct::SessionCommit(act), by)
    }

    pub fn ends_session(&mut self, id: SessionId, by: (&str, &str)) -> Result<(), Refusal> {
        let close = SessionClose {
            session: id,
            status: Ending::Completed,
            comment: String::new(),
        };
        self.leaves(TrackAct::SessionClose(close), by)
    }

    /// Takes the portfolio for one that stands at `stage`: the way there is another test's.
    fn stands_at(&mut self, stage: Stage) {
        self.state.portfolios.get_mut(&p()).unwrap().stage = stage;
    }

    fn outside_sandboxes(&mut self) {
        self.state.genesis.sandbox = false;
    }
}

pub const OPS: (&str, &str) = ("ops-1", "ops");
pub const INSTANCE: (&str, &str) = ("live-1", "instance");

/// An hourly session of the running version.
pub fn open(number: u32, stage: Stage, environment: Place) -> SessionOpen {
    SessionOpen {
        session: session(number),
        portfolio: p(),
        stage,
        strategy_sha256: Digest::of(b"s1"),
        environment,
        system: "own".into(),
        bar_ms: HOUR_MS,
    }
}

/// A commit of hourly bars, `number`, that begins at `first`.
pub fn commit(number: u64, bars: i64, first: UtcTime) -> SessionCommit {
    SessionCommit {
        session: session(1),
        number,
        log_sha256: Digest::of(b"log"),
        bars,
        first_bar: first,
        last_bar: first.plus_millis((bars - 1) * HOUR_MS),
        orders: 0,
        events: 0,
    }
}

/// A running session, a day after it was opened.
pub fn running() -> (Bench, UtcTime) {
    static ONCE: LazyLock<(Bench, UtcTime)> = LazyLock::new(|| {
        let (mut bench, _) = promoted();
        bench
            .opens(open(1, Stage::Shadow, Place::Simulated), OPS)
            .unwrap();
        let first = bench.now;
        bench.now = first.plus_millis(DAY_MS);
        (bench, first)
    });
    ONCE.clone()
}

/// What `change` makes of a first commit of ten bars.
fn first_commit(change: impl FnOnce(&mut SessionCommit)) -> Result<(), Refusal> {
    let (mut bench, first) = running();
    bench.brief = true;
    let mut act = commit(1, 10, first);
    change(&mut act);
    bench.commits(act, OPS)
}

/// What `change` makes of a second commit, of twelve bars after ten with two orders and two events.
fn second_commit(change: impl FnOnce(&mut SessionCommit)) -> Result<(), Refusal> {
    let (mut bench, first) = running();
    bench.brief = true;
    let mut ten = commit(1, 10, first);
    (ten.orders, ten.events) = (2, 2);
    bench.commits(ten.clone(), OPS).unwrap();
    let mut act = commit(2, 12, first);
    (act.orders, act.events) = (2, 2);
    change(&mut act);
    bench.commits(act, OPS)
}

#[test]
fn where_a_session_may_run_follows_from_its_stage() {
    let places = [Place::Simulated, Place::Testnet, Place::Production];
    let names = places.map(Place::as_str);
    assert_eq!(names, ["simulated", "testnet", "production"]);
    let granted = live(Bench::new());
    for (stage, sandbox, wanted) in [
        (Stage::Shadow, true, [true, true, true]),
        (Stage::Testnet, true, [true, true, false]),
        (Stage::Live, true, [true, false, false]),
        (Stage::Shadow, false, [false, true, true]),
        (Stage::Testnet, false, [false, true, false]),
        (Stage::Live, false, [false, false, true]),
    ] {
        let found = places.map(|place| {
            let mut bench = granted.clone();
            bench.brief = true;
            bench.stands_at(stage);
            if !sandbox {
                bench.outside_sandboxes();
            }
            let signed = Act::Track(Box::new(TrackAct::SessionOpen(open(1, stage, place))));
            let (person, role) = if stage == Stage::Live { INSTANCE } else { OPS };
            let signed = bench.signed(signed, person, role);
            match bench.asks(&signed) {
                Ok(()) => true,
                // Who may open a LIVE session comes before where it runs.
                Err(refusal) if refusal.slug() == "instance-unfit" => {
                    panic!("{stage} {}: {refusal}", place.as_str())
                }
                Err(refusal) => {
                    assert_eq!(refusal.slug(), "session-place");
                    false
                }
            }
        });
        assert_eq!(found, wanted, "{stage} sandbox {sandbox}");
    }
}

#[test]
fn a_session_is_opened_under_the_next_number_one_at_a_time() {
    let (mut bench, _) = promoted();
    let second = open(2, Stage::Shadow, Place::Simulated);
    assert_eq!(slug(bench.opens(second.clone(), OPS)), "session-refused");
    for bar_ms in [MINUTE_MS - 1, DAY_MS + 1] {
        let mut odd = open(1, Stage::Shadow, Place::Simulated);
        odd.bar_ms = bar_ms;
        assert_eq!(slug(bench.opens(odd, OPS)), "session-refused");
    }
    let mut daily = open(1, Stage::Shadow, Place::Simulated);
    daily.bar_ms = DAY_MS;
    bench.opens(daily, OPS).unwrap();
    assert_eq!(slug(bench.opens(second.clone(), OPS)), "session-running");
    bench.ends_session(session(1), OPS).unwrap();
    bench.opens(second, OPS).unwrap();
    assert_eq!(bench.again(), bench.state);
}

#[test]
fn a_first_commit_has_the_bars_that_fit_after_the_opening() {
    first_commit(|_| {}).unwrap();
    first_commit(|c| (c.bars, c.last_bar) = (1, c.first_bar)).unwrap();
    let refused = |change: fn(&mut SessionCommit), words: &str| {
        let found = why(first_commit(change));
        assert!(found.contains(words), "{found}");
    };
    let none = "it has one bar at least, and no fewer than no orders";
    refused(|c| c.bars = 0, none);
    refused(|c| c.orders = -1, none);
    refused(|c| c.events = -1, none);
    let fit = "so many bars do not fit between its first and its last bar";
    refused(|c| c.bars = 11, fit);
    refused(|c| c.last_bar = c.first_bar.plus_millis(-HOUR_MS), fit);
    // Fewer bars than fit are gaps.
    first_commit(|c| c.bars = 3).unwrap();
    let before = "its first bar ended before the session was opened";
    refused(
        |c| {
            c.first_bar = c.first_bar.plus_millis(-HOUR_MS - 1_001);
        },
        before,
    );
    refused(
        |c| c.last_bar = c.last_bar.plus_days(2),
        "its last bar lies in the future",
    );
}

#[test]
fn the_bar_in_which_a_session_was_opened_counts_and_the_one_before_does_not() {
    let (bench, _) = running();
    let opened = bench.state.tracks.sessions[&session(1)].mark.time;
    for (bar, stands) in [
        (opened.plus_millis(-HOUR_MS), true),
        (opened.plus_millis(-HOUR_MS - 1), false),
    ] {
        let mut bench = bench.clone();
        assert_eq!(
            bench.commits(commit(1, 2, bar), OPS).is_ok(),
            stands,
            "{bar}"
        );
    }
    // The last bar may begin now, and not later.
    for (later, stands) in [(0, true), (1, false)] {
        let mut bench = bench.clone();
        let act = commit(1, 1, bench.now.plus_millis(later));
        assert_eq!(bench.commits(act, OPS).is_ok(), stands, "{later}");
    }
}

#[test]
fn a_later_commit_takes_nothing_back_and_adds_what_fits() {
    second_commit(|_| {}).unwrap();
    // Nothing new but orders and events.
    second_commit(|c| {
        (c.bars, c.last_bar) = (10, c.last_bar.plus_millis(-2 * HOUR_MS));
        (c.orders, c.events) = (3, 3);
    })
    .unwrap();
    // Fewer bars than fit are gaps.
    second_commit(|c| c.bars = 11).unwrap();
    let refused = |change: fn(&mut SessionCommit), words: &str| {
        let found = why(second_commit(change));
        assert!(found.contains(words), "{found}");
    };
    let back = "it takes back what was committed";
    refused(|c| c.orders = 1, back);
    refused(|c| c.events = 1, back);
    refused(|c| c.bars = 9, back);
    refused(|c| c.last_bar = c.last_bar.plus_millis(-3 * HOUR_MS), back);
    let fit = "so many bars do not fit between its last bar and the one before";
    refused(|c| c.bars = 13, fit);
    refused(|c| c.bars = 10, fit);
    refused(|c| c.last_bar = c.last_bar.plus_millis(-2 * HOUR_MS), fit);
    refused(
        |c| c.first_bar = c.first_bar.plus_millis(1),
        "its first bar is not that of",
    );
    refused(
        |c| c.number = 3,
        "its number is not the next one of the session",
    );
}

#[test]
fn what_an_earlier_session_committed_is_not_committed_again() {
    let (mut bench, first) = running();
    bench.commits(commit(1, 10, first), OPS).unwrap();
    bench.ends_session(session(1), OPS).unwrap();
    bench
        .opens(open(2, Stage::Shadow, Place::Simulated), OPS)
        .unwrap();
    let opened = bench.state.tracks.sessions[&session(2)].mark.time;
    // As if the second had been opened while the last bar of the first was running.
    let last = first.plus_millis(9 * HOUR_MS);
    bench
        .state
        .tracks
        .sessions
        .get_mut(&session(2))
        .unwrap()
        .mark
        .time = last;
    for (begins, stands) in [(last, false), (last.plus_millis(1), true)] {
        let mut bench = bench.clone();
        let mut act = commit(1, 2, begins);
        act.session = session(2);
        let signed = Act::Track(Box::new(TrackAct::SessionCommit(act)));
        let signed = bench.signed(signed, OPS.0, OPS.1);
        assert_eq!(bench.asks(&signed).is_ok(), stands, "{begins} {opened}");
    }
}

#[test]
fn a_commit_covers_its_own_latest_bars_that_are_not_too_old() {
    let covered = |bench: &Bench| union_ms(&bench.state.tracks.sessions[&session(1)].covered);
    let (mut bench, first) = running();
    let opened = bench.state.tracks.sessions[&session(1)].mark.time;
    // Ten bars from the opening on.
    let mut ten = bench.clone();
    ten.commits(commit(1, 10, first), OPS).unwrap();
    assert_eq!(covered(&ten), 10 * HOUR_MS);
    // Of a bar that was running at the opening, what came after it.
    let mut early = bench.clone();
    let begins = opened.plus_millis(-HOUR_MS / 2);
    early.commits(commit(1, 2, begins), OPS).unwrap();
    assert_eq!(covered(&early), HOUR_MS + HOUR_MS / 2);
    // With gaps, the latest bars.
    let mut gaps = bench.clone();
    let mut act = commit(1, 10, first);
    act.bars = 4;
    gaps.commits(act, OPS).unwrap();
    assert_eq!(covered(&gaps), 4 * HOUR_MS);
    // What is not over yet counts up to now.
    let mut unfinished = bench.clone();
    unfinished.now = first.plus_millis(HOUR_MS + HOUR_MS / 4);
    unfinished.commits(commit(1, 2, first), OPS).unwrap();
    assert_eq!(covered(&unfinished), HOUR_MS + HOUR_MS / 4);
    // Older than 26 hours and the bar itself is too late.
    bench.now = first.plus_millis(40 * HOUR_MS);
    bench.commits(commit(1, 20, first), OPS).unwrap();
    assert_eq!(covered(&bench), 20 * HOUR_MS - (40 - 27) * HOUR_MS);
    let mut late = running().0;
    late.now = first.plus_millis(47 * HOUR_MS);
    late.commits(commit(1, 20, first), OPS).unwrap();
    assert_eq!(covered(&late), 0);
}

#[test]
fn sessions_are_named_as_they_stood_at_a_position() {
    let (mut bench, first) = running();
    let (opened, strategy) = (bench.head().size - 1, Digest::of(b"s1"));
    bench.commits(commit(1, 2, first), OPS).unwrap();
    bench.commits(commit(2, 3, first), OPS).unwrap();
    let at = |size: u64| {
        let held = sessions_before(&bench.state, (&p(), strategy), size);
        let one = held.into_iter().next();
        one.map(|held| held.commit.map(|c: HeldCommit| c.bars))
    };
    let seen: Vec<_> = (opened..=opened + 3).map(at).collect();
    assert_eq!(seen, [None, Some(None), Some(Some(2)), Some(Some(3))]);
    let others = sessions_before(&bench.state, (&p(), Digest::of(b"s2")), u64::MAX);
    assert!(others.is_empty());
}

#[test]
fn a_live_session_belongs_to_the_instance_that_opened_it() {
    let (granted, _) = promoted();
    let mut bench = with_instance(granted);
    bench.stands_at(Stage::Shadow);
    // An instance that nobody let in, and a name over another's key.
    let act = |number| open(number, Stage::Shadow, Place::Simulated);
    assert_eq!(
        slug(bench.opens(act(1), ("live-9", "instance"))),
        "unknown-key"
    );
    let borrowed = Act::Track(Box::new(TrackAct::SessionOpen(act(1))));
    let key = crate::machine::key("live-1");
    let mut statement = bench.statement(borrowed, "live-1", "instance", &key);
    statement.signer.person = PersonId::new("live-2").unwrap();
    let signed = crate::machine::sign(&statement, &[&key]);
    assert_eq!(slug(bench.submit(signed)), "unknown-key");
    // Before LIVE an instance may open one, and nobody else goes on with it but ops.
    bench.opens(act(1), INSTANCE).unwrap();
    let first = bench.now;
    bench.now = first.plus_millis(HOUR_MS);
    bench.commits(commit(1, 1, first), INSTANCE).unwrap();
    bench.commits(commit(2, 2, first), OPS).unwrap();
    bench.ends_session(session(1), OPS).unwrap();
    // What ops opened, no instance continues.
    bench.opens(act(2), OPS).unwrap();
    assert_eq!(
        slug(bench.ends_session(session(2), INSTANCE)),
        "instance-unfit"
    );
    bench.ends_session(session(2), OPS).unwrap();
}

#[test]
fn in_live_only_the_instance_that_the_decision_names_runs() {
    let mut bench = live(Bench::new());
    let id = "p-0001";
    let asked = |bench: &mut Bench, by: (&str, &str)| {
        let act = Act::Track(Box::new(TrackAct::SessionOpen(open(
            1,
            Stage::Live,
            Place::Simulated,
        ))));
        let signed = bench.signed(act, by.0, by.1);
        bench.asks(&signed)
    };
    asked(&mut bench, INSTANCE).unwrap();
    assert_eq!(slug(asked(&mut bench, OPS)), "live-session-by-instance");
    let record = bench.state.requests.get_mut(&id.parse().unwrap()).unwrap();
    record.request.instance = Some("live-2".parse().unwrap());
    assert_eq!(slug(asked(&mut bench, INSTANCE)), "instance-unfit");
    // A LIVE session that an instance opened: ops neither commits nor closes it.
    let mut running = bench.clone();
    let record = running
        .state
        .requests
        .get_mut(&id.parse().unwrap())
        .unwrap();
    record.request.instance = Some("live-1".parse().unwrap());
    let act = Act::Track(Box::new(TrackAct::SessionOpen(open(
        1,
        Stage::Live,
        Place::Simulated,
    ))));
    let signed = running.signed(act, INSTANCE.0, INSTANCE.1);
    assert!(running.append(&signed));
    let close = |bench: &mut Bench, by: (&str, &str)| {
        let close = SessionClose {
            session: session(1),
            status: Ending::Aborted,
            comment: String::new(),
        };
        let act = Act::Track(Box::new(TrackAct::SessionClose(close)));
        let signed = bench.signed(act, by.0, by.1);
        bench.asks(&signed)
    };
    assert_eq!(slug(close(&mut running, OPS)), "live-session-by-instance");
    close(&mut running, INSTANCE).unwrap();
}

#[test]
fn a_trial_has_runs_ends_once_and_counts_where_somebody_could_choose() {
    let names = TrialKind::ALL.map(TrialKind::as_str);
    assert_eq!(names, ["sweep", "walkforward", "batch"]);
    let research = ("research-1", "research");
    let mut bench = promoted().0;
    let start = |record: &str, runs| {
        TrackAct::TrialStart(TrialStart {
            record_sha256: Digest::of(record.as_bytes()),
            portfolio: p(),
            what: TrialKind::Sweep,
            runs,
            strategy_sha256: None,
        })
    };
    for runs in [0, 1_000_000_001] {
        assert_eq!(
            slug(bench.leaves(start("a", runs), research)),
            "trial-refused"
        );
    }
    bench
        .leaves(start("most", 1_000_000_000), research)
        .unwrap();
    bench.leaves(start("one", 1), research).unwrap();
    let after = bench.head().size;
    bench.leaves(start("ten", 10), research).unwrap();
    assert_eq!(
        slug(bench.leaves(start("ten", 10), research)),
        "trial-refused"
    );
    let end = |finished, failed| {
        TrackAct::TrialEnd(TrialEnd {
            record_sha256: Digest::of(b"ten"),
            finished,
            failed,
        })
    };
    assert_eq!(slug(bench.leaves(end(6, 5), research)), "trial-refused");
    bench.leaves(end(6, 4), research).unwrap();
    assert!(why(bench.leaves(end(6, 4), research)).contains("has ended already"));
    let of =
        |portfolio: &PortfolioId, before| count(&bench.state, &[portfolio.clone()].into(), before);
    assert_eq!(of(&p(), u64::MAX), 1_000_000_011);
    // A position counts what came before it.
    assert_eq!(of(&p(), after), 1_000_000_001);
    assert_eq!(of(&p(), after + 1), 1_000_000_011);
    assert_eq!(of(&PortfolioId::new("q").unwrap(), u64::MAX), 0);
}

#[test]
fn a_registration_is_of_bars_that_could_have_been_fetched() {
    let ask = |change: fn(&mut Dataset, UtcTime)| {
        let (mut bench, _) = promoted();
        let mut act = Dataset {
            sha256: Digest::of(b"bars"),
            symbol: "BTC/EUR".into(),
            timeframe: "1h".into(),
            first: bench.now.plus_days(-9),
            last: bench.now.plus_days(-1),
            rows: 10,
            synthetic: false,
            source: "the exchange".into(),
            retrieved_at: bench.now,
        };
        change(&mut act, bench.now);
        bench.leaves(TrackAct::Dataset(act), ("risk-2", "risk"))
    };
    let standing: [fn(&mut Dataset, UtcTime); 6] = [
        |_, _| {},
        |d, _| (d.rows, d.first) = (1, d.last),
        |d, now| d.last = now,
        |d, _| d.symbol = "s".repeat(64),
        |d, _| d.timeframe = "t".repeat(16),
        |d, _| d.timeframe.clear(),
    ];
    for stands in standing {
        ask(stands).unwrap();
    }
    let refused: [fn(&mut Dataset, UtcTime); 7] = [
        |d, _| d.rows = 0,
        |d, _| d.first = d.last.plus_millis(1),
        |d, now| (d.last, d.retrieved_at) = (now.plus_millis(1), now),
        |d, now| d.retrieved_at = now.plus_millis(1),
        |d, _| d.symbol.clear(),
        |d, _| d.symbol = "s".repeat(65),
        |d, _| d.timeframe = "t".repeat(17),
    ];
    for refused in refused {
        assert_eq!(slug(ask(refused)), "dataset-refused");
    }
}

#[test]
fn a_rerun_names_its_bars_in_order_and_the_build_that_ran_it() {
    let ask = |change: fn(&mut Rerun)| {
        let (mut bench, _) = promoted();
        let mut data = vec![Digest::of(b"one"), Digest::of(b"two")];
        data.sort();
        let mut act = Rerun {
            evidence_sha256: Digest::of(b"other"),
            result_sha256: Digest::of(b"result"),
            data,
            version: "1".into(),
            commit: "c".into(),
        };
        change(&mut act);
        bench.leaves(TrackAct::Rerun(act), ("risk-2", "risk"))
    };
    let standing: [fn(&mut Rerun); 5] = [
        |_| {},
        |r| r.data.truncate(1),
        |r| r.version = "v".repeat(64),
        |r| r.commit = "c".repeat(64),
        |r| r.commit.clear(),
    ];
    for stands in standing {
        ask(stands).unwrap();
    }
    let refused: [fn(&mut Rerun); 5] = [
        |r| r.data.reverse(),
        |r| r.data[1] = r.data[0],
        |r| r.version.clear(),
        |r| r.version = "v".repeat(65),
        |r| r.commit = "c".repeat(65),
    ];
    for refused in refused {
        assert_eq!(slug(ask(refused)), "rerun-refused");
    }
}

#[test]
fn predecessors_are_sorted_and_each_is_named_once() {
    let (mut bench, _) = promoted();
    for name in ["a", "b"] {
        bench.judged(name, name, crate::machine::good());
    }
    let ask = |names: &[&str]| {
        let mut bench = bench.clone();
        let mut request = bench.request("c", "c");
        let ids = names.iter().map(|name| PortfolioId::new(name).unwrap());
        request.grounds.predecessors = ids.collect();
        bench.ask(request)
    };
    ask(&["a", "b"]).unwrap();
    for list in [["b", "a"], ["a", "a"], ["a", "c"], ["a", "z"]] {
        assert_eq!(slug(ask(&list)), "predecessors-refused");
    }
}

#[test]
fn a_stay_shorter_than_usual_is_remarked_by_what_was_covered() {
    let (mut bench, _) = promoted();
    let since = bench.state.portfolios[&p()].since.unwrap();
    let mut request = bench.request("p", "s1");
    let covers = |bench: &mut Bench, days: i64| {
        bench
            .opens(open(1, Stage::Shadow, Place::Simulated), OPS)
            .unwrap();
        let record = bench.state.tracks.sessions.get_mut(&session(1)).unwrap();
        record.covered = vec![promote::governance::promotion::tracks::covered::Interval {
            from: since,
            to: since.plus_days(days),
        }];
    };
    let mut long = bench.clone();
    covers(&mut long, 14);
    assert_eq!(remark(&long.state, &request, since.plus_days(20)), None);
    request.target = Target::Testnet;
    // Fourteen days are usual: no remark, and a millisecond less is one.
    assert_eq!(remark(&long.state, &request, since.plus_days(14)), None);
    let short = remark(&long.state, &request, since.plus_days(14).plus_millis(-1));
    assert_eq!(
        short.as_deref(),
        Some("SHADOW lasted 13 days, 14 are usual")
    );
    // The smaller of both counts.
    covers(&mut bench, 9);
    let covered = remark(&bench.state, &request, since.plus_days(30));
    assert_eq!(
        covered.as_deref(),
        Some("SHADOW lasted 9 days, 14 are usual")
    );
    // What is too short to rise is told in hours.
    let mut asking = bench.clone();
    asking.now = since.plus_days(30);
    settle(&mut asking.state, asking.now);
    let record = asking.state.tracks.sessions.get_mut(&session(1)).unwrap();
    record.covered[0].to = since.plus_millis(7 * DAY_MS - 1);
    let mut request = asking.request("p", "s1");
    request.target = Target::Testnet;
    let signed = asking.signed(Act::Request(Box::new(request)), "research-1", "research");
    match asking.asks(&signed) {
        Err(Refusal::SessionTimeShort { covered, days, .. }) => {
            assert_eq!((covered, days), (167, 7))
        }
        other => panic!("{other:?}"),
    }
}
