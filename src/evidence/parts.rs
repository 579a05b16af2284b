//! Building a bundle: in-memory parts become files and the manifest that describes them.
//!
//! The tables are written first and read back, so that the metrics in the manifest are derived
//! from the very bytes that the gate will read, by the same function. What the parts must hold to
//! reconcile stands in [`super::series`] and [`super::trades`]. The caller signs the manifest's
//! bytes, if it has a key, and adds `evidence.json.sig`; nothing here sees one.

use super::bundle::{BundleError, Files, open, record_of};
use super::conventions::GateConventions;
use super::derive::measure;
use super::further::Further;
use super::given::Given;
use super::manifest::{
    self, Claim, Conventions, DataSource, Engine, EvidenceKind, FileRole, Manifest, MonteCarlo,
    OosKind, OosSample, PortfolioRef, Producer, Samples, Span, StressRun, Trials,
};
use super::path;
use super::result_digest::result_sha256;
use super::series::{self, FullSeries, OosSeries};
use super::trades::{self, Trade};
use super::windows::{Windows, spans_of};
use crate::kernel::canonical::{self, CanonicalError};
use crate::kernel::digest::Digest;
use crate::kernel::time::UtcTime;
use crate::metrics::Sample;
use crate::metrics::monte_carlo::Replicate;

/// The out-of-sample part and how it came about.
#[derive(Debug, Clone, PartialEq)]
pub struct OosPart {
    /// How it came about.
    pub kind: OosKind,
    /// The stitched test windows.
    pub series: OosSeries,
}

/// Everything that goes into a bundle.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// Kind of run.
    pub kind: EvidenceKind,
    /// Who will sign the manifest; none without a key.
    pub producer: Option<Producer>,
    /// What was tested.
    pub portfolio: PortfolioRef,
    /// The fully resolved configuration; see [`super::configuration`] for what must be in it.
    pub strategy: serde_json::Value,
    /// The execution limits.
    pub limits: serde_json::Value,
    /// What computed it.
    pub engine: Engine,
    /// The bars.
    pub data: Vec<DataSource>,
    /// Random seed of the producer's Monte-Carlo.
    pub seed: i64,
    /// The full (or the session's) series.
    pub full: FullSeries,
    /// The out-of-sample part.
    pub oos: Option<OosPart>,
    /// Trades, open ones too; none when nothing is known about trades. `sample` is filled in.
    pub trades: Option<Vec<Trade>>,
    /// Conventions behind the numbers.
    pub conventions: Conventions,
    /// The producer's stress scenarios, each with its stressed returns on the full series' times.
    pub stress: Vec<(StressRun, Vec<f64>)>,
    /// The producer's Monte-Carlo.
    pub mc: MonteCarlo,
    /// Its replicates, for people.
    pub replicates: Vec<Replicate>,
    /// Trials on the way here.
    pub trials: Trials,
    /// Another tool's numbers.
    pub claimed: Vec<Claim>,
    /// Further files for people: path and bytes.
    pub views: Vec<(String, Vec<u8>)>,
}

/// A bundle ready to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Built {
    /// Every file with `evidence.json` first; the signature is missing.
    pub files: Vec<(String, Vec<u8>)>,
    /// The manifest.
    pub manifest: Manifest,
    /// Digest of the manifest's bytes.
    pub evidence_sha256: Digest,
}

impl Built {
    /// The bytes of `evidence.json`, which the producer signs.
    #[must_use]
    pub fn manifest_bytes(&self) -> &[u8] {
        self.files.first().map_or(&[], |(_, bytes)| bytes)
    }

