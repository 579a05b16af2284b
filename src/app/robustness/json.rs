//! What `robustness` prints: `promote/evidence/v1`, or lines for people.

use std::fmt::Write as _;

use serde::Serialize;

use super::run::Written;
use crate::evidence::manifest::{Claim, EvidenceKind};
use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;
use crate::kernel::text::visible;
use crate::kernel::unit::Unit;
use crate::metrics::{Metric, MetricKey, Sample, Undefined};

/// `promote/evidence/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct EvidenceJson {
    schema: &'static str,
    evidence: String,
    evidence_sha256: Digest,
    result_sha256: Digest,
    kind: EvidenceKind,
    metrics: Vec<MetricJson>,
    claimed: Vec<Claim>,
}

/// One metric.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct MetricJson {
    metric: Metric,
    sample: Sample,
    value: Option<Decimal>,
    unit: Unit,
    reason: Option<Undefined>,
}

/// The bundle as JSON; metrics rounded as they are judged.
#[must_use]
pub fn evidence_json(written: &Written) -> EvidenceJson {
    let manifest = &written.built.manifest;
    EvidenceJson {
        schema: "promote/evidence/v1",
        evidence: written.path.display().to_string(),
        evidence_sha256: written.built.evidence_sha256,
        result_sha256: manifest.result_sha256,
        kind: manifest.kind,
        metrics: manifest
            .metrics
            .iter()
            .map(|record| MetricJson {
                metric: record.metric,
                sample: record.sample,
                value: record.value.as_ref().map(Decimal::judged),
                unit: record.metric.unit(),
                reason: record.undefined,
            })
            .collect(),
        claimed: manifest.claimed.clone(),
    }
}

/// The lines for people: where the bundle is, its digests, its metrics.
#[must_use]
pub fn evidence_text(written: &Written) -> String {
    let manifest = &written.built.manifest;
    let mut text = String::new();
    let path = visible(&written.path.display().to_string(), 400);
    let _infallible = writeln!(text, "evidence         {path}");
    let _infallible = writeln!(text, "evidence_sha256  {}", written.built.evidence_sha256);
    let _infallible = writeln!(text, "result_sha256    {}", manifest.result_sha256);
    for record in &manifest.metrics {
        let key = MetricKey::new(record.metric, record.sample);
        let value = match (&record.value, record.undefined) {
            (Some(value), _) => value.to_fixed(4),
            (None, Some(reason)) => format!("undefined: {reason}"),
            (None, None) => "undefined".to_owned(),
        };
        let _infallible = writeln!(
            text,
            "{key:<32} {value:>14} {}",
            record.metric.unit().as_str()
        );
    }
    text
}
