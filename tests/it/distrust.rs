//! A key that is not believed any more: what it signed, whoever it was handed on to, and what rests
//! on it, over a ledger in memory. Judged by positions, never by the times in signatures.

use std::collections::BTreeMap;

use promote::governance::policy::diff::Overall;
use promote::governance::policy::roles::Role;
use promote::governance::policy::set::{PolicySet, embedded_files};
use promote::governance::promotion::access::acts::{KeyRevocation, KeyRotation, Reason};
use promote::governance::promotion::event::Signed;
use promote::governance::promotion::missing::missing;
use promote::governance::promotion::oversight::acts::{ChecklistItem, PolicyPublication};
use promote::governance::promotion::oversight::checklist::standings;
use promote::governance::promotion::oversight::replay::replay;
use promote::governance::promotion::refusal::Refusal;
use promote::governance::promotion::safety::due::times;
use promote::governance::promotion::safety::halt::{Cause, HaltScope};
use promote::governance::promotion::safety::incident::{Severity, worst_open};
use promote::governance::promotion::state::Status;
use promote::governance::promotion::statement::{Act, Signer, Statement};
use promote::governance::promotion::tracks::TrackAct;
use promote::governance::promotion::tracks::covered::union_ms;
use promote::governance::promotion::tracks::dataset::Dataset;
use promote::governance::promotion::tracks::rerun::Rerun;
use promote::governance::promotion::tracks::session::{Place, SessionCommit, SessionOpen};
use promote::governance::stage::{Stage, Target};
use promote::kernel::digest::Digest;
use promote::kernel::id::{PersonId, RequestId};
use promote::kernel::pubkey::Fingerprint;

use crate::machine::{Bench, good, key, promoted, public, sign, slug};
use crate::safety::{missed, portfolio, promoted_by_override, scope, soft};
use crate::token::{enrol_again, revoke, with_instance};

const BOTH: &[(&str, &str)] = &[("risk-1", "risk"), ("ops-1", "ops")];

fn fingerprint(of: &str) -> Fingerprint {
    public(&key(of)).fingerprint()
}

/// Two roots sign `act`.
pub fn by_roots(bench: &mut Bench, act: Act) -> Signed {
    let mut statement: Statement = bench.statement(act, "root", "root", &key("root-1"));
    statement.cosigners.push(Signer {
        key: fingerprint("root-2"),
        ..statement.signer.clone()
    });
    sign(&statement, &[&key("root-1"), &key("root-2")])
}

impl Bench {
    /// The roots revoke a key as compromised.
    pub fn compromised(&mut self, of: &str, distrust_from_seq: Option<u64>) -> Result<(), Refusal> {
        let act = Act::KeyRevocation(KeyRevocation {
            revoked: fingerprint(of),
            reason: Some(Reason::Compromised),
            distrust_from_seq,
            comment: String::new(),
        });
        let signed = by_roots(self, act);
        self.submit(signed)
    }

    /// `person` puts the key `new` in the place of `old`.
    fn rotates(&mut self, person: &str, old: &str, new: &str) -> Result<(), Refusal> {
        let act = Act::KeyRotation(KeyRotation {
            person: PersonId::new(person).unwrap(),
            old: fingerprint(old),
            new: public(&key(new)),
        });
        let mut statement = self.statement(act, person, "risk", &key(old));
        statement.cosigners.push(Signer {
            key: fingerprint(new),
            ..statement.signer.clone()
        });
        self.submit(sign(&statement, &[&key(old), &key(new)]))
    }

    /// `person` approves with the key `by`.
    fn approves_with(&mut self, id: &str, person: &str, by: &str) -> Result<(), Refusal> {
        let act = Act::Approval(Box::new(self.approval(id)));
        let statement = self.statement(act, person, "risk", &key(by));
        self.submit(sign(&statement, &[&key(by)]))
    }

    fn size(&self) -> u64 {
        self.entries.len() as u64
    }

