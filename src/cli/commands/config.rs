//! `promote config show`: every setting in force, and with `--origin` where it comes from.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::settings::{self, Layer, Setting};
use crate::cli::context::Context;

/// Subcommands of `config`.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Every setting in force
    Show(ShowArgs),
}

#[derive(Debug, Args)]
struct ShowArgs {
    /// Print the file and line that set each value
    #[arg(long)]
    origin: bool,
    /// Settings file [default: config/config.toml of the workspace]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// `promote/config/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct ConfigJson {
    schema: &'static str,
    settings: Vec<Setting>,
}

/// Prints the settings.
///
/// # Errors
/// Exit 3 when a file is not TOML or cannot be read.
pub fn run(args: &ConfigArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let ConfigCommand::Show(show) = &args.command;
    let file = match &show.config {
        Some(path) => Some((path.display().to_string(), context.path(path))),
        None => context.workspace_or_defaults()?.map(|workspace| {
            let name = "config/config.toml";
            (name.to_owned(), workspace.resolve(Path::new(name)))
        }),
    };
    let written = match &file {
        Some((name, path)) => {
            let text = std::fs::read_to_string(path).map_err(|e| failure::io("read", path, &e))?;
            Some((name.as_str(), text))
        }
        None => None,
    };
    let mut layers = vec![Layer {
        name: "built in",
        text: crate::app::config::EMBEDDED,
    }];
    layers.extend(written.as_ref().map(|(name, text)| Layer { name, text }));
    let mut settings = settings::merge(&layers)
        .map_err(|e| Failure::from_error(Exit::Invalid, "config.syntax", "", &e))?;
    settings.extend(from_flags(context));
    if context.global.json {
        context.print_json(&ConfigJson {
            schema: "promote/config/v1",
            settings,
        })?;
        return Ok(Exit::Done);
    }
    let width = settings.iter().map(|s| s.key.len()).max().unwrap_or(0);
    let value_width = settings
        .iter()
        .map(|s| s.value.chars().count())
        .max()
        .unwrap_or(0);
    for Setting { key, value, origin } in &settings {
        let line = if show.origin {
            format!("{key:width$}  {value:value_width$}  {origin}\n")
        } else {
            format!("{key:width$}  {value}\n")
        };
        context.print(&line)?;
    }
    Ok(Exit::Done)
}

/// The global settings that only flags set.
fn from_flags(context: &Context<'_, '_>) -> Vec<Setting> {
    let setting = |key: &str, given: Option<String>, default: &str| Setting {
        key: key.to_owned(),
        origin: if given.is_some() {
            format!("--{key}")
        } else {
            "built in".to_owned()
        },
        value: given.unwrap_or_else(|| default.to_owned()),
    };
    let root = context
        .global
        .root
        .as_ref()
        .map(|p| p.display().to_string());
    let lang = context
        .global
        .lang
        .map(|_| context.lang().code().to_owned());
    vec![
        setting("lang", lang, "de"),
        setting(
            "ledger",
            context.global.ledger.clone(),
            "sqlite:ledger/ledger.db",
        ),
        setting("root", root, "found upward from the current folder"),
    ]
}
