//! Evidence: the one value that research hands to governance.
//!
//! A bundle is a directory that anyone can read without our code; [`manifest`] is its table of
//! contents, [`facts`] is what is left of it once the gate has derived every number itself.

pub mod blocks;
pub mod book;
pub mod bundle;
pub mod configuration;
pub mod consistency;
pub mod contract;
pub mod conventions;
pub mod derive;
pub mod events;
pub mod expectation;
pub mod facts;
pub mod fills;
pub mod finding;
pub mod further;
pub mod given;
pub mod import;
pub mod kept;
pub mod limits;
pub mod manifest;
mod measure;
pub mod orders;
mod parts;
pub mod path;
pub mod regimes;
pub mod result_digest;
pub mod returns_csv;
pub mod running_log;
pub mod series;
pub mod session_bundle;
mod session_figures;
pub mod settings;
mod statistics;
pub mod table;
pub mod trades;
mod windows;
