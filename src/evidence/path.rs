//! Paths inside a bundle: which names exist, and whether their content is judged.
//!
//! A path is one or more parts of `[a-z0-9][A-Za-z0-9_.-]*` joined by `/`, without `..`, at most
//! 200 bytes: it cannot leave the bundle, name a hidden file or differ only by Unicode. The set of
//! judged files is closed; everything else is for people and stands at one of the view places.

use super::manifest::{self, FileRole};
use crate::kernel::text::visible;

/// The whole sample.
pub const FULL: &str = "series/full.csv";
/// The out-of-sample part.
pub const OOS: &str = "series/oos.csv";
/// Closed and open trades.
pub const TRADES: &str = "trades.csv";
/// The resolved configuration.
pub const STRATEGY: &str = "strategy.json";
/// The execution limits.
pub const LIMITS: &str = "limits.json";
/// The market regime of every bar.
pub const REGIME: &str = "series/regime.csv";
/// What every trial of a sweep returned, in blocks.
pub const BLOCKS: &str = "trials/blocks.csv";
/// Every order of a session.
pub const ORDERS: &str = "orders.csv";
/// What else happened in a session.
pub const EVENTS: &str = "events.csv";
/// The producer's resamples, for people.
pub const REPLICATES: &str = "mc/replicates.csv";
/// Signature of the manifest; never listed in it.
pub const SIGNATURE: &str = "evidence.json.sig";

/// Files whose content counts.
const JUDGED: [&str; 9] = [
    FULL, OOS, TRADES, STRATEGY, LIMITS, REGIME, BLOCKS, ORDERS, EVENTS,
];

/// Why a path does not belong into a bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Not of the grammar.
    #[error("`{0}` is not a path inside a bundle: plain parts joined by `/`, no `..`")]
    Spelling(String),
    /// A name that a bundle does not have.
    #[error("`{0}` is no file of a bundle")]
    Unknown(String),
}

/// Role of the file at `path`.
///
/// # Errors
/// When `path` could leave the bundle, or is none of the files that a bundle has.
pub fn role_of(path: &str) -> Result<FileRole, PathError> {
    let part_is_plain = |part: &str| {
        part.bytes()
            .next()
            .is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            && !part.ends_with('.')
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
            && !part.contains("..")
    };
    if path.len() > 200 || !path.split('/').all(part_is_plain) {
        return Err(PathError::Spelling(visible(path, 80)));
    }
    if JUDGED.contains(&path) {
        return Ok(FileRole::Judged);
    }
    let csv_below = |folder: &str| {
        path.strip_prefix(folder)
            .is_some_and(|name| name.ends_with(".csv") && !name.contains('/'))
    };
    let parquet = path
        .strip_prefix("series/")
        .is_some_and(|name| name.ends_with(".parquet") && !name.contains('/'));
    let view = matches!(path, REPLICATES | "report.md" | "report.html")
        || csv_below("series/stress_")
        || csv_below("tables/")
        || parquet;
    if view && path != manifest::FILE_NAME {
        Ok(FileRole::View)
    } else {
        Err(PathError::Unknown(path.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles() {
        for path in JUDGED {
            assert_eq!(role_of(path), Ok(FileRole::Judged));
        }
        for path in [
            "report.md",
            "report.html",
            "mc/replicates.csv",
            "series/stress_single_crash_bar.csv",
            "series/full.parquet",
            "tables/monthly.csv",
        ] {
            assert_eq!(role_of(path), Ok(FileRole::View), "{path}");
        }
    }

    #[test]
    fn nothing_leaves_the_bundle() {
        for bad in [
            "",
            "/etc/passwd",
            "../x.csv",
            "tables/../../x.csv",
            "tables/..csv",
            "tables//x.csv",
            "tables/.x.csv",
            "tables\\x.csv",
            "tables/x.csv\0",
            "tables/\u{202e}x.csv",
            "C:/x.csv",
            "evidence.json",
            "evidence.json.sig",
            "series/FULL.csv",
            "series/other.csv",
            "trades.csv/x",
            "tables/a/b.csv",
        ] {
            assert!(role_of(bad).is_err(), "{bad:?}");
        }
    }
}
