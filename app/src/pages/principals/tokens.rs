//! The tokens of one owner: the first page of the list, without the column that would be the same in each row.

use console::{Actor, Snapshot};
use domain::{PrincipalId, Token, TokenId, TokenPage};
use leptos::prelude::*;

use super::detail::of_owner;
use crate::components::token_cells::{
    self, accessible_name, comment, created, creator, expires, finding_chips, found, last_used, status,
};
use crate::components::{Cell, Column, DataTable, TableName, count_of};
use crate::http::paths;
use crate::http::time_zone::PageTimeZone;

/// The card.
pub(super) fn tokens_card(actor: &Actor, snapshot: &Snapshot, id: PrincipalId, page: &TokenPage<'_>) -> AnyView {
    let workspace = actor.workspace().name();
    let count = count_of(page.matching, "token");
    let own = actor.own_token();
    let rows = page.tokens.iter();
    let rows = rows.map(|token| row(workspace, snapshot, token, own.as_ref()));
    let caption = match page.pages {
        1 => format!("{count}, newest first."),
        _ => format!("{count}, newest first. Showing the first {}.", page.tokens.len()),
    };
    let table = (page.matching > 0).then(|| {
        let table = DataTable {
            class: None,
            name: TableName::Caption(caption.into()),
            columns: [
                Column::name("Token"),
                Column::date("Created"),
                Column::date("Expires"),
                Column::date("Last used"),
                Column::value("Status"),
                Column::actions("Action").shown(actor.can_change()),
            ],
        };
        view! {
            <form method="get">
                <input type="hidden" name="back" value=paths::principal(workspace, id) />
                {table.view(rows)}
            </form>
        }
    });
    let empty = (page.matching == 0).then(|| view! { <p class="pad">"No tokens."</p> });
    view! {
        <section class="card" aria-labelledby="tokens-heading">
            <div class="toolbar">
                <h2 id="tokens-heading">"Tokens"</h2>
                <a href=paths::tokens_with(workspace, &of_owner(id))>{format!("Filter and select {count}")}</a>
            </div>
            {table}
            {empty}
        </section>
    }
    .into_any()
}

fn row(workspace: &str, snapshot: &Snapshot, token: &Token, own: Option<&TokenId>) -> [Cell; 6] {
    let now = snapshot.inventory.as_of();
    let accepted = snapshot.inventory.accepted();
    let mut findings = found(snapshot.inventory.findings(token), token, now, &PageTimeZone::current());
    findings.retain(|finding| !finding.is_shown_in_columns() && !accepted.has(&token.id, *finding));
    let revoke = view! {
        <button
            class="btn quiet"
            data-confirm
            formaction=paths::revoke(workspace, &token.id)
            aria-label=format!("Revoke {}", accessible_name(token))
        >
            "Revoke"
        </button>
    };
    let link = token_cells::link(paths::token(workspace, &token.id), comment(token), &token.id);
    let chips = finding_chips(&findings, own == Some(&token.id));
    [
        Cell::new(view! { {link} {creator(token)} }),
        Cell::new(created(token)),
        Cell::new(expires(token, now)),
        Cell::new(last_used(token, now.day())),
        Cell::new(view! { {status(token.status(now))} {chips} }),
        Cell::new(revoke),
    ]
}
