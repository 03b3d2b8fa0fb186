//! Files and directories that only one user can access, by Unix permissions. Nothing here knows what they contain.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

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

/// The permission bits of an open file, if they give access to anyone but its owner.
pub(crate) fn excess_mode(file: &File) -> io::Result<Option<u32>> {
    let mode = file.metadata()?.permissions().mode() & 0o7777;
    Ok((mode & 0o077 != 0).then_some(mode))
}
