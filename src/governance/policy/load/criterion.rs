//! Reads one criterion: its question, its edges, its weight, and what has nothing to do with these.
//!
//! In: a `[[criterion]]` table. Out: a [`Criterion`] with its place, or problems, each with its
//! place. Rules of denial ask their questions in the same words, so those are read here too.

use crate::governance::policy::lint;
use crate::governance::policy::model::{
    Condition, Criterion, ExtraCheck, GUARD_DEFAULT, REJECT_MARGIN_DEFAULT, Weights,
};
use crate::governance::policy::source::{Entry, Fields, Placed, Source};
use crate::governance::policy::verdict::{Enforcement, Op};
use crate::kernel::decimal::Decimal;
use crate::kernel::id::CriterionId;
use crate::kernel::unit::Unit;
use crate::metrics::{Metric, Sample};

/// Spellings of comparisons.
pub(in crate::governance::policy) const OPS: [(&str, Op); 4] = [
    ("ge", Op::Ge),
    ("le", Op::Le),
    ("gt", Op::Gt),
    ("lt", Op::Lt),
];

const UNITS: [(&str, Unit); 4] = [
    ("fraction", Unit::Fraction),
    ("ratio", Unit::Ratio),
    ("count", Unit::Count),
    ("days", Unit::Days),
];

const ENFORCEMENTS: [(&str, Enforcement); 3] = [
    ("hard", Enforcement::Hard),
    ("soft", Enforcement::Soft),
    ("advisory", Enforcement::Advisory),
];

/// One `[[criterion]]` table.
pub(super) fn read_criterion<'t>(
    source: &mut Source<'t>,
    mut fields: Fields<'_, 't>,
) -> Option<Placed<Criterion>> {
    let id = fields
        .required(source, "id")
        .and_then(|e| source.parsed::<CriterionId>(&e, "bad-id", ""));
    let question = read_question(source, &mut fields, "floor");
    let unit = fields.required(source, "unit").and_then(|e| {
        let unit = source.word(&e, "unknown-unit", &UNITS)?;
        lint::unit(source, question.as_ref().map(|q| q.metric), unit, &e.place);
        Some(unit)
    });
    let enforcement = fields
        .required(source, "enforcement")
        .and_then(|e| read_weights(source, e));
    let mut number = |source: &mut Source<'t>, name| {
        let entry = fields.optional(name)?;
        source.decimal(&entry)
    };
    let edges = lint::Edges {
        target: number(source, "target"),
        guard: number(source, "guard"),
        reject_margin: number(source, "reject_margin"),
        reject: number(source, "reject"),
        implausible_beyond: number(source, "implausible_beyond"),
    };
    let rest = read_rest(source, &mut fields);
    let place = id.as_ref().map_or(&fields.place, |id| &id.place).clone();
    source.finish(fields);
    let question = question?;
    lint::edges(
        source,
        question.op,
        question.metric,
        &question.limit,
        &edges,
    );
    lint::extra_checks_have_a_band(source, &edges, &rest, &place);
    let line = source.line_of(place.span.start);
    let or = |found: Option<Placed<Decimal>>, default: &str| match found {
        Some(found) => Some(found.value),
        None => default.parse().ok(),
    };
    let criterion = Criterion {
        id: id?.value,
        metric: question.metric,
        sample: question.sample,
        op: question.op,
        floor: question.limit.value,
        target: edges.target.map(|t| t.value),
        guard: or(edges.guard, GUARD_DEFAULT)?,
        reject_margin: or(edges.reject_margin, REJECT_MARGIN_DEFAULT)?,
        reject: edges.reject.map(|r| r.value),
        implausible_beyond: edges.implausible_beyond.map(|i| i.value),
        unit: unit?,
        enforcement: enforcement?,
        applicable_if: rest.applicable_if,
        max_age_days: rest.max_age_days,
        extra_checks: rest.extra_checks,
        control_refs: rest.control_refs,
        rationale: rest.rationale?,
        line,
    };
    Some(Placed {
        value: criterion,
        place,
    })
}

/// The four things that criteria, conditions and extra checks have in common.
pub(in crate::governance::policy) struct Question {
    pub(in crate::governance::policy) metric: Metric,
    pub(in crate::governance::policy) sample: Sample,
    pub(in crate::governance::policy) op: Op,
    pub(in crate::governance::policy) limit: Placed<Decimal>,
}

