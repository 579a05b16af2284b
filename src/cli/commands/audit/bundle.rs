//! `promote audit bundle`: the pack of one portfolio.

use std::path::PathBuf;

use clap::Args;

use crate::adapters::host::durable;
use crate::app::audit::pack::bundle::of_portfolio;
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::policy;
use crate::app::runtime::block_on;
use crate::app::written::{WrittenFile, WrittenJson};
use crate::cli::commands::gate::open;
use crate::cli::context::Context;
use crate::cli::pasted::word;
use crate::kernel::id::PortfolioId;
use crate::kernel::text::visible;

/// Flags of `audit bundle`.
#[derive(Debug, Args)]
pub struct BundleArgs {
    /// The portfolio
    pub portfolio: PortfolioId,
    /// New folder for the pack
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

pub(super) fn run(args: &BundleArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let workspace = context.workspace().ok();
    let controls = policy::controls(workspace.as_ref())?;
    let language = super::language(context);
    let mut desk = open::read(context)?;
    let out = context.path(&args.out);
    let shown = visible(&out.display().to_string(), 200);
    if out.symlink_metadata().is_ok() {
        let text = format!("`{shown}` exists already");
        return Err(Failure::new(Exit::Conflict, "file.exists", text)
            .hint("name a new folder: nothing is overwritten"));
    }
    let files = block_on(of_portfolio(
        &mut desk,
        &args.portfolio,
        &controls,
        language,
    ))?;
    let count = files.len();
    let listed = files.iter();
    let listed = listed.map(|(name, bytes)| WrittenFile::new(name, bytes));
    let listed: Vec<WrittenFile> = listed.collect();
    let files: Vec<(String, Vec<u8>)> = files.into_iter().collect();
    durable::write_new_dir(&out, &files).map_err(|e| failure::io("write", &out, &e))?;
    let fingerprint = desk.folded.fingerprint;
    if context.global.json {
        let named = args.out.display().to_string();
        context.print_json(&WrittenJson::new(&named, listed).of_ledger(fingerprint))?;
    }
    context.say(&format!("written: {shown}, {count} files"));
    let named = word(&shown);
    context.say(&format!(
        "next: promote audit verify {named} --fingerprint {fingerprint}"
    ));
    context.say("give the fingerprint to its reader on another way than the pack");
    Ok(Exit::Done)
}
