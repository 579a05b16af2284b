//! The first bar in which a level ends a long position, without looking at every bar.
//!
//! In: levels, the bar of the entry, and the last bar in question. Out: the exit that
//! [`Stops::reached`] finds bar by bar, the same bar and the same bits. Stretches of bars that can be
//! ruled out by what they came to as a whole are stepped over, in steps that double; a stretch that
//! cannot is halved until few bars are left, and those are asked one by one. So a search costs time
//! by the logarithm of its length.
//!
//! # Formula
//! A stop-loss or take-profit is out of reach while bounds of the lowest low and the highest high of the
//! stretch stay inside. A trailing stop at distance d is, while the lowest low stays above (1 - d) of the best
//! price before the stretch, and no low inside it falls by d below an earlier high of it. The latter
//! two are held to with a margin of 1e-9, far above any rounding: on doubt the bars are asked.

use super::ground::Ground;
use super::ranges::{Course, Falls, larger};
use crate::research::backtest::executor::{Position, Stops};
use crate::research::backtest::leg::Side;

/// Where and at which price a position ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct End {
    pub bar: usize,
    pub price: f64,
}

/// Levels as multiples of the price of the entry, to rule most positions out with one look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    stops: Stops,
    /// Reached at or below it; NaN without one, which is reached at no price.
    stop: f64,
    /// Reached at or above it, likewise.
    take_profit: f64,
}

impl Reach {
    pub(super) fn of(stops: Stops) -> Self {
        Self {
            stops,
            stop: stops.stop.map_or(f64::NAN, |d| 1.0 - d),
            take_profit: stops.take_profit.map_or(f64::NAN, |d| 1.0 + d),
        }
    }

    /// False when a long position, entered at `entry_price`, passes through `held` and no level ends
    /// it.
    #[inline(always)]
    pub(super) fn may_end(&self, entry_price: f64, held: Course) -> bool {
        self.near(entry_price, held) | self.stops.trailing.is_some()
    }

    /// True when `held` comes to the stop-loss or the take-profit, or so close that only its bars can
    /// tell.
    #[inline(always)]
    fn near(&self, entry_price: f64, held: Course) -> bool {
        let stopped = f64::from(held.floor) <= entry_price * self.stop;
        let taken = f64::from(held.ceiling) >= entry_price * self.take_profit;
        stopped | taken
    }
}

/// Bars that are asked one by one.
const FEW: usize = 4;
/// Above any rounding of a ratio of prices.
const MARGIN: f64 = 1e-9;

impl Ground<'_> {
    /// The first exit that the levels of `reach` force on a long position entered at the open of
    /// `first`, up to `last`; none when `first` is after it.
    #[inline(never)]
    pub(super) fn first_exit(&self, reach: &Reach, first: usize, last: usize) -> Option<End> {
        if first > last {
            return None;
        }
        let mut held = Position::entered(Side::Long, self.points.get(first)?.open);
        let (mut at, mut width) = (first, 2 * FEW);
        while at <= last {
            let end = (at + width - 1).min(last);
            if let Some(best_price) = self.passed(reach, held, at, end) {
                held.best_price = best_price;
                at = end + 1;
                width *= 2;
            } else if width > FEW {
                width /= 2;
            } else {
                for bar in at..=end {
                    let prices = self.bars.get(bar)?;
                    if let Some(exit) = reach.stops.reached(held, prices) {
                        let price = exit.price;
                        return Some(End { bar, price });
                    }
                    held.outlast(prices);
                }
                at = end + 1;
            }
        }
        None
    }

    /// The best price afterwards where no level can be reached in these bars; without a trailing stop
    /// nobody asks for it.
    fn passed(&self, reach: &Reach, held: Position, first: usize, last: usize) -> Option<f64> {
        let seen = self.courses.between(first, last, Course::then);
        if reach.near(held.entry_price, seen) {
            return None;
        }
        let Some(d) = reach.stops.trailing else {
            return Some(held.best_price);
        };
        let seen = self.falls().between(first, last, Falls::then);
        let kept = (1.0 - d) * (1.0 + MARGIN);
        let far = seen.low > held.best_price * kept && seen.fall > kept;
        far.then(|| larger(held.best_price, seen.high))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::time::UtcTime;
    use crate::research::market::bar::Bar;
    use crate::research::portfolio::account::Costs;
    use proptest::prelude::*;

    /// Bar by bar.
    fn slowly(bars: &[Bar], stops: Stops, first: usize, last: usize) -> Option<End> {
        let mut held = Position::entered(Side::Long, bars[first].open);
        for (bar, prices) in bars.iter().enumerate().take(last + 1).skip(first) {
            if let Some(exit) = stops.reached(held, prices) {
                return Some(End {
                    bar,
                    price: exit.price,
                });
            }
            held.outlast(prices);
        }
        None
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

        #[test]
        fn the_exit_is_the_one_that_every_bar_asked_gives(
            steps in prop::collection::vec((-20_i32..21, -20_i32..21, 0_u32..9, 0_u32..9), 1..90),
            levels in (0_u32..90, 0_u32..90, 0_u32..90),
        ) {
            let part = |n: i32| 1.0 + f64::from(n) / 1000.0;
            let (mut price, mut time) = (100.0, UtcTime::EPOCH);
            let bars: Vec<Bar> = steps
                .iter()
                .map(|(gap, body, up, down)| {
                    let open = price * part(*gap);
                    let close = open * part(*body);
                    (price, time) = (close, time.plus_millis(3_600_000));
                    Bar {
                        time,
                        open,
                        high: open.max(close) * (1.0 + f64::from(*up) / 1000.0),
                        low: open.min(close) * (1.0 - f64::from(*down) / 1000.0),
                        close,
                        volume: 1.0,
                    }
                })
                .collect();
            let ground = Ground::new(&bars, Costs { fee: 0.0, slippage: 0.0 });
            let level = |n: u32| (!n.is_multiple_of(3)).then(|| f64::from(n + 1) / 1000.0);
            let stops = Stops {
                stop: level(levels.0),
                take_profit: level(levels.1),
                trailing: level(levels.2),
            };
            let reach = Reach::of(stops);
            for first in 0..bars.len() {
                for last in first..bars.len() {
                    prop_assert_eq!(
                        ground.first_exit(&reach, first, last),
                        slowly(&bars, stops, first, last)
                    );
                }
            }
            prop_assert_eq!(ground.first_exit(&reach, bars.len(), bars.len() - 1), None);
        }
    }
}
