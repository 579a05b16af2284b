//! Canonical bytes: the one JSON spelling that is hashed, signed and stored.
//!
//! A subset of RFC 8785: UTF-8, no insignificant space, keys `[a-z][a-z0-9_]{0,63}` sorted, values
//! objects, arrays, strings, booleans, null and integers within 2^53 - 1. Floats do not exist;
//! decimals are strings. Strings hold no control, format or separator character but line feed.
//! Depth is at most 16. Bytes are accepted only if encoding what was parsed gives the same bytes
//! again, which rejects duplicate keys, reordering, stray space and alternative escapes in one
//! rule. What was signed is never encoded again: keep the bytes.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::text;

/// Largest integer magnitude: 2^53 - 1.
pub const INTEGER_MAX: i64 = 9_007_199_254_740_991;
/// Deepest nesting.
pub const DEPTH_MAX: usize = 16;
/// Largest ledger entry, in bytes.
pub const ENTRY_MAX_BYTES: usize = 65_535;
/// Largest canonical document that is not an entry (an evidence manifest), in bytes.
pub const DOCUMENT_MAX_BYTES: usize = 16 * 1024 * 1024;

/// Why bytes or a value are not canonical.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// More bytes than allowed.
    #[error("{len} bytes, the limit is {max}")]
    TooLarge {
        /// Bytes found.
        len: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// Not JSON, or nested so deep that it was not read.
    #[error("not valid JSON: {0}")]
    Json(String),
    /// Nested deeper than [`DEPTH_MAX`].
    #[error("nested deeper than {DEPTH_MAX} levels")]
    TooDeep,
    /// A number that is no integer within 2^53 - 1.
    #[error("number `{0}` is not an integer within 2^53 - 1; decimals are written as strings")]
    Number(String),
    /// A key outside `[a-z][a-z0-9_]{0,63}`.
    #[error("key `{0}` is not of the form [a-z][a-z0-9_]{{0,63}}")]
    Key(String),
    /// A string with a forbidden character.
    #[error("string holds the forbidden character U+{0:04X}")]
    Character(u32),
    /// Parses, but is spelled differently: duplicate or unsorted keys, spaces, other escapes.
    #[error("not in canonical form: re-encoding differs at byte {0}")]
    NotCanonical(usize),
    /// Canonical, but not of the wanted shape.
    #[error("unexpected content: {0}")]
    Shape(String),
}

/// Canonical bytes of `value`.
///
/// # Errors
/// When the value holds a float, an oversized integer, a forbidden character or a bad key, or is
/// nested too deep.
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    let tree = serde_json::to_value(value).map_err(|e| CanonicalError::Json(e.to_string()))?;
    let mut out = Vec::new();
    write_value(&tree, 0, &mut out)?;
    Ok(out)
}

/// Reads canonical `bytes` as a `T`. `T` should deny unknown fields.
///
/// # Errors
/// When the bytes are over `max` or not canonical, or are not a `T`.
pub fn decode<T: DeserializeOwned>(bytes: &[u8], max: usize) -> Result<T, CanonicalError> {
    let tree = parse(bytes, max)?;
    serde_json::from_value(tree)
        .map_err(|e| CanonicalError::Shape(text::visible(&e.to_string(), 200)))
}

/// Accepts `bytes` only if they are canonical: `encode(parse(bytes)) == bytes`.
///
/// # Errors
/// When they are over `max` bytes or not canonical.
pub fn check(bytes: &[u8], max: usize) -> Result<(), CanonicalError> {
    parse(bytes, max).map(|_| ())
}

fn parse(bytes: &[u8], max: usize) -> Result<Value, CanonicalError> {
    if bytes.len() > max {
        return Err(CanonicalError::TooLarge {
            len: bytes.len(),
            max,
        });
    }
    // serde_json stops at 128 levels, so hostile nesting cannot exhaust the stack.
    let tree: Value = serde_json::from_slice(bytes)
        .map_err(|e| CanonicalError::Json(text::visible(&e.to_string(), 200)))?;
    let mut again = Vec::with_capacity(bytes.len());
    write_value(&tree, 0, &mut again)?;
    if again == bytes {
        return Ok(tree);
    }
    let at = again.iter().zip(bytes).take_while(|(a, b)| a == b).count();
    Err(CanonicalError::NotCanonical(at))
}

