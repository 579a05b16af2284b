//! Bundles: parts in, files with a manifest out; files in, a checked bundle out.
//!
//! [`build`] writes what [`check`] accepts. `check` believes nothing: canonical manifest, every
//! file listed once with its size and digest, nothing missing, nothing unlisted, judged files
//! judged, tables well formed, digests of configuration, limits and result as stated, and the
//! producer's signature over the manifest where there is one. Bytes that differ from what the
//! manifest says are an integrity failure ([`BundleError::is_integrity`], exit 9); everything else
//! is a malformed bundle (exit 3). Numbers are not compared here: see [`super::derive`].

use std::collections::{BTreeMap, BTreeSet};

use super::configuration::Configuration;
use super::limits::Limits;
use super::manifest::{self, EvidenceKind, FileRecord, FileRole, Manifest, MetricRecord, Producer};
use super::path::{self, PathError};
use super::result_digest::result_sha256;
use super::series::{FullSeries, OosSeries};
use super::table::TableError;
use super::trades::{self, Trade};
use crate::kernel::canonical::{self, CanonicalError, DOCUMENT_MAX_BYTES};
use crate::kernel::digest::Digest;
use crate::kernel::sshsig::{Envelope, SshsigError};
use crate::metrics::{Metric, MetricKey};

pub use super::further::Further;
pub use super::parts::{Built, OosPart, Parts, build, build_with};

/// Namespace of the producer's signature over `evidence.json`.
pub const NAMESPACE: &str = "evidence-v1@promote";
/// Most bytes in all files of a bundle together.
pub const BYTES_MAX: usize = 64 * 1024 * 1024;
/// Most files in a bundle.
pub const FILES_MAX: usize = 1000;
/// Most claims of an import, each of which may be compared with the series; one writes fewer.
const CLAIMS_MAX: usize = 400;

/// Why files are not a bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// No manifest.
    #[error("no evidence.json: this is not an evidence bundle")]
    NoManifest,
    /// The manifest is not canonical, or of another shape.
    #[error("evidence.json")]
    Manifest(#[source] CanonicalError),
    /// The manifest contradicts itself or the format.
    #[error("evidence.json: {0}")]
    Stated(String),
    /// A listed path does not belong into a bundle.
    #[error("evidence.json: files")]
    Path(#[source] PathError),
    /// Too many files or bytes.
    #[error("the bundle is too large: at most {FILES_MAX} files with 64 MiB together")]
    TooLarge,
    /// A file that the manifest does not list.
    #[error("`{0}` is not listed in evidence.json")]
    Unlisted(String),
    /// A listed file that is not there.
    #[error("`{0}` is listed in evidence.json, but missing")]
    Missing(String),
    /// A file that every bundle of this kind has.
    #[error("a bundle of kind `{kind}` has a file `{path}`, this one has none")]
    Wanted {
        /// Kind of bundle.
        kind: &'static str,
        /// The file.
        path: &'static str,
    },
    /// A file's bytes are not those of the manifest.
    #[error("`{0}` differs from evidence.json: another size or SHA-256")]
    Differs(String),
    /// `result_sha256` is not that of the manifest.
    #[error("evidence.json: result_sha256 does not belong to this manifest")]
    Result,
    /// A table is malformed.
    #[error("`{path}`")]
    Table {
        /// Which file.
        path: &'static str,
        /// What is wrong.
        #[source]
        error: TableError,
    },
    /// A JSON file is malformed.
    #[error("`{path}`")]
    Json {
        /// Which file.
        path: &'static str,
        /// What is wrong.
        #[source]
        error: CanonicalError,
    },
    /// The signature is malformed or not the producer's.
    #[error("evidence.json.sig: {0}")]
    Signature(String),
}

impl BundleError {
    /// True when bytes differ from what was stated or signed: exit 9 and no verdict at all.
    #[must_use]
    pub fn is_integrity(&self) -> bool {
        matches!(
            self,
            Self::Missing(_) | Self::Differs(_) | Self::Result | Self::Signature(_)
        )
    }
}

/// A bundle whose bytes are what its manifest says; its numbers are still only claims.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedBundle {
    /// The manifest.
    pub manifest: Manifest,
    /// Digest of the manifest's bytes: the name of this bundle.
    pub evidence_sha256: Digest,
    /// The producer's signature, which was there and holds.
    pub seal: Option<Seal>,
    /// The full (or the session's) series.
    pub full: FullSeries,
    /// The out-of-sample series.
    pub oos: Option<OosSeries>,
    /// Trades, when the bundle has a table of them.
    pub trades: Option<Vec<Trade>>,
    /// The part of the configuration that the gate reads.
    pub configuration: Configuration,
    /// The execution limits, where `limits.json` holds them in our form.
    pub limits: Option<Limits>,
    /// Regimes, trial blocks, orders, events.
    pub further: Further,
}

