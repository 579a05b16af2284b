//! A verdict as text: the table of `check` and `policy evaluate`. The long form of `explain` stands
//! in [`explanation`].
//!
//! In: a verdict and, for the long form, the policy behind it. Out: plain text. A limit is shown
//! with the same number of decimals as its value, and with so many that the two never look equal
//! or turned round when they are not.

pub mod explanation;
pub mod json;

use crate::governance::policy::deny::DenyRule;
use crate::governance::policy::evaluate::{
    AGE_UNKNOWN, CONDITION_FALSE, CONVENTION, IMPLAUSIBLE, NO_VALUE, STALE, WRONG_UNIT,
};
use crate::governance::policy::verdict::{
    EXTRA_CHECKS_PASSED, Enforcement, Judgement, Verdict, Zone,
};
use crate::kernel::decimal::Decimal;
use crate::kernel::text::visible;
use crate::render::layout::{self, Bears, columns};

/// Decimals shown at least, where a value is no whole number.
const DECIMALS_MIN: u32 = 2;
/// Decimals to which values are rounded before they are judged.
const DECIMALS_MAX: u32 = 9;

/// The verdict as a table. Advisory criteria without a value are counted, not listed.
#[must_use]
pub fn table(verdict: &Verdict, width: usize) -> String {
    let columns = columns([
        ("criterion", Bears::Text),
        ("value", Bears::Number),
        ("limit", Bears::Number),
        ("score", Bears::Number),
        ("zone", Bears::Text),
        ("weight", Bears::Text),
        ("why", Bears::Note),
        ("to pass", Bears::Note),
    ]);
    let hidden = |j: &Judgement| {
        j.enforcement == Enforcement::Advisory && j.value.is_none() && j.zone != Zone::NotApplicable
    };
    let row = |judgement: &Judgement| {
        let decimals = decimals(judgement);
        vec![
            judgement.id.to_string(),
            value(judgement, decimals),
            limit(judgement, decimals),
            score(judgement),
            judgement.zone.as_str().to_owned(),
            weight(judgement.enforcement).to_owned(),
            reason(judgement),
            judgement.flip.clone().unwrap_or_default(),
        ]
    };
    let shown = ranked(verdict).filter(|j| !hidden(j));
    let rows: Vec<Vec<String>> = shown.map(row).collect();
    let mut text = headline(verdict);
    text.push('\n');
    text.push_str(&layout::table(&columns, &rows, width));
    let count = verdict.criteria.iter().filter(|j| hidden(j)).count();
    if count > 0 {
        text.push_str(&format!(
            "{count} advisory {} without a value not shown\n",
            if count == 1 { "criterion" } else { "criteria" }
        ));
    }
    text
}

/// Deny rules that are hit, and what to do about each.
#[must_use]
pub fn denied(rules: &[&DenyRule]) -> String {
    let line = |rule: &&DenyRule| {
        let (message, remedy) = (visible(&rule.message, 400), visible(&rule.remedy, 400));
        format!("denied by rule {}: {message}\n  next: {remedy}\n", rule.id)
    };
    rules.iter().map(line).collect()
}

/// The criteria that count before the advisory ones, each group by id.
fn ranked(verdict: &Verdict) -> impl Iterator<Item = &Judgement> {
    let (advisory, judged): (Vec<_>, Vec<_>) = verdict
        .criteria
        .iter()
        .partition(|j| j.enforcement == Enforcement::Advisory);
    judged.into_iter().chain(advisory)
}

/// One line with the outcome.
#[must_use]
pub fn headline(verdict: &Verdict) -> String {
    format!(
        "verdict: {} (target {}, profile {})\n",
        verdict.status(),
        verdict.target,
        verdict.profile
    )
}

/// The fewest decimals that show value and limits truthfully.
fn decimals(judgement: &Judgement) -> u32 {
    let limits: Vec<&Decimal> = std::iter::once(&judgement.floor)
        .chain(&judgement.target)
        .collect();
    let whole = |d: &Decimal| d.round(0) == *d;
    if limits.iter().all(|d| whole(d)) && judgement.value.as_ref().is_none_or(whole) {
        return 0;
    }
    (DECIMALS_MIN..DECIMALS_MAX)
        .find(|n| {
            limits.iter().all(|limit| {
                limit.round(*n) == **limit
                    && judgement
                        .value
                        .as_ref()
                        .is_none_or(|v| v.round(*n).cmp(limit) == v.cmp(limit))
            })
        })
        .unwrap_or(DECIMALS_MAX)
}

