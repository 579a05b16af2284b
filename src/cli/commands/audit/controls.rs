//! `promote audit controls`: what laws and rules ask for, and what here answers it.

use clap::Args;

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::policy;
use crate::cli::commands::gate::Format;
use crate::cli::context::Context;
use crate::render::regulator::controls::{json, text};

/// Flags of `audit controls`.
#[derive(Debug, Args)]
pub struct ControlsArgs {
    /// Only this framework, such as rts6
    #[arg(long, value_name = "NAME")]
    pub framework: Option<String>,
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: Format,
}

pub(super) fn run(args: &ControlsArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let workspace = context.workspace_or_defaults()?;
    let controls = policy::controls(workspace.as_ref())?;
    let only = args.framework.as_deref();
    let known = |name: &str| controls.frameworks().iter().any(|f| f.framework == name);
    if let Some(name) = only.filter(|name| !known(name)) {
        let names: Vec<&str> = controls
            .frameworks()
            .iter()
            .map(|f| f.framework.as_str())
            .collect();
        let text = format!(
            "`{}` is no framework",
            crate::kernel::text::visible(name, 60)
        );
        return Err(Failure::new(Exit::Usage, "controls.unknown", text)
            .hint(format!("there are {}", names.join(", "))));
    }
    let view = json(&controls, only);
    if context.global.json || args.format == Format::Json {
        context.print_json(&view)?;
    } else {
        let language = super::language(context);
        context.print(&text(&view, language))?;
    }
    Ok(Exit::Done)
}
