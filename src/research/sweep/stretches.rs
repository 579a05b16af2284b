//! When a long-or-flat rule is long, from the masks of its conditions.
//!
//! In: where the rule becomes and ceases to be long. Out: stretches in order, by jumps from one change
//! to the next; no bar in between is looked at. A rule with levels of its own follows what it holds
//! with the executor's code (see [`super::levels`]), since after such an exit it may enter again.

use super::ground::Ground;
use super::levels::Reach;
use super::mask::Mask;
use super::tally::Span;
use crate::research::backtest::executor::Stops;

/// From the close at which a rule becomes long to the one at which it is flat again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// First close at which it is long.
    pub from: usize,
    /// First close at which it is not; the number of bars when the data ends first.
    pub to: usize,
}

impl Stretch {
    /// When it is held: fills are at the next open.
    #[must_use]
    pub fn span(self) -> Span {
        Span {
            entry: self.from + 1,
            exit: self.to + 1,
        }
    }
}

/// When a rule becomes and ceases to be long.
#[derive(Debug, Clone)]
pub struct Shape {
    enter: Mask,
    /// Nowhere where `enter` holds.
    leave: Mask,
    /// Levels of the rule's own.
    stops: Stops,
}

impl Shape {
    /// Long exactly where `long` holds.
    #[must_use]
    pub fn within(long: Mask) -> Self {
        Self {
            leave: long.opposite(),
            enter: long,
            stops: Stops::default(),
        }
    }

    /// Long from where `enter` holds to where `leave` does and `enter` does not, or to the bar in
    /// which `stops` end the position; at the close of that bar nothing is entered.
    #[must_use]
    pub fn held(enter: Mask, mut leave: Mask, stops: Stops) -> Self {
        leave.without(&enter);
        Self {
            enter,
            leave,
            stops,
        }
    }

    /// From the first bar on.
    #[must_use]
    pub fn walk(&self) -> Walk<'_> {
        Walk {
            shape: self,
            bar: 0,
        }
    }
}

/// A walk along a shape, from stretch to stretch.
#[derive(Debug, Clone)]
pub struct Walk<'s> {
    shape: &'s Shape,
    /// Nothing before it is still to come.
    pub bar: usize,
}

impl Walk<'_> {
    /// The next stretch.
    #[inline]
    pub fn next(&mut self, ground: &Ground<'_>) -> Option<Stretch> {
        let Shape {
            enter,
            leave,
            stops,
        } = self.shape;
        let from = enter.next(self.bar);
        let bars = enter.bars();
        self.bar = from;
        if from >= bars {
            return None;
        }
        let left = leave.next(from);
        let forced = if stops.is_none() {
            None
        } else {
            let whole = ground.whole();
            whole.first_exit(&Reach::of(*stops), from + 1, left.min(bars - 1))
        };
        let to = forced.map_or(left, |end| end.bar);
        self.bar = to + 1;
        Some(Stretch { from, to })
    }
}

/// The stretches of signals, one per bar: what all of the above must agree with.
#[cfg(test)]
pub(super) fn spans_of(long: &[bool]) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut entry = None;
    for (bar, long) in long.iter().enumerate() {
        match (entry, long) {
            (None, true) => entry = Some(bar + 1),
            (Some(from), false) => {
                spans.push(Span {
                    entry: from,
                    exit: bar + 1,
                });
                entry = None;
            }
            _ => {}
        }
    }
    // The signal of the last close is never filled.
    let open = entry.filter(|entry| *entry < long.len());
    spans.extend(open.map(|entry| Span {
        entry,
        exit: long.len() + 1,
    }));
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::research::portfolio::account::Costs;
    use crate::research::strategy::form::Is;
    use proptest::prelude::*;

    /// The spans that are filled.
    fn walked(shape: &Shape, bars: usize) -> Vec<Span> {
        let ground = Ground::new(
            &[],
            Costs {
                fee: 0.0,
                slippage: 0.0,
            },
        );
        let mut walk = shape.walk();
        let all = std::iter::from_fn(|| walk.next(&ground)).map(Stretch::span);
        all.filter(|span| span.entry < bars).collect()
    }

    proptest! {
        #[test]
        fn conditions_and_signals_give_the_same_stretches(
            values in prop::collection::vec(0_u8..100, 0..200),
            (low, high) in (0_u8..50, 50_u8..100),
        ) {
            let mut long = false;
            let signals: Vec<bool> = values
                .iter()
                .map(|value| {
                    long = if long { *value < high } else { *value < low };
                    long
                })
                .collect();
            let values: Vec<f64> = values.iter().map(|v| f64::from(*v)).collect();
            let enter = Mask::levelled(&values, Is::Below, f64::from(low));
            let leave = Mask::levelled(&values, Is::AtLeast, f64::from(high));
            let wanted = spans_of(&signals);
            let found = walked(&Shape::held(enter, leave, Stops::default()), values.len());
            prop_assert_eq!(&found, &wanted);
            let ones: Vec<f64> = signals.iter().map(|s| f64::from(u8::from(*s))).collect();
            let long = Mask::levelled(&ones, Is::Above, 0.5);
            let found = walked(&Shape::within(long), values.len());
            prop_assert_eq!(&found, &wanted);
        }
    }

    #[test]
    fn the_last_signal_is_never_filled() {
        assert_eq!(spans_of(&[false, false, true]), []);
        assert_eq!(spans_of(&[false, true, true]), [Span { entry: 2, exit: 4 }]);
        assert_eq!(
            spans_of(&[true, false, true, false]),
            [Span { entry: 1, exit: 2 }, Span { entry: 3, exit: 4 }]
        );
    }
}
