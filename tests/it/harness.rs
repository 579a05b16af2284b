//! `World`: a temporary folder, a fixed clock that advances one second per command, fixed
//! randomness, no environment. Commands run in process.

#![allow(dead_code, reason = "each test file uses its own part of the harness")]

use std::cell::Cell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use promote::adapters::host::machine::{Machine, TrustFileError};
use promote::adapters::host::{Clock, Entropy};
use promote::app::exit::Exit;
use promote::cli::context::Ports;
use promote::governance::token::trust::Trust;
use promote::kernel::digest::Digest;
use promote::kernel::time::UtcTime;

/// What a command answered.
#[derive(Debug)]
pub struct Answer {
    pub out: String,
    pub err: String,
    pub exit: Exit,
}

impl Answer {
    /// Panics with the whole answer unless the command ended as wanted.
    #[track_caller]
    pub fn expect(self, exit: Exit) -> Self {
        assert_eq!(
            self.exit, exit,
            "stdout:\n{}\nstderr:\n{}",
            self.out, self.err
        );
        self
    }

    /// The answer's stdout as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|e| panic!("{e}\n{}\n{}", self.out, self.err))
    }
}

/// Who asked for JSON gets one document, or none.
#[track_caller]
fn one_document(args: &[&str], out: &str) {
    let documents = serde_json::Deserializer::from_str(out).into_iter::<serde_json::Value>();
    let count = documents.take_while(Result::is_ok).count();
    assert!(count <= 1, "promote {args:?} printed {count} documents");
}

/// A throw-away world.
pub struct World {
    dir: tempfile::TempDir,
    now_ms: Cell<i64>,
    draws: u64,
    pub terminal: bool,
    /// Columns of the terminal, where there is one.
    pub width: Option<usize>,
    /// What the host is and trusts.
    pub machine: FixedMachine,
}

/// A machine as a value; its program is always the same.
pub struct FixedMachine {
    pub name: String,
    pub trust: Trust,
}

impl Machine for FixedMachine {
    fn name(&self) -> std::io::Result<String> {
        Ok(self.name.clone())
    }
    fn build(&self) -> std::io::Result<Digest> {
        Ok(Digest::of(b"promote"))
    }
    fn trust(&self) -> Result<Trust, TrustFileError> {
        Ok(self.trust.clone())
    }
}

struct FixedClock(UtcTime);

impl Clock for FixedClock {
    fn now(&self) -> UtcTime {
        self.0
    }
}

struct CountedEntropy<'a>(&'a mut u64);

