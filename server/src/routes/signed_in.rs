//! Who asks for what is no page (files, streams, a form with many fields of one name), and how they are refused.

use app::http::browser_session::BrowserSession;
use app::http::paths;
use app::http::request::RequestId;
use app::problem::Problem;
use axum::response::{IntoResponse, Redirect, Response};
use console::{Actor, Console, Error, SignInId};
use http::StatusCode;
use tower_sessions::Session;

/// The browser's sign-in to `workspace`.
///
/// # Errors
/// Where there is none, or the console has no such workspace.
pub(crate) async fn sign_in(console: &Console, session: Session, workspace: &str) -> Result<SignInId, Error> {
    console.workspace(workspace)?;
    let sign_in = BrowserSession(session).sign_in(workspace).await;
    sign_in.ok_or(Error::SignedOut)
}

/// The person signed in to `workspace`.
///
/// # Errors
/// Where nobody is, or the console has no such workspace.
pub(crate) async fn actor(
    console: &Console,
    session: Session,
    request: &RequestId,
    workspace: &str,
) -> Result<Actor, Error> {
    let sign_in = sign_in(console, session, workspace).await?;
    console.actor(workspace, &sign_in, &request.0).await
}

/// Instead of what was asked for: the way to the sign-in and on to the page `back`, or what went wrong.
pub(crate) fn reject(error: &Error, back: &str) -> Response {
    if matches!(error, Error::SignedOut) {
        return Redirect::to(&paths::sign_in(paths::local_path(back))).into_response();
    }
    let problem = Problem::from(error);
    let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, problem.plain_text()).into_response()
}
