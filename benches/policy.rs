//! Speed of judging: `cargo bench --bench policy`.
//!
//! One evaluation by a shipped policy at LIVE with a value for every criterion (limit 20
//! microseconds, scaled to 30 criteria), and `policy replay` over 10,000 judged requests (limit 1
//! second). Both print their figures.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a program that measures and prints"
)]

#[path = "../tests/support/judged.rs"]
mod judged;

use std::hint::black_box;
use std::time::Instant;

use promote::evidence::facts::Facts;
use promote::governance::policy::evaluate::evaluate;
use promote::governance::policy::set::PolicySet;
use promote::governance::promotion::oversight::replay::replay;
use promote::governance::stage::Target;

fn main() {
    // Under `cargo test` only that it runs is of interest.
    let full = std::env::args().any(|word| word == "--bench");
    let (rounds, decisions) = if full { (20_000, 10_000) } else { (10, 10) };
    let set = PolicySet::embedded().unwrap();
    let policy = set.policies().next().unwrap();
    let facts = Facts::new(judged::facts(policy)).unwrap();
    let start = Instant::now();
    for _ in 0..rounds {
        black_box(evaluate(black_box(policy), &facts, Target::Live, None));
    }
    let each = start.elapsed().as_secs_f64() * 1e6 / f64::from(rounds);
    let criteria = f64::from(u32::try_from(policy.criteria.len()).unwrap());
    println!(
        "evaluate: {each:.2} microseconds for {criteria} criteria, {:.2} for 30 (limit 20)",
        each * 30.0 / criteria
    );
    let state = judged::state(&set, decisions);
    let start = Instant::now();
    let table = replay(&state, &set);
    let took = start.elapsed().as_secs_f64();
    assert_eq!(table.judged, u64::from(decisions));
    assert!(table.flips.is_empty());
    println!("replay: {took:.3} s for {decisions} decisions (limit 1)");
}
