//! The targets of the activity log.

use crate::database::query;
use crate::{Store, StoreError};

impl Store {
    /// At most `limit` different targets in a workspace that begin with `prefix`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn activity_targets(&self, workspace: &str, prefix: &str, limit: u32) -> Result<Vec<String>, StoreError> {
        // A range instead of `like`, which does not use the index: it ignores case.
        let end = format!("{prefix}\u{10ffff}");
        let readers = self.database.readers();
        let targets = query(format!(
            "select distinct target from operations{}
             where workspace = $1 and target >= $2 and target < $3 order by target limit $4",
            readers.dialect().indexed_by("operations_by_target")
        ))
        .bind(workspace)
        .bind(prefix)
        .bind(end)
        .bind(limit);
        let targets: Vec<(String,)> = targets.fetch_all(readers).await?;
        Ok(targets.into_iter().map(|(target,)| target).collect())
    }
}
