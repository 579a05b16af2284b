//! Refusals and errors of the gate as failures with exit codes and next steps.

use crate::adapters::keys::KeyFileError;
use crate::adapters::ledger::LedgerError;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::governance::promotion::basis::{BasisError, RecheckError};
use crate::governance::promotion::chain::ChainError;
use crate::governance::promotion::clock::ClockRefusal;
use crate::governance::promotion::refusal::{Class, Refusal};
use crate::governance::promotion::tracks::grounds::NotHeld;
use crate::governance::token::refusal::{TokenClass, TokenRefusal};
use crate::render::refusals;

/// Slug of "somebody else wrote first".
pub const MOVED: &str = "ledger.moved";

/// A refusal.
#[must_use]
pub fn refused(refusal: &Refusal) -> Failure {
    if let Refusal::Token { reason } = refusal {
        return token(reason);
    }
    let exit = match refusal.class() {
        Class::NotAuthorised => Exit::NotAuthorised,
        Class::Conflict => Exit::Conflict,
        Class::Pending => Exit::Pending,
        Class::Integrity => Exit::Integrity,
    };
    let failure = Failure::new(exit, refusal.slug(), refusal.to_string());
    let failure = match refusal {
        Refusal::Pending { missing } => failure.missing(missing),
        _ => failure,
    };
    match hint(refusal).or_else(|| next_step(refusal.slug())) {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// The next step that the catalogue of refusals has for `slug`, as a hint.
#[must_use]
pub fn next_step(slug: &str) -> Option<String> {
    let next = refusals::find(slug)?.next.trim_end_matches('.');
    let mut letters = next.chars();
    let first = letters.next()?;
    Some(first.to_lowercase().chain(letters).collect())
}

/// What the values of a refusal say more exactly than the catalogue.
fn hint(refusal: &Refusal) -> Option<String> {
    let text = match refusal {
        Refusal::OpenRequest { request } => format!("`promote show {request}`"),
        Refusal::RequestEnded { request, .. } => format!("`promote show {request}` says how"),
        Refusal::SessionRunning { session } => {
            format!("`promote session close {session} --status completed --key KEY`")
        }
        Refusal::Halted { seq, .. } => format!(
            "`promote resume --halt {seq} --reason TEXT --key RISK --key OPS` lifts it: risk and ops sign"
        ),
        Refusal::IncidentOpen { seq, .. } => {
            format!("risk closes it: `promote incident close {seq} --finding TEXT --key KEY`")
        }
        Refusal::RecertificationWanted { portfolio } => format!(
            "`promote recertify {portfolio} --evidence DIR --summary TEXT --key KEY` gives one, also while halted"
        ),
        Refusal::NotOwner { portfolio, .. } => {
            format!("let the owner request; `promote status {portfolio}`")
        }
        Refusal::NotEvaluated { request } => format!("`promote evaluate {request}`"),
        Refusal::BookChanged { portfolio } => format!(
            "the owner has it judged again: `promote request {portfolio} --target TARGET --evidence DIR --summary TEXT --fallback TEXT --supersede ID --key KEY`; for a certificate, word it again"
        ),
        Refusal::DeniedByRule { remedy, .. } => crate::kernel::text::visible(remedy, 400),
        Refusal::Pending { missing } => missing
            .iter()
            .find_map(|m| m.command.clone())
            .map(|command| format!("next: `{command}`"))?,
        _ => return None,
    };
    Some(text)
}

/// A token's refusal.
#[must_use]
pub fn token(reason: &TokenRefusal) -> Failure {
    let exit = match reason.class() {
        TokenClass::NotAuthorised => Exit::NotAuthorised,
        TokenClass::Conflict => Exit::Conflict,
        TokenClass::Integrity => Exit::Integrity,
        TokenClass::Guard => Exit::Halted,
    };
    let failure = Failure::new(exit, reason.slug(), reason.to_string());
    match next_step(reason.slug()) {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// What a chain says.
#[must_use]
pub fn chain(error: &ChainError) -> Failure {
    match error {
        ChainError::Refused(refusal) => refused(refusal),
        ChainError::Canonical(_) => {
            Failure::from_error(Exit::Invalid, "statement.unstorable", "", error)
        }
        ChainError::Contradiction { .. } => {
            Failure::from_error(Exit::Internal, "gate.contradiction", "", error)
        }
    }
}

/// What a ledger says.
#[must_use]
pub fn ledger(error: &LedgerError) -> Failure {
    let of = |exit, slug| Failure::from_error(exit, slug, "", error);
    match error {
        LedgerError::Missing(_) => of(Exit::Invalid, "ledger.missing")
            .hint("`promote init DIR --sandbox` makes a workspace with a ledger to practise on"),
        LedgerError::Exists(_) => of(Exit::Conflict, "ledger.exists")
            .hint("a ledger is never overwritten: name another folder"),
        LedgerError::Io { .. } => of(Exit::Internal, "ledger.io"),
        LedgerError::Database { .. } => of(Exit::Unreachable, "ledger.database"),
        LedgerError::Busy => of(Exit::Unreachable, "ledger.busy").hint("try again"),
        LedgerError::Setting { .. } | LedgerError::Integrity(_) => {
            of(Exit::Integrity, "ledger.integrity")
                .hint("`promote ledger verify` shows every finding")
        }
        LedgerError::Moved { .. } => of(Exit::Conflict, MOVED).hint("try again"),
        LedgerError::Unstorable(_) => of(Exit::Invalid, "ledger.unstorable"),
        LedgerError::ReadOnly => of(Exit::Internal, "ledger.read-only"),
    }
}

/// What a key file says.
#[must_use]
pub fn key(error: &KeyFileError) -> Failure {
    Failure::from_error(Exit::Invalid, "key.unusable", "", error)
}

/// Why a chosen time is not accepted.
#[must_use]
pub fn clock(refusal: &ClockRefusal) -> Failure {
    let (exit, slug) = match refusal {
        ClockRefusal::RealLedger => (Exit::Usage, "now.real-ledger"),
        ClockRefusal::Backwards { .. } => (Exit::Conflict, "now.backwards"),
    };
    Failure::from_error(exit, slug, "", refusal)
}

/// Bundles that do not belong together.
#[must_use]
pub fn basis(error: &BasisError) -> Failure {
    Failure::from_error(Exit::Invalid, "evidence.basis", "", error)
}

/// A session bundle that its sessions did not commit.
#[must_use]
pub fn not_held(error: &NotHeld) -> Failure {
    let doing = "the session evidence is not held by the commits of its sessions";
    Failure::from_error(Exit::Integrity, "evidence.not-held", doing, error)
        .hint("`promote session evidence PORTFOLIO --stage STAGE --import SESSION=DIR --out DIR` joins all sessions of the stage")
}

/// Kept evidence that cannot be judged.
#[must_use]
pub fn not_judged(error: &RecheckError) -> Failure {
    let doing = "the evidence that the ledger keeps for the request cannot be judged";
    Failure::from_error(Exit::Integrity, "evidence.differs", doing, error)
        .hint("`promote ledger verify` shows every finding")
}

/// Kept evidence that does not give what was logged.
#[must_use]
pub fn recheck(error: &RecheckError) -> Failure {
    let doing = "the ledger's evidence does not give what was logged: nothing is signed";
    Failure::from_error(Exit::Integrity, "evidence.differs", doing, error)
        .hint("`promote ledger verify` shows every finding")
}
