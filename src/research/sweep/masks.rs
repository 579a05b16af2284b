//! Where the comparisons of some jobs hold, and what rules make of them.
//!
//! In: comparisons, forms that name them by number, and the history. Out: [`Masks`]. Every column is
//! computed once and let go when its comparisons are done; of one that flows only what it is made of is
//! kept. What two jobs share is a mask: of a comparison, or of a rule inside a composite.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::ground::Ground;
use super::mask::{Mask, WORD, side_by_side};
use super::stretches::Shape;
use crate::research::strategy::columns::Columns;
use crate::research::strategy::composite::Votes;
use crate::research::strategy::form::{Batch, Column, Comparison, Flow, Form, Than};
use crate::research::strategy::indicators::side_by_side::{BARS, LANES};

/// Most rules of a composite whose ballots are all decided beforehand. Beyond it is cheaper to go from
/// one bar at which one of them changes to the next.
const VOTERS_MOST: usize = 6;

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

/// The columns of comparisons that are kept as a whole.
pub(super) fn kept(comparisons: &[Comparison]) -> BTreeSet<Column> {
    let whole = comparisons.iter().filter(|c| level_of_flowing(c).is_none());
    whole
        .flat_map(|c| columns_of(std::slice::from_ref(c)))
        .collect()
}

/// The spans of averages that are kept for a column which flows.
pub(super) fn spans(comparison: &Comparison) -> impl Iterator<Item = usize> {
    let spans = level_of_flowing(comparison).and(comparison.left.spans());
    spans.into_iter().flatten()
}

/// The level that a column which flows is compared with.
fn level_of_flowing(comparison: &Comparison) -> Option<f64> {
    match comparison.than {
        Than::Level(level) if comparison.left.spans().is_some() => Some(f64::from_bits(level)),
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

/// A comparison with its number.
type Numbered = (usize, Comparison);

/// The masks of comparisons whose columns are kept.
fn compared(wanted: &[Numbered], columns: &Columns<'_>) -> Vec<(usize, Mask)> {
    let comparisons: Vec<Comparison> = wanted.iter().map(|(_, c)| *c).collect();
    let values = computed(&kept(&comparisons), columns);
    let mask = |Comparison { left, is, than }: &Comparison| {
        let left = values.get(left)?;
        Some(match than {
            Than::Column(right) => Mask::compared(left, *is, values.get(right)?),
            Than::Level(level) => Mask::levelled(left, *is, f64::from_bits(*level)),
        })
    };
    let nowhere = || Mask::nowhere(columns.bars.len());
    let masks = wanted
        .par_iter()
        .map(|(number, c)| (*number, mask(c).unwrap_or_else(nowhere)));
    masks.collect()
}

/// The masks of comparisons of columns that flow.
fn flowed(wanted: &[Numbered], columns: &Columns<'_>) -> Vec<(usize, Mask)> {
    let sources: Vec<Column> = wanted.iter().map(|(_, c)| c.left).collect();
    let flow = Flow::new(&sources, columns);
    let bars = columns.bars.len();
    let share = wanted.len().div_ceil(rayon::current_num_threads());
    let share = share.next_multiple_of(LANES).max(LANES);
    let parts = wanted.par_chunks(share).zip(sources.par_chunks(share));
    let masks = parts.flat_map_iter(|(wanted, sources)| {
        let mut words: Vec<Vec<u64>> = vec![Vec::with_capacity(bars.div_ceil(WORD)); wanted.len()];
        flow.hand_on(sources, |corner, block| {
            let lanes = || wanted.iter().skip(corner.lane).take(LANES);
            let mut levels = [f64::NAN; LANES];
            for (level, (_, own)) in levels.iter_mut().zip(lanes()) {
                *level = level_of_flowing(own).unwrap_or(f64::NAN);
            }
            let mut last = None;
            let words = words.iter_mut().skip(corner.lane);
            for (slot, ((_, own), words)) in lanes().zip(words).enumerate() {
                // Nearly always all of them stand to their levels in the same way.
                let found = match last {
                    Some((is, found)) if is == own.is => found,
                    _ => side_by_side(block, own.is, &levels),
                };
                last = Some((own.is, found));
                words.push(found.get(slot).copied().unwrap_or(0));
            }
        });
        let masks = words
            .into_iter()
            .map(move |words| Mask::of_words(words, bars));
        wanted.iter().map(|(number, _)| *number).zip(masks)
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
        let wanted = numbers.into_iter();
        let wanted = wanted.filter_map(|number| Some((number, *comparisons.get(number)?)));
        let (flowing, whole): (Vec<_>, Vec<_>) =
            wanted.partition(|(_, comparison)| level_of_flowing(comparison).is_some());
        let mut all = vec![Mask::nowhere(0); comparisons.len()];
        let (flowing, whole) = (flowed(&flowing, columns), compared(&whole, columns));
        for (number, mask) in flowing.into_iter().chain(whole) {
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
