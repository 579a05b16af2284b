//! Decisions as in-toto statements: made from the ledger, signed by the engine, checked against it.
//!
//! In: an open desk. Out: a DSSE envelope, or what a copy of one is about. A copy is checked by
//! making the statement again from the head that it names: every byte must come out the same.

use serde::{Deserialize, Serialize};

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::desk::Desk;
use crate::app::gate::log::fold;
use crate::governance::audit::entry::Head;
use crate::governance::regulator::vsa::{NoStatement, PAYLOAD_TYPE, statement};
use crate::kernel::dsse::Envelope;
use crate::kernel::id::RequestId;
use crate::kernel::text::visible;

/// The version that statements name.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// `promote/attestation-verification/v1`: what an in-toto statement of a decision
/// says and stands on. The name of the format is in-toto's word for a signed statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct CheckedStatement {
    schema: &'static str,
    /// Always true: what does not hold is a failure.
    pub ok: bool,
    /// The request.
    pub request: RequestId,
    /// The head that it was made at.
    pub head: Head,
    /// `PASSED` or `FAILED`.
    pub result: String,
}

/// The part of a statement that names what it was made from.
#[derive(Deserialize)]
struct Named {
    predicate: NamedPredicate,
}

#[derive(Deserialize)]
struct NamedPredicate {
    verifier: NamedVerifier,
    #[serde(rename = "verificationResult")]
    result: String,
    #[serde(rename = "urn:promote:decision:v1")]
    decision: NamedDecision,
}

#[derive(Deserialize)]
struct NamedVerifier {
    version: NamedVersion,
}

#[derive(Deserialize)]
struct NamedVersion {
    promote: String,
}

#[derive(Deserialize)]
struct NamedDecision {
    request: RequestId,
    head: Head,
}

/// The in-toto statement of the decision about `id`, at the present head, signed by the engine.
///
/// # Errors
/// Exit 7 for an unknown request, exit 8 while it is open; when the engine's key cannot be read.
pub fn seal(desk: &Desk, id: &RequestId) -> Result<Envelope, Failure> {
    desk.request(id)?;
    // What only time has ended since the last entry is not in the fold, as in the decision log.
    let record = desk.folded.requests.get(id).ok_or_else(|| open(id))?;
    let payload = statement(&desk.folded, &desk.entries, desk.head(), record, VERSION)
        .map_err(|e| refused(id, e))?;
    let engine = desk.engine()?;
    let sign = |bytes: &[u8]| engine.sign_raw(bytes);
    Ok(Envelope::seal(
        PAYLOAD_TYPE,
        payload,
        &engine.public(),
        &sign,
    ))
}

fn open(id: &RequestId) -> Failure {
    let text = format!("request `{id}` has not ended: there is no decision to make a statement of");
    Failure::new(Exit::Pending, "attest.open", text)
        .hint(format!("`promote status` and `promote show {id}` say what is missing; an expiry is recorded with the next entry"))
}

fn refused(id: &RequestId, error: NoStatement) -> Failure {
    match error {
        NoStatement::Open => open(id),
        NoStatement::Json => Failure::from_error(Exit::Internal, "json", "", &error),
    }
}

/// Checks an in-toto statement: the engine's signature, the head that it names, and every byte against
/// the statement made again from that head.
///
/// # Errors
/// Exit 3 when the bytes are no such statement; exit 9 when something does not hold.
pub fn verify(desk: &Desk, bytes: &[u8]) -> Result<CheckedStatement, Failure> {
    let invalid = |e: &dyn std::error::Error| {
        Failure::from_error(Exit::Invalid, "attest.not-an-envelope", "", e)
            .hint("`promote log attest ID` writes one")
    };
    let broken = |slug: &'static str, text: String| Failure::new(Exit::Integrity, slug, text);
    let envelope = Envelope::decode(bytes).map_err(|e| invalid(&e))?;
    let key = &desk.folded.genesis.engine_key;
    let payload = envelope.open(PAYLOAD_TYPE, key).map_err(|e| {
        Failure::from_error(
            Exit::Integrity,
            "attest.signature",
            "the in-toto statement is not signed by this ledger's engine",
            &e,
        )
    })?;
    let named: Named = serde_json::from_slice(payload).map_err(|e| invalid(&e))?;
    let NamedDecision { request, head } = named.predicate.decision;
    let foreign = || {
        let size = head.size;
        broken(
            "attest.foreign-head",
            format!(
                "the head of size {size} that the in-toto statement names is not a prefix of this ledger"
            ),
        )
    };
    if !desk.folded.is_prefix(&head, &desk.head()) {
        return Err(foreign());
    }
    let size = usize::try_from(head.size).map_err(|_| foreign())?;
    let state = fold(desk, size).ok_or_else(foreign)?;
    let entries = desk.entries.get(..size).ok_or_else(foreign)?;
    let unknown = || {
        let id = visible(request.as_str(), 80);
        broken(
            "attest.unknown",
            format!("at that head there is no request `{id}`"),
        )
    };
    let record = state.requests.get(&request).ok_or_else(unknown)?;
    let version = &named.predicate.verifier.version.promote;
    let again =
        statement(&state, entries, head, record, version).map_err(|e| refused(&request, e))?;
    if again != payload {
        let text =
            format!("the in-toto statement of `{request}` says something else than the ledger");
        return Err(broken("attest.differs", text));
    }
    Ok(CheckedStatement {
        schema: "promote/attestation-verification/v1",
        ok: true,
        request,
        head,
        result: named.predicate.result,
    })
}
