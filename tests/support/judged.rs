//! Many judged requests in memory, for measuring: no ledger, no signatures.

use ed25519_dalek::SigningKey;
use promote::evidence::facts::{Fact, Facts};
use promote::governance::audit::entry::{Actor, Entry, LEAF_VERSION, Leaf};
use promote::governance::policy::evaluate::evaluate;
use promote::governance::policy::model::Policy;
use promote::governance::policy::set::PolicySet;
use promote::governance::promotion::state::{Judged, Mark, RequestRecord, State, Status};
use promote::governance::promotion::statement::{Evaluation, Genesis, Request};
use promote::governance::stage::Target;
use promote::kernel::canonical;
use promote::kernel::decimal::Decimal;
use promote::kernel::digest::Digest;
use promote::kernel::id::{PersonId, PortfolioId, RequestId};
use promote::kernel::pubkey::PublicKey;
use promote::kernel::time::UtcTime;

/// A value inside the band for every criterion of `policy`.
pub fn facts(policy: &Policy) -> Vec<Fact> {
    let half: Decimal = "0.5".parse().unwrap();
    let mut facts: Vec<Fact> = Vec::new();
    for criterion in &policy.criteria {
        let key = criterion.key();
        if facts.iter().any(|f| f.key() == key) {
            continue;
        }
        let mut fact = Fact::computed(key, Ok(0.0), "series/full.csv");
        fact.value = Some(match &criterion.target {
            Some(target) => {
                let width = target.minus(&criterion.floor);
                criterion.floor.plus(&width.times(&half))
            }
            None => criterion.floor.clone(),
        });
        facts.push(fact);
    }
    facts
}

fn public(name: &str) -> PublicKey {
    let key = SigningKey::from_bytes(Digest::of(name.as_bytes()).as_bytes());
    PublicKey::from_bytes(key.verifying_key().to_bytes()).unwrap()
}

fn begin(set: &PolicySet) -> State {
    let genesis = Genesis {
        schema: "promote/genesis/v1".to_owned(),
        sandbox: true,
        small_team: false,
        preset: "playbook".to_owned(),
        roots: vec![public("root-1"), public("root-2")],
        root_threshold: 2,
        log_key: public("log"),
        engine_key: public("engine"),
        token_key: public("token"),
        policy_files: set.file_refs(),
        policy_sha256: set.digest(),
        schema_sha256: Digest::of(b"schema"),
    };
    let leaf = Leaf {
        actor: Actor {
            id: "root".into(),
            key: None,
            role: "root".into(),
        },
        body: serde_json::to_value(&genesis).unwrap(),
        kind: "genesis".into(),
        ledger: "bench".into(),
        prev_root: Digest::of(b""),
        private: vec![],
        seq: 0,
        time: UtcTime::parse_loose("2025-12-01").unwrap(),
        v: LEAF_VERSION,
    };
    let entry = Entry::read(canonical::encode(&leaf).unwrap()).unwrap();
    State::begin(&entry, set.clone()).unwrap()
}

/// The state after a genesis, with `count` requests judged by the first policy of `set`, ten to a
/// portfolio.
pub fn state(set: &PolicySet, count: u32) -> State {
    let mut state = begin(set);
    let time = state.last_time();
    let policy = set.policies().next().unwrap();
    let facts = facts(policy);
    let table = Facts::new(facts.iter().cloned()).unwrap();
    let verdict = evaluate(policy, &table, Target::Shadow, None);
    for n in 0..count {
        let portfolio = PortfolioId::new(&format!("p{}", n / 10)).unwrap();
        let id = RequestId::new(&format!("{portfolio}-{:04}", n % 10 + 1)).unwrap();
        let mark = Mark {
            seq: u64::from(n) + 1,
            leaf: Digest::of(id.as_str().as_bytes()),
            time,
            person: PersonId::new("research-1").unwrap(),
            role: "research".to_owned(),
            key: public("research-1").fingerprint(),
            reason: String::new(),
            comment: String::new(),
        };
        let request: Request = serde_json::from_value(serde_json::json!({
            "request": id, "portfolio": portfolio, "profile": policy.profile, "target": "shadow",
            "evidence": [], "producers": [], "oos": null,
            "strategy_sha256": Digest::of(id.as_str().as_bytes()),
            "limits_sha256": Digest::of(b"limits"), "policy_sha256": set.digest(),
            "summary": "", "materiality": "material", "fallback": "", "next": [], "reports": [],
            "revises": null, "supersedes": null,
            "workspace": { "git_commit": null, "config_differs": false },
        }))
        .unwrap();
        let evaluation: Evaluation = serde_json::from_value(serde_json::json!({
            "request": id, "request_leaf": mark.leaf, "policy_sha256": set.digest(),
            "facts": facts, "guard": null, "now": time, "outcome": verdict.outcome,
            "decision_sha256": Digest::of(b"decision"),
        }))
        .unwrap();
        let judged = Judged {
            seq: mark.seq,
            leaf: mark.leaf,
            time: mark.time,
            evaluation,
            verdict: verdict.clone(),
        };
        let record = RequestRecord {
            unjudged: Vec::new(),
            mark,
            request,
            status: Status::AwaitingApproval,
            judged: Some(judged),
            approvals: Vec::new(),
            superseded_by: None,
            end: None,
        };
        state.requests.insert(id, record);
    }
    state
}
