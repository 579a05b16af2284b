//! Page headers of a Parquet file, read before polars does.
//!
//! The reader takes counts and lengths in page headers at their word, and a negative or huge one
//! makes it ask for more memory than there is, which ends the process. So every header of a column
//! chunk is read here first (Thrift compact protocol, structure `PageHeader` of parquet-format),
//! and its numbers are held against the chunk: lengths inside it, counts that add up.

/// Largest unpacked page, in bytes.
const PAGE_MAX: i64 = 1 << 28;
/// Deepest nesting of a header.
const DEPTH_MAX: u32 = 8;

/// Bytes that are no page header, or one that contradicts its chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Implausible;

/// Checks the pages of a column chunk that says it holds `values` values.
pub(super) fn check(chunk: &[u8], values: i64, values_max: i64) -> Result<(), Implausible> {
    let mut rest = Bytes(chunk);
    let mut seen = 0_i64;
    while !rest.0.is_empty() {
        let header = Header::read(&mut rest, 0)?;
        let size = header.at(&[3]).ok_or(Implausible)?;
        let unpacked = header.at(&[2]).ok_or(Implausible)?;
        rest.skip(usize::try_from(size).map_err(|_| Implausible)?)?;
        let in_range = (0..=PAGE_MAX).contains(&unpacked);
        let count = |path: &[i64]| match header.at(path) {
            None => Ok(0),
            Some(n) if (0..=values_max).contains(&n) => Ok(n),
            Some(_) => Err(Implausible),
        };
        // Data page, its second version, dictionary.
        seen = seen
            .saturating_add(count(&[5, 1])?)
            .saturating_add(count(&[8, 1])?);
        count(&[7, 1])?;
        count(&[8, 2])?;
        count(&[8, 3])?;
        let levels = header.at(&[8, 5]).unwrap_or(0);
        let repeats = header.at(&[8, 6]).unwrap_or(0);
        let levels_fit = levels >= 0 && repeats >= 0 && levels.saturating_add(repeats) <= size;
        if !in_range || !levels_fit {
            return Err(Implausible);
        }
    }
    if seen == values {
        Ok(())
    } else {
        Err(Implausible)
    }
}

/// The integers of one structure: path of field ids and value.
#[derive(Debug, Default)]
struct Header(Vec<(Vec<i64>, i64)>);

impl Header {
    fn at(&self, path: &[i64]) -> Option<i64> {
        let found = self.0.iter().find(|(at, _)| at.as_slice() == path);
        found.map(|(_, value)| *value)
    }

    /// Reads a structure, remembering its integers.
    fn read(bytes: &mut Bytes<'_>, depth: u32) -> Result<Self, Implausible> {
        if depth > DEPTH_MAX {
            return Err(Implausible);
        }
        let mut header = Self::default();
        let mut field = 0_i64;
        loop {
            let byte = bytes.byte()?;
            let (kind, delta) = (byte & 0x0f, i64::from(byte >> 4));
            if kind == 0 {
                return Ok(header);
            }
            field = if delta == 0 {
                bytes.zigzag()?
            } else {
                field.saturating_add(delta)
            };
            match kind {
                4..=6 => {
                    let value = bytes.zigzag()?;
                    if header.at(&[field]).is_some() {
                        return Err(Implausible); // given twice: which one would be believed?
                    }
                    header.0.push((vec![field], value));
                }
                12 => {
                    for (mut path, value) in Self::read(bytes, depth + 1)?.0 {
                        path.insert(0, field);
                        if header.at(&path).is_some() {
                            return Err(Implausible);
                        }
                        header.0.push((path, value));
                    }
                }
                1 | 2 => {}
                other => bytes.skip_value(other, depth)?,
            }
        }
    }
}

/// Bytes not read yet.
struct Bytes<'b>(&'b [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> Result<u8, Implausible> {
        let (first, rest) = self.0.split_first().ok_or(Implausible)?;
        self.0 = rest;
        Ok(*first)
    }

    fn skip(&mut self, count: usize) -> Result<(), Implausible> {
        self.0 = self.0.get(count..).ok_or(Implausible)?;
        Ok(())
    }

    fn varint(&mut self) -> Result<u64, Implausible> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Implausible)
    }

    fn zigzag(&mut self) -> Result<i64, Implausible> {
        let value = self.varint()?;
        let half = i64::try_from(value >> 1).map_err(|_| Implausible)?;
        Ok(if value & 1 == 0 { half } else { -half - 1 })
    }

    fn length(&mut self) -> Result<usize, Implausible> {
        usize::try_from(self.varint()?).map_err(|_| Implausible)
    }

    fn skip_value(&mut self, kind: u8, depth: u32) -> Result<(), Implausible> {
        match kind {
            1..=3 => self.skip(1),
            4..=6 => self.varint().map(|_| ()),
            7 => self.skip(8),
            8 => {
                let length = self.length()?;
                self.skip(length)
            }
            9 | 10 if depth < DEPTH_MAX => {
                let byte = self.byte()?;
                let length = match byte >> 4 {
                    15 => self.length()?,
                    short => usize::from(short),
                };
                // Every element takes at least a byte, so this ends with the bytes.
                (0..length).try_for_each(|_| self.skip_value(byte & 0x0f, depth + 1))
            }
            12 => Header::read(self, depth + 1).map(|_| ()),
            // A page header holds no map.
            _ => Err(Implausible),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A data page of 3 bytes with `count` values, zigzag encoded.
    fn page(count: u8, size: u8) -> Vec<u8> {
        // type 0; unpacked 3; packed `size`; data page header {num_values, encoding, ...}; stop.
        vec![
            0x15,
            0x00,
            0x15,
            0x06,
            0x15,
            size << 1,
            0x2c,
            0x15,
            count,
            0x15,
            0x00,
            0x00,
            0x00,
            1,
            2,
            3,
        ]
    }

    #[test]
    fn counts_and_lengths_must_add_up() {
        let ok = Ok(());
        assert_eq!(check(&page(12, 3), 6, 100), ok);
        assert_eq!(check(&[page(12, 3), page(8, 3)].concat(), 10, 100), ok);
        assert_eq!(check(&[], 0, 100), ok);
        for (chunk, values) in [
            (page(12, 3), 7),  // another count
            (page(11, 3), -6), // negative
            (page(12, 4), 6),  // longer than the chunk
            (page(12, 2), 6),  // bytes left over that are no header
            (page(12, 3)[..9].to_vec(), 6),
            (vec![0x1c; 100], 0), // nested without end
            (vec![0xff; 100], 0),
            (vec![0x19, 0xf3, 0xff, 0xff, 0xff, 0xff, 0x7f], 0), // a list without end
        ] {
            assert_eq!(check(&chunk, values, 100), Err(Implausible), "{chunk:?}");
        }
        assert_eq!(check(&page(12, 3), 6, 5), Err(Implausible));
    }
}