    fn tracks(&mut self, act: TrackAct, person: &str, role: &str) -> Result<(), Refusal> {
        let signed = self.signed(Act::Track(Box::new(act)), person, role);
        self.submit(signed)
    }

    /// The stage, and the cause of the last halt in force.
    fn fate(&self) -> (Stage, Option<Cause>) {
        let mut halts = self.state.safety.halts.iter();
        let last = halts.rfind(|h| h.resumed.is_none());
        (self.stage("p"), last.map(|h| h.cause))
    }

    fn open_codes(&self, id: &str) -> Vec<String> {
        let record = &self.state.requests[&RequestId::new(id).unwrap()];
        let lines = missing(&self.state, record, self.now);
        lines.into_iter().map(|line| line.code).collect()
    }
}

const FELL: (Stage, Option<Cause>) = (Stage::Research, Some(Cause::Distrust));
const STANDS: (Stage, Option<Cause>) = (Stage::Shadow, None);

#[test]
fn a_stolen_key_does_not_outlive_distrust_by_rotating_first() {
    let mut bench = Bench::new();
    let stolen = bench.size();
    bench.rotates("risk-1", "risk-1", "thief-1").unwrap();
    bench.rotates("risk-1", "thief-1", "thief-2").unwrap();
    let rotated = bench.size();
    let id = bench.judged("p", "s1", good());
    bench.approves_with(&id, "risk-1", "thief-2").unwrap();
    bench.decide(&id).unwrap();
    assert_eq!(bench.fate(), STANDS);

    let mut distrusted = bench.clone();
    distrusted.compromised("risk-1", Some(stolen)).unwrap();
    assert_eq!(distrusted.fate(), FELL);
    for thief in ["thief-1", "thief-2"] {
        let id = distrusted.judged("q", thief, good());
        let refused = distrusted.approves_with(&id, "risk-1", thief);
        assert_eq!(slug(refused), "key-revoked", "{thief}");
        distrusted.withdraw(&id, "research-1", "research").unwrap();
    }
    assert_eq!(
        slug(distrusted.rotates("risk-1", "thief-2", "thief-3")),
        "key-revoked"
    );
    distrusted.folds_the_same_again();

    // From after the rotations on: they are believed, and so is what came of them.
    bench.compromised("risk-1", Some(rotated)).unwrap();
    assert_eq!(bench.fate(), STANDS);
    let id = bench.judged("q", "s2", good());
    bench.approves_with(&id, "risk-1", "thief-2").unwrap();
    bench.folds_the_same_again();
}

#[test]
fn a_key_that_somebody_else_may_hold_takes_the_one_after_it_along() {
    let mut bench = Bench::new();
    bench.rotates("risk-1", "risk-1", "second").unwrap();
    let id = bench.judged("p", "s1", good());
    bench.approves_with(&id, "risk-1", "second").unwrap();
    let open = bench.clone();
    bench.decide(&id).unwrap();
    // Nobody says since when: what was decided stays, the key does not.
    bench.compromised("risk-1", None).unwrap();
    assert_eq!(bench.fate(), STANDS);
    let other = bench.judged("q", "s2", good());
    let refused = bench.approves_with(&other, "risk-1", "second");
    assert_eq!(slug(refused), "key-revoked");
    bench.folds_the_same_again();
    // What is open dies.
    let mut bench = open;
    bench.compromised("risk-1", None).unwrap();
    assert_eq!(slug(bench.decide(&id)), "pending");
    bench.folds_the_same_again();
}

