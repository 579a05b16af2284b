//! What a refusal means, by its slug or by the entry that records it; and where the sessions behind a
//! request lie in what was expected of them.

use serde::Serialize;

use super::desk::Desk;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::evidence::bundle::CheckedBundle;
use crate::evidence::expectation::{Placed, placed};
use crate::evidence::manifest::EvidenceKind;
use crate::governance::audit::entry::Entry;
use crate::governance::promotion::basis::open_all;
use crate::governance::promotion::event;
use crate::governance::promotion::state::NoEffect;
use crate::governance::promotion::statement::{Act, Statement};
use crate::governance::promotion::tracks::beside::fixed;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, RequestId};
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;
use crate::render::refusals::{self, Explanation};

/// `promote/refusal-explanation/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct RefusalExplanationJson {
    schema: &'static str,
    /// What the refusal means; null for an entry without effect whose reason no rule names.
    explanation: Option<Explanation>,
    /// The entry, where one was asked about.
    entry: Option<EntryLine>,
}

/// An entry about which somebody asks.
#[derive(Debug, Serialize, schemars::JsonSchema)]
struct EntryLine {
    seq: u64,
    leaf: Digest,
    time: UtcTime,
    /// What was tried, such as `approval`.
    act: String,
    /// Who tried it.
    person: Option<PersonId>,
    /// In which role.
    role: Option<String>,
    /// When it was signed.
    signed_at: Option<UtcTime>,
    /// The reason as it was recorded or found.
    reason: String,
    /// The message, where the entry itself has no effect.
    message: Option<String>,
}

/// What `slug` means.
#[must_use]
pub fn by_slug(explanation: Explanation) -> RefusalExplanationJson {
    RefusalExplanationJson {
        schema: "promote/refusal-explanation/v1",
        explanation: Some(explanation),
        entry: None,
    }
}

/// Why the act at `seq` was refused, or why that entry has no effect.
///
/// # Errors
/// Exit 7 when there is no such entry, or nothing was refused by it.
pub fn by_entry(desk: &Desk, seq: u64) -> Result<RefusalExplanationJson, Failure> {
    let at = usize::try_from(seq).ok();
    let entry = at.and_then(|at| desk.entries.get(at)).ok_or_else(|| {
        let text = format!(
            "there is no entry {seq}: the ledger has {}",
            desk.entries.len()
        );
        Failure::new(Exit::Conflict, "entry.unknown", text)
            .hint("`promote ledger show` lists the entries")
    })?;
    let state = &desk.folded;
    let mut without = state.findings.iter().chain(&state.voided);
    let line = match without.find(|finding| finding.seq == seq) {
        Some(finding) => Some(no_effect(entry, finding)),
        None => refused(entry),
    };
    let line = line.ok_or_else(|| {
        let text = format!(
            "entry {seq} ({}) took effect: it records no refusal",
            entry.leaf.kind
        );
        Failure::new(Exit::Conflict, "entry.no-refusal", text)
            .hint("a request is explained by its id: `promote explain ID`")
    })?;
    Ok(RefusalExplanationJson {
        schema: "promote/refusal-explanation/v1",
        explanation: refusals::find(&line.reason),
        entry: Some(line),
    })
}

fn no_effect(entry: &Entry, finding: &NoEffect) -> EntryLine {
    let signed = event::read(entry).ok();
    let statement = signed.as_ref().map(|s| &s.statement);
    EntryLine {
        reason: finding.code.to_owned(),
        message: Some(finding.message.clone()),
        ..line(entry, entry.leaf.kind.clone(), statement)
    }
}

fn refused(entry: &Entry) -> Option<EntryLine> {
    let signed = event::read(entry).ok()?;
    let Act::Refusal(refusal) = &signed.statement.act else {
        return None;
    };
    let inner = Statement::from_bytes(refusal.statement.as_bytes()).ok();
    let act = inner.as_ref().map_or("statement", |s| s.act.kind());
    Some(EntryLine {
        reason: refusal.reason.clone(),
        ..line(entry, act.to_owned(), inner.as_ref())
    })
}

fn line(entry: &Entry, act: String, statement: Option<&Statement>) -> EntryLine {
    EntryLine {
        seq: entry.seq,
        leaf: entry.leaf_hash,
        time: entry.leaf.time,
        act,
        person: statement.map(|s| s.signer.person.clone()),
        role: statement.map(|s| s.signer.role.clone()),
        signed_at: statement.map(|s| s.issued_at),
        reason: String::new(),
        message: None,
    }
}

/// Where the sessions behind a request lie in the contract that they are held to. Nothing where
/// there is no contract, or the bundles are not kept any more.
///
/// # Errors
/// When there is no such request, or the database cannot be read.
pub async fn sessions(
    desk: &mut Desk,
    id: &RequestId,
) -> Result<Vec<(EvidenceKind, Placed)>, Failure> {
    let record = desk.request(id)?.clone();
    let (request, judged) = (&record.request, record.judged.as_ref());
    let before = judged.map_or(record.mark.seq, |judged| judged.seq);
    let strategy = request.strategy_sha256;
    let kept = desk.kept(request).await?;
    let Some(contract) = fixed(&desk.state, &request.portfolio, strategy, before) else {
        return Ok(Vec::new());
    };
    let blob = |digest: &Digest| kept.get(digest).cloned();
    let bundles = open_all(&request.evidence, &request.grounds, &blob).unwrap_or_default();
    let of = |bundle: &CheckedBundle| {
        let kind = bundle.manifest.kind;
        placed(contract, bundle)
            .into_iter()
            .map(move |placed| (kind, placed))
            .collect::<Vec<_>>()
    };
    Ok(bundles.iter().flat_map(of).collect())
}

/// The same as text.
#[must_use]
pub fn text(view: &RefusalExplanationJson) -> String {
    let mut out = String::new();
    if let Some(entry) = &view.entry {
        let by = match (&entry.person, &entry.role) {
            (Some(person), Some(role)) => format!(" by {person} ({})", visible(role, 20)),
            _ => String::new(),
        };
        let what = match &entry.message {
            Some(message) => format!("has no effect: {}", visible(message, 400)),
            None => format!("was refused: {}", visible(&entry.reason, 64)),
        };
        out.push_str(&format!(
            "entry {}, {}: {}{by} {what}\n",
            entry.seq, entry.time, entry.act
        ));
    }
    if let Some(explanation) = &view.explanation {
        out.push_str(&explanation.text());
    }
    out
}
