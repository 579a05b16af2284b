//! What a version stands on: overrides whose reviews were missed, stays that are overdue, limits,
//! looks, and what a publication may not put off.

use std::sync::Arc;

use promote::governance::policy::diff::Overall;
use promote::governance::policy::set::{PolicySet, embedded_files};
use promote::governance::promotion::expiry::{Waiting, settle};
use promote::governance::promotion::missing::missing;
use promote::governance::promotion::oversight::acts::PolicyPublication;
use promote::governance::promotion::oversight::replay::again;
use promote::governance::promotion::oversight::{publication, recertification_due};
use promote::governance::promotion::safety::certificate::{
    CertificateRecord, Recertification, judge,
};
use promote::governance::promotion::safety::due::times;
use promote::governance::promotion::safety::halt::{Cause, HaltScope};
use promote::governance::promotion::safety::missing::{flags, standing};
use promote::governance::promotion::state::{Mark, Portfolio, RequestRecord, State, Status};
use promote::governance::stage::{Stage, Target};
use promote::kernel::digest::Digest;
use promote::kernel::id::{ProfileId, RequestId};
use promote::kernel::time::UtcTime;

use crate::machine::{Bench, facts, good, promoted, slug};
use crate::safety::{BOTH, RISK, TWO, missed, portfolio, promoted_by_override, scope, soft};

fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

fn held(bench: &Bench) -> &Portfolio {
    &bench.state.portfolios[&portfolio("p")]
}

fn record_of(bench: &Bench, id: &str) -> RequestRecord {
    bench.state.requests[&RequestId::new(id).unwrap()].clone()
}

/// What is missing for a request, by its codes.
fn codes(bench: &Bench, record: &RequestRecord) -> Vec<String> {
    let list = missing(&bench.state, record, bench.now);
    list.into_iter().map(|m| m.code).collect()
}

/// A version `s2` climbs below the LIVE `s1`, on an override.
fn climbing_by_override() -> Bench {
    let mut bench = soft();
    let id = bench.judged("p", "s1", good());
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.decide(&id).unwrap();
    bench.place("p", Stage::Live);
    let mut word = bench.word("crash_drawdown");
    word.evidence_sha256 = digest("s2");
    bench.overrides(word, TWO).unwrap();
    let id = bench.judged("p", "s2", missed());
    bench.approve(&id, "risk-3", "risk").unwrap();
    bench.decide(&id).unwrap();
    bench
}

#[test]
fn a_missed_review_takes_the_stage_from_the_version_that_rests_on_it() {
    let mut bench = climbing_by_override();
    bench.days(7);
    let mut before = bench.state.clone();
    settle(&mut before, bench.now.plus_millis(-1));
    let held_before = &before.portfolios[&portfolio("p")];
    assert_eq!(held_before.stage_of(digest("s2")), Stage::Shadow);
    bench.judged("q", "s9", good());
    // What climbs on it begins anew; what runs keeps its stage, and is halted.
    assert_eq!(held(&bench).stage_of(digest("s2")), Stage::Research);
    assert_eq!(
        (held(&bench).stage, held(&bench).strategy),
        (Stage::Live, Some(digest("s1")))
    );
    assert_eq!(bench.state.safety.derived, []);
    let halt = &bench.state.safety.halts[0];
    assert_eq!(
        (halt.cause, halt.scope.clone()),
        (Cause::MissedReview, scope("p"))
    );
}

#[test]
fn a_missed_review_lowers_the_version_that_runs_and_no_other_that_climbs() {
    let mut bench = promoted_by_override();
    bench.place("p", Stage::Testnet);
    let id = bench.judged("p", "s2", good());
    bench.approve(&id, "risk-3", "risk").unwrap();
    bench.decide(&id).unwrap();
    bench.place("p", Stage::Live);
    bench.days(7);
    bench.judged("q", "s9", good());
    assert_eq!(held(&bench).stage, Stage::Testnet);
    assert_eq!(held(&bench).strategy, Some(digest("s1")));
    assert_eq!(held(&bench).stage_of(digest("s2")), Stage::Shadow);
    assert_eq!(bench.state.safety.derived.len(), 1);
}

