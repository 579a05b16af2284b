//! What a view keeps of a fold: everything that is shown of it, now and later, and no more.

use std::collections::BTreeSet;

use promote::governance::promotion::access::acts::Reason;
use promote::governance::promotion::expiry::{Waiting, settle};
use promote::governance::promotion::missing::missing_of;
use promote::governance::promotion::oversight::Published;
use promote::governance::promotion::safety::incident::Severity;
use promote::governance::promotion::safety::missing::flags;
use promote::governance::promotion::state::{State, Status};
use promote::governance::promotion::statement::Act;
use promote::governance::promotion::tracks::TrackAct;
use promote::governance::promotion::view::View;
use promote::governance::stage::{Stage, Target};
use promote::kernel::digest::Digest;
use promote::kernel::id::RequestId;
use promote::kernel::time::UtcTime;

use crate::distrust::{dataset, rerun, vouched};
use crate::machine::{Bench, good, promoted};
use crate::safety::{RISK, portfolio, scope};
use crate::token::{issue_token, live, revoke};
use crate::wanted::{doubted, first};

/// The state of the view of a fold; its bytes are read back the same.
#[track_caller]
fn viewed(bench: &Bench) -> State {
    let view = View::of(&bench.state).unwrap();
    let again = View::decode(&view.encode().unwrap()).unwrap();
    assert_eq!(again, view);
    view.into_state((*bench.state.policy).clone()).unwrap()
}

/// What is missing and the flags of every portfolio at `now`.
fn shown(state: &State, now: UtcTime) -> Vec<String> {
    let mut state = state.clone();
    state.waiting = Waiting::anything(&state);
    settle(&mut state, now);
    let each = state.portfolios.iter().map(|(id, held)| {
        let lines = missing_of(&state, id, now);
        let flags = flags(&state, id, now);
        format!("{id} {} {flags:?} {lines:?}", held.stage)
    });
    each.collect()
}

/// The view shows what the fold shows, now and later; the state of the view.
#[track_caller]
fn shows_the_same(bench: &Bench) -> State {
    let view = viewed(bench);
    for days in [0, 10, 31, 100] {
        let now = bench.now.plus_days(days);
        assert_eq!(shown(&view, now), shown(&bench.state, now), "{days} days");
    }
    view
}

fn id(name: &str) -> RequestId {
    RequestId::new(name).unwrap()
}

fn grants(bench: &mut Bench, strategy: &str, target: Target) {
    let asked = bench.judged("p", strategy, good());
    bench.approve(&asked, "risk-1", "risk").unwrap();
    bench.decide(&asked).unwrap();
    // As if it had been asked for that stage: the way there is another test's.
    let record = bench.state.requests.get_mut(&id(&asked)).unwrap();
    record.request.target = target;
}

fn names(state: &State) -> Vec<&str> {
    state.requests.keys().map(RequestId::as_str).collect()
}

#[test]
fn of_ended_requests_the_last_one_and_the_last_grant_of_each_stage_are_kept() {
    let mut bench = Bench::new();
    bench.brief = true;
    grants(&mut bench, "s1", Target::Shadow);
    grants(&mut bench, "s2", Target::Shadow);
    grants(&mut bench, "s3", Target::Testnet);
    grants(&mut bench, "s4", Target::Live);
    for strategy in ["s5", "s6"] {
        let asked = bench.judged("p", strategy, good());
        bench.approve(&asked, "risk-1", "risk").unwrap();
        bench.withdraw(&asked, "research-1", "research").unwrap();
        // No look, so that the guard stays as it is.
        let record = bench.state.requests.get_mut(&id(&asked)).unwrap();
        record.request.target = Target::Testnet;
        // As if it could not be judged at once.
        record.unjudged.push(record.mark.clone());
    }
    let open = bench.judged("q", "s7", good());
    bench.approve(&open, "risk-1", "risk").unwrap();
    // No stage stands on any of them.
    bench.place("p", Stage::Research);
    let view = shows_the_same(&bench);
    let kept = ["p-0002", "p-0003", "p-0004", "p-0006", "q-0001"];
    assert_eq!(names(&view), kept);
    let own = &view.portfolios[&portfolio("p")].requests;
    assert_eq!(
        own.iter().map(RequestId::as_str).collect::<Vec<_>>(),
        kept[..4]
    );
    // Of an ended one what was asked and how it ended, of an open one everything.
    for name in &kept[..4] {
        let (record, fold) = (&view.requests[&id(name)], &bench.state.requests[&id(name)]);
        assert!(
            fold.judged.is_some() && !fold.approvals.is_empty(),
            "{name}"
        );
        assert_eq!(record.unjudged, [], "{name}");
        assert_eq!(
            (&record.judged, record.approvals.len()),
            (&None, 0),
            "{name}"
        );
        assert_eq!(
            (&record.request, &record.end, record.status),
            (&fold.request, &fold.end, fold.status)
        );
    }
    assert_eq!(view.requests[&id(&open)], bench.state.requests[&id(&open)]);
}

