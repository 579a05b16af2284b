//! Refusals explained: for every slug the rule, why it exists, and what to do next.
//!
//! In: a slug. Out: three sentences. `promote explain SLUG` and `promote help refusals` print them;
//! a test goes through the closed lists of slugs in the code, so that none is forgotten and none is
//! left over.

mod people;
mod requests;
mod safety;
mod statements;
mod tokens;

use serde::Serialize;

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Explanation {
    /// Stable name.
    pub slug: &'static str,
    /// The rule that refuses.
    pub rule: &'static str,
    /// Why there is such a rule.
    pub why: &'static str,
    /// What to do next.
    pub next: &'static str,
}

/// A row of the tables: slug, rule, why, next.
type Row = (&'static str, &'static str, &'static str, &'static str);

/// The groups, in the order in which an act meets them.
const GROUPS: [(&str, &[Row]); 6] = [
    ("Signatures and statements", statements::ROWS),
    ("Who may do what", people::ROWS),
    ("Requests and their evidence", requests::ROWS),
    ("Sessions, data and trials", requests::TRACKS),
    (
        "Halts, incidents, certificates, overrides, policy",
        safety::ROWS,
    ),
    ("Live-session tokens", tokens::ROWS),
];

fn explanation((slug, rule, why, next): Row) -> Explanation {
    Explanation {
        slug,
        rule,
        why,
        next,
    }
}

/// Every explanation with the name of its group.
pub fn all() -> impl Iterator<Item = (&'static str, Explanation)> {
    GROUPS
        .into_iter()
        .flat_map(|(name, rows)| rows.iter().map(move |row| (name, explanation(*row))))
}

/// The explanation of a slug.
#[must_use]
pub fn find(slug: &str) -> Option<Explanation> {
    all().map(|(_, e)| e).find(|e| e.slug == slug)
}

impl Explanation {
    /// As lines.
    #[must_use]
    pub fn text(&self) -> String {
        let Self {
            slug,
            rule,
            why,
            next,
        } = self;
        format!("{slug}\n  rule: {rule}\n  why:  {why}\n  next: {next}\n")
    }
}

/// Every explanation as text, by group.
#[must_use]
pub fn text() -> String {
    let mut out = String::from("Refusals, their rules and what to do next:\n");
    let mut group = "";
    for (name, explanation) in all() {
        if name != group {
            out.push_str(&format!("\n{name}\n"));
            group = name;
        }
        out.push('\n');
        out.push_str(&explanation.text());
    }
    out
}
