//! `promote live start`: a token is redeemed, everything is checked, a lease begins.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::app::access::live::{Material, Start, start};
use crate::app::config::Config;
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::runtime::block_on;
use crate::app::workspace::Workspace;
use crate::cli::commands::gate::open;
use crate::cli::context::Context;
use crate::kernel::canonical::DOCUMENT_MAX_BYTES;
use crate::kernel::id::PortfolioId;
use crate::kernel::paseto::TOKEN_MAX_BYTES;
use crate::kernel::text::visible;

/// Flags of `live start`.
#[derive(Debug, Args)]
pub struct StartArgs {
    /// Settings of the session [default: config/config.toml]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The token; other users of this host can see it while the command runs
    #[arg(
        long,
        value_name = "TOKEN",
        required_unless_present = "confirm_token_file"
    )]
    pub confirm_token: Option<String>,
    /// File that holds the token
    #[arg(long, value_name = "FILE", conflicts_with = "confirm_token")]
    pub confirm_token_file: Option<PathBuf>,
}

/// Starts a session.
///
/// # Errors
/// The first reason why not: exit 7 expired or used, 9 unknown, forged or foreign, 4 not this
/// portfolio, environment, instance, host or key, 20 changed, halted or overdue.
pub fn run(args: &StartArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let workspace = context.workspace()?;
    let file = args.config.as_deref().map(|file| context.path(file));
    let config = Config::load(Some(&workspace), file.as_deref())?;
    let token = token(args, context)?;
    let unknown = |doing: &str, e: &dyn std::error::Error| {
        Failure::from_error(Exit::Internal, "machine", doing, e)
    };
    let machine = context.ports.machine;
    let trust = machine
        .trust()
        .map_err(|e| Failure::from_error(Exit::NotAuthorised, "trust.unusable", "", &e))?;
    let host = machine
        .name()
        .map_err(|e| unknown("this host does not say its name", &e))?;
    let build = machine
        .build()
        .map_err(|e| unknown("could not read the running program", &e))?;
    let ledger = context.ledger_path()?;
    let when = open::when(context)?;
    let wish = Start {
        ledger: &ledger,
        token: &token,
        config: &config,
        trust: &trust,
        host: &host,
        build,
        base: &workspace.root,
    };
    let material = |portfolio: &PortfolioId| material(&workspace, &config, portfolio);
    let entropy = &mut *context.ports.entropy;
    let started = block_on(start(&wish, when, &material, entropy))?;
    let json = started.json();
    if context.global.json {
        context.print_json(&json)?;
    } else {
        context.print(&format!(
            "token {} redeemed: seq {}, leaf {}\nlease until {}, session until {}\n",
            json.jti, json.seq, json.leaf, json.lease_until, json.session_until
        ))?;
        context.say(&format!(
            "trading of `{}` as `{}` ({}) would begin here; this version does not trade",
            json.portfolio, json.instance, json.environment
        ));
    }
    Ok(Exit::Done)
}

fn token(args: &StartArgs, context: &Context<'_, '_>) -> Result<Vec<u8>, Failure> {
    let bytes = match (&args.confirm_token, &args.confirm_token_file) {
        (Some(token), _) => token.clone().into_bytes(),
        (None, Some(file)) => small(&context.path(file), TOKEN_MAX_BYTES)?,
        (None, None) => {
            let text = "--confirm-token or --confirm-token-file is wanted";
            return Err(Failure::new(Exit::Usage, "usage.token", text));
        }
    };
    Ok(bytes.trim_ascii_end().to_vec())
}

fn small(path: &Path, most: usize) -> Result<Vec<u8>, Failure> {
    let bytes = std::fs::read(path).map_err(|e| failure::io("read", path, &e))?;
    if bytes.len() <= most {
        return Ok(bytes);
    }
    let text = format!(
        "`{}` is too large",
        visible(&path.display().to_string(), 200)
    );
    Err(Failure::new(Exit::Invalid, "file.too-large", text))
}

/// What the settings say that a session of `portfolio` would run.
fn material(
    workspace: &Workspace,
    config: &Config,
    portfolio: &PortfolioId,
) -> Result<Material, Failure> {
    let configuration = match &config.live.configuration {
        Some(file) => small(&workspace.resolve(file), DOCUMENT_MAX_BYTES)?,
        None => preset(workspace, config, portfolio)?,
    };
    let limits = config
        .limits(portfolio)
        .encode()
        .map_err(|e| Failure::from_error(Exit::Invalid, "limits.invalid", "", &e))?;
    Ok(Material {
        portfolio: portfolio.clone(),
        configuration,
        limits,
    })
}

#[cfg(feature = "research")]
fn preset(
    workspace: &Workspace,
    config: &Config,
    portfolio: &PortfolioId,
) -> Result<Vec<u8>, Failure> {
    use crate::app::robustness::{Overrides, catalogue, resolve};
    let (catalogue, name) = catalogue(Some(workspace), None)?;
    let preset = catalogue.preset(portfolio.as_str()).map_err(|said| {
        Failure::new(
            Exit::Invalid,
            "live.configuration",
            format!("`{name}`: {said}"),
        )
        .hint("name its strategy.json with live.configuration in the settings")
    })?;
    let resolved = resolve(preset, config, &Overrides::default())?;
    resolved
        .configuration
        .encode()
        .map_err(|e| Failure::from_error(Exit::Invalid, "live.configuration", "", &e))
}

#[cfg(not(feature = "research"))]
fn preset(
    _workspace: &Workspace,
    _config: &Config,
    portfolio: &PortfolioId,
) -> Result<Vec<u8>, Failure> {
    let text = format!("the settings do not name the configuration of `{portfolio}`");
    Err(Failure::new(Exit::Invalid, "live.configuration", text)
        .hint("name its strategy.json with live.configuration in the settings"))
}
