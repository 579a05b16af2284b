//! Zip archives, read defensively: the list of members, and the content of one.
//!
//! In: the bytes of an archive. Out: its members with checked names, and bytes whose length and
//! CRC-32 are those that the archive states. Nothing is unpacked to a disk. Refused as a whole:
//! more than [`MEMBERS_MAX`] members, absolute paths, drive letters, `..`, backslashes, control
//! characters, links and devices, two members of one name (whatever their case), members that
//! overlap, encryption, several disks, Zip64, and sizes that no export has.

use std::collections::BTreeSet;

use flate2::Crc;
use flate2::read::DeflateDecoder;

use super::error::ImportError;
use super::opened::{BYTES_MAX, bounded};
use crate::kernel::text::{is_forbidden, visible};

/// Most members of an archive.
pub const MEMBERS_MAX: usize = 256;
const END: [u8; 4] = *b"PK\x05\x06";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const LOCAL: [u8; 4] = *b"PK\x03\x04";
const END_BYTES: usize = 22;

/// One member of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Path inside the archive.
    pub name: String,
    method: u16,
    crc: u32,
    compressed: usize,
    size: usize,
    offset: usize,
}

/// An archive whose list of members was checked.
#[derive(Debug, Clone)]
pub struct Archive<'a> {
    bytes: &'a [u8],
    /// Its members in the order of the list.
    pub members: Vec<Member>,
}

fn refuse<T>(what: impl Into<String>) -> Result<T, ImportError> {
    Err(ImportError::Archive(what.into()))
}

/// Little-endian numbers one after the other.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], ImportError> {
        match self.0.split_at_checked(n) {
            Some((head, rest)) => {
                self.0 = rest;
                Ok(head)
            }
            None => refuse("damaged: it ends too early"),
        }
    }

    fn u16(&mut self) -> Result<u16, ImportError> {
        let mut bytes = [0; 2];
        bytes.copy_from_slice(self.take(2)?);
        Ok(u16::from_le_bytes(bytes))
    }

    fn u32(&mut self) -> Result<u32, ImportError> {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(self.take(4)?);
        Ok(u32::from_le_bytes(bytes))
    }

    fn size(&mut self) -> Result<usize, ImportError> {
        match self.u32()? {
            u32::MAX => refuse("Zip64 is not read: no export is that large"),
            n => Ok(usize::try_from(n).unwrap_or(usize::MAX)),
        }
    }
}

impl<'a> Archive<'a> {
    /// Reads the list of members.
    ///
    /// # Errors
    /// When the archive is damaged, or one of the rules of this module refuses it.
    pub fn open(bytes: &'a [u8]) -> Result<Self, ImportError> {
        let (count, size, offset) = end_of(bytes)?;
        if count > MEMBERS_MAX {
            return refuse(format!("{count} members, the limit is {MEMBERS_MAX}"));
        }
        let list = offset
            .checked_add(size)
            .and_then(|end| bytes.get(offset..end));
        let Some(list) = list else {
            return refuse("damaged: its list lies outside");
        };
        let mut fields = Fields(list);
        let mut members = Vec::new();
        for _ in 0..count {
            members.push(member(&mut fields)?);
        }
        if !fields.0.is_empty() {
            return refuse("damaged: more members than it states");
        }
        let archive = Self { bytes, members };
        archive.check_names()?;
        archive.check_ranges(offset)?;
        Ok(archive)
    }

    /// The content of one member.
    ///
    /// # Errors
    /// When it is compressed in an unknown way, grows too much, or is not what the list states.
    pub fn read(&self, member: &Member) -> Result<Vec<u8>, ImportError> {
        let (from, to) = self.range(member)?;
        let data = self.bytes.get(from..to).unwrap_or_default();
        let plain = match member.method {
            0 => data.to_vec(),
            8 => bounded(DeflateDecoder::new(data), data.len())?,
            other => return refuse(format!("compression method {other} is not read")),
        };
        let mut crc = Crc::new();
        crc.update(&plain);
        if plain.len() != member.size || crc.sum() != member.crc {
            let name = visible(&member.name, 80);
            return refuse(format!("damaged: `{name}` is not what its list states"));
        }
        Ok(plain)
    }

    fn check_names(&self) -> Result<(), ImportError> {
        let mut seen = BTreeSet::new();
        let mut total = 0_usize;
        for member in &self.members {
            check_name(&member.name)?;
            if !seen.insert(member.name.to_lowercase()) {
                let name = visible(&member.name, 80);
                return refuse(format!("two members are called `{name}`"));
            }
            total = total.saturating_add(member.size);
        }
        if total > 4 * BYTES_MAX {
            return refuse(format!("{total} bytes when unpacked: no export does that"));
        }
        Ok(())
    }

