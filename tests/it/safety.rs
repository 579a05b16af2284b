//! The guards and effects of everything that lowers risk, over a ledger in memory: each refusal
//! with its reason, each transition that time makes, and the same fold twice.

use promote::governance::promotion::expiry::settle;
use promote::governance::promotion::missing::missing;
use promote::governance::promotion::refusal::{Class, Refusal};
use promote::governance::promotion::safety::SafetyAct;
use promote::governance::promotion::safety::halt::{Drill, Halt, HaltScope, Resume};
use promote::governance::promotion::state::Status;
use promote::governance::promotion::statement::{Act, HaltEpochs};
use promote::governance::stage::Stage;
use promote::kernel::digest::Digest;
use promote::kernel::id::{PortfolioId, ProfileId, RequestId};

use crate::machine::{Bench, good, promoted, slug};

fn portfolio(name: &str) -> PortfolioId {
    PortfolioId::new(name).unwrap()
}

fn scope(name: &str) -> HaltScope {
    HaltScope::Portfolio(portfolio(name))
}

fn act(act: SafetyAct) -> Act {
    Act::Safety(Box::new(act))
}

fn halt(scope: HaltScope, drill: bool) -> Act {
    act(SafetyAct::Halt(Halt {
        scope,
        reason: "drawdown".into(),
        drill,
    }))
}

impl Bench {
    fn halts(&mut self, scope: HaltScope, person: &str, role: &str) -> Result<(), Refusal> {
        let signed = self.signed(halt(scope, false), person, role);
        self.submit(signed)
    }

    fn resumes(&mut self, signers: &[(&str, &str)]) -> Result<(), Refusal> {
        let last = self.state.safety.halts.last().unwrap();
        let resume = act(SafetyAct::Resume(Resume {
            halt: last.leaf,
            scope: last.scope.clone(),
            reason: "cause found".into(),
        }));
        let signed = self.together(resume, signers);
        self.submit(signed)
    }

    fn folds_the_same_again(&self) {
        assert_eq!(self.again(), self.state);
        assert_eq!(self.state.findings, []);
    }
}

const BOTH: &[(&str, &str)] = &[("risk-1", "risk"), ("ops-1", "ops")];

#[test]
fn a_halt_ends_open_requests_and_raises_the_epoch_of_its_scope() {
    for (scope, wanted) in [
        (HaltScope::Global, (1, 0, 0)),
        (
            HaltScope::Profile(ProfileId::new("conservative").unwrap()),
            (0, 1, 0),
        ),
        (scope("p"), (0, 0, 1)),
    ] {
        let mut bench = Bench::new();
        let id = bench.judged("p", "s1", good());
        bench.halts(scope.clone(), "ops-1", "ops").unwrap();
        assert_eq!(bench.status(&id), Status::Invalidated);
        let HaltEpochs {
            global,
            profile,
            portfolio: own,
        } = bench.state.halt_epochs(&portfolio("p"));
        assert_eq!((global, profile, own), wanted);
        // Ended requests have no way out, and nothing in scope is asked, approved or decided.
        assert_eq!(slug(bench.approve(&id, "risk-1", "risk")), "halted");
        assert_eq!(slug(bench.decide(&id)), "request-ended");
        let request = bench.request("p", "s2");
        let refusal = bench.ask(request).unwrap_err();
        assert_eq!(
            (refusal.slug(), refusal.class()),
            ("halted", Class::Conflict)
        );
        bench.folds_the_same_again();
    }
}

#[test]
fn a_halt_of_another_scope_changes_nothing_here() {
    let mut bench = Bench::new();
    let id = bench.judged("p", "s1", good());
    bench.halts(scope("q"), "ops-1", "ops").unwrap();
    let aggressive = HaltScope::Profile(ProfileId::new("aggressive").unwrap());
    bench.halts(aggressive, "risk-2", "risk").unwrap();
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.decide(&id).unwrap();
    assert_eq!(bench.stage("p"), Stage::Shadow);
}

