//! Policies as text: problems with the token underlined, the criteria of a policy, test results.
//!
//! In: values of `governance::policy`. Out: plain text without colour; everything that came from a
//! file was made visible before, or is made so here.

pub mod cases;
pub mod diff;
pub mod json;
pub mod proof;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::governance::policy::deny::{DenyRule, DenyRules};
use crate::governance::policy::model::{Criterion, Policy};
use crate::governance::policy::problem::PolicyError;
use crate::governance::stage::Target;
use crate::kernel::text::visible;
use crate::render::layout::{self, Bears, columns};

/// The place of one problem, underlined, with its hint; empty when it has no place.
/// `titled` puts the message above it.
#[must_use]
pub fn picture(problem: &PolicyError, titled: bool) -> String {
    let title = match problem.key.as_str() {
        "" => problem.message.clone(),
        key => format!("key `{key}`: {}", problem.message),
    };
    if problem.line == 0 {
        let title = if titled {
            format!("{problem}\n")
        } else {
            String::new()
        };
        let hint = problem.hint.as_ref().map(|h| format!("  hint: {h}\n"));
        return format!("{title}{}", hint.unwrap_or_default());
    }
    let snippet = Snippet::source(problem.source_line.as_str())
        .line_start(problem.line)
        .path(problem.file.as_str())
        .annotation(AnnotationKind::Primary.span(problem.underline.clone()));
    let mut group = if titled {
        Group::with_title(Level::ERROR.no_name().primary_title(title.as_str()))
    } else {
        Group::with_level(Level::ERROR.no_name())
    }
    .element(snippet);
    if let Some(hint) = &problem.hint {
        group = group.element(Level::HELP.with_name("hint").message(hint.as_str()));
    }
    format!("{}\n", Renderer::plain().render(&[group]))
}

/// The criteria of a policy, one line each.
#[must_use]
pub fn criteria_table(policy: &Policy, width: usize) -> String {
    let columns = columns([
        ("criterion", Bears::Text),
        ("metric", Bears::Text),
        ("limit", Bears::Text),
        ("guard", Bears::Number),
        ("shadow", Bears::Text),
        ("testnet", Bears::Text),
        ("live", Bears::Text),
        ("applies where", Bears::Note),
        ("line", Bears::Number),
    ]);
    let mut rows = Vec::new();
    for criterion in &policy.criteria {
        let mut row = vec![
            criterion.id.to_string(),
            criterion.key().to_string(),
            limit(criterion),
            match &criterion.target {
                Some(_) => criterion.guard.to_string(),
                None => String::new(),
            },
        ];
        row.extend(Target::ALL.map(|target| {
            let weight = criterion.enforcement.at(target);
            format!("{weight:?}").to_lowercase()
        }));
        row.push(match &criterion.applicable_if {
            Some(c) => format!("{}:{} {} {}", c.metric, c.sample, c.op.sign(), c.value),
            None => String::new(),
        });
        row.push(criterion.line.to_string());
        rows.push(row);
    }
    layout::table(&columns, &rows, width)
}

/// The deny rules, one line each; empty where there are none.
#[must_use]
pub fn deny_table(deny: &DenyRules, width: usize) -> String {
    if deny.rules.is_empty() {
        return String::new();
    }
    let columns = columns([
        ("deny rule", Bears::Text),
        ("for", Bears::Text),
        ("hit where", Bears::Note),
        ("message", Bears::Note),
        ("line", Bears::Number),
    ]);
    let row = |rule: &DenyRule| {
        let targets: Vec<String> = rule.targets.iter().map(ToString::to_string).collect();
        vec![
            rule.id.to_string(),
            targets.join(", "),
            visible(&rule.words(), 200),
            visible(&rule.message, 200),
            rule.line.to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = deny.rules.iter().map(row).collect();
    format!("\n{}", layout::table(&columns, &rows, width))
}

fn limit(criterion: &Criterion) -> String {
    let sign = criterion.op.sign();
    match (&criterion.target, &criterion.reject) {
        (Some(target), _) => format!("{sign} {} / {target}", criterion.floor),
        (None, Some(reject)) => {
            format!("{sign} {} (rejected beyond {reject})", criterion.floor)
        }
        (None, None) => format!("{sign} {}", criterion.floor),
    }
}
