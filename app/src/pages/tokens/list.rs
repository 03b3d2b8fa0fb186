//! `/w/{workspace}/tokens`: the list of tokens, with counters and filters above it.

use std::sync::Arc;

use console::inventory::SnapshotAge;
use console::{Actor, Error, Snapshot};
use domain::{ParsedQuery, ParsedSelection, Selection, TokenCount, TokenId, TokenQuery};
use leptos::prelude::*;

use super::band::band;
use super::create::first_token_offer;
use super::export_menu::export_menu;
use super::filter_chips::{filter_chips, ignored_notice, left_out_notice, unknown_owner_notice};
use super::filters::{MORE_FILTERS_PARAM, filters};
use super::row::{SelectAll, Viewer};
use super::selection::selection_params;
use super::table::{result_count, results};
use super::unread_notices::{unread_notices, unreadable_notice};
use crate::components::{
    empty_state, error_notice, loading_notice, one_notice, outdated_notices, refresh_form, success_notice, time_text,
};
use crate::http::paths;
use crate::http::request::Request;
use crate::http::time_zone::PageTimeZone;
use crate::layout::{Area, PageResult, clock_banner, disabled_banner, workspace_page};
use crate::pages::principals::owner_band;
use crate::problem::{Failure, Interrupted};

/// The list of a workspace's tokens.
#[component]
pub(crate) fn TokensPage() -> impl IntoView {
    workspace_page(Area::Tokens, "Personal access tokens", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    let snapshot = request.console.snapshot(&actor).await?;
    let parsed = request.token_query();
    Ok(PageResult::new(content(&request, &actor, &snapshot, &parsed).await)
        .banners_shown_in_content()
        .success(revoked_message(&request, &actor, &snapshot))
        .error(
            request
                .failure_in_url()
                .map(|failure| error_notice(&failure, Some(actor.workspace().name()), Interrupted::Page)),
        ))
}

async fn content(request: &Request, actor: &Actor, snapshot: &Snapshot, parsed: &ParsedQuery) -> AnyView {
    let workspace = actor.workspace().name();
    let mut parsed_selection = request.selection(&parsed.query);
    // Without JavaScript, the form sends the current page number even if the filters have changed. A changed list
    // starts at its first page.
    let page_number = if parsed_selection.filters_changed {
        0
    } else {
        parsed.query.page
    };
    let listed = snapshot.inventory.listed_page(&parsed.query.on_page(page_number));
    let (query, page) = (&listed.query, &listed.page);
    let has_all_filters = parsed.strict().is_ok() && listed.left_out.is_empty();
    let loading = snapshot.loading();
    let select_all = match (has_all_filters, loading.is_empty()) {
        (_, false) => SelectAll::Loading(loading),
        (false, true) => SelectAll::FiltersLeftOut,
        (true, true) => SelectAll::Available,
    };
    if select_all != SelectAll::Available && parsed_selection.selection.is_all() {
        parsed_selection.selection = Selection::None;
    }
    let result_count = result_count(page.matching, snapshot.inventory.counts().total, query);
    if parsed_selection.select_page {
        parsed_selection.select(page.tokens.iter().map(|token| &token.id));
    }
    let selection_params = selection_params(request, query, &parsed_selection.selection).await;
    let own_token = actor.own_token();
    let zone = PageTimeZone::current();
    let viewer = Viewer {
        own_token: own_token.as_ref(),
        can_change: actor.can_change(),
        selection: &parsed_selection.selection,
        selection_params: &selection_params,
        select_all,
        zone: &zone,
    };
    let is_unfolded = request.query(MORE_FILTERS_PARAM).is_some();
    let directory = snapshot.inventory.directory();
    let list = match snapshot.inventory.counts().total {
        TokenCount::Exactly(0) => no_tokens(actor),
        _ => view! {
            {owner_band(actor, snapshot, query).unwrap_or_else(|| band(workspace, snapshot, query))}
            <section class="card token-list" aria-labelledby="list-heading">
                <h2 class="visually-hidden" id="list-heading">"Tokens"</h2>
                {filters(snapshot, workspace, &result_count, query, &listed.facets, is_unfolded)}
                <div id="results" tabindex="-1">
                    {ignored_notice(&parsed.rejected)} {left_out_notice(&listed.left_out)}
                    {listed.is_owner_unknown.then(|| unknown_owner_notice(workspace, directory, query))}
                    {filter_chips(workspace, directory, query, page.matching)}
                    {results(workspace, viewer, snapshot, query, page, &parsed_selection)}
                </div>
            </section>
        }
        .into_any(),
    };
    view! {
        <a class="skip" href="#results">
            "Skip to the tokens"
        </a>
        <div class="head tokens-head">
            <div>
                <h1>"Personal access tokens"</h1>
                {refresh_form(workspace, paths::tokens_with(workspace, query), (), snapshot.inventory.as_of(), false)}
            </div>
            <details class="fold">
                <summary class="btn">"More"</summary>
                <div class="row">
                    {export_menu(workspace, snapshot, query, page.matching, has_all_filters)}
                <a class="btn" href=paths::bulk_list(workspace)>
                    "Bulk changes"
                </a>
                <a class="btn" href=paths::find_leaked(workspace)>
                    "Find a leaked token"
                </a>
                {actor.can_change().then(|| {
                    view! {
                        <a class="btn" href=paths::new_token(workspace)>
                            "Create service principal token"
                        </a>
                    }
                })}
                </div>
            </details>
        </div>
        {notices(request, actor, snapshot)}
        {list}
    }
    .into_any()
}

/// Notices about problems: the most severe one, with the others folded away.
fn notices(request: &Request, actor: &Actor, snapshot: &Snapshot) -> AnyView {
    let workspace = actor.workspace().name();
    let all = disabled_banner(workspace, snapshot.policy, Area::Tokens).into_iter();
    let all = all.chain(still_listed_notice(workspace, snapshot));
    let all = all.chain(unreadable_notice(actor, snapshot));
    let all = all.chain(stale_notice(request, actor, snapshot));
    let all = all.chain(outdated_notices(request, snapshot));
    let all = all.chain(unread_notices(request, snapshot));
    let all = all.chain(clock_banner(actor));
    // This notice disappears automatically.
    let loading = loading_notice(request, snapshot.loading());
    view! {
        {loading}
        {one_notice(all)}
    }
    .into_any()
}

/// The page of a workspace without tokens: there is nothing to count or filter.
fn no_tokens(actor: &Actor) -> AnyView {
    let workspace = actor.workspace().name();
    // The commands need CSS rules that this page's part of the style sheet does not contain.
    let offer = match actor.can_change() {
        true => first_token_offer(actor),
        false => {
            view! { <p>"You can only view here. Permissions has the command for a workspace admin."</p> }.into_any()
        }
    };
    let next = view! {
        <p>
            "Databricks has no permissions for tokens until the first token exists. Create one, and then choose who "
            "else can create tokens."
        </p>
        {offer}
        <a href=paths::permissions(workspace)>"Permissions"</a>
    };
    let text = "Tokens appear here as soon as someone creates one.".to_owned();
    view! {
        <section class="card" aria-label="Tokens" id="results" tabindex="-1">
            {empty_state("No tokens yet", text, next)}
        </section>
    }
    .into_any()
}

/// Says how old the list is if it could not be refreshed.
fn stale_notice(request: &Request, actor: &Actor, snapshot: &Snapshot) -> Option<AnyView> {
    let SnapshotAge {
        is_stale: true,
        age,
        failure,
    } = request.console.snapshot_age(actor, snapshot)
    else {
        return None;
    };
    let updated = match age.as_secs() / 60 {
        0 => "Updated less than a minute ago.".to_owned(),
        1 => "Updated 1 minute ago.".to_owned(),
        minutes => format!("Updated {minutes} minutes ago."),
    };
    let reason = failure.map(|(error, next_try)| {
        let title = request.problem(&error).title(Some(actor.workspace().name()));
        format!(" {title}. Next try in {} s.", next_try.as_secs().max(1))
    });
    let reason = reason.unwrap_or_else(|| " Newer data is loading; reload this page in a moment.".to_owned());
    let notice = view! {
        <div class="notice" role="status">
            <p>
                <b>{updated}</b>
                {reason}
            </p>
        </div>
    };
    Some(notice.into_any())
}

/// The notice about revoked tokens that the workspace still lists.
fn still_listed_notice(workspace: &str, snapshot: &Snapshot) -> Option<AnyView> {
    if snapshot.still_listed.is_empty() {
        return None;
    }
    let still_listed = snapshot
        .still_listed
        .iter()
        .map(|id| view! { <code>{id.short().to_owned()}</code>" " })
        .collect_view();
    let notice = view! {
        <div class="notice danger" role="alert">
            <p>
                <b>"Revocation not confirmed."</b>
                {format!(" {workspace} accepted it over 30 seconds ago but still lists: ")}
                {still_listed}
            </p>
        </div>
    };
    Some(notice.into_any())
}

/// The success message after a revocation, shown only if the console knows the revocation and the token is gone: anyone
/// can make up a URL.
pub(crate) fn revoked_message(request: &Request, actor: &Actor, snapshot: &Snapshot) -> Option<AnyView> {
    if request.query("done")? != "revoked" {
        return None;
    }
    let id = TokenId::new(request.query("token")?);
    if snapshot.inventory.get(&id).is_some() {
        return None;
    }
    let revocation = request.console.revocation(actor, &id)?;
    let name = match (revocation.comment.as_str(), revocation.owner.as_str()) {
        ("", "") => format!("Token {}", id.short()),
        ("", owner) => format!("Token {} of {owner}", id.short()),
        (comment, "") => format!("\u{201c}{comment}\u{201d}"),
        (comment, owner) => format!("\u{201c}{comment}\u{201d} of {owner}"),
    };
    let at = time_text(revocation.at);
    Some(success_notice(
        format!("{name} was revoked."),
        format!("Confirmed with the workspace at {at}."),
    ))
}

/// Invalidates the snapshot and redirects to the list, which reloads the tokens.
#[server(prefix = "/api", endpoint = "tokens/refresh")]
pub(crate) async fn refresh(workspace: String, back: String) -> Result<(), Failure> {
    let request = Request::current();
    let result = async {
        let actor = request.actor(&workspace).await?;
        request.console.refresh(&actor).await
    };
    let list = paths::tokens(&workspace);
    let back = paths::local_path(&back).unwrap_or(&list);
    let result = result.await.map_err(|error| request.problem(&error));
    result.map_err(|problem| request.fail_form_at(problem, back))?;
    match request.console.is_shared() {
        // Before serving a page with this parameter, an instance looks for changes that other instances made.
        true => request.redirect(&paths::with_param(back, "done", "refreshed")),
        false => request.redirect(back),
    }
    Ok(())
}

/// The table of a page as HTML, rendered from an existing snapshot. Benchmarks use it to measure rendering alone.
pub fn render_results(workspace: &str, snapshot: &Snapshot, query: &TokenQuery) -> String {
    let listed = snapshot.inventory.listed_page(query);
    let page = listed.page;
    let viewer = Viewer {
        own_token: None,
        can_change: true,
        selection: &Selection::None,
        selection_params: "",
        select_all: SelectAll::Available,
        zone: &PageTimeZone::UTC,
    };
    Owner::new().with(|| {
        results(
            workspace,
            viewer,
            snapshot,
            &listed.query,
            &page,
            &ParsedSelection::default(),
        )
        .to_html()
    })
}
