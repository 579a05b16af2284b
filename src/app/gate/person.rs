//! Acts of persons that are not about one request: halts, sessions, checklists, tokens, policies.
//!
//! In: the act, the roles that may sign it, keys or signatures. Out: the recorded entries, or a
//! statement that waits for its signatures. Every signer acts in the first of the wanted roles that
//! the person holds and nobody before has taken; the guards decide whether that suffices.

use super::act::{Follow, World, submit};
use super::desk::Desk;
use super::signing::{How, Made, compose_by, make, publics_of, read_back};
use crate::app::access::signing::signers;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::governance::audit::entry::Entry;
use crate::governance::policy::roles::Role;
use crate::governance::promotion::statement::Act;

/// An act, and what goes with it.
#[derive(Debug, Clone)]
pub struct Deed {
    /// What is done.
    pub act: Act,
    /// Roles that may sign it, in the order in which several signers fill them.
    pub roles: Vec<Role>,
    /// What the engine does after it, in the same transaction.
    pub follow: Follow,
    /// What the ledger keeps for it.
    pub blobs: Vec<Vec<u8>>,
}

impl Deed {
    /// An act after which the engine does nothing.
    #[must_use]
    pub fn plain(act: Act, roles: &[Role]) -> Self {
        Self {
            act,
            roles: roles.to_vec(),
            follow: Follow::Nothing,
            blobs: Vec::new(),
        }
    }
}

/// Has `deed` signed and records it.
///
/// # Errors
/// When it is refused, a key is nobody's, or a statement that was brought is about something else.
pub async fn record(
    desk: &mut Desk,
    deed: Deed,
    how: &How,
    world: World<'_>,
) -> Result<(Made, Vec<Entry>), Failure> {
    let World { entropy, show } = world;
    let made = match publics_of(how)? {
        Some(keys) => {
            let named = signers(&desk.state, &keys, &deed.roles)?;
            let statement = compose_by(desk, deed.act.clone(), named, entropy)?;
            make(&statement, how, show)?
        }
        None => brought(read_back(how)?, &deed.act)?,
    };
    let Made::Signed(signed) = &made else {
        return Ok((made, Vec::new()));
    };
    let written = submit(desk, signed, deed.follow, &deed.blobs).await?;
    Ok((made, written))
}

/// A statement that was signed elsewhere must be the one that the command is about.
fn brought(made: Made, act: &Act) -> Result<Made, Failure> {
    let Made::Signed(signed) = &made else {
        return Ok(made);
    };
    if signed.statement.act == *act {
        return Ok(made);
    }
    let text = format!(
        "the statement is a {} that says something else than this command would",
        signed.statement.act.kind()
    );
    Err(Failure::new(Exit::Usage, "statement.other", text)
        .hint("repeat the words of the command that wrote the statement"))
}