/// A producer's signature that holds over the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// Whose it is, as the manifest says and the key confirms.
    pub producer: Producer,
    /// Digest of `evidence.json.sig`.
    pub signature_sha256: Digest,
}

impl CheckedBundle {
    /// Digest of `series/full.csv`, which seeds the gate's resampling.
    #[must_use]
    pub fn full_sha256(&self) -> Option<Digest> {
        self.sha256_of(path::FULL)
    }

    /// Digest of one of its files.
    #[must_use]
    pub fn sha256_of(&self, path: &str) -> Option<Digest> {
        let files = &self.manifest.files;
        files.iter().find(|f| f.path == path).map(|f| f.sha256)
    }
}

/// Files by their path inside the bundle.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Checks the files of a bundle.
///
/// # Errors
/// When they are no bundle, or not the one that the manifest describes.
pub fn check(files: &Files) -> Result<CheckedBundle, BundleError> {
    let total: usize = files.values().map(Vec::len).sum();
    if files.len() > FILES_MAX || total > BYTES_MAX {
        return Err(BundleError::TooLarge);
    }
    let bytes = files
        .get(manifest::FILE_NAME)
        .ok_or(BundleError::NoManifest)?;
    let manifest: Manifest =
        canonical::decode(bytes, DOCUMENT_MAX_BYTES).map_err(BundleError::Manifest)?;
    check_manifest(&manifest)?;
    check_files(&manifest, files)?;
    let seal = check_signature(
        manifest.producer.as_ref(),
        bytes,
        files.get(path::SIGNATURE),
    )?;
    if result_sha256(&manifest).map_err(BundleError::Manifest)? != manifest.result_sha256 {
        return Err(BundleError::Result);
    }
    let evidence_sha256 = Digest::of(bytes);
    open(manifest, files, evidence_sha256, seal)
}

/// Reads the judged files of a bundle whose digests were checked, or that is just being built.
pub(super) fn open(
    manifest: Manifest,
    files: &Files,
    evidence_sha256: Digest,
    seal: Option<Seal>,
) -> Result<CheckedBundle, BundleError> {
    let wanted = |path: &'static str| {
        files.get(path).ok_or(BundleError::Wanted {
            kind: manifest.kind.as_str(),
            path,
        })
    };
    let table = |path| move |error| BundleError::Table { path, error };
    let json = |path| move |error| BundleError::Json { path, error };
    let strategy = wanted(path::STRATEGY)?;
    let limits = wanted(path::LIMITS)?;
    let stated = [
        (path::STRATEGY, strategy, manifest.strategy_sha256),
        (path::LIMITS, limits, manifest.limits_sha256),
    ];
    for (path, bytes, digest) in stated {
        if Digest::of(bytes) != digest {
            return Err(BundleError::Differs(path.to_owned()));
        }
    }
    canonical::check(limits, DOCUMENT_MAX_BYTES).map_err(json(path::LIMITS))?;
    let configuration = Configuration::decode(strategy).map_err(json(path::STRATEGY))?;
    let full = FullSeries::decode(wanted(path::FULL)?).map_err(table(path::FULL))?;
    let oos = match files.get(path::OOS) {
        Some(bytes) => Some(OosSeries::decode(bytes).map_err(table(path::OOS))?),
        None => None,
    };
    if oos.is_some() != manifest.samples.oos.is_some() {
        return Err(BundleError::Stated(
            "samples.oos and series/oos.csv come together or not at all".into(),
        ));
    }
    let trades = match files.get(path::TRADES) {
        Some(bytes) => Some(trades::decode(bytes).map_err(table(path::TRADES))?),
        None => None,
    };
    Ok(CheckedBundle {
        limits: Limits::decode(limits).ok(),
        further: Further::open(manifest.kind, files)?,
        manifest,
        evidence_sha256,
        seal,
        full,
        oos,
        trades,
        configuration,
    })
}

pub(super) fn check_manifest(manifest: &Manifest) -> Result<(), BundleError> {
    let refuse = |what: String| Err(BundleError::Stated(what));
    if manifest.schema != manifest::SCHEMA {
        return refuse(format!("schema is not `{}`", manifest::SCHEMA));
    }
    if manifest.mc.runs < 0 || manifest.trials.count < 0 || manifest.conventions.ddof < 0 {
        return refuse("mc.runs, trials.count and conventions.ddof are not negative".into());
    }
    for (a, b) in manifest.metrics.iter().zip(manifest.metrics.iter().skip(1)) {
        if (a.metric, a.sample) >= (b.metric, b.sample) {
            return refuse("metrics are not sorted by metric and sample, each once".into());
        }
    }
    if manifest.kind == EvidenceKind::Import && manifest.claimed.len() > CLAIMS_MAX {
        return refuse(format!("more than {CLAIMS_MAX} claims in an import"));
    }
    manifest.metrics.iter().try_for_each(check_metric)?;
    for (a, b) in manifest.files.iter().zip(manifest.files.iter().skip(1)) {
        if a.path >= b.path {
            return refuse("files are not sorted by path, each once".into());
        }
    }
    for file in &manifest.files {
        let role = path::role_of(&file.path).map_err(BundleError::Path)?;
        if role != file.role {
            return refuse(format!("`{}` has the wrong role", file.path));
        }
    }
    Ok(())
}