    /// The bundle with further files for people, such as reports that show its metrics. The judged
    /// part and `result_sha256` stay what they are.
    ///
    /// # Errors
    /// When a path is no view, is there already, or everything becomes too large.
    pub fn with_views(self, views: Vec<(String, Vec<u8>)>) -> Result<Self, BundleError> {
        let mut manifest = self.manifest;
        let mut files: Files = self.files.into_iter().skip(1).collect();
        for (path, bytes) in views {
            let record = record_of(&path, &bytes)?;
            if record.role != FileRole::View {
                return Err(BundleError::Stated(format!("`{path}` is no view")));
            }
            manifest.files.push(record);
            if files.insert(path.clone(), bytes).is_some() {
                return Err(BundleError::Stated(format!("two files for `{path}`")));
            }
        }
        manifest.files.sort_by(|a, b| a.path.cmp(&b.path));
        finish(manifest, files)
    }
}

/// Builds the files of a bundle; metrics are under the conventions of `gate`.
///
/// # Errors
/// When a part cannot be written: a number beyond the grammar, a text that canonical bytes cannot
/// hold, a path that no bundle has, too much of everything.
pub fn build(
    parts: &Parts,
    gate: &GateConventions,
    produced_at: UtcTime,
) -> Result<Built, BundleError> {
    build_with(parts, &Further::default(), gate, produced_at)
}

/// As [`build`], with further tables.
///
/// # Errors
/// As [`build`]; also for a table that a bundle of this kind does not have.
pub fn build_with(
    parts: &Parts,
    further: &Further,
    gate: &GateConventions,
    produced_at: UtcTime,
) -> Result<Built, BundleError> {
    let mut files = files_of(parts)?;
    for (path, bytes) in further.files()? {
        files.insert(path.to_owned(), bytes);
    }
    let mut manifest = manifest_of(parts, &files, produced_at)?;
    let bundle = open(manifest, &files, Digest::of(b""), None)?;
    let metrics = measure(&bundle, gate, produced_at, &Given::default()).records();
    manifest = bundle.manifest;
    manifest.metrics = metrics;
    manifest.result_sha256 = result_sha256(&manifest).map_err(BundleError::Manifest)?;
    finish(manifest, files)
}

fn finish(manifest: Manifest, files: Files) -> Result<Built, BundleError> {
    let bytes = canonical::encode(&manifest).map_err(BundleError::Manifest)?;
    let evidence_sha256 = Digest::of(&bytes);
    let mut all = vec![(manifest::FILE_NAME.to_owned(), bytes)];
    all.extend(files);
    let total: usize = all.iter().map(|(_, bytes)| bytes.len()).sum();
    if all.len() >= super::bundle::FILES_MAX || total > super::bundle::BYTES_MAX - 4096 {
        return Err(BundleError::TooLarge);
    }
    Ok(Built {
        files: all,
        manifest,
        evidence_sha256,
    })
}

fn files_of(parts: &Parts) -> Result<Files, BundleError> {
    let table = |path| move |error| BundleError::Table { path, error };
    let json = |path| move |error| BundleError::Json { path, error };
    let mut files = Files::new();
    let mut put = |path: &str, bytes: Vec<u8>| match files.insert(path.to_owned(), bytes) {
        None => Ok(()),
        Some(_) => Err(BundleError::Stated(format!("two files for `{path}`"))),
    };
    put(
        path::STRATEGY,
        canonical::encode(&parts.strategy).map_err(json(path::STRATEGY))?,
    )?;
    put(
        path::LIMITS,
        canonical::encode(&parts.limits).map_err(json(path::LIMITS))?,
    )?;
    put(path::FULL, parts.full.encode().map_err(table(path::FULL))?)?;
    if let Some(oos) = &parts.oos {
        put(path::OOS, oos.series.encode().map_err(table(path::OOS))?)?;
    }
    if let Some(trades) = &parts.trades {
        let sampled = with_samples(parts, trades);
        put(
            path::TRADES,
            trades::encode(&sampled).map_err(table(path::TRADES))?,
        )?;
    }
    for (run, returns) in &parts.stress {
        let bytes = series::encode_stress(&parts.full.times, returns);
        put(
            &format!("series/stress_{}.csv", run.name),
            bytes.map_err(table("series/stress_*.csv"))?,
        )?;
    }
    if !parts.replicates.is_empty() {
        let bytes = series::encode_replicates(&parts.replicates);
        put(path::REPLICATES, bytes.map_err(table(path::REPLICATES))?)?;
    }
    for (view, bytes) in &parts.views {
        match path::role_of(view).map_err(BundleError::Path)? {
            FileRole::View => put(view, bytes.clone())?,
            FileRole::Judged => return Err(BundleError::Stated(format!("`{view}` is no view"))),
        }
    }
    Ok(files)
}

