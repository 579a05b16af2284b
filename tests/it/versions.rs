//! Versions of a portfolio: the one that runs keeps its stage while a changed one climbs below it.

use promote::governance::promotion::access::acts::Reason;
use promote::governance::promotion::expiry::settle;
use promote::governance::promotion::refusal::Refusal;
use promote::governance::promotion::safety::SafetyAct;
use promote::governance::promotion::safety::lowering::{Demotion, Retirement};
use promote::governance::promotion::state::{Portfolio, Status};
use promote::governance::promotion::statement::Act;
use promote::governance::promotion::tracks::TrackAct;
use promote::governance::promotion::tracks::revocation::EvidenceRevocation;
use promote::governance::promotion::tracks::session::{Place, SessionOpen, of_stay};
use promote::governance::promotion::versions::{granted, overdue};
use promote::governance::stage::{Stage, Target};
use promote::kernel::digest::Digest;
use promote::kernel::id::{PersonId, PortfolioId, ProfileId, RequestId, SessionId};
use promote::kernel::time::UtcTime;
use proptest::prelude::*;

use crate::machine::{Bench, good, promoted, slug};
use crate::token::revoke;

fn p() -> PortfolioId {
    PortfolioId::new("p").unwrap()
}

fn digest(strategy: &str) -> Digest {
    Digest::of(strategy.as_bytes())
}

fn held(bench: &Bench) -> &Portfolio {
    &bench.state.portfolios[&p()]
}

/// The portfolio `p` whose version `s1` was granted SHADOW and is lifted to `stage`.
fn running(stage: Stage) -> Bench {
    let (mut bench, _) = promoted();
    bench.state.portfolios.get_mut(&p()).unwrap().stage = stage;
    bench
}

/// A version is granted SHADOW.
fn climbs(bench: &mut Bench, strategy: &str) {
    let id = bench.judged("p", strategy, good());
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.decide(&id).unwrap();
}

fn asks(bench: &mut Bench, strategy: &str, target: Target) -> &'static str {
    let mut request = bench.request("p", strategy);
    request.target = target;
    request.evidence[0].result_sha256 = digest("shown to nobody yet");
    slug(bench.clone().ask(request))
}

fn lowers(bench: &mut Bench, act: SafetyAct) -> Result<(), Refusal> {
    let signed = bench.signed(Act::Safety(Box::new(act)), "ops-1", "ops");
    bench.submit(signed)
}

#[test]
fn a_changed_version_climbs_while_the_running_one_keeps_its_stage() {
    for stage in [Stage::Testnet, Stage::Live] {
        let mut bench = running(stage);
        let since = held(&bench).since;
        climbs(&mut bench, "s2");
        assert_eq!((held(&bench).stage, held(&bench).since), (stage, since));
        assert_eq!(held(&bench).strategy, Some(digest("s1")));
        assert_eq!(held(&bench).stage_of(digest("s2")), Stage::Shadow);
        assert_eq!(bench.state.safety.standing.len(), 1);
        // The stage is its own, and everybody else's way is as before.
        assert_eq!(asks(&mut bench, "s2", Target::Shadow), "already-granted");
        assert_eq!(asks(&mut bench, "s2", Target::Live), "stage-order");
        assert_eq!(asks(&mut bench, "s2", Target::Testnet), "dwell-not-over");
        assert_eq!(asks(&mut bench, "s3", Target::Testnet), "strategy-changed");
        let target = if stage == Stage::Live {
            "stage-order"
        } else {
            "strategy-changed"
        };
        assert_eq!(asks(&mut bench, "s3", Target::Live), target);
        // The next changed version takes its place.
        climbs(&mut bench, "s3");
        let now = held(&bench);
        assert_eq!(now.stage_of(digest("s2")), Stage::Research);
        assert_eq!(now.version_at(Stage::Shadow).unwrap().0, digest("s3"));
    }
}

#[test]
fn in_the_same_stage_it_replaces_what_ran() {
    let mut bench = running(Stage::Shadow);
    bench.days(1);
    climbs(&mut bench, "s2");
    assert_eq!(held(&bench).strategy, Some(digest("s2")));
    assert_eq!(held(&bench).since, Some(bench.now));
    assert!(held(&bench).climbing.is_empty());
    assert_eq!(bench.again(), bench.state);
}

