//! What `robustness` prints for people; JSON is `app::evidence::view`'s.

use std::fmt::Write as _;

use super::run::Written;
use crate::kernel::text::visible;
use crate::metrics::MetricKey;

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
