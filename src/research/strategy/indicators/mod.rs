//! Indicators: one value per closed bar, in two forms.
//!
//! A struct takes one value at a time and keeps bounded memory: sessions use it. A function takes
//! whole columns: research uses it. Both do the same operations on the same numbers in the same
//! order, so they give the same bits, not nearly the same values; the functions are faster because
//! they run across bars instead of along a window. A window is summed afresh for every bar, from
//! its oldest value on: no rounding is carried along, and a value does not depend on where the
//! history began.
//!
//! Undefined is NaN: no condition on it holds. A window has at least one value.

pub mod average;
pub mod deviation;
pub mod directional;
pub mod extreme;
pub mod range;
pub mod rank;
pub mod rsi;
pub mod side_by_side;

/// Windows that begin at neighbouring bars: what they come to stays in registers.
const TOGETHER: usize = 16;

/// Sums of the last `window` values of `column`, each from the oldest on; NaN until there are so many.
#[must_use]
pub fn window_sums(column: &[f64], window: usize) -> Vec<f64> {
    folded(column, window, column, |sum, value, _| sum + value)
}

/// Means of the last `window` values of `column`, as distances from the oldest of them, so that the
/// mean of equal values is that value and not its neighbour; NaN until there are so many.
#[must_use]
pub fn window_means(column: &[f64], window: usize) -> Vec<f64> {
    // The oldest value of the first full window is the first of the column, and so on.
    let mut means = folded(column, window, column, |sum, value, oldest| {
        sum + (value - oldest)
    });
    for (mean, oldest) in means.iter_mut().skip(window - 1).zip(column) {
        *mean = oldest + *mean / window as f64;
    }
    means
}

/// Folds every window of `column` from its oldest value on, beginning with 0: `step` takes the sum
/// so far, the next value, and the value of `beside` that belongs to the bar, counted from the first
/// full window.
///
/// The inner loop runs over bars, so that the compiler can take several at once; for each single
/// bar the order of the operations is that of its window.
fn folded(
    column: &[f64],
    window: usize,
    beside: &[f64],
    step: impl Fn(f64, f64, f64) -> f64,
) -> Vec<f64> {
    let mut out = vec![f64::NAN; column.len()];
    let full = out.get_mut(window - 1..).unwrap_or_default();
    for (block, sums) in full.chunks_mut(TOGETHER).enumerate() {
        let first = block * TOGETHER;
        let from =
            |values: &[f64], bar: usize| values.get(bar..)?.first_chunk::<TOGETHER>().copied();
        if let (Ok(sums), Some(beside)) = (
            <&mut [f64; TOGETHER]>::try_from(&mut *sums),
            from(beside, first),
        ) {
            // In registers, all the way along the windows.
            let mut own = [0.0; TOGETHER];
            for bar in first..first + window {
                let Some(values) = from(column, bar) else {
                    break;
                };
                for ((sum, value), beside) in own.iter_mut().zip(&values).zip(&beside) {
                    *sum = step(*sum, *value, *beside);
                }
            }
            *sums = own;
        } else {
            for ((bar, sum), beside) in (first..).zip(sums).zip(beside.iter().skip(first)) {
                let values = column.get(bar..bar + window).unwrap_or_default();
                *sum = values
                    .iter()
                    .fold(0.0, |sum, value| step(sum, *value, *beside));
            }
        }
    }
    out
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Equal to the last bit, or both undefined.
    pub(crate) fn same(a: &[f64], b: &[f64]) -> bool {
        let equal = |(x, y): (&f64, &f64)| x.is_nan() && y.is_nan() || x.to_bits() == y.to_bits();
        a.len() == b.len() && a.iter().zip(b).all(equal)
    }

    /// Prices that wander, with ties.
    pub(crate) fn wandering(seed: u64, bars: usize) -> Vec<f64> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut price = 100.0_f64;
        (0..bars)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                price = (price + (state % 9) as f64 / 4.0 - 1.0).max(1.0);
                price
            })
            .collect()
    }

    #[test]
    fn sums_over_a_window_begin_when_it_is_full() {
        let sums = window_sums(&[1.0, 2.0, 3.0, 4.0], 3);
        assert!(same(&sums, &[f64::NAN, f64::NAN, 6.0, 9.0]), "{sums:?}");
        assert!(same(&window_sums(&[1.0, 2.0], 3), &[f64::NAN; 2]));
        assert!(window_sums(&[], 3).is_empty());
    }

    #[test]
    fn sums_do_not_depend_on_how_many_bars_are_taken_together() {
        let column: Vec<f64> = wandering(1, 3000).iter().map(|x| x / 3.0).collect();
        let one_by_one: Vec<f64> = (0..column.len())
            .map(|i| match (i + 1).checked_sub(7) {
                None => f64::NAN,
                Some(from) => column[from..=i].iter().fold(0.0, |sum, x| sum + x),
            })
            .collect();
        assert!(same(&window_sums(&column, 7), &one_by_one));
    }
}
