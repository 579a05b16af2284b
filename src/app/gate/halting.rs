//! Halting: the statement into the halt directory first, then the entry.
//!
//! In: a scope and a reason, a key, a ledger that may be locked, broken or gone. Out: a receipt,
//! or the news that only the file was written. Whatever the ledger does, a valid signature ends
//! up in the halt directory; the next command that writes to the ledger records it.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::act::{Follow, World, submit};
use super::desk::{Desk, When};
use super::failures;
use super::halt_dir::{HaltDir, Known};
use super::signing::{How, Made, SUBMIT_HOURS, compose_by, make, publics_of, read_back};
use crate::adapters::host::Clock;
use crate::app::access::signing::signers;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::governance::policy::roles::Role;
use crate::governance::promotion::chain::ChainError;
use crate::governance::promotion::decide::Command;
use crate::governance::promotion::event::Signed;
use crate::governance::promotion::safety::SafetyAct;
use crate::governance::promotion::safety::halt::{Drill, Halt, HaltScope};
use crate::governance::promotion::state::Status;
use crate::governance::promotion::statement::{Act, Signer, Statement};
use crate::kernel::digest::Digest;
use crate::kernel::id::RequestId;
use crate::kernel::pubkey::PublicKey;
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;

mod flush;

pub use flush::{FlushJson, Flushed, flush};

const ROLES: [Role; 3] = [Role::Ops, Role::Risk, Role::Authoriser];

/// Where and when a halt is given.
pub struct Host<'h> {
    /// The ledger, whatever its state.
    pub ledger: &'h Path,
    /// Time.
    pub when: When,
    /// The host's halt directory.
    pub dir: &'h HaltDir,
    /// Measures a drill.
    pub clock: &'h dyn Clock,
}

/// `promote/halt/v1`: the receipt.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct HaltJson {
    schema: &'static str,
    /// What.
    pub scope: HaltScope,
    /// Why.
    pub reason: String,
    /// A drill stops nothing.
    pub drill: bool,
    /// True when the ledger has it; false when only the file was written.
    pub recorded: bool,
    /// The file in the halt directory; none when it could not be written.
    pub file: Option<PathBuf>,
    /// Digest of the signed statement.
    pub statement_sha256: Digest,
    /// Position of the entry.
    pub seq: Option<u64>,
    /// Its leaf hash.
    pub leaf: Option<Digest>,
    /// The signed checkpoint over the ledger with the entry.
    pub note: Option<String>,
    /// Requests that it ended.
    pub invalidated: Vec<RequestId>,
    /// Of a drill: milliseconds from the signature to the durable file.
    pub file_ms: Option<u64>,
    /// Of a drill: milliseconds from the signature to the committed entry.
    pub entry_ms: Option<u64>,
    /// Why the ledger, or the directory, did not take it.
    pub trouble: Vec<String>,
    /// The next possible command.
    pub next: String,
}

/// What came of a halt.
#[derive(Debug)]
pub enum Outcome {
    /// Given; the receipt.
    Given(Box<HaltJson>),
    /// Written out, to be signed elsewhere.
    Written(Made),
}

/// The ledger as far as it can be reached.
enum Reach {
    /// It can be written.
    Writes(Box<Desk>),
    /// It can be read only, and why.
    Reads(Box<Desk>, Failure),
    /// Not even that; what the host last knew.
    Gone(Known, Failure),
}

