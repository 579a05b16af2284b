//! `evidence verify --rerun`: the same run again, from the bundle's configuration and somebody's
//! own bars, to the same `result_sha256`.
//!
//! In: the files of a checked bundle and a folder with bars. Limits and seed come from the bundle,
//! nothing of its numbers does. No trial is counted and nothing is written.

use std::path::Path;

use serde::Serialize;

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::market::load_from;
use crate::evidence::bundle::{CheckedBundle, Files, build_with, is_judged};
use crate::evidence::conventions::GateConventions;
use crate::evidence::manifest::{DataSource, Manifest};
use crate::evidence::path;
use crate::kernel::digest::Digest;
use crate::research::market::{BarSeries, Symbol, Timeframe};
use crate::research::robustness::rerun::{RerunError, rerun as run_again};

/// What a rerun came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct RerunJson {
    /// True when the result is the same.
    pub same: bool,
    /// Digest that the rerun reached.
    pub result_sha256: Digest,
    /// What differs, when it is not the same: judged files, or parts of the manifest.
    pub differs: Vec<String>,
}

impl RerunJson {
    /// One line for people.
    #[must_use]
    pub fn line(&self) -> String {
        let differs = self.differs.join(", ");
        match self.same {
            true => format!("rerun: the same result_sha256 {}\n", self.result_sha256),
            false => format!(
                "rerun: another result_sha256 {}, different in {differs}\n",
                self.result_sha256
            ),
        }
    }
}

/// Runs a bundle again on the bars in the folder `data`.
///
/// # Errors
/// Exit 3 when the bundle cannot be run again, or its bars are not in the folder.
pub fn rerun(
    files: &Files,
    bundle: &CheckedBundle,
    gate: &GateConventions,
    data: &Path,
) -> Result<RerunJson, Failure> {
    let stated = &bundle.manifest;
    let bytes = |path: &str| files.get(path).map_or(&[][..], |bytes| bytes);
    let mut loaded = Vec::new();
    for source in &stated.data {
        loaded.extend(bars(data, source)?.map(|series| (source.clone(), series)));
    }
    let found = |source: &DataSource| {
        loaded
            .iter()
            .find(|(named, _)| named == source)
            .map(|(_, series)| series.clone())
    };
    let parts = run_again(stated, bytes(path::STRATEGY), bytes(path::LIMITS), found);
    let (parts, further) = parts.map_err(|e| {
        let failure = Failure::from_error(Exit::Invalid, "evidence.rerun", "", &e);
        match e {
            RerunError::Bars { .. } => failure.hint(
                "fetch the same bars, import them (`promote data import FILE --symbol SYMBOL --timeframe LENGTH`), and name the folder with --data",
            ),
            _ => failure,
        }
    })?;
    let again = build_with(&parts, &further, gate, stated.produced_at)
        .map_err(|e| super::refused(&e))?
        .manifest;
    let same = again.result_sha256 == stated.result_sha256;
    Ok(RerunJson {
        same,
        result_sha256: again.result_sha256,
        differs: if same {
            Vec::new()
        } else {
            differences(stated, &again)
        },
    })
}

/// The bars that `source` names, up to and including its last one; none when they are not there.
fn bars(folder: &Path, source: &DataSource) -> Result<Option<BarSeries>, Failure> {
    let wanted = source
        .symbol
        .parse::<Symbol>()
        .ok()
        .zip(source.timeframe.parse::<Timeframe>().ok());
    let Some((symbol, timeframe)) = wanted else {
        return Ok(None);
    };
    match load_from(folder, &symbol, timeframe) {
        Ok(stored) => Ok(Some(
            stored
                .series
                .between(None, Some(source.last.plus_millis(1))),
        )),
        Err(absent) if absent.slug == "data.absent" => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn differences(stated: &Manifest, again: &Manifest) -> Vec<String> {
    let mut differs: Vec<String> = stated
        .files
        .iter()
        .chain(&again.files)
        .filter(|file| is_judged(file))
        .filter(|file| !(stated.files.contains(file) && again.files.contains(file)))
        .map(|file| file.path.clone())
        .collect();
    let measured = |manifest: &Manifest| {
        let all = manifest.metrics.iter();
        all.filter(|m| !crate::evidence::bundle::is_filled_in_later(m.metric))
            .cloned()
            .collect::<Vec<_>>()
    };
    let parts = [
        ("data", stated.data != again.data),
        ("samples", stated.samples != again.samples),
        ("conventions", stated.conventions != again.conventions),
        ("stress", stated.stress != again.stress),
        ("mc", stated.mc != again.mc || stated.rng != again.rng),
        ("metrics", measured(stated) != measured(again)),
    ];
    differs.extend(
        parts
            .iter()
            .filter(|(_, other)| *other)
            .map(|(name, _)| (*name).to_owned()),
    );
    differs.sort();
    differs.dedup();
    differs
}
