//! The live-session token: what it claims, and everything that is checked when it is used.
//!
//! [`redeem`] is the one place where a session is let in, [`lease`] what it is given; [`standing`]
//! asks the ledger's state, [`trust`] says which ledger a host believes, [`environment`] where an
//! endpoint leads. Pure: bytes, state and time in, a redemption or one [`refusal`] out.

pub mod claims;
pub mod environment;
pub mod lease;
pub mod redeem;
pub mod refusal;
pub mod standing;
pub mod trust;
