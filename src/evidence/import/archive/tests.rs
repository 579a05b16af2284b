//! Archives that are sound, that contradict themselves, and that would keep the library busy.

use std::io::Write as _;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::end::END;
use super::*;

const HEAD: &[u8] = b"PK\x03\x04";

/// Stored members.
fn stored(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in members {
        zip.start_file(*name, stored).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn two() -> Vec<u8> {
    stored(&["a.json", "b.json"].map(|name| (name, &b"{\"figures\": 1}"[..])))
}

/// An archive's Zip64 record and locator, before its end.
fn zip64() -> Vec<u8> {
    let mut bytes = two();
    let end = bytes.len() - 22;
    let mut record = b"PK\x06\x06".to_vec();
    record.extend(44_u64.to_le_bytes());
    record.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    record.extend([2_u64.to_le_bytes(); 2].concat());
    for place in [12, 16] {
        record.extend(&bytes[end + place..end + place + 4]);
        record.extend([0; 4]);
    }
    record.extend(locator(end));
    bytes.splice(end..end, record);
    bytes
}

/// The locator of a Zip64 record.
fn locator(record: usize) -> Vec<u8> {
    let mut bytes = b"PK\x06\x07\0\0\0\0".to_vec();
    bytes.extend(u64::try_from(record).unwrap().to_le_bytes());
    bytes.extend(1_u32.to_le_bytes());
    bytes
}

/// Writes `value` into the first record of each kind.
fn patched(places: &[(&[u8], usize)], value: &[u8]) -> Vec<u8> {
    let mut bytes = two();
    for (head, offset) in places {
        let at = bytes.windows(4).position(|w| w == *head).unwrap() + offset;
        bytes[at..at + value.len()].copy_from_slice(value);
    }
    bytes
}

fn contents(bytes: &[u8]) -> Result<Vec<Vec<u8>>, ImportError> {
    let mut archive = Archive::open(bytes)?;
    let names = archive.names.clone();
    names.iter().map(|name| archive.read(name)).collect()
}

#[test]
fn members_are_read_as_they_were_put() {
    assert_eq!(contents(&two()).unwrap(), vec![b"{\"figures\": 1}"; 2]);
    let empty = ZipWriter::new(Cursor::new(Vec::new())).finish().unwrap();
    assert!(contents(empty.get_ref()).unwrap().is_empty());
}

/// What the list says, what a member's head says and what lies there agree.
#[test]
fn archives_that_contradict_themselves_are_refused() {
    let mut unlisted = patched(&[(END, 8), (END, 10)], &[1]);
    let second = unlisted.windows(4).rposition(|w| w == CENTRAL).unwrap();
    let end = unlisted.windows(4).rposition(|w| w == END).unwrap();
    let less = u32::try_from(end - second).unwrap();
    unlisted[end + 12] -= u8::try_from(less).unwrap();
    unlisted.drain(second..end);
    let mut followed = two();
    followed.push(0);
    let mut commented = patched(&[(END, 20)], &[22]);
    commented.extend(&two()[end..]);
    for (bytes, wanted) in [
        (unlisted, "missing from central directory"),
        (followed, "do not fit"),
        (commented, "do not fit"),
        (patched(&[(END, 12)], &[1]), "do not fit"),
        (patched(&[(END, 8), (END, 10)], &[1]), "more members"),
        (patched(&[(END, 4), (END, 6)], &[1]), "several disks"),
        (patched(&[(END, 10)], &[1]), "several disks"),
        (patched(&[(END, 8), (END, 10)], &[0xff; 2]), "65535 members"),
        (patched(&[(END, 8), (END, 10)], &[0; 2]), "more members"),
        (patched(&[(END, 12)], &[0xff; 4]), "4294967295 bytes"),
        (patched(&[(END, 16)], &[0xff; 4]), "do not fit"),
        (patched(&[(CENTRAL, 0)], b"Q"), "do not fit"),
        (two()[..end].to_vec(), "no end"),
        (two()[..end + 10].to_vec(), "do not fit"),
        (patched(&[(HEAD, 6)], &[1]), "encryption"),
        (patched(&[(HEAD, 30)], b"c"), "filename mismatch"),
        (patched(&[(HEAD, 30), (CENTRAL, 46)], b"b"), "the same name"),
        (patched(&[(HEAD, 30), (CENTRAL, 46)], b"\xff"), "not UTF-8"),
        (patched(&[(CENTRAL, 10)], &[12]), "method mismatch"),
        (patched(&[(HEAD, 8), (CENTRAL, 10)], &[12]), "Bzip2 is not"),
        (patched(&[(HEAD, 14), (CENTRAL, 16)], &[1]), "not what its"),
        (patched(&[(HEAD, 22), (CENTRAL, 24)], &[15]), "not what its"),
        (patched(&[(HEAD, 22), (CENTRAL, 24)], &[13]), "not what its"),
        (patched(&[(HEAD, 36)], b"["), "not what its"),
    ] {
        let error = contents(&bytes).unwrap_err().to_string();
        assert!(error.contains(wanted), "{wanted}: {error}");
    }
}

/// What a member holds is never taken for a part of the archive.
#[test]
fn a_member_may_hold_anything() {
    let records = CENTRAL.repeat(MEMBERS_MAX + 1);
    let bytes = stored(&[("a.bin", &records), ("b.zip", &zip64())]);
    assert_eq!(contents(&bytes).unwrap(), vec![records, zip64()]);
    let names: Vec<String> = (0..=MEMBERS_MAX).map(|i| format!("{i}.json")).collect();
    let mut members: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), &b"{}"[..])).collect();
    let error = contents(&stored(&members)).unwrap_err().to_string();
    assert!(error.contains("257 members, the limit is 256"), "{error}");
    members.pop();
    assert_eq!(contents(&stored(&members)).unwrap().len(), MEMBERS_MAX);
}

/// Whether or not the end says that it is one.
#[test]
fn zip64_is_refused_by_its_name() {
    let mut sentinels = zip64();
    let end = sentinels.len() - 22;
    sentinels[end + 8..end + 20].fill(0xff);
    for bytes in [zip64(), sentinels] {
        let error = contents(&bytes).unwrap_err().to_string();
        assert!(error.contains(ZIP64), "{error}");
    }
}

/// Every end names another record: the library would read from each record to its locator.
#[test]
fn the_last_end_alone_counts() {
    const PAIRS: usize = 20;
    let mut bytes = HEAD.to_vec();
    let (first, pair) = (bytes.len(), 20 + 22);
    for i in 0..PAIRS {
        let size = (PAIRS - i) * 56 + i * pair - 12;
        bytes.extend(b"PK\x06\x06");
        bytes.extend(u64::try_from(size).unwrap().to_le_bytes());
        bytes.extend([0; 44]);
    }
    for i in 0..PAIRS {
        bytes.extend(locator(first + i * 56));
        bytes.extend(END);
        bytes.extend([0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
        bytes.extend([0xff; 8]);
        bytes.extend([0, 0]);
    }
    let error = contents(&bytes).unwrap_err().to_string();
    assert!(error.contains(ZIP64), "{error}");
    // A last one that names nothing leads to none before it.
    bytes.extend(&two()[two().len() - 22..]);
    let error = contents(&bytes).unwrap_err().to_string();
    assert!(error.contains("do not fit"), "{error}");
    let mut sound = two();
    let end = sound.len() - 22;
    sound[end + 12] ^= 1;
    sound.extend(&two()[end..]);
    let error = contents(&sound).unwrap_err().to_string();
    assert!(error.contains("do not fit"), "{error}");
}
