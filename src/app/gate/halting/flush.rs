//! The halt directory is emptied into the ledger.
//!
//! In: the desk, a halt directory. Out: what was recorded, and what was refused or cannot be read.
//! Every signed halt that the ledger does not have becomes an entry; what else lies there is named
//! and keeps no halt from being found.

use serde::Serialize;

use crate::app::failure::Failure;
use crate::app::gate::desk::Desk;
use crate::app::gate::failures;
use crate::app::gate::halt_dir::{HaltDir, Lying};
use crate::governance::promotion::chain::ChainError;
use crate::governance::promotion::guard::authenticate;
use crate::governance::promotion::refusal::Refusal;

/// A file of the halt directory that the ledger did not have, and what became of it.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Flushed {
    /// Its name.
    pub file: String,
    /// Position of its entry; none when it was refused.
    pub seq: Option<u64>,
    /// Why it was refused.
    pub refused: Option<String>,
    /// Nobody could read it, or a key of this ledger signed it and it is refused: somebody may
    /// have meant to halt.
    #[serde(skip)]
    pub unread: bool,
}

/// `promote/halt-flush/v1`.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct FlushJson {
    schema: &'static str,
    /// Every file that the ledger did not have.
    pub files: Vec<Flushed>,
}

/// Records every halt of the directory that the ledger does not have. What else lies there is
/// named, and keeps no halt from being found.
///
/// # Errors
/// When the directory cannot be listed or the ledger takes nothing.
pub async fn flush(desk: &mut Desk, dir: &HaltDir) -> Result<FlushJson, Failure> {
    let lying = dir
        .read()
        .map_err(|e| crate::app::failure::io("read", dir.path(), &e))?;
    let mut files = Vec::new();
    let mut chain = desk.chain();
    for Lying {
        name,
        signed,
        unread,
    } in lying
    {
        let nobody_knows = unread.is_some();
        let (seq, refused, unread) = match signed {
            None => {
                let why = unread.unwrap_or_else(|| "no signed halt".to_owned());
                (None, Some(why), nobody_knows)
            }
            Some(signed) if chain.state.statements.contains(&signed.digest) => continue,
            // Cheap before dear: whoever fills the directory has no key of this ledger.
            Some(signed) => match authenticate(&chain.state, &signed).map(drop) {
                Err(refusal) => (None, Some(refusal.to_string()), false),
                Ok(()) => match chain.submit(*signed) {
                    Ok(entry) => (Some(entry.seq), None, false),
                    // The same persons may halt another ledger from this host.
                    Err(error @ ChainError::Refused(Refusal::ForeignLedger { .. })) => {
                        (None, Some(error.to_string()), false)
                    }
                    Err(error @ (ChainError::Refused(_) | ChainError::Canonical(_))) => {
                        (None, Some(error.to_string()), true)
                    }
                    Err(other) => return Err(failures::chain(&other)),
                },
            },
        };
        files.push(Flushed {
            file: name,
            seq,
            refused,
            unread,
        });
    }
    if !chain.drafts.is_empty() {
        desk.append(chain, &[]).await?;
    }
    let schema = "promote/halt-flush/v1";
    Ok(FlushJson { schema, files })
}