    /// Members lie before the list and do not overlap: one of them cannot be many.
    fn check_ranges(&self, list: usize) -> Result<(), ImportError> {
        let mut ranges = Vec::new();
        for member in &self.members {
            let (_, end) = self.range(member)?;
            ranges.push((member.offset, end));
        }
        ranges.sort_unstable();
        let ends = ranges.iter().map(|(_, end)| *end);
        let starts = ranges.iter().skip(1).map(|(start, _)| *start);
        match ends
            .zip(starts.chain([list]))
            .find(|(end, next)| end > next)
        {
            Some(_) => refuse("members overlap"),
            None => Ok(()),
        }
    }

    /// Where the data of a member lies.
    fn range(&self, member: &Member) -> Result<(usize, usize), ImportError> {
        let mut fields = Fields(self.bytes.get(member.offset..).unwrap_or_default());
        if fields.take(4)? != LOCAL {
            return refuse("damaged: a member has no head");
        }
        let _version_flags = fields.take(4)?;
        let method = fields.u16()?;
        let _time_crc_sizes = fields.take(16)?;
        let (name_len, extra_len) = (fields.u16()?, fields.u16()?);
        let name = fields.take(usize::from(name_len))?;
        if method != member.method || name != member.name.as_bytes() {
            return refuse("damaged: a member's head differs from the list");
        }
        let head = 30 + usize::from(name_len) + usize::from(extra_len);
        let from = member.offset.saturating_add(head);
        let to = from.saturating_add(member.compressed);
        if to > self.bytes.len() {
            return refuse("damaged: a member lies outside");
        }
        Ok((from, to))
    }
}

/// Number of members, size and offset of the list.
fn end_of(bytes: &[u8]) -> Result<(usize, usize, usize), ImportError> {
    let furthest = bytes
        .len()
        .saturating_sub(END_BYTES + usize::from(u16::MAX));
    let tail = bytes.get(furthest..).unwrap_or_default();
    let heads = tail.windows(END.len()).enumerate();
    for (at, _) in heads
        .filter(|(_, head)| *head == END)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
    {
        let mut fields = Fields(tail.get(at + END.len()..).unwrap_or_default());
        let (disk, first) = (fields.u16()?, fields.u16()?);
        let (here, all) = (fields.u16()?, fields.u16()?);
        let (size, offset) = (fields.size()?, fields.size()?);
        let comment = usize::from(fields.u16()?);
        if comment != fields.0.len() {
            continue;
        }
        if disk != 0 || first != 0 || here != all {
            return refuse("it is part of several");
        }
        return Ok((usize::from(all), size, offset));
    }
    refuse("damaged: it has no end")
}

fn member(fields: &mut Fields<'_>) -> Result<Member, ImportError> {
    if fields.take(4)? != CENTRAL {
        return refuse("damaged: its list has another form");
    }
    let made_by = fields.u16()?;
    let _needed = fields.u16()?;
    let flags = fields.u16()?;
    let method = fields.u16()?;
    let _time = fields.u32()?;
    let crc = fields.u32()?;
    let (compressed, size) = (fields.size()?, fields.size()?);
    let lengths = [fields.u16()?, fields.u16()?, fields.u16()?].map(usize::from);
    let [name, extra, comment] = lengths;
    let _disk_internal = fields.u32()?;
    let mode = fields.u32()? >> 16;
    let offset = fields.size()?;
    let name = String::from_utf8(fields.take(name)?.to_vec());
    let _rest = fields.take(extra + comment)?;
    let Ok(name) = name else {
        return refuse("a member's name is not UTF-8");
    };
    if flags & 1 != 0 {
        return refuse(format!("`{}` is encrypted", visible(&name, 80)));
    }
    // Made on Unix: the upper half holds the kind of file.
    let kind = if made_by >> 8 == 3 {
        mode & 0o170_000
    } else {
        0
    };
    if !matches!(kind, 0 | 0o100_000 | 0o040_000) {
        let name = visible(&name, 80);
        return refuse(format!("`{name}` is a link or device"));
    }
    Ok(Member {
        name,
        method,
        crc,
        compressed,
        size,
        offset,
    })
}

fn check_name(name: &str) -> Result<(), ImportError> {
    let parts = name.strip_suffix('/').unwrap_or(name).split('/');
    let plain = |part: &str| !matches!(part, "" | "." | "..");
    let odd = name
        .chars()
        .any(|c| is_forbidden(c) || matches!(c, '\\' | ':' | '\n'));
    if odd || name.len() > 512 || !parts.into_iter().all(plain) {
        let name = visible(name, 80);
        return refuse(format!("`{name}` is not a path inside the archive"));
    }
    Ok(())
}
