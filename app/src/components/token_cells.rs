//! Parts of a token that the list, the token's page and confirmations show alike.

use domain::{
    Day, Expiry, Finding, FindingKind, Owner, Principal, PrincipalKind, Status, Timestamp, Token, TokenFindings,
    TokenId,
};
use leptos::prelude::*;

use super::{date, date_of};
use crate::http::paths;
use crate::http::time_zone::PageTimeZone;

/// An expiry within this many days is also shown as a distance, as in "in 3 days".
const RELATIVE_DATE_DAYS: i64 = 30;

/// The comment, or the text "No comment".
pub(crate) fn comment(token: &Token) -> AnyView {
    if token.comment.trim().is_empty() {
        return view! { <span class="muted">"No comment"</span> }.into_any();
    }
    // `<bdi>`, because a comment in a right-to-left script must not change the order of the text after it.
    view! { <bdi>{token.comment.clone()}</bdi> }.into_any()
}

/// The comment as a link to the token's page, and the shortened ID.
pub(crate) fn link(href: String, comment: AnyView, id: &TokenId) -> AnyView {
    view! {
        <a href=href>{comment}</a>
        <small class="mono">{id.short().to_owned()}</small>
    }
    .into_any()
}

/// How the accessible names of the controls in a row name the token.
pub(crate) fn accessible_name(token: &Token) -> String {
    let comment = match token.comment.trim() {
        "" => "token without comment",
        comment => comment,
    };
    format!("{comment}, {}", token.id.short())
}

/// The human-readable name of a user or service principal.
pub(crate) fn display_name(principal: &Principal) -> &str {
    match principal.display_name.as_str() {
        "" => &principal.name,
        display_name => display_name,
    }
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
        Owner::Gone(id) => (id.to_string(), "not in this workspace"),
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

/// The same, as a link to the owner's page.
pub(crate) fn owner_link(workspace: &str, owner: Owner<'_>) -> AnyView {
    let id = match owner {
        Owner::Known(principal) => principal.id,
        Owner::Gone(id) | Owner::Unknown(id) | Owner::NotLoaded(id) => id,
        Owner::NotReported => return self::owner(owner),
    };
    view! { <a href=paths::principal(workspace, id)>{self::owner(owner)}</a> }.into_any()
}

/// Who created the token, if not its owner.
pub(crate) fn creator(token: &Token) -> Option<AnyView> {
    let creator = token.on_behalf_of().then(|| {
        let id = token.creator.map(|id| id.to_string()).unwrap_or_default();
        token.creator_name.clone().unwrap_or(id)
    })?;
    Some(view! { <small>"created by " <bdi>{creator}</bdi></small> }.into_any())
}

/// The day on which the token expires, and how far away it is if that is soon.
pub(crate) fn expires(token: &Token, now: Timestamp) -> AnyView {
    match token.expiry {
        Expiry::Never => "Never".into_any(),
        Expiry::Unknown => "Unknown".into_any(),
        Expiry::At(end) => {
            let zone = PageTimeZone::current();
            let distance = (end > now)
                .then(|| days_ahead(zone.day(end).days_since(zone.day(now))))
                .flatten();
            view! {
                {date_of(end)}
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

/// The day of last use as the workspace reports it, or "Never used".
pub(crate) fn last_used(token: &Token, today: Day) -> AnyView {
    day_of_use(token.last_used, today)
}

/// Like [`last_used`], from the day alone.
pub(crate) fn day_of_use(last_used: Option<Day>, today: Day) -> AnyView {
    let Some(day) = last_used else {
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

/// The findings that cannot be determined for this token, each with the reason.
pub(crate) fn undetermined(findings: TokenFindings) -> AnyView {
    let is_covering = |kind| {
        FindingKind::ALL
            .into_iter()
            .any(|other| other.covered_by() == Some(kind))
    };
    let lines = findings
        .undetermined()
        .filter(|(kind, _)| !is_covering(*kind))
        .map(|(kind, part)| format!("{}: not available, because {}", kind.label(), part.reason()));
    lines
        .map(|line| view! { <small>{line}</small> })
        .collect_view()
        .into_any()
}

/// The findings of the token. `zone` determines how many days are left until its expiry, as for the date of the expiry.
pub(crate) fn found(findings: TokenFindings, token: &Token, now: Timestamp, zone: &PageTimeZone) -> Vec<Finding> {
    let days_until = |end| zone.day(end).days_since(zone.day(now));
    let in_zone = |finding| match (finding, token.expiry) {
        (Finding::ExpiresSoon(_), Expiry::At(end)) => Finding::ExpiresSoon(days_until(end)),
        (Finding::ExpiresSoonInUse(_), Expiry::At(end)) => Finding::ExpiresSoonInUse(days_until(end)),
        (finding, _) => finding,
    };
    findings.found().map(in_zone).collect()
}
