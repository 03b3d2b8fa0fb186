//! What the commands share that only look at the database, or change it, while no server runs in this process.

use store::{DatabaseLocation, StoreError};

use crate::config::{ConfigError, DatabaseArgs};

/// Why a command did not do what it does with the database.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseCommandError {
    /// The async runtime does not start.
    #[error("could not start: {0}")]
    Io(#[from] std::io::Error),
    /// It is not clear which database, or it is not one for this command.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database cannot be opened, read or written to.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Does `work` with the database that the flags name.
pub(super) fn with_database<T, E: Into<DatabaseCommandError>>(
    flags: &DatabaseArgs,
    work: impl AsyncFnOnce(DatabaseLocation) -> Result<T, E>,
) -> Result<T, DatabaseCommandError> {
    let location = flags.location()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(work(location)).map_err(Into::into)
}
