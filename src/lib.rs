//! `promote`: a governance-first promotion workflow for trading portfolios.
//!
//! Evidence is recomputed, policies judge it in exact arithmetic, persons sign what they saw, and
//! an append-only ledger proves afterwards what happened. ARCHITECTURE.md is the map; the modules
//! below are its rooms, ground floor first.

// Unit tests share what makes ledgers with the tests outside, which know this library by its name.
#[cfg(test)]
extern crate self as promote;

// Research takes and gives back columns of some hundred kilobytes all the time. The system's allocator
// returns each to the system, and the next is paid for page by page: up to a third of a sweep.
#[cfg(feature = "research")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

// Ground floor: words that everyone uses. Pure.
pub mod kernel;
pub mod metrics;

// The one value that both halves share. Pure.
pub mod evidence;

// The two halves, which never see each other. Pure.
pub mod governance;
#[cfg(feature = "research")]
pub mod research;

// The only rooms that touch the world.
pub mod adapters;

// Values in, text out.
pub mod render;

// One file per use case, one file per command.
pub mod app;
pub mod cli;
