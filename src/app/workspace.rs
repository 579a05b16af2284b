//! The workspace: a folder with `config/config.toml` and `policies/`, found upward from the
//! current folder. Commands that need none run on the embedded defaults and say so.

use std::path::{Path, PathBuf};

/// A found workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Its top folder.
    pub root: PathBuf,
}

impl Workspace {
    /// True when `dir` looks like the top of a workspace.
    #[must_use]
    pub fn is_at(dir: &Path) -> bool {
        dir.join("config/config.toml").is_file() && dir.join("policies").is_dir()
    }

    /// The nearest workspace at or above `start`.
    #[must_use]
    pub fn find(start: &Path) -> Option<Self> {
        start
            .ancestors()
            .find(|dir| Self::is_at(dir))
            .map(|dir| Self {
                root: dir.to_owned(),
            })
    }

    /// `path` as given when absolute, else below the workspace.
    #[must_use]
    pub fn resolve(&self, path: &Path) -> PathBuf {
        self.root.join(path)
    }
}
