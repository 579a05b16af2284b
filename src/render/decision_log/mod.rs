//! The decision log: every ended request of a ledger, in the playbook's template.
//!
//! In: the fold of a ledger, its head, a language and perhaps one portfolio. Out: Markdown in the
//! playbook's form (section 8), or the same as JSON. It depends on the entries up to the head and
//! on nothing else, so the same head gives the same bytes. The last line names head, language and
//! portfolio: with it anyone can check a copy (`promote log verify`). Free text goes through
//! `render::markdown`.

mod record;
mod text;
pub mod words;

use serde::Serialize;

use crate::governance::audit::entry::Head;
use crate::governance::promotion::state::State;
use crate::governance::regulator::marks::of_independence;
use crate::kernel::digest::Digest;
use crate::kernel::id::PortfolioId;

pub use record::{CriterionLine, DecisionEntry, SignerLine, decisions, signers};
pub use text::{RenderError, render};
pub use words::Language;

/// Which log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Language of the text.
    pub language: Language,
    /// One portfolio, or all.
    pub portfolio: Option<PortfolioId>,
}

/// `promote/decision-log/v1`.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct DecisionLog {
    /// Format.
    pub schema: &'static str,
    /// Origin of the ledger.
    pub ledger: String,
    /// Leaf hash of its genesis entry.
    pub fingerprint: Digest,
    /// Head that the log covers.
    pub head: Head,
    /// True for sandboxes.
    pub sandbox: bool,
    /// What every reader has to know: `SANDBOX`, `REDUCED INDEPENDENCE`,
    /// `REDUCED ASSURANCE`, `SMALL TEAM`.
    pub marks: Vec<&'static str>,
    /// Digest of the published policy set.
    pub policy_sha256: Digest,
    /// Every ended request, in the order of their ends.
    pub decisions: Vec<DecisionEntry>,
}

/// The log of `state`, whose head is `head`.
#[must_use]
pub fn collect(state: &State, head: Head, scope: &Scope) -> DecisionLog {
    DecisionLog {
        schema: "promote/decision-log/v1",
        ledger: state.ledger.clone(),
        fingerprint: state.fingerprint,
        head,
        sandbox: state.genesis.sandbox,
        marks: of_independence(state),
        policy_sha256: state.policy.digest(),
        decisions: decisions(state, scope.portfolio.as_ref()),
    }
}

/// The last line of an exported log.
#[must_use]
pub fn seal(head: &Head, scope: &Scope) -> String {
    format!(
        "`promote-decision-log/v1 lang={} portfolio={} size={} root={}`",
        scope.language.as_str(),
        scope.portfolio.as_ref().map_or("*", |p| p.as_str()),
        head.size,
        head.root
    )
}

/// Reads the last line of an exported log.
#[must_use]
pub fn read_seal(text: &str) -> Option<(Head, Scope)> {
    let line = text.trim_end_matches('\n').lines().last()?;
    let inner = line
        .strip_prefix("`promote-decision-log/v1 ")?
        .strip_suffix('`')?;
    let words: Vec<&str> = inner.split(' ').collect();
    let [lang, portfolio, size, root] = words.as_slice() else {
        return None;
    };
    let portfolio = match portfolio.strip_prefix("portfolio=")? {
        "*" => None,
        name => Some(name.parse().ok()?),
    };
    let head = Head {
        size: size.strip_prefix("size=")?.parse().ok()?,
        root: root.strip_prefix("root=")?.parse().ok()?,
    };
    let language = Language::parse(lang.strip_prefix("lang=")?)?;
    Some((
        head,
        Scope {
            language,
            portfolio,
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seal_reads_back() {
        let head = Head {
            size: 12,
            root: Digest::of(b"x"),
        };
        for portfolio in [None, Some(PortfolioId::new("p").unwrap())] {
            let scope = Scope {
                language: Language::De,
                portfolio,
            };
            let text = format!("# log\n\n{}\n", seal(&head, &scope));
            assert_eq!(read_seal(&text), Some((head, scope)));
        }
        assert_eq!(read_seal("# log\n"), None);
    }
}
