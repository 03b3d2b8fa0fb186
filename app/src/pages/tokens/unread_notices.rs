//! The notices above the list about data that could not be read: tokens, names and permissions.

use console::{Actor, Error, PartProblem, Snapshot, WorkspaceError};
use domain::{FindingKind, TokenId, UnreadPart};
use leptos::prelude::*;

use crate::components::group_digits;
use crate::http::paths;
use crate::http::request::Request;

/// How many unreadable tokens are listed by position and ID.
const MAX_UNREADABLE_SHOWN: usize = 10;

/// The notice about tokens that could not be read. The list and the counts leave them out; those with a known ID can be
/// revoked.
pub(crate) fn unreadable_notice(actor: &Actor, snapshot: &Snapshot) -> Option<AnyView> {
    let rows = &snapshot.unreadable;
    if rows.is_empty() {
        return None;
    }
    let workspace = actor.workspace().name();
    let shown = &rows[..rows.len().min(MAX_UNREADABLE_SHOWN)];
    let positions: Vec<_> = shown.iter().map(|row| group_digits(row.position)).collect();
    let more = if rows.len() > shown.len() { ", …" } else { "" };
    let heading = match rows.len() {
        1 => format!("1 token could not be read (row {})", positions.join(", ")),
        n => format!(
            "{} tokens could not be read (rows {}{more})",
            group_digits(n),
            positions.join(", ")
        ),
    };
    let text = format!(
        ". {workspace} returned unexpected data. The list, counts and exports do not include {}.",
        if rows.len() == 1 { "it" } else { "them" }
    );
    let ids: Vec<_> = shown
        .iter()
        .filter_map(|row| row.id.as_deref().map(TokenId::new))
        .collect();
    let ids = ids.into_iter().map(|id| {
        let revoke = actor.can_change().then(|| {
            view! {
                " "
                <a href=paths::revoke(workspace, &id)>"Revoke"</a>
            }
        });
        view! {
            <li>
                <code class="wrap">{id.to_string()}</code>
                {revoke}
            </li>
        }
    });
    Some(
        view! {
            <div class="notice" role="status">
                <p>
                    <b>{heading}</b>
                    {text}
                </p>
                <ul class="plain">{ids.collect_view()}</ul>
            </div>
        }
        .into_any(),
    )
}

/// A notice for each other part that could not be read: what is missing without it, and why. Parts that are still
/// loading have another notice.
pub(crate) fn unread_notices(request: &Request, snapshot: &Snapshot) -> Vec<AnyView> {
    let (unread, loading) = (snapshot.inventory.unread(), snapshot.loading());
    let failed = unread.iter().filter(|part| !loading.has(*part));
    let notices = failed.filter_map(|part| {
        let (heading, effect) = heading_and_effect(snapshot, part)?;
        let why = unread_reason(request, snapshot, part);
        let notice = view! {
            <div class="notice">
                <p>
                    <b>{heading}</b>
                    {format!(" {effect} {why}")}
                </p>
            </div>
        };
        Some(notice.into_any())
    });
    notices.collect()
}

/// `None` for the tokens themselves, which have their own notice.
fn heading_and_effect(snapshot: &Snapshot, part: UnreadPart) -> Option<(&'static str, String)> {
    let findings = findings_that_depend_on(part);
    Some(match part {
        UnreadPart::Names => {
            let heading = match snapshot.inventory.directory().is_empty() {
                true => "Owner names are unavailable.",
                false => "Some owner names are unavailable.",
            };
            let effect = format!("Owners without a name are shown by ID. Not available: owner type, {findings}.");
            (heading, effect)
        }
        UnreadPart::Policy => (
            "Could not read the workspace settings.",
            format!("Not available: whether tokens are enabled, {findings}."),
        ),
        UnreadPart::Permissions => ("Could not read the permissions.", format!("Not available: {findings}.")),
        UnreadPart::Groups => (
            "Could not read the members of all groups with permission.",
            format!("Not available: {findings}."),
        ),
        UnreadPart::Rows => return None,
    })
}

/// The labels of the findings that cannot be determined without this part.
pub(super) fn findings_that_depend_on(part: UnreadPart) -> String {
    // Without names, permissions cannot be checked either, but the notice about permissions says that.
    let first = |kind: &FindingKind| kind.depends_on().first() == Some(&part) || part == UnreadPart::Groups;
    let kinds = FindingKind::ALL
        .into_iter()
        .filter(|kind| kind.depends_on().contains(&part));
    let labels = kinds
        .filter(first)
        .map(|kind| format!("\u{201c}{}\u{201d}", kind.label()));
    labels.collect::<Vec<_>>().join(", ")
}

/// Why the part could not be read.
fn unread_reason(request: &Request, snapshot: &Snapshot, part: UnreadPart) -> String {
    let title = |error: &WorkspaceError| {
        let problem = request.problem(&Error::Workspace(error.clone()));
        format!("{}.", problem.title(Some(request.workspace())))
    };
    match (snapshot.problem(part), part) {
        (Some(PartProblem::Failed(error, _)), _) => title(error),
        (_, UnreadPart::Permissions) => no_permissions(snapshot).to_owned(),
        (_, UnreadPart::Groups) => "The workspace does not list some groups or their members.".to_owned(),
        _ => String::new(),
    }
}

/// Why the workspace has no permissions although reading them did not fail. Disabled tokens and a pricing plan without
/// permissions look alike in the response; only the policy distinguishes them.
fn no_permissions(snapshot: &Snapshot) -> &'static str {
    match snapshot.policy.map(|policy| policy.enabled) {
        Some(false) => "While tokens are disabled, Databricks does not show the permissions.",
        Some(true) => "The workspace offers no permissions for tokens.",
        None => "Tokens may be disabled, or the workspace has no permissions for them: it is unknown which.",
    }
}
