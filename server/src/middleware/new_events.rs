//! Applies the changes of other instances before the page after a change is rendered, since another instance may render
//! that page.

use app::http::request::Services;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::Method;

/// The parameter on the page after a change.
const DONE_PARAM: &str = "done=";

/// See the module.
pub(crate) async fn apply_new_events(State(services): State<Services>, request: Request, next: Next) -> Response {
    let follows_change = |query: &str| query.split('&').any(|pair| pair.starts_with(DONE_PARAM));
    if request.method() == Method::GET && request.uri().query().is_some_and(follows_change) {
        services.console.apply_new_events().await;
    }
    next.run(request).await
}
