//! Making a workspace: configuration, policies, a ledger with its genesis, and in a sandbox the
//! demo persons with their keys, enrolled.
//!
//! With a seed everything derives from it, so that the same commands give the same bytes. Files
//! that are there already stay as they are; a ledger that is there already ends the command.

use std::path::{Path, PathBuf};

use super::exit::Exit;
use super::failure::{self, Failure};
use super::gate::desk::machine_key_path;
use super::gate::failures;
use super::gate::sandbox_keys;
use crate::adapters::host::{Entropy, durable};
use crate::adapters::keys::{Identity, sandbox, write_identity};
use crate::adapters::ledger::{Ledger, schema_sha256};
use crate::governance::audit::entry::{Actor, Draft, Entry, Head};
use crate::governance::audit::tree::Frontier;
use crate::governance::policy::roles::Role;
use crate::governance::policy::set::{PolicySet, embedded_files};
use crate::governance::promotion::chain::{Chain, nonce};
use crate::governance::promotion::event::Signed;
use crate::governance::promotion::state::State;
use crate::governance::promotion::statement::{Act, Enrolment, Genesis, Signer, Statement};
use crate::governance::regulator::controls;
use crate::kernel::digest::Digest;
use crate::kernel::id::PersonId;
use crate::kernel::pubkey::PublicKey;
use crate::kernel::time::UtcTime;

/// The demo persons of a sandbox.
pub const DEMO_PERSONS: [(&str, Role); 8] = [
    ("research-1", Role::Research),
    ("research-2", Role::Research),
    ("risk-1", Role::Risk),
    ("risk-2", Role::Risk),
    ("risk-3", Role::Risk),
    ("ops-1", Role::Ops),
    ("ops-2", Role::Ops),
    ("authoriser-1", Role::Authoriser),
];

/// Genesis time of a seeded sandbox, unless another is chosen.
pub const SEEDED_TIME: &str = "2025-01-01T00:00:00.000Z";

/// Files of a new workspace besides the policies.
const FILES: [(&str, &str); 7] = [
    ("config/config.toml", super::config::EMBEDDED),
    (
        "config/portfolio_recipes.toml",
        include_str!("../../config/portfolio_recipes.toml"),
    ),
    (
        "config/sweeps.toml",
        include_str!("../../config/sweeps.toml"),
    ),
    ("decision_log/README.md", DECISION_LOG),
    (
        "policies/tests/edges.toml",
        include_str!("../../policies/tests/edges.toml"),
    ),
    (
        "policies/tests/fixtures.toml",
        include_str!("../../policies/tests/fixtures.toml"),
    ),
    (
        "policies/tests/testnet_live.toml",
        include_str!("../../policies/tests/testnet_live.toml"),
    ),
];

const DECISION_LOG: &str = "# Decision log

What `promote log export --out decision_log` writes: one file per portfolio, every decision, also the
refused ones. `promote log verify FILE` checks a file against the ledger. Do not edit.
";

/// What is to be made.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The workspace.
    pub dir: PathBuf,
    /// The ledger.
    pub ledger: PathBuf,
    /// Quorum preset.
    pub preset: String,
    /// Fewer roots than the rule.
    pub small_team: bool,
    /// Root keys; in a sandbox none, they are made.
    pub roots: Vec<PublicKey>,
    /// How many of them must sign.
    pub threshold: u32,
    /// A sandbox, perhaps seeded.
    pub sandbox: Option<Sandbox>,
    /// Genesis time.
    pub time: UtcTime,
}

/// A sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sandbox {
    /// Everything derives from it.
    pub seed: Option<u64>,
}

/// What was made.
#[derive(Debug)]
pub struct Init {
    /// Origin of the ledger.
    pub origin: String,
    /// The genesis entry.
    pub genesis: Entry,
    /// Persons with role, key file and key.
    pub persons: Vec<(PersonId, Role, PathBuf, PublicKey)>,
}

/// Makes identities: derived from a seed, or drawn.
struct Maker<'e> {
    seed: Option<u64>,
    entropy: &'e mut dyn Entropy,
}

impl Maker<'_> {
    fn identity(&mut self, name: &str) -> Result<Identity, Failure> {
        let failed = |e: &dyn std::error::Error| {
            Failure::from_error(Exit::Internal, "key.make", "could not make a key", e)
        };
        match self.seed {
            Some(seed) => sandbox::seeded(seed, name).map_err(|e| failed(&e)),
            None => Identity::generate(self.entropy).map_err(|e| failed(&e)),
        }
    }
}

