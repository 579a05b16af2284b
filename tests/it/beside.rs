//! What stands beside the facts of an evaluation: the trials counted, the book, and the contract
//! that sessions are held to, over a ledger in memory.

use promote::evidence::bundle::{CheckedBundle, build};
use promote::evidence::contract::{ShadowContract, shadow_contract};
use promote::evidence::conventions::GateConventions;
use promote::evidence::session_bundle;
use promote::governance::promotion::decide::Command;
use promote::governance::promotion::refusal::Refusal;
use promote::governance::promotion::state::{RequestRecord, State, Status};
use promote::governance::promotion::statement::Request;
use promote::governance::promotion::tracks::TrackAct;
use promote::governance::promotion::tracks::beside::{
    Beside, check, contract, fixed, given, trials,
};
use promote::governance::promotion::tracks::trial::{TrialKind, TrialStart};
use promote::governance::stage::Target;
use promote::kernel::digest::Digest;
use promote::kernel::id::{PortfolioId, RequestId};
use serde_json::json;

use crate::figures::{frame, gate, later, opened, research, session};
use crate::machine::{Bench, contract as agreed, good, settings, slug};
use crate::tracks::p;

fn portfolio(name: &str) -> PortfolioId {
    PortfolioId::new(name).unwrap()
}

fn id(text: &str) -> RequestId {
    RequestId::new(text).unwrap()
}

/// The conventions of the policy with few resamples: how many they are changes nothing here.
fn few() -> GateConventions {
    GateConventions {
        mc_runs: 10,
        ..gate()
    }
}

/// A session bundle and a research bundle of one portfolio.
fn bundles() -> [CheckedBundle; 2] {
    let parts = [session("p-s0001", 1200, 48, 1.0, 1000.0)];
    let sessions = session_bundle::build(&frame(), &parts, &few(), later()).unwrap();
    let research = build(&research(), &few(), later()).unwrap();
    [opened(&sessions.files), opened(&research.files)]
}

#[test]
fn a_contract_is_what_the_research_bundle_gives_for_shadow() {
    let both = bundles();
    let [sessions, research] = &both;
    let wanted = shadow_contract(research, &few()).unwrap();
    let at = |target, bundles: &[CheckedBundle]| contract(target, bundles, &few()).map(|c| *c);
    assert_eq!(at(Target::Shadow, &both), Some(wanted.clone()));
    for target in [Target::Testnet, Target::Live] {
        assert_eq!(at(target, &both), None, "{target}");
    }
    assert_eq!(at(Target::Shadow, std::slice::from_ref(sessions)), None);
    // A policy without widths gives none.
    let silent = GateConventions {
        contract_width_max: None,
        ..few()
    };
    assert_eq!(contract(Target::Shadow, &both, &silent), None);
    let book = Some(Digest::of(b"book"));
    let whole = Beside::of((3, book, settings()), Target::Shadow, &both, &few());
    let expected = Beside {
        trials: 3,
        contract: Some(Box::new(wanted)),
        book,
        settings: Box::new(settings()),
    };
    assert_eq!(whole, expected);
}

#[test]
fn only_what_there_is_to_say_is_written() {
    let mut bench = Bench::new();
    let request = bench.request("p", "s1");
    let written = |beside: &Beside| serde_json::to_value(beside).unwrap();
    assert_eq!(written(&Beside::default()), json!({}));
    assert!(Beside::default().is_empty());
    let counted = Beside {
        trials: 1,
        ..Beside::default()
    };
    assert_eq!(written(&counted), json!({"trials": 1}));
    for beside in [
        counted,
        Beside {
            contract: Some(Box::new(agreed(&request))),
            ..Beside::default()
        },
        Beside {
            book: Some(Digest::of(b"book")),
            ..Beside::default()
        },
        Beside {
            settings: Box::new(settings()),
            ..Beside::default()
        },
    ] {
        assert!(!beside.is_empty(), "{beside:?}");
        assert_eq!(written(&beside).as_object().unwrap().len(), 1);
        let again: Beside = serde_json::from_value(written(&beside)).unwrap();
        assert_eq!(again, beside);
    }
    // The same in the evaluation that carries it.
    let judged = bench.judged("p", "s1", good());
    let record = &bench.state.requests[&id(&judged)];
    let mut evaluation = record.judged.as_ref().unwrap().evaluation.clone();
    let carried = serde_json::to_value(&evaluation).unwrap();
    assert!(carried["beside"]["settings"].is_object(), "{carried}");
    evaluation.beside = Beside::default();
    let bare = serde_json::to_value(&evaluation).unwrap();
    assert_eq!(bare.get("beside"), None);
}

/// What is said of `beside` when `request` is judged.
fn judges(state: &State, request: &Request, beside: Beside) -> Result<(), Refusal> {
    check(state, request, &beside)
}

