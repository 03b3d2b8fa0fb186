//! `verify-activity`: whether the record of what was done is what was written.

use store::{ChainError, StoreError, verify_activity};

use crate::config::VerifyArgs;

/// Why the record is not vouched for.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The runtime.
    #[error("the check could not run: {0}")]
    Io(#[from] std::io::Error),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The record.
    #[error("The record is BROKEN: {0}.")]
    ChainError(#[from] ChainError),
}

/// Checks the record and says in one paragraph what that proves, and what not.
///
/// # Errors
/// The first row that is not what was written, or why it could not be looked at.
pub fn run(arguments: &VerifyArgs) -> Result<String, VerifyError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let checked = verify_activity(&arguments.data_dir, arguments.head.as_deref());
    let (count, head) = runtime.block_on(checked)??;
    let proof = match &arguments.head {
        Some(_) => "The hash that you gave is in it, so nothing up to there was cut off or written anew.",
        None => {
            "Without --head it cannot tell whether the end was cut off, or all of it written anew by somebody who knows how. Take a \
             hash from the console's log (head=…) and check again with --head."
        }
    };
    Ok(format!(
        "The record is whole: {count} rows, each following from the one before. Its head is {}.\n{proof}",
        if head.0.is_empty() { "empty" } else { &head.0 }
    ))
}
