//! `promote policy lint`: every problem of policy files, with its line, key and token.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::{TableOrJson, json};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::policy;
use crate::cli::context::Context;
use crate::governance::policy::checklists::{FILE_NAME as CHECKLISTS, load_checklists};
use crate::governance::policy::deny_load::{FILE_NAME as DENY, load_deny};
use crate::governance::policy::load::load_policy;
use crate::governance::policy::problem::PolicyError;
use crate::governance::policy::roles_load::{FILE_NAME as ROLES, load_rules};
use crate::governance::policy::set::PolicySet;
use crate::governance::regulator::controls::{Controls, FOLDER, embedded_files};
use crate::kernel::digest::Digest;
use crate::kernel::text::visible;
use crate::render::policy::json::{LintFileJson, LintJson, ProblemJson};

/// Flags of `policy lint`.
#[derive(Debug, Args)]
pub(super) struct LintArgs {
    /// Folders with a whole set, or files of one: PROFILE.toml, roles.toml, checklists.toml, deny.toml [default: the whole set of the workspace]
    files: Vec<PathBuf>,
    /// Output format
    #[arg(long, default_value = "table")]
    pub(super) format: TableOrJson,
}

pub(super) fn run(args: &LintArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let mut problems = Vec::new();
    let mut files = Vec::new();
    let what = if args.files.is_empty() {
        let workspace = context.workspace_or_defaults()?;
        let set = policy::files(workspace.as_ref())?;
        files.extend(set.iter().map(|(name, bytes)| listed(name, bytes)));
        let mapped = policy::control_files(workspace.as_ref())?;
        // The shipped mappings are no files of this workspace.
        if mapped != embedded_files() {
            files.extend(mapped.iter().map(|(name, bytes)| {
                let name = format!("{FOLDER}/{name}");
                listed(&name, bytes)
            }));
        }
        let controls = Controls::load(mapped);
        let what = match PolicySet::load(set) {
            Ok(set) => {
                if let Ok(controls) = &controls {
                    problems.extend(controls.unknown_references(&set));
                }
                format!("policy set {}", set.digest())
            }
            Err(found) => {
                problems = found;
                String::new()
            }
        };
        if let Err(found) = controls {
            problems.extend(found);
        }
        what
    } else {
        lint_named(args, context, &mut files, &mut problems)?.to_owned()
    };
    if json(args.format, context) {
        context.print_json(&LintJson {
            schema: "promote/policy-lint/v1",
            ok: problems.is_empty(),
            files,
            problems: problems.iter().map(ProblemJson::new).collect(),
        })?;
        return Ok(if problems.is_empty() {
            Exit::Done
        } else {
            Exit::Invalid
        });
    }
    if !problems.is_empty() {
        return Err(policy::failure_of(&problems));
    }
    for file in &files {
        context.print(&format!("ok  {}  sha256 {}\n", file.path, file.sha256))?;
    }
    context.print(&format!("no problem in {} files ({what})\n", files.len()))?;
    Ok(Exit::Done)
}

/// Lints the folders and files that were named; says what they were.
fn lint_named(
    args: &LintArgs,
    context: &Context<'_, '_>,
    files: &mut Vec<LintFileJson>,
    problems: &mut Vec<PolicyError>,
) -> Result<&'static str, Failure> {
    let workspace = context.workspace().ok();
    let controls = policy::controls(workspace.as_ref())?;
    let mut what = "single files";
    for path in &args.files {
        let there = context.path(path);
        let shown = visible(&path.display().to_string(), 200);
        if there.is_dir() {
            what = "with whole sets";
            let set = policy::folder(&there)?;
            let listing = set.iter();
            files.extend(listing.map(|(name, bytes)| listed(&format!("{shown}/{name}"), bytes)));
            problems.extend(lint_folder(&shown, set, &controls));
        } else {
            let bytes = policy::read(&there)?;
            files.push(listed(&shown, &bytes));
            problems.extend(lint_file(path, &shown, &bytes, &controls));
        }
    }
    Ok(what)
}

fn listed(path: &str, bytes: &[u8]) -> LintFileJson {
    LintFileJson {
        path: visible(path, 200),
        sha256: Digest::of(bytes),
    }
}

/// The problems of the whole set in a folder, shown by their paths.
fn lint_folder(
    shown: &str,
    files: BTreeMap<String, Vec<u8>>,
    controls: &Controls,
) -> Vec<PolicyError> {
    let mut problems = match PolicySet::load(files) {
        Ok(set) => controls.unknown_references(&set),
        Err(found) => found,
    };
    for problem in &mut problems {
        problem.file = format!("{shown}/{}", problem.file);
    }
    problems
}

/// The problems of one file, judged by its bare name, shown by its path.
fn lint_file(
    path: &std::path::Path,
    shown: &str,
    bytes: &[u8],
    controls: &Controls,
) -> Vec<PolicyError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut problems = match &*name {
        ROLES => load_rules(&name, bytes).err().unwrap_or_default(),
        CHECKLISTS => load_checklists(&name, bytes).err().unwrap_or_default(),
        DENY => match load_deny(&name, bytes) {
            Ok(deny) => controls.unknown_in_rules(&deny, &name, bytes),
            Err(found) => found,
        },
        _ => match load_policy(&name, bytes) {
            Ok(policy) => controls.unknown_in(&policy, &name, bytes),
            Err(found) => found,
        },
    };
    for problem in &mut problems {
        problem.file = shown.to_owned();
    }
    problems
}