pub(in crate::governance::policy) fn read_question<'t>(
    source: &mut Source<'t>,
    fields: &mut Fields<'_, 't>,
    limit: &'static str,
) -> Option<Question> {
    let metric = fields
        .required(source, "metric")
        .and_then(|e| source.parsed::<Metric>(&e, "unknown-metric", &lint::metric_hint(&e)));
    let sample = fields.required(source, "sample").and_then(|e| {
        let hint = "full, oos, shadow, testnet, live, stress or mc is wanted";
        source.parsed::<Sample>(&e, "unknown-sample", hint)
    });
    let op = fields
        .required(source, "op")
        .and_then(|e| source.word(&e, "unknown-op", &OPS));
    let limit = fields
        .required(source, limit)
        .and_then(|e| source.decimal(&e));
    if let (Some(metric), Some(sample)) = (&metric, &sample) {
        lint::exists(source, metric.value, sample);
    }
    if let (Some(metric), Some(limit)) = (&metric, &limit) {
        lint::limit(source, metric.value, limit);
    }
    Some(Question {
        metric: metric?.value,
        sample: sample?.value,
        op: op?,
        limit: limit?,
    })
}

/// The fields of a criterion that have nothing to do with its edges.
pub(in crate::governance::policy) struct Rest {
    pub(in crate::governance::policy) applicable_if: Option<Condition>,
    pub(in crate::governance::policy) max_age_days: Option<u32>,
    pub(in crate::governance::policy) extra_checks: Vec<ExtraCheck>,
    pub(in crate::governance::policy) control_refs: Vec<String>,
    pub(in crate::governance::policy) rationale: Option<String>,
}

fn read_rest<'t>(source: &mut Source<'t>, fields: &mut Fields<'_, 't>) -> Rest {
    let applicable_if = fields
        .optional("applicable_if")
        .and_then(|e| source.table(e))
        .and_then(|mut table| {
            let question = read_question(source, &mut table, "value");
            source.finish(table);
            let question = question?;
            Some(Condition {
                metric: question.metric,
                sample: question.sample,
                op: question.op,
                value: question.limit.value,
            })
        });
    let max_age_days = fields
        .optional("max_age_days")
        .and_then(|e| source.whole(&e, 1));
    let checks = fields.optional("extra_checks");
    let checks = checks
        .and_then(|e| source.array(&e))
        .unwrap_or_default()
        .into_iter()
        .filter_map(|entry| {
            let mut table = source.table(entry)?;
            let question = read_question(source, &mut table, "floor");
            source.finish(table);
            let question = question?;
            Some(ExtraCheck {
                metric: question.metric,
                sample: question.sample,
                op: question.op,
                floor: question.limit.value,
            })
        })
        .collect();
    let control_refs = read_references(source, fields);
    let rationale = fields
        .required(source, "rationale")
        .and_then(|e| source.string(&e))
        .map(|r| r.value);
    Rest {
        applicable_if,
        max_age_days,
        extra_checks: checks,
        control_refs,
        rationale,
    }
}

/// `control_refs`: the controls that a criterion or a rule answers; none where it is left out.
pub(in crate::governance::policy) fn read_references<'t>(
    source: &mut Source<'t>,
    fields: &mut Fields<'_, 't>,
) -> Vec<String> {
    let references = fields.optional("control_refs");
    references
        .and_then(|e| source.array(&e))
        .unwrap_or_default()
        .iter()
        .filter_map(|entry| Some(source.string(entry)?.value))
        .collect()
}

fn read_weights<'t>(source: &mut Source<'t>, entry: Entry<'_, 't>) -> Option<Weights> {
    let toml::de::DeValue::Table(_) = entry.value else {
        return source
            .word(&entry, "unknown-enforcement", &ENFORCEMENTS)
            .map(Weights::same);
    };
    let mut table = source.table(entry)?;
    let mut at = |source: &mut Source<'t>, name| {
        let entry = table.required(source, name)?;
        source.word(&entry, "unknown-enforcement", &ENFORCEMENTS)
    };
    let (shadow, testnet, live) = (
        at(source, "shadow"),
        at(source, "testnet"),
        at(source, "live"),
    );
    source.finish(table);
    Some(Weights {
        shadow: shadow?,
        testnet: testnet?,
        live: live?,
    })
}
