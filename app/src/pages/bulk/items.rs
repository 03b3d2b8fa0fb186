//! The tokens of a job, each with its outcome.

use console::activity::detail_label;
use console::{BulkItem, BulkItemState, BulkRevocation, BulkState, Error};
use leptos::prelude::*;

use super::progress::state_label;
use crate::http::paths;
use crate::http::request::Request;

/// Tokens on a page.
const ITEMS_PAGE_SIZE: u32 = 50;

/// A page of them, from a place on; of one state where that is asked for.
pub(super) async fn items(
    request: &Request,
    job: &BulkRevocation,
    state: Option<BulkItemState>,
    from: i64,
) -> Result<AnyView, Error> {
    let mut items = request
        .console
        .bulk_items(job, state, from, ITEMS_PAGE_SIZE + 1)
        .await?;
    let more = items.len() > ITEMS_PAGE_SIZE as usize;
    items.truncate(ITEMS_PAGE_SIZE as usize);
    let next = items.last().filter(|_| more).map(|last| last.position + 1);
    Ok(list(job, state, from, &items, next))
}

fn list(
    job: &BulkRevocation,
    state: Option<BulkItemState>,
    from: i64,
    items: &[BulkItem],
    next: Option<i64>,
) -> AnyView {
    let here = paths::bulk_detail(&job.workspace, &job.id);
    let of_state = |address: String| match state {
        Some(state) => paths::with_param(&address, "state", state.slug()),
        None => address,
    };
    let first = (from > 0).then(|| link(of_state(here.clone()), "First page"));
    let next = next.map(|next| {
        link(
            paths::with_param(&of_state(here.clone()), "from", &next.to_string()),
            "Next",
        )
    });
    let caption = state.map_or("Tokens".to_owned(), |state| {
        format!("Tokens: {}", state_label(state).to_lowercase())
    });
    let draft = job.state == BulkState::Draft;
    let all = state.map(|_| link(here.clone(), "All tokens"));
    view! {
        <section class="card" aria-label="Tokens">
            <div class="tablewrap">
                <table class="items">
                    <caption>{caption}</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Token"</th>
                            <th scope="col">"Owner"</th>
                            {(!draft).then(|| view! { <th scope="col">"Outcome"</th> })}
                        </tr>
                    </thead>
                    <tbody>{items.iter().map(|item| row(&job.workspace, item, draft)).collect_view()}</tbody>
                </table>
            </div>
            <nav class="pager" aria-label="Pages">
                <div class="row">{all} {first} {next}</div>
            </nav>
        </section>
    }
    .into_any()
}

fn link(href: String, label: &'static str) -> AnyView {
    view! {
        <a class="btn" href=href>
            {label}
        </a>
    }
    .into_any()
}

fn row(workspace: &str, item: &BulkItem, draft: bool) -> AnyView {
    let comment = match item.comment.trim() {
        "" => view! { <span class="muted">"No comment"</span> }.into_any(),
        comment => view! { <bdi>{comment.to_owned()}</bdi> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">
                <a href=paths::token(workspace, &item.token)>{comment}</a>
                <small class="mono">{item.token.short().to_owned()}</small>
            </th>
            <td data-label="Owner">
                <bdi>{item.owner.clone()}</bdi>
            </td>
            {(!draft).then(|| outcome(item))}
        </tr>
    }
    .into_any()
}

fn outcome(item: &BulkItem) -> AnyView {
    let class = match item.state {
        BulkItemState::Failed => "chip danger",
        BulkItemState::Sent | BulkItemState::Accepted => "chip warn",
        _ => "chip",
    };
    // Of what went as wanted there is nothing more to tell.
    let why = matches!(item.state, BulkItemState::Failed | BulkItemState::Cancelled);
    view! {
        <td data-label="Outcome">
            <span class=class>{state_label(item.state)}</span>
            {why.then(|| view! { <small>{detail_label(&item.detail).into_owned()}</small> })}
        </td>
    }
    .into_any()
}
