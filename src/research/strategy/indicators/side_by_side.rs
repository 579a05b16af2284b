//! Exponential averages of many columns, several at once.
//!
//! Each waits for its own last value at every bar; those of several lanes wait together. In: a span per
//! lane, and the values that its average takes. Out: what the values and their averages come to, in
//! blocks that are handed on while they are near: kept as columns, or used up at once.

use super::average::Smooth;

/// Lanes of a block.
pub const LANES: usize = 8;
/// Bars of a block.
pub const BARS: usize = 64;

/// One row per bar, one value per lane. Lanes and bars beyond the last ones hold anything.
pub type Block = [[f64; LANES]; BARS];

/// Where a block begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Corner {
    /// Number of its first lane.
    pub lane: usize,
    /// Its first bar.
    pub bar: usize,
}

/// Hands on `of(value, average)` for every lane and bar. `values_from` gives the values of a lane from
/// a bar on; the averages begin with the first.
pub fn side_by_side<I: Iterator<Item = f64>>(
    spans: &[usize],
    bars: usize,
    values_from: impl Fn(usize, usize) -> I,
    of: impl Fn(f64, f64) -> f64,
    mut take: impl FnMut(Corner, &mut Block),
) {
    let mut block = [[0.0; LANES]; BARS];
    for (group, spans) in spans.chunks(LANES).enumerate() {
        let lane = group * LANES;
        let (mut alphas, mut averages) = ([0.0; LANES], [0.0; LANES]);
        let lanes = spans.iter().zip(lane..);
        for (((span, lane), alpha), average) in lanes.zip(&mut alphas).zip(&mut averages) {
            *alpha = Smooth::ema(*span).alpha();
            *average = values_from(lane, 0).next().unwrap_or(0.0);
        }
        for bar in (0..bars).step_by(BARS) {
            for (slot, lane) in (lane..).take(spans.len()).enumerate() {
                for (row, x) in block.iter_mut().zip(values_from(lane, bar)) {
                    if let Some(place) = row.get_mut(slot) {
                        *place = x;
                    }
                }
            }
            for row in &mut block {
                for ((average, alpha), x) in averages.iter_mut().zip(&alphas).zip(row) {
                    // The first bar adds nothing to itself.
                    *average += (*x - *average) * alpha;
                    *x = of(*x, *average);
                }
            }
            take(Corner { lane, bar }, &mut block);
        }
    }
}

/// Takes blocks apart into `count` columns of `bars` values.
pub fn columns(
    count: usize,
    bars: usize,
    run: impl FnOnce(&mut dyn FnMut(Corner, &mut Block)),
) -> Vec<Vec<f64>> {
    let mut all = vec![vec![0.0; bars]; count];
    run(&mut |corner, block| {
        for (slot, column) in all.iter_mut().skip(corner.lane).take(LANES).enumerate() {
            let column = column.get_mut(corner.bar..).unwrap_or_default();
            for (value, row) in column.iter_mut().zip(&*block) {
                if let Some(x) = row.get(slot) {
                    *value = *x;
                }
            }
        }
    });
    all
}

#[cfg(test)]
mod tests {
    use super::super::tests::{same, wandering};
    use super::*;

    #[test]
    fn many_at_once_are_the_same_as_one_by_one() {
        let spans = [2, 3, 7, 16, 17, 64, 100, 699, 700, 701];
        for bars in [0, 1, 2, 63, 64, 65, 700] {
            let (thirds, other) = (wandering(29, bars), wandering(31, bars));
            let thirds: Vec<f64> = thirds.iter().map(|x| x / 3.0).collect();
            let own = |lane: usize| {
                if lane.is_multiple_of(2) {
                    &thirds
                } else {
                    &other
                }
            };
            for (count, spans) in [(0, &spans[..0]), (8, &spans[..8]), (10, &spans[..])] {
                let values = |lane: usize, bar: usize| own(lane)[bar..].iter().copied();
                let off = columns(count, bars, |take| {
                    side_by_side(spans, bars, values, |x, average| x - average, take);
                });
                assert_eq!(off.len(), count);
                for (lane, (span, off)) in spans.iter().zip(&off).enumerate() {
                    let smooth = Smooth::ema(*span).column(own(lane));
                    let pairs = own(lane).iter().zip(&smooth);
                    let wanted: Vec<f64> = pairs.map(|(x, average)| x - average).collect();
                    assert!(same(off, &wanted), "{bars} {span}");
                }
            }
        }
    }
}
