//! A portfolio as it stood at a time: the fold of the entries up to then, settled at it.
//!
//! In: an open ledger, a time, a portfolio. Out: what any command would have shown then, and the
//! head that it would have named. Nothing later takes part, not even what only time has done
//! since.

use serde::Serialize;

use super::answer::missing_text;
use super::desk::Desk;
use super::log;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::governance::audit::entry::Head;
use crate::governance::promotion::expiry::settle;
use crate::governance::promotion::safety::due;
use crate::governance::promotion::state::{RequestRecord, State, Status};
use crate::governance::stage::Target;
use crate::kernel::digest::Digest;
use crate::kernel::id::{PersonId, PortfolioId, RequestId};
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;
use crate::render::register::holders::{self, PersonLine, TokenLine};
use crate::render::register::inventory::PortfolioStanding;

/// `promote/as-of/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct AsOfJson {
    schema: &'static str,
    ledger: String,
    /// Leaf hash of the genesis entry.
    fingerprint: Digest,
    sandbox: bool,
    /// The time that was asked for.
    as_of: UtcTime,
    /// Head of the ledger then.
    head: Head,
    /// Time of its last entry then.
    last_entry: UtcTime,
    /// Entries without effect then.
    findings: usize,
    /// The policy set in force.
    policy: PolicyThen,
    /// The portfolio.
    portfolio: PortfolioStanding,
    /// Its last certificate.
    certificate: Option<CertificateThen>,
    /// Its requests so far, in order.
    requests: Vec<RequestThen>,
    /// Its tokens so far, in the order of their issue.
    tokens: Vec<TokenLine>,
    /// Who held which role and key.
    persons: Vec<PersonLine>,
}

/// The policy set in force at a time.
#[derive(Debug, Serialize, schemars::JsonSchema)]
struct PolicyThen {
    sha256: Digest,
    /// Its version, for people.
    version: String,
    /// Position of its publication.
    since: u64,
}

/// The last certificate at a time.
#[derive(Debug, Serialize, schemars::JsonSchema)]
struct CertificateThen {
    /// Position; null where the grant of the stage stands for it.
    seq: Option<u64>,
    /// Since when it holds.
    at: UtcTime,
    /// Who signed it first; null for the grant.
    by: Option<PersonId>,
    /// From when on status warns.
    warns_at: UtcTime,
    /// When it is overdue.
    due: UtcTime,
    /// When the stage falls.
    falls_at: UtcTime,
}

/// A request as it stood.
#[derive(Debug, Serialize, schemars::JsonSchema)]
struct RequestThen {
    request: RequestId,
    target: Target,
    status: Status,
    since: UtcTime,
    ended_at: Option<UtcTime>,
    /// Who had approved by then.
    approved_by: Vec<PersonId>,
}

/// The portfolio `id` as it stood at `time`.
///
/// # Errors
/// Exit 7 when the time lies before the first entry or after now, or nobody had named the
/// portfolio by then.
pub async fn view(desk: &mut Desk, time: UtcTime, id: &PortfolioId) -> Result<AsOfJson, Failure> {
    let (mut state, head) = then(desk, time)?;
    let last_entry = state.last_time();
    settle(&mut state, time);
    let Some(held) = state.portfolios.get(id) else {
        return Err(unregistered(desk, time, id));
    };
    let limits = log::limits(desk, &state).await?;
    let history = state.history(id).map(request_then).collect();
    let tokens = holders::tokens(&state, time).into_iter();
    Ok(AsOfJson {
        schema: "promote/as-of/v1",
        ledger: state.ledger.clone(),
        fingerprint: state.fingerprint,
        sandbox: state.genesis.sandbox,
        as_of: time,
        head,
        last_entry,
        findings: state.findings.len(),
        policy: PolicyThen {
            sha256: state.policy.digest(),
            version: state.rules().version.clone(),
            since: state.oversight.history.last().map_or(0, |p| p.seq),
        },
        portfolio: PortfolioStanding::new(&state, id, held, &limits, time),
        certificate: certificate_then(&state, id),
        requests: history,
        tokens: tokens.filter(|token| token.portfolio == *id).collect(),
        persons: holders::persons(&state),
    })
}

/// The fold of the entries up to `time`, and its head.
fn then(desk: &Desk, time: UtcTime) -> Result<(State, Head), Failure> {
    let begin = desk.entries.first().map_or(time, |e| e.leaf.time);
    if time < begin {
        let text = format!("{time} lies before the ledger, which begins at {begin}");
        return Err(Failure::new(Exit::Conflict, "as-of.before-ledger", text)
            .hint("name a time from its first entry on"));
    }
    if time > desk.now {
        let text = format!("{time} has not come: now is {}", desk.now);
        return Err(Failure::new(Exit::Conflict, "as-of.future", text)
            .hint("`promote status` shows the present"));
    }
    let size = desk.entries.partition_point(|e| e.leaf.time <= time);
    let state = log::fold(desk, size).ok_or_else(|| {
        let text = format!("the first {size} entries do not fold");
        Failure::new(Exit::Internal, "as-of.fold", text)
    })?;
    let head = match desk.entries.get(size) {
        Some(next) => Head {
            size: next.seq,
            root: next.leaf.prev_root,
        },
        None => desk.head(),
    };
    Ok((state, head))
}

