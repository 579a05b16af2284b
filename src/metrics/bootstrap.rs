//! Resampling with replacement: simple, moving block, stationary.
//!
//! A replicate is a list of runs of neighbouring bars, cut to the length of the series.
//! - `simple`: runs of one bar, start uniform.
//! - `moving_block`: runs of exactly b bars, start uniform in 0 ..= n - b; b over n counts as n.
//! - `stationary`: the series is a circle; start uniform, length geometric with mean b. Source:
//!   Politis and Romano 1994; one draw per run instead of one per bar, equal in distribution.
//!
//! The stream number of a replicate is its index (see [`super::random_stream`]). So a replicate depends
//! on nothing but seed, method, block, n and its index: any number of threads gives the same replicates.
//! A run length is 1 + floor(ln(u) / ln(1 - 1/b)).
//!
//! # Block rule `cube_root`
//! b = the cube root of the number of returns, rounded to the nearest, at least 1.

use std::str::FromStr;

use super::id::UnknownId;
use super::random_stream::Stream;
use super::run_lengths::RunLengths;
use crate::kernel::digest::Digest;

/// How bars are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Bar by bar.
    Simple,
    /// Blocks of fixed length.
    MovingBlock,
    /// Blocks of geometric length on a circle.
    Stationary,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 3] = [Self::Simple, Self::MovingBlock, Self::Stationary];

    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::MovingBlock => "moving_block",
            Self::Stationary => "stationary",
        }
    }
}

impl FromStr for Method {
    type Err = UnknownId;
    fn from_str(text: &str) -> Result<Self, UnknownId> {
        Self::ALL
            .into_iter()
            .find(|m| m.as_str() == text)
            .ok_or_else(|| UnknownId::new("resampling method", text))
    }
}

/// The key of the random stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed([u8; 32]);

impl Seed {
    /// The seed that a person types: SHA-256 of `promote/seed/v1`, a line feed and its decimal
    /// digits.
    #[must_use]
    pub fn from_int(seed: i64) -> Self {
        let text = format!("promote/seed/v1\n{seed}");
        Self(*Digest::of(text.as_bytes()).as_bytes())
    }

    /// A key as it is, for tests of published streams.
    #[must_use]
    pub const fn from_key(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// The random stream of run `index`.
    pub(super) fn stream(&self, index: u64) -> Stream {
        Stream::new(self.0, index)
    }

    /// The gate's own seed: the digest of the series that is resampled.
    #[must_use]
    pub fn from_digest(digest: &Digest) -> Self {
        Self(*digest.as_bytes())
    }
}

/// A way to resample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resampling {
    /// How bars are drawn.
    pub method: Method,
    /// Block length in bars; the mean for `stationary`, not used by `simple`.
    pub block: usize,
    /// Key of the random stream.
    pub seed: Seed,
}

/// Block length by the rule `cube_root`.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cube root of a length is small and not negative"
)]
pub fn block_cube_root(n: usize) -> usize {
    (libm::round(libm::cbrt(n as f64)) as usize).max(1)
}

/// Neighbouring bars that are drawn together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// First bar.
    pub start: usize,
    /// Bars.
    pub len: usize,
}

impl Resampling {
    /// The runs of replicate `index` over a series of `n` bars; their lengths add up to `n`, and
    /// none goes past the end of the series (a run around the circle is given as two).
    #[must_use]
    pub fn runs(&self, n: usize, index: u64) -> Runs<'static> {
        self.draw(n, index, None)
    }

    /// The same runs, with the lengths looked up in the table of this block.
    #[must_use]
    pub fn runs_by<'a>(&self, lengths: &'a RunLengths, n: usize, index: u64) -> Runs<'a> {
        // A block beyond the series counts as n: not the block of the table.
        let fits = (1..=n).contains(&self.block);
        self.draw(n, index, Some(lengths).filter(|_| fits))
    }

    fn draw<'a>(&self, n: usize, index: u64, lengths: Option<&'a RunLengths>) -> Runs<'a> {
        let block = self.block.clamp(1, n.max(1));
        Runs {
            stream: self.seed.stream(index),
            method: self.method,
            block,
            log_continue: log_continue(block),
            lengths,
            n,
            left: n,
            wrapped: 0,
        }
    }

    /// The drawn bars of replicate `index`, one by one.
    #[must_use]
    pub fn indices(&self, n: usize, index: u64) -> Vec<usize> {
        self.runs(n, index)
            .flat_map(|run| run.start..run.start + run.len)
            .collect()
    }
}

