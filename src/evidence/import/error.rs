//! Why another tool's file cannot be read.

use crate::evidence::table::TableError;

/// Why an input is not a series, or not one that may be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// More bytes than are read.
    #[error("larger than {0} MiB")]
    TooLarge(usize),
    /// A form that is never opened, with what to export instead.
    #[error("{what}: {instead}")]
    Form {
        /// What the bytes or the name are.
        what: &'static str,
        /// What to export instead.
        instead: &'static str,
    },
    /// Compressed data that is damaged or suspicious.
    #[error("archive: {0}")]
    Archive(String),
    /// A table with a fault.
    #[error(transparent)]
    Table(#[from] TableError),
    /// JSON with a fault, or of another shape.
    #[error("JSON: {0}")]
    Json(String),
    /// The file names several strategies, or not the one that was asked for.
    #[error("{message}; strategies in the file: {names}")]
    Strategy {
        /// What is wrong.
        message: String,
        /// The names, comma separated.
        names: String,
    },
    /// There is nothing from which figures could be computed.
    #[error("no series: {0}")]
    NoSeries(String),
    /// Anything else that makes the content unusable.
    #[error("{0}")]
    Content(String),
}

impl ImportError {
    /// A fault in line `line` of a table.
    pub(super) fn line(line: usize, what: impl Into<String>) -> Self {
        Self::Table(TableError::line(line, what))
    }

    /// True when the person must say more: which of several strategies is meant.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Strategy { .. })
    }
}
