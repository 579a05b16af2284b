//! Parts of a history on which runs may hold something, while signals come from all of it.
//!
//! In: a history of bars, and ranges of it in order. Out: the bars that runs are tallied on, and
//! where a holding span over the history lies on them. A rule sees every bar from the first one on,
//! so it has its signals from the first bar of a part; the run itself is flat before each part,
//! enters at its first open where the signal of the close before already wants it, and is closed at
//! its last close, at cost. Between two parts stands one flat bar at that close: the only bar that
//! is not of the history.

use std::borrow::Cow;
use std::ops::Range;

use super::tally::Span;
use crate::research::market::bar::Bar;

/// Where one part lies in the history, and where it begins among the bars that are tallied.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    history: Range<usize>,
    at: usize,
}

/// Parts of one history, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts(Vec<Part>);

impl Parts {
    /// `ranges` of `history`, in order and without overlap, cut at its end, empty ones left out; and
    /// the bars to tally on.
    #[must_use]
    pub fn of<'b>(history: &'b [Bar], ranges: &[Range<usize>]) -> (Self, Cow<'b, [Bar]>) {
        let cut = |range: &Range<usize>| range.start..range.end.min(history.len());
        let kept: Vec<Range<usize>> = ranges.iter().map(cut).filter(|r| !r.is_empty()).collect();
        if let [only] = kept.as_slice() {
            let bars = history.get(only.clone()).unwrap_or_default();
            let part = Part {
                history: only.clone(),
                at: 0,
            };
            return (Self(vec![part]), Cow::Borrowed(bars));
        }
        let (mut parts, mut bars): (Vec<Part>, Vec<Bar>) = (Vec::new(), Vec::new());
        for range in kept {
            bars.extend(bars.last().map(closing));
            parts.push(Part {
                history: range.clone(),
                at: bars.len(),
            });
            bars.extend_from_slice(history.get(range).unwrap_or_default());
        }
        (Self(parts), Cow::Owned(bars))
    }

    /// What of `span`, a span over the history, lies on the parts: one span per part, over the
    /// bars that are tallied. One that outlasts its part ends at the bar behind it: the flat one, or
    /// the end of the data.
    pub fn held(&self, span: Span) -> impl Iterator<Item = Span> + '_ {
        self.0.iter().filter_map(move |part| {
            let Range { start, end } = part.history;
            let (from, to) = (span.entry.max(start), span.exit.min(end));
            (from < to).then(|| Span {
                entry: part.at + from - start,
                exit: part.at + to - start,
            })
        })
    }
}

/// A bar on which nothing happens, at the close of `last`.
fn closing(last: &Bar) -> Bar {
    Bar {
        open: last.close,
        high: last.close,
        low: last.close,
        volume: 0.0,
        ..*last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::research::strategy::testing::bars;

    fn span(entry: usize, exit: usize) -> Span {
        Span { entry, exit }
    }

    fn history() -> Vec<Bar> {
        let price = |n: u32| f64::from(n) + 1.0;
        let ranges: Vec<_> = (0..10)
            .map(|n| (price(n) + 0.5, price(n) - 0.5, price(n)))
            .collect();
        bars(&ranges)
    }

    #[test]
    fn one_part_is_a_slice_and_spans_move_to_it() {
        let history = history();
        let (parts, own) = Parts::of(&history, std::slice::from_ref(&(3..7)));
        assert_eq!(own.as_ref(), &history[3..7]);
        let held = |entry, exit| parts.held(span(entry, exit)).collect::<Vec<_>>();
        // Held before: entered at the first open. Left at the first open: never held here.
        assert_eq!(held(1, 5), [span(0, 2)]);
        assert_eq!(held(1, 3), []);
        assert_eq!(held(4, 6), [span(1, 3)]);
        // Held on: the exit is the number of bars, where the data ends.
        assert_eq!(held(5, 9), [span(2, 4)]);
        assert_eq!(held(7, 9), []);
    }

    #[test]
    fn between_two_parts_stands_one_flat_bar() {
        let history = history();
        let (parts, own) = Parts::of(&history, &[0..3, 5..5, 6..12]);
        assert_eq!(own.len(), 3 + 1 + 4);
        assert_eq!(own[..3], history[..3]);
        assert_eq!(own[4..], history[6..]);
        let flat = own[3];
        let close = history[2].close;
        let prices = [flat.open, flat.high, flat.low, flat.close];
        assert_eq!(prices.map(f64::to_bits), [close.to_bits(); 4]);
        let held = |entry, exit| parts.held(span(entry, exit)).collect::<Vec<_>>();
        // One position over the hole is two: closed at the last close, entered at the next open.
        assert_eq!(held(1, 8), [span(1, 3), span(4, 6)]);
        assert_eq!(held(3, 6), []);
        assert_eq!(held(8, 11), [span(6, 8)]);
    }

    #[test]
    fn the_whole_changes_nothing() {
        let history = history();
        let (parts, own) = Parts::of(&history, std::slice::from_ref(&(0..10)));
        assert!(matches!(own, Cow::Borrowed(_)) && own.len() == 10);
        assert_eq!(parts.held(span(2, 10)).next(), Some(span(2, 10)));
        let (none, own) = Parts::of(&history, &[]);
        assert!(own.is_empty() && none.held(span(0, 9)).next().is_none());
    }
}
