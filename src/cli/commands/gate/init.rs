//! `promote init`: a workspace with its ledger.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::adapters::keys::read_public_key;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::gate::failures;
use crate::app::gate::sandbox_keys;
use crate::app::init::{self, Plan, SEEDED_TIME, Sandbox};
use crate::app::runtime::block_on;
use crate::cli::context::Context;
use crate::cli::pasted::word;
use crate::kernel::digest::Digest;
use crate::kernel::text::visible;
use crate::kernel::time::UtcTime;

/// Flags of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Folder of the new workspace
    pub dir: PathBuf,
    /// Practice environment with demo persons; for good
    #[arg(long)]
    pub sandbox: bool,
    /// Derive every key and id of the sandbox from this number
    #[arg(long, value_name = "N", requires = "sandbox")]
    pub seed: Option<u64>,
    /// Quorum preset
    #[arg(long, value_name = "PRESET", default_value = "playbook")]
    pub preset: Preset,
    /// Public key of a root; at least three
    #[arg(long, value_name = "FILE.pub")]
    pub root_key: Vec<PathBuf>,
    /// How many roots must sign [default: 2; 1 with a single root key and --small-team]
    #[arg(long, value_name = "K")]
    pub root_threshold: Option<u32>,
    /// Fewer roots than the rule; every export says so
    #[arg(long)]
    pub small_team: bool,
}

/// Quorum presets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Preset {
    /// Research and risk, as the playbook says.
    Playbook,
    /// Four roles, a time lock and witnesses at LIVE.
    Regulated,
}

/// `promote/init/v1`.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct InitJson {
    schema: &'static str,
    ledger: String,
    origin: String,
    fingerprint: Digest,
    sandbox: bool,
    persons: Vec<PersonJson>,
}

/// One enrolled person.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct PersonJson {
    person: String,
    role: String,
    key_file: String,
    public_key: String,
}

/// Makes the workspace.
///
/// # Errors
/// Exit 7 when there is a ledger already, exit 2 when root keys are missing.
pub fn run(args: &InitArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let plan = plan(args, context)?;
    let made = block_on(init::init(&plan, context.ports.entropy))?;
    // Paths as they were given: the same command prints the same in every folder.
    let given = |path: &Path| {
        let inside = path.strip_prefix(&plan.dir).unwrap_or(path);
        let shown = if path.starts_with(&plan.dir) {
            args.dir.join(inside)
        } else {
            path.to_owned()
        };
        shown.display().to_string()
    };
    let json = InitJson {
        schema: "promote/init/v1",
        ledger: given(&plan.ledger),
        origin: made.origin.clone(),
        fingerprint: made.genesis.leaf_hash,
        sandbox: args.sandbox,
        persons: made
            .persons
            .iter()
            .map(|(person, role, file, key)| PersonJson {
                person: person.to_string(),
                role: role.to_string(),
                key_file: given(file),
                public_key: key.to_string(),
            })
            .collect(),
    };
    if context.global.json {
        context.print_json(&json)?;
    } else {
        let dir = word(&visible(&args.dir.display().to_string(), 400));
        // The commands are for the new workspace, so nothing of this command line is repeated.
        context.print_exactly(&text(&json, &dir))?;
    }
    Ok(Exit::Done)
}

fn plan(args: &InitArgs, context: &Context<'_, '_>) -> Result<Plan, Failure> {
    let dir = context.path(&args.dir);
    let ledger = match &context.global.ledger {
        Some(_) => context.ledger_path()?,
        None => dir.join("ledger/ledger.db"),
    };
    let roots = args
        .root_key
        .iter()
        .map(|file| {
            let file = context.path(file);
            let key = read_public_key(&file).map_err(|e| failures::key(&e))?;
            sandbox_keys::check_file(&file, &key).map(|()| key)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let chosen = context.explicit_now()?;
    if chosen.is_some() && !args.sandbox {
        let text = "--now is for sandbox ledgers only";
        return Err(Failure::new(Exit::Usage, "now.real-ledger", text));
    }
    let seeded = args.seed.and_then(|_| SEEDED_TIME.parse::<UtcTime>().ok());
    let default = if args.small_team && roots.len() == 1 {
        1
    } else {
        2
    };
    Ok(Plan {
        dir,
        ledger,
        preset: match args.preset {
            Preset::Playbook => "playbook".to_owned(),
            Preset::Regulated => "regulated".to_owned(),
        },
        small_team: args.small_team,
        roots,
        threshold: args.root_threshold.unwrap_or(default),
        sandbox: args.sandbox.then_some(Sandbox { seed: args.seed }),
        time: chosen
            .or(seeded)
            .unwrap_or_else(|| context.ports.clock.now()),
    })
}

fn text(json: &InitJson, dir: &str) -> String {
    let kind = if json.sandbox {
        "SANDBOX ledger"
    } else {
        "ledger"
    };
    let mut out = format!(
        "{kind} {} made\norigin: {}\nfingerprint: {}\n",
        visible(&json.ledger, 200),
        json.origin,
        json.fingerprint
    );
    out.push_str("keep the fingerprint somewhere else: it is what an audit compares with\n");
    for person in &json.persons {
        out.push_str(&format!(
            "enrolled {} ({}): {}\n",
            person.person,
            person.role,
            visible(&person.key_file, 200)
        ));
    }
    out.push_str(&format!("next: cd {dir}\n"));
    if json.persons.is_empty() {
        out.push_str(
            "then: promote key enrol --person PERSON --role ROLE --public-key FILE --verified-by TEXT --key ROOT --possession KEY\n",
        );
    } else {
        out.push_str(
            "then: promote data import FILE --symbol SYMBOL --timeframe LENGTH\nthen: promote robustness --portfolio-preset PRESET --key keys/research-1\nthen: promote request PORTFOLIO --target shadow --evidence DIR --summary TEXT --key keys/research-1\n",
        );
    }
    out
}
