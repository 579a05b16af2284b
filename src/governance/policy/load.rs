//! Reads one policy file, with every problem found at once, each with its place.
//!
//! In: the name and the text of a file such as `conservative.toml`. Out: a [`Policy`], or what is
//! wrong with it. Shape and spelling are checked here, sense in `lint`. docs/policies.md is the
//! description for those who write such files; a test reads its example.

use toml::de::DeTable;

use super::lint;
use super::model::{
    Condition, Criterion, ExtraCheck, GUARD_DEFAULT, Policy, REJECT_MARGIN_DEFAULT, Weights,
};
use super::problem::{PolicyError, utf8};
use super::source::{Entry, Fields, Place, Placed, Source};
use super::verdict::{Enforcement, Op};
use crate::evidence::conventions::{GateConventions, WidthMax};
use crate::kernel::decimal::Decimal;
use crate::kernel::id::{CriterionId, ProfileId};
use crate::kernel::unit::Unit;
use crate::metrics::{Metric, Sample};

/// Largest policy file, in bytes.
pub const FILE_MAX_BYTES: usize = 1024 * 1024;

/// Most criteria in one policy.
const CRITERIA_MAX: usize = 1000;

pub(super) const OPS: [(&str, Op); 4] = [
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

/// Reads the policy file `file` with content `bytes`.
///
/// # Errors
/// Every problem in it.
pub fn load_policy(file: &str, bytes: &[u8]) -> Result<Policy, Vec<PolicyError>> {
    let text = text_of(file, bytes).map_err(|e| vec![*e])?;
    with_table(file, text, |source, root| {
        let policy = read_policy(source, root);
        if let Some(policy) = &policy {
            lint::whole(source, policy);
        }
        policy
    })
}

/// The bytes as text of bearable size.
pub(super) fn text_of<'b>(file: &str, bytes: &'b [u8]) -> Result<&'b str, Box<PolicyError>> {
    if bytes.len() > FILE_MAX_BYTES {
        let message = format!("{} bytes, the limit is {FILE_MAX_BYTES}", bytes.len());
        return Err(Box::new(PolicyError::whole(file, "too-large", message)));
    }
    utf8(file, bytes)
}

/// Parses `text` and reads it with `read`; a value comes back only when nothing was wrong.
pub(super) fn with_table<T>(
    file: &str,
    text: &str,
    read: impl for<'t> FnOnce(&mut Source<'t>, &DeTable<'t>) -> Option<T>,
) -> Result<T, Vec<PolicyError>> {
    let root = DeTable::parse(text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        let message = crate::kernel::text::visible(error.message(), 200);
        vec![PolicyError::at(
            file,
            text,
            span,
            "not-toml",
            format!("not valid TOML: {message}"),
        )]
    })?;
    let mut source = Source {
        file,
        text,
        problems: Vec::new(),
    };
    let value = read(&mut source, root.get_ref());
    let mut problems = source.problems;
    problems.sort_by_key(|p| p.line);
    match value {
        Some(value) if problems.is_empty() => Ok(value),
        None if problems.is_empty() => Err(vec![PolicyError::whole(
            file,
            "unreadable",
            "could not be read",
        )]),
        _ => Err(problems),
    }
}

/// The place of the file as a whole: its first line.
pub(super) fn top(text: &str) -> Place {
    Place {
        key: String::new(),
        span: 0..text.find('\n').unwrap_or(text.len()),
    }
}

fn read_policy<'t>(source: &mut Source<'t>, root: &DeTable<'t>) -> Option<Policy> {
    let mut fields = source.fields(top(source.text), root);
    let profile = fields
        .required(source, "profile")
        .and_then(|e| source.parsed::<ProfileId>(&e, "bad-id", ""));
    if let Some(profile) = &profile {
        check_stem(source, profile);
    }
    let version = fields
        .required(source, "version")
        .and_then(|e| source.string(&e));
    let description = fields
        .optional("description")
        .and_then(|e| source.string(&e));
    let conventions = fields
        .required(source, "conventions")
        .and_then(|e| source.table(e))
        .and_then(|table| read_conventions(source, table));
    let tables = fields
        .required(source, "criterion")
        .and_then(|e| source.array(&e))
        .unwrap_or_default();
    source.finish(fields);
    let count = tables.len();
    if let Some(over) = tables.get(CRITERIA_MAX) {
        let message = format!("{count} criteria, the limit is {CRITERIA_MAX}");
        source.report(&over.place.clone(), "too-large", message);
        return None;
    }
    let mut criteria = Vec::new();
    for entry in tables {
        if let Some(table) = source.table(entry) {
            criteria.extend(read_criterion(source, table));
        }
    }
    lint::unique(source, &criteria);
    let complete = criteria.len() == count;
    let mut criteria: Vec<Criterion> = criteria.into_iter().map(|c| c.value).collect();
    criteria.sort_by(|a, b| a.id.cmp(&b.id));
    Some(Policy {
        profile: profile?.value,
        version: version?.value,
        description: description.map(|d| d.value).unwrap_or_default(),
        file: source.file.to_owned(),
        conventions: conventions?,
        criteria: complete.then_some(criteria)?,
    })
}

