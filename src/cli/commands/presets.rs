//! `promote presets`: the catalogue of portfolios that can be run.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::robustness::catalogue;
use crate::cli::context::Context;
use crate::kernel::decimal::Decimal;
use crate::kernel::time::UtcTime;
use crate::render::layout::{self, Bears, columns};
use crate::research::backtest::fill::FillRule;
use crate::research::portfolio::configuration::StrategyConfiguration;
use crate::research::portfolio::profile_order;
use crate::research::portfolio::recipe::{Catalogue, Preset};
use crate::research::portfolio::terms::Rebalance;

/// Flags of `presets`.
#[derive(Debug, Args)]
pub struct PresetsArgs {
    #[command(subcommand)]
    command: PresetsCommand,
    /// Presets [default: config/portfolio_recipes.toml in the workspace, else the shipped ones]
    #[arg(long, value_name = "FILE", global = true)]
    recipes_config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum PresetsCommand {
    /// Every preset with risk profile, assets, styles, timeframes and horizon
    List(ListArgs),
    /// One preset with its strategies and every parameter
    Show(ShowArgs),
    /// Checks the catalogue, also that its risk profiles are in order
    #[command(
        long_about = "Checks the catalogue; every mistake is shown with its place. Of two strategies of one kind on one symbol, that of the more careful profile has the wider stop, the smaller position and the longer look-back: every break of this order is shown too."
    )]
    Validate(ValidateArgs),
}

#[derive(Debug, Args)]
struct ListArgs {
    /// Only this risk profile
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Only presets that trade this asset, such as BTC
    #[arg(long, value_name = "ASSET")]
    asset: Option<String>,
    /// Only this horizon: intraday, swing or position
    #[arg(long, value_name = "HORIZON")]
    horizon: Option<String>,
    /// Output format
    #[arg(long, default_value = "table")]
    format: OutputFormat,
}

#[derive(Debug, Args)]
struct ShowArgs {
    /// Preset
    name: String,
    /// Output format
    #[arg(long, default_value = "table")]
    format: OutputFormat,
}

#[derive(Debug, Args)]
struct ValidateArgs {
    /// Output format
    #[arg(long, default_value = "table")]
    format: OutputFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OutputFormat {
    Table,
    Json,
}

/// `promote/presets/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct PresetsJson {
    schema: &'static str,
    presets: Vec<PresetJson>,
}

/// One preset.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct PresetJson {
    name: String,
    title: String,
    description: String,
    risk_profile: String,
    assets: Vec<String>,
    styles: Vec<String>,
    timeframes: Vec<String>,
    horizon: String,
    tags: Vec<String>,
    /// Where its development stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    developed_until: Option<UtcTime>,
    /// The drawdown that it means to stay within, fraction; no criterion.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_drawdown_target: Option<Decimal>,
    /// When signals are filled, where the preset says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    fill: Option<&'static str>,
    /// How often open positions are brought back to their share, where the preset says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    rebalance: Option<&'static str>,
    /// Least notional of an entry, where the preset says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    min_notional: Option<Decimal>,
    strategies: Vec<StrategyConfiguration>,
}

impl PresetsArgs {
    pub(super) fn wants_json(&self) -> bool {
        let format = match &self.command {
            PresetsCommand::List(args) => args.format,
            PresetsCommand::Show(args) => args.format,
            PresetsCommand::Validate(args) => args.format,
        };
        format == OutputFormat::Json
    }
}

/// Shows or checks presets.
///
/// # Errors
/// Exit 2 for an unknown preset, exit 3 when the catalogue is wrong.
pub fn run(args: &PresetsArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let file = args.recipes_config.as_ref().map(|p| context.path(p));
    let workspace = match &file {
        Some(_) => None,
        None => context.workspace_or_defaults()?,
    };
    let (catalogue, from) = catalogue(workspace.as_ref(), file.as_deref())?;
    if matches!(args.command, PresetsCommand::Validate(_)) {
        check_order(&catalogue, &from)?;
    }
    let json = context.global.json || args.wants_json();
    let chosen: Vec<&Preset> = match &args.command {
        PresetsCommand::List(list) => filtered(&catalogue, list),
        PresetsCommand::Validate(_) => catalogue.presets.values().collect(),
        PresetsCommand::Show(show) => vec![catalogue.preset(&show.name).map_err(|said| {
            Failure::new(Exit::Usage, "preset.unknown", said)
                .hint(format!("presets are in `{from}`"))
        })?],
    };
    if json {
        context.print_json(&PresetsJson {
            schema: "promote/presets/v1",
            presets: chosen.into_iter().map(preset_json).collect(),
        })?;
        return Ok(Exit::Done);
    }
    let text = match &args.command {
        PresetsCommand::List(_) => table(&chosen, context.width()),
        PresetsCommand::Show(_) => chosen.into_iter().map(details).collect(),
        PresetsCommand::Validate(_) => {
            format!(
                "{from}: {} presets, no mistake, profiles in order\n",
                chosen.len()
            )
        }
    };
    context.print(&text)?;
    Ok(Exit::Done)
}

