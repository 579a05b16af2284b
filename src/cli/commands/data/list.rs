//! `promote data list`: the bars of the workspace.

use clap::Args;
use comfy_table::{Table, presets};

use super::DataFormat;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::market::list::list;
use crate::cli::context::Context;
use crate::research::market::manifest::Origin;

/// Flags of `data list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: DataFormat,
}

/// Lists what the manifests say.
///
/// # Errors
/// Exit 3 without workspace, exit 9 when a manifest is not readable.
pub fn run(args: &ListArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let found = list(&context.workspace()?)?;
    if context.global.json || args.format == DataFormat::Json {
        context.print_json(&found)?;
        return Ok(Exit::Done);
    }
    if found.data.is_empty() {
        context.say(
            "no bars in this workspace: `promote data import FILE …` or `promote data synth …`",
        );
        return Ok(Exit::Done);
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "symbol",
        "timeframe",
        "bars",
        "first",
        "last",
        "source",
        "sha256",
    ]);
    for data in &found.data {
        let source = match &data.source {
            Origin::File { name, .. } => name.clone(),
            Origin::Generator { seed, .. } => format!("SYNTHETIC, seed {seed}"),
        };
        let mark = if data.synthetic && !source.starts_with("SYN") {
            " (SYNTHETIC)"
        } else {
            ""
        };
        table.add_row([
            data.symbol.to_string(),
            data.timeframe.to_string(),
            data.rows.to_string(),
            data.first.to_string(),
            data.last.to_string(),
            format!("{source}{mark}"),
            data.bars_sha256.short(),
        ]);
    }
    let mut text = table.trim_fmt();
    text.push('\n');
    context.print(&text)?;
    Ok(Exit::Done)
}
