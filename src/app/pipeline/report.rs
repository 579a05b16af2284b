//! The overview of a pipeline: `report.md` and `report.html` beside the folders of the steps.

use super::json::PipelineJson;
use super::printed::row;
use crate::app::failure::Failure;
use crate::app::report_files::report_files;
use crate::render::report;
use crate::render::report::document::{Block, Document, Section};
use crate::research::robustness::options::Format;

/// The files by name.
///
/// # Errors
/// When the embedded template does not fit; a defect of this program.
pub(super) fn files(
    json: &PipelineJson,
    format: Format,
) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let document = document(json, format);
    report_files(
        format,
        || report::document_markdown(&document),
        || report::document_html(&document),
    )
}

fn document(json: &PipelineJson, format: Format) -> Document {
    let data = &json.data;
    let synthetic = json.steps.iter().any(|step| step.synthetic);
    let facts = [
        ("Sweep", format!("{} ({})", json.sweep, json.kind)),
        (
            "Bars",
            format!(
                "{} of {} {}, {} to {}",
                data.bars,
                data.symbol,
                data.timeframe,
                data.first.date(),
                data.last.date()
            ),
        ),
        ("Ranked by", json.metric.clone()),
        ("Trials", trials(json)),
    ];
    Document {
        lang: "en",
        title: format!("Research pipeline of {}", json.sweep),
        banner: synthetic.then(|| {
            "SYNTHETIC: some of these bars were invented. Nothing here says anything about a market."
                .to_owned()
        }),
        facts: facts.map(|(name, value)| (name.to_owned(), value)).into(),
        sections: [
            Some(interpretation(json)),
            Some(candidates(json)),
            Some(steps(json, format)),
            Some(repeated(json)),
        ]
        .into_iter()
        .flatten()
        .collect(),
        seal: None,
    }
}

/// What this pipeline tried, and what was counted before it.
fn trials(json: &PipelineJson) -> String {
    let sweep = format!("{} of the sweep", json.trials.runs);
    let walked = json.walk_forward.as_ref().map(|walk| {
        let runs = walk.trials.runs;
        format!(", the same {runs} again in the walk-forward")
    });
    format!(
        "{sweep}{}; {} counted earlier for {}",
        walked.unwrap_or_default(),
        json.trials.earlier,
        json.trials.portfolio
    )
}

fn interpretation(json: &PipelineJson) -> Section {
    let mut blocks = vec![Block::text(
        "A rough feeling, no verdict: what the sweep chose was chosen on these bars. The walk-forward chose on earlier bars than those it was tried on.",
    )];
    for step in json
        .steps
        .iter()
        .filter(|step| !step.interpretation.is_empty())
    {
        blocks.push(Block::heading(step.step));
        let rows = step.interpretation.iter();
        let rows = rows.map(|line| {
            [
                line.level.to_owned(),
                line.value.clone(),
                line.words.clone(),
            ]
        });
        let mut table = Block::table(["", "What", "First interpretation"], rows.collect());
        if let Block::Table(table) = &mut table {
            for (row, line) in table.rows.iter_mut().zip(&step.interpretation) {
                row.level = Some(line.level);
                row.at = Some(0);
            }
        }
        blocks.push(table);
    }
    Section::new("First interpretation", blocks)
}

fn candidates(json: &PipelineJson) -> Section {
    let rows = json.candidates.iter().map(|candidate| {
        let mut cells = row(candidate).into_iter();
        let mut next = || cells.next().unwrap_or_default();
        [next(), next(), next(), next(), next(), next(), next()]
    });
    let metric = format!("#{}", json.metric);
    let table = Block::table(
        [
            "#Rank",
            "Parameters",
            &metric,
            "#Plateau",
            "#Sharpe, 5 % of runs below",
            "#Drawdown, 5 % of runs above",
            "#Deepest stressed drawdown",
        ],
        rows.collect(),
    );
    let luck = json.sharpe_without_skill.as_ref().map(|luck| {
        Block::text(format!(
            "The best of so many trials is expected at a Sharpe ratio of {} without any skill. Monte-Carlo and stress do not undo the choice: they look at what was chosen.",
            luck.to_fixed(2)
        ))
    });
    let blocks = std::iter::once(table).chain(luck).collect();
    Section::new("The best", blocks)
}

fn steps(json: &PipelineJson, format: Format) -> Section {
    let names = [
        ("report.md", format.markdown()),
        ("report.html", format.html()),
    ];
    let rows = json.steps.iter().map(|step| {
        [
            step.step.to_owned(),
            names
                .iter()
                .filter(|(_, written)| *written)
                .map(|(name, _)| format!("{}/{name}", step.step))
                .collect::<Vec<String>>()
                .join(", "),
            step.run_sha256.to_string(),
        ]
    });
    let table = Block::table(["Step", "Report", "Digest of its inputs"], rows.collect());
    let export = format!(
        "{}_top_candidates.toml holds the best with all their parameters. It is an export and no promotion: put a candidate into a preset, and make evidence of it with `promote robustness`.",
        json.sweep
    );
    Section::new("Steps", vec![table, Block::text(export)])
}

fn repeated(json: &PipelineJson) -> Section {
    let facts = [
        ("Command", json.made.command.clone()),
        ("Bars, SHA-256", json.data.sha256.to_string()),
        ("Digest of the inputs", json.made.run_sha256.to_string()),
        ("Engine", json.made.engine.to_string()),
    ];
    let facts = facts.map(|(name, value)| (name.to_owned(), value));
    Section::new(
        "Repeating it",
        vec![Block::Facts {
            facts: facts.into(),
        }],
    )
}
