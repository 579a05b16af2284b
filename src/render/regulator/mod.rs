//! What supervisors read: the annual self-assessment and the control mappings, as Markdown or text.
//!
//! In: values that `governance::regulator` derived. Out: text in German or English. A control whose
//! source nobody read is called unverified wherever it is shown.

pub mod assessment;
pub mod controls;
pub mod verify_md;
pub mod words;
