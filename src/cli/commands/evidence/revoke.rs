//! `promote evidence revoke`: a bundle is not believed any more, and what rests on it stops.

use clap::Args;

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::person::Deed;
use crate::app::gate::tracking::{RevocationJson, entries_text};
use crate::cli::commands::gate::open;
use crate::cli::commands::gate::recorded::recorded_by;
use crate::cli::commands::gate::signing::SigningArgs;
use crate::cli::context::Context;
use crate::governance::policy::roles::Role;
use crate::governance::promotion::consequences::consequences;
use crate::governance::promotion::statement::Act;
use crate::governance::promotion::tracks::TrackAct;
use crate::governance::promotion::tracks::revocation::{EvidenceRevocation, Hits, hits};
use crate::kernel::digest::Digest;
use crate::kernel::text::visible;
use crate::render;

/// Flags of `evidence revoke`.
#[derive(Debug, Args)]
pub struct RevokeArgs {
    /// Digest of the bundle's evidence.json, as `show` and `evidence show` print it
    #[arg(value_name = "EVIDENCE_SHA256")]
    pub evidence: Digest,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Signature of risk or ops
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Revokes a bundle and prints what rested on it.
///
/// # Errors
/// When it is refused.
pub fn run(args: &RevokeArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    crate::kernel::text::check_free_text("reason", &args.reason)
        .map_err(|e| Failure::from_error(Exit::Invalid, "text.unstorable", "", &e))?;
    let mut before = None;
    let recorded = recorded_by(context, &args.signing, |desk| {
        before = Some(desk.state.clone());
        let act = TrackAct::EvidenceRevocation(EvidenceRevocation {
            evidence_sha256: args.evidence,
            reason: args.reason.clone(),
        });
        let deed = Deed::plain(Act::Track(Box::new(act)), &[Role::Risk, Role::Ops]);
        Ok((args.evidence.to_string(), deed))
    })?;
    let Some(recorded) = recorded else {
        return Ok(Exit::Pending);
    };
    let desk = open::read(context)?;
    let hits = hits(&desk.state, &args.evidence);
    let brought = before.map(|before| consequences(&before, &desk.state, desk.now));
    let brought = brought.unwrap_or_default();
    if context.global.json {
        context.print_json(&RevocationJson {
            schema: "promote/evidence-revocation/v1",
            evidence_sha256: args.evidence,
            hits,
            consequences: brought,
            recorded,
        })?;
        return Ok(Exit::Done);
    }
    let next = visible(&recorded.next, 400);
    let told = entries_text(&recorded) + &text(&hits) + &render::consequences::text(&brought);
    context.print(&format!("{told}next: {next}\n"))?;
    Ok(Exit::Done)
}

fn text(hits: &Hits) -> String {
    let mut out = String::new();
    for hit in &hits.requests {
        out.push_str(&format!(
            "request {} of {}: {}\n",
            hit.request, hit.portfolio, hit.status
        ));
    }
    for id in &hits.certificates {
        out.push_str(&format!("certificate of {id}: due again now\n"));
    }
    for id in &hits.live {
        out.push_str(&format!("{id} is LIVE on it: halted\n"));
    }
    if out.is_empty() {
        out.push_str("nothing in the ledger rests on it\n");
    }
    out
}
