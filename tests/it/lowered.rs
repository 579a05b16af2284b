//! What lowers risk and what brings a stage back: each rule of safety for itself.

use promote::evidence::manifest::EvidenceKind;
use promote::governance::policy::roles::Role;
use promote::governance::promotion::missing::missing;
use promote::governance::promotion::oversight::checklist::Confirmed;
use promote::governance::promotion::refusal::Refusal;
use promote::governance::promotion::safety::SafetyAct;
use promote::governance::promotion::safety::certificate::{
    CertificateRecord, Recertification, judge,
};
use promote::governance::promotion::safety::halt::{Cause, Halt, HaltRecord, HaltScope, severity};
use promote::governance::promotion::safety::incident::{
    IncidentClass, IncidentOpening, IncidentRecord, Severity,
};
use promote::governance::promotion::safety::overrides::{Subject, in_force, may_fill};
use promote::governance::promotion::safety::resume::Resume;
use promote::governance::promotion::state::Status;
use promote::governance::promotion::statement::{Act, EvidenceRef};
use promote::governance::promotion::tracks::rerun::{Rerun, RerunRecord};
use promote::governance::promotion::versions::Climbing;
use promote::governance::stage::{Stage, Target};
use promote::kernel::digest::Digest;
use promote::kernel::id::ItemId;

use crate::crafted::{asked, bare, digest, mark, overridden, person, portfolio, registers};
use crate::distrust::vouched;
use crate::machine::{Bench, good, promoted, seals};
use crate::safety::{BOTH, TWO, act, scope, soft};

fn told(bench: &Bench, act: &Act, signers: &[(&str, &str)]) -> Option<&'static str> {
    let mut bench = bench.clone();
    let signed = bench.together(act.clone(), signers);
    bench.asks(&signed).err().map(|refusal| refusal.slug())
}

#[test]
fn words_are_wanted_and_have_an_end() {
    let mut bench = bare();
    bench.enrol("ops-1", Role::Ops);
    let halts = |length: usize| {
        let halt = act(SafetyAct::Halt(Halt {
            scope: scope("p"),
            reason: "x".repeat(length),
            drill: false,
        }));
        told(&bench, &halt, &[("ops-1", "ops")])
    };
    let at = [0, 1, 4096, 4097, 5000].map(halts);
    let (none, long) = (Some("text-wanted"), Some("text-too-long"));
    assert_eq!(at, [none, None, None, long, long]);
}

#[test]
fn a_version_that_goes_on_climbing_keeps_its_evidence_and_its_checklist() {
    let mut bench = bare();
    bench.enrol("ops-1", Role::Ops);
    registers(&mut bench, "p", Stage::Live, "s1");
    let granted = (Target::Shadow, Status::Promoted);
    asked(&mut bench, ("p", "s1"), granted, 0);
    asked(&mut bench, ("p", "s2"), granted, 0);
    let climbing = Climbing {
        strategy: digest("s2"),
        since: bench.now,
    };
    let held = bench.state.portfolios.get_mut(&portfolio("p")).unwrap();
    held.climbing.insert(Stage::Shadow, climbing);
    let now = bench.now;
    let confirmed = |version: &str| Confirmed {
        item: ItemId::new("seen").unwrap(),
        item_sha256: digest("item"),
        mark: mark(1, "ops-1", now),
        date: "2025-12-01".into(),
        document: None,
        version: Some(digest(version)),
    };
    let lists = &mut bench.state.oversight.confirmed;
    let of = |name: &str| (portfolio(name), Target::Shadow);
    lists.insert(of("p"), vec![confirmed("s1"), confirmed("s2")]);
    lists.insert(of("q"), vec![confirmed("s1"), confirmed("s2")]);
    bench.demotes("p", Stage::Testnet, "ops-1", "ops").unwrap();
    let spent: Vec<Digest> = bench.state.safety.spent[&portfolio("p")]
        .iter()
        .copied()
        .collect();
    assert_eq!(spent, [digest("result of s1")]);
    let lists = &bench.state.oversight.confirmed;
    assert_eq!(lists[&of("p")], [confirmed("s2")]);
    assert_eq!(lists[&of("q")], [confirmed("s1"), confirmed("s2")]);
}