#[test]
fn an_evaluation_counts_the_trials_that_the_ledger_holds_now() {
    let mut bench = Bench::new();
    let request = bench.request("p", "s1");
    bench.ask(request.clone()).unwrap();
    let counts = |bench: &Bench, trials| {
        let beside = Beside {
            trials,
            ..Beside::default()
        };
        judges(&bench.state, &request, beside)
    };
    counts(&bench, 0).unwrap();
    assert_eq!(slug(counts(&bench, 1)), "facts-unusable");
    let position = bench.head().size;
    let start = TrackAct::TrialStart(TrialStart {
        record_sha256: Digest::of(b"grid"),
        portfolio: p(),
        what: TrialKind::Sweep,
        runs: 7,
        strategy_sha256: None,
    });
    bench.leaves(start, ("research-1", "research")).unwrap();
    counts(&bench, 7).unwrap();
    for stale in [0, 6, 8] {
        assert_eq!(slug(counts(&bench, stale)), "facts-unusable", "{stale}");
    }
    let state = &bench.state;
    let until = |before| trials(state, &p(), &[], before);
    assert_eq!((until(position), until(position + 1)), (0, 7));
    // Those of a portfolio that another one continues count there too.
    let heir = portfolio("heir");
    assert_eq!(trials(state, &heir, &[], u64::MAX), 0);
    assert_eq!(trials(state, &heir, &[p()], u64::MAX), 7);
}

#[test]
fn an_evaluation_was_made_with_the_book_of_now() {
    let bench = Bench::new();
    let request = bench.request("p", "s1");
    let with = |book| {
        let beside = Beside {
            book,
            ..Beside::default()
        };
        judges(&bench.state, &request, beside)
    };
    with(None).unwrap();
    assert_eq!(
        with(Some(Digest::of(b"another book"))),
        Err(Refusal::BookChanged { portfolio: p() })
    );
}

#[test]
fn a_contract_is_about_a_bundle_of_its_own_request_for_shadow() {
    let bench = Bench::new();
    let request = bench.request("p", "s1");
    let with = |request: &Request, contract: &ShadowContract| {
        let beside = Beside {
            contract: Some(Box::new(contract.clone())),
            ..Beside::default()
        };
        judges(&bench.state, request, beside)
    };
    let own = agreed(&request);
    with(&request, &own).unwrap();
    let mut strange = own.clone();
    strange.evidence_sha256 = Digest::of(b"another bundle");
    assert_eq!(slug(with(&request, &strange)), "facts-unusable");
    for target in [Target::Testnet, Target::Live] {
        let mut above = request.clone();
        above.target = target;
        assert_eq!(slug(with(&above, &own)), "facts-unusable", "{target}");
    }
}

/// The portfolio `p` in SHADOW with a contract, and the position of the decision.
fn granted() -> (Bench, ShadowContract, u64) {
    let mut bench = Bench::new();
    let request = bench.request("p", "s1");
    let contract = agreed(&request);
    bench.ask(request).unwrap();
    let command = Command::Evaluate {
        request: id("p-0001"),
        facts: good(),
        beside: Beside {
            contract: Some(Box::new(contract.clone())),
            ..Beside::default()
        },
        now: bench.now,
    };
    bench.engine(command).unwrap();
    bench.approve("p-0001", "risk-1", "risk").unwrap();
    let position = bench.head().size;
    bench.decide("p-0001").unwrap();
    (bench, contract, position)
}

fn of<'s>(state: &'s State, strategy: &str, before: u64) -> Option<&'s ShadowContract> {
    fixed(state, &p(), Digest::of(strategy.as_bytes()), before)
}

#[test]
fn sessions_are_held_to_the_contract_of_the_decision_for_shadow() {
    let (bench, contract, position) = granted();
    let state = &bench.state;
    assert_eq!(of(state, "s1", position), None);
    assert_eq!(of(state, "s1", position + 1), Some(&contract));
    assert_eq!(of(state, "s1", u64::MAX), Some(&contract));
    // That of another version, or another portfolio, is not its own.
    assert_eq!(of(state, "s2", u64::MAX), None);
    let s1 = Digest::of(b"s1");
    assert_eq!(fixed(state, &portfolio("q"), s1, u64::MAX), None);
    // Neither is one that nothing was granted with.
    let others: [fn(&mut RequestRecord); 4] = [
        |record| record.status = Status::Withdrawn,
        |record| record.request.target = Target::Testnet,
        |record| record.end = None,
        |record| record.judged.as_mut().unwrap().evaluation.beside.contract = None,
    ];
    for change in others {
        let mut state = state.clone();
        change(state.requests.get_mut(&id("p-0001")).unwrap());
        assert_eq!(of(&state, "s1", u64::MAX), None);
    }
    // Figures are derived with it, and with the trials that were counted.
    let known = |before| given(state, &p(), s1, 5, before);
    let (then, now) = (known(position), known(position + 1));
    assert_eq!((then.contract, then.trials), (None, Some(5)));
    assert_eq!((now.contract, now.trials), (Some(&contract), Some(5)));
}

#[test]
fn of_several_decisions_for_shadow_the_last_one_holds() {
    let (bench, first, position) = granted();
    let mut state = bench.state.clone();
    // The same version was granted SHADOW once more, two entries later.
    let mut again = state.requests[&id("p-0001")].clone();
    again.request.request = id("p-0002");
    let mut second = first.clone();
    second.series_sha256 = Digest::of(b"a later series");
    again.judged.as_mut().unwrap().evaluation.beside.contract = Some(Box::new(second.clone()));
    again.end.as_mut().unwrap().by.as_mut().unwrap().seq = position + 2;
    state.requests.insert(id("p-0002"), again);
    let held = state.portfolios.get_mut(&p()).unwrap();
    held.requests.push(id("p-0002"));
    assert_eq!(of(&state, "s1", position + 2), Some(&first));
    assert_eq!(of(&state, "s1", position + 3), Some(&second));
}
