//! Portfolio: recipes, and several strategies on one account.
//!
//! `recipe` reads the preset catalogue, `resolve` turns a preset with its overrides into the
//! configuration that is hashed, `align` puts the bars of all symbols on one time line, `account`
//! sizes the legs and keeps the equity.

pub mod account;
pub mod align;
