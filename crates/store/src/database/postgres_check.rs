//! Checks for an operator, before a console uses a PostgreSQL database. They only read.

use std::collections::BTreeSet;
use std::time::Duration;

use sqlx::postgres::PgRow;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, Row as _};
use tokio::time::timeout;

use super::postgres;
use super::postgres_roles::{CHANGED_TABLES, LOG_TABLES};
use crate::{PostgresUrl, StoreError};

/// The first version of PostgreSQL that the console supports.
pub const MIN_POSTGRES_VERSION: u32 = 14;

/// How long the checks wait for the server.
const CHECK_TIMEOUT: Duration = Duration::from_secs(5);

/// The results of checking a PostgreSQL database.
#[derive(Clone, Debug)]
pub struct PostgresReport {
    /// The version, as the server names it.
    pub version: String,
    /// Whether the version is [`MIN_POSTGRES_VERSION`] or newer.
    pub is_supported: bool,
    /// The encoding of the database, which has to be UTF8.
    pub encoding: String,
    /// The version of TLS on the server's side, where a pooler can be the client. `None` without TLS.
    pub tls: Option<String>,
    /// The role that the console connects as.
    pub role: String,
    /// Whether the tables are those of this version.
    pub tables: TablesState,
    /// Why the role cannot store something; `None` if it can.
    pub write_obstacle: Option<WriteObstacle>,
    /// Whether statements of one connection reach one session of the server.
    pub pooling: Pooling,
    /// The ID of the sealing key that the instances use, if it is known.
    pub sealing_key_id: Option<String>,
}

/// Whether the tables of a database are those of this version of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TablesState {
    /// The database has none.
    Missing,
    /// The tables are those of an older version, with this many migrations to go.
    Older(usize),
    /// The tables are those of this version.
    Current,
    /// The tables are those of a newer version.
    Newer,
    /// The role cannot read which migrations were made.
    Unreadable,
}

/// Why a role cannot store what the console has to store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteObstacle {
    /// The server is a standby, or was told to refuse writes.
    ReadOnly,
    /// There are tables to create or to change, and the role cannot do it.
    NoMigration,
    /// The role lacks rights, as in `insert on activity`.
    Missing(String),
}

/// Whether there is a pooler between the console and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// A connection keeps its session on the server.
    Session,
    /// A pooler gives each transaction another session, as PgBouncer does in transaction mode.
    Transaction,
    /// The server had no second connection to compare with.
    Unknown,
}

/// Connects to a database and looks at what matters to a console.
///
/// # Errors
/// If it cannot be connected to, or does not respond.
pub async fn inspect_postgres(url: &PostgresUrl) -> Result<PostgresReport, StoreError> {
    let mut connection = connect(url).await?;
    let mut report = server(&mut connection).await?;
    report.tables = tables(&mut connection).await?;
    if report.write_obstacle.is_none() {
        report.write_obstacle = write_obstacle(&mut connection, report.tables).await?;
    }
    if exists(&mut connection, "sealing_keys").await? {
        let stored = "select key_id from sealing_keys where role = 'current'";
        // A role that cannot read it has an obstacle already.
        let row = row(&mut connection, stored).await;
        report.sealing_key_id = row.and_then(|row| text(&row, 0)).ok();
    }
    report.pooling = pooling(url, &mut connection).await;
    let _ = connection.close().await;
    Ok(report)
}

async fn connect(url: &PostgresUrl) -> Result<PgConnection, StoreError> {
    let options = url.connect_options();
    let connected = timeout(CHECK_TIMEOUT, options.connect()).await;
    let connection = connected.unwrap_or(Err(sqlx::Error::PoolTimedOut));
    connection.map_err(|source| StoreError::Connect {
        database: url.to_string(),
        source: source.into(),
    })
}

/// A row of a statement that is not prepared: a pooler in transaction mode can lose prepared ones.
async fn row(connection: &mut PgConnection, sql: &str) -> Result<PgRow, StoreError> {
    let row = timeout(CHECK_TIMEOUT, sqlx::raw_sql(sql).fetch_one(connection)).await;
    Ok(row.unwrap_or(Err(sqlx::Error::PoolTimedOut))?)
}

fn text(row: &PgRow, column: usize) -> Result<String, StoreError> {
    Ok(row.try_get(column)?)
}

