//! The console's database, as seen by another program.

use std::path::Path;

use sqlx::{Connection as _, SqliteConnection};

/// A separate connection to the database.
pub(crate) struct Database(SqliteConnection);

impl Database {
    pub(crate) async fn open(data_dir: &Path) -> Self {
        let url = format!("sqlite://{}", data_dir.join("console.db").display());
        Self(SqliteConnection::connect(&url).await.unwrap())
    }

    /// The result of a query for one number.
    pub(crate) async fn query_number(&mut self, query: &str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&mut self.0).await.unwrap()
    }

    /// How many changes have an intent in the activity log, but no outcome.
    pub(crate) async fn open_operations(&mut self) -> i64 {
        self.query_number(
            "select count(*) from activity i where phase = 'intent'
             and not exists (select 1 from activity o where o.operation = i.operation and o.phase = 'outcome')",
        )
        .await
    }

    pub(crate) async fn execute(&mut self, statement: &str) {
        sqlx::query(statement).execute(&mut self.0).await.unwrap();
    }

    /// Takes the lock that every write needs. [`Self::unlock`] releases it.
    pub(crate) async fn lock(&mut self) {
        self.execute("begin immediate").await;
    }

    pub(crate) async fn unlock(&mut self) {
        self.execute("rollback").await;
    }
}
