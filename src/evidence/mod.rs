//! Evidence: the one value that research hands to governance.
//!
//! A bundle is a directory that anyone can read without our code; [`manifest`] is its table of
//! contents, [`facts`] is what is left of it once the gate has derived every number itself.

pub mod conventions;
pub mod facts;
pub mod limits;
pub mod manifest;