impl Entropy for CountedEntropy<'_> {
    fn fill(&mut self, bytes: &mut [u8]) -> std::io::Result<()> {
        for chunk in bytes.chunks_mut(32) {
            *self.0 += 1;
            let digest = Digest::of(&self.0.to_be_bytes());
            chunk.copy_from_slice(&digest.as_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

impl World {
    /// An empty folder at 2025-12-15T08:00:00Z.
    pub fn new() -> Self {
        let now = UtcTime::parse_loose("2025-12-15T08:00:00Z").unwrap();
        let dir = tempfile::tempdir().unwrap();
        Self {
            dir,
            now_ms: Cell::new(now.millis()),
            draws: 0,
            terminal: false,
            width: None,
            machine: FixedMachine {
                name: "trading-1.example".to_owned(),
                trust: Trust::Sandbox,
            },
        }
    }

    /// A copy of the whole folder, to go on from here in another way.
    pub fn copy(&self) -> Self {
        let dir = tempfile::tempdir().unwrap();
        copy_tree(self.path(), dir.path()).unwrap();
        Self {
            dir,
            now_ms: self.now_ms.clone(),
            draws: self.draws,
            terminal: self.terminal,
            width: self.width,
            machine: FixedMachine {
                name: self.machine.name.clone(),
                trust: self.machine.trust.clone(),
            },
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A path in the folder.
    pub fn at(&self, relative: &str) -> PathBuf {
        self.dir.path().join(relative)
    }

    /// Writes a file below the folder.
    pub fn write(&self, relative: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.at(relative);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Moves the clock.
    pub fn advance_hours(&self, hours: i64) {
        self.now_ms.set(self.now_ms.get() + hours * 3_600_000);
    }

    /// Runs `promote ARGS…` in the folder.
    pub fn run(&mut self, args: &[&str]) -> Answer {
        let here = self.path().to_owned();
        self.run_in(&here, args, "")
    }

    /// Runs `promote ARGS…` in `cwd`, with `input` on stdin.
    pub fn run_in(&mut self, cwd: &Path, args: &[&str], input: &str) -> Answer {
        self.now_ms.set(self.now_ms.get() + 1000);
        let answer = self.run_now(cwd, args, input);
        self.every_ledger_is_closed(args);
        if args.contains(&"--json") {
            one_document(args, &answer.out);
        }
        crate::pasteable::every_command_is_taken(args, &[&answer.out, &answer.err]);
        if args.iter().any(|word| ["status", "inbox"].contains(word)) {
            self.views_show_the_same(cwd, args, &answer);
        }
        answer
    }

    /// What is shown is the same with the kept view and without it, now and months later.
    fn views_show_the_same(&mut self, cwd: &Path, args: &[&str], shown: &Answer) {
        let mut views = Vec::new();
        of_ledgers(self.path(), 3, &mut views);
        views.retain(|file| file.extension().is_some_and(|end| end == "view"));
        if views.is_empty() {
            return;
        }
        let said = |answer: &Answer| (answer.exit, answer.out.clone(), answer.err.clone());
        let folded = self.without(&views, cwd, args);
        assert_eq!(said(shown), said(&folded), "promote {args:?}");
        if args.contains(&"--now") {
            return;
        }
        let turn = self.now_ms.get() / 1000 % 2 == 0;
        let later = if turn { "2026-03-20" } else { "2027-06-01" };
        let words = [args, &["--now", later]].concat();
        let kept = self.run_now(cwd, &words, "");
        let folded = self.without(&views, cwd, &words);
        assert_eq!(said(&kept), said(&folded), "promote {words:?}");
    }

    /// The answer while `files` are away.
    fn without(&mut self, files: &[PathBuf], cwd: &Path, args: &[&str]) -> Answer {
        let aside = |file: &PathBuf| file.with_extension("aside");
        for file in files {
            std::fs::rename(file, aside(file)).unwrap();
        }
        let answer = self.run_now(cwd, args, "");
        for file in files {
            std::fs::rename(aside(file), file).unwrap();
        }
        answer
    }

    /// Runs `promote ARGS…` in the folder and checks nothing.
    pub fn run_alone(&mut self, args: &[&str]) -> Answer {
        let here = self.path().to_owned();
        self.run_now(&here, args, "")
    }

    /// Whoever opened a ledger has closed it: nothing of its write-ahead log is left.
    fn every_ledger_is_closed(&self, args: &[&str]) {
        let mut files = Vec::new();
        of_ledgers(self.path(), 3, &mut files);
        let open = |file: &&PathBuf| {
            let name = file.to_string_lossy();
            name.ends_with("-wal") || name.ends_with("-shm")
        };
        let left: Vec<_> = files.iter().filter(open).collect();
        assert!(left.is_empty(), "{left:?} after promote {args:?}");
    }

    /// The same at the present time.
    fn run_now(&mut self, cwd: &Path, args: &[&str], input: &str) -> Answer {
        let clock = FixedClock(UtcTime::from_millis(self.now_ms.get()).unwrap());
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut entropy = CountedEntropy(&mut self.draws);
        let words = std::iter::once("promote")
            .chain(args.iter().copied())
            .map(OsString::from);
        let mut ports = Ports {
            out: &mut out,
            err: &mut err,
            input: &mut input.as_bytes(),
            clock: &clock,
            entropy: &mut entropy,
            machine: &self.machine,
            cwd: cwd.to_owned(),
            environment: Default::default(),
            terminal: self.terminal,
            width: self.width,
        };
        let exit = promote::cli::run(words, &mut ports);
        Answer {
            out: String::from_utf8(out).unwrap(),
            err: String::from_utf8(err).unwrap(),
            exit,
        }
    }
}

/// Database files of ledgers, three folders deep at most.
fn of_ledgers(dir: &Path, deep: usize, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) && deep > 0 {
            of_ledgers(&path, deep - 1, found);
        } else if entry.file_name().to_string_lossy().contains(".db") {
            found.push(path);
        }
    }
}

/// Copies what is in a folder, permissions included.
fn copy_tree(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            std::fs::create_dir(&target)?;
            std::fs::set_permissions(&target, entry.metadata()?.permissions())?;
            copy_tree(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// The shared data folder beside the repository, when it is there. Tests that read it say that
/// they were skipped when it is not.
pub fn shared_data() -> Option<PathBuf> {
    // Beside the repository, or beside the folder of its worktrees.
    for beside in ["../shared/data", "../../shared/data"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(beside);
        if path.is_dir() {
            return Some(path);
        }
    }
    eprintln!("skipped: no real data beside the repository (../shared/data)");
    None
}

/// Compares `actual` with the file `relative` of the repository; with `UPDATE=1` writes it.
#[track_caller]
pub fn golden(relative: &Path, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(relative);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, actual).unwrap();
        return;
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_default();
    if wanted == actual {
        return;
    }
    let differs = wanted.lines().zip(actual.lines()).position(|(a, b)| a != b);
    let line = differs.unwrap_or_else(|| wanted.lines().count().min(actual.lines().count()));
    panic!(
        "{} differs from line {}:\n  file: {:?}\n  now:  {:?}\nread the difference, then UPDATE=1 cargo test",
        relative.display(),
        line + 1,
        wanted.lines().nth(line),
        actual.lines().nth(line)
    );
}

/// The text with every digest and every token's number replaced by the number of its first
/// appearance. What is equal stays equal; an edit of a policy file changes them and no line of this.
pub fn numbered(text: &str) -> String {
    let mut seen: Vec<String> = Vec::new();
    let mut out = String::new();
    let mut run = String::new();
    for c in text.chars().chain(['\n']) {
        if matches!(c, '0'..='9' | 'a'..='f') {
            run.push(c);
            continue;
        }
        let name = match run.len() {
            64 => "DIGEST",
            32 => "NUMBER",
            _ => "",
        };
        if !name.is_empty() {
            let at = seen.iter().position(|d| *d == run).unwrap_or_else(|| {
                seen.push(run.clone());
                seen.len() - 1
            });
            out.push_str(&format!("{name}-{}", at + 1));
        } else {
            out.push_str(&run);
        }
        run.clear();
        out.push(c);
    }
    out.pop();
    out
}
