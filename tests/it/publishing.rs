//! Who may publish a policy set over a ledger in memory, in which words, and seeing which state;
//! and which set is in force where.

use std::collections::BTreeMap;
use std::sync::Arc;

use promote::governance::audit::entry::Entry;
use promote::governance::policy::diff::{Overall, diff};
use promote::governance::policy::roles::Role;
use promote::governance::policy::set::PolicySet;
use promote::governance::promotion::event::Signed;
use promote::governance::promotion::oversight::acts::PolicyPublication;
use promote::governance::promotion::oversight::publication::overall;
use promote::governance::promotion::oversight::replay::replay;
use promote::governance::promotion::oversight::{later_sets, published_files};
use promote::governance::promotion::refusal::Refusal;
use promote::governance::promotion::statement::{Act, Signer};
use promote::kernel::digest::Digest;
use promote::kernel::id::PersonId;
use promote::kernel::time::HOUR_MS;

use crate::distrust::looser;
use crate::edges::enrol;
use crate::flips::changed;
use crate::machine::{Bench, good, key, public, sign, slug};

/// A person, the role, and whose key signs.
type By<'a> = (&'a str, &'a str, &'a str);

const RESEARCH: By<'_> = ("research-3", "research", "research-3");
const RISK: By<'_> = ("risk-1", "risk", "risk-1");
const OPS: By<'_> = ("ops-1", "ops", "ops-1");
const ROOT_1: By<'_> = ("root", "root", "root-1");
const ROOT_2: By<'_> = ("root", "root", "root-2");
const ROOT_3: By<'_> = ("root", "root", "root-3");
/// The LIVE quorum and the root threshold.
const ALL: [By<'_>; 4] = [RESEARCH, RISK, ROOT_1, ROOT_2];

/// A set that is stricter.
fn tighter() -> PolicySet {
    changed(&[("roles.toml", "cool_off_days = 14", "cool_off_days = 21")])
}

fn shipped() -> PolicySet {
    PolicySet::embedded().unwrap()
}

impl Bench {
    /// The files of a set are at hand.
    fn has_files_of(&mut self, set: &PolicySet) {
        let held = Arc::new(set.clone());
        self.state.oversight.known.insert(set.digest(), held);
    }

    fn publication(&self, set: &PolicySet, overall: Overall) -> PolicyPublication {
        PolicyPublication {
            policy_sha256: set.digest(),
            files: set.file_refs(),
            replaces: self.state.policy.digest(),
            overall,
            flips_sha256: replay(&self.state, set).digest().unwrap(),
            reason: "lessons".into(),
        }
    }

    fn publication_by(&mut self, act: PolicyPublication, by: &[By<'_>]) -> Signed {
        let (first, role, own) = by[0];
        let act = Act::PolicyPublication(Box::new(act));
        let mut statement = self.statement(act, first, role, &key(own));
        for (person, role, own) in &by[1..] {
            statement.cosigners.push(Signer {
                person: PersonId::new(person).unwrap(),
                role: (*role).into(),
                key: public(&key(own)).fingerprint(),
            });
        }
        let keys: Vec<_> = by.iter().map(|(_, _, own)| key(own)).collect();
        sign(&statement, &keys.iter().collect::<Vec<_>>())
    }

    fn publish(&mut self, act: PolicyPublication, by: &[By<'_>]) -> Result<(), Refusal> {
        let signed = self.publication_by(act, by);
        self.submit(signed)
    }

    fn tightens(&mut self, set: &PolicySet, by: &[By<'_>]) -> Result<(), Refusal> {
        let act = self.publication(set, Overall::Tightening);
        self.publish(act, by)
    }

    fn loosens(&mut self, set: &PolicySet, by: &[By<'_>]) -> Result<(), Refusal> {
        let act = self.publication(set, Overall::Loosening);
        self.publish(act, by)
    }
}

/// A ledger at whose hand a stricter and a looser set are.
fn ready() -> Bench {
    let mut bench = Bench::new();
    for set in [tighter(), looser()] {
        bench.has_files_of(&set);
    }
    bench
}

#[test]
fn a_tightening_is_signed_by_one_risk_person() {
    let mut bench = ready();
    for by in [
        &[RESEARCH][..],
        &[OPS],
        &[ROOT_1],
        &[RISK, ("risk-2", "risk", "risk-2")],
        &[RISK, ROOT_1],
        &ALL,
    ] {
        assert_eq!(slug(bench.tightens(&tighter(), by)), "signers-wanted");
    }
    bench.tightens(&tighter(), &[RISK]).unwrap();
    assert_eq!(bench.state.policy.digest(), tighter().digest());
    let again = bench.tightens(&tighter(), &[RISK]);
    assert_eq!(slug(again), "policy-unchanged");
    let mut same = bench.again();
    same.oversight
        .known
        .clone_from(&bench.state.oversight.known);
    assert_eq!(same, bench.state);
}

#[test]
fn a_loosening_is_signed_by_the_live_quorum_and_the_root_threshold_the_proposer_first() {
    let bench = ready();
    let signed = |by: &[By<'_>]| {
        let mut bench = bench.clone();
        let done = bench.loosens(&looser(), by);
        done.map_err(|refusal| refusal.slug())
    };
    for by in [
        &[RISK][..],
        &[RISK, ROOT_1, ROOT_2],
        &[RESEARCH, ROOT_1, ROOT_2],
        &[RESEARCH, RISK, OPS, ROOT_1, ROOT_2],
        &[ROOT_1, ROOT_2],
        &[ROOT_1, ROOT_2, RESEARCH, RISK],
    ] {
        assert_eq!(signed(by), Err("signers-wanted"), "{by:?}");
    }
    assert_eq!(signed(&[RESEARCH, RISK]), Err("root-threshold"));
    assert_eq!(signed(&[RESEARCH, RISK, ROOT_1]), Err("root-threshold"));
    signed(&[RESEARCH, RISK, ROOT_1, ROOT_2]).unwrap();
    signed(&[RISK, RESEARCH, ROOT_3, ROOT_1]).unwrap();
    signed(&[RISK, ROOT_1, RESEARCH, ROOT_2, ROOT_3]).unwrap();
}

#[test]
fn a_root_is_a_root_key_under_the_name_of_root() {
    let mut bench = ready();
    for stranger in [
        ("root", "root", "risk-2"),
        ("root", "root", "stranger"),
        ("research-1", "root", "root-2"),
        ("risk-1", "root", "root-2"),
    ] {
        let by = [RESEARCH, RISK, ROOT_1, stranger];
        assert_eq!(slug(bench.loosens(&looser(), &by)), "unknown-key");
    }
    bench.loosens(&looser(), &ALL).unwrap();
}

#[test]
fn nobody_signs_a_publication_twice_whatever_the_key() {
    let mut bench = ready();
    enrol(&mut bench, "risk-1", Role::Risk, "risk-1b").unwrap();
    enrol(&mut bench, "risk-1", Role::Authoriser, "risk-1c").unwrap();
    for twice in [
        ("risk-1", "risk", "risk-1b"),
        ("risk-1", "authoriser", "risk-1c"),
    ] {
        let by = [RESEARCH, RISK, twice, ROOT_1, ROOT_2];
        assert_eq!(slug(bench.loosens(&looser(), &by)), "signs-twice");
        assert_eq!(
            slug(bench.tightens(&tighter(), &[RISK, twice])),
            "signs-twice"
        );
    }
    // Either key is his own.
    let other = ("risk-1", "risk", "risk-1b");
    let mut by_other = bench.clone();
    by_other.tightens(&tighter(), &[other]).unwrap();
    bench.tightens(&tighter(), &[RISK]).unwrap();
}

#[test]
fn a_reason_is_written_and_no_longer_than_a_free_text() {
    let bench = ready();
    let given = |reason: &str| {
        let mut bench = bench.clone();
        let mut act = bench.publication(&tighter(), Overall::Tightening);
        act.reason = reason.to_owned();
        bench
            .publish(act, &[RISK])
            .map_err(|refusal| refusal.slug())
    };
    given("x").unwrap();
    given(&"x".repeat(4096)).unwrap();
    for (reason, slug) in [
        ("", "no-words"),
        ("\n ", "no-words"),
        ("x".repeat(4097).as_str(), "text-too-long"),
    ] {
        assert_eq!(given(reason), Err(slug), "{}", reason.len());
    }
}

#[test]
fn a_publication_says_what_it_is() {
    let mut bench = ready();
    let other = Digest::of(b"other");
    type Change<'a> = (&'a str, &'a dyn Fn(&mut PolicyPublication));
    let changes: [Change<'_>; 4] = [
        ("replaces", &|act| act.replaces = other),
        ("files", &|act| {
            act.files.pop();
        }),
        ("overall", &|act| act.overall = Overall::Loosening),
        ("flips_sha256", &|act| act.flips_sha256 = other),
    ];
    for (wanted, change) in changes {
        let mut act = bench.publication(&tighter(), Overall::Tightening);
        change(&mut act);
        match bench.publish(act, &[RISK]) {
            Err(Refusal::StatementDiffers { field }) => assert_eq!(field, wanted),
            other => panic!("{wanted}: {other:?}"),
        }
    }
    let strange = changed(&[("roles.toml", "cool_off_days = 14", "cool_off_days = 30")]);
    assert_eq!(slug(bench.tightens(&strange, &[RISK])), "policy-not-kept");
    // The table is that of the present state: what was judged meanwhile stands in it as well.
    let before = bench.publication(&tighter(), Overall::Tightening);
    bench.judged("p", "s1", good());
    let late = bench.publish(before, &[RISK]);
    assert!(matches!(
        late,
        Err(Refusal::StatementDiffers {
            field: "flips_sha256"
        })
    ));
    bench.tightens(&tighter(), &[RISK]).unwrap();
}

#[test]
fn an_older_set_again_is_loosening_although_it_is_stricter() {
    let mut bench = ready();
    assert_eq!(overall(&bench.state, &looser()), Overall::Loosening);
    bench.loosens(&looser(), &ALL).unwrap();
    // Held against the set in force alone it tightens, and a set that never was in force does.
    let stricter = changed(&[("roles.toml", "ttl_days = 30", "ttl_days = 29")]);
    for (set, wanted) in [
        (shipped(), Overall::Loosening),
        (stricter, Overall::Tightening),
    ] {
        assert_eq!(diff(&bench.state.policy, &set).overall, Overall::Tightening);
        assert_eq!(overall(&bench.state, &set), wanted);
    }
    match bench.tightens(&shipped(), &[RISK]) {
        Err(Refusal::StatementDiffers { field }) => assert_eq!(field, "overall"),
        other => panic!("{other:?}"),
    }
    // The files of the genesis set are at hand from the beginning.
    bench.loosens(&shipped(), &ALL).unwrap();
    assert_eq!(bench.state.policy.digest(), shipped().digest());
}

#[test]
fn a_loosening_is_signed_over_a_head_that_is_two_hours_old_at_most() {
    let mut bench = ready();
    let act = bench.publication(&looser(), Overall::Loosening);
    let signed = bench.publication_by(act, &ALL);
    let mut unmoved = bench.clone();
    // What touches no signer replaces the head, and its age counts from there.
    bench.enrol("ops-2", Role::Ops);
    let replaced = bench.now;
    for (later, stands) in [(2 * HOUR_MS, true), (2 * HOUR_MS + 1, false)] {
        let mut bench = bench.clone();
        bench.now = replaced.plus_millis(later);
        let found = bench.submit(signed.clone());
        let found = found.map_err(|refusal| refusal.slug());
        let wanted = if stands { Ok(()) } else { Err("stale-head") };
        assert_eq!(found, wanted, "{later}");
    }
    // The present head is as good as new.
    unmoved.now = replaced.plus_millis(5 * HOUR_MS);
    unmoved.submit(signed).unwrap();
    // A tightening is taken over any head.
    let act = bench.publication(&tighter(), Overall::Tightening);
    let signed = bench.publication_by(act, &[RISK]);
    bench.enrol("ops-3", Role::Ops);
    bench.now = replaced.plus_millis(5 * HOUR_MS);
    bench.submit(signed).unwrap();
}

#[test]
fn a_loosening_is_signed_by_persons_as_they_stood_at_its_head() {
    let third = ("risk-3", "risk", "risk-3");
    let by = [RESEARCH, third, ROOT_1, ROOT_2];
    // Let in right after the head that they saw; the proposer, and who signs beside.
    for by in [by, [third, RESEARCH, ROOT_1, ROOT_2]] {
        let mut bench = ready();
        let act = bench.publication(&looser(), Overall::Loosening);
        let early = bench.publication_by(act, &by);
        bench.enrol("risk-3", Role::Risk);
        let seq = bench.state.size() - 1;
        match bench.submit(early) {
            Err(Refusal::StateMoved { seq: told }) => assert_eq!(told, seq),
            other => panic!("{other:?}"),
        }
        // The head that holds the enrolment as its last entry.
        bench.loosens(&looser(), &by).unwrap();
    }
    // And under the policy set that they saw.
    let mut bench = ready();
    bench.tightens(&tighter(), &[RISK]).unwrap();
    bench.loosens(&looser(), &ALL).unwrap();
}

#[test]
fn a_set_is_in_force_for_the_entries_after_its_publication() {
    let mut bench = ready();
    let in_force = |bench: &Bench, seq: u64| bench.state.oversight.policy_at(seq).unwrap().digest();
    let first = bench.state.size();
    bench.tightens(&tighter(), &[RISK]).unwrap();
    bench.enrol("ops-2", Role::Ops);
    let second = bench.state.size();
    bench.loosens(&looser(), &ALL).unwrap();
    for (seq, set) in [
        (0, shipped()),
        (1, shipped()),
        (first, shipped()),
        (first + 1, tighter()),
        (second, tighter()),
        (second + 1, looser()),
        (second + 2, looser()),
    ] {
        assert_eq!(in_force(&bench, seq), set.digest(), "{seq}");
    }
}

#[test]
fn the_sets_that_entries_publish_are_read_from_their_kept_files() {
    let mut bench = ready();
    bench.judged("p", "s1", good());
    bench.tightens(&tighter(), &[RISK]).unwrap();
    bench.loosens(&looser(), &ALL).unwrap();
    let entries: Vec<Entry> = bench.entries.iter().map(|e| (**e).clone()).collect();
    let files: Vec<_> = entries.iter().filter_map(published_files).collect();
    assert_eq!(files, [tighter().file_refs(), looser().file_refs()]);
    let kept = |sets: &[PolicySet]| {
        let files = sets.iter().flat_map(|set| set.files().values().cloned());
        let kept: BTreeMap<Digest, Vec<u8>> = files.map(|b| (Digest::of(&b), b)).collect();
        let found = later_sets(&entries, &|digest| kept.get(digest).cloned());
        found.iter().map(|set| set.digest()).collect::<Vec<_>>()
    };
    let (first, second) = (tighter().digest(), looser().digest());
    assert_eq!(kept(&[tighter(), looser()]), [first, second]);
    // One whose files are gone is left out, alone.
    assert_eq!(kept(&[looser()]), [second]);
    assert_eq!(kept(&[]), []);
}
