//! The signed-in person behind a request for something other than a page (files, streams, a form with several fields of
//! one name), and the response if no one is signed in or the person lacks permission.

use app::http::browser_session::BrowserSession;
use app::http::paths;
use app::problem::Problem;
use axum::response::{IntoResponse as _, Redirect, Response};
use console::{Actor, Console, Error, RequestSource, SignInId};
use http::StatusCode;
use tower_sessions::Session;

use crate::routes::status_of;

/// The sign-in of the browser's user to `workspace`.
///
/// # Errors
/// If they are not signed in there, or the console has no such workspace.
pub(crate) async fn sign_in(console: &Console, session: Session, workspace: &str) -> Result<SignInId, Error> {
    console.workspace(workspace)?;
    let sign_ins = BrowserSession(session).sign_ins().await;
    let mut sign_ins = sign_ins.map_err(|error| console.session_unreadable(&error))?;
    sign_ins.remove(workspace).ok_or(Error::SignedOut)
}

/// The person signed in to `workspace`.
///
/// # Errors
/// If they are not signed in there, or the console has no such workspace.
pub(crate) async fn actor(
    console: &Console,
    session: Session,
    source: RequestSource,
    workspace: &str,
) -> Result<Actor, Error> {
    let sign_in = sign_in(console, session, workspace).await?;
    console.actor(workspace, &sign_in, source).await
}

/// The response if a file cannot be created: a redirect to the sign-in page, which continues to the page `back`, or the
/// problem as plain text. Its status is never a success, even for problems whose pages have status 200: a saved
/// response would be mistaken for the data.
pub(crate) fn reject(error: &Error, back: &str) -> Response {
    if matches!(error, Error::SignedOut) {
        return Redirect::to(&paths::sign_in(paths::local_path(back))).into_response();
    }
    let problem = Problem::from(error);
    let status = match status_of(&problem) {
        status if status.is_success() => StatusCode::CONFLICT,
        StatusCode::GATEWAY_TIMEOUT => StatusCode::BAD_GATEWAY,
        status => status,
    };
    (status, problem.plain_text()).into_response()
}
