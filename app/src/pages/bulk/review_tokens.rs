//! The selected tokens in the review, and those that have disappeared since.

use std::ops::Range;

use console::bulk::{DraftReview, ReviewedItem};
use leptos::prelude::*;

use super::items::{ITEMS_PAGE_SIZE, owner_link};
use super::review_owners::class_of;
use crate::components::{Cell, Column, DataTable, TableName, count_of, group_digits, page_link, pager, token_cells};
use crate::http::paths;

/// One page of the tokens, starting at index `from`. `url` is that of the review, with its input.
pub(super) fn tokens_section(workspace: &str, review: &DraftReview, from: usize, url: &str) -> AnyView {
    let columns = [
        Column::name("Token"),
        Column::value("Owner"),
        Column::value("Last used"),
    ];
    tokens_card(review, from, url, columns, |page| {
        let shown = review.items.iter().skip(page.start).take(page.len());
        shown.map(|item| row(workspace, review, item)).collect()
    })
}

/// The card with one page of the tokens, starting at index `from`. `rows` renders the tokens with these indices.
pub(super) fn tokens_card<const N: usize>(
    review: &DraftReview,
    from: usize,
    url: &str,
    columns: [Column; N],
    rows: impl FnOnce(Range<usize>) -> Vec<[Cell; N]>,
) -> AnyView {
    let from = if from < review.items.len() { from } else { 0 };
    let next = from + ITEMS_PAGE_SIZE as usize;
    let rows = rows(from..next);
    let next = (next < review.items.len()).then(|| {
        let url = paths::with_param(url, "from", &next.to_string());
        page_link(url, "Next")
    });
    let first = (from > 0).then(|| page_link(url.to_owned(), "First page"));
    let heading = match review.tokens() {
        1 => "1 token".to_owned(),
        n => format!("{}, most recently used first", count_of(n, "token")),
    };
    let table = DataTable {
        class: Some("bulk-items"),
        name: TableName::Heading("tokens-heading"),
        columns,
    };
    view! {
        <section class="card bulk-tokens" aria-labelledby="tokens-heading">
            <h2 id="tokens-heading" class="bulk-heading">
                {heading}
            </h2>
            {table.view(rows)}
            {pager(None, [first, next])}
        </section>
    }
    .into_any()
}

fn row(workspace: &str, review: &DraftReview, item: &ReviewedItem) -> [Cell; 3] {
    let last_used = match &item.listed {
        Some(listed) => token_cells::day_of_use(listed.last_used, review.today),
        None => "Unknown".into_any(),
    };
    let [token, owner] = token_and_owner(workspace, item);
    [token, owner, Cell::new(last_used)]
}

/// The first cells of a token's row.
pub(super) fn token_and_owner(workspace: &str, item: &ReviewedItem) -> [Cell; 2] {
    let owner = owner_link(workspace, &item.owner.id, &item.owner.name);
    [
        Cell::new(token_cells::link(
            paths::token(workspace, &item.token),
            comment(item),
            &item.token,
        )),
        Cell::new(view! { <span class=class_of(&item.owner)>{owner}</span> }),
    ]
}

/// A token's comment, or a placeholder without one.
fn comment(item: &ReviewedItem) -> AnyView {
    match item.listed.as_ref().map(|listed| listed.comment.trim()) {
        None => view! { <span class="muted">"Could not be read"</span> }.into_any(),
        Some("") => view! { <span class="muted">"No comment"</span> }.into_any(),
        Some(comment) => view! { <bdi>{comment.to_owned()}</bdi> }.into_any(),
    }
}

/// The selected tokens that have disappeared since.
pub(super) fn missing_notice(review: &DraftReview) -> Option<AnyView> {
    let count = review.missing_count;
    if count == 0 {
        return None;
    }
    let heading = match count {
        1 => "1 selected token no longer exists.".to_owned(),
        n => format!("{} selected tokens no longer exist.", group_digits(n)),
    };
    let rows = review.missing.iter().map(|item| {
        view! {
            <li>
                <span class="mono">{item.token.short().to_owned()}</span>
                " of "
                <bdi>{item.owner.name.clone()}</bdi>
            </li>
        }
    });
    let rows = rows.collect_view();
    let unlisted = count - review.missing.len();
    let unlisted = (unlisted > 0).then(|| view! { <li>"and " {group_digits(unlisted)} " more"</li> });
    Some(
        view! {
            <div class="notice">
                <p>
                    <b>{heading}</b>
                    " They are not counted."
                </p>
                <ul>{rows} {unlisted}</ul>
            </div>
        }
        .into_any(),
    )
}
