//! Two roles in a PostgreSQL database: one that owns the tables, and one of the instances, which has only the rights
//! that they need. So not even an instance that an attacker controls can change the activity log.

use sqlx::Connection as _;

use super::{DatabasePlace, postgres, postgres_check};
use crate::{PostgresUrl, StoreError};

/// The tables whose rows the console adds, changes and deletes.
pub(super) const CHANGED_TABLES: [&str; 16] = [
    "accepted_findings",
    "browser_sessions",
    "events",
    "form_drafts",
    "job_items",
    "jobs",
    "latest_transactions",
    "leak_lookups",
    "leases",
    "rate_limits",
    "sealing_keys",
    "shared_session_changes",
    "shown_lists",
    "sign_ins",
    "token_creations",
    "write_checks",
];

/// The activity log, which is only added to, and the list that its trigger keeps.
pub(super) const LOG_TABLES: [&str; 2] = ["activity", "operations"];

/// Migrates the tables of a PostgreSQL database to this version, as the role of the URL, which then owns new ones.
/// Gives the rights of an instance to the role `grantee`, if there is one, and no others to these tables.
///
/// # Errors
/// If the database cannot be connected to or migrated, or the rights cannot be given.
pub async fn migrate_server(url: &PostgresUrl, grantee: Option<&str>) -> Result<(), StoreError> {
    let mut connection = postgres::open_unmigrated(&url.connect_options()).await?;
    let place = DatabasePlace::Server(url.to_string());
    postgres::check_server(&place, &mut connection).await?;
    postgres::migrate(&place, &mut connection).await?;
    if let Some(grantee) = grantee {
        let granted = sqlx::raw_sql(&grants(grantee)).execute(&mut connection).await;
        // A role that does not own the tables only gets a warning.
        let missing = match granted {
            Ok(_) => {
                let missing = postgres_check::missing_rights(&mut connection, &literal(grantee)).await?;
                missing.map(|rights| format!("it has no {rights}"))
            }
            Err(error) => Some(error.to_string()),
        };
        if let Some(reason) = missing {
            let role = grantee.to_owned();
            return Err(StoreError::Grant { role, reason });
        }
    }
    connection.close().await?;
    Ok(())
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The statements that give a role the rights of an instance. They run in one transaction.
fn grants(grantee: &str) -> String {
    let role = format!("\"{}\"", grantee.replace('"', "\"\""));
    let name = literal(grantee);
    let (changed, [log, list]) = (CHANGED_TABLES.join(", "), LOG_TABLES);
    format!(
        "do $grant$ begin
             execute format('grant usage on schema %I to %I', current_schema(), {name});
         end $grant$;
         revoke all on {changed}, {log}, {list}, _sqlx_migrations from {role};
         grant select, insert, update, delete on {changed} to {role};
         grant select, insert on {log} to {role};
         grant select on {list}, _sqlx_migrations to {role};"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SealingKey, Store};

    #[tokio::test]
    async fn the_rights_to_every_table_are_checked() {
        let dir = tempfile::tempdir().unwrap();
        let key = SealingKey::parse(&"1".repeat(64).into()).unwrap();
        let store = Store::open(dir.path(), key).await.unwrap();
        let tables: Vec<(String,)> = crate::database::query(
            "select name from sqlite_schema where type = 'table' and name not like 'sqlite%' and name not like '\\_%'
             escape '\\' order by name",
        )
        .fetch_all(store.database.readers())
        .await
        .unwrap();
        let mut checked: Vec<_> = CHANGED_TABLES.into_iter().chain(LOG_TABLES).collect();
        checked.sort_unstable();
        assert_eq!(tables.iter().map(|(name,)| name.as_str()).collect::<Vec<_>>(), checked);
    }
}