/// ln(1 - 1/b).
pub(super) fn log_continue(block: usize) -> f64 {
    libm::log(1.0 - 1.0 / block as f64)
}

/// Iterator over the runs of one replicate.
#[derive(Debug)]
pub struct Runs<'a> {
    stream: Stream,
    method: Method,
    block: usize,
    log_continue: f64,
    lengths: Option<&'a RunLengths>,
    n: usize,
    left: usize,
    wrapped: usize,
}

impl Runs<'_> {
    #[inline(always)]
    fn length(&mut self) -> usize {
        match self.method {
            Method::Simple => 1,
            Method::MovingBlock => self.block,
            Method::Stationary if self.block == 1 => 1,
            Method::Stationary => {
                let word = self.stream.word();
                let most = self.left;
                let extra = match self.lengths {
                    Some(table) => table.extra(word, most),
                    None => whole_extra(extra_of((word >> 11) + 1, self.log_continue), most),
                };
                1 + extra
            }
        }
    }
}

impl Iterator for Runs<'_> {
    type Item = Run;
    #[inline(always)]
    fn next(&mut self) -> Option<Run> {
        if self.left == 0 {
            return None;
        }
        if self.wrapped > 0 {
            let len = self.wrapped;
            self.wrapped = 0;
            self.left -= len;
            return Some(Run { start: 0, len });
        }
        let starts = match self.method {
            Method::MovingBlock => self.n - self.block + 1,
            Method::Simple | Method::Stationary => self.n,
        };
        let start = self.stream.below(starts);
        let wanted = self.length().min(self.left);
        let len = wanted.min(self.n - start);
        self.wrapped = wanted - len;
        self.left -= len;
        Some(Run { start, len })
    }
}

/// floor(ln(u) / log_continue) with u = k / 2^53, k from 1 to 2^53.
pub(super) fn extra_of(k: u64, log_continue: f64) -> f64 {
    let u = k as f64 * (1.0 / 9_007_199_254_740_992.0);
    libm::floor(libm::log(u) / log_continue)
}

/// `extra` as a number of bars, at most `most`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative and at most `most`"
)]
pub(super) fn whole_extra(extra: f64, most: usize) -> usize {
    extra.min(most as f64).max(0.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resampling(method: Method, block: usize) -> Resampling {
        Resampling {
            method,
            block,
            seed: Seed::from_int(42),
        }
    }

    #[test]
    fn every_replicate_has_the_length_of_the_series() {
        for method in Method::ALL {
            for (n, block) in [(1, 1), (1, 5), (2, 7), (10, 3), (100, 100), (97, 5)] {
                for index in 0..50 {
                    let drawn = resampling(method, block).indices(n, index);
                    assert_eq!(drawn.len(), n);
                    assert!(drawn.iter().all(|i| *i < n));
                }
            }
        }
        assert!(resampling(Method::Simple, 1).indices(0, 0).is_empty());
    }

    #[test]
    fn stationary_runs_have_the_wanted_mean_length_and_reach_every_bar() {
        let r = resampling(Method::Stationary, 10);
        let (mut runs, mut seen) = (0, [0_u32; 500]);
        for index in 0..200 {
            let drawn = r.indices(500, index);
            runs += 1 + drawn
                .windows(2)
                .filter(|w| (w[0] + 1) % 500 != w[1])
                .count();
            drawn.iter().for_each(|i| seen[*i] += 1);
        }
        let mean = 200.0 * 500.0 / runs as f64;
        assert!((9.7..10.5).contains(&mean), "{mean}");
        // 200 expected per bar; a bias of the mapping would show at the ends.
        assert!(seen.iter().all(|c| (100..320).contains(c)), "{seen:?}");
    }

    #[test]
    fn looked_up_runs_are_the_runs() {
        for (n, block) in [(5, 20), (20, 20), (400, 5), (3000, 24)] {
            let lengths = RunLengths::new(block).unwrap();
            for method in Method::ALL {
                let r = resampling(method, block);
                for index in 0..20 {
                    let plain: Vec<Run> = r.runs(n, index).collect();
                    let quick: Vec<Run> = r.runs_by(&lengths, n, index).collect();
                    assert_eq!(plain, quick);
                }
            }
        }
    }

    #[test]
    fn cube_root_rule() {
        for (n, block) in [
            (0, 1),
            (1, 1),
            (3, 1),
            (4, 2),
            (27, 3),
            (40_000, 34),
            (1000, 10),
        ] {
            assert_eq!(block_cube_root(n), block, "{n}");
        }
    }
}
