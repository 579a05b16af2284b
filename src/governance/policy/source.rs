//! Reading TOML with places: every value keeps where it stands, every problem is collected.
//!
//! In: the tables of one file. Out: typed values together with their place. Numbers are taken from
//! the source text, digit by digit: a limit never passes through an f64. A key that nobody asked
//! for is a problem, and so is one that is missing.

use std::collections::BTreeMap;
use std::ops::Range;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{PROBLEMS_MAX, PolicyError};
use crate::kernel::decimal::{Decimal, DecimalError};
use crate::kernel::text::{self, visible};

/// One file while it is read.
pub(super) struct Source<'t> {
    /// Its name.
    pub(super) file: &'t str,
    /// Its text.
    pub(super) text: &'t str,
    /// Everything found wrong so far.
    pub(super) problems: Vec<PolicyError>,
}

/// Where something stands: the dotted key and the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) key: String,
    pub(super) span: Range<usize>,
}

/// A value and its place.
#[derive(Debug, Clone)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

/// One entry of a table, not read yet.
pub(super) type Entry<'v, 't> = Placed<&'v DeValue<'t>>;

/// An entry with its name, each with its own place.
pub(super) type Named<'v, 't> = (Placed<&'v str>, Entry<'v, 't>);

/// A table whose keys are taken one by one.
pub(super) struct Fields<'v, 't> {
    pub(super) place: Place,
    entries: BTreeMap<&'v str, (Range<usize>, &'v Spanned<DeValue<'t>>)>,
    asked: Vec<&'static str>,
}

impl<'t> Source<'t> {
    /// Reports a problem.
    pub(super) fn report(&mut self, place: &Place, code: &'static str, message: String) {
        self.report_hint(place, code, message, None);
    }

    /// Reports a problem with a next step.
    pub(super) fn report_hint(
        &mut self,
        place: &Place,
        code: &'static str,
        message: String,
        hint: Option<String>,
    ) {
        if self.problems.len() >= PROBLEMS_MAX {
            return;
        }
        let mut problem = PolicyError::at(self.file, self.text, place.span.clone(), code, message)
            .key(&place.key);
        problem.hint = hint;
        self.problems.push(problem);
    }

    /// Opens a table.
    pub(super) fn fields<'v>(&self, place: Place, table: &'v DeTable<'t>) -> Fields<'v, 't> {
        Fields {
            place,
            entries: table
                .iter()
                .map(|(k, v)| (k.get_ref().as_ref(), (k.span(), v)))
                .collect(),
            asked: Vec::new(),
        }
    }

    /// The entry as a table.
    pub(super) fn table<'v>(&mut self, entry: Entry<'v, 't>) -> Option<Fields<'v, 't>> {
        match entry.value {
            DeValue::Table(table) => Some(self.fields(entry.place, table)),
            other => self.wrong_type(&entry.place, "a table", other),
        }
    }

    /// The entry as an array.
    pub(super) fn array<'v>(&mut self, entry: &Entry<'v, 't>) -> Option<Vec<Entry<'v, 't>>> {
        match entry.value {
            DeValue::Array(items) => Some(
                items
                    .iter()
                    .enumerate()
                    .map(|(at, item)| Placed {
                        value: item.get_ref(),
                        place: Place {
                            key: format!("{}[{}]", entry.place.key, at + 1),
                            span: item.span(),
                        },
                    })
                    .collect(),
            ),
            other => self.wrong_type(&entry.place, "an array", other),
        }
    }

    /// The entry as storable text.
    pub(super) fn string(&mut self, entry: &Entry<'_, 't>) -> Option<Placed<String>> {
        let DeValue::String(value) = entry.value else {
            return self.wrong_type(&entry.place, "a string", entry.value);
        };
        if let Err(error) = text::check_free_text("the text", value) {
            self.report(&entry.place, "bad-text", error.to_string());
            return None;
        }
        Some(Placed {
            value: value.to_string(),
            place: entry.place.clone(),
        })
    }

    /// The entry as something that has a spelling; `code` and `hint` say what when it is not.
    pub(super) fn parsed<T: FromStr>(
        &mut self,
        entry: &Entry<'_, 't>,
        code: &'static str,
        hint: &str,
    ) -> Option<Placed<T>>
    where
        T::Err: std::fmt::Display,
    {
        let DeValue::String(value) = entry.value else {
            return self.wrong_type(&entry.place, "a string", entry.value);
        };
        match value.parse() {
            Ok(value) => Some(Placed {
                value,
                place: entry.place.clone(),
            }),
            Err(error) => {
                let hint = (!hint.is_empty()).then(|| hint.to_owned());
                self.report_hint(&entry.place, code, error.to_string(), hint);
                None
            }
        }
    }

    /// The entry as one of `words`.
    pub(super) fn word<T: Copy>(
        &mut self,
        entry: &Entry<'_, 't>,
        code: &'static str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let list: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let list = list.join(", ");
        let DeValue::String(value) = entry.value else {
            return self.wrong_type(&entry.place, &format!("one of {list}"), entry.value);
        };
        let found = words.iter().find(|(word, _)| word == value);
        if found.is_none() {
            let message = format!("`{}` is not one of {list}", visible(value, 40));
            self.report(&entry.place, code, message);
        }
        found.map(|(_, value)| *value)
    }

    /// The entry as a limit: an exact decimal of at most 9 decimals.
    pub(super) fn decimal(&mut self, entry: &Entry<'_, 't>) -> Option<Placed<Decimal>> {
        let found = self.value(entry)?;
        if found.value.judged() == found.value {
            return Some(found);
        }
        let message = "more than the 9 decimals to which values are rounded".to_owned();
        self.report(&entry.place, "bad-number", message);
        None
    }

    /// The entry as an exact decimal, read from its digits: a TOML number, or the same in quotes.
    pub(super) fn value(&mut self, entry: &Entry<'_, 't>) -> Option<Placed<Decimal>> {
        let written = match entry.value {
            DeValue::String(value) => value.as_ref(),
            DeValue::Integer(_) | DeValue::Float(_) => self.written(entry),
            other => return self.wrong_type(&entry.place, "a number", other),
        };
        match written.parse::<Decimal>() {
            Ok(value) => Some(Placed {
                value,
                place: entry.place.clone(),
            }),
            Err(error) => {
                let hint = matches!(error, DecimalError::Spelling(_))
                    .then(|| "write 0.25 or \"0.25\": digits, a point, no exponent, no `_`".into());
                self.report_hint(&entry.place, "bad-number", error.to_string(), hint);
                None
            }
        }
    }

    /// How many decimals the entry is written with.
    pub(super) fn decimals(&self, entry: &Entry<'_, 't>) -> u32 {
        let written = self.written(entry).trim_matches(['"', '\'']);
        let fraction = written.split_once('.').map_or("", |(_, fraction)| fraction);
        u32::try_from(fraction.len()).unwrap_or(0)
    }

    /// The line of byte `at`, from 1.
    pub(super) fn line_of(&self, at: usize) -> usize {
        1 + self.text.bytes().take(at).filter(|b| *b == b'\n').count()
    }

    fn written(&self, entry: &Entry<'_, 't>) -> &'t str {
        self.text.get(entry.place.span.clone()).unwrap_or_default()
    }

    /// The entry as a whole number from `least` to a million.
    pub(super) fn whole(&mut self, entry: &Entry<'_, 't>, least: u32) -> Option<u32> {
        let DeValue::Integer(_) = entry.value else {
            return self.wrong_type(&entry.place, "a whole number", entry.value);
        };
        let written = self.written(entry);
        match written.parse::<u32>() {
            Ok(value) if (least..=1_000_000).contains(&value) => Some(value),
            _ => {
                let message = format!(
                    "`{}` is not a whole number from {least} to 1000000",
                    visible(written, 40)
                );
                self.report(&entry.place, "bad-number", message);
                None
            }
        }
    }

    /// The entry as true or false.
    pub(super) fn boolean(&mut self, entry: &Entry<'_, 't>) -> Option<bool> {
        match entry.value {
            DeValue::Boolean(value) => Some(*value),
            other => self.wrong_type(&entry.place, "true or false", other),
        }
    }

    /// Reports every key that was never asked for.
    pub(super) fn finish(&mut self, fields: Fields<'_, 't>) {
        for (name, (span, _)) in &fields.entries {
            let place = Place {
                key: fields.dotted(name),
                span: span.clone(),
            };
            let hint = match nearest(name, &fields.asked) {
                Some(known) => format!("did you mean `{known}`"),
                None => format!("known here: {}", fields.asked.join(", ")),
            };
            let message = format!("unknown key `{}`", visible(name, 60));
            self.report_hint(&place, "unknown-key", message, Some(hint));
        }
    }

    pub(super) fn wrong_type<T>(
        &mut self,
        place: &Place,
        wanted: &str,
        found: &DeValue<'_>,
    ) -> Option<T> {
        let message = format!("{wanted} is wanted, this is {}", a(found));
        self.report(place, "wrong-type", message);
        None
    }
}

