//! Zip archives, read defensively: the names of the members, and the content of one.
//!
//! In: the bytes of an archive. Out: checked names, and bytes whose length and CRC-32 are those
//! that the archive states. The crate `zip` reads the format; here stands what is refused. Nothing
//! is unpacked to a disk. Refused as a whole: more than [`MEMBERS_MAX`] members, absolute paths,
//! drive letters, `..`, backslashes, control characters, links and devices, two members of one
//! name (whatever their case), members that overlap or that the list conceals, bytes behind the
//! end, encryption, several disks, Zip64, and sizes that no export has.

mod end;

use std::collections::BTreeSet;
use std::io::Cursor;
use std::ops::Range;

use zip::read::{ArchiveOffset, Config, ZipFileEntry};
use zip::result::ZipError;
use zip::{CompressionMethod, HasZipMetadata as _, ZIP64_BYTES_THR, ZipArchive};

use super::error::ImportError;
use super::opened::{BYTES_MAX, bounded};
use crate::kernel::text::{is_forbidden, visible};

/// Most members of an archive.
pub const MEMBERS_MAX: usize = 256;
/// Most bytes of all members together, as the list states them.
const UNPACKED_MAX: u64 = 4 * BYTES_MAX as u64;
const CENTRAL: &[u8] = b"PK\x01\x02";
const CENTRAL_BYTES: usize = 46;
const ZIP64: &str = "Zip64 is not read: no export is that large";

/// An archive whose list of members was checked.
pub struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// Paths of its members in the order of the list.
    pub names: Vec<String>,
}

fn refuse<T>(what: impl Into<String>) -> Result<T, ImportError> {
    Err(ImportError::Archive(what.into()))
}

/// The library's words may repeat names of the archive.
fn damaged(error: &ZipError) -> ImportError {
    ImportError::Archive(format!("damaged: {}", visible(&error.to_string(), 200)))
}

impl<'a> Archive<'a> {
    /// Reads the list of members.
    ///
    /// # Errors
    /// When the archive is damaged, or one of the rules of this module refuses it.
    pub fn open(bytes: &'a [u8]) -> Result<Self, ImportError> {
        let list = end::list(bytes)?;
        let config = Config {
            archive_offset: ArchiveOffset::Known(0),
        };
        let zip = ZipArchive::with_config(config, Cursor::new(bytes));
        let mut zip = zip.map_err(|e| damaged(&e))?;
        check_list(&zip, bytes, &list)?;
        let (mut names, mut total) = (Vec::new(), 0_u64);
        for index in 0..zip.len() {
            let member = zip.by_index_data(index).map_err(|e| damaged(&e))?;
            names.push(checked(&member)?);
            total = total.saturating_add(member.size());
        }
        check_distinct(&names)?;
        if total > UNPACKED_MAX {
            return refuse(format!("{total} bytes when unpacked: no export does that"));
        }
        // Every member has a head like its entry of the list, before the list, and none overlaps.
        zip.validate_header_consistency().map_err(|e| damaged(&e))?;
        Ok(Self { zip, names })
    }

    /// The content of one member.
    ///
    /// # Errors
    /// When it is compressed in an unknown way, grows too much, or is not what the list states.
    pub fn read(&mut self, name: &str) -> Result<Vec<u8>, ImportError> {
        let member = self.zip.by_name(name).map_err(|e| damaged(&e))?;
        let method = member.compression();
        if !matches!(
            method,
            CompressionMethod::Stored | CompressionMethod::Deflated
        ) {
            return refuse(format!("compression method {method} is not read"));
        }
        let size = member.size();
        let compressed = usize::try_from(member.compressed_size()).unwrap_or(usize::MAX);
        let other = || {
            let name = visible(name, 80);
            ImportError::Archive(format!("damaged: `{name}` is not what its list states"))
        };
        let plain = bounded(member, compressed, |_| other())?;
        match u64::try_from(plain.len()) {
            Ok(len) if len == size => Ok(plain),
            _ => Err(other()),
        }
    }
}

/// The list holds as many members as its end states, each under a name of its own. The library does
/// not ask.
fn check_list(
    zip: &ZipArchive<Cursor<&[u8]>>,
    bytes: &[u8],
    list: &Range<usize>,
) -> Result<(), ImportError> {
    if zip.has_duplicate_names() {
        return refuse("two members have the same name");
    }
    if last_entry(zip, bytes).unwrap_or(list.start) != list.end {
        return refuse("damaged: more members than it states");
    }
    Ok(())
}

/// Where the last entry of the list ends.
fn last_entry(zip: &ZipArchive<Cursor<&[u8]>>, bytes: &[u8]) -> Option<usize> {
    let last = zip.by_index_data(zip.len().checked_sub(1)?).ok()?;
    let at = usize::try_from(last.central_header_start()).ok()?;
    let entry = bytes.get(at..)?;
    let (lengths, _) = entry.get(28..CENTRAL_BYTES)?.as_chunks();
    let texts = lengths.iter().take(3).map(|n| u16::from_le_bytes(*n));
    Some(at + CENTRAL_BYTES + texts.map(usize::from).sum::<usize>())
}

/// The name of a member that may be read.
fn checked(member: &ZipFileEntry<'_>) -> Result<String, ImportError> {
    let Ok(name) = std::str::from_utf8(member.name_raw()) else {
        return refuse("a member's name is not UTF-8");
    };
    let shown = visible(name, 80);
    if member.encrypted() {
        return refuse(format!("`{shown}` is encrypted"));
    }
    if member.get_metadata().large_file || member.size() >= ZIP64_BYTES_THR {
        return refuse(ZIP64);
    }
    let kind = member.unix_mode().unwrap_or_default() & 0o170_000;
    if !matches!(kind, 0 | 0o100_000 | 0o040_000) {
        return refuse(format!("`{shown}` is a link or device"));
    }
    let parts = name.strip_suffix('/').unwrap_or(name).split('/');
    let plain = |part: &str| !matches!(part, "" | "." | "..");
    let odd = name
        .chars()
        .any(|c| is_forbidden(c) || matches!(c, '\\' | ':' | '\n'));
    if odd || name.len() > 512 || !parts.into_iter().all(plain) {
        return refuse(format!("`{shown}` is not a path inside the archive"));
    }
    Ok(name.to_owned())
}

fn check_distinct(names: &[String]) -> Result<(), ImportError> {
    let mut seen = BTreeSet::new();
    match names.iter().find(|name| !seen.insert(name.to_lowercase())) {
        Some(name) => refuse(format!("two members are called `{}`", visible(name, 80))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
