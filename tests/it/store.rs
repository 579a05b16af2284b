//! The SQLite store: what is appended comes back verified, and nothing can be changed behind it.

use std::path::{Path, PathBuf};
use std::sync::Barrier;

use promote::adapters::ledger::{Access, Ledger, LedgerError};
use promote::governance::audit::entry::Entry;
use promote::kernel::digest::Digest;
use serde_json::json;

use crate::ledger_support::{
    Intruder, block, draft, faults, filled, genesis, log_key, named, note, write,
};

fn in_folder() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.db");
    (dir, path)
}

/// A closed ledger of `size` entries.
fn closed(path: &Path, size: u64) {
    block(async { filled(path, size).await.close().await.unwrap() });
}

#[test]
fn appended_entries_come_back_verified() {
    block(async {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger/ledger.db");
        let ledger = filled(&path, 8).await;
        let head = ledger.head().unwrap();
        let note = ledger.checkpoint_note().unwrap();
        ledger.close().await.unwrap();
        let mut ledger = Ledger::open(&path, Access::Read).await.unwrap();
        assert_eq!(ledger.entries().await.unwrap().len(), 8);
        assert_eq!(ledger.head().unwrap(), head);
        assert_eq!(ledger.frontier().unwrap().root(), head.root);
        assert_eq!(ledger.checkpoint_note().unwrap(), note);
        assert_eq!(
            ledger.blob(&Digest::of(b"blob 1")).await.unwrap().unwrap(),
            b"blob 1"
        );
        let seen = ledger.verify(named).await.unwrap();
        assert_eq!(seen.findings, []);
        assert!(matches!(
            ledger.append(8, &[draft("note", json!({}), 9)], &[]).await,
            Err(LedgerError::ReadOnly)
        ));
    });
}

#[test]
fn a_decision_on_an_older_ledger_is_refused_and_leaves_nothing() {
    block(async {
        let (_dir, path) = in_folder();
        let mut one = filled(&path, 8).await;
        let mut two = Ledger::open(&path, write()).await.unwrap();
        two.entries().await.unwrap();
        one.append(8, &[draft("note", json!({}), 8)], &[])
            .await
            .unwrap();
        let late = two.append(8, &[draft("note", json!({}), 8)], &[]).await;
        assert!(
            matches!(
                late,
                Err(LedgerError::Moved {
                    expected: 8,
                    found: 9
                })
            ),
            "{late:?}"
        );
        two.append(9, &[draft("note", json!({}), 9)], &[])
            .await
            .unwrap();
        // A body that cannot be stored in the middle of a batch takes the whole batch with it.
        let bad = [
            draft("note", json!({}), 10),
            draft("note", json!({ "x": 1.5 }), 11),
        ];
        assert!(matches!(
            two.append(10, &bad, &[b"never".to_vec()]).await,
            Err(LedgerError::Unstorable(_))
        ));
        assert_eq!(two.entries().await.unwrap().len(), 10);
        assert_eq!(two.blob(&Digest::of(b"never")).await.unwrap(), None);
        assert_eq!(two.verify(named).await.unwrap().findings, []);
        // The failed attempts left no transaction behind: both can go on.
        one.append(10, &[draft("note", json!({}), 10)], &[])
            .await
            .unwrap();
    });
}

#[test]
fn limits_of_entries_and_commits() {
    block(async {
        let (_dir, path) = in_folder();
        let mut ledger = filled(&path, 1).await;
        let long = |n: usize| draft("note", json!({ "text": "x".repeat(n) }), 1);
        let frame = {
            let entries = ledger.append(1, &[long(0)], &[]).await.unwrap();
            entries[0].data.len()
        };
        ledger
            .append(2, &[long(65_535 - frame)], &[])
            .await
            .unwrap();
        let over = ledger.append(3, &[long(65_536 - frame)], &[]).await;
        assert!(matches!(over, Err(LedgerError::Unstorable(_))));
        assert!(matches!(
            ledger.append(3, &[], &[b"alone".to_vec()]).await,
            Err(LedgerError::Unstorable(_))
        ));
        let many: Vec<_> = (3..300).map(|n| note(n).0).collect();
        assert_eq!(ledger.append(3, &many, &[]).await.unwrap().len(), 297);
        assert_eq!(ledger.entries().await.unwrap().len(), 300);
        assert_eq!(ledger.verify(named).await.unwrap().findings, []);
        // Blobs come back as they were, small or large, and are kept once.
        let large: Vec<u8> = (0..3_000_000_u32)
            .map(|n| (n.wrapping_mul(n) / 7) as u8)
            .collect();
        let name = Digest::of(&large);
        for size in [300, 301] {
            let body = json!({ "blob": name.to_string() });
            let blobs = [large.clone(), large.clone()];
            ledger
                .append(size, &[draft("note", body, size)], &blobs)
                .await
                .unwrap();
        }
        assert_eq!(ledger.blob(&name).await.unwrap().unwrap(), large);
        assert_eq!(ledger.verify(named).await.unwrap().findings, []);
    });
}

