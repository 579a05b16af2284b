//! A writer that is killed (SIGKILL) at a random moment loses nothing that it acknowledged.
//!
//! The child appends one entry after the other and prints each sequence number after its append
//! returned. The parent waits for a few, lets some instructions pass, and kills it. Afterwards the
//! ledger verifies, holds every printed entry, and takes the next one.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use promote::adapters::ledger::Ledger;
use promote::kernel::digest::Digest;

use crate::ledger_support::{block, faults, filled, note, write};

/// First argument of the child.
pub const CHILD: &str = "--append-until-killed";

/// The child: never ends by itself.
pub fn child(path: &Path) -> ! {
    block(async {
        let mut ledger = Ledger::open(path, write()).await.unwrap();
        let mut size = ledger.entries().await.unwrap().len() as u64;
        let mut out = std::io::stdout();
        loop {
            let (draft, blob) = note(size);
            ledger.append(size, &[draft], &[blob]).await.unwrap();
            writeln!(out, "{size}").unwrap();
            out.flush().unwrap();
            size += 1;
        }
    })
}

/// One killed writer per case.
pub fn run(cases: &[u64]) {
    for case in cases {
        kill(*case);
    }
}

fn kill(case: u64) {
    let digest = Digest::of(&case.to_be_bytes());
    let [acks, a, b, c, ..] = *digest.as_bytes();
    // Up to 12 acknowledged entries, then up to 2 ms more.
    let acks = usize::from(acks % 12);
    let delay = Duration::from_nanos(u64::from(u32::from_be_bytes([0, a, b, c])) * 2_000 / 16_777);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.db");
    block(async { filled(&path, 1).await.close().await.unwrap() });
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .arg(CHILD)
        .arg(&path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    let mut acknowledged: Vec<u64> = lines
        .by_ref()
        .take(acks)
        .map(|line| line.unwrap().parse().unwrap())
        .collect();
    let began = Instant::now();
    while began.elapsed() < delay {
        std::hint::spin_loop();
    }
    writer.kill().unwrap();
    writer.wait().unwrap();
    // A line that was cut off is no acknowledgement.
    let rest = lines.map_while(Result::ok);
    acknowledged.extend(rest.filter_map(|line| line.parse::<u64>().ok()));
    block(async {
        assert_eq!(faults(&path).await, [""; 0], "case {case}");
        let mut ledger = Ledger::open(&path, write()).await.unwrap();
        let size = ledger.entries().await.unwrap().len() as u64;
        for (at, seq) in acknowledged.iter().enumerate() {
            assert_eq!(*seq, at as u64 + 1, "case {case}: out of order");
        }
        // The append under way may be there, whole, without having been acknowledged.
        let known = acknowledged.len() as u64 + 1;
        assert!(
            size == known || size == known + 1,
            "case {case}: {known} entries were acknowledged, {size} are there"
        );
        let (draft, blob) = note(size);
        ledger.append(size, &[draft], &[blob]).await.unwrap();
        ledger.close().await.unwrap();
        assert_eq!(faults(&path).await, [""; 0], "case {case}");
    });
}
