//! JSON answers of `policy lint`, `policy show` and `policy test`.
//!
//! In: values of `governance::policy`. Out: values that serialise to the documented fields.

use serde::Serialize;

use crate::governance::policy::cases::{Case, CaseResult};
use crate::governance::policy::deny::DenyRule;
use crate::governance::policy::model::Policy;
use crate::governance::policy::problem::PolicyError;
use crate::governance::policy::set::PolicySet;
use crate::governance::stage::Target;
use crate::kernel::digest::Digest;
use crate::kernel::id::ProfileId;
use crate::render::verdict::json::PolicyRefJson;

/// `promote/policy-lint/v1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct LintJson {
    /// `promote/policy-lint/v1`.
    #[schemars(extend("const" = "promote/policy-lint/v1"))]
    pub schema: &'static str,
    /// True when there is no problem.
    pub ok: bool,
    /// The files that were read.
    pub files: Vec<LintFileJson>,
    /// Every problem, by file and line.
    pub problems: Vec<ProblemJson>,
}

/// One file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct LintFileJson {
    /// Path as given, or name in the set.
    pub path: String,
    /// Digest of its bytes.
    pub sha256: Digest,
}

/// One problem in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct ProblemJson {
    /// File.
    pub file: String,
    /// Line, from 1; null when the problem has no place.
    pub line: Option<usize>,
    /// Dotted key; null when there is none.
    pub key: Option<String>,
    /// Stable name.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// The next step.
    pub hint: Option<String>,
}

impl ProblemJson {
    /// From a problem.
    #[must_use]
    pub fn new(problem: &PolicyError) -> Self {
        Self {
            file: problem.file.clone(),
            line: (problem.line > 0).then_some(problem.line),
            key: (!problem.key.is_empty()).then(|| problem.key.clone()),
            code: problem.code,
            message: problem.message.clone(),
            hint: problem.hint.clone(),
        }
    }
}

/// `promote/policy/v1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct PolicyJson {
    /// `promote/policy/v1`.
    #[schemars(extend("const" = "promote/policy/v1"))]
    pub schema: &'static str,
    /// The set.
    pub policy: PolicyRefJson,
    /// The policies asked for, by profile.
    pub profiles: Vec<Policy>,
    /// Deny rules of the set, in the order of the file; left out where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deny: Vec<DenyRule>,
}

/// `promote/policy-test/v1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct TestJson {
    /// `promote/policy-test/v1`.
    #[schemars(extend("const" = "promote/policy-test/v1"))]
    pub schema: &'static str,
    /// The set that was tested.
    pub policy: PolicyRefJson,
    /// Cases that passed.
    pub passed: usize,
    /// Cases that did not.
    pub failed: usize,
    /// Every case, in the order of files and lines.
    pub cases: Vec<CaseJson>,
}

/// One case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct CaseJson {
    /// File it stands in.
    pub file: String,
    /// Line where it begins.
    pub line: usize,
    /// What it shows.
    pub name: String,
    /// Profile.
    pub profile: ProfileId,
    /// Target.
    pub target: Target,
    /// Verdict expected.
    pub expected: String,
    /// Verdict given; null when the set has no such policy.
    pub verdict: Option<&'static str>,
    /// True when nothing differs.
    pub ok: bool,
    /// What differs.
    pub differences: Vec<String>,
}

impl TestJson {
    /// The results of `runs` against `set`.
    #[must_use]
    pub fn new(set: &PolicySet, runs: &[(Case, CaseResult)]) -> Self {
        let failed = runs.iter().filter(|(_, result)| !result.passed()).count();
        Self {
            schema: "promote/policy-test/v1",
            policy: PolicyRefJson::new(set),
            passed: runs.len() - failed,
            failed,
            cases: runs
                .iter()
                .map(|(case, result)| CaseJson {
                    file: case.file.clone(),
                    line: case.line,
                    name: case.name.clone(),
                    profile: case.profile.clone(),
                    target: case.target,
                    expected: case.expect.verdict.clone(),
                    verdict: result.verdict.as_ref().map(|v| v.status()),
                    ok: result.passed(),
                    differences: result.differences.clone(),
                })
                .collect(),
        }
    }
}
