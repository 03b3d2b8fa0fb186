//! Files and directories that only one user, or a known group, can access, by Unix permissions. Nothing here knows what
//! they contain.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use rustix::process::{Gid, getegid, getgroups};
use secrecy::SecretString;

/// How much of a file with a secret is read, in bytes.
const MAX_SECRET_FILE: usize = 4096;

/// Why the secret in a file is not used.
#[derive(Debug)]
pub(crate) enum SecretFileError {
    /// Others have more access to it than is allowed; these are its permission bits.
    TooOpen(u32),
    /// It contains no text.
    NotText,
    /// It cannot be read.
    Io(io::Error),
}

impl From<io::Error> for SecretFileError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::InvalidData => Self::NotText,
            _ => Self::Io(error),
        }
    }
}

/// The text of a file, if `allows` is true for those who can access it.
pub(crate) fn read_secret(path: &Path, allows: impl Fn(FileAccess) -> bool) -> Result<SecretString, SecretFileError> {
    let file = File::open(path)?;
    let found = access(&file)?;
    if !allows(found) {
        return Err(SecretFileError::TooOpen(found.mode));
    }
    // Much longer than a secret, because growing the buffer would leave copies of it in freed memory.
    let mut text = String::with_capacity(MAX_SECRET_FILE);
    file.take(MAX_SECRET_FILE as u64).read_to_string(&mut text)?;
    Ok(text.into())
}

/// Whether others than this process and its groups can read a file.
///
/// # Errors
/// If the file cannot be opened.
pub fn is_exposed(path: &Path) -> io::Result<bool> {
    let access = access(&File::open(path)?)?;
    Ok(access.has_others() || (access.has_group() && !access.is_of_own_group()?))
}

/// What is wrong with a file that others than its owner can change, and how to put it right.
pub(crate) fn changeable_by_others(path: &Path, mode: u32) -> String {
    format!(
        "{path} can be changed by others than its owner (mode {mode:04o}). For a Secret on Kubernetes, set \
         defaultMode: 0440 and a fsGroup. Anywhere else, run: chmod 600 '{path}'",
        path = path.display()
    )
}

/// Creates the directory and its missing parents with mode 0700. Existing ones stay as they are.
pub(crate) fn create_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Creates an empty file with mode 0600. An existing one stays as it is.
///
/// This comes before SQLite sees the path, because SQLite would create the database with mode 0644. Its `-wal` and
/// `-shm` files get the mode of the database (<https://sqlite.org/src/file/src/os_unix.c>, `findCreateFileMode` and
/// `unixOpenSharedMemory`).
pub(crate) fn create_if_missing(path: &Path) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    Ok(())
}

/// The owner and the permission bits of an open file.
fn access(file: &File) -> io::Result<FileAccess> {
    let metadata = file.metadata()?;
    Ok(FileAccess {
        mode: metadata.permissions().mode() & 0o7777,
        group: Gid::from_raw(metadata.gid()),
    })
}

/// Who can access a file besides its owner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FileAccess {
    /// The permission bits.
    pub(crate) mode: u32,
    group: Gid,
}

impl FileAccess {
    /// Whether everyone on the machine has any access.
    pub(crate) fn has_others(self) -> bool {
        self.mode & 0o007 != 0
    }

    /// Whether its group has any access.
    pub(crate) fn has_group(self) -> bool {
        self.mode & 0o070 != 0
    }

    /// Whether anyone but its owner can change it.
    pub(crate) fn can_others_write(self) -> bool {
        self.mode & 0o022 != 0
    }

    /// Whether the file's group is one of this process's.
    pub(crate) fn is_of_own_group(self) -> io::Result<bool> {
        Ok(self.group == getegid() || getgroups()?.contains(&self.group))
    }
}
