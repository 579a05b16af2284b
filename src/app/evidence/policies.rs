//! Which conventions evidence is measured under, and which risk profile a portfolio has.

use std::path::Path;

use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::policy;
use crate::app::settings::{Layer, merge};
use crate::app::workspace::Workspace;
use crate::evidence::conventions::GateConventions;
use crate::kernel::id::{PortfolioId, ProfileId};

/// Conventions of `profile`: from the workspace's policies, or the shipped ones without one.
///
/// # Errors
/// Exit 3 when the policies are invalid or have no such profile.
pub fn conventions(
    workspace: Option<&Workspace>,
    profile: &ProfileId,
) -> Result<GateConventions, Failure> {
    let set = policy::load(workspace)?;
    Ok(policy::policy(&set, profile)?.conventions.clone())
}

/// Risk profile of a portfolio as the workspace's recipes state it; none when they do not.
///
/// # Errors
/// Exit 3 when the recipes are no TOML, or the profile is no name.
pub fn profile_of(
    workspace: &Workspace,
    portfolio: &PortfolioId,
) -> Result<Option<ProfileId>, Failure> {
    let name = "config/portfolio_recipes.toml";
    let path = workspace.resolve(Path::new(name));
    if !path.is_file() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(&path).map_err(|e| failure::io("read", &path, &e))?;
    let settings = merge(&[Layer { name, text: &text }])
        .map_err(|e| Failure::from_error(Exit::Invalid, "config.invalid", "", &e))?;
    let key = format!("portfolio_recipes.{portfolio}.risk_profile");
    let found = settings.iter().find(|s| s.key == key);
    found
        .map(|s| {
            ProfileId::new(s.value.trim_matches('"'))
                .map_err(|e| Failure::from_error(Exit::Invalid, "config.invalid", "", &e))
        })
        .transpose()
}
