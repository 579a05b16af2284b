//! How a derived bundle is shown: as JSON, and as lines for people. Only derived values appear;
//! reports inside the bundle are never shown.

use std::path::Path;

use serde::Serialize;

use crate::app::exit::Exit;
#[cfg(feature = "research")]
use crate::app::gate::tracking::RecordedJson;
use crate::evidence::bundle::{Built, CheckedBundle};
use crate::evidence::derive::Derived;
use crate::evidence::facts::Fact;
use crate::evidence::finding::Finding;
use crate::evidence::manifest::{Claim, EvidenceKind, MetricRecord};
use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;
use crate::kernel::text::visible;
use crate::kernel::unit::Unit;
use crate::metrics::{Metric, Sample, Undefined};

/// `promote/evidence/v1`: what `evidence import`, `evidence show` and `robustness` print.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct EvidenceJson {
    schema: &'static str,
    /// Directory of the bundle.
    pub evidence: String,
    /// Digest of the manifest.
    pub evidence_sha256: Digest,
    /// Digest of the reproducible part.
    pub result_sha256: Digest,
    /// Kind of bundle.
    pub kind: EvidenceKind,
    /// Derived values.
    pub metrics: Vec<MetricJson>,
    /// Another tool's numbers.
    pub claimed: Vec<Claim>,
}

/// One derived value.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct MetricJson {
    /// Metric.
    pub metric: Metric,
    /// Sample.
    pub sample: Sample,
    /// Value, rounded half-even to 9 decimals; null when undefined.
    pub value: Option<Decimal>,
    /// Unit.
    pub unit: Unit,
    /// Why there is no value.
    pub reason: Option<Undefined>,
}

/// `promote/evidence-verification/v1`: what `evidence verify` prints.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct VerificationJson {
    schema: &'static str,
    /// True when there is no fault.
    pub ok: bool,
    /// Directory of the bundle.
    pub evidence: String,
    /// Digest of the manifest.
    pub evidence_sha256: Digest,
    /// Digest of the reproducible part.
    pub result_sha256: Digest,
    /// Kind of bundle.
    pub kind: EvidenceKind,
    /// Person and key whose signature holds; null when unsigned.
    pub signed_by: Option<String>,
    /// What a rerun came to, where one was asked for.
    #[cfg(feature = "research")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rerun: Option<super::rerun::RerunJson>,
    /// What the ledger recorded of it, where it was signed.
    #[cfg(feature = "research")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<RecordedJson>,
    /// What was seen.
    pub findings: Vec<Finding>,
    /// Derived values.
    pub metrics: Vec<MetricJson>,
    /// Another tool's numbers.
    pub claimed: Vec<Claim>,
}

impl VerificationJson {
    /// Exit code: 9 when a rerun came to another result, 3 when there is a fault, else 0.
    #[must_use]
    pub fn exit(&self) -> Exit {
        #[cfg(feature = "research")]
        if self.rerun.as_ref().is_some_and(|rerun| !rerun.same) {
            return Exit::Integrity;
        }
        if self.ok { Exit::Done } else { Exit::Invalid }
    }

    /// Adds what a rerun came to.
    #[cfg(feature = "research")]
    #[must_use]
    pub fn with_rerun(mut self, rerun: super::rerun::RerunJson) -> Self {
        self.ok = self.ok && rerun.same;
        self.rerun = Some(rerun);
        self
    }

    /// Adds what the ledger recorded of the rerun.
    #[cfg(feature = "research")]
    #[must_use]
    pub fn with_recorded(mut self, recorded: RecordedJson) -> Self {
        self.recorded = Some(recorded);
        self
    }
}

/// The bundle in `dir` as `promote/evidence/v1`.
#[must_use]
pub fn evidence_json(dir: &Path, bundle: &CheckedBundle, derived: &Derived) -> EvidenceJson {
    EvidenceJson {
        schema: "promote/evidence/v1",
        evidence: dir.display().to_string(),
        evidence_sha256: bundle.evidence_sha256,
        result_sha256: bundle.manifest.result_sha256,
        kind: bundle.manifest.kind,
        metrics: derived.facts.iter().map(metric_json).collect(),
        claimed: bundle.manifest.claimed.clone(),
    }
}

