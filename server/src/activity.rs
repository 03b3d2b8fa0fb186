//! The record taken along: `/w/{workspace}/activity.csv` and `.json`, everything that passes the filters, as it is read.

use app::activity::query_of;
use app::problem::Problem;
use app::request::{BrowserSession, RequestId, Services};
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use console::activity::{ActivityQuery, Operation};
use console::{Actor, Console};
use futures_util::stream::{self, Stream, StreamExt as _};
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Serialize;
use tower_sessions::Session;

/// Operations that are held at once.
const PART: u32 = 500;

/// How the record is written.
#[derive(Clone, Copy)]
pub(crate) enum Format {
    /// RFC 4180, safe to open in a spreadsheet.
    Csv,
    /// A list of objects.
    Json,
}

/// One operation, as it is exported.
#[derive(Serialize)]
struct Line<'a> {
    at: String,
    who: &'a str,
    what: &'a str,
    target: &'a str,
    before: &'a str,
    wanted: &'a str,
    reason: &'a str,
    outcome: &'static str,
    detail: &'a str,
    request_id: &'a str,
    operation: &'a str,
}

impl<'a> From<&'a Operation> for Line<'a> {
    fn from(operation: &'a Operation) -> Self {
        Self {
            at: operation.at.iso(),
            who: &operation.actor,
            what: &operation.kind,
            target: &operation.target,
            before: &operation.was,
            wanted: &operation.wanted,
            reason: &operation.reason,
            outcome: operation.outcome.slug(),
            detail: &operation.detail,
            request_id: &operation.request_id,
            operation: &operation.operation,
        }
    }
}

impl Line<'_> {
    const HEADINGS: &'static str = "at,who,what,target,before,wanted,reason,outcome,detail,request_id,operation\r\n";

    fn csv(&self) -> String {
        let cells = [
            self.at.as_str(),
            self.who,
            self.what,
            self.target,
            self.before,
            self.wanted,
            self.reason,
            self.outcome,
            self.detail,
            self.request_id,
            self.operation,
        ];
        cells.map(cell).join(",") + "\r\n"
    }
}

/// A cell that no spreadsheet takes for a formula (<https://owasp.org/www-community/attacks/CSV_Injection>).
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let safe = if formula { "'" } else { "" };
    format!("\"{safe}{}\"", text.replace('"', "\"\""))
}

/// The record of a workspace, for who is proven to be an admin of it.
pub(crate) async fn export(
    format: Format,
    State(services): State<Services>,
    Extension(session): Extension<Session>,
    Extension(id): Extension<RequestId>,
    Path(workspace): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Response {
    let query = query_of(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let console = services.console;
    let opened = async {
        console.workspace(&workspace)?;
        let sign_in = BrowserSession(session).sign_in(&workspace).await;
        let actor = console
            .actor(&workspace, &sign_in.ok_or(console::Error::SignedOut)?, &id.0)
            .await?;
        let first = console.activity(&actor, query.clone(), PART).await?;
        Ok((actor, first))
    };
    match opened.await {
        Ok((actor, first)) => {
            let parts = parts(console.clone(), actor, query, first.operations, first.more);
            answer(format, &workspace, parts)
        }
        Err(console::Error::SignedOut) => {
            let back = format!("/w/{workspace}/activity");
            Redirect::to(&app::paths::sign_in(app::paths::own_path(&back))).into_response()
        }
        Err(error) => {
            let error: console::Error = error;
            let status =
                StatusCode::from_u16(Problem::from(&error).status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, format!("{error}\n")).into_response()
        }
    }
}

/// The record, part by part: the next is read when the one before has been sent.
fn parts(
    console: Console,
    actor: Actor,
    query: ActivityQuery,
    first: Vec<Operation>,
    more: bool,
) -> impl Stream<Item = Result<Vec<Operation>, console::Error>> {
    let begin = Some((console, actor, query, Some((first, more))));
    stream::unfold(begin, |state| async {
        let (console, actor, mut query, ready) = state?;
        let (operations, more) = match ready {
            Some(ready) => ready,
            None => match console.activity(&actor, query.clone(), PART).await {
                Ok(page) => (page.operations, page.more),
                // The connection is cut rather than the file ended as if it were whole.
                Err(error) => return Some((Err(error), None)),
            },
        };
        query.before = operations.last().map(|operation| operation.id);
        let next = more.then_some((console, actor, query, None));
        Some((Ok(operations), next))
    })
}

fn answer(
    format: Format,
    workspace: &str,
    parts: impl Stream<Item = Result<Vec<Operation>, console::Error>> + Send + 'static,
) -> Response {
    let (extension, content_type) = match format {
        Format::Csv => ("csv", "text/csv; charset=utf-8"),
        Format::Json => ("json", "application/json"),
    };
    let mut first = true;
    let text = parts.map(move |part| {
        part.map(|operations| {
            let lines = operations.iter().map(Line::from);
            match format {
                Format::Csv => lines.map(|line| line.csv()).collect::<String>(),
                Format::Json => lines
                    .map(|line| {
                        let comma = if std::mem::take(&mut first) { "" } else { ",\n" };
                        comma.to_owned() + &serde_json::to_string(&line).unwrap_or_default()
                    })
                    .collect(),
            }
        })
    });
    let (begin, end) = match format {
        Format::Csv => (Line::HEADINGS, ""),
        Format::Json => ("[", "]\n"),
    };
    let around = |text: &str| stream::iter([Ok(text.to_owned())]);
    let body = Body::from_stream(around(begin).chain(text).chain(around(end)));
    // A workspace's name is of letters, digits and dashes.
    let disposition = format!("attachment; filename=\"activity-{workspace}.{extension}\"");
    (
        [
            (CONTENT_TYPE, content_type.to_owned()),
            (CONTENT_DISPOSITION, disposition),
        ],
        body,
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (text, safe) in [
            ("plain", "\"plain\""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\tx", "\"'\tx\""),
            ("a,b\nc", "\"a,b\nc\""),
            ("", "\"\""),
        ] {
            assert_eq!(cell(text), safe);
        }
    }
}
