//! `verify-activity`: whether the record of what was done is what was written.

use store::{ChainError, StoreError, verify_activity};

use crate::config::VerifyActivityArgs;

/// Why the record is not vouched for.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The runtime.
    #[error("could not run the check: {0}")]
    Io(#[from] std::io::Error),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The record.
    #[error("Activity log verification FAILED: {0}.")]
    ChainError(#[from] ChainError),
}

/// Checks the record and says in one paragraph what that proves, and what not.
///
/// # Errors
/// The first row that is not what was written, or why it could not be looked at.
pub fn run(arguments: &VerifyActivityArgs) -> Result<String, VerifyError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let checked = verify_activity(&arguments.data_dir, arguments.head.as_deref());
    let (count, head) = runtime.block_on(checked)??;
    let proof = match &arguments.head {
        Some(_) => "It contains the hash you gave, so nothing up to that row was removed or rewritten.",
        None => {
            "Without --head, a truncated or consistently rewritten log cannot be detected. Take a hash from the \
             console's log (head=…) and run again with --head."
        }
    };
    let rows = if count == 1 { "row" } else { "rows" };
    Ok(format!(
        "Activity log verified: {count} {rows}, unbroken chain. Head: {}.\n{proof}",
        if head.0.is_empty() { "none" } else { &head.0 }
    ))
}
