//! `/w/{workspace}/settings/advanced/permissions/find`: finds users, groups and service principals for the editor by a
//! part of their name. Without JavaScript it is a page; with it, its results are the options of the combobox.

use std::sync::Arc;

use console::access::FoundPrincipals;
use console::{Actor, Error};
use console::{SearchResults, WorkspaceError};
use domain::Principal;
use domain::access::{Grantee, Group};
use leptos::prelude::*;

use super::edit_state::{EditState, editor_url};
use super::exact_name::exact_name_field;
use super::grants::kind_label;
use crate::components::{
    FoundPrincipal, MAX_SEARCH_CHARS, crumbs, hidden_fields, more_results, no_results, search_text,
};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, workspace_page};

/// The results of a search.
#[component]
pub(crate) fn FindPrincipalPage() -> impl IntoView {
    workspace_page(Area::Permissions, "Find users, groups and service principals", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    let workspace = actor.workspace().name();
    let text = search_text(&request);
    let results = if text.is_empty() {
        view! { <p class="pad">"Type part of a name, a username or an application ID."</p> }.into_any()
    } else {
        results(&request, &request.console.find_principals(&actor, &text).await?, &text)
    };
    let EditState { base, edit, .. } = EditState::of(&request);
    let back = match &base {
        Some(base) => request.short_url(&editor_url(workspace, base, &edit)).await,
        None => paths::permissions(workspace),
    };
    let content = view! {
        {crumbs(back, "Permissions")}
        <h1>"Find users, groups and service principals"</h1>
        <form method="post" action=paths::open_with_fields(&paths::permissions(workspace)) class="card">
            {hidden_fields(base.map(|base| ("opened", base.to_string())))}
            {hidden_fields(edit.added().map(|grantee| ("add", grantee.to_key())))}
            {hidden_fields(edit.removed().map(|grantee| ("remove", grantee.to_key())))}
            <div class="filters">
                <div class="field grow">
                    <label for="find">"Name, username or application ID"</label>
                    <input
                        class="input"
                        id="find"
                        name="find"
                        type="search"
                        value=text
                        autocomplete="off"
                        maxlength=MAX_SEARCH_CHARS
                        spellcheck="false"
                    />
                </div>
                <button class="btn" formaction=paths::open_with_fields(&paths::find_principal(workspace))>
                    "Search"
                </button>
            </div>
            <div id="found">{results}</div>
            {exact_name_field(workspace)}
        </form>
    };
    Ok(PageResult::new(content))
}

/// One row of the results.
struct SearchResult {
    grantee: Grantee,
    label: String,
    detail: String,
    active: bool,
}

impl From<&Principal> for SearchResult {
    fn from(principal: &Principal) -> Self {
        let name = principal.name.clone();
        Self {
            grantee: match principal.kind {
                domain::PrincipalKind::User => Grantee::User(name.clone()),
                domain::PrincipalKind::ServicePrincipal => Grantee::ServicePrincipal(name.clone()),
            },
            label: match principal.display_name.as_str() {
                "" => name.clone(),
                display_name => display_name.to_owned(),
            },
            detail: format!("{name}, ID {}", principal.id),
            active: principal.active,
        }
    }
}

impl From<&Group> for SearchResult {
    fn from(group: &Group) -> Self {
        Self {
            grantee: Grantee::Group(group.name.clone()),
            label: group.name.clone(),
            detail: format!("ID {}", group.id),
            active: true,
        }
    }
}

fn results(request: &Request, found: &FoundPrincipals, text: &str) -> AnyView {
    let groups = rows_of_kind(request, "groups", &found.groups);
    let users = rows_of_kind(request, "users", &found.users);
    let service_principals = rows_of_kind(request, "service principals", &found.service_principals);
    if groups.is_none() && users.is_none() && service_principals.is_none() {
        return no_results("user, group or service principal", text);
    }
    view! { <ul class="search-results">{groups} {users} {service_principals}</ul> }.into_any()
}

/// The rows of one kind, or why the search for it failed. `kind` is the plural, as in "service principals". `None` if
/// nothing was found.
fn rows_of_kind<'a, T>(
    request: &Request,
    kind: &'static str,
    found: &'a Result<SearchResults<T>, WorkspaceError>,
) -> Option<AnyView>
where
    SearchResult: From<&'a T>,
{
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            let problem = request.problem(&Error::Workspace(error.clone()));
            let title = problem.title(Some(request.workspace()));
            let text = format!("Could not search the {kind}. {title}.");
            return Some(view! { <li class="notice">{text}</li> }.into_any());
        }
    };
    let mut results: Vec<_> = found.rows.iter().map(SearchResult::from).collect();
    results.sort_by_cached_key(|result| result.label.to_lowercase());
    let rows: Vec<_> = results.into_iter().map(row).collect();
    let more = more_results(kind, found.rows.len(), found.total);
    (!rows.is_empty()).then(|| view! { {rows} {more} }.into_any())
}

fn row(result: SearchResult) -> AnyView {
    if result.grantee.is_admins() {
        return view! { <li class="muted">"admins: they always have access."</li> }.into_any();
    }
    let chips = [
        (true, "chip", kind_label(&result.grantee)),
        (!result.active, "chip danger", "Deactivated"),
        (result.grantee.is_all_users(), "chip warn", "Everyone"),
    ];
    let chips = chips.into_iter().filter(|(is_shown, ..)| *is_shown);
    let found = FoundPrincipal {
        chips: chips.map(|(_, class, text)| (class, text)).collect(),
        field: ("add", result.grantee.to_key()),
        label: result.label,
        detail: result.detail,
        verb: "Add",
        page: None,
    };
    found.row()
}
