//! The halt directory: signed halts lie here before the ledger has them.
//!
//! In: the path of a ledger. Out: statements in files that are named after their digest, and what
//! the host last knew about the ledger, so that a halt can be worded while the ledger is locked,
//! broken or gone. A file is written whole and durably, and is never changed or removed here. However
//! much else lies there, every halt is found: names are looked at first, files that cannot be a halt
//! are not opened or not read to the end, and of those without one only a number is kept.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::adapters::host::durable;
use crate::governance::audit::entry::Head;
use crate::governance::policy::roles::Role;
use crate::governance::promotion::event::Signed;
use crate::governance::promotion::safety::{self, SafetyAct};
use crate::governance::promotion::state::State;
use crate::governance::promotion::statement::SignedBody;
use crate::kernel::canonical::{self, DOCUMENT_MAX_BYTES};
use crate::kernel::id::PersonId;
use crate::kernel::pubkey::Fingerprint;

const KNOWN: &str = "known.json";
const SCHEMA: &str = "promote/known-ledger/v1";
/// Most bytes that a halt has: a reason has 4096 at most.
const HALT_MAX_BYTES: u64 = 65_536;
/// Most files without a halt that are named one by one.
const NAMED_MAX: usize = 100;

/// A halt directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HaltDir(PathBuf);

/// What the host last knew about its ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    schema: String,
    /// Origin of the ledger.
    pub ledger: String,
    /// A head of it.
    pub head: Head,
    /// Who may sign.
    pub signers: Vec<KnownSigner>,
}

/// A key and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownSigner {
    /// Key.
    pub key: Fingerprint,
    /// Person.
    pub person: PersonId,
    /// Roles.
    pub roles: Vec<Role>,
}

/// A file in the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lying {
    /// Its name.
    pub name: String,
    /// The signed halt in it; none where it is something else.
    pub signed: Option<Box<Signed>>,
    /// Why nobody knows what it is: it could not be read.
    pub unread: Option<String>,
}

impl HaltDir {
    /// The directory at `path`, as a trust file names it.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The directory of a sandbox host: `halt/` beside the ledger.
    #[must_use]
    pub fn of_host(ledger: &Path) -> Self {
        Self(ledger.with_file_name("halt"))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a signed halt, durably, and gives the file. Writing it again changes nothing.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write(&self, signed: &Signed) -> std::io::Result<PathBuf> {
        let file = self.0.join(format!("halt-{}.json", signed.digest));
        let bytes = canonical::encode(&signed.body).map_err(std::io::Error::other)?;
        durable::create_private_dir(&self.0)?;
        durable::write_file(&file, &bytes)?;
        Ok(file)
    }

    /// Every halt in the directory, in the order in which they were signed; what is no halt comes
    /// last, beyond the first hundred as a number. A file that cannot be read hides no other. A
    /// directory that is not there is empty.
    ///
    /// # Errors
    /// When the directory cannot be listed.
    pub fn read(&self) -> std::io::Result<Vec<Lying>> {
        let listed = match std::fs::read_dir(&self.0) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let mut lying: Vec<Lying> = Vec::new();
        let (mut others, mut more) = (0_usize, 0_usize);
        for entry in listed {
            let Some(found) = look_at(&entry?) else {
                continue;
            };
            if found.signed.is_none() && found.unread.is_none() {
                others += 1;
            }
            match others > NAMED_MAX && found.signed.is_none() && found.unread.is_none() {
                true => more += 1,
                false => lying.push(found),
            }
        }
        if more > 0 {
            lying.push(Lying {
                name: format!("{more} more files"),
                signed: None,
                unread: None,
            });
        }
        lying.sort_by_key(|file| {
            let issued = file.signed.as_ref().map(|s| s.statement.issued_at);
            (issued.is_none(), issued, file.name.clone())
        });
        Ok(lying)
    }

    /// Keeps what a halt without a ledger needs. A host that cannot write it goes on without.
    pub fn remember(&self, state: &State, head: Head) {
        let known = Known {
            schema: SCHEMA.to_owned(),
            ledger: state.ledger.clone(),
            head,
            signers: signers(state),
        };
        let same = self
            .known()
            .is_some_and(|old| old.ledger == known.ledger && old.signers == known.signers);
        if same {
            return;
        }
        if let Ok(bytes) = canonical::encode(&known) {
            let made = durable::create_private_dir(&self.0);
            let _kept = made.and_then(|()| durable::write_file(&self.0.join(KNOWN), &bytes));
        }
    }

    /// What the host last knew.
    #[must_use]
    pub fn known(&self) -> Option<Known> {
        let bytes = small(&self.0.join(KNOWN), DOCUMENT_MAX_BYTES as u64).ok()??;
        let known: Known = canonical::decode(&bytes, DOCUMENT_MAX_BYTES).ok()?;
        (known.schema == SCHEMA).then_some(known)
    }
}

fn signers(state: &State) -> Vec<KnownSigner> {
    let keys = state.keys.iter().filter_map(|(key, held)| {
        let person = state.persons.get(&held.person)?;
        Some(KnownSigner {
            key: key.clone(),
            person: held.person.clone(),
            roles: person.roles.iter().copied().collect(),
        })
    });
    keys.collect()
}

/// The bytes of a file that has at most `max` of them.
fn small(path: &Path, max: u64) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    // It may grow while it is read.
    std::fs::File::open(path)?
        .take(max.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= max).then_some(bytes))
}

/// What lies there under the name of a halt; none for anything else. Neither a link nor a folder
/// nor a pipe is opened.
fn look_at(entry: &std::fs::DirEntry) -> Option<Lying> {
    let name = entry.file_name().to_string_lossy().into_owned();
    if !(name.starts_with("halt-") && name.ends_with(".json")) {
        return None;
    }
    let read = match entry.file_type() {
        Ok(kind) if !kind.is_file() => return None,
        Ok(_) => read_halt(&entry.path()),
        Err(error) => Err(error),
    };
    let (signed, unread) = match read {
        Ok(signed) => (signed, None),
        Err(error) => (None, Some(error.to_string())),
    };
    Some(Lying {
        name,
        signed,
        unread,
    })
}

fn read_halt(path: &Path) -> std::io::Result<Option<Box<Signed>>> {
    let Some(bytes) = small(path, HALT_MAX_BYTES)? else {
        return Ok(None);
    };
    let body: Option<SignedBody> = canonical::decode(&bytes, DOCUMENT_MAX_BYTES).ok();
    let signed = body.and_then(|body| Signed::read(body).ok());
    Ok(signed
        .filter(|s| matches!(safety::of(&s.statement.act), Some(SafetyAct::Halt(_))))
        .map(Box::new))
}
