//! This machine: its name, the program that runs, and what its administrator wrote down for it to
//! trust.
//!
//! The trust file has one place, which no flag and no variable moves. It is believed only if the
//! user of this process can neither write it nor put another in its place: it and every folder
//! above it belong to somebody else and are writable for their owner alone.

use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use crate::governance::token::trust::{PATH, Trust, TrustError};
use crate::kernel::digest::Digest;

/// Largest trust file, in bytes.
const MAX_BYTES: u64 = 64 * 1024;

/// What a machine says about itself.
pub trait Machine {
    /// Its name on the network.
    ///
    /// # Errors
    /// When the system does not say.
    fn name(&self) -> io::Result<String>;

    /// SHA-256 of the running program.
    ///
    /// # Errors
    /// When it cannot be read.
    fn build(&self) -> io::Result<Digest>;

    /// Which ledger it trusts.
    ///
    /// # Errors
    /// When there is a trust file that cannot be believed.
    fn trust(&self) -> Result<Trust, TrustFileError>;
}

/// Why a trust file is not believed.
#[derive(Debug, thiserror::Error)]
pub enum TrustFileError {
    /// It cannot be read.
    #[error("could not read `{PATH}`")]
    Io(#[source] io::Error),
    /// The user of this process could change it.
    #[error("`{0}` can be changed by the user of this process: a trust file must not be")]
    Writable(String),
    /// It is malformed.
    #[error("`{PATH}` is no trust file")]
    Trust(#[from] TrustError),
}

/// The machine that this process runs on.
#[derive(Debug, Clone, Copy, Default)]
pub struct ThisMachine;

impl Machine for ThisMachine {
    fn name(&self) -> io::Result<String> {
        let read = |path| std::fs::read_to_string(path);
        let name = read("/proc/sys/kernel/hostname").or_else(|_| read("/etc/hostname"))?;
        Ok(name.trim().to_ascii_lowercase())
    }

    fn build(&self) -> io::Result<Digest> {
        // The file may have been replaced since the start; the link of the kernel is the program.
        let program = Path::new("/proc/self/exe");
        let bytes = match std::fs::read(program) {
            Ok(bytes) => bytes,
            Err(_) => std::fs::read(std::env::current_exe()?)?,
        };
        Ok(Digest::of(&bytes))
    }

    fn trust(&self) -> Result<Trust, TrustFileError> {
        let user = user().map_err(TrustFileError::Io)?;
        read_trust(Path::new(PATH), user)
    }
}

/// The user that this process acts as: the owner of a file that it makes.
fn user() -> io::Result<u32> {
    Ok(tempfile::tempfile()?.metadata()?.uid())
}

/// Reads the trust file at `path` for a process of `user`; without a file, the host is a sandbox
/// host.
///
/// # Errors
/// When there is something that cannot be read or believed.
pub fn read_trust(path: &Path, user: u32) -> Result<Trust, TrustFileError> {
    match path.symlink_metadata() {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Trust::Sandbox),
        Err(e) => return Err(TrustFileError::Io(e)),
        Ok(_) => {}
    }
    // Where it really lies, so that a link on the way is judged by what it leads to.
    let real = path.canonicalize().map_err(TrustFileError::Io)?;
    for place in real.ancestors().chain(path.ancestors()) {
        if place.as_os_str().is_empty() {
            continue;
        }
        let found = place.symlink_metadata().map_err(TrustFileError::Io)?;
        let mode = found.permissions().mode();
        let open = !found.is_symlink() && mode & 0o022 != 0;
        // A folder that everybody may write to, but from which only owners may take away.
        let sticky = found.is_dir() && mode & 0o1000 != 0;
        if found.uid() == user || (open && !sticky) {
            let shown = crate::kernel::text::visible(&place.display().to_string(), 200);
            return Err(TrustFileError::Writable(shown));
        }
    }
    let size = real.metadata().map_err(TrustFileError::Io)?.len();
    if size > MAX_BYTES {
        let large = io::Error::new(io::ErrorKind::InvalidData, "too large");
        return Err(TrustFileError::Io(large));
    }
    let text = std::fs::read_to_string(&real).map_err(TrustFileError::Io)?;
    Ok(Trust::parse(&text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trust_file_that_its_reader_could_write_is_not_believed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("trust.toml");
        let own = user().unwrap();
        assert_eq!(read_trust(&path, own).unwrap(), Trust::Sandbox);
        let text = concat!(
            "ledger = \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"\n",
            "witnesses = 0\ninstance = \"live-1\"\ninstance_key = \"/k\"\n",
            "halt_directory = \"/h\"\ncredentials = []\n"
        );
        std::fs::write(&path, text).unwrap();
        let refused = read_trust(&path, own).unwrap_err();
        assert!(matches!(refused, TrustFileError::Writable(_)), "{refused}");
        // Another user reads the same file, unless it is open to all.
        let mode = |mode| {
            let permissions = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(&path, permissions).unwrap();
        };
        for open in [0o646, 0o664, 0o666] {
            mode(open);
            let refused = read_trust(&path, own + 1).unwrap_err();
            assert!(matches!(refused, TrustFileError::Writable(_)), "{open:o}");
        }
        mode(0o644);
        let trust = read_trust(&path, own + 1);
        // Only where the folders above belong to nobody but the owner and root.
        if own == 0 {
            assert!(matches!(trust.unwrap(), Trust::Named(_)));
        }
        std::fs::write(&path, "ledger = 1\n").unwrap();
        if own == 0 {
            let refused = read_trust(&path, own + 1).unwrap_err();
            assert!(matches!(refused, TrustFileError::Trust(_)), "{refused}");
        }
    }
}