#[test]
fn a_missed_review_of_a_version_that_was_replaced_only_halts() {
    let mut bench = promoted_by_override();
    bench.days(1);
    let id = bench.judged("p", "s2", good());
    bench.approve(&id, "risk-3", "risk").unwrap();
    bench.decide(&id).unwrap();
    bench.days(7);
    bench.judged("q", "s9", good());
    assert_eq!(
        (held(&bench).stage, held(&bench).strategy),
        (Stage::Shadow, Some(digest("s2")))
    );
    assert!(flags(&bench.state, &portfolio("p"), bench.now).halted);
    bench.folds_the_same_again();
}

#[test]
fn what_only_asked_with_an_override_does_not_rest_on_it() {
    let mut bench = soft();
    let word = bench.word("crash_drawdown");
    bench.overrides(word, TWO).unwrap();
    // Judged on the override under one strategy and taken back; granted under another.
    let mut first = bench.request("p", "s1");
    first.strategy_sha256 = digest("s0");
    bench.ask(first).unwrap();
    bench.evaluate("p-0001", missed()).unwrap();
    bench.withdraw("p-0001", "research-1", "research").unwrap();
    let id = bench.judged("p", "s1", missed());
    assert_eq!(bench.state.safety.overrides[0].used_by.len(), 2);
    bench.approve(&id, "risk-3", "risk").unwrap();
    bench.decide(&id).unwrap();
    let mut other = bench.state.clone();
    let changed = other.portfolios.get_mut(&portfolio("p")).unwrap();
    changed.strategy = Some(digest("s0"));
    settle(&mut other, bench.now.plus_days(7));
    assert_eq!(other.portfolios[&portfolio("p")].stage, Stage::Shadow);
    settle(&mut bench.state, bench.now.plus_days(7));
    assert_eq!(held(&bench).stage, Stage::Research);
}

#[test]
fn before_a_missed_review_is_made_nothing_is_resumed_or_asked_for() {
    let conservative = ProfileId::new("conservative").unwrap();
    let mut bench = promoted_by_override();
    bench.days(7);
    bench.judged("q", "s9", good());
    let told = |bench: &Bench| -> Vec<String> {
        let list = standing(&bench.state, &portfolio("p"), &conservative, bench.now);
        list.into_iter().map(|m| m.code).collect()
    };
    assert_eq!(told(&bench), ["halted", "post_review_due"]);
    assert_eq!(slug(bench.clone().resumes(BOTH)), "review-missed");
    // A halt of another scope is none of its business, one of everything is.
    let mut other = bench.clone();
    other.halts(scope("q"), "ops-1", "ops").unwrap();
    other.resumes(BOTH).unwrap();
    other.halts(HaltScope::Global, "ops-1", "ops").unwrap();
    assert_eq!(slug(other.resumes(BOTH)), "review-missed");
    // Nobody asks before it is made, also where no halt stands in the way.
    let mut lifted = bench.clone();
    lifted.state.safety.halts.clear();
    let mut request = lifted.request("p", "s2");
    request.evidence[0].result_sha256 = digest("new result");
    assert_eq!(slug(lifted.clone().ask(request.clone())), "review-missed");
    lifted.reviews("risk-3").unwrap();
    lifted.ask(request).unwrap();
    // Out of service for good, it holds nobody up.
    let mut retired = bench.clone();
    retired.retires("p").unwrap();
    assert_eq!(told(&retired), ["halted"]);
    retired.resumes(BOTH).unwrap();
    bench.reviews("risk-3").unwrap();
    assert_eq!(told(&bench), ["halted"]);
    bench.resumes(BOTH).unwrap();
    bench.folds_the_same_again();
}

#[test]
fn a_review_that_is_only_due_holds_nothing_up() {
    let mut bench = promoted_by_override();
    bench.halts(scope("p"), "ops-1", "ops").unwrap();
    bench.resumes(BOTH).unwrap();
    let id = bench.judged("p", "s2", good());
    assert_eq!(codes(&bench, &record_of(&bench, &id)), ["approval"]);
}

