//! Revoked evidence reaches what rests on it, and nothing beside it.

use promote::governance::promotion::state::Status;
use promote::governance::promotion::tracks::revocation::hits;
use promote::governance::stage::Stage;
use promote::kernel::digest::Digest;
use promote::kernel::id::{PortfolioId, RequestId};

use crate::machine::{Bench, good, promoted};
use crate::safety::disbelieves;
use crate::tracks::p;

fn digest(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

/// A version is granted SHADOW.
fn rises(bench: &mut Bench, portfolio: &str, strategy: &str) {
    let id = bench.judged(portfolio, strategy, good());
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.decide(&id).unwrap();
}

/// Adds a request of `p` for `strategy` on the bundle `evidence` that was withdrawn.
fn withdrew(bench: &mut Bench, strategy: &str, evidence: &str) {
    let mut record = bench.state.requests[&RequestId::new("p-0001").unwrap()].clone();
    let id = bench.state.next_request_id(&p()).unwrap();
    record.status = Status::Withdrawn;
    record.request.request = id.clone();
    record.request.strategy_sha256 = digest(strategy);
    record.request.evidence[0].evidence_sha256 = digest(evidence);
    record.request.evidence[0].result_sha256 = digest("a result of its own");
    bench.state.requests.insert(id.clone(), record);
    let held = bench.state.portfolios.get_mut(&p()).unwrap();
    held.requests.push(id);
}

#[test]
fn what_is_live_is_hit_through_a_granted_request_of_its_own_version() {
    let (mut bench, _) = promoted();
    rises(&mut bench, "q", "s2");
    withdrew(&mut bench, "s1", "never granted");
    bench.place("p", Stage::Live);
    let live = |name: &str| hits(&bench.state, &digest(name)).live;
    assert_eq!(live("s1"), [p()]);
    let none: [PortfolioId; 0] = [];
    // Another portfolio was granted its stage on the one, nobody on the other.
    for name in ["s2", "never granted", "unknown"] {
        assert_eq!(live(name), none, "{name}");
    }
    let named = hits(&bench.state, &digest("never granted")).requests;
    assert_eq!(named.len(), 1);
    assert_eq!(named[0].status, Status::Withdrawn);
}

#[test]
fn a_climbing_version_begins_anew_when_its_own_evidence_is_revoked() {
    for (revoked, stays) in [
        ("s1", true),
        ("never granted", true),
        ("unknown", true),
        ("s2", false),
    ] {
        let (mut bench, _) = promoted();
        bench.place("p", Stage::Testnet);
        rises(&mut bench, "p", "s2");
        withdrew(&mut bench, "s2", "never granted");
        disbelieves(&mut bench, revoked).unwrap();
        let held = &bench.state.portfolios[&p()];
        let wanted = if stays {
            Stage::Shadow
        } else {
            Stage::Research
        };
        assert_eq!(held.stage_of(digest("s2")), wanted, "{revoked}");
    }
}
