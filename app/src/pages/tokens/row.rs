//! How a token's parts are shown: in a row, and again on its own page and in dialogs.

use console::Snapshot;
use domain::{Day, Expiry, Finding, Owner, PrincipalKind, Selection, Status, Timestamp, Token, TokenId};
use leptos::prelude::*;

use super::selection::{select_checkbox, spoken};
use crate::components::date;
use crate::http::paths;

/// Days ahead within which an expiry is also told as a distance.
const RELATIVE_DATE_DAYS: i64 = 30;

/// The id of the first row in the list.
pub(super) const FIRST_ROW_ID: &str = "first-row";

/// Who reads the list.
#[derive(Clone, Copy)]
pub(crate) struct Viewer<'a> {
    /// The token that the session rides on.
    pub(crate) own_token: Option<&'a TokenId>,
    /// Whether they may revoke.
    pub(crate) may_change: bool,
    /// What they have picked.
    pub(crate) selection: &'a Selection,
}

/// One row of the list.
pub(crate) fn row(workspace: &str, snapshot: &Snapshot, token: &Token, reader: Viewer<'_>, first: bool) -> AnyView {
    let inventory = &snapshot.inventory;
    let (now, today) = (inventory.as_of(), inventory.as_of().day());
    let marks: Vec<_> = inventory.findings(token).collect();
    view! {
        <tr id=first.then_some(FIRST_ROW_ID)>
            {reader.may_change.then(|| select_checkbox(token, reader.selection))}
            <th scope="row">
                <a href=paths::token(workspace, &token.id)>{comment(token)}</a>
                <small class="mono">{token.id.short().to_owned()}</small>
            </th>
            <td data-label="Owner">{owner(inventory.owner(token))} {creator(token)}</td>
            <td data-label="Created" class="num">{created(token)}</td>
            <td data-label="Expires" class="num">{expires(token, now)}</td>
            <td data-label="Last used" class="num">{last_used(token, today)}</td>
            <td data-label="Status">{status(token.status(now))} {finding_chips(&marks, reader.own_token == Some(&token.id))}</td>
            {reader.may_change.then(|| revoke_cell(workspace, token))}
        </tr>
    }
    .into_any()
}

fn revoke_cell(workspace: &str, token: &Token) -> impl IntoView + use<> {
    view! {
        <td class="cell-actions">
            <button
                class="btn quiet"
                data-confirm
                formaction=paths::revoke(workspace, &token.id)
                aria-label=format!("Revoke {}", spoken(token))
            >
                "Revoke"
            </button>
        </td>
    }
}

/// The comment, or that there is none.
pub(crate) fn comment(token: &Token) -> AnyView {
    if token.comment.trim().is_empty() {
        return view! { <span class="muted">"No comment"</span> }.into_any();
    }
    // A comment may run in either direction; it must not turn around what follows it.
    view! { <bdi>{token.comment.clone()}</bdi> }.into_any()
}

/// The owner's name and what it is.
pub(crate) fn owner(owner: Owner<'_>) -> AnyView {
    let (name, kind) = match owner {
        Owner::Known(principal) => {
            let kind = match (principal.kind, principal.active) {
                (PrincipalKind::User, true) => "",
                (PrincipalKind::User, false) => "deactivated",
                (PrincipalKind::ServicePrincipal, true) => "service principal",
                (PrincipalKind::ServicePrincipal, false) => "service principal, deactivated",
            };
            (principal.label().to_owned(), kind)
        }
        Owner::Unknown(id) => (id.to_string(), "unknown owner"),
        Owner::NotLoaded(id) => (id.to_string(), "name unavailable"),
        Owner::NotReported => ("No owner".to_owned(), "not provided by the workspace"),
    };
    let kind = (!kind.is_empty()).then(|| view! { <small>{kind}</small> });
    view! {
        <bdi class="name">{name}</bdi>
        {kind}
    }
    .into_any()
}

/// Who made it, where that was somebody else.
pub(crate) fn creator(token: &Token) -> Option<AnyView> {
    let creator = token.on_behalf_of().then(|| {
        let id = token.creator.map(|id| id.to_string()).unwrap_or_default();
        token.creator_name.clone().unwrap_or(id)
    })?;
    Some(view! { <small>"created by " <bdi>{creator}</bdi></small> }.into_any())
}

/// When it was made.
pub(crate) fn created(token: &Token) -> AnyView {
    match token.created {
        Some(at) => date(at.day()).into_any(),
        None => "Unknown".into_any(),
    }
}

/// When it ends; near ends also as a distance.
pub(crate) fn expires(token: &Token, now: Timestamp) -> AnyView {
    match token.expiry {
        Expiry::Never => "Never".into_any(),
        Expiry::Unknown => "Unknown".into_any(),
        Expiry::At(end) => {
            let near = (end > now).then(|| distance(end.day().days_since(now.day()))).flatten();
            view! {
                {date(end.day())}
                {near.map(|near| view! { <small>{near}</small> })}
            }
            .into_any()
        }
    }
}

fn distance(days: i64) -> Option<String> {
    match days {
        0 => Some("today".to_owned()),
        1 => Some("tomorrow".to_owned()),
        2..=RELATIVE_DATE_DAYS => Some(format!("in {days} days")),
        _ => None,
    }
}

/// The day of its last use, in words where it was never used.
pub(crate) fn last_used(token: &Token, today: Day) -> AnyView {
    let Some(day) = token.last_used else {
        return "Never used".into_any();
    };
    let near = match today.days_since(day) {
        0 => Some("today"),
        1 => Some("yesterday"),
        _ => None,
    };
    view! {
        {date(day)}
        {near.map(|near| view! { <small>{near}</small> })}
    }
    .into_any()
}

/// A dot and the word.
pub(crate) fn status(status: Status) -> AnyView {
    let class = match status {
        Status::Active => "dot",
        Status::Expired => "dot off",
        Status::Unknown => "dot unknown",
    };
    view! {
        <div class="status">
            <span class=class></span>
            {status.label()}
        </div>
    }
    .into_any()
}

/// The marks, and whether this session rides on it.
pub(crate) fn finding_chips(marks: &[Finding], this_session: bool) -> Option<AnyView> {
    if marks.is_empty() && !this_session {
        return None;
    }
    let chips = marks.iter().map(|mark| {
        let class = match mark {
            mark if mark.is_danger() => "chip danger",
            Finding::NeverUsed => "chip",
            _ => "chip warn",
        };
        view! { <span class=class>{mark.to_string()}</span> }
    });
    let this_session = this_session.then(|| view! { <span class="chip accent">"This session"</span> });
    Some(view! { <div class="chips">{chips.collect_view()} {this_session}</div> }.into_any())
}
