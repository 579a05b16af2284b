//! `promote token inspect`: what a token claims, and whether it could be used.

use clap::Args;

use crate::app::access::records::TokenRecordJson;
use crate::app::access::token::named;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::commands::gate::{Format, open};
use crate::cli::context::Context;

/// Flags of `token inspect`.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// Number of the token, or the token
    #[arg(value_name = "TOKEN")]
    pub which: String,
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: Format,
}

impl InspectArgs {
    pub(super) fn wants_json(&self) -> bool {
        self.format == Format::Json
    }
}

/// Shows a token.
///
/// # Errors
/// Exit 9 when it is none of this ledger.
pub fn run(args: &InspectArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let desk = open::read(context)?;
    let token = named(&desk.state, &args.which)?;
    let record = TokenRecordJson::new(&desk.state, token, desk.now);
    if context.global.json || args.wants_json() {
        context.print_json(&record)?;
        return Ok(Exit::Done);
    }
    let claims = &record.claims;
    let mut text = super::list::table(std::slice::from_ref(&record.token), context.width());
    for (name, value) in [
        ("environment", claims.environment.to_string()),
        (
            "decision",
            format!("entry {}, {}", claims.decision.seq, claims.decision.leaf),
        ),
        ("approvals", claims.approvals.len().to_string()),
        ("strategy", claims.strategy_sha256.to_string()),
        ("limits", claims.limits_sha256.to_string()),
        ("policy set", claims.policy_sha256.to_string()),
        (
            "instance key",
            claims.instance_key.fingerprint().to_string(),
        ),
        (
            "head",
            format!("{} entries, {}", claims.head.size, claims.head.root),
        ),
        ("valid", format!("{} to {}", claims.nbf, claims.exp)),
        (
            "session",
            format!("at most {} s", claims.session_max_seconds),
        ),
        ("lease", format!("{} s", claims.lease_seconds)),
    ] {
        text.push_str(&format!("  {name:<14}{value}\n"));
    }
    context.print(&text)?;
    Ok(Exit::Done)
}
