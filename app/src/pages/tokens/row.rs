//! A row of the token list. A cell's two lines are one text with a line break, which saves elements; the style sheet
//! shows the first line larger (`style/pages/tokens.css`).

use console::Snapshot;
use domain::{Finding, Owner, PrincipalKind, Selection, Token, TokenId, UnreadParts};
use leptos::prelude::*;

use super::row_texts::{created_text, expiry_text, findings_text, last_used_text};
use super::selection::select_checkbox;
use crate::components::token_cells::{accessible_name, found};
use crate::components::{Cell, Row, optional_class};
use crate::http::paths;
use crate::http::time_zone::PageTimeZone;

/// The element ID of the first row in the list.
pub(super) const FIRST_ROW_ID: &str = "first-row";

/// A longer comment is cut off in the row, and shown in full on hover and focus.
const LONG_COMMENT_CHARS: usize = 40;

/// The person who views the list.
#[derive(Clone, Copy)]
pub(crate) struct Viewer<'a> {
    /// The session's own token.
    pub(crate) own_token: Option<&'a TokenId>,
    /// Whether they can revoke tokens.
    pub(crate) can_change: bool,
    /// The tokens that they have selected.
    pub(crate) selection: &'a Selection,
    /// The selection as URL parameters: empty, the selection itself, or the ID of a draft.
    pub(crate) selection_params: &'a str,
    pub(crate) select_all: SelectAll,
    /// The time zone of the dates.
    pub(crate) zone: &'a PageTimeZone,
}

/// Whether all tokens that match the filters can be selected.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SelectAll {
    Available,
    /// A filter was ignored, so "all" would be more tokens than the link stands for.
    FiltersLeftOut,
    /// The owners of the tokens are still loading. Until then, no selection can be reviewed.
    Loading(UnreadParts),
}

/// One row of the list.
pub(crate) fn row(workspace: &str, snapshot: &Snapshot, token: &Token, viewer: Viewer<'_>, first: bool) -> Row<7> {
    let inventory = &snapshot.inventory;
    let owner = inventory.owner(token);
    let select = select_checkbox(token, owner, inventory.is_recent(token), viewer.selection);
    let owner = Cell::new(owner_cell(workspace, token, owner)).class(Some(format!("own {}", owner_class(owner))));
    let [name, created, expires, used, found] = cells_of_token(workspace, snapshot, token, viewer);
    let row = Row::new([Cell::new(select), name, owner, created, expires, used, found]);
    row.id(first.then(|| FIRST_ROW_ID.to_owned()))
}

/// A row in the list of one owner's tokens, without a checkbox.
pub(crate) fn row_of_owner(workspace: &str, snapshot: &Snapshot, token: &Token, viewer: Viewer<'_>) -> Row<5> {
    Row::new(cells_of_token(workspace, snapshot, token, viewer))
}

/// The name, the days of creation, expiry and last use, and the findings.
fn cells_of_token(workspace: &str, snapshot: &Snapshot, token: &Token, viewer: Viewer<'_>) -> [Cell; 5] {
    let inventory = &snapshot.inventory;
    let now = inventory.as_of();
    let findings = found(inventory.findings(token), token, now, viewer.zone);
    let is_own = viewer.own_token == Some(&token.id);
    let short_id = inventory.short_id(&token.id);
    let (expiry_class, expiry) = expiry_text(token, now, viewer.zone, findings.contains(&Finding::OverPolicy));
    let (use_class, last_use) = last_used_text(token, now.day());
    let (accepted, open): (Vec<Finding>, Vec<Finding>) = findings
        .into_iter()
        .filter(|finding| !finding.is_shown_in_columns())
        .partition(|finding| inventory.accepted().has(&token.id, *finding));
    let tokens_enabled = snapshot.policy.map(|policy| policy.enabled);
    let (finding_class, found) = findings_text(&open, &accepted, token.status(now), tokens_enabled, is_own);
    let name = view! { {comment_link(workspace, token, &short_id)} {token.id.short().to_owned()} };
    let revoke = viewer.can_change.then(|| revoke_button(workspace, token, &short_id));
    [
        Cell::new(name),
        Cell::new(created_text(token, now, viewer.zone)),
        Cell::new(expiry).class(expiry_class),
        Cell::new(last_use).class(Some(use_class)),
        Cell::new(view! { {found} {revoke} }).class(Some(finding_class)),
    ]
}

fn comment_link(workspace: &str, token: &Token, short_id: &TokenId) -> AnyView {
    let comment = match token.comment.trim() {
        "" => "No comment".to_owned(),
        comment => in_one_line(comment),
    };
    let class = (comment.chars().count() > LONG_COMMENT_CHARS).then_some("long");
    view! {
        <a href=paths::token(workspace, short_id) dir="auto" {..optional_class(class)}>
            {comment}
        </a>
    }
    .into_any()
}

/// The comment without line breaks and tabs, with which a row would be higher than the others.
fn in_one_line(comment: &str) -> String {
    let is_break = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    comment.replace(is_break, " ")
}

/// The class of the icon before the owner's name, which shows the kind of owner. The text says it too.
fn owner_class(owner: Owner<'_>) -> &'static str {
    match owner {
        Owner::Known(principal) if !principal.active => "gone",
        Owner::Known(principal) => match principal.kind {
            PrincipalKind::User => "user",
            PrincipalKind::ServicePrincipal => "sp",
        },
        Owner::Gone(_) => "gone",
        Owner::Unknown(_) | Owner::NotLoaded(_) | Owner::NotReported => "unknown",
    }
}

/// The owner's name, as a link to their page, and their kind.
fn owner_cell(workspace: &str, token: &Token, owner: Owner<'_>) -> AnyView {
    let (name, detail) = match owner {
        Owner::Known(principal) => {
            let display_name = match principal.display_name.as_str() {
                "" => principal.name.as_str(),
                display_name => display_name,
            };
            let detail = match (principal.kind, principal.active) {
                (PrincipalKind::User, true) if display_name == principal.name => "user",
                (PrincipalKind::User, true) => principal.name.as_str(),
                (PrincipalKind::User, false) => "deactivated",
                (PrincipalKind::ServicePrincipal, true) => "service principal",
                (PrincipalKind::ServicePrincipal, false) => "service principal, deactivated",
            };
            (display_name.to_owned(), detail)
        }
        Owner::Gone(id) => (id.to_string(), "not in this workspace"),
        Owner::Unknown(id) => (id.to_string(), "unknown owner"),
        Owner::NotLoaded(id) => (id.to_string(), "name unavailable"),
        Owner::NotReported => ("No owner".to_owned(), "not provided by the workspace"),
    };
    let by = token.on_behalf_of().then(|| {
        let id = token.creator.map(|id| id.to_string()).unwrap_or_default();
        format!(" · by {}", token.creator_name.clone().unwrap_or(id))
    });
    let detail = format!("{detail}{}", by.unwrap_or_default());
    match token.owner {
        Some(id) => view! {
            <a href=paths::principal(workspace, id)>{name}</a>
            {detail}
        }
        .into_any(),
        None => format!("{name}\n{detail}").into_any(),
    }
}

fn revoke_button(workspace: &str, token: &Token, short_id: &TokenId) -> AnyView {
    view! {
        <button
            data-confirm
            formaction=paths::revoke(workspace, short_id)
            aria-label=format!("Revoke {}", accessible_name(token))
        >
            "Revoke"
        </button>
    }
    .into_any()
}
