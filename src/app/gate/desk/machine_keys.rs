//! The keys beside a ledger with which its host signs: log, engine, tokens.
//!
//! In: where the ledger lies. Out: a key, or why there is none. The engine's and the token key are
//! those that the genesis names, or they sign nothing.

use std::path::{Path, PathBuf};

use super::Desk;
use crate::adapters::keys::{Identity, read_identity};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::failures;

impl Desk {
    /// The engine's key.
    ///
    /// # Errors
    /// When it cannot be read, or is not the one that the genesis names.
    pub fn engine(&self) -> Result<Identity, Failure> {
        let engine = machine_key(&self.path, "engine")?;
        if engine.public() == self.state.genesis.engine_key {
            return Ok(engine);
        }
        let text = "the engine key beside the ledger is not the one that its genesis names";
        Err(Failure::new(Exit::Integrity, "ledger.engine-key", text))
    }

    /// The key that signs tokens.
    ///
    /// # Errors
    /// When it cannot be read, or is not the one that the genesis names.
    pub fn token_key(&self) -> Result<Identity, Failure> {
        let key = machine_key(&self.path, "token")?;
        if key.public() == self.state.genesis.token_key {
            return Ok(key);
        }
        let text = "the token key beside the ledger is not the one that its genesis names";
        Err(Failure::new(Exit::Integrity, "ledger.token-key", text))
    }
}

/// Where a machine key of the ledger at `path` lies.
#[must_use]
pub fn machine_key_path(path: &Path, name: &str) -> PathBuf {
    path.with_file_name("keys").join(format!("{name}.key"))
}

/// A machine key of the ledger at `path`.
pub(super) fn machine_key(path: &Path, name: &str) -> Result<Identity, Failure> {
    read_identity(&machine_key_path(path, name), None).map_err(|e| {
        failures::key(&e).hint("only the host that holds the ledger's machine keys can write to it")
    })
}