fn check_stem(source: &mut Source<'_>, profile: &Placed<ProfileId>) {
    if source.file != format!("{}.toml", profile.value) {
        let message = format!(
            "the profile is `{}`, so the file must be called `{}.toml`",
            profile.value, profile.value
        );
        source.report(&profile.place, "wrong-file-name", message);
    }
}

fn read_conventions<'t>(
    source: &mut Source<'t>,
    mut table: Fields<'_, 't>,
) -> Option<GateConventions> {
    let fraction = |source: &mut Source<'t>, table: &mut Fields<'_, 't>, name| {
        let entry = table.required(source, name)?;
        let value = source.decimal(&entry)?;
        lint::fraction(source, &value).then_some(value.value)
    };
    let risk_free = fraction(source, &mut table, "risk_free");
    let fee_min = fraction(source, &mut table, "fee_min");
    let slippage_min = fraction(source, &mut table, "slippage_min");
    let crash_severity = fraction(source, &mut table, "crash_severity");
    let vol_spike_severity = fraction(source, &mut table, "vol_spike_severity");
    let vol_spike_window = table
        .required(source, "vol_spike_window")
        .and_then(|e| source.whole(&e, 1));
    let methods = ["simple", "moving_block", "stationary"].map(|m| (m, m));
    let mc_method = table
        .required(source, "mc_method")
        .and_then(|e| source.word(&e, "unknown-method", &methods));
    let mc_runs = table
        .required(source, "mc_runs")
        .and_then(|e| source.whole(&e, 1));
    let mc_block = table
        .required(source, "mc_block")
        .and_then(|e| source.word(&e, "unknown-block-rule", &[("cube_root", "cube_root")]));
    let mc_sharpe_floor = table
        .required(source, "mc_sharpe_floor")
        .and_then(|e| source.decimal(&e));
    let contract_width_max = match table.optional("contract_width_max") {
        None => None,
        Some(entry) => {
            let widths = source.table(entry);
            Some(widths.and_then(|widths| read_widths(source, widths))?)
        }
    };
    source.finish(table);
    Some(GateConventions {
        risk_free: risk_free?,
        fee_min: fee_min?,
        slippage_min: slippage_min?,
        crash_severity: crash_severity?,
        vol_spike_severity: vol_spike_severity?,
        vol_spike_window: vol_spike_window?,
        mc_method: mc_method?.to_owned(),
        mc_runs: mc_runs?,
        mc_block: mc_block?.to_owned(),
        mc_sharpe_floor: mc_sharpe_floor?.value,
        contract_width_max,
    })
}

fn read_widths<'t>(source: &mut Source<'t>, mut table: Fields<'_, 't>) -> Option<WidthMax> {
    let width = |source: &mut Source<'t>, table: &mut Fields<'_, 't>, name| {
        let entry = table.required(source, name)?;
        let value = source.decimal(&entry)?;
        lint::positive(source, &value).then_some(value.value)
    };
    let total_return = width(source, &mut table, "total_return");
    let volatility = width(source, &mut table, "volatility");
    let max_drawdown = width(source, &mut table, "max_drawdown");
    let trades = width(source, &mut table, "trades");
    let slippage = width(source, &mut table, "slippage");
    source.finish(table);
    Some(WidthMax {
        total_return: total_return?,
        volatility: volatility?,
        max_drawdown: max_drawdown?,
        trades: trades?,
        slippage: slippage?,
    })
}

/// The four things that criteria, conditions and extra checks have in common.
pub(super) struct Question {
    pub(super) metric: Metric,
    pub(super) sample: Sample,
    pub(super) op: Op,
    pub(super) limit: Placed<Decimal>,
}

pub(super) fn read_question<'t>(
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

fn read_criterion<'t>(
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

/// The fields of a criterion that have nothing to do with its edges.
pub(super) struct Rest {
    pub(super) applicable_if: Option<Condition>,
    pub(super) max_age_days: Option<u32>,
    pub(super) extra_checks: Vec<ExtraCheck>,
    pub(super) control_refs: Vec<String>,
    pub(super) rationale: Option<String>,
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
pub(super) fn read_references<'t>(
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
