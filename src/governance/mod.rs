//! Governance: policies, the promotion state machine, and the audit trail. Pure.
//!
//! It knows no strategy, no data frame and no file. [`policy`] judges facts, [`promotion`] decides
//! what may happen next, [`audit`] proves what did happen, [`regulator`] tells it to those who
//! supervise.

pub mod audit;
pub mod policy;
pub mod promotion;
pub mod regulator;
pub mod stage;
pub mod token;
