//! Speed of a durable append: `cargo bench --bench append`.
//!
//! Both sides in one run, in turns, through the same settings on the same disk: a bare immediate
//! transaction that inserts one row of equal size, against a whole append (canonical bytes,
//! signature check of the statement, tip check, tree, checkpoint signature, commit). The disk's
//! own time to sync stands beside them. Target: the bare insert takes at least 0.75 of the time.

#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a program that measures and prints"
)]

#[path = "../tests/support/ledger.rs"]
mod ledger_support;

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use ledger_support::{block, draft, filled, log_key};
use promote::adapters::ledger::Ledger;
use promote::kernel::sshsig::Envelope;
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};

const WARM_UP: usize = 50;
const PAIRS: usize = 1_000;
const NAMESPACE: &str = "approval-v1@promote";

fn main() {
    // Under `cargo test` only that it runs is of interest.
    let (warm_up, pairs) = match std::env::args().any(|word| word == "--bench") {
        true => (WARM_UP, PAIRS),
        false => (1, 5),
    };
    let dir = tempfile::tempdir_in(std::env::current_dir().unwrap()).unwrap();
    block(measure(dir.path(), warm_up, pairs));
}

async fn measure(dir: &Path, warm_up: usize, pairs: usize) {
    let mut ledger = filled(&dir.join("ledger.db"), 9).await;
    let mut bare = bare(&dir.join("bare.db")).await;
    let statement = "s".repeat(400);
    let envelope = log_key().sign(NAMESPACE, statement.as_bytes());
    let mut size = 9;
    let mut row = Vec::new();
    let (mut bare_times, mut append_times) = (Vec::new(), Vec::new());
    for turn in 0..warm_up + pairs {
        let append = append(&mut ledger, &mut size, &statement, &envelope, &mut row).await;
        let insert = insert(&mut bare, &row).await;
        if turn >= warm_up {
            append_times.push(append);
            bare_times.push(insert);
        }
    }
    let mut ratios: Vec<f64> = bare_times
        .iter()
        .zip(&append_times)
        .map(|(bare, append)| bare.as_secs_f64() / append.as_secs_f64())
        .collect();
    ratios.sort_by(f64::total_cmp);
    let middle = |ratios: &[f64]| ratios[ratios.len() / 2];
    println!("{pairs} pairs, rows of {} bytes", row.len());
    println!("bare insert       {}", spread(&mut bare_times));
    println!("ledger append     {}", spread(&mut append_times));
    println!("sync of one page  {}", spread(&mut syncs(dir, pairs)));
    println!(
        "paired ratio      median {:.2} (bare / append), target 0.75",
        middle(&ratios)
    );
    bare.close().await.unwrap();
    ledger.close().await.unwrap();
}

/// One whole append: the statement's signature is checked as the gate does.
async fn append(
    ledger: &mut Ledger,
    size: &mut u64,
    statement: &str,
    envelope: &Envelope,
    row: &mut Vec<u8>,
) -> Duration {
    let body = json!({ "statement": statement, "n": *size });
    let draft = draft("note", body, *size);
    let began = Instant::now();
    envelope.verify(NAMESPACE, statement.as_bytes()).unwrap();
    let entries = ledger.append(*size, &[draft], &[]).await.unwrap();
    let took = began.elapsed();
    row.clone_from(&entries[0].data);
    *size += 1;
    took
}

/// A database with one table and the ledger's settings.
async fn bare(path: &Path) -> SqliteConnection {
    let mut connection = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("fullfsync", "ON")
        .pragma("checkpoint_fullfsync", "ON")
        .pragma("recursive_triggers", "ON")
        .pragma("trusted_schema", "OFF")
        .pragma("secure_delete", "ON")
        .pragma("cell_size_check", "ON")
        .pragma("mmap_size", "0")
        .disable_statement_logging()
        .connect()
        .await
        .unwrap();
    sqlx::raw_sql("CREATE TABLE row (seq INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT")
        .execute(&mut connection)
        .await
        .unwrap();
    connection
}

/// One bare insert: a single trip to the database.
async fn insert(connection: &mut SqliteConnection, row: &[u8]) -> Duration {
    let row = row.to_vec();
    let began = Instant::now();
    sqlx::query("BEGIN IMMEDIATE; INSERT INTO row (data) VALUES (?1); COMMIT")
        .bind(row)
        .execute(connection)
        .await
        .unwrap();
    began.elapsed()
}

/// What the disk takes for a page.
fn syncs(dir: &Path, count: usize) -> Vec<Duration> {
    let mut file = File::create(dir.join("page")).unwrap();
    file.write_all(&[0; 4096 * 64]).unwrap();
    file.sync_all().unwrap();
    let mut page = |n: usize| {
        use std::io::{Seek as _, SeekFrom};
        let at = u64::try_from(n % 64).unwrap() * 4096;
        let began = Instant::now();
        file.seek(SeekFrom::Start(at)).unwrap();
        file.write_all(&[1; 4096]).unwrap();
        file.sync_data().unwrap();
        began.elapsed()
    };
    (0..count).map(&mut page).collect()
}

fn spread(times: &mut [Duration]) -> String {
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e6;
    format!(
        "median {:>6.0} us, p10 {:>6.0}, p90 {:>6.0}",
        at(50),
        at(10),
        at(90)
    )
}
