//! Changes in one policy: criterion by criterion, field by field.
//!
//! The verdict is the worst over all hard and soft criteria, so it gets no better when no zone of
//! any criterion does. Three rules reach across criteria, and a change that touches one of them is
//! called loosening where it could help: "all hard criteria with two edges below their floor is a
//! REJECT" (one more such criterion, above its floor, undoes it), "the only borderline one passes
//! with extra checks" (so checks must not become weaker), and "missing never rejects" (so a
//! criterion that can reject must not become stale sooner).

use std::collections::BTreeSet;

use super::{Change, Direction};
use crate::governance::policy::model::{Condition, Criterion, ExtraCheck, Policy};
use crate::governance::policy::verdict::{Enforcement, Op};
use crate::governance::stage::Target;
use crate::kernel::decimal::Decimal;
use crate::kernel::id::CriterionId;
use crate::kernel::text::visible;

const ALL_BELOW: &str = "the old set rejects when all hard criteria with two edges are below their floor; one more that is not below undoes that";

/// What changed from `old` to `new`, of one profile.
#[must_use]
pub fn policies(old: &Policy, new: &Policy) -> Vec<Change> {
    let profile = new.profile.as_str();
    let mut changes = Vec::new();
    for (field, a, b) in [
        ("version", &old.version, &new.version),
        ("description", &old.description, &new.description),
    ] {
        if a != b {
            let words = (Some(visible(a, 120)), Some(visible(b, 120)));
            changes.push(Change::new(profile, field, words, Direction::Wording));
        }
    }
    conventions(old, new, &mut changes);
    let ids: BTreeSet<&CriterionId> = old
        .criteria
        .iter()
        .chain(&new.criteria)
        .map(|c| &c.id)
        .collect();
    for id in ids {
        let place = format!("{profile} {id}");
        match (old.criterion(id), new.criterion(id)) {
            (Some(a), Some(b)) => {
                let pair = Pair { place, old, a, b };
                pair.compare(&mut changes);
            }
            (Some(a), None) => {
                let gone = (Some(question(a)), None);
                changes.push(Change::new(&place, "", gone, Direction::Loosens));
            }
            (None, Some(b)) => changes.push(added(&place, old, b)),
            (None, None) => {}
        }
    }
    changes
}

fn conventions(old: &Policy, new: &Policy, changes: &mut Vec<Change>) {
    let fields = |policy: &Policy| {
        let value = serde_json::to_value(&policy.conventions).unwrap_or_default();
        value.as_object().cloned().unwrap_or_default()
    };
    let (before, after) = (fields(old), fields(new));
    for (name, b) in &after {
        let a = before.get(name);
        if a == Some(b) {
            continue;
        }
        let text = |v: &serde_json::Value| match v.as_str() {
            Some(text) => visible(text, 80),
            None => v.to_string(),
        };
        let place = format!("{} conventions", new.profile);
        let shown = (a.map(text), Some(text(b)));
        let why = "numbers computed in another way cannot be compared";
        changes.push(Change::new(&place, name, shown, Direction::Loosens).because(why));
    }
}

/// A criterion in short: `sharpe:oos ≥ 0.8`.
fn question(c: &Criterion) -> String {
    format!("{} {} {}", c.key(), c.op.sign(), c.floor)
}

fn added(place: &str, old: &Policy, new: &Criterion) -> Change {
    let change = |direction| Change::new(place, "", (None, Some(question(new))), direction);
    for target in Target::ALL {
        if let Some(why) = helps(old, new, Enforcement::Advisory, target) {
            return change(Direction::Loosens).because(why);
        }
    }
    change(Direction::Tightens)
}

/// Why it could help that `new` weighs more at `target` than before.
fn helps(
    old: &Policy,
    new: &Criterion,
    before: Enforcement,
    target: Target,
) -> Option<&'static str> {
    let after = new.enforcement.at(target);
    if after == Enforcement::Advisory {
        return None;
    }
    let counted = old
        .criteria
        .iter()
        .any(|c| c.enforcement.at(target) != Enforcement::Advisory);
    if !counted {
        return Some("nothing was judged for this target before, which promotes nobody");
    }
    let joins = after == Enforcement::Hard && before != Enforcement::Hard && new.target.is_some();
    (joins && banded(old, target) >= 2).then_some(ALL_BELOW)
}

/// How many hard criteria with two edges `policy` has at `target`.
fn banded(policy: &Policy, target: Target) -> usize {
    let is = |c: &&Criterion| c.enforcement.at(target) == Enforcement::Hard && c.target.is_some();
    policy.criteria.iter().filter(is).count()
}

