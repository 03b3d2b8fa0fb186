//! `/w/{workspace}/activity`: the activity log with its filters and its exports.

use std::sync::Arc;

use console::activity::{ActivityKind, ActivityPage, ActivityQuery, MAX_COUNTED, Outcome};
use console::{Actor, Error};
use domain::Day;
use leptos::prelude::*;

use super::query::{activity_url, from_the_newest, parse_activity_query};
use super::table::table;
use crate::components::{date_time, empty_state, group_digits};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, workspace_page};

/// Operations on a page.
const ACTIVITY_PAGE_SIZE: u32 = 50;

/// The activity log of a workspace.
#[component]
pub(crate) fn ActivityLogPage() -> impl IntoView {
    workspace_page(Area::Activity, "Activity", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    let pairs = request.pairs();
    let query = parse_activity_query(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let page = request
        .console
        .activity(&actor, query.clone(), ACTIVITY_PAGE_SIZE)
        .await?;
    let workspace = actor.workspace().name();
    let list = match page.operations.as_slice() {
        [] => no_operations(workspace, &query, &page),
        operations => {
            // A search does not know how many there are.
            let caption = match query.text.is_empty() {
                true => total_caption(request.console.count_activity(&actor, query.clone()).await?),
                false => "Newest first".to_owned(),
            };
            table(workspace, caption, operations)
        }
    };
    let content = view! {
        <div class="head">
            <div>
                <h1>"Activity"</h1>
                <p>"Changes made or attempted through this console. The workspace's audit log is authoritative."</p>
            </div>
            <div class="row">
                {export_link(export_url(workspace, &query, "csv"), "Export CSV")}
                {export_link(
                    paths::with_param(&export_url(workspace, &query, "csv"), paths::BYTE_ORDER_MARK, "1"),
                    "Export for Excel",
                )}
                {export_link(export_url(workspace, &query, "json"), "Export JSON")}
            </div>
        </div>
        <section class="card" aria-label="Activity">
            {filters(workspace, &query)}
            {list}
            {pager(workspace, &query, &page)}
        </section>
    };
    Ok(PageResult::new(content))
}

/// What stands in place of the table.
fn no_operations(workspace: &str, query: &ActivityQuery, page: &ActivityPage) -> AnyView {
    if page.searched_back_to.is_some() {
        let text = "Older activity has not been searched yet.";
        return empty_state("Nothing found so far", text.to_owned(), ());
    }
    if *query == ActivityQuery::default() {
        let text = "Revocations and changes to settings and permissions made here appear on this page.";
        return empty_state("No activity yet", text.to_owned(), ());
    }
    let clear = view! {
        <a class="btn" href=paths::activity(workspace)>
            "Clear filters"
        </a>
    };
    let title = match query.before {
        // Newer pages can have some.
        Some(_) => "No older activity matches your filters",
        None => "No activity matches your filters",
    };
    empty_state(title, String::new(), clear)
}

fn total_caption(total: Option<u32>) -> String {
    match total {
        Some(total) => format!("Newest first, {} in total", group_digits(total as usize)),
        None => format!("Newest first, {}+ in total", group_digits(MAX_COUNTED as usize)),
    }
}

fn pager(workspace: &str, query: &ActivityQuery, page: &ActivityPage) -> AnyView {
    let newest = from_the_newest(query);
    let link = |query: ActivityQuery, label: &'static str| {
        view! {
            <a class="btn" href=activity_url(&paths::activity(workspace), &query)>
                {label}
            </a>
        }
    };
    let newer = page.newer.map(|id| ActivityQuery {
        after: Some(id),
        ..newest.clone()
    });
    let older = page.older.map(|id| ActivityQuery {
        before: Some(id),
        ..newest.clone()
    });
    let searched = page
        .searched_back_to
        .map(|at| view! { <span>"Searched back to " {date_time(at)}</span> });
    let older_label = if searched.is_some() { "Continue" } else { "Older" };
    let is_newest = query.before.is_none() && page.newer.is_none();
    view! {
        <nav class="pager" aria-label="Pages">
            {searched}
            <div class="row">
                {(!is_newest).then(|| link(newest.clone(), "Newest"))} {newer.map(|query| link(query, "Newer"))}
                {older.map(|query| link(query, older_label))}
            </div>
        </nav>
    }
    .into_any()
}

/// Exports everything that matches the filters, not this page alone.
fn export_url(workspace: &str, query: &ActivityQuery, extension: &str) -> String {
    activity_url(
        &format!("{}.{extension}", paths::activity(workspace)),
        &from_the_newest(query),
    )
}

fn export_link(url: String, label: &'static str) -> AnyView {
    view! {
        <a class="btn" href=url download>
            {label}
        </a>
    }
    .into_any()
}

fn filters(workspace: &str, query: &ActivityQuery) -> AnyView {
    let kinds = ActivityKind::ALL;
    let kinds = kinds
        .each_ref()
        .map(|kind| (kind.to_stored(), kind.label(), query.kind.as_ref() == Some(kind)));
    let outcomes = Outcome::ALL.map(|o| (o.slug(), o.label(), query.outcome == Some(o)));
    view! {
        <form
            class="filters"
            method="post"
            action=paths::open_with_fields(&paths::activity(workspace))
            role="search"
            aria-label="Filter activity"
        >
            <div class="field grow">
                <label for="q">"Search by target, value or reason"</label>
                <input
                    class="input"
                    id="q"
                    type="search"
                    name="q"
                    value=query.text.clone()
                    autocomplete="off"
                    maxlength="256"
                />
            </div>
            <div class="field">
                <label for="actor">"Username"</label>
                <input
                    class="input"
                    id="actor"
                    name="actor"
                    value=query.actor.clone()
                    autocomplete="off"
                    maxlength="256"
                />
            </div>
            <div class="field">
                <label for="kind">"Action"</label>
                <select class="input" id="kind" name="kind">
                    {options(&kinds)}
                </select>
            </div>
            <div class="field">
                <label for="outcome">"Outcome"</label>
                <select class="input" id="outcome" name="outcome">
                    {options(&outcomes)}
                </select>
            </div>
            {day("from", "From (UTC)", query.days.from)}
            {day("to", "To (UTC)", query.days.to)}
            <button class="btn">"Apply"</button>
        </form>
    }
    .into_any()
}

/// A field for a day.
fn day(name: &'static str, label: &'static str, value: Option<Day>) -> AnyView {
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input class="input" id=name type="date" name=name value=value.map(Day::to_iso) autocomplete="off" />
        </div>
    }
    .into_any()
}

/// The options of a select field: slug, label, and whether it is selected.
fn options(all: &[(&str, &str, bool)]) -> AnyView {
    let options = all.iter().map(|(slug, label, selected)| {
        view! { <option value=(*slug).to_owned() selected=*selected>{(*label).to_owned()}</option> }
    });
    view! {
        <option value="">"Any"</option>
        {options.collect_view()}
    }
    .into_any()
}
