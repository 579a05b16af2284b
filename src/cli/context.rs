//! What a command gets besides its own flags: the world, and the global flags resolved.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::args::{Global, Lang};
use super::pasted::located;
use crate::adapters::host::machine::Machine;
use crate::adapters::host::{Clock, Entropy, durable};
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::workspace::Workspace;
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;
use crate::render::layout::{WIDTH_DEFAULT, WIDTH_MIN};

/// The world as values: everything that a command may touch outside files.
pub struct Ports<'a> {
    /// Results.
    pub out: &'a mut dyn Write,
    /// Everything else.
    pub err: &'a mut dyn Write,
    /// Answers to prompts.
    pub input: &'a mut dyn Read,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Randomness.
    pub entropy: &'a mut dyn Entropy,
    /// This machine: its name, the running program, what it trusts.
    pub machine: &'a dyn Machine,
    /// Current folder.
    pub cwd: PathBuf,
    /// Environment variables; none of them sets the time or holds a secret.
    pub environment: BTreeMap<String, String>,
    /// True when a person sits at a terminal.
    pub terminal: bool,
    /// How many columns the terminal has; none where there is none.
    pub width: Option<usize>,
}

/// Ports and global flags together.
pub struct Context<'a, 'p> {
    /// The world.
    pub ports: &'a mut Ports<'p>,
    /// The global flags.
    pub global: &'a Global,
}

impl<'a, 'p> Context<'a, 'p> {
    /// Joins flags and ports.
    pub fn new(global: &'a Global, ports: &'a mut Ports<'p>) -> Self {
        Self { ports, global }
    }

    /// `path` below the current folder, unless absolute.
    #[must_use]
    pub fn path(&self, path: &Path) -> PathBuf {
        self.ports.cwd.join(path)
    }

    /// The workspace: `--root`, or the nearest one above the current folder.
    ///
    /// # Errors
    /// Exit 3 when there is none.
    pub fn workspace(&self) -> Result<Workspace, Failure> {
        let found = match &self.global.root {
            Some(root) => {
                let root = self.path(root);
                Workspace::is_at(&root).then_some(Workspace { root })
            }
            None => Workspace::find(&self.ports.cwd),
        };
        found.ok_or_else(|| {
            Failure::new(
                Exit::Invalid,
                "workspace.missing",
                "no workspace here: a folder with config/config.toml and policies/ is wanted",
            )
            .hint("make one with `promote init DIR --sandbox`, or name one with --root DIR")
        })
    }

    /// The workspace if there is one; without, says on stderr that the embedded defaults are used.
    ///
    /// # Errors
    /// When `--root` names something that is no workspace.
    pub fn workspace_or_defaults(&mut self) -> Result<Option<Workspace>, Failure> {
        if self.global.root.is_none() && Workspace::find(&self.ports.cwd).is_none() {
            self.say("note: no workspace here, using the embedded defaults");
            return Ok(None);
        }
        self.workspace().map(Some)
    }

    /// The path of the SQLite file that `--ledger` or the workspace names.
    ///
    /// # Errors
    /// Exit 2 for an unsupported URL, exit 3 without a workspace.
    pub fn ledger_path(&self) -> Result<PathBuf, Failure> {
        match &self.global.ledger {
            None => Ok(self.workspace()?.resolve(Path::new("ledger/ledger.db"))),
            Some(url) => match url.strip_prefix("sqlite:") {
                Some(path) if !path.is_empty() => Ok(self.path(Path::new(path))),
                _ => Err(Failure::new(
                    Exit::Usage,
                    "ledger.url",
                    format!(
                        "`{}` is not a ledger that this build opens",
                        crate::kernel::text::visible(url, 80)
                    ),
                )
                .hint("write --ledger sqlite:PATH")),
            },
        }
    }

    /// The explicit `--now`, if given; the ledger decides whether it may be used.
    ///
    /// # Errors
    /// Exit 2 when it is no time.
    pub fn explicit_now(&self) -> Result<Option<UtcTime>, Failure> {
        match &self.global.now {
            None => Ok(None),
            Some(text) => UtcTime::parse_loose(text)
                .map(Some)
                .map_err(|e| Failure::from_error(Exit::Usage, "usage.now", "", &e)),
        }
    }

    /// How wide tables and texts may be: `COLUMNS`, else the terminal's width, else 80.
    #[must_use]
    pub fn width(&self) -> usize {
        let said = self.ports.environment.get("COLUMNS");
        let said = said.and_then(|columns| columns.parse::<usize>().ok());
        let width = said.or(self.ports.width).unwrap_or(WIDTH_DEFAULT);
        width.max(WIDTH_MIN)
    }

    /// Language of exported documents; German by default, as the playbook.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.global.lang.unwrap_or(Lang::De)
    }

    /// Writes a result to stdout; the commands that it tells repeat `--root` and `--ledger`.
    ///
    /// # Errors
    /// When stdout is broken; a closed pipe is not an error.
    pub fn print(&mut self, text: &str) -> Result<(), Failure> {
        self.print_exactly(&located(text, self.global))
    }

    /// Writes a document to stdout as it is.
    ///
    /// # Errors
    /// When stdout is broken; a closed pipe is not an error.
    pub fn print_exactly(&mut self, text: &str) -> Result<(), Failure> {
        match self.ports.out.write_all(text.as_bytes()) {
            Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::from_error(
                Exit::Internal,
                "io",
                "could not write to stdout",
                &e,
            )),
            _ => Ok(()),
        }
    }

    /// Writes a document to the file `path`, and says so.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_out(&mut self, path: &Path, text: &str) -> Result<(), Failure> {
        durable::write_file(path, text.as_bytes()).map_err(|e| failure::io("write", path, &e))?;
        let shown = visible(&path.display().to_string(), 200);
        self.say(&format!("written: {shown}"));
        Ok(())
    }

    /// Writes a document to the file that was named, or else to stdout.
    ///
    /// # Errors
    /// As [`Context::print`] and [`Context::write_out`].
    pub fn print_or_write(&mut self, out: Option<&Path>, text: &str) -> Result<(), Failure> {
        match out {
            None => self.print_exactly(text),
            Some(out) => self.write_out(&self.path(out), text),
        }
    }

    /// Writes a JSON document and a line feed to stdout.
    ///
    /// # Errors
    /// When stdout is broken or the value cannot be written as JSON.
    pub fn print_json<T: serde::Serialize>(&mut self, value: &T) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|e| Failure::from_error(Exit::Internal, "json", "could not write JSON", &e))?;
        self.print_exactly(&format!("{text}\n"))
    }

    /// Writes a message to stderr, its commands as in [`Context::print`]; a broken stderr is not worth
    /// failing for.
    pub fn say(&mut self, line: &str) {
        let line = located(line, self.global);
        let _written = writeln!(self.ports.err, "{line}");
    }
}
