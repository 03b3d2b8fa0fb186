//! Jobs over HTTP beside their pages: freezing a selection, which comes from a form with many boxes of one name, and the stream of a
//! job's news.

use std::convert::Infallible;
use std::time::Duration;

use app::http::paths;
use app::http::request::{RequestId, Services};
use app::pages::bulk::{ProgressFragment, render_progress};
use app::problem::{Failure, Problem};
use axum::Extension;
use axum::extract::{Form, Path, Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Redirect, Response};
use console::{BulkRevocation, BulkState, Console, Error, SignInId};
use domain::{ParsedSelection, TokenQuery};
use futures_util::stream::{self, Stream};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use leptos::server_fn::error::FromServerFnError as _;
use tokio::time::sleep;
use tower_sessions::Session;

use crate::middleware::security_headers::UNBUFFERED;
use crate::routes::signed_in;

/// Between two looks at a job.
const EVENT_POLL_INTERVAL: Duration = Duration::from_secs(1);

/// `POST /api/bulk_revocations/draft`: freezes a selection and leads to its review, responding as server functions do.
pub(crate) async fn draft_bulk(
    State(services): State<Services>,
    Extension(session): Extension<Session>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    Query(address): Query<Vec<(String, String)>>,
    Form(body): Form<Vec<(String, String)>>,
) -> Response {
    let all = || {
        body.iter()
            .chain(&address)
            .map(|(name, value)| (name.as_str(), value.as_str()))
    };
    let workspace = all()
        .find(|(name, _)| *name == "workspace")
        .map_or("", |(_, value)| value);
    let query = TokenQuery::from_pairs(all());
    let picked = ParsedSelection::from_pairs(all(), &query);
    let console = &services.console;
    let drafted = async {
        let actor = signed_in::actor(console, session, &id, workspace).await?;
        if picked.too_many {
            return Err(Error::TooManySelected);
        }
        console.draft_revocation(&actor, &query, &picked.selection).await
    };
    let by_form = headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|a| a.contains("text/html"));
    let error = match drafted.await {
        Ok(job) => return see_other(&paths::bulk_detail(workspace, &job)),
        Err(error) => error,
    };
    if let Error::Store(source) = &error {
        tracing::error!(request = id.0, error = %source, "database failed");
    }
    let failure = Failure {
        problem: Problem::from(&error),
        request_id: id.0,
    };
    if by_form {
        let list = paths::tokens_selected(workspace, &query, &picked.selection);
        return match (error, picked.cleared) {
            // Under other filters nothing is picked any more; by an address that belongs to none, the list says so.
            (Error::NothingSelected, true) => {
                see_other(&paths::with_param(&paths::with_param(&list, "all", "1"), "of", "0"))
            }
            (Error::SignedOut, _) => see_other(&paths::sign_in(paths::local_path(&list))),
            _ => see_other(&failure.to_url(&list)),
        };
    }
    let status = StatusCode::from_u16(failure.problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(CONTENT_TYPE, "application/json")], failure.ser()).into_response()
}

fn see_other(address: &str) -> Response {
    Redirect::to(address).into_response()
}

/// `GET /w/{workspace}/bulk-revocations/{id}/events`: `progress` when it differs, and `turn` when the whole page does.
pub(crate) async fn events(
    State(services): State<Services>,
    Extension(session): Extension<Session>,
    Extension(id): Extension<RequestId>,
    Path((workspace, job)): Path<(String, String)>,
) -> Response {
    let console = services.console;
    let opened = async {
        let job = job.parse().map_err(|_| Error::BulkNotFound)?;
        let sign_in = signed_in::sign_in(&console, session, &workspace).await?;
        let actor = console.actor(&workspace, &sign_in, &id.0).await?;
        Ok((sign_in, console.bulk(&actor, &job).await?))
    };
    match opened.await {
        Ok((sign_in, job)) => {
            let events = Sse::new(event_stream(console, sign_in, id, job)).keep_alive(KeepAlive::default());
            ([UNBUFFERED], events).into_response()
        }
        Err(error) => signed_in::reject(&error, &format!("/w/{workspace}/bulk-revocations/{job}")),
    }
}

/// What a stream remembers between two looks.
struct EventStream {
    console: Console,
    sign_in: SignInId,
    request: RequestId,
    job: BulkRevocation,
    shown: Option<ProgressFragment>,
}

fn event_stream(
    console: Console,
    sign_in: SignInId,
    request: RequestId,
    job: BulkRevocation,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let begin = EventStream {
        console,
        sign_in,
        request,
        job,
        shown: None,
    };
    stream::unfold(Some(begin), |state| async {
        let mut watched = state?;
        let console = watched.console.clone();
        let event = tokio::select! {
            event = next_event(&mut watched) => event?,
            // A console that is to stop does not wait for who only looks.
            () = console.stopping() => return None,
        };
        let over = watched.job.state != BulkState::Running;
        Some((Ok(event), (!over).then_some(watched)))
    })
}

/// Waits until there is something new. `None` where one may not look any more: the page that is loaded next says why.
async fn next_event(watched: &mut EventStream) -> Option<Event> {
    loop {
        if watched.shown.is_some() {
            sleep(EVENT_POLL_INTERVAL).await;
        }
        let console = &watched.console;
        // Anew each time: whoever has signed out sees no more.
        let workspace = watched.job.workspace.clone();
        let actor = console
            .actor(&workspace, &watched.sign_in, &watched.request.0)
            .await
            .ok()?;
        watched.job = console.bulk(&actor, &watched.job.id).await.ok()?;
        let progress = console.progress(&actor, watched.job.clone()).await.ok()?;
        if progress.job.state != BulkState::Running {
            return Some(Event::default().event("state").data(""));
        }
        let shown = render_progress(&workspace, &progress);
        if watched.shown.as_ref() != Some(&shown) {
            // A line break would end the line of data.
            let html = shown.html.replace(['\r', '\n'], " ");
            watched.shown = Some(shown);
            return Some(Event::default().event("progress").data(html));
        }
    }
}
