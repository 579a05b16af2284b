//! What any run of neighbouring bars does to an equity curve, in a few look-ups.
//!
//! # Formula
//! With L the log-equity, a stretch of bars is described relative to L at its start by its highest and
//! lowest point (the start among them) and the deepest fall from a point to a later one. Two
//! neighbouring stretches make one: with g the growth of the first, highest max(h1, g + h2), lowest
//! min(l1, g + l2), fall max(f1, f2, h1 - (g + l2)). Bars are grouped in chunks of 2^K. Inside a
//! chunk a run [l, r] is split where the highest differing bit of l and r says, and both parts stand
//! in the table of that bit (a disjoint sparse table); a run into the next chunk is the end of the
//! one and the start of the other, in two further tables; a longer one has whole chunks between them.
//! Sums of (r - c) and (r - c)^2 over a run are differences of prefix sums. K is chosen so that very
//! few runs are longer than a chunk, and the usual run is looked up without a branch. Where most runs
//! have a few bars, those are looked up whole, one cache line each, by their length and first bar.
//!
//! # Units
//! Natural logarithms of growth; 32 (K + 3) bytes per bar, and 64 for each length that is kept whole.
//!
//! # Degenerate cases
//! A return of -1 has no logarithm: no table. Neither has a series above 2^20 bars (memory).

/// Longest series with a table.
const BARS_MOST: usize = 1 << 20;
/// Largest mean of a run up to which short ones are kept whole.
const SHORT_BLOCK: usize = 8;
/// Bytes of those at most, unless not even a single length fits.
const SHORT_BYTES: usize = 32 << 20;

/// A stretch of bars, relative to its start; half a cache line.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(32))]
struct Span {
    high: f64,
    low: f64,
    fall: f64,
}

impl Span {
    const NONE: Self = Self {
        high: 0.0,
        low: 0.0,
        fall: 0.0,
    };

    fn bar(growth: f64) -> Self {
        Self {
            high: growth.max(0.0),
            low: growth.min(0.0),
            fall: (-growth).max(0.0),
        }
    }

    /// This stretch, which grows by `growth`, and `next` after it.
    #[inline(always)]
    fn then(self, growth: f64, next: Self) -> Self {
        let low = growth + next.low;
        Self {
            high: larger(self.high, growth + next.high),
            low: if low < self.low { low } else { self.low },
            fall: larger(larger(self.fall, next.fall), self.high - low),
        }
    }
}

// Nothing here is NaN; this is one instruction, `f64::max` is several.
#[inline]
fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// Sums before a bar, or over a stretch; half a cache line.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(32))]
struct Sums {
    log: f64,
    first: f64,
    second: f64,
}

impl Sums {
    #[inline]
    fn less(self, earlier: Self) -> Self {
        Self {
            log: self.log - earlier.log,
            first: self.first - earlier.first,
            second: self.second - earlier.second,
        }
    }
}

/// A run as a whole; one cache line.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Whole {
    span: Span,
    sums: Sums,
}

/// The table of one series.
#[derive(Debug, Clone)]
pub struct RunTable {
    bars: usize,
    chunk_bits: usize,
    sums: Vec<Sums>,
    /// One table after the other, each with one stretch per bar: per bit from the bar to the middle
    /// of its block, or from the middle to it; then from it to the end of its chunk; then from the
    /// start of its chunk to it. Last of all the empty stretch.
    spans: Vec<Span>,
    /// Those of one bar from every bar on, then those of two, and so on.
    short: Vec<Whole>,
}

/// An equity curve that runs are appended to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Curve {
    /// Log-equity.
    pub log: f64,
    /// Highest so far, the start among them.
    pub peak: f64,
    /// Deepest fall so far.
    pub fall: f64,
    /// Sum of the centred returns.
    pub first: f64,
    /// Sum of their squares.
    pub second: f64,
}

impl Curve {
    #[inline(always)]
    fn add(&mut self, Whole { span, sums }: &Whole) {
        let down = self.peak - (self.log + span.low);
        self.fall = larger(self.fall, larger(span.fall, down));
        self.peak = larger(self.peak, self.log + span.high);
        self.log += sums.log;
        self.first += sums.first;
        self.second += sums.second;
    }
}

