//! The control mappings as text, and as `promote/controls/v1`.

use serde::Serialize;

use super::words;
use crate::governance::regulator::controls::{Controls, Framework};
use crate::kernel::digest::Digest;
use crate::kernel::text::visible;
use crate::render::decision_log::Language;

/// `promote/controls/v1`.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct ControlsJson {
    schema: &'static str,
    /// Digest over all files of the mappings.
    controls_sha256: Digest,
    /// The frameworks asked for.
    frameworks: Vec<Framework>,
}

/// The frameworks of `controls`, or the one called `only`.
#[must_use]
pub fn json(controls: &Controls, only: Option<&str>) -> ControlsJson {
    let wanted = |f: &&Framework| only.is_none_or(|only| f.framework == only);
    ControlsJson {
        schema: "promote/controls/v1",
        controls_sha256: controls.digest(),
        frameworks: controls
            .frameworks()
            .iter()
            .filter(wanted)
            .cloned()
            .collect(),
    }
}

/// The same as text.
#[must_use]
pub fn text(json: &ControlsJson, language: Language) -> String {
    let pick = |de: &'static str, en: &'static str| language.pick(de, en);
    let mut out = format!(
        "{} {}\n",
        pick("Kontrollzuordnung", "control mappings"),
        json.controls_sha256
    );
    for framework in &json.frameworks {
        out.push_str(&format!(
            "\n{}: {} ({} {}, {})\n",
            framework.framework,
            visible(words::of(&framework.name, language), 600),
            pick("Version", "version"),
            visible(&framework.version, 60),
            visible(words::jurisdiction(&framework.jurisdiction, language), 60),
        ));
        if let Some(to) = &framework.valid_to {
            let since = pick("nicht mehr in Kraft seit", "not in force since");
            out.push_str(&format!("{since} {}\n", visible(to, 20)));
        }
        for control in &framework.controls {
            out.push_str(&format!(
                "  {}: {}\n      {}; {}\n",
                visible(&control.id, 64),
                visible(words::of(&control.title, language), 600),
                words::coverage(control.status, language),
                words::origin(control.source, language),
            ));
            let by: Vec<&str> = control
                .criteria
                .iter()
                .chain(&control.events)
                .map(String::as_str)
                .collect();
            if !by.is_empty() {
                let shown_by = pick("gezeigt durch", "shown by");
                let by = visible(&by.join(", "), 600);
                out.push_str(&format!("      {shown_by}: {by}\n"));
            }
            if let Some(query) = &control.query {
                let evidence = pick("Beleg", "evidence");
                out.push_str(&format!("      {evidence}: {}\n", visible(query, 300)));
            }
            if let Some(gap) = &control.gap {
                let gap = visible(words::of(gap, language), 600);
                out.push_str(&format!("      {}: {gap}\n", pick("Lücke", "gap")));
            }
        }
    }
    out
}