/// One criterion before (`a`) and after (`b`).
struct Pair<'p> {
    place: String,
    old: &'p Policy,
    a: &'p Criterion,
    b: &'p Criterion,
}

/// A number of a criterion as it stands in both: field, before, after.
type Limits<'c> = (&'static str, Option<&'c Decimal>, Option<&'c Decimal>);

impl Pair<'_> {
    fn change(&self, field: &str, before: String, after: String, direction: Direction) -> Change {
        let shown = |text: String| (!text.is_empty()).then_some(text);
        Change::new(&self.place, field, (shown(before), shown(after)), direction)
    }

    fn compare(&self, changes: &mut Vec<Change>) {
        let (a, b) = (self.a, self.b);
        if a.key() != b.key() || a.op.more_is_better() != b.op.more_is_better() {
            let change = self.change("metric", question(a), question(b), Direction::Loosens);
            changes.push(change.because("another question under the same name"));
        } else {
            self.edges(changes);
        }
        self.weights(changes);
        self.condition(changes);
        self.age(changes);
        self.extra_checks(changes);
        for (field, before, after) in [
            ("rationale", a.rationale.clone(), b.rationale.clone()),
            (
                "control_refs",
                a.control_refs.join(", "),
                b.control_refs.join(", "),
            ),
        ] {
            if before != after {
                let (before, after) = (visible(&before, 120), visible(&after, 120));
                changes.push(self.change(field, before, after, Direction::Wording));
            }
        }
    }

    fn edges(&self, changes: &mut Vec<Change>) {
        let (a, b) = (self.a, self.b);
        let up = a.op.more_is_better();
        let strict = |op: Op| matches!(op, Op::Gt | Op::Lt);
        if a.op != b.op {
            let direction = tighter(strict(b.op));
            let signs = (a.op.sign().to_owned(), b.op.sign().to_owned());
            changes.push(self.change("op", signs.0, signs.1, direction));
        }
        let rows: [(Limits<'_>, bool); 4] = [
            (("floor", Some(&a.floor), Some(&b.floor)), up),
            (("target", a.target.as_ref(), b.target.as_ref()), up),
            (("guard", Some(&a.guard), Some(&b.guard)), true),
            (
                (
                    "reject_margin",
                    Some(&a.reject_margin),
                    Some(&b.reject_margin),
                ),
                false,
            ),
        ];
        for ((field, before, after), more) in rows {
            self.number(
                (field, before, after),
                |x, y| if more { y > x } else { y < x },
                changes,
            );
        }
        self.optional(
            ("reject", a.reject.as_ref(), b.reject.as_ref()),
            up,
            changes,
        );
        let most = (a.implausible_beyond.as_ref(), b.implausible_beyond.as_ref());
        self.optional(("implausible_beyond", most.0, most.1), !up, changes);
        self.reject_edge(changes);
    }

    /// A number that must be in both: coming or going makes another kind of criterion.
    fn number(
        &self,
        (field, before, after): Limits<'_>,
        stricter: impl Fn(&Decimal, &Decimal) -> bool,
        changes: &mut Vec<Change>,
    ) {
        if before == after {
            return;
        }
        let direction = match (before, after) {
            (Some(x), Some(y)) => tighter(stricter(x, y)),
            _ => Direction::Loosens,
        };
        changes.push(self.change(field, text(before), text(after), direction));
    }

    /// A number whose presence is stricter than its absence.
    fn optional(
        &self,
        (field, before, after): Limits<'_>,
        more_is_stricter: bool,
        changes: &mut Vec<Change>,
    ) {
        if before == after {
            return;
        }
        let direction = match (before, after) {
            (None, _) => Direction::Tightens,
            (Some(_), None) => Direction::Loosens,
            (Some(x), Some(y)) => tighter(if more_is_stricter { y > x } else { y < x }),
        };
        changes.push(self.change(field, text(before), text(after), direction));
    }

    /// Where `fail` begins moves with floor, target and margin together.
    fn reject_edge(&self, changes: &mut Vec<Change>) {
        let (Some(before), Some(after)) = (fail_edge(self.a), fail_edge(self.b)) else {
            return;
        };
        let looser = if self.a.op.more_is_better() {
            after < before
        } else {
            after > before
        };
        if looser {
            let edges = (before.to_string(), after.to_string());
            let change = self.change("reject edge", edges.0, edges.1, Direction::Loosens);
            let why = "what was a REJECT becomes a REVISE; a smaller reject_margin keeps the edge";
            changes.push(change.because(why));
        }
    }

    fn weights(&self, changes: &mut Vec<Change>) {
        for target in Target::ALL {
            let (before, after) = (self.a.enforcement.at(target), self.b.enforcement.at(target));
            if before == after {
                continue;
            }
            let word = |e: Enforcement| format!("{e:?}").to_lowercase();
            let field = format!("enforcement.{target}");
            // Hard sorts before soft, soft before advisory.
            let change = |direction| self.change(&field, word(before), word(after), direction);
            changes.push(match helps(self.old, self.b, before, target) {
                Some(why) if after < before => change(Direction::Loosens).because(why),
                _ => change(tighter(after < before)),
            });
        }
    }

    fn condition(&self, changes: &mut Vec<Change>) {
        let (before, after) = (&self.a.applicable_if, &self.b.applicable_if);
        if before == after {
            return;
        }
        let words = |c: &Option<Condition>| c.as_ref().map(condition_text).unwrap_or_default();
        let change =
            |direction| self.change("applicable_if", words(before), words(after), direction);
        let wider = match (before, after) {
            (Some(_), None) => true,
            (Some(a), Some(b)) => implies(
                (a.metric, a.sample, a.op, &a.value),
                (b.metric, b.sample, b.op, &b.value),
            ),
            (None, _) => false,
        };
        let joins = Target::ALL.into_iter().any(|target| {
            self.b.target.is_some()
                && self.b.enforcement.at(target) == Enforcement::Hard
                && banded(self.old, target) >= 2
        });
        changes.push(match (wider, joins) {
            (true, true) => change(Direction::Loosens).because(ALL_BELOW),
            (wider, _) => change(tighter(wider)),
        });
    }

    fn age(&self, changes: &mut Vec<Change>) {
        let (before, after) = (self.a.max_age_days, self.b.max_age_days);
        if before == after {
            return;
        }
        let days = |d: Option<u32>| d.map(|d| d.to_string()).unwrap_or_default();
        let change = |direction| self.change("max_age_days", days(before), days(after), direction);
        let shorter = match (before, after) {
            (None, Some(_)) => true,
            (Some(a), Some(b)) => b < a,
            (_, None) => false,
        };
        let rejects = self.b.target.is_some() || self.b.reject.is_some();
        changes.push(if shorter && rejects {
            let why = "a stale value is missing, and missing never rejects";
            change(Direction::Loosens).because(why)
        } else {
            change(tighter(shorter))
        });
    }

    fn extra_checks(&self, changes: &mut Vec<Change>) {
        let (before, after) = (&self.a.extra_checks, &self.b.extra_checks);
        if before == after {
            return;
        }
        let covered = |old: &ExtraCheck| {
            after.iter().any(|new| {
                implies(
                    (new.metric, new.sample, new.op, &new.floor),
                    (old.metric, old.sample, old.op, &old.floor),
                )
            })
        };
        let stricter = after.is_empty() || (!before.is_empty() && before.iter().all(covered));
        let words = |checks: &[ExtraCheck]| {
            let each: Vec<String> = checks
                .iter()
                .map(|c| format!("{}:{} {} {}", c.metric, c.sample, c.op.sign(), c.floor))
                .collect();
            each.join(", ")
        };
        changes.push(self.change(
            "extra_checks",
            words(before),
            words(after),
            tighter(stricter),
        ));
    }
}

