//! The tokens of one owner: the first page of the list, without the column that would be the same in each row.

use console::{Actor, Snapshot};
use domain::{PrincipalId, Token, TokenId, TokenPage};
use leptos::prelude::*;

use super::detail::of_owner;
use crate::components::count_of;
use crate::components::token_cells::{
    accessible_name, comment, created, creator, expires, finding_chips, found, last_used, status,
};
use crate::http::paths;
use crate::http::time_zone::PageTimeZone;

/// The card.
pub(super) fn tokens_card(actor: &Actor, snapshot: &Snapshot, id: PrincipalId, page: &TokenPage<'_>) -> AnyView {
    let workspace = actor.workspace().name();
    let count = count_of(page.matching, "token");
    let own = actor.own_token();
    let rows = page.tokens.iter();
    let rows = rows.map(|token| row(workspace, snapshot, token, own.as_ref(), actor.can_change()));
    let caption = match page.pages {
        1 => format!("{count}, newest first."),
        _ => format!("{count}, newest first. Showing the first {}.", page.tokens.len()),
    };
    let table = (page.matching > 0).then(|| {
        view! {
            <form method="get" class="tablewrap">
                <input type="hidden" name="back" value=paths::principal(workspace, id) />
                <table>
                    <caption>{caption}</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Token"</th>
                            <th scope="col">"Created"</th>
                            <th scope="col">"Expires"</th>
                            <th scope="col">"Last used"</th>
                            <th scope="col">"Status"</th>
                            {actor.can_change().then(|| {
                                view! {
                                    <th scope="col">
                                        <span class="visually-hidden">"Action"</span>
                                    </th>
                                }
                            })}
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
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

fn row(workspace: &str, snapshot: &Snapshot, token: &Token, own: Option<&TokenId>, can_change: bool) -> AnyView {
    let now = snapshot.inventory.as_of();
    let accepted = snapshot.inventory.accepted();
    let mut findings = found(snapshot.inventory.findings(token), token, now, &PageTimeZone::current());
    findings.retain(|finding| !finding.is_shown_in_columns() && !accepted.has(&token.id, *finding));
    let revoke = can_change.then(|| {
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
    });
    view! {
        <tr>
            <th scope="row">
                <a href=paths::token(workspace, &token.id)>{comment(token)}</a>
                <small class="mono">{token.id.short().to_owned()}</small>
                {creator(token)}
            </th>
            <td data-label="Created" class="num">{created(token)}</td>
            <td data-label="Expires" class="num">{expires(token, now)}</td>
            <td data-label="Last used" class="num">{last_used(token, now.day())}</td>
            <td data-label="Status">
                {status(token.status(now))} {finding_chips(&findings, own == Some(&token.id))}
            </td>
            {revoke}
        </tr>
    }
    .into_any()
}
