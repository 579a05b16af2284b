//! What the evidence itself says, held against what was logged about it: ranges, fills, settings,
//! commits and the book, each for itself.

use promote::evidence::bundle::{CheckedBundle, Parts, build, check};
use promote::evidence::facts::Fact;
use promote::evidence::given::Given;
use promote::evidence::limits::Limits;
use promote::evidence::manifest::EvidenceKind;
use promote::evidence::settings::Settings;
use promote::governance::policy::set::PolicySet;
use promote::governance::promotion::basis::{
    RecheckError, Reopened, compare, facts_given, hold, join, settings,
};
use promote::governance::promotion::book::{SCHEMA, Snapshot, open, with_book};
use promote::governance::promotion::state::Status;
use promote::governance::promotion::statement::OosRange;
use promote::governance::promotion::tracks::beside::Beside;
use promote::governance::promotion::tracks::grounds::NotHeld;
use promote::governance::stage::{Stage, Target};
use promote::kernel::digest::Digest;
use promote::kernel::time::UtcTime;
use promote::metrics::{Metric, MetricKey, Sample};

use crate::book::parts;
use crate::crafted::{asked, bare, conservative, evaluation, registers};
use crate::machine::{contract, good};

/// The bundle of sixty days, with what `change` makes of it.
fn bundle(change: impl FnOnce(&mut Parts)) -> CheckedBundle {
    let mut parts = parts("c", [0.1, -0.2, 0.1], ("1000", "500"));
    change(&mut parts);
    let set = PolicySet::embedded().unwrap();
    let gate = &set.policy(&conservative()).unwrap().conventions;
    let built = build(&parts, gate, UtcTime::parse_loose("2025-06-01").unwrap()).unwrap();
    check(&built.files.into_iter().collect()).unwrap()
}

#[test]
fn the_range_out_of_sample_is_from_its_first_bar_to_its_last() {
    let start = UtcTime::parse_loose("2025-01-01").unwrap();
    let basis = join(&[bundle(|_| {})]).unwrap();
    let whole = OosRange {
        first: start.plus_days(30),
        last: start.plus_days(59),
    };
    assert_eq!(basis.oos, Some(whole));
    assert_eq!(join(&[bundle(|parts| parts.oos = None)]).unwrap().oos, None);
}

#[test]
fn fills_at_the_price_that_triggered_them_deviate_above_shadow_alone() {
    let set = PolicySet::embedded().unwrap();
    let policy = set.policy(&conservative()).unwrap();
    let now = UtcTime::parse_loose("2025-06-01").unwrap();
    let deviates = |fill: &str, target: Target| {
        let bundles = [bundle(|parts| {
            parts.conventions.fill = fill.into();
            parts.conventions.fee = "0.01".parse().unwrap();
            parts.conventions.slippage = "0.01".parse().unwrap();
        })];
        let (facts, _) = facts_given(&bundles, policy, target, now, &Given::default()).unwrap();
        let key = MetricKey::new(Metric::MaxDrawdown, Sample::Full);
        facts.iter().find(|f| f.key() == key).unwrap().deviates
    };
    for target in [Target::Shadow, Target::Testnet, Target::Live] {
        assert!(!deviates("next_open", target), "{target}");
        let above = target != Target::Shadow;
        assert_eq!(deviates("same_close", target), above, "{target}");
    }
}

#[test]
fn settings_are_those_of_the_research_bundle_and_its_limits() {
    let research = bundle(|_| {});
    let limits: Limits = research.limits.clone().unwrap();
    let found = settings(std::slice::from_ref(&research), Some(&limits));
    assert_eq!(found.capital, Some("1000".parse().unwrap()));
    assert_eq!(found.symbols, ["BTC/EUR"]);
    assert_eq!(found.limits, Some(limits.clone()));
    let mut sessions = research;
    sessions.manifest.kind = EvidenceKind::Shadow;
    assert_eq!(settings(&[sessions], Some(&limits)), Settings::default());
}

#[test]
fn bundles_of_sessions_are_held_by_commits_and_research_is_not() {
    let research = bundle(|_| {});
    assert_eq!(hold(std::slice::from_ref(&research), &Vec::new()), Ok(()));
    let mut sessions = research.clone();
    sessions.manifest.kind = EvidenceKind::Testnet;
    let bundles = [research, sessions];
    assert_eq!(hold(&bundles, &Vec::new()), Err(NotHeld::NoSession));
}

#[test]
fn an_evaluation_is_compared_with_all_that_the_evidence_gives() {
    let mut bench = bare();
    registers(&mut bench, "p", Stage::Research, "s1");
    let id = asked(
        &mut bench,
        ("p", "s1"),
        (Target::Shadow, Status::Submitted),
        3,
    );
    let contract = Box::new(contract(&bench.state.requests[&id].request));
    let settings = crate::machine::settings();
    let beside = Beside {
        contract: Some(contract.clone()),
        settings: Box::new(settings.clone()),
        ..Beside::default()
    };
    let logged = evaluation(&bench.state, &id, good(), beside);
    let given = Reopened {
        facts: good(),
        findings: Vec::new(),
        contract: Some(contract),
        settings,
    };
    assert_eq!(compare(&logged, &given), Ok(()));
    let differs = |change: fn(&mut Reopened)| {
        let mut other = given.clone();
        change(&mut other);
        compare(&logged, &other).unwrap_err()
    };
    assert_eq!(differs(|r| r.contract = None), RecheckError::Contract);
    let unset = differs(|r| r.settings = Settings::default());
    assert_eq!(unset, RecheckError::Settings);
    let other = differs(|r| r.facts[0].value = Some("9".parse().unwrap()));
    assert_eq!(other, RecheckError::Fact(good()[0].key().to_string()));
}

#[test]
fn a_book_is_opened_from_its_own_bytes_and_no_others() {
    let book = |live| Snapshot {
        schema: SCHEMA.into(),
        live,
    };
    let bytes = book(Vec::new()).to_bytes().unwrap();
    let blob = |_: &Digest| Some(bytes.clone());
    assert_eq!(open(Some(Digest::of(&bytes)), &blob), Ok(Vec::new()));
    // A snapshot all right, but another one.
    let other = Digest::of(b"another book");
    assert_eq!(open(Some(other), &blob), Err(RecheckError::Request("book")));
}

#[test]
fn the_book_deviates_where_the_full_drawdown_of_the_candidate_does() {
    let bundles = [bundle(|_| {})];
    let limits = bundles[0].limits.clone();
    let deviates = |drawdown: bool, sharpe: bool| {
        let fact = |metric, deviates| Fact {
            deviates,
            ..Fact::computed(MetricKey::new(metric, Sample::Full), Ok(0.1), "full.csv")
        };
        let known = vec![
            fact(Metric::MaxDrawdown, drawdown),
            fact(Metric::Sharpe, sharpe),
        ];
        let facts = with_book(known, &bundles, limits.as_ref(), &[]);
        let key = MetricKey::new(Metric::BookMaxDrawdown, Sample::Full);
        facts.iter().find(|f| f.key() == key).unwrap().deviates
    };
    assert!(!deviates(false, false));
    assert!(!deviates(false, true));
    assert!(deviates(true, false));
}
