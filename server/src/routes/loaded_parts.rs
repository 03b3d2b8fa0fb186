//! `GET /w/{workspace}/parts/loaded`: responds without content when one of the loading parts of a workspace has loaded,
//! or after 25 seconds. A page that was rendered before that then fills its cells.

use app::http::request::Services;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use console::RequestSource;
use http::StatusCode;
use tower_sessions::Session;

use crate::routes::signed_in;

pub(crate) async fn loaded_parts(
    State(services): State<Services>,
    Extension(session): Extension<Session>,
    Extension(source): Extension<RequestSource>,
    Path(workspace): Path<String>,
) -> Response {
    let console = services.console;
    let waiting = async {
        let actor = signed_in::actor(&console, session, source, &workspace).await?;
        tokio::select! {
            result = console.wait_for_next_part(&actor) => result.map(drop),
            // A console that is stopping does not wait for clients that only watch.
            () = console.stopping() => Ok(()),
        }
    };
    match waiting.await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => signed_in::reject(&error, &app::http::paths::tokens(&workspace)),
    }
}
