//! `policy prove`: what a policy set guarantees, shown and not sampled.
//!
//! In: a checked set, and what is known of the ledger. Out: a [`Proof`] with a witness for every
//! verdict, every metric in which the verdicts are monotone, a witness for every criterion, and
//! invariant I7 on the rules about persons; or the flaws, each named.

mod claims;
mod deny;
mod direction;
mod people;
mod points;
mod space;
mod summary;

use std::collections::BTreeSet;

use serde::Serialize;

use claims::Found;
pub use people::Ground;
use space::Space;

use super::model::Policy;
use super::set::PolicySet;
use crate::governance::stage::Target;
use crate::kernel::decimal::Decimal;
use crate::kernel::digest::Digest;
use crate::kernel::id::ProfileId;

/// One value of a witness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct WitnessValue {
    /// `metric:sample`.
    pub metric: String,
    /// The value.
    pub value: Decimal,
}

/// A verdict that can be reached, with facts that reach it; metrics that do not stand there have
/// no value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Reached {
    /// Profile.
    pub profile: ProfileId,
    /// Target.
    pub target: Target,
    /// The verdict.
    pub verdict: String,
    /// The facts.
    pub witness: Vec<WitnessValue>,
}

/// A criterion that can alone keep a portfolio from its promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Alive {
    /// Profile.
    pub profile: ProfileId,
    /// Target.
    pub target: Target,
    /// The criterion.
    pub criterion: String,
    /// What it turns the promotion into.
    pub verdict: String,
    /// The values that it looks at.
    pub turns: Vec<WitnessValue>,
}

/// How one policy stands at one target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Monotone {
    /// Profile.
    pub profile: ProfileId,
    /// Target.
    pub target: Target,
    /// Metrics in which better is never worse, with the policy's guard and with the grown one.
    pub metrics: Vec<String>,
    /// Metrics that decide applicability, and are held fixed.
    pub held_fixed: Vec<String>,
    /// Combinations of points that were tried.
    pub combinations: usize,
}

/// Why one person or one key does not suffice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Standing {
    /// Who.
    pub who: String,
    /// Why not.
    pub why: String,
}

/// A deny rule that can be hit and can be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Denying {
    /// The rule.
    pub rule: String,
    /// What hits it.
    pub hit_by: String,
    /// What keeps it.
    pub kept_by: String,
}

/// A claim that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Flaw {
    /// Stable name: `unreachable-verdict`, `not-monotone`, `dead-criterion`, `one-person-quorum`,
    /// `one-person-live`, `no-live-quorum`, `one-root-key`, `dead-deny-rule`, `deny-always` or
    /// `too-large`.
    pub code: &'static str,
    /// Profile, where it is about one.
    pub profile: Option<ProfileId>,
    /// Target, where it is about one.
    pub target: Option<Target>,
    /// Criterion or deny rule, where it is about one.
    pub criterion: Option<String>,
    /// File of the set; none where it is not about a file.
    pub file: Option<String>,
    /// Line in it, from 1; none where it is about the whole file.
    pub line: Option<usize>,
    /// In words.
    pub text: String,
}

/// What was shown, and what was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Proof {
    /// Digest of the set.
    pub policy_sha256: Digest,
    /// True when there is no flaw.
    pub ok: bool,
    /// Every verdict with its witness.
    pub reached: Vec<Reached>,
    /// Monotony per profile and target.
    pub monotone: Vec<Monotone>,
    /// Every criterion that counts, with what it turns.
    pub criteria: Vec<Alive>,
    /// Criteria that count nowhere: shown only. `profile criterion`.
    pub advisory_only: Vec<String>,
    /// Every deny rule with what hits and what keeps it.
    pub denies: Vec<Denying>,
    /// Invariant I7.
    pub persons: Vec<Standing>,
    /// What does not hold.
    pub flaws: Vec<Flaw>,
}

/// Proves `set` on `ground`.
#[must_use]
pub fn prove(set: &PolicySet, ground: &Ground) -> Proof {
    let mut proof = Proof {
        policy_sha256: set.digest(),
        ok: false,
        reached: Vec::new(),
        monotone: Vec::new(),
        criteria: Vec::new(),
        advisory_only: Vec::new(),
        denies: Vec::new(),
        persons: Vec::new(),
        flaws: Vec::new(),
    };
    for policy in set.policies() {
        for target in Target::ALL {
            prove_policy(policy, target, &mut proof);
        }
        let silent = claims::advisory_only(policy);
        let named = silent.iter().map(|id| format!("{} {id}", policy.profile));
        proof.advisory_only.extend(named);
    }
    let (denies, flaws) = deny::rules(set);
    proof.denies = denies;
    proof.flaws.extend(flaws);
    let (persons, flaws) = people::people(set, ground);
    proof.persons = persons;
    proof.flaws.extend(flaws);
    proof.ok = proof.flaws.is_empty();
    proof
}

fn prove_policy(policy: &Policy, target: Target, proof: &mut Proof) {
    let mut found = Found::default();
    // The guard that too many looks bring.
    let grown: Option<Decimal> = "0.5".parse().ok();
    for guard in [None, grown.as_ref()] {
        match Space::new(policy, target, guard) {
            Ok(space) => {
                if guard.is_none() {
                    claims::reach(&space, &mut found);
                }
                claims::monotone(&space, &mut found);
            }
            Err(large) => {
                let text = format!(
                    "{} look at common metrics: too many combinations to try them all",
                    large.criteria.join(", ")
                );
                let first = large.criteria.first().map(String::as_str);
                let flaw = claims::flaw_in(policy, target, "too-large", first, text);
                found.flaws.push(flaw);
            }
        }
    }
    let names = |keys: &[crate::metrics::MetricKey]| {
        let sorted: BTreeSet<String> = keys.iter().map(ToString::to_string).collect();
        sorted.into_iter().collect::<Vec<String>>()
    };
    // Shown with both guards, or not at all.
    let all = found.monotone.clone();
    let both = |key: &crate::metrics::MetricKey| all.iter().filter(|k| *k == key).count() == 2;
    found.monotone.retain(both);
    proof.monotone.push(Monotone {
        profile: policy.profile.clone(),
        target,
        metrics: names(&found.monotone),
        held_fixed: names(&found.fixed),
        combinations: found.combinations,
    });
    proof.reached.extend(found.reached);
    found.alive.sort_by(|a, b| a.criterion.cmp(&b.criterion));
    proof.criteria.extend(found.alive);
    for flaw in found.flaws {
        if !proof.flaws.contains(&flaw) {
            proof.flaws.push(flaw);
        }
    }
}
