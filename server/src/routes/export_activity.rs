//! The activity log as a file: `/w/{workspace}/activity.csv` and `.json`, with every operation that matches the
//! filters. The text is as stored, so that it can be checked against the hash chain. Days in the filters are in the
//! time zone that the person has chosen, as on the page; the file name contains that time zone.

use std::borrow::Cow;

use app::http::request::Services;
use app::http::time_zone::PageTimeZone;
use app::pages::activity::ActivityFilters;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use console::activity::{ActivityPage, ActivityQuery, Operation};
use console::{Actor, Console, Error, RequestSource};
use futures_util::stream::{self, Stream, StreamExt as _};
use http::HeaderMap;
use serde::Serialize;
use tower_sessions::Session;

use crate::routes::export::{BATCH_SIZE, ExportRow, Format, download, file_name};
use crate::routes::signed_in;

/// One operation.
#[derive(Serialize)]
struct ActivityExportRow<'a> {
    at: String,
    who: &'a str,
    what: &'a str,
    target: &'a str,
    before: &'a str,
    wanted: Cow<'a, str>,
    reason: &'a str,
    outcome: &'static str,
    detail: Cow<'a, str>,
    request_id: &'a str,
    operation: &'a str,
    client_address: Option<&'a str>,
}

impl<'a> From<&'a Operation> for ActivityExportRow<'a> {
    fn from(operation: &'a Operation) -> Self {
        Self {
            at: operation.at.to_iso(),
            who: &operation.actor,
            what: operation.kind.to_stored(),
            target: &operation.target,
            before: &operation.before,
            wanted: operation.requested.to_stored(),
            reason: &operation.reason,
            outcome: operation.outcome.slug(),
            detail: operation.detail.to_stored(),
            request_id: &operation.request_id,
            operation: &operation.operation,
            client_address: operation.client_address.as_deref(),
        }
    }
}

impl ExportRow for ActivityExportRow<'_> {
    const HEADINGS: &'static str =
        "at,who,what,target,before,wanted,reason,outcome,detail,request_id,operation,client_address";

    fn columns(&self) -> Vec<&str> {
        vec![
            &self.at,
            self.who,
            self.what,
            self.target,
            self.before,
            &self.wanted,
            self.reason,
            self.outcome,
            &self.detail,
            self.request_id,
            self.operation,
            self.client_address.unwrap_or_default(),
        ]
    }
}

/// The activity log of a workspace, for someone who was recently verified as an admin or an auditor of it.
pub(crate) async fn export(
    format: Format,
    State(services): State<Services>,
    Extension(session): Extension<Session>,
    Extension(source): Extension<RequestSource>,
    Path(workspace): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Response {
    let pairs = || pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let zone = PageTimeZone::of(&headers, services.cookies);
    let (filters, format) = (ActivityFilters::parse(pairs(), &zone), format.asked_for(pairs()));
    let query = filters.query.clone();
    let opened = async {
        let actor = signed_in::actor(&services.console, session, source, &workspace).await?;
        services.console.ensure_fresh_proof(&actor).await?;
        if !filters.are_all_applied() {
            return Err(Error::InvalidFilter);
        }
        let first = services.console.activity(&actor, query.clone(), BATCH_SIZE).await?;
        Ok((actor, first))
    };
    match opened.await {
        Ok((actor, first)) => {
            let name = file_name(&workspace, "activity", console::now(), &filters.file_name_part());
            let batches = batches(services.console, actor, query, first);
            let rows = move |operations: Vec<Operation>| format.rows(operations.iter().map(ActivityExportRow::from));
            let texts = batches.map(move |batch| batch.map(rows));
            download::<ActivityExportRow<'_>>(format, &name, texts)
        }
        Err(error) => signed_in::reject(&error, &format!("/w/{workspace}/activity")),
    }
}

/// The activity log in batches. Each batch is read by its own statement after the previous one has been sent, so a slow
/// download keeps nothing open in the database. A batch of a search can be empty.
fn batches(
    console: Console,
    actor: Actor,
    query: ActivityQuery,
    first: ActivityPage,
) -> impl Stream<Item = Result<Vec<Operation>, Error>> {
    let begin = Some((console, actor, query, Some(first)));
    stream::unfold(begin, |state| async {
        let (console, actor, mut query, ready) = state?;
        let page = match ready {
            Some(page) => page,
            None => match console.activity(&actor, query.clone(), BATCH_SIZE).await {
                Ok(page) => page,
                Err(error) => return Some((Err(error), None)),
            },
        };
        query.before = page.older;
        let next = query.before.is_some().then_some((console, actor, query, None));
        Some((Ok(page.operations), next))
    })
}
