//! What the report of every closer look at candidates begins and ends with.

use super::figures::Own;
use super::{Head, parameters_text};
use crate::app::made::Made;
use crate::app::sweep::summary::Best;
use crate::render::report::candidates::{CandidateHead, Frame};

/// The frame of a report: `asked` and `seed` are what was asked and the seed, each by name and for
/// people; `uncovered` is what the look does not cover.
#[must_use]
pub fn frame(
    title: &str,
    (ground, made): (&Head, &Made),
    asked: (&str, String),
    seed: String,
    mut uncovered: Vec<String>,
) -> Frame {
    let mut facts = ground.facts();
    facts.push((asked.0.to_owned(), asked.1));
    let mut reproducibility = ground.reproducibility();
    let rows = [
        ("Engine", made.engine.to_string()),
        ("Seed", seed),
        ("Run, SHA-256", made.run_sha256.to_string()),
        ("Command", made.command.clone()),
    ];
    reproducibility.extend(rows.map(|(name, value)| (name.to_owned(), value)));
    let synthetic = ground.data.synthetic;
    if synthetic {
        uncovered
            .push("The bars were invented: nothing here says anything about a market.".to_owned());
    }
    Frame {
        title: format!("{title} of {}", ground.sweep),
        synthetic,
        facts,
        uncovered,
        reproducibility,
    }
}

/// What is said of a candidate before anything else.
#[must_use]
pub fn candidate(best: &Best, own: &Own, ground: &Head) -> CandidateHead {
    CandidateHead {
        title: format!("Candidate {}", best.rank),
        parameters: format!(
            "Combination {} of the sweep: {}.",
            best.run,
            parameters_text(best)
        ),
        headline: own.headline(),
        chosen: ground.chosen_text(),
    }
}
