//! `promote key list`: whose keys count in this ledger.

use clap::Args;
use serde::Serialize;

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::cli::commands::gate::{Format, open};
use crate::cli::context::Context;
use crate::governance::policy::roles::Role;
use crate::governance::promotion::state::State;
use crate::kernel::id::PersonId;
use crate::kernel::pubkey::{Fingerprint, PublicKey};

/// Flags of `key list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Output format
    #[arg(long, default_value = "table")]
    pub format: Format,
}

impl ListArgs {
    pub(super) fn wants_json(&self) -> bool {
        self.format == Format::Json
    }
}

/// `promote/keys/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct KeysJson {
    schema: &'static str,
    /// Enrolled keys, by person.
    persons: Vec<EnrolledJson>,
    /// Root keys.
    roots: Vec<PublicKey>,
    /// How many of them must sign.
    root_threshold: u32,
    /// Signs checkpoints.
    log_key: PublicKey,
    /// Signs evaluations and decisions.
    engine_key: PublicKey,
}

/// One enrolled key.
#[derive(Debug, Serialize, schemars::JsonSchema)]
struct EnrolledJson {
    person: PersonId,
    roles: Vec<Role>,
    fingerprint: Fingerprint,
    public_key: PublicKey,
    /// Position of its enrolment.
    since: u64,
}

fn keys(state: &State) -> KeysJson {
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
            fingerprint: fingerprint.clone(),
            public_key: held.key,
            since: held.since,
        })
        .collect();
    persons.sort_by(|a, b| (&a.person, a.since).cmp(&(&b.person, b.since)));
    KeysJson {
        schema: "promote/keys/v1",
        persons,
        roots: state.genesis.roots.clone(),
        root_threshold: state.genesis.root_threshold,
        log_key: state.genesis.log_key,
        engine_key: state.genesis.engine_key,
    }
}

/// Lists the keys.
///
/// # Errors
/// When the ledger cannot be read.
pub fn run(args: &ListArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let desk = open::read(context)?;
    let keys = keys(&desk.state);
    if context.global.json || args.wants_json() {
        context.print_json(&keys)?;
        return Ok(Exit::Done);
    }
    let mut out = String::new();
    for held in &keys.persons {
        let roles: Vec<&str> = held.roles.iter().map(|role| role.as_str()).collect();
        out.push_str(&format!(
            "{:<20}  {:<20}  {}  entry {}\n",
            held.person.as_str(),
            roles.join(", "),
            held.fingerprint,
            held.since
        ));
    }
    for root in &keys.roots {
        let threshold = format!("{} of {}", keys.root_threshold, keys.roots.len());
        out.push_str(&format!(
            "{:<20}  {threshold:<20}  {}\n",
            "root key",
            root.fingerprint()
        ));
    }
    for (name, use_, key) in [
        ("log key", "signs checkpoints", keys.log_key),
        ("engine key", "signs decisions", keys.engine_key),
    ] {
        out.push_str(&format!("{name:<20}  {use_:<20}  {}\n", key.fingerprint()));
    }
    context.print(&out)?;
    Ok(Exit::Done)
}
