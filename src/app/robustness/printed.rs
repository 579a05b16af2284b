//! What `robustness` and `research portfolio` print for people; JSON is `app::evidence::view`'s.

use std::fmt::Write as _;

use super::report::headline;
use super::run::Written;
use crate::app::results_folder::shown;
use crate::metrics::MetricKey;
use crate::render::report::interpretation::first_interpretation;

/// The lines for people: where the bundle is, its digests, its metrics.
#[must_use]
pub fn evidence_text(written: &Written) -> String {
    let manifest = &written.built.manifest;
    let mut text = String::new();
    let path = shown(&written.path);
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

/// The lines of a first look: where the report is, the playbook's first interpretation, and that it
/// decides nothing.
#[must_use]
pub fn portfolio_text(written: &Written) -> String {
    let manifest = &written.built.manifest;
    let lines = first_interpretation(manifest.portfolio.profile.as_str(), &headline(manifest));
    let path = shown(&written.path);
    let mut text = format!(
        "portfolio        {} ({})\nreport           {path}\nevidence_sha256  {}\n\nFirst interpretation, no verdict:\n",
        manifest.portfolio.id, manifest.portfolio.profile, written.built.evidence_sha256
    );
    for line in lines {
        let level = line.level.as_str();
        let _infallible = writeln!(text, "  {level:<8} {}: {}", line.value, line.words);
    }
    text
}
