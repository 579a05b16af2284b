//! Combinations that are run together, and what they share.
//!
//! In: jobs, neighbours in the order of their columns. Out: their figures. Every column that they
//! compare is computed once, from it every comparison once, as a mask; then the columns are let go,
//! and each job reads its stretches off the masks. A tile holds a bounded number of both, so memory is
//! that of a few columns, whatever the grid.
//!
//! # Memory
//! A mask takes a bit per bar, whole words of it. Those of a tile (comparisons, and rules of composites)
//! take at most [`TILE_BYTES`], and those of the jobs that one thread walks together at most
//! [`CHUNK_BYTES`], unless a single job needs more: the longer the history, the fewer jobs go together.
//! What they come to does not depend on who goes with whom.
//!
//! # Complexity
//! With n bars: n per column and per comparison (n / 64 words of it are kept); per combination n / 64
//! steps (of a composite of k rules, 2^k of them, k at most 6) and the trades, these once for all that
//! differ in their stops alone.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::grid::Combination;
use super::ground::Ground;
use super::mask::Mask;
use super::masks::{Key, Masks, columns_of, each, kept, key, spans};
use super::stretches::{Shape, Walk};
use super::tally::{Figures, Tally};
use crate::research::strategy::columns::Columns;
use crate::research::strategy::form::{Column, Comparison, Form};

/// Most columns of one tile, unless one combination alone has more.
const COLUMNS_MOST: usize = 128;
/// Most comparisons of one tile, likewise.
const COMPARISONS_MOST: usize = 8192;
/// Most bytes of the masks of one tile, likewise.
const TILE_BYTES: usize = 256 << 20;
/// Most combinations that walk along the bars side by side.
const TOGETHER: usize = 2048;
/// Most bytes of their masks, unless one combination alone has more.
const CHUNK_BYTES: usize = 64 << 20;
/// Masks that each of them may own: where it enters, and where it leaves.
const OWN_MASKS: usize = 2;
/// Bars that they pass together: what is known of so many stays in the nearest cache.
const BARS: usize = 256;
/// Neighbouring columns that a tile takes up before it goes on to others of another axis: grids of
/// two long axes are walked in squares, not in lines.
const SQUARE: usize = 48;

/// How much is held at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bounds {
    /// Comparisons of a tile.
    comparisons: usize,
    /// Masks of a tile.
    masks: usize,
    /// Combinations that walk together.
    together: usize,
}

impl Bounds {
    /// Those of a history of `bars`.
    fn of(bars: usize) -> Self {
        let bytes = Mask::bytes(bars).max(1);
        Self {
            comparisons: COMPARISONS_MOST,
            masks: (TILE_BYTES / bytes).max(1),
            together: (CHUNK_BYTES / (OWN_MASKS * bytes)).clamp(1, TOGETHER),
        }
    }
}

/// One combination to run.
#[derive(Debug, Clone)]
pub(super) struct Job<'c> {
    /// Its position in the plan.
    pub index: usize,
    combination: &'c Combination,
    /// With numbers of comparisons.
    form: Form<usize>,
}

/// Jobs with the comparisons that they name.
#[derive(Debug, Default)]
pub(super) struct Jobs<'c> {
    comparisons: Vec<Comparison>,
    jobs: Vec<Job<'c>>,
}

impl<'c> Jobs<'c> {
    /// The jobs of `combinations`, of which the first has the position `first`: those that share
    /// columns stand together.
    pub(super) fn new(first: usize, combinations: &'c [Combination]) -> Self {
        let forms: Vec<Form> = combinations.par_iter().map(|c| c.rule.form()).collect();
        let mut numbers = BTreeMap::new();
        let mut all = Self::default();
        for ((index, combination), form) in (first..).zip(combinations).zip(&forms) {
            let form = form.map(&mut |comparison| {
                *numbers.entry(comparison).or_insert_with(|| {
                    all.comparisons.push(comparison);
                    all.comparisons.len() - 1
                })
            });
            all.jobs.push(Job {
                index,
                combination,
                form,
            });
        }
        all.order();
        all
    }

    fn order(&mut self) {
        let every = columns_of(&self.comparisons);
        let rank: BTreeMap<Column, usize> = every.into_iter().zip(0..).collect();
        // Per comparison, the ranks of its columns.
        let ranks: Vec<Vec<usize>> = self
            .comparisons
            .iter()
            .map(|comparison| {
                let columns = columns_of(std::slice::from_ref(comparison));
                columns
                    .iter()
                    .filter_map(|c| rank.get(c))
                    .copied()
                    .collect()
            })
            .collect();
        self.jobs.sort_by_cached_key(|job| {
            let (mut own, mut numbers) = (Vec::<usize>::new(), Vec::new());
            each(&job.form, &mut |number| {
                own.extend(ranks.get(number).into_iter().flatten());
                numbers.push(number);
            });
            own.dedup();
            let squares: Vec<usize> = own.iter().map(|rank| *rank / SQUARE).collect();
            // Last, so that those of the same rule stand side by side whatever turns fastest.
            (squares, own, numbers)
        });
    }

