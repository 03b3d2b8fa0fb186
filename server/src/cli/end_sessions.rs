//! `end-sessions`: signs people out.

use store::{SignInFilter, end_sign_ins};

use super::database_command::{DatabaseCommandError, with_database};
use crate::config::EndSessionsArgs;

/// Ends the sessions that the flags select, and returns a message with their number.
///
/// # Errors
///
/// Why no session was ended.
pub fn run(arguments: &EndSessionsArgs) -> Result<String, DatabaseCommandError> {
    let filter = SignInFilter {
        workspace: arguments.workspace.clone(),
        user_name: arguments.user.clone(),
    };
    let ended = with_database(&arguments.database, async |location| {
        end_sign_ins(location, &filter).await
    })?;
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
