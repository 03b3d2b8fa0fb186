//! `/w/{workspace}/tokens/export`: says what is missing from an export before someone downloads it, and has commands
//! that list the tokens with other tools.

use std::sync::Arc;

use console::{Actor, Error, Snapshot};
use domain::{TokenQuery, UnreadPart};
use leptos::prelude::*;

use super::filter_chips::active_filters;
use super::unread_notices::findings_that_depend_on;
use crate::components::{change_snippets, count_of, crumbs, group_digits, sentence};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, workspace_page};
use crate::snippets::ChangeSnippets;

/// The page. If the export would be incomplete, its links request a partial one.
#[component]
pub(crate) fn ExportPage() -> impl IntoView {
    workspace_page(Area::Tokens, "Export tokens", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    let parsed = request.token_query();
    let query = parsed.strict().map_err(|_| Error::InvalidFilter)?;
    let snapshot = request.console.snapshot(&actor).await?;
    let matching = snapshot.inventory.matching(query).ok();
    let matching = matching.map_err(Error::FilterNotAvailable)?.len();
    let content = content(&actor, &snapshot, query, matching);
    Ok(PageResult::new(content).title("Export tokens").policy(snapshot.policy))
}

fn content(actor: &Actor, snapshot: &Snapshot, query: &TokenQuery, matching: usize) -> AnyView {
    let workspace = actor.workspace().name();
    let unread = snapshot.inventory.unread();
    let is_partial = !unread.is_empty();
    let missing = unread.iter().map(|part| {
        let what = missing_text(snapshot, part);
        view! { <li>{what}</li> }
    });
    let notice = is_partial.then(|| {
        view! {
            <div class="notice">
                <p>
                    <b>"These files are incomplete."</b>
                    " Their names end with _partial. Missing:"
                </p>
                <ul>{missing.collect_view()}</ul>
            </div>
        }
    });
    let csv = paths::tokens_export(workspace, query, "csv", is_partial);
    let excel = paths::with_param(&csv, paths::BYTE_ORDER_MARK, "1");
    let json = paths::tokens_export(workspace, query, "json", is_partial);
    let link = |url: String, label: &'static str| {
        view! {
            <a class="btn" href=url download>
                {label}
            </a>
        }
    };
    view! {
        {crumbs(paths::tokens_with(workspace, query), "Personal access tokens")}
        <h1>"Export tokens"</h1>
        <section class="card pad" aria-label="Export">
            {notice}
            <p>{format!("{} that could be read.", exported_text(query, matching))}</p>
            <div class="row">
                {link(csv, "Export CSV")} {link(excel, "Export for Excel")} {link(json, "Export JSON")}
            </div>
        </section>
        <section class="card pad" aria-labelledby="commands-heading">
            <h2 id="commands-heading">"The same list with other tools"</h2>
            {unfiltered_note(query)}
            {change_snippets("list", ChangeSnippets::list_tokens(&actor.workspace().into(), query))}
        </section>
    }
    .into_any()
}

/// The filters that the commands ignore: Databricks can only filter by who created a token.
fn unfiltered_note(query: &TokenQuery) -> AnyView {
    let others = TokenQuery {
        created_by_username: String::new(),
        created_by_id: None,
        ..query.clone()
    };
    let filters: Vec<_> = active_filters(&others).into_iter().map(|(label, _)| label).collect();
    let text = match filters.as_slice() {
        [] if query.is_filtered() => "These commands list the same tokens, in the order of the workspace.".to_owned(),
        [] => "These commands list all tokens, in the order of the workspace.".to_owned(),
        filters => format!(
            "Databricks can only filter by who created a token, so these commands list more tokens than this page. \
             Left out: {}.",
            filters.join("; ")
        ),
    };
    view! { <p><bdi>{text}</bdi></p> }.into_any()
}

fn exported_text(query: &TokenQuery, matching: usize) -> String {
    match query.is_filtered() {
        true => count_of(matching, "matching token"),
        false => count_of(matching, "token"),
    }
}

/// What is missing from the export without this part.
fn missing_text(snapshot: &Snapshot, part: UnreadPart) -> String {
    let reason = sentence(part.reason());
    match part {
        UnreadPart::Rows => {
            let rows = snapshot.unreadable.len();
            format!(
                "{reason}: {} missing.",
                match rows {
                    1 => "1 row is".to_owned(),
                    n => format!("{} rows are", group_digits(n)),
                }
            )
        }
        UnreadPart::Names => format!(
            "{reason}: owner names, owner types, {} are not available.",
            findings_that_depend_on(part)
        ),
        UnreadPart::Policy | UnreadPart::Permissions | UnreadPart::Groups => {
            format!("{reason}: {} is not available.", findings_that_depend_on(part))
        }
    }
}