#[test]
fn an_override_falls_with_a_key_that_signed_it_and_takes_its_decision_along() {
    // Not used yet, by either of its signers.
    for of in ["risk-1", "risk-2"] {
        let mut bench = soft();
        let word = bench.word("crash_drawdown");
        bench
            .overrides(word, &[("risk-1", "risk"), ("risk-2", "risk")])
            .unwrap();
        bench.compromised(of, None).unwrap();
        let id = bench.judged("p", "s1", missed());
        assert_eq!(bench.status(&id), Status::Revise, "{of}");
        bench.folds_the_same_again();
    }
    // A request that was judged by it ends.
    let mut bench = soft();
    let word = bench.word("crash_drawdown");
    bench
        .overrides(word, &[("risk-1", "risk"), ("risk-2", "risk")])
        .unwrap();
    let id = bench.judged("p", "s1", missed());
    assert_eq!(bench.status(&id), Status::AwaitingApproval);
    bench.compromised("risk-2", None).unwrap();
    assert_eq!(bench.status(&id), Status::Invalidated);
    bench.folds_the_same_again();
    // A decision on it falls with distrust, not with compromise alone.
    let mut bench = promoted_by_override();
    let recorded = bench.state.safety.overrides[0].mark.seq;
    bench.compromised("risk-2", None).unwrap();
    assert_eq!(bench.fate(), STANDS);
    bench.compromised("risk-2", Some(recorded + 1)).unwrap();
    assert_eq!(bench.fate(), STANDS);
    bench.compromised("risk-2", Some(recorded)).unwrap();
    assert_eq!(bench.fate(), FELL);
    bench.folds_the_same_again();
}

#[test]
fn a_request_and_its_evidence_fall_with_the_keys_that_made_them() {
    for of in ["research-1", "research-2"] {
        let mut bench = Bench::new();
        let asked = bench.size();
        let id = bench.judged("p", "s1", good());
        let mut open = bench.clone();
        open.compromised(of, None).unwrap();
        assert_eq!(open.status(&id), Status::Invalidated, "{of}");
        open.folds_the_same_again();
        bench.approve(&id, "risk-1", "risk").unwrap();
        bench.decide(&id).unwrap();
        bench.compromised(of, Some(asked + 1)).unwrap();
        assert_eq!(bench.fate(), STANDS, "{of}");
        bench.compromised(of, Some(asked)).unwrap();
        assert_eq!(bench.fate(), FELL, "{of}");
        bench.folds_the_same_again();
    }
}

/// Where SHADOW already wants a rerun and registered bars.
pub fn vouched() -> Bench {
    let mut files: BTreeMap<String, Vec<u8>> = embedded_files();
    let roles = String::from_utf8(files["roles.toml"].clone()).unwrap();
    let roles = roles
        .replace("rerun_from = \"testnet\"", "rerun_from = \"shadow\"")
        .replace(
            "registered_data_from = \"live\"",
            "registered_data_from = \"shadow\"",
        );
    files.insert("roles.toml".into(), roles.into_bytes());
    let bench = Bench::with(|_| {}, files);
    assert_eq!(bench.state.rules().assurance.rerun_from, Target::Shadow);
    bench
}

pub fn rerun() -> TrackAct {
    TrackAct::Rerun(Rerun {
        evidence_sha256: Digest::of(b"s1"),
        result_sha256: Digest::of(b"result of s1"),
        data: vec![],
        version: "1".into(),
        commit: "c".into(),
    })
}

pub fn dataset(bench: &Bench) -> TrackAct {
    TrackAct::Dataset(Dataset {
        sha256: Digest::of(b"bars"),
        symbol: "BTC/EUR".into(),
        timeframe: "1h".into(),
        first: bench.now.plus_days(-900),
        last: bench.now.plus_days(-1),
        rows: 21_600,
        synthetic: false,
        source: "exchange".into(),
        retrieved_at: bench.now,
    })
}

