//! The console's database, past the console: what is in it, and another program that holds its lock.

use std::path::Path;

use sqlx::{Connection as _, SqliteConnection};

/// A connection of another program.
pub(crate) struct Database(SqliteConnection);

impl Database {
    pub(crate) async fn open(data_dir: &Path) -> Self {
        let url = format!("sqlite://{}", data_dir.join("console.db").display());
        Self(SqliteConnection::connect(&url).await.unwrap())
    }

    /// What a query for one number returns.
    pub(crate) async fn number(&mut self, query: &str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&mut self.0).await.unwrap()
    }

    /// Changes that were begun, and their end is not recorded.
    pub(crate) async fn open_operations(&mut self) -> i64 {
        self.number(
            "select count(*) from activity i where phase = 'intent'
             and not exists (select 1 from activity o where o.operation = i.operation and o.phase = 'outcome')",
        )
        .await
    }

    pub(crate) async fn execute(&mut self, statement: &str) {
        sqlx::query(statement).execute(&mut self.0).await.unwrap();
    }

    /// Takes the lock that every write needs; it lasts until [`Self::unlock`].
    pub(crate) async fn lock(&mut self) {
        self.execute("begin immediate").await;
    }

    pub(crate) async fn unlock(&mut self) {
        self.execute("rollback").await;
    }
}
