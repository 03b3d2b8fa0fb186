//! What the workspace reports about a token, as text.

use console::inventory::TokenDetail;
use console::{Actor, Snapshot};
use domain::{Expiry, Owner, PrincipalId, PrincipalKind, Status, Timestamp, Token, TokenCount, TokenQuery};
use leptos::prelude::*;

use super::super::edit_comment::comment_form;
use super::super::row_texts::{ago, ahead};
use super::origin::Origin;
use crate::components::{change_snippets, date, date_of, date_time, sentence, token_cells, tokens_of};
use crate::http::paths;
use crate::http::request::Request;
use crate::http::time_zone::PageTimeZone;
use crate::snippets::ChangeSnippets;

/// The card of facts.
pub(super) fn facts_card(
    request: &Request,
    actor: &Actor,
    detail: &TokenDetail,
    snapshot: Option<&Snapshot>,
    origin: &Origin,
) -> AnyView {
    let (token, now) = (&detail.token, detail.as_of);
    let change = actor.can_change().then(|| comment_form(request, actor, token, origin));
    view! {
        <section class="card pad" aria-labelledby="token-facts">
            <h2 class="visually-hidden" id="token-facts">
                "Facts"
            </h2>
            <dl class="facts">
                <dt>"Owner"</dt>
                <dd>{owner(actor, detail, snapshot)}</dd>
                <dt>"Created by"</dt>
                <dd>{creator(actor, detail)}</dd>
                <dt>"Created"</dt>
                <dd>{token.created.map_or_else(|| "Unknown".into_any(), |at| date_time(at).into_any())}</dd>
                <dt>"Last used"</dt>
                <dd>{last_used(token, now)}</dd>
                <dt>"Expires"</dt>
                <dd>{expires(token, now)}</dd>
                <dt>"Comment"</dt>
                <dd>{token_cells::comment(token)} {change}</dd>
            </dl>
        </section>
    }
    .into_any()
}

fn owner(actor: &Actor, detail: &TokenDetail, snapshot: Option<&Snapshot>) -> AnyView {
    let workspace = actor.workspace().name();
    let owner = detail.directory.owner(detail.token.owner);
    let kind = match owner {
        Owner::Known(principal) => match (principal.kind, principal.active) {
            (PrincipalKind::User, true) => principal.name.as_str(),
            (PrincipalKind::User, false) => "deactivated",
            (PrincipalKind::ServicePrincipal, true) => "service principal",
            (PrincipalKind::ServicePrincipal, false) => "service principal, deactivated",
        },
        Owner::Gone(_) => "not in this workspace",
        Owner::Unknown(_) => "unknown owner",
        Owner::NotLoaded(_) => "name unavailable",
        Owner::NotReported => return "No owner, not provided by the workspace".into_any(),
    };
    let tokens = detail.token.owner.zip(snapshot).map(|(id, snapshot)| {
        let (count, query) = tokens_of_owner(snapshot, id);
        view! {
            " · "
            <a href=paths::tokens_with(workspace, &query)>{sentence(&tokens_of(count, "token"))}</a>
        }
    });
    let shape = match owner {
        Owner::Known(principal) if principal.active => match principal.kind {
            PrincipalKind::User => "kind",
            PrincipalKind::ServicePrincipal => "kind sp",
        },
        Owner::Known(_) | Owner::Gone(_) => "kind gone",
        Owner::Unknown(_) | Owner::NotLoaded(_) | Owner::NotReported => "kind unknown",
    };
    view! {
        <span class=shape>{principal_link(workspace, owner, detail.token.owner)}</span>
        " "
        <bdi>{kind.to_owned()}</bdi>
        {tokens}
    }
    .into_any()
}

fn tokens_of_owner(snapshot: &Snapshot, owner: PrincipalId) -> (TokenCount, TokenQuery) {
    let query = TokenQuery {
        owner: owner.to_string(),
        ..TokenQuery::default()
    };
    let inventory = &snapshot.inventory;
    let matching = inventory.tokens().filter(|token| token.owner == Some(owner)).count();
    (inventory.unread().count(matching), query)
}

