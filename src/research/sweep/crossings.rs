//! Holding spans of a rule that reduces to two conditions: enter where the first holds, leave where
//! the second does.
//!
//! For each condition a table says, for every bar, which is the next one at which it holds. A run
//! then jumps from entry to exit to entry and looks at no bar in between. Runs share tables: a
//! sweep needs one per entry condition and one per exit condition, not one per combination.

use super::tally::Span;

/// The next bar at which a condition holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// One per bar, and one beyond the end.
    at: Vec<u32>,
}

impl Next {
    /// From the answer for each bar.
    #[must_use]
    pub fn new(holds: impl DoubleEndedIterator<Item = bool> + ExactSizeIterator) -> Self {
        let bars = u32::try_from(holds.len()).unwrap_or(u32::MAX);
        let mut at = vec![bars; holds.len() + 1];
        let mut next = bars;
        for ((slot, bar), holds) in at
            .iter_mut()
            .rev()
            .skip(1)
            .zip((0..bars).rev())
            .zip(holds.rev())
        {
            next = if holds { bar } else { next };
            *slot = next;
        }
        Self { at }
    }

    /// The first bar from `bar` on; the number of bars when there is none.
    #[inline]
    fn from(&self, bar: usize) -> usize {
        self.at
            .get(bar)
            .map_or(self.at.len() - 1, |next| *next as usize)
    }
}

/// The spans of a rule that becomes long at a close where `enter` holds, and flat at a later close
/// where `leave` does. Fills are at the next open. No close may fulfil both, for then the rule has no
/// one answer.
pub fn spans<'n>(enter: &'n Next, leave: &'n Next) -> impl Iterator<Item = Span> + 'n {
    let mut from = 0;
    std::iter::from_fn(move || {
        let entry = enter.from(from) + 1;
        // The signal of the last close is never filled.
        if entry >= enter.at.len() - 1 {
            return None;
        }
        let left = leave.from(entry);
        from = left;
        Some(Span {
            entry,
            exit: left + 1,
        })
    })
}

/// The spans of any long-or-flat rule, from whether it is long after each close.
pub fn spans_of(long: &[bool]) -> impl Iterator<Item = Span> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = long.get(from..)?;
        let entry = from + rest.iter().position(|long| *long)? + 1;
        if entry >= long.len() {
            return None;
        }
        let held = long.get(entry..)?;
        let left = held.iter().position(|long| !long);
        from = left.map_or(long.len(), |left| entry + left);
        Some(Span {
            entry,
            exit: from + 1,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn conditions_and_signals_give_the_same_spans(
            values in prop::collection::vec(0_u8..100, 0..60),
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
            let enter = Next::new(values.iter().map(|value| *value < low));
            let leave = Next::new(values.iter().map(|value| *value >= high));
            let jumped: Vec<Span> = spans(&enter, &leave).collect();
            let followed: Vec<Span> = spans_of(&signals).collect();
            let cut = |span: &Span| (span.entry, span.exit.min(values.len()));
            prop_assert_eq!(
                jumped.iter().map(cut).collect::<Vec<_>>(),
                followed.iter().map(cut).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn the_last_signal_is_never_filled() {
        let spans_at = |long: &[bool]| spans_of(long).collect::<Vec<_>>();
        assert_eq!(spans_at(&[false, false, true]), []);
        assert_eq!(spans_at(&[false, true, true]), [Span { entry: 2, exit: 4 }]);
        assert_eq!(
            spans_at(&[true, false, true, false]),
            [Span { entry: 1, exit: 2 }, Span { entry: 3, exit: 4 }]
        );
    }
}
