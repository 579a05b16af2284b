//! The list of overrides.

use serde::Serialize;

use super::desk::Desk;
use crate::kernel::id::{PersonId, PortfolioId};
use crate::kernel::text::visible;
use crate::render::register::overrides::OverrideLine;

/// `promote/overrides/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct OverridesJson {
    schema: &'static str,
    overrides: Vec<OverrideLine>,
}

/// Overrides in the order in which they were recorded.
#[must_use]
pub fn list(desk: &Desk, only: Option<&PortfolioId>) -> OverridesJson {
    let all = desk.state.safety.overrides.iter();
    let wanted = all.filter(|o| only.is_none_or(|only| *only == o.act.portfolio));
    let overrides = wanted.map(|o| OverrideLine::new(o, desk.now));
    OverridesJson {
        schema: "promote/overrides/v1",
        overrides: overrides.collect(),
    }
}

/// The list as text.
#[must_use]
pub fn text(view: &OverridesJson) -> String {
    if view.overrides.is_empty() {
        return "no overrides\n".to_owned();
    }
    let mut out = String::new();
    for o in &view.overrides {
        let names: Vec<&str> = o.signed_by.iter().map(PersonId::as_str).collect();
        out.push_str(&format!(
            "{}: {} of {} at {}, until {}, by {}\n  {}\n",
            o.seq,
            o.criterion,
            o.portfolio,
            o.target,
            o.until,
            names.join(" and "),
            visible(&o.reason, 400)
        ));
        for request in &o.used_by {
            out.push_str(&format!("  used by {request}\n"));
        }
        match (&o.reviewed_by, &o.finding, o.review_due) {
            (Some(by), Some(finding), _) => {
                out.push_str(&format!("  reviewed by {by}: {}\n", visible(finding, 400)));
            }
            (_, _, Some(due)) => out.push_str(&format!(
                "  review due at {due}\n  next: promote override review {} --finding TEXT --key KEY\n",
                o.seq
            )),
            _ => {}
        }
        if let Some(missed) = o.missed_at {
            out.push_str(&format!("  review missed at {missed}\n"));
        }
    }
    out
}
