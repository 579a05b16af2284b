//! A difference between two policy sets, as text and as JSON.

use serde::Serialize;

use crate::governance::policy::diff::{Change, Diff, Overall};
use crate::kernel::text::visible;

/// `promote/policy-diff/v1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct DiffJson {
    /// `promote/policy-diff/v1`.
    #[schemars(extend("const" = "promote/policy-diff/v1"))]
    pub schema: &'static str,
    /// The difference.
    #[serde(flatten)]
    pub diff: Diff,
}

impl DiffJson {
    /// The document of `diff`.
    #[must_use]
    pub fn new(diff: Diff) -> Self {
        Self {
            schema: "promote/policy-diff/v1",
            diff,
        }
    }
}

/// One line per change, and the word over all of them.
#[must_use]
pub fn text(diff: &Diff) -> String {
    let mut out = String::new();
    for change in &diff.changes {
        out.push_str(&line(change));
    }
    let signatures = match diff.overall {
        Overall::Identical => "nothing to publish",
        Overall::Tightening => "one risk signature publishes it",
        Overall::Loosening => "the LIVE quorum and the root threshold publish it",
    };
    out.push_str(&format!(
        "{}: {} changes, {signatures}\n",
        diff.overall.as_str(),
        diff.changes.len()
    ));
    out
}

fn line(change: &Change) -> String {
    let value = |v: &Option<String>| v.as_ref().map(|v| visible(v, 200));
    let moved = match (value(&change.before), value(&change.after)) {
        (Some(before), Some(after)) => format!("{before} -> {after}"),
        (None, Some(after)) => format!("new: {after}"),
        (Some(before), None) => format!("gone: {before}"),
        (None, None) => String::new(),
    };
    let place = match change.field.as_str() {
        "" => visible(&change.place, 120),
        field => format!("{} {}", visible(&change.place, 120), visible(field, 120)),
    };
    let why = change.why.as_ref().map(|why| format!("\n          {why}"));
    format!(
        "{:<8}  {place}: {moved}{}\n",
        change.direction.as_str(),
        why.unwrap_or_default()
    )
}
