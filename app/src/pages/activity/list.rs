//! `/w/{workspace}/activity`: the activity log with its filters and its exports.

use std::sync::Arc;

use console::activity::{ActivityKind, ActivityQuery, Outcome};
use console::{Actor, Error};
use leptos::prelude::*;

use super::query::{activity_url, parse_activity_query};
use super::table::table;
use crate::components::empty_state;
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, workspace_page};

/// Operations on a page.
const ACTIVITY_PAGE_SIZE: u32 = 50;

/// The activity log of a workspace.
#[component]
pub(crate) fn ActivityPage() -> impl IntoView {
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
    let filtered = query != ActivityQuery::default();
    let list = match page.operations.as_slice() {
        [] if filtered => {
            let clear = view! {
                <a class="btn" href=paths::activity(workspace)>
                    "Clear filters"
                </a>
            };
            empty_state("No activity matches your filters", String::new(), clear).into_any()
        }
        [] => {
            let text = "Revocations and changes to settings and permissions made here appear on this page.";
            empty_state("No activity yet", text.to_owned(), ()).into_any()
        }
        operations => table(workspace, "Newest first", operations),
    };
    let older = page.operations.last().filter(|_| page.more).map(|last| {
        let older = ActivityQuery {
            before: Some(last.id),
            ..query.clone()
        };
        view! {
            <a class="btn" href=activity_url(&paths::activity(workspace), &older)>
                "Older"
            </a>
        }
    });
    let newest = query.before.map(|_| {
        let newest = ActivityQuery {
            before: None,
            ..query.clone()
        };
        view! {
            <a class="btn" href=activity_url(&paths::activity(workspace), &newest)>
                "Newest"
            </a>
        }
    });
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
            <nav class="pager" aria-label="Pages">
                <div class="row">{newest} {older}</div>
            </nav>
        </section>
    };
    Ok(PageResult::new(content))
}

/// Exports everything that matches the filters, not this page alone.
fn export_url(workspace: &str, query: &ActivityQuery, extension: &str) -> String {
    let all = ActivityQuery {
        before: None,
        ..query.clone()
    };
    activity_url(&format!("{}.{extension}", paths::activity(workspace)), &all)
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
            <button class="btn">"Apply"</button>
        </form>
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