#[test]
fn a_climbing_version_that_stayed_too_long_is_not_decided() {
    let (mut bench, _) = promoted();
    bench.place("p", Stage::Live);
    let id = bench.judged("p", "s2", good());
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.decide(&id).unwrap();
    let granted = bench.now;
    bench.days(89);
    // The running version is certified meanwhile; the climbing one asks for TESTNET.
    let now = bench.now;
    let on = bench.state.safety.standing.get_mut(&portfolio("p"));
    on.unwrap().time = now;
    let id = bench.judged("p", "s3", good());
    let mut asked = record_of(&bench, &id);
    asked.request.target = Target::Testnet;
    asked.request.strategy_sha256 = digest("s2");
    let overdue = |bench: &Bench, asked: &RequestRecord| {
        let list = codes(bench, asked);
        list.iter().filter(|c| *c == "certificate_overdue").count()
    };
    bench.now = granted.plus_days(90).plus_millis(-1);
    assert_eq!(overdue(&bench, &asked), 0);
    bench.now = granted.plus_days(90);
    assert_eq!(overdue(&bench, &asked), 1);
    // Another version does not answer for it.
    assert_eq!(overdue(&bench, &record_of(&bench, &id)), 0);
}

/// Judged requests for SHADOW with one strategy over windows that end on different days.
fn looks_at(bench: &mut Bench, name: &str, strategy: &str, days: &[i64]) {
    for days in days {
        let id = look(bench, name, strategy, *days, &[]);
        // Beyond the budget the guard ends it by itself.
        if bench.status(&id).is_open() {
            bench.withdraw(&id, "research-1", "research").unwrap();
        }
    }
}

fn look(bench: &mut Bench, name: &str, strategy: &str, days: i64, predecessors: &[&str]) -> String {
    let mut request = bench.request(name, strategy);
    let oos = request.oos.as_mut().unwrap();
    oos.last = oos.last.plus_days(-days);
    request.grounds.predecessors = predecessors.iter().map(|p| portfolio(p)).collect();
    let held = bench.state.portfolios.get(&request.portfolio);
    let last = held.and_then(|held| held.requests.last().cloned());
    request.revises = last.filter(|id| bench.status(id.as_str()) == Status::Revise);
    let id = request.request.to_string();
    bench.ask(request).unwrap();
    bench.evaluate(&id, good()).unwrap();
    id
}

fn guard_of(bench: &Bench, id: &str) -> Option<String> {
    let guard = record_of(bench, id).judged.unwrap().evaluation.guard;
    guard.map(|guard| guard.to_string())
}

#[test]
fn looks_stay_with_the_strategy_under_every_name() {
    let mut bench = Bench::new();
    looks_at(&mut bench, "p", "s1", &[0, 1]);
    // The third look is in the budget, whoever asks; a window that was judged is no new look.
    let third = look(&mut bench.clone(), "fresh", "s1", 2, &[]);
    let mut within = bench.clone();
    assert_eq!(look(&mut within, "fresh", "s1", 2, &[]), third);
    assert_eq!(guard_of(&within, &third), None);
    looks_at(&mut bench, "p", "s1", &[2]);
    let mut same = bench.clone();
    let id = look(&mut same, "fresh", "s1", 2, &[]);
    assert_eq!(guard_of(&same, &id), None);
    // The fourth is not.
    let mut more = bench.clone();
    let id = look(&mut more, "fresh", "s1", 3, &[]);
    assert_eq!(guard_of(&more, &id), Some("0.5".to_owned()));
    more.folds_the_same_again();
    // Another strategy under another name has nothing to do with it.
    let mut other = bench.clone();
    let id = look(&mut other, "fresh", "s2", 3, &[]);
    assert_eq!(guard_of(&other, &id), None);
}

#[test]
fn only_judged_requests_for_shadow_are_looks_at_a_strategy() {
    let mut bench = Bench::new();
    looks_at(&mut bench, "p", "s1", &[0, 1, 2]);
    let second = RequestId::new("p-0002").unwrap();
    let mut judged = bench.clone();
    judged.state.requests.get_mut(&second).unwrap().judged = None;
    let id = look(&mut judged, "fresh", "s1", 3, &[]);
    assert_eq!(guard_of(&judged, &id), None);
    let request = &mut bench.state.requests.get_mut(&second).unwrap().request;
    request.target = Target::Testnet;
    let id = look(&mut bench, "fresh", "s1", 3, &[]);
    assert_eq!(guard_of(&bench, &id), None);
}

