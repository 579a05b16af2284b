//! In whose name keys sign an act about access: persons in the wanted roles, root keys, or an
//! instance; and recording what they signed.

use crate::adapters::host::Entropy;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::act::{Follow, World, submit};
use crate::app::gate::desk::Desk;
use crate::app::gate::failures;
use crate::app::gate::signing::{How, Made, compose_by, make, person_of, publics_of, read_back};
use crate::governance::audit::entry::Entry;
use crate::governance::policy::roles::Role;
use crate::governance::promotion::refusal::Refusal;
use crate::governance::promotion::state::State;
use crate::governance::promotion::statement::{Act, Signer};
use crate::kernel::id::PersonId;
use crate::kernel::pubkey::PublicKey;

/// The signer that `key` stands for: a root, an instance, or a person in the first of the wanted
/// roles that it holds and nobody before has taken, or held.
fn signer(
    state: &State,
    key: &PublicKey,
    wanted: &[Role],
    taken: &mut Vec<Role>,
) -> Result<Signer, Failure> {
    let fingerprint = key.fingerprint();
    let named = |person: &str, role: &str| -> Result<Signer, Failure> {
        let person = PersonId::new(person)
            .map_err(|e| Failure::from_error(Exit::Internal, "signer", "", &e))?;
        Ok(Signer {
            person,
            role: role.to_owned(),
            key: fingerprint.clone(),
        })
    };
    if state.access.roots.hold(key) {
        return named("root", "root");
    }
    let mut instances = state.access.instances.values();
    if let Some(instance) = instances.find(|i| i.card.public_key == *key) {
        return named(instance.card.instance.as_str(), "instance");
    }
    let person = person_of(state, &fingerprint)?;
    let known = state.persons.get(&person);
    let held = known.map(|p| &p.roles);
    let holds = |role: &&Role| held.is_some_and(|held| held.contains(role));
    let fitting: Vec<Role> = wanted.iter().filter(holds).copied().collect();
    let open = fitting.iter().find(|role| !taken.contains(role));
    let any = held.and_then(|held| held.first());
    let ended = known.and_then(|p| wanted.iter().find(|role| p.ended.contains_key(role)));
    let role = open.or(fitting.first()).or(any).or(ended).copied();
    taken.extend(role);
    Ok(Signer {
        person,
        role: role.map_or_else(String::new, |role| role.to_string()),
        key: fingerprint,
    })
}

/// The signers of all `keys`, in their order.
///
/// # Errors
/// Exit 4 when a key is nobody's.
pub fn signers(state: &State, keys: &[PublicKey], wanted: &[Role]) -> Result<Vec<Signer>, Failure> {
    let mut taken = Vec::new();
    keys.iter()
        .map(|key| signer(state, key, wanted, &mut taken))
        .collect()
}

/// The signers of a rotation: one person with the old key and the new one.
///
/// # Errors
/// Exit 2 when there are not two keys, exit 4 when the first is nobody's.
pub fn rotators(state: &State, keys: &[PublicKey]) -> Result<Vec<Signer>, Failure> {
    let [old, new] = keys else {
        let text = "two keys are wanted: the old one, then the new one";
        return Err(Failure::new(Exit::Usage, "usage.keys", text)
            .hint("promote key rotate --key OLD --key NEW"));
    };
    let old = signers(state, &[*old], &[])?;
    let new = old.iter().map(|signer| Signer {
        key: new.fingerprint(),
        ..signer.clone()
    });
    Ok(old.iter().cloned().chain(new).collect())
}

/// Has `act` signed as `how` says, or takes a statement of the same act back, and records it. With
/// a statement that goes elsewhere nothing is recorded.
///
/// # Errors
/// When it is refused, or a statement that was brought is about something else.
pub async fn record(
    desk: &mut Desk,
    act: Act,
    named: impl Fn(&State, &[PublicKey]) -> Result<Vec<Signer>, Failure>,
    how: &How,
    world: World<'_>,
) -> Result<(Made, Vec<Entry>), Failure> {
    let same = |found: &Act| *found == act;
    record_if(desk, || Ok(act.clone()), same, named, how, world).await
}

/// As [`record`], for an act that depends on the moment: `fits` says whether a statement that was
/// brought is about the same.
///
/// # Errors
/// As [`record`].
pub async fn record_if(
    desk: &mut Desk,
    make_act: impl FnOnce() -> Result<Act, Failure>,
    fits: impl Fn(&Act) -> bool,
    named: impl Fn(&State, &[PublicKey]) -> Result<Vec<Signer>, Failure>,
    how: &How,
    world: World<'_>,
) -> Result<(Made, Vec<Entry>), Failure> {
    let World { entropy, show } = world;
    let made = match publics_of(how)? {
        Some(keys) => {
            let named = named(&desk.state, &keys)?;
            let statement = compose_by(desk, make_act()?, named, entropy)?;
            make(&statement, how, show)?
        }
        None => read_back(how)?,
    };
    let Made::Signed(signed) = &made else {
        return Ok((made, Vec::new()));
    };
    if !fits(&signed.statement.act) {
        let text = format!(
            "the statement is a {} that says something else than this command would",
            signed.statement.act.kind()
        );
        return Err(Failure::new(Exit::Usage, "statement.other", text)
            .hint("repeat the words of the command that wrote the statement"));
    }
    let written = submit(desk, signed, Follow::Nothing, &[]).await?;
    Ok((made, written))
}

/// 32 hexadecimal digits: drawn on real ledgers; in sandboxes they follow from `words` and the
/// head, so that the same commands give the same bytes.
///
/// # Errors
/// When randomness fails.
pub fn number(desk: &Desk, words: &[&str], entropy: &mut dyn Entropy) -> Result<String, Failure> {
    if desk.state.genesis.sandbox {
        let head = desk.head();
        return Ok(crate::governance::promotion::chain::nonce(words, &head));
    }
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes).map_err(|e| {
        Failure::from_error(Exit::Internal, "entropy", "could not draw a number", &e)
    })?;
    Ok(hex::encode(bytes))
}

/// A refusal as a failure.
#[must_use]
pub fn refused(refusal: &Refusal) -> Failure {
    failures::refused(refusal)
}
