//! Which policy set a word on the command line means: `published`, `drafts`, `shipped`, or a path.

use std::path::Path;

use crate::app::failure::Failure;
use crate::app::policy;
use crate::cli::commands::gate::open;
use crate::cli::context::Context;
use crate::governance::policy::set::{PolicySet, embedded_files};
use crate::kernel::digest::Digest;
use crate::kernel::text::visible;

/// The set that the ledger has published.
pub(super) const PUBLISHED: &str = "published";
/// The files of the workspace.
pub(super) const DRAFTS: &str = "drafts";
/// The set that is compiled in.
pub(super) const SHIPPED: &str = "shipped";

/// The set that `word` means.
///
/// # Errors
/// When it cannot be read or is no policy set.
pub(super) fn set(word: &str, context: &Context<'_, '_>) -> Result<PolicySet, Failure> {
    match word {
        PUBLISHED => Ok((*open::read(context)?.state.policy).clone()),
        DRAFTS => policy::load(Some(&context.workspace()?)),
        SHIPPED => {
            PolicySet::load(embedded_files()).map_err(|problems| policy::failure_of(&problems))
        }
        path => policy::at(&context.path(Path::new(path)), || {
            Ok(match context.workspace() {
                Ok(workspace) => policy::files(Some(&workspace))?,
                Err(_) => embedded_files(),
            })
        }),
    }
}

/// The first line of what compares two sets or puts one into the other's place: from the old to the
/// new.
pub(super) fn from_to((old, was): (&str, &Digest), (new, is): (&str, &Digest)) -> String {
    let (old, new) = (visible(old, 120), visible(new, 120));
    format!("from {old} ({}) to {new} ({})\n", was.short(), is.short())
}
