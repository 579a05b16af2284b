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
    assert_eq!(fills.exit_at_open, exit(99.0, Reason::Signal));
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
    assert_eq!(fills.exit_at_open, exit(95.0, Reason::Signal));
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
    let none = Stops {
        stop: None,
        take_profit: None,
    };
    let mut executor = Executor::new(none);
    let fills = executor.step(Signal::Long, &bar(100.0, 900.0, 1.0, 100.0));
    assert_eq!(fills.exit_inside, None);
}
