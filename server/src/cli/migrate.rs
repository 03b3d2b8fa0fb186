//! `migrate`: creates or changes the tables of a PostgreSQL database, for instances that are not allowed to.

use store::{DatabaseLocation, StoreError, migrate_server};

use crate::config::{ConfigError, MigrateArgs};

/// Why the tables were not migrated.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The async runtime does not start.
    #[error("could not migrate: {0}")]
    Io(#[from] std::io::Error),
    /// It is not clear which database.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database cannot be migrated.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Migrates the tables, and returns a message that says what was done.
///
/// # Errors
/// Why they are not migrated, or a role has no rights to them.
pub fn run(arguments: &MigrateArgs) -> Result<String, MigrateError> {
    let DatabaseLocation::Postgres(url) = arguments.database.location()? else {
        return Err(ConfigError::NoServerToMigrate.into());
    };
    let role = arguments.grant_to.as_deref();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(migrate_server(&url, role))?;
    let granted = match role {
        Some(role) => format!(" The role {role} has the rights of an instance."),
        None => String::new(),
    };
    Ok(format!("The tables in {url} are those of this version.{granted}"))
}
