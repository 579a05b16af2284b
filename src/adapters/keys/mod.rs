//! Keys: the only room that sees a private key.
//!
//! Key files are OpenSSH's own format, so `ssh-keygen` reads what is written here and the other
//! way round; signatures are made in SSHSIG form. Nothing secret has a Debug form.

mod file;
mod identity;
pub mod sandbox;

pub use file::{KeyFileError, read_identity, read_passphrase, read_public_key, write_identity};
pub use identity::Identity;
