//! Runs the combinations of a sweep on one series of bars.
//!
//! In: a plan, the bars, costs. Out: one row of figures per combination, in the plan's order, the
//! same for any number of threads. What combinations share is computed once for all of them (see
//! [`super::tile`]); what is left for each costs time by its trades. Long or flat only: a sweep looks
//! for parameters, and shorts are the engine's.

use super::grid::Combination;
use super::ground::Ground;
use super::tally::Figures;
use super::tile::Jobs;
use crate::research::strategy::columns::Columns;

/// Combinations that are laid out at a time.
const LAID_OUT: usize = 1 << 16;

/// As [`run`], on `workers` threads of its own; none: as many as the machine has.
///
/// # Errors
/// When the system gives no threads.
pub fn run_on(
    workers: Option<usize>,
    combinations: &[Combination],
    ground: &Ground<'_>,
    periods_per_year: f64,
) -> Result<Vec<Figures>, rayon::ThreadPoolBuildError> {
    let Some(workers) = workers else {
        return Ok(run(combinations, ground, periods_per_year));
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(workers)
        .build()?;
    Ok(pool.install(|| run(combinations, ground, periods_per_year)))
}

/// The figures of every combination; `periods_per_year` is the number of bars in a year.
#[must_use]
pub fn run(
    combinations: &[Combination],
    ground: &Ground<'_>,
    periods_per_year: f64,
) -> Vec<Figures> {
    let columns = Columns::of(ground.history());
    let mut rows: Vec<(usize, Figures)> = Vec::with_capacity(combinations.len());
    for (number, part) in combinations.chunks(LAID_OUT).enumerate() {
        let jobs = Jobs::new(number * LAID_OUT, part);
        rows.extend(jobs.rows(ground, &columns, periods_per_year));
    }
    rows.sort_unstable_by_key(|(index, _)| *index);
    rows.into_iter().map(|(_, figures)| figures).collect()
}

#[cfg(test)]
mod tests;