async fn server(connection: &mut PgConnection) -> Result<PostgresReport, StoreError> {
    let row = row(
        connection,
        "select current_setting('server_version'), current_setting('server_version_num'),
                current_setting('server_encoding'), cast(current_user as text),
                (select version from pg_stat_ssl where pid = pg_backend_pid() and ssl),
                case when pg_is_in_recovery() then 'on' else current_setting('default_transaction_read_only') end",
    )
    .await?;
    let number: u32 = text(&row, 1)?.parse().unwrap_or_default();
    Ok(PostgresReport {
        version: text(&row, 0)?,
        is_supported: number >= MIN_POSTGRES_VERSION * 10_000,
        encoding: text(&row, 2)?,
        tls: row.try_get(4)?,
        role: text(&row, 3)?,
        tables: TablesState::Missing,
        write_obstacle: (text(&row, 5)? == "on").then_some(WriteObstacle::ReadOnly),
        pooling: Pooling::Unknown,
        sealing_key_id: None,
    })
}

async fn exists(connection: &mut PgConnection, table: &str) -> Result<bool, StoreError> {
    let found = format!("select cast(to_regclass('{table}') as text)");
    Ok(row(connection, &found)
        .await?
        .try_get::<Option<String>, _>(0)?
        .is_some())
}

/// Which tables the database has.
pub(super) async fn tables(connection: &mut PgConnection) -> Result<TablesState, StoreError> {
    if !exists(connection, "_sqlx_migrations").await? {
        return Ok(TablesState::Missing);
    }
    let can_read = "select case when has_table_privilege('_sqlx_migrations', 'select') then 'yes' else 'no' end";
    if text(&row(connection, can_read).await?, 0)? == "no" {
        return Ok(TablesState::Unreadable);
    }
    let applied = "select coalesce(string_agg(cast(version as text), ' '), '') from _sqlx_migrations where success";
    let applied = text(&row(connection, applied).await?, 0)?;
    let applied: BTreeSet<i64> = applied.split(' ').filter_map(|version| version.parse().ok()).collect();
    let known: BTreeSet<i64> = postgres::versions().collect();
    Ok(match known.difference(&applied).count() {
        _ if !applied.is_subset(&known) => TablesState::Newer,
        0 => TablesState::Current,
        _ if applied.is_empty() => TablesState::Missing,
        missing => TablesState::Older(missing),
    })
}

async fn write_obstacle(
    connection: &mut PgConnection,
    tables: TablesState,
) -> Result<Option<WriteObstacle>, StoreError> {
    if matches!(tables, TablesState::Missing | TablesState::Older(_)) && !can_create_tables(connection).await? {
        return Ok(Some(WriteObstacle::NoMigration));
    }
    let missing = missing_rights(connection, "current_user").await?;
    Ok(missing.map(WriteObstacle::Missing))
}

/// Whether the connection's role can create tables.
pub(super) async fn can_create_tables(connection: &mut PgConnection) -> Result<bool, StoreError> {
    let can_create = "select case when has_schema_privilege(current_schema(), 'create') then 'yes' else 'no' end";
    Ok(text(&row(connection, can_create).await?, 0)? == "yes")
}

/// The rights of an instance to the tables that exist, as far as a role does not have them. `role` is an expression.
pub(super) async fn missing_rights(connection: &mut PgConnection, role: &str) -> Result<Option<String>, StoreError> {
    let changed = CHANGED_TABLES.join("', '");
    let [log, list] = LOG_TABLES;
    let missing = format!(
        "with needed (relation, action) as (
             select relation, action from unnest(array['{changed}']) relation,
                                          unnest(array['select', 'insert', 'update', 'delete']) action
             union all values ('{log}', 'select'), ('{log}', 'insert'), ('{list}', 'select'),
                              ('_sqlx_migrations', 'select')
         )
         select string_agg(action || ' on ' || relation, ', ' order by relation, action) from needed
         where to_regclass(relation) is not null
         and not has_table_privilege({role}, cast(to_regclass(relation) as oid), action)"
    );
    Ok(row(connection, &missing).await?.try_get(0)?)
}

/// Compares the sessions of a connection before and after a second connection began a transaction: a pooler in
/// transaction mode has to give the second one the session that the first one just used, or the first one another.
async fn pooling(url: &PostgresUrl, first: &mut PgConnection) -> Pooling {
    let compare = async {
        let session = "select cast(pg_backend_pid() as text)";
        let mut second = connect(url).await?;
        let before = text(&row(first, session).await?, 0)?;
        sqlx::raw_sql("begin").execute(&mut second).await?;
        let other = text(&row(&mut second, session).await?, 0)?;
        let after = text(&row(first, session).await?, 0)?;
        let _ = second.close().await;
        Ok::<_, StoreError>(before == after && before != other)
    };
    match timeout(CHECK_TIMEOUT, compare).await {
        Ok(Ok(true)) => Pooling::Session,
        Ok(Ok(false)) => Pooling::Transaction,
        Ok(Err(_)) | Err(_) => Pooling::Unknown,
    }
}
