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
    match hint(refusal) {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

fn hint(refusal: &Refusal) -> Option<String> {
    let text = match refusal {
        Refusal::LedgerFindings { .. } => "`promote ledger verify` shows every finding".to_owned(),
        Refusal::UnknownKey { .. } => {
            "`promote key list` shows the enrolled keys; `promote key enrol` adds one".to_owned()
        }
        Refusal::RequesterFillsSlot { .. } | Refusal::AuthorFillsSlot { .. } => {
            "`promote inbox` lists who may approve".to_owned()
        }
        Refusal::RoleNotAsked { .. } | Refusal::SlotFilled { .. } => {
            "`promote inbox` lists the open slots".to_owned()
        }
        Refusal::StaleHead { .. }
        | Refusal::StateMoved { .. }
        | Refusal::StatementExpired { .. } => {
            "look again (`promote show ID`) and sign the present state".to_owned()
        }
        Refusal::UnknownRequest { .. } => "`promote status` lists the requests".to_owned(),
        Refusal::OpenRequest { request } => format!("`promote show {request}`"),
        Refusal::RequestEnded { request, .. } => format!("`promote show {request}` says how"),
        Refusal::UnknownPortfolio { .. } => "`promote status` lists the portfolios".to_owned(),
        Refusal::UnknownSession { .. }
        | Refusal::SessionClosed { .. }
        | Refusal::SessionTimeShort { .. }
        | Refusal::SessionsDiffer => "`promote session list` shows the sessions".to_owned(),
        Refusal::SessionRunning { session } => {
            format!("`promote session close {session} --status completed --key KEY`")
        }
        Refusal::SessionEvidenceWanted { .. } => {
            "`promote session evidence PORTFOLIO --out DIR` makes it".to_owned()
        }
        Refusal::Halted { seq, .. } => {
            format!("`promote resume --halt {seq}` lifts it: risk and ops sign")
        }
        Refusal::IncidentOpen { .. } => "`promote incident list --open`".to_owned(),
        Refusal::RecertificationWanted { portfolio } => {
            format!("`promote recertify {portfolio}` gives one, also while halted")
        }
        Refusal::NoSuchHalt => "`promote status` shows what is halted, and since when".to_owned(),
        Refusal::ClockAhead { .. } => "`promote clock acknowledge`".to_owned(),
        Refusal::DeniedByRule { remedy, .. } => crate::kernel::text::visible(remedy, 400),
        Refusal::BookChanged { .. } => {
            "the owner asks again: `promote request … --supersede ID`; for a certificate, word it again".to_owned()
        }
        Refusal::StageOrder { .. } => "one stage at a time: `promote status`".to_owned(),
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
    match reason {
        TokenRefusal::Expired { .. }
        | TokenRefusal::UsedTwice { .. }
        | TokenRefusal::Revoked
        | TokenRefusal::SessionOver { .. }
        | TokenRefusal::PolicyChanged => {
            failure.hint("`promote token issue PORTFOLIO` makes another one, if nothing is missing")
        }
        TokenRefusal::Findings { .. } => {
            failure.hint("`promote ledger verify` shows every finding")
        }
        _ => failure,
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
            .hint("`promote init DIR` makes a workspace with a ledger"),
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
        .hint("`promote session evidence PORTFOLIO` joins all sessions of the stage")
}

/// Kept evidence that does not give what was logged.
#[must_use]
pub fn recheck(error: &RecheckError) -> Failure {
    let doing = "the ledger's evidence does not give what was logged: nothing is signed";
    Failure::from_error(Exit::Integrity, "evidence.differs", doing, error)
        .hint("`promote ledger verify` shows every finding")
}
