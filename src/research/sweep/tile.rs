//! Combinations that are run together, and what they share.
//!
//! In: jobs, neighbours in the order of their columns. Out: their figures. Every column that they
//! compare is computed once, from it every comparison once, as a mask; then the columns are dropped,
//! and each job reads its stretches off the masks. A tile holds a bounded number of both, so memory is
//! that of a few columns, whatever the grid.
//!
//! # Complexity
//! With n bars: n per column and per comparison (n / 64 words of it are kept); n / 64 steps and the
//! trades per combination.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::grid::Combination;
use super::ground::Ground;
use super::mask::Mask;
use super::stretches::{Stretch, held, stopped, within};
use super::tally::{Figures, Tally};
use crate::research::strategy::columns::Columns;
use crate::research::strategy::composite::Votes;
use crate::research::strategy::form::{Batch, Column, Comparison, Form, Than};

/// Most columns of one tile, unless one combination alone has more.
const COLUMNS_MOST: usize = 128;
/// Most comparisons of one tile, likewise.
const COMPARISONS_MOST: usize = 8192;
/// Neighbouring columns that a tile takes up before it goes on to others of another axis: grids of
/// two long axes are walked in squares, not in lines.
const SQUARE: usize = 48;

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
                columns.iter().filter_map(|c| rank.get(c)).copied().collect()
            })
            .collect();
        self.jobs.sort_by_cached_key(|job| {
            let mut own: Vec<usize> = Vec::new();
            each(&job.form, &mut |number| own.extend(ranks.get(number).into_iter().flatten()));
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
        let mut rows = Vec::with_capacity(self.jobs.len());
        let mut rest = self.jobs.as_slice();
        while !rest.is_empty() {
            let (tile, later) = rest.split_at(self.tile(rest));
            let masks = self.masks(tile, columns);
            let figures = tile.par_iter().map(|job| {
                let mut tally = Tally::new(ground, job.combination.stops());
                masks.stretches(&job.form, ground, &mut |stretch| tally.hold(stretch.span()));
                (job.index, tally.figures(periods_per_year))
            });
            rows.par_extend(figures);
            rest = later;
        }
        rows
    }

    /// How many of `jobs` make up a tile; at least one.
    fn tile(&self, jobs: &[Job<'_>]) -> usize {
        let (mut columns, mut comparisons) = (BTreeSet::new(), BTreeSet::new());
        for (count, job) in jobs.iter().enumerate() {
            each(&job.form, &mut |number| {
                if comparisons.insert(number)
                    && let Some(comparison) = self.comparisons.get(number)
                {
                    columns.extend(columns_of(std::slice::from_ref(comparison)));
                }
            });
            if count > 0 && (columns.len() > COLUMNS_MOST || comparisons.len() > COMPARISONS_MOST) {
                return count;
            }
        }
        jobs.len()
    }

    fn masks(&self, jobs: &[Job<'_>], columns: &Columns<'_>) -> Masks {
        let mut numbers = BTreeSet::new();
        for job in jobs {
            each(&job.form, &mut |number| {
                numbers.insert(number);
            });
        }
        let wanted: Vec<(usize, Comparison)> = numbers
            .into_iter()
            .filter_map(|number| Some((number, *self.comparisons.get(number)?)))
            .collect();
        let comparisons: Vec<Comparison> = wanted.iter().map(|(_, c)| *c).collect();
        let values = computed(&columns_of(&comparisons), columns);
        let bars = columns.bars.len();
        let found: Vec<(usize, Mask)> = wanted
            .par_iter()
            .map(|(number, comparison)| (*number, mask(comparison, &values, bars)))
            .collect();
        let mut all = vec![Mask::nowhere(0); self.comparisons.len()];
        for (number, mask) in found {
            if let Some(place) = all.get_mut(number) {
                *place = mask;
            }
        }
        Masks { bars, all }
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

/// The values of `wanted`, computed in batches.
fn computed(wanted: &BTreeSet<Column>, columns: &Columns<'_>) -> BTreeMap<Column, Vec<f64>> {
    let mut batches: BTreeMap<Batch, Vec<Column>> = BTreeMap::new();
    for column in wanted {
        batches.entry(column.batch()).or_default().push(*column);
    }
    let batches: Vec<(Batch, Vec<Column>)> = batches.into_iter().collect();
    let values = batches
        .into_par_iter()
        .flat_map_iter(|(batch, wanted)| {
            let values = batch.values(&wanted, columns);
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

/// Where each comparison holds, by its number.
struct Masks {
    bars: usize,
    all: Vec<Mask>,
}

impl Masks {
    /// All stretches of `form`, in order.
    fn stretches(&self, form: &Form<usize>, ground: &Ground<'_>, then: &mut impl FnMut(Stretch)) {
        match form {
            Form::While(all) => within(&self.all_of(all)).for_each(then),
            Form::Held {
                enter,
                leave,
                stops,
            } => {
                let enter = self.all_of(enter);
                let mut left = Mask::nowhere(self.bars);
                self.each_of(leave).for_each(|mask| left.or(mask));
                left.without(&enter);
                if stops.is_none() {
                    held(&enter, &left).for_each(then);
                } else {
                    stopped(&enter, &left, *stops, ground).for_each(then);
                }
            }
            Form::Votes(votes) => within(&self.voted(votes, ground)).for_each(then),
        }
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
    /// changes its mind, the count stays what it is.
    fn voted(&self, votes: &Votes<usize>, ground: &Ground<'_>) -> Mask {
        let each: Vec<Mask> = votes
            .forms
            .iter()
            .map(|form| {
                let mut long = Mask::nowhere(self.bars);
                self.stretches(form, ground, &mut |stretch| long.fill(stretch.from, stretch.to));
                long
            })
            .collect();
        let mut changes = Mask::nowhere(self.bars);
        each.iter().for_each(|own| changes.or_changes(own));
        let mut long = Mask::nowhere(self.bars);
        let mut bar = votes.early;
        while bar < self.bars {
            let next = changes.next(bar + 1);
            if votes.long(each.iter().map(|own| own.at(bar))) {
                long.fill(bar, next);
            }
            bar = next;
        }
        long
    }
}

#[cfg(test)]
mod tests;
