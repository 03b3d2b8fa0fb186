//! The filters above the list: a plain GET form, whose fields are the address.

use domain::{MarkKind, Sort, Status, TokenQuery};
use leptos::prelude::*;

use super::live_filter::LiveFilter;
use crate::paths;

/// The form, filled with what `query` asks. `shown` says how many tokens pass.
pub(crate) fn filters(workspace: &str, shown: &str, query: &TokenQuery) -> AnyView {
    let creator = creator_fields(query);
    let orders = orders(query.sort);
    let (q, owner) = (query.q.clone(), query.owner.clone());
    let statuses = options(
        Status::ALL.map(|s| (s.slug(), s.label())),
        query.status.map(Status::slug),
    )
    .into_any();
    let marks = options(
        MarkKind::ALL.map(|m| (m.slug(), m.label())),
        query.mark.map(MarkKind::slug),
    )
    .into_any();
    let find = paths::find(workspace);
    view! {
        <LiveFilter action=paths::tokens(workspace)>
            <div class="field grow">
                <label for="q">"Search comment or id"</label>
                <input class="input" id="q" type="search" name="q" value=q autocomplete="off" maxlength="256" />
                <p class="hint danger-text" id="leak-hint" hidden>
                    "This looks like a token's value. It is not sent. Use "
                    <a href=find>"Find a leaked token"</a>
                    "."
                </p>
            </div>
            <div class="field">
                <label for="owner">"Owner"</label>
                <input class="input" id="owner" name="owner" value=owner autocomplete="off" maxlength="256" />
            </div>
            <div class="field">
                <label for="status">"Status"</label>
                <select class="input" id="status" name="status">
                    {statuses}
                </select>
            </div>
            <div class="field">
                <label for="mark">"Marked"</label>
                <select class="input" id="mark" name="mark">
                    {marks}
                </select>
            </div>
            <div class="field order">
                <label for="sort">"Order"</label>
                <select class="input" id="sort" name="sort">
                    {orders}
                </select>
            </div>
            <button class="btn">"Apply"</button>
            {creator}
        </LiveFilter>
        <p class="visually-hidden" id="result-count" role="status">
            {shown.to_owned()}
        </p>
    }
    .into_any()
}

/// The orders, for where there are no headings to sort by. The default one has no value: it is not in the address.
fn orders(chosen: Sort) -> AnyView {
    let default = Sort::default();
    let others = Sort::all().filter(|sort| *sort != default);
    [default]
        .into_iter()
        .chain(others)
        .map(|sort| {
            let value = if sort == default { String::new() } else { sort.slug() };
            view! { <option value=value selected=sort == chosen>{sort.label()}</option> }
        })
        .collect_view()
        .into_any()
}

fn options<const N: usize>(all: [(&'static str, &'static str); N], chosen: Option<&'static str>) -> AnyView {
    let rest = all.map(|(slug, label)| view! { <option value=slug selected=chosen == Some(slug)>{label}</option> });
    view! {
        <option value="">"Any"</option>
        {rest.into_iter().collect_view()}
    }
    .into_any()
}

/// Who created a token is asked for rarely: folded away until it is in use.
fn creator_fields(query: &TokenQuery) -> AnyView {
    let id = query.created_by_id.map(|id| id.to_string()).unwrap_or_default();
    let used = !id.is_empty() || !query.created_by_username.is_empty();
    view! {
        <details class="more" open=used>
            <summary>"Creator"</summary>
            <div class="filters-more">
                <div class="field grow">
                    <label for="created_by_username">"Created by (user name)"</label>
                    <input
                        class="input"
                        id="created_by_username"
                        name="created_by_username"
                        value=query.created_by_username.clone()
                        autocomplete="off"
                        maxlength="256"
                    />
                </div>
                <div class="field">
                    <label for="created_by_id">"Created by (id)"</label>
                    <input class="input" id="created_by_id" name="created_by_id" value=id inputmode="numeric" autocomplete="off" maxlength="20" />
                </div>
            </div>
        </details>
    }
    .into_any()
}
