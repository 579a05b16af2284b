//! `promote key generate`: a new key file and its public half.

use std::path::PathBuf;

use clap::Args;

use crate::adapters::keys::{Identity, read_passphrase, write_identity};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::failures;
use crate::app::gate::key_list::KeyJson;
use crate::cli::context::Context;
use crate::cli::pasted::word;
use crate::kernel::text::{check_free_text, visible};

/// Flags of `key generate`.
#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// New key file; the public key goes to FILE.pub
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// File whose first line encrypts the key file; `ssh-keygen -p` changes it later
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Comment in the key files
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub comment: String,
}

/// Makes a key.
///
/// # Errors
/// When a file exists already or cannot be written, or the passphrase is empty.
pub fn run(args: &GenerateArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let usage = |text: String| Failure::new(Exit::Usage, "usage.key", text);
    check_free_text("comment", &args.comment).map_err(|e| usage(e.to_string()))?;
    if args.comment.contains('\n') {
        return Err(usage("the comment is more than one line".to_owned()));
    }
    let passphrase = match &args.passphrase_file {
        None => None,
        Some(file) => {
            let text = read_passphrase(&context.path(file)).map_err(|e| failures::key(&e))?;
            if text.is_empty() {
                return Err(usage("the passphrase is empty".to_owned()));
            }
            Some(text)
        }
    };
    let path = context.path(&args.out);
    let entropy = &mut *context.ports.entropy;
    let identity = Identity::generate(entropy)
        .map_err(|e| Failure::from_error(Exit::Internal, "entropy", "could not make a key", &e))?;
    let secret = passphrase.as_ref().map(|p| p.as_str());
    write_identity(&path, &identity, &args.comment, secret, entropy)
        .map_err(|e| failures::key(&e))?;
    let file = visible(&args.out.display().to_string(), 300);
    let key = KeyJson::new(file, identity.public(), passphrase.is_some());
    if context.global.json {
        context.print_json(&key)?;
    } else {
        context.print(&format!("{}\n{}\n", key.fingerprint, key.public_key))?;
        context.say(&format!(
            "key written to `{0}`, its public half to `{0}.pub`\nsend the public half to the root key holders\nnext: promote key enrol --person PERSON --role ROLE --public-key {1}.pub --verified-by TEXT --key ROOT --possession {1}",
            key.file,
            word(&key.file)
        ));
    }
    Ok(Exit::Done)
}
