//! The two OAuth routes: one redirects a browser to the workspace's sign-in page, and the browser returns to the other.
//!
//! Pages link to the first route instead of using a form: with `form-action 'self'`, Chromium also blocks redirects to
//! another site after a form, with either method.

use app::http::browser_session::{BrowserSession, PendingOAuth};
use app::http::concurrent_sign_ins::SignInRequest;
use app::http::delivery::Delivery;
use app::http::device::device_of;
use app::http::paths;
use app::http::request::Services;
use app::problem::{Failure, Problem};
use axum::Extension;
use axum::extract::{Query, Request, State};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use console::RequestSource;
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue, SET_COOKIE};
use http::request::Parts;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tower_sessions::Session;

/// The query of [`start`]: where to sign in, and which page to open afterwards.
#[derive(Deserialize)]
pub(crate) struct OAuthStart {
    workspace: String,
    next: Option<String>,
}

/// The query of [`callback`]: what the workspace's sign-in page returns. `error_description` is ignored, because anyone
/// can write its text.
#[derive(Deserialize)]
pub(crate) struct OAuthCallback {
    state: Option<String>,
    code: Option<SecretString>,
    error: Option<String>,
    /// The name of the sign-in service that responded (RFC 9207).
    iss: Option<String>,
}

/// `GET /sign-in/oauth`: stores state and verifier in the session, and redirects to the workspace's sign-in page.
pub(crate) async fn start(
    State(services): State<Services>,
    Extension(session): Extension<Session>,
    Extension(source): Extension<RequestSource>,
    Query(query): Query<OAuthStart>,
    request: Request,
) -> Response {
    let next = query
        .next
        .as_deref()
        .and_then(paths::local_path)
        .map_or_else(|| paths::tokens(&query.workspace), str::to_owned);
    let (parts, _) = request.into_parts();
    let fail = |problem| redirect_with_problem(&source, problem, &next).into_response();
    if is_embedded(&parts.headers) {
        return fail(Problem::BadRequest);
    }
    if let Err(seconds) = services.sign_in_limiter.check_oauth_start(&parts).await {
        return fail(Problem::TooManyAttempts { seconds });
    }
    let session = BrowserSession(session);
    let had_session = session.0.id().is_some();
    let sign_in = services.join_sign_ins(&session, &parts.headers).await;
    let authorization = match services.console.begin_oauth(&query.workspace).await {
        Ok(authorization) => authorization,
        Err(error) => return fail(sign_in_problem(&source, &error)),
    };
    let pending = PendingOAuth {
        workspace: query.workspace,
        next: next.clone(),
        state: authorization.state,
        verifier: Some(authorization.verifier.expose_secret().to_owned()),
        issuer: authorization.issuer,
        begun_ms: console::now().ms(),
    };
    let delivery = Delivery::of(&parts);
    match session
        .save_pending_oauth(&services, &delivery, &sign_in, &pending)
        .await
    {
        Ok(()) => (
            browser_proof(&services, &parts, had_session),
            Redirect::to(authorization.url.as_str()),
        )
            .into_response(),
        Err(error) => fail(session_problem(&source, &error)),
    }
}

/// The proof for a browser that already had a session. A browser without one has nothing to share yet. The browser
/// keeps the proof of the sign-in page, for its other tabs; a proof from anywhere else may have been planted.
fn browser_proof(
    services: &Services,
    parts: &Parts,
    had_session: bool,
) -> Option<AppendHeaders<[(HeaderName, HeaderValue); 1]>> {
    let is_from_here = parts
        .headers
        .get("sec-fetch-site")
        .is_some_and(|site| site == "same-origin");
    let has_proof = services.cookies.browser_proof(&parts.headers).is_some();
    if !had_session || (has_proof && is_from_here) {
        return None;
    }
    let cookie = services.cookies.new_browser_proof()?;
    Some(AppendHeaders([(SET_COOKIE, cookie)]))
}