#[test]
fn a_lowered_portfolio_takes_the_versions_along_where_it_lands() {
    let demotion = |to| {
        SafetyAct::Demotion(Demotion {
            portfolio: p(),
            to,
            reason: "drift".into(),
        })
    };
    let mut bench = running(Stage::Live);
    climbs(&mut bench, "s2");
    lowers(&mut bench, demotion(Stage::Testnet)).unwrap();
    assert_eq!(held(&bench).stage_of(digest("s2")), Stage::Shadow);
    let mut open = bench.clone();
    let mut request = open.request("p", "s4");
    request.target = Target::Shadow;
    request.evidence[0].result_sha256 = digest("another result");
    open.ask(request).unwrap();
    lowers(&mut open, demotion(Stage::Shadow)).unwrap();
    assert!(held(&open).climbing.is_empty());
    assert_eq!(open.status("p-0003"), Status::Invalidated);
    let retirement = Retirement {
        portfolio: p(),
        reason: "superseded".into(),
    };
    lowers(&mut bench, SafetyAct::Retirement(retirement)).unwrap();
    assert!(held(&bench).climbing.is_empty());
    assert_eq!(asks(&mut bench, "s2", Target::Testnet), "stage-order");
}

#[test]
fn a_version_that_does_not_rise_in_time_begins_anew() {
    let mut bench = running(Stage::Live);
    bench.days(50);
    climbs(&mut bench, "s2");
    let granted = bench.now;
    let (mut at_once, mut in_steps) = (bench.state.clone(), bench.state.clone());
    let end = granted.plus_days(97);
    for day in 0..=97 {
        settle(&mut in_steps, granted.plus_days(day));
    }
    settle(&mut at_once, end);
    assert_eq!(at_once, in_steps);
    let mut before = bench.state.clone();
    settle(&mut before, end.plus_millis(-1));
    let stage = |state: &promote::governance::promotion::state::State| {
        state.portfolios[&p()].stage_of(digest("s2"))
    };
    // The running version fell to TESTNET on day 47 without a certificate; SHADOW lies below it.
    assert_eq!(before.portfolios[&p()].stage, Stage::Testnet);
    assert_eq!(
        (stage(&before), stage(&at_once)),
        (Stage::Shadow, Stage::Research)
    );
    // Overdue by less it rises no more: told like a certificate that is overdue.
    let mut late = running(Stage::Live);
    climbs(&mut late, "s2");
    late.days(91);
    late.state.safety.standing.get_mut(&p()).unwrap().time = late.now;
    assert_eq!(
        asks(&mut late, "s2", Target::Testnet),
        "certificate-overdue"
    );
}

#[test]
fn each_version_has_its_own_sessions() {
    let mut bench = running(Stage::Testnet);
    climbs(&mut bench, "s2");
    let mut open = |number: u32, stage, strategy: &str| {
        let act = SessionOpen {
            session: SessionId::new(&format!("p-s{number:04}")).unwrap(),
            portfolio: p(),
            stage,
            strategy_sha256: digest(strategy),
            environment: Place::Simulated,
            system: "freqtrade".into(),
            bar_ms: 3_600_000,
        };
        let act = Act::Track(Box::new(TrackAct::SessionOpen(act)));
        let signed = bench.signed(act, "ops-1", "ops");
        bench.submit(signed)
    };
    open(1, Stage::Testnet, "s1").unwrap();
    assert_eq!(slug(open(2, Stage::Testnet, "s2")), "strategy-changed");
    assert_eq!(slug(open(2, Stage::Shadow, "s1")), "strategy-changed");
    assert_eq!(slug(open(2, Stage::Live, "s1")), "session-stage");
    open(2, Stage::Shadow, "s2").unwrap();
    assert_eq!(slug(open(3, Stage::Shadow, "s2")), "session-running");
    for (strategy, session) in [("s1", "p-s0001"), ("s2", "p-s0002")] {
        let id = p();
        let of: Vec<&str> = of_stay(&bench.state, &id, digest(strategy))
            .map(|s| s.open.session.as_str())
            .collect();
        assert_eq!(of, [session]);
    }
}

#[test]
fn distrust_and_revoked_evidence_drop_the_version_that_rests_on_them() {
    // Its approval is not believed any more; that of the running version is.
    let mut bench = running(Stage::Live);
    let id = bench.judged("p", "s2", good());
    bench.approve(&id, "risk-2", "risk").unwrap();
    bench.decide(&id).unwrap();
    let mut distrusted = bench.clone();
    let by = [("risk-1", "risk"), ("ops-1", "ops")];
    let compromised = Some(Reason::Compromised);
    revoke(&mut distrusted, "risk-2", compromised, Some(1), &by).unwrap();
    assert!(held(&distrusted).climbing.is_empty());
    assert_eq!(held(&distrusted).stage, Stage::Live);
    // Its evidence is not believed any more.
    let revocation = EvidenceRevocation {
        evidence_sha256: digest("s2"),
        reason: "made from another data set".into(),
    };
    let act = Act::Track(Box::new(TrackAct::EvidenceRevocation(revocation)));
    let signed = bench.signed(act, "risk-1", "risk");
    bench.submit(signed).unwrap();
    assert!(held(&bench).climbing.is_empty());
    assert_eq!(held(&bench).stage, Stage::Live);
    assert!(bench.state.safety.halts.is_empty());
}

