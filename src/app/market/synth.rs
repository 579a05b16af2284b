//! Making synthetic bars in a workspace.

use std::collections::BTreeMap;

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::moment::Moment;
use crate::app::workspace::Workspace;
use crate::research::market::manifest::Origin;
use crate::research::market::synth::{self, SynthPlan};

use super::import::check_stored;
use super::report::DataReport;
use super::store::{self, Replace};

/// Makes the bars of `plan` and stores them.
///
/// # Errors
/// Exit 2 when a parameter is out of range, exit 7 when other bars are in the way.
pub fn make(
    workspace: &Workspace,
    plan: &SynthPlan,
    replace: Replace,
    moment: Moment,
) -> Result<DataReport, Failure> {
    let series = synth::generate(plan)
        .map_err(|e| Failure::from_error(Exit::Usage, "data.synth", "", &e))?;
    let origin = Origin::Generator {
        seed: plan.seed,
        parameters: parameters(plan),
    };
    let written = store::is_needed(workspace, &series, replace)?;
    let mut report = check_stored(workspace, &series, moment);
    if written {
        store::save(workspace, &series, origin, report.figures.faults.clone())?;
    }
    report.written = written;
    Ok(report)
}

fn parameters(plan: &SynthPlan) -> BTreeMap<String, String> {
    let pairs = [
        ("start", plan.start.to_string()),
        ("bars", plan.bars.to_string()),
        ("price", plan.price.to_string()),
        ("volatility", plan.volatility.to_string()),
        ("drift", plan.drift.to_string()),
        ("reversion", plan.reversion.to_string()),
        ("gaps", plan.gaps.to_string()),
    ];
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