#[test]
fn reruns_and_registrations_count_while_one_of_them_is_believed() {
    let mut bench = vouched();
    let mut request = bench.request("p", "s1");
    request.grounds.data = vec![Digest::of(b"bars")];
    bench.ask(request).unwrap();
    bench.evaluate("p-0001", good()).unwrap();
    bench.approve("p-0001", "risk-1", "risk").unwrap();
    assert_eq!(bench.open_codes("p-0001"), ["rerun", "dataset"]);
    let first = bench.size();
    bench.tracks(rerun(), "research-3", "research").unwrap();
    let data = dataset(&bench);
    bench
        .tracks(data.clone(), "research-3", "research")
        .unwrap();
    assert!(bench.open_codes("p-0001").is_empty());
    // Open: whoever may be somebody else vouches for nothing.
    let mut open = bench.clone();
    open.compromised("research-3", None).unwrap();
    assert_eq!(open.open_codes("p-0001"), ["rerun", "dataset"]);
    open.folds_the_same_again();
    // Decided on one voucher: it falls with it.
    let mut alone = bench.clone();
    alone.decide("p-0001").unwrap();
    alone.compromised("research-3", Some(first)).unwrap();
    assert_eq!(alone.fate(), FELL);
    alone.folds_the_same_again();
    // Decided on two: one is enough.
    bench.tracks(rerun(), "ops-1", "ops").unwrap();
    bench.tracks(data, "ops-1", "ops").unwrap();
    bench.decide("p-0001").unwrap();
    bench.compromised("research-3", Some(first)).unwrap();
    assert_eq!(bench.fate(), STANDS);
    bench.compromised("ops-1", Some(first)).unwrap();
    assert_eq!(bench.fate(), FELL);
    bench.folds_the_same_again();
}

/// Every item before SHADOW is confirmed, those of ops by `ops-1`.
fn confirm(bench: &mut Bench) {
    let items = bench.state.policy.checklists().at(Target::Shadow).to_vec();
    for item in items {
        let done = |bench: &Bench| {
            let list = standings(&bench.state, &portfolio("p"), Target::Shadow, None);
            list.iter()
                .find(|s| s.item.id == item.id)
                .unwrap()
                .open
                .clone()
        };
        for role in done(bench) {
            let (person, role) = match role {
                Role::Research => ("research-3", "research"),
                Role::Ops => ("ops-1", "ops"),
                _ => ("risk-2", "risk"),
            };
            let document = matches!(
                item.kind,
                promote::governance::policy::checklists::Kind::Document
            );
            let act = Act::ChecklistItem(ChecklistItem {
                portfolio: portfolio("p"),
                target: Target::Shadow,
                item: item.id.clone(),
                item_sha256: item.digest(),
                note: "seen".into(),
                date: "2025-01-01".into(),
                document: document.then(|| Digest::of(b"document")),
            });
            let signed = bench.signed(act, person, role);
            bench.submit(signed).unwrap();
        }
    }
}

#[test]
fn a_checklist_falls_with_a_key_that_confirmed_an_item() {
    let mut bench = Bench::with(|genesis| genesis.sandbox = false, embedded_files());
    let id = bench.judged("p", "s1", good());
    bench.approve(&id, "risk-1", "risk").unwrap();
    let from = bench.size();
    confirm(&mut bench);
    assert!(
        bench.open_codes(&id).is_empty(),
        "{:?}",
        bench.open_codes(&id)
    );
    let mut open = bench.clone();
    open.compromised("research-3", None).unwrap();
    let codes = open.open_codes(&id);
    assert!(
        !codes.is_empty() && codes.iter().all(|c| c == "checklist"),
        "{codes:?}"
    );
    open.folds_the_same_again();
    bench.decide(&id).unwrap();
    bench.compromised("research-3", Some(bench.size())).unwrap();
    assert_eq!(bench.fate(), STANDS);
    bench.compromised("research-3", Some(from)).unwrap();
    assert_eq!(bench.fate(), FELL);
    bench.folds_the_same_again();
}

