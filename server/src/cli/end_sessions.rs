//! `end-sessions`: signs people out.

use store::{SignInFilter, StoreError, end_sign_ins};

use crate::config::{ConfigError, EndSessionsArgs};

/// Why no session was ended.
#[derive(Debug, thiserror::Error)]
pub enum EndError {
    /// The async runtime does not start.
    #[error("could not end sessions: {0}")]
    Io(#[from] std::io::Error),
    /// It is not clear which database.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database cannot be opened or written to.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Ends the sessions that the flags select, and returns a message that says how many.
///
/// # Errors
/// Why none was ended.
pub fn run(arguments: &EndSessionsArgs) -> Result<String, EndError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let filter = SignInFilter {
        workspace: arguments.workspace.clone(),
        user_name: arguments.user.clone(),
    };
    let ended = runtime.block_on(end_sign_ins(&arguments.database.location()?, &filter))?;
    let summary = match ended {
        0 => return Ok("No sessions to end.".to_owned()),
        1 => "1 session ended.".to_owned(),
        n => format!("{n} sessions ended."),
    };
    Ok(format!(
        "{summary} A running console notices within a second. The credentials still work in the workspace: revoke \
         leaked tokens there."
    ))
}
