//! One bit per bar: where something holds.
//!
//! Columns are compared 64 bars at a time, and masks are combined as many at once; what a rule does is
//! then read off by looking for the next set bit, so that bars at which nothing changes cost next to
//! nothing.
//!
//! # Shapes
//! Word w holds the bars from 64 w on, the lowest bit first. Bits beyond the last bar are not set.

use crate::research::strategy::form::Is;
use crate::research::strategy::indicators::side_by_side::{Block, LANES};

/// Bars of one word.
pub(super) const WORD: usize = 64;

/// The bit of each bar of a word.
#[allow(
    clippy::indexing_slicing,
    reason = "below the length, and checked when it is compiled"
)]
const BITS: [u64; WORD] = {
    let mut bits = [0; WORD];
    let mut bar = 0;
    while bar < WORD {
        bits[bar] = 1 << bar;
        bar += 1;
    }
    bits
};

/// Where something holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    words: Vec<u64>,
    bars: usize,
}

impl Mask {
    /// Holds nowhere.
    #[must_use]
    pub fn nowhere(bars: usize) -> Self {
        Self {
            words: vec![0; bars.div_ceil(WORD)],
            bars,
        }
    }

    /// Bytes that the words of a mask over `bars` take.
    #[must_use]
    pub fn bytes(bars: usize) -> usize {
        bars.div_ceil(WORD) * size_of::<u64>()
    }

    /// Where `left` stands to `right` as `is` says; columns of equal length.
    #[must_use]
    pub fn compared(left: &[f64], is: Is, right: &[f64]) -> Self {
        let words = match is {
            Is::Above => words(left, right, |a, b| a > b),
            Is::Below => words(left, right, |a, b| a < b),
            Is::AtLeast => words(left, right, |a, b| a >= b),
            Is::AtMost => words(left, right, |a, b| a <= b),
        };
        let bars = left.len();
        Self { words, bars }
    }

    /// Where `left` stands to `level` as `is` says.
    #[must_use]
    pub fn levelled(left: &[f64], is: Is, level: f64) -> Self {
        let same = [level; WORD];
        let by_word = |holds: fn(&[f64], &[f64; WORD]) -> u64| {
            left.chunks(WORD).map(|part| holds(part, &same)).collect()
        };
        let words = match is {
            Is::Above => by_word(|part, same| word(part, same, |a, b| a > b)),
            Is::Below => by_word(|part, same| word(part, same, |a, b| a < b)),
            Is::AtLeast => by_word(|part, same| word(part, same, |a, b| a >= b)),
            Is::AtMost => by_word(|part, same| word(part, same, |a, b| a <= b)),
        };
        let bars = left.len();
        Self { words, bars }
    }

    /// Where this does not hold.
    #[must_use]
    pub fn opposite(&self) -> Self {
        let words = self.words.iter().map(|word| !word).collect();
        let mut opposite = Self { words, ..*self };
        opposite.cut();
        opposite
    }

    /// Where `holds` of the ballot of `each`: bit i of it says whether mask i holds there.
    #[must_use]
    pub fn decided(bars: usize, each: &[&Self], holds: impl Fn(usize) -> bool) -> Self {
        let all: Vec<u64> = (0..1_usize << each.len())
            .map(|ballot| if holds(ballot) { u64::MAX } else { 0 })
            .collect();
        let (mut decided, mut open) = (Self::nowhere(bars), all.clone());
        for (index, word) in decided.words.iter_mut().enumerate() {
            open.copy_from_slice(&all);
            let mut half = all.len() / 2;
            // The last mask decides between the lower and the upper half of what is still open.
            for own in each.iter().rev() {
                let own = own.words.get(index).copied().unwrap_or(0);
                let (without, with) = open.split_at_mut(half);
                for (without, with) in without.iter_mut().zip(with) {
                    *without = *without & !own | *with & own;
                }
                half /= 2;
            }
            *word = open.first().copied().unwrap_or(0);
        }
        decided.cut();
        decided
    }

    /// Holds at no bar before `bar`.
    pub fn clear_before(&mut self, bar: usize) {
        for (index, word) in self.words.iter_mut().enumerate() {
            let early = bar.saturating_sub(index * WORD);
            match early {
                0 => break,
                1..WORD => *word &= u64::MAX << early,
                _ => *word = 0,
            }
        }
    }

