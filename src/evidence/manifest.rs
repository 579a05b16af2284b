//! `evidence.json`: the manifest of a bundle, in canonical bytes.
//!
//! It lists the files with their digests, says how the numbers came about, and states the metrics
//! as its producer computed them. The gate believes none of those numbers: it derives them again
//! and compares. `result_sha256` covers what thread counts and reruns must reproduce;
//! `evidence_sha256` (the digest of the file's bytes) names one bundle.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId, ProfileId};
use crate::kernel::pubkey::Fingerprint;
use crate::kernel::time::UtcTime;
use crate::kernel::unit::Unit;
use crate::metrics::{Metric, Sample, Undefined};

/// The value of `schema`.
pub const SCHEMA: &str = "promote/evidence-bundle/v1";
/// Name of the manifest inside the bundle directory.
pub const FILE_NAME: &str = "evidence.json";

/// What kind of run the bundle documents. A request carries at most one bundle per kind.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// Backtest, walk-forward, Monte-Carlo and stress by our engine.
    Robustness,
    /// Shadow sessions.
    Shadow,
    /// Testnet sessions.
    Testnet,
    /// Live sessions.
    Live,
    /// Another tool's series.
    Import,
}

impl EvidenceKind {
    /// The wire spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Robustness => "robustness",
            Self::Shadow => "shadow",
            Self::Testnet => "testnet",
            Self::Live => "live",
            Self::Import => "import",
        }
    }
}

/// The manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: String,
    /// Kind of run.
    pub kind: EvidenceKind,
    /// Who produced and signed it; none without a key (sandboxes only).
    pub producer: Option<Producer>,
    /// What was tested.
    pub portfolio: PortfolioRef,
    /// Digest of `strategy.json`, the fully resolved configuration.
    pub strategy_sha256: Digest,
    /// Digest of `limits.json`, the execution limits.
    pub limits_sha256: Digest,
    /// What computed it.
    pub engine: Engine,
    /// The bars.
    pub data: Vec<DataSource>,
    /// Random seed of Monte-Carlo.
    pub seed: i64,
    /// Name of the random stream, such as `chacha8/stream-v1`.
    pub rng: String,
    /// Ranges of the samples.
    pub samples: Samples,
    /// Conventions behind the numbers.
    pub conventions: Conventions,
    /// Stress scenarios as the user asked for them.
    pub stress: Vec<StressRun>,
    /// Monte-Carlo as the user asked for it; `runs` is 0 when none ran.
    pub mc: MonteCarlo,
    /// Trials on the way here.
    pub trials: Trials,
    /// Metrics under the profile policy's conventions, sorted by metric and sample.
    pub metrics: Vec<MetricRecord>,
    /// Numbers that another tool claimed.
    pub claimed: Vec<Claim>,
    /// Every other file of the bundle, sorted by path.
    pub files: Vec<FileRecord>,
    /// When it was written; nothing depends on it.
    pub produced_at: UtcTime,
    /// Digest of the reproducible part.
    pub result_sha256: Digest,
}

/// Who produced a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Producer {
    /// Person.
    pub person: PersonId,
    /// Key that signed.
    pub key: Fingerprint,
}

/// Portfolio and its profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PortfolioRef {
    /// Portfolio.
    pub id: PortfolioId,
    /// Risk profile.
    pub profile: ProfileId,
}

/// The program that computed the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Engine {
    /// Program name.
    pub name: String,
    /// Version.
    pub version: String,
    /// Source revision, or `unknown`.
    pub commit: String,
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} (commit {})", self.name, self.version, self.commit)
    }
}

/// One series of bars that went in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataSource {
    /// Such as `BTC/EUR`.
    pub symbol: String,
    /// Such as `1h`.
    pub timeframe: String,
    /// Open time of the first bar used.
    pub first: UtcTime,
    /// Open time of the last bar used.
    pub last: UtcTime,
    /// Bars used.
    pub rows: i64,
    /// Digest of the bars' canonical rows (not of a file format).
    pub sha256: Digest,
    /// True when generated, for ever.
    pub synthetic: bool,
    /// True when a ledger entry registers this digest.
    pub registered: bool,
}

