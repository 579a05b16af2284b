//! Render: values in, text out; it never reads.

pub mod amount;
pub mod axis;
pub mod chart;
pub mod consequences;
pub mod csv;
pub mod decision_log;
pub mod expectation;
pub mod export;
pub mod markdown;
pub mod policy;
pub mod refusals;
pub mod register;
pub mod regulator;
pub mod report;
pub mod resemblance;
pub mod verdict;

use comfy_table::{ContentLineStyle, LineStyle, Table, TableStyle};

/// A document could not be written; a defect of this program, not of the data.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The embedded template does not fit.
    #[error("could not fill the template of the decision log")]
    Template(#[from] tera::Error),
    /// The template of documents does not fit.
    #[error(transparent)]
    Document(#[from] report::TemplateError),
    /// CSV.
    #[error("could not write CSV: {0}")]
    Csv(String),
    /// JSON.
    #[error("could not write JSON")]
    Json(#[from] serde_json::Error),
}

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
