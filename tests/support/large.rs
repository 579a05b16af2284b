//! Ledgers of any size and a realistic mix, made through the product's own `decide` and `apply`:
//! portfolios that ask, are denied, take back, rise, run sessions with hourly commits, try, fall and
//! ask again. Deterministic: the same size gives the same entries. Included with `#[path]`.

#![allow(dead_code, reason = "each includer uses its own part")]

use ed25519_dalek::{Signer as _, SigningKey};
use promote::evidence::facts::Fact;
use promote::evidence::manifest::EvidenceKind;
use promote::governance::audit::entry::{Actor, Draft, Entry, Head, LEAF_VERSION, Leaf};
use promote::governance::audit::tree::Frontier;
use promote::governance::policy::model::Policy;
use promote::governance::policy::roles::Role;
use promote::governance::policy::set::PolicySet;
use promote::governance::policy::verdict::Op;
use promote::governance::promotion::chain::Chain;
use promote::governance::promotion::decide::Command;
use promote::governance::promotion::event::Signed;
use promote::governance::promotion::safety::SafetyAct;
use promote::governance::promotion::safety::halt::{Halt, HaltScope};
use promote::governance::promotion::safety::lowering::Demotion;
use promote::governance::promotion::safety::missing::flags;
use promote::governance::promotion::state::State;
use promote::governance::promotion::statement::{
    Act, Approval, Denial, Enrolment, EvidenceRef, Genesis, Request, Signer, Statement, Withdrawal,
    WorkspaceState,
};
use promote::governance::promotion::tracks::TrackAct;
use promote::governance::promotion::tracks::grounds::{Grounds, Seal};
use promote::governance::promotion::tracks::session::{
    Ending, Place, SessionClose, SessionCommit, SessionOpen, next_id,
};
use promote::governance::promotion::tracks::trial::{TrialEnd, TrialKind, TrialStart};
use promote::governance::stage::{Stage, Target};
use promote::kernel::canonical;
use promote::kernel::digest::Digest;
use promote::kernel::id::{PersonId, PortfolioId, RequestId};
use promote::kernel::pubkey::PublicKey;
use promote::kernel::sshsig::{Envelope, signed_bytes};
use promote::kernel::time::{HOUR_MS, UtcTime};

/// Commits of a session.
const COMMITS: i64 = 48;

/// The secret of whoever is called `name`.
pub fn secret(name: &str) -> [u8; 32] {
    *Digest::of(name.as_bytes()).as_bytes()
}

fn key(name: &str) -> SigningKey {
    SigningKey::from_bytes(&secret(name))
}

fn public(name: &str) -> PublicKey {
    PublicKey::from_bytes(key(name).verifying_key().to_bytes()).unwrap()
}

fn sign(name: &str, namespace: &str, message: &[u8]) -> Envelope {
    Envelope {
        key: public(name),
        namespace: namespace.to_owned(),
        signature: key(name).sign(&signed_bytes(namespace, message)).to_bytes(),
    }
}

/// A value as far beyond its target as that is from the floor, for every criterion of `policy`.
fn facts(policy: &Policy) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    for criterion in &policy.criteria {
        let key = criterion.key();
        if facts.iter().all(|f| f.key() != key) {
            let mut fact = Fact::computed(key, Ok(0.0), "series/full.csv");
            fact.value = Some(match &criterion.target {
                Some(target) => target.plus(&target.minus(&criterion.floor)),
                None if criterion.op == Op::Lt => criterion.floor.times(&"0.5".parse().unwrap()),
                None => criterion.floor.clone(),
            });
            facts.push(fact);
        }
    }
    facts
}

/// A ledger that grows.
pub struct Large {
    /// The genesis and everything after it.
    pub entries: Vec<Entry>,
    /// Their fold.
    pub state: State,
    /// Their tree.
    pub frontier: Frontier,
    /// Now.
    pub now: UtcTime,
    set: PolicySet,
    facts: Vec<Fact>,
    nonce: u64,
    /// Stands in for the fold while a chain has it: nothing is copied.
    spare: Option<State>,
}

