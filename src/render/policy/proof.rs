//! A proof about a policy set, as text and as JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::governance::policy::prove::{Flaw, Proof, Reached, WitnessValue};
use crate::kernel::text::visible;
use crate::render::layout::paragraph;

/// `promote/policy-proof/v1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct ProofJson {
    /// `promote/policy-proof/v1`.
    #[schemars(extend("const" = "promote/policy-proof/v1"))]
    pub schema: &'static str,
    /// The proof.
    #[serde(flatten)]
    pub proof: Proof,
}

impl ProofJson {
    /// The document of `proof`.
    #[must_use]
    pub fn new(proof: Proof) -> Self {
        Self {
            schema: "promote/policy-proof/v1",
            proof,
        }
    }
}

/// The proof for people: verdicts with witnesses, monotony, criteria, persons, flaws.
#[must_use]
pub fn text(proof: &Proof, width: usize) -> String {
    let mut out = format!("policy set {}\n", proof.policy_sha256);
    out.push_str("\nEvery verdict can be reached, on these facts:\n");
    let mut base: &[WitnessValue] = &[];
    for reached in &proof.reached {
        out.push_str(&reached_line(reached, base));
        if reached.verdict.starts_with("PROMOTE") {
            base = &reached.witness;
        }
    }
    out.push_str("\nBetter is never worse, with the policy's guard and with the grown one:\n");
    for line in &proof.monotone {
        let fixed = match line.held_fixed.as_slice() {
            [] => String::new(),
            keys => format!("; held fixed: {}", keys.join(", ")),
        };
        out.push_str(&format!(
            "  {} {}: in {} metrics, over {} combinations{fixed}\n",
            line.profile,
            line.target,
            line.metrics.len(),
            line.combinations
        ));
    }
    out.push_str("\nEvery criterion can alone keep a portfolio from its promotion:\n");
    for alive in &proof.criteria {
        out.push_str(&format!(
            "  {} {} {}: {} gives {}\n",
            alive.profile,
            alive.target,
            alive.criterion,
            values(&alive.turns),
            alive.verdict
        ));
    }
    if !proof.advisory_only.is_empty() {
        let names = proof.advisory_only.join(", ");
        out.push_str(&format!(
            "  shown only, count nowhere: {}\n",
            visible(&names, 2000)
        ));
    }
    if !proof.denies.is_empty() {
        out.push_str("\nEach deny rule can be hit, and can be kept:\n");
    }
    for denying in &proof.denies {
        out.push_str(&format!(
            "  {}: hit by {}, kept by {}\n",
            denying.rule,
            visible(&denying.hit_by, 200),
            visible(&denying.kept_by, 200)
        ));
    }
    out.push_str("\nNo single person and no single key brings a portfolio to LIVE:\n");
    for standing in &proof.persons {
        out.push_str(&format!(
            "  {}: {}\n",
            visible(&standing.who, 200),
            standing.why
        ));
    }
    out.push_str(&flaws(&proof.flaws));
    // Witnesses name every metric: what is longer than a line goes on below it.
    out.lines().map(|line| wrapped(line, width)).collect()
}

fn wrapped(line: &str, width: usize) -> String {
    let indent = line.len() - line.trim_start().len();
    paragraph(line, indent, width)
}

fn reached_line(reached: &Reached, base: &[WitnessValue]) -> String {
    let head = format!(
        "  {} {} {}: ",
        reached.profile, reached.target, reached.verdict
    );
    if reached.verdict.starts_with("PROMOTE") {
        return format!("{head}{}\n", values(&reached.witness));
    }
    // Only what differs from the promotion above.
    let map = |list: &[WitnessValue]| -> BTreeMap<String, String> {
        let each = list.iter().map(|w| (w.metric.clone(), w.value.to_string()));
        each.collect()
    };
    let (before, after) = (map(base), map(&reached.witness));
    let mut changes: Vec<String> = after
        .iter()
        .filter(|(key, value)| before.get(*key) != Some(value))
        .map(|(key, value)| format!("{key} {value}"))
        .collect();
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    changes.extend(gone.map(|key| format!("{key} without a value")));
    format!("{head}the same but {}\n", changes.join(", "))
}

fn values(list: &[WitnessValue]) -> String {
    let each: Vec<String> = list
        .iter()
        .map(|w| format!("{} {}", w.metric, w.value))
        .collect();
    if each.is_empty() {
        "no value at all".to_owned()
    } else {
        each.join(", ")
    }
}

fn flaws(flaws: &[Flaw]) -> String {
    if flaws.is_empty() {
        return "\nproved\n".to_owned();
    }
    let mut out = format!("\nnot proved, {} flaws:\n", flaws.len());
    for flaw in flaws {
        let place: Vec<String> = [
            flaw.profile.as_ref().map(ToString::to_string),
            flaw.target.map(|t| t.to_string()),
            flaw.criterion.clone(),
        ]
        .into_iter()
        .flatten()
        .collect();
        let place = if place.is_empty() {
            "roles".to_owned()
        } else {
            place.join(" ")
        };
        let file = match (&flaw.file, flaw.line) {
            (Some(file), Some(line)) => format!(" ({file} line {line})"),
            (Some(file), None) => format!(" ({file})"),
            (None, _) => String::new(),
        };
        out.push_str(&format!(
            "  {}: {}{}: {}\n",
            flaw.code,
            visible(&place, 200),
            visible(&file, 120),
            visible(&flaw.text, 400)
        ));
    }
    out
}
