//! A rerun: what a bundle says is run again, from its configuration and the bars alone.
//!
//! In: manifest, `strategy.json`, `limits.json` and the bars whose digests the manifest names. Out:
//! the parts, from which the same `result_sha256` must come. Nothing else is taken from the bundle:
//! no series, no trade, no metric.

use std::collections::BTreeMap;

use super::options::{BlockSize, MonteCarloOptions, Scenario, StressOptions, StruckBar};
use super::outcome::{OutcomeError, Wanted, run};
use super::parts::{Origin, PartsError, further, parts};
use crate::evidence::bundle::{Further, Parts};
use crate::evidence::limits::Limits;
use crate::evidence::manifest::{DataSource, EvidenceKind, Manifest};
use crate::kernel::canonical::CanonicalError;
use crate::research::market::bar::BarSeries;
use crate::research::market::symbol::Symbol;
use crate::research::portfolio::configuration::Configuration;

/// Why a bundle cannot be run again.
#[derive(Debug, thiserror::Error)]
pub enum RerunError {
    /// Another kind of bundle.
    #[error("a bundle of kind `{0}` cannot be run again, only `robustness`")]
    Kind(&'static str),
    /// A JSON file that our engine did not write.
    #[error("`{0}`")]
    Json(&'static str, #[source] CanonicalError),
    /// Something in the manifest that our engine does not know.
    #[error("evidence.json: {0}")]
    Stated(String),
    /// Bars that are not there.
    #[error("no bars of {symbol} {timeframe} with the digest {sha256}")]
    Bars {
        /// Symbol.
        symbol: String,
        /// Timeframe.
        timeframe: String,
        /// Digest that the bundle names.
        sha256: String,
    },
    /// The run failed.
    #[error("the run failed")]
    Run(#[source] OutcomeError),
    /// The parts could not be put together.
    #[error("the parts could not be put together")]
    Parts(#[source] PartsError),
}

/// Runs `manifest` again. `bars` finds the bars for a data source: all bars up to and including
/// its last one; what it finds is compared with the digest.
///
/// # Errors
/// When the bundle is of another kind or cannot be understood, bars differ, or the run fails.
pub fn rerun(
    manifest: &Manifest,
    strategy: &[u8],
    limits: &[u8],
    bars: impl Fn(&DataSource) -> Option<BarSeries>,
) -> Result<(Parts, Further), RerunError> {
    if manifest.kind != EvidenceKind::Robustness {
        return Err(RerunError::Kind(manifest.kind.as_str()));
    }
    let configuration =
        Configuration::decode(strategy).map_err(|e| RerunError::Json("strategy.json", e))?;
    let limits = Limits::decode(limits).map_err(|e| RerunError::Json("limits.json", e))?;
    let wanted = wanted(manifest)?;
    let mut series: BTreeMap<Symbol, BarSeries> = BTreeMap::new();
    for source in &manifest.data {
        let found = bars(source).filter(|found| found.sha256() == source.sha256);
        let found = found.ok_or_else(|| RerunError::Bars {
            symbol: source.symbol.clone(),
            timeframe: source.timeframe.clone(),
            sha256: source.sha256.to_string(),
        })?;
        series.insert(found.symbol.clone(), found);
    }
    let outcome = run(&configuration, &series, &wanted).map_err(RerunError::Run)?;
    let origin = Origin {
        producer: manifest.producer.clone(),
        engine: manifest.engine.clone(),
        limits,
        // A rerun is no trial: it only has to come to the same result.
        trials: manifest.trials.clone(),
    };
    let mut again =
        parts(&configuration, &series, &wanted, &outcome, &origin).map_err(RerunError::Parts)?;
    again.seed = manifest.seed;
    let further = further(&outcome).map_err(RerunError::Parts)?;
    Ok((again, further))
}

/// The user's own runs, as the manifest states them.
fn wanted(manifest: &Manifest) -> Result<Wanted, RerunError> {
    let stated = |what: &dyn std::fmt::Display| RerunError::Stated(what.to_string());
    let monte_carlo = if manifest.mc.runs == 0 {
        None
    } else {
        Some(MonteCarloOptions {
            runs: manifest.mc.runs,
            method: manifest.mc.method.parse().map_err(|e| stated(&e))?,
            block: BlockSize::Bars(manifest.mc.block),
            seed: manifest.seed,
        })
    };
    let Some(first) = manifest.stress.first() else {
        return Ok(Wanted {
            monte_carlo,
            stress: None,
        });
    };
    let mut scenarios = Vec::new();
    for run in &manifest.stress {
        let alike = (&run.severity, run.window, &run.position, run.seed)
            == (&first.severity, first.window, &first.position, first.seed);
        match Scenario::named(&run.name) {
            Some(scenario) if alike => scenarios.push(scenario),
            _ => return Err(stated(&"stress runs that this engine does not write")),
        }
    }
    Ok(Wanted {
        monte_carlo,
        stress: Some(StressOptions {
            scenarios,
            severity: first.severity.clone(),
            window: first.window,
            position: StruckBar::named(&first.position)
                .ok_or_else(|| stated(&"a position that this engine does not write"))?,
            seed: first.seed,
        }),
    })
}
