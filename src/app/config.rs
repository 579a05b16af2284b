//! `config/config.toml`: capital, costs, execution limits, identity.
//!
//! The file of the workspace lies over the embedded defaults key by key. Unknown keys are errors
//! that underline the token. Out: values checked once, with the limits of each portfolio resolved.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::exit::Exit;
use super::failure::{Failure, io};
use super::snippet;
use super::workspace::Workspace;
use crate::evidence::limits::{self, Limits};
use crate::kernel::decimal::Decimal;
use crate::kernel::id::{InstanceId, PortfolioId};
use crate::kernel::number::Number;

/// The shipped file: the defaults.
pub const EMBEDDED: &str = include_str!("../../config/config.toml");
/// Where a workspace has it.
pub const PATH: &str = "config/config.toml";

/// What `research.fill` may be.
pub const FILLS: [&str; 2] = ["next_open", "same_close"];
/// What `research.rebalance` may be.
pub const REBALANCES: [&str; 4] = ["none", "daily", "weekly", "monthly"];
/// Largest borrow rate in basis points a year: what nobody pays is a mistake of units.
const BORROW_MAX_BPS: i64 = 100_000;

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

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Exchange {
    endpoint: Option<Spanned<String>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    research: Research,
    costs: Costs,
    live_risk: LiveRiskTable,
    identity: Identity,
    exchange: Exchange,
    live: Live,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Research {
    capital: Option<Spanned<Number>>,
    fill: Option<Spanned<String>>,
    rebalance: Option<Spanned<String>>,
    min_notional: Option<Spanned<Number>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Costs {
    fee_bps: Option<Spanned<Number>>,
    slippage_bps: Option<Spanned<Number>>,
    spread_bps: Option<Spanned<Number>>,
    borrow_bps_per_year: Option<Spanned<Number>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Identity {
    key: Option<PathBuf>,
}

/// One `[live_risk…]` table. Every key may be absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct LiveRisk {
    base_currency: Option<String>,
    amounts: BTreeMap<&'static str, Decimal>,
    max_open_positions: Option<i64>,
    block_on_violation: Option<bool>,
}

macro_rules! live_risk_table {
    ($name:ident $(, $extra:ident: $type:ty)?) => {
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        struct $name {
            base_currency: Option<Spanned<String>>,
            max_order_notional: Option<Spanned<Number>>,
            max_symbol_exposure_notional: Option<Spanned<Number>>,
            max_total_exposure_notional: Option<Spanned<Number>>,
            max_daily_loss_abs: Option<Spanned<Number>>,
            max_daily_loss_pct: Option<Spanned<Number>>,
            max_open_positions: Option<Spanned<i64>>,
            block_on_violation: Option<bool>,
            $($extra: $type,)?
        }

        impl $name {
            fn checked(&self, source: &Source<'_>) -> Result<LiveRisk, Failure> {
                let mut amounts = BTreeMap::new();
                for (name, value) in [
                    ("max_order_notional", &self.max_order_notional),
                    ("max_symbol_exposure_notional", &self.max_symbol_exposure_notional),
                    ("max_total_exposure_notional", &self.max_total_exposure_notional),
                    ("max_daily_loss_abs", &self.max_daily_loss_abs),
                    ("max_daily_loss_pct", &self.max_daily_loss_pct),
                ] {
                    if let Some(value) = value {
                        amounts.insert(name, source.positive(name, value)?);
                    }
                }
                let positions = match &self.max_open_positions {
                    None => None,
                    Some(n) if (1..=1_000_000).contains(n.get_ref()) => Some(*n.get_ref()),
                    Some(n) => {
                        let said = "max_open_positions must be between 1 and 1000000";
                        return Err(source.refuse(n.span(), said));
                    }
                };
                let base_currency = match &self.base_currency {
                    None => None,
                    Some(text) if is_currency(text.get_ref()) => Some(text.get_ref().clone()),
                    Some(text) => {
                        let said = "base_currency must be 2 to 10 of A-Z and 0-9, such as EUR";
                        return Err(source.refuse(text.span(), said));
                    }
                };
                Ok(LiveRisk {
                    base_currency,
                    amounts,
                    max_open_positions: positions,
                    block_on_violation: self.block_on_violation,
                })
            }
        }
    };
}

live_risk_table!(LiveRiskOverride);
live_risk_table!(LiveRiskTable, portfolio: BTreeMap<Spanned<String>, LiveRiskOverride>);

fn is_currency(text: &str) -> bool {
    (2..=10).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// A file while it is checked: errors point into it.
struct Source<'a> {
    name: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn refuse(&self, span: std::ops::Range<usize>, message: &str) -> Failure {
        let line = snippet::line_of(self.text, span.start);
        Failure::new(
            Exit::Invalid,
            "config.invalid",
            format!("`{}` line {line}: {message}", self.name),
        )
        .snippet(snippet::underline(self.name, self.text, span, message))
    }

    fn positive(&self, name: &str, value: &Spanned<Number>) -> Result<Decimal, Failure> {
        if value.get_ref().0.signum() > 0 {
            return Ok(value.get_ref().0.clone());
        }
        Err(self.refuse(value.span(), &format!("{name} must be above 0")))
    }

    fn not_negative(&self, name: &str, value: &Spanned<Number>) -> Result<Decimal, Failure> {
        if value.get_ref().0.signum() >= 0 {
            return Ok(value.get_ref().0.clone());
        }
        Err(self.refuse(value.span(), &format!("{name} must be 0 or more")))
    }

    fn one_of(&self, name: &str, value: &Spanned<String>, of: &[&str]) -> Result<String, Failure> {
        if of.contains(&value.get_ref().as_str()) {
            return Ok(value.get_ref().clone());
        }
        let said = format!("{name} must be one of: {}", of.join(", "));
        Err(self.refuse(value.span(), &said))
    }

    /// Basis points a year as a fraction.
    fn yearly(&self, name: &str, value: &Spanned<Number>) -> Result<Decimal, Failure> {
        yearly_basis_points(&value.get_ref().0).ok_or_else(|| {
            self.refuse(
                value.span(),
                &format!("{name} must be 0 to {BORROW_MAX_BPS}"),
            )
        })
    }

    /// A URL of at most 300 printable characters.
    fn endpoint(&self, value: &Spanned<String>) -> Result<String, Failure> {
        let text = value.get_ref();
        let plain = text.bytes().all(|b| b.is_ascii_graphic());
        if plain && text.len() <= 300 && text.contains("://") {
            return Ok(text.clone());
        }
        let said = "endpoint must be a URL such as http://127.0.0.1:9470";
        Err(self.refuse(value.span(), said))
    }

    /// Basis points as a fraction.
    fn basis_points(&self, name: &str, value: &Spanned<Number>) -> Result<Decimal, Failure> {
        basis_points(&value.get_ref().0)
            .ok_or_else(|| self.refuse(value.span(), &format!("{name} must be 0 to 5000")))
    }
}

/// Basis points (0 to 5000) as an exact fraction; none outside that range.
#[must_use]
pub fn basis_points(bps: &Decimal) -> Option<Decimal> {
    let fraction = bps.times(&"0.0001".parse().ok()?);
    (fraction.signum() >= 0 && fraction <= "0.5".parse().ok()?).then_some(fraction)
}

/// Basis points a year (0 to 100000) as an exact fraction; none outside that range.
#[must_use]
pub fn yearly_basis_points(bps: &Decimal) -> Option<Decimal> {
    let inside = bps.signum() >= 0 && *bps <= Decimal::from_int(BORROW_MAX_BPS);
    let fraction = bps.times(&"0.0001".parse().ok()?);
    inside.then_some(fraction)
}

/// The value of the strongest layer that has the key that `pick` finds, checked.
fn strongest<V, T>(
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

fn limits_of(
    layers: &[&(File, Source<'_>)],
) -> Result<(Limits, BTreeMap<PortfolioId, LiveRisk>), Failure> {
    let mut limits = Limits {
        schema: limits::SCHEMA.to_owned(),
        base_currency: String::new(),
        max_order_notional: Decimal::zero(),
        max_symbol_exposure_notional: Decimal::zero(),
        max_total_exposure_notional: Decimal::zero(),
        max_open_positions: 0,
        max_daily_loss_abs: Decimal::zero(),
        max_daily_loss_pct: Decimal::zero(),
        block_on_violation: true,
    };
    let mut overrides: BTreeMap<PortfolioId, LiveRisk> = BTreeMap::new();
    for (file, source) in layers.iter().rev() {
        lay_over(&mut limits, &file.live_risk.checked(source)?);
        for (name, table) in &file.live_risk.portfolio {
            let id = PortfolioId::new(name.get_ref())
                .map_err(|e| source.refuse(name.span(), &e.to_string()))?;
            let own = table.checked(source)?;
            let held = overrides.entry(id).or_default();
            held.base_currency = own.base_currency.or(held.base_currency.take());
            held.amounts.extend(own.amounts);
            held.max_open_positions = own.max_open_positions.or(held.max_open_positions);
            held.block_on_violation = own.block_on_violation.or(held.block_on_violation);
        }
    }
    Ok((limits, overrides))
}

fn lay_over(limits: &mut Limits, own: &LiveRisk) {
    for (name, value) in &own.amounts {
        let place = match *name {
            "max_order_notional" => &mut limits.max_order_notional,
            "max_symbol_exposure_notional" => &mut limits.max_symbol_exposure_notional,
            "max_total_exposure_notional" => &mut limits.max_total_exposure_notional,
            "max_daily_loss_abs" => &mut limits.max_daily_loss_abs,
            _ => &mut limits.max_daily_loss_pct,
        };
        *place = value.clone();
    }
    if let Some(currency) = &own.base_currency {
        limits.base_currency.clone_from(currency);
    }
    if let Some(n) = own.max_open_positions {
        limits.max_open_positions = n;
    }
    if let Some(block) = own.block_on_violation {
        limits.block_on_violation = block;
    }
}

fn incomplete() -> Failure {
    Failure::new(
        Exit::Internal,
        "config.embedded",
        "the embedded config.toml lacks a key",
    )
}

fn read(source: &Source<'_>) -> Result<File, Failure> {
    toml::from_str(source.text).map_err(|e| match e.span() {
        Some(span) => source.refuse(span, e.message()),
        None => Failure::new(
            Exit::Invalid,
            "config.invalid",
            format!("`{}`: {}", source.name, e.message()),
        ),
    })
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
mod tests {
    use super::*;

    #[test]
    fn the_shipped_file_holds_every_default_and_the_playbooks_override() {
        let config = Config::embedded().unwrap();
        assert_eq!(config.capital, Decimal::from_int(10_000));
        assert_eq!(config.fee.to_string(), "0.0026");
        assert_eq!(config.slippage.to_string(), "0.0005");
        let own = config.limits(&PortfolioId::new("rsi_reversion_conservative").unwrap());
        assert_eq!(own.max_order_notional, Decimal::from_int(800));
        assert_eq!(own.max_daily_loss_pct, Decimal::from_int(3));
        assert_eq!(own.max_open_positions, 5);
        let other = config.limits(&PortfolioId::new("another").unwrap());
        assert_eq!(other.max_order_notional, Decimal::from_int(1000));
    }

    #[test]
    fn a_file_lies_over_the_defaults_key_by_key() {
        let text = "[costs]\nfee_bps = 10\n[live_risk.portfolio.rsi_reversion_conservative]\nmax_order_notional = 700\n[identity]\nkey = \"k\"\n";
        let config = Config::parse("config.toml", text).unwrap();
        assert_eq!(config.fee.to_string(), "0.001");
        assert_eq!(config.slippage.to_string(), "0.0005");
        assert_eq!(config.identity_key, Some(PathBuf::from("k")));
        let own = config.limits(&PortfolioId::new("rsi_reversion_conservative").unwrap());
        assert_eq!(own.max_order_notional, Decimal::from_int(700));
        assert_eq!(own.max_daily_loss_abs, Decimal::from_int(300));
    }

    #[test]
    fn the_plain_account_is_the_default_and_every_part_of_it_may_be_set() {
        let plain = Config::embedded().unwrap();
        assert_eq!(
            (plain.fill.as_str(), plain.rebalance.as_str()),
            ("next_open", "none")
        );
        assert!(plain.spread.signum() == 0 && plain.borrow_per_year.signum() == 0);
        assert_eq!(plain.min_notional, Decimal::zero());
        let text = "[research]\nfill = \"same_close\"\nrebalance = \"weekly\"\nmin_notional = 10\n\
                    [costs]\nspread_bps = 4\nborrow_bps_per_year = 250\n";
        let own = Config::parse("c.toml", text).unwrap();
        assert_eq!(
            (own.fill.as_str(), own.rebalance.as_str()),
            ("same_close", "weekly")
        );
        assert_eq!(own.spread.to_string(), "0.0004");
        assert_eq!(own.borrow_per_year.to_string(), "0.025");
        assert_eq!(own.min_notional, Decimal::from_int(10));
    }

    #[cfg(feature = "research")]
    #[test]
    fn the_words_are_those_of_the_engine() {
        use crate::research::backtest::fill::FillRule;
        use crate::research::portfolio::terms::Rebalance;
        assert_eq!(FILLS, FillRule::ALL.map(FillRule::as_str));
        assert_eq!(REBALANCES, Rebalance::ALL.map(Rebalance::as_str));
    }

    #[test]
    fn wrong_keys_and_values_are_underlined() {
        for (text, token) in [
            ("[research]\nfill = \"close\"\n", "\"close\""),
            ("[research]\nrebalance = \"yearly\"\n", "\"yearly\""),
            ("[research]\nmin_notional = -1\n", "-1"),
            ("[costs]\nspread_bps = 5001\n", "5001"),
            ("[costs]\nborrow_bps_per_year = 100001\n", "100001"),
            ("[costs]\nborrow_bps = 1\n", "borrow_bps"),
            ("[costs]\nfee_bp = 10\n", "fee_bp"),
            ("[costs]\nfee_bps = -1\n", "-1"),
            ("[research]\ncapital = 0\n", "0"),
            ("[live_risk]\nmax_open_positions = 0\n", "0"),
            (
                "[live_risk.portfolio.\"../x\"]\nmax_order_notional = 1\n",
                "../x",
            ),
            ("[live_risk]\nmax_order_notional = nan\n", "nan"),
        ] {
            let failure = Config::parse("c.toml", text).unwrap_err();
            assert_eq!(failure.exit, Exit::Invalid, "{text}");
            let snippet = failure.snippet.unwrap();
            assert!(
                snippet.contains('^') && snippet.contains(token),
                "{snippet}"
            );
        }
    }
}
