//! Confirmations of checklist items over a ledger in memory: who may give one, in which words, and
//! until when it counts.

use std::sync::Arc;

use promote::governance::policy::checklists::Kind;
use promote::governance::policy::roles::Role;
use promote::governance::policy::set::{PolicySet, embedded_files};
use promote::governance::promotion::oversight::acts::ChecklistItem;
use promote::governance::promotion::oversight::checklist::{Standing, standings};
use promote::governance::promotion::refusal::Refusal;
use promote::governance::promotion::state::State;
use promote::governance::promotion::statement::Act;
use promote::governance::stage::{Stage, Target};
use promote::kernel::digest::Digest;
use promote::kernel::id::ItemId;
use promote::kernel::time::UtcTime;

use crate::edges::{enrol, with_roles};
use crate::machine::{Bench, good, promoted, slug};
use crate::safety::portfolio;

const RESEARCH: (&str, &str) = ("research-2", "research");
const RISK: (&str, &str) = ("risk-1", "risk");
const OPS: (&str, &str) = ("ops-1", "ops");

impl Bench {
    /// The confirmation of an item of `p`, found today, as its form wants it.
    fn confirmation(&self, target: Target, id: &str) -> ChecklistItem {
        let item = ItemId::new(id).unwrap();
        let lists = self.state.policy.checklists();
        let known = lists.item(target, &item).unwrap();
        ChecklistItem {
            portfolio: portfolio("p"),
            target,
            item_sha256: known.digest(),
            note: "as it should be".into(),
            date: self.now.date(),
            document: (known.kind == Kind::Document).then(|| Digest::of(b"document")),
            item,
        }
    }

    fn confirms_item(&mut self, act: ChecklistItem, by: (&str, &str)) -> Result<(), Refusal> {
        let signed = self.signed(Act::ChecklistItem(act), by.0, by.1);
        self.submit(signed)
    }

    /// Everybody confirms what is asked of his role.
    pub fn confirms_all(&mut self, target: Target) {
        let items = self.state.policy.checklists().at(target).to_vec();
        for item in items {
            for role in item.roles() {
                let by = match role {
                    Role::Research => RESEARCH,
                    Role::Risk => RISK,
                    _ => OPS,
                };
                let act = self.confirmation(target, item.id.as_str());
                self.confirms_item(act, by).unwrap();
            }
        }
    }
}

/// A portfolio `p` with a request for SHADOW that was judged PROMOTE.
pub fn asked() -> (Bench, String) {
    let mut bench = Bench::new();
    let id = bench.judged("p", "s1", good());
    (bench, id)
}

/// How one item of `p` stands.
fn standing<'s>(state: &'s State, target: Target, id: &str) -> Standing<'s> {
    let list = standings(state, &portfolio("p"), target, None);
    let found = list.into_iter().find(|s| s.item.id.as_str() == id);
    found.unwrap()
}

fn is_done(bench: &Bench, target: Target, id: &str) -> bool {
    standing(&bench.state, target, id).done
}

#[test]
fn an_item_is_confirmed_in_its_role_in_the_words_of_the_set_in_force() {
    let (mut bench, _) = asked();
    let act = bench.confirmation(Target::Shadow, "runbook_known");
    assert_eq!(slug(bench.confirms_item(act.clone(), RISK)), "item-role");
    assert_eq!(
        slug(bench.confirms_item(act.clone(), RESEARCH)),
        "item-role"
    );
    let mut other = act.clone();
    other.item_sha256 = Digest::of(b"other words");
    assert_eq!(slug(bench.confirms_item(other, OPS)), "statement-differs");
    let mut other = act.clone();
    other.item = ItemId::new("nothing_like_it").unwrap();
    assert_eq!(slug(bench.confirms_item(other, OPS)), "unknown-item");
    let auto = bench.confirmation(Target::Shadow, "checklist_complete");
    assert_eq!(slug(bench.confirms_item(auto, OPS)), "item-is-auto");
    assert!(!is_done(&bench, Target::Shadow, "runbook_known"));
    bench.confirms_item(act.clone(), OPS).unwrap();
    let now = standing(&bench.state, Target::Shadow, "runbook_known");
    assert!(now.done && now.open.is_empty());
    let [confirmed] = now.confirmed.as_slice() else {
        panic!("{:?}", now.confirmed)
    };
    assert_eq!(confirmed.mark.person.as_str(), "ops-1");
    assert_eq!(confirmed.mark.comment, "as it should be");
    assert_eq!(confirmed.version, Some(Digest::of(b"s1")));
    assert_eq!(bench.again(), bench.state);
}

