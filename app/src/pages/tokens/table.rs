//! The list itself: the table with its sort order and pages, and the text for an empty list.

use console::Snapshot;
use domain::{ParsedSelection, SortKey, TokenCount, TokenPage, TokenQuery};
use leptos::prelude::*;
use leptos_meta::Link;

use super::filter_chips::{active_filters, filters_in_use};
use super::people::{people_links, people_named};
use super::row::{FIRST_ROW_ID, Viewer, row};
use super::selection::{select_page_checkbox, selection_bar};
use crate::components::{
    Column, DataTable, TableName, count_of, empty_state, group_digits, page_link, pager, sentence, tokens_of,
};
use crate::http::paths;

/// With more active filters, the strictest is not determined, since trying each one scans all tokens.
const MAX_TRIED_FILTERS: usize = 6;

/// One page of the tokens that match the filters.
pub(crate) fn results(
    workspace: &str,
    viewer: Viewer<'_>,
    snapshot: &Snapshot,
    query: &TokenQuery,
    page: &TokenPage<'_>,
    parsed: &ParsedSelection,
) -> AnyView {
    let total = snapshot.inventory.counts().total;
    if total.seen() == 0 && !snapshot.unreadable.is_empty() {
        let text =
            format!("{workspace} has tokens, but their details could not be read. What is known is shown above.");
        return empty_state("No tokens could be read", text, ()).into_any();
    }
    if page.matching == 0 {
        return no_match(workspace, snapshot, query);
    }
    let rows = page.tokens.iter().enumerate();
    let rows = rows.map(|(i, token)| row(workspace, snapshot, token, viewer, i == 0));
    let sorted = |column: Column, key| {
        let direction = (query.sort.key == key).then_some(query.sort.direction);
        let query = query.sorted(query.sort.toggled(key));
        let href = paths::tokens_with_params(workspace, &query, viewer.selection_params);
        column.sort_link(href, direction)
    };
    let table = DataTable {
        class: Some("tokens"),
        name: TableName::Caption(caption(page, total, query).into()),
        columns: [
            Column::select("Select", select_page_checkbox()).shown(viewer.can_change),
            sorted(Column::name("Token").class("w-token"), SortKey::Comment),
            sorted(Column::value("Owner").class("w-own"), SortKey::Owner),
            sorted(Column::value("Created").class("w-date"), SortKey::Created),
            sorted(Column::value("Expires").class("w-date"), SortKey::Expires),
            sorted(Column::value("Last used").class("w-date"), SortKey::LastUsed),
            Column::value("Findings").class("w-fnd"),
        ],
    };
    let page_query = query.on_page(page.number);
    let back = paths::tokens_with_params(workspace, &page_query, viewer.selection_params);
    // The browser waits for the first row before it draws the page. Otherwise it would draw the few elements above the
    // list first, which delays the list on a slow phone and makes the page jump.
    view! {
        <p class="print-only">{print_line(workspace, snapshot, viewer, query, page)}</p>
        <Link rel="expect" href=format!("#{FIRST_ROW_ID}") blocking="render" />
        <form method="get">
            <input type="hidden" name="back" value=back />
            {table.view(rows)}
        </form>
        {viewer.can_change.then(|| selection_bar(workspace, viewer, snapshot, &page_query, page, parsed))}
        {pages(workspace, query, page, viewer.selection_params)}
    }
    .into_any()
}

/// "38 of 1,284 tokens, newest first. Showing 1 to 38."
fn caption(page: &TokenPage<'_>, total: TokenCount, query: &TokenQuery) -> String {
    let order = lower_first(query.sort.label());
    let (first, last) = (group_digits(page.first()), group_digits(page.last()));
    format!(
        "{}, {order}. Showing {first} to {last}.",
        result_count(page.matching, total, query)
    )
}

/// "acme-prod · Status: Active · 27 Nov 2026, 03:20:11 UTC · Rows 1 to 50 of 213. Export as CSV for all." Paper shows
/// neither the filters nor the pages.
fn print_line(
    workspace: &str,
    snapshot: &Snapshot,
    viewer: Viewer<'_>,
    query: &TokenQuery,
    page: &TokenPage<'_>,
) -> String {
    let filters: Vec<_> = active_filters(query).into_iter().map(|(label, _)| label).collect();
    let filters = match filters.is_empty() {
        true => "No filters".to_owned(),
        false => filters.join(", "),
    };
    let at = viewer.zone.day_and_time(snapshot.inventory.as_of());
    let [first, last, matching] = [page.first(), page.last(), page.matching].map(group_digits);
    let export = if page.pages > 1 { " Export as CSV for all." } else { "" };
    format!("{workspace} \u{b7} {filters} \u{b7} {at} \u{b7} Rows {first} to {last} of {matching}.{export}")
}

