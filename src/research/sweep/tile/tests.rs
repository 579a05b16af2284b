//! The signals of the batch form, followed bar by bar, are the reference.

use proptest::prelude::*;

use super::*;
use crate::kernel::decimal::Decimal;
use crate::research::market::bar::Bar;
use crate::research::portfolio::account::Costs;
use crate::research::strategy::Signal;
use crate::research::strategy::registry::{KINDS, Rule};
use crate::research::strategy::testing::{drawn, given, gridded, walk};
use crate::research::sweep::stretches::{Stretch, spans_of};
use crate::research::sweep::tally::Span;

const COSTS: Costs = Costs {
    fee: 0.0026,
    slippage: 0.0005,
};

fn combination(rule: Rule, stop: Option<&str>) -> Combination {
    Combination {
        at: Vec::new(),
        rule,
        exits: [stop.map(|text| text.parse::<Decimal>().unwrap()), None],
    }
}

fn followed(rule: &Rule, columns: &Columns<'_>) -> Vec<Span> {
    let signals = rule.signals(false, columns);
    let long: Vec<bool> = signals.iter().map(|s| *s == Signal::Long).collect();
    spans_of(&long)
}

/// Spans and figures of all combinations, run together, against each one's signals.
fn agree(combinations: &[Combination], bars: &[Bar]) -> usize {
    let (ground, columns) = (Ground::new(bars, COSTS), Columns::of(bars));
    let jobs = Jobs::new(0, combinations);
    let masks = jobs.masks(&jobs.jobs, &ground, &columns);
    let mut rows = jobs.rows(&ground, &columns, 8760.0);
    rows.sort_by_key(|(index, _)| *index);
    assert_eq!(rows.len(), combinations.len());
    let mut all = 0;
    for job in &jobs.jobs {
        let combination = &combinations[job.index];
        let wanted = followed(&combination.rule, &columns);
        let shape = masks.shape(&job.form);
        let mut walk = shape.walk();
        let spans = std::iter::from_fn(|| walk.next(&ground)).map(Stretch::span);
        let spans: Vec<Span> = spans.filter(|span| span.entry < bars.len()).collect();
        assert_eq!(spans, wanted, "{:?}", combination.rule);
        let mut tally = Tally::new(&ground, combination.stops());
        wanted.iter().for_each(|span| tally.hold(*span));
        let (index, figures) = &rows[job.index];
        assert_eq!(*index, job.index);
        if !bars.is_empty() {
            assert_eq!(*figures, tally.figures(8760.0), "{:?}", combination.rule);
        }
        all += wanted.len();
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn masks_give_the_spans_of_the_signals(
        kind in 0..KINDS.len(),
        draws in prop::collection::vec(prop::collection::vec(any::<u32>(), 8), 1..5),
        steps in prop::collection::vec(any::<(u8, u8, u8)>(), 0..260),
    ) {
        // Conditions between parameters may fail for some.
        let rules = draws
            .iter()
            .filter_map(|draws| Rule::new(KINDS[kind].name, &drawn(KINDS[kind], draws)).ok());
        let stops = [None, Some("0.01"), Some("0.05")].into_iter().cycle();
        let combinations: Vec<Combination> =
            rules.zip(stops).map(|(rule, stop)| combination(rule, stop)).collect();
        agree(&combinations, &gridded(&steps));
    }
}

/// Walks with spells of volatility and bars that do not move, and every kind often.
#[test]
fn masks_give_the_spans_of_the_signals_on_walks() {
    for (number, kind) in KINDS.into_iter().enumerate() {
        let mut state = number as u64 + 1;
        let mut draw = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) as u32
        };
        let combinations: Vec<Combination> = (0..60)
            .filter_map(|_| {
                let draws: Vec<u32> = (0..8).map(|_| draw()).collect();
                Rule::new(kind.name, &drawn(kind, &draws)).ok()
            })
            .map(|rule| combination(rule, None))
            .collect();
        assert!(combinations.len() > 5, "{}", kind.name);
        let spans = agree(&combinations, &walk(number as u64, 900));
        assert!(spans > 0, "{}: {spans}", kind.name);
    }
}