impl Large {
    /// A genesis that names `schema_sha256`, and four persons.
    pub fn new(schema_sha256: Digest) -> Self {
        let set = PolicySet::embedded().unwrap();
        let time = UtcTime::parse_loose("2025-01-01").unwrap();
        let entry = genesis(&set, schema_sha256, time);
        let mut frontier = Frontier::default();
        frontier.append(entry.leaf_hash);
        let facts = facts(set.policies().next().unwrap());
        let begin = || State::begin(&entry, set.clone()).unwrap();
        let mut large = Self {
            state: begin(),
            spare: Some(begin()),
            entries: vec![entry],
            frontier,
            now: time,
            facts,
            set,
            nonce: 0,
        };
        for (person, role) in [
            ("research-1", Role::Research),
            ("research-2", Role::Research),
            ("risk-1", Role::Risk),
            ("ops-1", Role::Ops),
        ] {
            let act = Act::Enrolment(Enrolment {
                person: PersonId::new(person).unwrap(),
                role,
                public_key: public(person),
                verified_by: "passport".into(),
                // One role ends by itself.
                until: (person == "research-2").then(|| time.plus_days(20)),
            });
            large.record(act, "root", "root", &["root-1", person]);
        }
        large
    }

    /// The genesis as it was drafted, and the files of its policy set.
    pub fn beginning(&self) -> (Draft, Vec<Vec<u8>>) {
        let files = self.set.file_refs();
        let blobs = files.iter().map(|file| {
            let all = promote::governance::policy::set::embedded_files();
            all[&file.path].clone()
        });
        (draft(&self.entries[0]), blobs.collect())
    }

    /// Everything after the genesis, as it was drafted.
    pub fn drafts(&self) -> Vec<Draft> {
        self.entries[1..].iter().map(draft).collect()
    }

    fn head(&self) -> Head {
        Head {
            size: self.frontier.size(),
            root: self.frontier.root(),
        }
    }

    /// A statement, signed.
    pub fn signed(&mut self, act: Act, person: &str, role: &str, keys: &[&str]) -> Signed {
        self.nonce += 1;
        let namespace = act.namespace();
        let statement = Statement {
            act,
            ledger: self.state.ledger.clone(),
            head: self.head(),
            signer: Signer {
                person: PersonId::new(person).unwrap(),
                role: role.into(),
                key: public(keys[0]).fingerprint(),
            },
            cosigners: Vec::new(),
            issued_at: self.now,
            expires_at: self.now.plus_days(1),
            nonce: format!("{:032x}", self.nonce),
        };
        let bytes = statement.to_bytes().unwrap();
        let envelopes: Vec<Envelope> = keys
            .iter()
            .map(|name| sign(name, &namespace, &bytes))
            .collect();
        Signed::join(&bytes, &envelopes).unwrap()
    }

    fn in_chain(&mut self, step: impl FnOnce(&mut Chain) -> Entry) {
        let spare = self.spare.take().unwrap();
        let state = std::mem::replace(&mut self.state, spare);
        let mut chain = Chain::new(state, self.frontier.clone(), self.now);
        let entry = step(&mut chain);
        self.spare = Some(std::mem::replace(&mut self.state, chain.state));
        self.frontier.append(entry.leaf_hash);
        self.entries.push(entry);
    }

    fn record(&mut self, act: Act, person: &str, role: &str, keys: &[&str]) {
        let signed = self.signed(act, person, role, keys);
        self.in_chain(|chain| chain.submit(signed).unwrap());
    }

    fn person(&mut self, act: Act, person: &str, role: &str) {
        self.record(act, person, role, &[person]);
    }

    fn engine(&mut self, command: Command) {
        self.in_chain(|chain| {
            let engine = |namespace: &str, bytes: &[u8]| sign("engine", namespace, bytes);
            chain.engine(command, public("engine"), &engine).unwrap()
        });
    }

    /// Grows by `portfolios` at work until there are `size` entries; less where halts keep them all.
    pub fn grow(&mut self, portfolios: usize, size: usize) {
        let ids: Vec<PortfolioId> = (0..portfolios)
            .map(|n| PortfolioId::new(&format!("desk-{n:03}")).unwrap())
            .collect();
        for id in ids.iter().cycle().take(portfolios * size * 4) {
            if self.entries.len() >= size {
                return;
            }
            self.now = self
                .now
                .plus_millis(HOUR_MS / i64::try_from(portfolios).unwrap() + 1);
            self.step(id);
        }
    }

