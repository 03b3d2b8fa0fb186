//! The targets of the activity log.

use crate::{Store, StoreError};

impl Store {
    /// At most `limit` different targets in a workspace that begin with `prefix`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn activity_targets(&self, workspace: &str, prefix: &str, limit: u32) -> Result<Vec<String>, StoreError> {
        // A range instead of `like`, which does not use the index: it ignores case.
        let end = format!("{prefix}\u{10ffff}");
        let targets = sqlx::query_scalar(
            "select distinct target from operations indexed by operations_by_target
             where workspace = ? and target >= ? and target < ? order by target limit ?",
        )
        .bind(workspace)
        .bind(prefix)
        .bind(end)
        .bind(limit);
        Ok(targets.fetch_all(self.database.readers()).await?)
    }
}