fn check_metric(record: &MetricRecord) -> Result<(), BundleError> {
    let key = MetricKey::new(record.metric, record.sample);
    let refuse = |what: &str| Err(BundleError::Stated(format!("metric `{key}` {what}")));
    if !key.is_known() {
        return refuse("does not exist on this sample");
    }
    match (&record.value, record.unit, record.undefined) {
        (Some(_), Some(unit), None) if unit == record.metric.unit() => Ok(()),
        (Some(_), Some(_), None) => refuse("has the wrong unit"),
        (None, None, Some(_)) => Ok(()),
        _ => refuse("wants a value with a unit, or a reason"),
    }
}

fn check_files(manifest: &Manifest, files: &Files) -> Result<(), BundleError> {
    let listed: BTreeSet<&str> = manifest.files.iter().map(|f| f.path.as_str()).collect();
    let unlisted = files.keys().find(|path| {
        let own = [manifest::FILE_NAME, path::SIGNATURE].contains(&path.as_str());
        !own && !listed.contains(path.as_str())
    });
    for record in &manifest.files {
        let bytes = files
            .get(&record.path)
            .ok_or_else(|| BundleError::Missing(record.path.clone()))?;
        let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        if size != record.size || Digest::of(bytes) != record.sha256 {
            return Err(BundleError::Differs(record.path.clone()));
        }
    }
    match unlisted {
        Some(path) => Err(BundleError::Unlisted(crate::kernel::text::visible(
            path, 120,
        ))),
        None => Ok(()),
    }
}

/// Checks the signature over the bytes of a manifest: of the producer that it names, by that
/// producer's key, and by nobody where it names nobody.
pub(super) fn check_signature(
    producer: Option<&Producer>,
    manifest: &[u8],
    signature: Option<&Vec<u8>>,
) -> Result<Option<Seal>, BundleError> {
    let refuse = |what: String| Err(BundleError::Signature(what));
    let (producer, signature) = match (producer, signature) {
        (None, None) => return Ok(None),
        (Some(_), None) => return refuse("missing, but evidence.json names a producer".into()),
        (None, Some(_)) => return refuse("there, but evidence.json names no producer".into()),
        (Some(producer), Some(signature)) => (producer, signature),
    };
    let text = match std::str::from_utf8(signature) {
        Ok(text) => text,
        Err(_) => return refuse("not UTF-8".into()),
    };
    let verified = || -> Result<Envelope, SshsigError> {
        let envelope = Envelope::from_armor(text)?;
        envelope.verify(NAMESPACE, manifest)?;
        Ok(envelope)
    };
    match verified() {
        // One spelling only: otherwise a byte of the armor could change unnoticed.
        Ok(envelope) if envelope.to_armor() != text => refuse("not in its one spelling".into()),
        Ok(envelope) if envelope.key.fingerprint() == producer.key => Ok(Some(Seal {
            producer: producer.clone(),
            signature_sha256: Digest::of(signature),
        })),
        Ok(_) => refuse("signed by another key than the producer's".into()),
        Err(e) => refuse(e.to_string()),
    }
}

/// The record of one file.
pub(super) fn record_of(path: &str, bytes: &[u8]) -> Result<FileRecord, BundleError> {
    Ok(FileRecord {
        path: path.to_owned(),
        size: i64::try_from(bytes.len()).map_err(|_| BundleError::TooLarge)?,
        sha256: Digest::of(bytes),
        role: path::role_of(path).map_err(BundleError::Path)?,
    })
}

/// True for metrics that only the gate fills in, at the evaluation.
#[must_use]
pub fn is_filled_in_later(metric: Metric) -> bool {
    matches!(
        metric,
        Metric::DataAgeDays
            | Metric::Dsr
            | Metric::DriftReturn
            | Metric::DriftVolatility
            | Metric::DriftDrawdown
            | Metric::DriftTrades
            | Metric::DriftSlippage
            | Metric::BookMaxDrawdown
            | Metric::BookCorrelationMax
            | Metric::BookExposure
    )
}

/// True when a bundle of this kind is about backtests and carries stress, resamples and
/// portfolio figures.
#[must_use]
pub fn is_research(kind: EvidenceKind) -> bool {
    matches!(kind, EvidenceKind::Robustness | EvidenceKind::Import)
}

/// True for a file that counts.
#[must_use]
pub fn is_judged(record: &FileRecord) -> bool {
    record.role == FileRole::Judged
}
