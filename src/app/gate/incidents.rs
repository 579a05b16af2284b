//! The list of incidents.

use serde::Serialize;

use super::desk::Desk;
use crate::kernel::id::PortfolioId;
use crate::kernel::text::visible;
use crate::render::register::incidents::IncidentLine;

/// `promote/incidents/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct IncidentsJson {
    schema: &'static str,
    incidents: Vec<IncidentLine>,
}

/// Incidents in the order in which they were opened.
#[must_use]
pub fn list(desk: &Desk, only: Option<&PortfolioId>, open: bool) -> IncidentsJson {
    let all = desk.state.safety.incidents.iter();
    let wanted = all
        .filter(|i| only.is_none_or(|only| *only == i.opening.portfolio))
        .filter(|i| !open || i.closed.is_none());
    let incidents = wanted.map(|i| IncidentLine::new(&desk.state, i, desk.now));
    IncidentsJson {
        schema: "promote/incidents/v1",
        incidents: incidents.collect(),
    }
}

/// The list as text.
#[must_use]
pub fn text(view: &IncidentsJson) -> String {
    if view.incidents.is_empty() {
        return "no incidents\n".to_owned();
    }
    let mut out = String::new();
    for i in &view.incidents {
        out.push_str(&format!(
            "{}: {} ({}, {}), opened {} by {}\n  {}\n",
            i.seq,
            i.portfolio,
            i.class.as_str(),
            i.severity.as_str(),
            i.opened_at,
            i.opened_by,
            visible(&i.summary, 400)
        ));
        match (i.closed_at, &i.closed_by, &i.finding) {
            (Some(at), Some(by), Some(finding)) => {
                out.push_str(&format!(
                    "  closed {at} by {by}: {}\n",
                    visible(finding, 400)
                ));
            }
            _ => out.push_str(&format!(
                "  open\n  next: promote incident close {} --finding TEXT --key KEY\n",
                i.seq
            )),
        }
    }
    out
}
