//! `/w/{workspace}/bulk-revocations`: the bulk changes of a workspace, with the number of tokens by result.

use std::sync::Arc;

use console::{Actor, BulkItemState, BulkKind, BulkState, BulkSummary, Error};
use leptos::prelude::*;

use super::items::owner_link;
use super::result::short_result;
use crate::components::{
    Cell, Column, DataTable, TableName, count_of, crumbs, date_time, empty_state, group_digits, page_head,
};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, workspace_page};

/// How many bulk changes the list shows; older ones are left out.
const MAX_BULK_LISTED: u32 = 100;

/// The bulk changes, newest first.
#[component]
pub(crate) fn BulkListPage() -> impl IntoView {
    workspace_page(Area::Tokens, "Bulk changes", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    let bulks = request.console.bulks(&actor, MAX_BULK_LISTED).await?;
    let workspace = actor.workspace().name();
    let list = if bulks.is_empty() {
        let text = "Select tokens in the list to revoke several at once.";
        empty_state("No bulk changes yet", text.to_owned(), ()).into_any()
    } else {
        table(&bulks)
    };
    let is_cut = bulks.len() >= MAX_BULK_LISTED as usize;
    let cut = is_cut.then(|| {
        view! {
            <p class="muted">
                {format!("Only the newest {MAX_BULK_LISTED} are listed. ")}
                <a href=paths::activity(workspace)>"Older ones are in Activity"</a> "."
            </p>
        }
    });
    let content = view! {
        {crumbs(paths::tokens(workspace), "Personal access tokens")}
        {page_head(
            "Bulk changes",
            view! { <p>"They continue if you close the browser or the console restarts."</p> },
            (),
        )}
        <section class="card" aria-label="Bulk changes">
            {list}
        </section>
        {cut}
    };
    Ok(PageResult::new(content))
}

fn table(bulks: &[BulkSummary]) -> AnyView {
    let table = DataTable {
        class: Some("bulk-table"),
        name: TableName::Caption("Newest first".into()),
        columns: [
            Column::name("Started"),
            Column::value("Change"),
            Column::value("Started by"),
            Column::value("Owner"),
            Column::number("Tokens"),
            Column::number("Done"),
            Column::number("Failed"),
            Column::value("Status"),
        ],
    };
    table.view(bulks.iter().map(row))
}

fn row(summary: &BulkSummary) -> [Cell; 8] {
    let (bulk, counts) = (&summary.bulk, &summary.counts);
    let url = paths::bulk_detail(&bulk.workspace, &bulk.id);
    let number = |state| number(&url, state, counts.of(state));
    let done = match bulk.kind.sets_scopes() {
        true => BulkItemState::Changed,
        false => BulkItemState::Revoked,
    };
    let (status, class) = status(summary);
    let owner = match summary.owners {
        1 => owner_link(&bulk.workspace, &summary.owner.0, &summary.owner.1),
        n => count_of(n, "owner").into_any(),
    };
    let reason = (!bulk.reason.is_empty()).then(|| view! { <small><bdi>{bulk.reason.clone()}</bdi></small> });
    let started = view! {
        <a href=url.clone()>
            <span class="visually-hidden">{change(bulk.kind)} ", "</span>
            {date_time(bulk.started.unwrap_or(bulk.created))}
        </a>
        {reason}
    };
    let tokens = view! {
        <a href=url.clone() aria-label=count_of(counts.total(), "token")>
            {group_digits(counts.total())}
        </a>
    };
    [
        Cell::new(started),
        Cell::new(change(bulk.kind)),
        Cell::new(view! { <bdi>{bulk.user_name.clone()}</bdi> }),
        Cell::new(owner),
        Cell::new(tokens),
        Cell::new(number(done)),
        Cell::new(number(BulkItemState::Failed)),
        Cell::new(view! { <span class=class>{status}</span> }),
    ]
}

/// The name of the change.
const fn change(kind: BulkKind) -> &'static str {
    match kind {
        BulkKind::Revoke => "Revoke tokens",
        BulkKind::KeepScopes => "Keep scopes",
        BulkKind::NarrowScopes => "Narrow scopes",
        BulkKind::PutBackScopes => "Put back scopes",
    }
}

/// A number of tokens, as a link to them if there are any.
fn number(url: &str, state: BulkItemState, n: usize) -> AnyView {
    let text = group_digits(n);
    if n == 0 {
        return text.into_any();
    }
    let (href, label) = (
        paths::with_param(url, "state", state.slug()),
        format!("{text} {}", state.slug()),
    );
    let class = if state == BulkItemState::Failed {
        "danger-text"
    } else {
        ""
    };
    view! {
        <a href=href class=class aria-label=label>
            {text}
        </a>
    }
    .into_any()
}

fn status(summary: &BulkSummary) -> (String, &'static str) {
    let counts = &summary.counts;
    let processed = || {
        let (settled, total) = (group_digits(counts.settled()), group_digits(counts.total()));
        format!("{settled} of {total} processed")
    };
    match summary.bulk.state {
        BulkState::Draft => ("Draft".to_owned(), "chip"),
        BulkState::Running => (format!("Running, {}", processed()), "chip accent"),
        BulkState::Paused => (format!("Paused, {}", processed()), "chip warn"),
        BulkState::Finished => short_result(summary.bulk.kind, counts),
    }
}
