//! `promote demo`: the whole way, narrated, in a throw-away seeded sandbox.
//!
//! Every line that begins with `$` is run through the same [`crate::cli::run`] as on a real command
//! line, in a temporary folder, with a counted instead of a random source and a fixed clock: the
//! output is the same every time. The folder is gone afterwards unless `--keep DIR` is given.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::adapters::host::{Clock, Entropy};
use crate::app::exit::Exit;
use crate::app::failure::{self, Failure};
use crate::app::written::DemoJson;
use crate::cli::context::{Context, Ports};
use crate::kernel::digest::Digest;
use crate::kernel::time::UtcTime;

/// Flags of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Keep the sandbox in this new folder instead of throwing it away
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
}

/// One step of the story.
enum Step {
    /// Plain words.
    Say(&'static str),
    /// A command with the exit code that the story expects.
    Run(&'static str, Exit),
    /// Overwrites one byte of one entry in a copy of the ledger.
    Tamper,
}

use Step::{Run, Say, Tamper};

/// The story. Commands are split at blanks; `'…'` holds a text together.
const STORY: &[Step] = &[
    Say("1. A sandbox: a ledger whose first entry says so, for good, and a key for each person."),
    Run("init . --sandbox --seed 42", Exit::Done),
    Say(
        "2. Bars. They are invented, and made to swing slowly around a mean, because that is what \
         a reversion strategy needs. On real hourly bars the same presets are refused.",
    ),
    Run(
        "data synth --symbol BTC/EUR --timeframe 1h --start 2021-01-01 --bars 34000 --seed 11 \
         --reversion 0.01 --price 20000",
        Exit::Done,
    ),
    Run(
        "data synth --symbol ETH/EUR --timeframe 1h --start 2021-01-01 --bars 34000 --seed 12 \
         --reversion 0.01 --price 1500",
        Exit::Done,
    ),
    Say("3. The researcher tests two presets: backtest, walk-forward, Monte-Carlo, stress."),
    Run(
        "robustness --portfolio-preset rsi_reversion_conservative --out evidence/conservative \
         --key keys/research-1",
        Exit::Done,
    ),
    Run(
        "robustness --portfolio-preset rsi_reversion_moderate --out evidence/moderate \
         --key keys/research-1",
        Exit::Done,
    ),
    Say(
        "4. The moderate preset asks for SHADOW. The gate recomputes every number from the series \
         and refuses; the refusal is an entry of the ledger too. Exit code 5 says REJECT.",
    ),
    Run(
        "request rsi_reversion_moderate --target shadow --evidence evidence/moderate \
         --summary 'More trades, more return, we hope.' --key keys/research-1",
        Exit::Reject,
    ),
    Say(
        "5. The conservative preset asks. The policy is satisfied; one approval is missing, exit 8.",
    ),
    Run(
        "request rsi_reversion_conservative --target shadow --evidence evidence/conservative \
         --summary 'The price reverts to its mean.' --next 'Shadow run for two weeks' \
         --report evidence/conservative --key keys/research-1",
        Exit::Pending,
    ),
    Say("6. The requester may not approve, whatever the key. Exit code 4."),
    Run(
        "approve rsi_reversion_conservative-0001 --role risk --key keys/research-1",
        Exit::NotAuthorised,
    ),
    Say("7. A risk officer looks, recomputes, and signs exactly what is shown. That decides."),
    Run("inbox --role risk", Exit::Done),
    Run(
        "approve rsi_reversion_conservative-0001 --role risk --key keys/risk-1",
        Exit::Done,
    ),
    Run("status", Exit::Done),
    Say("8. The decision log, in the playbook's template: every decision, also the refused one."),
    Run("log export --out decision_log", Exit::Done),
    Run("log export --format markdown", Exit::Done),
    Say("9. An auditor checks every row, signature and verdict."),
    Run("ledger verify", Exit::Done),
    Say(
        "10. Somebody with access to the file changes one word of the request in a copy. The same \
         check finds it. Exit code 9 beats every other.",
    ),
    Tamper,
    Run(
        "ledger verify --ledger sqlite:tampered/ledger.db",
        Exit::Integrity,
    ),
];

/// Longest line that is shown whole, in characters.
const LINE_MAX: usize = 180;

struct DemoClock;

impl Clock for DemoClock {
    fn now(&self) -> UtcTime {
        // Sandboxes take their time from their last entry; this only stamps what no ledger sees.
        UtcTime::from_millis(1_735_689_600_000).unwrap_or(UtcTime::EPOCH)
    }
}

/// The n-th draw is SHA-256(n): repeatable, and only ever used for sandbox keys and nonces.
struct DemoEntropy(u64);

impl Entropy for DemoEntropy {
    fn fill(&mut self, bytes: &mut [u8]) -> std::io::Result<()> {
        for chunk in bytes.chunks_mut(32) {
            self.0 += 1;
            let digest = Digest::of(&self.0.to_be_bytes());
            for (to, from) in chunk.iter_mut().zip(digest.as_bytes()) {
                *to = *from;
            }
        }
        Ok(())
    }
}

/// Runs the demo.
///
/// # Errors
/// When a step ends otherwise than the story says, or the temporary folder cannot be used.
pub fn run(args: &DemoArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let scratch = tempfile::Builder::new()
        .prefix("promote-demo-")
        .tempdir()
        .map_err(|e| failure::io("make", &std::env::temp_dir(), &e))?;
    let (desk, kept) = match &args.keep {
        Some(dir) => (context.path(dir), true),
        None => (scratch.path().join("desk"), false),
    };
    fs::create_dir(&desk).map_err(|e| failure::io("make", &desk, &e))?;
    let mut entropy = DemoEntropy(0);
    for step in STORY {
        match step {
            Say(text) => tell(&format!("\n{text}\n"), context)?,
            Run(line, wanted) => command(line, *wanted, &desk, &mut entropy, context)?,
            Tamper => tamper(&desk)?,
        }
    }
    if kept {
        tell("\nThe sandbox stays where you wanted it.\n", context)?;
    }
    if context.global.json {
        let ran = STORY.iter().filter(|step| matches!(step, Run(..)));
        let kept = args.keep.as_ref().map(|dir| dir.display().to_string());
        context.print_json(&DemoJson::new(kept, ran.count()))?;
    }
    Ok(Exit::Done)
}

/// The story goes to stdout, or where JSON is wanted there to stderr.
fn tell(text: &str, context: &mut Context<'_, '_>) -> Result<(), Failure> {
    if context.global.json {
        context.say(text.strip_suffix('\n').unwrap_or(text));
        return Ok(());
    }
    context.print_exactly(text)
}

fn command(
    line: &str,
    wanted: Exit,
    desk: &Path,
    entropy: &mut DemoEntropy,
    context: &mut Context<'_, '_>,
) -> Result<(), Failure> {
    tell(&format!("$ promote {line}\n"), context)?;
    let words =
        std::iter::once("promote".into()).chain(split(line).into_iter().map(OsString::from));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut ports = Ports {
        out: &mut out,
        err: &mut err,
        input: &mut std::io::empty(),
        clock: &DemoClock,
        entropy,
        machine: context.ports.machine,
        cwd: desk.to_owned(),
        environment: std::collections::BTreeMap::new(),
        terminal: false,
        width: None,
    };
    let exit = crate::cli::run(words, &mut ports);
    // Commands name files absolutely; the folder has another name every time.
    let here = format!("{}/", desk.display());
    for stream in [out, err] {
        for line in String::from_utf8_lossy(&stream).replace(&here, "").lines() {
            // Statements are one long line; their beginning is enough for a story.
            let shown: String = line.chars().take(LINE_MAX).collect();
            let cut = if shown.len() < line.len() { " …" } else { "" };
            tell(&format!("  {shown}{cut}\n"), context)?;
        }
    }
    if exit != Exit::Done {
        tell(&format!("  [exit {}]\n", exit.code()), context)?;
    }
    if exit == wanted {
        return Ok(());
    }
    let message = format!(
        "the demo's `promote {line}` ended with {}, not {}",
        exit.code(),
        wanted.code()
    );
    Err(Failure::new(Exit::Internal, "demo.step", message))
}

/// Words at blanks; `'…'` holds a text together.
fn split(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            _ => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Copies the ledger to `tampered/` and changes a word inside one stored entry, as somebody with a
/// hex editor would.
fn tamper(desk: &Path) -> Result<(), Failure> {
    let (from, to) = (
        desk.join("ledger/ledger.db"),
        desk.join("tampered/ledger.db"),
    );
    fs::create_dir_all(desk.join("tampered")).map_err(|e| failure::io("make", &to, &e))?;
    let mut bytes = fs::read(&from).map_err(|e| failure::io("read", &from, &e))?;
    let honest = TAMPERED_WORD.0.as_bytes();
    let at = bytes
        .windows(honest.len())
        .position(|window| window == honest)
        .ok_or_else(|| {
            Failure::new(
                Exit::Internal,
                "demo.step",
                "the entry to change is not there",
            )
        })?;
    for (to, from) in bytes.iter_mut().skip(at).zip(TAMPERED_WORD.1.bytes()) {
        *to = from;
    }
    fs::write(&to, bytes).map_err(|e| failure::io("write", &to, &e))
}

/// What the tampering replaces, same length: the reason that the requester gave.
const TAMPERED_WORD: (&str, &str) = ("reverts to its mean", "always makes money.");
