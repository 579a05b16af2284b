//! The figures that a tool printed: a table of names and values (CSV), a JSON object, or the text
//! of a pandas Series (two or more spaces between name and value).
//!
//! Kept are the entries whose value is a number, with or without `%`, `$` or a currency behind it;
//! dates, durations and nested tables say nothing that can be compared.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Figure;
use super::error::ImportError;
use super::sheet::{Sheet, number};
use crate::kernel::text::{is_forbidden, visible};

/// Most figures of one import.
pub(super) const FIGURES_MAX: usize = 200;
/// Largest file of figures.
const BYTES_MAX: usize = 4 * 1024 * 1024;

/// Reads figures; `strategy` names the column where there are several.
///
/// # Errors
/// When the bytes are neither form, or it is not clear which column is meant.
pub(super) fn read(bytes: &[u8], strategy: Option<&str>) -> Result<Vec<Figure>, ImportError> {
    if bytes.len() > BYTES_MAX {
        return Err(ImportError::TooLarge(BYTES_MAX / 1024 / 1024));
    }
    let text = String::from_utf8_lossy(bytes);
    let first = text.lines().next().unwrap_or_default();
    let pairs = if text.trim_start().starts_with('{') {
        from_json(bytes)?
    } else if first.contains(',') {
        from_table(bytes, strategy)?
    } else {
        from_text(&text)
    };
    let kept = pairs
        .into_iter()
        .filter_map(|(name, value)| figure(&name, &value));
    Ok(kept.take(FIGURES_MAX).collect())
}

/// A figure, where the value is a number.
pub(super) fn figure(name: &str, value: &str) -> Option<Figure> {
    let storable =
        |text: &str| text.len() <= 80 && !text.chars().any(|c| is_forbidden(c) || c == '\n');
    let (name, value) = (name.trim(), value.trim());
    let good = !name.is_empty() && storable(name) && storable(value);
    (good && amount(value).is_some()).then(|| Figure {
        name: name.to_owned(),
        value: value.to_owned(),
        convention: None,
    })
}

fn from_table(bytes: &[u8], strategy: Option<&str>) -> Result<Vec<(String, String)>, ImportError> {
    let sheet = Sheet::read(bytes)?;
    let named = strategy.and_then(|name| sheet.find(&[name]));
    let only = (sheet.header.len() == 2).then_some(1);
    let at = named.or(only).or_else(|| sheet.find(&["strategy"]));
    let Some(at) = at else {
        let names: Vec<&str> = sheet.header.iter().skip(1).map(String::as_str).collect();
        return Err(ImportError::Strategy {
            message: "the figures have several columns".into(),
            names: visible(&names.join(", "), 200),
        });
    };
    let pair = |row: &super::sheet::Row| (row.cell(0).to_owned(), row.cell(at).to_owned());
    Ok(sheet.rows.iter().map(pair).collect())
}

fn from_json(bytes: &[u8]) -> Result<Vec<(String, String)>, ImportError> {
    let all: Unique<Loose> = serde_json::from_slice(bytes).map_err(|e| json_error(&e))?;
    let pairs = all
        .0
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.0?)));
    Ok(pairs.collect())
}

fn from_text(text: &str) -> Vec<(String, String)> {
    let pair = |line: &str| {
        let (name, value) = line.split_once("  ")?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    };
    text.lines().filter_map(pair).collect()
}

/// Any JSON value, of which only a number or a short text is kept: nested values cost no memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Loose(pub Option<String>);

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(LooseVisitor)
    }
}

/// Fewest fraction digits of an exact number: half a unit of the last one is no tolerance.
const EXACT_DIGITS: usize = 12;

/// A number that was not rounded for print, with zeros that say so.
fn exact(x: f64) -> String {
    let shortest = x.to_string();
    let digits = shortest.split_once('.').map_or(0, |(_, d)| d.len());
    let zeros = "0".repeat(EXACT_DIGITS.saturating_sub(digits));
    match digits {
        0 => format!("{shortest}.{zeros}"),
        _ => format!("{shortest}{zeros}"),
    }
}

struct LooseVisitor;

impl<'de> Visitor<'de> for LooseVisitor {
    type Value = Loose;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Loose, E> {
        Ok(Loose(None))
    }

    fn visit_i64<E>(self, x: i64) -> Result<Loose, E> {
        Ok(Loose(Some(x.to_string())))
    }

    fn visit_u64<E>(self, x: u64) -> Result<Loose, E> {
        Ok(Loose(Some(x.to_string())))
    }

    fn visit_f64<E>(self, x: f64) -> Result<Loose, E> {
        Ok(Loose(Some(exact(x))))
    }

