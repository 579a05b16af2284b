//! The Git state of a workspace, as far as it is a checkout: recorded in requests, never judged.

use std::path::Path;
use std::process::{Command, Stdio};

/// Commit of the checkout at `root`, and whether `config/` differs from it. None when `root` is
/// not the top of a checkout, or Git is not there.
#[must_use]
pub fn state(root: &Path) -> Option<(String, bool)> {
    root.join(".git").symlink_metadata().ok()?;
    let commit = run(root, &["rev-parse", "--verify", "HEAD"])?;
    let commit = commit.trim().to_owned();
    let hex = !commit.is_empty() && commit.bytes().all(|b| b.is_ascii_hexdigit());
    let differs = run(root, &["status", "--porcelain", "--", "config"])?;
    hex.then(|| (commit, !differs.trim().is_empty()))
}

fn run(root: &Path, args: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        // A repository's own settings may name programs to run; none of them is.
        .args(["-c", "core.fsmonitor=false", "--no-optional-locks"])
        .args(args)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then_some(text)
}
