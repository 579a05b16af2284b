//! Render: values in, text out; it never reads.

pub mod amount;
pub mod axis;
pub mod chart;
pub mod decision_log;
pub mod markdown;
pub mod policy;
pub mod regulator;
pub mod report;
pub mod verdict;

use comfy_table::{ContentLineStyle, LineStyle, Table, TableStyle};

/// A table without borders: a ruled header, columns two spaces apart, no colour.
#[must_use]
pub fn plain_table() -> Table {
    let style = TableStyle::new()
        .header_lines(ContentLineStyle::none())
        .header_separator(LineStyle::none().fill('-').junction('-'))
        .content_lines(ContentLineStyle::none());
    let mut table = Table::new();
    table.load_style(style);
    table
}