#[test]
fn a_resume_in_live_is_signed_over_a_younger_head_than_one_below() {
    for (stage, hours) in [(Stage::Shadow, 24), (Stage::Testnet, 24), (Stage::Live, 2)] {
        let (mut bench, _) = promoted();
        bench.place("p", stage);
        bench.halts(scope("p"), "ops-1", "ops").unwrap();
        let halt = bench.state.safety.halts[0].clone();
        // A certificate since the halt, which LIVE wants.
        let record = CertificateRecord {
            mark: mark(halt.seq + 1, "risk-1", bench.now),
            act: bench.certificate("p", good()),
        };
        bench.state.safety.certificates.push(record);
        let resume = act(SafetyAct::Resume(Resume {
            halt: halt.leaf,
            scope: halt.scope,
            reason: "cause found".into(),
        }));
        let mut signed = bench.together(resume, BOTH);
        signed.statement.expires_at = bench.now.plus_days(9);
        let keys = [bench.key_of("risk-1"), bench.key_of("ops-1")];
        let signed = crate::machine::sign(&signed.statement, &[&keys[0], &keys[1]]);
        // Its head is replaced by an entry about something else.
        bench.halts(scope("z"), "ops-1", "ops").unwrap();
        let replaced = bench.now;
        for (more, wanted) in [(0, None), (1, Some("stale-head"))] {
            bench.now = replaced.plus_millis(hours * 3_600_000 + more);
            let asked = bench.asks(&signed).err().map(|refusal| refusal.slug());
            assert_eq!(asked, wanted, "{stage} {more}");
        }
    }
}

fn incident(name: &str, seq: u64, severity: Severity, bench: &Bench) -> IncidentRecord {
    IncidentRecord {
        mark: mark(seq, "ops-1", bench.now),
        opening: IncidentOpening {
            portfolio: portfolio(name),
            class: IncidentClass::Other,
            severity,
            summary: "x".into(),
        },
        lowered_from: None,
        closed: None,
    }
}

#[test]
fn a_halt_is_as_severe_as_the_incident_that_made_it() {
    let mut bench = bare();
    let list = [(5, Severity::Low), (6, Severity::High)];
    for (seq, severity) in list {
        let record = incident("p", seq, severity, &bench);
        bench.state.safety.incidents.push(record);
    }
    let of = |cause: Cause, seq: u64| {
        let halt = HaltRecord {
            seq,
            leaf: digest("halt"),
            scope: HaltScope::Global,
            cause,
            reason: None,
            time: bench.now,
            by: None,
            resumed: None,
        };
        severity(&bench.state, &halt)
    };
    assert_eq!(of(Cause::Incident, 6), Some(Severity::High));
    assert_eq!(of(Cause::Incident, 5), Some(Severity::Low));
    assert_eq!(of(Cause::Incident, 7), None);
    assert_eq!(of(Cause::Person, 6), None);
}

#[test]
fn an_incident_elsewhere_with_the_same_strategy_is_told_and_an_own_one_once() {
    for (name, of) in [("p", "p"), ("q", "q"), ("z", "")] {
        let mut bench = bare();
        for (name, strategy) in [("p", "s1"), ("q", "s1"), ("z", "other")] {
            registers(&mut bench, name, Stage::Shadow, strategy);
        }
        let open = (Target::Shadow, Status::AwaitingApproval);
        let id = asked(&mut bench, ("p", "s1"), open, 3);
        asked(
            &mut bench,
            ("q", "s1"),
            (Target::Shadow, Status::Promoted),
            2,
        );
        let record = incident(name, 5, Severity::Low, &bench);
        bench.state.safety.incidents.push(record);
        let lines = missing(&bench.state, &bench.state.requests[&id], bench.now);
        let told: Vec<String> = lines
            .into_iter()
            .filter(|line| line.code == "incident_open")
            .map(|line| line.text)
            .collect();
        assert_eq!(told.len(), usize::from(!of.is_empty()), "{told:?}");
        assert!(told.iter().all(|text| text.contains(&format!("for {of} "))));
    }
}

