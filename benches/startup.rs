//! Start-up of a reading command that recomputes nothing: `promote status` on a sandbox ledger,
//! against `promote version`, which opens nothing. Both are spawned alternately; the medians, the
//! difference and the ratio are printed. The limit is 20 ms.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench that cannot go on panics, and prints its figures"
)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 60;

fn spawn(dir: &Path, args: &[&str]) -> Duration {
    let start = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_promote"))
        .args(args)
        .current_dir(dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the binary runs");
    let took = start.elapsed();
    assert!(status.success(), "promote {args:?}: {status}");
    took
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn main() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    spawn(dir.path(), &["init", "desk", "--sandbox", "--seed", "1"]);
    let desk = dir.path().join("desk");
    let (mut reading, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        reading.push(spawn(&desk, &["status"]));
        bare.push(spawn(&desk, &["version"]));
    }
    let (reading, bare) = (median(&mut reading), median(&mut bare));
    println!("start-up, median of {ROUNDS} spawns");
    println!(
        "  promote status (ledger opened, verified, folded)  {:8.2} ms",
        ms(reading)
    );
    println!(
        "  promote version (opens nothing)                   {:8.2} ms",
        ms(bare)
    );
    println!(
        "  ratio {:.2}, limit 20 ms: {}",
        ms(reading) / ms(bare),
        verdict(reading)
    );
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn verdict(time: Duration) -> &'static str {
    if time < Duration::from_millis(20) {
        "held"
    } else {
        "MISSED"
    }
}
