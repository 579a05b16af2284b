//! Flags of every command that signs, and how its outcome is told.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::app::config::Config;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::answer::{self, Answer};
use crate::app::gate::signing::{How, Made};
use crate::cli::context::Context;
use crate::cli::pasted::word;
use crate::kernel::text::visible;

/// How to sign.
#[derive(Debug, Clone, Args)]
pub struct SigningArgs {
    /// OpenSSH Ed25519 key file that signs [default: identity.key in config/config.toml]; with
    /// --statement-out its public half is enough; repeated where several persons sign
    #[arg(long, value_name = "FILE")]
    pub key: Vec<PathBuf>,
    /// File whose first line opens encrypted key files
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Write the statement here instead of signing, for `ssh-keygen -Y sign`
    #[arg(long, value_name = "FILE", conflicts_with = "signature")]
    pub statement_out: Option<PathBuf>,
    /// Submit this signature of a statement that was written out; repeated where several persons
    /// sign
    #[arg(long, value_name = "FILE")]
    pub signature: Vec<PathBuf>,
    /// The statement that --signature signs [default: the signature's name without .sig]
    #[arg(long, value_name = "FILE", requires = "signature")]
    pub statement: Option<PathBuf>,
}

impl SigningArgs {
    /// How to sign, with paths resolved.
    ///
    /// # Errors
    /// Exit 2 when there is no key, or the statement's name cannot be told.
    pub(in crate::cli) fn how(&self, context: &Context<'_, '_>) -> Result<How, Failure> {
        let resolve =
            |files: &[PathBuf]| -> Vec<PathBuf> { files.iter().map(|f| context.path(f)).collect() };
        let passphrase = self.passphrase_file.as_deref().map(|f| context.path(f));
        if let Some(first) = self.signature.first() {
            let statement = match &self.statement {
                Some(statement) => statement.clone(),
                None => without_sig(first)?,
            };
            return Ok(How::Back {
                statement: context.path(&statement),
                signatures: resolve(&self.signature),
                files: resolve(&self.key),
                passphrase,
            });
        }
        let files = match self.key.as_slice() {
            [] => vec![configured(context)?],
            keys => resolve(keys),
        };
        Ok(match &self.statement_out {
            Some(file) => How::Out {
                keys: files,
                file: context.path(file),
            },
            None => How::Keys { files, passphrase },
        })
    }
}

fn configured(context: &Context<'_, '_>) -> Result<PathBuf, Failure> {
    let workspace = context.workspace()?;
    let config = Config::load(Some(&workspace), None)?;
    config
        .identity_key
        .map(|key| workspace.resolve(&key))
        .ok_or_else(|| {
            Failure::new(Exit::Usage, "usage.key", "no key to sign with")
                .hint("name one with --key FILE, or set identity.key in config/config.toml")
        })
}

/// The name of what a signature file signs.
///
/// # Errors
/// Exit 2 when the name does not end in `.sig`.
pub(in crate::cli) fn without_sig(signature: &Path) -> Result<PathBuf, Failure> {
    if signature.extension().is_some_and(|e| e == "sig") {
        return Ok(signature.with_extension(""));
    }
    let text = "which statement does the signature belong to?";
    Err(Failure::new(Exit::Usage, "usage.statement", text).hint("name it with --statement FILE"))
}

/// Lines that show a statement before it is signed.
pub(in crate::cli) fn shown(bytes: &str) -> String {
    format!("statement to be signed:\n{}", visible(bytes, 100_000))
}

/// Says what happened: the answer, or that the statement waits for its signature.
///
/// # Errors
/// When stdout is broken.
pub(in crate::cli) fn told(
    context: &mut Context<'_, '_>,
    made: &Made,
    answer: Option<&Answer>,
) -> Result<Exit, Failure> {
    if let Made::Written { file, namespace } = made {
        let name = visible(&file.display().to_string(), 200);
        context.say(&format!(
            "statement written to `{name}`, nothing recorded\nnext: ssh-keygen -Y sign -f KEY -n {namespace} {0}\n  then the same command with --signature {0}.sig",
            word(&name)
        ));
        return Ok(Exit::Pending);
    }
    let Some(answer) = answer else {
        return Ok(Exit::Done);
    };
    if context.global.json {
        context.print_json(answer)?;
    } else {
        context.print(&answer::text(answer))?;
    }
    Ok(answer::exit(answer))
}
