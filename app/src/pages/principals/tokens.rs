//! One owner's tokens: the first page of the list, without the owner column.

use console::{Actor, Snapshot};
use domain::{PrincipalId, Selection, TokenPage};
use leptos::prelude::*;

use super::detail::of_owner;
use crate::components::{Column, DataTable, TableName, count_of};
use crate::http::paths;
use crate::http::time_zone::PageTimeZone;
use crate::pages::tokens::{SelectAll, Viewer, row_of_owner};

/// The card.
pub(super) fn tokens_card(actor: &Actor, snapshot: &Snapshot, id: PrincipalId, page: &TokenPage<'_>) -> AnyView {
    let workspace = actor.workspace().name();
    let count = count_of(page.matching, "token");
    let caption = match page.pages {
        1 => format!("{count}, newest first."),
        _ => format!("{count}, newest first. Showing the first {}.", page.tokens.len()),
    };
    let table = (page.matching > 0).then(|| {
        let (own, zone) = (actor.own_token(), PageTimeZone::current());
        let viewer = Viewer {
            own_token: own.as_ref(),
            can_change: actor.can_change(),
            selection: &Selection::None,
            selection_params: "",
            select_all: SelectAll::FiltersLeftOut,
            zone: &zone,
        };
        let table = DataTable {
            class: Some("tokens"),
            name: TableName::Caption(caption.into()),
            columns: [
                Column::name("Token").class("w-token"),
                Column::value("Created").class("w-date"),
                Column::value("Expires").class("w-date"),
                Column::value("Last used").class("w-date"),
                Column::value("Findings").class("w-fnd"),
            ],
        };
        let rows = page.tokens.iter();
        let rows = rows.map(|token| row_of_owner(workspace, snapshot, token, viewer));
        view! {
            <form method="get">
                <input type="hidden" name="back" value=paths::principal(workspace, id) />
                {table.view(rows)}
            </form>
        }
    });
    let empty = (page.matching == 0).then(|| view! { <p class="pad">"No tokens."</p> });
    let filter = (page.matching > 0).then(|| {
        view! { <a href=paths::tokens_with(workspace, &of_owner(id))>{format!("Filter and select {count}")}</a> }
    });
    view! {
        <section class="card token-list" aria-labelledby="tokens-heading">
            <div class="toolbar">
                <h2 id="tokens-heading">"Tokens"</h2>
                {filter}
            </div>
            {table}
            {empty}
        </section>
    }
    .into_any()
}
