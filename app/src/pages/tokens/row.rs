//! How the parts of a token are shown, in the list as well as on its own page and on confirmation pages.

use console::Snapshot;
use domain::{Day, Expiry, Finding, Owner, PrincipalKind, Selection, Status, Timestamp, Token, TokenId};
use leptos::prelude::*;

use super::selection::{accessible_name, select_checkbox};
use crate::components::date;
use crate::http::paths;

/// Days until an expiry, within which it is also shown as a distance, as in "in 3 days".
const RELATIVE_DATE_DAYS: i64 = 30;

/// The element ID of the first row in the list.
pub(super) const FIRST_ROW_ID: &str = "first-row";

/// The person who views the list.
#[derive(Clone, Copy)]
pub(crate) struct Viewer<'a> {
    /// The session's own token.
    pub(crate) own_token: Option<&'a TokenId>,
    /// Whether they can revoke.
    pub(crate) can_change: bool,
    /// The tokens that they have selected.
    pub(crate) selection: &'a Selection,
}

/// One row of the list.
pub(crate) fn row(workspace: &str, snapshot: &Snapshot, token: &Token, viewer: Viewer<'_>, first: bool) -> AnyView {
    let inventory = &snapshot.inventory;
    let (now, today) = (inventory.as_of(), inventory.as_of().day());
    let findings: Vec<_> = inventory.findings(token).collect();
    let is_own = viewer.own_token == Some(&token.id);
    view! {
        <tr id=first.then_some(FIRST_ROW_ID)>
            {viewer.can_change.then(|| select_checkbox(token, viewer.selection))}
            <th scope="row">
                <a href=paths::token(workspace, &token.id)>{comment(token)}</a>
                <small class="mono">{token.id.short().to_owned()}</small>
            </th>
            <td data-label="Owner">{owner(inventory.owner(token))} {creator(token)}</td>
            <td data-label="Created" class="num">{created(token)}</td>
            <td data-label="Expires" class="num">{expires(token, now)}</td>
            <td data-label="Last used" class="num">{last_used(token, today)}</td>
            <td data-label="Status">{status(token.status(now))} {finding_chips(&findings, is_own)}</td>
            {viewer.can_change.then(|| revoke_cell(workspace, token))}
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
                aria-label=format!("Revoke {}", accessible_name(token))
            >
                "Revoke"
            </button>
        </td>
    }
}

/// The comment, or the text "No comment".
pub(crate) fn comment(token: &Token) -> AnyView {
    if token.comment.trim().is_empty() {
        return view! { <span class="muted">"No comment"</span> }.into_any();
    }
    // `<bdi>`, because a comment in a right-to-left script must not change the order of the text after it.
    view! { <bdi>{token.comment.clone()}</bdi> }.into_any()
}

/// The owner's name and kind.
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

/// Who created the token, if that was not its owner.
pub(crate) fn creator(token: &Token) -> Option<AnyView> {
    let creator = token.on_behalf_of().then(|| {
        let id = token.creator.map(|id| id.to_string()).unwrap_or_default();
        token.creator_name.clone().unwrap_or(id)
    })?;
    Some(view! { <small>"created by " <bdi>{creator}</bdi></small> }.into_any())
}

/// The day on which the token was created.
pub(crate) fn created(token: &Token) -> AnyView {
    match token.created {
        Some(at) => date(at.day()).into_any(),
        None => "Unknown".into_any(),
    }
}

/// The day on which the token expires; if that is soon, with the distance.
pub(crate) fn expires(token: &Token, now: Timestamp) -> AnyView {
    match token.expiry {
        Expiry::Never => "Never".into_any(),
        Expiry::Unknown => "Unknown".into_any(),
        Expiry::At(end) => {
            let distance = (end > now)
                .then(|| days_ahead(end.day().days_since(now.day())))
                .flatten();
            view! {
                {date(end.day())}
                {distance.map(|distance| view! { <small>{distance}</small> })}
            }
            .into_any()
        }
    }
}

fn days_ahead(days: i64) -> Option<String> {
    match days {
        0 => Some("today".to_owned()),
        1 => Some("tomorrow".to_owned()),
        2..=RELATIVE_DATE_DAYS => Some(format!("in {days} days")),
        _ => None,
    }
}

/// The day of the last use, or the text "Never used".
pub(crate) fn last_used(token: &Token, today: Day) -> AnyView {
    let Some(day) = token.last_used else {
        return "Never used".into_any();
    };
    let distance = match today.days_since(day) {
        0 => Some("today"),
        1 => Some("yesterday"),
        _ => None,
    };
    view! {
        {date(day)}
        {distance.map(|distance| view! { <small>{distance}</small> })}
    }
    .into_any()
}

/// The status: a coloured dot and its label.
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

/// Chips for the findings, and one for the session's own token.
pub(crate) fn finding_chips(findings: &[Finding], is_own: bool) -> Option<AnyView> {
    if findings.is_empty() && !is_own {
        return None;
    }
    let chips = findings.iter().map(|finding| {
        let class = match finding {
            finding if finding.is_danger() => "chip danger",
            Finding::NeverUsed => "chip",
            _ => "chip warn",
        };
        view! { <span class=class>{finding.to_string()}</span> }
    });
    let this_session = is_own.then(|| view! { <span class="chip accent">"This session"</span> });
    Some(view! { <div class="chips">{chips.collect_view()} {this_session}</div> }.into_any())
}