/// More columns than one tile takes: nothing changes, and tiles stay within their bounds.
#[test]
fn large_grids_are_cut_into_tiles() {
    let bars = walk(5, 300);
    let (ground, columns) = (Ground::new(&bars, COSTS), Columns::of(&bars));
    let rule = |fast: usize, slow: usize| {
        let (fast, slow) = (fast.to_string(), slow.to_string());
        let pairs = [
            ("fast_window", fast.as_str()),
            ("slow_window", slow.as_str()),
        ];
        Rule::new("ma_trend", &given(&pairs)).unwrap()
    };
    let combinations: Vec<Combination> = (2..102)
        .flat_map(|fast| (102..252).step_by(2).map(move |slow| (fast, slow)))
        .map(|(fast, slow)| combination(rule(fast, slow), None))
        .collect();
    let jobs = Jobs::new(0, &combinations);
    let (mut rest, mut tiles) = (jobs.jobs.as_slice(), 0);
    while !rest.is_empty() {
        let (tile, later) = rest.split_at(jobs.tile(rest, Bounds::of(bars.len())));
        let mut numbers = BTreeSet::new();
        tile.iter().for_each(|job| {
            each(&job.form, &mut |n| numbers.extend([n]));
        });
        let own: Vec<Comparison> = numbers.iter().map(|n| jobs.comparisons[*n]).collect();
        assert!(columns_of(&own).len() <= COLUMNS_MOST);
        (rest, tiles) = (later, tiles + 1);
    }
    // Squares: 100 x 75 columns in lines of 128 would be 60 tiles or more.
    assert!((2..=12).contains(&tiles), "{tiles}");
    let rows = jobs.rows(&ground, &columns, 8760.0);
    for (index, figures) in rows.iter().step_by(97) {
        let mut tally = Tally::new(&ground, combinations[*index].stops());
        followed(&combinations[*index].rule, &columns)
            .into_iter()
            .for_each(|span| tally.hold(span));
        assert_eq!(*figures, tally.figures(8760.0));
    }
}

#[test]
fn the_longer_the_history_the_fewer_masks_are_held() {
    let plain = Bounds::of(17_520);
    assert_eq!(
        (plain.comparisons, plain.together),
        (COMPARISONS_MOST, TOGETHER)
    );
    assert!(plain.masks > COMPARISONS_MOST);
    for bars in [0, 1, 17_520, 200_000, 1_000_000, 30_000_000, 3_000_000_000] {
        let bounds = Bounds::of(bars);
        let held = |masks: usize| masks * Mask::bytes(bars);
        assert!(bounds.masks > 0 && bounds.together > 0);
        assert!(bounds.masks == 1 || held(bounds.masks) <= TILE_BYTES);
        assert!(bounds.together == 1 || held(bounds.together * OWN_MASKS) <= CHUNK_BYTES);
    }
    // A million bars: 125,000 bytes a mask.
    let long = Bounds::of(1_000_000);
    assert_eq!((long.masks, long.together), (2147, 268));
}

/// Room for hardly anything, for a few, and as much as there is; composites among them.
#[test]
fn what_is_held_together_changes_no_figure() {
    let bars = walk(8, 400);
    let (ground, columns) = (Ground::new(&bars, COSTS), Columns::of(&bars));
    for (number, kind) in KINDS.into_iter().enumerate() {
        let mut state = number as u64 + 77;
        let mut draw = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) as u32
        };
        let combinations: Vec<Combination> = (0..25)
            .filter_map(|_| {
                let draws: Vec<u32> = (0..8).map(|_| draw()).collect();
                Rule::new(kind.name, &drawn(kind, &draws)).ok()
            })
            .map(|rule| combination(rule, Some("0.03")))
            .collect();
        let jobs = Jobs::new(0, &combinations);
        let rows = |masks: usize, together: usize| {
            let bounds = Bounds {
                masks,
                together,
                ..Bounds::of(bars.len())
            };
            let mut rows = jobs.rows_within(bounds, &ground, &columns, 8760.0);
            rows.sort_by_key(|(index, _)| *index);
            rows
        };
        let free = rows(usize::MAX, TOGETHER);
        assert_eq!(free.len(), combinations.len());
        assert_eq!(rows(1, 1), free, "{}", kind.name);
        assert_eq!(rows(6, 3), free, "{}", kind.name);
        // A tile that has no room for two takes one.
        let tight = Bounds {
            masks: 1,
            ..Bounds::of(bars.len())
        };
        assert!(jobs.tile(&jobs.jobs, tight) >= 1, "{}", kind.name);
    }
}

/// Histograms of many lanes: none is kept, so that one tile has room for all of them.
#[test]
fn columns_that_flow_give_what_the_signals_give() {
    let bars = walk(6, 300);
    let (ground, columns) = (Ground::new(&bars, COSTS), Columns::of(&bars));
    let rule = |(fast, slow, signal): (usize, usize, usize)| {
        let texts = [fast, slow, signal].map(|n| n.to_string());
        let names = ["fast_ema", "slow_ema", "signal_ema"];
        let pairs = [0, 1, 2].map(|i| (names[i], texts[i].as_str()));
        Rule::new("macd", &given(&pairs)).unwrap()
    };
    let combinations: Vec<Combination> = (2..7)
        .flat_map(|fast| (8..18).map(move |slow| (fast, slow)))
        .flat_map(|(fast, slow)| (2..10).map(move |signal| (fast, slow, signal)))
        .map(|spans| combination(rule(spans), None))
        .collect();
    assert!(combinations.len() > 3 * COLUMNS_MOST);
    let jobs = Jobs::new(0, &combinations);
    assert_eq!(
        jobs.tile(&jobs.jobs, Bounds::of(bars.len())),
        combinations.len()
    );
    for (index, figures) in jobs.rows(&ground, &columns, 8760.0) {
        let mut tally = Tally::new(&ground, combinations[index].stops());
        followed(&combinations[index].rule, &columns)
            .into_iter()
            .for_each(|span| tally.hold(span));
        assert_eq!(figures, tally.figures(8760.0), "{index}");
    }
}