#[test]
fn ops_risk_and_authoriser_halt_and_research_does_not() {
    let mut bench = Bench::new();
    assert_eq!(
        slug(bench.halts(HaltScope::Global, "research-1", "research")),
        "act-not-for-role"
    );
    for (person, role) in [
        ("ops-1", "ops"),
        ("risk-1", "risk"),
        ("authoriser-1", "authoriser"),
    ] {
        bench.halts(HaltScope::Global, person, role).unwrap();
    }
    let signed = bench.together(halt(HaltScope::Global, false), BOTH);
    assert_eq!(slug(bench.submit(signed)), "bad-signature");
    assert_eq!(bench.state.safety.global_epoch, 3);
}

#[test]
fn a_halt_counts_whatever_its_signer_saw_and_however_late_it_comes() {
    let mut bench = Bench::new();
    let mut withheld = bench.clone();
    withheld.now = withheld.now.plus_days(2);
    let early = bench.signed(halt(HaltScope::Global, false), "ops-1", "ops");
    for _ in 0..100 {
        // The two benches count their nonces from the same number.
        withheld.signed(halt(scope("p"), false), "risk-1", "risk");
    }
    // Signed by a clock that runs ahead, brought after months.
    let ahead = withheld.signed(halt(scope("p"), false), "risk-1", "risk");
    bench.judged("p", "s1", good());
    bench.submit(ahead).unwrap();
    bench.days(200);
    bench.submit(early.clone()).unwrap();
    // And once only.
    assert_eq!(slug(bench.submit(early)), "statement-replayed");
    assert_eq!(bench.state.safety.global_epoch, 1);
    bench.folds_the_same_again();
}

#[test]
fn a_halt_is_accepted_on_a_ledger_with_findings() {
    let mut bench = Bench::new();
    let id = bench.judged("p", "s1", good());
    let forged = bench.signed(halt(HaltScope::Global, false), "research-1", "research");
    assert!(!bench.append(&forged));
    assert_eq!(
        slug(bench.approve(&id, "risk-1", "risk")),
        "ledger-findings"
    );
    bench.halts(HaltScope::Global, "ops-1", "ops").unwrap();
    assert_eq!(bench.status(&id), Status::Invalidated);
    // What brings it back waits until the findings are dealt with.
    assert_eq!(slug(bench.resumes(BOTH)), "ledger-findings");
}

#[test]
fn an_approval_signed_before_a_halt_is_dead_after_the_resume() {
    let mut bench = Bench::new();
    let id = bench.judged("p", "s1", good());
    let approval = Act::Approval(Box::new(bench.approval(&id)));
    let withheld = bench.signed(approval, "risk-1", "risk");
    bench.halts(HaltScope::Global, "ops-1", "ops").unwrap();
    bench
        .resumes(&[("risk-2", "risk"), ("ops-1", "ops")])
        .unwrap();
    assert_eq!(slug(bench.submit(withheld)), "request-ended");
    // A new request starts from nothing, and an approval that names the old epoch does not fit.
    let id = bench.judged("p", "s1", good());
    let mut old = bench.approval(&id);
    assert_eq!(old.halt_epochs.global, 1);
    old.halt_epochs.global = 0;
    let old = bench.signed(Act::Approval(Box::new(old)), "risk-1", "risk");
    assert_eq!(slug(bench.submit(old)), "statement-differs");
    assert_eq!(bench.status(&id), Status::AwaitingApproval);
}

#[test]
fn a_request_signed_before_a_halt_is_dead_after_the_resume() {
    let mut bench = Bench::new();
    // The portfolio is not registered yet: nothing but the halt is between the two.
    let request = Act::Request(Box::new(bench.request("p", "s1")));
    let withheld = bench.signed(request, "research-1", "research");
    bench.halts(HaltScope::Global, "ops-1", "ops").unwrap();
    bench.resumes(BOTH).unwrap();
    assert_eq!(slug(bench.submit(withheld)), "state-moved");
}

