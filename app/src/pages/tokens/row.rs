//! A row of the token list.

use console::Snapshot;
use domain::{Selection, Token, TokenId};
use leptos::prelude::*;

use super::selection::{select_checkbox, spoken};
use crate::components::token_cells::{comment, created, creator, expires, finding_chips, last_used, owner, status};
use crate::http::paths;

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