/// Makes the workspace.
///
/// # Errors
/// Exit 7 when there is a ledger already, exit 2 when the roots do not suffice.
pub async fn init(plan: &Plan, entropy: &mut dyn Entropy) -> Result<Init, Failure> {
    check_roots(plan)?;
    if plan.ledger.symlink_metadata().is_ok() {
        let text = format!("`{}` exists already", plan.ledger.display());
        return Err(Failure::new(Exit::Conflict, "ledger.exists", text)
            .hint("a ledger is never overwritten: name another folder"));
    }
    scaffold(&plan.dir)?;
    let mut maker = Maker {
        seed: plan.sandbox.and_then(|s| s.seed),
        entropy,
    };
    let log = maker.identity("log")?;
    let engine = maker.identity("engine")?;
    let token = maker.identity("token")?;
    let roots = sandbox_roots(plan, &mut maker)?;
    let policy = embedded_policy()?;
    let genesis = genesis(plan, &roots, &policy, (&log, &engine, &token)).await?;
    let origin = origin(plan, &genesis);
    for (name, identity) in [("log", &log), ("engine", &engine), ("token", &token)] {
        write_key(
            &machine_key_path(&plan.ledger, name),
            identity,
            &comment(plan, name),
            maker.entropy,
        )?;
    }
    let draft = Draft {
        actor: Actor {
            id: "root".to_owned(),
            key: None,
            role: "root".to_owned(),
        },
        kind: "genesis".to_owned(),
        body: serde_json::to_value(&genesis)
            .map_err(|e| Failure::from_error(Exit::Internal, "json", "", &e))?,
        time: plan.time,
    };
    let blobs: Vec<Vec<u8>> = policy.files().values().cloned().collect();
    let (mut ledger, first) = Ledger::create(&plan.ledger, log, &origin, draft, &blobs)
        .await
        .map_err(|e| failures::ledger(&e))?;
    let persons = match plan.sandbox {
        Some(_) => enrol(&mut ledger, plan, &first, policy, &roots, &mut maker).await?,
        None => Vec::new(),
    };
    ledger.close().await.map_err(|e| failures::ledger(&e))?;
    Ok(Init {
        origin,
        genesis: first,
        persons,
    })
}

fn check_roots(plan: &Plan) -> Result<(), Failure> {
    let usage = |text: String| Err(Failure::new(Exit::Usage, "init.roots", text));
    if plan.sandbox.is_some() {
        return match plan.roots.is_empty() {
            true => Ok(()),
            false => usage("a sandbox makes its own root keys: leave out --root-key".to_owned()),
        };
    }
    let count = u32::try_from(plan.roots.len()).unwrap_or(u32::MAX);
    let (keys, threshold) = if plan.small_team { (1, 1) } else { (3, 2) };
    let twice = plan
        .roots
        .iter()
        .enumerate()
        .any(|(at, key)| plan.roots.iter().skip(at + 1).any(|other| other == key));
    if twice {
        return usage("a root key is named twice".to_owned());
    }
    if count < keys || plan.threshold < threshold || plan.threshold > count {
        let hint = "name them with --root-key FILE.pub and --root-threshold K; a small team says --small-team";
        let text = format!(
            "at least {keys} root keys and a threshold from {threshold} to their number are wanted, {count} and {} given",
            plan.threshold
        );
        return Err(Failure::new(Exit::Usage, "init.roots", text).hint(hint));
    }
    sandbox_keys::check(&plan.roots)
}

fn scaffold(dir: &Path) -> Result<(), Failure> {
    let mut files: Vec<(String, Vec<u8>)> = FILES
        .iter()
        .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
        .collect();
    files.extend(
        embedded_files()
            .into_iter()
            .map(|(name, bytes)| (format!("policies/{name}"), bytes)),
    );
    files.extend(
        controls::embedded_files()
            .into_iter()
            .map(|(name, bytes)| (format!("policies/{}/{name}", controls::FOLDER), bytes)),
    );
    for (relative, bytes) in files {
        let path = dir.join(&relative);
        if path.symlink_metadata().is_err() {
            durable::write_file(&path, &bytes).map_err(|e| failure::io("write", &path, &e))?;
        }
    }
    Ok(())
}

fn embedded_policy() -> Result<PolicySet, Failure> {
    PolicySet::load(embedded_files()).map_err(|errors| super::policy::failure_of(&errors))
}

fn sandbox_roots(plan: &Plan, maker: &mut Maker<'_>) -> Result<Vec<Identity>, Failure> {
    if plan.sandbox.is_none() {
        return Ok(Vec::new());
    }
    ["root-1", "root-2", "root-3"]
        .into_iter()
        .map(|name| {
            let identity = maker.identity(name)?;
            write_key(
                &plan.dir.join("keys").join(name),
                &identity,
                &comment(plan, name),
                maker.entropy,
            )?;
            Ok(identity)
        })
        .collect()
}

