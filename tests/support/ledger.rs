//! A small ledger to work on, and a way to change its rows behind the triggers' back. Included
//! with `#[path]` by tests, campaigns and benchmarks.

#![allow(dead_code, reason = "each includer uses its own part")]

use std::collections::BTreeSet;
use std::path::Path;

use promote::adapters::keys::Identity;
use promote::adapters::ledger::{Access, Blobs, Ledger, LedgerError, schema_sha256};
use promote::governance::audit::entry::{Actor, Draft, Entry};
use promote::kernel::digest::Digest;
use promote::kernel::time::UtcTime;
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};

/// Runs a future to its end.
pub fn block<T>(future: impl std::future::Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// The log key of every ledger made here.
pub fn log_key() -> Identity {
    Identity::from_secret(&[7; 32]).unwrap()
}

/// For appending.
pub fn write() -> Access {
    Access::Write(Box::new(log_key()))
}

/// An entry of `kind`, `ms` milliseconds after the beginning of 2025.
pub fn draft(kind: &str, body: serde_json::Value, ms: u64) -> Draft {
    let actor = Actor {
        id: "engine".to_owned(),
        key: None,
        role: "engine".to_owned(),
    };
    let time = UtcTime::from_millis(1_735_689_600_000 + i64::try_from(ms).unwrap()).unwrap();
    Draft {
        actor,
        kind: kind.to_owned(),
        body,
        time,
    }
}

/// A genesis that names the log key and the schema.
pub async fn genesis() -> Draft {
    let schema = schema_sha256();
    let key = log_key().public().to_string();
    let zero = Digest::of(b"").to_string();
    let body = json!({
        "schema": "promote/genesis/v1", "sandbox": true, "small_team": true, "preset": "playbook",
        "roots": [key], "root_threshold": 1, "log_key": key, "engine_key": key, "token_key": key,
        "policy_files": [], "policy_sha256": zero, "schema_sha256": schema.to_string(),
    });
    draft("genesis", body, 0)
}

/// The note that becomes entry `n`, and the blob that it names; every fourth has a new one.
pub fn note(n: u64) -> (Draft, Vec<u8>) {
    let blob = format!("blob {}", n / 4).into_bytes();
    let body = json!({ "n": n, "blob": Digest::of(&blob).to_string() });
    (draft("note", body, n), blob)
}

/// A ledger of `size` entries, one commit each.
pub async fn filled(path: &Path, size: u64) -> Ledger {
    let (mut ledger, _) = Ledger::create(path, log_key(), "test", genesis().await, &[])
        .await
        .unwrap();
    for n in 1..size {
        let (draft, blob) = note(n);
        ledger.append(n, &[draft], &[blob]).await.unwrap();
    }
    ledger
}

/// The blobs that the notes name.
pub fn named(entries: &[Entry], _: Blobs<'_>) -> BTreeSet<Digest> {
    entries
        .iter()
        .filter_map(|entry| entry.leaf.body["blob"].as_str())
        .map(|text| text.parse().unwrap())
        .collect()
}

/// What is wrong with the ledger at `path`: codes and messages, or why it does not open.
pub async fn faults(path: &Path) -> Vec<String> {
    let mut ledger = match Ledger::open(path, Access::Read).await {
        Ok(ledger) => ledger,
        Err(error @ (LedgerError::Integrity(_) | LedgerError::Setting { .. })) => {
            return vec![error.to_string()];
        }
        Err(other) => panic!("{other}"),
    };
    let seen = ledger.verify(named).await.unwrap();
    ledger.close().await.unwrap();
    seen.findings
        .iter()
        .map(|f| format!("{}: {}", f.code, f.message))
        .collect()
}

/// A connection of somebody who knows no rules.
pub struct Intruder {
    connection: SqliteConnection,
    triggers: Vec<(String, String, String)>,
}

impl Intruder {
    /// Opens the file with SQLite's own defaults, no check constraints, and no waiting for disks.
    pub async fn enter(path: &Path) -> Self {
        let mut connection = SqliteConnectOptions::new()
            .filename(path)
            .pragma("synchronous", "OFF")
            .pragma("ignore_check_constraints", "ON")
            .connect()
            .await
            .unwrap();
        let rows =
            sqlx::query("SELECT tbl_name, name, sql FROM sqlite_schema WHERE type = 'trigger'")
                .fetch_all(&mut connection)
                .await
                .unwrap();
        let triggers = rows
            .iter()
            .map(|row| (row.get(0), row.get(1), row.get(2)))
            .collect();
        Self {
            connection,
            triggers,
        }
    }

    /// Runs any SQL.
    pub async fn run(&mut self, sql: &str) -> Result<Vec<SqliteRow>, sqlx::Error> {
        sqlx::raw_sql(AssertSqlSafe(sql))
            .fetch_all(&mut self.connection)
            .await
    }

    /// Runs `sql` on `table` with its triggers away, and puts them back as they were.
    pub async fn behind_triggers(&mut self, table: &str, sql: &str) -> Result<(), sqlx::Error> {
        let own: Vec<(String, String)> = self
            .triggers
            .iter()
            .filter(|(of, _, _)| of == table)
            .map(|(_, name, text)| (name.clone(), text.clone()))
            .collect();
        let mut script = String::from("BEGIN;");
        for (name, _) in &own {
            script.push_str(&format!("DROP TRIGGER {name};"));
        }
        script.push_str(sql);
        script.push(';');
        for (_, text) in &own {
            script.push_str(text);
            script.push(';');
        }
        script.push_str("COMMIT");
        let done = self.run(&script).await.map(drop);
        if done.is_err() {
            let _ended = self.run("ROLLBACK").await;
        }
        done
    }

    /// Leaves.
    pub async fn leave(self) {
        self.connection.close().await.unwrap();
    }
}
