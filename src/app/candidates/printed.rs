//! What every closer look at candidates prints for people in the same way.

use super::{Head, parameters_text};
use crate::app::made::Made;
use crate::app::sweep::summary::Best;
use crate::kernel::decimal::Decimal;
use crate::render::layout::paragraph;

/// Decimals that people see.
pub const SHOWN: u32 = 4;

/// The ground and what was `asked`, a line each.
#[must_use]
pub fn head(ground: &Head, asked: &str, width: usize) -> String {
    let facts = ground.facts().into_iter();
    facts
        .map(|(name, value)| paragraph(&format!("{name}: {value}"), 0, width))
        .chain([paragraph(asked, 0, width)])
        .collect()
}

/// The line above a candidate, and an empty one before it.
#[must_use]
pub fn heading(best: &Best, width: usize) -> String {
    let heading = format!(
        "candidate {}, combination {}: {}",
        best.rank,
        best.run,
        parameters_text(best)
    );
    format!("\n{}", paragraph(&heading, 0, width))
}

/// Where the results are.
#[must_use]
pub fn place(made: &Made) -> String {
    let path = made.path.as_deref();
    path.map_or_else(String::new, |path| format!("results  {path}\n"))
}

/// A figure, rounded.
#[must_use]
pub fn shown(value: Option<&Decimal>) -> String {
    value.map_or_else(|| "undefined".to_owned(), |value| value.to_fixed(SHOWN))
}
