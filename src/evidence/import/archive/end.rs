//! The end of a zip archive, read before the library sees the archive.
//!
//! In: the bytes of an archive. Out: where its list of members lies. The library tries every end in the
//! last 64 KiB, and whatever list or Zip64 record each of them names: a file of 64 MiB can keep it
//! busy for minutes. What passes here has one end, the last one, which the library takes first and
//! leaves for no other; it lists at most [`MEMBERS_MAX`] members in [`LIST_MAX`] bytes, so that all that
//! is read and kept of the list is bounded before it is read.

use std::ops::Range;

use super::{CENTRAL, MEMBERS_MAX, ZIP64, refuse};
use crate::evidence::import::error::ImportError;

pub(super) const END: &[u8] = b"PK\x05\x06";
const END_BYTES: usize = 22;
/// Stands right before the end of a Zip64 archive.
const LOCATOR: &[u8] = b"PK\x06\x07";
const LOCATOR_BYTES: usize = 20;
/// The end and its longest comment.
const REACH: usize = END_BYTES + 0xffff;
/// Most bytes of the list: each may be a quarter of a field that the library keeps.
const LIST_MAX: usize = 1024 * 1024;
const UNFIT: &str = "damaged: its list and its end do not fit";

/// What the end says of the archive.
struct End {
    /// This disk, and the one on which the list begins.
    disks: [usize; 2],
    /// Members listed on this disk, and on all.
    counts: [usize; 2],
    /// Bytes of the list.
    size: usize,
    /// Where the list begins.
    start: usize,
    /// Bytes of the comment.
    comment: usize,
}

impl End {
    /// None where it is cut short.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let number = |from: usize, len: usize| {
            let digits = bytes.get(from..from + len)?.iter().rev();
            Some(digits.fold(0, |sum, digit| (sum << 8) | usize::from(*digit)))
        };
        Some(Self {
            disks: [number(4, 2)?, number(6, 2)?],
            counts: [number(8, 2)?, number(10, 2)?],
            size: number(12, 4)?,
            start: number(16, 4)?,
            comment: number(20, 2)?,
        })
    }
}

/// Where the list of members lies: it is followed by the end, and that by nothing but its comment. A
/// program that looks elsewhere would read another archive.
///
/// # Errors
/// When there is no such end, or it is of an archive that is not read.
pub(super) fn list(bytes: &[u8]) -> Result<Range<usize>, ImportError> {
    let tail = bytes.len().saturating_sub(REACH);
    let Some(at) = last(bytes.get(tail..).unwrap_or_default(), END).map(|at| tail + at) else {
        return refuse("damaged: it has no end");
    };
    let before = at.checked_sub(LOCATOR_BYTES);
    if before.is_some_and(|from| starts(bytes, from, LOCATOR)) {
        return refuse(ZIP64);
    }
    let Some(end) = End::parse(bytes.get(at..).unwrap_or_default()) else {
        return refuse(UNFIT);
    };
    let [here, count] = end.counts;
    if end.disks != [0; 2] || here != count {
        return refuse("an archive of several disks is not read");
    }
    if count > MEMBERS_MAX {
        return refuse(format!("{count} members, the limit is {MEMBERS_MAX}"));
    }
    if end.size > LIST_MAX {
        return refuse(format!("a list of {} bytes: no export has that", end.size));
    }
    let list = bytes.get(end.start..at).unwrap_or_default();
    let fits = end.start.checked_add(end.size) == Some(at)
        && at + END_BYTES + end.comment == bytes.len()
        && (count == 0 || list.starts_with(CENTRAL))
        && last(list, END).is_none();
    if fits {
        Ok(end.start..at)
    } else {
        refuse(UNFIT)
    }
}

fn last(bytes: &[u8], head: &[u8]) -> Option<usize> {
    bytes.windows(head.len()).rposition(|w| w == head)
}

fn starts(bytes: &[u8], from: usize, head: &[u8]) -> bool {
    bytes.get(from..).is_some_and(|rest| rest.starts_with(head))
}
