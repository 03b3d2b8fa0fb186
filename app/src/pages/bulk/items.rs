//! The tokens of a started bulk revocation, each with its result.

use console::bulk::{BulkView, LaterState, LookAfterEnd};
use console::{BulkItem, BulkItemPage, BulkItemState, EndedItem};
use domain::{Day, PrincipalKind};
use leptos::prelude::*;

use crate::components::{Cell, Column, DataTable, TableName, group_digits, page_link, pager, time_text, token_cells};
use crate::http::paths;
use crate::pages::activity::detail_text;

/// Tokens per page.
pub(super) const ITEMS_PAGE_SIZE: u32 = 50;

/// Which tokens a page shows, from its URL.
#[derive(Clone, Copy, Debug, Default)]
pub struct ItemsQuery {
    state: Option<BulkItemState>,
    offset: u32,
}

impl ItemsQuery {
    /// From the parameters of a URL.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut shown = Self::default();
        for (name, value) in pairs {
            match name {
                "state" => shown.state = BulkItemState::ALL.into_iter().find(|state| state.slug() == value),
                "from" => shown.offset = value.parse().unwrap_or_default(),
                _ => {}
            }
        }
        shown
    }

    /// The page of tokens to read.
    pub fn page(self) -> BulkItemPage {
        BulkItemPage {
            state: self.state,
            offset: self.offset,
            limit: ITEMS_PAGE_SIZE,
            by_position: false,
        }
    }

    /// `url` with the parameters of this query.
    pub(super) fn add_to(self, url: &str) -> String {
        let url = match self.state {
            Some(state) => paths::with_param(url, "state", state.slug()),
            None => url.to_owned(),
        };
        match self.offset {
            0 => url,
            offset => paths::with_param(&url, "from", &offset.to_string()),
        }
    }

    fn at(self, offset: u32) -> Self {
        Self { offset, ..self }
    }
}

/// The table of the tokens, with links to its other pages.
pub(super) fn items(workspace: &str, view: &BulkView, shown: ItemsQuery, look: Option<&LookAfterEnd>) -> AnyView {
    let url = paths::bulk_detail(workspace, &view.progress.bulk.id);
    let has_failed = view.progress.counts.of(BulkItemState::Failed) > 0;
    let heading = match shown.state {
        Some(state) => format!("Tokens: {}", state_label(state).to_lowercase()),
        None if has_failed => "Tokens, failed ones first".to_owned(),
        None => "Tokens".to_owned(),
    };
    let rows = view.items.iter().map(|item| row(workspace, item, look));
    let table = DataTable {
        class: Some("bulk-items"),
        name: TableName::Heading("items-heading"),
        columns: [Column::name("Token"), Column::value("Owner"), Column::value("Result")],
    };
    view! {
        <section class="card" aria-labelledby="items-heading">
            <h2 id="items-heading" class="bulk-heading">
                {heading}
            </h2>
            {table.view(rows)}
            {pager(None, page_links(&url, shown, view.has_more))}
        </section>
    }
    .into_any()
}

fn page_links(url: &str, shown: ItemsQuery, has_more: bool) -> [Option<AnyView>; 3] {
    let all = shown.state.map(|_| page_link(url.to_owned(), "All tokens"));
    let first = (shown.offset > 0).then(|| page_link(shown.at(0).add_to(url), "First page"));
    let next = has_more.then(|| page_link(shown.at(shown.offset + ITEMS_PAGE_SIZE).add_to(url), "Next"));
    [all, first, next]
}

/// The owner's name, as a link to their page if their ID is known.
pub(super) fn owner_link(workspace: &str, id: &str, name: &str) -> AnyView {
    let name = view! { <bdi>{name.to_owned()}</bdi> };
    match id.parse() {
        Ok(id) => view! { <a href=paths::principal(workspace, id)>{name}</a> }.into_any(),
        Err(_) => name.into_any(),
    }
}

/// The class of the icon before an owner's name. The text next to it says the same.
pub(super) fn owner_class(kind: Option<PrincipalKind>) -> &'static str {
    match kind {
        Some(PrincipalKind::User) => "bulk-owner",
        Some(PrincipalKind::ServicePrincipal) => "bulk-owner sp",
        None => "bulk-owner unknown",
    }
}

