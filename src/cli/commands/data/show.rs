//! How data reports are shown.

use comfy_table::{Table, presets};

use crate::app::failure::Failure;
use crate::app::market::report::{DataReport, DataReports, Reported};
use crate::cli::context::Context;

/// Shows the reports, then fails with the refusal if there is one.
pub(super) fn reported(
    reported: Reported,
    json: bool,
    context: &mut Context<'_, '_>,
) -> Result<(), Failure> {
    match reported.reports.as_slice() {
        [report] if json => context.print_json(report)?,
        reports if json => {
            context.print_json(&DataReports {
                schema: DataReports::SCHEMA,
                reports: reports.to_vec(),
            })?;
        }
        reports => {
            for report in reports {
                context.print(&text(report))?;
            }
        }
    }
    reported.refusal.map_or(Ok(()), Err)
}

/// A report as text.
fn text(report: &DataReport) -> String {
    let figures = &report.figures;
    let mark = if report.synthetic { ", SYNTHETIC" } else { "" };
    let mut lines = vec![format!("{} {}{mark}", report.symbol, report.timeframe)];
    let mut line = |name: &str, value: String| lines.push(format!("  {name:<14}{value}"));
    line("rows", figures.rows.to_string());
    if let (Some(first), Some(last)) = (figures.first, figures.last) {
        line("first", first.to_string());
        line("last", last.to_string());
    }
    line(
        "gaps",
        format!("{} ({} bars missing)", figures.gaps, figures.missing_bars),
    );
    line("zero volume", figures.zero_volume.to_string());
    line("invalid bars", figures.invalid_bars.to_string());
    line("duplicates", figures.duplicates.to_string());
    if let Some(layout) = report.layout {
        line("layout", layout.to_owned());
    }
    if report.skipped_rows > 0 {
        line(
            "other symbols",
            format!("{} rows left aside", report.skipped_rows),
        );
    }
    if let Some(sha256) = report.sha256 {
        line("bars", format!("{}, sha256 {sha256}", report.bars));
    }
    if report.later_bars > 0 {
        let bars = report.later_bars;
        line(
            "later",
            format!("{bars} bars end after now and do not exist yet for research"),
        );
    }
    if let Some(path) = &report.path {
        let done = if report.written {
            "written"
        } else {
            "already there"
        };
        line("stored", format!("{path} ({done})"));
    }
    let mut text = lines.join("\n");
    text.push('\n');
    if !figures.faults.is_empty() {
        text.push_str(&faults(report));
    }
    text
}

fn faults(report: &DataReport) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "  fault",
        "count",
        "first line",
        "accepted",
        "what happens to it",
    ]);
    for fault in &report.figures.faults {
        table.add_row([
            format!("  {}", fault.code),
            fault.count.to_string(),
            fault
                .first_line
                .map_or_else(|| "-".to_owned(), |line| line.to_string()),
            (if fault.accepted { "yes" } else { "no" }).to_owned(),
            fault.code.remedy().to_owned(),
        ]);
    }
    let mut text = table.trim_fmt();
    text.push('\n');
    text
}
