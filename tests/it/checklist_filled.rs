//! What fills the checklist items that nobody confirms: the request, its verdict, the approvals that
//! count, and the rest of the list.

use std::sync::Arc;

use promote::governance::policy::checklists::Kind;
use promote::governance::policy::roles::Role;
use promote::governance::policy::set::{PolicySet, embedded_files};
use promote::governance::promotion::missing::count;
use promote::governance::promotion::oversight::checklist::standings;
use promote::governance::promotion::quorum::Tally;
use promote::governance::promotion::state::{RequestRecord, State};
use promote::governance::stage::Target;
use promote::kernel::digest::Digest;
use promote::kernel::id::{PersonId, RequestId};

use crate::checklist_items::asked;
use crate::machine::{Bench, facts, good};
use crate::safety::portfolio;

/// The items that fill themselves and are filled.
fn filled(state: &State, target: Target, by: Option<(&RequestRecord, &Tally)>) -> Vec<String> {
    let list = standings(state, &portfolio("p"), target, by);
    let auto = list.iter().filter(|s| s.item.kind == Kind::Auto && s.done);
    auto.map(|s| s.item.id.to_string()).collect()
}

fn record(bench: &Bench, id: &str) -> RequestRecord {
    bench.state.requests[&RequestId::new(id).unwrap()].clone()
}

#[test]
fn a_list_is_complete_when_every_item_of_a_person_is_done() {
    let (mut bench, id) = asked();
    bench.confirms_all(Target::Shadow);
    let record = record(&bench, &id);
    let tally = count(&bench.state, &record, bench.now);
    let complete = |state: &State| {
        let with = filled(state, Target::Shadow, Some((&record, &tally)));
        (filled(state, Target::Shadow, None), with)
    };
    let (alone, with) = complete(&bench.state);
    assert_eq!(alone, ["checklist_complete"]);
    let all = [
        "backtest_history",
        "limits_configured",
        "checklist_complete",
    ];
    assert_eq!(with, all);
    // One confirmation less, whichever it is.
    let key = (portfolio("p"), Target::Shadow);
    let given = bench.state.oversight.confirmed[&key].len();
    assert_eq!(given, 9);
    for at in 0..given {
        let mut state = bench.state.clone();
        let list = state.oversight.confirmed.get_mut(&key).unwrap();
        list.remove(at);
        let (alone, with) = complete(&state);
        assert!(alone.is_empty(), "{at}: {alone:?}");
        assert_eq!(with, ["backtest_history", "limits_configured"], "{at}");
    }
}

#[test]
fn what_names_the_verdict_is_filled_by_one_that_promotes() {
    for (facts, wanted) in [
        (good(), vec!["backtest_history", "limits_configured"]),
        (facts("0.5", "0.18", "0.26"), vec![]),
    ] {
        let mut bench = Bench::new();
        let id = bench.judged("p", "s1", facts);
        let mut record = record(&bench, &id);
        let tally = count(&bench.state, &record, bench.now);
        let found = filled(&bench.state, Target::Shadow, Some((&record, &tally)));
        assert_eq!(found, wanted);
        record.judged = None;
        let found = filled(&bench.state, Target::Shadow, Some((&record, &tally)));
        assert!(found.is_empty(), "{found:?}");
    }
}

/// The record of a request by research-1 that `approvers` approved in these roles, counted as one
/// for TESTNET; what of the list before `target` is filled.
fn filled_by(files: PolicySet, approvers: &[(&str, Role)], target: Target) -> Vec<String> {
    let (mut bench, id) = asked();
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.state.policy = Arc::new(files);
    let mut record = record(&bench, &id);
    record.request.target = Target::Testnet;
    let given = record.approvals.remove(0);
    for (person, role) in approvers {
        let mut approved = given.clone();
        approved.role = *role;
        approved.mark.person = PersonId::new(person).unwrap();
        approved.mark.leaf = Digest::of(person.as_bytes());
        approved.mark.key = bench.state.persons[&approved.mark.person].keys[0].clone();
        record.approvals.push(approved);
    }
    let tally = count(&bench.state, &record, bench.now);
    filled(&bench.state, target, Some((&record, &tally)))
}

#[test]
fn a_slot_is_filled_by_an_approval_in_its_role_that_counts() {
    let shipped = || PolicySet::embedded().unwrap();
    let by_research = || {
        let mut files = embedded_files();
        let text = String::from_utf8(files["checklists.toml"].clone()).unwrap();
        let text = text.replace("source = \"slot_risk\"", "source = \"slot_research\"");
        files.insert("checklists.toml".into(), text.into_bytes());
        PolicySet::load(files).unwrap()
    };
    let risk = ("risk-1", Role::Risk);
    let research = ("research-2", Role::Research);
    let seen = |set: PolicySet, approvers: &[(&str, Role)]| {
        let found = filled_by(set, approvers, Target::Testnet);
        assert!(found.contains(&"owner_approval".to_owned()));
        found.contains(&"risk_review".to_owned())
    };
    for (approvers, by_risk_slot, by_research_slot) in [
        (&[][..], false, false),
        (&[risk], true, false),
        (&[research], false, true),
        (&[research, risk], true, true),
        // No slot asks for ops.
        (&[("ops-1", Role::Ops)], false, false),
    ] {
        assert_eq!(seen(shipped(), approvers), by_risk_slot, "{approvers:?}");
        let found = seen(by_research(), approvers);
        assert_eq!(found, by_research_slot, "{approvers:?}");
    }
}

#[test]
fn two_persons_are_the_requester_and_another_whose_approval_counts() {
    for (approvers, wanted) in [
        (&[][..], false),
        (&[("research-1", Role::Research)], false),
        (&[("ops-1", Role::Ops)], false),
        (&[("risk-1", Role::Risk)], true),
        (
            &[("research-2", Role::Research), ("risk-1", Role::Risk)],
            true,
        ),
    ] {
        let found = filled_by(PolicySet::embedded().unwrap(), approvers, Target::Live);
        for id in ["two_persons", "second_signature"] {
            assert_eq!(found.contains(&id.to_owned()), wanted, "{approvers:?}");
        }
        assert!(found.contains(&"owner_signature".to_owned()));
    }
}
