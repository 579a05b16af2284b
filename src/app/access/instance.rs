//! Instances: made on their host, let in by risk and ops.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::records::InstanceJson;
use super::signing::{record, signers};
use crate::adapters::host::{Entropy, durable};
use crate::adapters::keys::{Identity, sandbox, write_identity};
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::gate::act::World;
use crate::app::gate::desk::Desk;
use crate::app::gate::failures;
use crate::app::gate::signing::{How, Made};
use crate::governance::audit::entry::Entry;
use crate::governance::policy::roles::Role;
use crate::governance::promotion::access::acts::{
    InstanceCard, InstanceEnrolment, POSSESSION_NAMESPACE,
};
use crate::governance::promotion::access::instance::{check_possession, is_host};
use crate::governance::promotion::statement::Act;
use crate::governance::token::environment::Environment;
use crate::kernel::canonical::{self, ENTRY_MAX_BYTES};
use crate::kernel::digest::Digest;
use crate::kernel::id::InstanceId;
use crate::kernel::text::visible;

/// An instance that is to be made.
#[derive(Debug, Clone)]
pub struct NewInstance {
    /// Its name.
    pub instance: InstanceId,
    /// Name of its host.
    pub host: String,
    /// Where it trades.
    pub environment: Environment,
    /// Programs that may act for it.
    pub builds: Vec<Digest>,
    /// Where its key goes; its card goes beside it, as FILE.card.
    pub key_file: PathBuf,
}

/// Makes the key and the card of an instance.
///
/// # Errors
/// When a file exists already or cannot be written, or the card would not be accepted.
pub fn init(
    desk: &Desk,
    new: &NewInstance,
    entropy: &mut dyn Entropy,
) -> Result<InstanceJson, Failure> {
    if !is_host(&new.host) {
        let text = format!("`{}` is no host name", visible(&new.host, 80));
        return Err(Failure::new(Exit::Usage, "usage.host", text)
            .hint("lower-case letters, digits, dots and dashes; name one with --host NAME"));
    }
    let made = if desk.state.genesis.sandbox {
        // Sandboxes give the same bytes for the same commands.
        let text = format!(
            "promote-sandbox-instance/v1\n{}\n{}\n{}",
            desk.state.fingerprint,
            new.instance,
            desk.head().size
        );
        Identity::from_secret(Digest::of(text.as_bytes()).as_bytes()).map_err(std::io::Error::other)
    } else {
        Identity::generate(entropy)
    };
    let identity = made
        .map_err(|e| Failure::from_error(Exit::Internal, "entropy", "could not make a key", &e))?;
    let mut builds = new.builds.clone();
    builds.sort();
    builds.dedup();
    let card = InstanceCard {
        instance: new.instance.clone(),
        public_key: identity.public(),
        host: new.host.clone(),
        environment: new.environment,
        builds,
        ledger: desk.state.ledger.clone(),
    };
    let bytes = card
        .to_bytes()
        .map_err(|e| Failure::from_error(Exit::Invalid, "instance.card", "", &e))?;
    let possession = identity.sign(POSSESSION_NAMESPACE, &bytes);
    let enrolment = InstanceEnrolment {
        card: card.clone(),
        possession: STANDARD.encode(possession.encode()),
    };
    let text = canonical::encode(&enrolment)
        .map_err(|e| Failure::from_error(Exit::Invalid, "instance.card", "", &e))?;
    if let Some(parent) = new.key_file.parent() {
        durable::create_private_dir(parent)
            .map_err(|e| failure::io("make the folder", parent, &e))?;
    }
    let comment = match desk.state.genesis.sandbox {
        true => sandbox::comment(new.instance.as_str()),
        false => new.instance.to_string(),
    };
    write_identity(&new.key_file, &identity, &comment, None, entropy)
        .map_err(|e| failures::key(&e))?;
    let card_file = card_path(&new.key_file);
    durable::write_file(&card_file, &text).map_err(|e| failure::io("write", &card_file, &e))?;
    Ok(InstanceJson {
        schema: "promote/instance/v1",
        key_file: new.key_file.display().to_string(),
        card_file: card_file.display().to_string(),
        card,
    })
}

/// Where the card of the instance with this key file lies.
#[must_use]
pub fn card_path(key_file: &Path) -> PathBuf {
    let mut name = key_file.as_os_str().to_owned();
    name.push(".card");
    PathBuf::from(name)
}

/// Reads a card with its proof of possession.
///
/// # Errors
/// Exit 3 when it is no card, exit 9 when the proof does not fit.
pub fn read_card(path: &Path) -> Result<InstanceEnrolment, Failure> {
    let bytes = std::fs::read(path).map_err(|e| failure::io("read", path, &e))?;
    let doing = format!(
        "`{}` is no instance card",
        visible(&path.display().to_string(), 200)
    );
    let card: InstanceEnrolment = canonical::decode(&bytes, ENTRY_MAX_BYTES).map_err(|e| {
        Failure::from_error(Exit::Invalid, "instance.card", &doing, &e)
            .hint("`promote instance init NAME` makes one, on the instance's host")
    })?;
    check_possession(&card).map_err(|why| {
        let text = format!("{doing}: {why}");
        Failure::new(Exit::Integrity, "instance.possession", text)
    })?;
    Ok(card)
}

/// Lets an instance in.
///
/// # Errors
/// When it is refused.
pub async fn enrol(
    desk: &mut Desk,
    card: InstanceEnrolment,
    how: &How,
    world: World<'_>,
) -> Result<(Made, Vec<Entry>), Failure> {
    desk.raises_risk()?;
    let act = Act::InstanceEnrolment(Box::new(card));
    let roles = [Role::Risk, Role::Ops];
    record(
        desk,
        act,
        |state, keys| signers(state, keys, &roles),
        how,
        world,
    )
    .await
}
