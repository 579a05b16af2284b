//! The desk: a ledger opened, verified and folded, with the time to act at.
//!
//! In: the path of a ledger, the host's clock, perhaps a chosen time. Out: entries, the state at
//! that time, the head. Writing goes through [`Desk::append`]: one transaction that fails if
//! anybody wrote in between.
//!
//! How a ledger is read says `desk/look.rs`, what keeps risk from rising `desk/rising.rs`, with
//! what the host signs `desk/machine_keys.rs`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::halt_dir::HaltDir;
use super::{failures, halting};
use crate::adapters::ledger::{Access, Ledger};
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::governance::audit::entry::{Entry, Head};
use crate::governance::audit::tree::Frontier;
use crate::governance::policy::set::PolicySet;
use crate::governance::promotion::chain::Chain;
use crate::governance::promotion::clock::Off;
use crate::governance::promotion::expiry::settle;
use crate::governance::promotion::state::{RequestRecord, State};
use crate::governance::promotion::view::View;
use crate::kernel::id::RequestId;
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;
use look::look;
use machine_keys::machine_key;

mod blobs;
mod look;
mod machine_keys;
mod rising;

pub use blobs::Kept;
pub(super) use look::moment;
pub use machine_keys::machine_key_path;

/// When and on what host a command acts.
#[derive(Debug, Clone)]
pub struct When {
    /// Host clock.
    pub clock: UtcTime,
    /// `--now`.
    pub chosen: Option<UtcTime>,
    /// The halt directory that the host's trust file names, beside the one of the ledger.
    pub halts: Option<PathBuf>,
}

/// A folded ledger.
#[derive(Debug)]
pub struct Desk {
    ledger: Ledger,
    path: PathBuf,
    when: When,
    /// Every entry.
    pub entries: Vec<Entry>,
    /// The fold of the entries alone: what the next entry is decided on.
    pub folded: State,
    /// The fold with everything that is due by `now`: what is shown.
    pub state: State,
    /// Now.
    pub now: UtcTime,
    /// How the host's clock is off, if it is by too much.
    pub off: Option<Off>,
    /// Risk and ops acknowledge the clock: it is taken as it is.
    trusted: bool,
    writes: bool,
    frontier: Frontier,
    /// What lies in a halt directory and cannot be read, or was refused with a valid signature.
    unread: Option<String>,
    /// Sets that are about to be published.
    drafts: Vec<Arc<PolicySet>>,
}

/// How often halts are recorded again because somebody else wrote first.
const TRIES_MAX: usize = 20;

impl Desk {
    /// Opens the ledger at `path` for reading.
    ///
    /// # Errors
    /// When there is none, it does not verify, or the time is not acceptable.
    pub async fn read(path: &Path, when: When) -> Result<Self, Failure> {
        Self::open(path, Access::Read, when).await
    }

    /// Opens the ledger at `path` for appending.
    ///
    /// # Errors
    /// As [`Desk::read`]; also when the log key cannot be read.
    pub async fn write(path: &Path, when: When) -> Result<Self, Failure> {
        let named = when.halts.clone();
        let mut desk = Self::write_without_flush(path, when).await?;
        // Halts that the ledger could not take when they were signed come before anything else.
        desk.flush(&HaltDir::of_host(path)).await?;
        if let Some(directory) = &named {
            desk.flush(&HaltDir::at(directory)).await?;
        }
        Ok(desk)
    }

    /// Records what lies in a halt directory. What cannot be read there, or is refused although a
    /// key of this ledger signed it, keeps nobody from lowering risk: it is remembered, and nothing
    /// rises meanwhile.
    async fn flush(&mut self, dir: &HaltDir) -> Result<(), Failure> {
        for _ in 0..TRIES_MAX {
            match halting::flush(self, dir).await {
                Ok(flushed) => {
                    let unread = flushed.files.iter().find(|file| file.unread);
                    if let Some(file) = unread {
                        let why = file.refused.as_deref().unwrap_or_default();
                        let text = format!("`{}`: {why}", dir.path().join(&file.file).display());
                        self.unread.get_or_insert(visible(&text, 400));
                    }
                    return Ok(());
                }
                Err(failure) if failure.slug == failures::MOVED => self.refresh().await?,
                Err(failure) if failure.slug == failure::IO => {
                    self.unread.get_or_insert(failure.message);
                    return Ok(());
                }
                Err(failure) => return Err(failure),
            }
        }
        let text = "others wrote to the ledger all the time";
        Err(Failure::new(Exit::Unreachable, "ledger.busy", text).hint("try again"))
    }

    /// The same, leaving alone what lies in the halt directory.
    ///
    /// # Errors
    /// As [`Desk::write`].
    pub async fn write_without_flush(path: &Path, when: When) -> Result<Self, Failure> {
        if path.symlink_metadata().is_err() {
            return Self::read(path, when).await;
        }
        let log = machine_key(path, "log")?;
        Self::open(path, Access::Write(Box::new(log)), when).await
    }

    async fn open(path: &Path, access: Access, when: When) -> Result<Self, Failure> {
        let writes = matches!(access, Access::Write(_));
        let ledger = Ledger::open(path, access)
            .await
            .map_err(|e| failures::ledger(&e))?;
        Self::over(ledger, path, when, writes).await
    }

    /// Folds a ledger that was opened for reading.
    ///
    /// # Errors
    /// As [`Desk::read`].
    pub async fn on(ledger: Ledger, path: &Path, when: When) -> Result<Self, Failure> {
        Self::over(ledger, path, when, false).await
    }

