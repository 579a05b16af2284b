//! The guards and effects of everything that lowers risk, over a ledger in memory: each refusal
//! with its reason, each transition that time makes, and the same fold twice.

use promote::evidence::facts::Fact;
use promote::evidence::manifest::EvidenceKind;
use promote::governance::policy::model::Policy;
use promote::governance::policy::roles::Role;
use promote::governance::policy::set::{PolicySet, embedded_files};
use promote::governance::policy::verdict::Zone;
use promote::governance::promotion::decide::Command;
use promote::governance::promotion::event::Signed;
use promote::governance::promotion::expiry::settle;
use promote::governance::promotion::looks::guard_running;
use promote::governance::promotion::missing::missing;
use promote::governance::promotion::oversight::acts::ChecklistItem;
use promote::governance::promotion::oversight::checklist::standings;
use promote::governance::promotion::refusal::{Class, Refusal};
use promote::governance::promotion::safety::SafetyAct;
use promote::governance::promotion::safety::certificate::{Recertification, after, judge};
use promote::governance::promotion::safety::clock_off::{
    ClockAcknowledgement, ClockRemark, limits,
};
use promote::governance::promotion::safety::due::{overdue, times};
use promote::governance::promotion::safety::halt::{Cause, Drill, Halt, HaltScope};
use promote::governance::promotion::safety::incident::{
    IncidentClass, IncidentClosing, IncidentOpening, Severity,
};
use promote::governance::promotion::safety::lowering::{Demotion, Retirement};
use promote::governance::promotion::safety::missing::{flags, standing};
use promote::governance::promotion::safety::overrides::Override;
use promote::governance::promotion::safety::present::policy_of_stage;
use promote::governance::promotion::safety::resume::Resume;
use promote::governance::promotion::safety::review::OverrideReview;
use promote::governance::promotion::safety::unapproval::Unapproval;
use promote::governance::promotion::state::State;
use promote::governance::promotion::state::Status;
use promote::governance::promotion::statement::{Act, EvidenceRef, HaltEpochs, Request, Signer};
use promote::governance::promotion::tracks::TrackAct;
use promote::governance::promotion::tracks::grounds::{Grounds, Seal};
use promote::governance::promotion::tracks::revocation::{EvidenceRevocation, hits};
use promote::governance::promotion::tracks::trial::{TrialKind, TrialStart};
use promote::governance::promotion::versions::granted;
use promote::governance::stage::{Stage, Target};
use promote::kernel::digest::Digest;
use promote::kernel::id::{CriterionId, PersonId, PortfolioId, ProfileId, RequestId};
use promote::kernel::time::UtcTime;
use promote::metrics::Sample;

use crate::machine::{
    Bench, facts, good, key, promoted, public, sealed, seals, settings, sign, slug,
};

pub fn portfolio(name: &str) -> PortfolioId {
    PortfolioId::new(name).unwrap()
}

pub fn scope(name: &str) -> HaltScope {
    HaltScope::Portfolio(portfolio(name))
}

pub fn act(act: SafetyAct) -> Act {
    Act::Safety(Box::new(act))
}

pub fn halt(scope: HaltScope, drill: bool) -> Act {
    act(SafetyAct::Halt(Halt {
        scope,
        reason: "drawdown".into(),
        drill,
    }))
}

impl Bench {
    pub fn halts(&mut self, scope: HaltScope, person: &str, role: &str) -> Result<(), Refusal> {
        let signed = self.signed(halt(scope, false), person, role);
        self.submit(signed)
    }

    pub fn resumes(&mut self, signers: &[(&str, &str)]) -> Result<(), Refusal> {
        let last = self.state.safety.halts.last().unwrap();
        let resume = act(SafetyAct::Resume(Resume {
            halt: last.leaf,
            scope: last.scope.clone(),
            reason: "cause found".into(),
        }));
        let signed = self.together(resume, signers);
        self.submit(signed)
    }

    pub fn incident(&mut self, name: &str, severity: Severity) -> Result<(), Refusal> {
        let opening = act(SafetyAct::IncidentOpening(IncidentOpening {
            portfolio: portfolio(name),
            class: IncidentClass::RiskLimit,
            severity,
            summary: "limit broken".into(),
        }));
        let signed = self.signed(opening, "ops-1", "ops");
        self.submit(signed)
    }

    pub fn closes(&mut self, person: &str, role: &str) -> Result<(), Refusal> {
        let record = self.state.safety.incidents.last().unwrap();
        let closing = act(SafetyAct::IncidentClosing(IncidentClosing {
            incident: record.mark.leaf,
            portfolio: record.opening.portfolio.clone(),
            finding: "limit set right".into(),
        }));
        let signed = self.signed(closing, person, role);
        self.submit(signed)
    }

    pub fn demotes(
        &mut self,
        name: &str,
        to: Stage,
        person: &str,
        role: &str,
    ) -> Result<(), Refusal> {
        let demotion = act(SafetyAct::Demotion(Demotion {
            portfolio: portfolio(name),
            to,
            reason: "drift".into(),
        }));
        let signed = self.signed(demotion, person, role);
        self.submit(signed)
    }

    pub fn retires(&mut self, name: &str) -> Result<(), Refusal> {
        let retirement = act(SafetyAct::Retirement(Retirement {
            portfolio: portfolio(name),
            reason: "superseded".into(),
        }));
        let signed = self.signed(retirement, "ops-1", "ops");
        self.submit(signed)
    }

    /// A certificate over evidence that nobody has shown before.
    pub fn certificate(&self, name: &str, facts: Vec<Fact>) -> Recertification {
        let held = &self.state.portfolios[&portfolio(name)];
        let result = format!("result {}", self.entries.len());
        let id = portfolio(name);
        let limits = granted(&self.state, &id).map(|r| r.request.limits_sha256);
        let mut act = Recertification {
            portfolio: portfolio(name),
            stage: held.stage,
            evidence: vec![EvidenceRef {
                kind: EvidenceKind::Robustness,
                evidence_sha256: Digest::of(result.as_bytes()),
                result_sha256: Digest::of(result.as_bytes()),
            }],
            producers: vec![PersonId::new("research-2").unwrap()],
            strategy_sha256: held.strategy.unwrap(),
            limits_sha256: limits.unwrap_or_else(|| Digest::of(b"limits")),
            policy_sha256: self.state.policy.digest(),
            facts,
            now: self.now,
            decision_sha256: Digest::of(b""),
            grounds: sealed(&[&result], "research-2"),
            oos: None,
            guard: guard_running(&self.state, &id, held.strategy.unwrap()),
            trials: 0,
            book: None,
            settings: Box::new(settings()),
            summary: "as before".into(),
        };
        let (_, digest) = judge(&self.state, held, &act).unwrap();
        act.decision_sha256 = digest;
        act
    }

    pub fn certifies(
        &mut self,
        act: Recertification,
        signers: &[(&str, &str)],
    ) -> Result<(), Refusal> {
        let act = Act::Safety(Box::new(SafetyAct::Recertification(Box::new(act))));
        let signed = self.together(act, signers);
        self.submit(signed)
    }

    /// Puts a portfolio into a stage without the way there.
    pub fn place(&mut self, name: &str, stage: Stage) {
        let held = self.state.portfolios.get_mut(&portfolio(name)).unwrap();
        held.stage = stage;
        held.since = Some(self.now);
    }

