//! The report of a bulk change as a file: `/w/{workspace}/bulk-revocations/{id}/report.csv`, with the result of each
//! token.

use app::http::request::Services;
use app::pages::bulk::state_label;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use console::bulk::BulkView;
use console::{Actor, BulkId, BulkItemPage, BulkState, Console, EndedItem, Error, RequestSource};
use domain::{GrantedScopes, PrincipalKind};
use futures_util::stream::{self, Stream, StreamExt as _};
use serde::Serialize;
use tower_sessions::Session;

use crate::routes::export::{BATCH_SIZE, ExportRow, Format, download, file_name};
use crate::routes::signed_in;

/// How many characters of the ID are in the file name.
const SHORT_ID_CHARS: usize = 8;

/// One token.
#[derive(Serialize)]
struct ReportRow<'a> {
    token_id: &'a str,
    comment: &'a str,
    owner_id: &'a str,
    owner: &'a str,
    owner_kind: &'static str,
    result: &'static str,
    detail: String,
    ended: String,
    operation: &'a str,
    scopes_before: String,
    scopes_after: String,
}

/// The scopes in one cell. A missing list differs from `all-apis`, and an empty list from an empty cell.
fn scopes_cell(scopes: Option<&GrantedScopes>) -> String {
    match scopes.map(GrantedScopes::names) {
        None => String::new(),
        Some(None) => "no list".to_owned(),
        Some(Some(names)) if names.is_empty() => "empty list".to_owned(),
        Some(Some(names)) => names.join(", "),
    }
}

impl<'a> From<&'a EndedItem> for ReportRow<'a> {
    fn from(ended: &'a EndedItem) -> Self {
        let item = &ended.item;
        Self {
            token_id: item.token.as_str(),
            comment: &item.comment,
            owner_id: &item.owner_id,
            owner: &item.owner,
            owner_kind: item.owner_kind.map_or("unknown", PrincipalKind::slug),
            result: state_label(item.state),
            detail: item.detail.label().into_owned(),
            ended: ended.ended.map(|at| at.to_iso()).unwrap_or_default(),
            operation: &item.operation,
            scopes_before: scopes_cell(item.scopes_before.as_ref()),
            scopes_after: scopes_cell(item.scopes_after.as_ref()),
        }
    }
}

impl ExportRow for ReportRow<'_> {
    const HEADINGS: &'static str =
        "token_id,comment,owner_id,owner,owner_kind,result,detail,ended,operation,scopes_before,scopes_after";

    fn columns(&self) -> Vec<&str> {
        vec![
            self.token_id,
            self.comment,
            self.owner_id,
            self.owner,
            self.owner_kind,
            self.result,
            &self.detail,
            &self.ended,
            self.operation,
            &self.scopes_before,
            &self.scopes_after,
        ]
    }
}

/// The report, for someone who was recently verified as an admin or an auditor of the workspace.
pub(crate) async fn report(
    State(services): State<Services>,
    Extension(session): Extension<Session>,
    Extension(source): Extension<RequestSource>,
    Path((workspace, id)): Path<(String, String)>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Response {
    let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let format = Format::Csv.asked_for(pairs);
    let console = services.console;
    let opened = async {
        let id: BulkId = id.parse().map_err(|_| Error::BulkNotFound)?;
        let actor = signed_in::actor(&console, session, source, &workspace).await?;
        console.ensure_fresh_proof(&actor).await?;
        let first = console.bulk_view(&actor, &id, page(0)).await?;
        match first.progress.bulk.state {
            BulkState::Draft => Err(Error::BulkNotFound),
            BulkState::Running | BulkState::Paused | BulkState::Finished => Ok((actor, id, first)),
        }
    };
    match opened.await {
        Ok((actor, id, first)) => {
            let what = match first.progress.bulk.kind.sets_scopes() {
                true => "bulk-change",
                false => "bulk-revocation",
            };
            let content = format!("{what}-{}", &id.as_str()[..SHORT_ID_CHARS]);
            let name = file_name(&workspace, &content, console::now(), "");
            let rows = move |items: Vec<EndedItem>| format.rows(items.iter().map(ReportRow::from));
            let texts = batches(console, actor, id, first).map(move |batch| batch.map(rows));
            download::<ReportRow<'_>>(format, &name, texts)
        }
        Err(error) => signed_in::reject(&error, &format!("/w/{workspace}/bulk-revocations/{id}")),
    }
}

fn page(offset: u32) -> BulkItemPage {
    BulkItemPage {
        state: None,
        offset,
        limit: BATCH_SIZE,
        by_position: true,
    }
}

/// The tokens in batches. Each batch is read after the previous one has been sent.
fn batches(
    console: Console,
    actor: Actor,
    id: BulkId,
    first: BulkView,
) -> impl Stream<Item = Result<Vec<EndedItem>, Error>> {
    let begin = Some((console, actor, id, 0, Some(first)));
    stream::unfold(begin, |state| async {
        let (console, actor, id, offset, ready) = state?;
        let view = match ready {
            Some(view) => view,
            None => match console.bulk_view(&actor, &id, page(offset)).await {
                Ok(view) => view,
                Err(error) => return Some((Err(error), None)),
            },
        };
        let next = view.has_more.then_some((console, actor, id, offset + BATCH_SIZE, None));
        Some((Ok(view.items), next))
    })
}