fn value(judgement: &Judgement, decimals: u32) -> String {
    match &judgement.value {
        Some(value) => value.to_fixed(decimals),
        None => "-".to_owned(),
    }
}

/// `≥ 0.80 / 1.00`: loose edge, and the strict one where there are two.
fn limit(judgement: &Judgement, decimals: u32) -> String {
    let floor = judgement.floor.to_fixed(decimals);
    let sign = judgement.op.sign();
    match &judgement.target {
        Some(target) => format!("{sign} {floor} / {}", target.to_fixed(decimals)),
        None => format!("{sign} {floor}"),
    }
}

/// The score with so many decimals that it lies on the right side of 0, the guard and 1.
fn score(judgement: &Judgement) -> String {
    let Some(score) = &judgement.score else {
        return String::new();
    };
    let edges = [&Decimal::zero(), &judgement.guard, &Decimal::from_int(1)];
    let decimals = (3..6)
        .find(|n| edges.iter().all(|e| score.round(*n).cmp(e) == score.cmp(e)))
        .unwrap_or(6);
    score.to_fixed(decimals)
}

fn weight(enforcement: Enforcement) -> &'static str {
    match enforcement {
        Enforcement::Hard => "hard",
        Enforcement::Soft => "soft",
        Enforcement::Advisory => "advisory",
    }
}

/// The reason in words.
fn reason(judgement: &Judgement) -> String {
    match judgement.reason.as_deref() {
        None => String::new(),
        Some(NO_VALUE) => "no value".to_owned(),
        Some(WRONG_UNIT) => format!("not in {}", judgement.unit.as_str()),
        Some(IMPLAUSIBLE) => "too good to be believed".to_owned(),
        Some(STALE) => "data too old".to_owned(),
        Some(AGE_UNKNOWN) => "age of the data not known".to_owned(),
        Some(CONVENTION) => "computed under other conventions".to_owned(),
        Some(CONDITION_FALSE) => "its condition does not hold".to_owned(),
        Some(EXTRA_CHECKS_PASSED) => "extra checks passed".to_owned(),
        Some(thin @ ("zero_variance" | "too_few_observations")) => {
            format!("insufficient evidence: {}", thin.replace('_', " "))
        }
        Some(other) => visible(&other.replace('_', " "), 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::facts::{Fact, Facts};
    use crate::governance::policy::evaluate::evaluate_bare;
    use crate::governance::policy::set::PolicySet;
    use crate::governance::stage::Target;
    use crate::kernel::id::ProfileId;
    use crate::metrics::{Metric, MetricKey, Sample};

    fn cells(value: &str) -> (String, String) {
        let set = PolicySet::embedded().unwrap();
        let policy = set
            .policy(&ProfileId::new("conservative").unwrap())
            .unwrap();
        let key = MetricKey::new(Metric::Sharpe, Sample::Oos);
        let mut fact = Fact::computed(key, Ok(0.0), "x");
        fact.value = Some(value.parse().unwrap());
        let facts = Facts::new([fact]).unwrap();
        let verdict = evaluate_bare(policy, &facts, Target::Shadow, None);
        let judgement = verdict
            .criteria
            .iter()
            .find(|j| j.id.as_str() == "sharpe_oos")
            .unwrap();
        let n = decimals(judgement);
        (super::value(judgement, n), limit(judgement, n))
    }

    #[test]
    fn value_and_limit_are_rounded_alike_and_never_look_equal_when_they_are_not() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(cells("0.8"), pair("0.80", "≥ 0.80 / 1.00"));
        assert_eq!(cells("0.7999"), pair("0.7999", "≥ 0.8000 / 1.0000"));
        assert_eq!(cells("0.996"), pair("0.996", "≥ 0.800 / 1.000"));
        assert_eq!(
            cells("0.799999999"),
            pair("0.799999999", "≥ 0.800000000 / 1.000000000")
        );
        assert_eq!(cells("1.23456"), pair("1.23", "≥ 0.80 / 1.00"));
    }
}