fn with_samples(parts: &Parts, trades: &[Trade]) -> Vec<Trade> {
    let windows = parts
        .oos
        .as_ref()
        .map(|oos| Windows::of(&parts.full, &oos.series));
    let own = sample_of(parts.kind);
    let sample = |trade: &Trade| match &windows {
        Some(windows) if windows.hold(trade) => Sample::Oos,
        _ => own,
    };
    trades
        .iter()
        .map(|t| Trade {
            sample: sample(t),
            ..t.clone()
        })
        .collect()
}

/// The sample that `series/full.csv` of a bundle of this kind holds.
#[must_use]
pub fn sample_of(kind: EvidenceKind) -> Sample {
    match kind {
        EvidenceKind::Robustness | EvidenceKind::Import => Sample::Full,
        EvidenceKind::Shadow => Sample::Shadow,
        EvidenceKind::Testnet => Sample::Testnet,
        EvidenceKind::Live => Sample::Live,
    }
}

fn manifest_of(
    parts: &Parts,
    files: &Files,
    produced_at: UtcTime,
) -> Result<Manifest, BundleError> {
    let digest = |path: &str| Digest::of(files.get(path).map_or(&[][..], |bytes| bytes));
    let records = files.iter().map(|(path, bytes)| record_of(path, bytes));
    Ok(Manifest {
        schema: manifest::SCHEMA.to_owned(),
        kind: parts.kind,
        producer: parts.producer.clone(),
        portfolio: parts.portfolio.clone(),
        strategy_sha256: digest(path::STRATEGY),
        limits_sha256: digest(path::LIMITS),
        engine: parts.engine.clone(),
        data: parts.data.clone(),
        seed: parts.seed,
        rng: crate::metrics::random_stream::RNG.to_owned(),
        samples: samples_of(&parts.full, parts.oos.as_ref().map(|o| (o.kind, &o.series)))?,
        conventions: parts.conventions.clone(),
        stress: parts.stress.iter().map(|(run, _)| run.clone()).collect(),
        mc: parts.mc.clone(),
        trials: parts.trials.clone(),
        metrics: Vec::new(),
        claimed: parts.claimed.clone(),
        files: records.collect::<Result<_, _>>()?,
        produced_at,
        result_sha256: Digest::of(b""),
    })
}

/// The sample ranges of a full series and its out-of-sample part.
///
/// # Errors
/// When the series is empty.
pub(super) fn samples_of(
    full: &FullSeries,
    oos: Option<(OosKind, &OosSeries)>,
) -> Result<Samples, BundleError> {
    let empty = || BundleError::Manifest(CanonicalError::Shape("empty series".into()));
    let oos = oos.map(|(kind, series)| OosSample {
        kind,
        windows: spans_of(series),
    });
    let before = oos
        .as_ref()
        .and_then(|o| o.windows.first())
        .map(|w| w.first);
    let is = before.and_then(|first| {
        let end = full.times.partition_point(|t| *t < first);
        full.times.get(..end).and_then(span_of)
    });
    Ok(Samples {
        full: span_of(&full.times).ok_or_else(empty)?,
        is,
        oos,
    })
}

/// The range that `times` span; none without times.
pub(super) fn span_of(times: &[UtcTime]) -> Option<Span> {
    Some(Span {
        first: *times.first()?,
        last: *times.last()?,
        rows: i64::try_from(times.len()).ok()?,
    })
}