#[test]
fn of_decisions_the_one_that_a_live_session_rests_on_is_kept_and_no_token() {
    let mut bench = live(Bench::new());
    bench.brief = true;
    let other = bench.judged("q", "s2", good());
    bench.approve(&other, "risk-1", "risk").unwrap();
    bench.decide(&other).unwrap();
    issue_token(&mut bench);
    assert_eq!(bench.state.access.tokens.len(), 1);
    assert_eq!(bench.state.access.decisions.len(), 2);
    let view = shows_the_same(&bench);
    assert!(view.access.tokens.is_empty());
    let decisions = view.access.decisions.keys().map(RequestId::as_str);
    assert_eq!(decisions.collect::<Vec<_>>(), ["p-0001"]);
    // Its approvals are: a session ends with the key of an approver.
    assert_eq!(view.requests[&id("p-0001")].approvals.len(), 1);
    assert_eq!(view.requests[&id("q-0001")].approvals.len(), 0);
    let by = [("risk-2", "risk"), ("ops-1", "ops")];
    revoke(&mut bench, "risk-1", Some(Reason::Compromised), None, &by).unwrap();
    let view = shows_the_same(&bench);
    let lines = missing_of(&view, &portfolio("p"), bench.now);
    assert_eq!(lines[0].code, "approver_key");
}

#[test]
fn who_proposed_the_policy_set_in_force_and_what_that_is_worth_is_kept() {
    let mut bench = Bench::new();
    bench.brief = true;
    bench.judged("p", "s1", good());
    let seq = first(&bench).seq;
    doubted(&mut bench, true, seq);
    // Somebody else tightened it since.
    let mut mark = bench.state.oversight.history[1].mark.clone().unwrap();
    mark.person = "research-3".parse().unwrap();
    bench.state.oversight.history.push(Published {
        seq: seq + 1,
        set: bench.state.policy.clone(),
        mark: Some(mark),
        loosening: false,
    });
    let view = shows_the_same(&bench);
    let lines = missing_of(&view, &portfolio("p"), bench.now);
    assert_eq!(lines[0].code, "policy_in_doubt");
    let published = |state: &State| {
        let since = state.oversight.since_loosening();
        let each = since.map(|p| (p.mark.clone(), p.loosening));
        each.collect::<Vec<_>>()
    };
    // Of the genesis set, which nobody proposed, nothing is left.
    assert_eq!(view.oversight.history.len(), 2);
    assert_eq!(published(&view), published(&bench.state));
    let proposers: BTreeSet<_> = view.oversight.proposers().cloned().collect();
    assert_eq!(
        proposers,
        bench.state.oversight.proposers().cloned().collect()
    );
    assert_eq!(proposers.len(), 2);
}

