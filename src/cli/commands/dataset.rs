//! `promote dataset register`: who fetched which bars from where.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::gate::recorded::{recorded_by, told_recorded};
use super::gate::signing::SigningArgs;
use crate::app::evidence::load;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::datasets::{Fetched, datasets};
use crate::app::gate::tracking::{entries_text, recorded};
use crate::cli::context::Context;
use crate::kernel::time::UtcTime;

/// Flags of `dataset`.
#[derive(Debug, Args)]
pub struct DatasetArgs {
    /// What to do
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do with datasets.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Register bars that you fetched: nobody of a request's authors counts there
    Register(RegisterArgs),
}

/// Flags of `dataset register`.
#[derive(Debug, Args)]
pub struct RegisterArgs {
    /// Folder with stored bars (as `data import` writes them), or one file in it
    pub path: PathBuf,
    /// Where they were fetched from
    #[arg(long, value_name = "TEXT")]
    pub source: String,
    /// When they were fetched [default: now]; to be named with --statement-out and --signature
    #[arg(long, value_name = "TIME")]
    pub retrieved: Option<String>,
    /// Register exactly the ranges that this bundle names
    #[arg(long, value_name = "DIR")]
    pub evidence: Option<PathBuf>,
    /// Signature
    #[command(flatten)]
    pub signing: SigningArgs,
}

/// Runs `dataset`.
///
/// # Errors
/// When bars are missing or others, or the registration is refused.
pub fn run(args: &DatasetArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let Verb::Register(args) = &args.verb;
    let bundle = match &args.evidence {
        Some(dir) => Some(load(&context.path(dir))?),
        None => None,
    };
    let named = match &args.retrieved {
        Some(text) => Some(
            UtcTime::parse_loose(text)
                .map_err(|e| Failure::from_error(Exit::Usage, "usage.retrieved", "", &e))?,
        ),
        None => None,
    };
    let path = context.path(&args.path);
    let fetched = |now: UtcTime| Fetched {
        source: args.source.clone(),
        retrieved_at: named.unwrap_or(now),
    };
    let count = datasets(&path, bundle.as_ref(), &fetched(UtcTime::EPOCH))?.len();
    let outside = args.signing.statement_out.is_some() || !args.signing.signature.is_empty();
    if outside && (count > 1 || named.is_none()) {
        let text = "a statement that is signed elsewhere is about one file, with --retrieved";
        return Err(Failure::new(Exit::Usage, "usage.dataset", text));
    }
    let (mut all, mut next) = (Vec::new(), String::new());
    for index in 0..count {
        let one = recorded_by(context, &args.signing, |desk| {
            let all = datasets(&path, bundle.as_ref(), &fetched(desk.now))?;
            all.into_iter().nth(index).ok_or_else(|| {
                Failure::new(
                    Exit::Invalid,
                    "dataset.nothing",
                    "the bars changed meanwhile",
                )
            })
        });
        let one = match one {
            Ok(one) => one,
            Err(failure) => {
                // What was registered before stays registered.
                if let Some(done) = recorded(all, next) {
                    context.say(entries_text(&done).trim_end());
                }
                return Err(failure);
            }
        };
        let Some(one) = one else {
            return Ok(Exit::Pending);
        };
        all.extend(one.entries);
        next = one.next;
    }
    match recorded(all, next) {
        Some(recorded) => told_recorded(context, &recorded),
        None => Ok(Exit::Done),
    }
}
