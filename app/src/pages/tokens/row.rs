//! A row of the token list.

use console::Snapshot;
use domain::{Selection, Token, TokenId, UnreadParts};
use leptos::prelude::*;

use super::selection::{accessible_name, select_checkbox};
use crate::components::token_cells::{comment, created, creator, expires, finding_chips, last_used, owner, status};
use crate::http::paths;

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
    /// The same as parameters of a URL: empty, the selection itself, or the ID of a draft that holds it.
    pub(crate) selection_params: &'a str,
    pub(crate) select_all: SelectAll,
}

/// Whether all tokens that match the filters can be selected.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SelectAll {
    Available,
    /// With a filter less, "all" would be more tokens than the link stands for.
    FiltersLeftOut,
    /// Who owns the tokens is not known yet. No selection can be reviewed until then.
    Loading(UnreadParts),
}

/// One row of the list.
pub(crate) fn row(workspace: &str, snapshot: &Snapshot, token: &Token, viewer: Viewer<'_>, first: bool) -> AnyView {
    let inventory = &snapshot.inventory;
    let (now, today) = (inventory.as_of(), inventory.as_of().day());
    let findings: Vec<_> = inventory.findings(token).found().collect();
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
