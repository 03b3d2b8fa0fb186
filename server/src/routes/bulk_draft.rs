//! `POST /api/bulk_revocations/draft`: stores a selection as the draft of a bulk revocation. It is not a server
//! function, since the form has many checkboxes with one name.

use app::http::paths;
use app::http::request::Services;
use app::problem::{Failure, Problem};
use axum::Extension;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use console::{Error, RequestSource};
use domain::{ParsedQuery, ParsedSelection, Selection};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use leptos::server_fn::error::FromServerFnError as _;
use tower_sessions::Session;

use crate::middleware::form_redirect::wants_html;
use crate::routes::{signed_in, status_of};

/// Stores the draft and redirects to its review. A failure is reported as server functions do: a form is redirected to
/// its page with the failure in the URL, a script gets a status and JSON.
pub(crate) async fn draft_bulk(
    State(services): State<Services>,
    Extension(session): Extension<Session>,
    Extension(source): Extension<RequestSource>,
    headers: HeaderMap,
    Query(query): Query<Vec<(String, String)>>,
    Form(body): Form<Vec<(String, String)>>,
) -> Response {
    let fields = || {
        body.iter()
            .chain(&query)
            .map(|(name, value)| (name.as_str(), value.as_str()))
    };
    let workspace = fields()
        .find(|(name, _)| *name == "workspace")
        .map_or("", |(_, value)| value);
    let parsed = ParsedQuery::from_pairs(fields());
    let selected = ParsedSelection::from_pairs(fields(), &parsed.query);
    let console = &services.console;
    let draft = async {
        let actor = signed_in::actor(console, session, source.clone(), workspace).await?;
        let query = parsed.strict().map_err(|_| Error::InvalidFilter)?;
        if selected.too_many {
            return Err(Error::TooManySelected);
        }
        console.draft_revocation(&actor, query, &selected.selection).await
    };
    let error = match draft.await {
        Ok(bulk) => return Redirect::to(&paths::bulk_detail(workspace, &bulk)).into_response(),
        Err(error) => error,
    };
    if let Error::Store(fault) = &error {
        tracing::error!(request = source.id, error = %fault, "database failed");
    }
    let failure = Failure::new(Problem::from(&error), source.id);
    if !wants_html(&headers) {
        let status = status_of(&failure.problem);
        return (status, [(CONTENT_TYPE, "application/json")], failure.ser()).into_response();
    }
    // Without the invalid filters, the same selection could be of more tokens.
    let selection = match error {
        Error::InvalidFilter => &Selection::None,
        _ => &selected.selection,
    };
    let list = paths::tokens_selected(workspace, &parsed.query, selection);
    let url = match error {
        // The filters changed, which cleared the selection: the list says so when the URL's selection belongs to none.
        Error::NothingSelected if selected.cleared => {
            paths::with_param(&paths::with_param(&list, "all", "1"), "of", "0")
        }
        Error::SignedOut => paths::sign_in(paths::local_path(&list)),
        _ => failure.to_url(&list),
    };
    Redirect::to(&url).into_response()
}
