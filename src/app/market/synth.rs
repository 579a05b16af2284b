//! Making synthetic bars in a workspace.

use std::collections::BTreeMap;

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::workspace::Workspace;
use crate::research::market::DataManifest;
use crate::research::market::manifest::Origin;
use crate::research::market::synth::{self, SynthPlan};

use super::StoredSeries;
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
) -> Result<DataReport, Failure> {
    let series = synth::generate(plan)
        .map_err(|e| Failure::from_error(Exit::Usage, "data.synth", "", &e))?;
    let origin = Origin::Generator {
        seed: plan.seed,
        parameters: parameters(plan),
    };
    let manifest = DataManifest::of(&series, origin, Vec::new())
        .ok_or_else(|| Failure::new(Exit::Internal, "data.synth", "the generator made no bar"))?;
    let written = store::is_needed(workspace, &series, replace)?;
    let mut stored = StoredSeries { series, manifest };
    let mut report = check_stored(workspace, &stored);
    stored.manifest.faults.clone_from(&report.figures.faults);
    if written {
        store::save(workspace, &stored.series, &stored.manifest)?;
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