impl RunTable {
    /// The table of `returns`, each centred at `centre` in the sums, for runs of about `block` bars.
    #[must_use]
    pub fn new(returns: &[f64], centre: f64, block: usize) -> Option<Self> {
        let n = returns.len();
        if n == 0 || n > BARS_MOST || !returns.iter().all(|r| *r > -1.0 && r.is_finite()) {
            return None;
        }
        // Six times the block: one run in four hundred is longer than a chunk.
        let chunk_bits = (6 * block.clamp(1, n))
            .next_power_of_two()
            .ilog2()
            .clamp(3, 10);
        let mut sums = Vec::with_capacity(n + 1);
        let mut sum = Sums::default();
        sums.push(sum);
        let logs: Vec<f64> = returns.iter().map(|r| libm::log1p(*r)).collect();
        for (r, log) in returns.iter().zip(&logs) {
            let d = r - centre;
            sum.log += log;
            sum.first += d;
            sum.second += d * d;
            sums.push(sum);
        }
        let mut table: Vec<Span> = Vec::with_capacity(n * (chunk_bits as usize + 2) + 1);
        for bit in 0..chunk_bits {
            let half = 1 << bit;
            // Bars in the lower half of a block look ahead to its middle, the others back to it.
            let (ahead, back) = (spans(&logs, half, false), spans(&logs, half, true));
            let bars = ahead.iter().zip(&back).enumerate();
            table.extend(
                bars.map(|(bar, (ahead, back))| if bar & half == 0 { *ahead } else { *back }),
            );
        }
        table.extend(spans(&logs, 1 << chunk_bits, false));
        table.extend(spans(&logs, 1 << chunk_bits, true));
        table.push(Span::NONE);
        let mut table = Self {
            bars: n,
            chunk_bits: chunk_bits as usize,
            sums,
            spans: table,
            short: Vec::new(),
        };
        if block <= SHORT_BLOCK {
            let most = (SHORT_BYTES / size_of::<Whole>() / n).clamp(1, 2 * block.max(1));
            table.short = table.wholes(most.min(n));
        }
        Some(table)
    }

    /// All runs of up to `most` bars. Those that would go past the end stop there; no one asks for them.
    fn wholes(&self, most: usize) -> Vec<Whole> {
        let mut wholes = Vec::with_capacity(most * self.bars);
        for len in 1..=most {
            let ends = (0..self.bars).map(|from| (from, (from + len).min(self.bars)));
            wholes.extend(ends.map(|(from, end)| self.whole(from, end)));
        }
        wholes
    }

    /// The curve of `runs`, each its first bar and its number of bars (at least one).
    #[must_use]
    pub fn walk(&self, runs: &[(u32, u32)]) -> Curve {
        let mut curve = Curve::default();
        for (from, len) in runs {
            let (from, len) = (*from as usize, *len as usize);
            match self.short.get(len.saturating_sub(1) * self.bars + from) {
                Some(whole) => curve.add(whole),
                None => curve.add(&self.whole(from, from + len)),
            }
        }
        curve
    }

    /// The run from bar `from` to the one before `end`.
    #[inline(always)]
    fn whole(&self, from: usize, end: usize) -> Whole {
        let (before, behind) = (self.before(from), self.before(end));
        Whole {
            span: self.between(from, end.saturating_sub(1), before.log),
            sums: behind.less(before),
        }
    }

    /// The stretch from bar `from` to bar `last`; `start` is the log-equity before it.
    #[inline(always)]
    fn between(&self, from: usize, last: usize, start: f64) -> Span {
        let chunk = self.chunk_bits;
        if (last >> chunk) > (from >> chunk) + 1 {
            return self.across(from, last, start);
        }
        let apart = from ^ last;
        let bit = ((apart | 1).ilog2() as usize).min(chunk);
        let middle = (last >> bit) << bit;
        // One bar alone is the part from the middle; before it there is nothing.
        let left = if apart == 0 {
            self.spans.len() - 1
        } else {
            bit * self.bars + from
        };
        let right = (bit + usize::from(bit == chunk)) * self.bars + last;
        let middle = self.before(if apart == 0 { from } else { middle }).log;
        self.span(left).then(middle - start, self.span(right))
    }

    /// The same over several edges of chunks.
    #[cold]
    fn across(&self, from: usize, last: usize, start: f64) -> Span {
        let (first_chunk, last_chunk) = (from >> self.chunk_bits, last >> self.chunk_bits);
        let edge = |chunk: usize| chunk << self.chunk_bits;
        let to_end = |bar: usize| self.span(self.chunk_bits * self.bars + bar);
        let growth = |bar: usize| self.before(bar).log - start;
        let mut span = to_end(from);
        for chunk in first_chunk + 1..last_chunk {
            span = span.then(growth(edge(chunk)), to_end(edge(chunk)));
        }
        let part = self.span((self.chunk_bits + 1) * self.bars + last);
        span.then(growth(edge(last_chunk)), part)
    }

