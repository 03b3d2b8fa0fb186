//! `/w/{workspace}/bulk-revocations`: the bulk changes of a workspace, each with what became of its tokens.

use std::sync::Arc;

use console::{Actor, BulkItemState, BulkKind, BulkState, BulkSummary, Error};
use leptos::prelude::*;

use super::items::owner_link;
use super::result::short_result;
use crate::components::{count_of, date_time, empty_state, group_digits};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, workspace_page};

/// Bulk changes in the list; older ones are not shown.
const MAX_LISTED: u32 = 100;

/// The bulk changes, newest first.
#[component]
pub(crate) fn BulkListPage() -> impl IntoView {
    workspace_page(Area::Tokens, "Bulk changes", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    let bulks = request.console.bulks(&actor, MAX_LISTED).await?;
    let workspace = actor.workspace().name();
    let list = if bulks.is_empty() {
        let text = "Select tokens in the list to revoke several at once.";
        empty_state("No bulk changes yet", text.to_owned(), ()).into_any()
    } else {
        table(&bulks)
    };
    let is_cut = bulks.len() >= MAX_LISTED as usize;
    let cut = is_cut.then(|| {
        view! {
            <p class="muted">
                {format!("Only the newest {MAX_LISTED} are listed. ")}
                <a href=paths::activity(workspace)>"Older ones are in Activity"</a> "."
            </p>
        }
    });
    let content = view! {
        <p class="crumbs">
            <a href=paths::tokens(workspace)>"Personal access tokens"</a>
        </p>
        <div class="head">
            <div>
                <h1>"Bulk changes"</h1>
                <p>"They continue if you close the browser or the console restarts."</p>
            </div>
        </div>
        <section class="card" aria-label="Bulk changes">
            {list}
        </section>
        {cut}
    };
    Ok(PageResult::new(content))
}

fn table(bulks: &[BulkSummary]) -> AnyView {
    view! {
        <table class="bulk-table">
            <caption>"Newest first"</caption>
            <thead>
                <tr>
                    <th scope="col">"Started"</th>
                    <th scope="col">"Change"</th>
                    <th scope="col">"Started by"</th>
                    <th scope="col">"Owner"</th>
                    <th scope="col" class="num">"Tokens"</th>
                    <th scope="col" class="num">"Done"</th>
                    <th scope="col" class="num">"Failed"</th>
                    <th scope="col">"Status"</th>
                </tr>
            </thead>
            <tbody>{bulks.iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn row(summary: &BulkSummary) -> AnyView {
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
    view! {
        <tr>
            <th scope="row">
                <a href=url.clone()>
                    <span class="visually-hidden">{change(bulk.kind)} ", "</span>
                    {date_time(bulk.started.unwrap_or(bulk.created))}
                </a>
                {reason}
            </th>
            <td data-label="Change">{change(bulk.kind)}</td>
            <td data-label="Started by">
                <bdi>{bulk.user_name.clone()}</bdi>
            </td>
            <td data-label="Owner">{owner}</td>
            <td data-label="Tokens" class="num">
                <a href=url.clone() aria-label=count_of(counts.total(), "token")>
                    {group_digits(counts.total())}
                </a>
            </td>
            <td data-label="Done" class="num">{number(done)}</td>
            <td data-label="Failed" class="num">{number(BulkItemState::Failed)}</td>
            <td data-label="Status">
                <span class=class>{status}</span>
            </td>
        </tr>
    }
    .into_any()
}

/// What is done to the tokens.
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
