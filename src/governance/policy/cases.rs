//! Policy test cases: what a policy must say about given facts, written by risk officers in TOML.
//!
//! In: a file of cases and a policy set. Out: per case, the differences between what was expected
//! and what the evaluator said; none means passed. docs/policies.md describes the format. Cases
//! name a profile, not a file, so the same cases hold a draft against the set in force.

use super::deny::DenyRule;
use super::evaluate::{evaluate, evaluate_bare};
use super::set::PolicySet;
use super::verdict::{Judgement, Verdict};
use crate::evidence::facts::Facts;
use crate::evidence::settings::Settings;
use crate::governance::stage::Target;
use crate::kernel::decimal::Decimal;
use crate::kernel::id::ProfileId;

mod load;

pub use load::load_cases;

/// One case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What it shows, in words.
    pub name: String,
    /// File it stands in.
    pub file: String,
    /// Line where it begins.
    pub line: usize,
    /// Judged by the policy of this profile.
    pub profile: ProfileId,
    /// For this target.
    pub target: Target,
    /// True when the facts are derived by the gate: an unknown condition is then true.
    pub derived: bool,
    /// Guard in force, where too many looks made it grow.
    pub guard: Option<Decimal>,
    /// The facts.
    pub facts: Facts,
    /// What would be traded with, where deny rules are asked.
    pub settings: Option<Settings>,
    /// The checklist items that are confirmed, where rules about them are asked.
    pub confirmed: Option<Vec<String>>,
    /// What is expected.
    pub expect: Expectation,
}

/// What a case expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// `REJECT`, `REVISE` or `PROMOTE_TO_X`.
    pub verdict: String,
    /// Per criterion: the zone.
    pub zones: Vec<(String, String)>,
    /// Per criterion: the score, and with how many decimals it is written.
    pub scores: Vec<(String, Decimal, u32)>,
    /// Per criterion: the reason.
    pub reasons: Vec<(String, String)>,
    /// The deny rules that are hit, sorted; none where they are not asked.
    pub denied: Option<Vec<String>>,
}

/// One case, run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseResult {
    /// The verdict; none when the set has no policy for the profile.
    pub verdict: Option<Verdict>,
    /// What differs from the expectation, in words; empty when the case passed.
    pub differences: Vec<String>,
}

impl CaseResult {
    /// True when nothing differs.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Runs `case` against `set`.
#[must_use]
pub fn run_case(set: &PolicySet, case: &Case) -> CaseResult {
    let Some(policy) = set.policy(&case.profile) else {
        return CaseResult {
            verdict: None,
            differences: vec![format!("the set has no policy for `{}`", case.profile)],
        };
    };
    let judge = if case.derived {
        evaluate
    } else {
        evaluate_bare
    };
    let verdict = judge(policy, &case.facts, case.target, case.guard.as_ref());
    let mut differences = differences(&case.expect, &verdict);
    differences.extend(denied(set, case));
    CaseResult {
        verdict: Some(verdict),
        differences,
    }
}

fn differences(expect: &Expectation, verdict: &Verdict) -> Vec<String> {
    let mut found = Vec::new();
    if verdict.status() != expect.verdict {
        found.push(format!(
            "verdict {}, expected {}",
            verdict.status(),
            expect.verdict
        ));
    }
    let mut compare = |id: &str, what: &str, wanted: &str, of: &dyn Fn(&Judgement) -> String| {
        let criterion = verdict.criteria.iter().find(|j| j.id.as_str() == id);
        let got = criterion.map_or_else(|| "no such criterion".to_owned(), of);
        if got != wanted {
            found.push(format!("{id}: {what} {got}, expected {wanted}"));
        }
    };
    for (id, zone) in &expect.zones {
        compare(id, "zone", zone, &|j| j.zone.as_str().to_owned());
    }
    for (id, score, decimals) in &expect.scores {
        let wanted = score.to_fixed(*decimals);
        compare(id, "score", &wanted, &|j| match &j.score {
            Some(score) => score.to_fixed(*decimals),
            None => "none".to_owned(),
        });
    }
    for (id, reason) in &expect.reasons {
        compare(id, "reason", reason, &|j| {
            j.reason.clone().unwrap_or_else(|| "none".to_owned())
        });
    }
    found
}

/// What differs in the deny rules that are hit. Without settings or confirmed items the rules
/// about them are not asked.
fn denied(set: &PolicySet, case: &Case) -> Option<String> {
    let expected = case.expect.denied.as_ref()?;
    let settings = |rule: &&DenyRule| {
        let known = case.settings.as_ref();
        known.is_some_and(|known| rule.hits_settings(case.target, known))
    };
    let open = |rule: &&DenyRule| {
        let (wanted, known) = (rule.wants(case.target), case.confirmed.as_ref());
        let both = wanted.zip(known);
        both.is_some_and(|(item, known)| !known.iter().any(|id| id == item.as_str()))
    };
    let hit = |rule: &&DenyRule| {
        settings(rule) || rule.hits_facts(case.target, &case.facts) || open(rule)
    };
    let rules = set.deny().rules.iter().filter(hit);
    let mut found: Vec<String> = rules.map(|rule| rule.id.to_string()).collect();
    found.sort();
    (found != *expected).then(|| {
        let (found, expected) = (found.join(", "), expected.join(", "));
        format!("denied by [{found}], expected [{expected}]")
    })
}
