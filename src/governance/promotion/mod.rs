//! Promotion: the state machine. `decide` is the only producer of events, `apply` the only
//! consumer; both are pure.
//!
//! [`statement`] is what is signed, [`event`] reads it out of an entry, [`guard`] says whether it
//! may stand, [`state`] is what all entries add up to, [`missing`] what is still wanted.

pub mod access;
pub mod apply;
pub mod basis;
pub mod book;
pub mod chain;
pub mod clock;
pub mod consequences;
pub mod decide;
pub mod denying;
pub mod ending;
pub mod enrolling;
pub mod enrolment;
pub mod event;
pub mod expiry;
pub mod guard;
pub mod looks;
pub mod missing;
pub mod next;
pub mod oversight;
pub mod quorum;
pub mod refusal;
pub mod resembling;
pub mod risk;
pub mod safety;
pub mod state;
pub mod statement;
pub mod tracks;
pub mod unjudged;
pub mod verify;
pub mod versions;
pub mod view;
