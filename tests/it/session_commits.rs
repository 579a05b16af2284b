//! Whose a session is, who goes on with it, and what a later commit covers, over a ledger in
//! memory.

use promote::governance::promotion::statement::Act;
use promote::governance::promotion::tracks::TrackAct;
use promote::governance::promotion::tracks::covered::union_ms;
use promote::governance::promotion::tracks::session::{Ending, Place, SessionClose, SessionRecord};
use promote::governance::stage::Stage;
use promote::kernel::digest::Digest;
use promote::kernel::id::PortfolioId;
use promote::kernel::time::{HOUR_MS, UtcTime};

use crate::machine::{promoted, slug};
use crate::token::{enrol_again, with_instance};
use crate::tracks::{INSTANCE, OPS, commit, open, p, running, session};

#[test]
fn a_session_is_of_the_stay_in_which_its_version_opened_it() {
    let (bench, _) = running();
    let held = &bench.state.portfolios[&p()];
    let since = held.since.unwrap();
    let of = |change: fn(&mut SessionRecord, UtcTime)| {
        let mut record = bench.state.tracks.sessions[&session(1)].clone();
        change(&mut record, since);
        record.is_of(&p(), held)
    };
    assert!(of(|_, _| {}));
    assert!(of(|record, since| record.mark.time = since));
    let strangers: [fn(&mut SessionRecord, UtcTime); 4] = [
        |record, since| record.mark.time = since.plus_millis(-1),
        |record, _| record.open.portfolio = PortfolioId::new("q").unwrap(),
        |record, _| record.open.strategy_sha256 = Digest::of(b"s2"),
        |record, _| record.open.stage = Stage::Testnet,
    ];
    for (number, change) in strangers.into_iter().enumerate() {
        assert!(!of(change), "{number}");
    }
}

#[test]
fn an_instance_goes_on_with_its_own_session_and_with_no_other() {
    let mut bench = with_instance(promoted().0);
    enrol_again(&mut bench, "live-2", "live-2");
    let act = open(1, Stage::Shadow, Place::Simulated);
    bench.opens(act, INSTANCE).unwrap();
    let first = bench.now;
    bench.now = first.plus_millis(HOUR_MS);
    let other = ("live-2", "instance");
    let act = commit(1, 1, first);
    assert_eq!(slug(bench.commits(act.clone(), other)), "instance-unfit");
    assert_eq!(
        slug(bench.ends_session(session(1), other)),
        "instance-unfit"
    );
    bench.commits(act, INSTANCE).unwrap();
    bench.ends_session(session(1), INSTANCE).unwrap();
}

#[test]
fn a_later_commit_covers_as_many_bars_as_it_adds() {
    let (mut bench, first) = running();
    let covered = |bench: &crate::machine::Bench| {
        let list = &bench.state.tracks.sessions[&session(1)].covered;
        (union_ms(list), list.len())
    };
    bench.commits(commit(1, 10, first), OPS).unwrap();
    assert_eq!(covered(&bench), (10 * HOUR_MS, 1));
    // Two bars more, in whose time four would have had room: the latest two.
    let mut two = commit(2, 12, first);
    two.last_bar = first.plus_millis(13 * HOUR_MS);
    bench.commits(two.clone(), OPS).unwrap();
    assert_eq!(covered(&bench), (12 * HOUR_MS, 2));
    let list = &bench.state.tracks.sessions[&session(1)].covered;
    assert_eq!(list[1].from, first.plus_millis(12 * HOUR_MS));
    assert_eq!(list[1].to, first.plus_millis(14 * HOUR_MS));
    // Orders alone cover nothing.
    (two.number, two.orders) = (3, 1);
    bench.commits(two, OPS).unwrap();
    assert_eq!(covered(&bench), (12 * HOUR_MS, 2));
    assert_eq!(bench.again(), bench.state);
}

#[test]
fn a_text_says_something_in_4096_bytes_at_most() {
    let (bench, _) = promoted();
    let opens = |system: String| {
        let mut act = open(1, Stage::Shadow, Place::Simulated);
        act.system = system;
        let mut bench = bench.clone();
        let act = Act::Track(Box::new(TrackAct::SessionOpen(act)));
        let signed = bench.signed(act, OPS.0, OPS.1);
        bench.asks(&signed)
    };
    opens("s".repeat(4096)).unwrap();
    assert_eq!(slug(opens("s".repeat(4097))), "text-too-long");
    for empty in ["", " ", "\n \n"] {
        assert_eq!(slug(opens(empty.into())), "no-words", "{empty:?}");
    }
    // A word to the record may be missing, but not be blank.
    let (bench, _) = running();
    let closes = |comment: String| {
        let close = SessionClose {
            session: session(1),
            status: Ending::Aborted,
            comment,
        };
        let mut bench = bench.clone();
        let act = Act::Track(Box::new(TrackAct::SessionClose(close)));
        let signed = bench.signed(act, OPS.0, OPS.1);
        bench.asks(&signed)
    };
    closes(String::new()).unwrap();
    closes("c".repeat(4096)).unwrap();
    assert_eq!(slug(closes("c".repeat(4097))), "text-too-long");
    assert_eq!(slug(closes(" ".into())), "no-words");
}
