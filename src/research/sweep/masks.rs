//! Where the comparisons of some jobs hold, and what rules make of them.
//!
//! In: comparisons, forms that name them by number, and the history. Out: [`Masks`]. Every column is
//! computed once and let go when its comparisons are done; one that flows is never kept. What two jobs
//! share is a mask: of a comparison, or of a rule inside a composite.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::ground::Ground;
use super::mask::{Mask, WORD, side_by_side};
use super::stretches::Shape;
use crate::research::strategy::columns::Columns;
use crate::research::strategy::composite::Votes;
use crate::research::strategy::form::{Batch, Column, Comparison, Form, Is, Than, flow};
use crate::research::strategy::indicators::side_by_side::{BARS, LANES};

/// Most rules of a composite whose ballots are all decided beforehand: beyond, there are more of them
/// than bars at which one changes.
const VOTERS_MOST: usize = 8;

// A block of what flows makes one word of each mask.
const _: () = assert!(BARS == WORD);

/// What tells the rules of a composite apart.
pub(super) type Key = (Vec<usize>, Vec<usize>, [Option<u64>; 3]);

pub(super) fn key(form: &Form<usize>) -> Key {
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
pub(super) fn columns_of(comparisons: &[Comparison]) -> BTreeSet<Column> {
    let sides = comparisons.iter().flat_map(|c| match c.than {
        Than::Column(right) => [Some(c.left), Some(right)],
        Than::Level(_) => [Some(c.left), None],
    });
    sides.flatten().collect()
}

/// The columns of comparisons that are held as a whole.
pub(super) fn kept(comparisons: &[Comparison]) -> BTreeSet<Column> {
    let whole = comparisons.iter().filter(|c| level_of_flowing(c).is_none());
    whole
        .flat_map(|c| columns_of(std::slice::from_ref(c)))
        .collect()
}

/// The level that a column which flows is compared with.
fn level_of_flowing(comparison: &Comparison) -> Option<f64> {
    match comparison.than {
        Than::Level(level) if comparison.left.flows() => Some(f64::from_bits(level)),
        Than::Level(_) | Than::Column(_) => None,
    }
}

/// Every comparison of a form.
pub(super) fn each(form: &Form<usize>, then: &mut impl FnMut(usize)) {
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
    let values = batches.into_par_iter().flat_map_iter(|(batch, wanted)| {
        let values = batch.values(&wanted, columns);
        wanted.into_iter().zip(values)
    });
    values.collect()
}

/// The masks of comparisons whose columns are kept.
fn compared(wanted: &[Comparison], columns: &Columns<'_>) -> Vec<Mask> {
    let values = computed(&kept(wanted), columns);
    let bars = columns.bars.len();
    let masks = wanted.par_iter().map(|Comparison { left, is, than }| {
        let found = values.get(left).and_then(|left| match than {
            Than::Column(right) => Some(Mask::compared(left, *is, values.get(right)?)),
            Than::Level(level) => Some(Mask::levelled(left, *is, f64::from_bits(*level))),
        });
        found.unwrap_or_else(|| Mask::nowhere(bars))
    });
    masks.collect()
}

/// The masks of comparisons of columns that flow, each with its level.
fn flowed(wanted: &[(Column, Is, f64)], columns: &Columns<'_>) -> Vec<Mask> {
    let share = wanted.len().div_ceil(rayon::current_num_threads());
    let share = share.next_multiple_of(LANES).max(LANES);
    let masks = wanted.par_chunks(share).flat_map_iter(|wanted| {
        let mut masks = vec![Mask::nowhere(columns.bars.len()); wanted.len()];
        let sources: Vec<Column> = wanted.iter().map(|(column, ..)| *column).collect();
        flow(&sources, columns, |corner, block| {
            let lanes = wanted.iter().zip(&mut masks).skip(corner.lane);
            let lanes: Vec<(&(Column, Is, f64), &mut Mask)> = lanes.take(LANES).collect();
            let mut levels = [0.0; LANES];
            for (level, ((.., own), _)) in levels.iter_mut().zip(&lanes) {
                *level = *own;
            }
            let mut words: BTreeMap<Is, [u64; LANES]> = BTreeMap::new();
            for (slot, ((_, is, _), mask)) in lanes.into_iter().enumerate() {
                let words = words
                    .entry(*is)
                    .or_insert_with(|| side_by_side(block, *is, &levels));
                mask.set_word(corner.bar, words.get(slot).copied().unwrap_or(0));
            }
        });
        masks
    });
    masks.collect()
}

/// Where each comparison holds, by its number, and where the rules of composites are long.
pub(super) struct Masks {
    bars: usize,
    all: Vec<Mask>,
    voters: BTreeMap<Key, Mask>,
}

impl Masks {
    /// What `forms` need of `comparisons`.
    pub(super) fn new<'f>(
        comparisons: &[Comparison],
        forms: impl Iterator<Item = &'f Form<usize>>,
        ground: &Ground<'_>,
        columns: &Columns<'_>,
    ) -> Self {
        let mut numbers = BTreeSet::new();
        let mut voters: BTreeMap<Key, &Form<usize>> = BTreeMap::new();
        for form in forms {
            each(form, &mut |number| {
                numbers.insert(number);
            });
            if let Form::Votes(votes) = form {
                voters.extend(votes.forms.iter().map(|form| (key(form), form)));
            }
        }
        let (mut whole, mut flowing) = (Vec::new(), Vec::new());
        let (mut whole_at, mut flowing_at) = (Vec::new(), Vec::new());
        for number in numbers {
            let Some(comparison) = comparisons.get(number) else {
                continue;
            };
            if let Some(level) = level_of_flowing(comparison) {
                flowing.push((comparison.left, comparison.is, level));
                flowing_at.push(number);
            } else {
                whole.push(*comparison);
                whole_at.push(number);
            }
        }
        let mut all = vec![Mask::nowhere(0); comparisons.len()];
        let numbered = whole_at.into_iter().zip(compared(&whole, columns));
        for (number, mask) in numbered.chain(flowing_at.into_iter().zip(flowed(&flowing, columns)))
        {
            if let Some(place) = all.get_mut(number) {
                *place = mask;
            }
        }
        let mut masks = Self {
            bars: columns.bars.len(),
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

    /// Bars of each mask.
    pub(super) fn bars(&self) -> usize {
        self.bars
    }

    /// What a rule looks for from bar to bar.
    pub(super) fn shape(&self, form: &Form<usize>) -> Shape {
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

    /// Where the rules of a composite together are long.
    fn voted(&self, votes: &Votes<usize>) -> Mask {
        let each: Vec<&Mask> = votes
            .forms
            .iter()
            .filter_map(|form| self.voters.get(&key(form)))
            .collect();
        let long =
            |ballot: usize| votes.long((0..each.len()).map(|voter| ballot >> voter & 1 == 1));
        let mut found = if each.len() <= VOTERS_MOST {
            Mask::decided(self.bars, &each, long)
        } else {
            self.counted(&each, long)
        };
        found.clear_before(votes.early);
        found
    }

    /// Between two bars at which one of `each` changes its mind the count stays what it is.
    fn counted(&self, each: &[&Mask], long: impl Fn(usize) -> bool) -> Mask {
        let mut changes = Mask::nowhere(self.bars);
        each.iter().for_each(|own| changes.or_changes(own));
        let (mut found, mut bar) = (Mask::nowhere(self.bars), 0);
        while bar < self.bars {
            let next = changes.next(bar + 1);
            let voters = each.iter().enumerate();
            let ballot = voters.fold(0, |ballot, (voter, own)| {
                ballot | usize::from(own.at(bar)) << voter
            });
            if long(ballot) {
                found.fill(bar, next);
            }
            bar = next;
        }
        found
    }
}