fn creator(actor: &Actor, detail: &TokenDetail) -> AnyView {
    let token = &detail.token;
    let workspace = actor.workspace().name();
    let creator = detail.directory.owner(token.creator);
    if token.creator.is_some() && token.creator == token.owner {
        return "The owner".into_any();
    }
    let name = match (creator, &token.creator_name) {
        (Owner::Known(_), _) | (_, None) => principal_link(workspace, creator, token.creator),
        (_, Some(name)) => linked(workspace, name.clone(), token.creator),
    };
    let behalf = token.on_behalf_of().then_some(", on behalf of the owner");
    view! {
        {name}
        {behalf}
    }
    .into_any()
}

/// The name, as a link to the page of this user or service principal.
fn principal_link(workspace: &str, owner: Owner<'_>, id: Option<PrincipalId>) -> AnyView {
    let name = match owner {
        Owner::Known(principal) => token_cells::display_name(principal).to_owned(),
        Owner::Gone(id) | Owner::Unknown(id) | Owner::NotLoaded(id) => id.to_string(),
        Owner::NotReported => "Unknown".to_owned(),
    };
    linked(workspace, name, id)
}

fn linked(workspace: &str, name: String, id: Option<PrincipalId>) -> AnyView {
    let name = view! { <bdi>{name}</bdi> };
    match id {
        Some(id) => view! { <a href=paths::principal(workspace, id)>{name}</a> }.into_any(),
        None => name.into_any(),
    }
}

fn last_used(token: &Token, now: Timestamp) -> AnyView {
    match token.last_used {
        None => "Never used".into_any(),
        Some(day) => {
            let ago = format!(", {}", ago(day, now.day()));
            view! { {date(day)} {ago} }.into_any()
        }
    }
}

fn expires(token: &Token, now: Timestamp) -> AnyView {
    let Expiry::At(end) = token.expiry else {
        let is_never = token.expiry == Expiry::Never;
        let text = if is_never { "Never" } else { "Unknown" };
        return view! { <b class=is_never.then_some("warn-text")>{text}</b> }.into_any();
    };
    let zone = PageTimeZone::current();
    let distance = match token.status(now) {
        Status::Expired => ", expired".to_owned(),
        Status::Active | Status::Unknown => format!(", {}", ahead(zone.day(end), zone.day(now))),
    };
    view! { {date_time(end)} {distance} }.into_any()
}

/// IDs and commands, folded away.
pub(super) fn technical_details(actor: &Actor, token: &Token) -> AnyView {
    let id_of = |id: Option<PrincipalId>| id.map_or_else(|| "Not provided".to_owned(), |id| id.to_string());
    view! {
        <details class="card pad technical-details">
            <summary>"Technical details"</summary>
            <dl class="facts">
                <dt>"ID"</dt>
                <dd class="mono">{token.id.to_string()}</dd>
                <dt>"Owner ID"</dt>
                <dd class="mono">{id_of(token.owner)}</dd>
                <dt>"Creator ID"</dt>
                <dd class="mono">{id_of(token.creator)}</dd>
                <dt>"Workspace ID"</dt>
                <dd class="mono">{token.workspace_id.clone().unwrap_or_else(|| "Not provided".into())}</dd>
            </dl>
            {change_snippets("token", ChangeSnippets::revoke_token(&actor.workspace().into(), &token.id))}
        </details>
    }
    .into_any()
}

/// The history of a token that was never changed through this console.
pub(super) fn creation_card(token: &Token) -> Option<AnyView> {
    let created = date_of(token.created?);
    let card = view! {
        <section class="card pad" aria-labelledby="token-history">
            <h2 id="token-history">"History"</h2>
            <p>"Created " {created} ", according to the workspace. Not changed through this console."</p>
        </section>
    };
    Some(card.into_any())
}
