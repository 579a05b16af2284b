//! Lengths of stationary runs from a table, exactly as the formula draws them.
//!
//! # Formula
//! A run has 1 + extra bars, extra = floor(ln(u) / ln(1 - 1/b)), u = k / 2^53 with k - 1 the upper 53
//! bits of a random word (see [`super::bootstrap`]). It falls as k grows, so the largest k that still
//! gives j extra bars is found once for every j; a word is then looked up by its upper 12 bits and a
//! few comparisons. Next to an edge (64 of 2^53), and for the smallest 16 of 4096 parts of the range,
//! the formula itself is asked: rounding may blur an edge by some 14 steps, never by 64. The result is
//! the formula's for every word.
//!
//! # Degenerate cases
//! Blocks of 1, and above 512 bars (so few runs that the formula is cheap), have no table.

use super::bootstrap::{extra_of, log_continue, whole_extra};

/// Buckets of the upper 12 bits.
const BUCKETS: u32 = 4096;
/// Buckets at the lower end that ask the formula.
const ASKED: u32 = 16;
/// Distance to an edge within which the formula is asked.
const BLUR: u64 = 64;
/// Largest mean block with a table.
const BLOCK_MOST: usize = 512;

/// The table for one mean block.
#[derive(Debug, Clone)]
pub struct RunLengths {
    log_continue: f64,
    /// Per bucket, the fewest extra bars of its words.
    guide: Vec<u32>,
    /// `edges[j]`: the largest k that gives at least j extra bars; the first is beyond every k.
    edges: Vec<u64>,
}

impl RunLengths {
    /// The table for a mean of `block` bars, where there is one.
    #[must_use]
    pub fn new(block: usize) -> Option<Self> {
        if !(2..=BLOCK_MOST).contains(&block) {
            return None;
        }
        let log_continue = log_continue(block);
        let extra = |k: u64| extra_of(k, log_continue);
        let mut edges = vec![u64::MAX];
        let lowest = u64::from(ASKED) << 41;
        let mut upper = 1_u64 << 53;
        for j in 1_u32.. {
            let (mut low, mut high) = (1, upper);
            while low < high {
                let middle = high - (high - low) / 2;
                if extra(middle) >= f64::from(j) {
                    low = middle;
                } else {
                    high = middle - 1;
                }
            }
            edges.push(low);
            upper = low;
            if low < lowest {
                break;
            }
        }
        let mut guide = Vec::new();
        for bucket in 0..BUCKETS {
            // The largest k of the bucket.
            let k = u64::from(bucket + 1) << 41;
            let fewer = edges.partition_point(|edge| *edge >= k);
            guide.push(u32::try_from(fewer.saturating_sub(1)).unwrap_or(0));
        }
        Some(Self {
            log_continue,
            guide,
            edges,
        })
    }

    /// Extra bars of `word`, at most `most`.
    #[must_use]
    #[inline(always)]
    pub(super) fn extra(&self, word: u64, most: usize) -> usize {
        match self.looked_up(word) {
            Some(extra) => extra.min(most),
            None => self.asked(word, most),
        }
    }

    /// Extra bars of `word` by the formula.
    #[cold]
    fn asked(&self, word: u64, most: usize) -> usize {
        whole_extra(extra_of((word >> 11) + 1, self.log_continue), most)
    }

    /// Extra bars of `word`, unless the formula has to be asked.
    #[inline(always)]
    fn looked_up(&self, word: u64) -> Option<usize> {
        let bucket = (word >> 52) as usize;
        if bucket < ASKED as usize {
            return None;
        }
        let k = (word >> 11) + 1;
        let mut extra = *self.guide.get(bucket)? as usize;
        let mut below = *self.edges.get(extra + 1)?;
        while k <= below {
            extra += 1;
            below = *self.edges.get(extra + 1)?;
        }
        let above = *self.edges.get(extra)?;
        (k > below + BLUR && k < above.saturating_sub(BLUR)).then_some(extra)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_gives_what_the_formula_gives() {
        for block in [2, 3, 5, 20, 24, 26, 100, 511, 512] {
            let table = RunLengths::new(block).unwrap();
            let check = |word: u64| {
                let formula = extra_of((word >> 11) + 1, table.log_continue);
                for most in [7, usize::MAX >> 12] {
                    let found = table.extra(word, most);
                    assert_eq!(found, whole_extra(formula, most), "{block} {word:x}");
                }
            };
            let mut word = 0x9e37_79b9_7f4a_7c15_u64;
            for _ in 0..20_000 {
                word = word
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                // A product of two words reaches the ends of the range more often.
                check(word);
                check(word.carrying_mul(word.rotate_left(31), 0).1);
            }
            for edge in table.edges.iter().skip(1) {
                for by in -70_i64..=70 {
                    let k = edge.saturating_add_signed(by).clamp(1, 1 << 53);
                    check((k - 1) << 11);
                }
            }
            for word in [0, 1, u64::MAX, u64::MAX - 2048, 16 << 52, (16 << 52) - 1] {
                check(word);
            }
        }
        for block in [0, 1, 513] {
            assert!(RunLengths::new(block).is_none());
        }
    }
}
