//! Policies as text: problems with the token underlined, the criteria of a policy, test results.
//!
//! In: values of `governance::policy`. Out: plain text without colour; everything that came from a
//! file was made visible before, or is made so here.

pub mod cases;
pub mod diff;
pub mod json;
pub mod proof;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::governance::policy::deny::DenyRules;
use crate::governance::policy::model::{Criterion, Policy};
use crate::governance::policy::problem::PolicyError;
use crate::governance::stage::Target;
use crate::kernel::text::visible;
use crate::render::plain_table;

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
pub fn criteria_table(policy: &Policy) -> String {
    let mut table = plain_table();
    table.set_header([
        "criterion",
        "metric",
        "limit",
        "guard",
        "shadow",
        "testnet",
        "live",
        "applies where",
        "line",
    ]);
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
        table.add_row(row);
    }
    let lines: Vec<String> = table
        .to_string()
        .lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect();
    lines.concat()
}

/// The deny rules, one line each; empty where there are none.
#[must_use]
pub fn deny_table(deny: &DenyRules) -> String {
    if deny.rules.is_empty() {
        return String::new();
    }
    let mut table = plain_table();
    table.set_header(["deny rule", "for", "hit where", "message", "line"]);
    for rule in &deny.rules {
        let targets: Vec<String> = rule.targets.iter().map(|t| format!("{t}")).collect();
        table.add_row([
            rule.id.to_string(),
            targets.join(", "),
            visible(&rule.words(), 200),
            visible(&rule.message, 200),
            rule.line.to_string(),
        ]);
    }
    let table = table.to_string();
    let lines = table.lines().map(|line| format!("{}\n", line.trim_end()));
    format!("\n{}", lines.collect::<String>())
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
