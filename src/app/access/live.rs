//! The start of a live session, up to the point where trading would begin.
//!
//! The configuration and the limits are read once, hashed, and handed on as exactly those bytes.
//! The whole ledger is verified; the token, the host's trust and everything that was approved are
//! checked; the instance signs what it is about to run; and only when the entry by which the token
//! is used has been committed, the session is given its lease. Somebody who is faster wins: then it
//! is checked again on what the ledger holds by then.

use std::path::{Path, PathBuf};

use super::records::LiveStartJson;
use super::seen;
use super::token::verified;
use crate::adapters::host::Entropy;
use crate::adapters::keys::{Identity, read_identity};
use crate::app::config::Config;
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::gate::desk::{Desk, When};
use crate::app::gate::failures;
use crate::app::gate::halt_dir::{HaltDir, Lying};
use crate::app::gate::halting::flush;
use crate::app::gate::signing::compose_by;
use crate::governance::audit::entry::Entry;
use crate::governance::promotion::event::Signed;
use crate::governance::promotion::guard::Moment;
use crate::governance::promotion::statement::{Act, Signer};
use crate::governance::token::claims::Claims;
use crate::governance::token::environment::Environment;
use crate::governance::token::lease::Lease;
use crate::governance::token::redeem::{Presented, Redemption, examine, open, redeem};
use crate::governance::token::refusal::TokenRefusal;
use crate::governance::token::trust::Trust;
use crate::kernel::digest::Digest;
use crate::kernel::id::{InstanceId, PersonId, PortfolioId};
use crate::kernel::time::UtcTime;

/// How often a redemption is checked again because somebody else wrote first.
const TRIES_MAX: usize = 20;
/// Seconds for which the instance's statement may be recorded.
const PROOF_SECONDS: i64 = 600;

/// What is to be started, where.
#[derive(Debug)]
pub struct Start<'s> {
    /// The ledger.
    pub ledger: &'s Path,
    /// The token.
    pub token: &'s [u8],
    /// Settings of the session.
    pub config: &'s Config,
    /// Which ledger the host trusts.
    pub trust: &'s Trust,
    /// Name of the host.
    pub host: &'s str,
    /// The running program.
    pub build: Digest,
    /// Folder that the paths in the settings are relative to.
    pub base: &'s Path,
}

/// What a session runs from: exactly these bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Material {
    /// What it trades.
    pub portfolio: PortfolioId,
    /// The resolved configuration.
    pub configuration: Vec<u8>,
    /// The execution limits.
    pub limits: Vec<u8>,
}

/// A session that was let in.
#[derive(Debug)]
pub struct Started {
    /// Its right to trade, for now.
    pub lease: Lease,
    /// What it runs from.
    pub material: Material,
    /// The entry by which the token was used.
    pub entry: Entry,
    /// Where halts are written first; a file there stops every order.
    pub halt_directory: PathBuf,
}

impl Started {
    /// What is printed.
    #[must_use]
    pub fn json(&self) -> LiveStartJson {
        let claims = &self.lease.claims;
        LiveStartJson {
            schema: "promote/live-start/v1",
            portfolio: claims.portfolio.clone(),
            instance: claims.instance.clone(),
            environment: claims.environment,
            jti: claims.jti.clone(),
            seq: self.entry.seq,
            leaf: self.entry.leaf_hash,
            lease_until: self.lease.until(),
            session_until: self.lease.session_until(),
            strategy_sha256: claims.strategy_sha256,
            limits_sha256: claims.limits_sha256,
        }
    }
}

/// Redeems the token and begins the session. `material` gives what the session would run of a
/// portfolio.
///
/// # Errors
/// The first reason why not, each with its own name; nothing was granted then.
pub async fn start(
    start: &Start<'_>,
    when: When,
    material: &dyn Fn(&PortfolioId) -> Result<Material, Failure>,
    entropy: &mut dyn Entropy,
) -> Result<Started, Failure> {
    trusts_ledger(start).await?;
    verified(start.ledger).await?;
    let mut desk = Desk::write(start.ledger, when).await?;
    desk.raises_risk()?;
    let directory = start
        .trust
        .halt_directory(start.ledger.parent().unwrap_or(Path::new(".")));
    no_halt_lies(&mut desk, &directory).await?;
    let no = |reason: TokenRefusal| failures::token(&reason);
    let claims = open(&desk.state, start.token).map_err(no)?;
    let instance = instance(start, &claims);
    let portfolio = start.config.live.portfolio.clone();
    let material = material(portfolio.as_ref().unwrap_or(&claims.portfolio))?;
    let presented = Presented {
        portfolio: &material.portfolio,
        configuration: &material.configuration,
        limits: &material.limits,
        environment: Environment::of(&start.config.endpoint),
        instance: &instance,
        host: start.host,
        build: start.build,
    };
    examine(&desk.state, start.token, &presented, start.trust, desk.now).map_err(no)?;
    let key_file = key_file(start, &instance);
    let key = read_identity(&key_file, None).map_err(|e| failures::key(&e))?;
    seen::check(&key_file, &desk)?;
    let proof = prove(&desk, &presented, &claims, (&instance, &key), entropy)?;
    let (redemption, entry) = record(&mut desk, start, &presented, &proof).await?;
    seen::note(&key_file, &desk)?;
    let lease = redemption.lease(entry.leaf.time);
    desk.close().await?;
    Ok(Started {
        lease,
        material,
        entry,
        halt_directory: directory,
    })
}