    /// What a portfolio does in its hour.
    fn step(&mut self, id: &PortfolioId) {
        let running = self.state.tracks.sessions.values();
        let running = running
            .filter(|s| s.open.portfolio == *id && s.close.is_none())
            .map(|s| (s.open.session.clone(), s.commits.len()))
            .next();
        match running {
            Some((session, commits)) if i64::try_from(commits).unwrap() < COMMITS => {
                self.commit(session.as_str());
            }
            Some((session, _)) => {
                let close = SessionClose {
                    session,
                    status: Ending::Completed,
                    comment: String::new(),
                };
                self.track(TrackAct::SessionClose(close), "ops-1", "ops");
                let act = SafetyAct::Demotion(Demotion {
                    portfolio: id.clone(),
                    to: Stage::Research,
                    reason: "another version".into(),
                });
                self.person(Act::Safety(Box::new(act)), "risk-1", "risk");
            }
            None if flags(&self.state, id, self.now).halted => {}
            None => self.climb(id),
        }
    }

    /// A trial, a request that ends in one of several ways, and a session where it was granted.
    fn climb(&mut self, id: &PortfolioId) {
        let round = self.state.history(id).count();
        let record_sha256 = Digest::of(format!("trial {id} {round}").as_bytes());
        let start = TrialStart {
            record_sha256,
            portfolio: id.clone(),
            what: TrialKind::Sweep,
            runs: 40,
            strategy_sha256: None,
        };
        self.track(TrackAct::TrialStart(start), "research-1", "research");
        let end = TrialEnd {
            record_sha256,
            finished: 40,
            failed: 0,
        };
        self.track(TrackAct::TrialEnd(end), "research-1", "research");
        let request = self.ask(id, round);
        let act = match round % 4 {
            // Nobody approves; the next one supersedes it.
            0 => return,
            1 => Act::Denial(Denial {
                request_leaf: self.leaf(&request),
                request,
                reason: "overfit".into(),
                comment: "one regime only".into(),
            }),
            2 => Act::Withdrawal(Withdrawal {
                request_leaf: self.leaf(&request),
                request,
            }),
            _ => return self.rise(id, request),
        };
        let (person, role) = match act {
            Act::Denial(_) => ("risk-1", "risk"),
            _ => ("research-1", "research"),
        };
        self.person(act, person, role);
    }

    fn rise(&mut self, id: &PortfolioId, request: RequestId) {
        let approval = self.approval(&request);
        self.person(Act::Approval(Box::new(approval)), "risk-1", "risk");
        self.engine(Command::Decide { request });
        let held = &self.state.portfolios[id];
        let open = SessionOpen {
            session: next_id(&self.state, id).unwrap(),
            portfolio: id.clone(),
            stage: Stage::Shadow,
            strategy_sha256: held.strategy.unwrap(),
            environment: Place::Simulated,
            system: "paper engine".into(),
            bar_ms: HOUR_MS,
        };
        self.track(TrackAct::SessionOpen(open), "ops-1", "ops");
    }

    fn ask(&mut self, id: &PortfolioId, round: usize) -> RequestId {
        let name = format!("{id} {round}");
        let open = self.state.open_request(id);
        let request = Request {
            request: self.state.next_request_id(id).unwrap(),
            portfolio: id.clone(),
            profile: self.set.policies().next().unwrap().profile.clone(),
            target: Target::Shadow,
            evidence: vec![EvidenceRef {
                kind: EvidenceKind::Robustness,
                evidence_sha256: Digest::of(name.as_bytes()),
                result_sha256: Digest::of(format!("result {name}").as_bytes()),
            }],
            producers: vec![PersonId::new("research-2").unwrap()],
            oos: None,
            strategy_sha256: Digest::of(format!("strategy {name}").as_bytes()),
            limits_sha256: Digest::of(b"limits"),
            policy_sha256: self.set.digest(),
            summary: "robust over two years and three regimes".into(),
            materiality: "material".into(),
            fallback: "stay in research".into(),
            next: vec!["watch slippage".into()],
            reports: vec![],
            revises: None,
            supersedes: open.map(|open| open.request.request.clone()),
            grounds: Grounds {
                seals: vec![Seal {
                    evidence_sha256: Digest::of(name.as_bytes()),
                    signature_sha256: Digest::of(b"signature"),
                    person: PersonId::new("research-2").unwrap(),
                    key: public("research-2").fingerprint(),
                }],
                ..Grounds::default()
            },
            instance: None,
            instance_card: None,
            workspace: WorkspaceState {
                git_commit: None,
                config_differs: false,
            },
        };
        let request_id = request.request.clone();
        self.person(Act::Request(Box::new(request)), "research-1", "research");
        let trials =
            promote::governance::promotion::tracks::beside::trials(&self.state, id, &[], u64::MAX);
        self.engine(Command::Evaluate {
            request: request_id.clone(),
            facts: self.facts.clone(),
            beside: promote::governance::promotion::tracks::beside::Beside {
                trials,
                ..Default::default()
            },
            now: self.now,
        });
        let record = &self.state.requests[&request_id];
        assert!(record.status.is_open(), "{:#?}", record.judged);
        request_id
    }

