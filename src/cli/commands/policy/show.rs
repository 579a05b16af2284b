//! `promote policy show`: the criteria of the policies and the deny rules, with the lines they
//! stand in.

use clap::Args;

use super::{TableOrJson, json};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::policy;
use crate::cli::context::Context;
use crate::governance::policy::model::Policy;
use crate::kernel::id::ProfileId;
use crate::kernel::text::visible;
use crate::render::policy::json::PolicyJson;
use crate::render::policy::{criteria_table, deny_table};
use crate::render::verdict::json::PolicyRefJson;

/// Flags of `policy show`.
#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// Only this risk profile [default: all]
    #[arg(long, value_name = "PROFILE")]
    profile: Option<ProfileId>,
    /// Output format
    #[arg(long, default_value = "table")]
    pub(super) format: TableOrJson,
}

pub(super) fn run(args: &ShowArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let workspace = context.workspace_or_defaults()?;
    let set = policy::load(workspace.as_ref())?;
    let policies: Vec<&Policy> = match &args.profile {
        Some(profile) => vec![policy::policy(&set, profile)?],
        None => set.policies().collect(),
    };
    if json(args.format, context) {
        context.print_json(&PolicyJson {
            schema: "promote/policy/v1",
            policy: PolicyRefJson::new(&set),
            profiles: policies.into_iter().cloned().collect(),
            deny: set.deny().rules.clone(),
        })?;
        return Ok(Exit::Done);
    }
    let width = context.width();
    context.print(&format!(
        "policy set version {}, sha256 {}\n",
        visible(&set.rules().version, 40),
        set.digest()
    ))?;
    for policy in policies {
        context.print(&format!(
            "\n{} ({}): {}\n\n{}",
            policy.profile,
            visible(&policy.file, 80),
            visible(&policy.description, 400),
            criteria_table(policy, width)
        ))?;
    }
    context.print(&deny_table(set.deny(), width))?;
    Ok(Exit::Done)
}