#[test]
fn a_certificate_by_a_distrusted_key_is_due_again_at_once() {
    let (mut bench, _) = promoted();
    bench.days(80);
    let certified = bench.size();
    let act = bench.certificate("p", good());
    bench.certifies(act, &[("risk-1", "risk")]).unwrap();
    bench.days(1);
    bench.compromised("risk-1", Some(certified + 1)).unwrap();
    assert!(times(&bench.state, &portfolio("p")).unwrap().overdue > bench.now);
    bench.compromised("risk-1", Some(certified)).unwrap();
    let due = times(&bench.state, &portfolio("p")).unwrap();
    assert_eq!(
        (due.overdue, due.falls),
        (bench.now, bench.now.plus_days(7))
    );
    assert_eq!(bench.fate(), STANDS, "its first approval lies before");
    bench.folds_the_same_again();
}

#[test]
fn a_certificate_on_evidence_by_a_distrusted_key_is_due_again() {
    let (mut bench, _) = promoted();
    bench.days(80);
    let certified = bench.size();
    let act = bench.certificate("p", good());
    bench.certifies(act, &[("risk-1", "risk")]).unwrap();
    let before = bench.clone();
    bench.compromised("research-2", Some(certified)).unwrap();
    let due = times(&bench.state, &portfolio("p")).unwrap();
    assert_eq!(due.overdue, bench.now);
    assert_eq!(bench.fate(), STANDS);
    bench.folds_the_same_again();
    // What was heard of before is believed.
    let mut bench = before;
    bench
        .compromised("research-2", Some(certified + 1))
        .unwrap();
    assert!(times(&bench.state, &portfolio("p")).unwrap().overdue > bench.now);
}

#[test]
fn a_resume_by_a_distrusted_key_has_lifted_nothing() {
    for of in ["risk-1", "ops-1"] {
        let (mut bench, _) = promoted();
        bench.halts(HaltScope::Global, "risk-2", "risk").unwrap();
        let resumed = bench.size();
        bench.resumes(BOTH).unwrap();
        bench.judged("q", "s2", good());
        let epochs = bench.state.halt_epochs(&portfolio("q"));
        bench.compromised(of, Some(resumed + 1)).unwrap();
        assert_eq!(bench.fate(), STANDS, "{of}");
        bench.compromised(of, Some(resumed)).unwrap();
        assert_eq!(bench.fate(), (Stage::Shadow, Some(Cause::Person)), "{of}");
        assert_eq!(bench.status("q-0001"), Status::Invalidated);
        let after = bench.state.halt_epochs(&portfolio("q"));
        assert_eq!(after.global, epochs.global + 1);
        bench.folds_the_same_again();
    }
}

#[test]
fn an_incident_closed_by_a_distrusted_key_is_open() {
    let (mut bench, _) = promoted();
    bench.incident("p", Severity::Low).unwrap();
    let closed = bench.size();
    bench.closes("risk-2", "risk").unwrap();
    bench.compromised("risk-2", Some(closed + 1)).unwrap();
    assert!(worst_open(&bench.state, &portfolio("p")).is_none());
    bench.compromised("risk-2", Some(closed)).unwrap();
    assert!(worst_open(&bench.state, &portfolio("p")).is_some());
    bench.folds_the_same_again();
}

#[test]
fn a_review_by_a_distrusted_key_is_due_again() {
    let mut bench = promoted_by_override();
    bench.enrol("risk-4", Role::Risk);
    let reviewed = bench.size();
    bench.reviews("risk-4").unwrap();
    bench.days(20);
    bench.compromised("risk-4", Some(reviewed)).unwrap();
    let record = &bench.state.safety.overrides[0];
    assert_eq!(record.review_due, Some(bench.now.plus_days(7)));
    assert!(record.reviewed.is_none());
    assert_eq!(bench.fate(), STANDS);
    bench.days(7);
    bench.judged("q", "s2", good());
    assert_eq!(bench.fate(), (Stage::Research, Some(Cause::MissedReview)));
    bench.folds_the_same_again();
}

