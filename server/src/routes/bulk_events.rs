//! `GET /w/{workspace}/bulk-revocations/{id}/events`: the progress of a bulk revocation as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use app::http::request::Services;
use app::pages::bulk::{ProgressFragment, render_progress};
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use console::{BulkRevocation, BulkState, Console, Error, RequestSource, SignInId};
use futures_util::stream::{self, Stream};
use tokio::time::sleep;
use tower_sessions::Session;

use crate::middleware::security_headers::UNBUFFERED;
use crate::routes::signed_in;

/// How often the progress is read.
const EVENT_POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Sends `progress` with HTML when it has changed, and `state` once when the bulk revocation no longer runs, which
/// changes the whole page. Then the stream ends.
pub(crate) async fn bulk_events(
    State(services): State<Services>,
    Extension(session): Extension<Session>,
    Extension(source): Extension<RequestSource>,
    Path((workspace, id)): Path<(String, String)>,
) -> Response {
    let console = services.console;
    let opened = async {
        let id = id.parse().map_err(|_| Error::BulkNotFound)?;
        let sign_in = signed_in::sign_in(&console, session, &workspace).await?;
        let actor = console.actor(&workspace, &sign_in, source.clone()).await?;
        Ok((sign_in, console.bulk(&actor, &id).await?))
    };
    match opened.await {
        Ok((sign_in, bulk)) => {
            let stream = EventStream {
                console,
                sign_in,
                source,
                bulk,
                shown: None,
            };
            let events = Sse::new(stream.events()).keep_alive(KeepAlive::default());
            ([UNBUFFERED], events).into_response()
        }
        Err(error) => signed_in::reject(&error, &format!("/w/{workspace}/bulk-revocations/{id}")),
    }
}

/// What a stream knows from one event to the next.
struct EventStream {
    console: Console,
    sign_in: SignInId,
    source: RequestSource,
    bulk: BulkRevocation,
    shown: Option<ProgressFragment>,
}

impl EventStream {
    fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(Some(self), |stream| async {
            let mut stream = stream?;
            let console = stream.console.clone();
            let event = tokio::select! {
                event = stream.next_event() => event?,
                // A console that is stopping does not wait for clients that only watch.
                () = console.stopping() => return None,
            };
            let is_running = stream.bulk.state == BulkState::Running;
            Some((Ok(event), is_running.then_some(stream)))
        })
    }

    /// Waits for a change. `None` if the progress cannot be read any more: the page says why when it is next loaded.
    async fn next_event(&mut self) -> Option<Event> {
        loop {
            if self.shown.is_some() {
                sleep(EVENT_POLL_INTERVAL).await;
            }
            let workspace = self.bulk.workspace.clone();
            // Checked again each time, since the session may have ended in the meantime.
            let actor = self
                .console
                .actor(&workspace, &self.sign_in, self.source.clone())
                .await
                .ok()?;
            self.bulk = self.console.bulk(&actor, &self.bulk.id).await.ok()?;
            let progress = self.console.progress(&actor, self.bulk.clone()).await.ok()?;
            if self.bulk.state != BulkState::Running {
                return Some(Event::default().event("state").data(""));
            }
            let shown = render_progress(&workspace, &progress);
            if self.shown.as_ref() != Some(&shown) {
                // A line break would end the line of data.
                let html = shown.html.replace(['\r', '\n'], " ");
                self.shown = Some(shown);
                return Some(Event::default().event("progress").data(html));
            }
        }
    }
}