/// Metric, sample, comparison and limit.
type Question<'q> = (
    crate::metrics::Metric,
    crate::metrics::Sample,
    Op,
    &'q Decimal,
);

/// True when whatever fulfils `a` fulfils `b`.
fn implies(a: Question<'_>, b: Question<'_>) -> bool {
    let (strict_a, strict_b) = (
        matches!(a.2, Op::Gt | Op::Lt),
        matches!(b.2, Op::Gt | Op::Lt),
    );
    let same = a.0 == b.0 && a.1 == b.1 && a.2.more_is_better() == b.2.more_is_better();
    let beyond = if a.2.more_is_better() {
        a.3 > b.3
    } else {
        a.3 < b.3
    };
    same && (beyond || (a.3 == b.3 && (strict_a || !strict_b)))
}

fn condition_text(c: &Condition) -> String {
    format!("{}:{} {} {}", c.metric, c.sample, c.op.sign(), c.value)
}

/// L - r (T - L); none with one edge.
fn fail_edge(c: &Criterion) -> Option<Decimal> {
    let width = c.target.as_ref()?.minus(&c.floor);
    Some(c.floor.minus(&width.times(&c.reject_margin)))
}

fn tighter(stricter: bool) -> Direction {
    if stricter {
        Direction::Tightens
    } else {
        Direction::Loosens
    }
}

fn text(number: Option<&Decimal>) -> String {
    number.map(ToString::to_string).unwrap_or_default()
}
