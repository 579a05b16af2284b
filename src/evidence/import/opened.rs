//! Bytes of an input, made safe to parse: size bounded, pickles and other foreign containers
//! refused by name and by their first bytes, gzip undone within bounds.
//!
//! In: the name that a person typed and the bytes. Out: the bytes to parse, never more than
//! [`BYTES_MAX`]. Nothing is executed, no path is followed.

use std::borrow::Cow;
use std::io::Read as _;

use flate2::read::MultiGzDecoder;

use super::error::ImportError;

/// Most bytes of one input, before and after decompression.
pub const BYTES_MAX: usize = 64 * 1024 * 1024;
/// Largest growth of compressed data beyond the first MiB: tables and JSON stay far below.
const RATIO_MAX: usize = 300;
/// Below this size any growth is harmless.
const RATIO_FROM: usize = 1024 * 1024;

const PICKLE: &str = "a pickle runs code when it is opened and is never read";
const PICKLE_INSTEAD: &str = "export a table instead, such as `pf.returns().to_csv(FILE)` or \
    `series.to_csv(FILE)`, or the tool's own JSON";
const PICKLE_NAMES: [&str; 7] = [
    ".pkl",
    ".pickle",
    ".p",
    ".dill",
    ".joblib",
    ".pkl.gz",
    ".pickle.gz",
];
/// First bytes of protocols 0 and 1; the later ones begin with 0x80 and their number.
const PICKLE_TEXTS: [&[u8]; 8] = [
    b"ccopy_reg\n",
    b"ccopyreg\n",
    b"cpandas.",
    b"cnumpy",
    b"c__builtin__\n",
    b"cbuiltins\n",
    b"(dp",
    b"(lp",
];

/// Containers that are known and not read: first bytes, what they are, what to export instead.
const FOREIGN: [(&[u8], &str, &str); 7] = [
    (
        b"\x93NUMPY",
        "a NumPy array",
        "export dates and values as CSV",
    ),
    (b"PAR1", "a Parquet file", "export the series as CSV"),
    (b"ARROW1", "a Feather file", "export the series as CSV"),
    (b"FEA1", "a Feather file", "export the series as CSV"),
    (
        b"\x89HDF",
        "an HDF5 file",
        "export the series as CSV, one column per strategy",
    ),
    (
        b"<",
        "an HTML or XML file",
        "a report has no series: export the returns as CSV",
    ),
    (b"%PDF", "a PDF file", "export the returns as CSV"),
];

/// Bytes to parse.
///
/// # Errors
/// When the input is too large, a pickle, another container, or compressed data that is damaged
/// or grows too much.
pub fn open<'a>(name: &str, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, ImportError> {
    if bytes.len() > BYTES_MAX {
        return Err(ImportError::TooLarge(BYTES_MAX / 1024 / 1024));
    }
    let lower = name.to_ascii_lowercase();
    if PICKLE_NAMES.iter().any(|end| lower.ends_with(end)) {
        return Err(pickle());
    }
    refuse_foreign(bytes)?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(Cow::Borrowed(bytes));
    }
    let damaged = |e| ImportError::Archive(format!("damaged: {e}"));
    let plain = bounded(MultiGzDecoder::new(bytes), bytes.len(), damaged)?;
    refuse_foreign(&plain)?;
    if plain.starts_with(&[0x1f, 0x8b]) || plain.starts_with(b"PK\x03\x04") {
        return Err(ImportError::Archive(
            "compressed data inside compressed data".into(),
        ));
    }
    Ok(Cow::Owned(plain))
}

/// Reads everything that `reader` decompresses from `compressed` bytes, within bounds.
pub(super) fn bounded(
    reader: impl std::io::Read,
    compressed: usize,
    damaged: impl FnOnce(std::io::Error) -> ImportError,
) -> Result<Vec<u8>, ImportError> {
    let most = compressed
        .saturating_mul(RATIO_MAX)
        .clamp(RATIO_FROM, BYTES_MAX);
    let mut plain = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    reader
        .take(limit)
        .read_to_end(&mut plain)
        .map_err(damaged)?;
    if plain.len() <= most {
        return Ok(plain);
    }
    Err(ImportError::Archive(format!(
        "{compressed} bytes grow beyond {most}: no export does that"
    )))
}

/// Refuses pickles and other containers by their first bytes.
pub(super) fn refuse_foreign(bytes: &[u8]) -> Result<(), ImportError> {
    let protocol = matches!(bytes, [0x80, 1..=8, ..]);
    if protocol || PICKLE_TEXTS.iter().any(|head| bytes.starts_with(head)) {
        return Err(pickle());
    }
    match FOREIGN.iter().find(|(head, ..)| bytes.starts_with(head)) {
        Some((_, what, instead)) => Err(ImportError::Form { what, instead }),
        None => Ok(()),
    }
}

fn pickle() -> ImportError {
    ImportError::Form {
        what: PICKLE,
        instead: PICKLE_INSTEAD,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    }

    #[test]
    fn pickles_are_refused_by_name_and_by_content() {
        let mut wrapped = vec![0x80, 4];
        wrapped.extend(b"\x95rest");
        for (name, bytes) in [
            ("pf.pkl", b"date,return\n".to_vec()),
            ("PF.PICKLE", b"x".to_vec()),
            ("pf.dill", b"x".to_vec()),
            ("r.csv", wrapped.clone()),
            ("r.csv", b"ccopy_reg\n_reconstructor\n".to_vec()),
            ("r.csv.gz", gz(&wrapped)),
        ] {
            let error = open(name, &bytes).unwrap_err().to_string();
            assert!(
                error.contains("pickle") && error.contains("to_csv"),
                "{error}"
            );
        }
    }

    #[test]
    fn other_containers_say_what_to_export() {
        for bytes in [
            &b"PAR1xx"[..],
            b"ARROW1",
            b"<html>",
            b"\x93NUMPY",
            b"%PDF-1",
        ] {
            let error = open("x", bytes).unwrap_err().to_string();
            assert!(error.contains("CSV"), "{error}");
        }
    }

    #[test]
    fn gzip_is_undone_within_bounds() {
        let text = "date,return\n2024-01-01,0.1\n".repeat(10);
        assert_eq!(
            open("r.csv.gz", &gz(text.as_bytes())).unwrap(),
            text.as_bytes()
        );
        assert_eq!(open("r.csv", text.as_bytes()).unwrap(), text.as_bytes());
        let bomb = gz(&vec![b'0'; 20 * RATIO_FROM]);
        let error = open("r.csv.gz", &bomb).unwrap_err().to_string();
        assert!(error.contains("grow beyond"), "{error}");
        let mut cut = gz(text.as_bytes());
        cut.truncate(cut.len() - 9);
        assert!(open("r.csv.gz", &cut).is_err());
        assert!(open("r.csv.gz", &gz(&gz(b"x"))).is_err());
    }
}