#[test]
fn the_stage_stands_on_the_grant_of_the_version_that_runs() {
    let mut portfolio = unknown();
    portfolio.arrive(Stage::Live, digest("s1"), UtcTime::EPOCH);
    portfolio.arrive(Stage::Shadow, digest("s2"), UtcTime::EPOCH);
    assert!(portfolio.runs(digest("s1")));
    assert!(!portfolio.runs(digest("s2")));
    let mut bench = running(Stage::Live);
    climbs(&mut bench, "s2");
    let id = p();
    let stands_on = granted(&bench.state, &id).unwrap();
    assert_eq!(stands_on.request.strategy_sha256, digest("s1"));
}

#[test]
fn a_climbing_version_is_too_old_to_rise_from_the_day_its_certificate_would_end() {
    let mut bench = running(Stage::Live);
    climbs(&mut bench, "s2");
    let end = bench.now.plus_days(90);
    let late = |strategy: &str, now| overdue(&bench.state, &p(), digest(strategy), now);
    assert_eq!(late("s2", end.plus_millis(-1)), None);
    assert_eq!(late("s2", end), Some(end));
    assert_eq!(late("s2", end.plus_days(5)), Some(end));
    // Neither the version that runs nor one that holds no stage climbs.
    assert_eq!(late("s1", end), None);
    assert_eq!(late("s3", end), None);
}

#[test]
fn a_version_that_begins_anew_takes_its_own_request_along_and_no_others() {
    let mut bench = running(Stage::Live);
    bench.brief = true;
    climbs(&mut bench, "s2");
    let end = bench.now.plus_days(97);
    bench.days(80);
    bench.state.safety.standing.get_mut(&p()).unwrap().time = bench.now;
    let id = bench.judged("p", "s3", good());
    let id = RequestId::new(&id).unwrap();
    let at_the_end = |strategy: &str| {
        let mut state = bench.state.clone();
        let asked = state.requests.get_mut(&id).unwrap();
        asked.request.strategy_sha256 = digest(strategy);
        settle(&mut state, end.plus_millis(-1));
        assert_eq!(state.requests[&id].status, Status::AwaitingApproval);
        settle(&mut state, end);
        assert!(state.portfolios[&p()].climbing.is_empty());
        state.requests[&id].status
    };
    assert_eq!(at_the_end("s2"), Status::Invalidated);
    assert_eq!(at_the_end("s3"), Status::AwaitingApproval);
}

/// A portfolio that nobody has granted anything.
fn unknown() -> Portfolio {
    Portfolio {
        owner: PersonId::new("ann").unwrap(),
        profile: ProfileId::new("conservative").unwrap(),
        stage: Stage::Research,
        since: None,
        strategy: None,
        climbing: Default::default(),
        requests: Vec::new(),
        touched: 0,
    }
}

const STAGES: [Stage; 3] = [Stage::Shadow, Stage::Testnet, Stage::Live];

proptest! {
    /// Whatever arrives wherever: a stage has one version, a version one stage, and all climbing
    /// ones stand below the running one.
    #[test]
    fn a_stage_has_one_version_and_a_version_one_stage(
        steps in proptest::collection::vec((0_usize..4, 0_u8..5, any::<bool>()), 1..40)
    ) {
        let mut portfolio = unknown();
        for (at, (to, strategy, lower)) in steps.into_iter().enumerate() {
            let now = UtcTime::EPOCH.plus_days(at as i64);
            if lower {
                let stage = STAGES[to.min(2)];
                if stage < portfolio.stage {
                    portfolio.stage = stage;
                    portfolio.keep_below(stage);
                }
            } else if STAGES[to.min(2)] > portfolio.stage_of(Digest::of(&[strategy])) {
                portfolio.arrive(STAGES[to.min(2)], Digest::of(&[strategy]), now);
                let arrived = portfolio.version_at(STAGES[to.min(2)]);
                prop_assert_eq!(arrived, Some((Digest::of(&[strategy]), now)));
            }
            let mut versions: Vec<Digest> = portfolio.climbing.values().map(|v| v.strategy).collect();
            versions.extend(portfolio.strategy);
            let count = versions.len();
            versions.sort();
            versions.dedup();
            prop_assert_eq!(versions.len(), count);
            prop_assert!(portfolio.climbing.keys().all(|stage| *stage < portfolio.stage));
        }
    }
}
