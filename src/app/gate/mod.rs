//! The gate: requests, approvals, decisions over a ledger.
//!
//! [`desk`] opens a ledger and folds it, [`signing`] makes and signs statements, [`request`] and
//! [`act`] are the use cases, [`judging`] gives a request its verdict, [`answer`] is what they print; [`enrol`] adds persons.

pub mod act;
pub mod answer;
pub mod as_of;
pub mod book;
pub mod checklist;
#[cfg(feature = "research")]
pub mod datasets;
pub mod deeds;
pub mod desk;
pub mod enrol;
pub mod explaining;
pub mod failures;
pub mod halt_dir;
pub mod halting;
pub mod incidents;
pub mod judging;
pub mod key_list;
pub mod log;
pub mod moment;
pub mod next;
pub mod override_list;
pub mod person;
pub mod publish;
pub mod recertify;
pub mod request;
pub mod resemblance;
pub mod sandbox_keys;
pub mod session_evidence;
pub mod session_log;
pub mod shown;
pub mod signing;
pub mod tracking;
pub mod trials;
pub mod views;
pub mod vouching;
