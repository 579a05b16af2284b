//! What every report on the candidates of a sweep has: its frame, and how a candidate begins.
//!
//! Plain text and figures with fixed units. Every text may come from a user's file; rendering escapes
//! all of it.

use super::document::{BANNER, Block, Document, Section};
use super::interpretation::first_interpretation;
use super::robustness::MetricRow;

/// What stands around the candidates.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Heading.
    pub title: String,
    /// The bars were invented: the report carries a banner.
    pub synthetic: bool,
    /// Name and value, shown first.
    pub facts: Vec<(String, String)>,
    /// What the look does not cover, one sentence or two each.
    pub uncovered: Vec<String>,
    /// What makes the result repeatable.
    pub reproducibility: Vec<(String, String)>,
}

/// How a candidate begins.
#[derive(Debug, Clone, PartialEq)]
pub struct CandidateHead {
    /// Heading.
    pub title: String,
    /// Its parameters.
    pub parameters: String,
    /// Its own figures, for the first interpretation.
    pub headline: Vec<MetricRow>,
    /// Of how many it is the best.
    pub chosen: String,
}

impl Frame {
    /// The document around `candidates`; `looks` is what it calls its tests, such as `runs`.
    pub(super) fn document(
        &self,
        looks: &str,
        candidates: impl Iterator<Item = Section>,
    ) -> Document {
        let uncovered = Section::new(
            &format!("What these {looks} do not cover"),
            vec![Block::list(self.uncovered.clone())],
        );
        Document {
            lang: "en",
            title: self.title.clone(),
            banner: self.synthetic.then(|| BANNER.to_owned()),
            facts: self.facts.clone(),
            sections: candidates.chain([uncovered, self.repeated()]).collect(),
            seal: None,
        }
    }

    fn repeated(&self) -> Section {
        let facts = self.reproducibility.iter();
        let rows = facts.map(|(name, value)| [name.clone(), value.clone()]);
        Section::new(
            "Reproducibility",
            vec![Block::table(["", ""], rows.collect())],
        )
    }
}

impl CandidateHead {
    /// The section of the candidate, which goes on with `rest`.
    pub(super) fn section(&self, rest: Vec<Block>) -> Section {
        let mut blocks = vec![Block::text(&self.parameters)];
        blocks.extend(interpretation(&self.headline));
        blocks.push(Block::text(&self.chosen));
        blocks.extend(rest);
        Section::new(&self.title, blocks)
    }
}

/// The first interpretation of a candidate's own figures.
fn interpretation(headline: &[MetricRow]) -> [Block; 2] {
    // A candidate has no risk profile yet; the figures that need one are not among these.
    let lines = first_interpretation("none", headline);
    let rows: Vec<[String; 3]> = lines
        .iter()
        .map(|line| {
            let level = line.level.as_str().to_owned();
            [level, line.value.clone(), line.words.clone()]
        })
        .collect();
    let mut table = Block::table(["", "Metric", "First interpretation"], rows);
    if let Block::Table(table) = &mut table {
        for (row, line) in table.rows.iter_mut().zip(&lines) {
            row.level = Some(line.level.as_str());
        }
    }
    let words = "First interpretation (playbook, section 5.2) of the run itself, on the bars that it was chosen on: a rough feeling, no decision.";
    [Block::text(words), table]
}
