//! The conventions under which evidence is measured: those of the profile's policy, from the
//! workspace, or the embedded set without one.

use std::collections::BTreeMap;
use std::path::Path;

use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::settings::{Layer, merge};
use crate::app::workspace::Workspace;
use crate::evidence::conventions::GateConventions;
use crate::governance::policy::set::{PolicySet, embedded_files};
use crate::kernel::id::{PortfolioId, ProfileId};

/// Conventions of `profile`.
///
/// # Errors
/// Exit 3 when the policies are invalid or have no such profile.
pub fn conventions(
    workspace: Option<&Workspace>,
    profile: &ProfileId,
) -> Result<GateConventions, Failure> {
    let files = match workspace {
        Some(workspace) => policy_files(&workspace.resolve(Path::new("policies")))?,
        None => embedded_files(),
    };
    let set = PolicySet::load(files).map_err(|problems| {
        let mut failure =
            Failure::new(Exit::Invalid, "policy.invalid", "the policy set is invalid")
                .hint("`promote policy lint` shows every problem with its place");
        failure.causes = problems.iter().map(ToString::to_string).collect();
        failure
    })?;
    set.policy(profile)
        .map(|policy| policy.conventions.clone())
        .ok_or_else(|| {
            let known: Vec<&str> = set.profiles().map(ProfileId::as_str).collect();
            Failure::new(
                Exit::Invalid,
                "policy.unknown-profile",
                format!("no policy for risk profile `{profile}`"),
            )
            .hint(format!("the policy set has {}", known.join(", ")))
        })
}

fn policy_files(dir: &Path) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let failed = |e: std::io::Error| failure::io("read", dir, &e);
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path
            .file_name()
            .and_then(|n| n.to_str())
            .unwrap_or_default();
        if path.is_file() && name.ends_with(".toml") {
            let bytes = std::fs::read(&path).map_err(|e| failure::io("read", &path, &e))?;
            files.insert(name.to_owned(), bytes);
        }
    }
    Ok(files)
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