#[test]
fn an_item_that_is_done_is_confirmed_by_nobody_again() {
    let (mut bench, _) = asked();
    bench.enrol("ops-2", Role::Ops);
    let act = bench.confirmation(Target::Shadow, "runbook_known");
    bench.confirms_item(act.clone(), OPS).unwrap();
    assert_eq!(
        slug(bench.confirms_item(act.clone(), OPS)),
        "item-confirmed"
    );
    assert_eq!(
        slug(bench.confirms_item(act, ("ops-2", "ops"))),
        "item-confirmed"
    );
}

#[test]
fn two_roles_are_two_persons_in_whatever_order() {
    let (mut bench, _) = promoted();
    bench.enrol("ops-2", Role::Ops);
    let act = bench.confirmation(Target::Testnet, "limits_reviewed");
    let open = |bench: &Bench| standing(&bench.state, Target::Testnet, "limits_reviewed").open;
    assert_eq!(open(&bench), [Role::Risk, Role::Ops]);
    let mut risk_first = bench.clone();
    risk_first.confirms_item(act.clone(), RISK).unwrap();
    assert_eq!(open(&risk_first), [Role::Ops]);
    risk_first.confirms_item(act.clone(), OPS).unwrap();
    assert_eq!(open(&risk_first), []);
    bench.confirms_item(act.clone(), OPS).unwrap();
    assert_eq!(open(&bench), [Role::Risk]);
    let again = bench.confirms_item(act.clone(), ("ops-2", "ops"));
    assert_eq!(slug(again), "item-confirmed");
    assert!(!is_done(&bench, Target::Testnet, "limits_reviewed"));
    bench.confirms_item(act, RISK).unwrap();
    assert!(is_done(&bench, Target::Testnet, "limits_reviewed"));
}

#[test]
fn who_holds_both_roles_confirms_in_one_of_them() {
    let mut bench = with_roles("one_role_per_person = true", "one_role_per_person = false");
    enrol(&mut bench, "risk-1", Role::Ops, "risk-1").unwrap();
    let id = bench.judged("p", "s1", good());
    bench.approve(&id, "risk-2", "risk").unwrap();
    bench.decide(&id).unwrap();
    let act = bench.confirmation(Target::Testnet, "limits_reviewed");
    bench.confirms_item(act.clone(), RISK).unwrap();
    let again = bench.confirms_item(act.clone(), ("risk-1", "ops"));
    assert_eq!(slug(again), "item-confirmed");
    bench.confirms_item(act, OPS).unwrap();
    assert!(is_done(&bench, Target::Testnet, "limits_reviewed"));
}

#[test]
fn only_the_next_transition_is_filled() {
    let fills = |bench: &mut Bench, target: Target, id: &str| {
        let act = bench.confirmation(target, id);
        bench
            .confirms_item(act, OPS)
            .map_err(|refusal| refusal.slug())
    };
    let mut nobody = Bench::new();
    let unknown = fills(&mut nobody, Target::Shadow, "runbook_known");
    assert_eq!(unknown, Err("unknown-portfolio"));
    let (mut bench, _) = asked();
    let early = fills(&mut bench, Target::Testnet, "monitoring");
    assert_eq!(early, Err("stage-order"));
    fills(&mut bench, Target::Shadow, "runbook_known").unwrap();
    // While one version runs, the next one is asked for.
    let (mut bench, _) = promoted();
    fills(&mut bench, Target::Shadow, "runbook_known").unwrap();
    fills(&mut bench, Target::Testnet, "monitoring").unwrap();
    let early = fills(&mut bench, Target::Live, "backup");
    assert_eq!(early, Err("stage-order"));
    bench.place("p", Stage::Testnet);
    fills(&mut bench, Target::Live, "backup").unwrap();
    bench.retires("p").unwrap();
    for (target, id) in [
        (Target::Shadow, "shadow_docs_read"),
        (Target::Testnet, "alert_channels"),
        (Target::Live, "live_adapter"),
    ] {
        assert_eq!(fills(&mut bench, target, id), Err("stage-order"));
    }
}

#[test]
fn a_note_is_written_and_no_longer_than_a_free_text() {
    let (bench, _) = asked();
    let noted = |note: &str| {
        let mut bench = bench.clone();
        let mut act = bench.confirmation(Target::Shadow, "runbook_known");
        act.note = note.to_owned();
        bench
            .confirms_item(act, OPS)
            .map_err(|refusal| refusal.slug())
    };
    noted("x").unwrap();
    noted(&"x".repeat(4096)).unwrap();
    for (note, slug) in [
        ("", "no-words"),
        (" \n", "no-words"),
        ("x".repeat(4097).as_str(), "text-too-long"),
    ] {
        assert_eq!(noted(note), Err(slug), "{}", note.len());
    }
}

