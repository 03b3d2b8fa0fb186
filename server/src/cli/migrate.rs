//! `migrate`: creates or changes the tables of a PostgreSQL database, for instances whose role must not do so.

use store::{DatabaseLocation, migrate_server};

use super::database_command::{DatabaseCommandError, with_database};
use crate::config::{ConfigError, MigrateArgs};

/// Migrates the tables, and returns a message that says what was done.
///
/// # Errors
///
/// Why the tables were not migrated, or a role did not get its rights.
pub fn run(arguments: &MigrateArgs) -> Result<String, DatabaseCommandError> {
    let role = arguments.grant_to.as_deref();
    let url = with_database(&arguments.database, async |location| {
        let DatabaseLocation::Postgres(url) = location else {
            return Err(DatabaseCommandError::from(ConfigError::NoServerToMigrate));
        };
        migrate_server(&url, role).await?;
        Ok(url)
    })?;
    let granted = match role {
        Some(role) => format!(" The role {role} has the rights of an instance."),
        None => String::new(),
    };
    Ok(format!("The tables in {url} are those of this version.{granted}"))
}
