//! Which ledger a host believes: the host trust file, read strictly.
//!
//! `/etc/promote/trust.toml` names one ledger by its fingerprint, the witnesses that its
//! checkpoints need, the instance that this host is, the halt directory, and where exchange
//! credentials lie. Without it a host is a sandbox host. The reader of the file (an adapter) makes
//! sure that the session's user cannot write it; here it is a value.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::kernel::digest::Digest;
use crate::kernel::id::InstanceId;

/// Where the file lies; nothing overrides this.
pub const PATH: &str = "/etc/promote/trust.toml";

/// What a host believes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// There is no trust file: sandbox ledgers, loopback simulator, `ledger/halt/`.
    Sandbox,
    /// The ledger that the trust file names.
    Named(Box<TrustFile>),
}

/// The content of a trust file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustFile {
    /// Fingerprint of the ledger: leaf hash of its genesis entry.
    pub ledger: Digest,
    /// How many witnesses must have signed the head that a session starts from.
    pub witnesses: u32,
    /// The instance that this host is.
    pub instance: InstanceId,
    /// File of the instance's key.
    pub instance_key: PathBuf,
    /// Where halts are written first.
    pub halt_directory: PathBuf,
    /// Files that hold exchange credentials: the only ones that a session reads.
    pub credentials: Vec<PathBuf>,
}

/// Why a text is no trust file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// Not the keys and values that it should hold.
    #[error("the trust file is malformed: {0}")]
    Shape(String),
    /// A path that depends on where somebody stands.
    #[error("`{0}` in the trust file is not an absolute path")]
    Relative(String),
}

impl Trust {
    /// Reads the text of a trust file.
    ///
    /// # Errors
    /// When a key is missing, unknown or wrong, or a path is not absolute.
    pub fn parse(text: &str) -> Result<Self, TrustError> {
        let file: TrustFile = toml::from_str(text)
            .map_err(|e| TrustError::Shape(crate::kernel::text::visible(e.message(), 200)))?;
        let paths = [&file.instance_key, &file.halt_directory];
        for path in paths.into_iter().chain(&file.credentials) {
            if !path.is_absolute() {
                let shown = crate::kernel::text::visible(&path.display().to_string(), 200);
                return Err(TrustError::Relative(shown));
            }
        }
        Ok(Self::Named(Box::new(file)))
    }

    /// Where halts are written first, for a ledger in the folder `ledger`.
    #[must_use]
    pub fn halt_directory(&self, ledger: &Path) -> PathBuf {
        match self {
            Self::Sandbox => ledger.join("halt"),
            Self::Named(file) => file.halt_directory.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = concat!(
        "ledger = \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"\n",
        "witnesses = 0\ninstance = \"live-1\"\ninstance_key = \"/etc/promote/live-1\"\n",
        "halt_directory = \"/var/lib/promote/halt\"\ncredentials = [\"/etc/promote/kraken\"]\n"
    );

    #[test]
    fn every_key_is_wanted_and_no_other() {
        let Trust::Named(file) = Trust::parse(TEXT).unwrap() else {
            panic!("named");
        };
        assert_eq!(file.instance.as_str(), "live-1");
        for (at, _) in TEXT.lines().enumerate() {
            let lines = TEXT.lines().enumerate().filter(|(n, _)| *n != at);
            let less: Vec<&str> = lines.map(|(_, line)| line).collect();
            assert!(Trust::parse(&less.join("\n")).is_err(), "{at}");
        }
        assert!(Trust::parse(&format!("{TEXT}more = 1\n")).is_err());
        let relative = TEXT.replace("/var/lib", "var/lib");
        assert!(matches!(
            Trust::parse(&relative),
            Err(TrustError::Relative(_))
        ));
        assert_eq!(
            Trust::Sandbox.halt_directory(Path::new("w/ledger")),
            PathBuf::from("w/ledger/halt")
        );
    }
}