#[test]
fn the_day_is_a_date_that_has_begun() {
    let (bench, _) = asked();
    let midnight = UtcTime::parse_loose("2025-12-10").unwrap();
    let dated = |date: &str, now: UtcTime| {
        let mut bench = bench.clone();
        bench.now = now;
        let mut act = bench.confirmation(Target::Shadow, "runbook_known");
        act.date = date.to_owned();
        bench
            .confirms_item(act, OPS)
            .map_err(|refusal| refusal.slug())
    };
    dated("2025-12-10", midnight).unwrap();
    dated("2025-12-09", midnight).unwrap();
    for (date, now) in [
        ("2025-12-10", midnight.plus_millis(-1)),
        ("2025-12-11", midnight),
        ("2025-12-09T00:00:00Z", midnight),
        ("2025-02-30", midnight),
        ("the day it", midnight),
        ("", midnight),
    ] {
        assert_eq!(dated(date, now), Err("date-malformed"), "{date}");
    }
}

#[test]
fn a_document_is_named_where_one_is_wanted_and_nowhere_else() {
    let (bench, _) = asked();
    let paper = Some(Digest::of(b"document"));
    for (id, by, document, stands) in [
        ("runbook_known", OPS, None, true),
        ("runbook_known", OPS, paper, false),
        ("shadow_config", RESEARCH, None, false),
        ("shadow_config", RESEARCH, paper, true),
    ] {
        let mut bench = bench.clone();
        let mut act = bench.confirmation(Target::Shadow, id);
        act.document = document;
        let found = bench
            .confirms_item(act, by)
            .map_err(|refusal| refusal.slug());
        let wanted = if stands {
            Ok(())
        } else {
            Err("document-wanted")
        };
        assert_eq!(found, wanted, "{id} {document:?}");
    }
}

#[test]
fn a_confirmation_counts_for_the_words_the_version_the_key_and_the_stay_it_was_given_for() {
    let (mut bench, id) = asked();
    bench.enrol("ops-2", Role::Ops);
    let act = bench.confirmation(Target::Shadow, "runbook_known");
    bench.confirms_item(act, OPS).unwrap();
    let counts = |bench: &Bench| is_done(bench, Target::Shadow, "runbook_known");
    assert!(counts(&bench));
    // Another wording is another item; another item's wording changes nothing here.
    for (old, new, wanted) in [
        (
            "The runbook is known.",
            "The runbook is known by heart.",
            false,
        ),
        ("Logging is active;", "Logging is on;", true),
    ] {
        let mut files = embedded_files();
        let text = String::from_utf8(files["checklists.toml"].clone()).unwrap();
        assert!(text.contains(old));
        let text = text.replacen(old, new, 1);
        files.insert("checklists.toml".into(), text.into_bytes());
        let mut worded = bench.clone();
        worded.state.policy = Arc::new(PolicySet::load(files).unwrap());
        assert_eq!(counts(&worded), wanted, "{new}");
    }
    // Somebody else's key says nothing about it.
    let mut revoked = bench.clone();
    revoked.compromised("risk-2", None).unwrap();
    assert!(counts(&revoked));
    revoked.compromised("ops-1", None).unwrap();
    assert!(!counts(&revoked));
    let act = revoked.confirmation(Target::Shadow, "runbook_known");
    revoked.confirms_item(act, ("ops-2", "ops")).unwrap();
    assert!(counts(&revoked));
    // What was found on one version says nothing about the next.
    let mut changed = bench.clone();
    changed.withdraw(&id, "research-1", "research").unwrap();
    assert!(counts(&changed));
    changed.judged("p", "s2", good());
    assert!(!counts(&changed));
    // Nor about the time after a lowering, which it had not seen.
    bench.approve(&id, "risk-1", "risk").unwrap();
    bench.decide(&id).unwrap();
    assert!(counts(&bench));
    let lowered = bench.now.plus_days(1);
    bench.now = lowered;
    bench
        .demotes("p", Stage::Research, "risk-1", "risk")
        .unwrap();
    assert!(!counts(&bench));
    let act = bench.confirmation(Target::Shadow, "runbook_known");
    bench.confirms_item(act, OPS).unwrap();
    assert!(counts(&bench));
}
