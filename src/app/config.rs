//! `config/config.toml`: capital, costs, execution limits, identity.
//!
//! The file of the workspace lies over the embedded defaults key by key. Unknown keys are errors
//! that underline the token. Out: values checked once, with the limits of each portfolio resolved.
//!
//! How the file is written says `config/file.rs`, what a value may be `config/source.rs`, what the
//! limits are `config/live_risk.rs`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::exit::Exit;
use super::failure::{Failure, io};
use super::workspace::Workspace;
use crate::evidence::limits::Limits;
use crate::kernel::decimal::Decimal;
use crate::kernel::id::{InstanceId, PortfolioId};
use file::{read, strongest};
use live_risk::{LiveRisk, lay_over, limits_of};
use source::Source;

mod file;
mod live_risk;
mod source;

pub use source::{basis_points, yearly_basis_points};

/// The shipped file: the defaults.
pub const EMBEDDED: &str = include_str!("../../config/config.toml");
/// Where a workspace has it.
pub const PATH: &str = "config/config.toml";

/// What `research.fill` may be.
pub const FILLS: [&str; 2] = ["next_open", "same_close"];
/// What `research.rebalance` may be.
pub const REBALANCES: [&str; 4] = ["none", "daily", "weekly", "monthly"];
/// Settings in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Equity before the first bar.
    pub capital: Decimal,
    /// Fee per side, fraction of notional.
    pub fee: Decimal,
    /// Slippage per side, fraction of price.
    pub slippage: Decimal,
    /// Full quoted spread, fraction of price; 0 is none.
    pub spread: Decimal,
    /// What a short pays per year, fraction of its marked notional; 0 is nothing.
    pub borrow_per_year: Decimal,
    /// When a signal is filled: one of [`FILLS`].
    pub fill: String,
    /// How often open positions are brought back to their share: one of [`REBALANCES`].
    pub rebalance: String,
    /// Least notional of an entry, in the quote currency; 0 is none.
    pub min_notional: Decimal,
    /// `[live_risk]` without overrides.
    limits: Limits,
    /// `[live_risk.portfolio.NAME]`.
    overrides: BTreeMap<PortfolioId, LiveRisk>,
    /// `identity.key`.
    pub identity_key: Option<PathBuf>,
    /// `exchange.endpoint`: where orders go.
    pub endpoint: String,
    /// `[live]`.
    pub live: Live,
}

/// What a live session runs, where the file says more than the token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Live {
    /// The portfolio; without, the token's.
    pub portfolio: Option<PortfolioId>,
    /// File of the resolved configuration; without, the preset of the portfolio's name.
    pub configuration: Option<PathBuf>,
    /// The instance; without, the trust file's, on sandbox hosts the token's.
    pub instance: Option<InstanceId>,
    /// File of the instance's key; without, the trust file's, else `keys/instance-NAME`.
    pub instance_key: Option<PathBuf>,
}

impl Config {
    /// The embedded defaults.
    ///
    /// # Errors
    /// Never in a build whose tests passed.
    pub fn embedded() -> Result<Self, Failure> {
        Self::parse("embedded config.toml", EMBEDDED)
    }

    /// The settings of `file`, else of the workspace, else the embedded ones.
    ///
    /// # Errors
    /// Exit 3 when the file is missing or wrong.
    pub fn load(workspace: Option<&Workspace>, file: Option<&Path>) -> Result<Self, Failure> {
        let path = match (file, workspace) {
            (Some(file), _) => file.to_owned(),
            (None, Some(workspace)) => workspace.resolve(Path::new(PATH)),
            (None, None) => return Self::embedded(),
        };
        let text = read_text(&path)?;
        let shown = crate::kernel::text::visible(&path.display().to_string(), 200);
        Self::parse(&shown, &text)
    }

    /// Reads `text` over the embedded defaults.
    ///
    /// # Errors
    /// Exit 3, with the wrong token underlined.
    pub fn parse(name: &str, text: &str) -> Result<Self, Failure> {
        let base = Source {
            name: "embedded config.toml",
            text: EMBEDDED,
        };
        let base = (read(&base)?, base);
        let own = Source { name, text };
        let own = (read(&own)?, own);
        // The stronger layer first: the first value found is in force.
        let layers = [&own, &base];
        let (limits, overrides) = limits_of(&layers)?;
        Ok(Self {
            capital: strongest(
                &layers,
                |f| f.research.capital.as_ref(),
                |source, value| source.positive("capital", value),
            )?,
            fee: strongest(
                &layers,
                |f| f.costs.fee_bps.as_ref(),
                |source, value| source.basis_points("fee_bps", value),
            )?,
            slippage: strongest(
                &layers,
                |f| f.costs.slippage_bps.as_ref(),
                |source, value| source.basis_points("slippage_bps", value),
            )?,
            spread: strongest(
                &layers,
                |f| f.costs.spread_bps.as_ref(),
                |source, value| source.basis_points("spread_bps", value),
            )?,
            borrow_per_year: strongest(
                &layers,
                |f| f.costs.borrow_bps_per_year.as_ref(),
                |source, value| source.yearly("borrow_bps_per_year", value),
            )?,
            fill: strongest(
                &layers,
                |f| f.research.fill.as_ref(),
                |source, value| source.one_of("fill", value, &FILLS),
            )?,
            rebalance: strongest(
                &layers,
                |f| f.research.rebalance.as_ref(),
                |source, value| source.one_of("rebalance", value, &REBALANCES),
            )?,
            min_notional: strongest(
                &layers,
                |f| f.research.min_notional.as_ref(),
                |source, value| source.not_negative("min_notional", value),
            )?,
            limits,
            overrides,
            identity_key: layers
                .iter()
                .find_map(|(file, _)| file.identity.key.clone()),
            endpoint: strongest(
                &layers,
                |f| f.exchange.endpoint.as_ref(),
                |source, value| source.endpoint(value),
            )?,
            live: layers
                .first()
                .map(|(file, _)| file.live.clone())
                .unwrap_or_default(),
        })
    }

    /// What every fill loses against the market price: slippage and half of the spread.
    #[must_use]
    pub fn slippage_per_side(&self) -> Decimal {
        let half = "0.5".parse().unwrap_or_else(|_| Decimal::zero());
        self.slippage.plus(&self.spread.times(&half))
    }

    /// The execution limits of `portfolio`: `[live_risk]` with its overrides.
    #[must_use]
    pub fn limits(&self, portfolio: &PortfolioId) -> Limits {
        let mut limits = self.limits.clone();
        if let Some(own) = self.overrides.get(portfolio) {
            lay_over(&mut limits, own);
        }
        limits
    }
}

/// A text file of at most 4 MiB.
///
/// # Errors
/// Exit 3 when it is missing, too large or not UTF-8.
pub fn read_text(path: &Path) -> Result<String, Failure> {
    const MAX: u64 = 4 * 1024 * 1024;
    let size = std::fs::metadata(path)
        .map_err(|e| io("read", path, &e))?
        .len();
    if size > MAX {
        let shown = crate::kernel::text::visible(&path.display().to_string(), 200);
        return Err(Failure::new(
            Exit::Invalid,
            "config.too-large",
            format!("`{shown}` has {size} bytes, the limit is {MAX}"),
        ));
    }
    std::fs::read_to_string(path).map_err(|e| io("read", path, &e))
}

#[cfg(test)]
mod tests;