/// Fails when the risk profiles are not in order.
fn check_order(catalogue: &Catalogue, from: &str) -> Result<(), Failure> {
    let breaks = profile_order::breaks(catalogue);
    let Some(first) = breaks.first() else {
        return Ok(());
    };
    let more = match breaks.len() {
        1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    let hint = "a more careful profile has wider stops, smaller positions and longer look-backs";
    Err(Failure::new(
        Exit::Invalid,
        "recipes.order",
        format!("`{from}`: {first}{more}"),
    )
    .snippet(breaks.join("\n"))
    .hint(hint))
}

fn filtered<'a>(catalogue: &'a Catalogue, args: &ListArgs) -> Vec<&'a Preset> {
    let keep = |preset: &&Preset| {
        let same = |wanted: &Option<String>, have: &str| {
            wanted.as_ref().is_none_or(|w| w.eq_ignore_ascii_case(have))
        };
        same(&args.profile, preset.profile.as_str())
            && same(&args.horizon, &preset.horizon)
            && args.asset.as_ref().is_none_or(|asset| {
                assets(preset)
                    .iter()
                    .any(|own| own.eq_ignore_ascii_case(asset))
            })
    };
    catalogue.presets.values().filter(keep).collect()
}

fn distinct<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut words: Vec<String> = words.map(str::to_owned).collect();
    words.sort_unstable();
    words.dedup();
    words
}

fn assets(preset: &Preset) -> Vec<String> {
    distinct(preset.strategies.iter().map(|s| {
        s.symbol
            .split_once('/')
            .map_or(s.symbol.as_str(), |(base, _)| base)
    }))
}

fn styles(preset: &Preset) -> Vec<String> {
    distinct(preset.strategies.iter().map(|s| s.style.as_str()))
}

fn timeframes(preset: &Preset) -> Vec<String> {
    distinct(preset.strategies.iter().map(|s| s.timeframe.as_str()))
}

fn preset_json(preset: &Preset) -> PresetJson {
    PresetJson {
        name: preset.id.to_string(),
        title: preset.name.clone(),
        description: preset.description.clone(),
        risk_profile: preset.profile.to_string(),
        assets: assets(preset),
        styles: styles(preset),
        timeframes: timeframes(preset),
        horizon: preset.horizon.clone(),
        tags: preset.tags.clone(),
        developed_until: preset.developed_until,
        max_drawdown_target: preset.max_drawdown_target.clone(),
        fill: preset.account.fill.map(FillRule::as_str),
        rebalance: preset.account.rebalance.map(Rebalance::as_str),
        min_notional: preset.account.min_notional.clone(),
        strategies: preset.strategies.clone(),
    }
}

fn table(chosen: &[&Preset], width: usize) -> String {
    if chosen.is_empty() {
        return "no preset matches\n".to_owned();
    }
    let columns = columns([
        ("preset", Bears::Text),
        ("profile", Bears::Text),
        ("assets", Bears::Text),
        ("styles", Bears::Text),
        ("timeframes", Bears::Text),
        ("horizon", Bears::Text),
    ]);
    let row = |preset: &&Preset| {
        vec![
            preset.id.to_string(),
            preset.profile.to_string(),
            assets(preset).join(", "),
            styles(preset).join(", "),
            timeframes(preset).join(", "),
            preset.horizon.clone(),
        ]
    };
    let rows: Vec<Vec<String>> = chosen.iter().map(row).collect();
    layout::table(&columns, &rows, width)
}

/// What the preset says about its account and its drawdown, a line each.
fn further(preset: &Preset) -> String {
    let account = &preset.account;
    let says = [
        ("fill", account.fill.map(|rule| rule.as_str().to_owned())),
        (
            "rebalance",
            account.rebalance.map(|rule| rule.as_str().to_owned()),
        ),
        (
            "min_notional",
            account.min_notional.as_ref().map(ToString::to_string),
        ),
        (
            "max_drawdown_target",
            preset.max_drawdown_target.as_ref().map(ToString::to_string),
        ),
    ];
    says.into_iter()
        .filter_map(|(name, value)| Some(format!("{name} {}\n", value?)))
        .collect()
}

fn details(preset: &Preset) -> String {
    use std::fmt::Write as _;

    let oos = match preset.developed_until {
        None => format!(
            "walk-forward {}d / {}d",
            preset.walk_forward.train_days, preset.walk_forward.test_days
        ),
        Some(end) => format!("developed until {end}"),
    };
    let mut text = format!(
        "{}: {}\n{}\nprofile {}, horizon {}, {oos}\n",
        preset.id, preset.name, preset.description, preset.profile, preset.horizon
    );
    text.push_str(&further(preset));
    if let Some(mc) = &preset.monte_carlo {
        let _infallible = writeln!(
            text,
            "monte-carlo: {} runs, {}",
            mc.runs,
            mc.method.as_str()
        );
    }
    if let Some(stress) = &preset.stress {
        let names: Vec<&str> = stress.scenarios.iter().map(|s| s.as_str()).collect();
        let _infallible = writeln!(
            text,
            "stress: {}, severity {}, {}",
            names.join(", "),
            stress.severity,
            stress.position.as_str()
        );
    }
    for s in &preset.strategies {
        let level = |d: &Option<crate::kernel::decimal::Decimal>| {
            d.as_ref()
                .map_or_else(|| "none".to_owned(), ToString::to_string)
        };
        let _infallible = writeln!(
            text,
            "\n{} (weight {})\n  {} on {} {}, style {}\n  stop {}, take-profit {}, position_fraction {}, allow_short {}",
            s.id,
            s.weight,
            s.kind,
            s.symbol,
            s.timeframe,
            s.style,
            level(&s.stop),
            level(&s.take_profit),
            s.position_fraction,
            s.allow_short
        );
        if let Some(risk) = &s.risk_per_trade {
            let _infallible = writeln!(text, "  risk_per_trade {risk}");
        }
        for (name, value) in &s.parameters {
            let _infallible = writeln!(text, "  {name} = {value}");
        }
    }
    text
}
