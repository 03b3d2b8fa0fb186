//! Checks that the files that the connections have open are still the ones at their paths.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::StoreError;

/// The database file and its write-ahead log, as they were when the database was opened.
///
/// A file that was deleted or replaced stays open in its connections: what is written to it looks stored and is lost
/// with the process. SQLite does not notice that (<https://sqlite.org/howtocorrupt.html>, section 2.3).
#[derive(Debug)]
pub(crate) struct DatabaseFiles {
    database: OpenFile,
    log: OpenFile,
}

#[derive(Debug)]
struct OpenFile {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl DatabaseFiles {
    /// Records the files of an open database.
    pub(super) fn of(database: &Path) -> Result<Self, StoreError> {
        let mut log = database.as_os_str().to_owned();
        log.push("-wal");
        Ok(Self {
            database: OpenFile::at(database)?,
            log: OpenFile::at(Path::new(&log))?,
        })
    }

    pub(super) fn database(&self) -> &Path {
        &self.database.path
    }

    /// Checks that both are still in place.
    ///
    /// # Errors
    /// [`StoreError::Replaced`] names the first that is not.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        for file in [&self.database, &self.log] {
            if !file.is_in_place() {
                return Err(StoreError::Replaced {
                    path: file.path.clone(),
                });
            }
        }
        Ok(())
    }
}

impl OpenFile {
    fn at(path: &Path) -> Result<Self, StoreError> {
        let error = |source: io::Error| StoreError::File {
            path: path.to_owned(),
            source: source.into(),
        };
        let metadata = path.metadata().map_err(error)?;
        Ok(Self {
            path: path.to_owned(),
            device: metadata.dev(),
            inode: metadata.ino(),
        })
    }

    fn is_in_place(&self) -> bool {
        let metadata = self.path.metadata();
        metadata.is_ok_and(|found| (found.dev(), found.ino()) == (self.device, self.inode))
    }
}