fn unregistered(desk: &Desk, time: UtcTime, id: &PortfolioId) -> Failure {
    let first = desk.state.history(id).next().map(|r| r.mark.time);
    let text = match first {
        Some(first) => {
            format!("`{id}` was not registered at {time}: its first request is of {first}")
        }
        None => format!("`{id}` is not registered: no request has named it yet"),
    };
    Failure::new(Exit::Conflict, "portfolio.unknown", text)
        .hint("`promote status` lists the portfolios")
}

fn certificate_then(state: &State, id: &PortfolioId) -> Option<CertificateThen> {
    let times = due::times(state, id)?;
    let standing = state.safety.standing.get(id)?;
    let mut given = state.safety.certificates.iter();
    let given = given.find(|c| c.mark.leaf == standing.leaf);
    Some(CertificateThen {
        seq: given.map(|c| c.mark.seq),
        at: standing.time,
        by: given.map(|c| c.mark.person.clone()),
        warns_at: times.warn,
        due: times.overdue,
        falls_at: times.falls,
    })
}

fn request_then(record: &RequestRecord) -> RequestThen {
    let approvals = record.approvals.iter();
    RequestThen {
        request: record.request.request.clone(),
        target: record.request.target,
        status: record.status,
        since: record.mark.time,
        ended_at: record.end.as_ref().map(|end| end.time),
        approved_by: approvals.map(|a| a.mark.person.clone()).collect(),
    }
}

/// The same as text.
#[must_use]
pub fn text(view: &AsOfJson) -> String {
    let mark = if view.sandbox { "SANDBOX " } else { "" };
    let held = &view.portfolio;
    let mut out = format!(
        "{mark}ledger {} as of {}: {} entries, root {}\n",
        visible(&view.ledger, 100),
        view.as_of,
        view.head.size,
        view.head.root
    );
    if view.findings > 0 {
        out.push_str(&format!("{} entries without effect\n", view.findings));
    }
    let since = held.since.map(|t| format!(" since {t}"));
    out.push_str(&format!(
        "\n{} ({}, owner {}): {}{}\n",
        held.portfolio,
        held.profile,
        held.owner,
        held.stage,
        since.unwrap_or_default()
    ));
    for word in held.flags.words() {
        out.push_str(&format!("flag: {word}\n"));
    }
    let named = [
        ("strategy", held.strategy_sha256.map(|d| d.to_string())),
        ("limits", held.limits_sha256.map(|d| d.to_string())),
        ("instance", held.instance.as_ref().map(|i| i.to_string())),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            out.push_str(&format!("{name}: {value}\n"));
        }
    }
    out.push_str(&format!(
        "policy set: {} (version {}, since entry {})\n",
        view.policy.sha256,
        visible(&view.policy.version, 40),
        view.policy.since
    ));
    if let Some(certificate) = &view.certificate {
        let by = match (&certificate.by, certificate.seq) {
            (Some(by), Some(seq)) => format!("by {by}, entry {seq}"),
            _ => "by the grant of the stage".to_owned(),
        };
        out.push_str(&format!(
            "certificate: since {} {by}, due {}\n",
            certificate.at, certificate.due
        ));
    }
    out.push_str(&lists(view));
    out.push_str(&missing_text(&held.missing));
    out
}

/// Requests, tokens and persons.
fn lists(view: &AsOfJson) -> String {
    let mut out = String::new();
    for line in &view.requests {
        let names: Vec<&str> = line.approved_by.iter().map(PersonId::as_str).collect();
        let approved = if names.is_empty() {
            String::new()
        } else {
            format!(", approved by {}", names.join(", "))
        };
        out.push_str(&format!(
            "request {} for {}: {} since {}{approved}\n",
            line.request,
            line.target.stage(),
            line.status,
            line.since
        ));
    }
    for token in &view.tokens {
        out.push_str(&format!(
            "token {} for {}: issued {} by {}, redeemable until {}\n",
            token.jti, token.instance, token.issued_at, token.issued_by, token.expires_at
        ));
    }
    out.push('\n');
    for person in &view.persons {
        let roles: Vec<&str> = person.roles.iter().map(|held| held.role.as_str()).collect();
        let revoked = person.keys.iter().all(|key| key.revoked.is_some());
        out.push_str(&format!(
            "{}: {}{}\n",
            person.person,
            roles.join(", "),
            if revoked { ", no key that counts" } else { "" }
        ));
    }
    out
}
