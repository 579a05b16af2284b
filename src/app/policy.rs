//! The policy set of a workspace, or the shipped one; and how its problems become a failure.
//!
//! In: a workspace or none. Out: a checked set. Only `*.toml` files directly in `policies/` belong
//! to the set; test cases and other folders beside them do not.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use super::exit::Exit;
use super::failure::{self, Failure};
use super::workspace::Workspace;
use crate::governance::policy::load::FILE_MAX_BYTES;
use crate::governance::policy::model::Policy;
use crate::governance::policy::problem::PolicyError;
use crate::governance::policy::set::{PolicySet, embedded_files};
use crate::governance::regulator::controls::{self, Controls, FOLDER};
use crate::kernel::id::ProfileId;
use crate::render::policy::picture;

/// Problems that are shown in one go.
const PROBLEMS_SHOWN: usize = 50;

/// The raw files of the workspace's set, or of the shipped one without a workspace.
///
/// # Errors
/// When the folder or a file cannot be read.
pub fn files(workspace: Option<&Workspace>) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let Some(workspace) = workspace else {
        return Ok(embedded_files());
    };
    folder(&workspace.resolve(Path::new("policies")))
}

/// The raw files of the set in the folder `folder`.
///
/// # Errors
/// When the folder or a file cannot be read.
pub fn folder(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let unread = |e: std::io::Error| failure::io("read the folder", folder, &e);
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(unread)? {
        let path = entry.map_err(unread)?.path();
        let is_toml = path.extension().is_some_and(|e| e == "toml");
        if is_toml && path.is_file() {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            files.insert(name.into_owned(), read(&path)?);
        }
    }
    Ok(files)
}

/// The control mappings of the workspace, or the shipped ones where it has no folder of its own.
///
/// # Errors
/// Exit 3 with every problem in every file; when the folder or a file cannot be read.
pub fn controls(workspace: Option<&Workspace>) -> Result<Controls, Failure> {
    Controls::load(control_files(workspace)?).map_err(|problems| failure_of(&problems))
}

/// The raw files of the same.
///
/// # Errors
/// When the folder or a file cannot be read.
pub fn control_files(workspace: Option<&Workspace>) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let own = workspace.map(|w| w.resolve(&Path::new("policies").join(FOLDER)));
    match own {
        Some(own) if own.is_dir() => folder(&own),
        _ => Ok(controls::embedded_files()),
    }
}

/// The checked set of the workspace, or the shipped one without a workspace.
///
/// # Errors
/// Exit 3 with every problem in every file.
pub fn load(workspace: Option<&Workspace>) -> Result<PolicySet, Failure> {
    PolicySet::load(files(workspace)?).map_err(|problems| failure_of(&problems))
}

/// The set at `path`: a folder, or one file of a set, whose other files are those of `base`.
///
/// # Errors
/// Exit 3 when it cannot be read or is no policy set.
pub fn at(
    path: &Path,
    base: impl FnOnce() -> Result<BTreeMap<String, Vec<u8>>, Failure>,
) -> Result<PolicySet, Failure> {
    let files = if path.is_dir() {
        folder(path)?
    } else {
        let bytes = read(path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut files = base()?;
        files.insert(name.into_owned(), bytes);
        files
    };
    PolicySet::load(files).map_err(|problems| failure_of(&problems))
}

/// The policy of `profile`.
///
/// # Errors
/// Exit 3 when the set has none, with the profiles that it has.
pub fn policy<'s>(set: &'s PolicySet, profile: &ProfileId) -> Result<&'s Policy, Failure> {
    set.policy(profile).ok_or_else(|| {
        let known: Vec<&str> = set.profiles().map(ProfileId::as_str).collect();
        Failure::new(
            Exit::Invalid,
            "policy.unknown-profile",
            format!("the policy set has no profile `{profile}`"),
        )
        .hint(format!("it has {}", known.join(", ")))
    })
}

/// Reads a file of at most [`FILE_MAX_BYTES`] bytes, one more if it is larger: whoever parses it
/// refuses it then.
///
/// # Errors
/// When it cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let unread = |e: std::io::Error| failure::io("read", path, &e);
    let mut bytes = Vec::new();
    fs::File::open(path)
        .map_err(unread)?
        .take(FILE_MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(unread)?;
    Ok(bytes)
}

/// Problems as a failure with exit 3: each named in one line, and shown where it stands.
#[must_use]
pub fn failure_of(problems: &[PolicyError]) -> Failure {
    let (slug, message) = match problems {
        [only] => ("policy.invalid", only.to_string()),
        many => (
            "policy.invalid",
            format!("{} problems in the policy files", many.len()),
        ),
    };
    let several = problems.len() > 1;
    let mut pictures: Vec<String> = problems
        .iter()
        .take(PROBLEMS_SHOWN)
        .map(|problem| picture(problem, several))
        .collect();
    if problems.len() > PROBLEMS_SHOWN {
        pictures.push(format!("and {} more\n", problems.len() - PROBLEMS_SHOWN));
    }
    let mut failure = Failure::new(Exit::Invalid, slug, message)
        .snippet(pictures.join(if several { "\n" } else { "" }))
        .hint("docs/policies.md describes the format");
    if several {
        failure.causes = problems.iter().map(ToString::to_string).collect();
        failure.causes_in_snippet = true;
    }
    failure
}