/// Halts.
///
/// # Errors
/// When the key is nobody's or may not halt, or neither directory nor ledger took the statement.
pub async fn halt(
    host: &Host<'_>,
    order: &Halt,
    how: &How,
    world: World<'_>,
) -> Result<Outcome, Failure> {
    let mut reach = reach(host).await?;
    let made = word(&reach, host, order, how, world)?;
    let signed = match made {
        Made::Signed(signed) => signed,
        made @ Made::Written { .. } => return Ok(Outcome::Written(made)),
    };
    let begin = host.clock.now();
    if let Reach::Writes(desk) | Reach::Reads(desk, _) = &mut reach
        && let Err(ChainError::Refused(refusal)) = desk.chain().submit((*signed).clone())
    {
        // Nothing is written for who may not halt, but the refusal.
        return match &mut reach {
            Reach::Writes(desk) => submit(desk, &signed, Follow::Nothing, &[])
                .await
                .and(Err(failures::refused(&refusal))),
            Reach::Reads(..) | Reach::Gone(..) => Err(failures::refused(&refusal)),
        };
    }
    signed
        .check_signatures()
        .map_err(|e| failures::refused(&e))?;
    let mut receipt = receipt(&signed, order);
    match host.dir.write(&signed) {
        Ok(file) => receipt.file = Some(file),
        Err(e) => receipt
            .trouble
            .push(format!("the halt directory took nothing: {e}")),
    }
    let file_ms = millis(begin, host.clock.now());
    match reach {
        Reach::Writes(desk) => {
            let measure = (begin, file_ms, host.clock);
            record(*desk, &signed, &mut receipt, measure).await;
        }
        Reach::Reads(_, failure) | Reach::Gone(_, failure) => {
            receipt.trouble.push(said(&failure));
        }
    }
    if receipt.recorded || receipt.file.is_some() {
        return Ok(Outcome::Given(Box::new(receipt)));
    }
    let text = format!("nothing took the halt: {}", receipt.trouble.join("; "));
    Err(Failure::new(Exit::Unreachable, "halt.lost", text)
        .hint("free space, or name another ledger or folder; then halt again"))
}

async fn reach(host: &Host<'_>) -> Result<Reach, Failure> {
    let failure = match Desk::write(host.ledger, host.when.clone()).await {
        Ok(mut desk) => {
            // A trust file may name another directory than the one beside the ledger. What cannot
            // be recorded now keeps nobody from halting.
            let _flushed = flush(&mut desk, host.dir).await;
            return Ok(Reach::Writes(Box::new(desk)));
        }
        // A wrong --now is the caller's to mend.
        Err(failure) if failure.slug.starts_with("now.") => return Err(failure),
        Err(failure) => failure,
    };
    if let Ok(desk) = Desk::read(host.ledger, host.when.clone()).await {
        return Ok(Reach::Reads(Box::new(desk), failure));
    }
    // What is known is kept beside the ledger, where every writer can put it.
    let beside = HaltDir::of_host(host.ledger);
    match host.dir.known().or_else(|| beside.known()) {
        Some(known) => Ok(Reach::Gone(known, failure)),
        None => Err(failure),
    }
}

fn word(
    reach: &Reach,
    host: &Host<'_>,
    order: &Halt,
    how: &How,
    world: World<'_>,
) -> Result<Made, Failure> {
    let World { entropy, show } = world;
    let act = Act::Safety(Box::new(SafetyAct::Halt(order.clone())));
    let Some(keys) = publics_of(how)? else {
        let made = read_back(how)?;
        return match &made {
            Made::Signed(signed) if signed.statement.act == act => Ok(made),
            _ => Err(Failure::new(
                Exit::Usage,
                "statement.other",
                "the statement says something else than this command would",
            )
            .hint("repeat the words of the command that wrote the statement")),
        };
    };
    let statement = match reach {
        Reach::Writes(desk) | Reach::Reads(desk, _) => {
            let signers = signers(&desk.state, &keys, &ROLES)?;
            compose_by(desk, act, signers, entropy)?
        }
        Reach::Gone(known, _) => {
            let mut bytes = [0; 16];
            entropy.fill(&mut bytes).map_err(|e| {
                Failure::from_error(Exit::Internal, "entropy", "could not draw a nonce", &e)
            })?;
            from_memory(known, act, &keys, host.when.clone(), hex::encode(bytes))?
        }
    };
    make(&statement, how, show)
}

