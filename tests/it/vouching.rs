//! What a request waits for: reruns and registered bars, and whose word counts for it.

use promote::governance::policy::roles::Role;
use promote::governance::policy::set::embedded_files;
use promote::governance::promotion::access::acts::Reason;
use promote::governance::promotion::state::{Mark, RequestRecord, Status};
use promote::governance::promotion::tracks::TrackAct;
use promote::governance::promotion::tracks::dataset::Dataset;
use promote::governance::promotion::tracks::rerun::Rerun;
use promote::governance::promotion::tracks::shown::Shown;
use promote::governance::promotion::tracks::wanting::{lines, vouchers, without_registration};
use promote::governance::stage::Target;
use promote::kernel::digest::Digest;
use promote::kernel::id::{PersonId, RequestId};
use promote::kernel::time::UtcTime;

use crate::machine::{Bench, good, slug};
use crate::token::revoke;

fn bars() -> Digest {
    Digest::of(b"bars")
}

/// From which targets on the shipped set wants reruns and registered bars.
const SHIPPED: &str = "rerun_from = \"testnet\"\nregistered_data_from = \"live\"";

/// A ledger whose request of `p` names its bars and waits for approval, under the shipped set with
/// other `rules` in their place.
fn asked_under(rules: &str) -> Bench {
    let mut files = embedded_files();
    let text = String::from_utf8(files["roles.toml"].clone()).unwrap();
    assert!(text.contains(SHIPPED));
    let changed = text.replace(SHIPPED, rules).into_bytes();
    files.insert("roles.toml".into(), changed);
    let mut bench = Bench::with(|_| {}, files);
    let mut request = bench.request("p", "s1");
    request.grounds.data = vec![bars()];
    bench.ask(request).unwrap();
    bench.evaluate("p-0001", good()).unwrap();
    bench
}

fn asked() -> Bench {
    asked_under(SHIPPED)
}

/// The request as one for `target`.
fn for_target(bench: &Bench, target: Target) -> RequestRecord {
    let id = RequestId::new("p-0001").unwrap();
    let mut record = bench.state.requests[&id].clone();
    record.request.target = target;
    record
}

/// Codes of what `record` waits for at `now`.
fn waits(bench: &Bench, record: &RequestRecord, now: UtcTime) -> Vec<String> {
    let mut list = Vec::new();
    lines(&bench.state, record, now, &mut list);
    list.into_iter().map(|line| line.code).collect()
}

/// Who vouches for `record` at `now`, group by group.
fn vouch<'b>(bench: &'b Bench, record: &'b RequestRecord, now: UtcTime) -> Vec<Vec<&'b str>> {
    let name = |mark: &'b Mark| mark.person.as_str();
    let groups = vouchers(&bench.state, record, now).into_iter();
    groups
        .map(|group| group.into_iter().map(name).collect())
        .collect()
}

impl Bench {
    fn reruns(&mut self, who: &str, role: &str) {
        let act = TrackAct::Rerun(Rerun {
            evidence_sha256: Digest::of(b"s1"),
            result_sha256: Digest::of(b"result of s1"),
            data: vec![bars()],
            version: "1".into(),
            commit: String::new(),
        });
        self.leaves(act, (who, role)).unwrap();
    }

    fn registers(&mut self, who: &str, role: &str) {
        let act = TrackAct::Dataset(Dataset {
            sha256: bars(),
            symbol: "BTC/EUR".into(),
            timeframe: "1d".into(),
            first: self.now.plus_days(-9),
            last: self.now.plus_days(-1),
            rows: 9,
            synthetic: false,
            source: "the exchange".into(),
            retrieved_at: self.now,
        });
        self.leaves(act, (who, role)).unwrap();
    }
}

#[test]
fn what_is_wanted_begins_at_the_targets_of_the_policy_set() {
    let all: [&[&str]; 3] = [&[], &["rerun"], &["rerun", "dataset"]];
    let [none, rerun, both] = all;
    for (rerun_from, data_from, wanted) in [
        ("testnet", "live", [none, rerun, both]),
        ("testnet", "testnet", [none, both, both]),
        ("shadow", "live", [rerun, rerun, both]),
        ("shadow", "shadow", [both, both, both]),
        ("live", "live", [none, none, both]),
    ] {
        let rules =
            format!("rerun_from = \"{rerun_from}\"\nregistered_data_from = \"{data_from}\"");
        let bench = asked_under(&rules);
        for (target, wanted) in [Target::Shadow, Target::Testnet, Target::Live]
            .into_iter()
            .zip(wanted)
        {
            let record = for_target(&bench, target);
            assert_eq!(
                waits(&bench, &record, bench.now),
                *wanted,
                "{rules} {target}"
            );
            // Of each thing that is wanted there is a group, and nobody in it yet.
            let groups = vouch(&bench, &record, bench.now);
            assert_eq!(groups, vec![Vec::<&str>::new(); wanted.len()]);
        }
    }
}

