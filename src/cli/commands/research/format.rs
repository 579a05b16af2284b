//! What `--format` says on `research …`: which report files are written.

use clap::ValueEnum;

use crate::research::robustness::options::Format;

/// Report files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// `report.md`
    #[value(alias = "markdown")]
    Md,
    /// `report.html`
    Html,
    /// Both
    Both,
    /// JSON on stdout
    Json,
}

impl ReportFormat {
    /// The files; with JSON on stdout both of them.
    #[must_use]
    pub fn files(self) -> Format {
        match self {
            Self::Md => Format::Markdown,
            Self::Html => Format::Html,
            Self::Both | Self::Json => Format::Both,
        }
    }
}
