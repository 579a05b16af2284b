//! `config.toml` as it is written: tables and keys, and which file is asked first.
//!
//! In: the text of a file. Out: its keys with the place of each value, or the first that the format
//! does not know. Every key may be absent here; [`strongest`] finds the file that has it. What a
//! value may be is asked in `source` and `live_risk`.

use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use super::Live;
use super::live_risk::LiveRiskTable;
use super::source::Source;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::kernel::number::Number;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    pub(super) research: Research,
    pub(super) costs: Costs,
    pub(super) live_risk: LiveRiskTable,
    pub(super) identity: Identity,
    pub(super) exchange: Exchange,
    pub(super) live: Live,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Research {
    pub(super) capital: Option<Spanned<Number>>,
    pub(super) fill: Option<Spanned<String>>,
    pub(super) rebalance: Option<Spanned<String>>,
    pub(super) min_notional: Option<Spanned<Number>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Costs {
    pub(super) fee_bps: Option<Spanned<Number>>,
    pub(super) slippage_bps: Option<Spanned<Number>>,
    pub(super) spread_bps: Option<Spanned<Number>>,
    pub(super) borrow_bps_per_year: Option<Spanned<Number>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Identity {
    pub(super) key: Option<PathBuf>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Exchange {
    pub(super) endpoint: Option<Spanned<String>>,
}

/// The tables and keys of a file.
pub(super) fn read(source: &Source<'_>) -> Result<File, Failure> {
    toml::from_str(source.text).map_err(|e| match e.span() {
        Some(span) => source.refuse(span, e.message()),
        None => Failure::new(
            Exit::Invalid,
            "config.invalid",
            format!("`{}`: {}", source.name, e.message()),
        ),
    })
}

/// The value of the strongest layer that has the key that `pick` finds, checked.
pub(super) fn strongest<V, T>(
    layers: &[&(File, Source<'_>)],
    pick: impl Fn(&File) -> Option<&Spanned<V>>,
    check: impl Fn(&Source<'_>, &Spanned<V>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut set = layers
        .iter()
        .filter_map(|(file, source)| Some((pick(file)?, source)));
    let (value, source) = set.next().ok_or_else(incomplete)?;
    check(source, value)
}

fn incomplete() -> Failure {
    Failure::new(
        Exit::Internal,
        "config.embedded",
        "the embedded config.toml lacks a key",
    )
}