/// What a key file says about its key.
fn comment(plan: &Plan, name: &str) -> String {
    match plan.sandbox {
        Some(_) => sandbox::comment(name),
        None => name.to_owned(),
    }
}

fn write_key(
    path: &Path,
    identity: &Identity,
    comment: &str,
    entropy: &mut dyn Entropy,
) -> Result<(), Failure> {
    if let Some(parent) = path.parent() {
        durable::create_private_dir(parent)
            .map_err(|e| failure::io("make the folder", parent, &e))?;
    }
    write_identity(path, identity, comment, None, entropy).map_err(|e| failures::key(&e))
}

async fn genesis(
    plan: &Plan,
    roots: &[Identity],
    policy: &PolicySet,
    (log, engine, token): (&Identity, &Identity, &Identity),
) -> Result<Genesis, Failure> {
    let made: Vec<PublicKey> = roots.iter().map(Identity::public).collect();
    Ok(Genesis {
        schema: "promote/genesis/v1".to_owned(),
        sandbox: plan.sandbox.is_some(),
        small_team: plan.small_team,
        preset: plan.preset.clone(),
        roots: if plan.sandbox.is_some() {
            made
        } else {
            plan.roots.clone()
        },
        root_threshold: if plan.sandbox.is_some() {
            2
        } else {
            plan.threshold
        },
        log_key: log.public(),
        engine_key: engine.public(),
        token_key: token.public(),
        policy_files: policy.file_refs(),
        policy_sha256: policy.digest(),
        schema_sha256: schema_sha256(),
    })
}

/// A name that no other ledger has: it follows from the keys and the time.
fn origin(plan: &Plan, genesis: &Genesis) -> String {
    let kind = if genesis.sandbox { "sandbox" } else { "ledger" };
    let text = format!("{} {} {}", genesis.log_key, genesis.engine_key, plan.time);
    let digest = Digest::of(text.as_bytes()).to_string();
    let short: String = digest.chars().take(16).collect();
    format!("promote.local/{kind}/{short}")
}

async fn enrol(
    ledger: &mut Ledger,
    plan: &Plan,
    first: &Entry,
    policy: PolicySet,
    roots: &[Identity],
    maker: &mut Maker<'_>,
) -> Result<Vec<(PersonId, Role, PathBuf, PublicKey)>, Failure> {
    let broken =
        |e: &dyn std::error::Error| Failure::from_error(Exit::Internal, "init.enrol", "", e);
    let state = State::begin(first, policy).map_err(|e| broken(&e))?;
    let mut frontier = Frontier::default();
    frontier.append(first.leaf_hash);
    let head = Head {
        size: frontier.size(),
        root: frontier.root(),
    };
    let now = plan.time.plus_millis(1);
    let mut chain = Chain::new(state, frontier, now);
    let mut persons = Vec::new();
    for (name, role) in DEMO_PERSONS {
        let person = PersonId::new(name).map_err(|e| broken(&e))?;
        let identity = maker.identity(name)?;
        let file = plan.dir.join("keys").join(name);
        write_key(&file, &identity, &comment(plan, name), maker.entropy)?;
        let statement = enrolment(first, head, now, (&person, role), (&identity, roots))
            .ok_or_else(|| Failure::new(Exit::Internal, "init.enrol", "no root key"))?;
        let bytes = statement.to_bytes().map_err(|e| broken(&e))?;
        let namespace = statement.act.namespace();
        let signers = roots.iter().take(2).chain([&identity]);
        let envelopes: Vec<_> = signers.map(|key| key.sign(&namespace, &bytes)).collect();
        let signed = Signed::join(&bytes, &envelopes).map_err(|e| broken(&e))?;
        chain.submit(signed).map_err(|e| failures::chain(&e))?;
        persons.push((person, role, file, identity.public()));
    }
    ledger
        .append(1, &chain.drafts, &[])
        .await
        .map_err(|e| failures::ledger(&e))?;
    Ok(persons)
}

fn enrolment(
    first: &Entry,
    head: Head,
    now: UtcTime,
    (person, role): (&PersonId, Role),
    (identity, roots): (&Identity, &[Identity]),
) -> Option<Statement> {
    Some(Statement {
        act: Act::Enrolment(Enrolment {
            person: person.clone(),
            role,
            public_key: identity.public(),
            verified_by: "promote init, sandbox".to_owned(),
            until: None,
        }),
        ledger: first.leaf.ledger.clone(),
        head,
        signer: Signer {
            person: PersonId::new("root").ok()?,
            role: "root".to_owned(),
            key: roots.first()?.public().fingerprint(),
        },
        cosigners: Vec::new(),
        issued_at: now,
        expires_at: now.plus_days(1),
        nonce: nonce(&[&first.leaf.ledger, "enrolment", person.as_str()], &head),
    })
}