/// The statement as far as the host remembers the ledger.
fn from_memory(
    known: &Known,
    act: Act,
    keys: &[PublicKey],
    when: When,
    nonce: String,
) -> Result<Statement, Failure> {
    let [key] = keys else {
        let text = format!("one person signs this, {} keys were given", keys.len());
        return Err(Failure::new(Exit::Usage, "usage.keys", text));
    };
    let key = key.fingerprint();
    let stranger = || {
        let text = format!("the key {key} is not among the keys that this host remembers");
        Failure::new(Exit::NotAuthorised, "unknown-key", text)
    };
    let held = known.signers.iter().find(|s| s.key == key);
    let held = held.ok_or_else(stranger)?;
    let role = ROLES.iter().find(|role| held.roles.contains(role));
    let role = role.ok_or_else(|| {
        let text = format!("`{}` holds no role that halts", held.person);
        Failure::new(Exit::NotAuthorised, "act-not-for-role", text)
    })?;
    let now = when.chosen.unwrap_or(when.clock);
    Ok(Statement {
        act,
        ledger: known.ledger.clone(),
        head: known.head,
        signer: Signer {
            person: held.person.clone(),
            role: role.to_string(),
            key,
        },
        cosigners: Vec::new(),
        issued_at: now,
        expires_at: now.plus_millis(SUBMIT_HOURS * 3_600_000),
        nonce,
    })
}

fn receipt(signed: &Signed, order: &Halt) -> HaltJson {
    HaltJson {
        schema: "promote/halt/v1",
        scope: order.scope.clone(),
        reason: order.reason.clone(),
        drill: order.drill,
        recorded: false,
        file: None,
        statement_sha256: signed.digest,
        seq: None,
        leaf: None,
        note: None,
        invalidated: Vec::new(),
        file_ms: None,
        entry_ms: None,
        trouble: Vec::new(),
        next: "promote halt --flush".to_owned(),
    }
}

/// Appends the entry; what goes wrong is told in the receipt.
async fn record(
    mut desk: Desk,
    signed: &Signed,
    receipt: &mut HaltJson,
    (begin, file_ms, clock): (UtcTime, u64, &dyn Clock),
) {
    let ended = |desk: &Desk| -> Vec<RequestId> {
        let all = desk.state.requests.iter();
        all.filter(|(_, r)| r.status == Status::Invalidated)
            .map(|(id, _)| id.clone())
            .collect()
    };
    let before = ended(&desk);
    let written = match submit(&mut desk, signed, Follow::Nothing, &[]).await {
        Ok(written) => written,
        Err(failure) => {
            receipt.trouble.push(said(&failure));
            return;
        }
    };
    receipt.recorded = true;
    receipt.seq = written.first().map(|e| e.seq);
    receipt.leaf = written.first().map(|e| e.leaf_hash);
    receipt.invalidated = ended(&desk);
    receipt.invalidated.retain(|id| !before.contains(id));
    let entry_ms = millis(begin, clock.now());
    if let (true, Some(halt)) = (receipt.drill, receipt.leaf) {
        receipt.file_ms = Some(file_ms);
        receipt.entry_ms = Some(entry_ms);
        let measured = Drill {
            halt,
            file_ms,
            entry_ms,
        };
        let done = super::act::engine_act(&mut desk, Command::Drill(measured), &[]).await;
        if let Err(failure) = done {
            receipt.trouble.push(said(&failure));
        }
    }
    receipt.next = match receipt.drill {
        true => "promote status".to_owned(),
        false => super::next::after(&desk, &written),
    };
    receipt.note = desk.checkpoint_note().ok();
    if let Err(failure) = desk.close().await {
        receipt.trouble.push(said(&failure));
    }
}

fn millis(from: UtcTime, to: UtcTime) -> u64 {
    u64::try_from(to.millis_since(from)).unwrap_or(0)
}

fn said(failure: &Failure) -> String {
    let mut text = failure.message.clone();
    for cause in &failure.causes {
        text.push_str(": ");
        text.push_str(cause);
    }
    visible(&text, 400)
}