#[test]
fn an_override_counts_for_what_comes_after_it() {
    let mut bench = bare();
    let word = overridden(&bench, "p", 5, "risk-1");
    bench.state.safety.overrides.push(word);
    let evidence = bench.request("p", "s1").evidence;
    let counts = |seq: u64, ms: i64| {
        let subject = Subject {
            portfolio: &portfolio("p"),
            target: Target::Shadow,
            evidence: &evidence,
            policy_sha256: bench.state.policy.digest(),
            seq,
            time: bench.now.plus_days(3).plus_millis(ms),
        };
        !in_force(&bench.state, &subject).is_empty()
    };
    assert_eq!([4, 5, 6].map(|seq| counts(seq, -1)), [false, false, true]);
    assert!(!counts(6, 0));
}

#[test]
fn who_signed_an_override_fills_no_risk_slot_of_what_uses_it_and_any_other() {
    let mut bench = bare();
    registers(&mut bench, "p", Stage::Research, "s1");
    let open = (Target::Shadow, Status::AwaitingApproval);
    let using = asked(&mut bench, ("p", "s1"), open, 6);
    let other = asked(&mut bench, ("p", "s2"), open, 7);
    let mut word = overridden(&bench, "p", 5, "risk-1");
    word.used_by.push(using.clone());
    bench.state.safety.overrides.push(word);
    let fills =
        |request, who: &str, role| may_fill(&bench.state, request, &person(who), role).is_ok();
    assert!(!fills(&using, "risk-1", Role::Risk));
    for role in [Role::Research, Role::Ops, Role::Authoriser] {
        assert!(fills(&using, "risk-1", role), "{role}");
    }
    assert!(fills(&using, "risk-2", Role::Risk));
    assert!(fills(&other, "risk-1", Role::Risk));
}

#[test]
fn a_halt_ends_the_overrides_in_its_scope_and_none_beside_it() {
    let mut bench = bare();
    bench.enrol("ops-1", Role::Ops);
    for name in ["p", "q"] {
        let word = overridden(&bench, name, 1, "risk-1");
        bench.state.safety.overrides.push(word);
    }
    bench.halts(scope("p"), "ops-1", "ops").unwrap();
    let ended = |bench: &Bench| -> Vec<_> {
        let all = bench.state.safety.overrides.iter();
        all.map(|word| word.ended).collect()
    };
    let first = Some(bench.now);
    assert_eq!(ended(&bench), [first, None]);
    bench.days(1);
    bench.halts(HaltScope::Global, "ops-1", "ops").unwrap();
    assert_eq!(ended(&bench), [first, Some(bench.now)]);
}

#[test]
fn an_override_is_signed_over_the_present_portfolio_and_policy() {
    let mut bench = soft();
    registers(&mut bench, "p", Stage::Research, "s1");
    let word = bench.word("crash_drawdown");
    let size = bench.head().size;
    let word = act(SafetyAct::Override(word));
    let at = |touched: u64, policy: u64| {
        let mut bench = bench.clone();
        let held = bench.state.portfolios.get_mut(&portfolio("p")).unwrap();
        held.touched = touched;
        bench.state.policy_touched = policy;
        told(&bench, &word, TWO)
    };
    let moved = Some("state-moved");
    assert_eq!(at(size - 1, size - 1), None);
    assert_eq!([at(size, 0), at(size + 1, 0)], [moved, moved]);
    assert_eq!([at(0, size), at(0, size + 1)], [moved, moved]);
}

#[test]
fn a_certificate_in_live_shows_sessions_from_the_seventh_day_on() {
    let (mut bench, _) = promoted();
    bench.place("p", Stage::Live);
    let since = bench.now;
    let mut asks = |ms: i64| {
        bench.now = since.plus_days(7).plus_millis(ms);
        let act = Box::new(bench.certificate("p", good()));
        let act = Act::Safety(Box::new(SafetyAct::Recertification(act)));
        let by = [("research-3", "research"), ("risk-1", "risk")];
        told(&bench, &act, &by)
    };
    // Before it, the trials behind the research are the next thing that is asked.
    assert_eq!(asks(-1), Some("unregistered"));
    assert_eq!(asks(0), Some("session-evidence-wanted"));
}

