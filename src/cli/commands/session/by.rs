//! Who signs for a session: a person as ops, or the instance that runs it.
//!
//! `--instance NAME` finds the key where `live start` finds it: in the host's trust file, in
//! `live.instance_key` of the settings, else at `keys/instance-NAME` of the workspace.

use std::path::PathBuf;

use clap::Args;

use crate::app::access::live::default_key;
use crate::app::config::Config;
use crate::app::failure::Failure;
use crate::cli::commands::gate::signing::SigningArgs;
use crate::cli::context::Context;
use crate::governance::token::trust::Trust;
use crate::kernel::id::InstanceId;

/// Who signs.
#[derive(Debug, Args)]
pub struct ByArgs {
    /// Sign with the key of this enrolled instance, as a session in LIVE wants it; the key is the
    /// one of the host's trust file, of live.instance_key, or keys/instance-NAME
    #[arg(long, value_name = "NAME", conflicts_with = "key")]
    pub instance: Option<InstanceId>,
    /// Signature of ops, or of an instance
    #[command(flatten)]
    pub signing: SigningArgs,
}

impl ByArgs {
    /// The flags with the instance's key among them, if one was named.
    ///
    /// # Errors
    /// When there is no workspace, or its settings cannot be read.
    pub(super) fn signing(&self, context: &Context<'_, '_>) -> Result<SigningArgs, Failure> {
        let mut signing = self.signing.clone();
        if let Some(instance) = &self.instance {
            signing.key = vec![key_of(instance, context)?];
        }
        Ok(signing)
    }
}

fn key_of(instance: &InstanceId, context: &Context<'_, '_>) -> Result<PathBuf, Failure> {
    if let Ok(Trust::Named(file)) = context.ports.machine.trust()
        && file.instance == *instance
    {
        return Ok(file.instance_key.clone());
    }
    let workspace = context.workspace()?;
    let config = Config::load(Some(&workspace), None)?;
    let named = config.live.instance.as_ref() == Some(instance);
    let configured = config.live.instance_key.filter(|_| named);
    Ok(workspace.resolve(&configured.unwrap_or_else(|| default_key(instance))))
}
