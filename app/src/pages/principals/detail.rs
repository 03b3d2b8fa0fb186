//! `/w/{workspace}/principals/{id}`: one user or service principal by SCIM ID. There is a page for unknown IDs too,
//! since tokens can outlive their owner.

use std::sync::Arc;

use console::{Actor, Error, Snapshot};
use domain::{ListedPage, Owner, PrincipalId, PrincipalKind, Selection, TokenQuery, UnreadPart};
use leptos::prelude::*;

use super::access::access_card;
use super::findings::findings_card;
use super::numbers::numbers;
use super::tokens::tokens_card;
use crate::components::{
    crumbs, date_time, group_digits, loading_notice, not_available, one_notice, outdated_notices, page_head,
};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, workspace_page};
use crate::pages::activity::{HistoryOf, history_card};
use crate::pages::tokens::{revoked_message, unread_notices, unreadable_notice};
use crate::problem::Problem;

/// How many recent operations are shown.
const RECENT_LIMIT: u32 = 10;

const NO_SUCH_PRINCIPAL: &str = "No such user or service principal";

/// One user or service principal.
#[component]
pub(crate) fn PrincipalPage() -> impl IntoView {
    workspace_page(Area::Tokens, "User or service principal", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    let Some(id) = request.principal_id() else {
        request.set_status(Problem::PageNotFound);
        return Ok(no_id(&request));
    };
    let snapshot = request.console.snapshot(&actor).await?;
    let inventory = &snapshot.inventory;
    let owner = inventory.directory().owner(Some(id));
    // A filter by ID does not need names.
    let listed = inventory.listed_page(&of_owner(id));
    let is_missing = matches!(owner, Owner::Gone(_) | Owner::Unknown(_));
    let revoked = revoked_message(&request, &actor, &snapshot);
    if is_missing && listed.page.matching == 0 && revoked.is_none() {
        request.set_status(Problem::PageNotFound);
    }
    let heading = heading(owner, id);
    let recent = recent_activity(&request, &actor, owner, &listed).await;
    let content = content(&request, &actor, &snapshot, owner, id, &listed, &heading);
    Ok(PageResult::new((content, recent))
        .title(heading)
        .policy(snapshot.policy)
        .success(revoked))
}

/// The filter for all tokens that the principal owns.
pub(super) fn of_owner(id: PrincipalId) -> TokenQuery {
    TokenQuery {
        owner: id.to_string(),
        ..TokenQuery::default()
    }
}

/// What was done through this console to this owner's listed and revoked tokens, and which tokens were created for this
/// service principal.
async fn recent_activity(
    request: &Request,
    actor: &Actor,
    owner: Owner<'_>,
    listed: &ListedPage<'_>,
) -> Option<AnyView> {
    let tokens = listed.page.tokens.iter().map(|token| token.id.to_string());
    let created_for = match owner {
        Owner::Known(principal) if principal.kind == PrincipalKind::ServicePrincipal => Some(principal.name.clone()),
        _ => None,
    };
    let history = HistoryOf::Tokens {
        ids: tokens.chain(created_for).collect(),
        owner: match owner {
            Owner::Known(principal) => Some(principal.label().to_owned()),
            _ => None,
        },
    };
    history_card(request, actor, history, RECENT_LIMIT).await
}

/// The page for text that is not an ID.
fn no_id(request: &Request) -> PageResult {
    let workspace = request.workspace();
    let content = view! {
        <h1>{NO_SUCH_PRINCIPAL}</h1>
        <section class="card empty">
            <p>"The ID of a user or service principal is a whole number. Search the token list by name instead."</p>
            <a class="btn primary" href=paths::tokens(workspace)>
                "All tokens"
            </a>
        </section>
    };
    PageResult::new(content).title(NO_SUCH_PRINCIPAL)
}

/// The name, if it is known.
pub(super) fn heading(owner: Owner<'_>, id: PrincipalId) -> String {
    match owner {
        Owner::Known(principal) if !principal.display_name.is_empty() => principal.display_name.clone(),
        Owner::Known(principal) => principal.name.clone(),
        Owner::NotLoaded(_) | Owner::NotReported => format!("User or service principal {id}"),
        Owner::Gone(_) | Owner::Unknown(_) => NO_SUCH_PRINCIPAL.to_owned(),
    }
}

fn content(
    request: &Request,
    actor: &Actor,
    snapshot: &Snapshot,
    owner: Owner<'_>,
    id: PrincipalId,
    listed: &ListedPage<'_>,
    heading: &str,
) -> AnyView {
    let workspace = actor.workspace().name();
    let notices = unreadable_notice(actor, snapshot).into_iter();
    let notices = notices.chain(outdated_notices(request, snapshot));
    let notices = notices.chain(unread_notices(request, snapshot));
    view! {
        {crumbs(paths::tokens(workspace), "Personal access tokens")}
        {page_head(
            view! { <bdi>{heading.to_owned()}</bdi> },
            view! { <p>"Updated " {date_time(snapshot.inventory.as_of())}</p> },
            view! {
                <div class="row">
                    {create_token(actor, owner)} {revoke_all(actor, snapshot, id, listed.page.matching, heading)}
                </div>
            },
        )}
        {loading_notice(request, snapshot.loading())}
        {one_notice(notices)}
        {numbers(workspace, id, &listed.facets, snapshot)}
        <div class="principal">
            <div class="principal-facts">
                {facts(owner, id)} {findings_card(workspace, snapshot, owner, id)}
                {access_card(workspace, snapshot, owner, id)}
            </div>
            {tokens_card(actor, snapshot, id, &listed.page)}
        </div>
    }
    .into_any()
}

/// The details that the workspace reports.
fn facts(owner: Owner<'_>, id: PrincipalId) -> AnyView {
    let kind = match owner {
        Owner::Known(principal) => principal.kind.label().to_owned(),
        Owner::NotLoaded(_) => not_available(UnreadPart::Names),
        Owner::Gone(_) | Owner::Unknown(_) | Owner::NotReported => "Unknown".to_owned(),
    };
    let name = match owner {
        Owner::Known(principal) => {
            let label = match principal.kind {
                PrincipalKind::User => "Username",
                PrincipalKind::ServicePrincipal => "Application ID",
            };
            let name = principal.name.clone();
            Some(view! {
                <dt>{label}</dt>
                <dd>
                    <bdi>{name}</bdi>
                </dd>
            })
        }
        _ => None,
    };
    view! {
        <section class="card" aria-label="Details">
            <dl class="facts">
                <dt>"Type"</dt>
                <dd>{kind}</dd>
                <dt>"State"</dt>
                <dd>{state(owner)}</dd>
                {name}
                <dt>"ID"</dt>
                <dd class="mono">{id.to_string()}</dd>
            </dl>
        </section>
    }
    .into_any()
}

/// Whether it can sign in, if known.
fn state(owner: Owner<'_>) -> AnyView {
    let (text, detail) = match owner {
        Owner::Known(principal) if principal.active => return "Active".into_any(),
        Owner::NotLoaded(_) => return not_available(UnreadPart::Names).into_any(),
        Owner::Known(_) => ("Deactivated", "It cannot sign in."),
        Owner::Gone(_) => (
            "Gone",
            "Databricks says that this workspace has neither a user nor a service principal with this ID.",
        ),
        Owner::Unknown(_) | Owner::NotReported => (
            "Unknown",
            "This workspace lists neither a user nor a service principal with this ID.",
        ),
    };
    view! {
        <span class="chip danger">{text}</span>
        <small>{detail}</small>
    }
    .into_any()
}

/// The link to the form for a new token of this service principal. Users create their own.
fn create_token(actor: &Actor, owner: Owner<'_>) -> Option<AnyView> {
    let Owner::Known(principal) = owner else { return None };
    let can_have_one = principal.kind == PrincipalKind::ServicePrincipal && principal.active;
    let form = paths::with_param(&paths::new_token(actor.workspace().name()), "sp", &principal.name);
    let label = format!("Create token for {}", heading(owner, principal.id));
    (actor.can_change() && can_have_one).then(|| {
        view! {
            <a class="btn" href=form aria-label=label>
                "Create token"
            </a>
        }
        .into_any()
    })
}

/// The form that stores all its tokens as a draft of a bulk revocation, like "Select all" in the list.
pub(super) fn revoke_all(
    actor: &Actor,
    snapshot: &Snapshot,
    id: PrincipalId,
    tokens: usize,
    heading: &str,
) -> Option<AnyView> {
    if !actor.can_change() || tokens == 0 {
        return None;
    }
    let workspace = actor.workspace().name();
    let (query, is_loading) = (of_owner(id), !snapshot.loading().is_empty());
    let label = match tokens {
        1 => "Revoke token".to_owned(),
        n => format!("Revoke all {}", group_digits(n)),
    };
    let object = format!("{label} of {heading}");
    let hint = is_loading.then(|| {
        view! {
            <p class="hint" id="no-revoke-all">
                "Not available until loading has finished."
            </p>
        }
    });
    let form = view! {
        <form method="post" action=paths::bulk_draft(workspace)>
            <input type="hidden" name="owner" value=query.owner.clone() />
            <input type="hidden" name="all" value="1" />
            <input type="hidden" name="of" value=Selection::All.fingerprint(&query) />
            <button
                class="btn danger-outline"
                aria-label=object
                disabled=is_loading
                aria-describedby=is_loading.then_some("no-revoke-all")
            >
                {label}
            </button>
            {hint}
        </form>
    };
    Some(form.into_any())
}
