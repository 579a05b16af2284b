//! The next command that is printed after everything that changes something: what stands in the way
//! first, in the order in which it can be done, then the way up.

use promote::governance::policy::roles::Role;
use promote::governance::promotion::access::acts::Reason;
use promote::governance::promotion::next::{lift, next, request_above};
use promote::governance::promotion::safety::halt::{HaltRecord, HaltScope};
use promote::governance::promotion::safety::incident::Severity;
use promote::governance::promotion::tracks::covered::Interval;
use promote::governance::promotion::tracks::session::{
    Ending, Place, SessionClose, SessionCommit, SessionOpen, SessionRecord,
};
use promote::governance::stage::Stage;
use promote::kernel::digest::Digest;
use promote::kernel::id::{PortfolioId, ProfileId, SessionId};

use crate::edges::with_shadow_quorum;
use crate::machine::{Bench, facts, good, promoted};
use crate::pasteable::refused;
use crate::safety::{BOTH, portfolio, scope};
use crate::token::{live, revoke};
use crate::wanted::first;

/// What `p` waits for; the command line takes it.
#[track_caller]
fn told(bench: &Bench) -> String {
    let command = next(&bench.state, &portfolio("p"), bench.now);
    assert_eq!(refused(&command), None);
    command
}

const CERTIFY: &str = "promote recertify p --evidence DIR --summary TEXT --key KEY";

#[test]
fn a_halted_live_portfolio_is_certified_before_it_is_resumed() {
    let mut bench = live(Bench::new());
    let token = "promote token issue p --instance live-1 --confirm p --key KEY";
    assert_eq!(told(&bench), token);
    bench.halts(scope("p"), "ops-1", "ops").unwrap();
    let halt = bench.state.safety.halts[0].clone();
    assert_eq!(told(&bench), CERTIFY);
    assert_eq!(lift(&bench.state, &halt, bench.now), CERTIFY);
    bench.incident("p", Severity::Low).unwrap();
    let seq = bench.state.safety.incidents[0].mark.seq;
    assert_eq!(
        told(&bench),
        format!("promote incident close {seq} --finding TEXT --key KEY")
    );
    bench.closes("risk-1", "risk").unwrap();
    assert_eq!(told(&bench), CERTIFY);
    bench.place("p", Stage::Retired);
    assert_eq!(told(&bench), "promote log export --portfolio p");
}

#[test]
fn a_halt_below_live_is_lifted_and_wants_a_certificate_only_when_it_is_old() {
    let (mut bench, _) = promoted();
    let open = "promote session open p --stage shadow --environment simulated --system TEXT --timeframe LENGTH --key KEY";
    assert_eq!(told(&bench), open);
    bench.halts(scope("p"), "ops-1", "ops").unwrap();
    let seq = bench.state.safety.halts[0].seq;
    let resume = format!("promote resume --halt {seq} --reason TEXT --key RISK --key OPS");
    assert_eq!(told(&bench), resume);
    let mut late = bench.clone();
    late.days(6);
    assert_eq!(told(&late), CERTIFY);
    bench.resumes(BOTH).unwrap();
    assert_eq!(told(&bench), open);
}

#[test]
fn a_command_that_asks_for_live_names_the_way_back() {
    let id = PortfolioId::new("p").unwrap();
    assert_eq!(
        request_above(&id, Stage::Testnet, "s"),
        "promote request p --target live --evidence DIR --evidence s --summary TEXT --fallback TEXT --key KEY"
    );
    assert_eq!(
        request_above(&id, Stage::Shadow, "s"),
        "promote request p --target testnet --evidence DIR --evidence s --summary TEXT --key KEY"
    );
}

#[test]
fn a_request_waits_for_approvals_then_for_its_decision() {
    let mut bench = Bench::new();
    assert_eq!(
        told(&bench),
        "promote request p --target shadow --evidence DIR --summary TEXT --key KEY"
    );
    let id = bench.judged("p", "s1", good());
    let approve = format!("promote approve {id} --role {} --key KEY", Role::Risk);
    assert_eq!(told(&bench), approve);
    bench.approve(&id, "risk-1", "risk").unwrap();
    assert_eq!(told(&bench), format!("promote decide {id}"));
    let mut denied = bench.clone();
    denied.deny(&id, "risk-2", "risk").unwrap();
    assert_eq!(
        told(&denied),
        "promote request p --target shadow --evidence DIR --summary TEXT --key KEY"
    );
}

#[test]
fn a_halt_is_named_with_its_portfolio_where_one_entry_halts_several() {
    let (mut bench, _) = promoted();
    bench.brief = true;
    bench.halts(scope("p"), "ops-1", "ops").unwrap();
    let halt = bench.state.safety.halts[0].clone();
    let seq = halt.seq;
    let plain = format!("promote resume --halt {seq} --reason TEXT --key RISK --key OPS");
    let named =
        format!("promote resume --halt {seq} --portfolio p --reason TEXT --key RISK --key OPS");
    assert_eq!(lift(&bench.state, &halt, bench.now), plain);
    // As if the same entry had halted another one too.
    let mut other = halt.clone();
    other.scope = scope("q");
    bench.state.safety.halts.push(other.clone());
    assert_eq!(lift(&bench.state, &halt, bench.now), named);
    assert_eq!(refused(&named), None);
    // That one was lifted, or stands on another entry.
    let told = |change: &dyn Fn(&mut HaltRecord)| {
        let mut state = bench.state.clone();
        change(&mut state.safety.halts[1]);
        lift(&state, &halt, bench.now)
    };
    assert_eq!(told(&|other| other.resumed = other.by.clone()), plain);
    assert_eq!(told(&|other| other.seq += 1), plain);
    assert_eq!(told(&|_| ()), named);
    // A halt of everything, or of a profile, has no portfolio to name.
    let conservative = ProfileId::new("conservative").unwrap();
    for scope in [HaltScope::Global, HaltScope::Profile(conservative)] {
        let mut wide = halt.clone();
        wide.scope = scope;
        assert_eq!(lift(&bench.state, &wide, bench.now), plain);
    }
}

