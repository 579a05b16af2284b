//! Every criterion of a verdict explained: value, limit, margin, the line of the policy, the file
//! of the evidence, and the single change that flips it, either way.
//!
//! In: a verdict, the policy set that judged, the bundles. Out: `promote/explanation/v1`, and the
//! same as text. What the evidence does not know or the policy does not say is null, never empty.

use serde::Serialize;

use super::super::expectation;
use super::json::{DeniedJson, PolicyRefJson, VerdictJson};
use super::{decimals, headline, limit, ranked, reason, score, value, weight};
use crate::evidence::expectation::Placed;
use crate::evidence::manifest::EvidenceKind;
use crate::governance::policy::deny::DenyRule;
use crate::governance::policy::model::{Condition, Criterion, ExtraCheck, Policy};
use crate::governance::policy::set::PolicySet;
use crate::governance::policy::verdict::{
    EXTRA_CHECKS_PASSED, Enforcement, Judgement, Op, Verdict, Zone,
};
use crate::governance::policy::zone;
use crate::governance::promotion::looks::Looks;
use crate::governance::promotion::statement::EvidenceRef;
use crate::governance::stage::Target;
use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;
use crate::kernel::id::{CriterionId, PortfolioId, ProfileId};
use crate::kernel::text::visible;
use crate::kernel::unit::Unit;
use crate::metrics::{Metric, Sample};
use crate::render::resemblance::ResemblanceJson;

/// `promote/explanation/v1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct ExplanationJson {
    /// `promote/explanation/v1`.
    #[schemars(extend("const" = "promote/explanation/v1"))]
    pub schema: &'static str,
    /// The portfolio.
    pub portfolio: Option<PortfolioId>,
    /// Judged for this target.
    pub target: Target,
    /// By the policy of this profile.
    pub profile: ProfileId,
    /// `REJECT`, `REVISE` or `PROMOTE_TO_X`.
    pub verdict: &'static str,
    /// Every criterion; those that count first.
    pub criteria: Vec<CriterionExplained>,
    /// The policy set that judged.
    pub policy: PolicyRefJson,
    /// The bundles, sorted.
    pub evidence: Vec<EvidenceRef>,
    /// Digest of the decision record.
    pub decision_sha256: Option<Digest>,
    /// Deny rules that are hit; left out where none is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub denied: Vec<DeniedJson>,
    /// How closely the returns follow those of an earlier request that got no stage; left out once
    /// the request has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resemblance: Option<ResemblanceJson>,
    /// How often out-of-sample data was judged, and the guard that follows; left out where bare
    /// metrics were judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looks: Option<Looks>,
}

/// One criterion, explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct CriterionExplained {
    /// Criterion.
    pub id: CriterionId,
    /// Metric judged.
    pub metric: Metric,
    /// On this sample.
    pub sample: Sample,
    /// The judged value.
    pub value: Option<Decimal>,
    /// Unit of value and limits.
    pub unit: Unit,
    /// Comparison with the limits.
    pub op: Op,
    /// Loose edge.
    pub floor: Decimal,
    /// Strict edge; null with one edge.
    pub target: Option<Decimal>,
    /// Guard in force.
    pub guard: Decimal,
    /// How far the value lies on the good side of the loose edge; negative on the bad side.
    pub margin: Option<Decimal>,
    /// Score, 6 decimals; null with one edge or without a value.
    pub score: Option<Decimal>,
    /// Zone.
    pub zone: Zone,
    /// Weight at this target.
    pub enforcement: Enforcement,
    /// Why it is missing or not applicable, or why a borderline value passes.
    pub reason: Option<String>,
    /// The change of the value that makes it pass; null where it passes.
    pub flip: Option<String>,
    /// The change of the value that makes it fail; null where it does not pass on its value.
    pub fails: Option<String>,
    /// File and derivation behind the value.
    pub source: Option<String>,
    /// What a session showed and what was expected of it; of `drift_*` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<Placed>,
    /// Bundle in which that file lies.
    pub evidence_sha256: Option<Digest>,
    /// File and line of the criterion in the policy set.
    pub policy_line: Option<String>,
    /// Why there is such a criterion.
    pub rationale: Option<String>,
    /// When it applies.
    pub applies_where: Option<String>,
    /// What lets a single borderline value pass at SHADOW.
    pub extra_checks: Vec<String>,
}