fn row(workspace: &str, ended: &EndedItem, look: Option<&LookAfterEnd>) -> [Cell; 3] {
    let item = &ended.item;
    let comment = match (item.comment.trim(), item.state) {
        // The token was already gone when the bulk revocation started.
        ("", BulkItemState::Gone) => view! { <span class="muted">"Unknown comment"</span> }.into_any(),
        ("", _) => view! { <span class="muted">"No comment"</span> }.into_any(),
        (comment, _) => view! { <bdi>{comment.to_owned()}</bdi> }.into_any(),
    };
    let is_service_principal = item.owner_kind == Some(PrincipalKind::ServicePrincipal);
    let owner = view! {
        <span class=owner_class(item.owner_kind)>{owner_link(workspace, &item.owner_id, &item.owner)}</span>
        {is_service_principal.then(|| view! { <small>"service principal"</small> })}
    };
    let result = view! {
        <span class=chip_class(item.state)>{state_label(item.state)}</span>
        {explanation(ended, look).map(|text| view! { <small>{text}</small> })}
    };
    let token = token_cells::link(paths::token(workspace, &item.token), comment, &item.token);
    [Cell::new(token), Cell::new(owner), Cell::new(result)]
}

const fn chip_class(state: BulkItemState) -> &'static str {
    match state {
        BulkItemState::Failed => "chip danger",
        BulkItemState::Sent | BulkItemState::Accepted | BulkItemState::Unknown => "chip warn",
        BulkItemState::Revoked | BulkItemState::Changed | BulkItemState::Gone => "chip ok",
        BulkItemState::Waiting | BulkItemState::Cancelled => "chip",
    }
}

/// When it was confirmed; or why it was not revoked, and whether the token still works.
fn explanation(ended: &EndedItem, look: Option<&LookAfterEnd>) -> Option<String> {
    let item = &ended.item;
    match item.state {
        BulkItemState::Revoked | BulkItemState::Changed | BulkItemState::Gone => {
            ended.ended.map(|at| format!("Confirmed at {}", time_text(at)))
        }
        BulkItemState::Failed | BulkItemState::Unknown => {
            let seen = look.and_then(|look| seen_text(look, item));
            Some(
                [Some(detail_text(&item.detail)), seen]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(". "),
            )
        }
        BulkItemState::Cancelled => Some(detail_text(&item.detail)),
        BulkItemState::Waiting | BulkItemState::Sent | BulkItemState::Accepted => None,
    }
}

fn seen_text(look: &LookAfterEnd, item: &BulkItem) -> Option<String> {
    match look.of(&item.token) {
        LaterState::Works(last_used) => Some(format!("Still works, {}", used_text(last_used, look.today))),
        LaterState::Listed => Some("Still listed, and cannot be used".to_owned()),
        LaterState::Gone => Some("No longer listed".to_owned()),
        LaterState::Unknown => None,
    }
}

/// `used today`, `last used on 3 Feb 2025`, `never used`. The days are those that the workspace reports.
pub(super) fn used_text(last_used: Option<Day>, today: Day) -> String {
    match last_used.map(|day| (today.days_since(day), day)) {
        None => "never used".to_owned(),
        Some((0, _)) => "used today".to_owned(),
        Some((1, _)) => "used yesterday".to_owned(),
        Some((days @ 2..=30, _)) => format!("last used {} days ago", group_digits(days.unsigned_abs() as usize)),
        Some((_, day)) => format!("last used on {day}"),
    }
}

/// The label of a token's state.
pub const fn state_label(state: BulkItemState) -> &'static str {
    match state {
        BulkItemState::Waiting => "Queued",
        BulkItemState::Sent => "Sent",
        BulkItemState::Accepted => "Accepted, confirming",
        BulkItemState::Revoked => "Revoked",
        BulkItemState::Changed => "Scopes set",
        BulkItemState::Gone => "Already gone",
        BulkItemState::Failed => "Failed",
        BulkItemState::Unknown => "Not confirmed",
        BulkItemState::Cancelled => "Skipped",
    }
}