#[test]
fn bars_are_registered_by_somebody_whose_word_counts() {
    let mut bench = asked();
    let record = for_target(&bench, Target::Live);
    let without = |bench: &Bench, partial: &[&str]| {
        let partial = partial.iter().map(|name| PersonId::new(name).unwrap());
        let shown = Shown::by(&record.request, 0);
        without_registration(&bench.state, &shown, &partial.collect())
    };
    assert_eq!(without(&bench, &[]), [bars()]);
    bench.registers("ops-1", "ops");
    assert_eq!(without(&bench, &[]), []);
    assert_eq!(without(&bench, &["ops-1"]), [bars()]);
    assert_eq!(without(&bench, &["risk-1"]), []);
    bench.registers("risk-1", "risk");
    assert_eq!(without(&bench, &["ops-1"]), []);
}

#[test]
fn of_each_group_whoever_is_no_author_vouches() {
    let mut bench = asked();
    // The owner may register bars, and counts for nobody.
    bench.registers("research-1", "research");
    let record = for_target(&bench, Target::Live);
    assert_eq!(waits(&bench, &record, bench.now), ["rerun", "dataset"]);
    bench.reruns("ops-1", "ops");
    assert_eq!(waits(&bench, &record, bench.now), ["dataset"]);
    bench.registers("research-3", "research");
    bench.registers("ops-1", "ops");
    let none: [&str; 0] = [];
    assert_eq!(waits(&bench, &record, bench.now), none);
    let wanted = [vec!["ops-1"], vec!["research-3", "ops-1"]];
    assert_eq!(vouch(&bench, &record, bench.now), wanted);
    let below = for_target(&bench, Target::Testnet);
    assert_eq!(vouch(&bench, &below, bench.now), [["ops-1"]]);
    // Who vouched fills no risk slot.
    bench.reruns("risk-2", "risk");
    let refused = bench.approve("p-0001", "risk-2", "risk");
    assert_eq!(slug(refused), "voucher-fills-slot");
    bench.approve("p-0001", "risk-1", "risk").unwrap();
}

#[test]
fn who_fills_a_risk_or_authoriser_slot_vouches_for_nothing_while_it_is_filled() {
    let mut bench = asked();
    bench.approve("p-0001", "risk-1", "risk").unwrap();
    bench.reruns("risk-1", "risk");
    let record = for_target(&bench, Target::Testnet);
    let until = record.approvals[0].valid_until;
    let (before, open) = (until.plus_millis(-1), vec!["rerun".to_owned()]);
    let nobody: Vec<Vec<&str>> = vec![Vec::new()];
    for role in [Role::Risk, Role::Authoriser] {
        let mut record = record.clone();
        record.approvals[0].role = role;
        assert_eq!(waits(&bench, &record, before), open, "{role}");
        assert_eq!(vouch(&bench, &record, before), nobody, "{role}");
        // An approval that is over fills nothing.
        assert!(waits(&bench, &record, until).is_empty(), "{role}");
        assert_eq!(vouch(&bench, &record, until), [["risk-1"]], "{role}");
    }
    for role in [Role::Research, Role::Ops] {
        let mut record = record.clone();
        record.approvals[0].role = role;
        for now in [before, until] {
            assert!(waits(&bench, &record, now).is_empty(), "{role}");
            assert_eq!(vouch(&bench, &record, now), [["risk-1"]], "{role}");
        }
    }
}

#[test]
fn a_request_ends_when_the_key_that_sealed_its_evidence_is_not_believed_any_more() {
    let by = [("risk-1", "risk"), ("ops-1", "ops")];
    let (left, compromised) = (Some(Reason::Left), Some(Reason::Compromised));
    for (revocations, wanted) in [
        (&[(left, None)][..], Status::AwaitingApproval),
        (&[(compromised, None)], Status::Invalidated),
        (&[(left, Some(1))], Status::Invalidated),
        (&[(left, None), (None, None)], Status::Invalidated),
    ] {
        let mut bench = asked();
        for (reason, from) in revocations {
            revoke(&mut bench, "research-2", *reason, *from, &by).unwrap();
        }
        assert_eq!(bench.status("p-0001"), wanted, "{revocations:?}");
    }
}