/// Where every stage wants a rerun: `p` in `stage`, and a certificate of it by research-2.
fn certified(stage: Stage) -> (Bench, Recertification) {
    let mut bench = vouched();
    registers(&mut bench, "p", stage, "s1");
    asked(
        &mut bench,
        ("p", "s1"),
        (Target::Shadow, Status::Promoted),
        3,
    );
    let mut act = bench.certificate("p", good());
    if stage == Stage::Testnet {
        act.evidence.push(EvidenceRef {
            kind: EvidenceKind::Testnet,
            evidence_sha256: digest("sessions"),
            result_sha256: digest("sessions"),
        });
        act.evidence.sort();
        let bundles = act.evidence.iter().map(|e| e.evidence_sha256);
        act.grounds.seals = seals(bundles, "research-2");
    }
    let held = &bench.state.portfolios[&portfolio("p")];
    act.decision_sha256 = judge(&bench.state, held, &act).unwrap().1;
    (bench, act)
}

/// What is said about the certificate once `who` has run its research again.
fn rerun_by(
    (bench, shown): (Bench, Recertification),
    who: &[&str],
    signers: &[(&str, &str)],
) -> Result<(), Refusal> {
    let mut bench = bench;
    let research = shown
        .evidence
        .iter()
        .find(|e| e.kind == EvidenceKind::Robustness);
    let research = research.unwrap().clone();
    let each = who.iter().map(|who| RerunRecord {
        mark: mark(4, who, bench.now),
        rerun: Rerun {
            evidence_sha256: research.evidence_sha256,
            result_sha256: research.result_sha256,
            data: vec![],
            version: "1".into(),
            commit: "c".into(),
        },
    });
    let list = each.collect();
    let reruns = &mut bench.state.tracks.reruns;
    reruns.insert(research.evidence_sha256, list);
    let act = Act::Safety(Box::new(SafetyAct::Recertification(Box::new(shown))));
    let signed = bench.together(act, signers);
    bench.asks(&signed)
}

#[test]
fn a_rerun_by_an_author_vouches_for_no_certificate() {
    let risk = [("risk-1", "risk")];
    let slug = |who: &[&str]| {
        let asked = rerun_by(certified(Stage::Shadow), who, &risk);
        asked.err().map(|refusal| refusal.slug())
    };
    let wanted = Some("rerun-wanted");
    // Nobody, the producer, the owner.
    for who in [&[][..], &["research-2"], &["research-1"]] {
        assert_eq!(slug(who), wanted, "{who:?}");
    }
    assert_eq!(slug(&["research-3"]), None);
    assert_eq!(slug(&["research-2", "ops-1"]), None);
}

#[test]
fn only_who_takes_the_risk_may_neither_be_an_author_nor_have_vouched() {
    let slug = |who: &[&str], research: &str| {
        let by = [(research, "research"), ("risk-1", "risk")];
        let asked = rerun_by(certified(Stage::Testnet), who, &by);
        asked.err().map(|refusal| refusal.slug())
    };
    // In the research slot both may: what is asked next are the criteria.
    let verdict = Some("certificate-verdict");
    assert_eq!(slug(&["research-3"], "research-3"), verdict);
    assert_eq!(slug(&["research-3"], "research-2"), verdict);
    // In the risk slot neither.
    let vouched = slug(&["risk-1"], "research-3");
    assert_eq!(vouched, Some("voucher-fills-slot"));
    let (bench, mut act) = certified(Stage::Shadow);
    act.producers = vec![person("risk-1")];
    let bundles = act.evidence.iter().map(|e| e.evidence_sha256);
    act.grounds.seals = seals(bundles, "risk-1");
    let author = rerun_by((bench, act), &["research-3"], &[("risk-1", "risk")]);
    assert_eq!(author.unwrap_err().slug(), "author-fills-slot");
}
