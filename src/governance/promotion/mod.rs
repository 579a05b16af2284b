//! Promotion: the state machine. `decide` is the only producer of events, `apply` the only
//! consumer; both are pure.
pub mod statement;