    /// From words; what they say beyond the last bar is not taken.
    pub(super) fn of_words(words: Vec<u64>, bars: usize) -> Self {
        let mut mask = Self { words, bars };
        mask.words.resize(bars.div_ceil(WORD), 0);
        mask.cut();
        mask
    }

    /// Number of bars.
    #[must_use]
    pub fn bars(&self) -> usize {
        self.bars
    }

    /// Holds where this and `other` do.
    pub fn and(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// Holds where this or `other` does.
    pub fn or(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// Holds where this does and `other` does not.
    pub fn without(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }

    /// Holds at the bars at which `other` is not what it is one bar earlier; before the first bar
    /// nothing holds.
    pub fn or_changes(&mut self, other: &Self) {
        let mut before = 0;
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other ^ (other << 1 | before);
            before = other >> (WORD - 1);
        }
        self.cut();
    }

    /// Holds from bar `from` to the one before `to` as well.
    pub fn fill(&mut self, from: usize, to: usize) {
        let to = to.min(self.bars);
        let words = self.words.iter_mut().enumerate();
        for (index, word) in words.skip(from / WORD).take(to.div_ceil(WORD)) {
            let first = index * WORD;
            if first >= to {
                break;
            }
            let above = u64::MAX << from.saturating_sub(first).min(WORD - 1);
            let below = u64::MAX >> (WORD - (to - first).min(WORD));
            *word |= above & below;
        }
    }

    /// True when it holds at `bar`.
    #[must_use]
    pub fn at(&self, bar: usize) -> bool {
        let word = self.words.get(bar / WORD).copied().unwrap_or(0);
        word >> (bar % WORD) & 1 == 1
    }

    /// The first bar from `bar` on at which it holds; the number of bars when there is none.
    #[inline]
    #[must_use]
    pub fn next(&self, bar: usize) -> usize {
        let mut index = bar / WORD;
        let Some(word) = self.words.get(index) else {
            return self.bars;
        };
        let mut word = word & (u64::MAX << (bar % WORD));
        while word == 0 {
            index += 1;
            match self.words.get(index) {
                Some(next) => word = *next,
                None => return self.bars,
            }
        }
        index * WORD + word.trailing_zeros() as usize
    }

    /// Bits beyond the last bar are not set.
    fn cut(&mut self) {
        let used = self.bars % WORD;
        if used > 0
            && let Some(last) = self.words.last_mut()
        {
            *last &= (1 << used) - 1;
        }
    }
}

fn words(left: &[f64], right: &[f64], holds: impl Fn(f64, f64) -> bool + Copy) -> Vec<u64> {
    let parts = left.chunks(WORD).zip(right.chunks(WORD));
    parts.map(|(l, r)| word(l, r, holds)).collect()
}

/// One word. A choice between the bar's bit and none is one operation for several bars at once, where
/// a shift for each bar is not.
#[inline]
fn word(left: &[f64], right: &[f64], holds: impl Fn(f64, f64) -> bool + Copy) -> u64 {
    let mut word = 0;
    if let (Some(left), Some(right)) = (left.first_chunk::<WORD>(), right.first_chunk::<WORD>()) {
        // The usual case, of known length.
        for ((l, r), bit) in left.iter().zip(right).zip(&BITS) {
            word |= if holds(*l, *r) { *bit } else { 0 };
        }
    } else {
        for ((l, r), bit) in left.iter().zip(right).zip(&BITS) {
            word |= if holds(*l, *r) { *bit } else { 0 };
        }
    }
    word
}

/// One word per lane, where the lanes of a block stand to their levels as `is` says.
pub(super) fn side_by_side(block: &Block, is: Is, levels: &[f64; LANES]) -> [u64; LANES] {
    let words = |holds: fn(f64, f64) -> bool| {
        let mut words = [0; LANES];
        for (row, bit) in block.iter().zip(&BITS) {
            for ((word, x), level) in words.iter_mut().zip(row).zip(levels) {
                *word |= if holds(*x, *level) { *bit } else { 0 };
            }
        }
        words
    };
    match is {
        Is::Above => words(|x, level| x > level),
        Is::Below => words(|x, level| x < level),
        Is::AtLeast => words(|x, level| x >= level),
        Is::AtMost => words(|x, level| x <= level),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mask(bits: &[bool]) -> Mask {
        let ones: Vec<f64> = bits.iter().map(|b| f64::from(u8::from(*b))).collect();
        Mask::levelled(&ones, Is::Above, 0.5)
    }

    fn bits(mask: &Mask) -> Vec<bool> {
        (0..mask.bars()).map(|bar| mask.at(bar)).collect()
    }

    type Holds = fn(&f64, &f64) -> bool;

    proptest! {
        #[test]
        fn comparisons_are_those_of_each_bar(
            pairs in prop::collection::vec((0_u8..4, 0_u8..4), 0..200),
            level in 0_u8..4,
        ) {
            let number = |x: u8| if x == 3 { f64::NAN } else { f64::from(x) };
            let left: Vec<f64> = pairs.iter().map(|(a, _)| number(*a)).collect();
            let right: Vec<f64> = pairs.iter().map(|(_, b)| number(*b)).collect();
            let level = number(level);
            let kinds: [(Is, Holds); 4] = [
                (Is::Above, |a, b| a > b),
                (Is::Below, |a, b| a < b),
                (Is::AtLeast, |a, b| a >= b),
                (Is::AtMost, |a, b| a <= b),
            ];
            for (is, holds) in kinds {
                let wanted: Vec<bool> = left.iter().zip(&right).map(|(a, b)| holds(a, b)).collect();
                prop_assert_eq!(bits(&Mask::compared(&left, is, &right)), wanted);
                let wanted: Vec<bool> = left.iter().map(|a| holds(a, &level)).collect();
                prop_assert_eq!(bits(&Mask::levelled(&left, is, level)), wanted);
            }
        }

        #[test]
        fn every_ballot_is_decided_as_it_is_told(
            ballots in prop::collection::vec(0_usize..32, 0..200),
            voters in 0_usize..6,
            table in any::<u32>(),
        ) {
            let holds = |ballot: usize| table >> ballot & 1 == 1;
            let known: Vec<usize> = ballots.iter().map(|ballot| ballot & ((1 << voters) - 1)).collect();
            let own = |voter: usize| {
                let votes: Vec<bool> = known.iter().map(|ballot| ballot >> voter & 1 == 1).collect();
                mask(&votes)
            };
            let each: Vec<Mask> = (0..voters).map(own).collect();
            let each: Vec<&Mask> = each.iter().collect();
            let wanted: Vec<bool> = known.iter().map(|ballot| holds(*ballot)).collect();
            prop_assert_eq!(bits(&Mask::decided(known.len(), &each, holds)), wanted);
        }

        #[test]
        fn masks_are_sets_of_bars(
            pairs in prop::collection::vec(any::<(bool, bool)>(), 0..200),
            (from, to) in (0_usize..210, 0_usize..210),
        ) {
            let (a, b): (Vec<bool>, Vec<bool>) = pairs.iter().copied().unzip();
            let each = |of: fn(bool, bool) -> bool| -> Vec<bool> {
                pairs.iter().map(|(a, b)| of(*a, *b)).collect()
            };
            let after = |change: fn(&mut Mask, &Mask)| {
                let mut first = mask(&a);
                change(&mut first, &mask(&b));
                bits(&first)
            };
            prop_assert_eq!(after(Mask::and), each(|a, b| a && b));
            prop_assert_eq!(after(Mask::or), each(|a, b| a || b));
            prop_assert_eq!(after(Mask::without), each(|a, b| a && !b));
            let mut changes = Mask::nowhere(b.len());
            changes.or_changes(&mask(&b));
            let earlier = std::iter::once(&false).chain(&b);
            let wanted: Vec<bool> = b.iter().zip(earlier).map(|(now, before)| now != before).collect();
            prop_assert_eq!(bits(&changes), wanted);
            let mut late = mask(&a);
            late.clear_before(from);
            let wanted: Vec<bool> = a.iter().enumerate().map(|(bar, a)| *a && bar >= from).collect();
            prop_assert_eq!(bits(&late), wanted);
            let mut filled = mask(&a);
            filled.fill(from, to);
            let wanted: Vec<bool> = a.iter().enumerate().map(|(bar, a)| *a || (from..to).contains(&bar)).collect();
            prop_assert_eq!(bits(&filled), wanted);
            for bar in 0..a.len() + 2 {
                let first = |wanted: bool| {
                    let rest = a.iter().skip(bar).position(|a| *a == wanted);
                    rest.map_or(a.len(), |at| bar + at)
                };
                prop_assert_eq!(mask(&a).next(bar), first(true));
                prop_assert_eq!(mask(&a).opposite().next(bar), first(false));
            }
        }
    }
}
