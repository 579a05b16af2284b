//! Which portfolios stand in the book, on what, and when another book stops a request: each rule of
//! it for itself.

use promote::governance::policy::model::Weights;
use promote::governance::policy::set::PolicySet;
use promote::governance::policy::verdict::Enforcement;
use promote::governance::promotion::book::{
    Snapshot, digest as digest_of_book, is_book, snapshot, unchanged, weighs,
};
use promote::governance::promotion::safety::certificate::CertificateRecord;
use promote::governance::promotion::state::Status;
use promote::governance::stage::{Stage, Target};
use promote::kernel::digest::Digest;
use promote::metrics::Metric;

use crate::book::weighing;
use crate::crafted::{asked, bare, conservative, digest, judged, mark, portfolio, registers};
use crate::machine::{Bench, good, settings};

/// A portfolio that was granted LIVE at position `seq`.
fn live(bench: &mut Bench, name: &str, seq: u64) {
    registers(bench, name, Stage::Live, name);
    asked(bench, (name, name), (Target::Live, Status::Promoted), seq);
}

fn seen(bench: &Bench, candidate: &str) -> Vec<(String, Digest)> {
    let book = snapshot(&bench.state, &portfolio(candidate));
    let live = book.map_or_else(Vec::new, |book| book.live);
    let each = live.into_iter().map(|p| (p.portfolio.to_string(), p.entry));
    each.collect()
}

fn line(name: &str, seq: u64) -> (String, Digest) {
    (name.to_owned(), digest(&format!("entry {seq}")))
}

#[test]
fn in_the_book_stands_whatever_else_is_live() {
    let mut bench = bare();
    assert_eq!(seen(&bench, "c"), []);
    assert_eq!(digest_of_book(&bench.state, &portfolio("c")), None);
    live(&mut bench, "a", 5);
    live(&mut bench, "b", 6);
    live(&mut bench, "d", 7);
    bench
        .state
        .portfolios
        .get_mut(&portfolio("d"))
        .unwrap()
        .stage = Stage::Testnet;
    assert_eq!(seen(&bench, "c"), [line("a", 5), line("b", 6)]);
    assert_eq!(seen(&bench, "a"), [line("b", 6)]);
    let book: Snapshot = snapshot(&bench.state, &portfolio("a")).unwrap();
    let bytes = book.to_bytes().unwrap();
    assert_eq!(
        digest_of_book(&bench.state, &portfolio("a")),
        Some(Digest::of(&bytes))
    );
}

#[test]
fn it_stands_on_the_last_decision_for_live_and_on_no_other_request() {
    let mut bench = bare();
    live(&mut bench, "a", 5);
    // Asked for since: for LIVE and taken back, and granted for a stage below.
    let version = ("a", "changed");
    asked(&mut bench, version, (Target::Live, Status::Withdrawn), 6);
    asked(&mut bench, version, (Target::Testnet, Status::Promoted), 7);
    assert_eq!(seen(&bench, "c"), [line("a", 5)]);
    asked(&mut bench, version, (Target::Live, Status::Promoted), 8);
    assert_eq!(seen(&bench, "c"), [line("a", 8)]);
    let book = snapshot(&bench.state, &portfolio("c")).unwrap();
    assert_eq!(book.live[0].strategy_sha256, digest("changed"));
}