    pub fn unapproves(
        &mut self,
        id: &str,
        approval: Digest,
        person: &str,
        role: &str,
    ) -> Result<(), Refusal> {
        let unapproval = act(SafetyAct::Unapproval(Unapproval {
            approval,
            request: RequestId::new(id).unwrap(),
            reason: "second thoughts".into(),
        }));
        let signed = self.signed(unapproval, person, role);
        self.submit(signed)
    }

    pub fn folds_the_same_again(&self) {
        assert_eq!(self.again(), self.state);
        assert_eq!(self.state.findings, []);
    }
}

pub const BOTH: &[(&str, &str)] = &[("risk-1", "risk"), ("ops-1", "ops")];

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

/// `p` in LIVE without a certificate, a moment before time lowers and halts it; that moment.
fn about_to_fall() -> (Bench, UtcTime) {
    let (mut bench, _) = promoted();
    bench.place("p", Stage::Live);
    let falls = times(&bench.state, &portfolio("p")).unwrap().falls;
    bench.now = falls.plus_millis(-1);
    (bench, falls)
}

/// A resume of the halt that time will make, over the present head, dated `issued`.
fn resume_of_fall(bench: &mut Bench, issued: UtcTime) -> Signed {
    let resume = act(SafetyAct::Resume(Resume {
        halt: bench.state.safety.standing[&portfolio("p")].leaf,
        scope: scope("p"),
        reason: "certified anew".into(),
    }));
    let (risk, ops) = (key("risk-1"), key("ops-1"));
    let mut statement = bench.statement(resume, "risk-1", "risk", &risk);
    statement.issued_at = issued;
    statement.cosigners.push(Signer {
        person: PersonId::new("ops-1").unwrap(),
        role: "ops".into(),
        key: public(&ops).fingerprint(),
    });
    sign(&statement, &[&risk, &ops])
}

#[test]
fn a_halt_that_time_made_is_lifted_by_nothing_signed_before_it() {
    let (mut bench, falls) = about_to_fall();
    let early = resume_of_fall(&mut bench, falls.plus_millis(-1));
    let present = resume_of_fall(&mut bench, falls);
    let mut quiet = bench.clone();
    quiet.now = falls;
    assert_eq!(slug(quiet.submit(early.clone())), "halt-not-seen");
    quiet.submit(present.clone()).unwrap();
    assert_eq!(quiet.stage("p"), Stage::Testnet);
    assert!(!flags(&quiet.state, &portfolio("p"), quiet.now).halted);
    // The head was replaced before the moment, or at it.
    let mut before = bench.clone();
    before.judged("q", "s8", good());
    before.now = falls;
    assert_eq!(slug(before.submit(present.clone())), "halt-not-seen");
    settle(&mut before.state, falls);
    assert!(flags(&before.state, &portfolio("p"), falls).halted);
    let mut at = bench;
    at.now = falls;
    at.judged("q", "s8", good());
    assert_eq!(slug(at.submit(early)), "halt-not-seen");
    at.submit(present).unwrap();
}

