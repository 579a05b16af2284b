//! Hand-made bars for every rule of the executor.

#![allow(clippy::float_cmp, reason = "prices are handed through unchanged")]

use super::*;
use crate::kernel::time::UtcTime;

fn bar(open: f64, high: f64, low: f64, close: f64) -> Bar {
    Bar {
        time: UtcTime::EPOCH,
        open,
        high,
        low,
        close,
        volume: 1.0,
    }
}

const STOPS: Stops = Stops {
    stop: Some(0.05),
    take_profit: Some(0.1),
    trailing: None,
};

/// A trail of 10 % and nothing else.
const TRAIL: Stops = Stops {
    stop: None,
    take_profit: None,
    trailing: Some(0.1),
};

fn long_at_100() -> Executor {
    let mut executor = Executor::new(STOPS);
    let fills = executor.step(Signal::Long, &bar(100.0, 101.0, 99.0, 100.0));
    assert_eq!(fills.entry.unwrap().entry_price, 100.0);
    executor
}

fn exit(price: f64, reason: Reason) -> Option<Exit> {
    Some(Exit { price, reason })
}

#[test]
fn a_stop_inside_the_bar_fills_at_its_level_and_a_gap_at_the_open() {
    let fills = long_at_100().step(Signal::Long, &bar(99.0, 99.5, 94.0, 99.0));
    assert_eq!(fills.exit_inside, exit(95.0, Reason::Stop));
    let fills = long_at_100().step(Signal::Long, &bar(90.0, 120.0, 89.0, 99.0));
    assert_eq!(fills.exit_inside, exit(90.0, Reason::Stop));
    // Touching the level is enough.
    let fills = long_at_100().step(Signal::Long, &bar(99.0, 99.5, 95.0, 99.0));
    assert_eq!(fills.exit_inside, exit(95.0, Reason::Stop));
}

#[test]
fn a_take_profit_inside_the_bar_fills_at_its_level_and_a_gap_at_the_open() {
    let fills = long_at_100().step(Signal::Long, &bar(105.0, 111.0, 104.0, 106.0));
    assert_eq!(fills.exit_inside, exit(100.0 * 1.1, Reason::TakeProfit));
    let fills = long_at_100().step(Signal::Long, &bar(115.0, 116.0, 90.0, 95.0));
    assert_eq!(fills.exit_inside, exit(115.0, Reason::TakeProfit));
}

#[test]
fn when_one_bar_touches_both_the_stop_counts() {
    let fills = long_at_100().step(Signal::Long, &bar(100.0, 120.0, 90.0, 100.0));
    assert_eq!(fills.exit_inside, exit(95.0, Reason::Stop));
}

#[test]
fn the_bar_of_the_entry_can_stop_too() {
    let mut executor = Executor::new(STOPS);
    let fills = executor.step(Signal::Long, &bar(100.0, 101.0, 80.0, 100.0));
    assert!(fills.entry.is_some());
    assert_eq!(fills.exit_inside, exit(95.0, Reason::Stop));
}

#[test]
fn a_changed_signal_leaves_at_the_open_whatever_the_bar_does_later() {
    let fills = long_at_100().step(Signal::Flat, &bar(99.0, 120.0, 80.0, 100.0));
    assert_eq!(fills.exit_on_signal, exit(99.0, Reason::Signal));
    assert_eq!((fills.entry, fills.exit_inside), (None, None));
}

#[test]
fn after_a_stop_the_signal_must_have_been_something_else_once() {
    let quiet = bar(95.0, 95.5, 94.5, 95.0);
    let mut executor = long_at_100();
    executor.step(Signal::Long, &bar(99.0, 99.5, 94.0, 95.0));
    for _ in 0..3 {
        assert_eq!(executor.step(Signal::Long, &quiet), Fills::default());
    }
    assert_eq!(executor.step(Signal::Flat, &quiet), Fills::default());
    assert!(executor.step(Signal::Long, &quiet).entry.is_some());
    // The other direction is free at once, and frees the first one.
    let mut executor = long_at_100();
    executor.step(Signal::Long, &bar(99.0, 99.5, 94.0, 95.0));
    let short = executor.step(Signal::Short, &quiet).entry.unwrap();
    assert_eq!(short.side, Side::Short);
    let fills = executor.step(Signal::Long, &quiet);
    assert_eq!(fills.exit_on_signal, exit(95.0, Reason::Signal));
    assert_eq!(fills.entry.unwrap().side, Side::Long);
}

#[test]
fn shorts_are_the_mirror_image() {
    let short = || {
        let mut executor = Executor::new(STOPS);
        executor.step(Signal::Short, &bar(100.0, 101.0, 99.0, 100.0));
        executor
    };
    let fills = short().step(Signal::Short, &bar(101.0, 106.0, 101.0, 101.0));
    assert_eq!(fills.exit_inside, exit(105.0, Reason::Stop));
    let fills = short().step(Signal::Short, &bar(107.0, 108.0, 85.0, 101.0));
    assert_eq!(fills.exit_inside, exit(107.0, Reason::Stop));
    let fills = short().step(Signal::Short, &bar(95.0, 96.0, 89.0, 92.0));
    assert_eq!(fills.exit_inside, exit(90.0, Reason::TakeProfit));
}

