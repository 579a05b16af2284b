//! Reads one policy file, with every problem found at once, each with its place.
//!
//! In: the name and the text of a file such as `conservative.toml`. Out: a [`Policy`], or what is
//! wrong with it. Shape and spelling are checked here, sense in `lint`. docs/policies.md is the
//! description for those who write such files; a test reads its example.
//!
//! How a criterion is read says `load/criterion.rs`.

use toml::de::DeTable;

use super::lint;
use super::model::{Criterion, Policy};
use super::problem::{PolicyError, utf8};
use super::source::{Fields, Place, Placed, Source};
use crate::evidence::conventions::{GateConventions, WidthMax};
use crate::kernel::id::ProfileId;
use criterion::read_criterion;

mod criterion;

pub(super) use criterion::{OPS, Rest, read_question, read_references};

/// Largest policy file, in bytes.
pub const FILE_MAX_BYTES: usize = 1024 * 1024;

/// Most criteria in one policy.
const CRITERIA_MAX: usize = 1000;

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
