//! The SQLite store: what is appended comes back verified, and nothing can be changed behind it.

use promote::adapters::keys::{Identity, read_identity, write_identity};
use promote::adapters::ledger::{Access, Blobs, Ledger, LedgerError, schema_sha256};
use promote::governance::audit::entry::{Actor, Draft, Entry};
use promote::kernel::digest::Digest;
use promote::kernel::time::UtcTime;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;

fn block<T>(future: impl std::future::Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

fn log_key() -> Identity {
    Identity::from_secret(&[7; 32]).unwrap()
}

fn draft(kind: &str, body: serde_json::Value, ms: i64) -> Draft {
    let actor = Actor {
        id: "engine".to_owned(),
        key: None,
        role: "engine".to_owned(),
    };
    let time = UtcTime::from_millis(1_735_689_600_000 + ms).unwrap();
    Draft {
        actor,
        kind: kind.to_owned(),
        body,
        time,
    }
}

/// A ledger with its genesis and seven more entries; two of them name a blob.
async fn filled(path: &Path) -> Ledger {
    let schema = schema_sha256().await.unwrap();
    let key = log_key().public().to_string();
    let zero = Digest::of(b"").to_string();
    let genesis = json!({
        "schema": "promote/genesis/v1", "sandbox": true, "small_team": true, "preset": "playbook",
        "roots": [key], "root_threshold": 1, "log_key": key, "engine_key": key,
        "policy_files": [], "policy_sha256": zero, "schema_sha256": schema.to_string(),
    });
    let (mut ledger, _) =
        Ledger::create(path, log_key(), "test", draft("genesis", genesis, 0), &[])
            .await
            .unwrap();
    for n in 1..8_u64 {
        let blob = format!("blob {}", n / 4).into_bytes();
        let body = json!({ "n": n, "blob": Digest::of(&blob).to_string() });
        ledger
            .append(n, &[draft("note", body, n as i64)], &[blob])
            .await
            .unwrap();
    }
    ledger
}

fn named(entries: &[Entry], _: Blobs<'_>) -> BTreeSet<Digest> {
    entries
        .iter()
        .filter_map(|entry| entry.leaf.body["blob"].as_str())
        .map(|text| text.parse().unwrap())
        .collect()
}

#[test]
fn appended_entries_come_back_verified() {
    block(async {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger/ledger.db");
        let ledger = filled(&path).await;
        let head = ledger.head().unwrap();
        ledger.close().await.unwrap();
        let mut ledger = Ledger::open(&path, Access::Read).await.unwrap();
        assert_eq!(ledger.entries().await.unwrap().len(), 8);
        assert_eq!(ledger.head().unwrap(), head);
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
        assert!(matches!(
            Ledger::open(&dir.path().join("none.db"), Access::Read).await,
            Err(LedgerError::Missing(_))
        ));
    });
}

#[test]
fn a_decision_on_an_older_ledger_is_refused_and_leaves_nothing() {
    block(async {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.db");
        let mut one = filled(&path).await;
        let mut two = Ledger::open(&path, Access::Write(Box::new(log_key())))
            .await
            .unwrap();
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
        assert_eq!(two.verify(named).await.unwrap().findings, []);
    });
}

#[test]
fn key_files_are_read_back_plain_and_encrypted() {
    let dir = tempfile::tempdir().unwrap();
    let mut entropy = promote::adapters::host::SystemEntropy;
    let identity = Identity::generate(&mut entropy).unwrap();
    for (name, passphrase) in [("plain", None), ("locked", Some("open sesame"))] {
        let path = dir.path().join(name);
        write_identity(&path, &identity, "ann", passphrase, &mut entropy).unwrap();
        let again = read_identity(&path, passphrase).unwrap();
        assert_eq!(again.public(), identity.public());
        assert_eq!(
            again.sign("x@promote", b"m"),
            identity.sign("x@promote", b"m")
        );
    }
    assert!(read_identity(&dir.path().join("locked"), None).is_err());
    assert!(read_identity(&dir.path().join("locked"), Some("wrong")).is_err());
}
