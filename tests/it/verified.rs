//! Verification of a ledger in memory: the fold of its entries, what is wrong with it, and what
//! could not be checked.

use promote::governance::audit::entry::Entry;
use promote::governance::policy::set::embedded_files;
use promote::governance::promotion::verify::{Report, verify};
use promote::kernel::digest::Digest;

use crate::machine::{Bench, promoted};
use crate::safety::{halt, scope};

/// The files of the shipped policy set are kept, and nothing else.
fn kept(digest: &Digest) -> Option<Vec<u8>> {
    let mut files = embedded_files().into_values();
    files.find(|bytes| Digest::of(bytes) == *digest)
}

fn verified(bench: &Bench) -> Report {
    let entries: Vec<Entry> = bench.entries.iter().map(|e| (**e).clone()).collect();
    verify(&entries, &kept)
}

#[test]
fn a_ledger_is_folded_and_its_entries_without_effect_are_found() {
    let mut bench = Bench::founded(|_| {}, embedded_files());
    bench.brief = true;
    let report = verified(&bench);
    assert_eq!(report.state.as_ref(), Some(&bench.state));
    assert_eq!(report.findings, []);
    assert_eq!(report.not_checked, []);
    let forged = bench.signed(halt(scope("p"), false), "nobody", "ops");
    assert!(!bench.append(&forged));
    let report = verified(&bench);
    assert_eq!(report.state.as_ref(), Some(&bench.state));
    let found = report.findings.iter().map(|f| (f.seq, f.code.as_str()));
    assert_eq!(found.collect::<Vec<_>>(), [(1, "unknown-key")]);
}

#[test]
fn a_ledger_whose_policy_set_is_not_kept_has_no_fold() {
    let bench = Bench::founded(|_| {}, embedded_files());
    let entries = [(*bench.entries[0]).clone()];
    let gone = verify(&entries, &|_| None);
    let open = gone.not_checked.iter().map(|f| (f.seq, f.code.as_str()));
    assert_eq!(open.collect::<Vec<_>>(), [(0, "policy-not-kept")]);
    assert_eq!((gone.findings.len(), gone.state), (0, None));
    let changed = verify(&entries, &|_| Some(b"other bytes".to_vec()));
    let found = changed.findings.iter().map(|f| (f.seq, f.code.as_str()));
    assert_eq!(found.collect::<Vec<_>>(), [(0, "policy")]);
    assert_eq!((changed.not_checked.len(), changed.state), (0, None));
    assert_eq!(verify(&[], &kept), Report::default());
}

#[test]
fn a_verdict_whose_evidence_is_not_kept_is_not_checked() {
    let (bench, _) = promoted();
    let report = verified(&bench);
    assert_eq!(report.findings, []);
    let judged = bench.entries.iter().find(|e| e.leaf.kind == "evaluation");
    let open = report.not_checked.iter().map(|f| f.seq);
    assert_eq!(open.collect::<Vec<_>>(), [judged.unwrap().seq]);
}