#[test]
fn a_resume_needs_risk_and_ops_and_names_a_halt_in_force() {
    let mut bench = Bench::new();
    bench.halts(HaltScope::Global, "ops-1", "ops").unwrap();
    for signers in [
        &[("risk-1", "risk")][..],
        &[("ops-1", "ops")],
        &[("risk-1", "risk"), ("risk-2", "risk")],
        &[("research-1", "research"), ("ops-1", "ops")],
        &[("risk-1", "risk"), ("ops-1", "ops"), ("risk-2", "risk")],
    ] {
        assert_eq!(slug(bench.resumes(signers)), "signers-wanted");
    }
    let twice = bench.resumes(&[("risk-1", "risk"), ("risk-1", "risk")]);
    assert_eq!(slug(twice), "bad-signature");
    let last = bench.state.safety.halts[0].clone();
    let other = act(SafetyAct::Resume(Resume {
        halt: Digest::of(b"none"),
        scope: last.scope.clone(),
        reason: "x".into(),
    }));
    let signed = bench.together(other, BOTH);
    assert_eq!(slug(bench.submit(signed)), "no-such-halt");
    let narrower = act(SafetyAct::Resume(Resume {
        halt: last.leaf,
        scope: scope("p"),
        reason: "x".into(),
    }));
    let signed = bench.together(narrower, BOTH);
    assert_eq!(slug(bench.submit(signed)), "statement-differs");
    bench
        .resumes(&[("ops-1", "ops"), ("risk-1", "risk")])
        .unwrap();
    assert_eq!(slug(bench.resumes(BOTH)), "no-such-halt");
    bench.folds_the_same_again();
}

#[test]
fn a_resume_lifts_the_halt_that_it_names_and_no_other() {
    let mut bench = Bench::new();
    bench.halts(HaltScope::Global, "ops-1", "ops").unwrap();
    bench.halts(scope("p"), "ops-1", "ops").unwrap();
    bench.resumes(BOTH).unwrap();
    let request = bench.request("p", "s1");
    assert_eq!(slug(bench.ask(request)), "halted");
}

#[test]
fn a_resume_signed_before_the_halt_in_its_scope_moved_is_stale() {
    let (mut bench, _) = promoted();
    bench.halts(scope("p"), "ops-1", "ops").unwrap();
    let first = bench.state.safety.halts[0].clone();
    let resume = act(SafetyAct::Resume(Resume {
        halt: first.leaf,
        scope: first.scope,
        reason: "cause found".into(),
    }));
    let withheld = bench.together(resume, BOTH);
    bench.halts(HaltScope::Global, "ops-1", "ops").unwrap();
    assert_eq!(slug(bench.submit(withheld)), "state-moved");
}

#[test]
fn a_halt_of_more_than_five_days_wants_a_fresh_certificate() {
    let (mut bench, _) = promoted();
    bench.halts(scope("p"), "ops-1", "ops").unwrap();
    bench.days(5);
    let mut in_time = bench.clone();
    in_time.resumes(BOTH).unwrap();
    bench.now = bench.now.plus_millis(1);
    assert_eq!(slug(bench.resumes(BOTH)), "recertification-wanted");
}

#[test]
fn a_drill_changes_nothing_but_its_record() {
    let (mut bench, _) = promoted();
    let id = bench.judged("q", "s9", good());
    let before = bench.state.clone();
    let signed = bench.signed(halt(HaltScope::Global, true), "ops-1", "ops");
    bench.submit(signed).unwrap();
    let drill = bench.state.safety.drills[0].clone();
    assert_eq!(bench.state.portfolios, before.portfolios);
    assert_eq!(bench.state.requests, before.requests);
    assert_eq!(bench.state.safety.global_epoch, 0);
    assert_eq!(bench.state.safety.halts, []);
    let measured = Drill {
        halt: drill.mark.leaf,
        file_ms: 3,
        entry_ms: 8,
    };
    use promote::governance::promotion::decide::Command;
    bench.engine(Command::Drill(measured)).unwrap();
    assert_eq!(bench.state.safety.drills[0].measured, Some(measured));
    assert_eq!(
        slug(bench.engine(Command::Drill(measured))),
        "no-such-drill"
    );
    // A person cannot say how long it took, and the engine cannot halt.
    let by_hand = bench.signed(act(SafetyAct::Drill(measured)), "ops-1", "ops");
    assert!(!bench.clone().append(&by_hand));
    let engine = bench.signed(halt(HaltScope::Global, false), "engine", "engine");
    assert!(!bench.clone().append(&engine));
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.folds_the_same_again();
}

#[test]
fn missing_and_settle_know_about_halts() {
    let (bench, id) = promoted();
    let mut state = bench.state.clone();
    settle(&mut state, bench.now);
    assert_eq!(state, bench.state);
    let record = &bench.state.requests[&RequestId::new(&id).unwrap()];
    assert_eq!(missing(&bench.state, record, bench.now), []);
}
