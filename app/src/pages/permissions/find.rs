//! `/w/{workspace}/settings/advanced/permissions/find`: people for the editor, by a part of their name. A page of its own
//! without scripts; with them its results are the options of the combobox.

use std::sync::Arc;

use console::access::FoundPrincipals;
use console::{Actor, Error};
use console::{SearchResults, WorkspaceError};
use domain::Principal;
use domain::access::{Grantee, Group};
use leptos::prelude::*;

use super::edit_state::{Editing, editor};
use super::grants::kind_label;
use crate::components::{MAX_SEARCH_CHARS, hidden_fields, search_text};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, workspace_page};

/// The results of a search.
#[component]
pub(crate) fn FindPrincipalPage() -> impl IntoView {
    workspace_page(Area::Settings, "Find users, groups and service principals", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    let workspace = actor.workspace().name();
    let text = search_text(&request);
    let results = if text.is_empty() {
        view! { <p class="pad">"Type part of a name, a username or an application ID."</p> }.into_any()
    } else {
        results(&request, &request.console.find_principals(&actor, &text).await?, &text)
    };
    let Editing { opened, edit } = Editing::of(&request);
    let back = opened.as_ref().map_or_else(
        || paths::permissions(workspace),
        |opened| editor(workspace, opened, &edit),
    );
    let content = view! {
        <p class="crumbs">
            <a href=back>"Permissions"</a>
        </p>
        <h1>"Find users, groups and service principals"</h1>
        <form method="get" action=paths::permissions(workspace) class="card">
            {hidden_fields(opened.map(|opened| ("opened", opened.to_string())))}
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
                <button class="btn" formaction=paths::find_principal(workspace)>
                    "Search"
                </button>
            </div>
            <div id="found">{results}</div>
        </form>
    };
    Ok(PageResult::new(content))
}

/// One row of a result.
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
                given => given.to_owned(),
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
    let groups = kind(request, "groups", &found.groups);
    let users = kind(request, "users", &found.users);
    let services = kind(request, "service principals", &found.service_principals);
    let nothing = [&groups, &users, &services].iter().all(|found| found.is_none());
    if nothing {
        return view! {
            <p class="pad" data-no-results>
                {format!("No user, group or service principal matches \u{201c}{text}\u{201d}.")}
            </p>
        }
        .into_any();
    }
    view! { <ul class="search-results">{groups} {users} {services}</ul> }.into_any()
}

/// The rows of one kind. `None` where there are none.
fn kind<'a, T>(
    request: &Request,
    what: &'static str,
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
            let text = format!("Could not search the {what}. {title}.");
            return Some(view! { <li class="notice">{text}</li> }.into_any());
        }
    };
    let mut hits: Vec<_> = found.rows.iter().map(SearchResult::from).collect();
    hits.sort_by_cached_key(|hit| hit.label.to_lowercase());
    let rows: Vec<_> = hits.into_iter().map(row).collect();
    let shown = i64::try_from(found.rows.len()).unwrap_or(i64::MAX);
    let more = found.total.filter(|total| *total > shown).map(|total| {
        let text = format!("Showing {shown} of {total} {what}. Type more of the name.");
        view! {
            <li class="muted" data-more-results>
                {text}
            </li>
        }
    });
    (!rows.is_empty()).then(|| view! { {rows} {more} }.into_any())
}

fn row(hit: SearchResult) -> AnyView {
    if hit.grantee.is_admins() {
        return view! { <li class="muted">"admins: they always have access."</li> }.into_any();
    }
    let inactive = (!hit.active).then(|| view! { <span class="chip danger">"Deactivated"</span> });
    let everybody = hit
        .grantee
        .is_all_users()
        .then(|| view! { <span class="chip warn">"Everyone"</span> });
    view! {
        <li data-option=hit.grantee.to_key()>
            <span class="who">
                <bdi class="name">{hit.label.clone()}</bdi>
                " "
                <small class="mono">{hit.detail}</small>
                <span class="chips">
                    <span class="chip">{kind_label(&hit.grantee)}</span>
                    {inactive}
                    {everybody}
                </span>
            </span>
            <button class="btn small" name="add" value=hit.grantee.to_key() aria-label=format!("Add {}", hit.label)>
                "Add"
            </button>
        </li>
    }
    .into_any()
}
