//! What `check-config` reports about the database and its sealing keys.

use std::path::Path;

use store::{
    DatabaseLocation, MIN_POSTGRES_VERSION, Pooling, PostgresReport, PostgresUrl, SealingKey, TablesState,
    WriteObstacle, inspect_postgres,
};

use super::Report;
use crate::config::{ConfigError, ServeArgs};

/// Reports the location of the database, and checks a PostgreSQL database and the sealing keys.
///
/// # Errors
///
/// If the location is ambiguous, or the keys do not belong to it: `serve` would not start.
pub(super) async fn check(report: &mut Report, arguments: &ServeArgs) -> Result<(), ConfigError> {
    let location = arguments.database.location()?;
    arguments.sealing.reseals(&location)?;
    match &location {
        DatabaseLocation::DataDir(data_dir) => {
            report.fact("data", &describe_data_dir(data_dir));
            report.outcome("sealing key", describe_key(arguments, &location));
        }
        DatabaseLocation::Postgres(url) => {
            let key = describe_key(arguments, &location);
            report.outcome("sealing key", key);
            check_postgres(report, arguments, url).await;
        }
    }
    for (name, path) in [
        ("next sealing key", &arguments.sealing.next_sealing_key_file),
        ("previous sealing key", &arguments.sealing.previous_sealing_key_file),
    ] {
        if let Some(path) = path {
            let key = SealingKey::load(path).map(|key| format!("ID {}", key.id()));
            report.outcome(name, key.map_err(|error| error.to_string()));
        }
    }
    Ok(())
}

fn describe_data_dir(dir: &Path) -> String {
    let database = match DatabaseLocation::file_in(dir).exists() {
        true => "database found",
        false => "no database yet",
    };
    format!("{} ({database})", dir.display())
}

/// Does not create a missing key: `serve` does, if the database is in the data directory.
fn describe_key(arguments: &ServeArgs, location: &DatabaseLocation) -> Result<String, String> {
    let configured = arguments.sealing.key_for(location).map_err(|error| error.to_string())?;
    let dir = &arguments.database.data_dir;
    match configured {
        Some(key) => Ok(match arguments.sealing.warning() {
            Some(warning) => format!("configured, ID {}; {warning}", key.id()),
            None => format!("configured, ID {}", key.id()),
        }),
        None if SealingKey::is_in(dir) => match SealingKey::load_or_create(dir, arguments.sealing.access()) {
            Ok((key, _)) => Ok(format!("in the data directory, ID {}", key.id())),
            Err(error) => Err(error.to_string()),
        },
        None => Ok("none yet; serve creates one in the data directory".to_owned()),
    }
}

async fn check_postgres(report: &mut Report, arguments: &ServeArgs, url: &PostgresUrl) {
    report.fact("database", &url.to_string());
    if let Some(warning) = arguments.database.warning() {
        report.fact("database URL", &format!("in a file; {warning}"));
    }
    report.fact("connection", url.describe_protection());
    let found = match inspect_postgres(url).await {
        Ok(found) => found,
        Err(error) => return report.outcome("PostgreSQL", Err(error.to_string())),
    };
    report.outcome("PostgreSQL", version(&found));
    report.outcome("encoding", encoding(&found));
    report.outcome("tables", tables(&found));
    report.outcome("writing", writing(&found));
    report.outcome("pooling", pooling(&found));
    if let Some(stored) = &found.sealing_key_id {
        report.outcome("key of the instances", stored_key(arguments, url, stored));
    }
}

fn version(found: &PostgresReport) -> Result<String, String> {
    let version = &found.version;
    match found.is_supported {
        true => Ok(format!("{version}, {}", found.tls.as_deref().unwrap_or("without TLS"))),
        false => Err(format!(
            "{version} is too old: the console needs PostgreSQL {MIN_POSTGRES_VERSION} or newer."
        )),
    }
}

fn encoding(found: &PostgresReport) -> Result<String, String> {
    match found.encoding.as_str() {
        "UTF8" => Ok("UTF8".to_owned()),
        other => Err(format!(
            "{other}. Create the database with UTF8: create database … encoding 'UTF8' template template0"
        )),
    }
}

fn tables(found: &PostgresReport) -> Result<String, String> {
    match found.tables {
        TablesState::Missing => Ok("none yet; serve creates them".to_owned()),
        TablesState::Older(missing) => Ok(format!(
            "of an older version; the first instance that starts makes {missing} migrations"
        )),
        TablesState::Current => Ok("of this version".to_owned()),
        TablesState::Unreadable => Err("the role has no rights to them; see below.".to_owned()),
        TablesState::Newer => Err("of a newer version of the console. Start that version.".to_owned()),
    }
}

fn writing(found: &PostgresReport) -> Result<String, String> {
    let role = &found.role;
    match &found.write_obstacle {
        None => Ok(format!("allowed for the role {role}")),
        Some(WriteObstacle::ReadOnly) => Err(
            "the server refuses writes: it is a standby, or default_transaction_read_only is on. Name the primary."
                .to_owned(),
        ),
        Some(WriteObstacle::NoMigration) => Err(format!(
            "the role {role} cannot create tables. Migrate with the role that owns them first: pat-console migrate"
        )),
        Some(WriteObstacle::Missing(rights)) => Err(format!(
            "the role {role} lacks: {rights}. With the role that owns the tables, run: pat-console migrate --grant-to \
             {role}"
        )),
    }
}

fn pooling(found: &PostgresReport) -> Result<String, String> {
    match found.pooling {
        Pooling::Session => Ok("each connection has its own session".to_owned()),
        Pooling::Unknown => Ok("unknown: a second connection got no response in time".to_owned()),
        Pooling::Transaction => Err(
            "a pooler gives each transaction another session, as PgBouncer does with pool_mode = transaction. Connect \
             to the server itself, or set pool_mode = session."
                .to_owned(),
        ),
    }
}

/// Whether the given keys include the one whose ID is stored.
fn stored_key(arguments: &ServeArgs, url: &PostgresUrl, stored: &str) -> Result<String, String> {
    let location = DatabaseLocation::from(url.clone());
    let Ok(Some(key)) = arguments.sealing.key_for(&location) else {
        return Ok(stored.to_owned());
    };
    match arguments.sealing.with_others(key) {
        Ok(keys) if keys.has(stored) => Ok(format!("{stored}, one of the given keys")),
        Ok(_) => Err(format!(
            "{stored}, but none of the given keys has this ID: serve would not start."
        )),
        Err(error) => Err(error.to_string()),
    }
}
