//! Stores form input on the server if it does not fit into a URL, or if the session had ended. The URL of a redirect
//! then contains the ID of a draft, and a page that is opened with that ID sees the fields in its URL.

use app::http::browser_session::BrowserSession;
use app::http::form_drafts::{BrowserUrl, restore, shorten};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use console::Console;
use http::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderValue, Method};
use tower_sessions::Session;

/// The media type of a response that contains only the URL of a redirect, for scripts: they cannot read the URL from
/// the redirect itself.
const URL_LIST: &str = "text/uri-list";

/// Restores the draft that a page's URL refers to, and shortens the URL of a redirect.
pub(crate) async fn keep_form_drafts(State(console): State<Console>, mut request: Request, next: Next) -> Response {
    let Some(session) = request.extensions().get::<Session>().cloned().map(BrowserSession) else {
        return next.run(request).await;
    };
    if matches!(*request.method(), Method::GET | Method::HEAD)
        && let Some((uri, state)) = restore(&console, &session, request.uri()).await
    {
        let browser_url = request
            .uri()
            .path_and_query()
            .map_or("/", |url| url.as_str())
            .to_owned();
        request.extensions_mut().insert(BrowserUrl(browser_url));
        request.extensions_mut().insert(state);
        *request.uri_mut() = uri;
    }
    let wants_url = wants_url(request.headers());
    let mut response = next.run(request).await;
    let Some(location) = local_location(&response) else {
        return response;
    };
    let short = shorten(&console, &session, &location).await;
    if let Ok(value) = HeaderValue::from_str(&short) {
        response.headers_mut().insert(LOCATION, value);
    }
    match wants_url && response.status().is_redirection() {
        true => ([(CONTENT_TYPE, URL_LIST)], Body::from(short)).into_response(),
        false => response,
    }
}

/// The URL of a redirect within the console.
fn local_location(response: &Response) -> Option<String> {
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    location.starts_with('/').then(|| location.to_owned())
}

fn wants_url(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).is_some_and(|accept| accept == URL_LIST)
}
