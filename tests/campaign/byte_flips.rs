//! Every single-byte change of every column of every row is found by verification.
//!
//! A ledger of nine entries with blobs; a case is one byte of one column of one row, integers as
//! their eight bytes. The change is made behind the triggers and without check constraints; what
//! SQLite itself refuses (two rows with one key) cannot be made at all.

use std::path::PathBuf;

use sqlx::Row as _;

use crate::ledger_support::{Intruder, block, faults, filled};

const ENTRIES: u64 = 9;

/// Columns by table: key columns first, then the rest. Integers are marked.
/// A table: its name, its columns (true for integers), its order.
type Table = (&'static str, &'static [(&'static str, bool)], &'static str);

const TABLES: [Table; 4] = [
    (
        "entry",
        &[("seq", true), ("leaf_hash", false), ("data", false)],
        "seq",
    ),
    (
        "hash_node",
        &[("level", true), ("idx", true), ("hash", false)],
        "level, idx",
    ),
    (
        "checkpoint",
        &[("size", true), ("root", false), ("note", false)],
        "size",
    ),
    (
        "blob",
        &[
            ("sha256", false),
            ("stored_sha256", false),
            ("stored", false),
        ],
        "sha256",
    ),
];

/// One value of the ledger: where it stands and what it is.
struct Cell {
    table: &'static str,
    column: &'static str,
    /// SQL condition that picks the row.
    row: String,
    /// The value's bytes, an integer's in big-endian order.
    bytes: Vec<u8>,
    integer: bool,
}

struct Bench {
    _dir: tempfile::TempDir,
    path: PathBuf,
    cells: Vec<Cell>,
}

async fn bench() -> Bench {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.db");
    filled(&path, ENTRIES).await.close().await.unwrap();
    let mut intruder = Intruder::enter(&path).await;
    let mut cells = Vec::new();
    for (table, columns, order) in TABLES {
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let keys: Vec<&str> = order.split(", ").collect();
        let sql = format!("SELECT {} FROM {table} ORDER BY {order}", names.join(", "));
        for row in intruder.run(&sql).await.unwrap() {
            let value = |at: usize, integer: bool| -> Vec<u8> {
                if integer {
                    row.get::<i64, _>(at).to_be_bytes().to_vec()
                } else {
                    row.get(at)
                }
            };
            let condition: Vec<String> = columns
                .iter()
                .enumerate()
                .filter(|(_, (name, _))| keys.contains(name))
                .map(|(at, (name, integer))| {
                    format!("{name} = {}", literal(&value(at, *integer), *integer))
                })
                .collect();
            for (at, (column, integer)) in columns.iter().enumerate() {
                cells.push(Cell {
                    table,
                    column,
                    row: condition.join(" AND "),
                    bytes: value(at, *integer),
                    integer: *integer,
                });
            }
        }
    }
    intruder.leave().await;
    Bench {
        _dir: dir,
        path,
        cells,
    }
}

fn literal(bytes: &[u8], integer: bool) -> String {
    if integer {
        let number = i64::from_be_bytes(bytes.try_into().unwrap());
        // The least integer has no literal of its own.
        match number {
            i64::MIN => "(-9223372036854775807 - 1)".to_owned(),
            _ => number.to_string(),
        }
    } else {
        format!("x'{}'", hex::encode(bytes))
    }
}

/// Number of bytes in all cells.
pub fn cases() -> u64 {
    block(async {
        let cells = bench().await.cells;
        cells.iter().map(|cell| cell.bytes.len() as u64).sum()
    })
}

/// Changes the bytes with these numbers, one at a time.
pub fn run(cases: &[u64]) {
    block(async {
        let bench = bench().await;
        assert!(faults(&bench.path).await.is_empty(), "sound before");
        for case in cases {
            flip(&bench, *case).await;
        }
        assert!(faults(&bench.path).await.is_empty(), "sound afterwards");
    });
}

async fn flip(bench: &Bench, case: u64) {
    let mut at = case;
    let cell = bench
        .cells
        .iter()
        .find(|cell| {
            let here = at < cell.bytes.len() as u64;
            at -= if here { 0 } else { cell.bytes.len() as u64 };
            here
        })
        .expect("a case inside the ledger");
    let mut bytes = cell.bytes.clone();
    bytes[at as usize] ^= 1 << (case % 8);
    let Cell {
        table,
        column,
        row,
        integer,
        ..
    } = cell;
    let changed = literal(&bytes, *integer);
    let before = literal(&cell.bytes, *integer);
    let mut intruder = Intruder::enter(&bench.path).await;
    let change = format!("UPDATE {table} SET {column} = {changed} WHERE {row}");
    let Err(refused) = intruder.behind_triggers(table, &change).await else {
        let found = faults(&bench.path).await;
        // The row is now found by what it was changed to, where the column is part of its key.
        let now = row.replace(
            &format!("{column} = {before}"),
            &format!("{column} = {changed}"),
        );
        let back = format!("UPDATE {table} SET {column} = {before} WHERE {now}");
        intruder.behind_triggers(table, &back).await.unwrap();
        intruder.leave().await;
        assert!(
            !found.is_empty(),
            "case {case}: byte {at} of {table}.{column} where {row} was changed unseen"
        );
        return;
    };
    intruder.leave().await;
    let text = refused.to_string();
    assert!(text.contains("UNIQUE constraint"), "case {case}: {text}");
}