/// A host that trusts another ledger does not go on to read this one.
async fn trusts_ledger(start: &Start<'_>) -> Result<(), Failure> {
    let Trust::Named(file) = start.trust else {
        return Ok(());
    };
    let when = When {
        clock: UtcTime::EPOCH,
        chosen: None,
        halts: None,
    };
    let desk = Desk::read(start.ledger, when).await?;
    let found = desk.state.fingerprint;
    desk.close().await?;
    if file.ledger == found {
        Ok(())
    } else {
        Err(failures::token(&TokenRefusal::ForeignLedger))
    }
}

/// Records the halts of the directory that the ledger does not have; one that it does not take
/// stops the session all the same.
async fn no_halt_lies(desk: &mut Desk, directory: &Path) -> Result<(), Failure> {
    let dir = HaltDir::at(directory);
    flush(desk, &dir).await?;
    let lying = dir.read().map_err(|e| failure::io("read", directory, &e))?;
    let recorded = |file: &Lying| {
        let signed = file.signed.as_ref();
        signed.is_some_and(|s| desk.state.statements.contains(&s.digest))
    };
    match lying.iter().find(|file| !recorded(file)) {
        None => Ok(()),
        Some(file) => {
            let name = crate::kernel::text::visible(&file.name, 100);
            let text = format!("`{name}` in the halt directory is not in the ledger");
            Err(failures::token(&TokenRefusal::Halted { text }))
        }
    }
}

/// The instance that this host is.
fn instance(start: &Start<'_>, claims: &Claims) -> InstanceId {
    match (start.trust, &start.config.live.instance) {
        (Trust::Named(file), _) => file.instance.clone(),
        (Trust::Sandbox, Some(name)) => name.clone(),
        (Trust::Sandbox, None) => claims.instance.clone(),
    }
}

fn key_file(start: &Start<'_>, instance: &InstanceId) -> PathBuf {
    match (start.trust, &start.config.live.instance_key) {
        (Trust::Named(file), _) => file.instance_key.clone(),
        (Trust::Sandbox, Some(path)) => start.base.join(path),
        (Trust::Sandbox, None) => start.base.join(default_key(instance)),
    }
}

/// Where the key of an instance lies in a workspace.
#[must_use]
pub fn default_key(instance: &InstanceId) -> PathBuf {
    PathBuf::from(format!("keys/instance-{instance}"))
}

/// The instance signs what it is about to run.
fn prove(
    desk: &Desk,
    presented: &Presented<'_>,
    claims: &Claims,
    (instance, key): (&InstanceId, &Identity),
    entropy: &mut dyn Entropy,
) -> Result<Signed, Failure> {
    let act = presented
        .act(claims)
        .map_err(|reason| failures::token(&reason))?;
    let person = PersonId::new(instance.as_str())
        .map_err(|e| Failure::from_error(Exit::Internal, "signer", "", &e))?;
    let signer = Signer {
        person,
        role: "instance".to_owned(),
        key: key.public().fingerprint(),
    };
    let act = Act::TokenRedemption(Box::new(act));
    let mut statement = compose_by(desk, act, vec![signer], entropy)?;
    statement.expires_at = desk.now.plus_millis(PROOF_SECONDS * 1000);
    let bytes = statement
        .to_bytes()
        .map_err(|e| Failure::from_error(Exit::Invalid, "statement.unstorable", "", &e))?;
    let envelope = key.sign(&statement.act.namespace(), &bytes);
    Signed::join(&bytes, &[envelope]).map_err(|e| failures::refused(&e))
}

/// Appends the redemption, if everything still holds on the head that it is appended to.
async fn record(
    desk: &mut Desk,
    start: &Start<'_>,
    presented: &Presented<'_>,
    proof: &Signed,
) -> Result<(Redemption, Entry), Failure> {
    for _ in 0..TRIES_MAX {
        let at = Moment {
            tip: desk.head(),
            now: desk.now,
        };
        let redemption = redeem(&desk.state, start.token, presented, proof, start.trust, &at)
            .map_err(|reason| failures::token(&reason))?;
        let mut chain = desk.chain();
        chain
            .submit(redemption.signed.clone())
            .map_err(|e| failures::chain(&e))?;
        match desk.append(chain, &[]).await {
            Ok(written) => {
                let entry = written.into_iter().next().ok_or_else(|| {
                    Failure::new(Exit::Internal, "token.entry", "nothing was recorded")
                })?;
                return Ok((redemption, entry));
            }
            Err(failure) if failure.slug == failures::MOVED => desk.refresh().await?,
            Err(failure) => return Err(failure),
        }
    }
    let text = "others wrote to the ledger all the time";
    Err(Failure::new(Exit::Unreachable, "ledger.busy", text).hint("try again"))
}
