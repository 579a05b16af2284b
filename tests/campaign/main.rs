//! Campaigns: tests too long for every run. `cargo test` runs a small fixed share of each.
//!
//! ```text
//! cargo test --test campaign -- --list
//! cargo test --test campaign -- NAME                  all of it
//! cargo test --test campaign -- NAME --share 2/8      the second eighth
//! cargo test --test campaign -- NAME --again          from the beginning, not where it stopped
//! ```
//!
//! A campaign is a numbered row of cases. How far a share has come stands in target/campaign/, so
//! an interrupted one goes on where it stopped. The first case that fails ends it with its number.

#![allow(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::too_many_lines,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test program: it stops by panicking, and prints how far it is"
)]

mod byte_flips;
mod kill;
#[path = "../support/ledger.rs"]
mod ledger_support;
#[path = "../it/machine.rs"]
#[allow(dead_code, unused_imports, reason = "its tests run elsewhere")]
mod machine;
#[path = "../support/naive_policy.rs"]
#[allow(dead_code, reason = "the laws use the rest of it")]
mod naive_policy;
mod race;
mod redeem;
#[path = "../it/token.rs"]
#[allow(dead_code, unused_imports, reason = "its tests run elsewhere")]
mod token;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// A long test.
struct Campaign {
    name: &'static str,
    about: &'static str,
    /// Number of cases.
    cases: fn() -> u64,
    /// Cases of the plain share, spread evenly over all of them.
    plain: u64,
    /// Cases between two notes of the progress.
    block: u64,
    /// Runs some cases; panics at the first that fails.
    run: fn(&[u64]),
}

const CAMPAIGNS: [Campaign; 6] = [
    Campaign {
        name: "ledger-byte-flips",
        about: "every byte of every column of every row of a ledger, changed: verification finds it",
        cases: byte_flips::cases,
        plain: 300,
        block: 500,
        run: byte_flips::run,
    },
    Campaign {
        name: "kill",
        about: "a writer killed at a random moment: what it acknowledged is there, and verifies",
        cases: || 2_000,
        plain: 10,
        block: 20,
        run: kill::run,
    },
    Campaign {
        name: "redeem",
        about: "two processes redeem one token at once: one has it, the other is told that it was used",
        cases: || 1_000,
        plain: 20,
        block: 50,
        run: redeem::run,
    },
    Campaign {
        name: "approve",
        about: "two processes approve at once: two slots and one decision, or one slot and one of them",
        cases: || 1_000,
        plain: 20,
        block: 50,
        run: race::approve_cases,
    },
    Campaign {
        name: "halt",
        about: "a halt against an approval, a decision or a redemption at once: before it or not at all",
        cases: || 1_000,
        plain: 21,
        block: 50,
        run: race::halt_cases,
    },
    Campaign {
        name: "policy-naive",
        about: "random policies and facts: the evaluator agrees with a naive second one",
        cases: || 2_000_000,
        plain: 500,
        block: 20_000,
        run: |cases| {
            for case in cases {
                naive_policy::agree(*case, *case + 1);
            }
        },
    },
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [mode, path] = words.as_slice()
        && mode == kill::CHILD
    {
        kill::child(path.as_ref());
    }
    if let [mode, number] = words.as_slice()
        && mode == redeem::CHILD
    {
        redeem::child(number);
    }
    if let [mode, number] = words.as_slice()
        && mode == race::CHILD
    {
        race::child(number);
    }
    let has = |flag: &str| words.iter().any(|w| w == flag);
    if has("--list") {
        for campaign in &CAMPAIGNS {
            println!("{}: {}", campaign.name, campaign.about);
        }
        return ExitCode::SUCCESS;
    }
    let share = words
        .iter()
        .position(|w| w == "--share")
        .and_then(|at| words.get(at + 1));
    // Words that filter other test programs mean nothing here, unless they name a campaign.
    let flags = words.iter().filter(|w| w.starts_with("--")).count();
    let named = CAMPAIGNS.iter().find(|c| words.iter().any(|w| w == c.name));
    match (named, share) {
        (Some(campaign), _) => whole(campaign, share, has("--again")),
        (None, Some(_)) => {
            eprintln!("which campaign? --list names them");
            return ExitCode::from(2);
        }
        (None, None) if words.len() > flags => {}
        (None, None) => {
            for campaign in &CAMPAIGNS {
                plain(campaign);
            }
        }
    }
    ExitCode::SUCCESS
}

fn plain(campaign: &Campaign) {
    let began = Instant::now();
    let all = (campaign.cases)();
    let cases: Vec<u64> = (0..campaign.plain.min(all))
        .map(|n| n * all / campaign.plain.min(all))
        .collect();
    (campaign.run)(&cases);
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "campaign {}: {} of {all} cases ... ok ({seconds:.1} s)",
        campaign.name,
        cases.len()
    );
}

fn whole(campaign: &Campaign, share: Option<&String>, again: bool) {
    let (part, parts) = share.map_or((1, 1), |text| {
        let (part, parts) = text.split_once('/').expect("--share K/N");
        let (part, parts): (u64, u64) = (part.parse().unwrap(), parts.parse().unwrap());
        assert!(part >= 1 && part <= parts, "--share K/N with 1 <= K <= N");
        (part, parts)
    });
    let all = (campaign.cases)();
    let (first, end) = (all * (part - 1) / parts, all * part / parts);
    let progress = progress_file(campaign.name, part, parts);
    let noted = fs::read_to_string(&progress).ok();
    let start = noted
        .filter(|_| !again)
        .and_then(|text| text.trim().parse().ok())
        .filter(|at| (first..end).contains(at))
        .unwrap_or(first);
    println!(
        "campaign {}: cases {start} to {end} of {all}",
        campaign.name
    );
    let began = Instant::now();
    let mut at = start;
    while at < end {
        let next = (at + campaign.block).min(end);
        (campaign.run)(&(at..next).collect::<Vec<_>>());
        fs::write(&progress, format!("{next}\n")).unwrap();
        at = next;
        let seconds = began.elapsed().as_secs_f64();
        println!("  {at} of {end} ({seconds:.0} s)");
    }
    println!("campaign {} ... ok", campaign.name);
}

fn progress_file(name: &str, part: u64, parts: u64) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target"),
        PathBuf::from,
    );
    let folder = target.join("campaign");
    fs::create_dir_all(&folder).unwrap();
    folder.join(format!("{name}-{part}-of-{parts}"))
}