    fn visit_str<E>(self, x: &str) -> Result<Loose, E> {
        Ok(Loose((x.len() <= 80).then(|| x.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Loose, E> {
        Ok(Loose(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Loose, A::Error> {
        while all.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Loose(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<Loose, A::Error> {
        while all.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Loose(None))
    }
}

/// A JSON object in which no name stands twice.
#[derive(Debug)]
pub(super) struct Unique<V>(pub BTreeMap<String, V>);

impl<V> Default for Unique<V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Unique<V> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(UniqueVisitor(PhantomData))
    }
}

struct UniqueVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for UniqueVisitor<V> {
    type Value = Unique<V>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<Unique<V>, A::Error> {
        let mut map = BTreeMap::new();
        while let Some((name, value)) = all.next_entry::<String, V>()? {
            let shown = visible(&name, 60);
            if map.insert(name, value).is_some() {
                return Err(A::Error::custom(format!("`{shown}` is there twice")));
            }
        }
        Ok(Unique(map))
    }
}

/// What is wrong with JSON, with its place.
pub(super) fn json_error(error: &serde_json::Error) -> ImportError {
    ImportError::Json(visible(&error.to_string(), 200))
}

/// A printed number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Amount {
    /// Its value; per cent are divided by 100.
    pub value: f64,
    /// Half a unit of its last printed digit; 0 with an exponent, unless digits stand behind the
    /// point of a mantissa from 1 to 10.
    pub half: f64,
    /// True when it was printed with `%`.
    pub percent: bool,
}

fn is_currency(text: &str) -> bool {
    let upper = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    (3..=6).contains(&text.len()) && text.bytes().all(upper)
}

/// Reads `12.3%`, `-0.53`, `$1,234.50`, `12.3 USD`, `6.85E+27`.
pub(super) fn amount(text: &str) -> Option<Amount> {
    let text = text.trim();
    let percent = text.ends_with(['%', '\u{fe6a}']);
    let plain = text.trim_end_matches(['%', '\u{fe6a}']).trim();
    let plain = match plain.split_once(' ') {
        Some((money, currency)) if is_currency(currency) => money,
        Some(_) => return None,
        None => plain,
    };
    let (sign, plain) = match plain.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, plain),
    };
    let plain = plain.strip_prefix('$').unwrap_or(plain).replace(',', "");
    let value = sign * number(&plain).ok()?;
    let (mantissa, exponent) = match plain.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (plain.as_str(), 0),
    };
    let decimals = mantissa
        .split_once('.')
        .map_or(0, |(_, digits)| digits.len());
    let normal = number(mantissa).is_ok_and(|m| (1.0..10.0).contains(&m)) && decimals > 0;
    let printed = mantissa.len() == plain.len() || normal;
    let decimals = i32::try_from(decimals).ok()?;
    let scale = if percent { 0.01 } else { 1.0 };
    let unit = libm::pow(10.0, f64::from(exponent.saturating_sub(decimals)));
    Some(Amount {
        value: value * scale,
        half: if printed { 0.5 * unit * scale } else { 0.0 },
        percent,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_numbers() {
        for (text, value, half) in [
            ("12.3%", 0.123, 0.0005),
            ("-0.53", -0.53, 0.005),
            ("$1,234.50", 1234.5, 0.005),
            ("$-3.00", -3.0, 0.005),
            ("-$3.00", -3.0, 0.005),
            ("12.30 USD", 12.3, 0.005),
            ("6.85E+27", 6.85e27, 5e24),
            ("7", 7.0, 0.5),
        ] {
            let read = amount(text).unwrap();
            assert!((read.value / value - 1.0).abs() < 1e-12, "{text}: {read:?}");
            assert!((read.half / half - 1.0).abs() < 1e-12, "{text}: {read:?}");
        }
        for none in [
            "",
            "-",
            "2005-01-03",
            "3116 days",
            "nan",
            "inf",
            "SPY R735",
            "x",
            "1 2 3",
            "1 day",
        ] {
            assert_eq!(amount(none), None, "{none}");
        }
    }

    #[test]
    fn an_exponent_gives_no_tolerance_that_was_not_printed() {
        for text in ["7e3", "1E+27", "0.0e5", "12.5e2", "5.e4", "1e-3%"] {
            assert!(amount(text).unwrap().half.abs() <= 0.0, "{text}");
        }
        assert!((amount("6.85E+27").unwrap().half / 5e24 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn floats_of_json_are_exact() {
        let json = br#"{"a": 0.6, "b": 36.0, "c": -1.25e3, "d": 1e-9, "e": 7, "f": "0.6"}"#;
        let read = read(json, None).unwrap();
        let halves: Vec<(f64, f64)> = read
            .iter()
            .map(|f| amount(&f.value).unwrap())
            .map(|a| (a.value, a.half))
            .collect();
        for ((value, half), wanted) in halves.iter().zip([0.6, 36.0, -1250.0, 1e-9]) {
            assert_eq!(value.to_bits(), f64::to_bits(wanted));
            assert!(*half <= 5.1e-13, "{value}: {half}");
        }
        assert!((halves[4].1 - 0.5).abs() < 1e-12 && (halves[5].1 - 0.05).abs() < 1e-12);
        assert_eq!(read[1].value, "36.000000000000");
    }

    #[test]
    fn the_three_forms() {
        let csv = ",Benchmark,Strategy\nStart Period,2005-01-03,2005-01-03\nSharpe,0.62,0.75\n";
        let read_csv = read(csv.as_bytes(), None).unwrap();
        assert_eq!(read_csv, [figure("Sharpe", "0.75").unwrap()]);
        let text = "Start      2004-08-19 00:00:00\nMax. Drawdown [%]     -33.93\n_trades   Size Entry\ndtype: object\n";
        assert_eq!(
            read(text.as_bytes(), None).unwrap()[0].name,
            "Max. Drawdown [%]"
        );
        let json = br#"{"Sharpe Ratio": 0.6, "_trades": {"a": 1}, "Win Rate [%]": "52.1"}"#;
        assert_eq!(read(json, None).unwrap().len(), 2);
        assert!(read(b",a,b\nSharpe,1,2\n", None).unwrap_err().is_usage());
        assert_eq!(
            read(b",a,b\nSharpe,1,2\n", Some("b")).unwrap()[0].value,
            "2"
        );
        assert!(read(&[b'['; 200], None).unwrap().is_empty());
        assert!(read(format!("{{\"a\":{}", "[".repeat(5000)).as_bytes(), None).is_err());
    }
}
