//! `POST /api/bulk_revocations/draft`: stores a selection as the draft of a bulk change. It is not a server function,
//! because the form has many checkboxes with the same name. By default, the tokens are to be revoked; `change` requests
//! a change of their scopes instead, and `put-back` the restoration after a bulk change of scopes.

use app::http::paths;
use app::http::request::Services;
use app::problem::{Failure, Problem};
use axum::Extension;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use console::bulk::ScopesChange;
use console::{Error, RequestSource};
use domain::{ParsedQuery, ParsedSelection, Selection};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use leptos::server_fn::error::FromServerFnError as _;
use tower_sessions::Session;

use crate::middleware::form_redirect::wants_html;
use crate::routes::{signed_in, status_of};

/// Stores the draft and redirects to its review. Reports a failure like a server function: a form is redirected to its
/// page with the failure in the URL, a script gets a status and JSON.
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
    let field = |wanted: &str| fields().find(|(name, _)| *name == wanted).map(|(_, value)| value);
    let workspace = field("workspace").unwrap_or_default();
    let (change, put_back) = (field("change"), field("put-back"));
    let parsed = ParsedQuery::from_pairs(fields());
    let selected = ParsedSelection::from_pairs(fields(), &parsed.query);
    let console = &services.console;
    let draft = async {
        let actor = signed_in::actor(console, session, source.clone(), workspace).await?;
        if let Some(id) = put_back {
            let id = id.parse().map_err(|_| Error::BulkNotFound)?;
            return console.draft_put_back(&actor, &id).await;
        }
        let query = parsed.strict().map_err(|_| Error::InvalidFilter)?;
        if selected.too_many {
            return Err(Error::TooManySelected);
        }
        match change.map(ScopesChange::from_slug) {
            None => console.draft_revocation(&actor, query, &selected.selection).await,
            Some(Some(change)) => console.draft_scopes(&actor, change, query, &selected.selection).await,
            // Do not review another change than the requested one.
            Some(None) => Err(Error::InvalidFilter),
        }
    };
    let error = match draft.await {
        Ok(bulk) => return Redirect::to(&paths::bulk_detail(workspace, &bulk)).into_response(),
        Err(error) => error,
    };
    if let Error::Store(fault) | Error::NotRecorded(fault) = &error {
        tracing::error!(request = source.id, error = %fault, "database failed");
    }
    let failure = Failure::new(Problem::from(&error), source.id);
    if !wants_html(&headers) {
        let status = status_of(&failure.problem);
        return (status, [(CONTENT_TYPE, "application/json")], failure.ser()).into_response();
    }
    if let Some(id) = put_back.and_then(|id| id.parse().ok()) {
        let page = paths::bulk_detail(workspace, &id);
        let url = match error {
            Error::SignedOut => paths::sign_in(paths::local_path(&page)),
            _ => failure.to_url(&page),
        };
        return Redirect::to(&url).into_response();
    }
    // Without its invalid filters, the same selection could include more tokens.
    let selection = match error {
        Error::InvalidFilter => &Selection::None,
        _ => &selected.selection,
    };
    let list = paths::tokens_selected(workspace, &parsed.query, selection);
    let url = match error {
        // The filters changed, which cleared the selection. The list says so if the URL's selection is for other
        // filters.
        Error::NothingSelected if selected.cleared => {
            paths::with_param(&paths::with_param(&list, "all", "1"), "of", "0")
        }
        Error::SignedOut => paths::sign_in(paths::local_path(&list)),
        _ => failure.to_url(&list),
    };
    Redirect::to(&url).into_response()
}
