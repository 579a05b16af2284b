//! Exit codes: the one table that scripts rely on. 9 beats every other code.

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done; verdict PROMOTE; nothing pending.
    Done = 0,
    /// Unexpected internal or I/O error.
    Internal = 1,
    /// Usage; missing confirmation.
    Usage = 2,
    /// Configuration, policy, evidence or data file invalid.
    Invalid = 3,
    /// Not authorised: unknown key, wrong role, separation of duties.
    NotAuthorised = 4,
    /// Verdict REJECT.
    Reject = 5,
    /// Verdict REVISE.
    Revise = 6,
    /// Conflict or precondition.
    Conflict = 7,
    /// Pending: approvals missing; or verified but not authenticated.
    Pending = 8,
    /// Integrity failure: hash, signature, checkpoint, evidence digest.
    Integrity = 9,
    /// Something outside is unreachable: exchange, webhook, database.
    Unreachable = 10,
    /// Partial: some runs of a batch failed.
    Partial = 11,
    /// Halted, or refused by a live guard or risk limit.
    Halted = 20,
    /// Interrupted.
    Interrupted = 130,
}

impl Exit {
    /// Every code with its meaning, in order.
    pub const TABLE: [(Self, &'static str); 14] = [
        (Self::Done, "done; verdict PROMOTE; nothing pending"),
        (Self::Internal, "unexpected internal or I/O error"),
        (Self::Usage, "usage; missing confirmation"),
        (
            Self::Invalid,
            "configuration, policy, evidence or data file invalid",
        ),
        (
            Self::NotAuthorised,
            "not authorised: unknown key, wrong role, separation of duties",
        ),
        (Self::Reject, "verdict REJECT"),
        (Self::Revise, "verdict REVISE"),
        (
            Self::Conflict,
            "conflict or precondition: illegal transition, open request exists, dwell time not over, token used or expired",
        ),
        (
            Self::Pending,
            "pending: approvals missing; or verified but not authenticated",
        ),
        (
            Self::Integrity,
            "integrity failure: hash, signature, checkpoint, evidence digest; beats every other code",
        ),
        (
            Self::Unreachable,
            "something outside is unreachable: exchange, webhook, database",
        ),
        (Self::Partial, "partial: some runs of a batch failed"),
        (
            Self::Halted,
            "halted, or refused by a live guard or risk limit",
        ),
        (Self::Interrupted, "interrupted"),
    ];

    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
}
