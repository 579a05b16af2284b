//! The bars of a histogram: which values fall into which of them, and which into none.
//!
//! In: values in ascending order. Out: equally wide bins with their counts. The width is
//! 2 IQR n^(-1/3) (Freedman and Diaconis 1981), between [`BARS_MIN`] and [`BARS_MAX`] bins. Where a
//! few values lie so far out that the rest would be one bar, the bins end before them. Every value
//! is in exactly one bin or counted as beyond.

/// Fewest bars, where the values differ.
pub const BARS_MIN: usize = 8;
/// Most bars.
pub const BARS_MAX: usize = 60;

/// Larger magnitudes are not drawn: their differences would outgrow the numbers.
const LARGEST: f64 = 1e100;

/// Whether a value can be drawn at all.
pub(super) fn drawable(value: &f64) -> bool {
    value.abs() <= LARGEST
}

/// The bars: counts of equally wide bins from `low` on.
pub(super) struct Bins {
    pub(super) low: f64,
    pub(super) width: f64,
    pub(super) counts: Vec<u32>,
    /// Finite values outside of the bins.
    pub(super) beyond: usize,
}

impl Bins {
    /// Of values in ascending order; none without a value.
    pub(super) fn of(sorted: &[f64]) -> Option<Self> {
        let (first, last) = (*sorted.first()?, *sorted.last()?);
        let at = |share: usize| {
            let index = (sorted.len() - 1) * share / 1000;
            sorted.get(index).copied().unwrap_or(first)
        };
        let (core_low, core_high) = (at(5), at(995));
        let core = core_high - core_low;
        // A tail that would squeeze the rest is cut off.
        let (low, high) = if core > 0.0 && last - first > 4.0 * core {
            (core_low, core_high)
        } else {
            (first, last)
        };
        if high - low <= high.abs().max(low.abs()) * 1e-9 {
            return Some(Self::single(first, sorted.len()));
        }
        let step = 2.0 * (at(750) - at(250)) / libm::cbrt(sorted.len() as f64);
        let bars = count_of((high - low) / step);
        let width = (high - low) / bars as f64;
        let mut bins = Self {
            low,
            width,
            counts: vec![0; bars],
            beyond: 0,
        };
        for value in sorted {
            if (low..=high).contains(value) {
                let index = floor((value - low) / width).min(bars - 1);
                if let Some(count) = bins.counts.get_mut(index) {
                    *count += 1;
                }
            } else {
                bins.beyond += 1;
            }
        }
        Some(bins)
    }

    /// Equal values: one bar around them.
    fn single(value: f64, count: usize) -> Self {
        let width = (value.abs() * 0.001).max(1e-6);
        Self {
            low: value - width / 2.0,
            width,
            counts: vec![u32::try_from(count).unwrap_or(u32::MAX)],
            beyond: 0,
        }
    }

    /// Where the last bin ends.
    pub(super) fn end(&self) -> f64 {
        self.low + self.width * self.counts.len() as f64
    }
}

/// A number of bars that can be drawn; no spread in the middle half gives the most.
fn count_of(wanted: f64) -> usize {
    if wanted.is_finite() {
        floor(libm::ceil(wanted).min(BARS_MAX as f64)).clamp(BARS_MIN, BARS_MAX)
    } else {
        BARS_MAX
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place among at most a few dozen bars, not negative"
)]
fn floor(x: f64) -> usize {
    libm::floor(x.max(0.0)) as usize
}