#[test]
fn predecessors_stay_with_the_strategy_that_declared_them() {
    let mut bench = Bench::new();
    looks_at(&mut bench, "old", "s0", &[0, 1]);
    let id = look(&mut bench, "p", "s1", 0, &["old"]);
    assert_eq!(guard_of(&bench, &id), None);
    bench.withdraw(&id, "research-1", "research").unwrap();
    // Under a third name, not declared again: two of `old`, one of `p`, one of its own.
    let mut asked = bench.clone();
    let id = look(&mut asked, "fresh", "s1", 1, &[]);
    assert_eq!(guard_of(&asked, &id), Some("0.5".to_owned()));
    // What `p` asked for with another strategy is not the strategy's.
    let id = look(&mut bench, "fresh", "s2", 1, &[]);
    assert_eq!(guard_of(&bench, &id), None);
    // Counted again by a set that grants fewer looks, it stands as it stood.
    let fewer = set(&[("roles.toml", "looks_max = 3", "looks_max = 2")]);
    for (id, wanted) in [
        ("old-0002", "PROMOTE_TO_SHADOW"),
        ("p-0001", "REVISE"),
        ("fresh-0001", "REVISE"),
    ] {
        let verdict = again(&asked.state, &record_of(&asked, id), &fewer).unwrap();
        assert_eq!(verdict.status(), wanted, "{id}");
    }
}

/// The shipped set with changes: file, words, other words.
fn set(changes: &[(&str, &str, &str)]) -> PolicySet {
    let mut files = embedded_files();
    for (file, old, new) in changes {
        let text = String::from_utf8(files[*file].clone()).unwrap();
        let changed = text.replacen(old, new, 1);
        assert_ne!(text, changed);
        files.insert((*file).into(), changed.into_bytes());
    }
    PolicySet::load(files).unwrap()
}

fn digest_of(bench: &Bench, act: &Recertification) -> Digest {
    judge(&bench.state, held(bench), act).unwrap().1
}

#[test]
fn a_certificate_is_over_the_limits_that_were_approved() {
    let (mut bench, _) = promoted();
    bench.days(80);
    let mut other = bench.certificate("p", good());
    other.limits_sha256 = digest("tiny limits");
    other.decision_sha256 = digest_of(&bench, &other);
    assert_eq!(
        slug(bench.certifies(other.clone(), RISK)),
        "limits-not-approved"
    );
    // Granted with them, it is over them.
    let first = RequestId::new("p-0001").unwrap();
    let mut granted = bench.clone();
    let record = granted.state.requests.get_mut(&first).unwrap();
    record.request.limits_sha256 = digest("tiny limits");
    granted.certifies(other.clone(), RISK).unwrap();
    // What only asked with them, or for another version, or for a stage above, was not granted.
    let more = |bench: &mut Bench, strategy: &str, target, status| {
        let mut asked = record_of(bench, "p-0001");
        asked.request.request = RequestId::new("p-0002").unwrap();
        asked.request.limits_sha256 = digest("tiny limits");
        asked.request.strategy_sha256 = digest(strategy);
        (asked.request.target, asked.status) = (target, status);
        let id = asked.request.request.clone();
        let held = bench.state.portfolios.get_mut(&portfolio("p")).unwrap();
        held.requests.push(id.clone());
        bench.state.requests.insert(id, asked);
    };
    for (strategy, target, status, granted) in [
        ("s1", Target::Shadow, Status::Promoted, true),
        ("s1", Target::Shadow, Status::Withdrawn, false),
        ("s2", Target::Shadow, Status::Promoted, false),
        ("s1", Target::Testnet, Status::Promoted, false),
    ] {
        let mut bench = bench.clone();
        more(&mut bench, strategy, target, status);
        let told = bench.certifies(other.clone(), RISK);
        assert_eq!(
            told.is_ok(),
            granted,
            "{strategy} {target} {status}: {told:?}"
        );
    }
    let act = bench.certificate("p", good());
    bench.certifies(act, RISK).unwrap();
    bench.folds_the_same_again();
}

/// `p` runs `s1` in SHADOW, and the strategy was looked at that often.
fn looked_at(looks: i64) -> Bench {
    let (mut bench, _) = promoted();
    let days: Vec<i64> = (1..looks).collect();
    looks_at(&mut bench, "fresh", "s1", &days);
    bench
}

#[test]
fn a_certificate_is_judged_with_the_guard_that_looks_bring() {
    let mut within = looked_at(3);
    let act = within.certificate("p", good());
    assert_eq!(act.guard, None);
    let mut wider = act.clone();
    wider.guard = Some("0.5".parse().unwrap());
    assert_eq!(slug(within.certifies(wider, RISK)), "statement-differs");
    within.certifies(act, RISK).unwrap();

    let mut beyond = looked_at(4);
    let act = beyond.certificate("p", good());
    assert_eq!(act.guard, Some("0.5".parse().unwrap()));
    assert_eq!(
        slug(beyond.certifies(act.clone(), RISK)),
        "certificate-verdict"
    );
    let mut forgot = act;
    forgot.guard = None;
    forgot.decision_sha256 = digest_of(&beyond, &forgot);
    assert_eq!(slug(beyond.certifies(forgot, RISK)), "statement-differs");
    let better = beyond.certificate("p", facts("1.3", "0.10", "0.15"));
    beyond.certifies(better, RISK).unwrap();
    beyond.folds_the_same_again();
}