#[test]
fn missing_linked_and_foreign_files_are_not_opened() {
    block(async {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        filled(&at("ledger.db"), 2).await.close().await.unwrap();
        let none = Ledger::open(&at("none.db"), Access::Read).await;
        assert!(matches!(none, Err(LedgerError::Missing(_))));
        assert!(!at("none.db").exists(), "opening must not make a file");
        let again = Ledger::create(&at("ledger.db"), log_key(), "test", genesis().await, &[]).await;
        assert!(matches!(again, Err(LedgerError::Exists(_))));

        std::os::unix::fs::symlink(at("ledger.db"), at("link.db")).unwrap();
        let link = Ledger::open(&at("link.db"), Access::Read).await;
        assert!(matches!(link, Err(LedgerError::Integrity(_))));
        std::fs::hard_link(at("ledger.db"), at("second.db")).unwrap();
        let second = Ledger::open(&at("ledger.db"), Access::Read).await;
        assert!(matches!(second, Err(LedgerError::Integrity(_))));
        std::fs::remove_file(at("second.db")).unwrap();
        assert_eq!(faults(&at("ledger.db")).await, [""; 0]);

        std::fs::write(at("text.db"), "no database at all, but long enough to look").unwrap();
        let text = Ledger::open(&at("text.db"), Access::Read).await;
        assert!(matches!(text, Err(LedgerError::Integrity(_))), "{text:?}");
        std::fs::write(at("empty.db"), "").unwrap();
        let empty = Ledger::open(&at("empty.db"), Access::Read).await;
        assert!(matches!(
            empty,
            Err(LedgerError::Setting {
                name: "application_id",
                ..
            })
        ));
    });
}

#[test]
fn files_are_private_and_the_log_is_folded_back() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger/ledger.db");
    closed(&path, 3);
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    block(async {
        let mut ledger = Ledger::open(&path, Access::Read).await.unwrap();
        ledger.entries().await.unwrap();
        ledger.close().await.unwrap();
    });
    let left: Vec<_> = std::fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(left, ["ledger.db"], "neither staging nor log files stay");
}

#[test]
fn settings_that_guarantees_rest_on_are_refused_when_changed() {
    for (change, setting) in [
        ("PRAGMA journal_mode = DELETE", "journal_mode"),
        ("PRAGMA application_id = 1", "application_id"),
        ("PRAGMA user_version = 2", "user_version"),
    ] {
        let (_dir, path) = in_folder();
        closed(&path, 2);
        block(async {
            let mut intruder = Intruder::enter(&path).await;
            intruder.run(change).await.unwrap();
            intruder.leave().await;
            let opened = Ledger::open(&path, write()).await;
            assert!(
                matches!(&opened, Err(LedgerError::Setting { name, .. }) if *name == setting),
                "{change}: {opened:?}"
            );
        });
    }
}

