//! `verify-activity`: checks that the activity log is unchanged.

use store::{ChainError, verify_activity};

use super::database_command::{DatabaseCommandError, with_database};
use crate::config::VerifyActivityArgs;

/// Why the activity log could not be verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It could not be read.
    #[error(transparent)]
    Database(#[from] DatabaseCommandError),
    /// The activity log was changed.
    #[error("Activity log verification FAILED: {0}.")]
    ChainError(#[from] ChainError),
}

/// Verifies the activity log, and returns a message that says what this proves and what it does not.
///
/// # Errors
///
/// The first row that does not match, or why the log could not be read.
pub fn run(arguments: &VerifyActivityArgs) -> Result<String, VerifyError> {
    let head = arguments.head.as_deref();
    let verified = with_database(&arguments.database, async |location| {
        verify_activity(&location, head).await
    })?;
    let (count, head) = verified?;
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
