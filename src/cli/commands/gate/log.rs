//! `promote log`: the decision log, exported, and copies checked against the ledger.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use crate::adapters::host::durable;
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::gate::desk::Desk;
use crate::app::gate::log;
use crate::cli::args::Lang;
use crate::cli::commands::audit::attest;
use crate::cli::context::Context;
use crate::governance::audit::entry::Head;
use crate::kernel::id::PortfolioId;
use crate::kernel::text::visible;
use crate::render::decision_log::{Language, Scope};

/// Largest exported log that is read back, in bytes.
const LOG_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Flags of `log`.
#[derive(Debug, Args)]
pub struct LogArgs {
    /// What to do
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do with the decision log.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Write the decision log in the playbook's template
    Export(ExportArgs),
    /// Check an exported file against the ledger, byte by byte
    Verify(VerifyArgs),
    /// A decision as an in-toto statement with a SLSA verification summary, in a DSSE envelope
    Attest(attest::AttestArgs),
}

/// Flags of `log export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Only this portfolio
    #[arg(long, value_name = "PORTFOLIO")]
    pub portfolio: Option<PortfolioId>,
    /// Output format
    #[arg(long, default_value = "markdown")]
    pub format: LogFormat,
    /// A folder (one file per portfolio), or a file for all [default: stdout]
    #[arg(long, value_name = "DIR|FILE.md")]
    pub out: Option<PathBuf>,
}

/// Flags of `log verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Exported file
    pub file: PathBuf,
}

/// Formats of the decision log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// The playbook's template.
    #[value(alias = "md")]
    Markdown,
    /// `promote/decision-log/v1`.
    Json,
}

/// `promote/log-verification/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct LogVerificationJson {
    schema: &'static str,
    ok: bool,
    head: Head,
    portfolio: Option<PortfolioId>,
    lang: &'static str,
}

impl LogArgs {
    pub(in crate::cli) fn wants_json(&self) -> bool {
        matches!(&self.verb, Verb::Export(args) if args.format == LogFormat::Json)
    }
}

/// Runs `log`.
///
/// # Errors
/// What the verb says.
pub fn run(args: &LogArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    match &args.verb {
        Verb::Export(args) => export(args, context),
        Verb::Verify(args) => verify(args, context),
        Verb::Attest(args) => attest::run(args, context),
    }
}

fn export(args: &ExportArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let desk = super::open::read(context)?;
    if let Some(portfolio) = &args.portfolio
        && !desk.state.portfolios.contains_key(portfolio)
    {
        let text = format!("`{portfolio}` is not registered: no request has named it yet");
        return Err(Failure::new(Exit::Conflict, "portfolio.unknown", text)
            .hint("`promote status` lists the portfolios"));
    }
    let scope = Scope {
        language: match context.lang() {
            Lang::De => Language::De,
            Lang::En => Language::En,
        },
        portfolio: args.portfolio.clone(),
    };
    let json = context.global.json || args.format == LogFormat::Json;
    match &args.out {
        None => {
            let text = text(&desk, &scope, json)?;
            context.print(&text)?;
        }
        Some(out) => {
            let extension = if json { "json" } else { "md" };
            let out_path = context.path(out);
            for (path, scope) in targets(&desk, &out_path, &scope, extension) {
                let text = text(&desk, &scope, json)?;
                durable::write_file(&path, text.as_bytes())
                    .map_err(|e| failure::io("write", &path, &e))?;
                let shown = visible(&path.display().to_string(), 200);
                context.say(&format!("written: {shown}"));
            }
        }
    }
    Ok(Exit::Done)
}

/// A file gets everything, a folder one file per portfolio.
fn targets(desk: &Desk, out: &Path, scope: &Scope, extension: &str) -> Vec<(PathBuf, Scope)> {
    let is_file = out.extension().is_some_and(|e| e == "md" || e == "json") && !out.is_dir();
    if is_file {
        return vec![(out.to_owned(), scope.clone())];
    }
    desk.state
        .portfolios
        .keys()
        .filter(|id| scope.portfolio.as_ref().is_none_or(|only| only == *id))
        .map(|id| {
            let one = Scope {
                portfolio: Some(id.clone()),
                ..scope.clone()
            };
            (out.join(format!("{id}.{extension}")), one)
        })
        .collect()
}

fn text(desk: &Desk, scope: &Scope, json: bool) -> Result<String, Failure> {
    let log = log::log(desk, scope);
    if !json {
        return log::markdown(&log, scope);
    }
    let text = serde_json::to_string_pretty(&log)
        .map_err(|e| Failure::from_error(Exit::Internal, "json", "could not write JSON", &e))?;
    Ok(format!("{text}\n"))
}

fn verify(args: &VerifyArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let path = context.path(&args.file);
    let size = std::fs::metadata(&path)
        .map_err(|e| failure::io("read", &path, &e))?
        .len();
    if size > LOG_MAX_BYTES {
        return Err(Failure::new(
            Exit::Invalid,
            "log.too-large",
            "the file is too large",
        ));
    }
    let text = std::fs::read_to_string(&path).map_err(|e| failure::io("read", &path, &e))?;
    let desk = super::open::read(context)?;
    if attest::is_envelope(&text) {
        return attest::verify(&desk, &text, context);
    }
    let (head, scope) = log::verify(&desk, &text)?;
    let behind = desk.head().size.saturating_sub(head.size);
    if context.global.json {
        context.print_json(&LogVerificationJson {
            schema: "promote/log-verification/v1",
            ok: true,
            head,
            portfolio: scope.portfolio,
            lang: scope.language.as_str(),
        })?;
    } else {
        context.print(&format!(
            "the log is what the ledger gives at size {}, root {}\n",
            head.size, head.root
        ))?;
        if behind > 0 {
            context.print(&format!("the ledger has {behind} more entries since\n"))?;
        }
    }
    Ok(Exit::Done)
}
