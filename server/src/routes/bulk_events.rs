//! `GET /w/{workspace}/bulk-revocations/{id}/events`: the progress of a bulk revocation as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use app::http::paths;
use app::http::request::Services;
use app::http::time_zone::PageTimeZone;
use app::pages::bulk::{ItemsQuery, ProgressFragment, render_progress};
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use console::{BulkId, BulkItemPage, BulkState, Console, Error, RequestSource, SignInId};
use futures_util::stream::{self, Stream};
use http::HeaderMap;
use tokio::time::sleep;
use tower_sessions::Session;

use crate::middleware::security_headers::UNBUFFERED;
use crate::routes::signed_in;

/// How often the progress is read.
const EVENT_POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Sends `progress` with HTML when it has changed, and finally `state` when the bulk revocation no longer runs: the
/// page then reloads as a whole. The HTML contains the tokens that the page shows, if the query asks for them.
pub(crate) async fn bulk_events(
    State(services): State<Services>,
    Extension(session): Extension<Session>,
    Extension(source): Extension<RequestSource>,
    Path((workspace, id)): Path<(String, String)>,
    Query(pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Response {
    let time_zone = PageTimeZone::of(&headers, services.cookies);
    let console = services.console;
    let pairs = || pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let shown = pairs()
        .any(|(name, _)| name == paths::BULK_ITEMS)
        .then(|| ItemsQuery::from_pairs(pairs()));
    let opened = async {
        let id = id.parse().map_err(|_| Error::BulkNotFound)?;
        let sign_in = signed_in::sign_in(&console, session, &workspace).await?;
        let actor = console.actor(&workspace, &sign_in, source.clone()).await?;
        Ok((sign_in, console.bulk(&actor, &id).await?.id))
    };
    match opened.await {
        Ok((sign_in, id)) => {
            let stream = EventStream {
                console,
                sign_in,
                source,
                workspace,
                id,
                items: shown,
                time_zone,
                sent: None,
            };
            let events = Sse::new(stream.events()).keep_alive(KeepAlive::default());
            ([UNBUFFERED], events).into_response()
        }
        Err(error) => signed_in::reject(&error, &format!("/w/{workspace}/bulk-revocations/{id}")),
    }
}

/// The state of a stream between two events.
struct EventStream {
    console: Console,
    sign_in: SignInId,
    source: RequestSource,
    workspace: String,
    id: BulkId,
    /// The tokens that the page shows, if any.
    items: Option<ItemsQuery>,
    time_zone: PageTimeZone,
    sent: Option<ProgressFragment>,
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
            let (event, is_last) = event;
            Some((Ok(event), (!is_last).then_some(stream)))
        })
    }

    /// Waits for a change, and returns whether it is the last one. `None` if the progress can no longer be read: the
    /// page says why when it is reloaded.
    async fn next_event(&mut self) -> Option<(Event, bool)> {
        loop {
            if self.sent.is_some() {
                sleep(EVENT_POLL_INTERVAL).await;
            }
            // Checked each time, since the session may have ended in the meantime.
            let actor = self
                .console
                .actor(&self.workspace, &self.sign_in, self.source.clone())
                .await
                .ok()?;
            let page = self.items.map_or_else(BulkItemPage::default, ItemsQuery::page);
            let view = self.console.bulk_view(&actor, &self.id, page).await.ok()?;
            if view.progress.bulk.state != BulkState::Running {
                // Browsers ignore an event without data.
                return Some((Event::default().event("state").data("ended"), true));
            }
            let fragment = render_progress(&self.time_zone, &self.workspace, &view, self.items);
            if self.sent.as_ref() != Some(&fragment) {
                // A line break would end the `data` line.
                let html = fragment.html.replace(['\r', '\n'], " ");
                self.sent = Some(fragment);
                return Some((Event::default().event("progress").data(html), false));
            }
        }
    }
}