#[test]
fn triggers_refuse_every_way_to_change_or_replace_a_row() {
    let (_dir, path) = in_folder();
    closed(&path, 9);
    let blob = "(SELECT sha256 FROM blob LIMIT 1)";
    let zero = "zeroblob(32)";
    let statements = [
        format!("UPDATE entry SET leaf_hash = {zero}"),
        format!("UPDATE OR IGNORE entry SET leaf_hash = {zero} WHERE seq = 0"),
        "UPDATE OR REPLACE entry SET seq = 1 WHERE seq = 2".to_owned(),
        "DELETE FROM entry".to_owned(),
        "DELETE FROM entry WHERE seq = 8".to_owned(),
        format!("INSERT INTO entry VALUES (0, {zero}, {zero})"),
        format!("INSERT OR REPLACE INTO entry VALUES (0, {zero}, {zero})"),
        format!("REPLACE INTO entry VALUES (8, {zero}, {zero})"),
        format!("INSERT OR IGNORE INTO entry VALUES (10, {zero}, {zero})"),
        format!("INSERT INTO entry VALUES (-1, {zero}, {zero})"),
        format!("INSERT INTO entry VALUES (9007199254740992, {zero}, {zero})"),
        format!("INSERT INTO entry (leaf_hash, data) VALUES ({zero}, {zero})"),
        format!(
            "INSERT INTO entry VALUES (0, {zero}, {zero}) ON CONFLICT (seq) DO UPDATE SET data = {zero}"
        ),
        format!("UPDATE hash_node SET hash = {zero}"),
        "DELETE FROM hash_node".to_owned(),
        format!("INSERT OR REPLACE INTO hash_node VALUES (1, 0, {zero})"),
        format!(
            "INSERT INTO hash_node VALUES (1, 0, {zero}) ON CONFLICT DO UPDATE SET hash = {zero}"
        ),
        format!("UPDATE checkpoint SET root = {zero}"),
        "DELETE FROM checkpoint".to_owned(),
        format!("INSERT OR REPLACE INTO checkpoint VALUES (9, {zero}, {zero})"),
        format!("INSERT INTO checkpoint VALUES (4, {zero}, {zero})"),
        format!("UPDATE blob SET stored = {zero}"),
        "DELETE FROM blob".to_owned(),
        format!("INSERT OR REPLACE INTO blob VALUES ({blob}, {zero}, {zero})"),
    ];
    block(async {
        for recursive in ["ON", "OFF"] {
            let mut intruder = Intruder::enter(&path).await;
            let pragma = format!("PRAGMA recursive_triggers = {recursive}");
            intruder.run(&pragma).await.unwrap();
            for statement in &statements {
                let answer = intruder.run(statement).await;
                let message = answer.err().map(|e| e.to_string()).unwrap_or_default();
                let raised = ["never", "added at the end"];
                assert!(
                    raised.iter().any(|text| message.contains(text)),
                    "{statement} with recursive_triggers {recursive}: {message:?}"
                );
            }
            intruder.leave().await;
        }
        assert_eq!(faults(&path).await, [""; 0]);
    });
}

#[test]
fn a_changed_schema_is_found_at_open() {
    for change in [
        "DROP TRIGGER entry_update",
        "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'blob_delete'",
        "ALTER TABLE entry ADD COLUMN note TEXT",
        "CREATE VIEW entries AS SELECT * FROM entry",
        "CREATE UNIQUE INDEX once ON entry (leaf_hash)",
        "CREATE TABLE more (x INTEGER) STRICT",
        "DROP TRIGGER blob_insert; CREATE TRIGGER blob_insert BEFORE INSERT ON blob BEGIN SELECT 1; END",
    ] {
        let (_dir, path) = in_folder();
        closed(&path, 2);
        block(async {
            let mut intruder = Intruder::enter(&path).await;
            intruder.run(change).await.unwrap();
            intruder.leave().await;
            let opened = Ledger::open(&path, write()).await;
            assert!(
                matches!(&opened, Err(LedgerError::Integrity(_))),
                "{change}: {opened:?}"
            );
        });
    }
}

/// Changes behind the triggers, and the finding that each must cause.
const TAMPERINGS: [(&str, &str, &str); 12] = [
    ("entry", "DELETE FROM entry WHERE seq = 8", "checkpoint"),
    ("entry", "DELETE FROM entry WHERE seq = 4", "entry"),
    ("entry", "DELETE FROM entry WHERE seq = 0", "entry"),
    (
        "entry",
        "UPDATE entry SET seq = -1 WHERE seq = 5; UPDATE entry SET seq = 5 WHERE seq = 6; UPDATE entry SET seq = 6 WHERE seq = -1",
        "entry",
    ),
    (
        "entry",
        "UPDATE entry SET data = (SELECT data FROM entry WHERE seq = 3), leaf_hash = (SELECT leaf_hash FROM entry WHERE seq = 3) WHERE seq = 4",
        "entry",
    ),
    ("hash_node", "DELETE FROM hash_node WHERE level = 3", "node"),
    (
        "hash_node",
        "INSERT INTO hash_node VALUES (4, 0, zeroblob(32))",
        "node",
    ),
    (
        "checkpoint",
        "DELETE FROM checkpoint WHERE size = 9",
        "checkpoint",
    ),
    ("checkpoint", "DELETE FROM checkpoint", "checkpoint"),
    (
        "checkpoint",
        "INSERT INTO checkpoint SELECT 12, root, note FROM checkpoint WHERE size = 9",
        "checkpoint",
    ),
    (
        "blob",
        "INSERT INTO blob SELECT zeroblob(32), stored_sha256, stored FROM blob LIMIT 1",
        "blob",
    ),
    (
        "blob",
        "UPDATE blob SET stored = x'00', stored_sha256 = x'6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'",
        "blob",
    ),
];

