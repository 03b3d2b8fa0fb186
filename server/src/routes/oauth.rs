//! The two addresses of OAuth: where a browser leaves for the workspace's sign-in page, and where it comes back.
//!
//! It leaves from a link, not a form: under `form-action 'self'` Chromium blocks the hop from a form of either method.

use app::http::browser_session::{BrowserSession, PendingOAuth};
use app::http::delivery::Delivery;
use app::http::device::browser_name;
use app::http::paths;
use app::http::request::{RequestId, Services};
use app::problem::{Failure, Problem};
use axum::Extension;
use axum::extract::{Query, Request, State};
use axum::response::Redirect;
use http::request::Parts;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tower_sessions::Session;

/// Where to sign in, and where to go afterwards.
#[derive(Deserialize)]
pub(crate) struct OAuthStart {
    workspace: String,
    next: Option<String>,
}

/// What the workspace's sign-in page sends back. Its `error_description` is not even read: it is not our text.
#[derive(Deserialize)]
pub(crate) struct OAuthCallback {
    state: Option<String>,
    code: Option<SecretString>,
    error: Option<String>,
}

/// `GET /sign-in/oauth`: remembers state and verifier, and leads to the workspace's sign-in page.
pub(crate) async fn start(
    State(services): State<Services>,
    Extension(session): Extension<Session>,
    Extension(id): Extension<RequestId>,
    Query(asked): Query<OAuthStart>,
    request: Request,
) -> Redirect {
    let next = asked
        .next
        .as_deref()
        .and_then(paths::local_path)
        .map_or_else(|| paths::tokens(&asked.workspace), str::to_owned);
    let (parts, _) = request.into_parts();
    if let Err(seconds) = services.sign_in_limiter.check(&parts) {
        return redirect_with_problem(&id, Problem::TooManyAttempts { seconds }, &next);
    }
    let authorization = match services.console.begin_oauth(&asked.workspace).await {
        Ok(authorization) => authorization,
        Err(error) => return redirect_with_problem(&id, told(&id, &error), &next),
    };
    let pending = PendingOAuth {
        workspace: asked.workspace,
        next: next.clone(),
        state: authorization.state,
        verifier: authorization.verifier.expose_secret().to_owned(),
    };
    let delivery = Delivery::of(&parts);
    match BrowserSession(session)
        .save_pending_oauth(&services, &delivery, &pending)
        .await
    {
        Ok(()) => Redirect::to(authorization.url.as_str()),
        Err(error) => redirect_with_problem(&id, internal(&id, &error), &next),
    }
}

/// `GET /sign-in/callback`: signs in with the code, once, where the state is the one that left this browser.
pub(crate) async fn callback(
    State(services): State<Services>,
    Extension(session): Extension<Session>,
    Extension(id): Extension<RequestId>,
    Query(returned): Query<OAuthCallback>,
    request: Request,
) -> Redirect {
    let (parts, _) = request.into_parts();
    let session = BrowserSession(session);
    let pending = match session.take_oauth().await {
        Ok(Some(pending)) if returned.state.as_deref() == Some(pending.state.as_str()) => pending,
        Ok(_) => return redirect_with_problem(&id, Problem::SignInExpired, "/"),
        Err(error) => return redirect_with_problem(&id, internal(&id, &error), "/"),
    };
    let code = match (returned.code, returned.error.as_deref()) {
        (Some(code), None) => code,
        (_, Some("access_denied")) => return redirect_with_problem(&id, Problem::OAuthCancelled, &pending.next),
        _ => return redirect_with_problem(&id, Problem::OAuthRefused, &pending.next),
    };
    match finish(&services, &session, &pending, code, &parts, &id).await {
        Ok(()) => Redirect::to(&pending.next),
        Err(problem) => redirect_with_problem(&id, problem, &pending.next),
    }
}

async fn finish(
    services: &Services,
    session: &BrowserSession,
    pending: &PendingOAuth,
    code: SecretString,
    parts: &Parts,
    id: &RequestId,
) -> Result<(), Problem> {
    let verifier = SecretString::from(pending.verifier.clone());
    let signed_in = services
        .console
        .finish_oauth(&pending.workspace, code, verifier, &browser_name(&parts.headers))
        .await;
    let signed_in = signed_in.map_err(|error| told(id, &error))?;
    let delivery = Delivery::of(parts);
    let admitted = session
        .add_sign_in(services, &delivery, &pending.workspace, signed_in)
        .await;
    admitted.map_err(|error| internal(id, &error))
}

/// Back to the sign-in page, which says what went wrong.
fn redirect_with_problem(id: &RequestId, problem: Problem, next: &str) -> Redirect {
    let failure = Failure {
        problem,
        request_id: id.0.clone(),
    };
    Redirect::to(&failure.to_url(&paths::sign_in(Some(next))))
}

fn told(id: &RequestId, error: &console::Error) -> Problem {
    tracing::warn!(request = id.0, %error, "OAuth sign-in failed");
    error.into()
}

fn internal(id: &RequestId, error: &dyn std::error::Error) -> Problem {
    tracing::error!(request = id.0, %error, "session store failed");
    Problem::Internal
}