/// A set by which the facts of `good` suffice for LIVE, with this many looks.
pub fn lenient(looks: &str, more: &[(&str, &str, &str)]) -> PolicySet {
    let mut files = embedded_files();
    for (name, bytes) in &mut files {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let mut text = text.replace("live = \"hard\" }", "live = \"advisory\" }");
        text = text.replace("looks_max = 3", &format!("looks_max = {looks}"));
        for (_, old, new) in more.iter().filter(|(file, ..)| file == name) {
            assert!(text.contains(old));
            text = text.replacen(old, new, 1);
        }
        *bytes = text.into_bytes();
    }
    PolicySet::load(files).unwrap()
}

pub fn publishes(state: &mut State, set: &PolicySet, mark: &Mark) {
    let set = Arc::new(set.clone());
    state.oversight.known.insert(set.digest(), Arc::clone(&set));
    let act = PolicyPublication {
        policy_sha256: set.digest(),
        files: set.file_refs(),
        replaces: state.policy.digest(),
        overall: Overall::Tightening,
        flips_sha256: set.digest(),
        reason: "x".into(),
    };
    publication::effect(state, &act, mark);
}

#[test]
fn a_publication_judges_certificates_again_with_their_guard() {
    let due = |looks: i64, recorded: Option<&str>, set: &PolicySet| {
        let mut bench = looked_at(looks);
        let at = bench.state.requests[&RequestId::new("p-0001").unwrap()]
            .mark
            .clone();
        publishes(&mut bench.state, &lenient("4", &[]), &at);
        bench.place("p", Stage::Live);
        let first = bench
            .state
            .requests
            .get_mut(&RequestId::new("p-0001").unwrap());
        first.unwrap().request.target = Target::Live;
        let mut act = bench.certificate("p", good());
        act.guard = recorded.map(|guard| guard.parse().unwrap());
        let seq = bench.state.size();
        let mark = Mark { seq, ..at.clone() };
        bench
            .state
            .safety
            .certificates
            .push(CertificateRecord { mark, act });
        let mark = Mark { seq: seq + 1, ..at };
        publishes(&mut bench.state, set, &mark);
        recertification_due(&bench.state, &portfolio("p")).is_some()
    };
    // Fewer looks are granted: counted again, and no look of a request for LIVE is one.
    assert!(!due(4, None, &lenient("3", &[])));
    assert!(due(5, None, &lenient("3", &[])));
    // As many as before: as it was recorded.
    let other = lenient("4", &[("roles.toml", "ttl_days = 30", "ttl_days = 29")]);
    assert!(!due(5, None, &other));
    assert!(due(3, Some("0.5"), &other));
}

/// The mark of a publication on that day.
fn published(bench: &Bench, day: UtcTime) -> Mark {
    let known = &bench.state.requests[&RequestId::new("p-0001").unwrap()].mark;
    Mark {
        seq: bench.state.size() + bench.state.oversight.history.len() as u64,
        time: day,
        ..known.clone()
    }
}

fn falls(state: &State) -> UtcTime {
    times(state, &portfolio("p")).unwrap().falls
}

#[test]
fn no_publication_puts_the_fall_of_an_overdue_stage_off() {
    let (mut bench, _) = promoted();
    bench.place("p", Stage::Testnet);
    let granted = bench.now;
    for n in 0..4 {
        let day = granted.plus_days(80 + 5 * n);
        let warn = format!("warn_days = {}", 15 + n);
        let next = set(&[("roles.toml", "warn_days = 14", &warn)]);
        let mark = published(&bench, day);
        publishes(&mut bench.state, &next, &mark);
        assert_eq!(falls(&bench.state), granted.plus_days(97), "{n}");
    }
    let mut fallen = bench.state.clone();
    settle(&mut fallen, granted.plus_days(97).plus_millis(-1));
    assert_eq!(fallen.portfolios[&portfolio("p")].stage, Stage::Testnet);
    settle(&mut fallen, granted.plus_days(97));
    assert_eq!(fallen.portfolios[&portfolio("p")].stage, Stage::Shadow);
    // Where it lands it stands anew.
    assert_eq!(falls(&fallen), granted.plus_days(97 + 97));
    // So it does with a certificate.
    let mut shown = bench.clone();
    shown.place("p", Stage::Shadow);
    shown.now = granted.plus_days(96);
    shown.state.policy_touched = 0;
    let act = shown.certificate("p", good());
    shown.certifies(act, RISK).unwrap();
    assert_eq!(falls(&shown.state), shown.now.plus_days(97));
}

