//! Whom a candidate is compared with: earlier requests that got no stage.
//!
//! In: the state and a request. Out: the requests before it, of any portfolio and any owner, with
//! another strategy digest, that ended REJECTED, REVISE or DENIED; the newest end first, and no more
//! than [`ENDED_MAX`]. Keeps: this is shown to people and decides nothing; no digest covers it.

use super::state::{RequestRecord, State, Status};

/// Most requests that a candidate is compared with.
pub const ENDED_MAX: usize = 200;

/// Requests that got no stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Earlier<'s> {
    /// The newest, newest first.
    pub newest: Vec<&'s RequestRecord>,
    /// How many older ones there are.
    pub left_out: usize,
}

/// The requests that `record` is compared with.
#[must_use]
pub fn earlier<'s>(state: &'s State, record: &RequestRecord) -> Earlier<'s> {
    let own = &record.request;
    let mut newest: Vec<&RequestRecord> = state
        .requests
        .values()
        .filter(|other| got_no_stage(other.status))
        .filter(|other| other.mark.seq < record.mark.seq)
        .filter(|other| other.request.strategy_sha256 != own.strategy_sha256)
        .collect();
    newest.sort_by_key(|other| {
        let ended = other.end.as_ref().map(|end| end.time);
        std::cmp::Reverse((ended, other.mark.seq))
    });
    let left_out = newest.len().saturating_sub(ENDED_MAX);
    newest.truncate(ENDED_MAX);
    Earlier { newest, left_out }
}

fn got_no_stage(status: Status) -> bool {
    match status {
        Status::Rejected | Status::Revise | Status::Denied => true,
        Status::Submitted
        | Status::AwaitingApproval
        | Status::Approved
        | Status::Promoted
        | Status::Withdrawn
        | Status::Expired
        | Status::Superseded
        | Status::Invalidated => false,
    }
}