    async fn over(
        mut ledger: Ledger,
        path: &Path,
        when: When,
        writes: bool,
    ) -> Result<Self, Failure> {
        let seen = look(&mut ledger, &when, !writes).await?;
        Ok(Self {
            ledger,
            path: path.to_owned(),
            when,
            entries: seen.entries,
            folded: seen.folded,
            state: seen.state,
            now: seen.now,
            off: seen.off,
            trusted: false,
            writes,
            frontier: seen.frontier,
            unread: None,
            drafts: Vec::new(),
        })
    }

    /// Makes a set known that the next entry publishes.
    pub fn learn(&mut self, set: Arc<PolicySet>) {
        let digest = set.digest();
        for state in [&mut self.folded, &mut self.state] {
            state.oversight.known.insert(digest, Arc::clone(&set));
        }
        self.drafts.push(set);
    }

    /// Reads again, with what others have written meanwhile.
    ///
    /// # Errors
    /// As [`Desk::read`].
    pub async fn refresh(&mut self) -> Result<(), Failure> {
        let seen = look(&mut self.ledger, &self.when, self.trusted || !self.writes).await?;
        self.entries = seen.entries;
        self.folded = seen.folded;
        self.state = seen.state;
        self.now = seen.now;
        self.off = seen.off;
        self.frontier = seen.frontier;
        for set in std::mem::take(&mut self.drafts) {
            self.learn(set);
        }
        Ok(())
    }

    /// The present head.
    #[must_use]
    pub fn head(&self) -> Head {
        Head {
            size: self.frontier.size(),
            root: self.frontier.root(),
        }
    }

    /// Where the ledger lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The signed checkpoint over the entries.
    ///
    /// # Errors
    /// Never for an open desk.
    pub fn checkpoint_note(&self) -> Result<String, Failure> {
        self.ledger
            .checkpoint_note()
            .map_err(|e| failures::ledger(&e))
    }

    /// Closes the database, which takes the files of its write-ahead log away.
    ///
    /// # Errors
    /// When the database reports one.
    pub async fn close(self) -> Result<(), Failure> {
        self.ledger.close().await.map_err(|e| failures::ledger(&e))
    }

    /// Closes the database and gives what is shown: the settled state, its head, now.
    ///
    /// # Errors
    /// When the database reports one.
    pub async fn into_shown(self) -> Result<(State, Head, UtcTime), Failure> {
        let (head, now) = (self.head(), self.now);
        self.ledger
            .close()
            .await
            .map_err(|e| failures::ledger(&e))?;
        Ok((self.state, head, now))
    }

    /// Takes a clock that lies ahead as it is: for its acknowledgement only.
    ///
    /// # Errors
    /// As [`Desk::refresh`].
    pub async fn trust_clock(&mut self) -> Result<(), Failure> {
        self.trusted = true;
        self.refresh().await
    }

    /// The host's clock.
    #[must_use]
    pub fn clock(&self) -> UtcTime {
        self.when.clock
    }

    /// A request by id.
    ///
    /// # Errors
    /// Exit 7 when there is none.
    pub fn request(&self, id: &RequestId) -> Result<&RequestRecord, Failure> {
        self.state.requests.get(id).ok_or_else(|| {
            let request = id.clone();
            failures::refused(
                &crate::governance::promotion::refusal::Refusal::UnknownRequest { request },
            )
        })
    }

    /// An empty chain on the present head.
    #[must_use]
    pub fn chain(&self) -> Chain {
        Chain::new(self.folded.clone(), self.frontier.clone(), self.now)
    }

    /// Appends what the chain holds, with `blobs`, and the decisions that nothing stands in the way
    /// of any more; the desk then shows the state after it.
    ///
    /// # Errors
    /// When somebody wrote in between, or it cannot be stored; then nothing was written.
    pub async fn append(
        &mut self,
        mut chain: Chain,
        blobs: &[Vec<u8>],
    ) -> Result<Vec<Entry>, Failure> {
        self.decide_ready(&mut chain)?;
        let written = self
            .ledger
            .append(self.frontier.size(), &chain.drafts, blobs)
            .await
            .map_err(|e| failures::ledger(&e))?;
        for entry in &written {
            self.frontier.append(entry.leaf_hash);
        }
        self.entries.extend(written.iter().cloned());
        self.folded = chain.state;
        self.state = self.folded.clone();
        settle(&mut self.state, self.now);
        HaltDir::of_host(&self.path).remember(&self.state, self.head());
        self.keep_view();
        Ok(written)
    }

    /// Decides in the same transaction what has nothing missing after the entries of `chain`. While
    /// nothing may rise, or without the engine's key, that waits for a later write.
    fn decide_ready(&self, chain: &mut Chain) -> Result<(), Failure> {
        let (Ok(()), Ok(engine)) = (self.raises_risk(), self.engine()) else {
            return Ok(());
        };
        let sign = |namespace: &str, bytes: &[u8]| engine.sign(namespace, bytes);
        let decided = chain.decide_ready(engine.public(), &sign);
        decided.map_err(|e| failures::chain(&e))
    }

    /// Leaves beside the ledger what is shown of it. A host that cannot write it goes on without:
    /// then every entry is folded.
    fn keep_view(&self) {
        if let Some(Ok(bytes)) = View::of(&self.folded).map(|view| view.encode()) {
            let _kept = self.ledger.keep_view(&bytes);
        }
    }
}
