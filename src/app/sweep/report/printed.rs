//! What `research report` prints for people: the first interpretation, what to do, the files.

use std::fmt::Write as _;

use super::json::SweepReportJson;
use crate::render::layout::{self, Bears, columns, paragraph};

/// The report in short.
#[must_use]
pub fn report_text(report: &SweepReportJson, width: usize) -> String {
    let invented = match report.synthetic {
        true => "; SYNTHETIC bars: nothing here was traded",
        false => "",
    };
    let mut text = paragraph(
        &format!("{} by {}{invented}", report.sweep, report.metric),
        0,
        width,
    );
    text.push('\n');
    let columns = columns([
        ("first interpretation", Bears::Text),
        ("level", Bears::Text),
        ("why", Bears::Note),
    ]);
    let rows: Vec<Vec<String>> = report
        .interpretation
        .iter()
        .map(|line| {
            vec![
                line.value.clone(),
                line.level.to_owned(),
                line.words.clone(),
            ]
        })
        .collect();
    text.push_str(&layout::table(&columns, &rows, width));
    text.push('\n');
    for advice in &report.recommendations {
        text.push_str(&paragraph(&format!("- {}", advice.text), 0, width));
    }
    text.push('\n');
    for file in &report.files {
        let done = if file.written {
            "written"
        } else {
            "there already, the same"
        };
        let _infallible = writeln!(text, "{done}: {}", file.path);
    }
    text
}