impl<'v, 't> Fields<'v, 't> {
    /// Takes the value of `name`, if it is there.
    pub(super) fn optional(&mut self, name: &'static str) -> Option<Entry<'v, 't>> {
        self.asked.push(name);
        let (_, value) = self.entries.remove(name)?;
        Some(Placed {
            value: value.get_ref(),
            place: Place {
                key: self.dotted(name),
                span: value.span(),
            },
        })
    }

    /// Takes the value of `name`; a missing one is a problem.
    pub(super) fn required(
        &mut self,
        source: &mut Source<'t>,
        name: &'static str,
    ) -> Option<Entry<'v, 't>> {
        let found = self.optional(name);
        if found.is_none() {
            let place = Place {
                key: self.dotted(name),
                span: self.place.span.clone(),
            };
            source.report(&place, "missing-key", format!("`{name}` is missing"));
        }
        found
    }

    /// Takes everything that is left: for tables whose keys are names.
    pub(super) fn rest(&mut self) -> Vec<Named<'v, 't>> {
        let entries = std::mem::take(&mut self.entries);
        entries
            .into_iter()
            .map(|(name, (key_span, value))| {
                let key = self.dotted(name);
                let name = Placed {
                    value: name,
                    place: Place {
                        key: key.clone(),
                        span: key_span,
                    },
                };
                let place = Place {
                    key,
                    span: value.span(),
                };
                let value = value.get_ref();
                (name, Placed { value, place })
            })
            .collect()
    }

    /// True when `name` is there and not taken yet.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    /// True when nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn dotted(&self, name: &str) -> String {
        match self.place.key.as_str() {
            "" => name.to_owned(),
            table => format!("{table}.{name}"),
        }
    }
}

fn a(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

/// The known name that differs from `name` in at most two places.
pub(super) fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    known
        .iter()
        .map(|k| (distance(name, k), *k))
        .filter(|(d, k)| *d <= 2 && *d < k.len())
        .min()
        .map(|(_, k)| k)
}

/// Levenshtein distance, one row at a time; long names are far from everything.
fn distance(a: &str, b: &str) -> usize {
    if a.len() > 64 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (y, above) in b.bytes().zip(row.iter().skip(1)) {
            let cost = diagonal + usize::from(x != y);
            left = cost.min(above + 1).min(left + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}
