//! Keys that are revoked or replaced.

use super::signing::{record, rotators, signers};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::act::World;
use crate::app::gate::desk::Desk;
use crate::app::gate::sandbox_keys;
use crate::app::gate::signing::{How, Made, person_of, publics_of};
use crate::governance::audit::entry::Entry;
use crate::governance::policy::roles::Role;
use crate::governance::promotion::access::acts::{KeyRevocation, KeyRotation, Reason};
use crate::governance::promotion::consequences::{Consequences, consequences};
use crate::governance::promotion::state::State;
use crate::governance::promotion::statement::Act;
use crate::kernel::id::{InstanceId, PersonId};
use crate::kernel::pubkey::{Fingerprint, PublicKey};
use crate::kernel::text::visible;

/// A revocation as it is wished for.
#[derive(Debug, Clone)]
pub struct Revocation {
    /// Fingerprint, instance or person.
    pub which: String,
    /// Why.
    pub reason: Option<Reason>,
    /// Position from which its signatures are not believed.
    pub distrust_from_seq: Option<u64>,
    /// A word to the record.
    pub comment: String,
}

/// The key that `which` names: its fingerprint, an instance, or a person with one key.
///
/// # Errors
/// Exit 2 when it names none, or a person with several.
pub fn key_named(state: &State, which: &str) -> Result<Fingerprint, Failure> {
    let all = state.keys.keys().cloned();
    let instances = state.access.instances.values();
    let all = all.chain(instances.map(|i| i.card.public_key.fingerprint()));
    if let Some(key) = all.into_iter().find(|key| key.as_str() == which) {
        return Ok(key);
    }
    let instance = InstanceId::new(which).ok();
    if let Some(held) = instance.and_then(|name| state.access.instances.get(&name)) {
        return Ok(held.card.public_key.fingerprint());
    }
    let usage = |text: String| {
        Failure::new(Exit::Usage, "usage.which", text).hint("`promote key list` shows them")
    };
    let person = PersonId::new(which).ok();
    let Some(person) = person.and_then(|name| state.persons.get(&name)) else {
        let shown = visible(which, 80);
        return Err(usage(format!(
            "`{shown}` is no enrolled key, instance or person"
        )));
    };
    let open = |key: &&Fingerprint| state.access.revocation(key).is_none();
    let standing: Vec<&Fingerprint> = person.keys.iter().filter(open).collect();
    match (standing.as_slice(), person.keys.as_slice()) {
        ([key], _) => Ok((*key).clone()),
        ([], [key]) => Ok(key.clone()),
        _ => Err(usage(format!(
            "`{which}` has several keys: name one by its fingerprint"
        ))),
    }
}

/// Revokes a key; gives its fingerprint and what that brought about.
///
/// # Errors
/// When it is refused.
pub async fn revoke(
    desk: &mut Desk,
    wish: &Revocation,
    how: &How,
    world: World<'_>,
) -> Result<(Made, Vec<Entry>, Fingerprint, Consequences), Failure> {
    crate::kernel::text::check_free_text("comment", &wish.comment)
        .map_err(|e| Failure::from_error(Exit::Usage, "usage.text", "", &e))?;
    let key = key_named(&desk.state, &wish.which)?;
    let act = Act::KeyRevocation(KeyRevocation {
        revoked: key.clone(),
        reason: wish.reason,
        distrust_from_seq: wish.distrust_from_seq,
        comment: wish.comment.clone(),
    });
    let before = desk.state.clone();
    let roles = [Role::Risk, Role::Ops];
    let named = |state: &State, keys: &[PublicKey]| signers(state, keys, &roles);
    let (made, written) = record(desk, act, named, how, world).await?;
    let brought = consequences(&before, &desk.state, desk.now);
    Ok((made, written, key, brought))
}

/// Replaces a person's key; gives the new fingerprint.
///
/// # Errors
/// When it is refused.
pub async fn rotate(
    desk: &mut Desk,
    how: &How,
    world: World<'_>,
) -> Result<(Made, Vec<Entry>, Option<Fingerprint>), Failure> {
    desk.raises_risk()?;
    let Some(keys) = publics_of(how)? else {
        return rotate_back(desk, how, world).await;
    };
    let [old, new] = keys.as_slice() else {
        let text = "two keys are wanted: the old one, then the new one";
        return Err(Failure::new(Exit::Usage, "usage.keys", text)
            .hint("promote key rotate --key OLD --key NEW"));
    };
    let files = match how {
        How::Keys { files, .. } => files.as_slice(),
        How::Out { keys, .. } => keys.as_slice(),
        How::Back { .. } => &[],
    };
    if let (false, Some(file)) = (desk.state.genesis.sandbox, files.get(1)) {
        sandbox_keys::check_file(file, new)?;
    }
    let act = Act::KeyRotation(KeyRotation {
        person: person_of(&desk.state, &old.fingerprint())?,
        old: old.fingerprint(),
        new: *new,
    });
    let (made, written) = record(desk, act, rotators, how, world).await?;
    Ok((made, written, Some(new.fingerprint())))
}

/// A rotation that was signed elsewhere: the statement names both keys.
async fn rotate_back(
    desk: &mut Desk,
    how: &How,
    world: World<'_>,
) -> Result<(Made, Vec<Entry>, Option<Fingerprint>), Failure> {
    let made = crate::app::gate::signing::read_back(how)?;
    let Made::Signed(signed) = &made else {
        return Ok((made, Vec::new(), None));
    };
    let Act::KeyRotation(rotation) = &signed.statement.act else {
        let text = format!("the statement is a {}", signed.statement.act.kind());
        return Err(Failure::new(Exit::Usage, "statement.other", text));
    };
    let (act, new) = (signed.statement.act.clone(), rotation.new.fingerprint());
    let (made, written) = record(desk, act, rotators, how, world).await?;
    Ok((made, written, Some(new)))
}
