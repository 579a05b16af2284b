//! The gate: requests, approvals, decisions over a ledger.
//!
//! [`desk`] opens a ledger and folds it, [`signing`] makes and signs statements, [`request`] and
//! [`act`] are the use cases, [`answer`] is what they print; [`enrol`] adds persons,
//! [`ledger_verify`] checks everything that is there.

pub mod act;
pub mod answer;
pub mod desk;
pub mod enrol;
pub mod failures;
pub mod ledger_verify;
pub mod ledger_view;
pub mod log;
pub mod request;
pub mod signing;
pub mod views;
