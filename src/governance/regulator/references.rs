//! References from the policy set to controls: `control_refs` of criteria and deny rules.
//!
//! In: the mappings, a policy set or one of its files. Out: every reference that names no control,
//! with its place. It is descriptive like the mappings themselves: no verdict asks for it.

use super::controls::Controls;
use crate::governance::policy::deny::DenyRules;
use crate::governance::policy::deny_load::FILE_NAME as DENY;
use crate::governance::policy::model::Policy;
use crate::governance::policy::problem::PolicyError;
use crate::governance::policy::set::PolicySet;
use crate::kernel::text::visible;

impl Controls {
    /// True when `reference`, written `FRAMEWORK CONTROL`, names a control.
    #[must_use]
    pub fn knows(&self, reference: &str) -> bool {
        reference.split_once(' ').is_some_and(|(framework, id)| {
            self.frameworks()
                .iter()
                .filter(|f| f.framework == framework)
                .any(|f| f.controls.iter().any(|c| c.id == id))
        })
    }

    /// References of criteria and deny rules in `set` that name no control, each with its place.
    #[must_use]
    pub fn unknown_references(&self, set: &PolicySet) -> Vec<PolicyError> {
        let bytes = |name: &str| set.files().get(name).map_or(&[][..], Vec::as_slice);
        let named = |policy: &Policy| {
            let name = format!("{}.toml", policy.profile);
            self.unknown_in(policy, &name, bytes(&name))
        };
        let mut problems: Vec<PolicyError> = set.policies().flat_map(named).collect();
        problems.extend(self.unknown_in_rules(set.deny(), DENY, bytes(DENY)));
        problems
    }

    /// The same for one policy, read from `bytes` of `file`.
    #[must_use]
    pub fn unknown_in(&self, policy: &Policy, file: &str, bytes: &[u8]) -> Vec<PolicyError> {
        let each = policy.criteria.iter();
        let each = each.map(|c| (c.id.as_str(), c.line, c.control_refs.as_slice()));
        self.unknown_of(each, file, bytes)
    }

    /// The same for deny rules.
    #[must_use]
    pub fn unknown_in_rules(&self, deny: &DenyRules, file: &str, bytes: &[u8]) -> Vec<PolicyError> {
        let each = deny.rules.iter();
        let each = each.map(|r| (r.id.as_str(), r.line, r.control_refs.as_slice()));
        self.unknown_of(each, file, bytes)
    }

    /// What each names, by its id and the line where it begins.
    fn unknown_of<'r>(
        &self,
        each: impl Iterator<Item = (&'r str, usize, &'r [String])>,
        file: &str,
        bytes: &[u8],
    ) -> Vec<PolicyError> {
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        let mut problems = Vec::new();
        for (id, line, references) in each {
            for reference in references.iter().filter(|r| !self.knows(r)) {
                let problem = unknown(file, text, line, reference);
                problems.push(problem.key(&format!("{id}.control_refs")));
            }
        }
        problems
    }
}

fn unknown(file: &str, text: &str, line: usize, reference: &str) -> PolicyError {
    let start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let quoted = format!("\"{reference}\"");
    let at = text
        .get(start..)
        .and_then(|rest| rest.find(&quoted))
        .map_or(start, |at| start + at);
    let shown = visible(reference, 80);
    let message = format!("`{shown}` names no control");
    PolicyError::at(
        file,
        text,
        at..at + quoted.len(),
        "unknown-control",
        message,
    )
    .hint("write \"FRAMEWORK CONTROL\"; the frameworks are the files in policies/controls")
}
