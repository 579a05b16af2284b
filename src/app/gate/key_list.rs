//! Keys as they are shown: who is enrolled with which, and which keys stand for the ledger.

use serde::Serialize;

use crate::render::layout::{self, Bears, columns};

use crate::governance::policy::roles::Role;
use crate::governance::promotion::state::State;
use crate::kernel::id::PersonId;
use crate::kernel::pubkey::{Fingerprint, PublicKey};
use crate::kernel::time::UtcTime;

/// `promote/keys/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct KeysJson {
    schema: &'static str,
    /// Enrolled keys, by person.
    pub persons: Vec<EnrolledJson>,
    /// Root keys.
    pub roots: Vec<PublicKey>,
    /// How many of them must sign.
    pub root_threshold: u32,
    /// Signs checkpoints.
    pub log_key: PublicKey,
    /// Signs evaluations and decisions.
    pub engine_key: PublicKey,
    /// Signs live-session tokens.
    pub token_key: PublicKey,
}

/// One enrolled key.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct EnrolledJson {
    /// Whose.
    pub person: PersonId,
    /// What the person may do.
    pub roles: Vec<Role>,
    /// When the first of these roles ends by itself.
    pub until: Option<UtcTime>,
    /// The key.
    pub fingerprint: Fingerprint,
    /// The key, in OpenSSH spelling.
    pub public_key: PublicKey,
    /// Position of its enrolment.
    pub since: u64,
    /// Position of its revocation.
    pub revoked: Option<u64>,
}

/// `promote/key/v1`: a key that was made.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct KeyJson {
    schema: &'static str,
    /// The key file; its public half has `.pub` behind it.
    pub file: String,
    /// The public half.
    pub public_key: PublicKey,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// True when a passphrase opens the file.
    pub encrypted: bool,
}

impl KeyJson {
    /// A key that lies in `file`.
    #[must_use]
    pub fn new(file: String, public_key: PublicKey, encrypted: bool) -> Self {
        Self {
            schema: "promote/key/v1",
            file,
            fingerprint: public_key.fingerprint(),
            public_key,
            encrypted,
        }
    }
}

/// The keys that count in `state`.
#[must_use]
pub fn keys(state: &State) -> KeysJson {
    let mut persons: Vec<EnrolledJson> = state
        .keys
        .iter()
        .map(|(fingerprint, held)| EnrolledJson {
            person: held.person.clone(),
            roles: state
                .persons
                .get(&held.person)
                .map(|person| person.roles.iter().copied().collect())
                .unwrap_or_default(),
            until: state
                .persons
                .get(&held.person)
                .and_then(|person| person.until.values().min().copied()),
            fingerprint: fingerprint.clone(),
            public_key: held.key,
            since: held.since,
            revoked: state.access.revocation(fingerprint).map(|r| r.mark.seq),
        })
        .collect();
    persons.sort_by(|a, b| (&a.person, a.since).cmp(&(&b.person, b.since)));
    KeysJson {
        schema: "promote/keys/v1",
        persons,
        roots: state.access.roots.keys.clone(),
        root_threshold: state.access.roots.threshold,
        log_key: state.genesis.log_key,
        engine_key: state.genesis.engine_key,
        token_key: state.genesis.token_key,
    }
}

/// The keys as text of this width.
#[must_use]
pub fn text(keys: &KeysJson, width: usize) -> String {
    let columns = columns([
        ("who", Bears::Text),
        ("for", Bears::Text),
        ("key", Bears::Key),
        ("entry", Bears::Number),
        ("until", Bears::Note),
        ("revoked by", Bears::Note),
    ]);
    let mut rows = Vec::new();
    for held in &keys.persons {
        let roles: Vec<&str> = held.roles.iter().map(|role| role.as_str()).collect();
        let revoked = held.revoked.map(|seq| format!("entry {seq}"));
        rows.push(vec![
            held.person.to_string(),
            roles.join(", "),
            held.fingerprint.to_string(),
            held.since.to_string(),
            held.until.map(|end| end.to_string()).unwrap_or_default(),
            revoked.unwrap_or_default(),
        ]);
    }
    let threshold = format!("{} of {}", keys.root_threshold, keys.roots.len());
    let roots = keys.roots.iter().map(|key| ("root key", &*threshold, key));
    let machines = [
        ("log key", "signs checkpoints", &keys.log_key),
        ("engine key", "signs decisions", &keys.engine_key),
        ("token key", "signs tokens", &keys.token_key),
    ];
    for (name, purpose, key) in roots.chain(machines) {
        let fingerprint = key.fingerprint().to_string();
        rows.push(vec![name.to_owned(), purpose.to_owned(), fingerprint]);
    }
    layout::table(&columns, &rows, width)
}
