//! Runs the combinations of a sweep on one series of bars.
//!
//! In: a plan, the bars, costs. Out: one row of figures per combination, in the plan's order, the
//! same for any number of threads. A rule that enters and leaves by thresholds shares its tables
//! with its neighbours and looks at no bar between two trades; any other rule gives its signals for
//! all bars at once. Long or flat only: a sweep looks for parameters, and shorts are the engine's.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::crossings::{Next, spans, spans_of};
use super::grid::Combination;
use super::ground::Ground;
use super::tally::{Figures, Tally};
use crate::research::strategy::Signal;
use crate::research::strategy::columns::Columns;
use crate::research::strategy::thresholds::{Indicator, Thresholds};

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

/// A combination whose rule is two thresholds, with its position in the plan.
type Crossing<'c> = (usize, &'c Combination, Thresholds);

/// The figures of every combination; `periods_per_year` is the number of bars in a year.
#[must_use]
pub fn run(
    combinations: &[Combination],
    ground: &Ground<'_>,
    periods_per_year: f64,
) -> Vec<Figures> {
    let columns = Columns::of(ground.history());
    let (mut alike, mut others) = (BTreeMap::<Indicator, Vec<Crossing<'_>>>::new(), Vec::new());
    for (index, combination) in combinations.iter().enumerate() {
        match combination.rule.thresholds() {
            Some(thresholds) => {
                let group = alike.entry(thresholds.indicator).or_default();
                group.push((index, combination, thresholds));
            }
            None => others.push((index, combination)),
        }
    }
    let groups: Vec<_> = alike.into_iter().collect();
    let crossed = groups
        .into_par_iter()
        .flat_map_iter(|(indicator, mut group)| {
            let values = indicator.values(&columns);
            crossed(&mut group, &values, ground, &columns, periods_per_year)
        });
    let followed = others.into_par_iter().map(|(index, combination)| {
        let signals = combination.rule.signals(false, &columns);
        let long: Vec<bool> = signals.iter().map(|s| *s == Signal::Long).collect();
        let mut tally = Tally::new(ground, combination.stops());
        tally.hold_all(spans_of(&long));
        (index, tally.figures(periods_per_year))
    });
    let mut rows: Vec<(usize, Figures)> = crossed.chain(followed).collect();
    rows.sort_unstable_by_key(|(index, _)| *index);
    rows.into_iter().map(|(_, figures)| figures).collect()
}

/// Every combination of a group. The tables of the exits are kept, those of the entries one at a
/// time: memory grows with the bars and the different exits, not with the combinations.
fn crossed(
    group: &mut [Crossing<'_>],
    values: &[f64],
    ground: &Ground<'_>,
    columns: &Columns<'_>,
    periods_per_year: f64,
) -> Vec<(usize, Figures)> {
    // Levels are at least 0, so their bits are in their order.
    let entry = |t: &Thresholds| (t.enter.to_bits(), t.trend);
    group.sort_by_key(|(_, _, thresholds)| entry(thresholds));
    let mut leaves: BTreeMap<u64, Next> = BTreeMap::new();
    let mut rows = Vec::with_capacity(group.len());
    for alike in group.chunk_by(|a, b| entry(&a.2) == entry(&b.2)) {
        let Some((_, _, first)) = alike.first() else {
            continue;
        };
        let enter = Next::new(first.entries(values, columns).into_iter());
        for (index, combination, thresholds) in alike {
            let leave = leaves
                .entry(thresholds.leave.to_bits())
                .or_insert_with(|| Next::new(thresholds.exits(values).into_iter()));
            let mut tally = Tally::new(ground, combination.stops());
            tally.hold_all(spans(&enter, leave));
            rows.push((*index, tally.figures(periods_per_year)));
        }
    }
    rows
}

#[cfg(test)]
mod tests;
