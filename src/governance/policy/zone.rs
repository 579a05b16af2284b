//! Where one value lies: the zones of one criterion, by exact cross multiplication.
//!
//! In: a judged value and the limits. Out: the zone, the score for display, and the smallest
//! change that would give a passing zone. Nothing is divided to find a zone, so a value that lies
//! exactly on an edge is on it.

use super::model::Criterion;
use super::verdict::{Op, Zone};
use crate::kernel::decimal::Decimal;

/// Decimals of a displayed score.
const SCORE_DECIMALS: u32 = 6;

/// The zone of `value`, with `guard` in force.
///
/// # Formula
/// s = (x - L) / (T - L): clear s >= 1, in band g <= s < 1, borderline 0 <= s < g,
/// near miss -r <= s < 0, fail s < -r. Multiplying with |T - L| > 0 gives the comparisons below.
/// With one edge: clear where `x op L` holds, fail beyond `reject`, else near miss.
pub(super) fn zone(criterion: &Criterion, guard: &Decimal, value: &Decimal) -> Zone {
    let Some(target) = &criterion.target else {
        return one_edge(criterion, value);
    };
    let width = target.minus(&criterion.floor);
    let sign = Decimal::from_int(i64::from(width.signum()));
    let width = width.times(&sign);
    let height = value.minus(&criterion.floor).times(&sign);
    if height >= width {
        Zone::Clear
    } else if height >= guard.times(&width) && height.signum() >= 0 {
        Zone::InBand
    } else if height.signum() >= 0 {
        Zone::Borderline
    } else if height >= criterion.reject_margin.times(&width).negated() {
        Zone::NearMiss
    } else {
        Zone::Fail
    }
}

fn one_edge(criterion: &Criterion, value: &Decimal) -> Zone {
    if criterion.op.holds(value, &criterion.floor) {
        return Zone::Clear;
    }
    let beyond = criterion.reject.as_ref().is_some_and(|reject| {
        if criterion.op.more_is_better() {
            value < reject
        } else {
            value > reject
        }
    });
    if beyond { Zone::Fail } else { Zone::NearMiss }
}

/// The score of `value` for display; none with one edge.
pub(super) fn score(criterion: &Criterion, value: &Decimal) -> Option<Decimal> {
    let width = criterion.target.as_ref()?.minus(&criterion.floor);
    value
        .minus(&criterion.floor)
        .ratio_for_display(&width, SCORE_DECIMALS)
}

/// True when `value` is better than anyone should believe.
pub(super) fn implausible(criterion: &Criterion, value: &Decimal) -> bool {
    criterion.implausible_beyond.as_ref().is_some_and(|most| {
        if criterion.op.more_is_better() {
            value > most
        } else {
            value < most
        }
    })
}

/// The loosest limit that gives a passing zone: L + g (T - L), or L with one edge.
pub(super) fn passing_limit(criterion: &Criterion, guard: &Decimal) -> Decimal {
    match &criterion.target {
        Some(target) => criterion
            .floor
            .plus(&guard.times(&target.minus(&criterion.floor))),
        None => criterion.floor.clone(),
    }
}

/// Where a value that passes now stops passing, in words; `guard` is 0 for one that passes by extra
/// checks down to its floor.
#[must_use]
pub fn fails(criterion: &Criterion, guard: &Decimal, value: &Decimal) -> String {
    let limit = passing_limit(criterion, guard);
    let word = match criterion.op {
        Op::Ge => "less than",
        Op::Le => "more than",
        Op::Gt => "at most",
        Op::Lt => "at least",
    };
    seen_from(value, word, &limit)
}

/// A limit, and how far it is from `value`.
fn seen_from(value: &Decimal, word: &str, limit: &Decimal) -> String {
    let change = limit.minus(value);
    match change.signum() {
        0 => format!("{word} {limit}"),
        1 => format!("{word} {limit} (+{change})"),
        _ => format!("{word} {limit} ({change})"),
    }
}

/// The smallest change of the value that gives a passing zone, in words.
pub(super) fn flip(criterion: &Criterion, guard: &Decimal, value: Option<&Decimal>) -> String {
    if let (Some(value), Some(most)) = (value, &criterion.implausible_beyond)
        && implausible(criterion, value)
    {
        let word = if criterion.op.more_is_better() {
            "at most"
        } else {
            "at least"
        };
        return format!("{word} {most} (beyond it nobody believes it)");
    }
    let limit = passing_limit(criterion, guard);
    let word = match criterion.op {
        Op::Ge => "at least",
        Op::Le => "at most",
        Op::Gt => "more than",
        Op::Lt => "less than",
    };
    match value {
        Some(value) => seen_from(value, word, &limit),
        None => format!("{word} {limit}"),
    }
}
