//! `/w/{workspace}/bulk-revocations`: the bulk revocations of a workspace.

use std::collections::HashMap;
use std::sync::Arc;

use console::{Actor, BulkId, BulkRevocation, BulkState, Error};
use leptos::prelude::*;

use crate::components::{date_time, empty_state, group_digits};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, workspace_page};

/// Bulk revocations in the list; older ones are not shown.
const MAX_LISTED: u32 = 100;

/// The bulk revocations, newest first.
#[component]
pub(crate) fn BulkListPage() -> impl IntoView {
    workspace_page(Area::Tokens, "Bulk revocations", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    let bulks = request.console.bulks(&actor, MAX_LISTED).await?;
    let failed = request.console.failed_items(&actor).await?;
    let workspace = actor.workspace().name();
    let list = if bulks.is_empty() {
        let text = "Select tokens in the list to revoke several at once.";
        empty_state("No bulk revocations yet", text.to_owned(), ()).into_any()
    } else {
        table(&bulks, &failed)
    };
    let content = view! {
        <p class="crumbs">
            <a href=paths::tokens(workspace)>"Personal access tokens"</a>
        </p>
        <div class="head">
            <div>
                <h1>"Bulk revocations"</h1>
                <p>"They continue if you close the browser or the console restarts."</p>
            </div>
        </div>
        <section class="card" aria-label="Bulk revocations">
            {list}
        </section>
    };
    Ok(PageResult::new(content))
}

fn table(bulks: &[BulkRevocation], failed: &HashMap<BulkId, usize>) -> AnyView {
    let failed = |bulk: &BulkRevocation| failed.get(&bulk.id).copied();
    view! {
        <div class="tablewrap">
            <table class="bulk-table">
                <caption>"Newest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Bulk revocation"</th>
                        <th scope="col">"Started by"</th>
                        <th scope="col">"Reason"</th>
                        <th scope="col">"Status"</th>
                    </tr>
                </thead>
                <tbody>{bulks.iter().map(|bulk| row(bulk, failed(bulk))).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// `failed` is the number of its tokens that failed; `None` if none failed or it has not finished.
fn row(bulk: &BulkRevocation, failed: Option<usize>) -> AnyView {
    let (state, class) = match (bulk.state, failed) {
        (BulkState::Draft, _) => ("Draft".to_owned(), "chip"),
        (BulkState::Running, _) => ("Running".to_owned(), "chip accent"),
        (BulkState::Paused, _) => ("Paused".to_owned(), "chip warn"),
        (BulkState::Finished, None) => ("Finished".to_owned(), "chip"),
        (BulkState::Finished, Some(n)) => (format!("{} failed", group_digits(n)), "chip danger"),
    };
    view! {
        <tr>
            <th scope="row">
                <a href=paths::bulk_detail(&bulk.workspace, &bulk.id)>
                    "Revoke tokens, " {date_time(bulk.started.unwrap_or(bulk.created))}
                </a>
            </th>
            <td data-label="Started by">
                <bdi>{bulk.user_name.clone()}</bdi>
            </td>
            <td data-label="Reason">
                <bdi>{bulk.reason.clone()}</bdi>
            </td>
            <td data-label="Status">
                <span class=class>{state}</span>
            </td>
        </tr>
    }
    .into_any()
}
