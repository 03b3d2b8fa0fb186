//! The tokens that leaked texts contained, so that each instance can show the results of a lookup. Only hashes of
//! values are stored, and for some minutes.

use std::time::Duration;

use crate::database::{Connection, query};
use crate::{SignInId, Store, StoreError};

/// How long a lookup can be opened again.
pub const LEAK_LOOKUP_TTL: Duration = Duration::from_mins(10);

/// A lookup of one person in one workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeakLookup {
    /// The ID of the lookup, which can be in several workspaces.
    pub id: String,
    /// The sign-in that it belongs to.
    pub sign_in: SignInId,
    /// The name and URL of the workspace.
    pub binding: String,
    /// The possible IDs of each token, in whatever text form the caller chooses.
    pub tokens: String,
}

impl Store {
    /// Keeps lookups, and deletes those that are too old.
    ///
    /// # Errors
    /// If the database fails; then none is kept.
    pub async fn keep_leak_lookups(&self, lookups: Vec<LeakLookup>) -> Result<(), StoreError> {
        self.database
            .write(lookups, |connection, lookups| Box::pin(keep(connection, lookups)))
            .await
    }

    /// What the text of a lookup contained, in the form in which it was kept. `None` if it is too old, or was made with
    /// another sign-in or in another workspace.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn leak_lookup(&self, id: &str, sign_in: &SignInId, binding: &str) -> Result<Option<String>, StoreError> {
        let now = self.database.readers().dialect().now_ms();
        let select = format!(
            "select tokens from leak_lookups where id = $1 and sign_in = $2 and binding = $3 and at > {now} - $4"
        );
        let tokens: Option<(String,)> = query(select)
            .bind(id)
            .bind(sign_in.to_string())
            .bind(binding)
            .bind(ttl_ms())
            .fetch_optional(self.database.readers())
            .await?;
        Ok(tokens.map(|(tokens,)| tokens))
    }

    /// Deletes the lookups that are too old, and returns how many.
    pub(crate) async fn purge_leak_lookups(&self) -> Result<u64, StoreError> {
        self.database
            .write((), |connection, ()| Box::pin(purge(connection)))
            .await
    }
}

async fn keep(connection: &mut Connection, lookups: &[LeakLookup]) -> Result<(), StoreError> {
    purge(connection).await?;
    let now = connection.dialect().now_ms();
    for lookup in lookups {
        let insert =
            format!("insert into leak_lookups (id, sign_in, binding, tokens, at) values ($1, $2, $3, $4, {now})");
        query(insert)
            .bind(&lookup.id)
            .bind(lookup.sign_in.to_string())
            .bind(&lookup.binding)
            .bind(&lookup.tokens)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn purge(connection: &mut Connection) -> Result<u64, StoreError> {
    let now = connection.dialect().now_ms();
    let delete = query(format!("delete from leak_lookups where at <= {now} - $1")).bind(ttl_ms());
    Ok(delete.execute(connection).await?)
}

fn ttl_ms() -> i64 {
    i64::try_from(LEAK_LOOKUP_TTL.as_millis()).unwrap_or(i64::MAX)
}