    /// Sum of all squares.
    #[must_use]
    pub fn second(&self) -> f64 {
        self.sums.last().map_or(0.0, |s| s.second)
    }

    #[inline]
    fn before(&self, bar: usize) -> Sums {
        let none = Sums {
            log: f64::NAN,
            first: f64::NAN,
            second: f64::NAN,
        };
        self.sums.get(bar).copied().unwrap_or(none)
    }

    #[inline]
    fn span(&self, at: usize) -> Span {
        self.spans.get(at).copied().unwrap_or(Span::NONE)
    }
}

/// Per bar the stretch from the start of its group of `size` bars to it (`forward`), or from it to
/// the end of its group.
fn spans(logs: &[f64], size: usize, forward: bool) -> Vec<Span> {
    let mut found = Vec::with_capacity(logs.len());
    for group in logs.chunks(size) {
        let (mut span, mut growth) = (Span::NONE, 0.0);
        if forward {
            for log in group {
                span = span.then(growth, Span::bar(*log));
                growth += log;
                found.push(span);
            }
        } else {
            let start = found.len();
            for log in group.iter().rev() {
                span = Span::bar(*log).then(*log, span);
                found.push(span);
            }
            if let Some(part) = found.get_mut(start..) {
                part.reverse();
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bar by bar.
    fn plain(returns: &[f64], runs: &[(usize, usize)], centre: f64) -> Curve {
        let mut curve = Curve::default();
        for (from, len) in runs {
            for r in &returns[*from..from + len] {
                let d = r - centre;
                curve.first += d;
                curve.second += d * d;
                curve.log += r.ln_1p();
                curve.peak = curve.peak.max(curve.log);
                curve.fall = curve.fall.max(curve.peak - curve.log);
            }
        }
        curve
    }

    proptest! {
        #[test]
        fn any_runs_are_what_their_bars_are(
            returns in prop::collection::vec(-0.3_f64..0.3, 1..300),
            runs in prop::collection::vec((0_usize..300, 0_usize..300), 1..20),
            block in 1_usize..60,
        ) {
            let n = returns.len();
            let runs: Vec<(usize, usize)> = runs
                .iter()
                .map(|(a, b)| {
                    let from = a % n;
                    (from, 1 + b % (n - from))
                })
                .collect();
            let table = RunTable::new(&returns, 0.01, block).unwrap();
            let short = |x: usize| u32::try_from(x).unwrap();
            let given: Vec<(u32, u32)> = runs.iter().map(|(a, b)| (short(*a), short(*b))).collect();
            let quick = table.walk(&given);
            let plain = plain(&returns, &runs, 0.01);
            for (a, b) in [
                (quick.log, plain.log),
                (quick.peak, plain.peak),
                (quick.fall, plain.fall),
                (quick.first, plain.first),
                (quick.second, plain.second),
            ] {
                prop_assert!((a - b).abs() < 1e-11, "{quick:?} {plain:?}");
            }
        }
    }

    #[test]
    fn by_hand() {
        // Equity 1, 1.1, 0.55, 1.1.
        let table = RunTable::new(&[0.1, -0.5, 1.0], 0.0, 2).unwrap();
        let curve = table.walk(&[(0, 3)]);
        assert!((curve.fall - 2.0_f64.ln()).abs() < 1e-15);
        assert!((curve.log - 1.1_f64.ln()).abs() < 1e-15);
        // The first two bars again: from 1.21 to 0.605; the second one alone: to 0.3025.
        let curve = table.walk(&[(0, 3), (0, 2)]);
        assert!((curve.peak - 1.21_f64.ln()).abs() < 1e-15);
        assert!((curve.fall - 2.0_f64.ln()).abs() < 1e-15);
        let curve = table.walk(&[(0, 3), (0, 2), (1, 1)]);
        assert!((curve.fall - 4.0_f64.ln()).abs() < 1e-15);
        assert!((table.second() - 1.26).abs() < 1e-15);
    }

    #[test]
    fn no_table() {
        assert!(RunTable::new(&[], 0.0, 5).is_none());
        assert!(RunTable::new(&[0.1, -1.0], 0.0, 5).is_none());
        assert!(RunTable::new(&[0.1, f64::NAN], 0.0, 5).is_none());
        assert!(RunTable::new(&vec![0.0; BARS_MOST + 1], 0.0, 5).is_none());
    }
}