/// A label as it appears within a sentence, as in "newest first".
pub(super) fn lower_first(label: &str) -> String {
    let first = label.chars().next().map(char::len_utf8).unwrap_or_default();
    label[..first].to_lowercase() + &label[first..]
}

/// "38 of 1,284 tokens", or "1,284 tokens" without filters.
pub(super) fn result_count(matching: usize, total: TokenCount, query: &TokenQuery) -> String {
    let matching_of = if query.is_filtered() {
        format!("{} of ", group_digits(matching))
    } else {
        String::new()
    };
    sentence(&(matching_of + &tokens_of(total, "token")))
}

/// The links to the previous and the next page. A missing link leaves its place empty, so that the other one does not
/// move.
fn pages(workspace: &str, query: &TokenQuery, page: &TokenPage<'_>, params: &str) -> Option<AnyView> {
    let link = |to: Option<usize>, label: &'static str| match to {
        Some(to) => page_link(paths::tokens_with_params(workspace, &query.on_page(to), params), label),
        None => view! { <span class="btn off" aria-hidden="true">{label}</span> }.into_any(),
    };
    if page.pages <= 1 {
        return None;
    }
    let next = (page.number + 1 < page.pages).then_some(page.number + 1);
    let position = format!("Page {} of {}", group_digits(page.number + 1), group_digits(page.pages));
    let position = view! { <span class="num">{position}</span> }.into_any();
    let links = [link(page.number.checked_sub(1), "Previous"), link(next, "Next")];
    pager(Some(position), links.map(Some))
}

/// The text if no token matches. It quotes the search if that is the only filter.
fn no_match(workspace: &str, snapshot: &Snapshot, query: &TokenQuery) -> AnyView {
    let without_search = TokenQuery {
        q: String::new(),
        ..query.clone()
    };
    let search = (!without_search.is_filtered()).then_some(query.q.as_str());
    let directory = snapshot.inventory.directory();
    let people = (!query.q.is_empty()).then(|| people_named(directory, &query.q));
    let people = people.filter(|people| !people.is_empty()).map(|people| {
        view! {
            <p>"Users and service principals with this name or ID:"</p>
            {people_links(people, |id| paths::principal(workspace, id))}
        }
    });
    let text = match (snapshot.inventory.counts().total.seen(), search) {
        (1, None) => "The only token does not match all filters.".to_owned(),
        (1, Some(q)) => format!("The only token does not contain \u{201c}{q}\u{201d}."),
        (n, None) => format!("None of the {} tokens matches all filters.", group_digits(n)),
        (n, Some(q)) => format!("None of the {} tokens contains \u{201c}{q}\u{201d}.", group_digits(n)),
    };
    let cleared = paths::tokens_with(workspace, &query.without_filters().on_page(0));
    let next = view! {
        <div class="row">
            {without_strictest(workspace, snapshot, query)}
            <a class="btn" href=cleared>
                "Clear filters"
            </a>
        </div>
        {people}
    };
    empty_state("No tokens match your filters", text, next).into_any()
}

/// If no token matches several filters: a link that removes the filter without which the most tokens match.
fn without_strictest(workspace: &str, snapshot: &Snapshot, query: &TokenQuery) -> Option<AnyView> {
    let inventory = &snapshot.inventory;
    let filters = filters_in_use(inventory.directory(), query);
    if !(2..=MAX_TRIED_FILTERS).contains(&filters.len()) {
        return None;
    }
    let without = filters.into_iter().map(|(label, without)| {
        let without = without.on_page(0);
        (inventory.matching_count(&without), label, without)
    });
    let (matching, label, without) = without.max_by_key(|(matching, ..)| *matching)?;
    let text = format!("Remove \u{201c}{label}\u{201d} ({})", count_of(matching, "token"));
    let link = || view! { <a class="btn" href=paths::tokens_with(workspace, &without)>{text}</a> };
    (matching > 0).then(|| link().into_any())
}
