//! Render: values in, text out; it never reads.

pub mod amount;
pub mod axis;
pub mod bars;
pub mod boxes;
pub mod chart;
pub mod consequences;
pub mod csv;
pub mod decision_log;
pub mod expectation;
pub mod export;
pub mod heatmap;
pub mod histogram;
pub mod layout;
pub mod lines;
pub mod markdown;
pub mod policy;
pub mod refusals;
pub mod register;
pub mod regulator;
pub mod report;
pub mod resemblance;
pub mod share_bars;
#[cfg(feature = "research")]
pub mod strategies;
pub mod verdict;

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
