//! Flags of every command that writes a bundle, about its signature, and how a bundle that waits
//! for its signature is told.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::app::evidence::sealing::Sealing;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::context::Context;
use crate::evidence::bundle::NAMESPACE;
use crate::kernel::id::PersonId;
use crate::kernel::text::visible;

/// Said of every bundle that nobody signed.
pub const UNSIGNED: &str = "note: the bundle is not signed, which only sandbox ledgers accept";

/// Who signs a bundle.
#[derive(Debug, Clone, Args)]
pub struct SealingArgs {
    /// OpenSSH Ed25519 key that signs the bundle [default: identity.key of the settings; without
    /// one the bundle is unsigned, which only sandbox ledgers accept]; with --statement-out its
    /// public half is enough
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Person whose key it is [default: the key file's name]
    #[arg(long, value_name = "ID")]
    pub person: Option<PersonId>,
    /// File whose first line opens an encrypted key file
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Write the manifest here instead of the bundle, for `ssh-keygen -Y sign`
    #[arg(long, value_name = "FILE", conflicts_with = "signature")]
    pub statement_out: Option<PathBuf>,
    /// Write the bundle with this signature of a manifest that was written out
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    pub signature: Option<PathBuf>,
    /// The manifest that --signature signs [default: the signature's name without .sig]
    #[arg(long, value_name = "FILE", requires = "signature")]
    pub statement: Option<PathBuf>,
}

impl SealingArgs {
    /// How to sign; `configured` is the key of the settings.
    ///
    /// # Errors
    /// When a file is not what it should be, or no key is known where one is wanted.
    pub fn sealing(
        &self,
        configured: Option<PathBuf>,
        context: &Context<'_, '_>,
    ) -> Result<Sealing, Failure> {
        if let Some(signature) = &self.signature {
            let manifest = match &self.statement {
                Some(manifest) => manifest.clone(),
                None => crate::cli::commands::gate::signing::without_sig(signature)?,
            };
            return Sealing::brought_back(&context.path(&manifest), &context.path(signature));
        }
        let key = self
            .key
            .as_ref()
            .map(|key| context.path(key))
            .or(configured);
        let person = self.person.clone();
        match (key, &self.statement_out) {
            (None, None) => Ok(Sealing::Unsigned),
            (Some(key), Some(file)) => Sealing::written_out(&key, person, context.path(file)),
            (Some(key), None) => {
                let passphrase = self.passphrase_file.as_deref().map(|f| context.path(f));
                Sealing::with_key(&key, person, passphrase.as_deref())
            }
            (None, Some(_)) => Err(Failure::new(
                Exit::Usage,
                "usage.key",
                "whose signature is the manifest written out for?",
            )
            .hint("name the public key with --key FILE.pub, and its owner with --person ID")),
        }
    }
}

/// Says that a manifest waits for its signature: exit 8.
pub fn told_waiting(context: &mut Context<'_, '_>, file: &Path) -> Exit {
    let name = visible(&file.display().to_string(), 200);
    context.say(&format!(
        "manifest written to `{name}`, no bundle yet\nnext: ssh-keygen -Y sign -f KEY -n {NAMESPACE} {name}\n  then the same command with --signature {name}.sig instead of --key and --statement-out"
    ));
    Exit::Pending
}
