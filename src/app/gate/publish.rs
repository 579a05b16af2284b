//! Publishing a policy set, and judging every past decision again by another one.

use std::sync::Arc;

use serde::Serialize;

use super::act::{Follow, World};
use super::desk::Desk;
use super::next::after;
use super::person::{Deed, record};
use super::signing::{How, Made};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::governance::audit::entry::Entry;
use crate::governance::policy::diff::Overall;
use crate::governance::policy::roles::Role;
use crate::governance::policy::set::PolicySet;
use crate::governance::promotion::consequences::{Consequences, consequences};
use crate::governance::promotion::oversight::acts::PolicyPublication;
use crate::governance::promotion::oversight::publication::overall;
use crate::governance::promotion::oversight::replay::{FlipTable, replay};
use crate::governance::promotion::state::{State, Status};
use crate::governance::promotion::statement::Act;
use crate::governance::stage::Target;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PortfolioId, RequestId};
use crate::kernel::text::visible;
use crate::render;

/// `promote/policy-publication/v1`.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct PublicationJson {
    /// `promote/policy-publication/v1`.
    #[schemars(extend("const" = "promote/policy-publication/v1"))]
    pub schema: &'static str,
    /// Digest of the set that is in force now.
    pub policy_sha256: Digest,
    /// Digest of the set before.
    pub replaces: Digest,
    /// Whether it tightens or loosens.
    pub overall: Overall,
    /// Position of the entry.
    pub seq: Option<u64>,
    /// Its leaf hash.
    pub leaf: Option<Digest>,
    /// Past decisions that would be others.
    pub flips: FlipTable,
    /// Requests that were open and are void now.
    pub invalidated: Vec<RequestId>,
    /// LIVE portfolios that must be certified again before their next token.
    pub recertification_due: Vec<PortfolioId>,
    /// What the publication brought about, those requests among it.
    pub consequences: Consequences,
    /// The next possible command.
    pub next: String,
}

/// Publishes `set`, or writes the statement out to be signed elsewhere.
///
/// # Errors
/// When it is refused.
pub async fn publish(
    desk: &mut Desk,
    set: PolicySet,
    reason: &str,
    how: &How,
    world: World<'_>,
) -> Result<(Made, PublicationJson), Failure> {
    crate::kernel::text::check_free_text("reason", reason)
        .map_err(|e| Failure::from_error(Exit::Invalid, "text.unstorable", "", &e))?;
    let replaces = desk.state.policy.digest();
    let word = overall(&desk.folded, &set);
    let flips = replay(&desk.folded, &set);
    let unstorable =
        |e: &dyn std::error::Error| Failure::from_error(Exit::Internal, "flip-table", "", e);
    let table = flips.to_bytes().map_err(|e| unstorable(&e))?;
    let act = PolicyPublication {
        policy_sha256: set.digest(),
        files: set.file_refs(),
        replaces,
        overall: word,
        flips_sha256: Digest::of(&table),
        reason: reason.to_owned(),
    };
    let roles = match word {
        Overall::Loosening => desk.state.quorum(Target::Live).map_or_else(Vec::new, |q| {
            let slots = q.slots.iter();
            slots
                .flat_map(|(role, count)| std::iter::repeat_n(*role, *count as usize))
                .collect()
        }),
        Overall::Tightening | Overall::Identical => vec![Role::Risk],
    };
    let mut blobs: Vec<Vec<u8>> = set.files().values().cloned().collect();
    blobs.push(table);
    let digest = set.digest();
    let before = desk.state.clone();
    desk.learn(Arc::new(set));
    let deed = Deed {
        act: Act::PolicyPublication(Box::new(act)),
        roles,
        follow: Follow::Nothing,
        blobs,
    };
    let (made, written) = record(desk, deed, how, world).await?;
    let answer = answer(desk, (digest, replaces, word), flips, &before, &written);
    Ok((made, answer))
}

fn answer(
    desk: &Desk,
    (policy_sha256, replaces, overall): (Digest, Digest, Overall),
    flips: FlipTable,
    before: &State,
    written: &[Entry],
) -> PublicationJson {
    let brought = consequences(before, &desk.state, desk.now);
    let void = brought.requests.iter();
    let void = void.filter(|ended| ended.status == Status::Invalidated);
    let entry = written.first();
    PublicationJson {
        schema: "promote/policy-publication/v1",
        policy_sha256,
        replaces,
        overall,
        seq: entry.map(|e| e.seq),
        leaf: entry.map(|e| e.leaf_hash),
        flips,
        invalidated: void.map(|ended| ended.request.clone()).collect(),
        recertification_due: desk.state.oversight.failing.keys().cloned().collect(),
        consequences: brought,
        next: after(desk, written),
    }
}

/// The publication for people.
#[must_use]
pub fn text(answer: &PublicationJson) -> String {
    let mut out = String::new();
    if let (Some(seq), Some(leaf)) = (answer.seq, answer.leaf) {
        out.push_str(&format!(
            "policy-publication recorded: seq {seq}, leaf {leaf}\n"
        ));
    }
    out.push_str(&format!(
        "in force: policy set {} ({})\n",
        answer.policy_sha256,
        answer.overall.as_str()
    ));
    out.push_str(&flips_text(&answer.flips));
    out.push_str(&render::consequences::text(&answer.consequences));
    for id in &answer.recertification_due {
        out.push_str(&format!(
            "portfolio {id} fails: recertification is due, no token\n"
        ));
    }
    out.push_str(&format!("next: {}\n", visible(&answer.next, 400)));
    out
}

/// The flip table for people.
#[must_use]
pub fn flips_text(table: &FlipTable) -> String {
    let mut out = String::new();
    for flip in &table.flips {
        let criteria = if flip.criteria.is_empty() {
            String::new()
        } else {
            format!(" ({})", visible(&flip.criteria.join(", "), 400))
        };
        out.push_str(&format!(
            "{} seq {} {} {}: {} -> {}{criteria}\n",
            flip.request, flip.seq, flip.profile, flip.target, flip.before, flip.after
        ));
    }
    out.push_str(&format!(
        "{} past decisions judged again, {} would be others\n",
        table.judged,
        table.flips.len()
    ));
    for profile in &table.other_conventions {
        out.push_str(&format!(
            "note: {profile} computes its numbers in another way; they were taken as logged\n"
        ));
    }
    out
}

/// A warning when the files at hand are not the set in force.
#[must_use]
pub fn drafts_differ(desk: &Desk, files: Option<&PolicySet>) -> Option<String> {
    let differ = files.is_some_and(|set| set.digest() != desk.state.policy.digest());
    differ.then(|| {
        "warning: the files in policies/ differ from the published set, which judges\nhint: `promote policy diff` shows how; `promote policy publish drafts --reason TEXT --key KEY` brings them into force".to_owned()
    })
}
