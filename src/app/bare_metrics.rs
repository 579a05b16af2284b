//! Bare metrics for `policy evaluate`: a JSON list of values, judged as they are given.
//!
//! In: bytes such as `[{"metric":"sharpe","sample":"oos","value":"1.0","unit":"ratio"}]`; instead of
//! a value there may be `"undefined": REASON`. Out: facts, or the problem with line, key and
//! underlined token. Values are strings, so that no number ever passes through an f64.

use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};

use crate::evidence::facts::{Fact, Facts};
use crate::governance::policy::problem::{PolicyError, utf8};
use crate::kernel::decimal::Decimal;
use crate::kernel::text::visible;
use crate::kernel::unit::Unit;
use crate::metrics::{Metric, MetricKey, Sample, Undefined};

/// Reads bare metrics from `bytes` of the file called `name`.
///
/// # Errors
/// The first problem in it.
pub fn read(name: &str, bytes: &[u8]) -> Result<Facts, Box<PolicyError>> {
    let text = utf8(name, bytes)?;
    serde_json::from_str::<Bare>(text)
        .map(|bare| bare.0)
        .map_err(|error| Box::new(problem(name, text, &error)))
}

/// The problem that serde_json found, with the token before its position.
fn problem(name: &str, text: &str, error: &serde_json::Error) -> PolicyError {
    let end = offset(text, error.line(), error.column());
    let mut span = token_before(text, end);
    if span.is_empty() {
        // Refused at its first byte: underline that.
        let next = text.get(span.end..).and_then(|rest| rest.chars().next());
        span.end += next.map_or(0, char::len_utf8);
    }
    let of_row = error.classify() == serde_json::error::Category::Data;
    if of_row && text.get(span.clone()) == Some("]") {
        // serde_json has read past the end of the list before it gives the last row's problem.
        span = token_before(text, span.start);
    }
    let full = error.to_string();
    let message = full.split(" at line ").next().unwrap_or_default();
    let code = match error.classify() {
        serde_json::error::Category::Data => "bad-metrics",
        _ => "not-json",
    };
    let key = key_before(text, span.start).unwrap_or_default();
    let mut problem = PolicyError::at(name, text, span, code, visible(message, 300)).key(&key);
    problem.hint = if full.contains("sequence, expected a string") {
        Some("each metric is an object: {\"metric\":\"sharpe\", …}".to_owned())
    } else if full.contains("expected a string") {
        Some("values are written in quotes: \"value\": \"1.05\"".to_owned())
    } else if code == "bad-metrics" {
        None
    } else {
        Some(
            "a list is wanted: [{\"metric\":\"sharpe\",\"sample\":\"oos\",\"value\":\"1.0\",\"unit\":\"ratio\"}]"
                .to_owned(),
        )
    };
    problem
}

/// Byte offset of a position of serde_json: line from 1, bytes of the line already read.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    (start + column).min(text.len())
}

/// The string, number or bracket that ends at or before `end`.
fn token_before(text: &str, end: usize) -> Range<usize> {
    let head = text.get(..end).unwrap_or(text).trim_end();
    let end = head.len();
    if let Some(inside) = head.strip_suffix('"') {
        let start = inside.rfind('"').unwrap_or(0);
        return start..end;
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '_');
    let start = head.trim_end_matches(plain).len();
    if start < end {
        return start..end;
    }
    let last = head.chars().next_back().map_or(0, char::len_utf8);
    end - last..end
}

/// The key whose value begins at `at`.
fn key_before(text: &str, at: usize) -> Option<String> {
    let head = text.get(..at)?.trim_end().strip_suffix(':')?.trim_end();
    let inside = head.strip_suffix('"')?;
    let start = inside.rfind('"')?;
    Some(inside.get(start + 1..)?.to_owned())
}

struct Bare(Facts);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    #[serde(deserialize_with = "spelled")]
    metric: Metric,
    #[serde(deserialize_with = "spelled")]
    sample: Sample,
    #[serde(default)]
    value: Option<Decimal>,
    #[serde(default)]
    undefined: Option<Undefined>,
    unit: Unit,
}

/// A value by its wire spelling.
fn spelled<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: std::str::FromStr,
    T::Err: fmt::Display,
{
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(de::Error::custom)
}

impl Row {
    fn fact(self) -> Result<Fact, String> {
        let key = MetricKey::new(self.metric, self.sample);
        if !key.is_known() {
            return Err(format!(
                "`{}` does not exist on sample `{}`",
                self.metric, self.sample
            ));
        }
        if self.value.is_some() == self.undefined.is_some() {
            return Err(format!("`{key}`: either `value` or `undefined` is wanted"));
        }
        Ok(Fact {
            metric: self.metric,
            sample: self.sample,
            value: self.value.as_ref().map(Decimal::judged),
            unit: self.unit,
            undefined: self.undefined,
            deviates: false,
            source: "bare metric".to_owned(),
        })
    }
}

impl<'de> Deserialize<'de> for Bare {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Rows)
    }
}

struct Rows;

impl<'de> Visitor<'de> for Rows {
    type Value = Bare;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of metrics")
    }

    /// Row by row, so that an error still has the place of its row.
    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Bare, A::Error> {
        let mut facts: Vec<Fact> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        while let Some(row) = rows.next_element::<Row>()? {
            let fact = row.fact().map_err(de::Error::custom)?;
            if !seen.insert(fact.key()) {
                let message = format!("`{}` is given twice", fact.key());
                return Err(de::Error::custom(message));
            }
            facts.push(fact);
        }
        Facts::new(facts).map(Bare).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, underlined: &str, key: &str, message: &str) {
        let problem = read("m.json", text.as_bytes()).unwrap_err();
        let token = problem.source_line.get(problem.underline.clone());
        assert_eq!(token, Some(underlined));
        assert_eq!(problem.key, key);
        assert!(problem.message.contains(message), "{}", problem.message);
    }

    #[test]
    fn problems_name_and_underline_the_token() {
        let row = |metric: &str, rest: &str| {
            format!("[\n  {{\"metric\": {metric}, \"sample\": \"oos\", {rest}}}\n]\n")
        };
        let good = "\"value\": \"1.0\", \"unit\": \"ratio\"";
        assert!(read("m.json", row("\"sharpe\"", good).as_bytes()).is_ok());
        refused(
            &row("\"shape\"", good),
            "\"shape\"",
            "metric",
            "unknown metric `shape`",
        );
        refused(&row("7", good), "7", "metric", "expected a string");
        refused(
            &row("\"sharpe\"", "\"value\": 1.0, \"unit\": \"ratio\""),
            "1.0",
            "value",
            "expected a string",
        );
        refused(
            &row("\"sharpe\"", "\"value\": \"1e3\", \"unit\": \"ratio\""),
            "\"1e3\"",
            "value",
            "no exponent",
        );
        refused(
            &row("\"sharpe\"", "\"size\": 1"),
            "\"size\"",
            "",
            "unknown field",
        );
        refused(
            &row("\"crash_drawdown\"", good),
            "}",
            "",
            "does not exist on sample",
        );
        refused("{}", "{", "", "expected a list");
        refused("", "", "", "EOF");
    }

    #[test]
    fn the_same_metric_twice_is_refused() {
        let row = r#"{"metric":"sharpe","sample":"oos","value":"1","unit":"ratio"}"#;
        refused(
            &format!("[{row},{row}]"),
            "}",
            "",
            "`sharpe:oos` is given twice",
        );
    }
}
