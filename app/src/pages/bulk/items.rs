//! The tokens of a bulk revocation, each with its outcome.

use console::{BulkItem, BulkItemState, BulkRevocation, BulkState, Error};
use leptos::prelude::*;

use super::progress::state_label;
use crate::http::paths;
use crate::http::request::Request;
use crate::pages::activity::detail_text;

/// Tokens per page.
const ITEMS_PAGE_SIZE: u32 = 50;

/// One page of the tokens, starting at position `from`; only those in `state`, if one is given. `url` is the page that
/// shows them, with what was entered there.
pub(super) async fn items(
    request: &Request,
    bulk: &BulkRevocation,
    state: Option<BulkItemState>,
    from: i64,
    url: &str,
) -> Result<AnyView, Error> {
    let mut items = request
        .console
        .bulk_items(bulk, state, from, ITEMS_PAGE_SIZE + 1)
        .await?;
    let more = items.len() > ITEMS_PAGE_SIZE as usize;
    items.truncate(ITEMS_PAGE_SIZE as usize);
    let next = items.last().filter(|_| more).map(|last| last.position + 1);
    Ok(list(bulk, state, from, &items, next, url))
}

fn list(
    bulk: &BulkRevocation,
    state: Option<BulkItemState>,
    from: i64,
    items: &[BulkItem],
    next: Option<i64>,
    url: &str,
) -> AnyView {
    let base_url = url.to_owned();
    let with_state = |url: String| match state {
        Some(state) => paths::with_param(&url, "state", state.slug()),
        None => url,
    };
    let first = (from > 0).then(|| link(with_state(base_url.clone()), "First page"));
    let next = next.map(|next| {
        link(
            paths::with_param(&with_state(base_url.clone()), "from", &next.to_string()),
            "Next",
        )
    });
    let caption = state.map_or("Tokens".to_owned(), |state| {
        format!("Tokens: {}", state_label(state).to_lowercase())
    });
    let is_draft = bulk.state == BulkState::Draft;
    let all = state.map(|_| link(base_url.clone(), "All tokens"));
    view! {
        <section class="card" aria-label="Tokens">
            <div class="tablewrap">
                <table class="items">
                    <caption>{caption}</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Token"</th>
                            <th scope="col">"Owner"</th>
                            {(!is_draft).then(|| view! { <th scope="col">"Outcome"</th> })}
                        </tr>
                    </thead>
                    <tbody>{items.iter().map(|item| row(&bulk.workspace, item, is_draft)).collect_view()}</tbody>
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

/// The owner's name, as a link to their page if their ID is known.
pub(super) fn owner_link(workspace: &str, id: &str, name: &str) -> AnyView {
    let name = view! { <bdi>{name.to_owned()}</bdi> };
    match id.parse() {
        Ok(id) => view! { <a href=paths::principal(workspace, id)>{name}</a> }.into_any(),
        Err(_) => name.into_any(),
    }
}

fn row(workspace: &str, item: &BulkItem, is_draft: bool) -> AnyView {
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
            <td data-label="Owner">{owner_link(workspace, &item.owner_id, &item.owner)}</td>
            {(!is_draft).then(|| outcome(item))}
        </tr>
    }
    .into_any()
}

fn outcome(item: &BulkItem) -> AnyView {
    let class = match item.state {
        BulkItemState::Failed => "chip danger",
        BulkItemState::Sent | BulkItemState::Accepted | BulkItemState::Unknown => "chip warn",
        _ => "chip",
    };
    // The other states need no explanation.
    let has_detail = matches!(
        item.state,
        BulkItemState::Failed | BulkItemState::Unknown | BulkItemState::Cancelled
    );
    view! {
        <td data-label="Outcome">
            <span class=class>{state_label(item.state)}</span>
            {has_detail.then(|| view! { <small>{detail_text(&item.detail)}</small> })}
        </td>
    }
    .into_any()
}
