//! `promote key enrol`: a person gets a role and a key.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::enrol::{EnrolmentJson, Newcomer, Signers, Source, enrol, write_out};
use crate::app::runtime::block_on;
use crate::cli::commands::gate::{open, signing};
use crate::cli::context::Context;
use crate::cli::pasted::word;
use crate::governance::policy::roles::Role;
use crate::kernel::id::PersonId;
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;

/// Flags of `key enrol`.
#[derive(Debug, Args)]
pub struct EnrolArgs {
    /// Person
    #[arg(long, value_name = "PERSON", required_unless_present = "statement")]
    pub person: Option<PersonId>,
    /// Role: `research`, `risk`, `ops` or `authoriser`
    #[arg(long, value_name = "ROLE", required_unless_present = "statement")]
    pub role: Option<Role>,
    /// The person's public key
    #[arg(long, value_name = "FILE.pub", required_unless_present = "statement")]
    pub public_key: Option<PathBuf>,
    /// Who made sure that the key is this person's, and how
    #[arg(long, value_name = "TEXT", required_unless_present = "statement")]
    pub verified_by: Option<String>,
    /// When the role ends by itself, as `2026-06-30T00:00:00.000Z`; a later enrolment prolongs it
    #[arg(long, value_name = "TIME", conflicts_with = "statement")]
    pub until: Option<UtcTime>,
    /// Root key file that signs; as often as the threshold wants
    #[arg(long, value_name = "FILE")]
    pub key: Vec<PathBuf>,
    /// The person's private key file, which proves that they hold it
    #[arg(long, value_name = "FILE")]
    pub possession: Option<PathBuf>,
    /// File whose first line opens encrypted key files
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Write the statement here instead of recording it; its signers use `ssh-keygen -Y sign -n
    /// enrolment-v1@promote`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["statement", "signature", "possession"])]
    pub statement_out: Option<PathBuf>,
    /// A statement that was written out before
    #[arg(long, value_name = "FILE", conflicts_with_all = ["person", "role", "public_key", "verified_by"])]
    pub statement: Option<PathBuf>,
    /// Signature of that statement, made elsewhere; may be repeated
    #[arg(long, value_name = "FILE", requires = "statement")]
    pub signature: Vec<PathBuf>,
}

impl EnrolArgs {
    fn signers(&self, context: &Context<'_, '_>) -> Signers {
        let all = |files: &[PathBuf]| files.iter().map(|f| context.path(f)).collect();
        Signers {
            roots: all(&self.key),
            possession: self.possession.as_deref().map(|f| context.path(f)),
            signatures: all(&self.signature),
            passphrase: self.passphrase_file.as_deref().map(|f| context.path(f)),
        }
    }

    fn newcomer(&self, context: &Context<'_, '_>) -> Option<Newcomer> {
        Some(Newcomer {
            person: self.person.clone()?,
            role: self.role?,
            public_key: context.path(self.public_key.as_deref()?),
            verified_by: self.verified_by.clone()?,
            until: self.until,
        })
    }
}

/// Enrols a person, or writes the statement out; exit 8 while it waits for signatures.
///
/// # Errors
/// When a signature is missing or wrong, or a rule forbids it.
pub fn run(args: &EnrolArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let ledger = context.ledger_path()?;
    let when = open::when(context)?;
    let signers = args.signers(context);
    let newcomer = args.newcomer(context);
    let usage = || {
        let text = "--person, --role, --public-key and --verified-by, or --statement, are wanted";
        Failure::new(Exit::Usage, "usage.enrol", text)
    };
    if let Some(file) = &args.statement_out {
        let newcomer = newcomer.ok_or_else(usage)?;
        let out = context.path(file);
        let entropy = &mut *context.ports.entropy;
        let answer = block_on(write_out(
            &ledger,
            when,
            &newcomer,
            (&signers, &out),
            entropy,
        ))?;
        return told_written(context, &answer, file);
    }
    let source = match &args.statement {
        Some(file) => Source::File(context.path(file)),
        None => Source::New(newcomer.ok_or_else(usage)?),
    };
    let mut statement = String::new();
    let mut show = |bytes: &str| statement = signing::shown(bytes);
    let entropy = &mut *context.ports.entropy;
    let outcome = block_on(enrol(
        &ledger,
        when,
        (&source, &signers),
        entropy,
        &mut show,
    ));
    if !statement.is_empty() {
        context.say(&statement);
    }
    told(context, &outcome?)
}

fn told(context: &mut Context<'_, '_>, answer: &EnrolmentJson) -> Result<Exit, Failure> {
    if context.global.json {
        context.print_json(answer)?;
        return Ok(Exit::Done);
    }
    let EnrolmentJson {
        person, role, key, ..
    } = answer;
    let until = answer
        .until
        .map(|end| format!(" until {end}"))
        .unwrap_or_default();
    let seq = answer.seq.unwrap_or_default();
    let leaf = answer.leaf.map(|leaf| leaf.to_string()).unwrap_or_default();
    context.print(&format!(
        "`{person}` is enrolled as {role}{until} with the key {key}\nentry {seq}, leaf hash {leaf}\n"
    ))?;
    context.say("next: promote key list");
    Ok(Exit::Done)
}

fn told_written(
    context: &mut Context<'_, '_>,
    answer: &EnrolmentJson,
    file: &Path,
) -> Result<Exit, Failure> {
    if context.global.json {
        context.print_json(answer)?;
    }
    let name = visible(&file.display().to_string(), 200);
    context.say(&format!(
        "statement written to `{name}`, nothing recorded\nthe root key holders and `{}` each sign it: ssh-keygen -Y sign -f KEY -n {} {file}\nthen, with --signature once per signature\nnext: promote key enrol --statement {file} --signature {file}.sig",
        answer.person,
        answer.namespace,
        file = word(&name),
    ));
    Ok(Exit::Pending)
}
