//! Files and directories for one user only. Unix permissions; nothing here knows what the files hold.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

/// Makes the directory and its missing parents with mode 0700; one that exists stays as it is.
pub(crate) fn create_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes an empty file with mode 0600; one that exists stays as it is.
///
/// Done before SQLite sees the path, because SQLite would create the database with mode 0644. Its `-wal` and `-shm`
/// take the mode of the database (<https://sqlite.org/src/file/src/os_unix.c>, `findCreateFileMode` and
/// `unixOpenSharedMemory`).
pub(crate) fn create_if_missing(path: &Path) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    Ok(())
}

/// The permission bits of an open file, when they let anybody but its owner in.
pub(crate) fn excess_mode(file: &File) -> io::Result<Option<u32>> {
    let mode = file.metadata()?.permissions().mode() & 0o7777;
    Ok((mode & 0o077 != 0).then_some(mode))
}
