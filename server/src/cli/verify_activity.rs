//! `verify-activity`: whether the activity log is still what was written.

use store::{ChainError, StoreError, verify_activity};

use crate::config::{ConfigError, VerifyActivityArgs};

/// Why the activity log could not be verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The async runtime does not start.
    #[error("could not run the check: {0}")]
    Io(#[from] std::io::Error),
    /// It is not clear which database.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database cannot be opened or read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The activity log was changed.
    #[error("Activity log verification FAILED: {0}.")]
    ChainError(#[from] ChainError),
}

/// Verifies the activity log, and returns a message that says what this proves and what it does not.
///
/// # Errors
/// The first row that does not match, or why the log could not be read.
pub fn run(arguments: &VerifyActivityArgs) -> Result<String, VerifyError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let location = arguments.database.location()?;
    let verification = verify_activity(&location, arguments.head.as_deref());
    let (count, head) = runtime.block_on(verification)??;
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