#[test]
fn what_vouches_for_an_open_request_is_kept_and_nothing_else_of_the_kind() {
    let mut bench = vouched();
    bench.brief = true;
    let mut request = bench.request("p", "s1");
    request.grounds.data = vec![Digest::of(b"bars")];
    bench.ask(request).unwrap();
    bench.evaluate("p-0001", good()).unwrap();
    bench.approve("p-0001", "risk-1", "risk").unwrap();
    let told = |view: &State| -> Vec<String> {
        let lines = missing_of(view, &portfolio("p"), last_entry(view));
        lines.into_iter().map(|line| line.code).collect()
    };
    assert_eq!(told(&shows_the_same(&bench)), ["rerun", "dataset"]);
    let TrackAct::Dataset(mut other) = dataset(&bench) else {
        panic!("a registration");
    };
    other.sha256 = Digest::of(b"other bars");
    let acts = [rerun(), dataset(&bench), TrackAct::Dataset(other)];
    for act in acts {
        let signed = bench.signed(Act::Track(Box::new(act)), "research-3", "research");
        bench.submit(signed).unwrap();
    }
    let view = shows_the_same(&bench);
    assert_eq!(told(&view), [""; 0]);
    assert_eq!(bench.state.tracks.datasets.len(), 2);
    let bars = view.tracks.datasets.keys().collect::<Vec<_>>();
    assert_eq!(bars, [&Digest::of(b"bars")]);
    assert_eq!(view.tracks.reruns, bench.state.tracks.reruns);
    // Taken back, nothing of it is shown any more.
    bench.withdraw("p-0001", "research-1", "research").unwrap();
    let view = shows_the_same(&bench);
    assert!(view.tracks.datasets.is_empty() && view.tracks.reruns.is_empty());
}

/// The time of the last entry: nothing here falls due before days have passed.
fn last_entry(state: &State) -> UtcTime {
    state.last_time()
}

#[test]
fn an_incident_weighs_on_its_heirs_in_the_view_too() {
    let mut bench = Bench::new();
    bench.brief = true;
    let mut ask = |name: &str, strategy: &str, continues: &[&str]| {
        let mut request = bench.request(name, strategy);
        request.grounds.predecessors = continues.iter().map(|of| portfolio(of)).collect();
        bench.ask(request).unwrap();
    };
    ask("old", "s1", &[]);
    ask("heir", "s2", &["old"]);
    let mut again = |name: &str, strategy: &str| {
        let asked = format!("{name}-0001");
        bench.withdraw(&asked, "research-1", "research").unwrap();
        let request = bench.request(name, strategy);
        bench.ask(request).unwrap();
    };
    // Declared once, by a request that ended; the open ones say nothing of it.
    again("heir", "s3");
    again("old", "s4");
    let blocked = |view: &State| {
        let lines = missing_of(view, &portfolio("heir"), last_entry(view));
        lines.iter().any(|line| line.code == "incident_open")
    };
    // Nobody looks back while nothing is open.
    let view = shows_the_same(&bench);
    assert!(!blocked(&view));
    assert_eq!(names(&view), ["heir-0002", "old-0002"]);
    bench.incident("old", Severity::Low).unwrap();
    let view = shows_the_same(&bench);
    assert!(blocked(&view));
    let all = ["heir-0001", "heir-0002", "old-0001", "old-0002"];
    assert_eq!(names(&view), all);
    assert_eq!(view.requests[&id("heir-0001")].status, Status::Withdrawn);
}

#[test]
fn the_last_certificate_of_each_portfolio_is_kept_without_its_values() {
    let (mut bench, _) = promoted();
    bench.brief = true;
    for days in [20, 20] {
        bench.days(days);
        let act = bench.certificate("p", good());
        bench.certifies(act, RISK).unwrap();
    }
    bench.halts(scope("p"), "ops-1", "ops").unwrap();
    bench.days(6);
    // A halt of six days is lifted where a certificate came after it.
    let command = |view: &State, now| missing_of(view, &portfolio("p"), now)[0].command.clone();
    let told = command(&shows_the_same(&bench), bench.now).unwrap();
    assert!(told.starts_with("promote recertify p "), "{told}");
    let act = bench.certificate("p", good());
    bench.certifies(act, RISK).unwrap();
    let view = shows_the_same(&bench);
    let told = command(&view, bench.now).unwrap();
    assert!(told.starts_with("promote resume "), "{told}");
    let last = bench.state.safety.certificates.last().unwrap();
    assert_eq!(bench.state.safety.certificates.len(), 3);
    let kept = &view.safety.certificates;
    assert_eq!((kept.len(), &kept[0].mark), (1, &last.mark));
    assert!(kept[0].act.facts.is_empty() && !last.act.facts.is_empty());
}