/// How the out-of-sample part came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OosKind {
    /// Refitted on each training window.
    WalkForward,
    /// Everything after the date at which development stopped.
    DevelopedUntil,
    /// Walk-forward windows with unchanged parameters.
    FixedParameters,
    /// The tool says so.
    Declared,
}

/// A half-open range of bars by their times: first and last bar inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Time of the first return inside.
    pub first: UtcTime,
    /// Time of the last return inside.
    pub last: UtcTime,
    /// Returns inside.
    pub rows: i64,
}

/// The out-of-sample part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OosSample {
    /// How it came about.
    pub kind: OosKind,
    /// Its test windows in order.
    pub windows: Vec<Span>,
}

/// Ranges of the samples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Samples {
    /// The whole series (of a session bundle: the session's).
    pub full: Span,
    /// Everything before the first out-of-sample window, if there is one.
    pub is: Option<Span>,
    /// Out of sample, if there is one.
    pub oos: Option<OosSample>,
}

/// Conventions behind the numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Conventions {
    /// Periods per year used by the producer.
    pub periods_per_year: Decimal,
    /// Annual risk-free rate, fraction.
    pub risk_free: Decimal,
    /// Delta degrees of freedom of standard deviations.
    pub ddof: i64,
    /// `next_open`, `same_close` or `unknown`.
    pub fill: String,
    /// Fee per side, fraction of notional; 0 when unstated.
    pub fee: Decimal,
    /// Slippage per side, half of the spread included, fraction of price; 0 when unstated.
    pub slippage: Decimal,
    /// How open positions are valued in the series.
    #[serde(default, skip_serializing_if = "is_market")]
    pub valuation: Valuation,
}

/// How open positions are valued.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Valuation {
    /// At the market, bar by bar.
    #[default]
    Market,
    /// Not at all: the series moves when a trade is closed, which hides losses until then.
    Realised,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_market(valuation: &Valuation) -> bool {
    *valuation == Valuation::Market
}

/// One stress scenario of the producer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StressRun {
    /// `single_crash_bar`, `vol_spike`, ...
    pub name: String,
    /// Severity, fraction.
    pub severity: Decimal,
    /// Window in bars, where the scenario has one.
    pub window: i64,
    /// `start`, `middle`, `end`, or `worst`: where the scenario hurts most.
    pub position: String,
    /// Seed; unused by deterministic scenarios.
    pub seed: i64,
}

/// Monte-Carlo of the producer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MonteCarlo {
    /// `simple`, `moving_block` or `stationary`; `none` when none ran.
    pub method: String,
    /// Runs.
    pub runs: i64,
    /// Block length in bars (mean length for `stationary`); 1 for `simple`.
    pub block: i64,
}

/// Trials on the way to this bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trials {
    /// How many; a lower bound.
    pub count: i64,
    /// Digests of their records.
    pub records: Vec<Digest>,
    /// True when no ledger was at hand that counted them; LIVE refuses such evidence.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unregistered: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_false(value: &bool) -> bool {
    !*value
}

/// One metric as its producer computed it: a value with a unit, or a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricRecord {
    /// Which metric.
    pub metric: Metric,
    /// On which sample.
    pub sample: Sample,
    /// The value at full precision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Decimal>,
    /// Its unit; present exactly when the value is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// Why there is no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undefined: Option<Undefined>,
    /// File and derivation.
    pub source: String,
}

/// A number that another tool printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Tool.
    pub tool: String,
    /// The tool's name for the number.
    pub name: String,
    /// The number as printed.
    pub value: String,
    /// The convention behind it, as far as it is known.
    pub convention: String,
}

/// Whether a file's content is judged or only for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileRole {
    /// Part of the result.
    Judged,
    /// For people only.
    View,
}

/// One file of the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileRecord {
    /// Path inside the bundle, `/` between parts, no `..`.
    pub path: String,
    /// Bytes.
    pub size: i64,
    /// Digest of the bytes.
    pub sha256: Digest,
    /// Judged or view.
    pub role: FileRole,
}
