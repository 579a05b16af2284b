//! Durable files: a file or a directory appears whole or not at all, and stays after a crash.
//!
//! Written to a temporary neighbour, synced, renamed, then the parent is synced. Nothing here
//! replaces an existing directory.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Writes `bytes` to `path` atomically and durably, replacing an older file, for its owner only (mode
/// 0600).
///
/// # Errors
/// When the file system refuses; then `path` is unchanged.
pub fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_as(path, bytes, &mut tempfile::Builder::new())
}

/// Like [`write_file`], for whoever the umask lets read it, as the files of [`write_new_dir`] are. For
/// results of research, which are no secrets.
///
/// # Errors
/// When the file system refuses; then `path` is unchanged.
pub fn write_readable(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    write_as(path, bytes, &mut builder)
}

fn write_as(path: &Path, bytes: &[u8], builder: &mut tempfile::Builder<'_, '_>) -> io::Result<()> {
    let parent = parent_of(path);
    fs::create_dir_all(&parent)?;
    let mut file = builder.prefix(".promote-").tempfile_in(&parent)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    sync_dir(&parent)
}

/// Writes `bytes` to `path` atomically, replacing an older file, and waits for no disk: after a power
/// cut the file may be torn. For caches whose content is checked when it is read.
///
/// # Errors
/// When the file system refuses; then `path` is unchanged.
pub fn write_cache(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = tempfile::Builder::new()
        .prefix(".promote-")
        .tempfile_in(parent_of(path))?;
    file.write_all(bytes)?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

/// Makes the folder `dir` and its parents, as far as they are not there, for their owner only
/// (mode 0700).
///
/// # Errors
/// What the file system says.
pub fn create_private_dir(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(dir)
}

/// Writes all `files` (relative path, bytes) into the new directory `dir`: it appears whole, or
/// not at all.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] when `dir` exists; else what the file system says.
pub fn write_new_dir(dir: &Path, files: &[(String, Vec<u8>)]) -> io::Result<()> {
    let staging = Staging::beside(dir)?;
    for (relative, bytes) in files {
        let path = staging.path().join(relative);
        let folder = parent_of(&path);
        fs::create_dir_all(&folder)?;
        let mut file = File::create_new(&path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        sync_dir(&folder)?;
    }
    staging.publish()
}

/// A directory in the making: several steps fill it, and it appears under its name when they all have
/// ended. Dropped before, nothing of it stays.
#[derive(Debug)]
pub struct Staging {
    made: tempfile::TempDir,
    dir: PathBuf,
}

impl Staging {
    /// Begins `dir`.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] when `dir` exists; else what the file system says.
    pub fn beside(dir: &Path) -> io::Result<Self> {
        if dir.symlink_metadata().is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let parent = parent_of(dir);
        fs::create_dir_all(&parent)?;
        let made = tempfile::Builder::new()
            .prefix(".promote-")
            .tempdir_in(&parent)?;
        Ok(Self {
            made,
            dir: dir.to_owned(),
        })
    }

    /// Where its files are written for now; each must have been synced by who wrote it.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.made.path()
    }

    /// Gives it its name.
    ///
    /// # Errors
    /// What the file system says; nothing of it stays then.
    pub fn publish(self) -> io::Result<()> {
        sync_dir(self.made.path())?;
        // A plain rename would replace an existing empty directory; checked at the start, and on the
        // common file systems a race loses with an error because a filled directory is never replaced.
        fs::rename(self.made.path(), &self.dir)?;
        let _moved: PathBuf = self.made.keep();
        sync_dir(&parent_of(&self.dir))
    }
}

/// The folder that `path` lies in; `.` for a bare name.
#[must_use]
pub fn parent_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Makes what happened to the entries of `dir` durable.
///
/// # Errors
/// What the file system says.
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}