#[test]
fn rows_changed_behind_the_triggers_are_found_and_stop_the_writer() {
    for (table, sql, code) in TAMPERINGS {
        let (_dir, path) = in_folder();
        closed(&path, 9);
        block(async {
            let mut intruder = Intruder::enter(&path).await;
            intruder.behind_triggers(table, sql).await.unwrap();
            intruder.leave().await;
            let found = faults(&path).await;
            assert!(
                found.iter().any(|f| f.starts_with(&format!("{code}: "))),
                "{sql}: {found:?}"
            );
            // Whatever concerns entries, tree or last checkpoint also stops every reader.
            if table != "blob" && !sql.contains("level = 3") && !sql.contains("(4, 0") {
                let mut ledger = Ledger::open(&path, write()).await.unwrap();
                let read = ledger.entries().await;
                assert!(matches!(read, Err(LedgerError::Integrity(_))), "{sql}");
            }
        });
    }
}

#[test]
fn a_writer_does_not_build_on_a_tree_that_was_changed_under_it() {
    for (table, sql) in [
        (
            "hash_node",
            "UPDATE hash_node SET hash = zeroblob(32) WHERE level = 3",
        ),
        (
            "checkpoint",
            "UPDATE checkpoint SET note = zeroblob(64) WHERE size = 9",
        ),
        (
            "entry",
            "UPDATE entry SET leaf_hash = zeroblob(32) WHERE seq = 8",
        ),
        ("entry", "DELETE FROM entry WHERE seq = 8"),
    ] {
        let (_dir, path) = in_folder();
        block(async {
            let mut ledger = filled(&path, 9).await;
            let mut intruder = Intruder::enter(&path).await;
            intruder.behind_triggers(table, sql).await.unwrap();
            intruder.leave().await;
            let answer = ledger.append(9, &[note(9).0], &[]).await;
            assert!(
                matches!(answer, Err(LedgerError::Integrity(_))),
                "{sql}: {answer:?}"
            );
        });
    }
}

#[test]
fn an_entry_without_a_new_signature_is_nothing_to_build_on() {
    // Entry, nodes and roots all fit; the checkpoint carries the signature of the one before.
    let (_dir, path) = in_folder();
    block(async {
        let mut ledger = filled(&path, 8).await;
        let mut tree = ledger.frontier().unwrap();
        let old = ledger.checkpoint_note().unwrap();
        let forged = Entry::seal(note(8).0, "test", ledger.head().unwrap()).unwrap();
        tree.append(forged.leaf_hash);
        let hex = |bytes: &[u8]| hex::encode(bytes);
        let sql = format!(
            "INSERT INTO entry VALUES (8, x'{}', x'{}'); INSERT INTO checkpoint VALUES (9, x'{}', x'{}')",
            forged.leaf_hash,
            hex(&forged.data),
            tree.root(),
            hex(old.as_bytes())
        );
        let mut intruder = Intruder::enter(&path).await;
        // Nothing has to be dropped for this: it is an append, but not by the log key.
        intruder.run(&sql).await.unwrap();
        intruder.leave().await;
        let answer = ledger.append(9, &[note(9).0], &[]).await;
        assert!(
            matches!(answer, Err(LedgerError::Integrity(_))),
            "{answer:?}"
        );
        assert!(matches!(
            ledger.entries().await,
            Err(LedgerError::Integrity(_))
        ));
        assert!(!faults(&path).await.is_empty());
    });
}

