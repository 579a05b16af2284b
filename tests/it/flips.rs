//! The table of past decisions that another policy set would flip: what it lists, and that its
//! bytes say all of it.

use std::collections::BTreeMap;

use promote::governance::policy::set::{PolicySet, embedded_files};
use promote::governance::promotion::oversight::replay::{FlipTable, SCHEMA, replay};
use promote::kernel::canonical;
use promote::kernel::digest::Digest;
use promote::kernel::id::ProfileId;

use crate::machine::{Bench, facts, good};

/// The shipped set with texts of its files replaced.
pub fn changed(changes: &[(&str, &str, &str)]) -> PolicySet {
    let mut files: BTreeMap<String, Vec<u8>> = embedded_files();
    for (file, old, new) in changes {
        let text = String::from_utf8(files[*file].clone()).unwrap();
        assert!(text.contains(old), "{file}: {old}");
        files.insert((*file).into(), text.replacen(old, new, 1).into_bytes());
    }
    PolicySet::load(files).unwrap()
}

/// The deepest drawdown of the conservative profile, lower.
const SHALLOWER: (&str, &str, &str) = (
    "conservative.toml",
    "floor = 0.20\ntarget = 0.15",
    "floor = 0.16\ntarget = 0.15",
);

/// A criterion that nobody has evidence for yet.
const ONE_MORE: (&str, &str, &str) = (
    "conservative.toml",
    "[[criterion]]\nid = \"trades_oos\"",
    "[[criterion]]\nid = \"sortino\"\nmetric = \"sortino\"\nsample = \"full\"\nop = \"ge\"\nfloor = 1\nunit = \"ratio\"\nenforcement = \"hard\"\nrationale = \"x\"\n\n[[criterion]]\nid = \"trades_oos\"",
);

const OTHER_FEES: (&str, &str, &str) =
    ("conservative.toml", "fee_min = 0.0010", "fee_min = 0.0020");

/// Two requests that were judged PROMOTE, one just so and one with room.
fn judged() -> Bench {
    let mut bench = Bench::new();
    bench.judged("p", "s1", good());
    bench.judged("q", "s2", facts("1.4", "0.10", "0.20"));
    bench
}

#[test]
fn a_flip_names_the_criteria_that_moved_and_no_other() {
    let bench = judged();
    let criteria = |changes: &[(&str, &str, &str)]| {
        let table = replay(&bench.state, &changed(changes));
        assert_eq!(table.judged, 2);
        let flips = table.flips.into_iter();
        flips
            .map(|flip| (flip.portfolio.to_string(), flip.criteria))
            .collect::<Vec<_>>()
    };
    let list = |of: &str, ids: &[&str]| {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        (of.to_owned(), ids)
    };
    assert_eq!(criteria(&[]), []);
    assert_eq!(criteria(&[SHALLOWER]), [list("p", &["max_drawdown"])]);
    // One that only the other set asks has moved as well.
    assert_eq!(
        criteria(&[ONE_MORE]),
        [list("p", &["sortino"]), list("q", &["sortino"])]
    );
    assert_eq!(
        criteria(&[SHALLOWER, ONE_MORE]),
        [
            list("p", &["max_drawdown", "sortino"]),
            list("q", &["sortino"])
        ]
    );
}

#[test]
fn the_table_names_the_profiles_that_are_computed_in_another_way() {
    let bench = judged();
    let others = |changes: &[(&str, &str, &str)]| {
        let table = replay(&bench.state, &changed(changes));
        table.other_conventions
    };
    let profile = |name: &str| ProfileId::new(name).unwrap();
    assert_eq!(others(&[]), []);
    assert_eq!(others(&[SHALLOWER]), []);
    assert_eq!(others(&[OTHER_FEES]), [profile("conservative")]);
    // A profile that was not there before is computed in no other way.
    let mut files = embedded_files();
    let text = String::from_utf8(files["conservative.toml"].clone()).unwrap();
    let text = text.replacen("\"conservative\"", "\"careful\"", 1);
    files.insert("careful.toml".into(), text.into_bytes());
    let table = replay(&bench.state, &PolicySet::load(files).unwrap());
    assert_eq!(table.other_conventions, []);
}

#[test]
fn the_bytes_of_a_table_are_canonical_and_say_all_of_it() {
    let bench = judged();
    let set = changed(&[SHALLOWER, OTHER_FEES]);
    let table = replay(&bench.state, &set);
    assert_eq!(table.schema, SCHEMA);
    assert_eq!(table.policy_sha256, set.digest());
    assert_eq!((table.flips.len(), table.other_conventions.len()), (1, 1));
    let bytes = table.to_bytes().unwrap();
    let read: FlipTable = canonical::decode(&bytes, 100_000).unwrap();
    assert_eq!(read, table);
    assert_eq!(canonical::encode(&read).unwrap(), bytes);
    assert_eq!(table.digest().unwrap(), Digest::of(&bytes));
}