    /// The figures of all jobs with their positions, tile by tile.
    pub(super) fn rows(
        &self,
        ground: &Ground<'_>,
        columns: &Columns<'_>,
        periods_per_year: f64,
    ) -> Vec<(usize, Figures)> {
        let bounds = Bounds::of(columns.bars.len());
        self.rows_within(bounds, ground, columns, periods_per_year)
    }

    fn rows_within(
        &self,
        bounds: Bounds,
        ground: &Ground<'_>,
        columns: &Columns<'_>,
        periods_per_year: f64,
    ) -> Vec<(usize, Figures)> {
        let mut rows = Vec::with_capacity(self.jobs.len());
        let mut rest = self.jobs.as_slice();
        while !rest.is_empty() {
            let (tile, later) = rest.split_at(self.tile(rest, bounds));
            let masks = self.masks(tile, ground, columns);
            let share = tile.len().div_ceil(2 * rayon::current_num_threads());
            let figures = tile
                .par_chunks(share.clamp(1, bounds.together))
                .flat_map_iter(|jobs| figures(jobs, &masks, ground, periods_per_year));
            rows.par_extend(figures);
            rest = later;
        }
        rows
    }

    /// How many of `jobs` make up a tile; at least one.
    fn tile(&self, jobs: &[Job<'_>], bounds: Bounds) -> usize {
        let (mut columns, mut comparisons) = (BTreeSet::new(), BTreeSet::new());
        let mut averages = BTreeSet::new();
        let mut voters: BTreeSet<Key> = BTreeSet::new();
        for (count, job) in jobs.iter().enumerate() {
            each(&job.form, &mut |number| {
                if comparisons.insert(number)
                    && let Some(comparison) = self.comparisons.get(number)
                {
                    columns.extend(kept(std::slice::from_ref(comparison)));
                    averages.extend(spans(comparison));
                }
            });
            if let Form::Votes(votes) = &job.form {
                voters.extend(votes.forms.iter().map(key));
            }
            let full = columns.len() + averages.len() > COLUMNS_MOST
                || comparisons.len() > bounds.comparisons
                || comparisons.len() + voters.len() > bounds.masks;
            if count > 0 && full {
                return count;
            }
        }
        jobs.len()
    }

    /// The masks of `jobs`.
    fn masks(&self, jobs: &[Job<'_>], ground: &Ground<'_>, columns: &Columns<'_>) -> Masks {
        let forms = jobs.iter().map(|job| &job.form);
        Masks::new(&self.comparisons, forms, ground, columns)
    }
}

/// The figures of jobs that walk along the bars side by side: each takes its next stretches as far as
/// the others have come, so that all of them ask for the same bars while these are near.
fn figures(
    jobs: &[Job<'_>],
    masks: &Masks,
    ground: &Ground<'_>,
    periods_per_year: f64,
) -> Vec<(usize, Figures)> {
    // Neighbours often differ in their stops alone.
    let alike: Vec<&[Job<'_>]> = jobs.chunk_by(|a, b| a.form == b.form).collect();
    let shapes: Vec<Shape> = alike
        .iter()
        .filter_map(|jobs| Some(masks.shape(&jobs.first()?.form)))
        .collect();
    let run = |job: &Job<'_>| Tally::new(ground, job.combination.stops());
    let runs = alike.iter().map(|jobs| jobs.iter().map(run).collect());
    let mut walks: Vec<(Walk<'_>, Vec<Tally<'_, '_>>)> =
        shapes.iter().map(Shape::walk).zip(runs).collect();
    for reached in (0..masks.bars()).step_by(BARS) {
        for (walk, tallies) in &mut walks {
            while walk.bar < reached + BARS
                && let Some(stretch) = walk.next(ground)
            {
                ground.pass(stretch.span(), |passage| {
                    tallies.iter_mut().for_each(|tally| tally.take(passage));
                });
            }
        }
    }
    let tallies = walks.iter().flat_map(|(_, tallies)| tallies);
    jobs.iter()
        .zip(tallies)
        .map(|(job, tally)| (job.index, tally.figures(periods_per_year)))
        .collect()
}

#[cfg(test)]
mod tests;