#[test]
fn a_certificate_takes_the_place_of_the_decision_before_it() {
    let mut bench = bare();
    live(&mut bench, "a", 5);
    live(&mut bench, "b", 6);
    let certify = |bench: &Bench, name: &str, seq: u64| {
        let mut bench = bench.clone();
        let mut act = bench.certificate(name, good());
        act.evidence[0].evidence_sha256 = digest("shown again");
        let mark = mark(seq, "risk-1", bench.now);
        let record = CertificateRecord { mark, act };
        bench.state.safety.certificates.push(record);
        bench
    };
    // One from before the decision does not, nor one of another portfolio.
    for (name, seq) in [("a", 4), ("a", 5), ("b", 9)] {
        let other = certify(&bench, name, seq);
        assert_eq!(seen(&other, "b"), [line("a", 5)], "{name} {seq}");
        let book = snapshot(&other.state, &portfolio("b")).unwrap();
        let evidence = book.live[0].evidence_sha256;
        assert_eq!(evidence, digest("a"), "{name} {seq}");
    }
    let shown = certify(&bench, "a", 6);
    assert_eq!(seen(&shown, "b"), [line("a", 6)]);
    let book = snapshot(&shown.state, &portfolio("b")).unwrap();
    let position = &book.live[0];
    assert_eq!(position.evidence_sha256, digest("shown again"));
    assert_eq!(position.strategy_sha256, digest("a"));
    // The last of several counts.
    let twice = certify(&shown, "a", 8);
    assert_eq!(seen(&twice, "b"), [line("a", 8)]);
}

#[test]
fn three_figures_are_those_of_the_book() {
    let of = [
        Metric::BookMaxDrawdown,
        Metric::BookCorrelationMax,
        Metric::BookExposure,
    ];
    assert!(of.into_iter().all(is_book));
    assert!(
        ![Metric::MaxDrawdown, Metric::Sharpe]
            .into_iter()
            .any(is_book)
    );
}

#[test]
fn a_book_weighs_where_a_criterion_that_counts_looks_at_it() {
    let set = PolicySet::load(weighing("\"hard\"")).unwrap();
    let policy = set.policy(&conservative()).unwrap();
    assert!(weighs(policy, Target::Shadow));
    let weighs_as = |enforcement: Weights| {
        let mut policy = policy.clone();
        policy.criteria.retain(|c| is_book(c.metric));
        policy.criteria[0].enforcement = enforcement;
        [Target::Shadow, Target::Testnet, Target::Live].map(|target| weighs(&policy, target))
    };
    let hard = Weights::same(Enforcement::Hard);
    assert_eq!(weighs_as(hard), [true; 3]);
    assert_eq!(weighs_as(Weights::same(Enforcement::Soft)), [true; 3]);
    assert_eq!(weighs_as(Weights::same(Enforcement::Advisory)), [false; 3]);
    let later = Weights {
        shadow: Enforcement::Advisory,
        ..hard
    };
    assert_eq!(weighs_as(later), [false, true, true]);
    let mut without = policy.clone();
    without.criteria.retain(|c| !is_book(c.metric));
    assert!(!weighs(&without, Target::Live));
}

#[test]
fn another_book_than_the_one_that_was_judged_with_stops_where_it_weighs() {
    for (files, stops) in [
        (weighing("\"hard\""), true),
        (weighing("\"advisory\""), false),
    ] {
        let mut bench = Bench::founded(|_| {}, files);
        registers(&mut bench, "c", Stage::Research, "c");
        let id = asked(
            &mut bench,
            ("c", "c"),
            (Target::Shadow, Status::AwaitingApproval),
            3,
        );
        let told = |bench: &Bench| {
            let refused = unchanged(&bench.state, &bench.state.requests[&id]);
            refused.err().map(|refusal| refusal.slug())
        };
        live(&mut bench, "a", 5);
        assert_eq!(told(&bench), None, "nothing was judged yet");
        judged(&mut bench, &id, good(), settings());
        let other = stops.then_some("book-changed");
        assert_eq!(told(&bench), other, "judged with none");
        let now = digest_of_book(&bench.state, &portfolio("c"));
        let record = bench.state.requests.get_mut(&id).unwrap();
        let evaluation = &mut record.judged.as_mut().unwrap().evaluation;
        evaluation.beside.book = now;
        assert_eq!(told(&bench), None, "judged with this one");
        live(&mut bench, "b", 6);
        assert_eq!(told(&bench), other, "judged with one less");
    }
}