impl ExplanationJson {
    /// Explains `verdict`, judged by `set` on `evidence`.
    #[must_use]
    pub fn new(verdict: &Verdict, set: &PolicySet, evidence: &[EvidenceRef]) -> Self {
        let policy = set.policy(&verdict.profile);
        let base = VerdictJson::new(verdict, set);
        let mut evidence = evidence.to_vec();
        evidence.sort();
        Self {
            schema: "promote/explanation/v1",
            portfolio: None,
            target: verdict.target,
            profile: verdict.profile.clone(),
            verdict: base.verdict,
            criteria: ranked(verdict)
                .map(|judgement| explained(judgement, policy, &evidence))
                .collect(),
            policy: base.policy,
            evidence,
            decision_sha256: None,
            denied: Vec::new(),
            resemblance: None,
            looks: None,
        }
    }

    /// Adds where sessions lie in what was expected of them.
    #[must_use]
    pub fn with_sessions(mut self, sessions: &[(EvidenceKind, Placed)]) -> Self {
        for line in &mut self.criteria {
            let found = sessions
                .iter()
                .find(|(of, p)| *of == kind(line.sample) && p.expected.metric == line.metric);
            line.session = found.map(|(_, placed)| placed.clone());
        }
        self
    }

    /// Adds the deny rules that are hit.
    #[must_use]
    pub fn denied(mut self, rules: &[&DenyRule]) -> Self {
        self.denied = rules.iter().map(|rule| DeniedJson::new(rule)).collect();
        self
    }

    /// Adds what it resembles.
    #[must_use]
    pub fn resembling(mut self, resemblance: Option<ResemblanceJson>) -> Self {
        self.resemblance = resemblance;
        self
    }

    /// Adds how often out-of-sample data was judged.
    #[must_use]
    pub fn looks(mut self, looks: Looks) -> Self {
        self.looks = Some(looks);
        self
    }

    /// Adds what was judged.
    #[must_use]
    pub fn about(mut self, portfolio: PortfolioId, decision_sha256: Digest) -> Self {
        self.portfolio = Some(portfolio);
        self.decision_sha256 = Some(decision_sha256);
        self
    }
}

fn explained(
    judgement: &Judgement,
    policy: Option<&Policy>,
    evidence: &[EvidenceRef],
) -> CriterionExplained {
    let criterion = policy.and_then(|policy| policy.criterion(&judgement.id));
    let value = judgement.value.as_ref();
    let source = judgement.source.clone();
    let bundle = evidence.iter().find(|e| e.kind == kind(judgement.sample));
    let line = policy.zip(criterion);
    CriterionExplained {
        id: judgement.id.clone(),
        metric: judgement.metric,
        sample: judgement.sample,
        value: judgement.value.clone(),
        unit: judgement.unit,
        op: judgement.op,
        floor: judgement.floor.clone(),
        target: judgement.target.clone(),
        guard: judgement.guard.clone(),
        margin: value.map(|value| margin(judgement, value)),
        score: judgement.score.clone(),
        zone: judgement.zone,
        enforcement: judgement.enforcement,
        reason: judgement.reason.clone(),
        flip: judgement.flip.clone(),
        fails: criterion
            .zip(value)
            .and_then(|(c, value)| fails(judgement, c, value)),
        evidence_sha256: source
            .as_ref()
            .and(bundle)
            .map(|bundle| bundle.evidence_sha256),
        source,
        session: None,
        policy_line: line.map(|(policy, c)| format!("{}:{}", policy.file, c.line)),
        rationale: criterion.map(|c| c.rationale.clone()),
        applies_where: criterion
            .and_then(|c| c.applicable_if.as_ref())
            .map(condition),
        extra_checks: criterion
            .into_iter()
            .flat_map(|c| &c.extra_checks)
            .map(extra_check)
            .collect(),
    }
}

