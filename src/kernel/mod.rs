//! Words that every room uses: identifiers, UTC time, exact decimals, canonical bytes,
//! digests and signatures.
//!
//! Values in, values out: nothing here reads a clock, a file or a random source. Whatever is
//! hashed or signed anywhere in the house passes through [`canonical`] and [`digest`], whatever
//! is accepted as signed passes through [`sshsig`] and `verify_strict`.

pub mod canonical;
pub mod decimal;
pub mod digest;
pub mod dsse;
pub mod id;
pub mod number;
pub mod paseto;
pub mod pubkey;
pub mod sshsig;
pub mod text;
pub mod time;
pub mod unit;