#[test]
fn what_a_distrusted_key_committed_covers_no_time() {
    let (mut bench, _) = promoted();
    let committed = bench.runs_three_hours("ops-1", "ops");
    assert_eq!(covered(&bench), 3);
    bench.compromised("ops-1", Some(committed + 3)).unwrap();
    assert_eq!(covered(&bench), 3);
    bench.compromised("ops-1", Some(committed + 2)).unwrap();
    assert_eq!(covered(&bench), 0);
    bench.folds_the_same_again();
}

#[test]
fn the_old_key_of_an_instance_that_was_let_in_again_can_be_distrusted() {
    let mut bench = with_instance(promoted().0);
    let committed = bench.runs_three_hours("live-1", "instance");
    revoke(&mut bench, "live-1", Some(Reason::Superseded), None, BOTH).unwrap();
    enrol_again(&mut bench, "live-1", "live-1b");
    assert_eq!(covered(&bench), 3);
    // The same again says nothing new, and a key that nobody ever had is nobody's.
    let superseded = Some(Reason::Superseded);
    for (of, wanted) in [("live-1", "key-revoked"), ("live-2", "unknown-key")] {
        let refused = revoke(&mut bench, of, superseded, None, BOTH);
        assert_eq!(slug(refused), wanted, "{of}");
    }
    bench.compromised("live-1", Some(committed)).unwrap();
    assert_eq!(covered(&bench), 0);
    // The new key is another one, and still counts.
    assert!(
        bench
            .state
            .access
            .revocation(&fingerprint("live-1b"))
            .is_none()
    );
    bench.folds_the_same_again();
}

/// Hours that the first session covers.
fn covered(bench: &Bench) -> i64 {
    let session = bench.state.tracks.sessions.values().next().unwrap();
    union_ms(&session.covered) / 3_600_000
}

impl Bench {
    /// A shadow session of three hourly bars, each committed when it ended; the position of the
    /// first commit.
    fn runs_three_hours(&mut self, who: &str, role: &str) -> u64 {
        let bench = self;
        let open = SessionOpen {
            session: "p-s0001".parse().unwrap(),
            portfolio: portfolio("p"),
            stage: Stage::Shadow,
            strategy_sha256: Digest::of(b"s1"),
            environment: Place::Simulated,
            system: "own".into(),
            bar_ms: 3_600_000,
        };
        bench
            .tracks(TrackAct::SessionOpen(open), who, role)
            .unwrap();
        let first_bar = bench.now;
        let committed = bench.size();
        for number in 1..=3_i64 {
            bench.now = first_bar.plus_millis(number * 3_600_000);
            let commit = SessionCommit {
                session: "p-s0001".parse().unwrap(),
                number: number.unsigned_abs(),
                log_sha256: Digest::of(b"log"),
                bars: number,
                first_bar,
                last_bar: first_bar.plus_millis((number - 1) * 3_600_000),
                orders: 0,
                events: 0,
            };
            bench
                .tracks(TrackAct::SessionCommit(commit), who, role)
                .unwrap();
        }
        committed
    }
}

/// A set whose budget of looks is larger: a loosening.
pub fn looser() -> PolicySet {
    let mut files = embedded_files();
    let roles = String::from_utf8(files["roles.toml"].clone()).unwrap();
    let more = roles.replace("ttl_days = 30", "ttl_days = 31");
    assert_ne!(roles, more);
    files.insert("roles.toml".into(), more.into_bytes());
    PolicySet::load(files).unwrap()
}

