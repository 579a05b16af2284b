//! Portfolio: recipes, and several strategies on one account.
//!
//! `recipe` reads the preset catalogue, `profile_order` compares its risk profiles, `configuration`
//! is what is hashed, `runnable` turns it into rules that run, `align` puts the bars of all symbols
//! on one time line, `account` sizes the legs and keeps the equity, under the `terms` that it is
//! held to.

pub mod account;
pub mod align;
pub mod configuration;
pub mod profile_order;
pub mod recipe;
pub mod runnable;
pub(in crate::research) mod strategy_table;
pub mod terms;
