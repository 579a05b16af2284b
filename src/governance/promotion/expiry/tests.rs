//! Settling only what waits, held against settling everything.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::governance::policy::roles::Quorum;
use crate::governance::promotion::apply::apply;
use crate::governance::stage::Target;
use crate::kernel::digest::Digest;

#[path = "../../../../tests/support/large.rs"]
mod large;

/// Settling without any memory: every request is looked at, and everything that may fall due.
fn naive(state: &mut State, now: UtcTime) {
    while let Some(due) = safety::next_due(state, now) {
        naive_requests(state, due.time);
        safety::fall_due(state, due);
    }
    naive_requests(state, now);
    settle_roles(state, now);
}

fn naive_requests(state: &mut State, now: UtcTime) {
    let days = state.rules().request.ttl_days;
    let quorums: BTreeMap<Target, Option<Quorum>> = Target::ALL
        .into_iter()
        .map(|target| (target, state.quorum(target).cloned()))
        .collect();
    for record in state.requests.values_mut() {
        let until = until(record.mark.time, days);
        if record.status.is_open() && now >= until {
            record.status = Status::Expired;
            record.end = Some(End {
                time: until,
                by: None,
            });
        }
        if matches!(record.status, Status::AwaitingApproval | Status::Approved) {
            let quorum = quorums.get(&record.request.target).and_then(Option::as_ref);
            record.status = if tally(quorum, &record.approvals, now).complete {
                Status::Approved
            } else {
                Status::AwaitingApproval
            };
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// After every entry, at every later time, and in steps as well as at once.
    #[test]
    fn settling_only_what_waits_is_settling_everything(
        portfolios in 1_usize..4,
        size in 20_usize..70,
        halted in 0_usize..3,
        days in 0_i64..200,
    ) {
        let mut ledger = large::Large::new(Digest::of(b"schema"));
        ledger.grow(portfolios, size);
        ledger.now = ledger.now.plus_days(days / 4);
        let ids: Vec<_> = ledger.state.portfolios.keys().take(halted).cloned().collect();
        for id in &ids {
            ledger.halt(id);
        }
        ledger.grow(portfolios, size + 20);
        let set = (*ledger.state.policy).clone();
        let mut state = State::begin(&ledger.entries[0], set).unwrap();
        for entry in &ledger.entries[1..] {
            prop_assert!(apply(&mut state, entry), "{:?}", state.findings);
            let now = entry.leaf.time;
            let mut all = state.clone();
            naive(&mut all, now);
            prop_assert_eq!(&all, &state, "something was left to settle at {}", now);
            let mut steps = state.clone();
            for later in [now.plus_millis(1), now.plus_days(days / 2), now.plus_days(days)] {
                settle(&mut steps, later);
                naive(&mut all, later);
                prop_assert_eq!(&all, &steps);
            }
        }
        prop_assert_eq!(state, ledger.state);
    }
}