pub fn publishes(
    bench: &mut Bench,
    set: &PolicySet,
    people: &[(&str, &str)],
) -> Result<(), Refusal> {
    let known = std::sync::Arc::new(set.clone());
    bench.state.oversight.known.insert(set.digest(), known);
    let act = Act::PolicyPublication(Box::new(PolicyPublication {
        policy_sha256: set.digest(),
        files: set.file_refs(),
        replaces: bench.state.policy.digest(),
        overall: Overall::Loosening,
        flips_sha256: replay(&bench.state, set).digest().unwrap(),
        reason: "lessons".into(),
    }));
    let (first, role) = people[0];
    let mut statement = bench.statement(act, first, role, &key(first));
    let roots = [("root", "root", "root-1"), ("root", "root", "root-2")];
    let others = people[1..]
        .iter()
        .map(|(person, role)| (*person, *role, *person));
    let mut keys = vec![key(first)];
    for (person, role, by) in others.chain(roots) {
        keys.push(key(by));
        statement.cosigners.push(Signer {
            person: PersonId::new(person).unwrap(),
            role: role.into(),
            key: fingerprint(by),
        });
    }
    bench.submit(sign(&statement, &keys.iter().collect::<Vec<_>>()))
}

#[test]
fn nothing_rises_under_a_policy_set_that_a_distrusted_key_let_loose() {
    let mut bench = Bench::new();
    bench.enrol("research-4", Role::Research);
    let published = bench.size();
    let people = [("research-3", "research"), ("risk-1", "risk")];
    publishes(&mut bench, &looser(), &people).unwrap();
    let id = bench.judged("p", "s1", good());
    let mut after = bench.clone();
    after.compromised("risk-1", Some(published + 1)).unwrap();
    after.approve(&id, "risk-2", "risk").unwrap();
    after.decide(&id).unwrap();

    bench.compromised("risk-1", Some(published)).unwrap();
    assert!(
        bench
            .open_codes(&id)
            .contains(&"policy_in_doubt".to_owned())
    );
    assert_eq!(
        slug(bench.approve(&id, "risk-2", "risk")),
        "policy-in-doubt"
    );
    let request = bench.request("q", "s2");
    assert_eq!(slug(bench.ask(request)), "policy-in-doubt");
    // What lowers risk goes on.
    let mut lowered = bench.clone();
    lowered.halts(scope("p"), "ops-1", "ops").unwrap();
    let mut lowered = bench.clone();
    lowered.deny(&id, "risk-2", "risk").unwrap();
    bench.withdraw(&id, "research-1", "research").unwrap();
    // The same set again, by those who are believed.
    let people = [("research-4", "research"), ("risk-2", "risk")];
    publishes(&mut bench, &looser(), &people).unwrap();
    let id = bench.judged("p", "s1", good());
    bench.enrol("risk-5", Role::Risk);
    bench.approve(&id, "risk-5", "risk").unwrap();
    bench.decide(&id).unwrap();
    assert_eq!(bench.fate(), STANDS);
    bench.folds_the_same_again();
}

#[test]
fn what_lowered_risk_stays_whoever_signed_it() {
    let (mut bench, _) = promoted();
    let from = bench.size();
    bench.halts(scope("p"), "risk-2", "risk").unwrap();
    bench
        .demotes("p", Stage::Research, "risk-2", "risk")
        .unwrap();
    bench.incident("p", Severity::Low).unwrap();
    bench.compromised("risk-2", Some(from)).unwrap();
    assert_eq!(bench.fate(), (Stage::Research, Some(Cause::Person)));
    assert!(worst_open(&bench.state, &portfolio("p")).is_some());
    bench.folds_the_same_again();
}

/// I4: who proposed the policy set in force is an author of what is judged by it, certificates too.
#[test]
fn who_proposed_the_policy_set_certifies_nothing_by_it() {
    let (mut bench, _) = promoted();
    let people = [("risk-1", "risk"), ("research-3", "research")];
    publishes(&mut bench, &looser(), &people).unwrap();
    bench.days(10);
    let act = bench.certificate("p", good());
    let refused = bench.certifies(act.clone(), &[("risk-1", "risk")]);
    assert_eq!(slug(refused), "author-fills-slot");
    bench.certifies(act, &[("risk-2", "risk")]).unwrap();
    bench.folds_the_same_again();
}
