//! `result_sha256`: the digest of what thread counts and reruns must reproduce.
//!
//! SHA-256 of the canonical manifest without `engine`, `produced_at`, `producer`, `result_sha256`,
//! `claimed`, `trials`, `data[].registered`, the files of role view, and the metrics
//! `data_age_days` and `dsr`, which the gate fills in at the evaluation.

use serde_json::Value;

use super::manifest::Manifest;
use crate::kernel::canonical::{self, CanonicalError};
use crate::kernel::digest::Digest;

const LEFT_OUT: [&str; 6] = [
    "engine",
    "produced_at",
    "producer",
    "result_sha256",
    "claimed",
    "trials",
];
const METRICS_LEFT_OUT: [&str; 2] = ["data_age_days", "dsr"];

/// Digest of the reproducible part of `manifest`.
///
/// # Errors
/// When the manifest holds text that canonical bytes cannot.
pub fn result_sha256(manifest: &Manifest) -> Result<Digest, CanonicalError> {
    let mut tree =
        serde_json::to_value(manifest).map_err(|e| CanonicalError::Json(e.to_string()))?;
    if let Some(object) = tree.as_object_mut() {
        object.retain(|key, _| !LEFT_OUT.contains(&key.as_str()));
    }
    if let Some(data) = tree.get_mut("data").and_then(Value::as_array_mut) {
        for source in data.iter_mut().filter_map(Value::as_object_mut) {
            source.remove("registered");
        }
    }
    retain(&mut tree, "files", |file| {
        file.get("role").and_then(Value::as_str) != Some("view")
    });
    retain(&mut tree, "metrics", |metric| {
        let name = metric.get("metric").and_then(Value::as_str);
        !name.is_some_and(|name| METRICS_LEFT_OUT.contains(&name))
    });
    Ok(Digest::of(&canonical::encode(&tree)?))
}

fn retain(tree: &mut Value, list: &str, keep: impl Fn(&Value) -> bool) {
    if let Some(items) = tree.get_mut(list).and_then(Value::as_array_mut) {
        items.retain(keep);
    }
}
