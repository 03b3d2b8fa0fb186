//! `end-sessions`: the operator signs people out.

use store::{SignInFilter, StoreError, end_sign_ins};

use crate::config::EndSessionsArgs;

/// Why nobody was signed out.
#[derive(Debug, thiserror::Error)]
pub enum EndError {
    /// The runtime.
    #[error("could not end sessions: {0}")]
    Io(#[from] std::io::Error),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Ends the sign-ins that the flags name, and says how many those were.
///
/// # Errors
/// Why none was ended.
pub fn run(arguments: &EndSessionsArgs) -> Result<String, EndError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let whose = SignInFilter {
        workspace: arguments.workspace.clone(),
        user_name: arguments.user.clone(),
    };
    let ended = runtime.block_on(end_sign_ins(&arguments.data_dir, &whose))?;
    let how_many = match ended {
        0 => return Ok("No sessions to end.".to_owned()),
        1 => "1 session ended.".to_owned(),
        n => format!("{n} sessions ended."),
    };
    Ok(format!(
        "{how_many} A running console notices within a second. The credentials still work in the workspace: revoke \
         leaked tokens there."
    ))
}
