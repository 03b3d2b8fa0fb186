//! `/w/{workspace}/activity`: the activity log with its filters and its exports.

use std::sync::Arc;

use console::activity::{ActivityRow, ActivityRows};
use console::{Actor, Error};
use leptos::prelude::*;

use super::entries::{EntryList, entries_by_day};
use super::export_menu::{Total, export_menu};
use super::filters::filters;
use super::query::ActivityFilters;
use crate::components::{date_time, empty_state, page_head, page_link, pager, sentence};
use crate::http::paths;
use crate::http::request::Request;
use crate::http::time_zone::PageTimeZone;
use crate::layout::{Area, PageResult, workspace_page};

/// Rows on a page.
const ACTIVITY_PAGE_SIZE: u32 = 50;

/// The activity log of a workspace.
#[component]
pub(crate) fn ActivityLogPage() -> impl IntoView {
    workspace_page(Area::Activity, "Activity", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    let (pairs, zone) = (request.pairs(), PageTimeZone::current());
    let asked = ActivityFilters::parse(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), &zone);
    let (console, query) = (&request.console, &asked.query);
    let page = console.activity_rows(&actor, query.clone(), ACTIVITY_PAGE_SIZE).await?;
    let total = match query.text.is_empty() {
        true => console
            .count_activity(&actor, query.clone())
            .await?
            .map_or(Total::More, Total::Exactly),
        false => Total::Unknown,
    };
    let workspace = actor.workspace().name();
    let today = zone.day(console::now());
    let list = match page.rows.as_slice() {
        [] => no_entries(workspace, &asked, &page),
        rows => {
            let names = console
                .known_names(&actor, rows.iter().flat_map(ActivityRow::operations))
                .await;
            let list = EntryList {
                workspace,
                names: &names,
                has_dates: false,
            };
            entries_by_day(&list, rows, today)
        }
    };
    let content = view! {
        {page_head(
            "Activity",
            view! {
                <p>"Changes made or attempted through this console. The workspace's audit log is authoritative."</p>
            },
            export_menu(workspace, &asked, total),
        )}
        <section class="card activity" aria-label="Activity">
            <div class="activity-tools">
                {filters(workspace, &asked, today)}
                <p>{list_text(&page, total, &zone)}</p>
            </div>
            {ignored_notice(&asked)}
            {list}
            {pages(workspace, &asked, &page)}
        </section>
    };
    Ok(PageResult::new(content))
}

/// How many entries match, their order, and how to read rows and times.
fn list_text(page: &ActivityRows, total: Total, zone: &PageTimeZone) -> String {
    let entries = total.text().map_or_else(
        || "Newest first".to_owned(),
        |entries| format!("{}, newest first", sentence(&entries)),
    );
    let has_bulk = page.rows.iter().any(|row| matches!(row, ActivityRow::Bulk(_)));
    let bulk = if has_bulk { "; a bulk change is one row" } else { "" };
    format!("{entries}{bulk}. Days and times in {}.", zone.name())
}

/// Lists the parameters of the URL that were ignored because their values are not valid.
fn ignored_notice(filters: &ActivityFilters) -> Option<AnyView> {
    let labels = filters.rejected.iter().map(|name| match *name {
        "from" => "From",
        "to" => "To",
        _ => "Outcome",
    });
    let labels: Vec<_> = labels.collect();
    (!labels.is_empty()).then(|| {
        let text = format!(
            "Some filters in this link are not valid and were ignored: {}.",
            labels.join(", ")
        );
        view! { <div class="notice"><p>{text}</p></div> }.into_any()
    })
}

/// The text instead of an empty list.
fn no_entries(workspace: &str, filters: &ActivityFilters, page: &ActivityRows) -> AnyView {
    if page.searched_back_to.is_some() {
        let text = "Older activity has not been searched yet.";
        return empty_state("Nothing found so far", text.to_owned(), ());
    }
    if !filters.are_set() && filters.query.before.is_none() {
        let text = "Revocations and changes to settings and permissions made here appear on this page.";
        return empty_state("No activity yet", text.to_owned(), ());
    }
    let clear = view! {
        <a class="btn" href=paths::activity(workspace)>
            "Clear filters"
        </a>
    };
    let title = match filters.query.before {
        // Newer entries may match.
        Some(_) => "No older activity matches your filters",
        None => "No activity matches your filters",
    };
    let is_reversed = filters
        .days
        .from
        .zip(filters.days.to)
        .is_some_and(|(from, to)| from > to);
    let text = if is_reversed {
        "The first day is after the last one."
    } else {
        ""
    };
    empty_state(title, text.to_owned(), clear)
}

fn pages(workspace: &str, filters: &ActivityFilters, page: &ActivityRows) -> Option<AnyView> {
    let link =
        |filters: ActivityFilters, label: &'static str| page_link(filters.url(&paths::activity(workspace)), label);
    let is_newest = filters.query.before.is_none() && page.newer.is_none();
    let searched = page
        .searched_back_to
        .map(|at| view! { <span>"Searched back to " {date_time(at)}</span> }.into_any());
    let older_label = if searched.is_some() { "Continue" } else { "Older" };
    let newest = (!is_newest).then(|| link(filters.at_newest(), "Newest"));
    let newer = page.newer.map(|id| link(filters.at(None, Some(id)), "Newer"));
    let older = page.older.map(|id| link(filters.at(Some(id), None), older_label));
    pager(searched, [newest, newer, older])
}
