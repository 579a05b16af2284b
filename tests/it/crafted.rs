//! States put together by hand, for a rule that one function keeps: no entries lead to them.

use std::collections::BTreeMap;

use promote::evidence::facts::{Fact, Facts};
use promote::evidence::settings::Settings;
use promote::governance::policy::evaluate::evaluate;
use promote::governance::policy::set::embedded_files;
use promote::governance::policy::verdict::Outcome;
use promote::governance::promotion::safety::overrides::{Override, OverrideRecord};
use promote::governance::promotion::state::{
    End, Judged, Mark, Portfolio, RequestRecord, State, Status,
};
use promote::governance::promotion::statement::Evaluation;
use promote::governance::promotion::tracks::beside::Beside;
use promote::governance::stage::{Stage, Target};
use promote::kernel::digest::Digest;
use promote::kernel::id::{CriterionId, PersonId, PortfolioId, ProfileId, RequestId};
use promote::kernel::time::UtcTime;

use crate::machine::{Bench, key, public};

pub fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

pub fn portfolio(name: &str) -> PortfolioId {
    PortfolioId::new(name).unwrap()
}

pub fn person(name: &str) -> PersonId {
    PersonId::new(name).unwrap()
}

pub fn conservative() -> ProfileId {
    ProfileId::new("conservative").unwrap()
}

/// A sandbox under the shipped set that nobody was let into.
pub fn bare() -> Bench {
    Bench::founded(|_| {}, embedded_files())
}

/// What `who` did at position `seq`.
pub fn mark(seq: u64, who: &str, time: UtcTime) -> Mark {
    Mark {
        seq,
        leaf: digest(&format!("entry {seq}")),
        time,
        person: person(who),
        role: "risk".into(),
        key: public(&key(who)).fingerprint(),
        reason: String::new(),
        comment: String::new(),
    }
}

/// Registers `name` at `stage`, where the version `strategy` runs since now.
pub fn registers(bench: &mut Bench, name: &str, stage: Stage, strategy: &str) {
    let held = Portfolio {
        owner: person("research-1"),
        profile: conservative(),
        stage,
        since: Some(bench.now),
        strategy: Some(digest(strategy)),
        climbing: BTreeMap::new(),
        requests: Vec::new(),
        touched: 0,
    };
    bench.state.portfolios.insert(portfolio(name), held);
}

/// Puts a request of a registered portfolio on the record, at position `seq`; its id. What is not
/// open ended with it.
pub fn asked(
    bench: &mut Bench,
    (name, strategy): (&str, &str),
    (target, status): (Target, Status),
    seq: u64,
) -> RequestId {
    let mut request = bench.request(name, strategy);
    request.target = target;
    let id = request.request.clone();
    let by = mark(seq, "research-1", bench.now);
    let end = (!status.is_open()).then(|| End {
        time: bench.now,
        by: Some(by.clone()),
    });
    let record = RequestRecord {
        unjudged: Vec::new(),
        mark: by,
        request,
        status,
        judged: None,
        approvals: Vec::new(),
        superseded_by: None,
        end,
    };
    bench.state.requests.insert(id.clone(), record);
    let named = bench.state.by_strategy.entry(digest(strategy));
    named.or_default().push(id.clone());
    let held = bench.state.portfolios.get_mut(&portfolio(name)).unwrap();
    held.requests.push(id.clone());
    id
}

/// An evaluation that gave PROMOTE.
pub fn evaluation(state: &State, id: &RequestId, facts: Vec<Fact>, beside: Beside) -> Evaluation {
    let record = &state.requests[id];
    Evaluation {
        request: id.clone(),
        request_leaf: record.mark.leaf,
        policy_sha256: state.policy.digest(),
        facts,
        beside,
        guard: None,
        now: record.mark.time,
        outcome: Outcome::Promote,
        decision_sha256: digest("decision"),
    }
}

/// What was logged when a request on the record was judged.
pub fn judged(bench: &mut Bench, id: &RequestId, facts: Vec<Fact>, settings: Settings) {
    let beside = Beside {
        settings: Box::new(settings),
        ..Beside::default()
    };
    let evaluation = evaluation(&bench.state, id, facts, beside);
    let policy = bench.state.policy.policy(&conservative()).unwrap();
    let table = Facts::new(evaluation.facts.clone()).unwrap();
    let target = bench.state.requests[id].request.target;
    let verdict = evaluate(policy, &table, target, None);
    let record = bench.state.requests.get_mut(id).unwrap();
    record.judged = Some(Judged {
        seq: record.mark.seq,
        leaf: record.mark.leaf,
        time: record.mark.time,
        evaluation,
        verdict,
    });
}

/// An override for `name` at position `seq`, signed by `who` for three days, that nothing uses yet.
pub fn overridden(bench: &Bench, name: &str, seq: u64, who: &str) -> OverrideRecord {
    OverrideRecord {
        mark: mark(seq, who, bench.now),
        signers: [person(who)].into(),
        act: Override {
            portfolio: portfolio(name),
            profile: conservative(),
            target: Target::Shadow,
            criterion: CriterionId::new("crash_drawdown").unwrap(),
            evidence_sha256: digest("s1"),
            policy_sha256: bench.state.policy.digest(),
            until: bench.now.plus_days(3),
            reason: "one scenario is out of date".into(),
        },
        used_by: Vec::new(),
        ended: None,
        review_due: None,
        reviewed: None,
        missed: None,
    }
}
