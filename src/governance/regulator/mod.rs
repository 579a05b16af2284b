//! Regulator: what those who supervise ask of a ledger, derived from its entries and nothing else.
//!
//! In: a fold, its entries, descriptive data. Out: values for exports. Nothing here decides
//! anything: an export says what the ledger holds, and whoever doubts it derives it again.

pub mod assessment;
pub mod concern;
pub mod controls;
pub mod exceptions;
pub mod marks;
pub mod references;
pub mod vsa;