#[test]
fn a_truncated_ledger_is_not_the_one_that_was_loaded() {
    // A clean cut at an older checkpoint contradicts nothing inside the file; whoever saw more of
    // it notices.
    let (_dir, path) = in_folder();
    block(async {
        let mut ledger = filled(&path, 9).await;
        let mut intruder = Intruder::enter(&path).await;
        let last_blob = format!(
            "DELETE FROM blob WHERE sha256 = x'{}'",
            Digest::of(b"blob 2")
        );
        for (table, sql) in [
            ("entry", "DELETE FROM entry WHERE seq >= 8"),
            (
                "hash_node",
                "DELETE FROM hash_node WHERE (idx + 1) << level > 8",
            ),
            ("checkpoint", "DELETE FROM checkpoint WHERE size > 8"),
            ("blob", &*last_blob),
        ] {
            intruder.behind_triggers(table, sql).await.unwrap();
        }
        intruder.leave().await;
        let answer = ledger.append(8, &[note(8).0], &[]).await;
        assert!(
            matches!(&answer, Err(LedgerError::Integrity(text)) if text.contains("shorter")),
            "{answer:?}"
        );
        let answer = ledger.entries().await;
        assert!(
            matches!(&answer, Err(LedgerError::Integrity(text)) if text.contains("extend")),
            "{answer:?}"
        );
        // To somebody who never saw more, it is a sound ledger of eight entries.
        assert_eq!(faults(&path).await, [""; 0]);
    });
}

#[test]
fn another_log_key_cannot_append() {
    let (_dir, path) = in_folder();
    closed(&path, 2);
    block(async {
        let other = promote::adapters::keys::Identity::from_secret(&[8; 32]).unwrap();
        let mut ledger = Ledger::open(&path, Access::Write(Box::new(other)))
            .await
            .unwrap();
        ledger.entries().await.unwrap();
        let answer = ledger.append(2, &[note(2).0], &[]).await;
        assert!(matches!(answer, Err(LedgerError::Integrity(_))));
    });
}

#[test]
fn many_writers_make_one_ledger() {
    const WRITERS: u64 = 4;
    const EACH: u64 = 12;
    let (_dir, path) = in_folder();
    closed(&path, 1);
    let start = Barrier::new(usize::try_from(WRITERS).unwrap());
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (path, start) = (&path, &start);
            scope.spawn(move || {
                block(async {
                    let mut ledger = Ledger::open(path, write()).await.unwrap();
                    let mut size = u64::try_from(ledger.entries().await.unwrap().len()).unwrap();
                    start.wait();
                    let mut done = 0;
                    while done < EACH {
                        let body = json!({ "writer": writer, "n": done });
                        let entry = draft("note", body, size);
                        match ledger.append(size, &[entry], &[]).await {
                            Ok(_) => (done, size) = (done + 1, size + 1),
                            Err(LedgerError::Moved { found, .. }) => size = found,
                            Err(other) => panic!("{other}"),
                        }
                    }
                    ledger.close().await.unwrap();
                });
            });
        }
    });
    block(async {
        let mut ledger = Ledger::open(&path, Access::Read).await.unwrap();
        let entries = ledger.entries().await.unwrap();
        assert_eq!(u64::try_from(entries.len()).unwrap(), 1 + WRITERS * EACH);
        for writer in 0..WRITERS {
            let own = entries
                .iter()
                .filter(|e| e.leaf.body["writer"] == json!(writer));
            let order: Vec<_> = own.map(|e| e.leaf.body["n"].as_u64().unwrap()).collect();
            assert_eq!(order, (0..EACH).collect::<Vec<_>>());
        }
        assert_eq!(ledger.verify(named).await.unwrap().findings, []);
    });
}

#[test]
fn a_reader_sees_one_state_while_others_write() {
    let (_dir, path) = in_folder();
    closed(&path, 3);
    block(async {
        let mut writer = Ledger::open(&path, write()).await.unwrap();
        writer.entries().await.unwrap();
        let mut reader = Ledger::open(&path, Access::Read).await.unwrap();
        for n in 3..20 {
            let (draft, blob) = note(n);
            writer.append(n, &[draft], &[blob]).await.unwrap();
            let seen = reader.verify(named).await.unwrap();
            assert_eq!(seen.findings, []);
            assert_eq!(u64::try_from(seen.entries.len()).unwrap(), n + 1);
            assert_eq!(reader.entries().await.unwrap().len(), seen.entries.len());
        }
    });
}
