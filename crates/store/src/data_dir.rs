//! The lock that allows only one console per data directory.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::{StoreError, private_files};

/// The lock of the one console that uses a data directory. It ends with the process, however that ends.
///
/// It is acquired before anything else in the directory is read or created: two consoles on one directory would both
/// migrate it, seal its credentials with different keys, and resume the same bulk revocations.
#[derive(Debug)]
pub struct DataDirLock(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] File);

impl DataDirLock {
    /// Acquires the lock of `data_dir`. If that is missing, it is created with mode 0700.
    ///
    /// # Errors
    /// [`StoreError::InUse`] if another console has the lock, [`StoreError::Lock`] if the directory cannot be locked,
    /// and [`StoreError::File`] if the lock file cannot be created.
    pub fn acquire(data_dir: &Path) -> Result<Self, StoreError> {
        let path = data_dir.join("console.lock");
        let file_error = |source: io::Error| StoreError::File {
            path: path.clone(),
            source: source.into(),
        };
        private_files::create_dir(data_dir).map_err(file_error)?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(file_error)?;
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