/// The bundle in `dir` as `promote/evidence-verification/v1`.
#[must_use]
pub fn verification_json(
    dir: &Path,
    bundle: &CheckedBundle,
    derived: &Derived,
) -> VerificationJson {
    let evidence = evidence_json(dir, bundle, derived);
    VerificationJson {
        schema: "promote/evidence-verification/v1",
        ok: !derived.has_faults(),
        evidence: evidence.evidence,
        evidence_sha256: evidence.evidence_sha256,
        result_sha256: evidence.result_sha256,
        kind: evidence.kind,
        signed_by: signed_by(bundle),
        #[cfg(feature = "research")]
        rerun: None,
        #[cfg(feature = "research")]
        recorded: None,
        findings: derived.findings.clone(),
        metrics: evidence.metrics,
        claimed: evidence.claimed,
    }
}

/// A bundle just written to `dir` as `promote/evidence/v1`: what its manifest states was derived a
/// moment ago by the gate's own function, so it is not derived again.
#[must_use]
pub fn built_json(dir: &Path, built: &Built) -> EvidenceJson {
    EvidenceJson {
        schema: "promote/evidence/v1",
        evidence: dir.display().to_string(),
        evidence_sha256: built.evidence_sha256,
        result_sha256: built.manifest.result_sha256,
        kind: built.manifest.kind,
        metrics: built.manifest.metrics.iter().map(record_json).collect(),
        claimed: built.manifest.claimed.clone(),
    }
}

fn record_json(record: &MetricRecord) -> MetricJson {
    MetricJson {
        metric: record.metric,
        sample: record.sample,
        value: record.value.as_ref().map(Decimal::judged),
        unit: record.metric.unit(),
        reason: record.undefined,
    }
}

fn metric_json(fact: &Fact) -> MetricJson {
    MetricJson {
        metric: fact.metric,
        sample: fact.sample,
        value: fact.value.clone(),
        unit: fact.unit,
        reason: fact.undefined,
    }
}

fn signed_by(bundle: &CheckedBundle) -> Option<String> {
    let producer = bundle
        .manifest
        .producer
        .as_ref()
        .filter(|_| bundle.seal.is_some())?;
    Some(format!("{} {}", producer.person, producer.key))
}

/// The bundle in `dir` for people: what it is, and every derived value.
#[must_use]
pub fn text(dir: &Path, bundle: &CheckedBundle, derived: &Derived) -> String {
    let manifest = &bundle.manifest;
    let full = &manifest.samples.full;
    let mut out = format!(
        "evidence         {}\nkind             {}\nportfolio        {} ({})\nevidence_sha256  {}\n\
         result_sha256    {}\nsigned by        {}\nbars             {} from {} to {}\n\n",
        visible(&dir.display().to_string(), 400),
        manifest.kind.as_str(),
        manifest.portfolio.id,
        manifest.portfolio.profile,
        bundle.evidence_sha256,
        manifest.result_sha256,
        signed_by(bundle).map_or("nobody".to_owned(), |s| visible(&s, 200)),
        full.rows,
        full.first,
        full.last,
    );
    out.push_str(&format!(
        "{:<28} {:<7} {:>18}  {}\n",
        "metric", "sample", "value", "unit"
    ));
    for fact in &derived.facts {
        let value = match (&fact.value, fact.undefined) {
            (Some(value), _) => value.to_string(),
            (None, Some(reason)) => reason.to_string(),
            (None, None) => String::new(),
        };
        let (metric, sample) = (fact.metric.as_str(), fact.sample.as_str());
        out.push_str(&format!(
            "{metric:<28} {sample:<7} {value:>18}  {}\n",
            fact.unit.as_str()
        ));
    }
    for claim in &manifest.claimed {
        out.push_str(&format!(
            "claimed by {}: {} = {} {}\n",
            visible(&claim.tool, 40),
            visible(&claim.name, 80),
            visible(&claim.value, 80),
            visible(&claim.convention, 120),
        ));
    }
    out
}

/// The findings for people, one per line.
#[must_use]
pub fn findings_text(findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let word = if finding.is_fault() { "fault" } else { "note" };
        out.push_str(&format!(
            "{word}: {} [{}]\n",
            visible(&finding.message, 400),
            finding.code.as_str()
        ));
    }
    out
}
