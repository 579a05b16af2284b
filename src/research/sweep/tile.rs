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
//! With n bars: n per column and per comparison (n / 64 words of it are kept); n / 64 steps and the
//! trades per combination.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::grid::Combination;
use super::ground::Ground;
use super::mask::Mask;
use super::stretches::Shape;
use super::tally::{Figures, Tally};
use crate::research::strategy::columns::Columns;
use crate::research::strategy::composite::Votes;
use crate::research::strategy::form::{Batch, Column, Comparison, Form, Than};

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
/// Bars that they pass together: what is known of so many stays in a near cache.
const BARS: usize = 1024;
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
            let mut own: Vec<usize> = Vec::new();
            each(&job.form, &mut |number| {
                own.extend(ranks.get(number).into_iter().flatten())
            });
            own.dedup();
            let squares: Vec<usize> = own.iter().map(|rank| *rank / SQUARE).collect();
            (squares, own)
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
        let (mut rest, mut spare) = (self.jobs.as_slice(), Vec::new());
        while !rest.is_empty() {
            let (tile, later) = rest.split_at(self.tile(rest, bounds));
            let masks = self.masks(tile, ground, columns, &mut spare);
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
        let mut voters: BTreeSet<Key> = BTreeSet::new();
        for (count, job) in jobs.iter().enumerate() {
            each(&job.form, &mut |number| {
                if comparisons.insert(number)
                    && let Some(comparison) = self.comparisons.get(number)
                {
                    columns.extend(columns_of(std::slice::from_ref(comparison)));
                }
            });
            if let Form::Votes(votes) = &job.form {
                voters.extend(votes.forms.iter().map(key));
            }
            let full = columns.len() > COLUMNS_MOST
                || comparisons.len() > bounds.comparisons
                || comparisons.len() + voters.len() > bounds.masks;
            if count > 0 && full {
                return count;
            }
        }
        jobs.len()
    }

    /// The masks of `jobs`. Leaves the columns behind them in `spare`, and uses what is there.
    fn masks(
        &self,
        jobs: &[Job<'_>],
        ground: &Ground<'_>,
        columns: &Columns<'_>,
        spare: &mut Vec<Vec<f64>>,
    ) -> Masks {
        let mut numbers = BTreeSet::new();
        let mut voters: BTreeMap<Key, &Form<usize>> = BTreeMap::new();
        for job in jobs {
            each(&job.form, &mut |number| {
                numbers.insert(number);
            });
            if let Form::Votes(votes) = &job.form {
                voters.extend(votes.forms.iter().map(|form| (key(form), form)));
            }
        }
        let wanted: Vec<(usize, Comparison)> = numbers
            .into_iter()
            .filter_map(|number| Some((number, *self.comparisons.get(number)?)))
            .collect();
        let comparisons: Vec<Comparison> = wanted.iter().map(|(_, c)| *c).collect();
        let values = computed(&columns_of(&comparisons), columns, std::mem::take(spare));
        let bars = columns.bars.len();
        let found: Vec<(usize, Mask)> = wanted
            .par_iter()
            .map(|(number, comparison)| (*number, mask(comparison, &values, bars)))
            .collect();
        spare.extend(values.into_values());
        let mut all = vec![Mask::nowhere(0); self.comparisons.len()];
        for (number, mask) in found {
            if let Some(place) = all.get_mut(number) {
                *place = mask;
            }
        }
        let mut masks = Masks {
            bars,
            all,
            voters: BTreeMap::new(),
        };
        let voters: Vec<(Key, &Form<usize>)> = voters.into_iter().collect();
        masks.voters = voters
            .into_par_iter()
            .map(|(key, form)| (key, masks.long(form, ground)))
            .collect();
        masks
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
    let mut shapes: Vec<Shape> = Vec::new();
    let mut last = None;
    let numbers: Vec<usize> = jobs
        .iter()
        .map(|job| {
            if last != Some(&job.form) {
                shapes.push(masks.shape(&job.form));
                last = Some(&job.form);
            }
            shapes.len() - 1
        })
        .collect();
    let mut walks: Vec<_> = jobs
        .iter()
        .zip(&numbers)
        .filter_map(|(job, number)| {
            let tally = Tally::new(ground, job.combination.stops());
            Some((shapes.get(*number)?.walk(), tally))
        })
        .collect();
    for reached in (0..masks.bars).step_by(BARS) {
        for (walk, tally) in &mut walks {
            while walk.bar < reached + BARS
                && let Some(stretch) = walk.next(ground)
            {
                tally.follow(stretch.span());
            }
        }
    }
    let tallies = jobs.iter().zip(&walks);
    tallies
        .map(|(job, (_, tally))| (job.index, tally.figures(periods_per_year)))
        .collect()
}

/// What tells the rules of a composite apart.
type Key = (Vec<usize>, Vec<usize>, [Option<u64>; 3]);

fn key(form: &Form<usize>) -> Key {
    match form {
        Form::While(all) => (all.clone(), Vec::new(), [None; 3]),
        Form::Held {
            enter,
            leave,
            stops,
        } => {
            let levels = [stops.stop, stops.take_profit, stops.trailing];
            (
                enter.clone(),
                leave.clone(),
                levels.map(|level| level.map(f64::to_bits)),
            )
        }
        // A composite holds none.
        Form::Votes(_) => (Vec::new(), Vec::new(), [None; 3]),
    }
}

/// The columns of comparisons, each once.
fn columns_of(comparisons: &[Comparison]) -> BTreeSet<Column> {
    let sides = comparisons.iter().flat_map(|c| match c.than {
        Than::Column(right) => [Some(c.left), Some(right)],
        Than::Level(_) => [Some(c.left), None],
    });
    sides.flatten().collect()
}

/// Every comparison of a form.
fn each(form: &Form<usize>, then: &mut impl FnMut(usize)) {
    match form {
        Form::While(all) => all.iter().for_each(|number| then(*number)),
        Form::Held { enter, leave, .. } => {
            enter.iter().chain(leave).for_each(|number| then(*number));
        }
        Form::Votes(votes) => votes.forms.iter().for_each(|form| each(form, then)),
    }
}

/// The values of `wanted`, computed in batches; columns that are no longer needed give their memory.
fn computed(
    wanted: &BTreeSet<Column>,
    columns: &Columns<'_>,
    mut spare: Vec<Vec<f64>>,
) -> BTreeMap<Column, Vec<f64>> {
    let mut batches: BTreeMap<Batch, Vec<Column>> = BTreeMap::new();
    for column in wanted {
        batches.entry(column.batch()).or_default().push(*column);
    }
    let batches: Vec<(Batch, Vec<Column>, Vec<Vec<f64>>)> = batches
        .into_iter()
        .map(|(batch, wanted)| {
            let own = spare.split_off(spare.len().saturating_sub(wanted.len()));
            (batch, wanted, own)
        })
        .collect();
    let values = batches
        .into_par_iter()
        .flat_map_iter(|(batch, wanted, spare)| {
            let values = batch.values(&wanted, columns, spare);
            wanted.into_iter().zip(values)
        });
    values.collect()
}

fn mask(comparison: &Comparison, values: &BTreeMap<Column, Vec<f64>>, bars: usize) -> Mask {
    let Comparison { left, is, than } = comparison;
    let found = values.get(left).and_then(|left| match than {
        Than::Column(right) => Some(Mask::compared(left, *is, values.get(right)?)),
        Than::Level(level) => Some(Mask::levelled(left, *is, f64::from_bits(*level))),
    });
    found.unwrap_or_else(|| Mask::nowhere(bars))
}

/// Where each comparison holds, by its number, and where the rules of composites are long.
struct Masks {
    bars: usize,
    all: Vec<Mask>,
    voters: BTreeMap<Key, Mask>,
}

impl Masks {
    fn shape(&self, form: &Form<usize>) -> Shape {
        match form {
            Form::While(all) => Shape::within(self.all_of(all)),
            Form::Held {
                enter,
                leave,
                stops,
            } => {
                let mut left = Mask::nowhere(self.bars);
                self.each_of(leave).for_each(|mask| left.or(mask));
                Shape::held(self.all_of(enter), left, *stops)
            }
            Form::Votes(votes) => Shape::within(self.voted(votes)),
        }
    }

    /// Where a rule is long.
    fn long(&self, form: &Form<usize>, ground: &Ground<'_>) -> Mask {
        let shape = self.shape(form);
        let (mut walk, mut long) = (shape.walk(), Mask::nowhere(self.bars));
        while let Some(stretch) = walk.next(ground) {
            long.fill(stretch.from, stretch.to);
        }
        long
    }

    fn each_of(&self, numbers: &[usize]) -> impl Iterator<Item = &Mask> {
        numbers.iter().filter_map(|number| self.all.get(*number))
    }

    fn all_of(&self, numbers: &[usize]) -> Mask {
        let mut masks = self.each_of(numbers);
        let first = masks.next().cloned();
        let mut all = first.unwrap_or_else(|| Mask::nowhere(self.bars));
        masks.for_each(|mask| all.and(mask));
        all
    }

    /// Where the rules of a composite together are long. Between two bars at which one of them
    /// changes its mind the count stays what it is, and the same votes are counted once.
    fn voted(&self, votes: &Votes<usize>) -> Mask {
        let each: Vec<&Mask> = votes
            .forms
            .iter()
            .filter_map(|form| self.voters.get(&key(form)))
            .collect();
        let mut changes = Mask::nowhere(self.bars);
        each.iter().for_each(|own| changes.or_changes(own));
        let mut counted: Vec<Option<bool>> = vec![None; 1 << each.len()];
        let mut long = Mask::nowhere(self.bars);
        let mut bar = votes.early;
        while bar < self.bars {
            let next = changes.next(bar + 1);
            let ballot = each
                .iter()
                .fold(0, |ballot, own| ballot << 1 | usize::from(own.at(bar)));
            let count = || votes.long(each.iter().map(|own| own.at(bar)));
            let known = counted.get_mut(ballot);
            if known.is_some_and(|known| *known.get_or_insert_with(count)) {
                long.fill(bar, next);
            }
            bar = next;
        }
        long
    }
}

#[cfg(test)]
mod tests;
