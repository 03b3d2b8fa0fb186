//! What commands share that use the database without running a server.

use store::{DatabaseLocation, StoreError};

use crate::config::{ConfigError, DatabaseArgs};

/// Why a command could not use the database.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseCommandError {
    /// The async runtime does not start.
    #[error("could not start: {0}")]
    Io(#[from] std::io::Error),
    /// The database is not clearly configured, or this command does not support it.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database cannot be opened, read or written to.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Runs `work` with the database that the flags name.
pub(super) fn with_database<T, E: Into<DatabaseCommandError>>(
    flags: &DatabaseArgs,
    work: impl AsyncFnOnce(DatabaseLocation) -> Result<T, E>,
) -> Result<T, DatabaseCommandError> {
    let location = flags.location()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(work(location)).map_err(Into::into)
}
