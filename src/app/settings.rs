//! Settings with their origin: which value is in force, and which line of which file set it.
//!
//! In: TOML layers, weakest first. Out: one [`Setting`] per leaf key, sorted, with the value of the
//! strongest layer that sets it. Tables merge, arrays and values replace.

use std::collections::BTreeMap;

use serde::Serialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One layer: its name as shown to the user, and its TOML text.
#[derive(Debug, Clone, Copy)]
pub struct Layer<'a> {
    /// Such as `config/config.toml` or `embedded default`.
    pub name: &'a str,
    /// TOML.
    pub text: &'a str,
}

/// One value in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Setting {
    /// Dotted key.
    pub key: String,
    /// The value as written.
    pub value: String,
    /// Layer and line.
    pub origin: String,
}

/// A layer that is not TOML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` line {line}: {message}")]
pub struct SettingsError {
    /// Layer.
    pub name: String,
    /// Line, from 1.
    pub line: usize,
    /// What the parser says.
    pub message: String,
}

/// Merges `layers`, weakest first.
///
/// # Errors
/// When a layer is not TOML.
pub fn merge(layers: &[Layer<'_>]) -> Result<Vec<Setting>, SettingsError> {
    let mut found = BTreeMap::new();
    for layer in layers {
        let table = DeTable::parse(layer.text).map_err(|e| SettingsError {
            name: layer.name.to_owned(),
            line: line_of(layer.text, e.span().map_or(0, |s| s.start)),
            message: e.message().to_owned(),
        })?;
        collect(table.get_ref(), "", layer, &mut found);
    }
    Ok(found.into_values().collect())
}

fn collect(
    table: &DeTable<'_>,
    prefix: &str,
    layer: &Layer<'_>,
    found: &mut BTreeMap<String, Setting>,
) {
    for (name, value) in table {
        let key = match prefix {
            "" => name.get_ref().to_string(),
            _ => format!("{prefix}.{}", name.get_ref()),
        };
        match value.get_ref() {
            DeValue::Table(inner) => collect(inner, &key, layer, found),
            _ => {
                let line = line_of(layer.text, name.span().start);
                let origin = format!("{}:{line}", layer.name);
                let value = source(layer.text, value);
                found.insert(key.clone(), Setting { key, value, origin });
            }
        }
    }
}

/// The value as it stands in the file, on one line.
fn source(text: &str, value: &Spanned<DeValue<'_>>) -> String {
    let written = text.get(value.span()).unwrap_or_default();
    crate::kernel::text::visible(
        &written.split_whitespace().collect::<Vec<_>>().join(" "),
        200,
    )
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|b| *b == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_layer_wins_and_is_named() {
        let weak = Layer {
            name: "embedded default",
            text: "[costs]\nfee_bps = 26\nslippage_bps = 5\n",
        };
        let strong = Layer {
            name: "config/config.toml",
            text: "# ours\n[costs]\nfee_bps = 15\n",
        };
        let merged = merge(&[weak, strong]).unwrap();
        let shown: Vec<_> = merged
            .iter()
            .map(|s| (s.key.as_str(), s.value.as_str(), s.origin.as_str()))
            .collect();
        assert_eq!(
            shown,
            [
                ("costs.fee_bps", "15", "config/config.toml:3"),
                ("costs.slippage_bps", "5", "embedded default:3"),
            ]
        );
    }

    #[test]
    fn a_broken_layer_names_its_line() {
        let error = merge(&[Layer {
            name: "x",
            text: "a = 1\nb = \n",
        }])
        .unwrap_err();
        assert_eq!(error.line, 2);
    }
}
