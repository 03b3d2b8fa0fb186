//! One console for each data directory.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::{StoreError, private_files};

/// The right to be the one console that works on a data directory. It ends with the process, however that ends.
///
/// It is taken before anything else in the directory is read or made: two consoles on one directory would migrate it,
/// seal its credentials with different keys, and continue the same jobs.
#[derive(Debug)]
pub struct DataDirLock(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] File);

impl DataDirLock {
    /// Takes the lock of `data_dir`, which is made with mode 0700 where it is missing.
    ///
    /// # Errors
    /// [`StoreError::InUse`] where another console has it; [`StoreError::Lock`] where it cannot be locked;
    /// [`StoreError::File`] where its file cannot be made.
    pub fn acquire(data_dir: &Path) -> Result<Self, StoreError> {
        let path = data_dir.join("console.lock");
        let failed = |source: io::Error| StoreError::File {
            path: path.clone(),
            source: source.into(),
        };
        private_files::create_dir(data_dir).map_err(failed)?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse(data_dir.to_owned())),
            Err(TryLockError::Error(source)) => Err(StoreError::Lock {
                path,
                source: source.into(),
            }),
        }
    }
}
