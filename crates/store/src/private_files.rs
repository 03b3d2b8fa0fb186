//! Files and directories that only one user, or a known group, can access, by Unix permissions. Nothing here knows what
//! they contain.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use rustix::process::{Gid, getegid, getgroups};

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
pub(crate) fn access(file: &File) -> io::Result<FileAccess> {
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
