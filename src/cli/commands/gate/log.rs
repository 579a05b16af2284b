//! `promote log`: the decision log and the registers, exported, and copies checked against the
//! ledger.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::gate::desk::Desk;
use crate::app::gate::log::{self, LogVerificationJson};
use crate::app::runtime::block_on;
use crate::app::written::{WrittenFile, WrittenJson};
use crate::cli::args::Lang;
use crate::cli::commands::audit::in_toto;
use crate::cli::context::Context;
use crate::kernel::id::PortfolioId;
use crate::kernel::text::visible;
use crate::render::decision_log::Language;
use crate::render::export::{Form, Order, What};

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
    /// Write the decision log in the playbook's template, or a register
    Export(ExportArgs),
    /// Check an exported file against the ledger, byte by byte
    Verify(VerifyArgs),
    /// Write the in-toto statement of a decision, with a SLSA verification summary, in a DSSE
    /// envelope (`evidence attest` is something else: an independent attestation of a bundle)
    Attest(in_toto::AttestArgs),
}

/// Flags of `log export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// What to write
    #[arg(long, value_name = "WHAT", default_value = "decisions")]
    pub what: LogWhat,
    /// Only this portfolio
    #[arg(long, value_name = "PORTFOLIO")]
    pub portfolio: Option<PortfolioId>,
    /// Output format [default: the file's ending, else markdown]
    #[arg(long)]
    pub format: Option<LogFormat>,
    /// A folder (one file per portfolio), or a file for all (.md, .html, .json, .csv) [default:
    /// stdout]
    #[arg(long, value_name = "DIR|FILE")]
    pub out: Option<PathBuf>,
}

/// Flags of `log verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Exported file
    pub file: PathBuf,
}

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogWhat {
    /// Every ended request.
    Decisions,
    /// Every override: criterion, evidence, reason, review.
    Overrides,
    /// Every incident, halt and drill.
    Incidents,
    /// Every portfolio, person, key, instance and token.
    Inventory,
    /// Time to approve, borderline approvals, denials, approvals taken back.
    Reviews,
}

/// Formats of exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Text; the decision log in the playbook's template.
    #[value(alias = "md")]
    Markdown,
    /// One self-contained page.
    Html,
    /// A document with a schema.
    Json,
    /// One header line, stable columns.
    Csv,
}

impl From<LogWhat> for What {
    fn from(what: LogWhat) -> Self {
        match what {
            LogWhat::Decisions => Self::Decisions,
            LogWhat::Overrides => Self::Overrides,
            LogWhat::Incidents => Self::Incidents,
            LogWhat::Inventory => Self::Inventory,
            LogWhat::Reviews => Self::Reviews,
        }
    }
}

impl From<LogFormat> for Form {
    fn from(format: LogFormat) -> Self {
        match format {
            LogFormat::Markdown => Self::Markdown,
            LogFormat::Html => Self::Html,
            LogFormat::Json => Self::Json,
            LogFormat::Csv => Self::Csv,
        }
    }
}

impl LogArgs {
    pub(in crate::cli) fn wants_json(&self) -> bool {
        matches!(&self.verb, Verb::Export(args) if args.format == Some(LogFormat::Json))
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
        Verb::Attest(args) => in_toto::run(args, context),
    }
}

fn export(args: &ExportArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let mut desk = super::open::read(context)?;
    if let Some(portfolio) = &args.portfolio {
        super::registered(&desk.state, portfolio)?;
    }
    let order = Order {
        what: args.what.into(),
        form: form(args, context.global.json),
        language: match context.lang() {
            Lang::De => Language::De,
            Lang::En => Language::En,
        },
        portfolio: args.portfolio.clone(),
    };
    match &args.out {
        None => {
            let text = block_on(log::write(&mut desk, &order))?;
            context.print_exactly(&text)?;
        }
        Some(out) => {
            let out_path = context.path(out);
            let mut files = Vec::new();
            for (path, order) in targets(&desk, &out_path, &order)? {
                let text = block_on(log::write(&mut desk, &order))?;
                context.write_out(&path, &text)?;
                let name = path.strip_prefix(&out_path).ok();
                let name = name.filter(|name| !name.as_os_str().is_empty());
                let name = name.unwrap_or(out).display().to_string();
                files.push(WrittenFile::new(&name, text.as_bytes()));
            }
            if context.global.json {
                context.print_json(&WrittenJson::new(&out.display().to_string(), files))?;
            }
        }
    }
    Ok(Exit::Done)
}

/// `--format`, else what the file's ending says, else `--json`, else Markdown.
fn form(args: &ExportArgs, json: bool) -> Form {
    if let Some(format) = args.format {
        return format.into();
    }
    let ended = args.out.as_deref().and_then(form_of);
    ended.unwrap_or(if json { Form::Json } else { Form::Markdown })
}

/// The form that a file's ending says.
fn form_of(out: &Path) -> Option<Form> {
    let ending = out.extension().and_then(|e| e.to_str())?;
    match ending {
        "markdown" => Some(Form::Markdown),
        "htm" => Some(Form::Html),
        other => Form::of_extension(other),
    }
}

/// A file gets everything, a folder one file per portfolio.
///
/// # Errors
/// Exit 2 for a name that looks like a file of no known form.
fn targets(desk: &Desk, out: &Path, order: &Order) -> Result<Vec<(PathBuf, Order)>, Failure> {
    if form_of(out).is_some() && !out.is_dir() {
        return Ok(vec![(out.to_owned(), order.clone())]);
    }
    if out.extension().is_some() && !out.is_dir() {
        let shown = visible(&out.display().to_string(), 200);
        let text =
            format!("`{shown}` looks like a file, and its ending names no form of an export");
        return Err(Failure::new(Exit::Usage, "usage.out", text).hint(
            "end it in .md, .markdown, .html, .json or .csv; a folder with a dot in its name has to be there",
        ));
    }
    let name = |id: &PortfolioId| {
        let extension = order.form.extension();
        match order.what {
            What::Decisions => format!("{id}.{extension}"),
            what => format!("{id}.{}.{extension}", what.as_str()),
        }
    };
    let all = desk.state.portfolios.keys();
    let wanted = all.filter(|id| order.portfolio.as_ref().is_none_or(|only| only == *id));
    let each = wanted.map(|id| {
        let one = Order {
            portfolio: Some(id.clone()),
            ..order.clone()
        };
        (out.join(name(id)), one)
    });
    Ok(each.collect())
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
    let mut desk = super::open::read(context)?;
    if in_toto::is_envelope(&text) {
        return in_toto::verify(&desk, &text, context);
    }
    let (head, order) = block_on(log::verify(&mut desk, &text))?;
    let behind = desk.head().size.saturating_sub(head.size);
    if context.global.json {
        context.print_json(&LogVerificationJson::new(head, order))?;
    } else {
        context.print(&format!(
            "the export ({}) is what the ledger gives at size {}, root {}\n",
            order.what.as_str(),
            head.size,
            head.root
        ))?;
        if behind > 0 {
            context.print(&format!("the ledger has {behind} more entries since\n"))?;
        }
    }
    Ok(Exit::Done)
}