fn write_value(value: &Value, depth: usize, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    if depth >= DEPTH_MAX && (value.is_array() || value.is_object()) {
        return Err(CanonicalError::TooDeep);
    }
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => match number.as_i64() {
            Some(n) if n.abs() <= INTEGER_MAX => out.extend_from_slice(n.to_string().as_bytes()),
            _ => return Err(CanonicalError::Number(number.to_string())),
        },
        Value::String(string) => write_string(string, out)?,
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_value(item, depth + 1, out)?;
            }
            out.push(b']');
        }
        Value::Object(map) => {
            // Sorted here, not by the map's type: another crate may switch on `preserve_order`.
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            out.push(b'{');
            for (i, key) in keys.into_iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                check_key(key)?;
                write_string(key, out)?;
                out.push(b':');
                write_value(map.get(key).unwrap_or(&Value::Null), depth + 1, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

fn check_key(key: &str) -> Result<(), CanonicalError> {
    let head = key.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    let tail = key
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if head && tail && key.len() <= 64 {
        Ok(())
    } else {
        Err(CanonicalError::Key(text::visible(key, 80)))
    }
}

fn write_string(string: &str, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    if let Some(c) = string.chars().find(|c| text::is_forbidden(*c)) {
        return Err(CanonicalError::Character(u32::from(c)));
    }
    // Only line feed, quote and backslash remain to be escaped; RFC 8785 spells them so.
    out.push(b'"');
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | b'\n');
    for part in string.as_bytes().split_inclusive(special) {
        match part.split_last() {
            Some((b'\n', plain)) => {
                out.extend_from_slice(plain);
                out.extend_from_slice(b"\\n");
            }
            Some((last, plain)) if special(last) => {
                out.extend_from_slice(plain);
                out.extend_from_slice(&[b'\\', *last]);
            }
            _ => out.extend_from_slice(part),
        }
    }
    out.push(b'"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str) -> Result<(), CanonicalError> {
        check(text.as_bytes(), ENTRY_MAX_BYTES)
    }

    #[test]
    fn every_other_spelling_is_refused() {
        assert_eq!(verdict(r#"{"a":1,"b":[true,null,"x\ny"]}"#), Ok(()));
        for bad in [
            r#"{"a":1,"a":2}"#,
            r#"{"b":1,"a":2}"#,
            r#"{"a": 1}"#,
            "{\"a\":1}\n",
            "\u{feff}{}",
            r#"{"a":1.0}"#,
            r#"{"a":1e3}"#,
            r#"{"a":9007199254740993}"#,
            r#"{"a":-9007199254740992}"#,
            r#"{"a":18446744073709551615}"#,
            r#"{"a":-0}"#,
            r#"{"a":NaN}"#,
            r#"{"a":"\u0041"}"#,
            r#"{"a":"\/"}"#,
            r#"{"a":"\u202e"}"#,
            "{\"a\":\"\u{202e}\"}",
            r#"{"a":"\ud800"}"#,
            r#"{"A":1}"#,
            r#"{"":1}"#,
        ] {
            assert!(verdict(bad).is_err(), "{bad}");
        }
        assert!(check(b"{\"a\":\"\xff\"}", 100).is_err());
    }

    #[test]
    fn depth_is_bounded_without_touching_the_stack() {
        let nest = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert_eq!(verdict(&nest(16)), Ok(()));
        assert_eq!(verdict(&nest(17)), Err(CanonicalError::TooDeep));
        assert!(matches!(
            check(nest(100_000).as_bytes(), 1 << 20),
            Err(CanonicalError::Json(_))
        ));
    }
}