#[test]
fn a_rule_that_is_published_leaves_its_grace_once() {
    let (mut bench, _) = promoted();
    let granted = bench.now;
    let days = ("roles.toml", "shadow = { days = 90", "shadow = { days = 30");
    let mark = published(&bench, granted.plus_days(40));
    publishes(&mut bench.state, &set(&[days]), &mark);
    assert_eq!(falls(&bench.state), granted.plus_days(47));
    let warn = ("roles.toml", "warn_days = 14", "warn_days = 15");
    let mark = published(&bench, granted.plus_days(45));
    publishes(&mut bench.state, &set(&[days, warn]), &mark);
    assert_eq!(falls(&bench.state), granted.plus_days(47));
    // A longer stay is one of the next certificate: until then it is overdue when it falls at the
    // latest, and warns before.
    let longer = (
        "roles.toml",
        "shadow = { days = 90",
        "shadow = { days = 120",
    );
    let mark = published(&bench, granted.plus_days(46));
    publishes(&mut bench.state, &set(&[longer]), &mark);
    let now = times(&bench.state, &portfolio("p")).unwrap();
    assert_eq!(now.falls, granted.plus_days(47));
    assert_eq!(
        (now.overdue, now.warn),
        (now.falls, now.falls.plus_days(-14))
    );
}

#[test]
fn who_fails_a_stricter_set_is_due_since_the_first_that_it_fails() {
    let (mut bench, id) = promoted();
    bench.place("p", Stage::Live);
    let granted = bench.now;
    // Its facts are those of SHADOW: under the shipped set they do not suffice for LIVE.
    let first = bench.state.requests.get_mut(&RequestId::new(&id).unwrap());
    first.unwrap().request.target = Target::Live;
    let at = |bench: &mut Bench, day: i64, set: &PolicySet| {
        let mark = published(bench, granted.plus_days(day));
        publishes(&mut bench.state, set, &mark);
    };
    at(&mut bench, 1, &lenient("3", &[]));
    assert_eq!(falls(&bench.state), granted.plus_days(97));
    let ttl = |days: &str| set(&[("roles.toml", "ttl_days = 30", days)]);
    at(&mut bench, 10, &ttl("ttl_days = 29"));
    let told = times(&bench.state, &portfolio("p")).unwrap();
    assert_eq!(
        (told.overdue, told.falls),
        (granted.plus_days(10), granted.plus_days(17))
    );
    // Neither another set under which it fails nor another rule for certificates begins anew.
    at(&mut bench, 14, &ttl("ttl_days = 28"));
    let warn = ("roles.toml", "warn_days = 14", "warn_days = 15");
    at(&mut bench, 16, &set(&[warn]));
    let told = times(&bench.state, &portfolio("p")).unwrap();
    assert_eq!(
        (told.overdue, told.falls),
        (granted.plus_days(10), granted.plus_days(17))
    );
    // It falls by one stage, and stands there as long as any.
    let mut fallen = bench.state.clone();
    fallen.waiting = Waiting::anything(&fallen);
    settle(&mut fallen, granted.plus_days(17));
    assert_eq!(fallen.portfolios[&portfolio("p")].stage, Stage::Testnet);
    assert_eq!(falls(&fallen), granted.plus_days(17 + 97));
    // Under a set that it passes it is due by its age alone, and failing later counts from then.
    at(&mut bench, 16, &lenient("3", &[]));
    let told = times(&bench.state, &portfolio("p")).unwrap();
    assert_eq!(
        (told.overdue, told.falls),
        (granted.plus_days(90), granted.plus_days(97))
    );
    at(&mut bench, 30, &ttl("ttl_days = 27"));
    assert_eq!(falls(&bench.state), granted.plus_days(37));
}