/// Whether a page of another site embeds this request, as an image or in a frame: no one chose to open it, so it must
/// not count as an attempt of the people behind this address.
fn is_embedded(headers: &HeaderMap) -> bool {
    let is = |name: &str, value: &str| headers.get(name).is_some_and(|found| found == value);
    is("sec-fetch-site", "cross-site") && !(is("sec-fetch-mode", "navigate") && is("sec-fetch-dest", "document"))
}

/// `GET /sign-in/callback`: signs in with the code, once, and only if this browser was sent to the sign-in page with
/// this state. Several tabs can sign in at the same time; each return leads to the page of its own tab. Someone who
/// reloads this URL while signed in is redirected to that page too.
pub(crate) async fn callback(
    State(services): State<Services>,
    Extension(session): Extension<Session>,
    Extension(source): Extension<RequestSource>,
    Query(returned): Query<OAuthCallback>,
    request: Request,
) -> Redirect {
    let (parts, _) = request.into_parts();
    let session = BrowserSession(session);
    let sign_in = services.join_sign_ins(&session, &parts.headers).await;
    let pending = match sign_in.take_oauth(returned.state.as_deref().unwrap_or_default()).await {
        Ok(Some(pending)) => pending,
        Ok(None) => return redirect_with_problem(&source, Problem::SignInExpired, "/"),
        Err(error) => return redirect_with_problem(&source, session_problem(&source, &error), "/"),
    };
    let Some(verifier) = pending.verifier.clone() else {
        return match session.sign_ins().await {
            Ok(sign_ins) if sign_ins.contains_key(&pending.workspace) => Redirect::to(&pending.next),
            Ok(_) => redirect_with_problem(&source, Problem::SignInExpired, &pending.next),
            Err(error) => redirect_with_problem(&source, session_problem(&source, &error), &pending.next),
        };
    };
    if returned.iss.is_some() && pending.issuer.is_some() && returned.iss != pending.issuer {
        tracing::warn!(
            request = source.id,
            "the response is from another sign-in service than requested"
        );
        return redirect_with_problem(&source, Problem::OAuthRefused, &pending.next);
    }
    let code = match (returned.code, returned.error.as_deref()) {
        (Some(code), None) => code,
        (_, Some("access_denied")) => return redirect_with_problem(&source, Problem::OAuthCancelled, &pending.next),
        _ => return redirect_with_problem(&source, Problem::OAuthRefused, &pending.next),
    };
    match finish(&services, &sign_in, &pending, (code, verifier.into()), &parts, &source).await {
        Ok(()) => Redirect::to(&pending.next),
        Err(problem) => redirect_with_problem(&source, problem, &pending.next),
    }
}

/// Exchanges the code for a credential and adds the sign-in to the browser's session.
async fn finish(
    services: &Services,
    sign_in: &SignInRequest,
    pending: &PendingOAuth,
    (code, verifier): (SecretString, SecretString),
    parts: &Parts,
    source: &RequestSource,
) -> Result<(), Problem> {
    let signed_in = services
        .console
        .finish_oauth(&pending.workspace, code, verifier, device_of(parts))
        .await;
    let signed_in = signed_in.map_err(|error| sign_in_problem(source, &error))?;
    let delivery = Delivery::of(parts);
    sign_in
        .session()
        .add_sign_in(services, &delivery, sign_in, &pending.workspace, signed_in)
        .await
        .map_err(|error| session_problem(source, &error))
}

/// Redirects to the sign-in page, which shows the problem.
fn redirect_with_problem(source: &RequestSource, problem: Problem, next: &str) -> Redirect {
    let failure = Failure::new(problem, source.id.as_str());
    Redirect::to(&failure.to_url(&paths::sign_in(Some(next))))
}

/// Logs why a sign-in failed.
fn sign_in_problem(source: &RequestSource, error: &console::Error) -> Problem {
    tracing::warn!(request = source.id, %error, "OAuth sign-in failed");
    error.into()
}

/// Logs why the browser's session could not be read or stored.
fn session_problem(source: &RequestSource, error: &dyn std::error::Error) -> Problem {
    tracing::error!(request = source.id, %error, "session store failed");
    Problem::Internal
}