/// The kind of bundle that holds a sample, or the full one where a session's own is imported.
fn kind(sample: Sample) -> EvidenceKind {
    match sample {
        Sample::Full | Sample::Oos | Sample::Stress | Sample::Mc => EvidenceKind::Robustness,
        Sample::Shadow => EvidenceKind::Shadow,
        Sample::Testnet => EvidenceKind::Testnet,
        Sample::Live => EvidenceKind::Live,
    }
}

fn condition(c: &Condition) -> String {
    format!("{}:{} {} {}", c.metric, c.sample, c.op.sign(), c.value)
}

fn extra_check(c: &ExtraCheck) -> String {
    format!("{}:{} {} {}", c.metric, c.sample, c.op.sign(), c.floor)
}

/// The change that makes a value fail which passes now.
fn fails(judgement: &Judgement, criterion: &Criterion, value: &Decimal) -> Option<String> {
    match judgement.zone {
        Zone::Clear | Zone::InBand => Some(zone::fails(criterion, &judgement.guard, value)),
        Zone::Borderline if judgement.reason.as_deref() == Some(EXTRA_CHECKS_PASSED) => {
            Some(zone::fails(criterion, &Decimal::zero(), value))
        }
        Zone::Borderline
        | Zone::NearMiss
        | Zone::Fail
        | Zone::Missing
        | Zone::NotApplicable
        | Zone::Overridden => None,
    }
}

/// How far the value lies on the good side of the loose edge; negative on the bad side.
fn margin(judgement: &Judgement, value: &Decimal) -> Decimal {
    let margin = value.minus(&judgement.floor);
    if judgement.op.more_is_better() {
        margin
    } else {
        margin.negated()
    }
}

/// Every criterion with value, limit, margin, policy line, evidence file and what flips it.
#[must_use]
pub fn explain(verdict: &Verdict, explanation: &ExplanationJson) -> String {
    let mut text = headline(verdict);
    for bundle in &explanation.evidence {
        let (kind, digest) = (bundle.kind.as_str(), bundle.evidence_sha256);
        text.push_str(&format!("evidence {kind}: {digest}\n"));
    }
    for (judgement, line) in ranked(verdict).zip(&explanation.criteria) {
        text.push('\n');
        text.push_str(&block(judgement, line));
    }
    text
}

fn block(judgement: &Judgement, line: &CriterionExplained) -> String {
    let decimals = decimals(judgement);
    let why = match reason(judgement) {
        why if why.is_empty() => why,
        why => format!(", {why}"),
    };
    let mut text = format!(
        "{}: {} ({}{why})\n  {}:{} {}, limit {}, margin {}",
        judgement.id,
        judgement.zone.as_str(),
        weight(judgement.enforcement),
        judgement.metric,
        judgement.sample,
        value(judgement, decimals),
        limit(judgement, decimals),
        line.margin
            .as_ref()
            .map_or_else(|| "-".to_owned(), Decimal::to_string),
    );
    if judgement.score.is_some() {
        let guard = &judgement.guard;
        text.push_str(&format!(", score {} (guard {guard})", score(judgement)));
    }
    text.push('\n');
    let mut say = |name: &str, words: &str| {
        text.push_str(&format!("  {name}: {}\n", visible(words, 400)));
    };
    match (&line.flip, &line.fails) {
        (Some(flip), _) => say("to pass", flip),
        (None, Some(fails)) => say("to fail", fails),
        (None, None) if judgement.zone == Zone::NotApplicable => {
            say("to count", "its condition would have to hold");
        }
        (None, None) => {}
    }
    if let Some(session) = &line.session {
        say(
            "session",
            &expectation::placed(session, line.value.as_ref()),
        );
    }
    say("evidence", line.source.as_deref().unwrap_or("none"));
    if let Some(words) = &line.applies_where {
        say("applies where", words);
    }
    for check in &line.extra_checks {
        say("extra check", check);
    }
    if let (Some(place), Some(rationale)) = (&line.policy_line, &line.rationale) {
        say("policy", &format!("{place} {rationale}"));
    }
    text
}