#[test]
fn a_resume_of_a_persons_halt_is_judged_by_its_head_alone() {
    let (mut bench, _) = promoted();
    let id = portfolio("p");
    bench.halts(scope("p"), "ops-1", "ops").unwrap();
    let halt = bench.state.safety.halts.last().unwrap().clone();
    // By a clock that lies behind, over the head with the halt.
    let resume = act(SafetyAct::Resume(Resume {
        halt: halt.leaf,
        scope: halt.scope.clone(),
        reason: "cause found".into(),
    }));
    let (risk, ops) = (key("risk-1"), key("ops-2"));
    bench.enrol("ops-2", Role::Ops);
    let mut statement = bench.statement(resume, "risk-1", "risk", &risk);
    statement.issued_at = halt.time.plus_millis(-1);
    statement.cosigners.push(Signer {
        person: PersonId::new("ops-2").unwrap(),
        role: "ops".into(),
        key: public(&ops).fingerprint(),
    });
    bench.submit(sign(&statement, &[&risk, &ops])).unwrap();
    assert!(!flags(&bench.state, &id, bench.now).halted);
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
    assert_eq!(slug(bench.submit(signed)), "no-such-halt");
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

#[test]
fn an_approval_is_taken_back_before_the_decision_and_its_slot_opens() {
    let mut bench = Bench::new();
    let id = bench.judged("p", "s1", good());
    bench.approve(&id, "risk-1", "risk").unwrap();
    let approval = *bench.state.safety.approvals.keys().next().unwrap();
    let other = bench.unapproves(&id, approval, "risk-2", "risk");
    assert_eq!(slug(other), "not-own-approval");
    bench.unapproves(&id, approval, "risk-1", "risk").unwrap();
    assert_eq!(bench.status(&id), Status::AwaitingApproval);
    assert_eq!(slug(bench.decide(&id)), "pending");
    // The same person may approve again, with a new statement.
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.decide(&id).unwrap();
    let again = *bench
        .state
        .safety
        .approvals
        .keys()
        .find(|digest| **digest != approval)
        .unwrap();
    let late = bench.unapproves(&id, again, "risk-1", "risk");
    assert_eq!(slug(late), "request-ended");
    bench.folds_the_same_again();
}

#[test]
fn a_withheld_approval_that_was_taken_back_is_refused() {
    let mut bench = Bench::new();
    let id = bench.judged("p", "s1", good());
    let withheld = Act::Approval(Box::new(bench.approval(&id)));
    let withheld = bench.signed(withheld, "risk-1", "risk");
    // Somebody else's word against it does nothing.
    bench
        .unapproves(&id, withheld.digest, "risk-2", "risk")
        .unwrap();
    let mut fine = bench.clone();
    fine.submit(withheld.clone()).unwrap();
    bench
        .unapproves(&id, withheld.digest, "risk-1", "risk")
        .unwrap();
    assert_eq!(slug(bench.submit(withheld)), "approval-voided");
    bench.folds_the_same_again();
}

#[test]
fn a_low_incident_blocks_what_rises_until_risk_closes_it() {
    let mut bench = Bench::new();
    assert_eq!(
        slug(bench.incident("p", Severity::Low)),
        "unknown-portfolio"
    );
    let id = bench.judged("p", "s1", good());
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.incident("p", Severity::Low).unwrap();
    let flag = |bench: &Bench| flags(&bench.state, &portfolio("p"), bench.now);
    assert!(flag(&bench).incident_open && !flag(&bench).halted);
    assert_eq!(bench.status(&id), Status::Approved);
    let Err(Refusal::Pending { missing }) = bench.decide(&id) else {
        panic!("decided under an open incident");
    };
    assert_eq!(missing[0].code, "incident_open");
    assert_eq!(slug(bench.closes("ops-1", "ops")), "act-not-for-role");
    bench.closes("risk-2", "risk").unwrap();
    assert_eq!(slug(bench.closes("risk-2", "risk")), "no-such-incident");
    bench.decide(&id).unwrap();
    bench.incident("p", Severity::Low).unwrap();
    let request = bench.request("p", "s2");
    assert_eq!(slug(bench.ask(request)), "incident-open");
    bench.folds_the_same_again();
}

#[test]
fn medium_halts_and_high_halts_and_demotes() {
    for (severity, stage) in [
        (Severity::Medium, Stage::Live),
        (Severity::High, Stage::Shadow),
    ] {
        let (mut bench, _) = promoted();
        bench.place("p", Stage::Live);
        bench.incident("p", severity).unwrap();
        assert_eq!(bench.stage("p"), stage);
        assert!(flags(&bench.state, &portfolio("p"), bench.now).halted);
        assert_eq!(bench.state.halt_epochs(&portfolio("p")).portfolio, 1);
        // Not before it is closed, and closing alone lifts nothing.
        assert_eq!(slug(bench.resumes(BOTH)), "incident-open");
        bench.closes("risk-1", "risk").unwrap();
        assert!(flags(&bench.state, &portfolio("p"), bench.now).halted);
        if severity == Severity::High {
            bench.resumes(BOTH).unwrap();
            assert_eq!(bench.stage("p"), Stage::Shadow);
        } else {
            assert_eq!(slug(bench.resumes(BOTH)), "recertification-wanted");
        }
    }
}

#[test]
fn a_demotion_needs_one_signature_and_evidence_starts_anew() {
    let (mut bench, _) = promoted();
    assert_eq!(
        slug(bench.demotes("p", Stage::Research, "research-1", "research")),
        "act-not-for-role"
    );
    for to in [Stage::Shadow, Stage::Live, Stage::Retired] {
        assert_eq!(slug(bench.demotes("p", to, "ops-1", "ops")), "not-lower");
    }
    bench.demotes("p", Stage::Research, "ops-1", "ops").unwrap();
    assert_eq!(bench.stage("p"), Stage::Research);
    assert_eq!(
        slug(bench.demotes("p", Stage::Research, "ops-1", "ops")),
        "not-lower"
    );
    // The evidence of before does not count again.
    let mut request = bench.request("p", "s1");
    assert_eq!(slug(bench.ask(request.clone())), "evidence-spent");
    request.evidence[0].result_sha256 = Digest::of(b"new result");
    bench.ask(request).unwrap();
    bench.folds_the_same_again();
}

#[test]
fn a_demotion_ends_the_open_request_and_begins_dwell_anew() {
    let (mut bench, _) = promoted();
    bench.place("p", Stage::Live);
    let id = bench.judged("q", "s2", good());
    bench.days(3);
    bench.demotes("p", Stage::Shadow, "risk-1", "risk").unwrap();
    let held = bench.state.portfolios[&portfolio("p")].clone();
    assert_eq!((held.stage, held.since), (Stage::Shadow, Some(bench.now)));
    assert_eq!(bench.status(&id), Status::AwaitingApproval);
    bench
        .demotes("q", Stage::Research, "risk-1", "risk")
        .unwrap_err();
    let mut request = bench.request("p", "s3");
    request.evidence[0].result_sha256 = Digest::of(b"new result");
    let next = request.request.to_string();
    bench.ask(request).unwrap();
    bench
        .demotes("p", Stage::Research, "risk-1", "risk")
        .unwrap();
    assert_eq!(bench.status(&next), Status::Invalidated);
}

#[test]
fn retired_is_for_good() {
    let (mut bench, _) = promoted();
    let id = bench.judged("q", "s2", good());
    bench.retires("q").unwrap();
    assert_eq!(bench.status(&id), Status::Invalidated);
    bench.retires("p").unwrap();
    assert_eq!(bench.stage("p"), Stage::Retired);
    assert_eq!(slug(bench.retires("p")), "retired");
    assert_eq!(
        slug(bench.demotes("p", Stage::Research, "ops-1", "ops")),
        "retired"
    );
    let mut request = bench.request("p", "s3");
    request.evidence[0].result_sha256 = Digest::of(b"new result");
    assert_eq!(slug(bench.ask(request)), "stage-order");
    bench.days(400);
    let mut later = bench.state.clone();
    settle(&mut later, bench.now);
    assert_eq!(later.portfolios[&portfolio("p")].stage, Stage::Retired);
    bench.folds_the_same_again();
}

pub const RISK: &[(&str, &str)] = &[("risk-1", "risk")];

#[test]
fn a_certificate_is_signed_by_the_quorum_over_fresh_evidence_that_passes() {
    let (mut bench, _) = promoted();
    bench.days(80);
    let act = bench.certificate("p", good());
    for (signers, wanted) in [
        (&[("ops-1", "ops")][..], "signers-wanted"),
        (&[("research-3", "research")], "signers-wanted"),
        (&[("risk-1", "risk"), ("ops-1", "ops")], "signers-wanted"),
    ] {
        assert_eq!(slug(bench.certifies(act.clone(), signers)), wanted);
    }
    let author = Recertification {
        producers: vec![PersonId::new("risk-1").unwrap()],
        grounds: Grounds {
            seals: vec![Seal {
                person: PersonId::new("risk-1").unwrap(),
                key: public(&key("risk-1")).fingerprint(),
                ..act.grounds.seals[0].clone()
            }],
            ..act.grounds.clone()
        },
        ..act.clone()
    };
    assert_eq!(slug(bench.certifies(author, RISK)), "author-fills-slot");
    let other = Recertification {
        strategy_sha256: Digest::of(b"s2"),
        ..act.clone()
    };
    assert_eq!(slug(bench.certifies(other, RISK)), "strategy-changed");
    let higher = Recertification {
        stage: Stage::Testnet,
        ..act.clone()
    };
    assert_eq!(slug(bench.certifies(higher, RISK)), "nothing-to-certify");
    let forged = Recertification {
        decision_sha256: Digest::of(b"else"),
        ..act.clone()
    };
    assert_eq!(slug(bench.certifies(forged, RISK)), "statement-differs");
    let mut shown = act.clone();
    shown.evidence[0].result_sha256 = Digest::of(b"result of s1");
    assert_eq!(slug(bench.certifies(shown, RISK)), "evidence-not-fresh");
    let bad = bench.certificate("p", facts("0.7", "0.22", "0.31"));
    assert_eq!(slug(bench.certifies(bad, RISK)), "certificate-verdict");
    let mut old = act.clone();
    old.now = bench.now.plus_days(-2);
    assert_eq!(slug(bench.certifies(old, RISK)), "statement-differs");
    bench.certifies(act.clone(), RISK).unwrap();
    // The same evidence is not fresh a second time.
    assert_eq!(slug(bench.certifies(act, RISK)), "evidence-not-fresh");
    let due = times(&bench.state, &portfolio("p")).unwrap();
    assert_eq!(due.overdue, bench.now.plus_days(90));
    bench.folds_the_same_again();
}

#[test]
fn a_stage_that_is_not_certified_warns_blocks_and_falls() {
    let (mut bench, _) = promoted();
    let granted = bench.now;
    let flag = |bench: &Bench, days: i64, more: i64| {
        let now = granted.plus_days(days).plus_millis(more);
        let mut state = bench.state.clone();
        settle(&mut state, now);
        let flags = flags(&state, &portfolio("p"), now);
        let stage = state.portfolios[&portfolio("p")].stage;
        (flags.certificate_warning, flags.certificate_overdue, stage)
    };
    assert_eq!(flag(&bench, 76, -1), (false, false, Stage::Shadow));
    assert_eq!(flag(&bench, 76, 0), (true, false, Stage::Shadow));
    assert_eq!(flag(&bench, 90, 0), (false, true, Stage::Shadow));
    assert_eq!(flag(&bench, 97, -1), (false, true, Stage::Shadow));
    assert_eq!(flag(&bench, 97, 0), (false, false, Stage::Research));
    let mut late = bench.clone();
    late.days(91);
    let request = late.request("p", "s2");
    assert_eq!(slug(late.ask(request)), "certificate-overdue");
    // Any entry after the fall leaves it fallen, and it is the same fold.
    bench.days(98);
    bench.judged("q", "s9", good());
    assert_eq!(bench.stage("p"), Stage::Research);
    assert_eq!(bench.state.safety.derived.len(), 1);
    bench.folds_the_same_again();
}

#[test]
fn revoked_evidence_certifies_nothing() {
    let (mut bench, _) = promoted();
    bench.days(80);
    let act = bench.certificate("p", good());
    let revocation = TrackAct::EvidenceRevocation(EvidenceRevocation {
        evidence_sha256: act.evidence[0].evidence_sha256,
        reason: "bars were shifted".into(),
    });
    let signed = bench.signed(Act::Track(Box::new(revocation)), "risk-2", "risk");
    bench.submit(signed).unwrap();
    assert_eq!(slug(bench.certifies(act, RISK)), "evidence-revoked");
    // Other evidence still does.
    let other = bench.certificate("p", good());
    bench.certifies(other, RISK).unwrap();
    bench.folds_the_same_again();
}

#[test]
fn a_stage_on_revoked_evidence_rises_no_further_before_it_is_certified_again() {
    for stage in [Stage::Shadow, Stage::Testnet] {
        let (mut bench, id) = promoted();
        if stage == Stage::Testnet {
            // As if TESTNET had been granted on other evidence since.
            let mut second = bench.state.requests[&RequestId::new(&id).unwrap()].clone();
            second.request.target = Target::Testnet;
            second.request.request = RequestId::new("p-0002").unwrap();
            second.request.evidence[0].evidence_sha256 = Digest::of(b"second");
            let held = bench.state.portfolios.get_mut(&portfolio("p")).unwrap();
            held.requests.push(second.request.request.clone());
            held.stage = stage;
            let again = second.request.request.clone();
            let decided = bench.state.access.decisions[&RequestId::new(&id).unwrap()].clone();
            bench.state.access.decisions.insert(again.clone(), decided);
            bench.state.requests.insert(again, second);
        }
        bench.days(5);
        let granted = bench.state.clone();
        let revocation = TrackAct::EvidenceRevocation(EvidenceRevocation {
            evidence_sha256: Digest::of(b"s1"),
            reason: "bars were shifted".into(),
        });
        let signed = bench.signed(Act::Track(Box::new(revocation)), "risk-2", "risk");
        bench.submit(signed).unwrap();
        assert_eq!(bench.stage("p"), stage, "it keeps its grace");
        let codes = |bench: &Bench| -> Vec<String> {
            let conservative = ProfileId::new("conservative").unwrap();
            let list = standing(&bench.state, &portfolio("p"), &conservative, bench.now);
            list.into_iter().map(|m| m.code).collect()
        };
        assert_eq!(codes(&bench), ["certificate_overdue"], "{stage}");
        let request = bench.request("p", "s2");
        assert_eq!(slug(bench.ask(request)), "certificate-overdue", "{stage}");
        assert!(flags(&bench.state, &portfolio("p"), bench.now).certificate_overdue);
        // Not certified within the grace, it falls.
        let mut late = bench.state.clone();
        settle(&mut late, bench.now.plus_days(7));
        assert!(late.portfolios[&portfolio("p")].stage < stage);
        if stage == Stage::Shadow {
            let act = bench.certificate("p", good());
            bench.certifies(act, RISK).unwrap();
            assert_eq!(codes(&bench), [""; 0]);
            // Other evidence stands behind it now: the old bundle takes nothing away.
            assert!(
                hits(&bench.state, &Digest::of(b"s1"))
                    .certificates
                    .is_empty()
            );
            bench.folds_the_same_again();
        }
        // Evidence that nothing rests on changes nothing.
        assert!(hits(&granted, &Digest::of(b"none")).certificates.is_empty());
        assert_eq!(
            hits(&granted, &Digest::of(b"s1")).certificates,
            [portfolio("p")]
        );
    }
}

/// Risk or ops says that the bundle `name` is not believed any more.
pub fn disbelieves(bench: &mut Bench, name: &str) -> Result<(), Refusal> {
    let revocation = TrackAct::EvidenceRevocation(EvidenceRevocation {
        evidence_sha256: Digest::of(name.as_bytes()),
        reason: "bars were shifted".into(),
    });
    let signed = bench.signed(Act::Track(Box::new(revocation)), "risk-2", "risk");
    bench.submit(signed)
}

/// A request of `p` for the strategy `s1` on the bundle `name`, with the result of `result`.
fn wrapped(bench: &Bench, portfolio: &str, name: &str, result: &str) -> Request {
    let mut request = bench.request(portfolio, "s1");
    request.evidence[0].evidence_sha256 = Digest::of(name.as_bytes());
    request.evidence[0].result_sha256 = Digest::of(result.as_bytes());
    request.grounds = sealed(&[name], "research-2");
    request
}

#[test]
fn a_revoked_result_comes_back_in_no_other_manifest() {
    let mut bench = Bench::new();
    let id = bench.judged("p", "s1", good());
    // A twin that is shown already, and another result.
    let twin = wrapped(&bench, "q", "twin", "result of s1");
    let other = wrapped(&bench, "r", "other", "result of other");
    bench.ask(twin).unwrap();
    bench.ask(other).unwrap();
    disbelieves(&mut bench, "s1").unwrap();
    for (id, wanted) in [
        (id.as_str(), Status::Invalidated),
        ("q-0001", Status::Invalidated),
        ("r-0001", Status::Submitted),
    ] {
        assert_eq!(bench.status(id), wanted, "{id}");
    }
    let mut later = wrapped(&bench, "t", "a second later", "result of s1");
    assert_eq!(slug(bench.ask(later.clone())), "evidence-revoked");
    later.evidence[0].result_sha256 = Digest::of(b"result of another run");
    bench.ask(later).unwrap();
    // Named by itself the twin is revoked too, once.
    disbelieves(&mut bench, "twin").unwrap();
    assert_eq!(slug(disbelieves(&mut bench, "twin")), "evidence-revoked");
    // The first entry about that result is the one that is named.
    let refused = wrapped(&bench, "u", "a third", "result of s1");
    let first = bench.state.tracks.revoked[&Digest::of(b"s1")].seq;
    match bench.ask(refused) {
        Err(Refusal::EvidenceRevoked { seq, .. }) => assert_eq!(seq, first),
        other => panic!("{other:?}"),
    }
    bench.folds_the_same_again();
}

#[test]
fn what_stands_on_a_twin_of_revoked_evidence_falls_with_it() {
    for (result, falls) in [("result of s1", true), ("result of other", false)] {
        // Another portfolio is LIVE on the twin, a version of it climbs on it.
        let mut bench = Bench::new();
        bench.judged("q", "s1", good());
        let granted = wrapped(&bench, "p", "twin", result);
        bench.ask(granted).unwrap();
        bench.evaluate("p-0001", good()).unwrap();
        bench.approve("p-0001", "risk-1", "risk").unwrap();
        bench.decide("p-0001").unwrap();
        let mut climbing = bench.clone();
        let due = hits(&bench.state, &Digest::of(b"s1")).certificates;
        assert_eq!(due.contains(&portfolio("p")), falls, "{result}");
        bench.place("p", Stage::Live);
        disbelieves(&mut bench, "s1").unwrap();
        let flags_now = flags(&bench.state, &portfolio("p"), bench.now);
        assert_eq!(flags_now.halted, falls, "{result}");
        // The version s2 climbs on the twin, below another one that runs.
        let mut second = wrapped(&climbing, "p", "second", result);
        second.strategy_sha256 = Digest::of(b"s2");
        climbing.place("p", Stage::Live);
        climbing.ask(second).unwrap();
        climbing.evaluate("p-0002", good()).unwrap();
        climbing.approve("p-0002", "risk-1", "risk").unwrap();
        climbing.decide("p-0002").unwrap();
        disbelieves(&mut climbing, "s1").unwrap();
        let held = &climbing.state.portfolios[&portfolio("p")];
        assert_eq!(held.climbing.is_empty(), falls, "{result}");
    }
}

#[test]
fn the_result_of_a_certificate_is_revoked_with_its_bundle() {
    let (mut bench, _) = promoted();
    bench.days(80);
    let act = bench.certificate("p", good());
    let shown = act.evidence[0].clone();
    bench.certifies(act, RISK).unwrap();
    let revocation = TrackAct::EvidenceRevocation(EvidenceRevocation {
        evidence_sha256: shown.evidence_sha256,
        reason: "bars were shifted".into(),
    });
    let signed = bench.signed(Act::Track(Box::new(revocation)), "risk-2", "risk");
    bench.submit(signed).unwrap();
    let mut twin = wrapped(&bench, "q", "twin", "whatever");
    twin.strategy_sha256 = Digest::of(b"s7");
    twin.evidence[0].result_sha256 = shown.result_sha256;
    assert_eq!(slug(bench.ask(twin)), "evidence-revoked");
}

#[test]
fn a_publication_puts_no_fall_off_unless_it_changes_the_rules_of_certificates() {
    let (mut bench, _) = promoted();
    bench.place("p", Stage::Live);
    let granted = bench.now;
    let falls = |state: &State| times(state, &portfolio("p")).unwrap().falls;
    assert_eq!(falls(&bench.state), granted.plus_days(97));
    // Another set is in force since day 95: only changed rules leave the whole grace.
    bench.state.policy_touched = bench.state.size() - 1;
    assert_eq!(falls(&bench.state), granted.plus_days(97));
    bench.state.oversight.certificates_since = Some(granted.plus_days(95));
    assert_eq!(falls(&bench.state), granted.plus_days(102));
    // A portfolio that fails under it is due at once, and falls after the grace.
    bench.state.oversight.certificates_since = None;
    let mut mark = bench.state.requests.values().next().unwrap().mark.clone();
    (mark.time, mark.seq) = (granted.plus_days(10), bench.state.size());
    bench.state.oversight.failing.insert(portfolio("p"), mark);
    assert_eq!(falls(&bench.state), granted.plus_days(17));
    assert_eq!(
        overdue(&bench.state, &portfolio("p"), granted.plus_days(10)),
        Some(granted.plus_days(10))
    );
}

#[test]
fn a_checklist_is_about_one_version_and_starts_anew_when_lowered() {
    let mut bench = Bench::new();
    let confirm = |bench: &mut Bench| {
        let item = bench.state.policy.checklists().at(Target::Shadow)[0].clone();
        let (person, role) = match item.roles().next().unwrap() {
            Role::Research => ("research-3", "research"),
            Role::Ops => ("ops-1", "ops"),
            _ => ("risk-1", "risk"),
        };
        let act = Act::ChecklistItem(ChecklistItem {
            portfolio: portfolio("p"),
            target: Target::Shadow,
            item: item.id.clone(),
            item_sha256: item.digest(),
            note: "42 of 42".into(),
            date: "2025-01-01".into(),
            document: None,
        });
        let signed = bench.signed(act, person, role);
        bench.submit(signed)
    };
    let done = |bench: &Bench| {
        let list = standings(&bench.state, &portfolio("p"), Target::Shadow, None);
        list.iter().filter(|s| s.done).count()
    };
    bench.judged("p", "s1", facts("0.7", "0.22", "0.31"));
    confirm(&mut bench).unwrap();
    assert_eq!(slug(confirm(&mut bench)), "item-confirmed");
    assert_eq!(done(&bench), 1);
    // Another strategy begins with an empty checklist.
    bench.days(15);
    bench.judged("p", "s2", good());
    assert_eq!(done(&bench), 0);
    confirm(&mut bench).unwrap();
    assert_eq!(done(&bench), 1);
    bench.place("p", Stage::Shadow);
    bench
        .demotes("p", Stage::Research, "risk-1", "risk")
        .unwrap();
    assert_eq!(done(&bench), 0);
}

#[test]
fn live_falls_stage_by_stage_in_the_order_of_time_and_halts() {
    let (mut bench, _) = promoted();
    bench.place("p", Stage::Live);
    let granted = bench.now;
    let (mut at_once, mut in_steps) = (bench.state.clone(), bench.state.clone());
    let end = granted.plus_days(400);
    settle(&mut at_once, end);
    for day in 0..400 {
        settle(&mut in_steps, granted.plus_days(day));
    }
    settle(&mut in_steps, end);
    // I6: derived state depends on the events and the time, not on when somebody looked.
    assert_eq!(at_once, in_steps);
    let falls: Vec<_> = at_once
        .safety
        .derived
        .iter()
        .map(|d| (d.to, d.time.millis_since(granted) / 86_400_000))
        .collect();
    assert_eq!(
        falls,
        [
            (Stage::Testnet, 97),
            (Stage::Shadow, 194),
            (Stage::Research, 291)
        ]
    );
    let halts = &at_once.safety.halts;
    assert_eq!((halts.len(), halts[0].cause), (1, Cause::Certificate));
    assert_eq!(halts[0].time, granted.plus_days(97));
    assert_eq!(at_once.halt_epochs(&portfolio("p")).portfolio, 1);
}

#[test]
fn a_certificate_after_the_halt_lets_it_be_resumed() {
    let (mut bench, _) = promoted();
    bench.halts(scope("p"), "ops-1", "ops").unwrap();
    bench.days(6);
    assert_eq!(slug(bench.resumes(BOTH)), "recertification-wanted");
    let act = bench.certificate("p", good());
    bench.certifies(act, RISK).unwrap();
    bench.resumes(BOTH).unwrap();
    bench.folds_the_same_again();
}

#[test]
fn a_live_portfolio_is_resumed_only_with_a_certificate() {
    let (mut bench, _) = promoted();
    bench.place("p", Stage::Live);
    bench.halts(HaltScope::Global, "risk-1", "risk").unwrap();
    assert_eq!(slug(bench.resumes(BOTH)), "recertification-wanted");
}

pub const TWO: &[(&str, &str)] = &[("risk-1", "risk"), ("risk-2", "risk")];

/// A ledger whose policy set has one soft criterion, with a third risk person.
pub fn soft() -> Bench {
    let mut files = embedded_files();
    let text = String::from_utf8(files["conservative.toml"].clone()).unwrap();
    let (before, after) = text.split_once("id = \"crash_drawdown\"").unwrap();
    let softer = after.replacen("enforcement = \"hard\"", "enforcement = \"soft\"", 1);
    let text = format!("{before}id = \"crash_drawdown\"{softer}");
    files.insert("conservative.toml".into(), text.into_bytes());
    let mut bench = Bench::with(|_| {}, files);
    bench.enrol("risk-3", Role::Risk);
    bench
}

/// Facts that miss the soft criterion only.
pub fn missed() -> Vec<Fact> {
    facts("1.05", "0.18", "0.31")
}

impl Bench {
    pub fn word(&self, criterion: &str) -> Override {
        Override {
            portfolio: portfolio("p"),
            profile: ProfileId::new("conservative").unwrap(),
            target: Target::Shadow,
            criterion: CriterionId::new(criterion).unwrap(),
            evidence_sha256: Digest::of(b"s1"),
            policy_sha256: self.state.policy.digest(),
            until: self.now.plus_days(3),
            reason: "one crash scenario is out of date".into(),
        }
    }

    pub fn overrides(&mut self, word: Override, signers: &[(&str, &str)]) -> Result<(), Refusal> {
        let signed = self.together(act(SafetyAct::Override(word)), signers);
        self.submit(signed)
    }

    pub fn reviews(&mut self, person: &str) -> Result<(), Refusal> {
        let review = act(SafetyAct::OverrideReview(OverrideReview {
            reviewed: self.state.safety.overrides[0].mark.leaf,
            portfolio: portfolio("p"),
            finding: "it held".into(),
        }));
        let signed = self.signed(review, person, "risk");
        self.submit(signed)
    }
}

/// In SHADOW by an override that risk-1 and risk-2 signed.
pub fn promoted_by_override() -> Bench {
    let mut bench = soft();
    let word = bench.word("crash_drawdown");
    bench.overrides(word, TWO).unwrap();
    let id = bench.judged("p", "s1", missed());
    bench.approve(&id, "risk-3", "risk").unwrap();
    bench.decide(&id).unwrap();
    bench
}

#[test]
fn an_override_is_for_soft_criteria_by_two_risk_persons_for_hours() {
    let mut bench = soft();
    let fine = bench.word("crash_drawdown");
    for signers in [
        &[("risk-1", "risk")][..],
        BOTH,
        &[("risk-1", "risk"), ("risk-2", "risk"), ("risk-3", "risk")],
    ] {
        assert_eq!(
            slug(bench.overrides(fine.clone(), signers)),
            "signers-wanted"
        );
    }
    let cases = [
        (bench.word("max_drawdown"), "override-not-soft"),
        (bench.word("no_such_thing"), "unknown-criterion"),
        (
            Override {
                target: Target::Live,
                ..fine.clone()
            },
            "override-at-live",
        ),
        (
            Override {
                until: bench.now.plus_days(3).plus_millis(1),
                ..fine.clone()
            },
            "override-too-long",
        ),
        (
            Override {
                until: bench.now,
                ..fine.clone()
            },
            "override-too-long",
        ),
        (
            Override {
                policy_sha256: Digest::of(b"draft"),
                ..fine.clone()
            },
            "policy-not-in-force",
        ),
        (
            Override {
                reason: String::new(),
                ..fine.clone()
            },
            "text-wanted",
        ),
    ];
    for (word, wanted) in cases {
        assert_eq!(slug(bench.overrides(word, TWO)), wanted);
    }
    bench.halts(scope("p"), "ops-1", "ops").unwrap();
    assert_eq!(slug(bench.overrides(fine, TWO)), "halted");
}

#[test]
fn a_verdict_rests_on_an_override_and_replays() {
    let bench = promoted_by_override();
    let record = &bench.state.requests[&RequestId::new("p-0001").unwrap()];
    let verdict = &record.judged.as_ref().unwrap().verdict;
    let judged = |id: &str| {
        verdict
            .criteria
            .iter()
            .find(|j| j.id.as_str() == id)
            .unwrap()
    };
    assert_eq!(judged("crash_drawdown").zone, Zone::Overridden);
    assert_eq!(
        judged("crash_drawdown").reason.as_deref(),
        Some("overridden")
    );
    assert_eq!(bench.stage("p"), Stage::Shadow);
    assert!(flags(&bench.state, &portfolio("p"), bench.now).post_review_due);
    bench.folds_the_same_again();
}

#[test]
fn its_signers_fill_no_risk_slot_of_the_request_that_uses_it() {
    let mut bench = soft();
    let word = bench.word("crash_drawdown");
    bench.overrides(word, TWO).unwrap();
    let id = bench.judged("p", "s1", missed());
    for person in ["risk-1", "risk-2"] {
        let refusal = bench.approve(&id, person, "risk").unwrap_err();
        assert_eq!(
            (refusal.slug(), refusal.class()),
            ("override-signer-fills-slot", Class::NotAuthorised)
        );
    }
    bench.approve(&id, "risk-3", "risk").unwrap();
    // Of a request that does not need it they do.
    let mut other = soft();
    let word = other.word("crash_drawdown");
    other.overrides(word, TWO).unwrap();
    let id = other.judged("p", "s1", good());
    other.approve(&id, "risk-1", "risk").unwrap();
    other.decide(&id).unwrap();
    assert!(!flags(&other.state, &portfolio("p"), other.now).post_review_due);
}

#[test]
fn an_override_counts_only_when_recorded_before_for_this_evidence_and_in_time() {
    // Other evidence.
    let mut bench = soft();
    let word = bench.word("crash_drawdown");
    bench.overrides(word, TWO).unwrap();
    let id = bench.judged("p", "s2", missed());
    assert_eq!(bench.status(&id), Status::Revise);
    // Too late.
    let mut bench = soft();
    let word = bench.word("crash_drawdown");
    bench.overrides(word, TWO).unwrap();
    bench.days(3);
    let id = bench.judged("p", "s1", missed());
    assert_eq!(bench.status(&id), Status::Revise);
    // After the request.
    let mut bench = soft();
    let request = bench.request("p", "s1");
    bench.ask(request).unwrap();
    let word = bench.word("crash_drawdown");
    bench.overrides(word, TWO).unwrap();
    bench.evaluate("p-0001", missed()).unwrap();
    assert_eq!(bench.status("p-0001"), Status::Revise);
    // Another portfolio with the same evidence.
    let mut bench = soft();
    let word = bench.word("crash_drawdown");
    bench.overrides(word, TWO).unwrap();
    let id = bench.judged("q", "s1", missed());
    assert_eq!(bench.status(&id), Status::Revise);
    bench.folds_the_same_again();
}

#[test]
fn an_override_ends_with_a_halt_in_its_scope() {
    let conservative = ProfileId::new("conservative").unwrap();
    let other = ProfileId::new("aggressive").unwrap();
    for (halted, stands) in [
        (HaltScope::Global, false),
        (HaltScope::Profile(conservative), false),
        (scope("p"), false),
        (HaltScope::Profile(other), true),
        (scope("q"), true),
    ] {
        let mut bench = soft();
        let word = bench.word("crash_drawdown");
        bench.overrides(word, TWO).unwrap();
        bench.halts(halted.clone(), "ops-1", "ops").unwrap();
        bench.resumes(BOTH).unwrap();
        let id = bench.judged("p", "s1", missed());
        let wanted = match stands {
            true => Status::AwaitingApproval,
            false => Status::Revise,
        };
        assert_eq!(bench.status(&id), wanted, "{halted}");
        bench.folds_the_same_again();
    }
    // So it does with a halt that follows from something else.
    let mut bench = soft();
    let word = bench.word("crash_drawdown");
    bench.overrides(word, TWO).unwrap();
    let mut state = bench.state.clone();
    bench.judged("p", "s1", good());
    bench.incident("p", Severity::Medium).unwrap();
    assert!(bench.state.safety.overrides[0].ended.is_some());
    settle(&mut state, bench.now.plus_days(1));
    assert!(state.safety.overrides[0].ended.is_none());
}

#[test]
fn a_value_that_is_not_known_is_overridden_by_nobody() {
    let mut bench = soft();
    let word = bench.word("crash_drawdown");
    bench.overrides(word, TWO).unwrap();
    let mut without = good();
    without.remove(2);
    let id = bench.judged("p", "s1", without);
    assert_eq!(bench.status(&id), Status::Revise);
}

#[test]
fn the_review_is_by_another_risk_person_and_in_time() {
    let mut bench = promoted_by_override();
    assert_eq!(slug(bench.reviews("risk-1")), "review-by-signer");
    bench.reviews("risk-3").unwrap();
    assert_eq!(slug(bench.reviews("risk-3")), "no-review-due");
    bench.days(8);
    let mut later = bench.state.clone();
    settle(&mut later, bench.now);
    assert_eq!(later.portfolios[&portfolio("p")].stage, Stage::Shadow);
    assert!(!flags(&later, &portfolio("p"), bench.now).post_review_due);
}

#[test]
fn a_missed_review_costs_the_stage_and_halts() {
    let mut bench = promoted_by_override();
    let decided = bench.now;
    let at = |bench: &Bench, more: i64| {
        let mut state = bench.state.clone();
        let now = decided.plus_days(7).plus_millis(more);
        settle(&mut state, now);
        let halted = flags(&state, &portfolio("p"), now).halted;
        (state.portfolios[&portfolio("p")].stage, halted)
    };
    assert_eq!(at(&bench, -1), (Stage::Shadow, false));
    assert_eq!(at(&bench, 0), (Stage::Research, true));
    bench.days(8);
    bench.judged("q", "s9", good());
    let halt = bench.state.safety.halts[0].clone();
    assert_eq!(
        (halt.cause, halt.time),
        (Cause::MissedReview, decided.plus_days(7))
    );
    let mut request = bench.request("p", "s2");
    request.evidence[0].result_sha256 = Digest::of(b"new result");
    assert_eq!(slug(bench.ask(request)), "halted");
    // It is made up for, and the halt is lifted by two persons.
    bench.reviews("risk-3").unwrap();
    bench.resumes(BOTH).unwrap();
    bench.folds_the_same_again();
}

/// A real ledger: nobody chooses its time.
pub fn real() -> Bench {
    Bench::with(|genesis| genesis.sandbox = false, embedded_files())
}

impl Bench {
    pub fn acknowledges(
        &mut self,
        clock: UtcTime,
        signers: &[(&str, &str)],
    ) -> Result<(), Refusal> {
        let word = act(SafetyAct::ClockAcknowledgement(ClockAcknowledgement {
            clock,
            last: self.state.last_time(),
            reason: "the host was off for the holidays".into(),
        }));
        let signed = self.together(word, signers);
        self.submit(signed)
    }
}

#[test]
fn a_clock_far_ahead_raises_nothing_before_risk_and_ops_acknowledge() {
    let mut bench = real();
    let id = bench.judged("p", "s1", good());
    let clock = bench.now;
    assert_eq!(slug(bench.acknowledges(clock, BOTH)), "clock-in-order");
    bench.days(7);
    bench.now = bench.now.plus_millis(1);
    assert_eq!(slug(bench.approve(&id, "risk-1", "risk")), "clock-ahead");
    let request = bench.request("q", "s2");
    assert_eq!(slug(bench.ask(request)), "clock-ahead");
    // What lowers risk is accepted meanwhile.
    let mut lowered = bench.clone();
    lowered.halts(scope("p"), "ops-1", "ops").unwrap();
    let mut lowered = bench.clone();
    lowered.deny(&id, "risk-1", "risk").unwrap();
    let clock = bench.now;
    assert_eq!(slug(bench.acknowledges(clock, RISK)), "signers-wanted");
    let later = clock.plus_millis(1);
    assert_eq!(slug(bench.acknowledges(later, BOTH)), "statement-differs");
    bench.acknowledges(clock, BOTH).unwrap();
    bench.approve(&id, "risk-1", "risk").unwrap();
    // On a real ledger the decision for SHADOW still waits for its checklist, and for nothing else.
    let Err(Refusal::Pending { missing }) = bench.decide(&id) else {
        panic!("the checklist is binding");
    };
    assert!(missing.iter().all(|m| m.code == "checklist"), "{missing:?}");
    bench.folds_the_same_again();
}

#[test]
fn a_decision_is_not_taken_by_a_clock_far_ahead() {
    let mut bench = real();
    let id = bench.judged("p", "s1", good());
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.days(8);
    assert_eq!(slug(bench.decide(&id)), "clock-ahead");
}

#[test]
fn a_clock_behind_is_accepted_for_a_day() {
    let mut bench = real();
    let before = limits(&bench.state).behind_ms;
    let clock = bench.state.last_time().plus_millis(-before);
    assert_eq!(slug(bench.acknowledges(clock, BOTH)), "clock-in-order");
    let clock = bench.state.last_time().plus_millis(-5_000);
    bench.acknowledges(clock, BOTH).unwrap();
    assert_eq!(limits(&bench.state).behind_ms, before + 5_000);
    bench.judged("p", "s1", good());
    bench.days(2);
    bench.judged("q", "s2", good());
    assert_eq!(limits(&bench.state).behind_ms, before);
    bench.folds_the_same_again();
}

#[test]
fn sandboxes_choose_their_time_and_a_remark_changes_nothing() {
    let mut bench = Bench::new();
    bench.days(300);
    let clock = bench.now;
    assert_eq!(slug(bench.acknowledges(clock, BOTH)), "clock-in-order");
    bench.judged("p", "s1", good());
    let remark = ClockRemark {
        entry: bench.entries.last().unwrap().leaf_hash,
        clock,
    };
    let by_hand = bench.signed(act(SafetyAct::ClockRemark(remark)), "ops-1", "ops");
    assert!(!bench.clone().append(&by_hand));
    let before = bench.state.portfolios.clone();
    bench.engine(Command::ClockRemark(remark)).unwrap();
    assert_eq!(bench.state.portfolios, before);
    assert_eq!(bench.state.safety.clock_remarks, [remark]);
    bench.folds_the_same_again();
}

#[test]
fn a_stage_is_judged_on_the_session_that_runs() {
    let set = PolicySet::load(embedded_files()).unwrap();
    let policy = set.policy(&"aggressive".parse().unwrap()).unwrap();
    let (mut bench, _) = promoted();
    let count = |policy: &Policy, sample: Sample| {
        let extra = policy.criteria.iter().flat_map(|c| &c.extra_checks);
        let criteria = policy.criteria.iter().map(|c| c.sample);
        let all: Vec<Sample> = criteria.chain(extra.map(|check| check.sample)).collect();
        (
            policy.criteria.len(),
            all.iter().filter(|s| **s == sample).count(),
        )
    };
    let (all, shadow) = count(policy, Sample::Shadow);
    let (_, testnet) = count(policy, Sample::Testnet);
    let (_, live) = count(policy, Sample::Live);
    let (_, oos) = count(policy, Sample::Oos);
    assert!(shadow > 0 && testnet > 0 && oos > 0);
    let mut at = |stage: Stage, days: i64, millis: i64| {
        bench.place("p", stage);
        let held = &bench.state.portfolios[&portfolio("p")];
        policy_of_stage(policy, held, bench.now.plus_days(days).plus_millis(millis))
    };
    assert_eq!(at(Stage::Shadow, 1, 0), *policy);
    for days in [1, 30] {
        let judged = at(Stage::Testnet, days, 0);
        assert_eq!(count(&judged, Sample::Shadow), (all, 0));
        assert_eq!(count(&judged, Sample::Testnet), (all, testnet + shadow));
        assert_eq!(count(&judged, Sample::Oos), (all, oos));
    }
    // A session in LIVE that is younger than seven days is judged without the session before.
    let young = at(Stage::Live, 7, -1);
    assert_eq!(count(&young, Sample::Shadow).1, shadow);
    assert_eq!(count(&young, Sample::Testnet).1, 0);
    assert_eq!(count(&young, Sample::Live).1, live);
    assert!(young.criteria.len() < all);
    let grown = at(Stage::Live, 7, 0);
    assert_eq!(count(&grown, Sample::Shadow), (all, shadow));
    assert_eq!(count(&grown, Sample::Testnet), (all, 0));
    assert_eq!(count(&grown, Sample::Live), (all, live + testnet));
}

#[test]
fn the_list_of_a_certificate_is_sorted_and_its_quorum_may_be_more() {
    let (mut bench, _) = promoted();
    bench.days(80);
    let act = bench.certificate("p", good());
    let asks = |change: &dyn Fn(&mut Recertification), signers: &[(&str, &str)]| {
        let mut act = act.clone();
        change(&mut act);
        let outcome = bench.clone().certifies(act, signers);
        outcome.map_err(|refusal| refusal.slug())
    };
    let of = |kind: EvidenceKind, word: &str| EvidenceRef {
        kind,
        evidence_sha256: Digest::of(word.as_bytes()),
        result_sha256: Digest::of(word.as_bytes()),
    };
    let shadow = |word: &str| of(EvidenceKind::Shadow, word);
    let wrong = Err("evidence-list");
    let and_shadow = |a: &mut Recertification| {
        a.evidence.push(shadow("a"));
        let bundles = a.evidence.iter().map(|e| e.evidence_sha256);
        a.grounds.seals = seals(bundles, "research-2");
    };
    // In SHADOW nothing is read from sessions: one bundle of research, and no other.
    assert_eq!(asks(&and_shadow, RISK), wrong);
    let twice = |a: &mut Recertification| a.evidence.extend([shadow("a"), shadow("b")]);
    assert_eq!(asks(&twice, RISK), wrong);
    assert_eq!(asks(&|a| a.evidence.insert(0, shadow("a")), RISK), wrong);
    let producers = |names: &[&str]| {
        let named: Vec<PersonId> = names.iter().map(|n| PersonId::new(n).unwrap()).collect();
        asks(&|a| a.producers.clone_from(&named), RISK)
    };
    // Each is one who sealed a bundle.
    assert_eq!(producers(&["research-2"]), Ok(()));
    assert_eq!(producers(&["research-1", "research-2"]), wrong);
    assert_eq!(producers(&["research-2", "research-1"]), wrong);
    assert_eq!(producers(&["research-2", "research-2"]), wrong);
    let unsigned = |a: &mut Recertification| {
        a.producers.clear();
        a.grounds.seals.clear();
    };
    assert_eq!(asks(&unsigned, RISK), Ok(()));
    assert_eq!(producers(&["eve"]), wrong);
    // More than the quorum sign as well.
    assert_eq!(
        asks(&|_| {}, &[("risk-1", "risk"), ("risk-2", "risk")]),
        Ok(())
    );
    let mut regulated = bench.clone();
    regulated.place("p", Stage::Testnet);
    regulated.state.genesis.preset = "regulated".into();
    let mut act = act.clone();
    act.stage = Stage::Testnet;
    let held = &regulated.state.portfolios[&portfolio("p")];
    act.decision_sha256 = judge(&regulated.state, held, &act).unwrap().1;
    let both = [("research-3", "research"), ("risk-1", "risk")];
    assert_eq!(slug(regulated.certifies(act, &both)), "witnesses-wanted");
}

#[test]
fn a_certificate_is_over_the_present_portfolio() {
    let (mut bench, _) = promoted();
    bench.days(80);
    let act = SafetyAct::Recertification(Box::new(bench.certificate("p", good())));
    let signed = bench.together(Act::Safety(Box::new(act)), RISK);
    bench.clone().submit(signed.clone()).unwrap();
    bench.judged("q", "s8", good());
    bench.clone().submit(signed.clone()).unwrap();
    bench.judged("p", "s9", good());
    assert_eq!(slug(bench.submit(signed)), "state-moved");
}

#[test]
fn only_its_own_certificate_after_the_halt_serves_a_portfolio() {
    let (mut bench, _) = promoted();
    let id = bench.judged("q", "s2", good());
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.decide(&id).unwrap();
    let certify = |bench: &mut Bench, name: &str| {
        let act = bench.certificate(name, good());
        bench.certifies(act, RISK).unwrap();
    };
    let serves = |bench: &Bench| {
        let halt = bench.state.safety.halts.last().unwrap();
        ["p", "q"].map(|name| after(&bench.state, &portfolio(name), halt))
    };
    certify(&mut bench, "p");
    certify(&mut bench, "q");
    bench.halts(HaltScope::Global, "ops-1", "ops").unwrap();
    assert_eq!(serves(&bench), [false, false]);
    certify(&mut bench, "q");
    assert_eq!(serves(&bench), [false, true]);
    certify(&mut bench, "p");
    assert_eq!(serves(&bench), [true, true]);
    // What p was certified on is spent when p falls, and nothing of q's.
    bench
        .demotes("p", Stage::Research, "risk-1", "risk")
        .unwrap();
    let spent = &bench.state.safety.spent[&portfolio("p")];
    for record in &bench.state.safety.certificates {
        let own = record.act.portfolio == portfolio("p");
        assert_eq!(spent.contains(&record.act.evidence[0].result_sha256), own);
    }
}

#[test]
fn a_clock_that_is_off_is_told_in_hours_and_accepted_however_far_behind() {
    let mut bench = real();
    let id = bench.judged("p", "s1", good());
    let mut ahead = bench.clone();
    ahead.days(9);
    let refused = ahead.approve(&id, "risk-1", "risk").unwrap_err();
    assert_eq!(refused, Refusal::ClockAhead { hours: 216 });
    let clock = bench.state.last_time().plus_days(-3);
    bench.acknowledges(clock, BOTH).unwrap();
    assert!(limits(&bench.state).behind_ms >= 3 * 86_400_000);
}

#[test]
fn classes_of_incidents_are_read_as_they_are_written() {
    use IncidentClass::{DataGap, Exchange, Other, PnlDivergence, RiskLimit};
    for class in [PnlDivergence, DataGap, RiskLimit, Exchange, Other] {
        assert_eq!(class.as_str().parse(), Ok(class), "{}", class.as_str());
    }
    assert!("weather".parse::<IncidentClass>().is_err());
}

#[test]
fn nobody_uses_up_the_nonce_of_somebody_else() {
    let (mut bench, _) = promoted();
    let halted = bench.signed(halt(scope("p"), false), "ops-1", "ops");
    // research-3 has read the halt where it lies, before the ledger has it.
    let start = Act::Track(Box::new(TrackAct::TrialStart(TrialStart {
        record_sha256: Digest::of(b"record"),
        portfolio: PortfolioId::new("q").unwrap(),
        what: TrialKind::Sweep,
        runs: 1,
        strategy_sha256: None,
    })));
    let thief = key("research-3");
    let mut other = bench.statement(start, "research-3", "research", &thief);
    other.nonce = halted.statement.nonce.clone();
    bench.submit(sign(&other, &[&thief])).unwrap();
    bench.submit(halted.clone()).unwrap();
    assert_eq!(bench.state.safety.halts.len(), 1);
    // Its own signer uses it once, for a halt too.
    let mut again = bench.statement(halt(scope("q"), false), "ops-1", "ops", &key("ops-1"));
    again.nonce = halted.statement.nonce.clone();
    assert_eq!(
        slug(bench.submit(sign(&again, &[&key("ops-1")]))),
        "nonce-used"
    );
    assert_eq!(bench.again(), bench.state);
}
