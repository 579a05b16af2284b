//! `promote evidence attest`: the independent attestation of a bundle that nobody can run again.

use std::path::PathBuf;

use clap::Args;

use crate::app::evidence;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::vouching;
use crate::cli::commands::gate::recorded::carry_out;
use crate::cli::commands::gate::signing::SigningArgs;
use crate::cli::context::Context;

/// Flags of `evidence attest`.
#[derive(Debug, Args)]
pub struct AttestArgs {
    /// Directory of the bundle
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// What was examined and how, for the record
    #[arg(long, value_name = "TEXT")]
    pub method: String,
    /// Signature of somebody who is no author and approves neither as risk nor as authoriser
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Records an independent attestation of a bundle, after checking its bytes and signature.
///
/// # Errors
/// When the bundle is not what it says, or the attestation is refused.
pub fn run(args: &AttestArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    crate::kernel::text::check_free_text("method", &args.method)
        .map_err(|e| Failure::from_error(Exit::Invalid, "text.unstorable", "", &e))?;
    let bundle = evidence::load(&context.path(&args.dir))?;
    carry_out(context, &args.signing, |_| {
        let about = bundle.evidence_sha256.to_string();
        Ok((about, vouching::attestation(&bundle, &args.method)))
    })
}