    fn leaf(&self, id: &RequestId) -> Digest {
        self.state.requests[id].mark.leaf
    }

    fn approval(&self, id: &RequestId) -> Approval {
        let record = &self.state.requests[id];
        let request = &record.request;
        Approval {
            request: id.clone(),
            request_leaf: record.mark.leaf,
            portfolio: request.portfolio.clone(),
            from: Stage::Research,
            to: Stage::Shadow,
            decision_sha256: record.judged.as_ref().unwrap().evaluation.decision_sha256,
            contract_sha256: None,
            evidence: request.evidence.clone(),
            policy_sha256: request.policy_sha256,
            strategy_sha256: request.strategy_sha256,
            limits_sha256: request.limits_sha256,
            instance: None,
            instance_card: None,
            halt_epochs: self.state.halt_epochs(&request.portfolio),
            comment: String::new(),
        }
    }

    fn track(&mut self, act: TrackAct, person: &str, role: &str) {
        self.person(Act::Track(Box::new(act)), person, role);
    }

    fn commit(&mut self, session: &str) {
        let id = session.parse().unwrap();
        let record = &self.state.tracks.sessions[&id];
        let bars = i64::try_from(record.commits.len()).unwrap() + 1;
        let first_bar = record.mark.time;
        let commit = SessionCommit {
            session: id,
            number: record.commits.len() as u64 + 1,
            log_sha256: Digest::of(format!("{session} {bars}").as_bytes()),
            bars,
            first_bar,
            last_bar: first_bar.plus_millis((bars - 1) * HOUR_MS),
            orders: bars / 6,
            events: 0,
        };
        self.track(TrackAct::SessionCommit(commit), "ops-1", "ops");
    }

    /// Stops one portfolio.
    pub fn halt(&mut self, id: &PortfolioId) {
        let act = SafetyAct::Halt(Halt {
            scope: HaltScope::Portfolio(id.clone()),
            reason: "spread too wide".into(),
            drill: false,
        });
        self.person(Act::Safety(Box::new(act)), "ops-1", "ops");
    }
}

fn draft(entry: &Entry) -> Draft {
    Draft {
        actor: entry.leaf.actor.clone(),
        kind: entry.leaf.kind.clone(),
        body: entry.leaf.body.clone(),
        time: entry.leaf.time,
    }
}

fn genesis(set: &PolicySet, schema_sha256: Digest, time: UtcTime) -> Entry {
    let genesis = Genesis {
        schema: "promote/genesis/v1".to_owned(),
        sandbox: true,
        small_team: false,
        preset: "playbook".to_owned(),
        roots: vec![public("root-1")],
        root_threshold: 1,
        log_key: public("log"),
        engine_key: public("engine"),
        token_key: public("token"),
        policy_files: set.file_refs(),
        policy_sha256: set.digest(),
        schema_sha256,
    };
    let leaf = Leaf {
        actor: Actor {
            id: "root".into(),
            key: None,
            role: "root".into(),
        },
        body: serde_json::to_value(&genesis).unwrap(),
        kind: "genesis".into(),
        ledger: "large".into(),
        prev_root: Digest::of(b""),
        private: vec![],
        seq: 0,
        time,
        v: LEAF_VERSION,
    };
    Entry::read(canonical::encode(&leaf).unwrap()).unwrap()
}
