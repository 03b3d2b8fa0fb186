//! A connection to either database, and what differs in their SQL.

use sqlx::{Connection as _, PgConnection, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};

use super::postgres::PostgresReaders;

/// A connection within a write.
#[derive(Debug)]
pub(crate) enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// The connections that only read.
#[derive(Clone, Debug)]
pub(crate) enum Readers {
    Sqlite(SqlitePool),
    Postgres(PostgresReaders),
}

/// A transaction that only reads. All of its statements see the same moment.
#[derive(Debug)]
pub(crate) enum ReadTransaction {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Where a statement runs.
pub(crate) enum Executor<'c> {
    SqlitePool(&'c SqlitePool),
    Sqlite(&'c mut SqliteConnection),
    PostgresPool(&'c PostgresReaders),
    Postgres(&'c mut PgConnection),
}

/// The two databases, for what differs in their SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// The database's time, in milliseconds since the Unix epoch.
    pub(crate) fn now_ms(self) -> &'static str {
        match self {
            Self::Sqlite => "cast(unixepoch('subsec') * 1000 as integer)",
            Self::Postgres => "cast(extract(epoch from clock_timestamp()) * 1000 as bigint)",
        }
    }

    /// The function that finds the second text in the first: 0, or a position from 1 on.
    pub(crate) fn position_function(self) -> &'static str {
        match self {
            Self::Sqlite => "instr",
            Self::Postgres => "strpos",
        }
    }

    /// A join whose left side is read first. `cross join` makes SQLite do that
    /// (<https://sqlite.org/optoverview.html#manual_control_of_query_plans_using_cross_join>); PostgreSQL decides by
    /// its statistics.
    pub(crate) fn ordered_join(self) -> &'static str {
        match self {
            Self::Sqlite => "cross join",
            Self::Postgres => "join",
        }
    }

    /// Makes SQLite use this index, after the name of the table.
    pub(crate) fn indexed_by(self, index: &'static str) -> String {
        match self {
            Self::Sqlite => format!(" indexed by {index}"),
            Self::Postgres => String::new(),
        }
    }
}

impl Connection {
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    pub(crate) async fn close(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(connection) => connection.close().await,
            Self::Postgres(connection) => connection.close().await,
        }
    }

    /// Closes it without telling the database, which rolls back its open transaction.
    pub(crate) async fn close_hard(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(connection) => connection.close_hard().await,
            Self::Postgres(connection) => connection.close_hard().await,
        }
    }
}

impl Readers {
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Begins a transaction that only reads.
    pub(crate) async fn begin(&self) -> Result<ReadTransaction, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(pool) => ReadTransaction::Sqlite(pool.begin().await?),
            Self::Postgres(readers) => ReadTransaction::Postgres(readers.begin().await?),
        })
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(readers) => readers.close().await,
        }
    }
}

impl<'c> From<&'c Readers> for Executor<'c> {
    fn from(readers: &'c Readers) -> Self {
        match readers {
            Readers::Sqlite(pool) => Self::SqlitePool(pool),
            Readers::Postgres(pool) => Self::PostgresPool(pool),
        }
    }
}

impl<'c> From<&'c mut Connection> for Executor<'c> {
    fn from(connection: &'c mut Connection) -> Self {
        match connection {
            Connection::Sqlite(connection) => Self::Sqlite(connection),
            Connection::Postgres(connection) => Self::Postgres(connection),
        }
    }
}

impl<'c> From<&'c mut ReadTransaction> for Executor<'c> {
    fn from(transaction: &'c mut ReadTransaction) -> Self {
        match transaction {
            ReadTransaction::Sqlite(transaction) => Self::Sqlite(transaction),
            ReadTransaction::Postgres(transaction) => Self::Postgres(transaction),
        }
    }
}
