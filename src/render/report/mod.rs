//! Research reports in Markdown and in one self-contained HTML file.
//!
//! In: a plain value such as [`RobustnessReport`]. Out: text, the same bytes for the same value.
//! A report interprets in the playbook's words (good, warning, bad) and never gives a verdict:
//! that is the gate's.

pub mod candidates;
pub mod document;
pub mod interpretation;
pub mod monte_carlo;
pub mod number;
pub mod robustness;
mod sections;
pub mod stress;
#[cfg(feature = "research")]
pub mod sweep;
pub(in crate::render) mod template;
#[cfg(feature = "research")]
pub mod walk_forward;

pub use robustness::RobustnessReport;
/// Any document as Markdown.
///
/// # Errors
/// When the embedded template does not fit; a defect of this program.
pub fn document_markdown(document: &document::Document) -> Result<String, TemplateError> {
    template::markdown(document)
}

/// Any document as one self-contained HTML file.
///
/// # Errors
/// When the embedded template does not fit; a defect of this program.
pub fn document_html(document: &document::Document) -> Result<String, TemplateError> {
    template::html(document)
}

pub use template::{TemplateError, inert};

/// The report as Markdown.
///
/// # Errors
/// When the embedded template does not fit; a defect of this program.
pub fn markdown(report: &RobustnessReport) -> Result<String, TemplateError> {
    template::markdown(&sections::document(report))
}

/// The report as one self-contained HTML file.
///
/// # Errors
/// When the embedded template does not fit; a defect of this program.
pub fn html(report: &RobustnessReport) -> Result<String, TemplateError> {
    template::html(&sections::document(report))
}