#[test]
fn a_certificate_that_is_overdue_comes_before_the_way_up() {
    let (mut bench, _) = promoted();
    let due = bench.now.plus_days(90);
    bench.now = due.plus_millis(-1);
    assert!(told(&bench).starts_with("promote session open p "));
    bench.now = due;
    assert_eq!(told(&bench), CERTIFY);
}

#[test]
fn a_verdict_that_grants_nothing_is_explained_or_revised() {
    let mut bench = Bench::new();
    bench.brief = true;
    let mut revised = bench.clone();
    bench.judged("p", "s1", facts("0.7", "0.22", "0.31"));
    assert_eq!(told(&bench), "promote explain p-0001");
    revised.judged("p", "s1", facts("0.7999", "0.18", "0.26"));
    assert_eq!(
        told(&revised),
        "promote request p --target shadow --evidence DIR --summary TEXT --revises p-0001 --key KEY"
    );
}

#[test]
fn a_request_that_lacks_what_no_command_supplies_is_shown() {
    let mut bench =
        with_shadow_quorum("slots = { risk = 1 }, persons = 2, time_lock_hours = 0, witnesses = 0");
    bench.brief = true;
    let id = bench.judged("p", "s1", good());
    bench.approve(&id, "risk-1", "risk").unwrap();
    assert_eq!(told(&bench), format!("promote show {id}"));
}

#[test]
fn a_live_portfolio_waits_for_what_its_token_lacks() {
    let bench = live(Bench::new());
    let by = [("risk-2", "risk"), ("ops-1", "ops")];
    let mut lost = bench.clone();
    revoke(&mut lost, "risk-1", Some(Reason::Compromised), None, &by).unwrap();
    assert_eq!(told(&lost), CERTIFY);
    // No decision made it LIVE: there is no command for that but to look.
    let mut undecided = bench;
    undecided.state.access.decisions.clear();
    assert_eq!(told(&undecided), "promote status p");
}

impl Bench {
    /// As if `p` had run a session in SHADOW that covers its first days, closed or not.
    fn ran(&mut self, number: u32, days: i64, commits: usize, closed: bool) {
        let id = SessionId::new(&format!("p-s{number:04}")).unwrap();
        let begun = self.now;
        let mut mark = first(self);
        mark.time = begun;
        let commit = SessionCommit {
            session: id.clone(),
            number: 1,
            log_sha256: Digest::of(b"log"),
            bars: 1,
            first_bar: begun,
            last_bar: begun,
            orders: 0,
            events: 0,
        };
        let close = SessionClose {
            session: id.clone(),
            status: Ending::Completed,
            comment: String::new(),
        };
        let covered = Interval {
            from: begun,
            to: begun.plus_days(days),
        };
        let record = SessionRecord {
            open: SessionOpen {
                session: id.clone(),
                portfolio: portfolio("p"),
                stage: Stage::Shadow,
                strategy_sha256: Digest::of(b"s1"),
                environment: Place::Simulated,
                system: "own".into(),
                bar_ms: 3_600_000,
            },
            mark: mark.clone(),
            commits: vec![(mark.clone(), commit); commits],
            close: closed.then_some((mark, close)),
            covered: vec![covered],
        };
        self.state.tracks.order.push(id.clone());
        self.state.tracks.sessions.insert(id, record);
    }
}

#[test]
fn a_session_is_committed_until_it_covers_the_dwell_then_closed_and_joined() {
    let (bench, _) = promoted();
    let dwell = i64::from(bench.state.rules().request.shadow_dwell_days);
    let after = |sessions: &[(i64, usize, bool)]| {
        let mut bench = bench.clone();
        for (number, (days, commits, closed)) in (1..).zip(sessions) {
            bench.ran(number, *days, *commits, *closed);
        }
        told(&bench)
    };
    let open = "promote session open p --stage shadow --environment simulated --system TEXT --timeframe LENGTH --key KEY";
    let commit = "promote session commit p-s0001 --log DIR --key KEY";
    let close = "promote session close p-s0001 --status completed --key KEY";
    let join = "promote session evidence p --stage shadow --import p-s0001=DIR --out DIR --key KEY";
    assert_eq!(after(&[(dwell - 1, 1, false)]), commit);
    assert_eq!(after(&[(dwell, 1, false)]), close);
    assert_eq!(after(&[(dwell - 1, 1, true)]), open);
    assert_eq!(after(&[(dwell, 1, true)]), join);
    // Where nothing was committed there is nothing to import.
    assert_eq!(after(&[(dwell, 1, true), (0, 0, true)]), join);
    assert_eq!(after(&[(dwell, 0, true)]), open);
}

#[test]
fn a_bundle_of_live_sessions_is_for_the_next_certificate() {
    let command = request_above(&portfolio("p"), Stage::Live, "x");
    assert_eq!(
        command,
        "promote recertify p --evidence DIR --evidence x --summary TEXT --key KEY"
    );
    assert_eq!(refused(&command), None);
}
