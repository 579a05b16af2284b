//! `status` and `inbox` on a large ledger: `cargo bench --bench status`.
//!
//! A ledger of 100,000 entries is made through the product's own `decide` and `apply` (40 portfolios
//! that ask, are denied, rise, run sessions with hourly commits, try and fall) and written to disk.
//! Then both sides in one run: the fold of every entry, against the kept view beside the ledger; the
//! whole command is spawned with the view and without it, in turns, and both answers are compared.
//! Limit: 50 ms with the view. `-- --entries N` takes another size.

#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a program that measures and prints"
)]

#[path = "../tests/support/large.rs"]
mod large;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use promote::adapters::keys::Identity;
use promote::adapters::ledger::{Ledger, schema_sha256, view_path};
use promote::governance::audit::entry::Entry;
use promote::governance::policy::set::PolicySet;
use promote::governance::promotion::apply::apply;
use promote::governance::promotion::state::State;
use promote::governance::promotion::view::View;

/// Entries of one commit while the ledger is made.
const BATCH: usize = 500;

fn main() {
    // Under `cargo test` only that it runs is of interest.
    let words: Vec<String> = std::env::args().collect();
    let full = words.iter().any(|word| word == "--bench");
    let named = words.iter().position(|word| word == "--entries");
    let named = named.map(|at| words[at + 1].parse().unwrap());
    let (size, spawns, folds) = if full { (100_000, 21, 3) } else { (300, 1, 1) };
    let size = named.unwrap_or(size);
    let began = Instant::now();
    let mut ledger = large::Large::new(schema_sha256());
    ledger.grow(40, size);
    println!(
        "{} entries made in {:.1} s",
        ledger.entries.len(),
        began.elapsed().as_secs_f64()
    );
    let requests = ledger.state.requests.len();
    let sessions = ledger.state.tracks.sessions.len();
    println!("{requests} requests and {sessions} sessions of 40 portfolios");
    let half = ledger.entries.len() / 2;
    let (part, whole) = (
        fold(&ledger.entries[..half], folds),
        fold(&ledger.entries, folds),
    );
    println!("fold of {half} entries  {:8.0} ms", ms(part));
    println!(
        "fold of all           {:8.0} ms, {:.1} us each; twice the entries take {:.2} times as long",
        ms(whole),
        whole.as_secs_f64() * 1e6 / ledger.entries.len() as f64,
        whole.as_secs_f64() / part.as_secs_f64()
    );
    let dir = tempfile::tempdir_in(std::env::current_dir().unwrap()).unwrap();
    let path = dir.path().join("ledger.db");
    store(&ledger, &path);
    for command in ["status", "inbox"] {
        compare(&path, command, spawns);
    }
}

/// The median time of folding `entries`.
fn fold(entries: &[Entry], rounds: usize) -> Duration {
    let set = PolicySet::embedded().unwrap();
    let times = (0..rounds).map(|_| {
        let mut state = State::begin(&entries[0], set.clone()).unwrap();
        let began = Instant::now();
        for entry in &entries[1..] {
            assert!(apply(&mut state, entry));
        }
        began.elapsed()
    });
    median(times.collect())
}

/// Writes the ledger with its view, which the last commit leaves behind.
fn store(ledger: &large::Large, path: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let log = Identity::from_secret(&large::secret("log")).unwrap();
        let (genesis, blobs) = ledger.beginning();
        let origin = &ledger.state.ledger;
        let (mut stored, _) = Ledger::create(path, log, origin, genesis, &blobs)
            .await
            .unwrap();
        let mut size = 1;
        for batch in ledger.drafts().chunks(BATCH) {
            stored.append(size, batch, &[]).await.unwrap();
            size += batch.len() as u64;
        }
        let began = Instant::now();
        let view = View::of(&ledger.state).unwrap().encode().unwrap();
        stored.keep_view(&view).unwrap();
        println!(
            "view of {} bytes made, signed and written in {:.2} ms",
            view.len(),
            ms(began.elapsed())
        );
        stored.close().await.unwrap();
    });
}

/// The command with the view and without it, in turns.
fn compare(path: &Path, command: &str, spawns: usize) {
    let view = view_path(path);
    let aside = path.with_extension("aside");
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for turn in 0..spawns {
        let (took, kept) = spawn(path, command);
        with.push(took);
        // A whole fold is slow: every seventh time is enough.
        if turn % 7 == 0 {
            fs::rename(&view, &aside).unwrap();
            let (took, folded) = spawn(path, command);
            without.push(took);
            fs::rename(&aside, &view).unwrap();
            assert_eq!(kept, folded, "the view shows something else than the fold");
        }
    }
    let (with, without) = (median(with), median(without));
    println!(
        "{command}: {:.1} ms with the view, {:.0} ms without: {:.0} times; limit 50 ms: {}",
        ms(with),
        ms(without),
        without.as_secs_f64() / with.as_secs_f64(),
        if with < Duration::from_millis(50) {
            "held"
        } else {
            "MISSED"
        }
    );
}

fn spawn(path: &Path, command: &str) -> (Duration, Vec<u8>) {
    let began = Instant::now();
    let answer = Command::new(env!("CARGO_BIN_EXE_promote"))
        .args([command, "--json", "--ledger"])
        .arg(format!("sqlite:{}", path.display()))
        .output()
        .unwrap();
    let took = began.elapsed();
    assert!(
        answer.status.success(),
        "{}",
        String::from_utf8_lossy(&answer.stderr)
    );
    (took, answer.stdout)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