#[test]
fn without_levels_nothing_happens_inside_a_bar() {
    let mut executor = Executor::new(Stops::default());
    let fills = executor.step(Signal::Long, &bar(100.0, 900.0, 1.0, 100.0));
    assert_eq!(fills.exit_inside, None);
}

/// An executor that holds a position of `signal` from 100.
fn held(stops: Stops, signal: Signal) -> Executor {
    let mut executor = Executor::new(stops);
    let fills = executor.step(signal, &bar(100.0, 100.0, 100.0, 100.0));
    assert_eq!(fills.entry.unwrap().best_price, 100.0);
    executor
}

#[test]
fn a_trailing_stop_follows_the_best_price_of_earlier_bars() {
    let mut executor = held(TRAIL, Signal::Long);
    // The high of this bar, 120, would put the level at 108; its low of 95 is above 90, the level
    // that was known before.
    let fills = executor.step(Signal::Long, &bar(101.0, 120.0, 95.0, 118.0));
    assert_eq!(fills, Fills::default());
    assert_eq!(executor.position().unwrap().best_price, 120.0);
    // A lower high does not lower it.
    executor.step(Signal::Long, &bar(118.0, 119.0, 109.0, 110.0));
    let fills = executor.step(Signal::Long, &bar(110.0, 111.0, 107.0, 111.0));
    assert_eq!(
        fills.exit_inside,
        exit(120.0 * (1.0 - 0.1), Reason::TrailingStop)
    );
    assert_eq!(executor.position(), None);
    // Until the signal has been something else, it stays out.
    let fills = executor.step(Signal::Long, &bar(111.0, 112.0, 110.0, 111.0));
    assert_eq!(fills.entry, None);
}

#[test]
fn a_gap_beyond_the_trail_fills_at_the_open() {
    let mut executor = held(TRAIL, Signal::Long);
    let fills = executor.step(Signal::Long, &bar(85.0, 99.0, 84.0, 98.0));
    assert_eq!(fills.exit_inside, exit(85.0, Reason::TrailingStop));
}

#[test]
fn a_short_trail_is_the_mirror_image() {
    let mut executor = held(TRAIL, Signal::Short);
    executor.step(Signal::Short, &bar(99.0, 105.0, 80.0, 82.0));
    let fills = executor.step(Signal::Short, &bar(82.0, 89.0, 82.0, 85.0));
    assert_eq!(
        fills.exit_inside,
        exit(80.0 * (1.0 + 0.1), Reason::TrailingStop)
    );
}

#[test]
fn the_nearer_stop_counts_and_goes_before_the_take_profit() {
    let all = STOPS.and(TRAIL);
    assert_eq!((all.stop, all.trailing), (Some(0.05), Some(0.1)));
    // At first the stop-loss at 95 is nearer than the trail at 90.
    let fills = held(all, Signal::Long).step(Signal::Long, &bar(99.0, 115.0, 89.0, 90.0));
    assert_eq!(fills.exit_inside, exit(95.0, Reason::Stop));
    // Once the best price is 109, the trail at 98.1 is.
    let mut executor = held(all, Signal::Long);
    executor.step(Signal::Long, &bar(101.0, 109.0, 99.0, 108.0));
    let fills = executor.step(Signal::Long, &bar(108.0, 111.0, 97.0, 100.0));
    assert_eq!(
        fills.exit_inside,
        exit(109.0 * (1.0 - 0.1), Reason::TrailingStop)
    );
    let wider = Stops {
        stop: Some(0.2),
        ..Stops::default()
    };
    assert_eq!(STOPS.and(wider), STOPS);
}

#[test]
fn at_its_own_close_a_signal_comes_after_the_levels_of_the_bar() {
    let mut executor = Executor::new(STOPS);
    // The low of the bar of the entry lies before the entry.
    let fills = executor.step_at_close(Signal::Long, &bar(100.0, 101.0, 80.0, 100.0));
    assert_eq!(fills.entry.unwrap().entry_price, 100.0);
    assert_eq!((fills.exit_on_signal, fills.exit_inside), (None, None));
    // Stopped inside the next bar; the same signal at its close enters nothing.
    let fills = executor.step_at_close(Signal::Long, &bar(99.0, 99.5, 94.0, 99.0));
    assert_eq!(fills.exit_inside, exit(95.0, Reason::Stop));
    assert_eq!((fills.exit_on_signal, fills.entry), (None, None));
    // The other side may be entered at once.
    let fills = executor.step_at_close(Signal::Short, &bar(99.0, 99.5, 94.0, 98.0));
    assert_eq!(fills.entry.unwrap().entry_price, 98.0);
    // A turn is an exit and an entry at one close.
    let fills = executor.step_at_close(Signal::Long, &bar(98.0, 98.0, 97.0, 97.0));
    assert_eq!(fills.exit_on_signal, exit(97.0, Reason::Signal));
    assert_eq!(fills.entry.unwrap().side, Side::Long);
}
